//===- ModelEval.cpp - Weights, layers, phases evaluated ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/attn/Attn.h"
#include "heed/Numeric/Decompose.h"

using namespace mlir;
using namespace heed;
using namespace heed::attn;
using reference::Tensor;
using reference::TensorRef;

LogicalResult UseOp::evaluate(EvalFrame &frame) {
  const EvalContext &context = frame.getContext();
  if (!context.weights)
    return emitOpError("found no weights to use");
  FailureOr<TensorRef> value = context.weights(*this, getWeight());
  if (failed(value))
    return failure();
  frame.set(getResult(), EvalValue(std::move(*value)));
  return success();
}

LogicalResult InPhaseOp::evaluate(EvalFrame &frame) {
  bool decodes = frame.getContext().phase == EvalPhase::Decode;
  bool holds = decodes == (getPhase() == Phase::Decode);
  frame.set(getResult(), Tensor::scalar(reference::Element::I1, holds));
  return success();
}

LogicalResult ObserveOp::evaluate(EvalFrame &frame) {
  const EvalContext &context = frame.getContext();
  if (!context.observe)
    return success();
  SmallVector<TensorRef> values;
  for (Value input : getInputs())
    values.push_back(std::get<TensorRef>(frame.get(input)));
  context.observe(getName(), stringifyStatistic(getStatistic()), values);
  return success();
}

//===----------------------------------------------------------------------===//
// LayerOp, SkipOp
//===----------------------------------------------------------------------===//

/// Returns the values of the operands of a region op.
static SmallVector<EvalValue> readOperands(OperandRange operands,
                                           const EvalFrame &frame) {
  return llvm::map_to_vector(operands,
                             [&](Value value) { return frame.get(value); });
}

static void setResults(Operation *op, ArrayRef<EvalValue> values,
                       EvalFrame &frame) {
  for (auto [result, value] : llvm::zip_equal(op->getResults(), values))
    frame.set(result, value);
}

LogicalResult LayerOp::evaluate(EvalFrame &frame) {
  SmallVector<EvalValue> results;
  if (failed(frame.run(getBody().front(), readOperands(getInputs(), frame),
                       results)))
    return failure();
  setResults(*this, results, frame);
  return success();
}

/// Returns `kept` where `skipped`, of shape B or B x N, is 0, else `passed`.
/// Nothing if the leading sizes differ.
static std::optional<Tensor> choose(const Tensor &skipped, const Tensor &passed,
                                    Tensor kept) {
  ArrayRef<int64_t> leading(skipped.shape);
  if (kept.shape != passed.shape ||
      ArrayRef<int64_t>(kept.shape).take_front(leading.size()) != leading)
    return std::nullopt;
  int64_t part = skipped.size() ? kept.size() / skipped.size() : 0;
  for (int64_t i = 0, e = skipped.size(); i < e; ++i)
    if (skipped.data[i] != 0)
      std::copy_n(passed.data.begin() + i * part, part,
                  kept.data.begin() + i * part);
  return kept;
}

/// Puts the operands in place of the results where they are skipped.
static LogicalResult passSkipped(SkipOp op, const Tensor &skipped,
                                 ArrayRef<EvalValue> operands,
                                 MutableArrayRef<EvalValue> results) {
  for (auto [operand, result] : llvm::zip_equal(operands, results)) {
    if (auto *cache = std::get_if<reference::CacheValue>(&result)) {
      result =
          cache->dropSkipped(std::get<reference::CacheValue>(operand), skipped);
      continue;
    }
    const Tensor &kept = *std::get<TensorRef>(result);
    std::optional<Tensor> chosen =
        choose(skipped, *std::get<TensorRef>(operand), kept);
    if (!chosen)
      return op.emitOpError("found a condition of shape ")
             << reference::printShape(skipped.shape) << " for a value of shape "
             << reference::printShape(kept.shape);
    result = std::make_shared<const Tensor>(std::move(*chosen));
  }
  return success();
}

