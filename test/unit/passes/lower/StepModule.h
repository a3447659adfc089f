//===- StepModule.h - Small models around one op ----------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Writes a model around a few ops under test, runs it on the reference device
/// (doubles, one op at a time), compiled on the CPU and compiled for a GPU that
/// is emulated, and compares logits.
///
///     StepModule step("f32", 24);
///     step.addWeight("w", {40, 24});
///     step.expectSame("%out = attn.linear %h, %w : $H, tensor<40x24x$T>"
///                     " -> tensor<?x?x40x$T>", 40, {prefill(2, 5)});
///
/// The body finds `%h`, the embedded tokens, of type `$H` with elements `$T`,
/// the inputs `%ids` and `%pos`, caches `%c0`, ..., and every weight under its
/// name. It defines `%out`, B x N x width, and for each cache `%e0`, ...
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_PASSES_LOWER_STEPMODULE_H
#define HEED_TEST_UNIT_PASSES_LOWER_STEPMODULE_H

#include "test/unit/models/Session.h"

#include "llvm/ADT/ArrayRef.h"

#include <optional>
#include <random>
#include <string>
#include <vector>

namespace heed {

/// One call of a model.
struct StepPlan {
  bool isDecode = false;
  int64_t batch = 1;
  int64_t tokens = 1;
  std::vector<int32_t> positions = {}; ///< Empty: going on.
  std::vector<int32_t> slots = {};     ///< Empty: 0, 1, ...
};

inline StepPlan prefill(int64_t batch, int64_t tokens,
                        std::vector<int32_t> positions = {}) {
  return {false, batch, tokens, std::move(positions), {}};
}
inline StepPlan decode(int64_t batch) { return {true, batch, 1, {}, {}}; }

class EmulatedModel;

class StepModule {
public:
  static constexpr int64_t vocabulary = 13;

  /// `type` is "f32" or "bf16".
  StepModule(std::string type, int64_t channels);

  /// Adds a weight of uniform random numbers in [-scale, scale].
  void addWeight(llvm::StringRef name, llvm::ArrayRef<int64_t> shape,
                 float scale = 0.5f);
  /// Adds a weight of the given f32 numbers, always f32.
  void addNumbers(llvm::StringRef name, llvm::ArrayRef<float> numbers);
  /// Adds a cache with the fields of this text.
  void addCache(std::string fields);

  /// Divides the streams of the kernels in so many parts (heed-split-streams).
  void splitStreams(int64_t parts) { parts_ = parts; }

  /// Returns the module around `body`, whose `%out` has `width` columns.
  std::string write(llvm::StringRef body, int64_t width) const;

  /// Runs the plans on all devices, and on the CPU with two threads, whose
  /// logits must be the same bits.
  void expectSame(llvm::StringRef body, int64_t width,
                  llvm::ArrayRef<StepPlan> plans, int64_t capacity = 64);

  /// Runs the plans on a GPU with a library for products and without, compares
  /// both with the reference, and returns how many products the library has
  /// computed.
  int64_t expectSameWithLibrary(llvm::StringRef body, int64_t width,
                                llvm::ArrayRef<StepPlan> plans);

private:
  std::string fill(std::string text) const;
  llvm::Expected<std::vector<char>> compile(mlir::ModuleOp module) const;
  static std::vector<float> runReference(mlir::ModuleOp module,
                                         llvm::ArrayRef<StepPlan> plans,
                                         int64_t capacity);
  static std::vector<float> runEmulated(mlir::ModuleOp module,
                                        llvm::StringRef target,
                                        llvm::ArrayRef<StepPlan> plans,
                                        int64_t capacity, EmulatedModel &model);
  void expectNear(llvm::ArrayRef<float> found,
                  llvm::ArrayRef<float> wanted) const;
  static std::vector<float> runCompiled(llvm::ArrayRef<char> package,
                                        llvm::ArrayRef<StepPlan> plans,
                                        int64_t capacity, int32_t threads);

  std::string type_;
  int64_t channels_;
  std::string weights_, uses_;
  std::vector<std::string> caches_;
  std::optional<int64_t> parts_;
  std::mt19937 random_{7};
};

/// Returns the elements of a dense attribute, as hexadecimal text.
std::string makeElements(llvm::ArrayRef<float> numbers, llvm::StringRef type);

} // namespace heed

#endif // HEED_TEST_UNIT_PASSES_LOWER_STEPMODULE_H
