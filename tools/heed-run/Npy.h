//===- Npy.h - Arrays that NumPy reads --------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_TOOLS_HEED_RUN_NPY_H
#define HEED_TOOLS_HEED_RUN_NPY_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>

namespace heed {

/// Writes `values`, in row-major order, as the file `path` in NumPy's format
/// (version 1.0, little-endian f32), whole or not at all. REQUIRES: as many
/// values as the shape says.
llvm::Error writeNpy(llvm::StringRef path, llvm::ArrayRef<int64_t> shape,
                     llvm::ArrayRef<float> values);

} // namespace heed

#endif // HEED_TOOLS_HEED_RUN_NPY_H
