//===- TokenizerFaults.h - Tokenizers with faults ---------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the tests of the faults of tokenizers share.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_LIB_TEXT_TOKENIZERFAULTS_H
#define HEED_TEST_UNIT_LIB_TEXT_TOKENIZERFAULTS_H

#include "heed/Text/Tokenizer.h"
#include "test/unit/lib/Support/Fault.h"
#include "test/unit/lib/Text/TokenizerText.h"

#include <gtest/gtest.h>
#include <vector>

namespace heed {

/// Writes a tokenizer with one part changed.
inline std::string with(std::string TokenizerText::*part,
                        const std::string &value) {
  TokenizerText text;
  text.*part = value;
  return text.write();
}

inline std::string replace(std::string text, const std::string &from,
                           const std::string &to) {
  size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

inline const std::string kKey = "f: key ";
inline const std::string kUnknown = ", wanted no such field: it is unknown and "
                                    "may change how text becomes ids";

/// Demands the messages for a model with 300 ids, some more than the file has,
/// and prints the rows.
inline void expectFaults(const std::vector<Fault> &faults) {
  for (const Fault &fault : faults) {
    auto tokenizer = parseTokenizer(fault.content, "f", 300);
    ASSERT_FALSE(bool(tokenizer)) << fault.name;
    std::string message = llvm::toString(tokenizer.takeError());
    EXPECT_EQ(message, fault.message) << fault.name;
    print(fault.name, "tokenizer", message);
  }
}

} // namespace heed

#endif // HEED_TEST_UNIT_LIB_TEXT_TOKENIZERFAULTS_H
