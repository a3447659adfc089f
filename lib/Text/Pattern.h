//===- Pattern.h - Regular expressions of tokenizers -----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Tokenizers are written for the regular expressions of Oniguruma, and we have
/// those of ICU, which read many things differently: `\s` is another set of
/// characters, `^` and `.` stand for other places, `\h` for something else
/// altogether. So a pattern may only have what we know to mean the same, or how
/// to translate.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_LIB_TEXT_PATTERN_H
#define HEED_LIB_TEXT_PATTERN_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace heed {

/// Translates a pattern, which is valid UTF-8, to ICU. What the result means is
/// checked, not whether it is well formed. The error says what stands where.
llvm::Expected<std::string> translatePattern(llvm::StringRef pattern);

} // namespace heed

#endif // HEED_LIB_TEXT_PATTERN_H
