//===- ProductModel.h - A model of one product ------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A package for GPUs whose entry `prefill` is a product and the launch that
/// stands for it. The weights are small whole numbers, so that sums are exact.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_RUNTIME_PRODUCTMODEL_H
#define HEED_TEST_UNIT_RUNTIME_PRODUCTMODEL_H

#include "test/unit/runtime/TinyModel.h"

#include <cstring>

namespace heed::test {

inline constexpr int64_t productColumns = 48, productDepth = 16;

struct ProductOptions {
  uint32_t flags = 0; ///< HEED_PRODUCT_*.
  int64_t heads = 1;
  heed_dtype result = HEED_BF16;
  bool isLogits = false; ///< The result; then the rows are B*R.
};

/// Element `i` of weight or bias.
inline float productWeight(int64_t i) { return float(i * 7 % 5) - 2; }

/// Returns bf16, of which the values are all exact.
inline uint16_t toBf16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return uint16_t(bits >> 16);
}
inline float fromBf16(uint16_t value) {
  uint32_t bits = uint32_t(value) << 16;
  float result;
  std::memcpy(&result, &bits, 4);
  return result;
}

inline uint32_t embedBf16(PackageBuilder &builder, int64_t count) {
  // Copies go by whole vectors.
  builder.embedded.resize((builder.embedded.size() + 15) / 16 * 16);
  uint64_t offset = builder.embedded.size();
  for (int64_t i = 0; i != count; ++i) {
    uint16_t value = toBf16(productWeight(i));
    builder.embedded.append(reinterpret_cast<const char *>(&value), 2);
  }
  return heed_operand(
      HEED_ARG_WEIGHT,
      builder.weight("w", HEED_EMBEDDED, HEED_BF16, offset, count * 2));
}

/// The buffers are x, and unless that is the logits, the result, and the
/// residual. The launch is of kernel `clear`, with the result and N, H, W.
inline PackageBuilder productBuilder(const ProductOptions &options = {}) {
  PackageBuilder builder = forGpu(PackageBuilder());
  builder.header.vocabulary = productColumns;
  builder.kernel("clear", 0, 64);
  uint32_t weight = embedBf16(builder, productColumns * productDepth);
  uint32_t bias = embedBf16(builder, productColumns);
  builder.beginEntry("prefill");
  auto add = [&](int64_t columns, heed_dtype dtype) {
    heed_package_size size = {0, 0, columns, 0};
    if (options.isLogits)
      std::swap(size.bn, size.br);
    return heed_operand(HEED_ARG_BUFFER, builder.buffer(size, dtype, 0, 1));
  };
  uint32_t x = add(productDepth, HEED_BF16);
  uint32_t result = options.isLogits ? heed_operand(HEED_ARG_LOGITS, 0)
                                     : add(productColumns, options.result);
  std::vector<uint32_t> words = {x, weight, result};
  if (options.flags & HEED_PRODUCT_BIAS)
    words.push_back(bias);
  if (options.flags & HEED_PRODUCT_RESIDUAL)
    words.push_back(add(productColumns, options.result));
  heed_package_command &product =
      builder.command(HEED_OP_PRODUCT, options.flags, words);
  product.grid_terms = 3;
  product.grid[0] = {{0, 0, !options.isLogits, options.isLogits}, 1};
  product.grid[1] = {{productColumns, 0, 0, 0}, productColumns / options.heads};
  product.grid[2] = {{productDepth, 0, 0, 0}, 1};
  builder.launch(0,
                 {result, heed_operand(HEED_ARG_SIZE, 1), builder.constant(H),
                  builder.constant(W)},
                 {{{0, 1, 0, 0}, 1}}, "layer 0 linear");
  builder.endEntry();
  return builder;
}

} // namespace heed::test

#endif // HEED_TEST_UNIT_RUNTIME_PRODUCTMODEL_H
