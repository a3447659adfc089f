//===- Pipeline.cpp - Streams that warp groups share out ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/Pipeline.h"

#include "passes/lower/kernel/TileClasses.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace heed::nvgpu {

/// Shared memory that is left to what the rest of a kernel needs.
static constexpr int64_t kReserve = 2 << 10;
static constexpr int64_t kMostSlots = 4;

namespace {

class Finder {
public:
  Finder(tile::KernelOp kernel, std::string &why) : kernel(kernel), why(why) {}

  bool find(Pipeline &pipeline, int64_t sharedBytes);

private:
  bool refuse(const Twine &reason) {
    why = reason.str();
    return false;
  }
  bool findPlace(Pipeline &pipeline);
  bool findStage(tile::StreamOp stream, PipelineStage &stage);
  bool findLate(PipelineStage &stage);
  bool findMap(tile::LoadOp load, StringRef name, MappedLoad &found);
  bool findPanel(tile::ViewOp view, MappedLoad &found);
  bool chooseSizes(Pipeline &pipeline, int64_t sharedBytes);

  tile::KernelOp kernel;
  std::string &why;
};

} // namespace

/// The load that a product's operand is, or null.
static tile::LoadOp loadOf(Value operand) {
  return resolve(operand).getDefiningOp<tile::LoadOp>();
}

/// Whether products alone use a load, as their operand `number`.
static bool isOperand(tile::LoadOp load, unsigned number) {
  return allUses(load.getResult(), [&](OpOperand &use) {
    return isa<tile::MmaOp>(use.getOwner()) && use.getOperandNumber() == number;
  });
}

static bool isBF16(Value tile) {
  return getElementTypeOrSelf(resolve(tile).getType()).isBF16();
}

static bool isTileType(Type type) { return isa<RankedTensorType>(type); }

bool isLineOfStep(tile::LoadOp load) {
  return isa<tile::StreamOp>(load->getParentOp()) &&
         cast<RankedTensorType>(load.getType()).getRank() == 1;
}

int64_t Pipeline::noteWords() const {
  size_t told = 0;
  for (const PipelineStage &stage : stages)
    told = std::max(told, stage.told.size());
  return 1 + told;
}

static bool isIndexArgument(tile::KernelOp kernel, Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  return argument && argument.getOwner()->getParentOp() == kernel &&
         value.getType().isIndex();
}

/// Finds `factor` in `x * factor`; returns x, or null.
static Value otherFactor(Value product,
                         llvm::function_ref<bool(Value)> factor) {
  auto multiply = product.getDefiningOp<arith::MulIOp>();
  if (!multiply)
    return Value();
  if (factor(multiply.getRhs()))
    return multiply.getLhs();
  return factor(multiply.getLhs()) ? multiply.getRhs() : Value();
}

/// A view is a panel if it begins at `number * rows * columns` and its rows
/// follow each other.
bool Finder::findPanel(tile::ViewOp view, MappedLoad &found) {
  auto isColumns = [&](Value factor) {
    return getConstantIntValue(factor) == found.map.columns;
  };
  Value rows;
  auto isRows = [&](Value factor) {
    rows = factor;
    return isIndexArgument(kernel, factor);
  };
  Value rest = otherFactor(view.getOffset(), isColumns);
  found.panel = rest ? otherFactor(rest, isRows) : Value();
  ArrayRef<int64_t> strides = view.getStaticStrides();
  auto buffer = dyn_cast<BlockArgument>(view.getBuffer());
  if (!found.panel || !buffer || strides[0] != found.map.columns ||
      strides[1] != 1)
    return false;
  found.map.buffer = buffer.getArgNumber();
  found.map.rows = cast<BlockArgument>(rows).getArgNumber();
  return true;
}

bool Finder::findMap(tile::LoadOp load, StringRef name, MappedLoad &found) {
  auto type = cast<RankedTensorType>(load.getType());
  int64_t rows = type.getDimSize(0), columns = type.getDimSize(1);
  found.load = load;
  found.map.columns = columns;
  found.map.boxRows = rows;
  if (!type.getElementType().isBF16())
    return refuse(name + " are " +
                  (type.getElementType().isF32() ? "f32" : "no floats") +
                  ", wanted bf16");
  if (columns != 64 && columns != 128)
    return refuse(name + " are " + Twine(columns) + " wide, wanted 64 or 128");
  if (rows % 16 != 0 || rows > 256)
    return refuse(name + " come by " + Twine(rows) +
                  " rows, wanted a multiple of 16 up to 256");
  if (getConstantIntValue(load.getIndices()[1]) != 0 ||
      !findPanel(load.getView().getDefiningOp<tile::ViewOp>(), found))
    return refuse(name + " do not lie in whole panels of their buffer");
  return true;
}

