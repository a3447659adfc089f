//===- Fields.h - Rules for fields of a configuration -----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the readers of a configuration share: numbers that must be positive,
/// fields that rule a checkpoint out, and the judgement of fields that nobody
/// read. Errors are kept by the object that is read.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_IMPORT_CHECKPOINT_FIELDS_H
#define HEED_PASSES_IMPORT_CHECKPOINT_FIELDS_H

#include "heed/Support/Json.h"

#include <optional>
#include <string>

namespace heed {

/// Writes a number as briefly as it can be read back: "4", "0.5".
std::string formatNumber(double value);

/// Reads a number above zero, within the range of float, that may be absent or
/// null.
void readPositive(JsonObject &object, llvm::StringRef key, double &result);
void readPositive(JsonObject &object, llvm::StringRef key,
                  std::optional<double> &result);

/// Fails for checkpoints of a kind that is not supported whatever the family:
/// quantised ones and mixtures of experts.
void refuseByName(JsonObject &config);

/// Fails for the first field that was not read, unless it is listed as without
/// influence on inference or its value is neutral: null, false, 0, or an empty
/// string, list or object.
void checkUnread(JsonObject &object);

} // namespace heed

#endif // HEED_PASSES_IMPORT_CHECKPOINT_FIELDS_H
