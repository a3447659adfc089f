//===- Fault.h - Files with faults ------------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A row of a matrix of faults: fault, reader, message.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_LIB_SUPPORT_FAULT_H
#define HEED_TEST_UNIT_LIB_SUPPORT_FAULT_H

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

} // namespace heed

#endif // HEED_TEST_UNIT_LIB_SUPPORT_FAULT_H
