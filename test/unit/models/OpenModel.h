//===- OpenModel.h - Rewritten models on a device ---------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Opens tiny models, dense or rewritten, and measures how near their logits
/// are to others.
///
///     OpenModel &model = shareModel(Device::Cpu, Fixture::None,
///                                   "attn-sliding-window{window=16}");
///     runSequence(*model.session, listIds(), schedule);
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_MODELS_OPENMODEL_H
#define HEED_TEST_UNIT_MODELS_OPENMODEL_H

#include "test/unit/models/Fixtures.h"
#include "test/unit/models/Golden.h"
#include "test/unit/models/Schedules.h"

namespace heed {

/// The tokens that the tests run: several times as many as a window sees.
inline constexpr int64_t kTokens = kTrivialTokens;
llvm::ArrayRef<int32_t> listIds();

/// Spells a rewrite with its options as the pass manager reads it.
std::string spellPipeline(const RewriteInfo &info, llvm::StringRef options);

/// Spells a rewrite with a real setting for tiny models: that of its fixture,
/// or its defaults if it has none.
std::string spellRealSetting(const RewriteInfo &info);

/// Runs a pipeline on `module`, and adds what it remarks to `remarks`.
llvm::Error rewrite(mlir::ModuleOp module, llvm::StringRef pipeline,
                    std::vector<std::string> &remarks);

/// Returns the layers that the rewrite `name` changed, by what the module says.
std::vector<int64_t> listChangedLayers(mlir::ModuleOp module,
                                       llvm::StringRef name);

/// A fixture in single precision, open on a device.
struct OpenModel {
  mlir::MLIRContext context;
  std::unique_ptr<RandomCheckpoint> checkpoint;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::unique_ptr<Session> session;

  /// Imports `fixture`, rewrites it unless `pipeline` is empty, and opens it
  /// with four slots.
  static llvm::Expected<std::unique_ptr<OpenModel>>
  open(Device device, Fixture fixture, llvm::StringRef pipeline,
       int64_t capacity = kTokens, int32_t threads = 1);
};

/// Returns the model that OpenModel::open would give, empty of tokens. Each is
/// opened once. A failure ends the program.
OpenModel &shareModel(Device device, Fixture fixture, llvm::StringRef pipeline,
                      int64_t capacity = kTokens);

/// Runs all tokens through an empty model.
std::vector<double> runAll(OpenModel &model, const Schedule &schedule);

/// Demands that `found`, logits from the first token of `exact` on, are as near
/// to `exact` as single precision allows: their error may be twice that of the
/// dense model of the same fixture, compiled for the CPU, against itself on the
/// reference, in the worst schedule. Greedy tokens must be the same. Prints one
/// line.
void expectNear(Fixture fixture, llvm::ArrayRef<double> found,
                llvm::ArrayRef<double> exact, llvm::StringRef what);

/// Makes a test's name of words of any kind.
std::string nameCase(Device device, llvm::StringRef what);

} // namespace heed

#endif // HEED_TEST_UNIT_MODELS_OPENMODEL_H
