//===- TensorMapTest.cpp - Tensor maps among the parameters of a kernel ---===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Maps.ptx takes its maps as launches of packages give them. It is right on
/// every seed; each fault of the list is found on every seed.
///
//===----------------------------------------------------------------------===//

#include "test/unit/emulator/Faults.h"

#include <algorithm>

using namespace heed;
using namespace heed::ptx;
using namespace heed::ptx::test;

namespace {

constexpr int64_t panels = 3, boxRows = 16, wide = 128, narrow = 64;

const Fault faults[] = {
    {"a map that is not aligned", "%mapA, %params, 64;", "%mapA, %params, 96;"},
    {"a parameter that is not aligned", ".align 64 .b8 words",
     ".align 8 .b8 words"},
    {"the words as a map", "%mapA, %params, 64;", "%mapA, %params, 0;"},
    {"a map that is half of two", "%mapA, %params, 64;",
     "%mapA, %params, 128;"},
    {"a map behind the parameters", "%mapB, %params, 192;",
     "%mapB, %params, 256;"},
    {"the map of another array", "%mapB, %params, 192;", "%mapB, %params, 64;"},
    {"an address that is not generic", "cvta.param.u64 %mapB, %mapB;", ""},
    {"the name of a parameter", "[%mapB, {", "[words, {"},
    {"an offset to a map", "[%mapB, {", "[%mapB+0, {"},
    {"a fetch of what is not aligned", "[words+192]", "[words+200]"},
    {"a fetch of the words", "[words+192]", "[words]"},
    {"a fetch from another space", "prefetch.param.tensormap [words",
     "prefetch.tensormap [words"},
    {"rows and panels exchanged", "{%half, %row, %panel}",
     "{%half, %panel, %row}"},
    {"the same half twice", "mov.b32 %half, 64;", "mov.b32 %half, 0;"},
    {"a box of another rank",
     "tensor.3d.shared::cluster.global.tile."
     "mbarrier::complete_tx::bytes\n    [%base], "
     "[%mapA, {%zero, %row, %panel}]",
     "tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes\n"
     "    [%base], [%mapA, {%zero, %row}]"},
    {"a panel too far", "div.u32 %panel, %program, %boxes;",
     "div.u32 %panel, %program, %boxes;\n  add.s32 %panel, %panel, 1;"},
    {"no swizzle", "xor.b32 %u, %u, %piece;", "mov.b32 %u, %piece;"},
    {"a target that is not aligned", "[%base+2048], [", "[%base+1920], ["},
    {"too few bytes expected", "[%base+6144], 6144;", "[%base+6144], 4096;"},
    {"no wait for the data", "@!%done bra WAIT;", ""},
};

/// Rows `row` to `row + 16` of one panel, with zeros behind the last.
void append(std::vector<uint16_t> &out, const std::vector<uint16_t> &array,
            int64_t width, int64_t panel, int64_t row, int64_t rows) {
  auto begin = array.begin() + (panel * rows + row) * width;
  if (row < rows)
    out.insert(out.end(), begin, begin + width);
  else
    out.insert(out.end(), width, 0);
}

std::string run(const std::string &text, int64_t rows, uint64_t seed) {
  std::mt19937 random(5);
  std::vector<uint16_t> a = makeMatrix(panels * rows * wide, random);
  std::vector<uint16_t> b = makeMatrix(panels * rows * narrow, random);
  int64_t boxes = (rows + boxRows - 1) / boxRows;
  std::vector<uint16_t> want, out(panels * boxes * boxRows * 192, 0x7fff);
  for (int64_t panel = 0; panel != panels; ++panel)
    for (int64_t row = 0; row != boxes * boxRows; ++row) {
      append(want, a, wide, panel, row, rows);
      append(want, b, narrow, panel, row, rows);
    }
  Module module;
  if (Status error = module.parse(text))
    return error.message();
  Memory memory;
  memory.add(a.data(), a.size() * 2, false);
  memory.add(b.data(), b.size() * 2, false);
  memory.add(out.data(), out.size() * 2);
  Options options;
  options.seed = seed;
  options.maxSteps = 100000;
  std::vector<int64_t> words =
      withTensorMaps({addressOf(a), addressOf(b), rows, addressOf(out), boxes},
                     {{0, 2, wide, boxRows}, {1, 2, narrow, boxRows}});
  if (Status error = module.launch("gather", panels * boxes, 128, 6152, words,
                                   memory, options))
    return error.message();
  return out == want ? "" : "wrong result";
}

TEST(TensorMap, TheKernelIsRight) {
  for (uint64_t seed = 1; seed != 9; ++seed)
    for (int64_t rows : {1, 16, 41})
      EXPECT_EQ(run(readText(HEED_TEST_MAPS), rows, seed), "")
          << rows << " rows, seed " << seed;
}

TEST(TensorMap, EveryFaultIsFoundOnEverySeed) {
  expectFound(readText(HEED_TEST_MAPS), faults,
              [](const std::string &text, uint64_t seed) {
                return run(text, 41, seed);
              });
}

TEST(TensorMap, FaultsAreNamed) {
  auto expect = [](const char *fault, const char *part) {
    const Fault *found = std::find_if(
        std::begin(faults), std::end(faults),
        [&](const Fault &each) { return std::string(each.name) == fault; });
    ASSERT_NE(found, std::end(faults));
    std::string message = run(plant(readText(HEED_TEST_MAPS), *found), 41, 1);
    EXPECT_NE(message.find(part), std::string::npos) << message;
  };
  expect("a map that is not aligned", "is not aligned to 64 bytes");
  expect("a parameter that is not aligned",
         "lies in parameter 'words', aligned to 8 bytes, wanted 64");
  expect("a map behind the parameters",
         "no parameter has a tensor map at byte 256");
  expect("the words as a map", "no tensor map at ");
  expect("an address that is not generic", "reads 128 bytes at 0xc0");
  expect("the name of a parameter",
         "expected an address of another space than that of parameter 'words'");
  expect("an offset to a map",
         "expected the address of a tensor map without an offset");
  expect("a panel too far", "in no range");
}

/// Words alone stay as they are; an empty panel has one row.
TEST(TensorMap, WordsComeFirst) {
  std::vector<int64_t> words = {64, 0, 7, 8, 9};
  EXPECT_EQ(withTensorMaps(words, {}), words);
  std::vector<int64_t> with = withTensorMaps(words, {{0, 1, 64, 8}});
  ASSERT_EQ(with.size(), 24u);
  EXPECT_EQ(std::vector<int64_t>(with.begin(), with.begin() + 8),
            (std::vector<int64_t>{64, 0, 7, 8, 9, 0, 0, 0}));
  EXPECT_EQ(with, withTensorMaps(words, {{0, 1, 64, 8}}));
  std::vector<int64_t> other = {64, 1, 7, 8, 9};
  std::vector<int64_t> withOne = withTensorMaps(other, {{0, 1, 64, 8}});
  EXPECT_TRUE(std::equal(with.begin() + 8, with.end(), withOne.begin() + 8));
}

} // namespace
