//===- Launch.cpp - How a group is launched -------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Launch.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace heed {

/// In the order of `LaunchWord::Kind`.
static constexpr StringLiteral kindNames[] = {
    "argument",  "result", "batch",    "tokens", "slots",    "field",
    "positions", "counts", "capacity", "parts",  "workspace"};

static std::string print(const LaunchWord &word) {
  std::string text = kindNames[word.kind].str();
  if (word.kind == LaunchWord::Batch || word.kind == LaunchWord::Slots ||
      word.kind == LaunchWord::Parts)
    return text;
  text += " " + std::to_string(word.number);
  if (word.kind == LaunchWord::Field)
    text += " " + std::to_string(word.field);
  return text;
}

static FailureOr<LaunchWord> parse(StringRef text) {
  auto [name, numbers] = text.split(' ');
  auto [number, field] = numbers.split(' ');
  const StringLiteral *kind = llvm::find(kindNames, name);
  LaunchWord word{};
  if (kind == std::end(kindNames) ||
      (!number.empty() && number.getAsInteger(10, word.number)) ||
      (!field.empty() && field.getAsInteger(10, word.field)))
    return failure();
  word.kind = LaunchWord::Kind(kind - kindNames);
  return word;
}

static DictionaryAttr write(Builder &builder, const LaunchProduct &product) {
  SmallVector<NamedAttribute> roles;
  auto add = [&](StringRef role, std::optional<unsigned> number) {
    if (number)
      roles.push_back(
          builder.getNamedAttr(role, builder.getI64IntegerAttr(*number)));
  };
  add("input", product.input);
  add("weight", product.weight);
  add("bias", product.bias);
  add("residual", product.residual);
  return builder.getDictionaryAttr(roles);
}

static FailureOr<LaunchProduct> readProduct(Attribute attribute) {
  auto roles = dyn_cast<DictionaryAttr>(attribute);
  if (!roles)
    return failure();
  auto read = [&](StringRef role) -> std::optional<unsigned> {
    if (auto number = roles.getAs<IntegerAttr>(role))
      return unsigned(number.getInt());
    return std::nullopt;
  };
  std::optional<unsigned> input = read("input"), weight = read("weight");
  if (!input || !weight)
    return failure();
  return LaunchProduct{*input, *weight, read("bias"), read("residual")};
}

void setLaunches(func::FuncOp function, ArrayRef<Launch> launches) {
  Builder builder(function.getContext());
  SmallVector<Attribute> entries;
  for (const Launch &launch : launches) {
    SmallVector<Attribute> words;
    for (const LaunchWord &word : launch.words)
      words.push_back(builder.getStringAttr(print(word)));
    SmallVector<NamedAttribute> fields = {
        builder.getNamedAttr(
            "kernel",
            FlatSymbolRefAttr::get(builder.getContext(), launch.kernel)),
        builder.getNamedAttr("words", builder.getArrayAttr(words)),
    };
    if (launch.product)
      fields.push_back(
          builder.getNamedAttr("product", write(builder, *launch.product)));
    entries.push_back(builder.getDictionaryAttr(fields));
  }
  function->setAttr("launches", builder.getArrayAttr(entries));
}

FailureOr<SmallVector<Launch>> getLaunches(func::FuncOp function) {
  auto unreadable = [&]() {
    return function.emitError("found no readable attribute 'launches', wanted "
                              "what heed-lower-to-tile writes");
  };
  auto entries = function->getAttrOfType<ArrayAttr>("launches");
  if (!entries)
    return unreadable();
  SmallVector<Launch> launches;
  for (Attribute entry : entries) {
    auto fields = dyn_cast<DictionaryAttr>(entry);
    auto kernel = fields ? fields.getAs<FlatSymbolRefAttr>("kernel")
                         : FlatSymbolRefAttr();
    auto words = fields ? fields.getAs<ArrayAttr>("words") : ArrayAttr();
    if (!kernel || !words)
      return unreadable();
    Launch launch{kernel.getValue().str(), {}};
    for (Attribute text : words) {
      auto string = dyn_cast<StringAttr>(text);
      FailureOr<LaunchWord> word =
          string ? parse(string.getValue()) : FailureOr<LaunchWord>();
      if (failed(word))
        return unreadable();
      launch.words.push_back(*word);
    }
    if (Attribute roles = fields.get("product")) {
      FailureOr<LaunchProduct> product = readProduct(roles);
      if (failed(product))
        return unreadable();
      launch.product = *product;
    }
    launches.push_back(std::move(launch));
  }
  return launches;
}

} // namespace heed
