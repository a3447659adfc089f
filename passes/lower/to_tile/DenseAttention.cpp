//===- DenseAttention.cpp - Softmax attention over segments of keys -------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/to_tile/Epilogue.h"
#include "passes/lower/to_tile/Visibility.h"
#include "passes/lower/to_tile/Writers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace heed {

/// Stands for a score of -inf: differences of two stay numbers.
static constexpr float veryLow = -1.0e30f;
static constexpr float log2e = 1.44269504f, ln2 = 0.69314718f;

namespace {
/// Writes one stream per segment, which carry accumulator, maximum and sum
/// from one to the next. Scores are kept times log2(e), for exp2.
class AttentionWriter {
public:
  /// Takes `keys` keys a step.
  AttentionWriter(func::FuncOp group, const AttentionSite &site, bool decode,
                  int64_t keys)
      : site_(site), epilogue_(group, site.op), k_(group), b_(k_.builder()),
        rows_(k_, site_, decode), count_(rows_.getCount()), keys_(keys) {
    for (Value value : group.getBody().front().getTerminator()->getOperands())
      results_.push_back(value);
  }

  void write();

private:
  void writeSegment(const KeySegment &segment, bool isFirst);
  SmallVector<Value> writeStep(const KeySegment &segment, Value step,
                               ValueRange loaded, ValueRange carried);
  SmallVector<Value> combine(ValueRange first, ValueRange second);
  Value score(Value keys, Value keyPositions);
  Value applyScore(Value scores, Value keyPositions);
  Value finishOutput();
  Value finishLse();
  void storeResults();
  void storeOutput(unsigned number);

  // Arithmetic on tiles.
  Value multiply(Value x, Value y) { return arith::MulFOp::create(b_, x, y); }
  Value add(Value x, Value y) { return arith::AddFOp::create(b_, x, y); }
  Value subtract(Value x, Value y) { return arith::SubFOp::create(b_, x, y); }
  Value scaleBy(Value x, float factor) {
    auto shape = cast<RankedTensorType>(x.getType()).getShape();
    return multiply(x, k_.splat(factor, shape));
  }
  Value exp2(Value x) { return math::Exp2Op::create(b_, x); }

  AttentionSite site_;
  Epilogue epilogue_;
  KernelWriter k_;
  ImplicitLocOpBuilder &b_;
  QueryRows rows_;
  int64_t count_;
  int64_t keys_;
  SmallVector<Value> results_;
  std::optional<Visibility> sight_;
  Value query_;
  Value acc_, max_, sum_;
};
} // namespace

void AttentionWriter::write() {
  SmallVector<KeySegment> segments = viewSegments(k_, site_, rows_);
  Value total = k_.add(segments.back().start, segments.back().length);
  sight_.emplace(k_, site_, rows_, total);
  Value view = rows_.view(k_.argument(site_.query), site_.width);
  query_ =
      k_.load(view, {rows_.getFirst(), k_.index(0)}, {count_, site_.width});
  acc_ = k_.splat(0.0f, {count_, site_.valueWidth});
  max_ = k_.splat(veryLow, {count_});
  sum_ = k_.splat(0.0f, {count_});
  for (auto [number, segment] : llvm::enumerate(segments))
    writeSegment(segment, /*isFirst=*/number == 0);
  storeResults();
  k_.finish();
}

void AttentionWriter::writeSegment(const KeySegment &segment, bool isFirst) {
  auto where = [&](OpBuilder &, Location, Value step) {
    return sight_->mayBeVisible(segment, step, keys_);
  };
  auto load = [&](OpBuilder &, Location, Value step) {
    Value zero = k_.index(0);
    SmallVector<Value> tiles = {
        k_.load(segment.keys, {step, zero}, {keys_, site_.width}),
        k_.load(segment.values, {step, zero}, {keys_, site_.valueWidth})};
    llvm::append_range(tiles, sight_->load(segment, step, keys_));
    return tiles;
  };
  auto body = [&](OpBuilder &, Location, Value step, ValueRange loaded,
                  ValueRange carried) {
    return writeStep(segment, step, loaded, carried);
  };
  auto both = [&](OpBuilder &, Location, ValueRange first, ValueRange second) {
    return combine(first, second);
  };
  // Only the first stream begins with neutral values; the others go on.
  tile::StreamCombineFn divisible;
  if (isFirst)
    divisible = both;
  auto stream = tile::StreamOp::create(
      b_, k_.index(0), segment.length, k_.index(keys_),
      ValueRange{acc_, max_, sum_}, where, load, body, divisible);
  stream.setContinues(!isFirst);
  acc_ = stream.getResult(0);
  max_ = stream.getResult(1);
  sum_ = stream.getResult(2);
}

