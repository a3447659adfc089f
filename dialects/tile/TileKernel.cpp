//===- TileKernel.cpp - Kernels and their grids ---------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Syntax and constraints of tile.kernel, tile.program_id and tile.finish.
///
//===----------------------------------------------------------------------===//

#include "dialects/tile/Tile.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace heed::tile;

void KernelOp::build(OpBuilder &builder, OperationState &state, StringRef name,
                     TypeRange argumentTypes, ArrayRef<GridExtent> grid) {
  SmallVector<int64_t> arguments, divisors;
  for (GridExtent extent : grid) {
    arguments.push_back(extent.argument);
    divisors.push_back(extent.divisor);
  }
  state.addAttribute(getSymNameAttrName(state.name),
                     builder.getStringAttr(name));
  state.addAttribute(getGridArgumentsAttrName(state.name),
                     builder.getDenseI64ArrayAttr(arguments));
  state.addAttribute(getGridDivisorsAttrName(state.name),
                     builder.getDenseI64ArrayAttr(divisors));
  Block &block = state.addRegion()->emplaceBlock();
  for (Type type : argumentTypes)
    block.addArgument(type, state.location);
}

SmallVector<GridExtent> KernelOp::getGrid() {
  SmallVector<GridExtent> grid;
  for (auto [argument, divisor] :
       llvm::zip_equal(getGridArguments(), getGridDivisors()))
    grid.push_back({argument, divisor});
  return grid;
}

/// Parses one entry of a grid: a number, or an argument with its divisor.
static ParseResult parseExtent(OpAsmParser &parser,
                               ArrayRef<OpAsmParser::Argument> arguments,
                               GridExtent &extent) {
  OpAsmParser::UnresolvedOperand name;
  OptionalParseResult isArgument = parser.parseOptionalOperand(name);
  if (!isArgument.has_value())
    return parser.parseInteger(extent.divisor);
  if (failed(*isArgument))
    return failure();
  const auto *found = llvm::find_if(arguments, [&](const auto &argument) {
    return argument.ssaName.name == name.name &&
           argument.ssaName.number == name.number;
  });
  if (found == arguments.end())
    return parser.emitError(name.location)
           << "expects an argument of the kernel, got " << name.name;
  extent.argument = found - arguments.begin();
  return failure(parser.parseKeyword("by") ||
                 parser.parseInteger(extent.divisor));
}

ParseResult KernelOp::parse(OpAsmParser &parser, OperationState &result) {
  StringAttr name;
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<int64_t> gridArguments, gridDivisors;
  if (parser.parseSymbolName(name, getSymNameAttrName(result.name),
                             result.attributes) ||
      parser.parseArgumentList(arguments, OpAsmParser::Delimiter::Paren,
                               /*allowType=*/true) ||
      parser.parseKeyword("grid") ||
      parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Paren, [&] {
        GridExtent extent;
        if (parseExtent(parser, arguments, extent))
          return failure();
        gridArguments.push_back(extent.argument);
        gridDivisors.push_back(extent.divisor);
        return success();
      }))
    return failure();
  Builder &builder = parser.getBuilder();
  result.addAttribute(getGridArgumentsAttrName(result.name),
                      builder.getDenseI64ArrayAttr(gridArguments));
  result.addAttribute(getGridDivisorsAttrName(result.name),
                      builder.getDenseI64ArrayAttr(gridDivisors));
  return failure(parser.parseOptionalAttrDictWithKeyword(result.attributes) ||
                 parser.parseRegion(*result.addRegion(), arguments));
}

void KernelOp::print(OpAsmPrinter &printer) {
  printer << ' ';
  printer.printSymbolName(getSymName());
  printer << '(';
  llvm::interleaveComma(getArguments(), printer, [&](BlockArgument argument) {
    printer.printRegionArgument(argument);
  });
  printer << ") grid(";
  llvm::interleaveComma(getGrid(), printer, [&](GridExtent extent) {
    if (extent.argument >= 0) {
      printer.printOperand(getBody().getArgument(extent.argument));
      printer << " by ";
    }
    printer << extent.divisor;
  });
  printer << ")";
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getAttrs(), {getSymNameAttrName(), getGridArgumentsAttrName(),
                            getGridDivisorsAttrName()});
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

