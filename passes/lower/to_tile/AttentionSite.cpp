//===- AttentionSite.cpp - What an attention group reads ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/to_tile/AttentionSite.h"

#include "passes/lower/to_tile/Writers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

#include <numeric>

using namespace mlir;

namespace heed {

template <typename Op> static AttentionSite describe(Op op) {
  AttentionSite site;
  site.op = op;
  site.query = op.getQuery();
  site.keys = op.getKeys();
  site.values = op.getValues();
  site.queryPositions = op.getQueryPositions();
  site.querySegments = op.getQuerySegments();
  site.keyPositions = op.getKeyPositions();
  site.keySegments = op.getKeySegments();
  site.mask = op.getMask();
  site.scale = op.getScale().convertToFloat();
  if (std::optional<APFloat> softcap = op.getSoftcap())
    site.softcap = softcap->convertToFloat();
  if (!op.getScore().empty())
    site.score = &op.getScore();
  auto query = cast<RankedTensorType>(site.query.getType());
  site.queryHeads = query.getDimSize(1);
  site.width = query.getDimSize(3);
  site.keyHeads = cast<RankedTensorType>(site.keys[0].getType()).getDimSize(1);
  site.valueWidth =
      cast<RankedTensorType>(site.values[0].getType()).getDimSize(3);
  return site;
}

AttentionSite findAttention(func::FuncOp group) {
  AttentionSite site;
  if (auto op = findRoot<attn::AttentionOp>(group))
    site = describe(op);
  else
    site = describe(findRoot<attn::AttentionPartialOp>(group));
  return site;
}

//===----------------------------------------------------------------------===//
// QueryRows
//===----------------------------------------------------------------------===//

/// Heads whose programs run side by side where the longest go first: there are
/// enough of equal length, and they read the keys of few heads at a time.
static constexpr int64_t mostNeighbours = 8;

QueryRows::QueryRows(KernelWriter &k, const AttentionSite &site,
                     const QueryBlock &block)
    : k_(k), site_(site), decode_(block.isDecode),
      count_(decode_ ? site.getGroupSize() : block.tokens) {
  Value batch = k.batch();
  tokens_ = k.tokens(site.query);
  int64_t heads = decode_ ? site.keyHeads : site.queryHeads;
  int64_t step = decode_ ? 1 : count_;
  int64_t neighbours = block.longestFirst ? std::gcd(heads, mostNeighbours) : 1;
  SmallVector<GridDimension> grid = {
      {batch, 1}, {Value(), heads / neighbours}, {tokens_, step}};
  if (block.longestFirst)
    grid.push_back({Value(), neighbours});
  k.setGrid(grid);
  sequence_ = k.program(0);
  k.onlyBelow(sequence_, batch);
  Value head = k.program(1), number = k.program(2);
  if (block.longestFirst) {
    head = k.add(k.multiply(head, neighbours), k.program(3));
    Value last = k.divide(k.subtract(tokens_, k.index(1)), step);
    number = k.subtract(last, number);
  }
  token_ = k.multiply(number, step);
  keyHead_ = decode_ ? head : k.divide(head, site.getGroupSize());
  head_ = decode_ ? k.multiply(head, site.getGroupSize()) : head;
  first_ = decode_ ? k.index(0) : token_;
}

Value QueryRows::getHeads() const {
  if (decode_)
    return k_.iota(head_, count_);
  return k_.splat(k_.castIndex(head_, k_.builder().getI32Type()), {count_});
}

Value QueryRows::getTokenNumbers() const {
  if (decode_)
    return k_.splat(k_.castIndex(token_, k_.builder().getI32Type()), {count_});
  return k_.iota(token_, count_);
}

Value QueryRows::loadNumbers(Value buffer) const {
  Value offset = k_.multiply(sequence_, tokens_);
  if (!decode_)
    return k_.load(k_.line(buffer, offset, tokens_), {first_}, {count_});
  Value at = k_.add(offset, token_);
  Value number = memref::LoadOp::create(k_.builder(), buffer, at);
  return k_.splat(number, {count_});
}

Value QueryRows::perHead(ArrayRef<int64_t> values) const {
  // Positions are far smaller, so a larger number means no limit.
  auto clamp = [](int64_t value) {
    return int32_t(std::min<int64_t>(value, int64_t(1) << 30));
  };
  Value result = k_.splat(clamp(values.front()), {count_});
  Value heads = getHeads();
  for (int64_t head = 1; head < int64_t(values.size()); ++head) {
    Value isHead =
        arith::CmpIOp::create(k_.builder(), arith::CmpIPredicate::eq, heads,
                              k_.splat(int32_t(head), {count_}));
    result = arith::SelectOp::create(
        k_.builder(), isHead, k_.splat(clamp(values[head]), {count_}), result);
  }
  return result;
}

Value QueryRows::firstPanel() const {
  return k_.add(k_.multiply(sequence_, site_.queryHeads), head_);
}

Value QueryRows::view(Value buffer, int64_t width, bool merged) const {
  int64_t all = site_.queryHeads * width;
  Value offset;
  if (merged) {
    Value row = k_.multiply(sequence_, tokens_);
    if (decode_)
      row = k_.add(row, token_);
    offset = k_.add(k_.multiply(row, all), k_.multiply(head_, width));
    return k_.rows(buffer, offset, decode_ ? k_.fixed(count_) : tokens_,
                   k_.fixed(width), k_.fixed(decode_ ? width : all));
  }
  Value row = k_.multiply(firstPanel(), tokens_);
  if (!decode_)
    return k_.rows(buffer, k_.multiply(row, width), tokens_, k_.fixed(width),
                   k_.fixed(width));
  offset = k_.multiply(k_.add(row, token_), width);
  return k_.rows(buffer, offset, k_.fixed(count_), k_.fixed(width),
                 k_.multiply(tokens_, width));
}

Value QueryRows::line(Value buffer) const {
  Value row = k_.multiply(firstPanel(), tokens_);
  if (!decode_)
    return k_.line(buffer, row, tokens_);
  return k_.view(buffer, k_.add(row, token_), {k_.fixed(count_)}, {tokens_});
}

//===----------------------------------------------------------------------===//
// Segments
//===----------------------------------------------------------------------===//

namespace {
/// Builds the views of one program's segments.
class SegmentViewer {
public:
  SegmentViewer(KernelWriter &k, const AttentionSite &site,
                const QueryRows &rows)
      : k_(k), site_(site), rows_(rows) {}

