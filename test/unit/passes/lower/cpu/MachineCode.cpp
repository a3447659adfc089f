//===- MachineCode.cpp - What is in an ELF object in tests ----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/cpu/MachineCode.h"

#include "passes/lower/cpu/ObjectCode.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "llvm-c/Disassembler.h"
#include "llvm-c/Target.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/ErrorHandling.h"

#include <algorithm>

using namespace llvm::object;

namespace heed::test {

static std::unique_ptr<ObjectFile> open(llvm::ArrayRef<char> elf) {
  llvm::MemoryBufferRef bytes(llvm::StringRef(elf.data(), elf.size()), "elf");
  return llvm::cantFail(ObjectFile::createELFObjectFile(bytes));
}

/// Adds the symbol to the list that it belongs to, if any.
static void sortIn(const ELFSymbolRef &symbol, Symbols &symbols) {
  uint32_t flags = llvm::cantFail(symbol.getFlags());
  std::string name = llvm::cantFail(symbol.getName()).str();
  if (flags & SymbolRef::SF_Undefined && !name.empty())
    symbols.undefined.push_back(name);
  else if (flags & SymbolRef::SF_Global)
    symbols.defined.push_back(name);
}

Symbols symbolsOf(llvm::ArrayRef<char> elf, bool dynamic) {
  std::unique_ptr<ObjectFile> object = open(elf);
  auto *file = llvm::cast<ELF64LEObjectFile>(object.get());
  Symbols symbols;
  if (dynamic) {
    for (ELFSymbolRef symbol : file->getDynamicSymbolIterators())
      sortIn(symbol, symbols);
    for (const auto &entry :
         llvm::cantFail(file->getELFFile().dynamicEntries()))
      if (entry.getTag() == llvm::ELF::DT_NEEDED)
        symbols.needed.push_back("library " + std::to_string(entry.getVal()));
  } else {
    for (ELFSymbolRef symbol : file->symbols())
      sortIn(symbol, symbols);
  }
  std::sort(symbols.defined.begin(), symbols.defined.end());
  std::sort(symbols.undefined.begin(), symbols.undefined.end());
  return symbols;
}

/// Whether an instruction's encoding is EVEX: that byte follows no prefix.
static bool isEvex(uint8_t first) { return first == 0x62; }

Instructions instructionsOf(llvm::ArrayRef<char> elf) {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86Disassembler();
  LLVMDisasmContextRef context = LLVMCreateDisasm("x86_64-unknown-linux-gnu",
                                                  nullptr, 0, nullptr, nullptr);
  Instructions count;
  std::unique_ptr<ObjectFile> object = open(elf);
  for (const SectionRef &section : object->sections()) {
    if (!section.isText())
      continue;
    std::string code = llvm::cantFail(section.getContents()).str();
    auto *bytes = reinterpret_cast<uint8_t *>(code.data());
    for (size_t at = 0; at < code.size();) {
      char text[256];
      size_t size = LLVMDisasmInstruction(context, bytes + at, code.size() - at,
                                          at, text, sizeof text);
      if (size == 0)
        llvm::report_fatal_error("code that is no instruction", false);
      ++count.all;
      count.avx512 += isEvex(bytes[at]);
      at += size;
    }
  }
  LLVMDisasmDispose(context);
  return count;
}

llvm::Expected<llvm::SmallVector<char, 0>>
objectOf(const std::string &text, const std::vector<std::string> &names,
         const std::string &cpu) {
  mlir::DialectRegistry registry;
  registry.insert<mlir::LLVM::LLVMDialect>();
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  std::string problem;
  mlir::ScopedDiagnosticHandler handler(&context,
                                        [&](mlir::Diagnostic &diagnostic) {
                                          problem += diagnostic.str() + "; ";
                                          return mlir::success();
                                        });
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  if (!module)
    llvm::report_fatal_error(llvm::Twine(problem), false);
  auto object = heed::cpu::emitObject(*module, names, cpu);
  if (object)
    return object;
  return llvm::createStringError(problem + llvm::toString(object.takeError()));
}

} // namespace heed::test
