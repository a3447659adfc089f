//===- EvalHarness.h - Evaluate IR in tests ---------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs the function @f of a text on the reference.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_DIALECTS_EVALHARNESS_H
#define HEED_TEST_UNIT_DIALECTS_EVALHARNESS_H

#include "dialects/attn/Attn.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

#include <random>

namespace heed {

/// A context, the last module parsed in it and the last message.
class EvalHarness : public testing::Test {
protected:
  EvalHarness() {
    context.loadDialect<attn::AttnDialect, mlir::arith::ArithDialect,
                        mlir::func::FuncDialect, mlir::math::MathDialect,
                        mlir::tensor::TensorDialect>();
    context.getDiagEngine().registerHandler([&](mlir::Diagnostic &diagnostic) {
      if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error)
        message = diagnostic.str();
    });
  }

  /// Runs @f; its results are tensors. Nothing, and a message, if it fails.
  std::vector<reference::Tensor> evaluate(llvm::StringRef text,
                                          llvm::ArrayRef<EvalValue> args) {
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (!module)
      return {};
    auto function = module->lookupSymbol<mlir::func::FuncOp>("f");
    EvalFrame frame(evalContext);
    llvm::SmallVector<EvalValue> results;
    if (mlir::failed(frame.run(function.front(), args, results)))
      return {};
    std::vector<reference::Tensor> tensors;
    for (const EvalValue &value : results)
      tensors.push_back(*std::get<reference::TensorRef>(value));
    return tensors;
  }

  static EvalValue pass(reference::Tensor tensor) {
    return std::make_shared<const reference::Tensor>(std::move(tensor));
  }
  static EvalValue floats(llvm::ArrayRef<int64_t> shape,
                          std::vector<double> values) {
    return pass({reference::Element::F32, shape, std::move(values)});
  }
  static EvalValue integers(llvm::ArrayRef<int64_t> shape,
                            std::vector<double> values) {
    return pass({reference::Element::I32, shape, std::move(values)});
  }
  static EvalValue bits(llvm::ArrayRef<int64_t> shape,
                        std::vector<double> values) {
    return pass({reference::Element::I1, shape, std::move(values)});
  }

  /// Returns numbers from -1 to 1 that f32 holds.
  reference::Tensor anyFloats(llvm::ArrayRef<int64_t> shape) {
    reference::Tensor tensor(reference::Element::F32, shape);
    for (double &value : tensor.data)
      value =
          static_cast<double>(static_cast<int>(random() % 2001) - 1000) / 1024;
    return tensor;
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  EvalContext evalContext;
  std::string message;
  std::mt19937 random{11};
};

} // namespace heed

#endif // HEED_TEST_UNIT_DIALECTS_EVALHARNESS_H
