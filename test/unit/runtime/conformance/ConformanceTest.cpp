//===- ConformanceTest.cpp - What every device must do --------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The promises of runtime/Device.h, tested on each device that is there.
///
//===----------------------------------------------------------------------===//

#include "test/unit/runtime/conformance/Devices.h"

#include "runtime/Model.h"
#include "runtime/cache/Cache.h"

#include <random>

using namespace heed;
using namespace heed::test;

namespace {

class Conformance : public testing::TestWithParam<DeviceUnderTest> {
protected:
  void SetUp() override {
    PackageBuilder builder = tinyBuilder();
    record = builder.kernel("record", 0);
    relocated = builder.kernel("relocated", 0);
    builder = GetParam().convert(builder);
    builder.kernels[record].scratch_bytes = GetParam().scratchBytes;
    bytes = builder.build();
    Status error = package.copy(bytes.data(), bytes.size(), "p");
    ASSERT_FALSE(error) << error.message();
    error = openDevice(GetParam().name, package, GetParam().options, device);
    ASSERT_FALSE(error) << error.message();
  }

  DeviceMemory make(int64_t size) {
    DeviceMemory memory;
    Status error = memory.allocate(*device, size, "test");
    EXPECT_FALSE(error) << error.message();
    return memory;
  }
  template <typename T> std::vector<T> read(int64_t from, int64_t count) {
    std::vector<T> values(count);
    device->read(values.data(), from, count * sizeof(T));
    EXPECT_FALSE(device->finish());
    return values;
  }
  template <typename T> DeviceMemory put(const std::vector<T> &values) {
    DeviceMemory memory = make(values.size() * sizeof(T));
    device->write(memory.address(), values.data(), values.size() * sizeof(T));
    return memory;
  }

  std::string bytes;
  Package package;
  std::unique_ptr<Device> device;
  uint32_t record = 0, relocated = 0;
};

TEST_P(Conformance, MemoryIsZeroAlignedAndMoves) {
  for (int64_t size : {4, 100, 4096, 100000}) {
    DeviceMemory memory = make(size);
    EXPECT_EQ(memory.address() % 64, 0);
    EXPECT_EQ(read<char>(memory.address(), size), std::vector<char>(size, 0));
  }
  DeviceMemory from = put<int32_t>({1, 2, 3, 4, 5, 6});
  DeviceMemory to = make(24);
  device->copy(to.address() + 4, from.address() + 8, 12);
  device->fill(to.address() + 20, -1, 1);
  EXPECT_EQ(read<int32_t>(to.address(), 6),
            (std::vector<int32_t>{0, 3, 4, 5, 0, -1}));
  device->copy(to.address(), from.address(), 0);
}

TEST_P(Conformance, TooMuchMemoryIsRefused) {
  DeviceMemory memory = put<int32_t>({7});
  for (int64_t size : {int64_t(1) << 62, INT64_MAX, int64_t(-1)}) {
    Status error = memory.allocate(*device, size, "test");
    EXPECT_EQ(error.code(), HEED_OUT_OF_MEMORY);
    EXPECT_EQ(error.message().rfind("test: ", 0), 0u) << error.message();
  }
  EXPECT_EQ(read<int32_t>(memory.address(), 1)[0], 7);
}

TEST_P(Conformance, DiscardLeavesZerosAndNeighbours) {
  const int64_t size = 50000;
  for (int64_t begin : {0, 1000, 4096, 5000})
    for (int64_t count : {0, 10, 4096, 20000, 45000}) {
      DeviceMemory memory = put(std::vector<char>(size, 9));
      device->discard(memory.address() + begin, count);
      std::vector<char> expected(size, 9);
      std::fill_n(expected.begin() + begin, count, 0);
      EXPECT_EQ(read<char>(memory.address(), size), expected)
          << begin << ", " << count;
    }
}

TEST_P(Conformance, AdoptedMemoryHasTheBytes) {
  std::vector<double> host(10, 1.5);
  for (int64_t shift : {0, 1, 8}) {
    int64_t address = 0;
    const char *data = reinterpret_cast<const char *>(host.data()) + shift;
    ASSERT_FALSE(device->adopt(data, 64, 8, address));
    EXPECT_EQ(address % 8, 0);
    EXPECT_EQ(read<char>(address, 64), std::vector<char>(data, data + 64));
  }
}

TEST_P(Conformance, EveryProgramRunsOnceWithItsOwnScratch) {
  const int64_t words = 500;
  const int64_t large = GetParam().large / 10;
  for (int64_t grid : {int64_t(0), int64_t(1), int64_t(2), int64_t(7), large}) {
    DeviceMemory output = make((grid + 1) * words * 8);
    std::vector<int64_t> params = {output.address(), words};
    for (int64_t i = 0; i != words; ++i)
      params.push_back(i * i - 3);
    device->launch(record, params.data(), params.size(), grid);
    std::vector<int64_t> found =
        read<int64_t>(output.address(), (grid + 1) * words);
    for (int64_t i = 0; i != (grid + 1) * words; ++i)
      ASSERT_EQ(found[i], i < grid * words ? params[2 + i % words] : 0)
          << "grid " << grid << ", word " << i;
  }
}

TEST_P(Conformance, KernelsMayHaveData) {
  DeviceMemory output = make(32);
  std::vector<int64_t> params = {output.address()};
  device->launch(relocated, params.data(), 1, 4);
  EXPECT_EQ(read<int64_t>(output.address(), 4),
            (std::vector<int64_t>{42, 43, 45, 47}));
}

/// Appends to two fields, of the same numbers in 4 and in 2 bytes, and keeps a
/// list of what each slot has taken.
class Appender {
public:
  static constexpr int64_t slots = 4, heads = 11, width = 5;

