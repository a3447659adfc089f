//===- EntryCheckTest.cpp - Tests of runtime/EntryCheck -------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/PackageCheck.h"

#include "test/unit/runtime/TinyModel.h"

#include <gtest/gtest.h>

#include <functional>

using namespace heed;
using namespace heed::test;

namespace {

/// Commands of the entry `prefill` of TinyModel: embed, clear, attend, append,
/// attend, append, head, return.
std::string check(const std::function<void(PackageBuilder &)> &change,
                  const TinyOptions &options = {}) {
  PackageBuilder builder = tinyBuilder(options);
  change(builder);
  std::string bytes = builder.build();
  Status error = checkPackage(bytes.data(), bytes.size(), "p");
  EXPECT_EQ(error.code(), error ? HEED_BAD_PACKAGE : HEED_OK);
  return error.message();
}

/// Sets operand `i` of command `command`.
void setOperand(PackageBuilder &b, int command, int i, uint32_t kind,
                uint32_t index) {
  // Not by heed_operand: the kind may be wrong.
  b.operands[b.commands[command].b + i] = kind << 24 | index;
}

TEST(EntryCheckTest, Entries) {
  EXPECT_EQ(check([](auto &b) { b.entries.clear(); }),
            "p: 0 entries found, 1 to 16 wanted");
  EXPECT_EQ(check([](auto &b) { b.entries.resize(17, b.entries[0]); }),
            "p: 17 entries found, 1 to 16 wanted");
  EXPECT_EQ(check([](auto &b) { b.entries[1].name = b.entries[0].name; }),
            "p: entry 1: has the name of entry 0");
  EXPECT_EQ(check([](auto &b) { b.entries[0].first_command = UINT32_MAX; }),
            "p: entry 0: 8 commands at 4294967295 found, there are 16");
  EXPECT_EQ(check([](auto &b) { b.entries[0].command_count = 0; }),
            "p: entry 0: 0 commands at 0 found, there are 16");
  EXPECT_EQ(check([](auto &b) { b.entries[1].buffer_count = 4; }),
            "p: entry 1: 4 buffers at 3 found, there are 6");
}

TEST(EntryCheckTest, Buffers) {
  EXPECT_EQ(check([](auto &b) { b.buffers[1].elements.br = -1; }),
            "p: entry 0: buffer 1: negative size found");
  EXPECT_EQ(check([](auto &b) { b.buffers[4].dtype = 8; }),
            "p: entry 1: buffer 1: dtype 8, reserved 0 found, 0 to 4, 0 "
            "wanted");
  EXPECT_EQ(check([](auto &b) { b.buffers[0].last_command = 8; }),
            "p: entry 0: buffer 0: lives from command 0 to 8, the entry has "
            "8");
  EXPECT_EQ(check([](auto &b) { b.buffers[2].first_command = 7; }),
            "p: entry 0: buffer 2: lives from command 7 to 6, the entry has "
            "8");
  EXPECT_EQ(check([](auto &b) { b.buffers[2].first_command = 2; }),
            "p: entry 0: command 1: operand 0: buffer 2 found, which lives "
            "from command 2 to 6");
}

TEST(EntryCheckTest, Commands) {
  EXPECT_EQ(check([](auto &b) { b.commands[0].opcode = 4; }),
            "p: entry 0: command 0: opcode 4 found, 0 to 3 wanted");
  EXPECT_EQ(check([](auto &b) { b.commands[0].opcode = HEED_OP_RETURN; }),
            "p: entry 0: command 0: opcode 2 found, a return is wanted at the "
            "end, only there");
  EXPECT_EQ(check([](auto &b) { b.commands[15].opcode = HEED_OP_LAUNCH; }),
            "p: entry 1: command 7: opcode 0 found, a return is wanted at the "
            "end, only there");
  EXPECT_EQ(check([](auto &b) { b.commands[2].a = 4; }),
            "p: entry 0: command 2: kernel 4 found, there are 4");
  EXPECT_NE(check([](auto &b) {
              b.commands[2].b = UINT32_MAX;
            }).find("command 2: 15 operands at 4294967295 found, at most"),
            std::string::npos);
  EXPECT_NE(check([](auto &b) { b.commands[2].c = 1025; }).find("at most 1024"),
            std::string::npos);
  EXPECT_NE(check([](auto &b) {
              b.commands[2].label = UINT64_MAX;
            }).find("entry 0: command 2: label of a command: text of 0"),
            std::string::npos);
  EXPECT_EQ(check([](auto &b) { b.commands[2].grid_terms = 4; }),
            "p: entry 0: command 2: 4 grid terms found, 0 to 3 wanted");
  EXPECT_EQ(check([](auto &b) { b.commands[2].grid[1].divisor = 0; }),
            "p: entry 0: command 2: grid term 1: divisor 0 found, at least 1 "
            "wanted");
  EXPECT_EQ(check([](auto &b) { b.commands[2].grid[0].value.b = -2; }),
            "p: entry 0: command 2: grid term 0: negative size found");
}

TEST(EntryCheckTest, Operands) {
  struct Case {
    uint32_t kind, index;
    const char *message;
  };
  for (const Case &c :
       {Case{HEED_ARG_BUFFER, 3, "buffer 3 found, the entry has 3"},
        Case{HEED_ARG_WEIGHT, 1, "index 1 of kind 1 found, there are 1"},
        Case{HEED_ARG_IDS, 1, "index 1 of kind 2 found, there are 1"},
        Case{HEED_ARG_POSITIONS, 1, "index 1 of kind 3 found, there are 1"},
        Case{HEED_ARG_ROWS, 1, "index 1 of kind 4 found, there are 1"},
        Case{HEED_ARG_SLOTS, 1, "index 1 of kind 5 found, there are 1"},
        Case{HEED_ARG_LOGITS, 1, "index 1 of kind 6 found, there are 1"},
        Case{HEED_ARG_FIELD, 4, "index 4 of kind 7 found, there are 4"},
        Case{HEED_ARG_CACHE_POSITIONS, 2,
             "index 2 of kind 8 found, there are 2"},
        Case{HEED_ARG_CACHE_COUNTS, 2, "index 2 of kind 9 found, there are 2"},
        Case{HEED_ARG_CACHE_CAPACITY, 0xffffff,
             "index 16777215 of kind 10 found, there are 2"},
        Case{HEED_ARG_SIZE, 3, "index 3 of kind 11 found, there are 3"},
        Case{HEED_ARG_CONSTANT, 500, "index 500 of kind 12 found, there are "},
        Case{HEED_ARG_PARTS, 1, "index 1 of kind 13 found, there are 1"},
        Case{HEED_ARG_WORKSPACE, 3, "buffer 3 found, the entry has 3"},
        Case{HEED_ARG_WORKSPACE, 0,
             "workspace 0 of 0 elements found, a multiple of 1024 wanted"},
        Case{15, 0, "kind 15 found, 0 to 14 wanted"},
        Case{255, 0, "kind 255 found, 0 to 14 wanted"}})
    EXPECT_EQ(check([&](auto &b) { setOperand(b, 0, 0, c.kind, c.index); })
                  .rfind(std::string("p: entry 0: command 0: operand 0: ") +
                             c.message,
                         0),
              0u)
        << c.message;
}

/// The last launch of each entry, with the operands {out, rows, logits, n, r,
/// V, h, w}, is of a kernel with maps.
std::string checkMaps(const std::function<void(PackageBuilder &)> &change) {
  return check([&](PackageBuilder &b) {
    b = withMaps(std::move(b));
    change(b);
  });
}

TEST(EntryCheckTest, TensorMaps) {
  EXPECT_EQ(checkMaps([](auto &) {}), "");
  EXPECT_EQ(checkMaps([](auto &b) { b.maps[1].buffer = 8; }),
            "p: entry 0: command 6: tensor map 1: word 8 found, the launch has "
            "8");
  EXPECT_EQ(checkMaps([](auto &b) { b.maps[0].rows = UINT32_MAX; }),
            "p: entry 0: command 6: tensor map 0: word 4294967295 found, the "
            "launch has 8");
  EXPECT_EQ(checkMaps([](auto &b) { b.commands[14].c = 6; }),
            "p: entry 1: command 6: tensor map 1: word 6 found, the launch has "
            "6");
  for (uint32_t word : {1, 2, 3, 4, 5})
    EXPECT_EQ(checkMaps([&](auto &b) { b.maps[0].buffer = word; })
                  .rfind("p: entry 0: command 6: tensor map 0: word " +
                             std::to_string(word) + " of kind ",
                         0),
              0u);
  EXPECT_EQ(checkMaps([](auto &b) { b.maps[0].buffer = 3; }),
            "p: entry 0: command 6: tensor map 0: word 3 of kind 11 found, an "
            "address of bf16 wanted");
  EXPECT_EQ(checkMaps([](auto &b) { b.buffers[2].dtype = HEED_F16; }),
            "p: entry 0: command 6: tensor map 0: word 0 of kind 0 found, an "
            "address of bf16 wanted");
  for (uint32_t word : {0, 1, 2})
    EXPECT_EQ(checkMaps([&](auto &b) { b.maps[1].rows = word; }).substr(0, 45),
              "p: entry 0: command 6: tensor map 1: word " +
                  std::to_string(word) + " o");
  EXPECT_EQ(checkMaps([](auto &b) { b.maps[1].rows = 0; }),
            "p: entry 0: command 6: tensor map 1: word 0 of kind 0 found, a "
            "number of rows wanted");
}

TEST(EntryCheckTest, WhatTensorMapsAreOf) {
  auto with = [](uint32_t kind, uint32_t dtype) {
    return checkMaps([&](auto &b) {
      b.weights[0].dtype = dtype;
      for (heed_package_field &field : b.fields)
        field.dtype = dtype;
      for (int buffer : {0, 1, 3, 4}) // The rows that are appended.
        b.buffers[buffer].dtype = dtype;
      setOperand(b, 6, 0, kind, 0);
    });
  };
  for (uint32_t kind : {HEED_ARG_WEIGHT, HEED_ARG_FIELD, HEED_ARG_BUFFER}) {
    EXPECT_EQ(with(kind, HEED_BF16), "");
    EXPECT_EQ(with(kind, HEED_F32), "p: entry 0: command 6: tensor map 0: word "
                                    "0 of kind " +
                                        std::to_string(kind) +
                                        " found, an address of bf16 wanted");
  }
}

TEST(EntryCheckTest, RowsOfPanels) {
  auto with = [](int64_t rows) {
    return checkMaps([&](auto &b) {
      b.constants[b.operands[b.commands[6].b + 6] & 0xffffff] = rows;
    });
  };
  for (int64_t rows : {int64_t(0), int64_t(INT32_MAX)})
    EXPECT_EQ(with(rows), "");
  for (int64_t rows : {int64_t(-1), int64_t(1) << 31, INT64_MIN})
    EXPECT_EQ(with(rows), "p: entry 0: command 6: tensor map 1: panels of " +
                              std::to_string(rows) +
                              " rows found, 0 to 2147483647 wanted");
}

TEST(EntryCheckTest, ParametersOfAKernelWithMaps) {
  auto withCount = [](int maps) {
    return checkMaps([&](auto &b) {
      for (int i = 2; i != maps; ++i)
        b.map(0, 3, 64, 8);
    });
  };
  EXPECT_EQ(withCount(31), "");
  EXPECT_EQ(withCount(32), "p: entry 0: command 6: 8 operands and 32 tensor "
                           "maps found, 4160 bytes, at most 4096 wanted");
}

TEST(EntryCheckTest, Appends) {
  EXPECT_EQ(check([](auto &b) { b.commands[3].a = 2; }),
            "p: entry 0: command 3: cache 2 found, there are 2");
  EXPECT_EQ(check([](auto &b) { b.commands[5].a = 0; }),
            "p: entry 0: command 5: cache 0 is appended for the second time");
  EXPECT_NE(check([](auto &b) {
              b.commands[3].c = 1;
            }).find("p: entry 0: command 3: 1 operands at "),
            std::string::npos);
  EXPECT_EQ(check([](auto &b) { setOperand(b, 3, 1, HEED_ARG_WEIGHT, 0); }),
            "p: entry 0: command 3: operand 1: kind 1 found, a buffer wanted");
  EXPECT_EQ(check([](auto &b) { b.buffers[0].elements = {0, 0, 7, 0}; }),
            "p: entry 0: command 3: operand 0: rows of 7, dtype 0 found, 8, "
            "dtype 0 wanted");
  EXPECT_EQ(check([](auto &b) { b.fields[1].dtype = HEED_BF16; }),
            "p: entry 0: command 3: operand 1: rows of 8, dtype 0 found, 8, "
            "dtype 1 wanted");
}

/// What is released at the first decode, decode must not touch.
TEST(EntryCheckTest, DecodeOfAReleasedCache) {
  for (uint32_t kind : {HEED_ARG_FIELD, HEED_ARG_CACHE_POSITIONS,
                        HEED_ARG_CACHE_COUNTS, HEED_ARG_CACHE_CAPACITY})
    EXPECT_EQ(check(
                  [&](auto &b) {
                    uint32_t index = kind == HEED_ARG_FIELD ? 5 : 2;
                    setOperand(b, b.entries[1].first_command, 0, kind, index);
                  },
                  {5, 2, true, 0}),
              "p: entry 1: command 0: operand 0: cache 2 found, which is kept "
              "only until decode");
  EXPECT_EQ(
      check([](auto &b) { b.commands[b.entries[1].first_command + 3].a = 2; },
            {5, 2, true, 0}),
      "p: entry 1: command 3: cache 2 found, which is kept only until "
      "decode");
}

} // namespace
