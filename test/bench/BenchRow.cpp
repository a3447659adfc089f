//===- BenchRow.cpp - One row of the attention benchmark ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/bench/BenchRow.h"

#include "heed/Support/Json.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace llvm;

namespace heed {

static Error checkRow(const BenchRow &row, JsonValue value) {
  if (row.phase != "prefill" && row.phase != "decode")
    return value.fault("found phase \"" + row.phase +
                       "\", wanted prefill or decode");
  if (row.phase == "decode" && row.queries != 1)
    return value.fault("found " + Twine(row.queries) +
                       " queries, wanted 1 in decode");
  if (row.heads % row.keyHeads)
    return value.fault("found " + Twine(row.heads) + " heads and " +
                       Twine(row.keyHeads) + " key heads, wanted a multiple");
  if (row.window && !row.causal)
    return value.fault("found a window, wanted it in causal rows only");
  return Error::success();
}

static Expected<BenchRow> readRow(JsonObject object) {
  BenchRow row;
  object.read("phase", row.phase);
  object.read("batch", row.batch, 1);
  object.read("heads", row.heads, 1);
  object.read("key_heads", row.keyHeads, 1);
  object.read("queries", row.queries, 1);
  object.read("keys", row.keys, 1);
  object.read("width", row.width, 1);
  object.read("causal", row.causal);
  object.readOptional("window", row.window, 0);
  object.read("timed", row.timed);
  if (Error error = object.takeError())
    return std::move(error);
  for (const JsonMember &member : object.unread())
    return member.value.fault("found an unknown key");
  if (Error error = checkRow(row, object.value()))
    return std::move(error);
  return row;
}

Expected<std::vector<BenchRow>> readBenchRows(StringRef path) {
  Expected<JsonDocument> document = JsonDocument::open(path);
  if (!document)
    return document.takeError();
  JsonObject root(document->root());
  std::vector<JsonObject> objects;
  root.read("rows", objects);
  if (Error error = root.takeError())
    return std::move(error);
  std::vector<BenchRow> rows;
  for (const JsonObject &object : objects) {
    Expected<BenchRow> row = readRow(object);
    if (!row)
      return row.takeError();
    rows.push_back(std::move(*row));
  }
  return rows;
}

std::string BenchRow::getKernelKey() const {
  std::string key =
      formatv("{0}-h{1}-k{2}-d{3}", phase, heads, keyHeads, width).str();
  if (window)
    return key + formatv("-window{0}", window).str();
  return key + (causal ? "-causal" : "-full");
}

std::string BenchRow::writeModule() const {
  std::string mask = causal ? "causal" : "", scale;
  if (window)
    mask += formatv(", window = {0}", window).str();
  raw_string_ostream(scale) << format("%.9e", 1 / std::sqrt(double(width)));
  std::string query = formatv("tensor<?x{0}x?x{1}xbf16>", heads, width).str();
  std::string key = formatv("tensor<?x{0}x?x{1}xbf16>", keyHeads, width).str();
  return formatv(
      "func.func private @attention(%q: {0}, %k: {1}, %v: {1}) -> {0}\n"
      "    attributes {{attn.group = \"attention\","
      " attn.phase = #attn.phase<{2}>} {{\n"
      "  %o = attn.attention %q keys(%k : {1}) values(%v : {1})\n"
      "      mask<{3}> scale({4}) : {0} -> {0}\n"
      "  return %o : {0}\n}\n",
      query, key, phase, mask, scale);
}

json::Object BenchRow::toJson() const {
  return json::Object{{"phase", phase},     {"batch", batch},
                      {"heads", heads},     {"key_heads", keyHeads},
                      {"queries", queries}, {"keys", keys},
                      {"width", width},     {"causal", causal},
                      {"window", window},   {"timed", timed}};
}

} // namespace heed
