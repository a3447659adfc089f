//===- Append.cu - New tokens into a cache ----------------------*- CUDA
//-*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The runtime's one kernel for GPUs: the rule of `Device::append`. The build
/// takes its text from Append.ptx.inc, which tools/scripts/make-ptx.py makes.
///
/// A block of 256 threads takes `perBlock` tokens of one sequence. It counts
/// the tokens before its own, because padding is not appended, and all tokens
/// of the step, because of those that share an entry of a ring only the last is
/// written: blocks run in any order. Each warp copies the rows of some heads.
/// Positions are a field of one head; `words` is `AppendWords` of
/// CudaAppend.h.
///
//===----------------------------------------------------------------------===//

#include <cstdint>

struct Field {
  const char *rows; // B x heads x N x width
  char *entries;    // slots x heads x capacity x width
  int64_t heads;
  int64_t rowBytes;
};

struct Words {
  int64_t blocks;   // Per sequence.
  int64_t perBlock; // Tokens.
  int64_t tokens;   // N.
  const int32_t *positions;
  const int32_t *slots;
  int32_t *counts;
  int64_t capacity;
  int64_t sinks;
  int64_t counting; // Whether to add the tokens to the counts.
  int64_t fieldCount;
  Field fields[8];
};

// Copies one row, 32 threads together.
template <typename Unit>
static __device__ void copyRow(char *to, const char *from, int64_t bytes) {
#pragma unroll 1
  for (int64_t i = threadIdx.x % 32; i < bytes / int64_t(sizeof(Unit)); i += 32)
    reinterpret_cast<Unit *>(to)[i] = reinterpret_cast<const Unit *>(from)[i];
}

static __device__ void copyToken(const Words &words, const Field &field,
                                 int64_t sequence, int64_t token, int64_t slot,
                                 int64_t entry) {
  uint64_t places = reinterpret_cast<uint64_t>(field.rows) |
                    reinterpret_cast<uint64_t>(field.entries) | field.rowBytes;
#pragma unroll 1
  for (int64_t head = threadIdx.x / 32; head < field.heads; head += 8) {
    const char *from =
        field.rows + ((sequence * field.heads + head) * words.tokens + token) *
                         field.rowBytes;
    char *to =
        field.entries +
        ((slot * field.heads + head) * words.capacity + entry) * field.rowBytes;
    if (places % 16 == 0)
      copyRow<int4>(to, from, field.rowBytes);
    else if (places % 4 == 0)
      copyRow<int32_t>(to, from, field.rowBytes);
    else
      copyRow<int16_t>(to, from, field.rowBytes);
  }
}

extern "C" __global__ void __launch_bounds__(256) heed_append(Words words) {
  __shared__ int32_t before, total;
  const int64_t sequence = blockIdx.x / words.blocks;
  const int64_t first = blockIdx.x % words.blocks * words.perBlock;
  const int64_t slot = words.slots[sequence];
  const int32_t *positions = words.positions + sequence * words.tokens;
  if (threadIdx.x == 0)
    before = total = 0;
  __syncthreads();
  // All have read it before one writes it.
  const int64_t start = words.counts[slot];
  int32_t ownBefore = 0, own = 0;
#pragma unroll 4
  for (int64_t token = threadIdx.x; token < words.tokens; token += 256)
    if (positions[token] >= 0) {
      own += 1;
      ownBefore += token < first;
    }
  atomicAdd(&before, ownBefore);
  atomicAdd(&total, own);
  __syncthreads();

  const int64_t end = start + total;
  const int64_t ring = words.capacity - words.sinks;
  int64_t n = start + before;
#pragma unroll 1
  for (int64_t token = first;
       token < first + words.perBlock && token < words.tokens; ++token) {
    if (positions[token] < 0)
      continue;
    const bool overwritten = n >= words.sinks && n + ring < end;
    // cacheEntry() of Device.h.
    const int64_t entry =
        n < words.capacity ? n : words.sinks + (n - words.sinks) % ring;
#pragma unroll 1
    for (int64_t i = 0; !overwritten && i < words.fieldCount; ++i)
      copyToken(words, words.fields[i], sequence, token, slot, entry);
    ++n;
  }
  if (words.counting && threadIdx.x == 0)
    words.counts[slot] = int32_t(end);
}
