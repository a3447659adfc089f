//===- Swizzle.h - Shared memory in exchanged pieces ------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_EMULATOR_SWIZZLE_H
#define HEED_TEST_EMULATOR_SWIZZLE_H

#include <cstdint>

namespace heed::ptx {

/// Returns where the byte at `address` lies with a swizzle over spans of
/// `bytes` bytes, 0 for none: the number of the span, modulo 2, 4 or 8, is
/// exclusively or-ed to the number of the 16-byte piece within it.
inline uint64_t swizzled(uint64_t address, uint32_t bytes) {
  uint64_t mask = bytes == 0 ? 0 : bytes / 16 - 1;
  return address ^ ((address >> 7 & mask) << 4);
}

} // namespace heed::ptx

#endif // HEED_TEST_EMULATOR_SWIZZLE_H
