//===- ReferenceModel.cpp - Run a model without compiling it --------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/analysis/ReferenceModel.h"
#include "heed/Support/Error.h"

using namespace mlir;

namespace heed {

using reference::Element;
using reference::Tensor;

/// A checked step as tensors.
struct ReferenceModel::Inputs {
  SmallVector<int64_t> slots;
  Tensor ids, positions, rows;
  Tensor numbers; ///< Which token of its sequence each token is.

  Inputs(int64_t batch, int64_t tokens, int64_t rows)
      : ids(Element::I32, {batch, tokens}),
        positions(Element::I32, {batch, tokens}),
        rows(Element::I32, {batch, rows}),
        numbers(Element::I64, {batch, tokens}) {}
};

//===----------------------------------------------------------------------===//
// Creation
//===----------------------------------------------------------------------===//

ReferenceModel::ReferenceModel(ModuleOp module, StringRef folder)
    : module(module), weights(module, folder) {
  context.weights = [this](Operation *user, StringRef name) {
    return weights.get(user, name);
  };
}

/// Returns the cache types of a function like `@step`: (ids, positions, rows,
/// caches...) -> (logits, caches...). Nothing if it is none.
static std::optional<SmallVector<attn::CacheType>>
readSignature(FunctionType type) {
  if (type.getNumInputs() < 3 ||
      type.getNumResults() != type.getNumInputs() - 2)
    return std::nullopt;
  auto isTensor = [](Type type, int64_t rank) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && tensor.getRank() == rank;
  };
  for (Type input : type.getInputs().take_front(3))
    if (!isTensor(input, 2) || !getElementTypeOrSelf(input).isInteger(32))
      return std::nullopt;
  Type logits = type.getResult(0);
  if (!isTensor(logits, 3) || cast<ShapedType>(logits).isDynamicDim(2))
    return std::nullopt;
  SmallVector<attn::CacheType> caches;
  for (auto [input, result] : llvm::zip_equal(type.getInputs().drop_front(3),
                                              type.getResults().drop_front())) {
    auto cache = dyn_cast<attn::CacheType>(input);
    if (!cache || input != result)
      return std::nullopt;
    caches.push_back(cache);
  }
  return caches;
}

LogicalResult ReferenceModel::findEntry(StringRef name, func::FuncOp &entry) {
  entry = module.lookupSymbol<func::FuncOp>(name);
  if (!entry)
    entry = module.lookupSymbol<func::FuncOp>("step");
  if (!entry || entry.isDeclaration())
    return module.emitError("found neither @") << name << " nor @step";
  std::optional<SmallVector<attn::CacheType>> caches =
      readSignature(entry.getFunctionType());
  if (!caches)
    return entry.emitError("found signature ")
           << entry.getFunctionType()
           << ", wanted (ids, positions, rows, caches) -> (logits, caches)";
  if (!cacheTypes.empty() && cacheTypes != *caches)
    return entry.emitError("found caches other than those of @")
           << prefill.getName();
  cacheTypes = std::move(*caches);
  return success();
}

LogicalResult ReferenceModel::readLimits() {
  vocabulary = cast<ShapedType>(prefill.getResultTypes().front()).getDimSize(2);
  auto model = module->getAttrOfType<DictionaryAttr>("attn.model");
  if (!model)
    return success();
  if (auto given = model.getAs<IntegerAttr>("vocabulary"))
    if (given.getInt() != vocabulary)
      return module.emitError("found a vocabulary of ")
             << given.getInt() << " in attn.model, and logits of width "
             << vocabulary;
  if (auto given = model.getAs<IntegerAttr>("context"))
    limit = given.getInt();
  return success();
}

FailureOr<std::unique_ptr<ReferenceModel>>
ReferenceModel::create(ModuleOp module, StringRef folder) {
  std::unique_ptr<ReferenceModel> model(new ReferenceModel(module, folder));
  if (failed(model->findEntry("prefill", model->prefill)) ||
      failed(model->findEntry("decode", model->decode)) ||
      failed(model->readLimits()))
    return failure();
  return model;
}

