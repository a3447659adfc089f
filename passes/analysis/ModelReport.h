//===- ModelReport.h - What a model costs, layer by layer -------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Counts a model's work, traffic and caches by layers, as numbers; printing
/// them is the business of heed-report.
///
///     AskedSizes sizes;           // those left open: as fits the models
///     sizes.batch = 4;
///     auto reports = reportModels({*dense, *window}, sizes);
///     if (failed(reports))        // after an error at the module
///       return failure();
///     int64_t saved = (*reports)[0].all.decode.cacheBytesRead -
///                     (*reports)[1].all.decode.cacheBytesRead;
///
/// Two steps are counted. Prefill: N new tokens of each of B sequences onto an
/// empty cache. Decode: one new token of each, onto N - 1 cached ones. Both end
/// with N tokens in each sequence, and give one row of logits for each.
///
/// What a phase does not run is not counted in it: a region of attn.skip whose
/// condition is known to hold. A condition that only a run can tell counts as
/// false, so that the numbers are those of the costliest step. Ops count where
/// they stand; one that is there only for a layer which a phase skips counts
/// still.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_ANALYSIS_MODELREPORT_H
#define HEED_PASSES_ANALYSIS_MODELREPORT_H

#include "dialects/interfaces/EvalInterface.h"
#include "heed/Cost/Counts.h"

#include "mlir/IR/BuiltinOps.h"

#include <optional>
#include <string>
#include <vector>

namespace heed {

/// For which sizes costs are counted.
struct ReportSizes {
  int64_t tokens = 1;   ///< N.
  int64_t batch = 1;    ///< B.
  int64_t capacity = 1; ///< Tokens that a sequence has room for in a cache.
};

/// What the user says of the sizes. `context` below is the smallest of the
/// models'; 1024 if none has one.
struct AskedSizes {
  std::optional<int64_t> tokens;   ///< Default: context, 1024 or the capacity
                                   ///< asked for, whichever is least.
  std::optional<int64_t> batch;    ///< Default: 1.
  std::optional<int64_t> capacity; ///< Default: context, but at least N.
};

/// What caches hold, all their fields together.
struct CacheBytes {
  /// What one more token of a sequence adds while no ring is full. An entry for
  /// every n tokens counts as its n-th part, one for a sequence as nothing.
  double perToken = 0;
  double perTokenAfterDecode = 0; ///< Without fields kept `until decode`.
  /// Of B sequences of the capacity asked for, as `heed_cache_bytes` says
  /// (heed-c/Runtime.h): before any of them has decoded, and when all have.
  int64_t full = 0;
  int64_t fullAfterDecode = 0;

  CacheBytes &operator+=(const CacheBytes &other);
};

/// What one part of a model costs.
struct PartCosts {
  Counts prefill, decode;
  CacheBytes cache;

  PartCosts &operator+=(const PartCosts &other);
};

struct LayerReport {
  int64_t index = 0;
  std::string kind;
  /// The masks of its attentions, each once: "causal, window = 256"; an empty
  /// text lets every key through.
  std::vector<std::string> masks;
  bool runsInPrefill = true, runsInDecode = true;
  /// A cache that several layers use is the first one's.
  PartCosts costs;
};

/// A rewrite that was applied, from the module's provenance.
struct AppliedRewrite {
  std::string name;
  std::string options; ///< "window=256 sinks=4"
  std::vector<int64_t> layers;

  bool operator==(const AppliedRewrite &other) const;
};

struct ModelReport {
  std::string name;       ///< Empty if the module does not say.
  int64_t vocabulary = 0; ///< 0 if the module does not say.
  ReportSizes sizes;
  std::vector<LayerReport> layers; ///< In the order in which they run.
  PartCosts rest; ///< Outside layers: embedding, last norm, output head.
  PartCosts all;  ///< Layers and rest.
  std::vector<AppliedRewrite> rewrites; ///< In the order of application.

  const LayerReport *findLayer(int64_t index) const;
};

/// Reports on modules, all for the same sizes. The modules stay as they are.
/// Fails, after an error at one of them, if that has no `@step` that can be
/// counted, or if the sizes asked for do not fit.
mlir::FailureOr<std::vector<ModelReport>>
reportModels(llvm::ArrayRef<mlir::ModuleOp> modules, const AskedSizes &asked);

/// Returns the layers of `report` that `other` lacks.
std::vector<int64_t> listMissingLayers(const ModelReport &report,
                                       const ModelReport &other);

/// Returns the layers that run in `phase` and not in the other one.
std::vector<int64_t> listLayersOfOnePhase(const ModelReport &report,
                                          EvalPhase phase);

/// Returns what makes two models hard to compare, a line each: "vocabularies
/// differ: 256 and 512".
std::vector<std::string> listMismatches(const ModelReport &before,
                                        const ModelReport &after);

} // namespace heed

#endif // HEED_PASSES_ANALYSIS_MODELREPORT_H
