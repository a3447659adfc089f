//===- AttentionOps.cpp - Softmax attention and its merges ----------------===//
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
// AttentionOp, AttentionPartialOp
//===----------------------------------------------------------------------===//

/// What the leading dimensions of outputs and of their lse count.
static constexpr StringLiteral kLeading[] = {
    "batch size", "number of query heads", "number of queries"};

/// Returns dimension `dim` of a ranked tensor value.
static int64_t sizeOf(Value value, unsigned dim) {
  return cast<ShapedType>(value.getType()).getDimSize(dim);
}

/// Checks (C2) and (C3): as many operands of each kind as there are segments.
template <typename OpT> static LogicalResult verifySegments(OpT op) {
  size_t segments = op.getKeys().size();
  // attention (C2)
  if (segments == 0)
    return op.emitOpError("expects at least one key segment, got none");
  auto checkCount = [&](StringRef what, size_t count) -> LogicalResult {
    if (count == segments)
      return success();
    return op.emitOpError("expects one entry of ")
           << what << " for each of the " << segments << " key segments, got "
           << count;
  };
  bool hasPositions = op.getQueryPositions() != nullptr;
  bool hasSegments = op.getQuerySegments() != nullptr;
  if (failed(checkCount("values", op.getValues().size())) ||
      (hasPositions &&
       failed(checkCount("key_positions", op.getKeyPositions().size()))) ||
      (hasSegments &&
       failed(checkCount("key_segments", op.getKeySegments().size()))))
    return failure();
  if (!hasPositions && !op.getKeyPositions().empty())
    return op.emitOpError("expects query_positions beside key_positions");
  if (!hasSegments && !op.getKeySegments().empty())
    return op.emitOpError("expects query_segments beside key_segments");
  // attention (C3)
  if (hasSegments != op.getMask().getSegments())
    return op.emitOpError("expects segment operands and 'segments' in the mask "
                          "together, got only the ")
           << (hasSegments ? "operands" : "mask");
  return success();
}

/// Checks (C1) between the query and one key segment.
template <typename OpT>
static LogicalResult verifySegment(OpT op, unsigned segment) {
  Value query = op.getQuery(), key = op.getKeys()[segment],
        value = op.getValues()[segment];
  SmallVector<Extent> batch = {{"query", sizeOf(query, 0)},
                               {"key", sizeOf(key, 0)},
                               {"value", sizeOf(value, 0)}};
  SmallVector<Extent> count = {{"key", sizeOf(key, 2)},
                               {"value", sizeOf(value, 2)}};
  if (op.getQueryPositions()) {
    Value positions = op.getKeyPositions()[segment];
    batch.push_back({"key positions", sizeOf(positions, 0)});
    count.push_back({"key positions", sizeOf(positions, 1)});
  }
  if (op.getQuerySegments()) {
    Value segments = op.getKeySegments()[segment];
    batch.push_back({"key segments", sizeOf(segments, 0)});
    count.push_back({"key segments", sizeOf(segments, 1)});
  }
  if (failed(agree(op, "batch size", batch)) ||
      failed(agree(op, "number of keys", count)) ||
      failed(agree(op, "number of key heads",
                   {{"the first key", sizeOf(op.getKeys().front(), 1)},
                    {"key", sizeOf(key, 1)},
                    {"value", sizeOf(value, 1)}})) ||
      failed(agree(op, "head width",
                   {{"query", sizeOf(query, 3)}, {"key", sizeOf(key, 3)}})))
    return failure();
  return agree(op, "value width",
               {{"the first value", sizeOf(op.getValues().front(), 3)},
                {"value", sizeOf(value, 3)}});
}

/// Checks (C1) between the query and what goes along with it.
template <typename OpT> static LogicalResult verifyQuery(OpT op) {
  Value query = op.getQuery();
  int64_t heads = sizeOf(query, 1), keyHeads = sizeOf(op.getKeys().front(), 1);
  if (failed(beStatic(op, "number of query heads", heads)) ||
      failed(beStatic(op, "number of key heads", keyHeads)) ||
      failed(beStatic(op, "head width", sizeOf(query, 3))) ||
      failed(beStatic(op, "value width", sizeOf(op.getValues().front(), 3))))
    return failure();
  for (Value extra : {op.getQueryPositions(), op.getQuerySegments()})
    if (extra &&
        (failed(agree(op, "batch size",
                      {{"query", sizeOf(query, 0)},
                       {"its positions or segments", sizeOf(extra, 0)}})) ||
         failed(agree(op, "number of queries",
                      {{"query", sizeOf(query, 2)},
                       {"its positions or segments", sizeOf(extra, 1)}}))))
      return failure();
  if (keyHeads < 1 || heads % keyHeads != 0)
    return op.emitOpError("expects the key heads to divide the query heads, "
                          "got ")
           << keyHeads << " and " << heads;
  return success();
}

/// Checks (C1) between the query and the results: B x H x N x Dv, B x H x N.
template <typename OpT> static LogicalResult verifyResults(OpT op) {
  for (auto [index, result] : llvm::enumerate(op->getResults())) {
    for (auto [dim, what] : llvm::enumerate(kLeading))
      if (failed(agree(op, what,
                       {{"query", sizeOf(op.getQuery(), dim)},
                        {"result", sizeOf(result, dim)}})))
        return failure();
    if (index == 0 &&
        failed(agree(op, "value width",
                     {{"value", sizeOf(op.getValues().front(), 3)},
                      {"result", sizeOf(result, 3)}})))
      return failure();
  }
  return success();
}

