//===- CpuDevice.cpp - Kernels on this processor --------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/CpuDevice.h"

#include "runtime/Arithmetic.h"
#include "runtime/cpu/Processor.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <sched.h>
#include <sys/mman.h>
#include <thread>

namespace heed {

static constexpr int maxThreads = 1024;

/// Below so many bytes, waking threads costs more than it brings.
static constexpr int64_t minParallelBytes = 1 << 16;

template <typename T> static T *pointer(int64_t address) {
  return reinterpret_cast<T *>(static_cast<intptr_t>(address));
}

/// Counts the processors that this process may use.
static int countProcessors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0)
    return std::clamp(CPU_COUNT(&set), 1, maxThreads);
  return std::clamp<int>(std::thread::hardware_concurrency(), 1, maxThreads);
}

Status CpuDevice::open(const Package &package, int threads,
                       std::unique_ptr<Device> &device) {
  if (threads < 0 || threads > maxThreads)
    return makeError(HEED_INVALID_ARGUMENT, "%d threads found, 0 to %d wanted",
                     threads, maxThreads);
  if (threads == 0)
    threads = countProcessors();
  std::unique_ptr<CpuDevice> fresh(new (std::nothrow) CpuDevice);
  if (!fresh)
    return makeError(HEED_OUT_OF_MEMORY, "no memory for a device");
  Status error = checkTarget(package.header().target);
  if (!error)
    error = fresh->loadKernels(package);
  if (error)
    return Status(error.code(), package.name() + ": " + error.message());
  if (Status error = fresh->pool_.start(threads))
    return error;
  if (Status error = fresh->allocateScratch(package))
    return error;
  device = std::move(fresh);
  return Status();
}

Status CpuDevice::loadKernels(const Package &package) {
  if (package.kernels().size() == 0)
    return Status();
  if (Status error = image_.load(package.blob(package.header().code)))
    return error;
  for (const heed_package_kernel &kernel : package.kernels()) {
    std::string_view symbol = package.string(kernel.symbol);
    const void *function = image_.function(symbol);
    if (!function)
      return makeError(HEED_BAD_PACKAGE, "code: no function '%.*s' found",
                       static_cast<int>(symbol.size()), symbol.data());
    kernels_.push_back(reinterpret_cast<heed_cpu_kernel>(
        reinterpret_cast<uintptr_t>(function)));
  }
  return Status();
}

Status CpuDevice::allocateScratch(const Package &package) {
  uint64_t most = 0;
  for (const heed_package_kernel &kernel : package.kernels())
    most = std::max(most, kernel.scratch_bytes);
  // Whole pages keep threads from sharing cache lines. The package check
  // bounds the size, hence no overflow.
  int64_t page = pageBytes();
  scratchBytes_ = (static_cast<int64_t>(most) + page - 1) / page * page;
  return scratch_.allocate(scratchBytes_ * pool_.size(), "scratch");
}

Status CpuDevice::allocate(int64_t bytes, const char *what, int64_t &address) {
  Pages pages;
  if (Status error = pages.allocate(bytes, what))
    return error;
  address = reinterpret_cast<intptr_t>(pages.leak());
  return Status();
}

void CpuDevice::release(int64_t address, int64_t bytes) {
  Pages::free(pointer<char>(address), bytes);
}

void CpuDevice::discard(int64_t address, int64_t bytes) {
  int64_t page = pageBytes();
  int64_t begin = std::min((address + page - 1) / page * page, address + bytes);
  int64_t end = std::max((address + bytes) / page * page, begin);
  std::memset(pointer<char>(address), 0, begin - address);
  if (begin < end)
    madvise(pointer<char>(begin), end - begin, MADV_DONTNEED);
  std::memset(pointer<char>(end), 0, address + bytes - end);
}

