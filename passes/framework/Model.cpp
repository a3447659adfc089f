//===- Model.cpp - What rewrites see of a model ---------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/framework/Model.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace heed {

FailureOr<Model> Model::create(ModuleOp module) {
  auto step = module.lookupSymbol<func::FuncOp>("step");
  if (!step || step.isExternal()) {
    module.emitError("found no function @step with a body, wanted the model's; "
                     "rewrites run before heed-specialize-phases");
    return failure();
  }
  Model model(module, step);
  llvm::DenseMap<int64_t, attn::LayerOp> seen;
  WalkResult result = step.walk([&](attn::LayerOp layer) {
    auto [place, isNew] = seen.try_emplace(layer.getIndex(), layer);
    if (!isNew) {
      InFlightDiagnostic diagnostic = layer.emitOpError("found a second layer ")
                                      << layer.getIndex()
                                      << ", wanted one of each index";
      diagnostic.attachNote(place->second.getLoc()) << "the first is here";
      return WalkResult::interrupt();
    }
    model.layers.push_back(layer);
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  return model;
}

int64_t Model::getContext() const {
  auto facts = module->getAttrOfType<DictionaryAttr>("attn.model");
  if (!facts)
    return 0;
  auto context = facts.getAs<IntegerAttr>("context");
  return context ? context.getInt() : 0;
}

SmallVector<Value> getCaches(attn::LayerOp layer) {
  SmallVector<Value> caches;
  for (Value input : layer.getInputs())
    if (isa<attn::CacheType>(input.getType()))
      caches.push_back(input);
  return caches;
}

/// Returns the handle before the op that made `cache`, or `cache` itself if it
/// is an argument of the function.
static Value getEarlier(Value cache) {
  if (auto argument = dyn_cast<BlockArgument>(cache)) {
    Operation *parent = argument.getOwner()->getParentOp();
    unsigned number = argument.getArgNumber();
    if (auto layer = dyn_cast<attn::LayerOp>(parent))
      return layer.getInputs()[number];
    if (auto skip = dyn_cast<attn::SkipOp>(parent))
      return skip.getInputs()[number];
    return cache;
  }
  unsigned number = cast<OpResult>(cache).getResultNumber();
  return TypeSwitch<Operation *, Value>(cache.getDefiningOp())
      .Case([](attn::CacheAppendOp op) { return op.getCache(); })
      .Case<attn::LayerOp, attn::SkipOp>(
          [&](auto op) { return op.getYield().getValues()[number]; })
      .Default(cache);
}

/// Returns the values that stand for the same handle behind `use`.
static SmallVector<Value> getLater(OpOperand &use) {
  unsigned number = use.getOperandNumber();
  return TypeSwitch<Operation *, SmallVector<Value>>(use.getOwner())
      .Case([](attn::CacheAppendOp op) {
        return SmallVector<Value>{op.getResult()};
      })
      .Case([&](attn::LayerOp op) {
        return SmallVector<Value>{op.getBody().getArgument(number)};
      })
      .Case([&](attn::SkipOp op) {
        // The condition is the first operand.
        return SmallVector<Value>{op.getBody().getArgument(number - 1),
                                  op.getOutputs()[number - 1]};
      })
      .Case([&](attn::YieldOp op) {
        return SmallVector<Value>{op->getParentOp()->getResult(number)};
      })
      .Default(SmallVector<Value>());
}

Value getHandle(Value cache) {
  while (getEarlier(cache) != cache)
    cache = getEarlier(cache);
  return cache;
}

void changeFields(Value cache,
                  const std::function<void(attn::CacheField &)> &change) {
  cache = getHandle(cache);
  auto type = cast<attn::CacheType>(cache.getType());
  SmallVector<attn::CacheField> fields(type.getFields());
  llvm::for_each(fields, change);
  auto changed = attn::CacheType::get(type.getContext(), fields);

  SmallVector<Value> worklist{cache};
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    if (value.getType() == changed)
      continue;
    value.setType(changed);
    for (OpOperand &use : value.getUses())
      worklist.append(getLater(use));
  }
  auto function =
      cast<func::FuncOp>(cast<BlockArgument>(cache).getOwner()->getParentOp());
  Block &body = function.front();
  function.setType(FunctionType::get(type.getContext(), body.getArgumentTypes(),
                                     body.getTerminator()->getOperandTypes()));
}

} // namespace heed
