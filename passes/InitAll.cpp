//===- InitAll.cpp - Registers all of Heed --------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/InitAll.h"

#include "dialects/attn/Attn.h"
#include "dialects/tile/Tile.h"
#include "passes/analysis/Passes.h"
#include "passes/lower/Passes.h"
#include "passes/lower/cpu/Passes.h"
#include "passes/lower/nvgpu/Passes.h"
#include "passes/pipelines/Compile.h"
#include "passes/pipelines/ExpandPlan.h"
#include "passes/rewrites/Registry.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace heed {

void registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<mlir::arith::ArithDialect, mlir::func::FuncDialect,
                  mlir::math::MathDialect, mlir::memref::MemRefDialect,
                  mlir::scf::SCFDialect, mlir::tensor::TensorDialect,
                  mlir::vector::VectorDialect>();

  // Dialects of Heed, one line each, with what implements their interfaces.
  registry.insert<attn::AttnDialect>();
  registry.insert<tile::TileDialect>();
}

void registerAllPasses() {
  // One line per folder of passes/, in layer order.
  registerHeedAnalysisPasses();
  registerRewrites();
  registerHeedLowerPasses();
  registerHeedLowerCpuPasses();
  registerHeedLowerNvgpuPasses();
  registerPipelines();
  registerPlans();
}

void registerAll(mlir::DialectRegistry &registry) {
  registerAllDialects(registry);
  registerAllPasses();
}

} // namespace heed
