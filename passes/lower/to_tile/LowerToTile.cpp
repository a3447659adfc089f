//===- LowerToTile.cpp - Choose the writer of each group ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Passes.h"

#include "dialects/attn/Attn.h"
#include "dialects/tile/Tile.h"
#include "passes/lower/graph/JoinPolicy.h"
#include "passes/lower/to_tile/Writers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace heed {

#define GEN_PASS_DEF_LOWERTOTILEPASS
#include "passes/lower/Passes.h.inc"

bool isDecode(func::FuncOp group) {
  auto phase = group->getAttrOfType<attn::PhaseAttr>("attn.phase");
  return phase && phase.getValue() == attn::Phase::Decode;
}

namespace {

using Writer = LogicalResult (*)(func::FuncOp, const BlockSizes &);

/// A writer whose sizes are those of every target.
template <LogicalResult (*write)(func::FuncOp)>
LogicalResult anywhere(func::FuncOp group, const BlockSizes &) {
  return write(group);
}

/// The writers of a group whose root has the name `kind`.
struct WriterEntry {
  StringLiteral kind;
  Writer prefill;
  Writer decode;
};

constexpr WriterEntry writers[] = {
    {"attention", writeDenseAttention, writeDecodeAttention},
    {"attention_partial", writeDenseAttention, writeDecodeAttention},
    {"elementwise", anywhere<writeElementwise>, anywhere<writeElementwise>},
    {"embed", anywhere<writeEmbed>, anywhere<writeEmbed>},
    {"gather_tokens", anywhere<writeGatherTokens>, anywhere<writeGatherTokens>},
    {"linear", writeMatMul, writeMatVec},
    {"merge", anywhere<writeMerge>, anywhere<writeMerge>},
    {"norm", anywhere<writeNorm>, anywhere<writeNorm>},
    {"rotary", anywhere<writeRotary>, anywhere<writeRotary>},
};

struct LowerToTile : impl::LowerToTilePassBase<LowerToTile> {
  using LowerToTilePassBase::LowerToTilePassBase;

  void runOnOperation() override {
    if (target != "cpu" && target != "sm_80" && target != "sm_90a") {
      getOperation().emitError("expects the target cpu, sm_80 or sm_90a, got ")
          << target;
      return signalPassFailure();
    }
    SmallVector<func::FuncOp> groups;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function->hasAttr("attn.group") && !function.isDeclaration())
        groups.push_back(function);
    for (func::FuncOp group : groups)
      if (failed(lower(group))) {
        show(group);
        return signalPassFailure();
      }
  }

  /// Prints a group that was refused.
  static void show(func::FuncOp group) {
    std::string text;
    llvm::raw_string_ostream stream(text);
    group.print(stream, OpPrintingFlags().useLocalScope().assumeVerified());
    group.emitRemark("the group is ") << text;
  }

  LogicalResult lower(func::FuncOp group) {
    if (failed(checkTypes(group)) || failed(checkOps(group)))
      return failure();
    StringRef kind = group->getAttrOfType<StringAttr>("attn.group").getValue();
    const WriterEntry *entry = llvm::find_if(
        writers, [&](const WriterEntry &entry) { return entry.kind == kind; });
    if (entry == std::end(writers)) {
      group.emitError("found a group of kind '")
          << kind << "', wanted one that has a kernel";
      return failure();
    }
    BlockSizes sizes;
    sizes.isGpu = target != "cpu";
    sizes.hasWarpGroups = target == "sm_90a";
    Writer write = isDecode(group) ? entry->decode : entry->prefill;
    return write(group, sizes);
  }

  /// Refuses ops whose operands lie in no memory that a kernel can reach.
  LogicalResult checkOps(func::FuncOp group) {
    for (Operation &op : group.getBody().front()) {
      bool isAttention = isa<attn::AttentionOp, attn::AttentionPartialOp>(op);
      bool isRoot = !getRootKind(&op).empty();
      for (Value operand : op.getOperands()) {
        Operation *source = operand.getDefiningOp();
        bool isRead = isa_and_nonnull<attn::CacheReadOp>(source);
        if (isRoot ? !source || (isAttention && isRead) : !isRead)
          continue;
        return op.emitOpError("has no kernel, found an operand ")
               << operand << ", wanted a value of another group"
               << (isAttention ? " or of a cache" : "");
      }
      auto splat = dyn_cast<tensor::SplatOp>(op);
      if (splat && !splat.getInput().getDefiningOp<arith::ConstantOp>())
        return op.emitOpError("repeats ")
               << splat.getInput() << ", wanted a constant";
    }
    return success();
  }

  /// Refuses element types that kernels do not have.
  LogicalResult checkTypes(func::FuncOp group) {
    SmallVector<Type> types(group.getArgumentTypes());
    llvm::append_range(types, group.getResultTypes());
    for (Type type : types) {
      Type element = getElementTypeOrSelf(type);
      bool isKnown =
          element.isF32() || element.isBF16() || element.isInteger(32);
      if (isa<attn::CacheType>(type) ||
          (isa<RankedTensorType>(type) && isKnown))
        continue;
      return group.emitError("found ")
             << type << " in a group, kernels have tensors of f32, bf16, i32";
    }
    return success();
  }
};

} // namespace
} // namespace heed
