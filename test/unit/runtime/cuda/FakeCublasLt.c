/*===- FakeCublasLt.c - cuBLASLt without a GPU ------------------*- C -*-===*\
|*                                                                          *|
|* Part of the Heed project, under the Apache License v2.0 with LLVM        *|
|* Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception      *|
|*                                                                          *|
\*===----------------------------------------------------------------------===*/

/**
 * \file
 * Refuses what the runtime should never ask for: attributes of another size
 * than the real library's, matrices that do not fit each other or begin
 * anywhere, sums of parts in another type than f32, an algorithm of another
 * shape. A broken library (HEED_FAKE_WITHOUT_MATMUL) lacks a function.
 */

#include "test/unit/runtime/cuda/FakeCublasLt.h"

#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

/** Begins a function that can be told to fail. */
#define CALL(name)                                                             \
  do {                                                                         \
    int failed = enter(#name);                                                 \
    if (failed)                                                                \
      return failed;                                                           \
  } while (0)

enum { allocFailed = 3, invalidValue = 7, f32 = 0, bf16 = 14 };

typedef struct Product {
  int transposed;
  unsigned epilogue;
  const uint16_t *bias;
} Product;

typedef struct Layout {
  int type;
  int64_t rows, columns, leading, stride;
  int batch;
} Layout;

typedef struct Preference {
  uint64_t workspace;
  unsigned reductions, alignments[4];
} Preference;

typedef struct Algorithm {
  int64_t rows, columns, depth, batch, type, workspace, rest[2];
} Algorithm;

typedef struct Heuristic {
  Algorithm algorithm;
  size_t workspace;
  int state;
  float waves;
  int reserved[4];
} Heuristic;

EXPORT FakeCublasLt *fakeCublasLt(void) {
  static FakeCublasLt state;
  return &state;
}
EXPORT void fakeCublasLtReset(void) {
  memset(fakeCublasLt(), 0, sizeof(FakeCublasLt));
  fakeCublasLt()->algorithms = 1;
}
EXPORT void fakeCublasLtFail(const char *function, int call, int result) {
  strncpy(fakeCublasLt()->function, function, 47);
  fakeCublasLt()->call = call;
  fakeCublasLt()->result = result;
}

static int enter(const char *function) {
  FakeCublasLt *fake = fakeCublasLt();
  if (strcmp(fake->function, function) != 0)
    return 0;
  return --fake->call <= 0 ? fake->result : 0;
}

EXPORT size_t cublasLtGetVersion(void) { return 120405; }
EXPORT const char *cublasLtGetStatusName(int status) {
  return status == allocFailed    ? "CUBLAS_STATUS_ALLOC_FAILED"
         : status == invalidValue ? "CUBLAS_STATUS_INVALID_VALUE"
                                  : "CUBLAS_STATUS_OF_THE_FAKE";
}
EXPORT int cublasLtCreate(void **handle) {
  CALL(cublasLtCreate);
  ++fakeCublasLt()->handles;
  *handle = fakeCublasLt();
  return 0;
}
EXPORT int cublasLtDestroy(void *handle) {
  --fakeCublasLt()->handles;
  return handle == fakeCublasLt() ? 0 : invalidValue;
}

/** Copies a value that is as large as the real library's. */
static int take(void *to, size_t wanted, const void *value, size_t bytes) {
  if (!to || bytes != wanted)
    return invalidValue;
  memcpy(to, value, bytes);
  return 0;
}

EXPORT int cublasLtMatmulDescCreate(Product **product, int compute, int scale) {
  CALL(cublasLtMatmulDescCreate);
  ++fakeCublasLt()->products;
  *product = calloc(1, sizeof(Product));
  (*product)->epilogue = 1;
  return compute == 68 && scale == f32 ? 0 : invalidValue;
}
EXPORT int cublasLtMatmulDescDestroy(Product *product) {
  --fakeCublasLt()->products;
  free(product);
  return 0;
}
EXPORT int cublasLtMatmulDescSetAttribute(Product *product, int attribute,
                                          const void *value, size_t bytes) {
  CALL(cublasLtMatmulDescSetAttribute);
  if (attribute == 8)
    return take(&product->bias, 8, value, bytes);
  return take(attribute == 3   ? (void *)&product->transposed
              : attribute == 7 ? (void *)&product->epilogue
                               : NULL,
              4, value, bytes);
}

EXPORT int cublasLtMatrixLayoutCreate(Layout **layout, int type, uint64_t rows,
                                      uint64_t columns, int64_t leading) {
  CALL(cublasLtMatrixLayoutCreate);
  ++fakeCublasLt()->layouts;
  *layout = malloc(sizeof(Layout));
  **layout = (Layout){type, (int64_t)rows, (int64_t)columns, leading, 0, 1};
  return leading >= (int64_t)rows && rows && columns ? 0 : invalidValue;
}
EXPORT int cublasLtMatrixLayoutDestroy(Layout *layout) {
  --fakeCublasLt()->layouts;
  free(layout);
  return 0;
}
EXPORT int cublasLtMatrixLayoutSetAttribute(Layout *layout, int attribute,
                                            const void *value, size_t bytes) {
  CALL(cublasLtMatrixLayoutSetAttribute);
  if (attribute == 6)
    return take(&layout->stride, 8, value, bytes);
  return take(attribute == 5 ? &layout->batch : NULL, 4, value, bytes);
}

EXPORT int cublasLtMatmulPreferenceCreate(Preference **preference) {
  CALL(cublasLtMatmulPreferenceCreate);
  ++fakeCublasLt()->preferences;
  *preference = calloc(1, sizeof(Preference));
  return 0;
}
EXPORT int cublasLtMatmulPreferenceDestroy(Preference *preference) {
  --fakeCublasLt()->preferences;
  free(preference);
  return 0;
}
EXPORT int cublasLtMatmulPreferenceSetAttribute(Preference *preference,
                                                int attribute,
                                                const void *value,
                                                size_t bytes) {
  CALL(cublasLtMatmulPreferenceSetAttribute);
  if (attribute == 1)
    return take(&preference->workspace, 8, value, bytes);
  if (attribute == 3)
    return take(&preference->reductions, 4, value, bytes);
  return take(attribute >= 5 && attribute <= 8
                  ? &preference->alignments[attribute - 5]
                  : NULL,
              4, value, bytes);
}

/** Whether the matrices fit: d = transposed a * b, c as d. */
static int fit(const Product *product, const Layout *a, const Layout *b,
               const Layout *c, const Layout *d) {
  int hasBias = product->epilogue == 4;
  return product->transposed == 1 && (hasBias || product->epilogue == 1) &&
         hasBias == (product->bias != NULL) &&
         (!hasBias || (d->type == bf16 && d->batch == 1)) && a->type == bf16 &&
         b->type == bf16 && c == d && (d->type == bf16 || d->type == f32) &&
         a->rows == b->rows && a->columns == d->rows &&
         b->columns == d->columns && a->batch == d->batch &&
         b->batch == d->batch;
}

static Algorithm makeAlgorithm(const Layout *a, const Layout *d) {
  return (Algorithm){d->rows, d->columns, a->rows, d->batch,
                     d->type, 1024,       {0, 0}};
}

EXPORT int cublasLtMatmulAlgoGetHeuristic(void *handle, Product *product,
                                          Layout *a, Layout *b, Layout *c,
                                          Layout *d, Preference *preference,
                                          int wanted, Heuristic *found,
                                          int *count) {
  CALL(cublasLtMatmulAlgoGetHeuristic);
  ++fakeCublasLt()->searches;
  for (int i = 0; i != 4; ++i)
    if (preference->alignments[i] != 16)
      return invalidValue;
  if (!fit(product, a, b, c, d) || preference->reductions != 2 ||
      preference->workspace < 1024 || wanted < 1)
    return invalidValue;
  *count = fakeCublasLt()->algorithms;
  found->algorithm = makeAlgorithm(a, d);
  found->workspace = 1024;
  found->state = fakeCublasLt()->state;
  return 0;
}

#ifndef HEED_FAKE_WITHOUT_MATMUL

static float widen(uint16_t value) {
  uint32_t bits = (uint32_t)value << 16;
  float result;
  memcpy(&result, &bits, 4);
  return result;
}
static uint16_t narrow(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static void store(const Layout *layout, void *to, int64_t at, float value) {
  if (layout->type == f32)
    ((float *)to)[at] = value;
  else
    ((uint16_t *)to)[at] = narrow(value);
}
static float load(const Layout *layout, const void *from, int64_t at) {
  return layout->type == f32 ? ((const float *)from)[at]
                             : widen(((const uint16_t *)from)[at]);
}

/** One element of one matrix of the batch. */
static float sum(const Layout *a, const uint16_t *left, const Layout *b,
                 const uint16_t *right, int64_t row, int64_t column) {
  float result = 0;
  for (int64_t i = 0; i != a->rows; ++i)
    result += widen(left[row * a->leading + i]) *
              widen(right[column * b->leading + i]);
  return result;
}

EXPORT int cublasLtMatmul(void *handle, Product *product, const float *alpha,
                          const uint16_t *a, Layout *layoutA, const uint16_t *b,
                          Layout *layoutB, const float *beta, const void *c,
                          Layout *layoutC, void *d, Layout *layoutD,
                          const Algorithm *algorithm, void *workspace,
                          size_t workspaceBytes, void *stream) {
  CALL(cublasLtMatmul);
  FakeCublasLt *fake = fakeCublasLt();
  Algorithm wanted = makeAlgorithm(layoutA, layoutD);
  if (!fit(product, layoutA, layoutB, layoutC, layoutD) || !stream ||
      memcmp(algorithm, &wanted, sizeof(wanted)) != 0 || !workspace ||
      workspaceBytes < 1024 ||
      ((uintptr_t)a | (uintptr_t)b | (uintptr_t)c | (uintptr_t)d) % 16 != 0)
    return invalidValue;
  ++fake->multiplications;
  fake->rows = layoutD->columns;
  fake->columns = layoutD->rows;
  fake->depth = layoutA->rows;
  fake->batch = layoutD->batch;
  for (int64_t i = 0; i != layoutD->batch; ++i)
    for (int64_t column = 0; column != layoutD->columns; ++column)
      for (int64_t row = 0; row != layoutD->rows; ++row) {
        int64_t at = i * layoutD->stride + column * layoutD->leading + row;
        float value = *alpha * sum(layoutA, a + i * layoutA->stride, layoutB,
                                   b + i * layoutB->stride, row, column);
        if (*beta != 0)
          value += *beta * load(layoutC, c, at);
        if (product->bias)
          value += widen(product->bias[row]);
        store(layoutD, d, at, value);
      }
  return 0;
}

#endif