Value AttentionWriter::score(Value keys, Value keyPositions) {
  Value zero = k_.splat(0.0f, {count_, keys_});
  Value scores = tile::MmaOp::create(b_, zero.getType(), query_, keys, zero,
                                     UnitAttr(), b_.getUnitAttr());
  if (!site_.softcap && !site_.score)
    return scaleBy(scores, site_.scale * log2e);
  scores = scaleBy(scores, site_.scale);
  if (site_.softcap) {
    Value inner = scaleBy(scores, 1.0f / *site_.softcap);
    scores = scaleBy(math::TanhOp::create(b_, inner), *site_.softcap);
  }
  if (site_.score)
    scores = applyScore(scores, keyPositions);
  return scaleBy(scores, log2e);
}

/// Inlines the score region on a tile of scores.
Value AttentionWriter::applyScore(Value scores, Value keyPositions) {
  Block &block = site_.score->front();
  IRMapping mapping;
  mapping.map(block.getArgument(0), scores);
  mapping.map(block.getArgument(1), rows_.getSequence());
  mapping.map(block.getArgument(2), k_.perRow(rows_.getHeads(), keys_));
  mapping.map(block.getArgument(3),
              k_.perRow(sight_->getQueryPositions(), keys_));
  mapping.map(block.getArgument(4), k_.perColumn(keyPositions, count_));
  SmallVector<int64_t> shape = {count_, keys_};
  for (Operation &op : block.without_terminator())
    cloneOnTiles(k_, &op, shape, mapping);
  return mapping.lookup(block.getTerminator()->getOperand(0));
}

SmallVector<Value> AttentionWriter::writeStep(const KeySegment &segment,
                                              Value step, ValueRange loaded,
                                              ValueRange carried) {
  Value keys = loaded[0], values = loaded[1];
  ValueRange numbers = loaded.drop_front(2);
  Value keyPositions = sight_->getKeyPositions(segment, step, keys_, numbers);
  Value visible = sight_->getMask(keyPositions, numbers);
  Value low = k_.splat(veryLow, {count_, keys_});
  Value scores =
      arith::SelectOp::create(b_, visible, score(keys, keyPositions), low);

  Value acc = carried[0], max = carried[1], sum = carried[2];
  Value highest = k_.reduce(tile::ReduceKind::Max, scores, 1);
  Value newMax = arith::MaximumFOp::create(b_, max, highest);
  Value alpha = exp2(subtract(max, newMax));
  // A row that has seen nothing has maximum `veryLow`: zero it by the mask.
  Value weights = exp2(subtract(scores, k_.perRow(newMax, keys_)));
  weights = arith::SelectOp::create(b_, visible, weights,
                                    k_.splat(0.0f, {count_, keys_}));
  Value newSum =
      add(multiply(sum, alpha), k_.reduce(tile::ReduceKind::Add, weights, 1));
  Type element = cast<RankedTensorType>(values.getType()).getElementType();
  acc = multiply(acc, k_.perRow(alpha, site_.valueWidth));
  acc = tile::MmaOp::create(b_, acc.getType(), k_.narrow(weights, element),
                            values, acc, UnitAttr(), UnitAttr());
  return {acc, newMax, newSum};
}

