//===- Run.h - Everything heed-run does -------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_TOOLS_HEED_RUN_RUN_H
#define HEED_TOOLS_HEED_RUN_RUN_H

#include "tools/heed-run/Options.h"

namespace heed {

/// Does all that `options` ask for, in the order bench, evaluation, generation,
/// and prints it on the standard output; ids of sequences come last. The file
/// of --json is written at the end, or not at all.
llvm::Error run(const Options &options);

} // namespace heed

#endif // HEED_TOOLS_HEED_RUN_RUN_H
