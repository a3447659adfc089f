//===- KernelEmitter.h - One kernel as loops over vectors -------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Emits a `func.func` of scf, memref, arith, math and 1-D vector ops for a
/// `tile.kernel`. Tiles live in scratch memory, f32 and bf16 as f32, i32 and i1
/// as i32, one buffer a value; elementwise ops and reductions over one shape
/// share a loop and keep what lies between them in registers.
///
/// Not for use outside passes/lower/cpu.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_CPU_KERNELEMITTER_H
#define HEED_PASSES_LOWER_CPU_KERNELEMITTER_H

#include "dialects/tile/Tile.h"
#include "passes/lower/cpu/Layouts.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace heed::cpu {

/// What block sizes are chosen by: lanes of f32 in a register, and registers
/// that a product's accumulators may fill.
struct VectorUnit {
  int64_t lanes = 8;
  int64_t accumulators = 10;
  /// Registers in the vector operand of a product's block.
  int64_t blockVectors = 2;
};

/// A tile in scratch memory: `memref<vectors x lanes x (f32 or i32)>`.
struct Buffer {
  mlir::Value memory;
  int64_t vectors = 0;
  int64_t lanes = 0;
  Layout layout = Layout::Rows;
};

/// Elementwise ops and reductions that share one loop over vectors.
struct Group {
  llvm::SmallVector<mlir::Operation *> ops;
  int64_t vectors = 0;
  int64_t lanes = 0;
  Layout layout = Layout::Rows;

  bool contains(mlir::Operation *op) const {
    return llvm::is_contained(ops, op);
  }
};

class KernelEmitter {
public:
  KernelEmitter(tile::KernelOp kernel, const VectorUnit &unit);

  /// Emits the function at the end of `module`. The kernel must have passed
  /// `checkKernel`. The arguments are those of the kernel as bare memrefs and
  /// indices, the scratch memory, and the program's number.
  mlir::func::FuncOp emit(mlir::ModuleOp module);

