//===- Json.cpp - Reports as JSON -----------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-report/Print.h"

#include "llvm/Support/JSON.h"

using namespace llvm;

namespace heed {

/// JSON is UTF-8, names in a module and of files need not be.
static json::Value printable(StringRef text) { return json::fixUTF8(text); }

static json::Object toJson(const Counts &counts) {
  return json::Object{{"multiply_adds", counts.multiplyAdds},
                      {"weight_bytes", counts.weightBytes},
                      {"cache_bytes_read", counts.cacheBytesRead},
                      {"activation_bytes", counts.activationBytes}};
}

/// Adds the work for one token of one sequence.
static json::Object toJson(const Counts &counts, int64_t tokens) {
  json::Object object = toJson(counts);
  object["tokens"] = tokens;
  object["multiply_adds_per_token"] =
      static_cast<double>(counts.multiplyAdds) / static_cast<double>(tokens);
  return object;
}

static json::Object toJson(const CacheBytes &cache) {
  return json::Object{
      {"bytes_per_token", cache.perToken},
      {"bytes_per_token_after_decode", cache.perTokenAfterDecode},
      {"bytes_full", cache.full},
      {"bytes_full_after_decode", cache.fullAfterDecode}};
}

static json::Object toJson(const PartCosts &costs) {
  return json::Object{{"prefill", toJson(costs.prefill)},
                      {"decode", toJson(costs.decode)},
                      {"kv", toJson(costs.cache)}};
}

static json::Object toJson(const LayerReport &layer) {
  json::Object object = toJson(layer.costs);
  object["index"] = layer.index;
  object["kind"] = printable(layer.kind);
  object["masks"] = layer.masks;
  json::Array phases;
  if (layer.runsInPrefill)
    phases.push_back("prefill");
  if (layer.runsInDecode)
    phases.push_back("decode");
  object["runs_in"] = std::move(phases);
  return object;
}

static json::Object toJson(const AppliedRewrite &rewrite) {
  return json::Object{{"name", printable(rewrite.name)},
                      {"options", printable(rewrite.options)},
                      {"layers", rewrite.layers}};
}

template <typename T>
static json::Array toJson(const std::vector<T> &elements) {
  json::Array array;
  for (const T &element : elements)
    array.push_back(toJson(element));
  return array;
}

static json::Object toJson(const NamedReport &named) {
  const ModelReport &report = named.report;
  const ReportSizes &sizes = report.sizes;
  return json::Object{
      {"file", printable(named.file)},
      {"model", printable(report.name)},
      {"sizes", json::Object{{"tokens", sizes.tokens},
                             {"batch", sizes.batch},
                             {"capacity", sizes.capacity}}},
      {"prefill", toJson(report.all.prefill, sizes.batch * sizes.tokens)},
      {"decode", toJson(report.all.decode, sizes.batch)},
      {"kv", toJson(report.all.cache)},
      {"layers", toJson(report.layers)},
      {"rest", toJson(report.rest)},
      {"prefill_only", listLayersOfOnePhase(report, EvalPhase::Prefill)},
      {"decode_only", listLayersOfOnePhase(report, EvalPhase::Decode)},
      {"rewrites", toJson(report.rewrites)}};
}

/// Divides each number of `before` by that of the same key in `after`; null
/// where that is 0.
static json::Object divide(const json::Object &before,
                           const json::Object &after) {
  json::Object ratios;
  for (const auto &[key, value] : before) {
    const json::Value *other = after.get(key);
    if (const json::Object *part = value.getAsObject()) {
      ratios[key] = divide(*part, *other->getAsObject());
      continue;
    }
    double divisor = *other->getAsNumber();
    ratios[key] = divisor != 0 ? json::Value(*value.getAsNumber() / divisor)
                               : json::Value(nullptr);
  }
  return ratios;
}

void printJson(raw_ostream &os, const NamedReport *before,
               const NamedReport &after) {
  json::Object root{{"after", toJson(after)}};
  if (before) {
    root["before"] = toJson(*before);
    root["ratios"] =
        divide(toJson(before->report.all), toJson(after.report.all));
    root["deleted_layers"] = listMissingLayers(before->report, after.report);
    root["added_layers"] = listMissingLayers(after.report, before->report);
    root["mismatches"] = listMismatches(before->report, after.report);
  }
  os << formatv("{0:2}\n", json::Value(std::move(root)));
}

} // namespace heed
