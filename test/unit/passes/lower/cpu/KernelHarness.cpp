//===- KernelHarness.cpp - Compile and run kernels in tests ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/cpu/KernelHarness.h"

#include "dialects/tile/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/ErrorHandling.h"

#include <cmath>
#include <cstring>
#include <dlfcn.h>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <sys/mman.h>
#include <unistd.h>

using namespace mlir;

namespace heed::test {

static llvm::Expected<CpuImage> compile(const std::string &text,
                                        const std::string &cpu) {
  DialectRegistry registry;
  registry
      .insert<tile::TileDialect, arith::ArithDialect, math::MathDialect,
              memref::MemRefDialect, scf::SCFDialect, tensor::TensorDialect>();
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  if (!module)
    return llvm::createStringError("the kernel does not parse");
  return compileKernels(*module, CpuTarget{cpu});
}

CpuImage imageOf(const std::string &text, const std::string &cpu) {
  llvm::Expected<CpuImage> compiled = compile(text, cpu);
  if (!compiled)
    llvm::report_fatal_error(compiled.takeError(), false);
  return std::move(*compiled);
}

Kernels::Kernels(const std::string &text, const std::string &cpu)
    : image(imageOf(text, cpu)) {
  file = memfd_create("kernels", MFD_CLOEXEC);
  if (write(file, image.elf.data(), image.elf.size()) !=
      static_cast<ssize_t>(image.elf.size()))
    llvm::report_fatal_error("cannot write the image", false);
  // dlopen takes two files of one name for one: while the image is loaded, the
  // file stays open and no other image gets its number.
  std::string path = "/proc/self/fd/" + std::to_string(file);
  handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    llvm::report_fatal_error(dlerror(), false);
}

Kernels::~Kernels() {
  dlclose(handle);
  close(file);
}

void Kernels::run(const std::string &name, std::vector<Word> words,
                  int64_t programs) {
  using Entry = void (*)(const int64_t *, int64_t, void *);
  for (const CpuKernel &kernel : image.kernels) {
    if (kernel.name != name)
      continue;
    auto *entry = reinterpret_cast<Entry>(dlsym(handle, kernel.symbol.c_str()));
    if (!entry)
      llvm::report_fatal_error(dlerror(), false);
    std::vector<int64_t> params;
    for (Word word : words)
      params.push_back(word.value);
    size_t bytes = (kernel.scratchBytes + 63) / 64 * 64 + 64;
    void *scratch = std::aligned_alloc(64, bytes);
    // NaN everywhere: a kernel must not read what it has not written.
    std::memset(scratch, 0xff, bytes);
    for (int64_t program = programs - 1; program >= 0; --program)
      entry(params.data(), program, scratch);
    for (size_t i = kernel.scratchBytes; i < bytes; ++i)
      if (static_cast<unsigned char *>(scratch)[i] != 0xff)
        llvm::report_fatal_error("a kernel wrote behind its scratch memory");
    std::free(scratch);
    return;
  }
  llvm::report_fatal_error("no such kernel");
}

Kernels &compiledFile(const std::string &path, const std::string &cpu) {
  static std::map<std::pair<std::string, std::string>, std::unique_ptr<Kernels>>
      compiled;
  std::unique_ptr<Kernels> &kernels = compiled[{path, cpu}];
  if (!kernels)
    kernels = std::make_unique<Kernels>(readTest(path), cpu);
  return *kernels;
}

std::vector<std::string> processors() {
  std::vector<std::string> found;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    found.push_back("x86-64-v3");
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    found.push_back("x86-64-v4");
  return found;
}

std::string readTest(const std::string &path) {
  std::ifstream file(std::string(HEED_TEST_ROOT) + "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string refusal(const std::string &text, const std::string &cpu) {
  llvm::Expected<CpuImage> compiled = compile(text, cpu);
  return compiled ? "" : llvm::toString(compiled.takeError());
}

std::vector<float> randomFloats(size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<float> values(count);
  for (float &value : values)
    value = static_cast<float>(generator() >> 8) / 8388608.0f - 1.0f;
  return values;
}

uint16_t toBF16(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, 4);
  if (std::isnan(x))
    return static_cast<uint16_t>((bits >> 16) | 0x40);
  return static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

float fromBF16(uint16_t x) {
  uint32_t bits = static_cast<uint32_t>(x) << 16;
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

std::vector<uint16_t> toBF16(const std::vector<float> &xs) {
  std::vector<uint16_t> narrow;
  for (float x : xs)
    narrow.push_back(toBF16(x));
  return narrow;
}

double relativeError(const std::vector<float> &got,
                     const std::vector<double> &want) {
  double error = 0, size = 0;
  for (size_t i = 0; i < want.size(); ++i) {
    error += (got[i] - want[i]) * (got[i] - want[i]);
    size += want[i] * want[i];
  }
  return std::sqrt(error / size);
}

} // namespace heed::test