  Appender(Device &device, int64_t capacity, int64_t sinks)
      : capacity(capacity), sinks(sinks), device_(device) {
    EXPECT_FALSE(field.allocate(device, fieldSize() * 4, "field"));
    EXPECT_FALSE(halves.allocate(device, fieldSize() * 2, "halves"));
    EXPECT_FALSE(positions.allocate(device, slots * capacity * 4, "positions"));
    EXPECT_FALSE(counts.allocate(device, slots * 4, "counts"));
    device.fill(positions.address(), -1, slots * capacity);
  }

  int64_t fieldSize() const { return slots * heads * capacity * width; }

  /// What element `w` of head `h` holds for a token at `position`.
  static int32_t value(int32_t position, int64_t h, int64_t w) {
    return int32_t(position * 1000 + h * 10 + w);
  }

  /// Appends `tokens` tokens, a quarter of them padding, to some slots.
  void append(std::mt19937 &random, int64_t tokens) {
    std::vector<int32_t> order = {0, 1, 2, 3}, stepPositions;
    std::shuffle(order.begin(), order.end(), random);
    order.resize(1 + random() % slots);
    std::vector<int32_t> rows(order.size() * heads * tokens * width);
    for (size_t b = 0; b != order.size(); ++b)
      for (int64_t n = 0; n != tokens; ++n) {
        std::vector<int32_t> &list = taken[order[b]];
        int32_t next = list.empty() ? 0 : list.back() + 1;
        bool padding = random() % 4 == 0;
        stepPositions.push_back(padding ? -1 : next);
        for (int64_t h = 0; h != heads; ++h)
          for (int64_t w = 0; w != width; ++w)
            rows[((b * heads + h) * tokens + n) * width + w] =
                value(stepPositions.back(), h, w);
        if (!padding)
          list.push_back(next);
      }
    run(rows, order, stepPositions, tokens);
  }

  const int64_t capacity, sinks;
  DeviceMemory field, halves, positions, counts;
  std::vector<int32_t> taken[slots];

private:
  template <typename T> DeviceMemory put(const std::vector<T> &values) {
    DeviceMemory memory;
    EXPECT_FALSE(memory.allocate(device_, values.size() * sizeof(T), "put"));
    device_.write(memory.address(), values.data(), values.size() * sizeof(T));
    return memory;
  }
  void run(const std::vector<int32_t> &rows, const std::vector<int32_t> &order,
           const std::vector<int32_t> &stepPositions, int64_t tokens) {
    DeviceMemory rowMemory = put(rows), slotMemory = put(order),
                 positionMemory = put(stepPositions),
                 halfMemory =
                     put(std::vector<int16_t>(rows.begin(), rows.end()));
    AppendField fields[] = {
        {rowMemory.address(), field.address(), heads, width * 4},
        {halfMemory.address(), halves.address(), heads, width * 2}};
    int64_t batch = order.size();
    device_.append({fields, 2, batch, tokens, positionMemory.address(),
                    slotMemory.address(), positions.address(), counts.address(),
                    capacity, sinks});
    EXPECT_FALSE(device_.finish());
  }

