/*===- FakeCuda.c - A CUDA driver without a GPU -----------------*- C -*-===*\
|*                                                                          *|
|* Part of the Heed project, under the Apache License v2.0 with LLVM        *|
|* Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception      *|
|*                                                                          *|
\*===----------------------------------------------------------------------===*/

/**
 * \file
 * Devices and memory of the fake driver: that of the process. An address that
 * is not inside an allocation, or a call without a context, is an error, as it
 * is with the real driver.
 */

#include "test/unit/runtime/cuda/FakeCudaCalls.h"

#include <stdlib.h>
#include <string.h>

typedef struct Block {
  struct Block *next;
  size_t bytes;
  char *data;
} Block;

EXPORT FakeCuda *fakeCuda(void) {
  static FakeCuda state;
  return &state;
}

static Block **blocks(void) {
  static Block *first;
  return &first;
}

/* What programs of ours find, which cannot set it. */
#ifndef HEED_FAKE_VERSION
#define HEED_FAKE_VERSION 12040
#endif
#ifndef HEED_FAKE_DEVICES
#define HEED_FAKE_DEVICES 1
#endif
#ifndef HEED_FAKE_MAJOR
#define HEED_FAKE_MAJOR 9
#endif

EXPORT __attribute__((constructor)) void fakeCudaReset(void) {
  FakeCuda *fake = fakeCuda();
  memset(fake, 0, sizeof(*fake));
  fake->version = HEED_FAKE_VERSION;
  fake->devices = HEED_FAKE_DEVICES;
  fake->major = HEED_FAKE_MAJOR;
  fake->sharedBytes = 227 << 10;
  fake->threads = 1024;
  fake->multiprocessors = 132;
  fake->totalBytes = (size_t)1 << 30;
}

EXPORT void fakeCudaVisit(void (*visit)(void *, void *, size_t), void *user) {
  for (Block *block = *blocks(); block; block = block->next)
    visit(user, block->data, block->bytes);
}

EXPORT void fakeCudaFail(const char *function, int call, int result) {
  strncpy(fakeCuda()->function, function, 47);
  fakeCuda()->call = call;
  fakeCuda()->result = result;
}

int fakeEnter(const char *function) {
  FakeCuda *fake = fakeCuda();
  if (strcmp(fake->function, function) != 0)
    return 0;
  return --fake->call <= 0 ? fake->result : 0;
}

int fakeContext(void) { return fakeCuda()->current ? 0 : invalidContext; }

EXPORT int cuInit(unsigned flags) {
  CALL(cuInit);
  return 0;
}
EXPORT int cuDriverGetVersion(int *version) {
  *version = fakeCuda()->version;
  return 0;
}
EXPORT int cuGetErrorString(int error, const char **text) {
  *text = error == outOfMemory ? "out of memory" : "the fake has failed";
  return error == 999 ? invalidValue : 0;
}

EXPORT int cuDeviceGetCount(int *count) {
  CALL(cuDeviceGetCount);
  *count = fakeCuda()->devices;
  return 0;
}
EXPORT int cuDeviceGet(int *device, int ordinal) {
  CALL(cuDeviceGet);
  *device = 70 + ordinal;
  return ordinal < fakeCuda()->devices ? 0 : invalidValue;
}
EXPORT int cuDeviceGetName(char *name, int size, int device) {
  CALL(cuDeviceGetName);
  strncpy(name, "Fake GPU", size);
  return device >= 70 ? 0 : invalidValue;
}
EXPORT int cuDeviceGetAttribute(int *value, int attribute, int device) {
  CALL(cuDeviceGetAttribute);
  FakeCuda *fake = fakeCuda();
  *value = attribute == 16   ? fake->multiprocessors
           : attribute == 75 ? fake->major
           : attribute == 76 ? fake->minor
           : attribute == 97 ? fake->sharedBytes
                             : -1;
  return *value < 0 || device < 70 ? invalidValue : 0;
}
EXPORT int cuDevicePrimaryCtxRetain(void **context, int device) {
  CALL(cuDevicePrimaryCtxRetain);
  ++fakeCuda()->contexts;
  *context = fakeCuda();
  return 0;
}
EXPORT int cuDevicePrimaryCtxRelease_v2(int device) {
  --fakeCuda()->contexts;
  return 0;
}
EXPORT int cuCtxPushCurrent_v2(void *context) {
  ++fakeCuda()->current;
  return context == fakeCuda() ? 0 : invalidContext;
}
EXPORT int cuCtxPopCurrent_v2(void **context) {
  --fakeCuda()->current;
  *context = fakeCuda();
  return 0;
}

