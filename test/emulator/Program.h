//===- Program.h - A parsed PTX module ------------------------ -*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Instructions are decoded once: every operand names rows of a warp's register
/// file. A row holds 64 bits for each of the 32 lanes. First come the
/// registers, then the kernel's constants (immediates, addresses of symbols),
/// then the special registers, so that executing an instruction never asks what
/// kind of operand it has.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_EMULATOR_PROGRAM_H
#define HEED_TEST_EMULATOR_PROGRAM_H

#include "test/emulator/Emulator.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace heed::ptx {

struct Warp;
struct Instruction;

/// What became of an instruction: the warp goes on behind it, is where the
/// instruction sent it, tries it again later, or the launch has failed.
enum class Outcome : uint8_t { Next, Jumped, Blocked, Failed };

/// Executes an instruction for the lanes whose bits are set, at least one.
using Execute = Outcome (*)(Warp &, const Instruction &, uint32_t lanes);

/// An operand. An address is [rows[0] + offset], a tensor's address has the
/// coordinates behind; everything else is a row or a list of rows. Row -1 is
/// `_`, where nothing goes.
struct Operand {
  bool isAddress = false;
  bool isList = false; ///< Written in braces.
  int64_t offset = 0;
  std::vector<int> rows;
};

/// What an entry of the table says of its instruction beside how it runs; each
/// group says what its numbers mean.
using Variant = std::array<int32_t, 4>;

struct Instruction {
  Execute execute = nullptr;
  Variant variant = {};
  std::vector<Operand> operands;
  int guard = -1; ///< Row of the predicate, or -1.
  bool guardNegated = false;
  int target = -1;         ///< Of a branch: index of an instruction.
  int reconverge = -1;     ///< Of a branch: where its paths meet again.
  std::vector<int> reads;  ///< Registers that must be defined.
  std::vector<int> writes; ///< Registers that are defined behind it.
  int line = 0;
  std::string text;

  int row(int operand) const { return operands[operand].rows[0]; }
};

/// The special registers, in the order of their rows.
enum class Special {
  TidX,
  TidY,
  TidZ,
  NtidX,
  NtidY,
  NtidZ,
  CtaidX,
  CtaidY,
  CtaidZ,
  NctaidX,
  NctaidY,
  NctaidZ,
  LaneId,
  WarpId,
  NwarpId,
  LanemaskEq,
  LanemaskLt,
  LanemaskLe,
  LanemaskGt,
  LanemaskGe,
  ClusterCtaRank,
  ClusterNctaRank,
  DynamicSmemSize,
  TotalSmemSize
};
inline constexpr int specialCount = int(Special::TotalSmemSize) + 1;

/// Where a parameter lies among those of its kernel.
struct Parameter {
  std::string name;
  uint64_t begin = 0;
  uint64_t bytes = 0;
  uint64_t align = 1;
};

struct Kernel {
  std::string name;
  std::vector<Parameter> parameters;
  std::vector<Instruction> code;
  int registers = 0;               ///< Rows of registers.
  std::vector<uint64_t> constants; ///< Rows behind them.
  uint32_t requiredThreads = 0;    ///< .reqntid, or 0.
  uint32_t maxThreads = 1024;      ///< .maxntid.
  uint64_t paramBytes = 0;
  uint64_t sharedBytes = 0; ///< Static.
  uint64_t localBytes = 0;  ///< Of one thread.
  /// Bytes of the narrowest access to shared memory, 4 at most.
  uint32_t granule = 4;

  int firstSpecial() const { return registers + int(constants.size()); }
  int rows() const { return firstSpecial() + specialCount; }
};

/// A .global or .const variable.
struct Variable {
  std::string name;
  uint64_t address = 0;
  std::unique_ptr<uint64_t[]> storage; ///< 256-byte aligned inside.
  uint64_t bytes = 0;
  bool writable = true;
};

struct Program {
  std::vector<Kernel> kernels;
  std::vector<Variable> variables;
};

/// Where shared memory starts in its own space, so that 0 is no address.
inline constexpr uint64_t sharedBase = 1024;
/// Where the windows lie in the generic space: no address of this process has
/// such high bits.
inline constexpr uint64_t sharedWindow = uint64_t(1) << 60;
inline constexpr uint64_t localWindow = uint64_t(2) << 60;
inline constexpr uint64_t paramWindow = uint64_t(3) << 60;
inline constexpr uint64_t windowMask = uint64_t(0xf) << 60;

/// The most shared memory that a block may have.
inline constexpr uint64_t maxSharedBytes = 227 * 1024;

} // namespace heed::ptx

#endif // HEED_TEST_EMULATOR_PROGRAM_H
