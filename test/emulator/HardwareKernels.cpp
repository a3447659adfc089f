//===- HardwareKernels.cpp - Whole kernels to compare ---------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/Hardware.h"

#include "heed/Support/HalfFloat.h"

#include <cstring>
#include <fstream>
#include <random>
#include <sstream>

namespace heed::ptx {

namespace {

/// Adds arrays and words to a case.
class Builder {
public:
  Builder(const std::string &name, const std::string &text,
          const std::string &kernel, int64_t grid, uint32_t threads,
          uint32_t sharedBytes = 0) {
    case_.name = name;
    case_.text = text;
    case_.kernel = kernel;
    case_.grid = grid;
    case_.threads = threads;
    case_.sharedBytes = sharedBytes;
  }

  /// Fills elements by `f(i)`; returns the index of the array.
  template <typename T, typename F> size_t array(size_t size, F f) {
    HardwareArray out;
    out.bytes.resize(size * sizeof(T));
    for (size_t i = 0; i != size; ++i) {
      T value = f(i);
      std::memcpy(&out.bytes[i * sizeof(T)], &value, sizeof(T));
    }
    case_.arrays.push_back(std::move(out));
    return case_.arrays.size() - 1;
  }
  template <typename T> HardwareArray &result(size_t size) {
    array<T>(size, [](size_t) { return T(); });
    case_.arrays.back().isResult = true;
    return case_.arrays.back();
  }
  Builder &pass(size_t array) {
    case_.words.push_back({HardwareWord::Array, int64_t(array)});
    return *this;
  }
  Builder &number(int64_t value) {
    case_.words.push_back({HardwareWord::Number, value});
    return *this;
  }
  /// Passes a map of 64 x 64 boxes over rows of `width` bf16.
  Builder &map(size_t array, uint64_t rows, uint64_t width, uint32_t swizzle) {
    HardwareMap one = {array, {}};
    one.map.rank = 2;
    one.map.sizes[0] = width;
    one.map.sizes[1] = rows;
    one.map.strides[1] = 2 * width;
    one.map.box[0] = one.map.box[1] = 64;
    one.map.swizzleBytes = swizzle;
    case_.words.push_back({HardwareWord::Map, int64_t(case_.maps.size())});
    case_.maps.push_back(one);
    return *this;
  }
  /// Has the runtime make a map, with boxes of 16 rows, of two words.
  Builder &launchMap(uint32_t buffer, uint32_t rows, uint32_t columns) {
    case_.launchMaps.push_back({buffer, rows, columns, 16});
    return *this;
  }
  /// Passes all arrays, in order.
  Builder &passAll() {
    for (size_t i = 0; i != case_.arrays.size(); ++i)
      pass(i);
    return *this;
  }

