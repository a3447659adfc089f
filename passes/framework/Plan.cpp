//===- Plan.cpp - Which rewrites a model gets, and where ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/framework/Plan.h"

#include "heed/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

#include <charconv>

namespace heed {

// They bound what a small hostile plan can make of itself: some megabytes.
static constexpr int64_t kMaxLayer = 4095;
static constexpr size_t kMaxSteps = 256;
static constexpr size_t kMaxName = 100;
static constexpr uint64_t kMaxBytes = uint64_t(1) << 20;

/// Whether `text` can be the name of a pass or of an option.
static bool isName(llvm::StringRef text) {
  return !text.empty() && text.size() <= kMaxName &&
         llvm::all_of(text, [](char c) {
           return llvm::isAlnum(c) || c == '-' || c == '_';
         });
}

/// Whether `text` ends, in a pipeline, where it ends.
static bool isPlain(llvm::StringRef text) {
  return !text.empty() && llvm::all_of(text, [](unsigned char c) {
    return c > ' ' && c != 0x7f &&
           llvm::StringRef("{}[](),'\"`").find(c) == llvm::StringRef::npos;
  });
}

/// Fails at the first member of `object` that nobody read.
static llvm::Error refuseUnread(const JsonObject &object,
                                const llvm::Twine &wanted) {
  std::vector<JsonMember> unread = object.unread();
  if (unread.empty())
    return llvm::Error::success();
  return unread.front().value.mismatch("no key but " + wanted);
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

static std::string wantedLayer() {
  return "an index from 0 to " + std::to_string(kMaxLayer) +
         ", or a range as \"4-7\"";
}

/// Reads an index or a range, both ends included.
static llvm::Expected<std::pair<int64_t, int64_t>> readRange(JsonValue value) {
  int64_t first = -1, last = -1;
  if (value.kind() == JsonValue::Kind::Integer) {
    llvm::Expected<int64_t> index = value.asInteger();
    if (!index) {
      llvm::consumeError(index.takeError());
      return value.mismatch(wantedLayer());
    }
    first = last = *index;
  } else if (value.kind() == JsonValue::Kind::String) {
    auto [from, to] = llvm::cantFail(value.asString()).split('-');
    // Of a sign in front of the end, "0--0", getAsInteger would say nothing.
    if (from.getAsInteger(10, first) || to.getAsInteger(10, last) ||
        !llvm::all_of(to, llvm::isDigit))
      return value.mismatch(wantedLayer());
  }
  if (first < 0 || last > kMaxLayer || first > last)
    return value.mismatch(wantedLayer());
  return std::make_pair(first, last);
}

static llvm::Error readLayers(JsonValue value, std::vector<int64_t> &layers) {
  llvm::Expected<std::vector<JsonValue>> elements = value.asArray();
  if (!elements)
    return elements.takeError();
  if (elements->empty())
    return value.mismatch("at least one layer: left out, it means all");
  std::vector<bool> seen(kMaxLayer + 1);
  for (JsonValue element : *elements) {
    auto range = readRange(element);
    if (!range)
      return range.takeError();
    for (int64_t index = range->first; index <= range->second; ++index) {
      if (seen[index])
        return element.fault("found layer " + llvm::Twine(index) +
                             " again, wanted each once");
      seen[index] = true;
      layers.push_back(index);
    }
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

/// Spells a number so that reading it gives the same one.
static std::string spell(double value) {
  char buffer[32];
  auto result = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return std::string(buffer, result.ptr);
}

static llvm::Expected<std::string> spellIntegers(JsonValue value) {
  std::vector<JsonValue> elements = llvm::cantFail(value.asArray());
  if (elements.empty())
    return value.mismatch("at least one integer");
  llvm::SmallVector<std::string> texts;
  for (JsonValue element : elements) {
    llvm::Expected<int64_t> integer = element.asInteger();
    if (!integer)
      return integer.takeError();
    texts.push_back(std::to_string(*integer));
  }
  return llvm::join(texts, ",");
}

/// Spells the value of an option as a pipeline does.
static llvm::Expected<std::string> spellValue(JsonValue value,
                                              OptionKind &kind) {
  switch (value.kind()) {
  case JsonValue::Kind::Boolean:
    kind = OptionKind::Boolean;
    return llvm::cantFail(value.asBoolean()) ? "true" : "false";
  case JsonValue::Kind::Integer: {
    kind = OptionKind::Integer;
    llvm::Expected<int64_t> integer = value.asInteger();
    if (!integer)
      return integer.takeError();
    return std::to_string(*integer);
  }
  case JsonValue::Kind::Real: {
    kind = OptionKind::Number;
    llvm::Expected<double> number = value.asNumber();
    if (!number)
      return number.takeError();
    return spell(*number);
  }
  case JsonValue::Kind::String: {
    kind = OptionKind::String;
    llvm::StringRef text = llvm::cantFail(value.asString());
    if (!isPlain(text))
      return value.mismatch("at least one character, and no space, comma, "
                            "quote, bracket or control character");
    return text.str();
  }
  case JsonValue::Kind::Array:
    kind = OptionKind::Integers;
    return spellIntegers(value);
  case JsonValue::Kind::Null:
  case JsonValue::Kind::Object:
    break;
  }
  return value.mismatch("boolean, integer, number, string or array of "
                        "integers");
}

static llvm::Error readOptions(JsonValue value,
                               std::vector<PlanOption> &options) {
  llvm::Expected<std::vector<JsonMember>> members = value.asObject();
  if (!members)
    return members.takeError();
  for (const JsonMember &member : *members) {
    PlanOption option;
    if (!isName(member.key))
      return value.fault("found key " + quote(member.key) +
                         ", wanted the name of an option: letters, digits, "
                         "'-' and '_', at most " +
                         llvm::Twine(kMaxName));
    if (member.key == "layers" || member.key == "heads")
      return member.value.mismatch("it beside \"options\"");
    llvm::Expected<std::string> text = spellValue(member.value, option.kind);
    if (!text)
      return text.takeError();
    option.name = member.key.str();
    option.text = std::move(*text);
    option.where = member.value.where();
    option.found = member.value.describe();
    options.push_back(std::move(option));
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

static llvm::Expected<PlanStep> readStep(JsonValue value) {
  JsonObject object(value);
  if (llvm::Error error = object.takeError())
    return std::move(error);
  PlanStep step;
  if (!object.read("rewrite", step.rewrite))
    return object.takeError();
  JsonValue name = *object.get("rewrite");
  if (!isName(step.rewrite))
    return name.mismatch("the name of a rewrite");
  step.where = name.where();
  if (std::optional<JsonValue> heads = object.get("heads"))
    return heads->mismatch("nothing: no rewrite takes heads");
  if (std::optional<JsonValue> layers = object.get("layers"))
    if (llvm::Error error = readLayers(*layers, step.layers))
      return std::move(error);
  if (std::optional<JsonValue> options = object.get("options"))
    if (llvm::Error error = readOptions(*options, step.options))
      return std::move(error);
  if (llvm::Error error = refuseUnread(object, "rewrite, layers or options"))
    return std::move(error);
  return step;
}

llvm::Expected<Plan> readPlan(JsonValue root) {
  JsonObject object(root);
  int64_t version;
  if (!object.read("version", version))
    return object.takeError();
  if (version != 1)
    return object.get("version")->mismatch("1");
  std::optional<JsonValue> list = object.get("steps");
  if (!list)
    return root.fault("found no key \"steps\", wanted an array");
  llvm::Expected<std::vector<JsonValue>> values = list->asArray();
  if (!values)
    return values.takeError();
  if (values->empty() || values->size() > kMaxSteps)
    return list->mismatch("1 to " + llvm::Twine(kMaxSteps) + " steps");
  Plan plan;
  for (JsonValue value : *values) {
    llvm::Expected<PlanStep> step = readStep(value);
    if (!step)
      return step.takeError();
    plan.steps.push_back(std::move(*step));
  }
  if (llvm::Error error = refuseUnread(object, "version or steps"))
    return std::move(error);
  return plan;
}

llvm::Expected<Plan> openPlan(llvm::StringRef path) {
  JsonLimits limits;
  limits.bytes = kMaxBytes;
  llvm::Expected<JsonDocument> document = JsonDocument::open(path, limits);
  if (!document)
    return document.takeError();
  return readPlan(document->root());
}

static std::string printPass(const PlanStep &step) {
  llvm::SmallVector<std::string> options;
  if (!step.layers.empty())
    options.push_back("layers=" +
                      llvm::join(llvm::map_range(step.layers,
                                                 [](int64_t index) {
                                                   return std::to_string(index);
                                                 }),
                                 ","));
  for (const PlanOption &option : step.options)
    options.push_back(option.name + "=" + option.text);
  if (options.empty())
    return step.rewrite;
  return step.rewrite + "{" + llvm::join(options, " ") + "}";
}

std::string printPasses(const Plan &plan) {
  return llvm::join(llvm::map_range(plan.steps, printPass), ",");
}

std::string printPipeline(const Plan &plan) {
  return "builtin.module(" + printPasses(plan) + ")";
}

} // namespace heed
