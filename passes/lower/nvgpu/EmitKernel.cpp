//===- EmitKernel.cpp - Arguments, scalars, views, dispatch ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/KernelEmitter.h"

#include "heed-c/Package.h"
#include "passes/lower/kernel/ProgramId.h"
#include "passes/lower/kernel/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace heed::nvgpu {

/// The buffer that a view or an argument lies in.
static Value bufferOf(Value memory) {
  auto view = memory.getDefiningOp<tile::ViewOp>();
  return view ? view.getBuffer() : memory;
}

/// The buffers that `kernel` both reads and writes.
static DenseSet<Value> findRewritten(tile::KernelOp kernel) {
  DenseSet<Value> read, written, both;
  kernel.walk([&](Operation *op) {
    llvm::TypeSwitch<Operation *>(op)
        .Case<tile::LoadOp, tile::GatherOp>(
            [&](auto load) { read.insert(bufferOf(load.getView())); })
        .Case<tile::StoreOp, tile::ScatterOp>(
            [&](auto store) { written.insert(bufferOf(store.getView())); })
        .Case([&](memref::LoadOp load) {
          read.insert(bufferOf(load.getMemref()));
        })
        .Case([&](memref::StoreOp store) {
          written.insert(bufferOf(store.getMemref()));
        });
  });
  for (Value buffer : read)
    if (written.contains(buffer))
      both.insert(buffer);
  return both;
}

/// Whether all that `kernel` stores is bf16.
static bool storesNarrow(tile::KernelOp kernel) {
  bool isNarrow = false, isWide = false;
  kernel.walk([&](Operation *op) {
    Value stored = llvm::TypeSwitch<Operation *, Value>(op)
                       .Case<tile::StoreOp, tile::ScatterOp, memref::StoreOp>(
                           [](auto store) { return store.getValue(); })
                       .Default(Value());
    if (stored)
      (getElementTypeOrSelf(stored).isBF16() ? isNarrow : isWide) = true;
  });
  return isNarrow && !isWide;
}

KernelEmitter::KernelEmitter(tile::KernelOp kernel,
                             std::optional<Pipeline> found)
    : kernel(kernel), pipeline(std::move(found)),
      distribution(Distribution::of(kernel)), layouts(kernel),
      b(kernel.getLoc(), kernel.getContext()),
      rewritten(findRewritten(kernel)) {
  if (pipeline) {
    // Tiles are spread over the groups that compute, which come first.
    distribution.warps = pipeline->warps();
    ringLoads.insert(pipeline->query.load.getResult());
    for (const PipelineStage &stage : pipeline->stages)
      for (const MappedLoad *load : {&stage.keys, &stage.values})
        ringLoads.insert(tile::LoadOp(load->load).getResult());
  }
  facts.threads = distribution.threads();
  kernel.walk([&](tile::MmaOp op) { isApproximate |= isNarrowProduct(op); });
  isApproximate |= storesNarrow(kernel);
}

func::FuncOp KernelEmitter::emit(ModuleOp module) {
  Device::declareSharedMemory(module);
  b.setInsertionPointToEnd(module.getBody());
  auto function = func::FuncOp::create(
      b, kernel.getSymName(),
      b.getFunctionType(b.pointerType(Space::Generic), {}));
  b.setInsertionPointToStart(function.addEntryBlock());
  kernel.walk([&](tile::FinishOp) {
    Device::declareCounters(module, arrivalsName(), HEED_DIVIDED_PROGRAMS);
  });
  mapArguments(function.getArgument(0));
  findThread();
  if (pipeline)
    preparePipeline(function.getArgument(0));
  if (pipeline && pipeline->isPersistent) {
    Device::declareCounters(module, counterName(), 1);
    emitPersistent();
  } else {
    emitBlock(kernel.getBody().front());
  }
  func::ReturnOp::create(b);
  return function;
}

void KernelEmitter::mapArguments(Value words) {
  for (auto [i, argument] : llvm::enumerate(kernel.getArguments())) {
    Value word = b.load(b.getI64Type(), 1, b.offset(words, 8 * i))[0];
    auto buffer = dyn_cast<MemRefType>(argument.getType());
    if (!buffer) {
      scalars.map(argument,
                  arith::IndexCastOp::create(b, b.getIndexType(), word));
      continue;
    }
    View view;
    view.base = b.toPointer(word);
    view.start = b.number(0);
    view.strides = {b.number(1)};
    view.element = buffer.getElementType();
    views[argument] = view;
  }
}

void KernelEmitter::findThread() {
  program = b.programNumber();
  thread = b.threadNumber();
  lane = arith::AndIOp::create(b, thread, b.word(31));
  findPlace();
}

