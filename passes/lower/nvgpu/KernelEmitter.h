//===- KernelEmitter.h - One kernel as code for each thread -----*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Emits for a `tile.kernel` what one thread of its program does: scf, arith,
/// math, and the instructions of Device.h. A tile is in the registers of the
/// threads (Distribution.h), or in shared memory, or both: an operand of a
/// product that was loaded goes to shared memory and is never in registers
/// unless something else asks for it.
///
/// Two rules keep shared memory right. It is handed out as from a stack, and
/// whoever writes to a new piece puts a barrier before, because another thread
/// may still read what lay there; and one behind, before others read. All
/// scalars are the same in all threads, so barriers may stand in any branch and
/// loop. In a divided stream (EmitParts.cpp) both hold for the threads of a
/// warp.
///
/// Not for use outside passes/lower/nvgpu.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_NVGPU_KERNELEMITTER_H
#define HEED_PASSES_LOWER_NVGPU_KERNELEMITTER_H

#include "dialects/tile/Tile.h"
#include "passes/lower/nvgpu/Device.h"
#include "passes/lower/nvgpu/LineLayouts.h"
#include "passes/lower/nvgpu/Pipeline.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"

#include <functional>

namespace heed::nvgpu {

/// What one thread holds of a tile, rows first, each row by columns; f32 for
/// f32 and bf16, i32, i1.
using Registers = llvm::SmallVector<mlir::Value>;

/// A tile in shared memory, row by row; `pitch` bytes from row to row, so that
/// eight rows begin in different banks.
struct SharedTile {
  mlir::Value base;
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t pitch = 0;
  mlir::Type element;

  int64_t elementBytes() const { return element.getIntOrFloatBitWidth() / 8; }
  int64_t bytes() const { return rows * pitch; }
};

/// What is told of a kernel once it is emitted.
struct KernelFacts {
  int64_t threads = 0;
  int64_t sharedBytes = 0;
  int64_t stages = 0; ///< The most that a ring has; 0 without a ring.
};

class KernelEmitter {
public:
  /// With a pipeline, the streams of the kernel are emitted for sm_90a.
  explicit KernelEmitter(tile::KernelOp kernel,
                         std::optional<Pipeline> pipeline = std::nullopt);

  /// Emits the function at the end of `module`; its one argument is the address
  /// of the launch words. The kernel must have passed `checkKernel`.
  mlir::func::FuncOp emit(mlir::ModuleOp module);

  /// Known after `emit`.
  const KernelFacts &getFacts() const { return facts; }

private:
  using Emit = llvm::function_ref<void()>;

  // EmitKernel.cpp: arguments, scalars, views, dispatch.
  void mapArguments(mlir::Value words);
  void findThread();
  void findPlace();
  void emitBlock(mlir::Block &block);
  void emitOp(mlir::Operation *op);
  void emitScalar(mlir::Operation *op);
  void emitView(tile::ViewOp op);
  void emitElement(mlir::Operation *op);

  // EmitControl.cpp: loops and branches, and what they carry.
  void emitFor(mlir::Operation *op);
  void emitIf(mlir::Operation *op);
  /// Appends scalars and the registers of tiles, laid out as those of `like`.
  void flatten(mlir::ValueRange values, mlir::ValueRange like,
               llvm::SmallVectorImpl<mlir::Value> &to);
  void flatTypes(mlir::ValueRange values,
                 llvm::SmallVectorImpl<mlir::Type> &to);
  void bind(mlir::ValueRange values, mlir::ValueRange flat);
  void scoped(Emit emit);

  // EmitStream.cpp: the loop and the ring of what it loads ahead.
  struct Ring;
  void emitStream(tile::StreamOp op);
  Registers emitLoop(tile::StreamOp op);
  Ring planRing(tile::StreamOp op);
  void startRing(tile::StreamOp op, const Ring &ring,
                 llvm::SmallVectorImpl<mlir::Value> &steps);
  void awaitLoads(tile::StreamOp op, const Ring &ring);
  void fillSlot(tile::StreamOp op, const Ring &ring, mlir::Value step,
                mlir::Value slot);
  void bindSlot(const Ring &ring, mlir::Value slot);
  void emitTurn(tile::StreamOp op, const Ring &ring, mlir::ValueRange state,
                llvm::SmallVectorImpl<mlir::Value> &next);
  void emitStep(tile::StreamOp op, mlir::Value step, mlir::ValueRange carried,
                llvm::SmallVectorImpl<mlir::Value> &next);
  mlir::Value nextVisited(tile::StreamOp op, mlir::Value from);

