//===- Hardware.cpp - The same kernels, emulated and on a GPU -------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/Hardware.h"

#include "heed/Support/HalfFloat.h"
#include "runtime/cuda/CudaContext.h"
#include "test/unit/runtime/PackageBuilder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <dlfcn.h>

namespace heed::ptx {

/// The arrays of both sides, and where the device has its own.
struct Sides {
  std::vector<std::vector<uint8_t>> emulated, found;
  std::vector<DeviceMemory> memory;
};

/// Bytes of a tensor map, aligned as the hardware wants them.
struct alignas(64) MapBytes {
  uint8_t bytes[128];
};

static int64_t addressOf(const void *data) {
  return int64_t(reinterpret_cast<uintptr_t>(data));
}

static std::vector<int64_t> wordsOf(const HardwareCase &one,
                                    const std::vector<int64_t> &arrays,
                                    const std::vector<int64_t> &maps) {
  std::vector<int64_t> words;
  for (const HardwareWord &word : one.words)
    words.push_back(word.kind == HardwareWord::Array ? arrays[word.value]
                    : word.kind == HardwareWord::Map ? maps[word.value]
                                                     : word.value);
  return words;
}

static Status emulate(const HardwareCase &one, Sides &sides) {
  Module module;
  if (Status error = module.parse(one.text))
    return error;
  Memory memory;
  std::vector<int64_t> arrays, maps;
  for (const HardwareArray &array : one.arrays)
    sides.emulated.push_back(array.bytes);
  for (std::vector<uint8_t> &bytes : sides.emulated) {
    memory.add(bytes.data(), bytes.size());
    arrays.push_back(addressOf(bytes.data()));
  }
  std::vector<MapBytes> mapBytes(one.maps.size());
  for (size_t i = 0; i != one.maps.size(); ++i) {
    TensorMap map = one.maps[i].map;
    map.base = uint64_t(arrays[one.maps[i].array]);
    encodeTensorMap(map, mapBytes[i].bytes);
    memory.add(mapBytes[i].bytes, 128, false);
    maps.push_back(addressOf(mapBytes[i].bytes));
  }
  return module.launch(
      one.kernel, one.grid, one.threads, one.sharedBytes,
      withTensorMaps(wordsOf(one, arrays, maps), one.launchMaps), memory);
}

/// Encodes a map by the driver, for bf16 elements. The context of the memory
/// must be current.
static Status encodeByDriver(const TensorMap &map, const std::string &library,
                             void *bytes) {
  using Encode =
      int (*)(void *, int, uint32_t, void *, const uint64_t *, const uint64_t *,
              const uint32_t *, const uint32_t *, int, int, int, int);
  void *handle = dlopen(library.c_str(), RTLD_NOW);
  void *symbol = handle ? dlsym(handle, "cuTensorMapEncodeTiled") : nullptr;
  if (!symbol)
    return makeError(HEED_NO_SUCH_DEVICE,
                     "no cuTensorMapEncodeTiled found in %s", library.c_str());
  constexpr int bf16 = 9; // CU_TENSOR_MAP_DATA_TYPE_BFLOAT16.
  int swizzle = map.swizzleBytes == 128  ? 3
                : map.swizzleBytes == 64 ? 2
                                         : map.swizzleBytes / 32;
  const uint32_t steps[5] = {1, 1, 1, 1, 1};
  int code = reinterpret_cast<Encode>(symbol)(
      bytes, bf16, map.rank, reinterpret_cast<void *>(map.base), map.sizes,
      map.strides + 1, map.box, steps, 0, swizzle, 0, 0);
  if (code != 0)
    return makeError(HEED_INVALID_ARGUMENT,
                     "cuTensorMapEncodeTiled failed with %d", code);
  return Status();
}

/// A package that holds nothing but the kernel.
static Status makePackage(const HardwareCase &one, Package &package) {
  heed::test::PackageBuilder builder;
  std::strcpy(builder.header.target, "sm_80");
  if (one.text.find(".target sm_90a") != std::string::npos)
    std::strcpy(builder.header.target, "sm_90a");
  builder.code = one.text + '\0';
  builder.kernel(one.kernel, one.sharedBytes, one.threads);
  for (const heed_package_map &map : one.launchMaps)
    builder.map(map.buffer, map.rows, map.columns, map.box_rows);
  builder.beginEntry("encode");
  builder.endEntry();
  std::string bytes = builder.build();
  return package.copy(bytes.data(), bytes.size(), one.name);
}

static Status allocate(const HardwareCase &one, Device &device, Sides &sides,
                       std::vector<int64_t> &arrays) {
  for (const HardwareArray &array : one.arrays) {
    sides.memory.emplace_back();
    int64_t bytes = int64_t(array.bytes.size());
    if (Status error = sides.memory.back().allocate(device, bytes, "array"))
      return error;
    arrays.push_back(sides.memory.back().address());
    device.write(arrays.back(), array.bytes.data(), bytes);
  }
  return Status();
}

/// Puts the maps of a case, over `arrays`, into memory of the device.
static Status makeMaps(const HardwareCase &one, const std::string &name,
                       const DeviceOptions &options, Device &device,
                       const std::vector<int64_t> &arrays,
                       std::vector<DeviceMemory> &maps) {
  if (one.maps.empty())
    return Status();
  int ordinal = 0;
  if (!readGpuOrdinal(name, ordinal))
    return makeError(HEED_NO_SUCH_DEVICE,
                     "device '%s' found, cuda or cuda:N wanted for tensor maps",
                     name.c_str());
  CudaContext context;
  if (Status error = context.open(options.cudaLibrary, ordinal))
    return error;
  for (const HardwareMap &each : one.maps) {
    TensorMap map = each.map;
    map.base = uint64_t(arrays[each.array]);
    MapBytes bytes;
    {
      CudaCurrent current(context);
      if (Status error = encodeByDriver(map, options.cudaLibrary, bytes.bytes))
        return error;
    }
    maps.emplace_back();
    if (Status error = maps.back().allocate(device, 128, "tensor map"))
      return error;
    device.write(maps.back().address(), bytes.bytes, 128);
    if (Status error = device.finish()) // Before the bytes are gone.
      return error;
  }
  return Status();
}

static Status runOnDevice(const HardwareCase &one, const std::string &name,
                          const DeviceOptions &options, Sides &sides) {
  Package package;
  if (Status error = makePackage(one, package))
    return error;
  std::unique_ptr<Device> device;
  if (Status error = openDevice(name, package, options, device))
    return error;
  std::vector<int64_t> arrays, maps;
  std::vector<DeviceMemory> mapMemory;
  Status error = allocate(one, *device, sides, arrays);
  if (!error)
    error = makeMaps(one, name, options, *device, arrays, mapMemory);
  if (!error) {
    for (const DeviceMemory &map : mapMemory)
      maps.push_back(map.address());
    std::vector<int64_t> words = wordsOf(one, arrays, maps);
    device->launch(0, words.data(), int64_t(words.size()), one.grid);
    for (size_t i = 0; i != arrays.size(); ++i) {
      sides.found.emplace_back(one.arrays[i].bytes.size());
      device->read(sides.found[i].data(), arrays[i],
                   int64_t(sides.found[i].size()));
    }
    error = device->finish();
  }
  sides.memory.clear();
  return error;
}

static size_t bytesOf(Element element) {
  return element == Element::Bytes ? 1
         : element == Element::F32 ? 4
         : element == Element::F64 ? 8
                                   : 2;
}

static double valueOf(const uint8_t *bytes, Element element) {
  uint16_t half;
  float single;
  double wide;
  std::memcpy(&half, bytes, 2);
  if (element == Element::F16 || element == Element::Bf16)
    return element == Element::F16 ? f16ToDouble(half) : bf16ToDouble(half);
  std::memcpy(&single, bytes, 4);
  if (element == Element::F32)
    return single;
  std::memcpy(&wide, bytes, 8);
  return wide;
}

/// The 8 bytes around `at`, what a lane of an instruction has there.
static std::string wordAt(const std::vector<uint8_t> &bytes, size_t at) {
  uint64_t word = 0;
  at -= at % 8;
  std::memcpy(&word, &bytes[at], std::min<size_t>(8, bytes.size() - at));
  return formatText("0x%016llx", (unsigned long long)word);
}

/// Describes the difference at byte `at` of array `index`.
static std::string describe(const HardwareCase &one, size_t index, size_t at,
                            const std::vector<uint8_t> &emulated,
                            const std::vector<uint8_t> &found) {
  std::string line = formatText("array %zu, word %zu:", index, at / 8);
  for (size_t i = 1; i <= one.operands; ++i)
    line += " " + wordAt(one.arrays[i].bytes, at);
  return line + (one.operands ? " give " : " is ") + wordAt(emulated, at) +
         " emulated, " + wordAt(found, at) + " on the device";
}

/// Whether two elements that are not equal bit by bit are both allowed.
static bool isAllowed(const HardwareArray &array, double a, double b) {
  if (array.element == Element::Bytes)
    return false;
  if (std::isnan(a) && std::isnan(b))
    return true;
  double bound = array.absolute + array.relative * std::fabs(a);
  // Where no error is allowed, -0 is not 0.
  bool isExact = array.absolute == 0 && array.relative == 0;
  return !isExact && std::fabs(a - b) <= bound;
}

void compareArray(const HardwareCase &one, size_t index,
                  const std::vector<uint8_t> &emulated,
                  const std::vector<uint8_t> &found, HardwareResult &result) {
  constexpr size_t mostExamples = 3;
  const HardwareArray &array = one.arrays[index];
  size_t size = bytesOf(array.element);
  for (size_t at = 0; at + size <= found.size(); at += size) {
    ++result.elements;
    if (std::memcmp(&emulated[at], &found[at], size) == 0) {
      ++result.equal;
      continue;
    }
    double a = 0, b = 0;
    if (array.element != Element::Bytes) {
      a = valueOf(&emulated[at], array.element);
      b = valueOf(&found[at], array.element);
      if (std::fabs(a - b) > result.worst)
        result.worst = std::fabs(a - b);
    }
    if (isAllowed(array, a, b))
      continue;
    ++result.different;
    // Elements of one word make one example.
    std::string example = describe(one, index, at, emulated, found);
    if (result.examples.size() != mostExamples &&
        (result.examples.empty() || result.examples.back() != example))
      result.examples.push_back(example);
  }
}

Status compareWithHardware(const HardwareCase &one, const std::string &name,
                           const DeviceOptions &options,
                           HardwareResult &result) {
  Sides sides;
  if (Status error = emulate(one, sides))
    return error;
  if (Status error = runOnDevice(one, name, options, sides))
    return error;
  for (size_t i = 0; i != one.arrays.size(); ++i)
    if (one.arrays[i].isResult)
      compareArray(one, i, sides.emulated[i], sides.found[i], result);
  return Status();
}

} // namespace heed::ptx