/// Finds what needs the carried accumulator: an elementwise chain up to the
/// product that adds to it.
bool Finder::findLate(PipelineStage &stage) {
  tile::StreamOp stream = stage.stream;
  OperandRange yields = stream.getBodyYields();
  auto found = llvm::find(yields, stage.output.getResult());
  if (found == yields.end() || !stage.output->hasOneUse())
    return refuse("the second product is not carried alone");
  stage.accumulator = found - yields.begin();
  llvm::SmallPtrSet<Value, 8> tainted{stream.getCarried()[stage.accumulator]};
  for (Operation &op : stream.getBody().front().without_terminator()) {
    bool isLate = llvm::any_of(op.getOperands(), [&](Value operand) {
      return tainted.contains(operand);
    });
    if (!isLate)
      continue;
    if (&op == stage.output)
      continue;
    if (!isElementwiseOnTiles(&op))
      return refuse("the body does more with its accumulator than scale it");
    stage.late.insert(&op);
    tainted.insert(op.getResult(0));
  }
  for (auto [number, yield] : llvm::enumerate(yields))
    if (number != stage.accumulator && tainted.contains(yield))
      return refuse("the accumulator is carried twice");
  Operation *rounding = stage.output.getA().getDefiningOp();
  if (!isa_and_nonnull<arith::TruncFOp>(rounding) || !rounding->hasOneUse())
    return refuse("weights are more than rounded for the second product");
  stage.late.insert(rounding);
  if (tainted.contains(stage.output.getA()) ||
      tainted.contains(stage.scores.getAcc()))
    return refuse("a product depends on the accumulator");
  return true;
}

