/*===- Kernels.c - Hand-made kernels for tests of the runtime ---*- C -*-===*\
|*                                                                          *|
|* Part of the Heed project, under the Apache License v2.0 with LLVM        *|
|* Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception      *|
|*                                                                          *|
\*===----------------------------------------------------------------------===*/

/**
 * \file
 * The kernels of TinyModel.h and of the conformance suite, compiled to a shared
 * object without dependencies, as the compiler's kernels are. The sums of
 * `attend` are exact in f32 for small integers, so that results can be compared
 * with ==.
 */

#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

/** params: ids, positions, table, k, v, N, H, W; grid B*N.
 *  k = table[id], v = table[id] + position, both B x H x N x W. */
EXPORT void embed(const int64_t *params, int64_t program, void *scratch) {
  const int32_t *ids = (const int32_t *)params[0];
  const int32_t *positions = (const int32_t *)params[1];
  const float *table = (const float *)params[2];
  float *k = (float *)params[3], *v = (float *)params[4];
  int64_t N = params[5], H = params[6], W = params[7];
  int64_t b = program / N, n = program % N;
  for (int64_t h = 0; h != H; ++h)
    for (int64_t w = 0; w != W; ++w) {
      float value = table[(ids[program] * H + h) * W + w];
      int64_t at = ((b * H + h) * N + n) * W + w;
      k[at] = value;
      v[at] = value + (float)positions[program];
    }
}

static int visible(int32_t key, int32_t query, int64_t window, int64_t sinks) {
  return key >= 0 && key <= query &&
         (window == 0 || key > query - window || key < sinks);
}

static void accumulate(float *sum, const float *query, const float *key,
                       const float *value, int64_t W) {
  float weight = 0;
  for (int64_t w = 0; w != W; ++w)
    weight += query[w] * key[w];
  for (int64_t w = 0; w != W; ++w)
    sum[w] += weight * value[w];
}

/** params: k, v, positions, slots, field k, field v, cache positions, counts,
 *  capacity, out, N, H, W, window, sinks; grid B*H.
 *  out += sum over visible keys of (k_query . k_key) * v_key, first over the
 *  cache, then over the step. Scratch: W floats. */
EXPORT void attend(const int64_t *params, int64_t program, void *scratch) {
  const float *k = (const float *)params[0], *v = (const float *)params[1];
  const int32_t *positions = (const int32_t *)params[2];
  const int32_t *slots = (const int32_t *)params[3];
  const float *oldK = (const float *)params[4];
  const float *oldV = (const float *)params[5];
  const int32_t *oldPositions = (const int32_t *)params[6];
  const int32_t *counts = (const int32_t *)params[7];
  int64_t capacity = params[8];
  float *out = (float *)params[9];
  int64_t N = params[10], H = params[11], W = params[12];
  int64_t window = params[13], sinks = params[14];
  int64_t b = program / H, h = program % H, slot = slots[b];
  int64_t readable = counts[slot] < capacity ? counts[slot] : capacity;
  float *sum = (float *)scratch;
  for (int64_t n = 0; n != N; ++n) {
    int32_t query = positions[b * N + n];
    int64_t row = (program * N + n) * W;
    for (int64_t w = 0; w != W; ++w)
      sum[w] = 0;
    for (int64_t e = 0; query >= 0 && e != readable; ++e)
      if (visible(oldPositions[slot * capacity + e], query, window, sinks)) {
        int64_t at = ((slot * H + h) * capacity + e) * W;
        accumulate(sum, k + row, oldK + at, oldV + at, W);
      }
    for (int64_t m = 0; query >= 0 && m != N; ++m)
      if (visible(positions[b * N + m], query, window, sinks)) {
        int64_t at = (program * N + m) * W;
        accumulate(sum, k + row, k + at, v + at, W);
      }
    for (int64_t w = 0; w != W; ++w)
      out[row + w] += sum[w];
  }
}

/** params: out, N, H, W; grid B. Zeros B x H x N x W. */
EXPORT void clear(const int64_t *params, int64_t program, void *scratch) {
  float *out = (float *)params[0];
  int64_t size = params[1] * params[2] * params[3];
  for (int64_t i = 0; i != size; ++i)
    out[program * size + i] = 0;
}

/** params: out, rows, logits, N, R, V, H, W; grid B*R.
 *  logits[v] = out[v % H][v / H % W] + v, or zeros for row -1. */
EXPORT void head(const int64_t *params, int64_t program, void *scratch) {
  const float *out = (const float *)params[0];
  const int32_t *rows = (const int32_t *)params[1];
  float *logits = (float *)params[2] + program * params[5];
  int64_t N = params[3], R = params[4], V = params[5];
  int64_t H = params[6], W = params[7];
  int64_t b = program / R, n = rows[program];
  for (int64_t v = 0; v != V; ++v)
    logits[v] =
        n < 0 ? 0 : out[((b * H + v % H) * N + n) * W + v / H % W] + (float)v;
}

/** params: output, count, then words. output[program*count + i] = word i, as
 *  int64; the scratch is filled to show that it is private. */
EXPORT void record(const int64_t *params, int64_t program, void *scratch) {
  int64_t *output = (int64_t *)params[0];
  int64_t count = params[1];
  volatile int64_t *own = (volatile int64_t *)scratch;
  for (int64_t i = 0; i != count; ++i)
    own[i] = params[2 + i];
  for (int64_t i = 0; i != count; ++i)
    output[program * count + i] = own[i];
}

static const int64_t numbers[4] = {2, 3, 5, 7};
/** A pointer in constant data needs a relocation. */
static const int64_t *const volatile indirect = numbers;
EXPORT int64_t counter = 40;

/** params: output; grid 4. Uses relocated and writable data. */
EXPORT void relocated(const int64_t *params, int64_t program, void *scratch) {
  int64_t *output = (int64_t *)params[0];
  output[program] = indirect[program] + *(volatile int64_t *)&counter;
}
