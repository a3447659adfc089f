//===- WrittenMaps.h - Tests of tensor maps ---------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A fixture with a fake driver that keeps what tensor maps it was asked for.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_RUNTIME_CUDA_WRITTENMAPS_H
#define HEED_TEST_UNIT_RUNTIME_CUDA_WRITTENMAPS_H

#include "test/unit/runtime/cuda/FakeDriver.h"

#include "heed-c/Package.h"

#include <cstring>
#include <vector>

namespace heed::test {

/// A driver that writes down what maps it has made, and numbers their bytes.
class WrittenMaps : public FakeDriver {
protected:
  struct Made {
    uint64_t base;
    std::vector<uint64_t> sizes, strides;
    std::vector<uint32_t> box;
    int type, swizzle, promotion;
  };

  explicit WrittenMaps(const char *library = HEED_FAKE_CUDA)
      : FakeDriver(library) {}

  void SetUp() override {
    FakeDriver::SetUp();
    fake->user = this;
    fake->encode = [](void *user, const FakeTensorMap *map, void *bytes) {
      std::vector<Made> &made = static_cast<WrittenMaps *>(user)->made;
      made.push_back({map->base,
                      {map->sizes, map->sizes + map->rank},
                      {map->strides, map->strides + map->rank - 1},
                      {map->box, map->box + map->rank},
                      map->type,
                      map->swizzle,
                      map->promotion});
      std::memset(bytes, int(made.size()), HEED_MAP_BYTES);
      return 0;
    };
  }

  std::vector<Made> made;
};

} // namespace heed::test

#endif // HEED_TEST_UNIT_RUNTIME_CUDA_WRITTENMAPS_H
