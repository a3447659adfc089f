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
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <cmath>
#include <limits>

using namespace mlir;

namespace heed {

/// The score of what is not seen, and the maximum of nothing.
static constexpr float nothing = -std::numeric_limits<float>::infinity();
static constexpr float log2e = 1.44269504f, ln2 = 0.69314718f;

namespace {
/// Writes one stream per segment, which carry accumulator, maximum and sum
/// from one to the next. A weight is 2 to the power of a score times `factor_`:
/// where nothing else is done to a product of query and key than scaling it,
/// that is left to the exponential.
class AttentionWriter {
public:
  /// Takes `keys` keys a step. `branches`: whether steps that all queries see
  /// take another path, without a mask.
  AttentionWriter(func::FuncOp group, const AttentionSite &site,
                  const QueryBlock &queries, int64_t keys, bool branches)
      : site_(site), epilogue_(group, site.op), k_(group), b_(k_.builder()),
        rows_(k_, site_, queries), count_(rows_.getCount()), keys_(keys),
        branches_(branches) {
    isLinear_ = !site_.softcap && !site_.score && site_.scale > 0;
    factor_ = isLinear_ ? site_.scale * log2e : 1.0f;
    for (Value value : group.getBody().front().getTerminator()->getOperands())
      results_.push_back(value);
  }

  void write();

private:
  void writeSegment(const KeySegment &segment, bool isFirst);
  SmallVector<Value> writeStep(const KeySegment &segment, Value step,
                               ValueRange loaded, ValueRange carried);
  SmallVector<Value> combine(ValueRange first, ValueRange second);
  Value score(const KeySegment &segment, Value step, Value keys,
              ValueRange numbers);
  Value applyScore(Value scores, Value keyPositions);
  Value maskScores(const KeySegment &segment, Value step, ValueRange numbers,
                   Value scores);
  Value findOrigin(Value max);
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
  /// 2^(x * factor + y)
  Value power(Value x, Value y) {
    auto shape = cast<RankedTensorType>(x.getType()).getShape();
    return math::Exp2Op::create(
        b_, math::FmaOp::create(b_, x, k_.splat(factor_, shape), y));
  }

  AttentionSite site_;
  Epilogue epilogue_;
  KernelWriter k_;
  ImplicitLocOpBuilder &b_;
  QueryRows rows_;
  int64_t count_;
  int64_t keys_;
  bool branches_;
  bool isLinear_;
  float factor_; ///< Positive.
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
  max_ = k_.splat(nothing, {count_});
  sum_ = k_.splat(0.0f, {count_});
  for (auto [number, segment] : llvm::enumerate(segments))
    writeSegment(segment, /*isFirst=*/number == 0);
  storeResults();
  k_.finish();
}

void AttentionWriter::writeSegment(const KeySegment &segment, bool isFirst) {
  auto mayBeVisible = [&](OpBuilder &, Location, Value step) {
    return sight_->mayBeVisible(segment, step, keys_);
  };
  StepRange range = sight_->findSteps(segment, keys_);
  tile::StreamWhereFn where;
  if (range.hasGaps)
    where = mayBeVisible;
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
      b_, range.lower, range.upper, k_.index(keys_),
      ValueRange{acc_, max_, sum_}, where, load, body, divisible);
  stream.setContinues(!isFirst);
  acc_ = stream.getResult(0);
  max_ = stream.getResult(1);
  sum_ = stream.getResult(2);
}

Value AttentionWriter::score(const KeySegment &segment, Value step, Value keys,
                             ValueRange numbers) {
  Value zero = k_.splat(0.0f, {count_, keys_});
  Value scores = tile::MmaOp::create(b_, zero.getType(), query_, keys, zero,
                                     UnitAttr(), b_.getUnitAttr());
  if (isLinear_)
    return scores;
  scores = scaleBy(scores, site_.scale);
  if (site_.softcap) {
    Value inner = scaleBy(scores, 1.0f / *site_.softcap);
    scores = scaleBy(math::TanhOp::create(b_, inner), *site_.softcap);
  }
  if (site_.score)
    scores = applyScore(scores,
                        sight_->getKeyPositions(segment, step, keys_, numbers));
  return scaleBy(scores, log2e);
}

/// Writes `nothing` in place of the scores of keys that a row does not see.
Value AttentionWriter::maskScores(const KeySegment &segment, Value step,
                                  ValueRange numbers, Value scores) {
  auto masked = [&]() -> Value {
    Value positions = sight_->getKeyPositions(segment, step, keys_, numbers);
    return arith::SelectOp::create(b_, sight_->getMask(positions, numbers),
                                   scores, k_.splat(nothing, {count_, keys_}));
  };
  Value all =
      branches_ ? sight_->seesAll(segment, step, keys_, numbers) : Value();
  if (!all)
    return masked();
  auto yield = [](OpBuilder &builder, Location loc, Value value) {
    scf::YieldOp::create(builder, loc, value);
  };
  return scf::IfOp::create(
             b_, all,
             [&](OpBuilder &builder, Location loc) {
               yield(builder, loc, scores);
             },
             [&](OpBuilder &builder, Location loc) {
               yield(builder, loc, masked());
             })
      .getResult(0);
}

/// Returns what to measure scores from: the maximum, or 0 where nothing has
/// been seen, so that its weight is 0.
Value AttentionWriter::findOrigin(Value max) {
  Value none = arith::CmpFOp::create(b_, arith::CmpFPredicate::OEQ, max,
                                     k_.splat(nothing, {count_}));
  return arith::SelectOp::create(b_, none, k_.splat(0.0f, {count_}), max);
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
  Value scores = score(segment, step, keys, numbers);
  scores = maskScores(segment, step, numbers, scores);

  Value acc = carried[0], max = carried[1], sum = carried[2];
  Value highest = k_.reduce(tile::ReduceKind::Max, scores, 1);
  Value newMax = arith::MaximumFOp::create(b_, max, highest);
  Value shift = scaleBy(findOrigin(newMax), -factor_);
  Value alpha = power(max, shift);
  Value weights = power(scores, k_.perRow(shift, keys_));
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
  Value shift = scaleBy(findOrigin(max), -factor_);
  SmallVector<Value> accs, sums;
  for (ValueRange set : {first, second}) {
    Value alpha = power(set[1], shift);
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
  // The maximum of nothing is -inf, and so is the sum of both.
  return add(scaleBy(max_, factor_ * ln2), math::LogOp::create(b_, safe));
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
      numbers = scaleBy(max_, factor_ * ln2);
    k_.store(numbers, line, {rows_.getFirst()});
  }
}

static LogicalResult writeAttention(func::FuncOp group, bool decode,
                                    const BlockSizes &sizes) {
  AttentionSite site = findAttention(group);
  Type element = cast<RankedTensorType>(site.query.getType()).getElementType();
  int64_t width = site.width == site.valueWidth ? site.width : 0;
  attn::MaskAttr mask = site.mask;
  bool isPlain = !site.score && mask.getPrefix().empty() &&
                 mask.getSinks().empty() && site.keyPositions.empty();
  int64_t keys = decode
                     ? sizes.decodeKeys(element, site.getGroupSize())
                     : sizes.prefillKeys(element, width, isPlain,
                                         /*isLong=*/mask.getWindow().empty());
  QueryBlock queries{decode, sizes.queries(element, width, isPlain),
                     /*longestFirst=*/sizes.isGpu && mask.getCausal() &&
                         !decode};
  AttentionWriter(group, site, queries, keys, /*branches=*/sizes.isGpu).write();
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