LogicalResult SkipOp::evaluate(EvalFrame &frame) {
  SmallVector<EvalValue> operands = readOperands(getInputs(), frame);
  // A copy of the reference: the region may move values about.
  TensorRef condition = std::get<TensorRef>(frame.get(getCondition()));
  auto isSkipped = [](double bit) { return bit != 0; };
  if (llvm::all_of(condition->data, isSkipped)) {
    setResults(*this, operands, frame);
    return success();
  }
  SmallVector<EvalValue> results;
  if (failed(frame.run(getBody().front(), operands, results)))
    return failure();
  if (llvm::any_of(condition->data, isSkipped) &&
      failed(passSkipped(*this, *condition, operands, results)))
    return failure();
  setResults(*this, results, frame);
  return success();
}

//===----------------------------------------------------------------------===//
// FactorOp
//===----------------------------------------------------------------------===//

static Matrix toMatrix(const Tensor &tensor) {
  return Matrix(tensor.shape[0], tensor.shape[1], tensor.data);
}

/// Returns the leading `cols` columns of `matrix`, or their transpose.
static std::vector<double> takeColumns(const Matrix &matrix, int64_t cols,
                                       bool transposed) {
  std::vector<double> result(matrix.rows * cols);
  for (int64_t r = 0; r < matrix.rows; ++r)
    for (int64_t c = 0; c < cols; ++c)
      result[transposed ? c * matrix.rows + r : r * cols + c] = matrix(r, c);
  return result;
}

/// Sorts eigenvalues by descending magnitude; equal ones keep their order.
static void sortByMagnitude(SymmetricEigen &eigen) {
  SmallVector<int64_t> order =
      llvm::to_vector(llvm::seq<int64_t>(eigen.lambda.size()));
  llvm::sort(order, [&](int64_t a, int64_t b) {
    double left = std::abs(eigen.lambda[a]), right = std::abs(eigen.lambda[b]);
    return left != right ? left > right : a < b;
  });
  SymmetricEigen sorted;
  sorted.q = Matrix(eigen.q.rows, eigen.q.cols);
  for (auto [to, from] : llvm::enumerate(order)) {
    sorted.lambda.push_back(eigen.lambda[from]);
    for (int64_t r = 0; r < eigen.q.rows; ++r)
      sorted.q(r, to) = eigen.q(r, from);
  }
  eigen = std::move(sorted);
}

/// Computes the results, in the order of the op, each unrounded.
static llvm::Expected<std::vector<std::vector<double>>>
factorise(FactorOp op, EvalFrame &frame) {
  Matrix a = toMatrix(frame.tensor(op.getInputs()[0]));
  auto typeOf = [&](unsigned i) {
    return cast<RankedTensorType>(op.getOutputs()[i].getType());
  };
  std::vector<std::vector<double>> results;
  if (op.getKind() == Factorisation::Svd) {
    llvm::Expected<Svd> svd = decomposeSvd(a);
    if (!svd)
      return svd.takeError();
    int64_t rank = typeOf(1).getDimSize(0);
    results.push_back(takeColumns(svd->u, rank, /*transposed=*/false));
    svd->sigma.resize(rank);
    results.push_back(std::move(svd->sigma));
    results.push_back(takeColumns(svd->v, rank, /*transposed=*/true));
  } else if (op.getKind() == Factorisation::Eigen) {
    llvm::Expected<SymmetricEigen> eigen = decomposeSymmetric(a);
    if (!eigen)
      return eigen.takeError();
    sortByMagnitude(*eigen);
    int64_t rank = typeOf(0).getDimSize(0);
    eigen->lambda.resize(rank);
    results.push_back(std::move(eigen->lambda));
    results.push_back(takeColumns(eigen->q, rank, /*transposed=*/false));
  } else {
    llvm::Expected<LeastSquares> solved =
        solveLeastSquares(a, toMatrix(frame.tensor(op.getInputs()[1])));
    if (!solved)
      return solved.takeError();
    results.push_back(std::move(solved->x.elements));
  }
  return results;
}

LogicalResult FactorOp::evaluate(EvalFrame &frame) {
  llvm::Expected<std::vector<std::vector<double>>> results =
      factorise(*this, frame);
  if (!results)
    return emitOpError(llvm::toString(results.takeError()));
  for (auto [result, values] : llvm::zip_equal(getOutputs(), *results)) {
    auto type = cast<RankedTensorType>(result.getType());
    frame.set(result,
              Tensor(*getElement(type), type.getShape(), std::move(values)));
  }
  return success();
}
