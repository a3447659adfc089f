//===- CudaModule.cpp - Kernels on a GPU ----------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaModule.h"

namespace heed {

static constexpr size_t logBytes = 8192;

/// Above so much, a kernel must ask for its shared memory.
static constexpr uint32_t freeSharedBytes = 48 << 10;

static bool isCubin(std::string_view code) {
  return code.substr(0, 4) == "\x7f"
                              "ELF";
}

/// Makes one line of the driver's log.
static std::string joinLines(std::string_view log) {
  std::string line;
  for (char byte : log.substr(0, log.find('\0'))) {
    bool space = static_cast<unsigned char>(byte) <= ' ';
    if (!space)
      line += byte;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  }
  while (!line.empty() && line.back() == ' ')
    line.pop_back();
  return line;
}

Status checkGpuTarget(const std::string &target) {
  if (target == "sm_80" || target == "sm_90a")
    return Status();
  return makeError(HEED_BAD_PACKAGE,
                   "made for %s, device cuda runs sm_80 and sm_90a packages",
                   target.c_str());
}

Status checkGpu(const CudaContext &context, const std::string &target,
                std::string_view code) {
  bool runs = target == "sm_90a" ? context.major() == 9 && context.minor() == 0
              : isCubin(code)    ? context.major() == 8
                                 : context.major() >= 8;
  if (runs)
    return Status();
  return makeError(HEED_BAD_PACKAGE, "%s for %s found, which %s does not run",
                   isCubin(code) ? "a cubin" : "PTX", target.c_str(),
                   context.describe().c_str());
}

void CudaModule::unload() {
  if (module_)
    context_->driver().cuModuleUnload(module_);
  module_ = nullptr;
}

Status CudaModule::load(const CudaContext &context, std::string_view code) {
  if (!isCubin(code) && (code.empty() || code.back() != '\0'))
    return makeError(HEED_BAD_PACKAGE,
                     "code: %zu bytes found that are neither a cubin nor PTX "
                     "text with a zero at its end",
                     code.size());
  std::string log(logBytes, '\0');
  int options[] = {cuJitErrorLog, cuJitErrorLogBytes};
  void *values[] = {log.data(), reinterpret_cast<void *>(log.size())};
  context_ = &context;
  CuResult result = context.driver().cuModuleLoadDataEx(&module_, code.data(),
                                                        2, options, values);
  if (result == cuSuccess)
    return Status();
  module_ = nullptr;
  Status error = context.check(result, "cuModuleLoadDataEx",
                               result == cuOutOfMemory ? HEED_OUT_OF_MEMORY
                                                       : HEED_BAD_PACKAGE);
  log = joinLines(log);
  return log.empty() ? error
                     : Status(error.code(), error.message() + ": " + log);
}

Status CudaModule::find(CudaKernel &kernel) const {
  const CudaDriver &driver = context_->driver();
  const char *name = kernel.name.c_str();
  CuResult result = driver.cuModuleGetFunction(&kernel.function, module_, name);
  if (result == cuNotFound)
    return makeError(HEED_BAD_PACKAGE, "code: no kernel '%s' found", name);
  int threads = 0;
  Status error = context_->check(result, "cuModuleGetFunction");
  if (!error)
    error = context_->check(
        driver.cuFuncGetAttribute(&threads, cuFunctionThreads, kernel.function),
        "cuFuncGetAttribute");
  if (error)
    return error;
  if (kernel.threads > uint32_t(threads))
    return makeError(HEED_BAD_PACKAGE,
                     "kernel '%s': %u threads wanted, %s runs at most %d of it",
                     name, kernel.threads, context_->describe().c_str(),
                     threads);
  if (kernel.sharedBytes > uint32_t(context_->sharedBytes()))
    return makeError(HEED_BAD_PACKAGE,
                     "kernel '%s': %u bytes of shared memory wanted, %s has %d",
                     name, kernel.sharedBytes, context_->describe().c_str(),
                     context_->sharedBytes());
  if (kernel.sharedBytes <= freeSharedBytes)
    return Status();
  return context_->check(driver.cuFuncSetAttribute(kernel.function,
                                                   cuFunctionSharedBytes,
                                                   int(kernel.sharedBytes)),
                         "cuFuncSetAttribute");
}

} // namespace heed