  HardwareCase take() { return std::move(case_); }
  std::mt19937 random{17};

private:
  HardwareCase case_;
};

/// Real numbers with many bits, or small integers, as bf16.
uint16_t number(std::mt19937 &random, bool isReal) {
  float real = float(int(random() % 20001) - 10000) / 5000;
  return floatToBf16(isReal ? real : float(int(random() % 9) - 4));
}

/// Sums of 320 products of about 2: the hardware cuts bits of each sum off.
constexpr double sumError = 1e-3;

void addRing(const std::string &text, bool isReal,
             std::vector<HardwareCase> &cases) {
  const int64_t m = 41, k = 320, columns = 16;
  Builder ring(isReal ? "mma, real numbers" : "mma, integers", text, "product",
               (m + 31) / 32, 64, 6144);
  for (int64_t size : {m * k, k * columns})
    ring.array<uint16_t>(size_t(size),
                         [&](size_t) { return number(ring.random, isReal); });
  HardwareArray &out = ring.result<float>(m * columns);
  out.element = Element::F32;
  out.absolute = isReal ? sumError : 0;
  ring.passAll().number(m).number(k).number(k / 32);
  cases.push_back(ring.take());
}

void addHopper(const std::string &text, bool isReal,
               std::vector<HardwareCase> &cases) {
  const int64_t m = 100, k = 320, columns = 64;
  Builder hopper(isReal ? "wgmma, real numbers" : "wgmma, integers", text,
                 "product", (m + 63) / 64, 256, 40992);
  for (int64_t size : {m * k, k * columns})
    hopper.array<uint16_t>(
        size_t(size), [&](size_t) { return number(hopper.random, isReal); });
  HardwareArray &out = hopper.result<uint16_t>(m * columns);
  out.element = Element::Bf16;
  out.absolute = isReal ? sumError : 0;
  out.relative = isReal ? 0x1p-7 : 0; // Sums on two sides of a tie.
  hopper.map(0, m, k, 128).map(1, k, columns, 128).map(2, m, columns, 0);
  hopper.number(k / 64);
  cases.push_back(hopper.take());
}

void addMaps(const std::string &text, std::vector<HardwareCase> &cases) {
  const int64_t panels = 5, rows = 41, boxes = 3, wide = 128, narrow = 64;
  Builder maps("maps of a launch", text, "gather", panels * boxes, 128, 6152);
  for (int64_t columns : {wide, narrow})
    maps.array<uint16_t>(size_t(panels * rows * columns),
                         [&](size_t) { return uint16_t(maps.random()); });
  maps.result<uint16_t>(size_t(panels * boxes * 16 * (wide + narrow)));
  maps.pass(0).pass(1).number(rows).pass(2).number(boxes);
  maps.launchMap(0, 2, wide).launchMap(1, 2, narrow);
  cases.push_back(maps.take());
}

void addSums(const std::string &text, std::vector<HardwareCase> &cases) {
  const int64_t rows = 5, columns = 777;
  Builder sums("rowSums", text, "rowSums", rows, 128);
  sums.array<float>(rows * columns, [&](size_t) {
    return float(int(sums.random() % 20001) - 10000) / 7000;
  });
  sums.result<float>(rows).element = Element::F32;
  cases.push_back(sums.passAll().number(columns).take());
  Builder softmax("softmax", text, "softmax", rows, 32);
  softmax.array<uint16_t>(rows * columns, [&](size_t) {
    return floatToBf16(float(softmax.random() % 2000) / 200);
  });
  HardwareArray &out = softmax.result<uint16_t>(rows * columns);
  out.element = Element::Bf16;
  out.relative = 0x1p-7;
  cases.push_back(softmax.passAll().number(columns).take());
}

void addIntegers(const std::string &text, std::vector<HardwareCase> &cases) {
  Builder collatz("collatz", text, "collatz", 4, 64);
  collatz.array<int32_t>(256, [](size_t i) { return int32_t(i + 1); });
  collatz.result<int32_t>(256);
  collatz.result<int32_t>(256);
  cases.push_back(collatz.passAll().take());
  Builder histogram("histogram", text, "histogram", 4, 64);
  histogram.array<int32_t>(
      256, [&](size_t) { return int32_t(histogram.random() % 1000); });
  histogram.result<uint32_t>(64);
  histogram.array<uint32_t>(1, [](size_t) { return 0u; });
  cases.push_back(histogram.passAll().take());
  Builder ring("cp.async", text, "ring", 1, 64, 2048);
  ring.array<uint32_t>(5 * 256,
                       [&](size_t) { return uint32_t(ring.random()); });
  ring.result<uint32_t>(5 * 256);
  cases.push_back(ring.passAll().number(5).take());
}

Status readText(const std::string &path, std::string &text) {
  std::ifstream file(path);
  std::stringstream buffer;
  buffer << file.rdbuf();
  text = buffer.str();
  if (!file || text.empty())
    return makeError(HEED_INVALID_ARGUMENT, "%s: cannot be read", path.c_str());
  return Status();
}

} // namespace

Status kernelCases(const std::string &folder,
                   std::vector<HardwareCase> &cases) {
  std::string ring, snippets, hopper, maps;
  if (Status error = readText(folder + "/Ring.ptx", ring))
    return error;
  if (Status error = readText(folder + "/Snippets.ptx", snippets))
    return error;
  if (Status error = readText(folder + "/Hopper.ptx", hopper))
    return error;
  if (Status error = readText(folder + "/Maps.ptx", maps))
    return error;
  for (bool isReal : {false, true}) {
    addRing(ring, isReal, cases);
    addHopper(hopper, isReal, cases);
  }
  addMaps(maps, cases);
  addSums(snippets, cases);
  addIntegers(snippets, cases);
  return Status();
}

} // namespace heed::ptx
