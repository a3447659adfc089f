//===- SplitKernels.cpp - Several programs instead of a long one ----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Passes.h"

#include "dialects/tile/Tile.h"
#include "passes/lower/Launch.h"
#include "passes/lower/to_tile/Writers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace heed {

#define GEN_PASS_DEF_SPLITKERNELSPASS
#include "passes/lower/Passes.h.inc"

/// Where a tile begins in the workspace: a multiple of 16 bytes.
static constexpr int64_t kAlignment = 4;

/// Parts that are loaded before they are combined, so that a program waits once
/// for all of them: as many as threads can hold, given in f32 of a program.
/// What is left over comes fewer at a time.
static constexpr int64_t kMostTogether = 16;
static constexpr int64_t kHeldTogether = 12 << 10;
static constexpr int64_t kFewTogether = 8;

/// Streams that are divided alike: one with `combine` and those which continue
/// it.
using Chain = SmallVector<tile::StreamOp>;

/// Finds the chain of `kernel`; nothing unless there is exactly one, not
/// divided yet.
static Chain findChain(tile::KernelOp kernel) {
  Chain chain;
  bool isOne = true;
  kernel.walk([&](tile::FinishOp) { isOne = false; });
  kernel.walk([&](tile::StreamOp stream) {
    if (!stream.hasCombine())
      return;
    isOne &= chain.empty();
    chain.push_back(stream);
  });
  if (chain.empty() || !isOne)
    return {};
  for (Operation &op : llvm::make_range(std::next(chain[0]->getIterator()),
                                        chain[0]->getBlock()->end())) {
    auto stream = dyn_cast<tile::StreamOp>(op);
    if (stream && stream.getContinues() &&
        llvm::equal(stream.getInits(), chain.back().getResults()))
      chain.push_back(stream);
  }
  return chain;
}

/// Whether programs reach `op` at most once, as no loop is around it, and its
/// block gives nothing.
static bool isOutsideLoops(Operation *op) {
  if (op->getBlock()->getTerminator()->getNumOperands() != 0)
    return false;
  while (auto branch = dyn_cast<scf::IfOp>(op->getParentOp()))
    op = branch;
  return isa<tile::KernelOp>(op->getParentOp());
}

/// Whether `kernel` writes memory behind `chain` only, in its block.
static bool writesBehind(tile::KernelOp kernel, const Chain &chain) {
  tile::StreamOp last = chain.back();
  WalkResult walk = kernel.walk([&](Operation *op) {
    if (!isa<tile::StoreOp, tile::ScatterOp, memref::StoreOp>(op))
      return WalkResult::advance();
    Operation *inBlock = last->getBlock()->findAncestorOpInBlock(*op);
    return inBlock && last->isBeforeInBlock(inBlock) ? WalkResult::advance()
                                                     : WalkResult::interrupt();
  });
  return !walk.wasInterrupted();
}

/// Whether the parts of `chain` can be kept in a workspace of f32, and nobody
/// but the next stream wants what is not complete yet.
static bool canKeepParts(ArrayRef<tile::StreamOp> chain) {
  tile::StreamOp first = chain[0];
  bool areTiles = llvm::all_of(first.getResultTypes(), [](Type type) {
    auto tile = dyn_cast<RankedTensorType>(type);
    return tile && tile.getElementType().isF32();
  });
  return areTiles &&
         llvm::all_of(chain.drop_back(), [&](tile::StreamOp stream) {
           return llvm::all_of(stream->getUsers(), [&](Operation *user) {
             return llvm::is_contained(chain, dyn_cast<tile::StreamOp>(user));
           });
         });
}

namespace {

/// Divides the programs of a kernel into parts.
class Divider {
public:
  Divider(tile::KernelOp kernel, const Chain &chain);

  void divide();
  /// How many f32 a part stores.
  int64_t getElements() const { return elements_; }

private:
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b_, value);
  }
  Value add(Value x, Value y) { return b_.createOrFold<arith::AddIOp>(x, y); }
  Value multiply(Value x, Value y) {
    return b_.createOrFold<arith::MulIOp>(x, y);
  }
  Value programId(int64_t dimension) {
    return tile::ProgramIdOp::create(b_, b_.getIndexType(), dimension);
  }
  Value extentOf(int64_t dimension);
  Value programNumber();
  void divideStreams(Value part);
  Value viewOf(unsigned number, Value place);
  void storePart(Value place);
  void finish(Value program, ArrayRef<Operation *> rest);
  void bringTiles(ValueRange values, IRMapping &mapping);
  void copy(Operation *op, IRMapping &mapping);
  SmallVector<Value> loadPart(Value place);
  SmallVector<SmallVector<Value>> loadParts(Value first, int64_t count,
                                            bool areFew);
  ValueRange combineRange(Value lower, Value upper, int64_t count, bool areFew,
                          ValueRange all);
  ValueRange combineParts();

  tile::KernelOp kernel_;
  Chain chain_;
  ImplicitLocOpBuilder b_;
  Value parts_, workspace_;
  Value begin_;                  ///< The place of a program's first part.
  SmallVector<Value> inits_;     ///< What a part begins with, in the finish.
  SmallVector<int64_t> offsets_; ///< Of the tiles of a part.
  int64_t elements_ = 0;         ///< Of a part.
};

} // namespace

