/*===- FakeCudaCalls.h - What the calls of the fake begin with --*- C -*-===*\
|*                                                                          *|
|* Part of the Heed project, under the Apache License v2.0 with LLVM        *|
|* Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception      *|
|*                                                                          *|
\*===----------------------------------------------------------------------===*/

#ifndef HEED_TEST_UNIT_RUNTIME_CUDA_FAKECUDACALLS_H
#define HEED_TEST_UNIT_RUNTIME_CUDA_FAKECUDACALLS_H

#include "test/unit/runtime/cuda/FakeCuda.h"

#define EXPORT __attribute__((visibility("default")))

/** Begins a function that can be told to fail. */
#define CALL(name)                                                             \
  do {                                                                         \
    int failed = fakeEnter(#name);                                             \
    if (failed)                                                                \
      return failed;                                                           \
  } while (0)

enum {
  invalidValue = 1,
  outOfMemory = 2,
  invalidContext = 201,
  notFound = 500,
  illegalInstruction = 715
};

/** Counts a call; returns what it is to fail with, or 0. */
int fakeEnter(const char *function);

/** Returns 0 if a context is current. */
int fakeContext(void);

#endif /* HEED_TEST_UNIT_RUNTIME_CUDA_FAKECUDACALLS_H */