EXPORT int cuMemGetInfo_v2(size_t *available, size_t *total) {
  *available = fakeCuda()->totalBytes - fakeCuda()->usedBytes;
  *total = fakeCuda()->totalBytes;
  return fakeContext();
}
EXPORT int cuMemAlloc_v2(uint64_t *address, size_t bytes) {
  CALL(cuMemAlloc_v2);
  FakeCuda *fake = fakeCuda();
  if (fakeContext() || bytes == 0)
    return invalidValue;
  if (bytes > fake->totalBytes - fake->usedBytes)
    return outOfMemory;
  Block *block = malloc(sizeof(Block));
  block->bytes = bytes;
  block->data = aligned_alloc(256, (bytes + 255) / 256 * 256);
  memset(block->data, 0x55, bytes);
  block->next = *blocks();
  *blocks() = block;
  fake->usedBytes += bytes;
  *address = (uint64_t)block->data;
  return 0;
}
EXPORT int cuMemFree_v2(uint64_t address) {
  CALL(cuMemFree_v2);
  for (Block **at = blocks(); *at; at = &(*at)->next) {
    Block *block = *at;
    if ((uint64_t)block->data != address)
      continue;
    *at = block->next;
    fakeCuda()->usedBytes -= block->bytes;
    free(block->data);
    free(block);
    return fakeContext();
  }
  return invalidValue;
}
/** Whether the range lies in one allocation; else what is wrong. */
static int checkRange(uint64_t address, size_t bytes) {
  for (Block *block = *blocks(); block; block = block->next) {
    uint64_t begin = (uint64_t)block->data;
    if (address >= begin && address - begin <= block->bytes &&
        bytes <= block->bytes - (address - begin))
      return fakeContext();
  }
  return invalidValue;
}
EXPORT int cuMemHostAlloc(void **memory, size_t bytes, unsigned flags) {
  CALL(cuMemHostAlloc);
  size_t *head = malloc(bytes + 64);
  *head = bytes;
  fakeCuda()->pinnedBytes += bytes;
  *memory = head + 8;
  return fakeContext();
}
EXPORT int cuMemFreeHost(void *memory) {
  size_t *head = (size_t *)memory - 8;
  fakeCuda()->pinnedBytes -= *head;
  free(head);
  return fakeContext();
}
EXPORT int cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t bytes,
                                void *stream) {
  CALL(cuMemcpyHtoDAsync_v2);
  int wrong = checkRange(to, bytes);
  if (!wrong)
    memcpy((void *)to, from, bytes);
  return wrong;
}
EXPORT int cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t bytes,
                                void *stream) {
  CALL(cuMemcpyDtoHAsync_v2);
  int wrong = checkRange(from, bytes);
  if (!wrong)
    memcpy(to, (void *)from, bytes);
  return wrong;
}
EXPORT int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes,
                                void *stream) {
  CALL(cuMemcpyDtoDAsync_v2);
  int wrong = checkRange(to, bytes) | checkRange(from, bytes);
  if (!wrong)
    memmove((void *)to, (void *)from, bytes);
  return wrong;
}
EXPORT int cuMemsetD8Async(uint64_t to, unsigned char value, size_t count,
                           void *stream) {
  CALL(cuMemsetD8Async);
  int wrong = checkRange(to, count);
  if (!wrong)
    memset((void *)to, value, count);
  return wrong;
}
EXPORT int cuMemsetD32Async(uint64_t to, unsigned value, size_t count,
                            void *stream) {
  CALL(cuMemsetD32Async);
  int wrong = checkRange(to, count * 4);
  for (size_t i = 0; !wrong && i != count; ++i)
    ((unsigned *)to)[i] = value;
  return wrong;
}