  // EmitParts.cpp: streams that warps share out.
  void emitParts(tile::StreamOp op);
  Registers emitPart(tile::StreamOp op);
  void combineParts(tile::StreamOp op, mlir::ValueRange mine);
  Registers combineTwo(tile::StreamOp op, mlir::ValueRange first,
                       mlir::ValueRange second);
  mlir::Value firstStep(tile::StreamOp op);
  mlir::Value stepAfter(tile::StreamOp op, mlir::Value step);
  /// Threads that share out what is done once: of the program, or of a part.
  int64_t threadCount() const;
  void emitNeeded(mlir::Block &region, llvm::ArrayRef<tile::LoadOp> loads);

  // EmitFinish.cpp: what the last of several programs does.
  void emitFinish(tile::FinishOp op);
  mlir::Value isLastArrival(mlir::Value number, mlir::Value count);
  void emitAnew(mlir::Value tile);
  std::string arrivalsName() {
    return (kernel.getSymName() + "_arrived").str();
  }

  // EmitPipeline.cpp: roles, and the side that copies.
  struct Slot {
    mlir::Value number, parity; ///< i32
  };
  struct SlotRing {
    mlir::Value tiles, full, empty;
  };
  struct PipelineMemory {
    mlir::Value words; ///< The address of the launch words, maps behind.
    mlir::Value query, keys, values, notes, programNote, firsts;
    mlir::Value queryFull, queryEmpty, keysFull, keysEmpty, valuesFull,
        valuesEmpty;

    SlotRing keyRing() const { return {keys, keysFull, keysEmpty}; }
    SlotRing valueRing() const { return {values, valuesFull, valuesEmpty}; }
  };
  void preparePipeline(mlir::Value words);
  mlir::Value allocateBarriers(int64_t count);
  Slot slotOf(mlir::Value count);
  mlir::Value inSlot(mlir::Value first, const Slot &slot, int64_t bytes);
  void emitRoles(Emit produce, Emit consume);
  void splitProgram(mlir::Operation *first);
  mlir::Value emitRole(mlir::Operation *op, mlir::Value count);
  void emitPersistent();
  mlir::Value emitProgram(mlir::Value count);
  mlir::Value drawProgram(mlir::Value total);
  void tellProgram(mlir::Value number, mlir::Value turn);
  void producePrograms();
  void consumePrograms();
  std::string counterName() { return (kernel.getSymName() + "_drawn").str(); }
  void emitAlone(Emit emit);
  mlir::Value produceStreams(mlir::Operation *op, mlir::Value count);
  mlir::Value produce(size_t stage, mlir::Value first, mlir::Value count);
  void fillMapped(tile::StreamOp op, MappedLoad &load, int64_t number,
                  const SlotRing &ring, mlir::Value step, mlir::Value count,
                  llvm::function_ref<void(const Slot &)> note);
  llvm::SmallVector<mlir::Value> emitTold(PipelineStage &stage,
                                          mlir::Value step);
  mlir::Value noteWord(const Slot &slot, int64_t number);
  void copyMapped(MappedLoad &load, int64_t number, mlir::Value to,
                  mlir::Value full);

  // EmitConsumers.cpp: the side that computes.
  struct StepState;
  void startConsumers();
  mlir::Value consume(size_t stage, mlir::Value count);
  StepState stateOf(mlir::ValueRange flat, const StepState &like);
  mlir::Value beginSteps(PipelineStage &stage, mlir::Value first,
                         mlir::Value count, StepState &state);
  void endSteps(PipelineStage &stage, mlir::Value count, const StepState &state,
                llvm::SmallVectorImpl<mlir::Value> &results);
  mlir::Value consumeSteps(PipelineStage &stage, mlir::Value first,
                           mlir::Value count, bool isLast,
                           llvm::SmallVectorImpl<mlir::Value> &results);
  mlir::Value emitPipelinedTurn(PipelineStage &stage, mlir::Value step,
                                mlir::Value count, StepState &state);
  void emitEarly(PipelineStage &stage, mlir::Value step,
                 mlir::ValueRange scores, StepState &state);
  void emitLate(PipelineStage &stage, StepState &state);
  Registers startScores(PipelineStage &stage, const Slot &slot);
  Registers startOutput(PipelineStage &stage, const StepState &state,
                        const Slot &slot);
  void takeTurn();
  void passTurn();
  void leave(mlir::Value empty, const Slot &slot);
  void leaveQuery();
  mlir::Value readNote(PipelineStage &stage, const Slot &slot);