  /// Bytes of scratch memory; known after `emit`.
  int64_t getScratchBytes() const { return scratchBytes; }

private:
  using Body = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      mlir::Value, mlir::ValueRange)>;

  // EmitKernel.cpp: arguments, scalars, views, dispatch.
  void mapArguments(mlir::func::FuncOp function);
  void emitBlock(mlir::Block &block);
  void emitOp(mlir::Operation *op);
  void emitScalar(mlir::Operation *op);
  void emitView(tile::ViewOp op);
  void emitElement(mlir::Operation *op);

  // EmitControl.cpp
  void emitStream(tile::StreamOp op);
  void emitStep(tile::StreamOp op, llvm::SmallVectorImpl<mlir::Value> &scalars);
  void emitFor(mlir::Operation *op);
  void emitIf(mlir::Operation *op);
  void bindCarried(mlir::ValueRange inits, mlir::ValueRange arguments,
                   llvm::SmallVectorImpl<mlir::Value> &scalars);
  void storeYields(mlir::ValueRange yields, mlir::ValueRange targets,
                   llvm::SmallVectorImpl<mlir::Value> &scalars);
  void bindResults(mlir::ValueRange results, mlir::ValueRange carried,
                   mlir::ValueRange scalars);
  void endBranch(mlir::ValueRange values);

  // EmitGroup.cpp: elementwise ops and reductions.
  void addToGroup(mlir::Operation *op);
  void flush();
  void emitGroup(Group &group);
  void emitVertical(Group &group, int64_t width);
  void emitHorizontal(Group &group, int64_t width);
  llvm::SmallVector<mlir::Value> emitVector(Group &group, mlir::Value vector,
                                            mlir::Value lane, int64_t width,
                                            mlir::ValueRange sums);
  mlir::Value emitElementwise(mlir::Operation *op, mlir::ValueRange operands,
                              int64_t width);
  void emitScalarReduce(tile::ReduceOp op);
  void copyInto(mlir::Value tile, const Buffer &target);
  void copyBuffer(const Buffer &from, const Buffer &to);

  // EmitValues.cpp: where a tile's vectors and elements come from.
  mlir::Value vectorOf(mlir::Value tile, Layout layout, mlir::Value vector,
                       mlir::Value lane, int64_t width);
  mlir::Value makeVector(mlir::Value tile, Layout layout, mlir::Value vector,
                         mlir::Value lane, int64_t width);
  mlir::Value elementOf(mlir::Value tile1D, mlir::Value index);
  void storeVector(mlir::Value x, const Buffer &target, mlir::Value vector,
                   mlir::Value lane);
  Buffer allocate(mlir::RankedTensorType type, Layout layout);
  Buffer bufferOf(mlir::Value tile, Layout layout);
  const Buffer *findBuffer(mlir::Value tile);

  // EmitMemory.cpp: loads and stores.
  struct Access {
    mlir::Value view;
    llvm::SmallVector<mlir::Value> starts;
    llvm::SmallVector<mlir::Value> extents;
    llvm::SmallVector<bool> inside;
    bool contiguous = false;
    bool narrow = false;
  };
  Access accessOf(mlir::Value view, mlir::ValueRange indices,
                  mlir::RankedTensorType type);
  bool isDirect(tile::LoadOp op);
  void emitLoad(tile::LoadOp op);
  void emitGather(tile::GatherOp op);
  void emitStore(tile::StoreOp op);
  void emitScatter(tile::ScatterOp op);
  void loadRow(const Access &access, mlir::Value row, mlir::Value index,
               const Buffer &buffer);
  void storeRow(const Access &access, mlir::Value row, mlir::Value index,
                const Buffer &buffer);
  void clearRow(mlir::Value index, mlir::TypedAttr zero, const Buffer &buffer);
  mlir::Value widen(mlir::Value bits);
  mlir::Value narrow(mlir::Value number);
  mlir::Value coordinate(const Access &access, unsigned dimension,
                         mlir::Value offset);
  mlir::Value readVector(const Access &access, mlir::ValueRange at,
                         int64_t width);
  void writeVector(const Access &access, mlir::ValueRange at,
                   mlir::Value vector);
  mlir::Value readElement(const Access &access, mlir::ValueRange at);
  void writeElement(const Access &access, mlir::ValueRange at,
                    mlir::Value element);

  // EmitMma.cpp: products.
  struct Operand {
    bool isDirect = false; // in memory, through `access`; else in `buffer`
    Access access;
    Buffer buffer;
  };
  Operand operandOf(mlir::Value tile, Layout layout, bool anyLayout);
  mlir::Value rowAt(const Operand &operand, mlir::Value row);
  mlir::Value columnAt(const Operand &operand, mlir::Value column);
  mlir::Value scalarAt(const Operand &operand, mlir::Value row,
                       mlir::Value column);
  mlir::Value vectorAt(const Operand &operand, mlir::Value vector,
                       mlir::Value lane, int64_t width);
  mlir::Value multiplyAdd(mlir::Value scalar, mlir::Value x, mlir::Value acc);
  llvm::SmallVector<mlir::Value> loadBlock(const Buffer &acc,
                                           mlir::Value vector, mlir::Value lane,
                                           int64_t rows, int64_t width,
                                           bool fromZero);
  void storeBlock(const Buffer &acc, mlir::Value vector, mlir::Value lane,
                  mlir::ValueRange block);
  void emitMma(tile::MmaOp op);
  void emitLanesM(tile::MmaOp op, const Buffer &acc, bool fromZero);
  void emitLanesN(tile::MmaOp op, const Buffer &acc, bool fromZero);
  void emitDot(tile::MmaOp op, const Buffer &acc, bool fromZero);
  Buffer accumulator(tile::MmaOp op, bool &fromZero);

  // Building blocks.
  mlir::Value index(int64_t value);
  mlir::Value add(mlir::Value x, mlir::Value y);
  mlir::VectorType vectorType(mlir::Type element, int64_t width);
  llvm::SmallVector<mlir::Value> loop(mlir::Value count, int64_t step,
                                      mlir::ValueRange inits, Body body);
  llvm::SmallVector<mlir::Value> loop(int64_t count, int64_t step,
                                      mlir::ValueRange inits, Body body);

  tile::KernelOp kernel;
  VectorUnit unit;
  Layouts layouts;
  mlir::ImplicitLocOpBuilder b;
  mlir::IRMapping scalars;
  llvm::DenseMap<mlir::Value, Buffer> buffers;
  llvm::DenseMap<mlir::Value, tile::LoadOp> direct;
  llvm::DenseMap<mlir::Value, mlir::Value> registers;
  Group group;
  mlir::Value scratch;
  mlir::Value program;
  int64_t scratchBytes = 0;
};

/// The largest divisor of `count` that is at most `limit`.
int64_t largestDivisor(int64_t count, int64_t limit);

/// The type that holds `type` in emitted code: bf16 in f32, bits of bf16 in
/// memory as i16, i1 tiles as i32.
mlir::Type heldType(mlir::Type type);
mlir::Type memoryType(mlir::Type type);

} // namespace heed::cpu

#endif // HEED_PASSES_LOWER_CPU_KERNELEMITTER_H