/// Whether one warp can tell which steps to visit: the tiles that it looks at
/// are 1-D and loaded there.
static bool isSearchAlone(tile::StreamOp stream) {
  WalkResult walk = stream.getWhere().walk([&](Operation *op) {
    for (Value operand : op->getOperands()) {
      auto type = dyn_cast<RankedTensorType>(operand.getType());
      Operation *source = operand.getDefiningOp();
      if (type && !isFree(source) &&
          (type.getRank() != 1 || !source ||
           !stream.getWhere().isAncestor(source->getParentRegion())))
        return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  return !walk.wasInterrupted();
}

bool Finder::findStage(tile::StreamOp stream, PipelineStage &stage) {
  stage.stream = stream;
  SmallVector<tile::MmaOp> products(
      stream.getBody().front().getOps<tile::MmaOp>());
  if (products.size() != 2)
    return refuse("a step has " + Twine(products.size()) +
                  " products, wanted two");
  stage.scores = products[0];
  stage.output = products[1];
  tile::LoadOp keys = loadOf(stage.scores.getB());
  tile::LoadOp values = loadOf(stage.output.getB());
  Block *region = &stream.getLoad().front();
  if (!keys || !values || keys->getBlock() != region ||
      values->getBlock() != region || !isOperand(keys, 1) ||
      !isOperand(values, 1))
    return refuse("a step's products do not take what it loads");
  if (!findMap(keys, "keys", stage.keys) ||
      !findMap(values, "values", stage.values))
    return false;
  if (!stage.scores.getTransposeB() || stage.scores.getTransposeA() ||
      stage.output.getTransposeA() || stage.output.getTransposeB() ||
      !matchPattern(stage.scores.getAcc(), m_AnyZeroFloat()) ||
      !isBF16(stage.output.getA()) || loadOf(stage.output.getA()))
    return refuse("a step's products are not those of scores and values");
  if (!isSearchAlone(stream))
    return refuse("which steps it visits is not seen from their keys alone");
  return findLate(stage);
}

/// Finds the scalars that come from 1-D tiles.
static void findTold(PipelineStage &stage) {
  auto isTold = [&](Value operand) {
    return stage.tellers.contains(operand.getDefiningOp());
  };
  for (Operation &op : stage.stream.getBody().front().without_terminator()) {
    auto reduce = dyn_cast<tile::ReduceOp>(op);
    tile::LoadOp line = reduce ? loadOf(reduce.getSource()) : tile::LoadOp();
    bool isScalar = op.getNumRegions() == 0 &&
                    llvm::none_of(op.getResultTypes(), isTileType);
    if ((line && isLineOfStep(line)) ||
        (isScalar && llvm::any_of(op.getOperands(), isTold)))
      stage.tellers.insert(&op);
  }
  for (Operation *op : stage.tellers)
    if (llvm::any_of(op->getUsers(), [&](Operation *user) {
          return !stage.tellers.contains(user);
        }))
      stage.told.push_back(op->getResult(0));
}

/// The streams must be all that is between the products, in one block behind
/// which nothing follows.
bool Finder::findPlace(Pipeline &pipeline) {
  if (kernel.walk([](tile::FinishOp) { return WalkResult::interrupt(); })
          .wasInterrupted())
    return refuse("its programs have parts");
  SmallVector<tile::StreamOp> streams;
  kernel.walk([&](tile::StreamOp stream) { streams.push_back(stream); });
  int64_t products = 0;
  kernel.walk([&](tile::MmaOp) { ++products; });
  if (streams.empty() || products != int64_t(2 * streams.size()))
    return refuse("products stand outside of its streams");
  Block *block = streams.front()->getBlock();
  for (tile::StreamOp stream : streams)
    if (stream->getBlock() != block)
      return refuse("its streams stand in different blocks");
  Operation *parent = block->getParentOp();
  bool isLast = parent == kernel ||
                (isa<scf::IfOp>(parent) && parent->getParentOp() == kernel &&
                 parent->getNextNode() == parent->getBlock()->getTerminator());
  if (!isLast)
    return refuse("something follows behind its streams");
  for (tile::StreamOp stream : streams) {
    PipelineStage &stage = pipeline.stages.emplace_back();
    if (!findStage(stream, stage))
      return false;
    findTold(stage);
  }
  return true;
}

bool Finder::chooseSizes(Pipeline &pipeline, int64_t sharedBytes) {
  const PipelineStage &first = pipeline.stages.front();
  int64_t rows = pipeline.query.rows();
  if (rows != 128 && rows != 192)
    return refuse("a program has " + Twine(rows) + " rows, wanted 128 or 192");
  pipeline.consumers = rows / 64;
  int64_t slot = first.keys.bytes() + first.values.bytes();
  int64_t room = sharedBytes - kReserve - pipeline.query.bytes();
  pipeline.slots = std::min(kMostSlots, room / slot);
  if (pipeline.slots < 2)
    return refuse("two steps do not fit into shared memory");
  return true;
}

/// Whether each warp can do alone what stands before `stream`, but for `query`.
static bool isSimple(tile::StreamOp stream, tile::LoadOp query) {
  auto isSimpleBefore = [&](Operation *end) {
    for (Operation *op = end->getPrevNode(); op; op = op->getPrevNode())
      if (op != query && (isa<tile::LoadOp, tile::GatherOp, tile::ReduceOp,
                              tile::StoreOp, tile::ScatterOp>(op) ||
                          op->getNumRegions() != 0))
        return false;
    return true;
  };
  Operation *parent = stream->getParentOp();
  return isSimpleBefore(stream) &&
         (isa<tile::KernelOp>(parent) || isSimpleBefore(parent));
}

/// Whether a stream's step has two products, as attention's has.
static bool hasPairOfProducts(tile::KernelOp kernel) {
  WalkResult walk = kernel.walk([](tile::StreamOp stream) {
    auto products = stream.getBody().getOps<tile::MmaOp>();
    return llvm::hasNItems(products, 2) ? WalkResult::interrupt()
                                        : WalkResult::advance();
  });
  return walk.wasInterrupted();
}

bool Finder::find(Pipeline &pipeline, int64_t sharedBytes) {
  if (!hasPairOfProducts(kernel) || !findPlace(pipeline))
    return false;
  tile::LoadOp query = loadOf(pipeline.stages.front().scores.getA());
  if (!query || query->getBlock() != pipeline.stages.front().stream->getBlock())
    return refuse("queries are not loaded once");
  for (PipelineStage &stage : pipeline.stages) {
    PipelineStage &first = pipeline.stages.front();
    if (loadOf(stage.scores.getA()) != query ||
        stage.keys.load.getType() != first.keys.load.getType() ||
        stage.values.load.getType() != first.values.load.getType())
      return refuse("its streams have different operands");
  }
  if (!isOperand(query, 0))
    return refuse("queries are used elsewhere");
  pipeline.isPersistent = isSimple(pipeline.stages.front().stream, query);
  return findMap(query, "queries", pipeline.query) &&
         chooseSizes(pipeline, sharedBytes);
}

std::optional<Pipeline> findPipeline(tile::KernelOp kernel, int64_t sharedBytes,
                                     std::string &why) {
  Pipeline pipeline;
  if (!Finder(kernel, why).find(pipeline, sharedBytes))
    return std::nullopt;
  return pipeline;
}

} // namespace heed::nvgpu
