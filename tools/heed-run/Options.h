//===- Options.h - What heed-run is asked to do -----------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_TOOLS_HEED_RUN_OPTIONS_H
#define HEED_TOOLS_HEED_RUN_OPTIONS_H

#include "tools/heed-run/Bench.h"
#include "tools/heed-run/Evaluate.h"
#include "tools/heed-run/Generate.h"

namespace heed {

/// The command line, copied: compiling resets what LLVM has parsed.
struct Options {
  std::string model;
  std::string device;
  int32_t threads = 0;
  std::string tokenizer; ///< Empty: that of the model.

  std::vector<std::string> prompts; ///< Texts.
  std::vector<TokenIds> promptIds;
  GenerateOptions generate;
  bool ignoreStopIds = false;
  std::string saveLogits; ///< A file, or empty.

  std::string evalText; ///< A file, or empty.
  EvalOptions eval;
  std::string compare; ///< Another model, or empty.

  bool wantsBench = false;
  BenchOptions bench;

  std::string json; ///< A file for all results, or empty.
};

/// Parses the command line; prints help and ends the program if asked to.
llvm::Expected<Options> parseOptions(int argc, char **argv);

} // namespace heed

#endif // HEED_TOOLS_HEED_RUN_OPTIONS_H
