//===- StepBuilder.cpp - A model as a graph -------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/import/checkpoint/StepBuilder.h"

#include "dialects/attn/Attn.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace mlir;

namespace heed {

namespace {

/// Builds one module, weights first. Values of the step that layers capture
/// are kept in members.
class StepBuilder {
public:
  StepBuilder(MLIRContext &context, const ModelDescription &model)
      : b(UnknownLoc::get(&context), &context), config(model.config),
        model(model) {}

  OwningOpRef<ModuleOp> build();

private:
  Type elementType();
  RankedTensorType tensor(llvm::ArrayRef<int64_t> shape) {
    return RankedTensorType::get(shape, elementType());
  }
  /// Returns the type of B x N x width activations.
  RankedTensorType activations(int64_t width) {
    return tensor({ShapedType::kDynamic, ShapedType::kDynamic, width});
  }
  attn::CacheType cacheType(int64_t layer);

  DictionaryAttr describeModel();
  void buildWeights();
  void buildFrequencies();
  void buildStep();
  void buildLayer(int64_t layer, Value &hidden, Value &cache);
  Value buildAttention(int64_t layer, Value input, Value &cache);
  Value buildHeads(int64_t layer, llvm::StringRef name, Value input,
                   int64_t heads);

  /// Uses a weight; null if the model has none of this name.
  Value use(llvm::StringRef symbol);
  Value useOf(int64_t layer, llvm::StringRef name) {
    return use(("l" + llvm::Twine(layer) + "." + name).str());
  }
  Value norm(Value input, Value weight) {
    return attn::NormOp::create(b, attn::NormKind::Rms, input, weight, Value(),
                                llvm::APFloat(float(config.epsilon)));
  }