Divider::Divider(tile::KernelOp kernel, const Chain &chain)
    : kernel_(kernel), chain_(chain), b_(kernel.getLoc(), kernel.getContext()) {
  Region &body = kernel.getBody();
  parts_ = body.addArgument(b_.getIndexType(), b_.getLoc());
  workspace_ = body.addArgument(
      MemRefType::get({ShapedType::kDynamic}, b_.getF32Type()), b_.getLoc());
  SmallVector<int64_t> arguments(kernel.getGridArguments());
  SmallVector<int64_t> divisors(kernel.getGridDivisors());
  arguments.push_back(cast<BlockArgument>(parts_).getArgNumber());
  divisors.push_back(1);
  kernel.setGridArguments(arguments);
  kernel.setGridDivisors(divisors);
  for (Type type : chain_[0].getResultTypes()) {
    offsets_.push_back(elements_);
    elements_ += llvm::alignTo(cast<RankedTensorType>(type).getNumElements(),
                               kAlignment);
  }
}

/// What stands behind the streams comes twice: for a program of one part, and
/// for the last of several, on what all have stored.
void Divider::divide() {
  b_.setInsertionPoint(chain_[0]);
  Value part = programId(kernel_.getGrid().size() - 1);
  divideStreams(part);
  Operation *end = chain_[0]->getBlock()->getTerminator();
  SmallVector<Operation *> rest;
  for (Operation *op = chain_.back()->getNextNode(); op != end;
       op = op->getNextNode())
    rest.push_back(op);
  b_.setInsertionPoint(end);
  Value isWhole =
      arith::CmpIOp::create(b_, arith::CmpIPredicate::eq, parts_, index(1));
  auto branch = scf::IfOp::create(b_, isWhole, /*withElseRegion=*/true);
  b_.setInsertionPointToStart(branch.elseBlock());
  Value program = programNumber();
  begin_ = multiply(program, parts_);
  storePart(add(begin_, part));
  finish(program, rest);
  for (Operation *op : rest)
    op->moveBefore(branch.thenBlock()->getTerminator());
}

/// How many programs stand in a dimension of the grid.
Value Divider::extentOf(int64_t dimension) {
  tile::GridExtent extent = kernel_.getGrid()[dimension];
  if (extent.argument < 0)
    return index(extent.divisor);
  Value size = kernel_.getArguments()[extent.argument];
  if (extent.divisor == 1)
    return size;
  return b_.createOrFold<arith::DivUIOp>(add(size, index(extent.divisor - 1)),
                                         index(extent.divisor));
}

/// The number of the undivided program.
Value Divider::programNumber() {
  Value number = index(0);
  for (int64_t i = 0, end = kernel_.getGrid().size() - 1; i < end; ++i)
    number = i == 0 ? programId(i)
                    : add(multiply(number, extentOf(i)), programId(i));
  return number;
}

void Divider::divideStreams(Value part) {
  for (tile::StreamOp stream : chain_) {
    b_.setInsertionPoint(stream);
    Value step = stream.getStep();
    stream.getLowerMutable().assign(
        add(stream.getLower(), multiply(part, step)));
    stream.getStepMutable().assign(multiply(step, parts_));
  }
}

/// Views tile `number` of the part that is stored at `place`, counted in parts.
Value Divider::viewOf(unsigned number, Value place) {
  auto type = cast<RankedTensorType>(chain_[0].getResult(number).getType());
  Value offset =
      add(multiply(place, index(elements_)), index(offsets_[number]));
  SmallVector<OpFoldResult> sizes, strides(type.getRank(), b_.getIndexAttr(1));
  for (int64_t size : type.getShape())
    sizes.push_back(b_.getIndexAttr(size));
  if (type.getRank() == 2)
    strides[0] = sizes[1];
  return tile::ViewOp::create(b_, workspace_, offset, sizes, strides);
}

void Divider::storePart(Value place) {
  for (auto [number, value] : llvm::enumerate(chain_.back().getResults())) {
    int64_t rank = cast<RankedTensorType>(value.getType()).getRank();
    SmallVector<Value> zeros(rank, index(0));
    tile::StoreOp::create(b_, value, viewOf(number, place), zeros);
  }
}

/// Copies `op` into the finish, and what computes the tiles that it uses.
void Divider::copy(Operation *op, IRMapping &mapping) {
  bringTiles(op->getOperands(), mapping);
  SetVector<Value> used;
  getUsedValuesDefinedAbove(op->getRegions(), used);
  bringTiles(used.getArrayRef(), mapping);
  b_.clone(*op, mapping);
}

