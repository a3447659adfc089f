//===- Launch.h - How a group is launched -----------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The attribute `launches` of a lowered group: what `to_tile` says and `host`
/// reads. Each launch names a kernel and, in the order of the kernel's
/// arguments, what each word is:
///
///     launches = [{kernel = @decode_norm_0,
///                  words = ["argument 0", "result 0", "batch", "tokens 0"]}]
///
/// Numbers count the group's arguments and results. The first of a word's two
/// numbers is the argument; a field of its cache is the second. Where a library
/// may compute what the kernel does, `product` says which argument is what:
///
///     product = {input = 0, weight = 1, residual = 2}
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_LAUNCH_H
#define HEED_PASSES_LOWER_LAUNCH_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <optional>

namespace heed {

/// What one word of a launch is.
struct LaunchWord {
  enum Kind {
    Argument,  ///< Address of the value or weight `number`.
    Result,    ///< Address of the group's result `number`.
    Batch,     ///< B.
    Tokens,    ///< The other dynamic size of argument `number`: N or R.
    Slots,     ///< Address of the slots of the step.
    Field,     ///< Address of field `field` of the cache `number`.
    Positions, ///< Address of the positions of the cache `number`.
    Counts,    ///< Address of the counts of the cache `number`.
    Capacity,  ///< Entries per slot of the cache `number`.
    Parts,     ///< In how many parts the device divides the programs: the last
               ///< dimension of the grid is this word.
    Workspace, ///< Address of the group's workspace, which has `number` f32 for
               ///< each part of each program.
  };
  Kind kind;
  unsigned number = 0;
  unsigned field = 0;

  bool operator==(const LaunchWord &other) const {
    return kind == other.kind && number == other.number && field == other.field;
  }
};

/// The group's arguments as operands of a product, of which result 0 is the
/// result (heed-c/Package.h, **Products**).
struct LaunchProduct {
  unsigned input = 0, weight = 0;
  std::optional<unsigned> bias, residual;
};

struct Launch {
  std::string kernel;
  llvm::SmallVector<LaunchWord> words;
  std::optional<LaunchProduct> product = std::nullopt;
};

/// Writes `launches` to the group `function`.
void setLaunches(mlir::func::FuncOp function, llvm::ArrayRef<Launch> launches);

/// Reads them back; fails with an error on `function` where they are missing
/// or unreadable.
llvm::FailureOr<llvm::SmallVector<Launch>>
getLaunches(mlir::func::FuncOp function);

} // namespace heed

#endif // HEED_PASSES_LOWER_LAUNCH_H
