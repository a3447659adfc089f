//===- FaultMatrix.h - Files with faults ------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the tests of the matrix of faults share: fault, reader, message.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_LIB_WEIGHTS_FAULTMATRIX_H
#define HEED_TEST_UNIT_LIB_WEIGHTS_FAULTMATRIX_H

#include "test/unit/lib/Weights/SafetensorsBytes.h"

#include <cstdio>
#include <string>

namespace heed {

/// A class of fault, a file that has it, and the message wanted.
struct Fault {
  const char *name;
  std::string content;
  std::string message;
};

/// Prints a row of the matrix.
inline void print(const char *fault, const char *reader,
                  const std::string &message) {
  std::printf("| %-28s | %-11s | %s\n", fault, reader, message.c_str());
}

/// One float of 2 elements that ends where it should.
inline const std::string kGood = member("a", "F32", "[2]", "[0,8]");

inline std::string object(const std::string &members) {
  return "{" + members + "}";
}

} // namespace heed

#endif // HEED_TEST_UNIT_LIB_WEIGHTS_FAULTMATRIX_H
