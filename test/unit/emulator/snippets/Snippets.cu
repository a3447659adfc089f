//===- Snippets.cu - Kernels that nvcc makes PTX of -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The source of Snippets.ptx, which the tests read; the build needs no nvcc:
//
//   nvcc -ptx -arch=sm_80 -o Snippets.ptx Snippets.cu
//
//===----------------------------------------------------------------------===//

#include <cuda_bf16.h>
#include <cuda_pipeline.h>

/// Sums of rows: shared memory, barriers, shuffles, a loop that diverges.
extern "C" __global__ void rowSums(const float *x, float *sums, long columns) {
  __shared__ float parts[8];
  float sum = 0;
  for (long i = threadIdx.x; i < columns; i += blockDim.x)
    sum += x[blockIdx.x * columns + i];
  for (int by = 16; by; by /= 2)
    sum += __shfl_xor_sync(~0u, sum, by);
  if (threadIdx.x % 32 == 0)
    parts[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x == 0) {
    for (unsigned w = 1; w < blockDim.x / 32; ++w)
      sum += parts[w];
    sums[blockIdx.x] = sum;
  }
}

/// Softmax of rows of bf16, with what libdevice makes of expf.
extern "C" __global__ void softmax(const __nv_bfloat16 *x, __nv_bfloat16 *y,
                                   long columns) {
  float most = -INFINITY, sum = 0;
  for (long i = threadIdx.x; i < columns; i += 32)
    most = fmaxf(most, __bfloat162float(x[blockIdx.x * columns + i]));
  for (int by = 16; by; by /= 2)
    most = fmaxf(most, __shfl_xor_sync(~0u, most, by));
  for (long i = threadIdx.x; i < columns; i += 32)
    sum += expf(__bfloat162float(x[blockIdx.x * columns + i]) - most);
  for (int by = 16; by; by /= 2)
    sum += __shfl_xor_sync(~0u, sum, by);
  for (long i = threadIdx.x; i < columns; i += 32)
    y[blockIdx.x * columns + i] = __float2bfloat16(
        expf(__bfloat162float(x[blockIdx.x * columns + i]) - most) / sum);
}

/// Collatz steps of every number: loops of different lengths, local memory.
extern "C" __global__ void collatz(const int *x, int *steps, int *history) {
  int last[4] = {0, 0, 0, 0};
  int at = blockIdx.x * blockDim.x + threadIdx.x, n = x[at], count = 0;
  while (n != 1) {
    last[count % 4] = n;
    n = n % 2 ? 3 * n + 1 : n / 2;
    ++count;
  }
  steps[at] = count;
  history[at] = last[x[at] % 4];
}

__constant__ int weights[4] = {3, 1, 4, 1};
__device__ unsigned finished = 0;

/// A histogram by atomics; the last block says so.
extern "C" __global__ void histogram(const int *x, unsigned *bins,
                                     unsigned *last) {
  __shared__ unsigned mine[64];
  for (unsigned i = threadIdx.x; i < 64; i += blockDim.x)
    mine[i] = 0;
  __syncthreads();
  int value = x[blockIdx.x * blockDim.x + threadIdx.x];
  atomicAdd(&mine[value % 64], (unsigned)weights[value % 4]);
  __syncthreads();
  for (unsigned i = threadIdx.x; i < 64; i += blockDim.x)
    atomicAdd(&bins[i], mine[i]);
  __threadfence();
  if (threadIdx.x == 0 && atomicInc(&finished, gridDim.x - 1) == gridDim.x - 1)
    *last = blockIdx.x + 1;
}

/// Copies through a ring of two stages of dynamic shared memory.
extern "C" __global__ void ring(const float4 *x, float4 *y, long steps) {
  extern __shared__ float4 stages[];
  auto load = [&](long step) {
    if (step < steps)
      __pipeline_memcpy_async(&stages[step % 2 * blockDim.x + threadIdx.x],
                              &x[step * blockDim.x + threadIdx.x], 16);
    __pipeline_commit();
  };
  load(0);
  for (long step = 0; step != steps; ++step) {
    load(step + 1);
    __pipeline_wait_prior(1);
    __syncthreads();
    y[step * blockDim.x + threadIdx.x] =
        stages[step % 2 * blockDim.x + (threadIdx.x ^ 1)];
    __syncthreads();
  }
}
