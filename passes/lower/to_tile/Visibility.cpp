//===- Visibility.cpp - Which keys of a block a query sees ----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/to_tile/Visibility.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using arith::CmpIPredicate;

namespace heed {

/// Stands for the position of what must not win a minimum.
static constexpr int32_t veryLate = 0x7fffffff;

Visibility::Visibility(KernelWriter &k, const AttentionSite &site,
                       const QueryRows &rows, Value total)
    : k_(k), site_(site), rows_(rows.getCount()) {
  ImplicitLocOpBuilder &b = k.builder();
  if (site.queryPositions) {
    positions_ = rows.loadNumbers(k.argument(site.queryPositions));
  } else {
    // The last query is aligned with the last key.
    Value offset =
        k.castIndex(k.subtract(total, rows.getTokens()), b.getI32Type());
    positions_ = arith::AddIOp::create(b, rows.getTokenNumbers(),
                                       k.splat(offset, {rows_}));
  }
  if (site.querySegments)
    segments_ = rows.loadNumbers(k.argument(site.querySegments));
  attn::MaskAttr mask = site.mask;
  earliest_ = k.reduce(tile::ReduceKind::Min, positions_, 0);
  latest_ = k.reduce(tile::ReduceKind::Max, positions_, 0);
  if (!mask.getWindow().empty()) {
    reach_ =
        arith::SubIOp::create(b, positions_, rows.perHead(mask.getWindow()));
    mostReach_ = k.reduce(tile::ReduceKind::Max, reach_, 0);
    leastReach_ = findLeastReach();
  }
  if (!mask.getSinks().empty()) {
    sinks_ = rows.perHead(mask.getSinks());
    mostSinks_ = k.reduce(tile::ReduceKind::Max, sinks_, 0);
  }
  if (!mask.getPrefix().empty()) {
    prefix_ = rows.perHead(mask.getPrefix());
    mostPrefix_ = k.reduce(tile::ReduceKind::Max, prefix_, 0);
  }
}

Value Visibility::findLeastReach() {
  if (!site_.queryPositions)
    return k_.reduce(tile::ReduceKind::Min, reach_, 0);
  // Padding sees nothing, so it does not widen the reach.
  Value valid =
      compare(CmpIPredicate::sge, positions_, k_.splat(int32_t(0), {rows_}));
  Value least = arith::SelectOp::create(k_.builder(), valid, reach_,
                                        k_.splat(veryLate, {rows_}));
  return k_.reduce(tile::ReduceKind::Min, least, 0);
}

Value Visibility::compare(CmpIPredicate predicate, Value x, Value y) {
  return arith::CmpIOp::create(k_.builder(), predicate, x, y);
}
Value Visibility::both(Value x, Value y) {
  return arith::AndIOp::create(k_.builder(), x, y);
}
Value Visibility::either(Value x, Value y) {
  return arith::OrIOp::create(k_.builder(), x, y);
}

/// Puts -1 in the place of keys behind the end.
static Value clip(KernelWriter &k, Value positions, const KeySegment &segment,
                  Value step, int64_t count) {
  ImplicitLocOpBuilder &b = k.builder();
  Value length = k.castIndex(segment.length, b.getI32Type());
  Value inside = arith::CmpIOp::create(
      b, CmpIPredicate::slt, k.iota(step, count), k.splat(length, {count}));
  return arith::SelectOp::create(b, inside, positions,
                                 k.splat(int32_t(-1), {count}));
}

Value Visibility::toPosition(Value index) {
  return k_.castIndex(index, k_.builder().getI32Type());
}

Value Visibility::mayBeInSight(Value first, Value last) {
  Value sight = compare(CmpIPredicate::sle, first, latest_);
  if (reach_) {
    Value near = compare(CmpIPredicate::sgt, last, leastReach_);
    if (sinks_)
      near = either(near, compare(CmpIPredicate::slt, first, mostSinks_));
    sight = both(sight, near);
  }
  if (prefix_)
    sight = either(sight, compare(CmpIPredicate::slt, first, mostPrefix_));
  return sight;
}

StepRange Visibility::findSteps(const KeySegment &segment, int64_t count) {
  StepRange range{k_.index(0), segment.length, /*hasGaps=*/false};
  bool isCausal = site_.mask.getCausal();
  range.hasGaps = segment.positions || (isCausal && (sinks_ || prefix_));
  if (segment.positions || !isCausal || prefix_)
    return range;
  ImplicitLocOpBuilder &b = k_.builder();
  auto behind = [&](Value position) -> Value {
    Value number = k_.castIndex(position, b.getIndexType());
    number = k_.subtract(k_.add(number, k_.index(1)), segment.start);
    return arith::MaxSIOp::create(b, number, k_.index(0));
  };
  range.upper = k_.minimum(segment.length, behind(latest_));
  if (reach_ && !sinks_)
    range.lower = k_.multiply(k_.divide(behind(leastReach_), count), count);
  return range;
}

Value Visibility::mayBeVisible(const KeySegment &segment, Value step,
                               int64_t count) {
  ImplicitLocOpBuilder &b = k_.builder();
  bool isCausal = site_.mask.getCausal();
  if (!segment.positions) {
    Value end = k_.minimum(k_.add(step, k_.index(count)), segment.length);
    Value last = k_.subtract(k_.add(segment.start, end), k_.index(1));
    return mayBeInSight(toPosition(k_.add(segment.start, step)),
                        toPosition(last));
  }
  Value keys = k_.load(segment.positions, {step}, {count});
  Value zero = arith::ConstantOp::create(b, b.getI32IntegerAttr(0));
  Value last = k_.reduce(tile::ReduceKind::Max, keys, 0);
  Value visible = compare(CmpIPredicate::sge, last, zero);
  if (!isCausal)
    return visible;
  Value valid =
      compare(CmpIPredicate::sge, keys, k_.splat(int32_t(0), {count}));
  Value late =
      arith::SelectOp::create(b, valid, keys, k_.splat(veryLate, {count}));
  Value first = k_.reduce(tile::ReduceKind::Min, late, 0);
  return both(visible, mayBeInSight(first, last));
}

Value Visibility::seesAll(const KeySegment &segment, Value step, int64_t count,
                          ValueRange loaded) {
  ImplicitLocOpBuilder &b = k_.builder();
  if (segments_)
    return Value();
  Value zero = arith::ConstantOp::create(b, b.getI32IntegerAttr(0));
  Value end = k_.add(step, k_.index(count));
  Value all = compare(CmpIPredicate::sle, end, segment.length);
  Value first = toPosition(k_.add(segment.start, step));
  Value last = toPosition(k_.subtract(k_.add(segment.start, end), k_.index(1)));
  if (segment.positions) {
    first = k_.reduce(tile::ReduceKind::Min, loaded.front(), 0);
    last = k_.reduce(tile::ReduceKind::Max, loaded.front(), 0);
    all = both(all, compare(CmpIPredicate::sge, first, zero));
  }
  if (!site_.mask.getCausal())
    return both(all, compare(CmpIPredicate::sge, earliest_, zero));
  all = both(all, compare(CmpIPredicate::sle, last, earliest_));
  if (reach_)
    all = both(all, compare(CmpIPredicate::sgt, first, mostReach_));
  return all;
}

SmallVector<Value> Visibility::load(const KeySegment &segment, Value step,
                                    int64_t count) {
  SmallVector<Value> loaded;
  if (segment.positions)
    loaded.push_back(k_.load(segment.positions, {step}, {count}));
  if (segment.segments)
    loaded.push_back(k_.load(segment.segments, {step}, {count}));
  return loaded;
}

Value Visibility::getKeyPositions(const KeySegment &segment, Value step,
                                  int64_t count, ValueRange loaded) {
  Value positions = segment.positions
                        ? loaded.front()
                        : k_.iota(k_.add(segment.start, step), count);
  return clip(k_, positions, segment, step, count);
}

/// Returns what of the mask compares positions, or null if all are in sight.
Value Visibility::inSight(Value keys, int64_t count) {
  if (!site_.mask.getCausal())
    return Value();
  auto perRow = [&](Value value) { return k_.perRow(value, count); };
  Value sight = compare(CmpIPredicate::sle, keys, perRow(positions_));
  if (reach_) {
    Value near = compare(CmpIPredicate::sgt, keys, perRow(reach_));
    if (sinks_)
      near = either(near, compare(CmpIPredicate::slt, keys, perRow(sinks_)));
    sight = both(sight, near);
  }
  if (prefix_)
    sight = either(sight, compare(CmpIPredicate::slt, keys, perRow(prefix_)));
  return sight;
}

Value Visibility::getMask(Value keyPositions, ValueRange loaded) {
  int64_t count = cast<RankedTensorType>(keyPositions.getType()).getDimSize(0);
  Value valid =
      compare(CmpIPredicate::sge, keyPositions, k_.splat(int32_t(0), {count}));
  Value mask = k_.perColumn(valid, rows_);
  if (Value sight = inSight(k_.perColumn(keyPositions, rows_), count))
    mask = both(mask, sight);
  // A causal query at -1 sees no key at 0 or later anyway.
  if (!site_.mask.getCausal() || prefix_) {
    Value query =
        compare(CmpIPredicate::sge, positions_, k_.splat(int32_t(0), {rows_}));
    mask = both(mask, k_.perRow(query, count));
  }
  if (segments_)
    mask = both(mask,
                compare(CmpIPredicate::eq, k_.perColumn(loaded.back(), rows_),
                        k_.perRow(segments_, count)));
  return mask;
}

} // namespace heed