/// Brings accumulator and sum of two sets of steps under the maximum of both.
SmallVector<Value> AttentionWriter::combine(ValueRange first,
                                            ValueRange second) {
  Value max = arith::MaximumFOp::create(b_, first[1], second[1]);
  SmallVector<Value> accs, sums;
  for (ValueRange set : {first, second}) {
    Value alpha = exp2(subtract(set[1], max));
    accs.push_back(multiply(set[0], k_.perRow(alpha, site_.valueWidth)));
    sums.push_back(multiply(set[2], alpha));
  }
  return {add(accs[0], accs[1]), max, add(sums[0], sums[1])};
}

/// Divides; a row without keys has zeros and stays so.
Value AttentionWriter::finishOutput() {
  Value zero = k_.splat(0.0f, {count_}), one = k_.splat(1.0f, {count_});
  Value seen = arith::CmpFOp::create(b_, arith::CmpFPredicate::OGT, sum_, zero);
  Value divisor = arith::SelectOp::create(b_, seen, sum_, one);
  Value inverse = arith::DivFOp::create(b_, one, divisor);
  return multiply(acc_, k_.perRow(inverse, site_.valueWidth));
}

Value AttentionWriter::finishLse() {
  Value zero = k_.splat(0.0f, {count_}), one = k_.splat(1.0f, {count_});
  Value seen = arith::CmpFOp::create(b_, arith::CmpFPredicate::OGT, sum_, zero);
  Value safe = arith::SelectOp::create(b_, seen, sum_, one);
  Value lse = add(scaleBy(max_, ln2), math::LogOp::create(b_, safe));
  return arith::SelectOp::create(
      b_, seen, lse,
      k_.splat(-std::numeric_limits<float>::infinity(), {count_}));
}

void AttentionWriter::storeOutput(unsigned number) {
  auto load = [&](Value argument) {
    Value view = rows_.view(k_.argument(argument), site_.valueWidth);
    return k_.load(view, {rows_.getFirst(), k_.index(0)},
                   {count_, site_.valueWidth});
  };
  bool isPartial = isa<attn::AttentionPartialOp>(site_.op);
  Value value = isPartial ? acc_ : finishOutput();
  value = epilogue_.apply(k_, value, load);
  Value view = rows_.view(k_.result(number), site_.valueWidth,
                          /*merged=*/epilogue_.getView() != nullptr);
  k_.store(value, view, {rows_.getFirst(), k_.index(0)});
}

void AttentionWriter::storeResults() {
  bool isPartial = isa<attn::AttentionPartialOp>(site_.op);
  for (auto [number, value] : llvm::enumerate(results_)) {
    auto result = dyn_cast<OpResult>(value);
    bool isOwn = result && result.getOwner() == site_.op;
    if (!isOwn || result.getResultNumber() == 0) {
      storeOutput(number);
      continue;
    }
    Value line = rows_.line(k_.result(number));
    Value numbers = sum_;
    if (!isPartial)
      numbers = finishLse();
    else if (result.getResultNumber() == 1)
      numbers = arith::SelectOp::create(
          b_,
          arith::CmpFOp::create(b_, arith::CmpFPredicate::OGT, sum_,
                                k_.splat(0.0f, {count_})),
          scaleBy(max_, ln2),
          k_.splat(-std::numeric_limits<float>::infinity(), {count_}));
    k_.store(numbers, line, {rows_.getFirst()});
  }
}

static LogicalResult writeAttention(func::FuncOp group, bool decode,
                                    const BlockSizes &sizes) {
  AttentionSite site = findAttention(group);
  Type element = cast<RankedTensorType>(site.query.getType()).getElementType();
  int64_t keys = decode ? sizes.decodeKeys(element, site.getGroupSize())
                        : sizes.keys(element);
  AttentionWriter(group, site, decode, keys).write();
  return success();
}

LogicalResult writeDenseAttention(func::FuncOp group, const BlockSizes &sizes) {
  return writeAttention(group, /*decode=*/false, sizes);
}

LogicalResult writeDecodeAttention(func::FuncOp group,
                                   const BlockSizes &sizes) {
  return writeAttention(group, /*decode=*/true, sizes);
}

} // namespace heed