Status CpuDevice::adopt(const void *host, int64_t bytes, int64_t element,
                        int64_t &address) {
  address = reinterpret_cast<intptr_t>(host);
  if (address % element == 0)
    return Status();
  Pages copy;
  if (Status error = copy.allocate(bytes, "weight at an odd address"))
    return error;
  std::memcpy(copy.data(), host, bytes);
  address = reinterpret_cast<intptr_t>(copy.data());
  copies_.push_back(std::move(copy));
  return Status();
}

void CpuDevice::write(int64_t to, const void *host, int64_t bytes) {
  if (bytes != 0)
    std::memcpy(pointer<char>(to), host, bytes);
}

void CpuDevice::read(void *host, int64_t from, int64_t bytes) {
  if (bytes != 0)
    std::memcpy(host, pointer<char>(from), bytes);
}

void CpuDevice::copy(int64_t to, int64_t from, int64_t bytes) {
  if (bytes != 0)
    std::memmove(pointer<char>(to), pointer<char>(from), bytes);
}

void CpuDevice::fill(int64_t to, int32_t value, int64_t count) {
  std::fill_n(pointer<int32_t>(to), count, value);
}

namespace {
/// What the programs of one launch share.
struct Launch {
  heed_cpu_kernel kernel;
  const int64_t *params;
  char *scratch;
  int64_t scratchBytes;
};
} // namespace

static void runProgram(void *context, int64_t program, int thread) {
  const Launch &launch = *static_cast<const Launch *>(context);
  launch.kernel(launch.params, program,
                launch.scratch + thread * launch.scratchBytes);
}

void CpuDevice::launch(uint32_t kernel, const int64_t *params, int64_t count,
                       int64_t grid) {
  Launch launch = {kernels_[kernel], params, scratch_.data(), scratchBytes_};
  pool_.run(grid, runProgram, &launch);
}

/// Appends the rows of one sequence to one field.
static void appendField(const Append &append, const AppendField &field,
                        int64_t sequence, int32_t slot, int64_t count) {
  const int32_t *positions =
      pointer<int32_t>(append.stepPositions) + sequence * append.tokens;
  const char *row = pointer<char>(field.rows) +
                    sequence * field.heads * append.tokens * field.rowBytes;
  char *entries = pointer<char>(field.field) +
                  slot * field.heads * append.capacity * field.rowBytes;
  for (int64_t head = 0; head != field.heads; ++head) {
    int64_t n = count;
    for (int64_t token = 0; token != append.tokens; ++token) {
      if (positions[token] >= 0)
        std::memcpy(entries + cacheEntry(n++, append.sinks, append.capacity) *
                                  field.rowBytes,
                    row, field.rowBytes);
      row += field.rowBytes;
    }
    entries += append.capacity * field.rowBytes;
  }
}

static void appendSequence(void *context, int64_t sequence, int thread) {
  const Append &append = *static_cast<const Append *>(context);
  int32_t slot = pointer<int32_t>(append.slots)[sequence];
  int32_t &count = pointer<int32_t>(append.counts)[slot];
  for (int64_t i = 0; i != append.fieldCount; ++i)
    appendField(append, append.fields[i], sequence, slot, count);
  const int32_t *positions =
      pointer<int32_t>(append.stepPositions) + sequence * append.tokens;
  int32_t *entries =
      pointer<int32_t>(append.cachePositions) + slot * append.capacity;
  for (int64_t token = 0; token != append.tokens; ++token)
    if (positions[token] >= 0)
      entries[cacheEntry(count++, append.sinks, append.capacity)] =
          positions[token];
}

void CpuDevice::append(const Append &append) {
  int64_t bytes = 0;
  for (int64_t i = 0; i != append.fieldCount; ++i)
    bytes += append.fields[i].heads * append.fields[i].rowBytes;
  // Slots differ, hence sequences are independent.
  void *context = const_cast<Append *>(&append);
  if (bytes * append.batch * append.tokens >= minParallelBytes)
    return pool_.run(append.batch, appendSequence, context);
  for (int64_t sequence = 0; sequence != append.batch; ++sequence)
    appendSequence(context, sequence, 0);
}

} // namespace heed
