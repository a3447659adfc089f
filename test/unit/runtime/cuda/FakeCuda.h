/*===- FakeCuda.h - A CUDA driver without a GPU -----------------*- C -*-===*\
|*                                                                          *|
|* Part of the Heed project, under the Apache License v2.0 with LLVM        *|
|* Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception      *|
|*                                                                          *|
\*===----------------------------------------------------------------------===*/

/**
 * \file
 * What tests know of the fake driver in FakeCuda.c: how to set it up, and what
 * it has seen. Its memory is that of the process; it copies and clears, but
 * launches run nothing unless a test says how, they are only written down.
 */

#ifndef HEED_TEST_UNIT_RUNTIME_CUDA_FAKECUDA_H
#define HEED_TEST_UNIT_RUNTIME_CUDA_FAKECUDA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A tensor map of elements without gaps, as cuTensorMapEncodeTiled takes it.
 */
typedef struct FakeTensorMap {
  int type; /**< CUtensorMapDataType. */
  uint32_t rank;
  uint64_t base;
  const uint64_t *sizes;
  const uint64_t *strides; /**< In bytes, from the second dimension on. */
  const uint32_t *box;
  int swizzle;   /**< CUtensorMapSwizzle. */
  int promotion; /**< CUtensorMapL2promotion. */
} FakeTensorMap;

/** One launch, in the order in which the GPU would have run them. */
typedef struct FakeLaunch {
  char kernel[64];
  const char *image; /**< What its module was loaded from. */
  unsigned grid, threads, sharedBytes;
  int replayed; /**< Whether it came out of a graph. */
  size_t bytes; /**< Of words. */
  int64_t words[512];
} FakeLaunch;

typedef struct FakeCuda {
  /* What the driver says. */
  int version, devices, major, minor, sharedBytes, threads, multiprocessors;
  size_t totalBytes;
  const char *log; /**< Of a module that could not be loaded. */

  /** Runs a launch; returns 0, or what the stream fails with. May be null. */
  int (*run)(void *user, const FakeLaunch *launch);
  void *user;
  /** Writes a map for kernels that `run` runs; returns 0 or the failure. Null
   *  where no maps can be made. */
  int (*encode)(void *user, const FakeTensorMap *map, void *bytes);

  /* What has been taken and not given back. */
  size_t usedBytes, pinnedBytes;
  int contexts, streams, events, modules, graphs, executables;
  int current; /**< Pushed contexts. */

  /* What has happened. */
  int launchCount;
  FakeLaunch launches[1000];
  int largestShared; /**< Asked for by cuFuncSetAttribute. */

  /* The call of `function` that fails, counted from 1, and with what. */
  char function[48];
  int call, result;
} FakeCuda;

/** The state of the library, which tests find by this name. */
FakeCuda *fakeCuda(void);

/** Forgets all; a GPU of 9.0 with 132 multiprocessors and 1 GiB, and a driver
 *  for CUDA 12.4. */
void fakeCudaReset(void);

/** Visits all memory that is allocated. */
void fakeCudaVisit(void (*visit)(void *user, void *data, size_t bytes),
                   void *user);

/** Makes the `call`-th call of `function` from now on, counted from 1, and all
 *  after it fail with `result`. */
void fakeCudaFail(const char *function, int call, int result);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* HEED_TEST_UNIT_RUNTIME_CUDA_FAKECUDA_H */
