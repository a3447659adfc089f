//===- EmulatedKernels.cpp - Run PTX of kernels without a GPU -------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/nvgpu/EmulatedKernels.h"

#include "test/emulator/Emulator.h"

#include "llvm/Support/ErrorHandling.h"

using namespace mlir;

namespace heed::test {

static llvm::Expected<GpuImage> compile(const std::string &text,
                                        const GpuTarget &target) {
  ParsedKernels parsed(text);
  if (!parsed.module)
    return llvm::createStringError("the kernel does not parse");
  return compileKernels(*parsed.module, target);
}

static GpuTarget unassembled(const std::string &arch) {
  GpuTarget target;
  target.arch = arch;
  target.assemble = false;
  return target;
}

GpuImage imageOf(const std::string &text, const GpuTarget &target) {
  llvm::Expected<GpuImage> compiled = compile(text, target);
  if (!compiled)
    llvm::report_fatal_error(compiled.takeError(), false);
  return std::move(*compiled);
}

std::string ptxOf(const std::string &text) {
  return imageOf(text, unassembled("sm_80")).ptx;
}

std::string
fill(std::string text,
     const std::vector<std::pair<std::string, std::string>> &values) {
  for (const auto &[key, value] : values)
    for (size_t at = 0; (at = text.find(key, at)) != std::string::npos;
         at += value.size())
      text.replace(at, key.size(), value);
  return text;
}

size_t countOf(const std::string &text, const std::string &word) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(word, at)) != std::string::npos; ++count)
    at += word.size();
  return count;
}

struct Kernels::Image {
  GpuImage code;
  ptx::Module module;
  /// Both targets have the same code of most kernels, which so has two seeds.
  ptx::Options options;
};

Kernels::Kernels(const std::string &text, const std::string &target)
    : image(new Image) {
  image->code = imageOf(text, unassembled(target));
  image->options.seed = target == "sm_80" ? 1 : 2;
  if (Status error = image->module.parse(image->code.ptx))
    llvm::report_fatal_error(llvm::Twine(error.message()), false);
}

Kernels::~Kernels() = default;

void Kernels::run(const std::string &name, std::vector<Word> words,
                  int64_t programs) {
  for (const CompiledKernel &kernel : image->code.kernels) {
    if (kernel.name != name)
      continue;
    ptx::Memory memory;
    std::vector<int64_t> values;
    for (Word word : words) {
      values.push_back(word.value);
      // A kernel may be given one array twice.
      const void *begin = reinterpret_cast<const void *>(word.value);
      if (word.bytes && !memory.contains(word.value, word.bytes, false))
        memory.add(begin, word.bytes);
    }
    std::vector<heed_package_map> maps;
    for (const TensorMapSlot &map : kernel.maps)
      maps.push_back({map.buffer, map.rows, map.columns, map.boxRows});
    Status error = image->module.launch(
        kernel.symbol, programs, kernel.threads, kernel.scratchBytes,
        ptx::withTensorMaps(values, maps), memory, image->options);
    if (error)
      llvm::report_fatal_error(llvm::Twine(error.message()), false);
    return;
  }
  llvm::report_fatal_error("no such kernel");
}

std::vector<std::string> processors() { return {"sm_80", "sm_90a"}; }

std::string refusal(const std::string &text, const std::string &target) {
  llvm::Expected<GpuImage> compiled = compile(text, unassembled(target));
  return compiled ? "" : llvm::toString(compiled.takeError());
}

} // namespace heed::test
