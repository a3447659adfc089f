//===- PersistentTest.cpp - Kernels that hand their programs out ----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A counter in a .global variable is that of the launch before, so these are
/// tests of many launches of one module, and of a model with such a kernel.
///
//===----------------------------------------------------------------------===//

#include "heed-c/Runtime.h"
#include "test/unit/emulator/Harness.h"
#include "test/unit/models/EmulatedModel.h"
#include "test/unit/runtime/PackageBuilder.h"
#include "test/unit/runtime/cuda/EmulatedGpu.h"

#include <algorithm>

using namespace heed;
using namespace heed::ptx::test;

namespace {

/// What the kernel writes for each program.
struct Drawn {
  float number, blocks;
};

/// Checks that every program was followed by a draw of its own.
void expectAllDrawn(const std::vector<Drawn> &out, float blocks) {
  std::vector<float> numbers, wanted;
  for (const Drawn &one : out) {
    EXPECT_EQ(one.blocks, blocks);
    numbers.push_back(one.number);
    wanted.push_back(float(numbers.size()));
  }
  std::sort(numbers.begin(), numbers.end());
  EXPECT_EQ(numbers, wanted);
}

/// One module, launched again and again.
class Persistent : public testing::Test {
protected:
  void parse(const std::string &text) {
    Status error = module.parse(text);
    ASSERT_FALSE(error) << error.message();
  }

  /// Runs `programs` programs on `blocks` blocks.
  std::vector<Drawn> run(int64_t blocks, int64_t programs) {
    std::vector<Drawn> out(programs, {-1, -1});
    ptx::Memory memory;
    memory.add(out.data(), programs * sizeof(Drawn));
    ptx::Options options;
    options.seed = ++seed;
    Status error = module.launch("draw", blocks, 64, 0,
                                 {addressOf(out), programs}, memory, options);
    EXPECT_FALSE(error) << error.message();
    return out;
  }

  const std::string text = heed::test::readFile(HEED_TEST_PERSISTENT);
  ptx::Module module;
  uint64_t seed = 0;
};

TEST_F(Persistent, EveryLaunchDrawsAllPrograms) {
  parse(text);
  for (int64_t blocks : {1, 2, 3, 7})
    for (int64_t programs : {7, 8, 40, 7})
      expectAllDrawn(run(blocks, programs), float(blocks));
}

TEST_F(Persistent, VariablesLiveAsLongAsTheModule) {
  std::string other = text;
  const std::string reset = "st.global.b32 [drawn], 0;";
  ASSERT_NE(other.find(reset), std::string::npos);
  other.erase(other.find(reset), reset.size());
  parse(other);
  expectAllDrawn(run(2, 5), 2);
  std::vector<Drawn> out = run(2, 5);
  EXPECT_EQ(std::max(out[0].number, out[1].number), 7) << "goes on behind 5";
  EXPECT_EQ(out[2].number, -1) << "was not drawn";
  parse(other);
  expectAllDrawn(run(2, 5), 2);
}

TEST_F(Persistent, VariablesBeginWithTheirInitialiser) {
  const std::string declaration = ".b32 drawn;";
  for (auto [initialiser, first] :
       {std::pair(" = 0", 1), {" = {0}", 1}, {" = 3", 4}}) {
    std::string other = text;
    other.replace(other.find(declaration), declaration.size(),
                  ".b32 drawn" + std::string(initialiser) + ";");
    parse(other);
    EXPECT_EQ(run(1, 2)[0].number, first) << initialiser;
  }
}

/// A model whose logits are what the programs write, one for each row.
heed::test::PackageBuilder makeModel(const std::string &text) {
  heed::test::PackageBuilder builder;
  std::strcpy(builder.header.target, "sm_90a");
  builder.header.vocabulary = sizeof(Drawn) / sizeof(float);
  builder.code = text + '\0';
  uint32_t kernel = builder.kernel("draw", 0, 64);
  builder.kernels[kernel].persistent = 1;
  std::vector<uint32_t> words = {heed_operand(HEED_ARG_LOGITS, 0),
                                 heed_operand(HEED_ARG_SIZE, 2)};
  for (const char *entry : {"prefill", "decode"}) {
    builder.beginEntry(entry);
    builder.launch(kernel, words, {{{0, 0, 0, 1}, 1}});
    builder.endEntry();
  }
  return builder;
}

TEST_F(Persistent, ModelsLaunchABlockPerMultiprocessor) {
  constexpr int most = heed::test::EmulatedGpu::multiprocessors;
  EmulatedModel model;
  std::string bytes = makeModel(text).build();
  ASSERT_EQ(model.open(bytes.data(), bytes.size(), 1, 1000), "");
  auto step = [&](bool isDecode, int rows) {
    std::vector<int32_t> ids(isDecode ? 1 : 5, 0), wanted(rows, -1);
    std::vector<Drawn> out(rows, {-1, -1});
    heed_step step = {1,       int64_t(ids.size()), rows,    ids.data(),
                      nullptr, wanted.data(),       nullptr, &out[0].number};
    EXPECT_EQ(isDecode ? model.decode(step) : model.prefill(step), "");
    expectAllDrawn(out, float(std::min(rows, most)));
  };
  for (int rows : {1, most, most + 1, 20})
    step(false, rows);
  for (int again = 0; again != 4; ++again)
    step(true, 11);
}

} // namespace
