//===- Nfc.h - Canonical composition ---------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Unicode's normalization form C: "e" and a combining acute accent become "é".
///
//===----------------------------------------------------------------------===//

#ifndef HEED_LIB_TEXT_NFC_H
#define HEED_LIB_TEXT_NFC_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace heed {

/// Returns `text`, which is valid UTF-8 of less than 2 GiB, in form C.
llvm::Expected<std::string> composeNfc(llvm::StringRef text);

} // namespace heed

#endif // HEED_LIB_TEXT_NFC_H
