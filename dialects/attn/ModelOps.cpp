//===- ModelOps.cpp - Weights, layers, phases -----------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/attn/Attn.h"
#include "dialects/attn/Extents.h"

#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace heed::attn;

//===----------------------------------------------------------------------===//
// FileOp
//===----------------------------------------------------------------------===//

LogicalResult FileOp::verify() {
  // (C1)
  if (getPath().empty())
    return emitOpError("expects a path, got an empty one");
  StringRef hash = getHash();
  if (hash.size() != 16 || !llvm::all_of(hash, llvm::isHexDigit))
    return emitOpError("expects a hash of 16 hexadecimal digits, got \"")
           << hash << "\"";
  return success();
}

bool FileOp::canDiscardOnUseEmpty() { return true; }

//===----------------------------------------------------------------------===//
// WeightOp, UseOp
//===----------------------------------------------------------------------===//

RankedTensorType WeightOp::getTensorType() { return getType(); }

bool WeightOp::hasSource() { return getFileAttr() != nullptr; }

bool WeightOp::canDiscardOnUseEmpty() { return true; }

/// Checks (C3): the initialiser yields one value of the weight's type.
static LogicalResult verifyInitialiser(WeightOp op) {
  Block &block = op.getInit().front();
  auto yield = block.empty() ? YieldOp() : dyn_cast<YieldOp>(block.back());
  if (!yield)
    return op.emitOpError("expects an initialiser that ends in attn.yield");
  return matchTypes(op, "values yielded by the initialiser",
                    yield.getValues().getTypes(), TypeRange(op.getType()));
}

LogicalResult WeightOp::verify() {
  // (C5)
  RankedTensorType type = getTensorType();
  if (!type.hasStaticShape() || !isa<FloatType>(type.getElementType()))
    return emitOpError("expects a static tensor of floats, got ") << type;
  // (C1)
  bool hasInit = !getInit().empty();
  if (hasSource() != getKey().has_value())
    return emitOpError("expects a file and a key, got only the ")
           << (hasSource() ? "file" : "key");
  if (hasSource() == hasInit)
    return emitOpError("expects a source or an initialiser, got ")
           << (hasInit ? "both" : "neither");
  // (C2)
  if (std::optional<ArrayRef<int64_t>> slice = getSlice()) {
    if (!hasSource())
      return emitOpError("expects a slice only with a source");
    if (static_cast<int64_t>(slice->size()) != type.getRank())
      return emitOpError("expects one offset per dimension, got ")
             << slice->size() << " for " << type;
    for (int64_t offset : *slice)
      if (offset < 0)
        return emitOpError("expects offsets of at least 0, got ") << offset;
  }
  // (C3)
  return hasInit ? verifyInitialiser(*this) : success();
}

LogicalResult WeightOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // (C4)
  if (!hasSource())
    return success();
  if (symbols.lookupNearestSymbolFrom<FileOp>(*this, getFileAttr()))
    return success();
  return emitOpError("found no attn.file ") << getFileAttr();
}

LogicalResult UseOp::verifySymbolUses(SymbolTableCollection &symbols) {
  // (C1)
  auto weight =
      symbols.lookupNearestSymbolFrom<WeightOp>(*this, getWeightAttr());
  if (!weight)
    return emitOpError("found no attn.weight ") << getWeightAttr();
  if (weight.getType() == getType())
    return success();
  InFlightDiagnostic diagnostic = emitOpError("expects the weight's type ")
                                  << weight.getType() << ", got " << getType();
  diagnostic.attachNote(weight.getLoc()) << "the weight is here";
  return diagnostic;
}

//===----------------------------------------------------------------------===//
// FactorOp
//===----------------------------------------------------------------------===//

namespace {
/// The shapes of a factorisation, operands before results, as letters.
struct FactorShapes {
  unsigned inputs;
  unsigned outputs;
  std::array<StringLiteral, 4> shapes;
};
} // namespace

static FactorShapes getShapes(Factorisation kind) {
  switch (kind) {
  case Factorisation::Svd:
    return {1, 3, {"mn", "mr", "r", "rn"}};
  case Factorisation::Eigen:
    return {1, 2, {"nn", "r", "nr", ""}};
  case Factorisation::LeastSquares:
    return {2, 1, {"mn", "mk", "nk", ""}};
  }
  llvm_unreachable("no such factorisation");
}

