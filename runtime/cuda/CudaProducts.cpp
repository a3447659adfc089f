//===- CudaProducts.cpp - Products by cuBLASLt ----------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaProducts.h"

namespace heed {

using ll = long long;

/// Shapes whose algorithms are kept. Each prompt length makes some five, so
/// this is for hundreds of lengths; a server with more asks again.
static constexpr size_t maxPlans = 4096;

/// What every matrix begins at a multiple of: rows do (heed-c/Package.h), and
/// memory does at more.
static constexpr uint32_t alignment = 16;

/// One shape of a product, as cuBLASLt describes it, and its algorithm.
///
/// Its matrices lie column by column: ours are their transposed, and so
/// transposed result = weight * transposed x, where `weight` is transposed.
class CudaProducts::Plan {
public:
  explicit Plan(const CublasLt &library) : library_(library) {}
  Plan(const Plan &) = delete;
  Plan &operator=(const Plan &) = delete;
  ~Plan();

  /// Describes `product` and asks for an algorithm.
  Status make(const Product &product);
  /// Starts a product of the shape that this was made for.
  Status run(const Product &product, int64_t workspace, CuStream stream);

private:
  Status describe(const Product &product);
  Status choose();
  Status setBias(const Product &product);
  /// Adds a matrix to the layouts, of which there are `batch` with `stride`
  /// elements from one to the next.
  Status addLayout(int type, int64_t rows, int64_t columns, int64_t batch,
                   int64_t stride);
  template <typename T> Status set(int attribute, T value);
  template <typename T>
  Status prefer(LtPreference preference, int attribute, T value);

