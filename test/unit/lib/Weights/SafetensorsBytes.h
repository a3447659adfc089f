//===- SafetensorsBytes.h - Weight files by hand ---------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Puts safetensors files together byte by byte, so that tests of the reader
/// do not depend on the writer, and can say what the writer refuses to.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_LIB_WEIGHTS_SAFETENSORSBYTES_H
#define HEED_TEST_UNIT_LIB_WEIGHTS_SAFETENSORSBYTES_H

#include <cstdint>
#include <string>

namespace heed {

/// The eight little-endian bytes of a length.
inline std::string lengthWord(uint64_t length) {
  std::string word;
  for (int i = 0; i < 8; ++i)
    word += static_cast<char>(length >> (8 * i) & 0xff);
  return word;
}

/// A file with this header and data.
inline std::string fileBytes(const std::string &header,
                             const std::string &data = "") {
  return lengthWord(header.size()) + header + data;
}

/// One member of a header.
inline std::string member(const std::string &name, const std::string &dtype,
                          const std::string &shape,
                          const std::string &offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

} // namespace heed

#endif // HEED_TEST_UNIT_LIB_WEIGHTS_SAFETENSORSBYTES_H
