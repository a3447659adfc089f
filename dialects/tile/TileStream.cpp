//===- TileStream.cpp - The loop over tiles -------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Syntax and constraints of tile.stream.
///
//===----------------------------------------------------------------------===//

#include "dialects/tile/Tile.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace heed::tile;

//===----------------------------------------------------------------------===//
// Building and access
//===----------------------------------------------------------------------===//

/// Adds to `region` a block with the given arguments and, through `fill`, its
/// ops and the yield.
static void buildRegion(
    OpBuilder &builder, Location loc, Region &region, TypeRange arguments,
    llvm::function_ref<SmallVector<Value>(Block::BlockArgListType)> fill) {
  OpBuilder::InsertionGuard guard(builder);
  SmallVector<Location> locs(arguments.size(), loc);
  Block *block = builder.createBlock(&region, region.end(), arguments, locs);
  SmallVector<Value> values = fill(block->getArguments());
  YieldOp::create(builder, loc, values);
}

void StreamOp::build(OpBuilder &builder, OperationState &state, Value lower,
                     Value upper, Value step, ValueRange inits,
                     StreamWhereFn where, StreamLoadFn load, StreamBodyFn body,
                     StreamCombineFn combine) {
  state.addOperands({lower, upper, step});
  state.addOperands(inits);
  state.addTypes(inits.getTypes());
  Location loc = state.location;
  SmallVector<Type> types{builder.getIndexType()};
  Region *whereRegion = state.addRegion();
  if (where)
    buildRegion(builder, loc, *whereRegion, types, [&](auto arguments) {
      return SmallVector<Value>{where(builder, loc, arguments[0])};
    });
  Region *loadRegion = state.addRegion();
  buildRegion(builder, loc, *loadRegion, types,
              [&](auto arguments) { return load(builder, loc, arguments[0]); });
  llvm::append_range(types,
                     loadRegion->front().getTerminator()->getOperandTypes());
  size_t firstCarried = types.size();
  llvm::append_range(types, inits.getTypes());
  buildRegion(builder, loc, *state.addRegion(), types, [&](auto arguments) {
    ValueRange all(arguments);
    return body(builder, loc, all[0], all.slice(1, firstCarried - 1),
                all.drop_front(firstCarried));
  });
  Region *combineRegion = state.addRegion();
  if (!combine)
    return;
  types.assign(inits.getTypes().begin(), inits.getTypes().end());
  llvm::append_range(types, inits.getTypes());
  buildRegion(builder, loc, *combineRegion, types, [&](auto arguments) {
    ValueRange all(arguments);
    return combine(builder, loc, all.take_front(inits.size()),
                   all.drop_front(inits.size()));
  });
}

Block::BlockArgListType StreamOp::getLoaded() {
  return getBody().getArguments().slice(1, getLoadYields().size());
}
Block::BlockArgListType StreamOp::getCarried() {
  return getBody().getArguments().take_back(getInits().size());
}
void StreamOp::dropCombine() {
  getCombine().dropAllReferences();
  getCombine().getBlocks().clear();
}

Block::BlockArgListType StreamOp::getCombineFirst() {
  return getCombine().getArguments().take_front(getInits().size());
}
Block::BlockArgListType StreamOp::getCombineSecond() {
  return getCombine().getArguments().take_back(getInits().size());
}
SmallVector<Value> StreamOp::buildCombine(OpBuilder &builder, ValueRange first,
                                          ValueRange second) {
  IRMapping mapping;
  mapping.map(getCombineFirst(), first);
  mapping.map(getCombineSecond(), second);
  for (Operation &op : getCombine().front().without_terminator())
    builder.clone(op, mapping);
  SmallVector<Value> results;
  for (Value yielded : getCombineYields())
    results.push_back(mapping.lookupOrDefault(yielded));
  return results;
}
Value StreamOp::getVisited() {
  return getWhere().front().getTerminator()->getOperand(0);
}
OperandRange StreamOp::getLoadYields() {
  return getLoad().front().getTerminator()->getOperands();
}
OperandRange StreamOp::getBodyYields() {
  return getBody().front().getTerminator()->getOperands();
}
OperandRange StreamOp::getCombineYields() {
  return getCombine().front().getTerminator()->getOperands();
}

//===----------------------------------------------------------------------===//
// Syntax
//===----------------------------------------------------------------------===//

