//===- Ids.h - Lists of ids on the command line -----------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_TOOLS_HEED_RUN_IDS_H
#define HEED_TOOLS_HEED_RUN_IDS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace heed {

/// Reads "1,15,22": at least one id of at most 31 bits; blanks may stand around
/// each. `name` begins the message of an error.
llvm::Expected<std::vector<int32_t>> parseIds(llvm::StringRef text,
                                              llvm::StringRef name);

/// Writes ids as parseIds() reads them, without blanks.
std::string printIds(llvm::ArrayRef<int32_t> ids);

} // namespace heed

#endif // HEED_TOOLS_HEED_RUN_IDS_H