  Device &device_;
};

/// Compares with a list of tokens per slot from which the last are kept.
TEST_P(Conformance, AppendKeepsSinksAndTheLastTokens) {
  std::mt19937 random(1);
  constexpr int64_t heads = Appender::heads, width = Appender::width;
  for (int round = 0; round != GetParam().rounds; ++round) {
    int64_t capacity = 1 + random() % 9, sinks = random() % capacity;
    Appender appender(*device, capacity, sinks);
    for (int step = 0; step != 4; ++step)
      appender.append(random, 1 + random() % 12);
    appender.append(random, GetParam().large);
    std::vector<int32_t> values =
        read<int32_t>(appender.field.address(), appender.fieldSize());
    std::vector<int16_t> halves =
        read<int16_t>(appender.halves.address(), appender.fieldSize());
    for (int64_t slot = 0; slot != Appender::slots; ++slot) {
      std::vector<int32_t> kept = appender.taken[slot];
      EXPECT_EQ(read<int32_t>(appender.counts.address() + slot * 4, 1)[0],
                int32_t(kept.size()));
      if (int64_t(kept.size()) > capacity)
        kept.erase(kept.begin() + sinks, kept.end() - (capacity - sinks));
      std::vector<int32_t> entries = read<int32_t>(
          appender.positions.address() + slot * capacity * 4, capacity);
      for (int64_t e = 0; e != capacity; ++e)
        for (int64_t i = 0; entries[e] >= 0 && i != heads * width; ++i) {
          int64_t at =
              ((slot * heads + i / width) * capacity + e) * width + i % width;
          int32_t value = Appender::value(entries[e], i / width, i % width);
          ASSERT_EQ(values[at], value);
          ASSERT_EQ(halves[at], int16_t(value));
        }
      for (int64_t e = 0; e != std::min<int64_t>(sinks, kept.size()); ++e)
        EXPECT_EQ(entries[e], kept[e]);
      kept.resize(capacity, -1);
      std::sort(kept.begin(), kept.end());
      std::sort(entries.begin(), entries.end());
      EXPECT_EQ(entries, kept);
    }
  }
}

TEST_P(Conformance, AWholeModel) {
  std::unique_ptr<Model> model;
  std::unique_ptr<Cache> cache;
  Package own;
  ASSERT_FALSE(own.copy(bytes.data(), bytes.size(), "p"));
  Status error = Model::open(std::move(own), "", GetParam().name,
                             GetParam().options, model);
  ASSERT_FALSE(error) << error.message();
  ASSERT_FALSE(Cache::create(*model, 1, 20, cache));
  std::vector<int32_t> ids = someIds(20);
  std::vector<float> logits(V);
  heed_step step = {1,       11,      1,       ids.data(),
                    nullptr, nullptr, nullptr, logits.data()};
  error = cache->step(Phase::Prefill, step);
  ASSERT_FALSE(error) << error.message();
  EXPECT_EQ(logits, expectLogits(ids, 10, {}));
  for (int64_t n = 11; n != 20; ++n) {
    step.tokens = 1;
    step.ids = &ids[n];
    error = cache->step(Phase::Decode, step);
    ASSERT_FALSE(error) << error.message();
    EXPECT_EQ(logits, expectLogits(ids, n, {}));
  }
}

/// Looked for once.
const std::vector<DeviceUnderTest> &devices() {
  static const std::vector<DeviceUnderTest> devices = findDevices();
  return devices;
}

INSTANTIATE_TEST_SUITE_P(Devices, Conformance, testing::ValuesIn(devices()),
                         [](const auto &info) { return info.param.label; });

} // namespace
