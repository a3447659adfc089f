//===- Kernels.cu - Kernels.c for GPUs --------------------------*- CUDA
//-*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The kernels of Kernels.c, which says what each does, for GPUs: a program is
/// a block of 64 threads, scratch is dynamic shared memory. The tests take the
/// text in Kernels.ptx.inc, which tools/scripts/make-ptx.py makes.
///
//===----------------------------------------------------------------------===//

#include <cstdint>

template <int Count> struct Words {
  int64_t at[Count];
};

#define KERNEL extern "C" __global__ void __launch_bounds__(64)

extern __shared__ int64_t scratch[];

KERNEL embed(Words<8> words) {
  const int32_t *ids = (const int32_t *)words.at[0];
  const int32_t *positions = (const int32_t *)words.at[1];
  const float *table = (const float *)words.at[2];
  float *k = (float *)words.at[3], *v = (float *)words.at[4];
  int64_t N = words.at[5], H = words.at[6], W = words.at[7];
  int64_t program = blockIdx.x, b = program / N, n = program % N;
#pragma unroll 1
  for (int64_t i = threadIdx.x; i < H * W; i += 64) {
    float value = table[ids[program] * H * W + i];
    int64_t at = ((b * H + i / W) * N + n) * W + i % W;
    k[at] = value;
    v[at] = value + (float)positions[program];
  }
}

KERNEL clear(Words<4> words) {
  float *out = (float *)words.at[0];
  int64_t size = words.at[1] * words.at[2] * words.at[3];
#pragma unroll 1
  for (int64_t i = threadIdx.x; i < size; i += 64)
    out[blockIdx.x * size + i] = 0;
}

static __device__ bool visible(int32_t key, int32_t query, int64_t window,
                               int64_t sinks) {
  return key >= 0 && key <= query &&
         (window == 0 || key > query - window || key < sinks);
}

static __device__ void accumulate(float *sum, const float *query,
                                  const float *key, const float *value,
                                  int64_t W) {
  float weight = 0;
#pragma unroll 1
  for (int64_t w = 0; w != W; ++w)
    weight += query[w] * key[w];
#pragma unroll 1
  for (int64_t w = 0; w != W; ++w)
    sum[w] += weight * value[w];
}

// A thread has a query, and W floats of the scratch.
KERNEL attend(Words<15> words) {
  const float *k = (const float *)words.at[0], *v = (const float *)words.at[1];
  const int32_t *positions = (const int32_t *)words.at[2];
  const int32_t *slots = (const int32_t *)words.at[3];
  const float *oldK = (const float *)words.at[4];
  const float *oldV = (const float *)words.at[5];
  const int32_t *oldPositions = (const int32_t *)words.at[6];
  const int32_t *counts = (const int32_t *)words.at[7];
  int64_t capacity = words.at[8];
  float *out = (float *)words.at[9];
  int64_t N = words.at[10], H = words.at[11], W = words.at[12];
  int64_t window = words.at[13], sinks = words.at[14];
  int64_t program = blockIdx.x, b = program / H, h = program % H;
  int64_t slot = slots[b];
  int64_t readable = counts[slot] < capacity ? counts[slot] : capacity;
  float *sum = (float *)scratch + threadIdx.x * W;
#pragma unroll 1
  for (int64_t n = threadIdx.x; n < N; n += 64) {
    int32_t query = positions[b * N + n];
    int64_t row = (program * N + n) * W;
#pragma unroll 1
    for (int64_t w = 0; w != W; ++w)
      sum[w] = 0;
#pragma unroll 1
    for (int64_t e = 0; query >= 0 && e != readable; ++e)
      if (visible(oldPositions[slot * capacity + e], query, window, sinks)) {
        int64_t at = ((slot * H + h) * capacity + e) * W;
        accumulate(sum, k + row, oldK + at, oldV + at, W);
      }
#pragma unroll 1
    for (int64_t m = 0; query >= 0 && m != N; ++m)
      if (visible(positions[b * N + m], query, window, sinks)) {
        int64_t at = (program * N + m) * W;
        accumulate(sum, k + row, k + at, v + at, W);
      }
#pragma unroll 1
    for (int64_t w = 0; w != W; ++w)
      out[row + w] += sum[w];
  }
}

KERNEL head(Words<8> words) {
  const float *out = (const float *)words.at[0];
  const int32_t *rows = (const int32_t *)words.at[1];
  int64_t program = blockIdx.x;
  float *logits = (float *)words.at[2] + program * words.at[5];
  int64_t N = words.at[3], R = words.at[4], V = words.at[5];
  int64_t H = words.at[6], W = words.at[7];
  int64_t b = program / R, n = rows[program];
#pragma unroll 1
  for (int64_t v = threadIdx.x; v < V; v += 64)
    logits[v] =
        n < 0 ? 0 : out[((b * H + v % H) * N + n) * W + v / H % W] + (float)v;
}

// The last words of the scratch are used, so that all of it must be there.
KERNEL record(Words<502> words) {
  int64_t *output = (int64_t *)words.at[0];
  int64_t count = words.at[1];
  uint32_t bytes;
  asm("mov.u32 %0, %%dynamic_smem_size;" : "=r"(bytes));
  volatile int64_t *own = scratch + bytes / 8 - count;
#pragma unroll 1
  for (int64_t i = threadIdx.x; i < count; i += 64)
    own[i] = words.at[2 + i];
  __syncthreads();
  // Not what this thread has written itself.
#pragma unroll 1
  for (int64_t i = 63 - threadIdx.x; i < count; i += 64)
    output[blockIdx.x * count + i] = own[i];
}

static __device__ int64_t numbers[4] = {2, 3, 5, 7};
static __device__ const int64_t *volatile indirect = numbers;
__device__ int64_t counter = 40;

KERNEL relocated(Words<1> words) {
  int64_t *output = (int64_t *)words.at[0];
  if (threadIdx.x == 0)
    output[blockIdx.x] = indirect[blockIdx.x] + *(volatile int64_t *)&counter;
}
