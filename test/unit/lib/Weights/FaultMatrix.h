//===- FaultMatrix.h - Files with faults ------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the tests of the faults of weight files share.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_LIB_WEIGHTS_FAULTMATRIX_H
#define HEED_TEST_UNIT_LIB_WEIGHTS_FAULTMATRIX_H

#include "test/unit/lib/Support/Fault.h"
#include "test/unit/lib/Weights/SafetensorsBytes.h"

namespace heed {

/// One float of 2 elements that ends where it should.
inline const std::string kGood = member("a", "F32", "[2]", "[0,8]");

inline std::string object(const std::string &members) {
  return "{" + members + "}";
}

} // namespace heed

#endif // HEED_TEST_UNIT_LIB_WEIGHTS_FAULTMATRIX_H