LogicalResult FactorOp::verify() {
  FactorShapes wanted = getShapes(getKind());
  // (C1)
  if (getInputs().size() != wanted.inputs ||
      getOutputs().size() != wanted.outputs)
    return emitOpError("expects ")
           << wanted.inputs << " operands and " << wanted.outputs
           << " results, got " << getInputs().size() << " and "
           << getOutputs().size();
  // (C2)
  llvm::SmallDenseMap<char, int64_t> sizes;
  auto types = llvm::concat<const Type>(llvm::to_vector(getOperandTypes()),
                                        llvm::to_vector(getResultTypes()));
  for (auto [type, shape] : llvm::zip_first(types, wanted.shapes)) {
    auto tensor = cast<RankedTensorType>(type);
    bool fits = tensor.hasStaticShape() &&
                isa<FloatType>(tensor.getElementType()) &&
                tensor.getRank() == static_cast<int64_t>(shape.size());
    for (unsigned i = 0; fits && i < shape.size(); ++i)
      fits = sizes.try_emplace(shape[i], tensor.getDimSize(i)).first->second ==
             tensor.getDimSize(i);
    if (!fits)
      return emitOpError("expects a static float tensor of shape (")
             << llvm::join(llvm::map_range(
                               shape, [](char c) { return std::string(1, c); }),
                           " x ")
             << "), got " << type;
  }
  int64_t rows = sizes.contains('m') ? sizes['m'] : sizes['n'];
  if (sizes.contains('r') && sizes['r'] > std::min(rows, sizes['n']))
    return emitOpError("expects a rank of at most ")
           << std::min(rows, sizes['n']) << ", got " << sizes['r'];
  return success();
}

//===----------------------------------------------------------------------===//
// LayerOp, SkipOp
//===----------------------------------------------------------------------===//

/// Parses `(%x = %h, %c = %c0) : ` before the types.
static ParseResult
parseBindings(OpAsmParser &parser, SmallVectorImpl<OpAsmParser::Argument> &args,
              SmallVectorImpl<OpAsmParser::UnresolvedOperand> &operands) {
  return parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Paren, [&] {
    return failure(parser.parseArgument(args.emplace_back()) ||
                   parser.parseEqual() ||
                   parser.parseOperand(operands.emplace_back()));
  });
}

static void printBindings(OpAsmPrinter &printer, Block &block,
                          OperandRange operands) {
  printer << '(';
  llvm::interleaveComma(
      llvm::zip_equal(block.getArguments(), operands), printer, [&](auto pair) {
        printer << std::get<0>(pair) << " = " << std::get<1>(pair);
      });
  printer << ')';
}

/// Prints `(types) -> types { ... }`; a single result has no parentheses.
static void printTypesAndBody(OpAsmPrinter &printer, Operation *op) {
  printer.printOptionalAttrDictWithKeyword(op->getAttrs(),
                                           {"index", "kind", "granularity"});
  printer << " : ";
  printer.printFunctionalType(op);
  printer << ' ';
  printer.printRegion(op->getRegion(0), /*printEntryBlockArgs=*/false);
}

/// Parses what printTypesAndBody prints, and resolves `operands`, the last of
/// which are bound to `args`.
static ParseResult
parseTypesAndBody(OpAsmParser &parser, OperationState &state,
                  MutableArrayRef<OpAsmParser::Argument> args,
                  ArrayRef<OpAsmParser::UnresolvedOperand> operands) {
  FunctionType type;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseOptionalAttrDictWithKeyword(state.attributes) ||
      parser.parseColonType(type) ||
      parser.resolveOperands(operands, type.getInputs(), loc, state.operands))
    return failure();
  state.addTypes(type.getResults());
  ArrayRef<Type> bound = type.getInputs().take_back(args.size());
  for (auto [arg, argType] : llvm::zip_equal(args, bound))
    arg.type = argType;
  return parser.parseRegion(*state.addRegion(), args);
}

/// Returns the terminator, or null after an error if it is none of ours.
static YieldOp checkYield(Operation *op) {
  Block &block = op->getRegion(0).front();
  auto yield = block.empty() ? YieldOp() : dyn_cast<YieldOp>(block.back());
  if (!yield)
    op->emitOpError("expects a region that ends in attn.yield");
  return yield;
}

YieldOp LayerOp::getYield() {
  return cast<YieldOp>(getBody().front().getTerminator());
}

