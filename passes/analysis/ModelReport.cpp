//===- ModelReport.cpp - What a model costs, layer by layer ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/analysis/ModelReport.h"

#include "heed/Support/Error.h"
#include "passes/framework/Model.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

#include <set>

using namespace mlir;

namespace heed {

CacheBytes &CacheBytes::operator+=(const CacheBytes &other) {
  perToken += other.perToken;
  perTokenAfterDecode += other.perTokenAfterDecode;
  full += other.full;
  fullAfterDecode += other.fullAfterDecode;
  return *this;
}

PartCosts &PartCosts::operator+=(const PartCosts &other) {
  prefill += other.prefill;
  decode += other.decode;
  cache += other.cache;
  return *this;
}

bool AppliedRewrite::operator==(const AppliedRewrite &other) const {
  return name == other.name && options == other.options &&
         layers == other.layers;
}

const LayerReport *ModelReport::findLayer(int64_t index) const {
  for (const LayerReport &layer : layers)
    if (layer.index == index)
      return &layer;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// What a phase runs
//===----------------------------------------------------------------------===//

namespace {

/// What one phase runs of a step, and how much.
class PhaseCount {
public:
  PhaseCount(EvalPhase phase, const StepSizes &sizes)
      : frame(context), sizes(sizes) {
    context.phase = phase;
  }

  /// Decides the skips of `step`. Fails, after an error, at one that must
  /// depend on nothing but the phase and does.
  LogicalResult decideSkips(func::FuncOp step);

  bool runs(attn::LayerOp layer) const;
  /// Counts below `root` without what is skipped, and without other layers.
  Counts count(Operation *root) const;

private:
  void evaluate(Operation *op);
  WalkResult decide(attn::SkipOp skip);

  EvalContext context;
  EvalFrame frame;
  StepSizes sizes;
  llvm::DenseSet<Value> known;
  llvm::DenseSet<Operation *> skipped;
};

} // namespace

/// Says whether all that an op takes and gives are single numbers.
static bool isScalar(Operation *op) {
  auto isNumber = [](Type type) {
    return !isa<ShapedType>(type) && getElement(type);
  };
  return op->getNumRegions() == 0 && op->getNumResults() > 0 &&
         llvm::all_of(op->getOperandTypes(), isNumber) &&
         llvm::all_of(op->getResultTypes(), isNumber);
}

void PhaseCount::evaluate(Operation *op) {
  auto isKnown = [&](Value value) { return known.contains(value); };
  if (isScalar(op) && isEvaluable(op) &&
      llvm::all_of(op->getOperands(), isKnown) &&
      succeeded(evaluateOp(op, frame)))
    known.insert(op->result_begin(), op->result_end());
}

WalkResult PhaseCount::decide(attn::SkipOp skip) {
  Value condition = skip.getCondition();
  if (known.contains(condition)) {
    if (frame.tensor(condition).data.front() == 0)
      return WalkResult::advance();
    skipped.insert(skip);
    return WalkResult::skip();
  }
  attn::Granularity granularity = skip.getGranularity();
  if (granularity != attn::Granularity::Static &&
      granularity != attn::Granularity::Phase)
    return WalkResult::advance();
  skip.emitOpError("has a condition that is not known from the phase alone, "
                   "wanted so for granularity '")
      << attn::stringifyGranularity(granularity) << "'";
  return WalkResult::interrupt();
}

LogicalResult PhaseCount::decideSkips(func::FuncOp step) {
  // Values are defined before their uses, so one pass in order suffices.
  WalkResult result = step.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (auto skip = dyn_cast<attn::SkipOp>(op))
      return decide(skip);
    evaluate(op);
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

bool PhaseCount::runs(attn::LayerOp layer) const {
  for (Operation *op = layer; op; op = op->getParentOp())
    if (skipped.contains(op))
      return false;
  return true;
}

Counts PhaseCount::count(Operation *root) const {
  return countBelow(root, sizes, [&](Operation *op) {
    return skipped.contains(op) || (isa<attn::LayerOp>(op) && op != root);
  });
}

//===----------------------------------------------------------------------===//
// Facts of a module
//===----------------------------------------------------------------------===//

/// Checks that every op that is counted has sizes that can be.
static LogicalResult checkTypes(func::FuncOp step) {
  WalkResult result = step.walk([](CostInterface op) {
    auto check = [&](Type type) {
      auto tensor = dyn_cast<ShapedType>(type);
      if (!tensor ||
          (getElement(tensor) && !llvm::is_contained(tensor.getShape(), 0)))
        return success();
      return LogicalResult(op->emitOpError("found type ")
                           << type
                           << ", wanted one with elements of a known size");
    };
    for (Type type : op->getOperandTypes())
      if (failed(check(type)))
        return WalkResult::interrupt();
    for (Type type : op->getResultTypes())
      if (failed(check(type)))
        return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

/// Returns what stands between the brackets of `#attn.mask<...>`.
static std::string printMask(attn::MaskAttr mask) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  Attribute(mask).print(stream);
  StringRef terms = text;
  terms.consume_front("#attn.mask<");
  terms.consume_back(">");
  return terms.str();
}

static std::vector<std::string> listMasks(attn::LayerOp layer) {
  llvm::SetVector<attn::MaskAttr> masks;
  layer.walk([&](Operation *op) {
    llvm::TypeSwitch<Operation *>(op)
        .Case<attn::AttentionOp, attn::AttentionPartialOp>(
            [&](auto attention) { masks.insert(attention.getMask()); });
  });
  std::vector<std::string> texts;
  for (attn::MaskAttr mask : masks)
    texts.push_back(printMask(mask));
  return texts;
}

/// Takes the options out of `name{a=1  b=2}`, one space between them.
static std::string readOptions(StringRef pipeline, StringRef name) {
  pipeline.consume_front(name);
  if (pipeline.consume_front("{"))
    pipeline.consume_back("}");
  SmallVector<StringRef> words;
  llvm::SplitString(pipeline, words);
  return llvm::join(words, " ");
}

static FailureOr<std::vector<AppliedRewrite>> readRewrites(ModuleOp module) {
  std::vector<AppliedRewrite> rewrites;
  Attribute given = module->getAttr("attn.rewrites");
  if (!given)
    return rewrites;
  auto fail = [&]() -> FailureOr<std::vector<AppliedRewrite>> {
    return module.emitError("found attn.rewrites = ")
           << given << ", wanted a list of {layers, name, options}";
  };
  auto list = dyn_cast<ArrayAttr>(given);
  if (!list)
    return fail();
  for (Attribute element : list) {
    auto entry = dyn_cast<DictionaryAttr>(element);
    if (!entry)
      return fail();
    auto name = entry.getAs<StringAttr>("name");
    auto options = entry.getAs<StringAttr>("options");
    auto layers = entry.getAs<DenseI64ArrayAttr>("layers");
    if (!name || !options || !layers)
      return fail();
    rewrites.push_back(
        {name.str(), readOptions(options, name), layers.asArrayRef().vec()});
  }
  return rewrites;
}

//===----------------------------------------------------------------------===//
// Caches
//===----------------------------------------------------------------------===//

static CacheBytes countCache(attn::CacheType type, const ReportSizes &sizes) {
  CacheBytes bytes;
  SmallVector<CacheFieldShape> fields = attn::getFieldShapes(type);
  for (const CacheFieldShape &field : fields) {
    double perToken = static_cast<double>(field.entryBytes) / field.period;
    if (field.rate == CacheFieldShape::Rate::Sequence)
      perToken = 0;
    bytes.perToken += perToken;
    if (!field.untilDecode)
      bytes.perTokenAfterDecode += perToken;
  }
  bytes.full = countCacheBytes(fields, sizes.batch, sizes.capacity,
                               /*decoded=*/false);
  bytes.fullAfterDecode = countCacheBytes(fields, sizes.batch, sizes.capacity,
                                          /*decoded=*/true);
  return bytes;
}

/// Adds each cache of the step to the first layer that takes it, or to the
/// rest.
static void addCaches(const Model &model, ModelReport &report) {
  llvm::DenseMap<Value, size_t> owners;
  for (auto [i, layer] : llvm::enumerate(model.getLayers()))
    for (Value cache : getCaches(layer))
      owners.try_emplace(getHandle(cache), i);
  for (Value argument : model.getStep().getArguments()) {
    auto type = dyn_cast<attn::CacheType>(argument.getType());
    if (!type)
      continue;
    auto owner = owners.find(argument);
    PartCosts &part = owner == owners.end()
                          ? report.rest
                          : report.layers[owner->second].costs;
    part.cache += countCache(type, report.sizes);
  }
}

//===----------------------------------------------------------------------===//
// Reports
//===----------------------------------------------------------------------===//

static FailureOr<ModelReport> reportModel(const Model &model,
                                          const ReportSizes &sizes) {
  ModelReport report;
  report.sizes = sizes;
  ModuleOp module = model.getModule();
  if (auto facts = module->getAttrOfType<DictionaryAttr>("attn.model")) {
    if (auto name = facts.getAs<StringAttr>("name"))
      report.name = name.str();
    if (auto vocabulary = facts.getAs<IntegerAttr>("vocabulary"))
      report.vocabulary = vocabulary.getInt();
  }
  FailureOr<std::vector<AppliedRewrite>> rewrites = readRewrites(module);
  PhaseCount prefill(EvalPhase::Prefill,
                     {sizes.batch, sizes.tokens, /*past=*/0, /*rows=*/1});
  PhaseCount decode(EvalPhase::Decode,
                    {sizes.batch, 1, /*past=*/sizes.tokens - 1, /*rows=*/1});
  func::FuncOp step = model.getStep();
  if (failed(rewrites) || failed(checkTypes(step)) ||
      failed(prefill.decideSkips(step)) || failed(decode.decideSkips(step)))
    return failure();
  report.rewrites = std::move(*rewrites);

  for (attn::LayerOp layer : model.getLayers()) {
    LayerReport &entry = report.layers.emplace_back();
    entry.index = layer.getIndex();
    entry.kind = layer.getKind().str();
    entry.masks = listMasks(layer);
    entry.runsInPrefill = prefill.runs(layer);
    entry.runsInDecode = decode.runs(layer);
    if (entry.runsInPrefill)
      entry.costs.prefill = prefill.count(layer);
    if (entry.runsInDecode)
      entry.costs.decode = decode.count(layer);
  }
  report.rest.prefill = prefill.count(step);
  report.rest.decode = decode.count(step);
  addCaches(model, report);
  report.all = report.rest;
  for (const LayerReport &layer : report.layers)
    report.all += layer.costs;
  return report;
}

/// Chooses the sizes that were left open for models of at most `context`
/// positions; 0: no limit.
static ReportSizes fillIn(const AskedSizes &asked, int64_t context) {
  constexpr int64_t kUsual = 1024;
  ReportSizes sizes;
  int64_t limit = context ? context : kUsual;
  sizes.tokens = asked.tokens.value_or(
      std::min({limit, kUsual, asked.capacity.value_or(kUsual)}));
  sizes.batch = asked.batch.value_or(1);
  sizes.capacity = asked.capacity.value_or(std::max(limit, sizes.tokens));
  return sizes;
}

static LogicalResult checkSizes(const Model &model, const ReportSizes &sizes) {
  // Keeps pairs x heads x width x layers within 64 bits.
  constexpr int64_t kMost = int64_t(1) << 40;
  ModuleOp module = model.getModule();
  for (auto [name, value] :
       {std::pair("tokens", sizes.tokens), std::pair("batch", sizes.batch),
        std::pair("capacity", sizes.capacity)})
    if (value < 1 || value > kMost)
      return module.emitError("found ")
             << name << " = " << value << ", wanted 1 to " << kMost;
  if (sizes.capacity < sizes.tokens)
    return module.emitError("found capacity = ")
           << sizes.capacity << ", wanted room for the " << sizes.tokens
           << " tokens of a sequence";
  int64_t context = model.getContext();
  if (context > 0 && sizes.tokens > context)
    return module.emitError("found tokens = ")
           << sizes.tokens << ", wanted at most the context of " << context;
  double pairs = static_cast<double>(sizes.batch) * sizes.tokens * sizes.tokens;
  double entries = static_cast<double>(sizes.batch) * sizes.capacity;
  if (std::max(pairs, entries) > static_cast<double>(kMost))
    return module.emitError("found batch = ")
           << sizes.batch << ", tokens = " << sizes.tokens
           << ", capacity = " << sizes.capacity
           << ", wanted batch x tokens x tokens and batch x capacity of at "
              "most "
           << kMost;
  return success();
}

FailureOr<std::vector<ModelReport>> reportModels(ArrayRef<ModuleOp> modules,
                                                 const AskedSizes &asked) {
  std::vector<Model> models;
  int64_t smallest = 0;
  for (ModuleOp module : modules) {
    FailureOr<Model> model = Model::create(module);
    if (failed(model))
      return failure();
    int64_t context = model->getContext();
    if (context > 0 && (!smallest || context < smallest))
      smallest = context;
    models.push_back(*model);
  }
  ReportSizes sizes = fillIn(asked, smallest);
  std::vector<ModelReport> reports;
  for (const Model &model : models) {
    if (failed(checkSizes(model, sizes)))
      return failure();
    FailureOr<ModelReport> report = reportModel(model, sizes);
    if (failed(report))
      return failure();
    reports.push_back(std::move(*report));
  }
  return reports;
}

//===----------------------------------------------------------------------===//
// What strikes in a report, and between two
//===----------------------------------------------------------------------===//

std::vector<int64_t> listMissingLayers(const ModelReport &report,
                                       const ModelReport &other) {
  std::set<int64_t> present;
  for (const LayerReport &layer : other.layers)
    present.insert(layer.index);
  std::vector<int64_t> missing;
  for (const LayerReport &layer : report.layers)
    if (!present.count(layer.index))
      missing.push_back(layer.index);
  return missing;
}

std::vector<int64_t> listLayersOfOnePhase(const ModelReport &report,
                                          EvalPhase phase) {
  std::vector<int64_t> indices;
  bool inPrefill = phase == EvalPhase::Prefill;
  for (const LayerReport &layer : report.layers)
    if (layer.runsInPrefill == inPrefill && layer.runsInDecode != inPrefill)
      indices.push_back(layer.index);
  return indices;
}

std::vector<std::string> listMismatches(const ModelReport &before,
                                        const ModelReport &after) {
  std::vector<std::string> lines;
  if (before.name != after.name)
    lines.push_back("models differ: " + quote(before.name) + " and " +
                    quote(after.name));
  if (before.vocabulary != after.vocabulary)
    lines.push_back(
        "vocabularies differ: " + std::to_string(before.vocabulary) + " and " +
        std::to_string(after.vocabulary));
  bool isEmpty = before.layers.empty() && after.layers.empty();
  if (listMissingLayers(before, after).size() == before.layers.size() &&
      !isEmpty)
    lines.push_back("no layer of one is in the other");
  return lines;
}

} // namespace heed
