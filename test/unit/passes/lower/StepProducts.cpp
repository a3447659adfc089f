//===- StepProducts.cpp - Small models with a library for products --------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/models/EmulatedModel.h"
#include "test/unit/passes/lower/StepModule.h"

#include "passes/InitAll.h"

#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace mlir;

namespace heed {

int64_t StepModule::expectSameWithLibrary(llvm::StringRef body, int64_t width,
                                          llvm::ArrayRef<StepPlan> plans) {
  constexpr int64_t capacity = 1024;
  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  std::string text = write(body, width);
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  if (!module) {
    ADD_FAILURE() << "not a module";
    return 0;
  }
  std::vector<float> wanted = runReference(*module, plans, capacity);
  int64_t products = 0;
  for (bool hasLibrary : {false, true}) {
    SCOPED_TRACE(hasLibrary ? "library" : "kernels");
    EmulatedModel model(hasLibrary);
    expectNear(runEmulated(*module, "sm_80", plans, capacity, model), wanted);
    products += model.countProducts();
  }
  return products;
}

} // namespace heed