ParseResult LayerOp::parse(OpAsmParser &parser, OperationState &state) {
  Builder &builder = parser.getBuilder();
  int64_t index;
  std::string kind;
  SmallVector<OpAsmParser::Argument> args;
  SmallVector<OpAsmParser::UnresolvedOperand> operands;
  if (parser.parseInteger(index) || parser.parseString(&kind) ||
      parseBindings(parser, args, operands))
    return failure();
  state.addAttribute("index", builder.getI64IntegerAttr(index));
  state.addAttribute("kind", builder.getStringAttr(kind));
  return parseTypesAndBody(parser, state, args, operands);
}

void LayerOp::print(OpAsmPrinter &printer) {
  printer << ' ' << getIndex() << ' ';
  printer.printAttributeWithoutType(getKindAttr());
  printer << ' ';
  printBindings(printer, getBody().front(), getInputs());
  printTypesAndBody(printer, *this);
}

LogicalResult LayerOp::verify() {
  // (C3)
  if (static_cast<int64_t>(getIndex()) < 0)
    return emitOpError("expects an index of at least 0, got ")
           << static_cast<int64_t>(getIndex());
  // (C1)
  if (failed(matchTypes(*this, "block arguments",
                        getBody().front().getArgumentTypes(),
                        getInputs().getTypes())))
    return failure();
  // (C2)
  YieldOp yield = checkYield(*this);
  if (!yield)
    return failure();
  return matchTypes(*this, "yielded values", yield.getValues().getTypes(),
                    getResultTypes());
}

YieldOp SkipOp::getYield() {
  return cast<YieldOp>(getBody().front().getTerminator());
}

ParseResult SkipOp::parse(OpAsmParser &parser, OperationState &state) {
  SmallVector<OpAsmParser::Argument> args;
  SmallVector<OpAsmParser::UnresolvedOperand> operands(1);
  StringRef keyword;
  if (parser.parseOperand(operands.front()))
    return failure();
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword))
    return failure();
  std::optional<Granularity> granularity = symbolizeGranularity(keyword);
  if (!granularity)
    return parser.emitError(loc, "found granularity '")
           << keyword
           << "', wanted 'static', 'phase', 'sequence', 'step' or 'token'";
  state.addAttribute("granularity",
                     GranularityAttr::get(parser.getContext(), *granularity));
  if (parseBindings(parser, args, operands))
    return failure();
  return parseTypesAndBody(parser, state, args, operands);
}

void SkipOp::print(OpAsmPrinter &printer) {
  printer << ' ' << getCondition() << ' '
          << stringifyGranularity(getGranularity()) << ' ';
  printBindings(printer, getBody().front(), getInputs());
  printTypesAndBody(printer, *this);
}

/// Returns the type that a condition of this granularity has.
static Type getConditionType(MLIRContext *context, Granularity granularity) {
  Type bit = IntegerType::get(context, 1);
  constexpr int64_t any = ShapedType::kDynamic;
  if (granularity == Granularity::Sequence)
    return RankedTensorType::get({any}, bit);
  if (granularity == Granularity::Token)
    return RankedTensorType::get({any, any}, bit);
  return bit;
}

LogicalResult SkipOp::verify() {
  // (C1)
  TypeRange types = getInputs().getTypes();
  if (failed(matchTypes(*this, "block arguments",
                        getBody().front().getArgumentTypes(), types)) ||
      failed(matchTypes(*this, "results", getResultTypes(), types)))
    return failure();
  YieldOp yield = checkYield(*this);
  if (!yield || failed(matchTypes(*this, "yielded values",
                                  yield.getValues().getTypes(), types)))
    return failure();
  // (C2)
  Type wanted = getConditionType(getContext(), getGranularity());
  if (getCondition().getType() != wanted)
    return emitOpError("expects a condition of type ")
           << wanted << " for granularity '"
           << stringifyGranularity(getGranularity()) << "', got "
           << getCondition().getType();
  return success();
}

//===----------------------------------------------------------------------===//
// ObserveOp
//===----------------------------------------------------------------------===//

LogicalResult ObserveOp::verify() {
  // (C1)
  size_t wanted = getStatistic() == Statistic::Cosine ? 2 : 1;
  if (getInputs().size() != wanted)
    return emitOpError("expects ")
           << wanted << " operands for '" << stringifyStatistic(getStatistic())
           << "', got " << getInputs().size();
  if (wanted == 2 && getInputs()[0].getType() != getInputs()[1].getType())
    return emitOpError("expects two operands of one type, got ")
           << getInputs()[0].getType() << " and " << getInputs()[1].getType();
  // (C2)
  if (getName().empty())
    return emitOpError("expects a name, got an empty one");
  return success();
}
