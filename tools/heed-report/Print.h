//===- Print.h - Reports as text and as JSON --------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What heed-report prints; README.md beside this file describes both forms.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TOOLS_HEED_REPORT_PRINT_H
#define HEED_TOOLS_HEED_REPORT_PRINT_H

#include "passes/analysis/ModelReport.h"

#include "llvm/Support/raw_ostream.h"

#include <string>

namespace heed {

struct NamedReport {
  std::string file;
  ModelReport report;
};

/// Prints the costs of `after` and, unless `before` is null, what they were
/// there, as aligned tables.
void printText(llvm::raw_ostream &os, const NamedReport *before,
               const NamedReport &after);

/// Prints the same as one JSON object, with exact numbers.
void printJson(llvm::raw_ostream &os, const NamedReport *before,
               const NamedReport &after);

} // namespace heed

#endif // HEED_TOOLS_HEED_REPORT_PRINT_H
