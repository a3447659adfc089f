/*===- FakeCublasLt.h - cuBLASLt without a GPU ------------------*- C -*-===*\
|*                                                                          *|
|* Part of the Heed project, under the Apache License v2.0 with LLVM        *|
|* Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception      *|
|*                                                                          *|
\*===----------------------------------------------------------------------===*/

/**
 * \file
 * What tests know of the fake library in FakeCublasLt.c, which computes
 * products one element after the other, in the memory of the process.
 */

#ifndef HEED_TEST_UNIT_RUNTIME_CUDA_FAKECUBLASLT_H
#define HEED_TEST_UNIT_RUNTIME_CUDA_FAKECUBLASLT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct FakeCublasLt {
  /* What the library says. */
  int algorithms; /**< How many it finds. */
  int state;      /**< Of the one that it finds. */

  /* What has been made and not destroyed. */
  int handles, products, layouts, preferences;

  /* What has happened. */
  int searches, multiplications;
  int64_t rows, columns, depth, batch; /**< Of the last one. */

  /* The call of `function` that fails, counted from 1, and with what. */
  char function[48];
  int call, result;
} FakeCublasLt;

/** The state of the library, which tests find by this name. */
FakeCublasLt *fakeCublasLt(void);

/** Forgets all; one algorithm for everything. */
void fakeCublasLtReset(void);

/** As fakeCudaFail. */
void fakeCublasLtFail(const char *function, int call, int result);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* HEED_TEST_UNIT_RUNTIME_CUDA_FAKECUBLASLT_H */