FailureOr<ReferenceCache> ReferenceModel::createCache(int64_t slots,
                                                      int64_t capacity) {
  return ReferenceCache::create(prefill.getLoc(), cacheTypes, slots, capacity);
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

llvm::Error ReferenceModel::checkStep(EvalPhase phase,
                                      const ReferenceCache &cache,
                                      const ReferenceStep &step) const {
  if (step.batch < 1 || step.batch > cache.getSlots())
    return makeError("batch " + Twine(step.batch) + " found, 1 to " +
                     Twine(cache.getSlots()) + " slots wanted");
  if (step.tokens < 1 || (phase == EvalPhase::Decode && step.tokens != 1))
    return makeError(
        Twine(step.tokens) + " tokens found, " +
        (phase == EvalPhase::Decode ? "1 wanted" : "at least 1 wanted"));
  if (step.rows < 0 || (step.rowIndex.empty() && step.rows > 1))
    return makeError(Twine(step.rows) + " rows found without their indices, "
                                        "0 or 1 wanted");
  auto checkSize = [](StringRef what, ArrayRef<int32_t> found, int64_t wanted,
                      bool optional) -> llvm::Error {
    if (static_cast<int64_t>(found.size()) == wanted ||
        (optional && found.empty()))
      return llvm::Error::success();
    return makeError(Twine(found.size()) + " " + what + " found, " +
                     Twine(wanted) + " wanted");
  };
  int64_t tokens = step.batch * step.tokens;
  if (llvm::Error error = checkSize("ids", step.ids, tokens, false))
    return error;
  if (llvm::Error error = checkSize("positions", step.positions, tokens, true))
    return error;
  if (llvm::Error error =
          checkSize("row indices", step.rowIndex, step.batch * step.rows, true))
    return error;
  return checkSize("slots", step.slots, step.batch, true);
}

llvm::Error ReferenceModel::readSequence(int64_t b, const ReferenceCache &cache,
                                         const ReferenceStep &step,
                                         Inputs &inputs) const {
  int64_t slot = inputs.slots[b];
  int64_t last = cache.getLastPosition(slot), number = cache.getTokens(slot);
  int64_t lastRow = -1;
  for (int64_t n = 0; n < step.tokens; ++n) {
    int64_t at = b * step.tokens + n;
    int64_t position = step.positions.empty() ? last + 1 : step.positions[at];
    if (position != -1 && (position <= last || (limit && position >= limit)))
      return makeError(
          "sequence " + Twine(b) + ", token " + Twine(n) + ": position " +
          Twine(position) + " found, one behind " + Twine(last) +
          (limit ? " and below " + Twine(limit) : Twine()) + " wanted");
    inputs.positions.data[at] = static_cast<double>(position);
    inputs.numbers.data[at] = static_cast<double>(number);
    if (position == -1)
      continue;
    int32_t id = step.ids[at];
    if (id < 0 || id >= vocabulary)
      return makeError("sequence " + Twine(b) + ", token " + Twine(n) +
                       ": id " + Twine(id) + " found, 0 to " +
                       Twine(vocabulary - 1) + " wanted");
    inputs.ids.data[at] = id;
    last = position;
    lastRow = n;
    ++number;
  }
  if (number > cache.getCapacity())
    return makeError("sequence " + Twine(b) + ": " + Twine(number) +
                     " tokens for slot " + Twine(slot) +
                     " found, which has room for " +
                     Twine(cache.getCapacity()));
  for (int64_t r = 0; r < step.rows; ++r) {
    int64_t row = lastRow;
    if (!step.rowIndex.empty())
      row = step.rowIndex[b * step.rows + r];
    if (row < -1 || row >= step.tokens)
      return makeError("sequence " + Twine(b) + ", row " + Twine(r) +
                       ": index " + Twine(row) + " found, -1 to " +
                       Twine(step.tokens - 1) + " wanted");
    inputs.rows.data[b * step.rows + r] = static_cast<double>(row);
  }
  return llvm::Error::success();
}

llvm::Error ReferenceModel::readStep(EvalPhase phase,
                                     const ReferenceCache &cache,
                                     const ReferenceStep &step,
                                     Inputs &inputs) const {
  for (int64_t b = 0; b < step.batch; ++b) {
    int64_t slot = step.slots.empty() ? b : step.slots[b];
    if (llvm::Error error = cache.checkSlot(slot))
      return error;
    if (llvm::is_contained(inputs.slots, slot))
      return makeError("sequence " + Twine(b) + ": slot " + Twine(slot) +
                       " found twice, all must differ");
    inputs.slots.push_back(slot);
    for (size_t i = 0; i < cache.caches.size(); ++i)
      if (phase == EvalPhase::Prefill && cache.isReleased(i, slot))
        return makeError("slot " + Twine(slot) +
                         " has decoded, which has released its cache " +
                         Twine(i) + "; an empty slot is wanted");
    if (llvm::Error error = readSequence(b, cache, step, inputs))
      return error;
  }
  return llvm::Error::success();
}

LogicalResult ReferenceModel::commit(EvalPhase phase, ReferenceCache &cache,
                                     const Inputs &inputs,
                                     ArrayRef<EvalValue> results) {
  // All is checked before anything changes.
  for (auto [i, result] : llvm::enumerate(results.drop_front()))
    if (&std::get<reference::CacheValue>(result).getCache() != &cache.caches[i])
      return prefill.emitError("found another cache in the place of cache ")
             << i << " among the results";
  for (auto [i, result] : llvm::enumerate(results.drop_front()))
    cache.caches[i].commit(std::get<reference::CacheValue>(result),
                           inputs.numbers);
  for (auto [b, slot] : llvm::enumerate(inputs.slots)) {
    ReferenceCache::Slot &record = cache.slots[slot];
    for (int64_t n = 0, e = inputs.positions.width(); n < e; ++n) {
      double position = inputs.positions.row(b)[n];
      if (position < 0)
        continue;
      record.positions.push_back(static_cast<int64_t>(position));
      record.decoded |= phase == EvalPhase::Decode;
    }
    cache.release(slot);
  }
  return success();
}

FailureOr<Tensor> ReferenceModel::run(EvalPhase phase, ReferenceCache &cache,
                                      const ReferenceStep &step) {
  bool decodes = phase == EvalPhase::Decode;
  func::FuncOp entry = decodes ? decode : prefill;
  llvm::Error error = checkStep(phase, cache, step);
  std::optional<Inputs> inputs;
  if (!error) {
    inputs.emplace(step.batch, step.tokens, step.rows);
    error = readStep(phase, cache, step, *inputs);
  }
  if (error)
    return entry.emitError(decodes ? "decode: " : "prefill: ")
           << llvm::toString(std::move(error));
  context.phase = phase;
  auto share = [](const Tensor &tensor) -> EvalValue {
    return std::make_shared<const Tensor>(tensor);
  };
  SmallVector<EvalValue> args = {share(inputs->ids), share(inputs->positions),
                                 share(inputs->rows)};
  for (const reference::Cache &part : cache.caches)
    args.push_back(reference::CacheValue(part, inputs->slots));
  EvalFrame frame(context);
  SmallVector<EvalValue> results;
  if (failed(frame.run(entry.front(), args, results)) ||
      failed(commit(phase, cache, *inputs, results)))
    return failure();
  return *std::get<reference::TensorRef>(results.front());
}

} // namespace heed
