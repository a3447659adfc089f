//===- Shared.cpp - Shared memory that knows who touched it ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/Shared.h"

#include <algorithm>

namespace heed::ptx {

void joinClock(Clock &clock, const Clock &other) {
  for (size_t i = 0; i != clock.size(); ++i)
    clock[i] = std::max(clock[i], other[i]);
}

SharedMemory::SharedMemory(uint64_t bytes, uint32_t granule, int agents)
    : granuleBytes_(granule), agents_(agents), bytes_(bytes, 0xff),
      granules_(bytes / granule + 1), readTimes_(granules_.size() * agents) {}

bool SharedMemory::contains(uint64_t address, uint64_t bytes) const {
  return bytes <= bytes_.size() && address <= bytes_.size() - bytes;
}

/// Checks that what was written last is visible.
const char *SharedMemory::checkWritten(const Access &access,
                                       const Granule &granule) const {
  if (granule.copiesInto != 0)
    return "touches shared memory that a copy in flight writes";
  if (granule.time == 0)
    return nullptr;
  bool isOwn = granule.writer == access.agent;
  bool sameLane = isOwn && access.lane == granule.lane;
  uint32_t seen = (*access.seen)[granule.writer] - (isOwn && !sameLane);
  if (seen < granule.time)
    return isOwn ? "races with a write by another lane of the warp (no "
                   "bar.warp.sync between)"
                 : "races with a write by another warp or a bulk copy";
  bool isEngine = granule.writer == agents_ - 1;
  if (access.fenced && !isEngine &&
      (*access.fenced)[granule.writer] < granule.time)
    return "reads what a plain write left, without fence.proxy.async between";
  return nullptr;
}

const char *SharedMemory::checkReaders(const Access &access,
                                       uint64_t index) const {
  const uint32_t *times = &readTimes_[index * agents_];
  for (int agent = 0; agent != agents_; ++agent)
    if (agent != access.agent && times[agent] > (*access.seen)[agent])
      return "overwrites what another warp may still be reading";
  return nullptr;
}

const char *SharedMemory::read(const Access &access, uint64_t address,
                               uint64_t bytes) {
  uint64_t last = (address + bytes - 1) / granuleBytes_;
  for (uint64_t i = address / granuleBytes_; i <= last; ++i) {
    if (const char *fault = checkWritten(access, granules_[i]))
      return fault;
    uint32_t now = (*access.seen)[access.agent];
    uint32_t &time = readTimes_[i * agents_ + access.agent];
    time = std::max(time, now);
  }
  return nullptr;
}

const char *SharedMemory::write(const Access &access, uint64_t address,
                                uint64_t bytes, bool same) {
  uint64_t last = (address + bytes - 1) / granuleBytes_;
  for (uint64_t i = address / granuleBytes_; i <= last; ++i) {
    Granule &granule = granules_[i];
    if (granule.copiesFrom != 0)
      return "overwrites shared memory that a copy in flight reads";
    // Several threads may write the same value, as the ISA allows.
    const char *fault = checkWritten(access, granule);
    if (fault && !(same && granule.copiesInto == 0))
      return fault;
    if (fault)
      continue;
    if (const char *fault = checkReaders(access, i))
      return fault;
    granule.time = (*access.seen)[access.agent];
    granule.writer = uint8_t(access.agent);
    granule.lane = int8_t(access.lane);
  }
  return nullptr;
}

const char *SharedMemory::beginCopy(const Access &access, uint64_t address,
                                    uint64_t bytes, bool isSource) {
  if (const char *fault = isSource ? read(access, address, bytes)
                                   : write(access, address, bytes))
    return fault;
  uint64_t last = (address + bytes - 1) / granuleBytes_;
  for (uint64_t i = address / granuleBytes_; i <= last; ++i)
    ++(isSource ? granules_[i].copiesFrom : granules_[i].copiesInto);
  return nullptr;
}

void SharedMemory::endCopy(const Access &access, uint64_t address,
                           uint64_t bytes, bool isSource) {
  uint64_t last = (address + bytes - 1) / granuleBytes_;
  for (uint64_t i = address / granuleBytes_; i <= last; ++i) {
    Granule &granule = granules_[i];
    --(isSource ? granule.copiesFrom : granule.copiesInto);
    if (isSource)
      continue;
    granule.time = (*access.seen)[access.agent];
    granule.writer = uint8_t(access.agent);
    granule.lane = int8_t(access.lane);
  }
}

} // namespace heed::ptx
