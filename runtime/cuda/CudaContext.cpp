//===- CudaContext.cpp - One GPU and its context --------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaContext.h"

namespace heed {

CudaContext::~CudaContext() {
  if (context_)
    driver_.cuDevicePrimaryCtxRelease_v2(device_);
}

Status CudaContext::check(CuResult result, const char *function,
                          heed_status code) const {
  if (result == cuSuccess)
    return Status();
  return makeError(code, "%s: %s: %s", name_.c_str(), function,
                   driver_.describe(result).c_str());
}

Status CudaContext::readAttributes() {
  char model[256] = "";
  if (Status error =
          check(driver_.cuDeviceGetName(model, sizeof(model), device_),
                "cuDeviceGetName", HEED_NO_SUCH_DEVICE))
    return error;
  model_ = model;
  struct Attribute {
    int number;
    int &value;
  };
  for (Attribute each :
       {Attribute{cuDeviceMajor, major_}, Attribute{cuDeviceMinor, minor_},
        Attribute{cuDeviceSharedBytes, sharedBytes_},
        Attribute{cuDeviceMultiprocessors, multiprocessors_}})
    if (Status error = check(
            driver_.cuDeviceGetAttribute(&each.value, each.number, device_),
            "cuDeviceGetAttribute", HEED_NO_SUCH_DEVICE))
      return error;
  return Status();
}

Status CudaContext::open(const std::string &library, int ordinal) {
  name_ = formatText("cuda:%d", ordinal);
  if (Status error = driver_.open(library))
    return error;
  int count = 0;
  if (Status error = check(driver_.cuDeviceGetCount(&count), "cuDeviceGetCount",
                           HEED_NO_SUCH_DEVICE))
    return error;
  if (ordinal >= count)
    return makeError(HEED_NO_SUCH_DEVICE, "no device %s, the driver has %d",
                     name_.c_str(), count);
  if (Status error = check(driver_.cuDeviceGet(&device_, ordinal),
                           "cuDeviceGet", HEED_NO_SUCH_DEVICE))
    return error;
  if (Status error = readAttributes())
    return error;
  CuResult result = driver_.cuDevicePrimaryCtxRetain(&context_, device_);
  if (result != cuSuccess)
    context_ = nullptr;
  return check(result, "cuDevicePrimaryCtxRetain",
               result == cuOutOfMemory ? HEED_OUT_OF_MEMORY
                                       : HEED_NO_SUCH_DEVICE);
}

std::string CudaContext::describe() const {
  return formatText("%s (%s, sm_%d%d)", name_.c_str(), model_.c_str(), major_,
                    minor_);
}

} // namespace heed
