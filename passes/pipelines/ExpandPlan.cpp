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

/// Fails unless the step names a rewrite; proposes the nearest name.
static llvm::Error checkName(const PlanStep &step) {
  SmallVector<std::string> names;
  for (const std::unique_ptr<RewritePass> &rewrite : createRewrites())
    names.push_back(rewrite->getArgument().str());
  if (llvm::is_contained(names, step.rewrite))
    return llvm::Error::success();
  const std::string *nearest =
      llvm::min_element(names, [&](const std::string &a, const std::string &b) {
        return StringRef(step.rewrite).edit_distance(a) <
               StringRef(step.rewrite).edit_distance(b);
      });
  return makeError(step.where + ": found string " + quote(step.rewrite) +
                   ", wanted a rewrite: did you mean " + quote(*nearest) + "?");
}

/// Makes the pass `rewrite` with an option set to `text` and returns how it
/// prints that value, or nothing if it has no such option.
static std::optional<std::string> echo(StringRef rewrite, StringRef option,
                                       StringRef text) {
  OpPassManager manager(ModuleOp::getOperationName());
  auto ignore = [](const Twine &) { return failure(); };
  if (failed(PassInfo::lookup(rewrite)->addToPipeline(
          manager, (option + "=" + text).str(), ignore)))
    return std::nullopt;
  std::string printed;
  llvm::raw_string_ostream stream(printed);
  manager.printAsTextualPipeline(stream);
  // It reads "builtin.module(name{a=1 b={2,3}  c=x})".
  StringRef rest = StringRef(printed).split('{').second;
  while (!rest.empty()) {
    rest = rest.ltrim();
    if (rest.consume_front((option + "=").str()))
      return rest.take_until([](char c) { return c == ' ' || c == '}'; }).str();
    rest = rest.drop_until([](char c) { return c == ' '; });
  }
  return std::nullopt;
}

/// Finds out what kind of value an option takes, by what it makes of "0" and
/// "00": MLIR has no way to ask, and prints a message of its own for a value
/// that an option does not take, which these are not.
static std::optional<PlanOption::Kind> findKind(StringRef rewrite,
                                                StringRef option) {
  std::optional<std::string> zero = echo(rewrite, option, "0");
  if (!zero)
    return std::nullopt;
  if (zero == "false")
    return PlanOption::Kind::Boolean;
  if (StringRef(*zero).starts_with("{"))
    return PlanOption::Kind::Integers;
  if (zero != "0")
    return PlanOption::Kind::Number;
  return echo(rewrite, option, "00") == "00" ? PlanOption::Kind::String
                                             : PlanOption::Kind::Integer;
}

static StringRef describe(PlanOption::Kind kind) {
  switch (kind) {
  case PlanOption::Kind::Boolean:
    return "boolean";
  case PlanOption::Kind::Integer:
    return "integer";
  case PlanOption::Kind::Number:
    return "number";
  case PlanOption::Kind::String:
    return "string";
  case PlanOption::Kind::Integers:
    return "array of integers";
  }
  llvm_unreachable("all kinds covered");
}

static llvm::Error checkOption(StringRef rewrite, const PlanOption &option) {
  std::optional<PlanOption::Kind> wanted = findKind(rewrite, option.name);
  if (!wanted)
    return makeError(option.where + ": found " + option.found +
                     ", wanted an option that " + rewrite +
                     " has: see heed-opt --help");
  // An integer is a number too.
  if (option.kind == *wanted || (option.kind == PlanOption::Kind::Integer &&
                                 *wanted == PlanOption::Kind::Number))
    return llvm::Error::success();
  return makeError(option.where + ": found " + option.found + ", wanted " +
                   describe(*wanted));
}

llvm::Error checkPlan(const Plan &plan) {
  for (const PlanStep &step : plan.steps) {
    if (llvm::Error error = checkName(step))
      return error;
    for (const PlanOption &option : step.options)
      if (llvm::Error error = checkOption(step.rewrite, option))
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
