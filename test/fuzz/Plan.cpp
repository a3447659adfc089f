//===- Plan.cpp - Fuzzes the reader of plans ------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whatever the text says, the pipeline has the passes and options of the plan
// and no others.
//
//===----------------------------------------------------------------------===//

#include "passes/framework/Plan.h"

#include <cstdlib>

using namespace heed;

/// Ends the process unless `holds`.
static void demand(bool holds) {
  if (!holds)
    std::abort();
}

/// Ends the process unless the error is one line of printable text.
static void demandOneLine(llvm::Error error) {
  for (unsigned char c : llvm::toString(std::move(error)))
    demand(c >= ' ' && c != 0x7f);
}

/// Takes `word` from the front of `text`, which must have it.
static void take(llvm::StringRef &text, llvm::StringRef word) {
  demand(text.consume_front(word));
}

/// Takes what MLIR would take for one name or value: up to the first character
/// that ends one. In a list, commas do not.
static llvm::StringRef takeWord(llvm::StringRef &text, bool isList) {
  llvm::StringRef ends = isList ? " \t\n\v\f\r{}()'\"" : " \t\n\v\f\r{}()'\",";
  llvm::StringRef word = text.take_until(
      [&](char c) { return ends.find(c) != llvm::StringRef::npos; });
  text = text.drop_front(word.size());
  return word;
}

/// Takes one pass, as MLIR would split it, and compares it with `step`.
static void takePass(llvm::StringRef &text, const PlanStep &step) {
  demand(takeWord(text, false) == step.rewrite);
  if (step.layers.empty() && step.options.empty())
    return;
  take(text, "{");
  bool isFirst = true;
  if (!step.layers.empty()) {
    take(text, "layers=");
    llvm::StringRef list = takeWord(text, true);
    for (int64_t layer : step.layers) {
      auto [index, rest] = list.split(',');
      int64_t found;
      demand(layer >= 0 && !index.getAsInteger(10, found) && found == layer);
      list = rest;
    }
    demand(list.empty());
    isFirst = false;
  }
  for (const PlanOption &option : step.options) {
    if (!isFirst)
      take(text, " ");
    isFirst = false;
    take(text, option.name);
    take(text, "=");
    bool isList = option.kind == OptionKind::Integers;
    llvm::StringRef value = takeWord(text, isList);
    demand(!value.empty() && value == option.text);
  }
  take(text, "}");
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::Expected<JsonDocument> document = JsonDocument::parse(
      std::string(reinterpret_cast<const char *>(data), size), "f");
  if (!document) {
    demandOneLine(document.takeError());
    return 0;
  }
  llvm::Expected<Plan> plan = readPlan(document->root());
  if (!plan) {
    demandOneLine(plan.takeError());
    return 0;
  }
  std::string pipeline = printPipeline(*plan);
  llvm::StringRef text = pipeline;
  take(text, "builtin.module(");
  for (const PlanStep &step : plan->steps) {
    if (&step != &plan->steps.front())
      take(text, ",");
    takePass(text, step);
  }
  demand(text == ")");
  return 0;
}
