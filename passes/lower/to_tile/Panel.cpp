//===- Panel.cpp - Where tensors of heads lie in memory -------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/to_tile/Panel.h"

#include "dialects/attn/Attn.h"

using namespace mlir;

namespace heed {

SmallVector<Piece> cutColumns(int64_t width, int64_t heads, int64_t limit) {
  SmallVector<Piece> pieces;
  int64_t headWidth = width / heads;
  for (int64_t head = 0; head != heads; ++head)
    for (int64_t at = 0; at < headWidth; at += limit)
      pieces.push_back(
          {head * headWidth + at, std::min(limit, headWidth - at)});
  return pieces;
}

int64_t getSplitHeads(Operation *view) {
  auto split = dyn_cast_or_null<attn::SplitHeadsOp>(view);
  return split ? split.getHeads() : 1;
}

Value PanelSpace::number() const {
  return head_ ? k_.add(k_.multiply(batch_, heads_), head_) : batch_;
}

Value PanelSpace::line(Value buffer) {
  return k_.line(buffer, k_.multiply(number(), tokens_), tokens_);
}

Value PanelSpace::view(Value buffer, int64_t width) {
  Value offset = k_.multiply(k_.multiply(number(), tokens_), width);
  return k_.rows(buffer, offset, tokens_, k_.fixed(width), k_.fixed(width));
}

Value PanelSpace::resultView(Value buffer, Operation *viewOp, int64_t width,
                             Value splitHead) {
  if (!viewOp)
    return view(buffer, width);
  if (isa<attn::SplitHeadsOp>(viewOp)) {
    int64_t heads = getSplitHeads(viewOp);
    int64_t headWidth = width / heads;
    Value panel = k_.add(k_.multiply(batch_, heads), splitHead);
    Value offset = k_.multiply(k_.multiply(panel, tokens_), headWidth);
    return k_.rows(buffer, offset, tokens_, k_.fixed(headWidth),
                   k_.fixed(headWidth));
  }
  // merge_heads: the rows of a head lie `heads` widths apart.
  int64_t stride = heads_ * width;
  Value offset = k_.add(k_.multiply(k_.multiply(batch_, tokens_), stride),
                        k_.multiply(head_, width));
  return k_.rows(buffer, offset, tokens_, k_.fixed(width), k_.fixed(stride));
}

} // namespace heed
