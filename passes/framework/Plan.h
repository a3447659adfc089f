//===- Plan.h - Which rewrites a model gets, and where ----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reads a plan and prints it as a pass pipeline. A plan is a JSON file that
/// lists rewrites in the order in which they run:
///
///     {"version": 1,
///      "steps": [
///        {"rewrite": "attn-sliding-window",
///         "layers": [0, 2, "4-7"],
///         "options": {"window": 256, "sinks": 4}},
///        {"rewrite": "attn-unified-layer-skipping",
///         "options": {"speedup": 1.33}}]}
///
/// is the pipeline
///
///     builtin.module(attn-sliding-window{layers=0,2,4,5,6,7 window=256
///     sinks=4},attn-unified-layer-skipping{speedup=1.33})
///
/// - `version` is 1; `steps` has 1 to 256 elements.
/// - `rewrite` is the name of a pass.
/// - `layers` holds indices from 0 to 4095 and ranges, both ends included, none
///   of them twice. Left out it means all layers, and is not the same as naming
///   them all: a rewrite that refuses a named layer is an error.
/// - `options` are those of the rewrite; it may be left out. A value is a
///   boolean, an integer, a number, a string, or an array of integers; arrays
///   and strings are not empty. A string has no character that means something
///   in a pipeline: no space, comma, quote, bracket or control character.
///
/// A key that is not in this list is an error; so is `heads`, as no rewrite
/// takes heads. Whether the rewrites and their options exist is not judged here
/// but by passes/pipelines/ExpandPlan.h. This reader needs no MLIR.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_FRAMEWORK_PLAN_H
#define HEED_PASSES_FRAMEWORK_PLAN_H

#include "heed/Support/Json.h"
#include "passes/framework/OptionKind.h"

#include <string>
#include <vector>

namespace heed {

/// One option of a step.
struct PlanOption {
  std::string name;
  OptionKind kind;
  /// The value as a pipeline spells it.
  std::string text;
  /// Where it stands, and what stands there, for messages:
  /// `plan.json: key "steps[0].options.window"`, `integer 256`.
  std::string where;
  std::string found;
};

/// One rewrite with its layers and options.
struct PlanStep {
  std::string rewrite;
  /// Where the name stands, for messages.
  std::string where;
  /// In the order of the plan; empty: all.
  std::vector<int64_t> layers;
  /// In the order of the plan.
  std::vector<PlanOption> options;
};

struct Plan {
  std::vector<PlanStep> steps;
};

/// Reads the value of a whole document as a plan.
llvm::Expected<Plan> readPlan(JsonValue root);

/// Reads the plan in the file `path`, of at most 1 MiB.
llvm::Expected<Plan> openPlan(llvm::StringRef path);

/// Prints the passes of `plan`, "a{x=1},b", as they stand inside
/// "builtin.module(...)".
std::string printPasses(const Plan &plan);

/// Prints `plan` as a pipeline that `--pass-pipeline` takes.
std::string printPipeline(const Plan &plan);

} // namespace heed

#endif // HEED_PASSES_FRAMEWORK_PLAN_H