/// Parses `(%i: index, ...) { ... }`.
static ParseResult parseStreamRegion(OpAsmParser &parser, Region &region) {
  SmallVector<OpAsmParser::Argument> arguments;
  return failure(parser.parseArgumentList(arguments,
                                          OpAsmParser::Delimiter::Paren,
                                          /*allowType=*/true) ||
                 parser.parseRegion(region, arguments));
}

/// Prints the same behind `keyword`, on a line of its own.
static void printStreamRegion(OpAsmPrinter &printer, StringRef keyword,
                              Region &region) {
  printer.printNewline();
  printer << keyword << " (";
  llvm::interleaveComma(
      region.getArguments(), printer,
      [&](BlockArgument argument) { printer.printRegionArgument(argument); });
  printer << ") ";
  printer.printRegion(region, /*printEntryBlockArgs=*/false);
}

ParseResult StreamOp::parse(OpAsmParser &parser, OperationState &result) {
  OpAsmParser::UnresolvedOperand lower, upper, step;
  SmallVector<OpAsmParser::UnresolvedOperand> inits;
  if (parser.parseLParen() || parser.parseOperand(lower) ||
      parser.parseKeyword("to") || parser.parseOperand(upper) ||
      parser.parseKeyword("step") || parser.parseOperand(step) ||
      parser.parseRParen())
    return failure();
  SMLoc initsLoc = parser.getCurrentLocation();
  if (succeeded(parser.parseOptionalKeyword("carry")))
    if (parser.parseLParen() || parser.parseOperandList(inits) ||
        parser.parseColonTypeList(result.types) || parser.parseRParen())
      return failure();
  Type index = parser.getBuilder().getIndexType();
  if (parser.parseOptionalAttrDictWithKeyword(result.attributes) ||
      parser.resolveOperands({lower, upper, step}, index, result.operands) ||
      parser.resolveOperands(inits, result.types, initsLoc, result.operands))
    return failure();
  Region *where = result.addRegion();
  if (succeeded(parser.parseOptionalKeyword("where")) &&
      parseStreamRegion(parser, *where))
    return failure();
  if (parser.parseKeyword("load") ||
      parseStreamRegion(parser, *result.addRegion()) ||
      parser.parseKeyword("body") ||
      parseStreamRegion(parser, *result.addRegion()))
    return failure();
  Region *combine = result.addRegion();
  if (succeeded(parser.parseOptionalKeyword("combine")))
    return parseStreamRegion(parser, *combine);
  return success();
}

void StreamOp::print(OpAsmPrinter &printer) {
  printer << " (" << getLower() << " to " << getUpper() << " step " << getStep()
          << ')';
  if (!getInits().empty())
    printer << " carry(" << getInits() << " : " << getInits().getTypes() << ')';
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs());
  if (hasWhere())
    printStreamRegion(printer, "where", getWhere());
  printStreamRegion(printer, "load", getLoad());
  printStreamRegion(printer, "body", getBody());
  if (hasCombine())
    printStreamRegion(printer, "combine", getCombine());
}

//===----------------------------------------------------------------------===//
// Constraints
//===----------------------------------------------------------------------===//

/// Checks that `types` equal `wanted`; `what` names them in the message.
static LogicalResult expectTypes(StreamOp op, const char *what, TypeRange types,
                                 TypeRange wanted) {
  if (types == wanted)
    return success();
  return op.emitOpError("expects ")
         << what << " of types (" << wanted << "), got (" << types << ")";
}

/// Whether `op` writes no memory itself. What its regions do is theirs; what is
/// not known to write nothing may write.
static bool writesNothing(Operation *op) {
  if (op->hasTrait<OpTrait::HasRecursiveMemoryEffects>())
    return true;
  return isa<MemoryEffectOpInterface>(op) &&
         !hasEffect<MemoryEffects::Write>(op);
}

/// Checks that all ops in `region` are `allowed`; `wish` says of the stream
/// what that means.
static LogicalResult verifyOps(StreamOp op, Region &region, const Twine &wish,
                               llvm::function_ref<bool(Operation *)> allowed) {
  WalkResult walk = region.walk([&](Operation *inner) {
    if (allowed(inner))
      return WalkResult::advance();
    InFlightDiagnostic diag = op.emitOpError("expects ") << wish;
    diag.attachNote(inner->getLoc()) << "found " << inner->getName();
    return WalkResult::interrupt();
  });
  return failure(walk.wasInterrupted());
}