  KeySegment view(size_t number, Value start) {
    KeySegment segment;
    segment.length = lengthOf(site_.keys[number]);
    segment.keys = panel(site_.keys[number], site_.width, segment.length);
    segment.values =
        panel(site_.values[number], site_.valueWidth, segment.length);
    if (!site_.keyPositions.empty())
      segment.positions = line(site_.keyPositions[number], segment.length);
    if (!site_.keySegments.empty())
      segment.segments = line(site_.keySegments[number], segment.length);
    segment.start = start;
    return segment;
  }

private:
  /// Returns the slot of the sequence.
  Value slot() {
    Value number =
        memref::LoadOp::create(k_.builder(), k_.slots(), rows_.getSequence());
    return k_.castIndex(number, k_.builder().getIndexType());
  }

  Value lengthOf(Value keys) {
    auto read = keys.getDefiningOp<attn::CacheReadOp>();
    if (!read)
      return k_.tokens(keys);
    Value at = slot();
    Value counts = k_.cacheCounts(read.getCache());
    Value count = memref::LoadOp::create(k_.builder(), counts, at);
    return k_.minimum(k_.castIndex(count, k_.builder().getIndexType()),
                      k_.cacheCapacity(read.getCache()));
  }

  /// Views the keys or values of the program's key head.
  Value panel(Value tensor, int64_t width, Value length) {
    Value buffer, sequence, size;
    if (auto read = tensor.getDefiningOp<attn::CacheReadOp>()) {
      unsigned field = cast<OpResult>(tensor).getResultNumber();
      buffer = k_.cacheField(read.getCache(), field);
      sequence = slot();
      size = k_.cacheCapacity(read.getCache());
    } else {
      buffer = k_.argument(tensor);
      sequence = rows_.getSequence();
      size = length;
    }
    Value number =
        k_.add(k_.multiply(sequence, site_.keyHeads), rows_.getKeyHead());
    Value offset = k_.multiply(k_.multiply(number, size), width);
    return k_.rows(buffer, offset, length, k_.fixed(width), k_.fixed(width));
  }

  /// Views the numbers of the sequence's keys.
  Value line(Value tensor, Value length) {
    if (auto read = tensor.getDefiningOp<attn::CacheReadOp>()) {
      Value offset = k_.multiply(slot(), k_.cacheCapacity(read.getCache()));
      return k_.line(k_.cachePositions(read.getCache()), offset, length);
    }
    Value offset = k_.multiply(rows_.getSequence(), length);
    return k_.line(k_.argument(tensor), offset, length);
  }

  KernelWriter &k_;
  const AttentionSite &site_;
  const QueryRows &rows_;
};
} // namespace

SmallVector<KeySegment> viewSegments(KernelWriter &k, const AttentionSite &site,
                                     const QueryRows &rows) {
  SmallVector<KeySegment> segments;
  SegmentViewer viewer(k, site, rows);
  Value start = k.index(0);
  for (size_t i = 0; i != site.keys.size(); ++i) {
    segments.push_back(viewer.view(i, start));
    start = k.add(start, segments.back().length);
  }
  return segments;
}

} // namespace heed
