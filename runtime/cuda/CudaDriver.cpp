//===- CudaDriver.cpp - The CUDA driver, loaded at run time ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaDriver.h"

#include <dlfcn.h>

namespace heed {

/// The first version whose PTX and graphs are those that we use.
static constexpr int oldestVersion = 12000;

CudaDriver::~CudaDriver() {
  if (library_)
    dlclose(library_);
}

/// Finds the functions. The version goes first: a driver that is too old may
/// lack some.
Status CudaDriver::resolve(const std::string &path) {
  const char *missing = nullptr;
#define HEED_CUDA(name, parameters)                                            \
  name = reinterpret_cast<decltype(name)>(dlsym(library_, #name));             \
  if (!name && !missing)                                                       \
    missing = #name;
#define HEED_CUDA_OPTIONAL(name, parameters)                                   \
  name = reinterpret_cast<decltype(name)>(dlsym(library_, #name));
#include "runtime/cuda/CudaSymbols.def"
#undef HEED_CUDA
  int version = 0;
  if (cuDriverGetVersion && cuDriverGetVersion(&version) == cuSuccess &&
      version < oldestVersion)
    return makeError(HEED_NO_SUCH_DEVICE,
                     "%s: driver for CUDA %d.%d found, %d.%d or newer wanted",
                     path.c_str(), version / 1000, version % 1000 / 10,
                     oldestVersion / 1000, oldestVersion % 1000 / 10);
  if (missing)
    return makeError(HEED_NO_SUCH_DEVICE,
                     "%s: no function '%s' found, a CUDA driver wanted",
                     path.c_str(), missing);
  return Status();
}

Status CudaDriver::open(const std::string &path) {
  // The driver has threads of its own, which must not lose their code.
  library_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library_)
    return makeError(HEED_NO_SUCH_DEVICE, "no CUDA driver found: %s",
                     dlerror());
  if (Status error = resolve(path))
    return error;
  if (Status error = check(cuInit(0), "cuInit", HEED_NO_SUCH_DEVICE))
    return Status(error.code(), path + ": " + error.message());
  return Status();
}

std::string CudaDriver::describe(CuResult result) const {
  const char *text = nullptr;
  if (cuGetErrorString(result, &text) != cuSuccess || !text)
    return formatText("error %d", result);
  return formatText("%s (error %d)", text, result);
}

Status CudaDriver::check(CuResult result, const char *function,
                         heed_status code) const {
  if (result == cuSuccess)
    return Status();
  return makeError(code, "%s: %s", function, describe(result).c_str());
}

} // namespace heed