LogicalResult KernelOp::verify() {
  for (auto [number, argument] : llvm::enumerate(getArguments())) { // (C1)
    Type type = argument.getType();
    auto buffer = dyn_cast<MemRefType>(type);
    bool isBuffer =
        buffer && buffer.getRank() == 1 && buffer.isDynamicDim(0) &&
        buffer.getLayout().isIdentity() && !buffer.getMemorySpace() &&
        (buffer.getElementType().isF32() || buffer.getElementType().isBF16() ||
         buffer.getElementType().isInteger(32));
    if (!isBuffer && !type.isIndex())
      return emitOpError("expects an index or a memref<?xT> of f32, bf16 or "
                         "i32 as argument ")
             << number << ", got " << type;
  }
  if (getGridArguments().size() != getGridDivisors().size()) // (C2)
    return emitOpError("expects as many grid arguments as divisors, got ")
           << getGridArguments().size() << " and " << getGridDivisors().size();
  for (GridExtent extent : getGrid()) {
    if (extent.divisor < 1)
      return emitOpError("expects positive grid entries, got ")
             << extent.divisor;
    if (extent.argument < 0)
      continue;
    if (extent.argument >= static_cast<int64_t>(getArguments().size()) ||
        !getBody().getArgument(extent.argument).getType().isIndex())
      return emitOpError("expects an index argument in the grid, got argument ")
             << extent.argument;
  }
  Block &block = getBody().front(); // (C3)
  if (block.empty() || !isa<ReturnOp>(block.back()))
    return emitOpError("expects its body to end in tile.return");
  return success();
}

LogicalResult ProgramIdOp::verify() {
  auto kernel = (*this)->getParentOfType<KernelOp>(); // (C1)
  if (!kernel)
    return emitOpError("expects to stand inside a tile.kernel");
  uint64_t rank = kernel.getGridDivisors().size();
  if (getDimension() >= rank)
    return emitOpError("expects a dimension of the grid, got ")
           << getDimension() << " in a grid of " << rank;
  return success();
}

/// Returns a value that a tile depends on and that needs memory or a loop, or
/// null.
static Value findImpure(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op || op->getNumRegions() != 0 || !isMemoryEffectFree(op))
    return value;
  for (Value operand : op->getOperands())
    if (isTile(operand.getType()))
      if (Value found = findImpure(operand))
        return found;
  return Value();
}

LogicalResult FinishOp::verify() {
  Operation *parent = (*this)->getParentOp(); // (C1)
  while (isa<scf::IfOp>(parent))
    parent = parent->getParentOp();
  auto kernel = dyn_cast<KernelOp>(parent);
  if (!kernel)
    return emitOpError("expects to stand inside a tile.kernel, in its block or "
                       "in branches, got ")
           << parent->getName();
  FinishOp other; // (C2)
  kernel.walk([&](FinishOp op) { other = op == *this ? other : op; });
  if (other) {
    InFlightDiagnostic error = emitOpError("expects to be the only one of its "
                                           "kernel");
    error.attachNote(other.getLoc()) << "the other one";
    return error;
  }
  SetVector<Value> used; // (C3)
  getUsedValuesDefinedAbove(getBody(), used);
  for (Value value : used) {
    Value impure = isTile(value.getType()) ? findImpure(value) : Value();
    if (!impure)
      continue;
    InFlightDiagnostic error = emitOpError(
        "expects its body to use no tile of outside that needs memory or a "
        "loop, got one of ");
    error << value.getType();
    error.attachNote(impure.getLoc()) << "the tile needs this";
    return error;
  }
  return success();
}
