//===- ExpandPlan.h - From a plan to passes ---------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Makes `heed-plan` known: the flag `--heed-plan=plan.json` of heed-opt, and
/// `builtin.module(heed-plan{plan.json})` in a pipeline. It stands for the
/// passes that the plan names; `--dump-pass-pipeline` prints these.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_PIPELINES_EXPANDPLAN_H
#define HEED_PASSES_PIPELINES_EXPANDPLAN_H

#include "passes/framework/Plan.h"

namespace heed {

/// Fails unless every step of `plan` names a rewrite, and options that the
/// rewrite has with values of their kinds. REQUIRES: registerRewrites() ran.
/// Whether a value is sensible, and the layers exist, the rewrite itself says
/// when it runs.
llvm::Error checkPlan(const Plan &plan);

/// Makes `heed-plan` known to the textual pass pipelines.
void registerPlans();

} // namespace heed

#endif // HEED_PASSES_PIPELINES_EXPANDPLAN_H