/// Checks (C4) and (C5).
template <typename OpT> static LogicalResult verifyNumbers(OpT op) {
  int64_t heads = sizeOf(op.getQuery(), 1);
  // attention (C4)
  MaskAttr mask = op.getMask();
  for (ArrayRef<int64_t> numbers :
       {mask.getWindow(), mask.getSinks(), mask.getPrefix()})
    if (numbers.size() > 1 && static_cast<int64_t>(numbers.size()) != heads)
      return op.emitOpError("expects one number in the mask, or one for each "
                            "of the ")
             << heads << " query heads, got " << numbers.size();
  // attention (C5)
  if (!op.getScale().isFinite())
    return op.emitOpError("expects a finite scale, got ")
           << op.getScale().convertToDouble();
  std::optional<llvm::APFloat> cap = op.getSoftcap();
  if (cap && (!cap->isFinite() || cap->isNegative() || cap->isZero()))
    return op.emitOpError("expects a positive and finite softcap, got ")
           << cap->convertToDouble();
  return success();
}

/// Checks (C7): the types of the score region.
template <typename OpT> static LogicalResult verifyScore(OpT op) {
  if (op.getScore().empty())
    return success();
  Builder builder(op.getContext());
  Type f32 = builder.getF32Type(), i32 = builder.getI32Type(),
       index = builder.getIndexType();
  Block &block = op.getScore().front();
  if (failed(matchTypes(op, "arguments of the score region",
                        block.getArgumentTypes(),
                        {f32, index, index, i32, i32})))
    return failure();
  auto yield = block.empty() ? YieldOp() : dyn_cast<YieldOp>(block.back());
  if (!yield)
    return op.emitOpError("expects a score region that ends in attn.yield");
  return matchTypes(op, "values yielded by the score region",
                    yield.getValues().getTypes(), TypeRange(f32));
}

/// Checks what attention and attention_partial share: all but (C6).
template <typename OpT> static LogicalResult verifyAttention(OpT op) {
  // attention (C2), attention (C3)
  if (failed(verifySegments(op)))
    return failure();
  // attention (C1)
  for (unsigned i = 0, e = op.getKeys().size(); i < e; ++i)
    if (failed(verifySegment(op, i)))
      return failure();
  if (failed(verifyQuery(op)) || failed(verifyResults(op)))
    return failure();
  // attention (C4), attention (C5)
  if (failed(verifyNumbers(op)))
    return failure();
  // attention (C7)
  return verifyScore(op);
}

/// Checks (C6) between the query and all keys and values.
template <typename OpT> static LogicalResult verifyElements(OpT op) {
  SmallVector<OwnedType> types = {{"query", op.getQuery().getType()}};
  for (Value key : op.getKeys())
    types.push_back({"key", key.getType()});
  for (Value value : op.getValues())
    types.push_back({"value", value.getType()});
  return agreeOnElements(op, types);
}

LogicalResult AttentionOp::verify() {
  if (failed(verifyAttention(*this)) || failed(verifyElements(*this)))
    return failure();
  // attention (C6)
  return agreeOnElements(*this, {{"query", getQuery().getType()},
                                 {"output", getOutput().getType()}});
}

LogicalResult AttentionPartialOp::verify() {
  return failure(failed(verifyAttention(*this)) ||
                 failed(verifyElements(*this)));
}

//===----------------------------------------------------------------------===//
// MergeOp
//===----------------------------------------------------------------------===//

ParseResult MergeOp::parse(OpAsmParser &parser, OperationState &state) {
  SmallVector<OpAsmParser::UnresolvedOperand> outputs, lses;
  Type outputType, lseType;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword("outputs") ||
      parser.parseOperandList(outputs, OpAsmParser::Delimiter::Paren) ||
      parser.parseKeyword("lse") ||
      parser.parseOperandList(lses, OpAsmParser::Delimiter::Paren) ||
      parser.parseOptionalAttrDict(state.attributes) ||
      parser.parseColonType(outputType) || parser.parseComma() ||
      parser.parseType(lseType))
    return failure();
  if (outputs.size() != lses.size())
    return parser.emitError(loc, "found ")
           << outputs.size() << " outputs and " << lses.size()
           << " lse, wanted as many of both";
  state.addTypes({outputType, lseType});
  return failure(parser.resolveOperands(outputs, outputType, state.operands) ||
                 parser.resolveOperands(lses, lseType, state.operands));
}

void MergeOp::print(OpAsmPrinter &printer) {
  printer << " outputs(" << getOutputs() << ") lse(" << getLses() << ")";
  printer.printOptionalAttrDict((*this)->getAttrs());
  printer << " : " << getOutput().getType() << ", " << getLse().getType();
}

LogicalResult MergeOp::verify() {
  // (C1)
  if (getOutputs().empty())
    return emitOpError("expects at least one pair, got none");
  for (auto [output, lse] : llvm::zip_equal(getOutputs(), getLses())) {
    if (output.getType() != getOutput().getType())
      return emitOpError("expects outputs of type ")
             << getOutput().getType() << ", got " << output.getType();
    if (lse.getType() != getLse().getType())
      return emitOpError("expects lse of type ")
             << getLse().getType() << ", got " << lse.getType();
  }
  for (auto [dim, what] : llvm::enumerate(kLeading))
    if (failed(agree(*this, what,
                     {{"output", sizeOf(getOutput(), dim)},
                      {"lse", sizeOf(getLse(), dim)}})))
      return failure();
  return success();
}