void Divider::bringTiles(ValueRange values, IRMapping &mapping) {
  for (Value value : values)
    if (tile::isTile(value.getType()) && !mapping.contains(value))
      copy(value.getDefiningOp(), mapping);
}

/// Lets the last part combine what all have stored and do the `rest`.
void Divider::finish(Value program, ArrayRef<Operation *> rest) {
  auto op = tile::FinishOp::create(b_, program, parts_);
  b_.createBlock(&op.getBody());
  IRMapping mapping;
  bringTiles(chain_[0].getInits(), mapping);
  for (Value init : chain_[0].getInits())
    inits_.push_back(mapping.lookup(init));
  mapping.map(chain_.back().getResults(), combineParts());
  for (Operation *each : rest)
    copy(each, mapping);
  tile::YieldOp::create(b_);
}

SmallVector<Value> Divider::loadPart(Value place) {
  SmallVector<Value> tiles;
  for (auto [number, type] : llvm::enumerate(chain_[0].getResultTypes())) {
    SmallVector<Value> zeros(cast<RankedTensorType>(type).getRank(), index(0));
    tiles.push_back(
        tile::LoadOp::create(b_, type, viewOf(number, place), zeros));
  }
  return tiles;
}

/// Loads `count` parts from `first` on. `areFew`: some may be behind the last
/// one; what a part begins with stands for them.
SmallVector<SmallVector<Value>> Divider::loadParts(Value first, int64_t count,
                                                   bool areFew) {
  Value last = b_.createOrFold<arith::SubIOp>(parts_, index(1));
  SmallVector<SmallVector<Value>> loaded;
  SmallVector<Value> exists;
  for (int64_t i = 0; i < count; ++i) {
    Value part = add(first, index(i));
    if (areFew) {
      exists.push_back(
          arith::CmpIOp::create(b_, arith::CmpIPredicate::sle, part, last));
      part = b_.createOrFold<arith::MinSIOp>(part, last);
    }
    loaded.push_back(loadPart(add(begin_, part)));
  }
  for (auto [tiles, condition] : llvm::zip(loaded, exists))
    for (auto [tile, init] : llvm::zip_equal(tiles, inits_))
      tile = arith::SelectOp::create(b_, condition, tile, init);
  return loaded;
}

/// Combines `all` with the parts from `lower` to `upper`, `count` at a time.
ValueRange Divider::combineRange(Value lower, Value upper, int64_t count,
                                 bool areFew, ValueRange all) {
  auto loop = scf::ForOp::create(
      b_, lower, upper, index(count), all,
      [&](OpBuilder &, Location, Value first, ValueRange before) {
        OpBuilder::InsertionGuard guard(b_);
        b_.setInsertionPointToEnd(first.getParentBlock());
        auto sets = loadParts(first, count, areFew);
        // By pairs: a chain would be as long as there are parts.
        for (int64_t apart = 1; apart < count; apart *= 2)
          for (int64_t i = 0; i < count; i += 2 * apart)
            sets[i] = chain_[0].buildCombine(b_, sets[i], sets[i + apart]);
        scf::YieldOp::create(b_, chain_[0].buildCombine(b_, before, sets[0]));
      });
  return loop.getResults();
}

ValueRange Divider::combineParts() {
  int64_t many = std::clamp<int64_t>(
      llvm::bit_floor(uint64_t(kHeldTogether / elements_)), 1, kMostTogether);
  Value rest = b_.createOrFold<arith::RemUIOp>(parts_, index(many));
  Value most = b_.createOrFold<arith::SubIOp>(parts_, rest);
  ValueRange all = combineRange(index(0), most, many, /*areFew=*/false, inits_);
  return combineRange(most, parts_, std::min(many, kFewTogether),
                      /*areFew=*/true, all);
}

namespace {

struct SplitKernels : impl::SplitKernelsPassBase<SplitKernels> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    for (auto group : getOperation().getOps<func::FuncOp>())
      if (group->hasAttr("launches") && isDecode(group))
        if (failed(split(group, symbols)))
          return signalPassFailure();
  }

  LogicalResult split(func::FuncOp group, SymbolTable &symbols) {
    FailureOr<SmallVector<Launch>> launches = getLaunches(group);
    if (failed(launches))
      return failure();
    for (Launch &launch : *launches) {
      auto kernel = symbols.lookup<tile::KernelOp>(launch.kernel);
      Chain chain = kernel ? findChain(kernel) : Chain();
      if (chain.empty() || !isOutsideLoops(chain[0]) ||
          !writesBehind(kernel, chain) || !canKeepParts(chain))
        continue;
      Divider divider(kernel, chain);
      divider.divide();
      launch.words.push_back({LaunchWord::Parts});
      launch.words.push_back(
          {LaunchWord::Workspace, unsigned(divider.getElements())});
    }
    setLaunches(group, *launches);
    return success();
  }
};

} // namespace
} // namespace heed
