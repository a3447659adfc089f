//===- Warp.cpp - One instruction of a warp, and its memory ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/Machine.h"

#include <cstdio>
#include <cstring>

namespace heed::ptx {

Outcome Warp::fail(const char *format, ...) {
  if (!block->fault.empty())
    return Outcome::Failed;
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  block->fault = text;
  return Outcome::Failed;
}

const Instruction &Warp::next() const {
  return block->launch.kernel.code[paths.back().pc];
}

void Warp::maybeSleep() {
  std::mt19937 &random = block->launch.random;
  if (random() % 4 == 0)
    sleep = int(random() % 60);
}

/// Returns the lanes whose predicate lets them execute.
static uint32_t guarded(const Lanes &row, bool negated, uint32_t lanes) {
  uint32_t out = 0;
  for (int lane = 0; lane != 32; ++lane)
    out |= uint32_t((row[lane] & 1) != negated) << lane;
  return out & lanes;
}

Outcome Warp::checkOperands(const Instruction &instruction, uint32_t lanes) {
  for (int row : instruction.reads) {
    if (uint32_t missing = lanes & ~defined[row])
      return fail("lane %d of warp %d reads a register that was not written",
                  __builtin_ctz(missing), index);
    if (writtenInFlight[row] != 0)
      return fail("reads an accumulator that a wgmma in flight writes");
  }
  for (int row : instruction.writes) {
    if (writtenInFlight[row] != 0)
      return fail("writes an accumulator that a wgmma in flight writes");
    if (readInFlight[row] != 0)
      return fail("writes a register that a wgmma in flight reads");
  }
  return Outcome::Next;
}

Outcome Warp::step() {
  while (paths.back().lanes == 0 || paths.back().pc == paths.back().end)
    paths.pop_back();
  const Instruction &instruction = next();
  uint32_t lanes = paths.back().lanes;
  if (int guard = instruction.guard; guard >= 0) {
    if (lanes & ~defined[guard])
      return fail("the predicate was not written");
    lanes = guarded(rows[guard], instruction.guardNegated, lanes);
  }
  if (lanes == 0 && instruction.target < 0) {
    ++paths.back().pc;
    return Outcome::Next;
  }
  if (checkOperands(instruction, lanes) == Outcome::Failed)
    return Outcome::Failed;
  Outcome outcome = instruction.execute(*this, instruction, lanes);
  if (outcome != Outcome::Next && outcome != Outcome::Jumped)
    return outcome;
  for (int row : instruction.writes) {
    defined[row] |= lanes;
    writtenAt[row] = steps;
  }
  if (outcome == Outcome::Next)
    ++paths.back().pc;
  if (++steps > block->launch.options.maxSteps)
    return fail("warp %d does not end within %llu instructions", index,
                static_cast<unsigned long long>(steps - 1));
  return outcome;
}

uint8_t *Warp::accessGlobal(uint64_t address, uint64_t bytes, bool write) {
  if (block->launch.memory.contains(address, bytes, write))
    return reinterpret_cast<uint8_t *>(address);
  bool isReadOnly = block->launch.memory.contains(address, bytes, false);
  fail("%s %llu bytes at %#llx, which lie %s", write ? "writes" : "reads",
       static_cast<unsigned long long>(bytes),
       static_cast<unsigned long long>(address),
       isReadOnly ? "in read-only memory" : "in no range");
  return nullptr;
}

uint8_t *Warp::accessShared(uint64_t address, uint32_t bytes, int lane, Use use,
                            const void *value) {
  uint64_t offset = 0;
  if (!sharedAddress(address, bytes, bytes, offset))
    return nullptr;
  SharedMemory &shared = block->shared;
  uint8_t *data = shared.data(offset);
  // Atomics do not race with each other; what they read must be visible.
  bool same = value && std::memcmp(data, value, bytes) == 0;
  const char *fault = use == Use::Write
                          ? shared.write(asAccess(lane), offset, bytes, same)
                          : shared.read(asAccess(lane), offset, bytes);
  if (!fault)
    return data;
  fail("warp %d %s at shared offset %llu", index, fault,
       static_cast<unsigned long long>(offset));
  return nullptr;
}

bool Warp::sharedAddress(uint64_t address, uint64_t bytes, uint64_t align,
                         uint64_t &out) {
  if ((address & windowMask) == sharedWindow)
    address &= ~windowMask;
  out = address - sharedBase;
  if (address < sharedBase || !block->shared.contains(out, bytes)) {
    fail("touches %llu bytes of shared memory at %#llx, outside of it",
         static_cast<unsigned long long>(bytes),
         static_cast<unsigned long long>(address));
    return false;
  }
  if (address % align == 0)
    return true;
  fail("shared address %#llx is no multiple of %llu",
       static_cast<unsigned long long>(address),
       static_cast<unsigned long long>(align));
  return false;
}

static Space spaceOf(uint64_t &address) {
  uint64_t window = address & windowMask;
  if (window == sharedWindow)
    return Space::Shared;
  if (window != localWindow && window != paramWindow)
    return Space::Global;
  address &= ~windowMask;
  return window == localWindow ? Space::Local : Space::Param;
}

uint8_t *Warp::access(Space space, uint64_t address, uint32_t bytes, int lane,
                      Use use, const void *value) {
  if (space == Space::Generic)
    space = spaceOf(address);
  if (space == Space::Shared)
    return accessShared(address, bytes, lane, use, value);
  if (address % bytes != 0) {
    fail("address %#llx is no multiple of %u",
         static_cast<unsigned long long>(address), bytes);
    return nullptr;
  }
  if (space == Space::Global || space == Space::Const)
    return accessGlobal(address, bytes, use != Use::Read);
  uint64_t size = block->launch.kernel.localBytes;
  uint8_t *base = block->local.data() + (index * 32 + lane) * size;
  if (space == Space::Param) {
    size = block->launch.params.size();
    base = block->launch.params.data();
  }
  if (bytes <= size && address <= size - bytes &&
      (space == Space::Local || use == Use::Read))
    return base + address;
  fail("touches %u bytes at %#llx of %llu bytes of %s memory", bytes,
       static_cast<unsigned long long>(address),
       static_cast<unsigned long long>(size),
       space == Space::Local ? "local" : "parameter");
  return nullptr;
}

} // namespace heed::ptx
