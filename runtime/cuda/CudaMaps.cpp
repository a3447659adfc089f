//===- CudaMaps.cpp - Tensor maps of a kernel -----------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaMaps.h"

#include <cstring>

namespace heed {

/// The panels of a map: more than any memory has, so that none is cut off.
static constexpr uint64_t maxPanels = 1 << 24;

/// Columns of a box, as many as the swizzle has bytes for.
static constexpr uint32_t boxColumns = 64;

/// Says which function the driver lacks.
Status CudaMaps::findFunctions() const {
  const CudaDriver &driver = context_->driver();
  const char *missing = !driver.cuTensorMapEncodeTiled
                            ? "cuTensorMapEncodeTiled"
                        : !driver.cuFuncGetParamInfo ? "cuFuncGetParamInfo"
                                                     : nullptr;
  if (!missing)
    return Status();
  return makeError(HEED_NO_SUCH_DEVICE,
                   "%s: no function '%s' found, driver too old for the tensor "
                   "maps of kernel '%s'",
                   context_->name().c_str(), missing, kernel_.c_str());
}

Status CudaMaps::open(const CudaContext &context, const CudaKernel &kernel,
                      Table<heed_package_map> maps) {
  context_ = &context;
  kernel_ = kernel.name;
  for (const heed_package_map &map : maps) {
    slots_.emplace_back();
    slots_.back().map = map;
  }
  if (isEmpty())
    return Status();
  if (Status error = findFunctions())
    return error;
  size_t offset = 0;
  return context.check(context.driver().cuFuncGetParamInfo(
                           kernel.function, 0, &offset, &takenBytes_),
                       "cuFuncGetParamInfo");
}

size_t CudaMaps::paramBytes(uint64_t count) const {
  return heed_map_offset(count) + slots_.size() * HEED_MAP_BYTES;
}

Status CudaMaps::check(uint64_t count) const {
  if (isEmpty() || takenBytes_ == paramBytes(count))
    return Status();
  return makeError(HEED_BAD_PACKAGE,
                   "kernel '%s': parameters of %zu bytes found in the code, "
                   "%zu wanted for %llu words and %zu tensor maps",
                   kernel_.c_str(), takenBytes_, paramBytes(count),
                   static_cast<unsigned long long>(count), slots_.size());
}

/// Makes the map of `slot` unless it is that of these words already.
Status CudaMaps::make(Slot &slot, int64_t buffer, int64_t rows) const {
  if (slot.isMade && slot.buffer == buffer && slot.rows == rows)
    return Status();
  constexpr uint32_t rank = 3;
  uint64_t columns = slot.map.columns, bytes = columns * sizeof(uint16_t);
  uint64_t panel = rows == 0 ? 1 : uint64_t(rows);
  const uint64_t sizes[rank] = {columns, panel, maxPanels};
  const uint64_t strides[rank - 1] = {bytes, panel * bytes};
  const uint32_t box[rank] = {boxColumns, slot.map.box_rows, 1};
  const uint32_t steps[rank] = {1, 1, 1};
  CuResult result = context_->driver().cuTensorMapEncodeTiled(
      slot.bytes, cuTensorBf16, rank, reinterpret_cast<void *>(buffer), sizes,
      strides, box, steps, 0, cuTensorSwizzle128, cuTensorPromote256, 0);
  slot.isMade = result == cuSuccess;
  slot.buffer = buffer;
  slot.rows = rows;
  if (slot.isMade)
    return Status();
  return makeError(
      HEED_DEVICE_FAILED,
      "%s: kernel '%s', tensor map of panels of %lld rows of %u at %#llx: %s",
      context_->name().c_str(), kernel_.c_str(), static_cast<long long>(rows),
      slot.map.columns, static_cast<unsigned long long>(buffer),
      context_->driver()
          .check(result, "cuTensorMapEncodeTiled", HEED_DEVICE_FAILED)
          .message()
          .c_str());
}

Status CudaMaps::encode(const int64_t *words, int64_t count) {
  size_t at = heed_map_offset(count);
  params_.assign(paramBytes(count), 0);
  std::memcpy(params_.data(), words, count * sizeof(int64_t));
  for (Slot &slot : slots_) {
    if (Status error = make(slot, words[slot.map.buffer], words[slot.map.rows]))
      return error;
    std::memcpy(params_.data() + at, slot.bytes, HEED_MAP_BYTES);
    at += HEED_MAP_BYTES;
  }
  return Status();
}

} // namespace heed
