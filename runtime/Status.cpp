//===- Status.cpp - Codes and messages of the runtime ---------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Status.h"

#include <cstdarg>
#include <cstdio>

namespace heed {

static std::string formatList(const char *format, va_list list) {
  va_list again;
  va_copy(again, list);
  int size = std::vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (size < 0)
    return format;
  std::string text(size, '\0');
  std::vsnprintf(text.data(), text.size() + 1, format, list);
  return text;
}

Status makeError(heed_status code, const char *format, ...) {
  va_list list;
  va_start(list, format);
  std::string text = formatList(format, list);
  va_end(list);
  return Status(code, std::move(text));
}

std::string formatText(const char *format, ...) {
  va_list list;
  va_start(list, format);
  std::string text = formatList(format, list);
  va_end(list);
  return text;
}

} // namespace heed