  // EmitElementwise.cpp
  void emitElementwise(mlir::Operation *op);
  mlir::Value emitElementwise(mlir::Operation *op, mlir::ValueRange operands);
  mlir::Value roundToNarrow(mlir::Value x);

  // EmitReduce.cpp
  void emitReduce(tile::ReduceOp op);
  Registers reduceColumns(tile::ReduceKind kind, mlir::RankedTensorType type,
                          mlir::ValueRange source);
  Registers reduceRows(tile::ReduceKind kind, mlir::RankedTensorType type,
                       mlir::ValueRange source);
  mlir::Value reduceLine(tile::ReduceOp op);
  mlir::Value acrossLanes(tile::ReduceKind kind, mlir::Value x, int64_t from,
                          int64_t to);
  void acrossWarps(tile::ReduceKind kind, int64_t owners, Registers &partial,
                   bool isColumns);

  // EmitValues.cpp: where registers come from.
  Registers registersOf(mlir::Value tile, Layout layout);
  Registers registersOf(mlir::Value tile) {
    return registersOf(tile, layouts.of(tile));
  }
  Registers make(mlir::Value tile, Layout layout);
  Registers convertLine(mlir::ValueRange line, mlir::RankedTensorType type,
                        Layout from);
  void define(mlir::Value tile, Layout layout, Registers registers);
  /// The row that a thread's slot holds of a tile of `rows`, as an i32 and as
  /// an `index`; the column likewise, the latter counted from `from` on.
  mlir::Value rowOf(int64_t rows, int64_t slot);
  mlir::Value rowIndex(int64_t rows, int64_t slot);
  mlir::Value columnOf(int64_t step, int64_t lane);
  mlir::Value columnIndex(mlir::Value from, int64_t step, int64_t lane);
  mlir::Value firstRow(int64_t rows);
  mlir::Value ownsRow(int64_t rows, int64_t slot);
  mlir::Value ownsColumn(int64_t columns, int64_t step, int64_t lane);
  mlir::Value isOwner(int64_t rows);
  Registers maskOutside(mlir::RankedTensorType type, mlir::ValueRange registers,
                        mlir::Value outside, bool rows, bool columns);
  mlir::Type heldType(mlir::Type element);

  // EmitShared.cpp: tiles in shared memory.
  mlir::Value allocateBytes(int64_t bytes);
  SharedTile allocateTile(mlir::RankedTensorType type, int64_t copies = 1);
  void clearBytes(const SharedTile &tile, int64_t first, int64_t last);
  void clearPadding(const SharedTile &tile, mlir::RankedTensorType type,
                    int64_t copies);
  mlir::Value addressOf(const SharedTile &tile, mlir::Value row,
                        mlir::Value column);
  /// Puts a computed tile there if a product in a region below its block will
  /// ask for it: once, not in each step.
  void placeOperand(mlir::Value tile);
  SharedTile sharedOf(mlir::Value tile);
  void storeShared(mlir::ValueRange values, mlir::RankedTensorType type,
                   const SharedTile &tile);
  Registers loadShared(mlir::RankedTensorType type, const SharedTile &tile);

