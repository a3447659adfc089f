//===- TensorEval.cpp - Meaning of the tensor ops of the whitelist --------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/interfaces/TensorEval.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace heed {

using reference::Element;
using reference::Tensor;

/// Returns the element type of the result, or nothing after an error.
static std::optional<Element> resultElement(Operation *op) {
  std::optional<Element> element = getElement(op->getResult(0).getType());
  if (!element)
    op->emitOpError("has a result type that the reference does not hold");
  return element;
}

/// Returns sizes, offsets or strides that are attributes or operands.
static SmallVector<int64_t> readNumbers(ArrayRef<OpFoldResult> numbers,
                                        EvalFrame &frame) {
  return llvm::map_to_vector(numbers, [&](OpFoldResult number) {
    if (auto attribute = dyn_cast<Attribute>(number))
      return cast<IntegerAttr>(attribute).getInt();
    return static_cast<int64_t>(frame.tensor(cast<Value>(number)).data.front());
  });
}

LogicalResult evaluateTensorCast(Operation *op, EvalFrame &frame) {
  const Tensor &source = frame.tensor(op->getOperand(0));
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type)
    return op->emitOpError(
        "has a result type that the reference does not hold");
  for (auto [found, wanted] : llvm::zip_equal(source.shape, type.getShape()))
    if (ShapedType::isStatic(wanted) && found != wanted)
      return op->emitOpError("found a tensor of shape ")
             << reference::printShape(source.shape) << ", wanted " << type;
  EvalValue same = frame.get(op->getOperand(0));
  frame.set(op->getResult(0), std::move(same));
  return success();
}

LogicalResult evaluateReshape(Operation *op, EvalFrame &frame) {
  Tensor result = frame.tensor(op->getOperand(0));
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
    SmallVector<int64_t> shape =
        readNumbers(expand.getMixedOutputShape(), frame);
    result.shape.assign(shape.begin(), shape.end());
  } else {
    std::vector<int64_t> shape;
    auto collapse = cast<tensor::CollapseShapeOp>(op);
    for (const ReassociationIndices &group :
         collapse.getReassociationIndices()) {
      int64_t size = 1;
      for (int64_t dim : group)
        size *= result.shape[dim];
      shape.push_back(size);
    }
    result.shape = std::move(shape);
  }
  frame.set(op->getResult(0), std::move(result));
  return success();
}

LogicalResult evaluateDim(Operation *op, EvalFrame &frame) {
  const Tensor &source = frame.tensor(op->getOperand(0));
  double dim = frame.tensor(op->getOperand(1)).data.front();
  if (dim < 0 || dim >= static_cast<double>(source.rank()))
    return op->emitOpError("found dimension ")
           << dim << " of a tensor of rank " << source.rank();
  int64_t size = source.shape[static_cast<size_t>(dim)];
  frame.set(op->getResult(0),
            Tensor::scalar(Element::I64, static_cast<double>(size)));
  return success();
}

/// Makes a tensor of the result's type whose dynamic sizes are the operands
/// from `first` on.
static LogicalResult fillResult(Operation *op, EvalFrame &frame, unsigned first,
                                double value) {
  std::optional<Element> element = resultElement(op);
  if (!element)
    return failure();
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  SmallVector<int64_t> shape(type.getShape());
  for (int64_t &size : shape)
    if (ShapedType::isDynamic(size))
      size = frame.tensor(op->getOperand(first++)).data.front();
  Tensor result(*element, shape);
  std::fill(result.data.begin(), result.data.end(), value);
  frame.set(op->getResult(0), std::move(result));
  return success();
}

LogicalResult evaluateEmpty(Operation *op, EvalFrame &frame) {
  return fillResult(op, frame, 0, 0);
}

LogicalResult evaluateSplat(Operation *op, EvalFrame &frame) {
  double value = frame.tensor(op->getOperand(0)).data.front();
  return fillResult(op, frame, 1, value);
}

LogicalResult evaluateFromElements(Operation *op, EvalFrame &frame) {
  if (failed(fillResult(op, frame, op->getNumOperands(), 0)))
    return failure();
  Tensor result = frame.tensor(op->getResult(0));
  for (auto [i, operand] : llvm::enumerate(op->getOperands()))
    result.data[i] = frame.tensor(operand).data.front();
  frame.set(op->getResult(0), std::move(result));
  return success();
}

//===----------------------------------------------------------------------===//
// Slices
//===----------------------------------------------------------------------===//

namespace {
/// A regular part of a tensor.
struct Slice {
  SmallVector<int64_t> offsets, sizes, strides;

