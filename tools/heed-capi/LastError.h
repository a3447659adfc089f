//===- LastError.h - What went wrong last on a thread -----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_TOOLS_HEED_CAPI_LASTERROR_H
#define HEED_TOOLS_HEED_CAPI_LASTERROR_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace heed {

/// What heed_compile_error returns. The C interface has no other place for it.
inline std::string &lastError() {
  thread_local std::string text;
  return text;
}

/// Keeps `text` for heed_compile_error; returns what a failed call returns.
inline int fail(llvm::StringRef text) {
  lastError() = text.str();
  return 1;
}

/// Returns what a call returns that ended in `error`.
inline int finish(llvm::Error error) {
  if (error)
    return fail(llvm::toString(std::move(error)));
  return 0;
}

} // namespace heed

#endif // HEED_TOOLS_HEED_CAPI_LASTERROR_H
