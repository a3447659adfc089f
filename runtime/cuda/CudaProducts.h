//===- CudaProducts.h - Products by cuBLASLt --------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs large products (heed-c/Package.h, **Products**) by cuBLASLt, where that
/// is installed. Sums are f32, also those of a product that is cut along its
/// depth, and what is stored is rounded once, as in our kernels.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_CUDA_CUDAPRODUCTS_H
#define HEED_RUNTIME_CUDA_CUDAPRODUCTS_H

#include "runtime/Device.h"
#include "runtime/cuda/CublasLt.h"
#include "runtime/cuda/CudaContext.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace heed {

class CudaProducts {
public:
  /// The least rows of a matrix that go to cuBLASLt. With fewer, a product
  /// waits for its weight: an H100 reads two bytes of it in the time of some
  /// 300 products of one element. Then our kernel costs as much and starts
  /// faster.
  static constexpr int64_t leastRows = 128;

  /// What cuBLASLt may work in: as much as NVIDIA advises for Hopper.
  static constexpr int64_t workspaceBytes = int64_t(32) << 20;

  CudaProducts();
  ~CudaProducts();

  /// Starts the first of `libraries` that works, and returns whether one does.
  /// The context must be current, and outlive this.
  bool open(const CudaContext &context,
            const std::vector<std::string> &libraries);
  void setWorkspace(int64_t address) { workspace_ = address; }

  /// Ends the library. The context must be current.
  void close();

  /// Which of the two computes products, and why our kernels do if they do.
  std::string describe() const;

  /// Whether `run` computes `product`.
  bool takes(const Product &product) const {
    return library_.handle() && product.rowsTogether() >= leastRows;
  }
  /// Starts `product` in `stream`. The context must be current. Fails with
  /// HEED_DEVICE_FAILED.
  Status run(const Product &product, CuStream stream);

private:
  class Plan;
  /// What an algorithm depends on: all sizes, and which operands there are.
  using Shape = std::array<int64_t, 7>;

  static Shape shapeOf(const Product &product);
  Status plan(const Product &product, Plan *&plan);
  Status fail(const Product &product, const Status &error) const;

  const CudaContext *context_ = nullptr;
  CublasLt library_;
  int64_t workspace_ = 0;
  std::string reason_ = "no cuBLASLt found"; ///< Why there is no library.
  std::map<Shape, std::unique_ptr<Plan>> plans_;
};

} // namespace heed

#endif // HEED_RUNTIME_CUDA_CUDAPRODUCTS_H