  const CublasLt &library_;
  LtProduct product_ = nullptr;
  std::vector<LtLayout> layouts_; ///< Weight, x, result.
  LtAlgorithm algorithm_;
};

CudaProducts::Plan::~Plan() {
  for (LtLayout layout : layouts_)
    library_.cublasLtMatrixLayoutDestroy(layout);
  if (product_)
    library_.cublasLtMatmulDescDestroy(product_);
}

template <typename T> Status CudaProducts::Plan::set(int attribute, T value) {
  return library_.check(library_.cublasLtMatmulDescSetAttribute(
                            product_, attribute, &value, sizeof(value)),
                        "cublasLtMatmulDescSetAttribute");
}

template <typename T>
Status CudaProducts::Plan::prefer(LtPreference preference, int attribute,
                                  T value) {
  return library_.check(library_.cublasLtMatmulPreferenceSetAttribute(
                            preference, attribute, &value, sizeof(value)),
                        "cublasLtMatmulPreferenceSetAttribute");
}

Status CudaProducts::Plan::addLayout(int type, int64_t rows, int64_t columns,
                                     int64_t batch, int64_t stride) {
  LtLayout layout = nullptr;
  if (Status error = library_.check(library_.cublasLtMatrixLayoutCreate(
                                        &layout, type, rows, columns, rows),
                                    "cublasLtMatrixLayoutCreate"))
    return error;
  layouts_.push_back(layout);
  if (batch == 1)
    return Status();
  int32_t count = int32_t(batch);
  LtResult result = library_.cublasLtMatrixLayoutSetAttribute(
      layout, ltBatchCount, &count, sizeof(count));
  if (result == ltSuccess)
    result = library_.cublasLtMatrixLayoutSetAttribute(layout, ltBatchStride,
                                                       &stride, sizeof(stride));
  return library_.check(result, "cublasLtMatrixLayoutSetAttribute");
}

Status CudaProducts::Plan::describe(const Product &product) {
  LtResult result =
      library_.cublasLtMatmulDescCreate(&product_, ltComputeF32, ltF32);
  if (result != ltSuccess)
    product_ = nullptr;
  if (Status error = library_.check(result, "cublasLtMatmulDescCreate"))
    return error;
  if (Status error = set(ltTransposeA, int32_t(ltTransposed)))
    return error;
  if (product.bias)
    if (Status error = set(ltEpilogue, ltEpilogueBias))
      return error;
  if (Status error = setBias(product))
    return error;
  int64_t heads = product.heads(), rows = product.rowsTogether();
  int64_t width = product.perHead, depth = product.depth;
  if (Status error = addLayout(ltBf16, depth, width, heads, width * depth))
    return error;
  if (Status error = addLayout(ltBf16, depth, rows, heads, 0))
    return error;
  return addLayout(product.isF32 ? ltF32 : ltBf16, width, rows, heads,
                   width * rows);
}

Status CudaProducts::Plan::setBias(const Product &product) {
  if (!product.bias)
    return Status();
  return set(ltBiasPointer, reinterpret_cast<const void *>(product.bias));
}

/// Asks for the algorithm that cuBLASLt expects to be the fastest. Parts of a
/// product that is cut along its depth are added as f32, never as what is
/// stored.
Status CudaProducts::Plan::choose() {
  LtPreference preference = nullptr;
  if (Status error =
          library_.check(library_.cublasLtMatmulPreferenceCreate(&preference),
                         "cublasLtMatmulPreferenceCreate"))
    return error;
  Status error = prefer(preference, ltWorkspaceBytes, uint64_t(workspaceBytes));
  if (!error)
    error = prefer(preference, ltReductionMask, ltReduceInF32);
  for (int matrix : ltAlignments)
    if (!error)
      error = prefer(preference, matrix, alignment);
  LtHeuristic found;
  int count = 0;
  if (!error)
    error = library_.check(library_.cublasLtMatmulAlgoGetHeuristic(
                               library_.handle(), product_, layouts_[0],
                               layouts_[1], layouts_[2], layouts_[2],
                               preference, 1, &found, &count),
                           "cublasLtMatmulAlgoGetHeuristic");
  library_.cublasLtMatmulPreferenceDestroy(preference);
  if (!error && count == 0)
    error = makeError(HEED_DEVICE_FAILED,
                      "cublasLtMatmulAlgoGetHeuristic: no algorithm found");
  if (!error)
    error = library_.check(found.state, "cublasLtMatmulAlgoGetHeuristic");
  algorithm_ = found.algorithm;
  return error;
}

Status CudaProducts::Plan::make(const Product &product) {
  if (Status error = describe(product))
    return error;
  return choose();
}

Status CudaProducts::Plan::run(const Product &product, int64_t workspace,
                               CuStream stream) {
  if (Status error = setBias(product))
    return error;
  auto pointer = [](int64_t address) {
    return reinterpret_cast<char *>(address);
  };
  const float one = 1, added = product.residual ? 1 : 0;
  int64_t residual = product.residual ? product.residual : product.result;
  int64_t rows = product.rowsTogether(), calls = product.rows / rows;
  int64_t element = product.isF32 ? sizeof(float) : sizeof(uint16_t);
  for (int64_t call = 0; call != calls; ++call) {
    int64_t first = call * rows;
    int64_t stored = first * product.columns * element;
    LtResult result = library_.cublasLtMatmul(
        library_.handle(), product_, &one, pointer(product.weight), layouts_[0],
        pointer(product.x) + first * product.depth * sizeof(uint16_t),
        layouts_[1], &added, pointer(residual) + stored, layouts_[2],
        pointer(product.result) + stored, layouts_[2], &algorithm_,
        pointer(workspace), workspaceBytes, stream);
    if (Status error = library_.check(result, "cublasLtMatmul"))
      return error;
  }
  return Status();
}

CudaProducts::CudaProducts() = default;
CudaProducts::~CudaProducts() = default;

bool CudaProducts::open(const CudaContext &context,
                        const std::vector<std::string> &libraries) {
  context_ = &context;
  std::string failures;
  for (const std::string &path : libraries) {
    if (!library_.load(path))
      continue;
    Status error = library_.start();
    if (!error)
      return true;
    failures += (failures.empty() ? "" : ", ") + error.message();
    library_.close();
  }
  if (!failures.empty())
    reason_ = failures;
  return false;
}

void CudaProducts::close() {
  plans_.clear();
  library_.close();
}

std::string CudaProducts::describe() const {
  if (!library_.handle())
    return formatText("products run in our kernels, %s", reason_.c_str());
  return formatText("products of %lld rows and more run in %s", ll(leastRows),
                    library_.describe().c_str());
}

CudaProducts::Shape CudaProducts::shapeOf(const Product &product) {
  return {product.rowsTogether(), product.columns,   product.perHead,
          product.depth,          product.bias != 0, product.residual != 0,
          product.isF32};
}

Status CudaProducts::fail(const Product &product, const Status &error) const {
  return makeError(
      error.code(), "%s: product of %lld rows, depth %lld, %lld columns: %s",
      context_->name().c_str(), ll(product.rows), ll(product.depth),
      ll(product.columns), error.message().c_str());
}

Status CudaProducts::plan(const Product &product, Plan *&plan) {
  std::unique_ptr<Plan> &known = plans_[shapeOf(product)];
  if (!known) {
    std::unique_ptr<Plan> fresh(new Plan(library_));
    if (Status error = fresh->make(product))
      return error;
    known = std::move(fresh);
  }
  plan = known.get();
  return Status();
}

Status CudaProducts::run(const Product &product, CuStream stream) {
  if (plans_.size() >= maxPlans)
    plans_.clear();
  Plan *plan = nullptr;
  if (Status error = this->plan(product, plan))
    return fail(product, error);
  if (Status error = plan->run(product, workspace_, stream))
    return fail(product, error);
  return Status();
}

} // namespace heed