  // EmitMemory.cpp: loads and stores.
  struct Access;
  struct View {
    mlir::Value base;
    mlir::Value start; ///< Of the view, in elements.
    llvm::SmallVector<mlir::Value> extents;
    llvm::SmallVector<mlir::Value> strides;
    mlir::Type element;
  };
  Access accessOf(mlir::Value view, mlir::ValueRange indices,
                  mlir::RankedTensorType type);
  mlir::Value addressOf(const Access &access, mlir::Value row,
                        mlir::Value column);
  mlir::Value rowAddress(const Access &access, mlir::Value row);
  void readRow(const Access &access, mlir::Value address, mlir::Value none,
               Registers &to);
  void writeWideRow(const Access &access, mlir::Value address,
                    mlir::Value guard, mlir::ValueRange row);
  void writeRow(const Access &access, mlir::Value address, mlir::Value guard,
                mlir::ValueRange registers);
  Registers readTile(const Access &access, Layout layout);
  void emitLoad(tile::LoadOp op, bool isNeeded = false);
  /// Whether a load waits until somebody needs it.
  bool isDeferred(tile::LoadOp op) { return pipeline && isLineOfStep(op); }
  void emitGather(tile::GatherOp op);
  void emitStore(tile::StoreOp op);
  void emitScatter(tile::ScatterOp op);
  void storeLine(const Access &access, mlir::ValueRange line, Layout layout);
  void guarded(mlir::Value guard, Emit emit);
  mlir::Value readElement(mlir::Type element, mlir::Value address);
  void writeElement(mlir::Type element, mlir::ValueRange values,
                    mlir::Value address);
  void settleStores(mlir::Value view);

  // EmitCopy.cpp: from global to shared memory.
  int64_t pieceOf(const Access &access);
  void copyTile(const Access &access, const SharedTile &to);
  void copyPiece(const Access &access, const SharedTile &to, int64_t piece,
                 mlir::Value row, mlir::Value column);

  // EmitMma.cpp: products.
  using Fragments = std::function<Registers(int64_t depth)>;
  using RightFragments =
      std::function<Registers(int64_t depth, int64_t columns)>;
  void emitMma(tile::MmaOp op);
  Registers packFragments(mlir::ValueRange a, int64_t rowSlots, int64_t steps,
                          int64_t depth);
  Fragments leftFragments(tile::MmaOp op);
  RightFragments rightFragments(tile::MmaOp op);
  Registers multiplyNarrow(tile::MmaOp op, Registers acc);
  Registers multiplyWide(tile::MmaOp op, Registers acc);
  void multiplyStep(tile::MmaOp op, int64_t depth, mlir::Value a, mlir::Value x,
                    Registers &sums);

  tile::KernelOp kernel;
  std::optional<Pipeline> pipeline;
  Distribution distribution;
  LineLayouts layouts;
  Device b;
  KernelFacts facts;

  mlir::IRMapping scalars;
  llvm::DenseMap<mlir::Value, View> views;
  llvm::DenseMap<std::pair<mlir::Value, Layout>, Registers> registers;
  llvm::DenseMap<mlir::Value, SharedTile> sharedTiles;
  llvm::DenseSet<mlir::Value> ringLoads;
  llvm::DenseSet<mlir::Value> rewritten; ///< Buffers both read and written.
  /// Streams whose bodies read what was loaded before and may not be there yet.
  llvm::DenseSet<mlir::Operation *> awaiting;
  /// Whether the device's own 2^x is good enough: its error of 2^-22 vanishes
  /// beside the rounding of operands or of all results to bf16, but not beside
  /// f32.
  bool isApproximate = false;

  /// `thread` counts up to `threadCount`; `part` is null where there is one.
  mlir::Value program, thread, warp, part, lane, laneRow, laneColumn;
  int64_t sharedTop = 0;

  enum class Role { Producer, Consumer } role = Role::Consumer;
  PipelineMemory memory;
  /// What consumers know of themselves, and where their operands begin.
  struct {
    mlir::Value group, isLeader, query, keys, values;
  } consumer;
  tile::StreamOp divided; ///< The stream of which a part is being emitted.
  mlir::Value partMemory; ///< Where the part's shared memory begins, or null.
};

/// Loads `count` neighbours, bf16 as f32.
Registers readShared(Device &b, const SharedTile &tile, mlir::Value address,
                     int64_t count);

/// Whether both operands of `op` are bf16 by one of their names.
bool isNarrowProduct(tile::MmaOp op);

/// Whether a product takes `tile` as an operand.
bool isProductOperand(mlir::Value tile);

} // namespace heed::nvgpu

#endif // HEED_PASSES_LOWER_NVGPU_KERNELEMITTER_H
