//===- Safetensors.cpp - Fuzzes the reader of weight files ----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Weights/Safetensors.h"

#include <cstdlib>
#include <vector>

using namespace heed;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef content(reinterpret_cast<const char *>(data), size);
  llvm::Expected<SafetensorsHeader> header =
      SafetensorsHeader::parse(content, size, "f");
  if (!header) {
    if (llvm::toString(header.takeError()).find('\n') != std::string::npos)
      std::abort();
    return 0;
  }
  // All that a header promises is there to be read.
  uint64_t sum = 0;
  for (const TensorEntry &tensor : header->tensors()) {
    if (header->find(tensor.name) != &tensor ||
        countBytes(tensor.dtype, tensor.shape) != tensor.bytes)
      std::abort();
    uint64_t bytes = tensor.bytes;
#ifdef HEED_PLANTED_OVERFLOW
    if (bytes)
      sum += *reinterpret_cast<const volatile uint8_t *>(data + tensor.offset +
                                                         bytes);
#endif
    std::vector<double> values(bytes / dtypeBytes(tensor.dtype));
    loadElements(tensor.dtype, llvm::ArrayRef(data + tensor.offset, bytes),
                 llvm::MutableArrayRef<double>(values));
    sum += bytes;
  }
  return sum == 1 ? -1 : 0;
}
