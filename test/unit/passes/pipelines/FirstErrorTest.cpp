//===- FirstErrorTest.cpp - Diagnostics as one error ----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/pipelines/FirstError.h"

#include "mlir/IR/Location.h"
#include "gtest/gtest.h"

using namespace heed;
using namespace mlir;

namespace {

TEST(FirstErrorTest, KeepsTheFirstWithItsPlace) {
  MLIRContext context;
  FirstError error(context, FirstError::Others::Nothing);
  emitError(FileLineColLoc::get(&context, "m.mlir", 3, 5), "one");
  emitError(UnknownLoc::get(&context), "two");
  EXPECT_EQ(llvm::toString(error.take("none")), "m.mlir:3:5: one");
  EXPECT_EQ(llvm::toString(error.take("none")), "none");
}

TEST(FirstErrorTest, OthersHearWhatTheyShall) {
  MLIRContext context;
  int heard = 0;
  ScopedDiagnosticHandler outer(&context, [&](Diagnostic &) { ++heard; });
  {
    FirstError error(context, FirstError::Others::All);
    emitError(UnknownLoc::get(&context), "one");
    llvm::consumeError(error.take(""));
  }
  EXPECT_EQ(heard, 1);
  FirstError error(context, FirstError::Others::Nothing);
  emitError(UnknownLoc::get(&context), "two");
  llvm::consumeError(error.take(""));
  EXPECT_EQ(heard, 1);
}

} // namespace
