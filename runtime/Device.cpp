//===- Device.cpp - The list of devices -----------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Device.h"

#include "runtime/cpu/CpuDevice.h"
#include "runtime/cpu/Processor.h"
#include "runtime/cuda/CudaDevice.h"

namespace heed {

bool readGpuOrdinal(const std::string &name, int &ordinal) {
  static constexpr int most = 9999;
  ordinal = 0;
  if (name.compare(0, 4, "cuda") != 0)
    return false;
  if (name.size() == 4)
    return true;
  if (name[4] != ':' || name.size() == 5)
    return false;
  for (char digit : name.substr(5)) {
    if (digit < '0' || digit > '9' || ordinal > most)
      return false;
    ordinal = ordinal * 10 + (digit - '0');
  }
  return true;
}

std::vector<std::string> defaultProductLibraries() {
  std::vector<std::string> names;
  for (const char *folder : {"", "/usr/local/cuda/lib64/"})
    for (const char *version : {"13", "12", "11"})
      names.push_back(std::string(folder) + "libcublasLt.so." + version);
  return names;
}

static Status noSuchDevice(const std::string &name) {
  return makeError(HEED_NO_SUCH_DEVICE,
                   "no device '%s', wanted auto, cpu, cuda or cuda:N",
                   name.c_str());
}

Status openDevice(const std::string &name, const Package &package,
                  const DeviceOptions &options,
                  std::unique_ptr<Device> &device) {
  bool gpu = isGpuTarget(package.header().target);
  std::string chosen = name != "auto" ? name : gpu ? "cuda" : "cpu";
  if (chosen == "cpu")
    return CpuDevice::open(package, options.threads, device);
  int ordinal;
  if (readGpuOrdinal(chosen, ordinal))
    return CudaDevice::open(package, options, ordinal, device);
  return noSuchDevice(name);
}

static Status describeProcessor(DeviceFacts &facts) {
  std::string target = processorTarget();
  if (Status error = checkTarget(target))
    return error;
  facts = {"cpu", target, "cpu (" + target + ")", ""};
  return Status();
}

Status describeDevice(const std::string &name, const DeviceOptions &options,
                      DeviceFacts &facts) {
  int ordinal = 0;
  if (readGpuOrdinal(name, ordinal))
    return describeGpu(options.cudaLibrary, ordinal, facts);
  if (name == "cpu")
    return describeProcessor(facts);
  if (name != "auto")
    return noSuchDevice(name);
  Status missing = describeGpu(options.cudaLibrary, ordinal, facts);
  if (!missing)
    return Status();
  if (Status error = describeProcessor(facts))
    return error;
  facts.missing = missing.message();
  return Status();
}

} // namespace heed
