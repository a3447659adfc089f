//===- Device.h - Instructions of the device --------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A builder that knows memory spaces and the instructions that `arith` has no
/// word for: barriers, shuffles, asynchronous copies, matrix products.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_NVGPU_DEVICE_H
#define HEED_PASSES_LOWER_NVGPU_DEVICE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace heed::nvgpu {

/// Threads that wait for one another: of a program, of a warp, of some warps.
enum class Scope { Program, Warp, Group };

/// Memory spaces by the numbers of the back end.
enum class Space : unsigned { Generic = 0, Global = 1, Shared = 3 };

class Device : public mlir::ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  // Numbers.
  mlir::Value number(int64_t value); ///< An `index`.
  mlir::Value word(int32_t value);   ///< An i32.
  mlir::Value add(mlir::Value x, mlir::Value y);
  mlir::Value subtract(mlir::Value x, mlir::Value y);
  mlir::Value multiply(mlir::Value x, mlir::Value y);
  mlir::Value least(mlir::Value x, mlir::Value y);
  /// `x` of i32, not negative, as an `index`.
  mlir::Value toIndex(mlir::Value x);
  mlir::Value below(mlir::Value x, mlir::Value y);
  mlir::Value both(mlir::Value x, mlir::Value y); ///< Either may be null.
  mlir::Value select(mlir::Value condition, mlir::Value x, mlir::Value y);

  // Memory.
  mlir::Type pointerType(Space space);
  mlir::Value toPointer(mlir::Value address); ///< Of an i64, to global memory.
  /// The address `bytes` (i32 or `index`) behind `pointer`.
  mlir::Value offset(mlir::Value pointer, mlir::Value bytes);
  mlir::Value offset(mlir::Value pointer, int64_t bytes);
  /// Loads and stores `width` neighbours; their address is a multiple of their
  /// bytes.
  llvm::SmallVector<mlir::Value> load(mlir::Type element, int64_t width,
                                      mlir::Value pointer);
  void store(mlir::ValueRange elements, mlir::Value pointer);
  /// The first byte of the shared memory that the launch gives.
  mlir::Value sharedMemory();
  /// Declares it, once a module.
  static void declareSharedMemory(mlir::ModuleOp module);

  // Threads.
  mlir::Value threadNumber();  ///< i32
  mlir::Value programNumber(); ///< `index`
  void barrier();
  /// Whose barriers `barrier` means from here on.
  void setScope(Scope scope) { barrierScope = scope; }
  /// The scope of as many threads, which have a barrier of this number.
  void setGroupScope(int32_t barrier, int32_t threads);
  /// What the lane whose number differs in the bits of `mask` holds; f32, i32.
  mlir::Value exchange(mlir::Value x, int32_t mask);
  /// What the first lane of the warp holds; i32. The assembler then knows that
  /// all lanes hold the same.
  mlir::Value ofFirstLane(mlir::Value x);

  // Between programs.
  /// Counters of the module, zero when it is loaded.
  static void declareCounters(mlir::ModuleOp module, llvm::StringRef name,
                              int64_t count);
  /// Adds 1 to counter `number` (i32); gives what it was, i32. With
  /// `isOrdered`, what this thread has written before, and what it knows of by
  /// barriers, is seen by those who add later, behind it.
  mlir::Value addToCounter(llvm::StringRef name, mlir::Value number,
                           bool isOrdered = false);
  void resetCounter(llvm::StringRef name, mlir::Value number);

  // Asynchronous copies from global to shared memory of 4, 8 or 16 bytes, of
  // which `valid` (i32) are copied and the rest are zeros; null: all.
  void copyAsync(mlir::Value to, mlir::Value from, int64_t bytes,
                 mlir::Value valid);
  void commitCopies();
  void waitForCopies(int32_t pendingGroups);

  // Matrix units, bf16 to f32, m16n8k16.
  /// Four 8 x 8 matrices, whose rows the lanes give the addresses of.
  llvm::SmallVector<mlir::Value> loadMatrices(mlir::Value row, bool transposed);
  llvm::SmallVector<mlir::Value> multiplyMatrices(mlir::ValueRange a,
                                                  mlir::ValueRange b,
                                                  mlir::ValueRange acc);
  /// Two f32 as bf16 in an i32; `low` in the low half.
  mlir::Value pack(mlir::Value low, mlir::Value high);

  /// 2^x by the device's own unit: two units in the last place, denormals are
  /// zeros.
  mlir::Value powerOfTwo(mlir::Value x);

  // What only sm_90a has (DeviceHopper.cpp).
  /// True in one lane of a warp.
  mlir::Value isElected();
  mlir::Value blockCount(); ///< Of the launch, `index`.
  /// Changes how many registers each thread of a warp group has.
  void setRegisters(int32_t count, bool isMore);
  /// A barrier of some warps, by its number (i32); and one that does not wait.
  void barrier(mlir::Value number, int32_t threads);
  void arriveAtBarrier(mlir::Value number, int32_t threads);
  /// Barriers in shared memory, of 8 bytes; a phase ends when all have arrived
  /// and all bytes that they expect have come.
  void makeBarrier(mlir::Value barrier, int32_t arrivals);
  void showBarriers(); ///< Makes new ones known to asynchronous copies.
  void expectBytes(mlir::Value barrier, int64_t bytes);
  void arriveIf(mlir::Value barrier, mlir::Value condition);
  void waitForPhase(mlir::Value barrier, mlir::Value parity);
  /// Copies the box at three coordinates (i32, innermost first) of a map.
  void copyBox(mlir::Value to, mlir::Value map, mlir::Value barrier,
               mlir::ValueRange at);
  /// Describes a matrix of bf16 in shared memory, swizzled in rows of 128
  /// bytes, with the distances in bytes that the unit asks for.
  mlir::Value describeMatrix(mlir::Value base, int64_t leading, int64_t stride);
  /// Start products of 64 rows, 16 deep a step. The first: both operands in
  /// memory, by columns, with a step's bytes from their beginnings. The second
  /// adds to `acc`: the left operand in registers, the right one by rows. Their
  /// results, and the registers that they read, may be touched after
  /// `waitForProducts` only, which leaves the last `pending` under way.
  llvm::SmallVector<mlir::Value>
  startProduct(int64_t columns, mlir::Value a, mlir::Value b,
               llvm::ArrayRef<std::pair<int64_t, int64_t>> steps);
  llvm::SmallVector<mlir::Value> startProduct(mlir::ValueRange acc,
                                              mlir::ValueRange a, mlir::Value b,
                                              int64_t bytesPerStep);
  llvm::SmallVector<mlir::Value> waitForProducts(int32_t pending,
                                                 mlir::ValueRange sums);

private:
  llvm::SmallVector<mlir::Value>
  assembly(llvm::StringRef text, llvm::StringRef constraints,
           mlir::ValueRange operands, size_t count, mlir::Type element = {});
  mlir::Value call(llvm::StringRef name, mlir::Type result,
                   mlir::ValueRange arguments);

  Scope barrierScope = Scope::Program;
  int32_t groupBarrier = 0, groupThreads = 0;
};

} // namespace heed::nvgpu

#endif // HEED_PASSES_LOWER_NVGPU_DEVICE_H
