//===- DType.h - Element types of weights ----------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The element types that weight files may hold, and their conversion to and
/// from double. Elements are little-endian and need no alignment: a file may
/// put a tensor at any byte.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_WEIGHTS_DTYPE_H
#define HEED_WEIGHTS_DTYPE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>

namespace heed {

enum class DType : uint8_t { F64, F32, F16, BF16, I64, I32, I16, I8, U8, Bool };

/// Returns the name that the safetensors format uses: "BF16".
llvm::StringRef dtypeName(DType dtype);
/// Returns the bytes of one element.
uint64_t dtypeBytes(DType dtype);
/// Says whether it is one of the four floating-point types.
bool isFloat(DType dtype);
/// Finds the type of that name; nothing for types that Heed does not read.
std::optional<DType> parseDType(llvm::StringRef name);
/// Names all types: "F64, F32, ...".
llvm::StringRef allDTypeNames();

/// Converts elements to double: exactly, except for I64 beyond 2^53, which is
/// rounded. Any byte but 0 is a true Bool, that is 1.
/// REQUIRES: `bytes` holds as many elements as `result`.
void loadElements(DType dtype, llvm::ArrayRef<uint8_t> bytes,
                  llvm::MutableArrayRef<double> result);

/// Converts elements to float, rounding F64 and integers to nearest.
/// REQUIRES: as above.
void loadElements(DType dtype, llvm::ArrayRef<uint8_t> bytes,
                  llvm::MutableArrayRef<float> result);

/// Rounds `values` once, to nearest with ties to even, and stores them. For
/// integers and Bool, what is out of range is clamped and a NaN becomes 0.
/// REQUIRES: `bytes` has room for as many elements as `values`.
void storeElements(DType dtype, llvm::ArrayRef<double> values,
                   llvm::MutableArrayRef<uint8_t> bytes);

} // namespace heed

#endif // HEED_WEIGHTS_DTYPE_H