  ImplicitLocOpBuilder b;
  const ModelConfig &config;
  const ModelDescription &model;
  /// Types of the weights by symbol.
  llvm::StringMap<RankedTensorType> types;
  Value positions, frequencies;
};

} // namespace

Type StepBuilder::elementType() {
  if (model.type == DType::BF16)
    return b.getBF16Type();
  if (model.type == DType::F16)
    return b.getF16Type();
  return b.getF32Type();
}

/// Keys and values; of a layer with a window just the last ones.
attn::CacheType StepBuilder::cacheType(int64_t layer) {
  attn::CacheField field;
  field.window = config.windows[layer];
  field.rate = field.window ? attn::CacheRate::Ring : attn::CacheRate::Token;
  field.entry = tensor({config.kvHeads, config.headDim});
  attn::CacheField key = field, value = field;
  key.name = b.getStringAttr("k");
  value.name = b.getStringAttr("v");
  return attn::CacheType::get(b.getContext(), {key, value});
}

DictionaryAttr StepBuilder::describeModel() {
  auto entry = [&](llvm::StringRef name, Attribute value) {
    return NamedAttribute(b.getStringAttr(name), value);
  };
  llvm::SmallVector<NamedAttribute> facts = {
      entry("context", b.getI64IntegerAttr(config.context)),
      entry("family", b.getStringAttr(config.family)),
      entry("layers", b.getI64IntegerAttr(config.layers)),
      entry("name", b.getStringAttr(model.name)),
      entry("stop_ids", b.getDenseI32ArrayAttr(config.stopIds)),
      entry("vocabulary", b.getI64IntegerAttr(config.vocabulary))};
  if (config.startId)
    facts.push_back(entry("start_id", b.getI64IntegerAttr(*config.startId)));
  if (!model.tokenizer.empty())
    facts.push_back(entry("tokenizer", b.getStringAttr(model.tokenizer)));
  return b.getDictionaryAttr(facts);
}

/// Names the files in the order of their first use, then the weights.
void StepBuilder::buildWeights() {
  llvm::DenseMap<const SafetensorsFile *, StringAttr> names;
  for (const ModelWeight &weight : model.weights) {
    const SafetensorsFile *file = weight.source.file;
    if (names.contains(file))
      continue;
    StringAttr name = b.getStringAttr("file" + llvm::Twine(names.size()));
    names[file] = name;
    attn::FileOp::create(
        b, name, b.getStringAttr(model.relocate(file->path())),
        b.getStringAttr(llvm::utohexstr(file->header().hash(),
                                        /*LowerCase=*/true, /*Width=*/16)));
  }
  for (const ModelWeight &weight : model.weights) {
    RankedTensorType type = tensor(weight.shape);
    types[weight.symbol] = type;
    attn::WeightOp::create(b, b.getStringAttr(weight.symbol),
                           TypeAttr::get(type),
                           FlatSymbolRefAttr::get(names[weight.source.file]),
                           b.getStringAttr(weight.key), DenseI64ArrayAttr());
  }
}

/// The frequencies are no tensor of the checkpoint: an initialiser holds them.
void StepBuilder::buildFrequencies() {
  std::vector<float> values =
      getInverseFrequencies(config.rotary, config.headDim);
  auto type = RankedTensorType::get({int64_t(values.size())}, b.getF32Type());
  types["inv_freq"] = type;
  auto weight = attn::WeightOp::create(b, b.getStringAttr("inv_freq"),
                                       TypeAttr::get(type), FlatSymbolRefAttr(),
                                       StringAttr(), DenseI64ArrayAttr());
  OpBuilder::InsertionGuard guard(b);
  b.createBlock(&weight.getInit());
  Value constant = arith::ConstantOp::create(
      b, DenseElementsAttr::get(type, llvm::ArrayRef(values)));
  attn::YieldOp::create(b, constant);
}

Value StepBuilder::use(llvm::StringRef symbol) {
  auto type = types.find(symbol);
  if (type == types.end())
    return Value();
  return attn::UseOp::create(b, type->second, symbol);
}

/// Projects to `heads` rows per token: of queries, keys or values, by name.
Value StepBuilder::buildHeads(int64_t layer, llvm::StringRef name, Value input,
                              int64_t heads) {
  Value rows = attn::LinearOp::create(b, activations(heads * config.headDim),
                                      input, useOf(layer, ("w" + name).str()),
                                      useOf(layer, ("b" + name).str()));
  rows = attn::SplitHeadsOp::create(b, rows, uint64_t(heads));
  if (name == "v")
    return rows;
  if (Value weight = useOf(layer, (name + "norm").str()))
    rows = norm(rows, weight);
  return attn::RotaryOp::create(
      b, rows, positions, frequencies,
      llvm::APFloat(float(getAmplitude(config.rotary))));
}

Value StepBuilder::buildAttention(int64_t layer, Value input, Value &cache) {
  Value query = buildHeads(layer, "q", input, config.heads);
  Value key = buildHeads(layer, "k", input, config.kvHeads);
  Value value = buildHeads(layer, "v", input, config.kvHeads);
  RankedTensorType content = tensor({ShapedType::kDynamic, config.kvHeads,
                                     ShapedType::kDynamic, config.headDim});
  auto read = attn::CacheReadOp::create(
      b, TypeRange{content, content, positions.getType()}, cache);
  llvm::SmallVector<int64_t, 1> window;
  if (config.windows[layer])
    window.push_back(config.windows[layer]);
  auto mask = attn::MaskAttr::get(b.getContext(), /*causal=*/true, window,
                                  /*sinks=*/{}, /*prefix=*/{},
                                  /*segments=*/false);
  float scale = float(1.0 / std::sqrt(double(config.headDim)));
  auto attention = attn::AttentionOp::create(
      b, query.getType(), /*lse=*/Type(), query,
      ValueRange{read.getResult(0), key}, ValueRange{read.getResult(1), value},
      positions, ValueRange{read.getResult(2), positions},
      /*query_segments=*/Value(), /*key_segments=*/ValueRange(), mask,
      llvm::APFloat(scale), /*softcap=*/FloatAttr());
  cache =
      attn::CacheAppendOp::create(b, cache, positions, ValueRange{key, value});
  Value merged = attn::MergeHeadsOp::create(b, attention.getOutput());
  return attn::LinearOp::create(b, input.getType(), merged, useOf(layer, "wo"),
                                useOf(layer, "bo"));
}

static attn::Activation translate(ConfigActivation activation) {
  switch (activation) {
  case ConfigActivation::Silu:
    return attn::Activation::Silu;
  case ConfigActivation::Gelu:
    return attn::Activation::Gelu;
  case ConfigActivation::GeluTanh:
    return attn::Activation::GeluTanh;
  case ConfigActivation::Relu:
    return attn::Activation::Relu;
  }
  llvm_unreachable("unknown activation");
}

void StepBuilder::buildLayer(int64_t layer, Value &hidden, Value &cache) {
  const Type types[] = {hidden.getType(), cache.getType()};
  auto op = attn::LayerOp::create(b, types, uint64_t(layer), "decoder",
                                  ValueRange{hidden, cache});
  OpBuilder::InsertionGuard guard(b);
  Block *block =
      b.createBlock(&op.getBody(), {}, types, {b.getLoc(), b.getLoc()});
  Value x = block->getArgument(0), c = block->getArgument(1);
  Value attended = buildAttention(layer, norm(x, useOf(layer, "norm1")), c);
  x = arith::AddFOp::create(b, x, attended);
  Value fed = attn::FfnOp::create(
      b, translate(config.activation), norm(x, useOf(layer, "norm2")),
      useOf(layer, "up"), useOf(layer, "down"), useOf(layer, "gate"));
  x = arith::AddFOp::create(b, x, fed);
  attn::YieldOp::create(b, ValueRange{x, c});
  hidden = op.getResult(0);
  cache = op.getResult(1);
}

void StepBuilder::buildStep() {
  auto ids = RankedTensorType::get({ShapedType::kDynamic, ShapedType::kDynamic},
                                   b.getI32Type());
  auto logitsType = RankedTensorType::get(
      {ShapedType::kDynamic, ShapedType::kDynamic, config.vocabulary},
      b.getF32Type());
  llvm::SmallVector<Type> arguments(3, ids), results = {logitsType};
  for (int64_t layer = 0; layer < config.layers; ++layer) {
    arguments.push_back(cacheType(layer));
    results.push_back(arguments.back());
  }
  auto step =
      func::FuncOp::create(b, "step", b.getFunctionType(arguments, results));
  Block *entry = step.addEntryBlock();
  b.setInsertionPointToStart(entry);
  positions = entry->getArgument(1);
  frequencies = use("inv_freq");
  Value table = use("embed");
  Value hidden = attn::EmbedOp::create(b, activations(config.hidden), table,
                                       entry->getArgument(0));
  llvm::SmallVector<Value> returned(1);
  for (int64_t layer = 0; layer < config.layers; ++layer) {
    Value cache = entry->getArgument(3 + layer);
    buildLayer(layer, hidden, cache);
    returned.push_back(cache);
  }
  Value rows = attn::GatherTokensOp::create(b, hidden.getType(), hidden,
                                            entry->getArgument(2));
  rows = norm(rows, use("norm"));
  Value head = config.tied ? table : use("head");
  returned[0] = attn::LinearOp::create(b, logitsType, rows, head, Value());
  func::ReturnOp::create(b, returned);
}

OwningOpRef<ModuleOp> StepBuilder::build() {
  OwningOpRef<ModuleOp> module = ModuleOp::create(b.getLoc());
  (*module)->setAttr("attn.model", describeModel());
  b.setInsertionPointToStart(module->getBody());
  buildWeights();
  buildFrequencies();
  buildStep();
  return module;
}

OwningOpRef<ModuleOp> buildModule(MLIRContext &context,
                                  const ModelDescription &model) {
  return StepBuilder(context, model).build();
}

} // namespace heed
