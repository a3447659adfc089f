//===- LowerKernels.cpp - Turn kernels into functions of a thread ---------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/Passes.h"

#include "passes/lower/kernel/CheckKernel.h"
#include "passes/lower/nvgpu/KernelEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace heed {

#define GEN_PASS_DEF_LOWERKERNELSTONVGPUPASS
#include "passes/lower/nvgpu/Passes.h.inc"

/// The shared memory that one program may have, or nothing for an unknown
/// architecture.
static FailureOr<int64_t> sharedBytesOf(StringRef arch) {
  if (arch == "sm_80")
    return int64_t(163) << 10;
  if (arch == "sm_90a")
    return int64_t(227) << 10;
  return failure();
}

/// Numbers of one tile that a thread may hold; there are 255 registers.
static constexpr int64_t kMostNumbers = 1024;

/// Whether a loaded tile goes to shared memory and nowhere else.
static bool staysShared(Value tile) {
  return tile.getDefiningOp<tile::LoadOp>() &&
         allUses(tile, [](OpOperand &use) {
           return isa<tile::MmaOp>(use.getOwner()) &&
                  use.getOperandNumber() < 2;
         });
}

/// Refuses tiles of which a thread would hold too much.
static LogicalResult checkTiles(tile::KernelOp kernel) {
  auto d = nvgpu::Distribution::of(kernel);
  WalkResult walk = kernel.walk([&](Operation *op) {
    for (Value result : op->getResults()) {
      auto type = dyn_cast<RankedTensorType>(result.getType());
      if (!type || staysShared(resolve(result)))
        continue;
      auto layout =
          type.getRank() == 2 ? nvgpu::Layout::Matrix : nvgpu::Layout::Columns;
      int64_t numbers = d.registers(type, layout);
      if (numbers <= kMostNumbers)
        continue;
      op->emitError("gives a tile of ")
          << type << ", of which a thread would hold " << numbers
          << " numbers, wanted at most " << kMostNumbers;
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return failure(walk.wasInterrupted());
}

/// Flops per byte that a tile's step reads from which on its products are
/// expected to take longer. An H100 does 236 flops in the time of a byte of
/// memory, but other programs read the same and find it in the cache.
static constexpr int64_t kManyProducts = 16;

/// Whether the largest step of a kernel has many products for what it reads.
static bool hasManyProducts(tile::KernelOp kernel) {
  int64_t flops = 0, bytes = 0;
  kernel.walk([&](tile::MmaOp op) {
    auto shape = cast<RankedTensorType>(op.getType()).getShape();
    auto left = cast<RankedTensorType>(op.getA().getType());
    int64_t depth = left.getDimSize(op.getTransposeA() ? 0 : 1);
    flops += 2 * shape[0] * shape[1] * depth;
  });
  kernel.walk([&](tile::LoadOp op) {
    auto type = cast<RankedTensorType>(op.getType());
    if (isa<tile::StreamOp>(op->getParentOp()))
      bytes += type.getNumElements() * type.getElementTypeBitWidth() / 8;
  });
  return flops >= kManyProducts * std::max<int64_t>(bytes, 1);
}

/// The shape of the largest product, or tile where there is none.
static std::pair<int64_t, int64_t> largestTile(tile::KernelOp kernel) {
  RankedTensorType largest;
  auto take = [&](Type type) {
    auto tile = dyn_cast<RankedTensorType>(type);
    if (tile && (!largest || tile.getNumElements() > largest.getNumElements()))
      largest = tile;
  };
  kernel.walk([&](tile::MmaOp op) { take(op.getType()); });
  if (!largest)
    kernel.walk(
        [&](Operation *op) { llvm::for_each(op->getResultTypes(), take); });
  if (!largest)
    return {0, 0};
  bool isLine = largest.getRank() == 1;
  return {isLine ? 1 : largest.getDimSize(0), largest.getShape().back()};
}

/// The maps in the order of `KernelEmitter::copyMapped`.
static Attribute describeMaps(Builder &b, const nvgpu::Pipeline &pipeline) {
  SmallVector<Attribute> maps;
  auto add = [&](const nvgpu::MappedLoad &load) {
    const TensorMapSlot &map = load.map;
    maps.push_back(b.getDenseI64ArrayAttr(
        {map.buffer, map.rows, map.columns, map.boxRows}));
  };
  add(pipeline.query);
  for (const nvgpu::PipelineStage &stage : pipeline.stages) {
    add(stage.keys);
    add(stage.values);
  }
  return b.getArrayAttr(maps);
}

namespace {

struct LowerKernelsToNvgpu
    : impl::LowerKernelsToNvgpuPassBase<LowerKernelsToNvgpu> {
  using LowerKernelsToNvgpuPassBase::LowerKernelsToNvgpuPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<int64_t> limit = sharedBytesOf(arch);
    if (failed(limit)) {
      module.emitError("expects the architecture sm_80 or sm_90a, got ")
          << arch;
      return signalPassFailure();
    }
    for (auto kernel :
         llvm::make_early_inc_range(module.getOps<tile::KernelOp>())) {
      // Warps that share rows out do not share steps out.
      if (nvgpu::Distribution::of(kernel).parts == 1)
        kernel.walk([](tile::StreamOp stream) { stream.dropCombine(); });
      if (failed(checkKernel(kernel)) || failed(checkTiles(kernel)) ||
          failed(lower(kernel, *limit)))
        return signalPassFailure();
      kernel.erase();
    }
  }

  LogicalResult lower(tile::KernelOp kernel, int64_t limit) {
    std::optional<nvgpu::Pipeline> pipeline;
    std::string why;
    if (arch == "sm_90a")
      pipeline = nvgpu::findPipeline(kernel, limit, why);
    nvgpu::KernelEmitter emitter(kernel, pipeline);
    func::FuncOp function = emitter.emit(getOperation());
    const nvgpu::KernelFacts &facts = emitter.getFacts();
    if (facts.sharedBytes > limit)
      return kernel.emitError("needs ")
             << facts.sharedBytes << " bytes of shared memory, " << arch
             << " has " << limit;
    Builder b(function.getContext());
    function->setAttr("heed.threads", b.getI64IntegerAttr(facts.threads));
    function->setAttr("heed.shared_bytes",
                      b.getI64IntegerAttr(facts.sharedBytes));
    function->setAttr("heed.stages", b.getI64IntegerAttr(facts.stages));
    auto [rows, columns] = largestTile(kernel);
    function->setAttr("heed.tile", b.getDenseI64ArrayAttr({rows, columns}));
    if (hasManyProducts(kernel))
      function->setAttr("heed.products", b.getUnitAttr());
    function->setAttr("heed.words",
                      b.getI64IntegerAttr(kernel.getArguments().size()));
    if (pipeline)
      function->setAttr("heed.maps", describeMaps(b, *pipeline));
    if (pipeline && pipeline->isPersistent)
      function->setAttr("heed.persistent", b.getUnitAttr());
    else if (!why.empty())
      function->setAttr("heed.portable", b.getStringAttr(why));
    return success();
  }
};

} // namespace
} // namespace heed
