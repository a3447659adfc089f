//===- embedder.cpp - Heed's passes in somebody else's program ------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/InitAll.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  heed::registerAll(registry);
  mlir::MLIRContext context(registry);
  mlir::PassManager passes(&context);
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(argv[1], &context);
  if (!module || failed(mlir::parsePassPipeline(argv[2], passes)) ||
      failed(passes.run(*module)))
    return 1;
  module->print(llvm::outs());
}
