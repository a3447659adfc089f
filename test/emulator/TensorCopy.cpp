//===- TensorCopy.cpp - Copies of boxes of a tensor -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// cp.async.bulk.tensor. Rows of the box lie one behind the other in shared
/// memory; a swizzle exchanges 16-byte pieces within each span of its bytes, by
/// the bits of the address. Elements outside the tensor read as 0 and are not
/// written.
///
//===----------------------------------------------------------------------===//

#include "test/emulator/BulkCopy.h"
#include "test/emulator/Lanes.h"
#include "test/emulator/Swizzle.h"

#include <algorithm>

namespace heed::ptx {

static constexpr uint64_t mapMagic = 0x70616d2d64656568;
static_assert(sizeof(TensorMap) + sizeof(mapMagic) == HEED_MAP_BYTES);
static constexpr uint64_t mapAlign = 64;

void encodeTensorMap(const TensorMap &map, void *bytes) {
  std::memcpy(bytes, &mapMagic, sizeof(mapMagic));
  std::memcpy(static_cast<uint8_t *>(bytes) + sizeof(mapMagic), &map,
              sizeof(map));
}

std::vector<int64_t> withTensorMaps(std::vector<int64_t> words,
                                    const std::vector<heed_package_map> &maps) {
  size_t at = maps.empty() ? words.size() : heed_map_offset(words.size()) / 8;
  std::vector<int64_t> out = words;
  out.resize(at + maps.size() * HEED_MAP_BYTES / 8);
  for (const heed_package_map &each : maps) {
    TensorMap map;
    map.base = uint64_t(words[each.buffer]);
    map.rank = 3;
    map.sizes[0] = each.columns;
    map.sizes[1] = std::max<uint64_t>(1, uint64_t(words[each.rows]));
    map.sizes[2] = 1 << 24; // More than any memory has.
    map.strides[1] = map.sizes[0] * map.elementBytes;
    map.strides[2] = map.sizes[1] * map.strides[1];
    map.box[0] = 64;
    map.box[1] = each.box_rows;
    map.box[2] = 1;
    map.swizzleBytes = 128;
    encodeTensorMap(map, &out[at]);
    at += HEED_MAP_BYTES / 8;
  }
  return out;
}

namespace {

/// Returns the bytes of a map among the parameters, or null after `fail`.
const uint8_t *paramMap(Warp &warp, uint64_t offset) {
  const Launch &launch = warp.block->launch;
  for (const Parameter &parameter : launch.kernel.parameters) {
    uint64_t end = parameter.begin + parameter.bytes;
    if (offset < parameter.begin || offset + HEED_MAP_BYTES > end)
      continue;
    if (parameter.align % mapAlign == 0)
      return launch.params.data() + offset;
    warp.fail("a tensor map lies in parameter '%s', aligned to %llu bytes, "
              "wanted %llu",
              parameter.name.c_str(), (unsigned long long)parameter.align,
              (unsigned long long)mapAlign);
    return nullptr;
  }
  warp.fail("no parameter has a tensor map at byte %llu",
            (unsigned long long)offset);
  return nullptr;
}

bool readMap(Warp &warp, uint64_t address, TensorMap &map) {
  const uint8_t *bytes = nullptr;
  // The alignment is that of a CUtensorMap, the space may be any.
  if (address % mapAlign != 0)
    warp.fail("the tensor map at %#llx is not aligned to %llu bytes",
              (unsigned long long)address, (unsigned long long)mapAlign);
  else if ((address & windowMask) == paramWindow)
    bytes = paramMap(warp, address & ~windowMask);
  else
    bytes = warp.accessGlobal(address, HEED_MAP_BYTES, false);
  if (bytes && std::memcmp(bytes, &mapMagic, sizeof(mapMagic)) == 0) {
    std::memcpy(&map, bytes + sizeof(mapMagic), sizeof(map));
    return true;
  }
  warp.fail("no tensor map at %#llx", (unsigned long long)address);
  return false;
}

/// prefetch.tensormap: does nothing, but wants a map. An address is generic or,
/// with `window`, one of that space.
template <uint64_t window>
Outcome prefetchMap(Warp &warp, const Instruction &instruction,
                    uint32_t lanes) {
  const Operand &from = instruction.operands[0];
  Outcome outcome = Outcome::Next;
  forEachLane(lanes, [&](int lane) {
    TensorMap map;
    uint64_t address = warp.rows[from.rows[0]][lane] + uint64_t(from.offset);
    if (!readMap(warp, address | window, map))
      outcome = Outcome::Failed;
  });
  return outcome;
}

/// One instruction of one lane: the box and where it goes.
struct BoxCopy {
  TensorMap map;
  int64_t origin[5] = {};
  uint64_t address = 0; ///< In shared memory.
  uint64_t offset = 0;  ///< The same from sharedBase on.
  uint64_t bytes = 0;
};

/// Calls `f(global, offset, bytes)` for runs of at most 16 bytes that lie
/// within the tensor; `offset` counts from the start of the box in shared
/// memory.
template <typename F> void forEachRun(const BoxCopy &copy, F f) {
  const TensorMap &map = copy.map;
  uint64_t rowBytes = uint64_t(map.box[0]) * map.elementBytes;
  uint64_t rows = copy.bytes / rowBytes;
  for (uint64_t row = 0; row != rows; ++row) {
    uint64_t rest = row, global = map.base;
    bool isInside = true;
    for (uint32_t d = 1; d < map.rank; ++d) {
      int64_t at = copy.origin[d] + int64_t(rest % map.box[d]);
      rest /= map.box[d];
      isInside &= at >= 0 && uint64_t(at) < map.sizes[d];
      global += uint64_t(at) * map.strides[d];
    }
    int64_t first = std::max<int64_t>(0, -copy.origin[0]);
    int64_t last =
        std::min<int64_t>(map.box[0], int64_t(map.sizes[0]) - copy.origin[0]);
    uint64_t end = uint64_t(std::max<int64_t>(last, 0)) * map.elementBytes;
    global += uint64_t(copy.origin[0]) * map.elementBytes;
    uint64_t at = uint64_t(first) * map.elementBytes;
    while (isInside && at < end) {
      uint64_t next = std::min(end, at / 16 * 16 + 16);
      uint64_t place = copy.address + row * rowBytes + at;
      f(global + at, swizzled(place, map.swizzleBytes) - copy.address,
        next - at);
      at = next;
    }
  }
}

bool checkBox(Warp &warp, const BoxCopy &copy, size_t coordinates) {
  const TensorMap &map = copy.map;
  uint64_t rowBytes = uint64_t(map.box[0]) * map.elementBytes;
  if (map.rank != coordinates)
    warp.fail("%zu coordinates for a tensor map of rank %u", coordinates,
              map.rank);
  else if (map.swizzleBytes && rowBytes > map.swizzleBytes)
    warp.fail("rows of %llu bytes in a swizzle of %u",
              (unsigned long long)rowBytes, map.swizzleBytes);
  else if (rowBytes % 16 != 0 || map.base % 16 != 0)
    warp.fail("rows of %llu bytes at %#llx, wanted multiples of 16",
              (unsigned long long)rowBytes, (unsigned long long)map.base);
  else
    return true;
  return false;
}

bool prepare(Warp &warp, const Operand &tensor, const Operand &shared, int lane,
             BoxCopy &copy) {
  uint64_t map = warp.rows[tensor.rows[0]][lane] + uint64_t(tensor.offset);
  if (!readMap(warp, map, copy.map) ||
      !checkBox(warp, copy, tensor.rows.size() - 1))
    return false;
  copy.bytes = copy.map.elementBytes;
  for (uint32_t d = 0; d != copy.map.rank; ++d) {
    copy.bytes *= copy.map.box[d];
    copy.origin[d] = as<int32_t>(warp.rows[tensor.rows[d + 1]][lane]);
  }
  uint64_t address = warp.rows[shared.rows[0]][lane] + uint64_t(shared.offset);
  // A swizzle repeats every eight of its spans.
  uint64_t align = std::max<uint64_t>(128, 8 * copy.map.swizzleBytes);
  bool isThere = warp.sharedAddress(address, copy.bytes, align, copy.offset);
  copy.address = copy.offset + sharedBase;
  return isThere;
}

Outcome loadTensor(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Outcome outcome = Outcome::Next;
  forEachLane(lanes, [&](int lane) {
    BoxCopy copy;
    if (outcome == Outcome::Failed ||
        !prepare(warp, instruction.operands[1], instruction.operands[0], lane,
                 copy)) {
      outcome = Outcome::Failed;
      return;
    }
    BulkLoad load;
    load.target = copy.offset;
    load.bytes = copy.bytes;
    forEachRun(copy, [&](uint64_t global, uint64_t offset, uint64_t bytes) {
      if (const uint8_t *source = warp.accessGlobal(global, bytes, false))
        load.runs.push_back({source, offset, bytes});
    });
    outcome = warp.block->fault.empty()
                  ? issueLoad(warp, lane, load, instruction.operands[2])
                  : Outcome::Failed;
  });
  return outcome;
}

Outcome storeTensor(Warp &warp, const Instruction &instruction,
                    uint32_t lanes) {
  Outcome outcome = Outcome::Next;
  forEachLane(lanes, [&](int lane) {
    BoxCopy copy;
    if (outcome == Outcome::Failed ||
        !prepare(warp, instruction.operands[0], instruction.operands[1], lane,
                 copy)) {
      outcome = Outcome::Failed;
      return;
    }
    BulkStore store;
    store.source = copy.offset;
    store.bytes = copy.bytes;
    forEachRun(copy, [&](uint64_t global, uint64_t offset, uint64_t bytes) {
      if (uint8_t *target = warp.accessGlobal(global, bytes, true))
        store.runs.push_back({target, offset, bytes});
    });
    outcome = warp.block->fault.empty() ? issueStore(warp, lane, store)
                                        : Outcome::Failed;
  });
  return outcome;
}

} // namespace

void addTensorCopyInstructions(Table &table) {
  for (int rank = 1; rank <= 5; ++rank)
    for (const char *tile : {"", ".tile"}) {
      std::string stem = "cp.async.bulk.tensor." + std::to_string(rank) + "d.";
      table.add(stem + "shared.global" + tile + ".mbarrier::complete_tx::bytes",
                {loadTensor, 0, 3, 1});
      table.add(stem + "global.shared" + tile + ".bulk_group",
                {storeTensor, 0, 2, 1});
    }
  table.add("prefetch.tensormap", {prefetchMap<0>, 0, 1});
  table.add("prefetch.param.tensormap", {prefetchMap<paramWindow>, 0, 1});
}

} // namespace heed::ptx
