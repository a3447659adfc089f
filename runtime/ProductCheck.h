//===- ProductCheck.h - Products of a package, checked ----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reads HEED_OP_PRODUCT (heed-c/Package.h, **Products**) and checks what a
/// library would rely on: that every matrix is there in its whole size.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_PRODUCTCHECK_H
#define HEED_RUNTIME_PRODUCTCHECK_H

#include "runtime/Package.h"
#include "runtime/Status.h"

#include <cstdint>

namespace heed {

/// The operands of a product and their sizes, as a command has them.
struct ProductShape {
  static constexpr uint32_t none = UINT32_MAX;

  uint32_t x, weight, result;
  uint32_t bias = none, residual = none;
  heed_package_size rows;
  int64_t columns, perHead, depth;

  int64_t heads() const { return columns / perHead; }
};

/// Checks a product of an entry with `buffers`, whose operands and grid are
/// right each for itself. Fails with a message without a place.
Status checkProduct(const PackageView &package,
                    Table<heed_package_buffer> buffers,
                    const heed_package_command &command);

/// Reads a product that is checked.
ProductShape readProduct(const PackageView &package,
                         const heed_package_command &command);

} // namespace heed

#endif // HEED_RUNTIME_PRODUCTCHECK_H
