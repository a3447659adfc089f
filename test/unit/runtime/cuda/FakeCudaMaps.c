/*===- FakeCudaMaps.c - Tensor maps of the fake -----------------*- C -*-===*\
|*                                                                          *|
|* Part of the Heed project, under the Apache License v2.0 with LLVM        *|
|* Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception      *|
|*                                                                          *|
\*===----------------------------------------------------------------------===*/

/**
 * \file
 * Refuses what the real driver refuses of a map of 2-byte elements, and leaves
 * the bytes to the test. An old driver (HEED_FAKE_WITHOUT_MAPS) has no such
 * function; a newer one (HEED_FAKE_WITHOUT_PARAM_INFO) has, but cannot say what
 * kernels with maps take.
 */

#include "test/unit/runtime/cuda/FakeCudaCalls.h"

#ifndef HEED_FAKE_WITHOUT_MAPS

static int isMultiple(uint64_t value, uint64_t of) { return value % of == 0; }

/** Whether the driver makes such a map. */
static int isPossible(const FakeTensorMap *map) {
  const uint32_t elementBytes = 2, spans[] = {1u << 30, 32, 64, 128};
  if (map->rank < 1 || map->rank > 5 || map->swizzle < 0 || map->swizzle > 3 ||
      map->promotion < 0 || map->promotion > 3 || !isMultiple(map->base, 16))
    return 0;
  for (uint32_t i = 0; i != map->rank; ++i)
    if (map->sizes[i] == 0 || map->sizes[i] > (uint64_t)1 << 32 ||
        map->box[i] == 0 || map->box[i] > 256)
      return 0;
  for (uint32_t i = 0; i + 1 < map->rank; ++i)
    if (!isMultiple(map->strides[i], 16) || map->strides[i] >= (uint64_t)1
                                                                   << 40)
      return 0;
  return isMultiple(map->box[0] * elementBytes, 16) &&
         map->box[0] * elementBytes <= spans[map->swizzle];
}

EXPORT int cuTensorMapEncodeTiled(void *bytes, int type, uint32_t rank,
                                  void *base, const uint64_t *sizes,
                                  const uint64_t *strides, const uint32_t *box,
                                  const uint32_t *steps, int interleave,
                                  int swizzle, int promotion, int fill) {
  CALL(cuTensorMapEncodeTiled);
  FakeCuda *fake = fakeCuda();
  FakeTensorMap map = {type,    rank,     (uint64_t)(uintptr_t)base,
                       sizes,   strides,  box,
                       swizzle, promotion};
  if (fakeContext())
    return fakeContext();
  if (!fake->encode || interleave || fill || !isPossible(&map) ||
      !isMultiple((uint64_t)(uintptr_t)bytes, 64))
    return invalidValue;
  for (uint32_t i = 0; i != rank; ++i)
    if (steps[i] != 1)
      return invalidValue;
  return fake->encode(fake->user, &map, bytes);
}

#endif
