//===- ParserTest.cpp - What the parser refuses ---------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/emulator/Harness.h"

using namespace heed;
using namespace heed::ptx;
using namespace heed::ptx::test;

namespace {

std::string parseError(const std::string &text) {
  Module module;
  return module.parse(text).message();
}

TEST(Parser, UnknownInstructionsAreErrors) {
  auto refuse = [](const std::string &body) {
    return parseError(makeKernel(body, 1));
  };
  EXPECT_EQ(refuse("frobnicate.b32 %r0, %r1;"),
            "ptx line 14: unknown instruction 'frobnicate.b32 %r0, %r1'");
  EXPECT_EQ(refuse("\n@%q0 add.cc.s32\n  %r0, %r1, %r2;"),
            "ptx line 15: unknown instruction '@%q0 add.cc.s32 %r0, %r1, %r2'");
  EXPECT_EQ(refuse("call foo;"), "ptx line 14: unknown instruction 'call foo'");
}

TEST(Parser, OperandsMustFit) {
  auto refuse = [](const std::string &body) {
    return parseError(makeKernel(body, 1));
  };
  EXPECT_EQ(refuse("add.s32 %r0, %r1;"),
            "ptx line 14: expected 3 operands, got 2 in 'add.s32 %r0, %r1', "
            "found ';'");
  EXPECT_EQ(refuse("add.s32 %r0, %r1, %nobody;"),
            "ptx line 14: expected an operand, found '%nobody'");
  EXPECT_EQ(refuse("add.f32 %f0, %f1, 1;"),
            "ptx line 14: expected an operand of type f32, found '1'");
  EXPECT_EQ(refuse("bra NOWHERE;"), "ptx line 14: no label for 'bra NOWHERE'");
  EXPECT_EQ(refuse("{ bra IN; } { IN: ret; }"),
            "ptx line 14: no label for 'bra IN'");
  EXPECT_EQ(refuse("ld.global.u32 %r0, [%p0;"),
            "ptx line 14: expected ']', found ';'");
  EXPECT_EQ(refuse(".reg .b128 %wide;"),
            "ptx line 14: expected registers of at most 64 bits, got '.b128', "
            "found '%wide'");
}

TEST(Parser, TextThatEndsEarly) {
  std::string text = makeKernel("add.s32 %r0, %r1, 5;", 1);
  Module module;
  // Cut anywhere before the last brace, it is an error and no crash.
  for (size_t size = text.find(".visible") + 1; size < text.rfind('}'); ++size)
    EXPECT_NE(parseError(text.substr(0, size)), "") << size;
}

TEST(Parser, SkipsWhatSaysNothing) {
  Module module;
  Status error = module.parse(R"(
.version 8.5 // a comment
.target sm_80, debug
.address_size 64
/* another
   one */
.extern .func (.param .b32 r) vprintf (.param .b64 a, .param .b64 b);
.func helper(.param .b64 a) { ret; }
.visible .entry one() .maxntid 64, 1, 1 .minnctapersm 2
{
  .loc 1 2 3
  .pragma "nounroll";
  ret;
}
.entry two(.param .u32 a, .param .u64 b) { ret; }
.section .debug_abbrev { .b8 1 .b8 2 }
)");
  ASSERT_FALSE(error) << error.message();
  EXPECT_EQ(module.kernels(), (std::vector<std::string>{"one", "two"}));
}

TEST(Parser, LaunchesMustFitTheKernel) {
  Module module;
  ASSERT_FALSE(module.parse(".entry k(.param .u64 a) .reqntid 64, 1, 1 { ret; }"
                            ".entry m(.param .u32 a, .param .u64 b) { ret; }"
                            ".entry n(.param .u64 a, .param .u32 b) { ret; }"));
  Memory memory;
  auto launch = [&](const char *name, uint32_t threads, uint32_t shared,
                    size_t words) {
    return module
        .launch(name, 1, threads, shared, std::vector<int64_t>(words), memory)
        .message();
  };
  EXPECT_EQ(launch("k", 64, 0, 1), "");
  EXPECT_EQ(launch("m", 32, 0, 2), "");
  EXPECT_EQ(launch("x", 64, 0, 1), "no kernel 'x' in the module");
  EXPECT_EQ(launch("k", 32, 0, 1),
            "k: launched with 32 threads, its bounds are 64 (required) and "
            "1024 (most), in warps of 32");
  EXPECT_EQ(launch("m", 33, 0, 2),
            "m: launched with 33 threads, its bounds are 0 (required) and 1024 "
            "(most), in warps of 32");
  EXPECT_EQ(launch("k", 64, 0, 2),
            "k: launched with 2 words, its parameters take 8 bytes");
  EXPECT_EQ(launch("n", 32, 0, 2),
            "n: launched with 2 words, its parameters take 12 bytes");
  EXPECT_EQ(launch("k", 64, 300000, 1),
            "k: 0 static and 300000 dynamic bytes of shared memory, a block "
            "has 232448 at most");
}

} // namespace
