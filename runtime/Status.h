//===- Status.h - Codes and messages of the runtime ------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// How the runtime reports failure: a code of heed-c/Runtime.h, which says
/// what the caller should do, and one line that says what was found and what
/// was wanted. Success costs nothing; there are no exceptions.
///
/// \code
///   if (Status error = file.open(path))
///     return error;
/// \endcode
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_STATUS_H
#define HEED_RUNTIME_STATUS_H

#include "heed-c/Runtime.h"

#include <string>
#include <utility>

namespace heed {

/// The outcome of a call; true in a condition if the call failed.
class [[nodiscard]] Status {
public:
  /// Makes a success.
  Status() = default;
  Status(heed_status code, std::string message)
      : code_(code), message_(std::move(message)) {}

  explicit operator bool() const { return code_ != HEED_OK; }
  heed_status code() const { return code_; }
  const std::string &message() const { return message_; }

private:
  heed_status code_ = HEED_OK;
  std::string message_;
};

/// Makes a failure with a message in the manner of printf.
Status makeError(heed_status code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/// Makes a string in the manner of printf.
std::string formatText(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

} // namespace heed

#endif // HEED_RUNTIME_STATUS_H
