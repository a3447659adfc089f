//===- heed-run.cpp - Runs models -----------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/Run.h"

#include "heed/Support/Error.h"

#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;

/// Makes sure that what was printed has arrived.
static Error flush() {
  outs().flush();
  std::error_code code = outs().error();
  outs().clear_error();
  return code ? heed::makeError("cannot write the standard output", code)
              : Error::success();
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  Expected<heed::Options> options = heed::parseOptions(argc, argv);
  Error error = options ? heed::run(*options) : options.takeError();
  error = joinErrors(std::move(error), flush());
  if (!error)
    return 0;
  WithColor::error(errs(), "heed-run") << toString(std::move(error)) << "\n";
  return 1;
}
