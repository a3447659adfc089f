//===- Elf.cpp - Fuzzes the loader of kernels -----------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/ElfImage.h"

#include <cstdlib>
#include <cstring>
#include <string>

using namespace heed;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view file(reinterpret_cast<const char *>(data), size);
  ElfImage image;
  if (Status error = image.load(file)) {
    bool clear = error.message().rfind("code: ", 0) == 0 ||
                 error.code() == HEED_OUT_OF_MEMORY ||
                 error.code() == HEED_INTERNAL;
    if (!clear)
      std::abort();
    return 0;
  }
  // A function that is found lies in the image.
  const char *head = static_cast<const char *>(image.function("head"));
  return head && *reinterpret_cast<const volatile char *>(head) == 1 ? -1 : 0;
}
