//===- FormGroups.cpp - Phase functions become calls of groups ------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Passes.h"

#include "dialects/attn/Attn.h"
#include "passes/lower/graph/JoinPolicy.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace heed {

#define GEN_PASS_DEF_FORMGROUPSPASS
#include "passes/lower/Passes.h.inc"

namespace {

using Groups = SmallVector<SmallVector<Operation *>>;

/// Cuts the block of a phase function into groups: roots first, in order, then
/// what they left.
Groups cut(Block &block, bool keepsProducts) {
  llvm::DenseSet<Operation *> taken;
  auto isTaken = [&](Operation *op) { return taken.contains(op); };
  Groups groups;
  auto take = [&](auto isRoot) {
    for (Operation &op : block)
      if (!isTaken(&op) && isRoot(&op)) {
        groups.push_back(growGroup(&op, isTaken, keepsProducts));
        taken.insert(groups.back().begin(), groups.back().end());
      }
  };
  take([](Operation *op) { return !getRootKind(op).empty(); });
  take(isElementwise);
  take(isHeadView);
  return groups;
}

/// Knows for each value of a phase function whether its second dynamic size is
/// N, the new tokens, or R, the wanted rows.
class TokenSizes {
public:
  explicit TokenSizes(func::FuncOp function) {
    for (BlockArgument argument : function.getArguments())
      sizes_[argument] = argument.getArgNumber() == 2 ? "R" : "N";
    for (Operation &op : function.getBody().front())
      for (Value result : op.getResults())
        sizes_[result] = derive(&op);
  }
  StringRef get(Value value) const { return sizes_.lookup(value); }

private:
  StringRef derive(Operation *op) const {
    if (auto gather = dyn_cast<attn::GatherTokensOp>(op))
      return get(gather.getRows());
    for (Value operand : op->getOperands())
      if (auto type = dyn_cast<RankedTensorType>(operand.getType()))
        if (!type.hasStaticShape())
          return get(operand);
    return "N";
  }

  llvm::DenseMap<Value, StringRef> sizes_;
};

/// Copies the ops of a group into a function of its own.
class Outliner {
public:
  Outliner(ArrayRef<Operation *> ops, func::FuncOp phase)
      : ops_(ops), phase_(phase), builder_(phase.getContext()) {
    for (Value value : getLeavingValues(ops))
      results_.push_back(value);
    // A group whose value nobody uses still has one.
    if (results_.empty())
      results_.push_back(ops.back()->getResult(0));
  }

  /// Makes the function, which is not in the module yet.
  func::FuncOp makeFunction();
  ArrayRef<Value> getInputs() const { return inputs_.getArrayRef(); }
  ArrayRef<Value> getResults() const { return results_; }

private:
  void collectInputs(Operation *op);
  void copy(Operation *op);
  Value getSized() const;
  bool isInside(Operation *op) const { return llvm::is_contained(ops_, op); }

  SmallVector<Operation *> ops_;
  func::FuncOp phase_;
  OpBuilder builder_;
  SmallVector<Value> results_;
  llvm::SetVector<Value> inputs_;
  IRMapping mapping_;
};

} // namespace

void Outliner::collectInputs(Operation *op) {
  // The size of a group's value is read from the root's.
  if (isa<tensor::DimOp>(op))
    return;
  op->walk([&](Operation *nested) {
    for (Value operand : nested->getOperands()) {
      Operation *source = operand.getDefiningOp();
      if (source && (isInside(source) || op->isProperAncestor(source)))
        continue;
      if (auto argument = dyn_cast<BlockArgument>(operand))
        if (op->isAncestor(argument.getOwner()->getParentOp()))
          continue;
      if (source && isCopiedIntoGroups(source))
        collectInputs(source);
      else
        inputs_.insert(operand);
    }
  });
}

/// Returns a value of the sizes that all have: the root's or, before that is
/// there, an operand's.
Value Outliner::getSized() const {
  Value root = ops_.front()->getResult(0);
  if (Value copied = mapping_.lookupOrNull(root))
    return copied;
  auto shape = cast<RankedTensorType>(root.getType()).getShape();
  for (Value operand : ops_.front()->getOperands()) {
    auto type = dyn_cast<RankedTensorType>(operand.getType());
    Value copied = mapping_.lookupOrNull(operand);
    if (copied && type && type.getShape() == shape)
      return copied;
  }
  llvm_unreachable("a root has an operand of another group");
}

void Outliner::copy(Operation *op) {
  op->walk([&](Operation *nested) {
    for (Value operand : nested->getOperands()) {
      Operation *source = operand.getDefiningOp();
      if (!source || mapping_.contains(operand) ||
          source->getBlock() != ops_.front()->getBlock() ||
          !isCopiedIntoGroups(source))
        continue;
      if (auto dim = dyn_cast<tensor::DimOp>(source)) {
        mapping_.map(operand,
                     tensor::DimOp::create(builder_, op->getLoc(), getSized(),
                                           *dim.getConstantIndex())
                         .getResult());
        continue;
      }
      copy(source);
    }
  });
  builder_.clone(*op, mapping_);
}