  /// Says whether it lies within a tensor of that shape.
  bool fits(ArrayRef<int64_t> shape) const;
  /// Calls `visit` with the flat index of each of its elements in order.
  void forEach(ArrayRef<int64_t> shape,
               function_ref<void(int64_t)> visit) const;
};
} // namespace

bool Slice::fits(ArrayRef<int64_t> shape) const {
  for (auto [dim, size] : llvm::enumerate(shape)) {
    int64_t last = offsets[dim] + (sizes[dim] - 1) * strides[dim];
    if (sizes[dim] < 0 ||
        (sizes[dim] > 0 && (offsets[dim] < 0 || last < 0 ||
                            offsets[dim] >= size || last >= size)))
      return false;
  }
  return true;
}

void Slice::forEach(ArrayRef<int64_t> shape,
                    function_ref<void(int64_t)> visit) const {
  int64_t count = 1;
  for (int64_t size : sizes)
    count *= size;
  for (int64_t n = 0; n < count; ++n) {
    int64_t rest = n, flat = 0, stride = 1;
    for (int64_t dim = shape.size() - 1; dim >= 0; --dim) {
      flat += stride * (offsets[dim] + rest % sizes[dim] * strides[dim]);
      rest /= sizes[dim];
      stride *= shape[dim];
    }
    visit(flat);
  }
}

/// Reads the slice of extract_slice or insert_slice on `shape`, or fails after
/// an error.
static FailureOr<Slice> readSlice(OffsetSizeAndStrideOpInterface op,
                                  ArrayRef<int64_t> shape, EvalFrame &frame) {
  Slice slice = {readNumbers(op.getMixedOffsets(), frame),
                 readNumbers(op.getMixedSizes(), frame),
                 readNumbers(op.getMixedStrides(), frame)};
  if (slice.fits(shape))
    return slice;
  return op->emitOpError("found a slice beyond a tensor of shape ")
         << reference::printShape(shape);
}

LogicalResult evaluateExtractSlice(Operation *op, EvalFrame &frame) {
  auto extract = cast<tensor::ExtractSliceOp>(op);
  const Tensor &source = frame.tensor(extract.getSource());
  FailureOr<Slice> slice = readSlice(extract, source.shape, frame);
  if (failed(slice))
    return failure();
  llvm::SmallBitVector dropped = extract.getDroppedDims();
  SmallVector<int64_t> shape;
  for (auto [dim, size] : llvm::enumerate(slice->sizes))
    if (!dropped.test(dim))
      shape.push_back(size);
  Tensor result(source.element, shape);
  size_t next = 0;
  slice->forEach(source.shape,
                 [&](int64_t i) { result.data[next++] = source.data[i]; });
  frame.set(op->getResult(0), std::move(result));
  return success();
}

LogicalResult evaluateInsertSlice(Operation *op, EvalFrame &frame) {
  auto insert = cast<tensor::InsertSliceOp>(op);
  const Tensor &source = frame.tensor(insert.getSource());
  Tensor result = frame.tensor(insert.getDest());
  FailureOr<Slice> slice = readSlice(insert, result.shape, frame);
  if (failed(slice))
    return failure();
  size_t next = 0;
  slice->forEach(result.shape,
                 [&](int64_t i) { result.data[i] = source.data[next++]; });
  frame.set(op->getResult(0), std::move(result));
  return success();
}

LogicalResult evaluateConcat(Operation *op, EvalFrame &frame) {
  auto concat = cast<tensor::ConcatOp>(op);
  int64_t dim = concat.getDim();
  Tensor result = frame.tensor(op->getOperand(0));
  std::vector<int64_t> shape = result.shape;
  shape[dim] = 0;
  for (Value operand : op->getOperands())
    shape[dim] += frame.tensor(operand).shape[dim];
  result = Tensor(result.element, shape);
  int64_t offset = 0;
  for (Value operand : op->getOperands()) {
    const Tensor &part = frame.tensor(operand);
    Slice slice = {SmallVector<int64_t>(shape.size(), 0),
                   llvm::to_vector(ArrayRef<int64_t>(part.shape)),
                   SmallVector<int64_t>(shape.size(), 1)};
    slice.offsets[dim] = offset;
    if (!slice.fits(shape))
      return op->emitOpError("found operands whose other sizes differ");
    size_t next = 0;
    slice.forEach(shape,
                  [&](int64_t i) { result.data[i] = part.data[next++]; });
    offset += part.shape[dim];
  }
  frame.set(op->getResult(0), std::move(result));
  return success();
}

} // namespace heed
