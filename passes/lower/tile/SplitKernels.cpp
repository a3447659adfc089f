//===- SplitKernels.cpp - Two kernels instead of a long one ---------------===//
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
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace heed {

#define GEN_PASS_DEF_SPLITKERNELSPASS
#include "passes/lower/Passes.h.inc"

/// Where a tile begins in the workspace: a multiple of 16 bytes.
static constexpr int64_t kAlignment = 4;

/// Parts that are loaded before they are combined, so that a program waits once
/// for all of them: as many as threads can hold, given in f32 of a program.
/// What is left over comes a few at a time.
static constexpr int64_t kMostTogether = 16;
static constexpr int64_t kHeldTogether = 12 << 10;
static constexpr int64_t kFewTogether = 4;

/// Streams that are divided alike: one with `combine` and those which continue
/// it.
using Chain = SmallVector<tile::StreamOp>;

/// Finds the chain of `kernel`; nothing unless there is exactly one.
static Chain findChain(tile::KernelOp kernel) {
  Chain chain;
  bool isOne = true;
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

/// Whether programs reach `op` at most once: no loop is around it.
static bool isOutsideLoops(Operation *op) {
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

/// Writes one of the two kernels into a copy of the kernel.
class Half {
public:
  /// `isDivided`: the grid counts the parts.
  Half(tile::KernelOp kernel, const Chain &chain, StringRef suffix,
       bool isDivided);

  /// Runs the steps of a part and stores what it carries.
  void storePart();
  /// Loads what all parts carry instead, and combines it.
  void combineParts();

  tile::KernelOp getKernel() const { return kernel_; }
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
  Value programNumber();
  Value extentOf(int64_t dimension);
  void divide(tile::StreamOp stream, Value part);
  Value viewOf(unsigned number, Value place);
  SmallVector<Value> loadPart(Value place);
  SmallVector<SmallVector<Value>> loadParts(Value first, int64_t count,
                                            bool areFew);
  ValueRange combineRange(Value lower, Value upper, int64_t count, bool areFew,
                          ValueRange all);

  tile::KernelOp kernel_;
  Chain chain_;
  ImplicitLocOpBuilder b_;
  Value parts_, workspace_;
  SmallVector<int64_t> offsets_; ///< Of the tiles of a part.
  int64_t elements_ = 0;         ///< Of a part.
};

} // namespace

Half::Half(tile::KernelOp kernel, const Chain &chain, StringRef suffix,
           bool isDivided)
    : b_(kernel.getLoc(), kernel.getContext()) {
  IRMapping mapping;
  kernel_ = cast<tile::KernelOp>(kernel->clone(mapping));
  kernel_.setSymName((kernel.getSymName() + suffix).str());
  for (tile::StreamOp stream : chain)
    chain_.push_back(
        cast<tile::StreamOp>(mapping.lookup(stream.getOperation())));
  Region &body = kernel_.getBody();
  parts_ = body.addArgument(b_.getIndexType(), b_.getLoc());
  workspace_ = body.addArgument(
      MemRefType::get({ShapedType::kDynamic}, b_.getF32Type()), b_.getLoc());
  if (isDivided) {
    SmallVector<int64_t> arguments(kernel.getGridArguments());
    SmallVector<int64_t> divisors(kernel.getGridDivisors());
    arguments.push_back(cast<BlockArgument>(parts_).getArgNumber());
    divisors.push_back(1);
    kernel_.setGridArguments(arguments);
    kernel_.setGridDivisors(divisors);
  }
  for (Type type : chain_[0].getResultTypes()) {
    offsets_.push_back(elements_);
    elements_ += llvm::alignTo(cast<RankedTensorType>(type).getNumElements(),
                               kAlignment);
  }
  b_.setInsertionPoint(chain_[0]);
}

/// How many programs stand in a dimension of the grid.
Value Half::extentOf(int64_t dimension) {
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
Value Half::programNumber() {
  int64_t dimensions = kernel_.getGrid().size();
  for (tile::GridExtent extent : kernel_.getGrid())
    if (extent.argument == cast<BlockArgument>(parts_).getArgNumber())
      --dimensions;
  Value number = index(0);
  for (int64_t i = 0; i < dimensions; ++i) {
    Value place = tile::ProgramIdOp::create(b_, b_.getIndexType(), i);
    number = i == 0 ? place : add(multiply(number, extentOf(i)), place);
  }
  return number;
}

void Half::divide(tile::StreamOp stream, Value part) {
  b_.setInsertionPoint(stream);
  Value step = stream.getStep();
  stream.getLowerMutable().assign(add(stream.getLower(), multiply(part, step)));
  stream.getStepMutable().assign(multiply(step, parts_));
}

/// Views tile `number` of the part that is stored at `place`, counted in parts.
Value Half::viewOf(unsigned number, Value place) {
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

void Half::storePart() {
  Value part = tile::ProgramIdOp::create(b_, b_.getIndexType(),
                                         kernel_.getGrid().size() - 1);
  Value place = add(multiply(programNumber(), parts_), part);
  for (tile::StreamOp stream : chain_)
    divide(stream, part);
  Operation *last = chain_.back();
  Operation *end = last->getBlock()->getTerminator();
  while (last->getNextNode() != end)
    end->getPrevNode()->erase();
  b_.setInsertionPoint(end);
  for (auto [number, value] : llvm::enumerate(last->getResults())) {
    int64_t rank = cast<RankedTensorType>(value.getType()).getRank();
    SmallVector<Value> zeros(rank, index(0));
    tile::StoreOp::create(b_, value, viewOf(number, place), zeros);
  }
}

SmallVector<Value> Half::loadPart(Value place) {
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
SmallVector<SmallVector<Value>> Half::loadParts(Value first, int64_t count,
                                                bool areFew) {
  Value begin = multiply(programNumber(), parts_);
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
    loaded.push_back(loadPart(add(begin, part)));
  }
  for (auto [tiles, condition] : llvm::zip(loaded, exists))
    for (auto [tile, init] : llvm::zip_equal(tiles, chain_[0].getInits()))
      tile = arith::SelectOp::create(b_, condition, tile, init);
  return loaded;
}

/// Combines `all` with the parts from `lower` to `upper`, `count` at a time.
ValueRange Half::combineRange(Value lower, Value upper, int64_t count,
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

void Half::combineParts() {
  int64_t many = std::clamp<int64_t>(
      llvm::bit_floor(uint64_t(kHeldTogether / elements_)), 1, kMostTogether);
  Value rest = b_.createOrFold<arith::RemUIOp>(parts_, index(many));
  Value most = b_.createOrFold<arith::SubIOp>(parts_, rest);
  ValueRange all = combineRange(index(0), most, many, /*areFew=*/false,
                                chain_[0].getInits());
  all = combineRange(most, parts_, std::min(many, kFewTogether),
                     /*areFew=*/true, all);
  chain_.back()->replaceAllUsesWith(all);
  for (tile::StreamOp stream : llvm::reverse(chain_))
    stream.erase();
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
    SmallVector<Launch> fresh;
    for (const Launch &launch : *launches) {
      auto kernel = symbols.lookup<tile::KernelOp>(launch.kernel);
      Chain chain = kernel ? findChain(kernel) : Chain();
      if (chain.empty() || !isOutsideLoops(chain[0]) ||
          !writesBehind(kernel, chain) || !canKeepParts(chain)) {
        fresh.push_back(launch);
        continue;
      }
      Half first(kernel, chain, "_parts", /*isDivided=*/true);
      first.storePart();
      Half second(kernel, chain, "_combine", /*isDivided=*/false);
      second.combineParts();
      for (const Half *half : {&first, &second})
        fresh.push_back(place(*half, launch, kernel, symbols));
      symbols.erase(kernel);
    }
    setLaunches(group, fresh);
    return success();
  }

  /// Puts a kernel before the one that it replaces; returns how to launch it.
  static Launch place(const Half &half, const Launch &whole,
                      tile::KernelOp kernel, SymbolTable &symbols) {
    tile::KernelOp fresh = half.getKernel();
    symbols.insert(fresh, kernel->getIterator());
    Launch launch{fresh.getSymName().str(), whole.words};
    bool isDivided = fresh.getGrid().size() != kernel.getGrid().size();
    launch.words.push_back({LaunchWord::Parts, isDivided});
    launch.words.push_back(
        {LaunchWord::Workspace, unsigned(half.getElements())});
    return launch;
  }
};

} // namespace
} // namespace heed