func::FuncOp Outliner::makeFunction() {
  for (Operation *op : ops_)
    collectInputs(op);
  SmallVector<Type> inputTypes, resultTypes;
  for (Value value : inputs_)
    inputTypes.push_back(value.getType());
  for (Value value : results_)
    resultTypes.push_back(value.getType());
  auto function =
      func::FuncOp::create(ops_.front()->getLoc(), "group",
                           builder_.getFunctionType(inputTypes, resultTypes));
  function.setPrivate();
  StringRef kind = getRootKind(ops_.front());
  function->setAttr("attn.group", builder_.getStringAttr(
                                      kind.empty() ? "elementwise" : kind));
  function->setAttr("attn.phase", phase_->getAttr("attn.phase"));

  Block *block = function.addEntryBlock();
  builder_.setInsertionPointToStart(block);
  mapping_.map(inputs_.getArrayRef(), block->getArguments());
  for (Operation *op : ops_)
    copy(op);
  SmallVector<Value> values;
  for (Value value : results_)
    values.push_back(mapping_.lookup(value));
  func::ReturnOp::create(builder_, function.getLoc(), values);
  return function;
}

/// Returns "layer 3 linear", or without a layer "linear".
static std::string makeLabel(Operation *root, StringRef kind) {
  if (auto fused = dyn_cast<FusedLoc>(root->getLoc()))
    if (auto layer = dyn_cast_or_null<StringAttr>(fused.getMetadata()))
      return (layer.getValue() + " " + kind).str();
  return kind.str();
}

namespace {

struct FormGroups : impl::FormGroupsPassBase<FormGroups> {
  using FormGroupsPassBase::FormGroupsPassBase;

  void runOnOperation() override {
    SmallVector<func::FuncOp> phases;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function->hasAttr("attn.phase") && !function.isDeclaration())
        phases.push_back(function);
    for (func::FuncOp phase : phases)
      if (failed(form(phase)))
        return signalPassFailure();
  }

  LogicalResult form(func::FuncOp phase) {
    if (!phase.getBody().hasOneBlock())
      return phase.emitError("found several blocks, wanted one");
    Block &block = phase.getBody().front();
    TokenSizes sizes(phase);
    bool isPrefill =
        phase->getAttrOfType<attn::PhaseAttr>("attn.phase").getValue() ==
        attn::Phase::Prefill;
    Groups groups = cut(block, keepProducts && isPrefill);
    // A group stands where its last op stood: all that it needs is there.
    for (ArrayRef<Operation *> ops : groups)
      outline(ops, phase, sizes);
    removeUnused(block);
    moveAppends(block);
    return checkRest(block);
  }

  void outline(ArrayRef<Operation *> ops, func::FuncOp phase,
               const TokenSizes &sizes) {
    Outliner outliner(ops, phase);
    func::FuncOp function = share(outliner.makeFunction(), phase.getName());
    Operation *root = ops.front();
    OpBuilder builder(ops.back());
    auto call = func::CallOp::create(builder, root->getLoc(), function,
                                     outliner.getInputs());
    auto kind = function->getAttrOfType<StringAttr>("attn.group");
    call->setAttr("label",
                  builder.getStringAttr(makeLabel(root, kind.getValue())));
    SmallVector<StringRef> tokens;
    for (Value value : outliner.getResults())
      tokens.push_back(sizes.get(value));
    call->setAttr("tokens", builder.getStrArrayAttr(tokens));
    for (auto [i, value] : llvm::enumerate(outliner.getResults()))
      Value(value).replaceAllUsesWith(call.getResult(i));
    for (Operation *op : llvm::reverse(ops)) {
      op->dropAllUses(); // Sizes only, which nobody reads any more.
      op->erase();
    }
  }

  /// Gives `function` a name, or finds the one that is equal to it.
  func::FuncOp share(func::FuncOp function, StringRef phase) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    function->print(stream, OpPrintingFlags().useLocalScope());
    auto [entry, isNew] = known_.try_emplace(text, function);
    if (!isNew) {
      function.erase();
      return entry->second;
    }
    auto kind = function->getAttrOfType<StringAttr>("attn.group").getValue();
    std::string name = (phase + "_" + kind + "_").str();
    function.setName(name + std::to_string(count_[name]++));
    SymbolTable(getOperation()).insert(function);
    return function;
  }

  static void removeUnused(Block &block) {
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (isOpTriviallyDead(&op))
        op.erase();
  }

  /// Puts each append right behind the last op that reads its cache.
  static void moveAppends(Block &block) {
    SmallVector<attn::CacheAppendOp> appends(
        block.getOps<attn::CacheAppendOp>());
    for (attn::CacheAppendOp append : appends) {
      Operation *last = append;
      for (Operation *user : append.getCache().getUsers())
        if (last->isBeforeInBlock(user))
          last = user;
      if (last != append)
        append->moveAfter(last);
    }
  }

  static LogicalResult checkRest(Block &block) {
    for (Operation &op : block) {
      if (isa<func::CallOp, func::ReturnOp, attn::UseOp, attn::CacheAppendOp>(
              op))
        continue;
      return op.emitOpError("fits no group, wanted an op that has a kernel, "
                            "arith or math on tensors of one shape, or a view");
    }
    return success();
  }

  llvm::StringMap<func::FuncOp> known_;
  llvm::StringMap<int> count_;
};

} // namespace
} // namespace heed