/// What the distribution makes of a thread.
void KernelEmitter::findPlace() {
  const Distribution &d = distribution;
  warp = d.warps == 1
             ? b.word(0)
             : arith::ShRUIOp::create(b, thread, b.word(5)).getResult();
  if (pipeline)
    warp = b.ofFirstLane(warp);
  part = d.parts == 1
             ? Value()
             : b.ofFirstLane(arith::ShRUIOp::create(b, thread, b.word(5)));
  laneRow =
      arith::ShRUIOp::create(b, lane, b.word(llvm::Log2_64(d.laneColumns)));
  laneColumn = arith::AndIOp::create(b, lane, b.word(d.laneColumns - 1));
}

//===----------------------------------------------------------------------===//
// Dispatch
//===----------------------------------------------------------------------===//

void KernelEmitter::emitBlock(Block &block) {
  for (Operation &op : block.without_terminator()) {
    b.setLoc(op.getLoc());
    if (pipeline && &op == pipeline->stages.front().stream)
      return splitProgram(&op);
    emitOp(&op);
  }
}

void KernelEmitter::emitOp(Operation *op) {
  if (isFree(op))
    return;
  if (isElementwiseOnTiles(op))
    return emitElementwise(op);
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](tile::ReduceOp reduce) { emitReduce(reduce); })
      .Case([&](tile::ViewOp view) { emitView(view); })
      .Case([&](tile::LoadOp load) { emitLoad(load); })
      .Case([&](tile::GatherOp gather) { emitGather(gather); })
      .Case([&](tile::StoreOp store) { emitStore(store); })
      .Case([&](tile::ScatterOp scatter) { emitScatter(scatter); })
      .Case([&](tile::MmaOp mma) { emitMma(mma); })
      .Case([&](tile::StreamOp stream) { emitStream(stream); })
      .Case([&](tile::FinishOp finish) { emitFinish(finish); })
      .Case([&](tile::ProgramIdOp id) {
        scalars.map(id.getResult(), buildProgramId(b, id, program, scalars));
      })
      .Case<scf::ForOp>([&](auto) { emitFor(op); })
      .Case<scf::IfOp>([&](auto) { emitIf(op); })
      .Case<memref::LoadOp, memref::StoreOp>([&](auto) { emitElement(op); })
      .Default([&](Operation *) { emitScalar(op); });
}

//===----------------------------------------------------------------------===//
// Scalars and views
//===----------------------------------------------------------------------===//

void KernelEmitter::emitScalar(Operation *op) {
  if (isa<RankedTensorType>(op->getResult(0).getType()))
    return; // A widening: a second name.
  buildScalar(b, op, scalars, [&](Value x) { return roundToNarrow(x); });
}

void KernelEmitter::emitView(tile::ViewOp op) {
  auto map = [&](ArrayRef<OpFoldResult> values) {
    SmallVector<Value> mapped;
    for (OpFoldResult value : values) {
      auto dynamic = dyn_cast<Value>(value);
      mapped.push_back(dynamic ? scalars.lookup(dynamic)
                               : b.number(*getConstantIntValue(value)));
    }
    return mapped;
  };
  View view;
  view.base = views.lookup(op.getBuffer()).base;
  view.start = scalars.lookup(op.getOffset());
  view.extents = map(op.getMixedSizes());
  view.strides = map(op.getMixedStrides());
  view.element = cast<MemRefType>(op.getType()).getElementType();
  views[op.getResult()] = view;
}

void KernelEmitter::emitElement(Operation *op) {
  auto addressIn = [&](Value memory, ValueRange indices) {
    const View &view = views.find(memory)->second;
    Value at = view.start;
    for (auto [index, stride] : llvm::zip_equal(indices, view.strides))
      at = b.add(at, b.multiply(scalars.lookup(index), stride));
    int64_t bytes = view.element.getIntOrFloatBitWidth() / 8;
    return b.offset(view.base, b.multiply(at, b.number(bytes)));
  };
  if (auto load = dyn_cast<memref::LoadOp>(op)) {
    Value address = addressIn(load.getMemref(), load.getIndices());
    return scalars.map(load.getResult(), readElement(load.getType(), address));
  }
  auto store = cast<memref::StoreOp>(op);
  Value memory = store.getMemref();
  settleStores(memory);
  Value address = addressIn(memory, store.getIndices());
  Value isFirst =
      arith::CmpIOp::create(b, arith::CmpIPredicate::eq, thread, b.word(0));
  guarded(isFirst, [&] {
    writeElement(cast<MemRefType>(memory.getType()).getElementType(),
                 scalars.lookup(store.getValue()), address);
  });
  settleStores(memory);
}

void KernelEmitter::settleStores(Value memory) {
  if (rewritten.contains(bufferOf(memory)))
    b.barrier();
}

} // namespace heed::nvgpu
