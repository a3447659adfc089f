//===- RunPassesTest.cpp - Errors of passes as values ---------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/kernel/RunPasses.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace mlir;

namespace {

/// Warns, then fails with two errors if told to.
struct Complain : PassWrapper<Complain, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(Complain)
  explicit Complain(bool fails) : fails(fails) {}
  void runOnOperation() override {
    getOperation().emitWarning("mind");
    if (!fails)
      return;
    getOperation().emitError("first");
    getOperation().emitError("second");
    signalPassFailure();
  }
  bool fails;
};

class RunPasses : public testing::Test {
protected:
  std::string run(bool fails) {
    OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
    PassManager passes(&context);
    passes.addPass(std::make_unique<Complain>(fails));
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      heard.push_back(diagnostic.str());
      return success();
    });
    llvm::Error error = heed::runPasses(passes, *module);
    return error ? llvm::toString(std::move(error)) : "";
  }

  MLIRContext context;
  std::vector<std::string> heard;
};

TEST_F(RunPasses, TheFirstErrorIsReturnedAndNobodyElseHearsIt) {
  EXPECT_EQ(run(true), "cannot compile the kernels: first");
  EXPECT_EQ(heard, std::vector<std::string>{"mind"});
}

TEST_F(RunPasses, Success) { EXPECT_EQ(run(false), ""); }

} // namespace
