//===- SplitStreams.cpp - Several streams instead of one ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Passes.h"

#include "dialects/tile/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;

namespace heed {

#define GEN_PASS_DEF_SPLITSTREAMSPASS
#include "passes/lower/Passes.h.inc"

/// Each part is a copy of the code: more than a program may have warps is a
/// mistake.
static constexpr int64_t mostParts = 64;

namespace {

/// Replaces one stream.
class Splitter {
public:
  Splitter(tile::StreamOp stream, int64_t parts)
      : stream_(stream), parts_(parts), b_(stream.getLoc(), stream),
        step_(manySteps(parts)) {}

  void split() {
    SmallVector<Value> all(makePart(0).getResults());
    for (int64_t number = 1; number != parts_; ++number)
      all = stream_.buildCombine(b_, all, makePart(number).getResults());
    stream_.replaceAllUsesWith(all);
    stream_.erase();
  }

private:
  /// Makes the stream over every `parts_`-th step, from step `number` on.
  tile::StreamOp makePart(int64_t number) {
    Value lower =
        b_.createOrFold<arith::AddIOp>(stream_.getLower(), manySteps(number));
    auto part = cast<tile::StreamOp>(b_.clone(*stream_));
    part.getLowerMutable().assign(lower);
    part.getStepMutable().assign(step_);
    part.getCombine().dropAllReferences();
    part.getCombine().getBlocks().clear();
    return part;
  }

  /// Returns how far apart `count` steps are.
  Value manySteps(int64_t count) {
    return b_.createOrFold<arith::MulIOp>(
        stream_.getStep(), arith::ConstantIndexOp::create(b_, count));
  }

  tile::StreamOp stream_;
  int64_t parts_;
  ImplicitLocOpBuilder b_;
  /// Of each part.
  Value step_;
};

struct SplitStreams : impl::SplitStreamsPassBase<SplitStreams> {
  using SplitStreamsPassBase::SplitStreamsPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (parts < 1 || parts > mostParts) {
      module.emitError("expects 1 to ")
          << mostParts << " parts of a stream, got " << parts.getValue();
      return signalPassFailure();
    }
    // Inner streams come first: an outer one copies what became of them.
    SmallVector<tile::StreamOp> streams;
    module.walk([&](tile::StreamOp stream) {
      if (stream.hasCombine())
        streams.push_back(stream);
    });
    for (tile::StreamOp stream : streams)
      Splitter(stream, parts).split();
  }
};

} // namespace
} // namespace heed