/// Checks that `region`, called `name`, only reads and has no stream (C6).
static LogicalResult verifyReadsOnly(StreamOp op, Region &region,
                                     StringRef name) {
  return verifyOps(op, region, name + " to read only", [](Operation *inner) {
    return !isa<StreamOp>(inner) && writesNothing(inner);
  });
}

/// Checks what a stream with `combine` promises beyond the others.
static LogicalResult verifyCombine(StreamOp op) {
  SmallVector<Type> arguments(op.getInits().getTypes()); // (C8)
  llvm::append_range(arguments, op.getInits().getTypes());
  if (failed(expectTypes(op, "arguments of combine",
                         op.getCombine().getArgumentTypes(), arguments)) ||
      failed(expectTypes(op, "a yield in combine",
                         op.getCombineYields().getTypes(),
                         op.getInits().getTypes())))
    return failure();
  auto computes = [](Operation *inner) { // (C9)
    return !isa<StreamOp>(inner) && isMemoryEffectFree(inner);
  };
  if (failed(
          verifyOps(op, op.getCombine(), "combine to compute only", computes)))
    return failure();
  return verifyOps(op, op.getBody(), // (C10)
                   "a body beside combine to write no memory", writesNothing);
}

/// Checks what a stream promises that goes on with another's values (C11).
static LogicalResult verifyContinues(StreamOp op) {
  if (op.hasCombine())
    return op.emitOpError("expects no combine where it continues a stream");
  return verifyOps(op, op.getBody(),
                   "a body that continues a stream to write no memory",
                   writesNothing);
}

/// Checks that the body holds no load of its own (C7).
static LogicalResult verifyDeclaredLoads(StreamOp op) {
  WalkResult walk = op.getBody().walk([&](Operation *inner) {
    if (!isa<LoadOp, GatherOp>(inner) ||
        inner->getParentOfType<StreamOp>() != op)
      return WalkResult::advance();
    InFlightDiagnostic diag =
        op.emitOpError("expects the loads of a step in its load region");
    diag.attachNote(inner->getLoc())
        << "found " << inner->getName() << " in the body";
    return WalkResult::interrupt();
  });
  return failure(walk.wasInterrupted());
}

LogicalResult StreamOp::verifyRegions() {
  IntegerAttr step;
  if (matchPattern(getStep(), m_Constant(&step)) && step.getInt() < 1) // (C1)
    return emitOpError("expects a positive step, got ") << step.getInt();
  Type index = IndexType::get(getContext());
  if (hasWhere()) { // (C2)
    Type i1 = IntegerType::get(getContext(), 1);
    if (failed(expectTypes(*this, "arguments of where",
                           getWhere().getArgumentTypes(), index)) ||
        failed(expectTypes(
            *this, "a yield in where",
            getWhere().front().getTerminator()->getOperandTypes(), i1)))
      return failure();
  }
  if (failed(expectTypes(*this, "arguments of load", // (C3)
                         getLoad().getArgumentTypes(), index)))
    return failure();
  for (Type type : getLoadYields().getTypes())
    if (!isTile(type))
      return emitOpError("expects load to yield tiles, got ") << type;
  SmallVector<Type> arguments{index}; // (C4)
  llvm::append_range(arguments, getLoadYields().getTypes());
  llvm::append_range(arguments, getInits().getTypes());
  if (failed(expectTypes(*this, "arguments of body",
                         getBody().getArgumentTypes(), arguments)) ||
      failed(expectTypes(*this, "a yield in body", getBodyYields().getTypes(),
                         getInits().getTypes())) ||
      failed(expectTypes(*this, "results", getResultTypes(), // (C5)
                         getInits().getTypes())))
    return failure();
  if ((hasWhere() && failed(verifyReadsOnly(*this, getWhere(), "where"))) ||
      failed(verifyReadsOnly(*this, getLoad(), "load"))) // (C6)
    return failure();
  if (hasCombine() && failed(verifyCombine(*this))) // (C8), (C9), (C10)
    return failure();
  if (getContinues() && failed(verifyContinues(*this))) // (C11)
    return failure();
  return verifyDeclaredLoads(*this); // (C7)
}
