//===- CpuKernels.cpp - Run kernels on this machine -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/cpu/CpuKernels.h"

#include "llvm/Support/ErrorHandling.h"

#include <cstring>
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace mlir;

namespace heed::test {

static llvm::Expected<KernelImage> compile(const std::string &text,
                                           const std::string &cpu) {
  ParsedKernels parsed(text);
  if (!parsed.module)
    return llvm::createStringError("the kernel does not parse");
  return compileKernels(*parsed.module, CpuTarget{cpu});
}

KernelImage imageOf(const std::string &text, const std::string &cpu) {
  llvm::Expected<KernelImage> compiled = compile(text, cpu);
  if (!compiled)
    llvm::report_fatal_error(compiled.takeError(), false);
  return std::move(*compiled);
}

struct Kernels::Image {
  KernelImage code;
  int file = -1;
  void *handle = nullptr;
};

Kernels::Kernels(const std::string &text, const std::string &cpu)
    : image(new Image{imageOf(text, cpu)}) {
  image->file = memfd_create("kernels", MFD_CLOEXEC);
  if (write(image->file, image->code.code.data(), image->code.code.size()) !=
      static_cast<ssize_t>(image->code.code.size()))
    llvm::report_fatal_error("cannot write the image", false);
  // dlopen takes two files of one name for one: while the image is loaded, the
  // file stays open and no other image gets its number.
  std::string path = "/proc/self/fd/" + std::to_string(image->file);
  image->handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!image->handle)
    llvm::report_fatal_error(dlerror(), false);
}

Kernels::~Kernels() {
  dlclose(image->handle);
  close(image->file);
}

void Kernels::run(const std::string &name, std::vector<Word> words,
                  int64_t programs) {
  using Entry = void (*)(const int64_t *, int64_t, void *);
  for (const CompiledKernel &kernel : image->code.kernels) {
    if (kernel.name != name)
      continue;
    auto *entry =
        reinterpret_cast<Entry>(dlsym(image->handle, kernel.symbol.c_str()));
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

std::vector<std::string> processors() {
  std::vector<std::string> found;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    found.push_back("x86-64-v3");
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    found.push_back("x86-64-v4");
  return found;
}

std::string refusal(const std::string &text, const std::string &cpu) {
  llvm::Expected<KernelImage> compiled = compile(text, cpu);
  return compiled ? "" : llvm::toString(compiled.takeError());
}

} // namespace heed::test
