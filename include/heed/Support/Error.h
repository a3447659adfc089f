//===- Error.h - Errors of one line ----------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Makes the errors of `lib/`: `llvm::Error` with one line of text.
///
/// The text begins in lower case or with a file name, ends without a full
/// stop, and says where, what was found and what was wanted:
///
///     return makeError(path + ": found " + Twine(n) + " bytes, wanted 8");
///
//===----------------------------------------------------------------------===//

#ifndef HEED_SUPPORT_ERROR_H
#define HEED_SUPPORT_ERROR_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

#include <string>
#include <system_error>

namespace heed {

/// Makes an error of one line; control characters in `message` are escaped.
llvm::Error makeError(const llvm::Twine &message);

/// Makes an error that ends in the system's words for `code`:
/// "cannot write out.bin: No space left on device".
llvm::Error makeError(const llvm::Twine &message, std::error_code code);

/// Puts `text` in double quotes, fit for a message: what does not print is
/// escaped as \xNN, and the middle of a long text is left out. `text` may come
/// from a hostile file.
std::string quote(llvm::StringRef text);

} // namespace heed

#endif // HEED_SUPPORT_ERROR_H
