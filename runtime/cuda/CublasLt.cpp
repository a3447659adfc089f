//===- CublasLt.cpp - NVIDIA's products, loaded at run time ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CublasLt.h"

#include <dlfcn.h>

namespace heed {

bool CublasLt::load(const std::string &path) {
  // As the driver, it must not lose its code.
  close();
  library_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  path_ = path;
  return library_ != nullptr;
}

Status CublasLt::resolve() {
  const char *missing = nullptr;
#define HEED_CUBLASLT(result, name, parameters)                                \
  name = reinterpret_cast<decltype(name)>(dlsym(library_, #name));             \
  if (!name && !missing)                                                       \
    missing = #name;
#include "runtime/cuda/CublasLtSymbols.def"
#undef HEED_CUBLASLT
  if (!missing)
    return Status();
  return makeError(HEED_NO_SUCH_DEVICE,
                   "%s: no function '%s' found, cuBLASLt of CUDA 11.4 or newer "
                   "wanted",
                   path_.c_str(), missing);
}

Status CublasLt::start() {
  if (Status error = resolve())
    return error;
  LtResult result = cublasLtCreate(&handle_);
  if (result == ltSuccess)
    return Status();
  handle_ = nullptr;
  Status error = check(result, "cublasLtCreate", HEED_NO_SUCH_DEVICE);
  return Status(error.code(), path_ + ": " + error.message());
}

void CublasLt::close() {
  if (handle_)
    cublasLtDestroy(handle_);
  if (library_)
    dlclose(library_);
  handle_ = nullptr;
  library_ = nullptr;
}

std::string CublasLt::describe() const {
  return formatText("cuBLASLt (%s, version %zu)", path_.c_str(),
                    cublasLtGetVersion());
}

Status CublasLt::check(LtResult result, const char *function,
                       heed_status code) const {
  if (result == ltSuccess)
    return Status();
  const char *name = cublasLtGetStatusName(result);
  return makeError(code, "%s: %s (error %d)", function, name ? name : "unknown",
                   result);
}

} // namespace heed
