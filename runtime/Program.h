//===- Program.h - An entry of a package, ready to run ----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Interprets the commands of one entry. A program is immutable; what depends
/// on the sizes of a step is its `StepPlan`, what depends on the caller is the
/// `StepBinding`.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_PROGRAM_H
#define HEED_RUNTIME_PROGRAM_H

#include "runtime/Arena.h"
#include "runtime/Arithmetic.h"
#include "runtime/Device.h"
#include "runtime/Package.h"
#include "runtime/Weights.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace heed {

/// Addresses of one cache of a cache object.
struct CacheArrays {
  int64_t positions = 0; ///< int32 slots x capacity.
  int64_t counts = 0;    ///< int32 slots.
  int64_t capacity = 0;  ///< Entries per slot.
  int64_t sinks = 0;

  bool operator==(const CacheArrays &other) const {
    return positions == other.positions && counts == other.counts &&
           capacity == other.capacity && sinks == other.sinks;
  }
};

/// What a cache object gives to kernels, in the order of the package's tables.
struct CacheBinding {
  std::vector<CacheArrays> caches;
  std::vector<int64_t> fields;

  bool operator==(const CacheBinding &other) const {
    return caches == other.caches && fields == other.fields;
  }
};

/// What follows from an entry and the sizes of a step: offsets in one piece of
/// memory, and how many programs each launch has. The inputs lie one behind the
/// other in the order of their members, and the logits behind them.
struct StepPlan {
  StepSizes sizes;
  ArenaLayout buffers;
  int64_t ids = 0, positions = 0, rows = 0, slots = 0, logits = 0;
  int64_t bytes = 0;
  std::vector<int64_t> grids; ///< By command; of a product, its rows.
  std::vector<int64_t> parts; ///< By command: of each program of a launch.
};

/// Whom to tell about the time of each command.
struct Trace {
  heed_trace callback = nullptr;
  void *user = nullptr;
};

/// Memory and cache of one step.
struct StepBinding {
  int64_t memory = 0; ///< Address of what the plan divides.
  const CacheBinding *cache = nullptr;
  Trace trace;
};

class Program {
public:
  /// Reads entry `entry` of `package`; both arguments must outlive this.
  Program(const Package &package, uint32_t entry, const Weights &weights);

  /// Plans a step on a device that `wanted` programs fill. Fails with
  /// HEED_OUT_OF_MEMORY, or if a workspace is too small.
  Status plan(const StepSizes &sizes, StepPlan &plan, int64_t wanted = 1) const;

  /// Starts all commands; with a trace, waits for each. The inputs lie in the
  /// memory already.
  Status run(const StepPlan &plan, const StepBinding &binding,
             Device &device) const;

  /// Whether the entry appends to cache `cache`.
  bool appends(uint32_t cache) const { return appends_[cache]; }

private:
  void makeLabels();
  Status divide(uint64_t command, int64_t wanted, StepPlan &plan) const;
  Status checkWorkspace(uint64_t command, uint32_t buffer, int64_t programs,
                        const StepSizes &sizes) const;
  /// `operand` as a word of the kernel of `command`.
  int64_t param(uint32_t operand, uint64_t command, const StepPlan &plan,
                const StepBinding &binding) const;
  void launch(uint64_t command, const StepPlan &plan,
              const StepBinding &binding, std::vector<int64_t> &params,
              Device &device) const;
  bool runProduct(uint64_t command, const StepPlan &plan,
                  const StepBinding &binding, Device &device) const;
  void append(uint64_t command, const StepPlan &plan,
              const StepBinding &binding, Device &device) const;

  const Package &package_;
  const Weights &weights_;
  Table<heed_package_command> commands_;
  Table<heed_package_buffer> buffers_;
  std::vector<bool> appends_;
  std::vector<std::string> labels_; ///< By command.
};

} // namespace heed

#endif // HEED_RUNTIME_PROGRAM_H
