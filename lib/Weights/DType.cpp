//===- DType.cpp - Element types of weights -------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Weights/DType.h"
#include "heed/Support/HalfFloat.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"

#include <cassert>
#include <cmath>
#include <limits>

namespace heed {

namespace {

struct Description {
  DType dtype;
  llvm::StringLiteral name;
  uint64_t bytes;
};

constexpr Description kTypes[] = {
    {DType::F64, "F64", 8},   {DType::F32, "F32", 4}, {DType::F16, "F16", 2},
    {DType::BF16, "BF16", 2}, {DType::I64, "I64", 8}, {DType::I32, "I32", 4},
    {DType::I16, "I16", 2},   {DType::I8, "I8", 1},   {DType::U8, "U8", 1},
    {DType::Bool, "BOOL", 1},
};

} // namespace

static const Description &describe(DType dtype) {
  return *llvm::find_if(kTypes,
                        [&](const auto &type) { return type.dtype == dtype; });
}

llvm::StringRef dtypeName(DType dtype) { return describe(dtype).name; }

uint64_t dtypeBytes(DType dtype) { return describe(dtype).bytes; }

bool isFloat(DType dtype) {
  return dtype == DType::F64 || dtype == DType::F32 || dtype == DType::F16 ||
         dtype == DType::BF16;
}

std::optional<DType> parseDType(llvm::StringRef name) {
  for (const Description &type : kTypes)
    if (type.name == name)
      return type.dtype;
  return std::nullopt;
}

llvm::StringRef allDTypeNames() {
  return "F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL";
}

/// Reads one little-endian `T` at any address.
template <typename T> static T get(const uint8_t *at) {
  return llvm::support::endian::read<T, llvm::endianness::little>(at);
}

/// Converts each element with `convert(pointer to its first byte)`.
template <typename R, typename Convert>
static void loadEach(llvm::ArrayRef<uint8_t> bytes, uint64_t size,
                     llvm::MutableArrayRef<R> result, Convert convert) {
  const uint8_t *at = bytes.data();
  for (R &value : result) {
    value = static_cast<R>(convert(at));
    at += size;
  }
}

template <typename R>
static void loadAny(DType dtype, llvm::ArrayRef<uint8_t> bytes,
                    llvm::MutableArrayRef<R> result) {
  uint64_t size = dtypeBytes(dtype);
  assert(bytes.size() == result.size() * size);
  auto each = [&](auto convert) { loadEach(bytes, size, result, convert); };
  switch (dtype) {
  case DType::F64:
    return each(get<double>);
  case DType::F32:
    return each(get<float>);
  case DType::F16:
    return each([](const uint8_t *p) { return f16ToFloat(get<uint16_t>(p)); });
  case DType::BF16:
    return each([](const uint8_t *p) { return bf16ToFloat(get<uint16_t>(p)); });
  case DType::I64:
    return each(get<int64_t>);
  case DType::I32:
    return each(get<int32_t>);
  case DType::I16:
    return each(get<int16_t>);
  case DType::I8:
    return each(get<int8_t>);
  case DType::U8:
    return each(get<uint8_t>);
  case DType::Bool:
    return each([](const uint8_t *p) { return *p != 0; });
  }
}

void loadElements(DType dtype, llvm::ArrayRef<uint8_t> bytes,
                  llvm::MutableArrayRef<double> result) {
  loadAny(dtype, bytes, result);
}

void loadElements(DType dtype, llvm::ArrayRef<uint8_t> bytes,
                  llvm::MutableArrayRef<float> result) {
  loadAny(dtype, bytes, result);
}

/// Rounds to the nearest integer of type `T`, ties to even.
template <typename T> static T toInteger(double value) {
  // Exact, except that the maximum of int64 becomes 2^63.
  constexpr double kMin = static_cast<double>(std::numeric_limits<T>::min());
  constexpr double kMax = static_cast<double>(std::numeric_limits<T>::max());
  if (std::isnan(value))
    return 0;
  double whole = std::nearbyint(value);
  if (whole <= kMin)
    return std::numeric_limits<T>::min();
  if (whole >= kMax)
    return std::numeric_limits<T>::max();
  return static_cast<T>(whole);
}

template <typename T, typename Convert>
static void storeEach(llvm::ArrayRef<double> values,
                      llvm::MutableArrayRef<uint8_t> bytes, Convert convert) {
  uint8_t *at = bytes.data();
  for (double value : values) {
    llvm::support::endian::write<T, llvm::endianness::little>(
        at, static_cast<T>(convert(value)));
    at += sizeof(T);
  }
}

void storeElements(DType dtype, llvm::ArrayRef<double> values,
                   llvm::MutableArrayRef<uint8_t> bytes) {
  assert(bytes.size() == values.size() * dtypeBytes(dtype));
  switch (dtype) {
  case DType::F64:
    return storeEach<double>(values, bytes, [](double v) { return v; });
  case DType::F32:
    return storeEach<float>(values, bytes, [](double v) { return v; });
  case DType::F16:
    return storeEach<uint16_t>(values, bytes, doubleToF16);
  case DType::BF16:
    return storeEach<uint16_t>(values, bytes, doubleToBf16);
  case DType::I64:
    return storeEach<int64_t>(values, bytes, toInteger<int64_t>);
  case DType::I32:
    return storeEach<int32_t>(values, bytes, toInteger<int32_t>);
  case DType::I16:
    return storeEach<int16_t>(values, bytes, toInteger<int16_t>);
  case DType::I8:
    return storeEach<int8_t>(values, bytes, toInteger<int8_t>);
  case DType::U8:
    return storeEach<uint8_t>(values, bytes, toInteger<uint8_t>);
  case DType::Bool:
    return storeEach<uint8_t>(
        values, bytes, [](double v) { return v != 0 && !std::isnan(v); });
  }
}

} // namespace heed
