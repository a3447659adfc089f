//===- ExpandPlan.cpp - From a plan to passes -----------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/pipelines/ExpandPlan.h"

#include "heed/Support/Error.h"
#include "passes/rewrites/Registry.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;

namespace heed {

using Rewrites = std::vector<std::unique_ptr<RewritePass>>;

/// Returns the rewrite that the step names; fails with the nearest name.
static llvm::Expected<const RewritePass *> findRewrite(const Rewrites &rewrites,
                                                       const PlanStep &step) {
  const RewritePass *nearest = nullptr;
  auto distance = [&](const RewritePass *rewrite) {
    return StringRef(step.rewrite).edit_distance(rewrite->getArgument());
  };
  for (const std::unique_ptr<RewritePass> &rewrite : rewrites)
    if (!nearest || distance(rewrite.get()) < distance(nearest))
      nearest = rewrite.get();
  if (nearest->getArgument() == step.rewrite)
    return nearest;
  return makeError(step.where + ": found string " + quote(step.rewrite) +
                   ", wanted a rewrite: did you mean " +
                   quote(nearest->getArgument()) + "?");
}

static StringRef describe(OptionKind kind) {
  switch (kind) {
  case OptionKind::Boolean:
    return "boolean";
  case OptionKind::Integer:
    return "integer";
  case OptionKind::Number:
    return "number";
  case OptionKind::String:
    return "string";
  case OptionKind::Integers:
    return "array of integers";
  }
  llvm_unreachable("all kinds covered");
}

static llvm::Error checkOption(const RewritePass &rewrite,
                               const PlanOption &option) {
  std::optional<OptionKind> wanted = rewrite.findOption(option.name);
  if (!wanted)
    return makeError(option.where + ": found " + option.found +
                     ", wanted an option that " + rewrite.getArgument() +
                     " has: see heed-opt --help");
  // An integer is a number too.
  if (option.kind == *wanted ||
      (option.kind == OptionKind::Integer && *wanted == OptionKind::Number))
    return llvm::Error::success();
  return makeError(option.where + ": found " + option.found + ", wanted " +
                   describe(*wanted));
}

llvm::Error checkPlan(const Plan &plan) {
  Rewrites rewrites = createRewrites();
  for (const PlanStep &step : plan.steps) {
    llvm::Expected<const RewritePass *> rewrite = findRewrite(rewrites, step);
    if (!rewrite)
      return rewrite.takeError();
    for (const PlanOption &option : step.options)
      if (llvm::Error error = checkOption(**rewrite, option))
        return error;
  }
  return llvm::Error::success();
}

/// Adds the passes of the plan in the file `path`.
static LogicalResult
addPlan(OpPassManager &manager, StringRef path,
        function_ref<LogicalResult(const Twine &)> onError) {
  if (path.trim().empty())
    return onError("heed-plan: found no file, wanted --heed-plan=plan.json or "
                   "heed-plan{plan.json}");
  if (manager.getOpName() != ModuleOp::getOperationName())
    return onError("heed-plan: found it below " + manager.getOpAnchorName() +
                   ", wanted builtin.module");
  llvm::Expected<Plan> plan = openPlan(path.trim());
  if (!plan)
    return onError(llvm::toString(plan.takeError()));
  if (llvm::Error error = checkPlan(*plan))
    return onError(llvm::toString(std::move(error)));
  // Through the text, so that what is printed is what runs.
  std::string message;
  llvm::raw_string_ostream stream(message);
  if (failed(parsePassPipeline(printPasses(*plan), manager, stream)))
    return onError(path.trim() + ": " + StringRef(message).split('\n').first);
  return success();
}

void registerPlans() {
  registerPassPipeline(
      "heed-plan", "The rewrites of a plan: --heed-plan=plan.json", addPlan,
      [](function_ref<void(const mlir::detail::PassOptions &)>) {});
}

} // namespace heed
