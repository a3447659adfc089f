//===- Nfc.cpp - Canonical composition ------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Text/Nfc.h"

#include "heed/Support/Error.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

namespace heed {

llvm::Expected<std::string> composeNfc(llvm::StringRef text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2 *nfc = icu::Normalizer2::getNFCInstance(status);
  std::string composed;
  if (U_SUCCESS(status)) {
    icu::StringByteSink<std::string> sink(&composed, int32_t(text.size()));
    nfc->normalizeUTF8(0, icu::StringPiece(text.data(), int32_t(text.size())),
                       sink, /*edits=*/nullptr, status);
  }
  if (U_FAILURE(status))
    return makeError(llvm::Twine("cannot normalize: ") + u_errorName(status));
  return std::move(composed);
}

} // namespace heed
