//===- BitsTest.cpp - Logic, shifts and fields against single bits --------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/emulator/Harness.h"

#include <bitset>
#include <functional>

using namespace heed::ptx::test;

namespace {

using Bits = std::bitset<64>;

/// Three columns of edge values and random ones.
std::vector<Words> columns(int width, uint64_t mostB, uint64_t mostC) {
  std::mt19937_64 random(11);
  std::vector<Words> out(3);
  uint64_t mask = width == 64 ? ~uint64_t(0) : (uint64_t(1) << width) - 1;
  for (int i = 0; i != 96; ++i) {
    uint64_t edges[] = {0, 1, mask, mask >> 1, (mask >> 1) + 1, random()};
    out[0].push_back(edges[i % 6] & mask);
    out[1].push_back(mostB ? random() % (mostB + 1) : random() & mask);
    out[2].push_back(mostC ? random() % (mostC + 1) : random() & mask);
  }
  return out;
}

/// Bit `i` of a result from the bits of a and the values of b and c.
using BitOf = std::function<bool(const Bits &a, uint64_t b, uint64_t c, int i)>;

void check(const std::string &instruction, int width,
           const std::vector<std::string> &types,
           const std::vector<Words> &values, const BitOf &bitOf) {
  Words found =
      compute(instruction, "b" + std::to_string(width), types, values);
  for (size_t lane = 0; lane != values[0].size(); ++lane) {
    Bits wanted;
    for (int i = 0; i != width; ++i)
      wanted[i] = bitOf(values[0][lane], values[1][lane], values[2][lane], i);
    ASSERT_EQ(found[lane], wanted.to_ullong())
        << instruction << " " << std::hex << values[0][lane] << ", "
        << values[1][lane] << ", " << values[2][lane];
  }
}

TEST(BitsOf, Logic) {
  for (int width : {16, 32, 64}) {
    std::string type = "b" + std::to_string(width);
    std::vector<Words> values = columns(width, 0, 0);
    auto run = [&](const char *name, const BitOf &bitOf) {
      check(std::string(name) + "." + type + " %x, %a, %b;", width,
            {type, type}, values, bitOf);
    };
    run("and", [](auto &a, auto b, auto, int i) { return a[i] && Bits(b)[i]; });
    run("or", [](auto &a, auto b, auto, int i) { return a[i] || Bits(b)[i]; });
    run("xor", [](auto &a, auto b, auto, int i) { return a[i] != Bits(b)[i]; });
    check("not." + type + " %x, %a;", width, {type}, values,
          [](auto &a, auto, auto, int i) { return !a[i]; });
  }
}

TEST(BitsOf, Shifts) {
  for (int width : {16, 32, 64}) {
    std::string digits = std::to_string(width), type = "b" + digits;
    std::vector<Words> values = columns(width, uint64_t(width) + 5, 0);
    auto at = [width](const Bits &a, int64_t i, bool outside) {
      return i >= 0 && i < width ? bool(a[size_t(i)]) : outside;
    };
    check("shl." + type + " %x, %a, %b;", width, {type, "b32"}, values,
          [&](auto &a, auto b, auto, int i) {
            return at(a, i - int64_t(b), false);
          });
    check("shr.u" + digits + " %x, %a, %b;", width, {type, "b32"}, values,
          [&](auto &a, auto b, auto, int i) {
            return at(a, i + int64_t(b), false);
          });
    check("shr.s" + digits + " %x, %a, %b;", width, {type, "b32"}, values,
          [&](auto &a, auto b, auto, int i) {
            return at(a, i + int64_t(b), a[size_t(width - 1)]);
          });
  }
}

TEST(BitsOf, FunnelShifts) {
  std::vector<Words> values = columns(32, 0, 40);
  auto pair = [](const Bits &a, uint64_t b, uint64_t i) {
    return i < 32 ? bool(a[i]) : bool(Bits(b)[i - 32]);
  };
  check("shf.r.wrap.b32 %x, %a, %b, %c;", 32, {"b32", "b32", "b32"}, values,
        [&](auto &a, auto b, auto c, int i) {
          return pair(a, b, uint64_t(i) + c % 32);
        });
  check("shf.l.wrap.b32 %x, %a, %b, %c;", 32, {"b32", "b32", "b32"}, values,
        [&](auto &a, auto b, auto c, int i) {
          return pair(a, b, uint64_t(i) + 32 - c % 32);
        });
  check("shf.l.clamp.b32 %x, %a, %b, %c;", 32, {"b32", "b32", "b32"}, values,
        [&](auto &a, auto b, auto c, int i) {
          return pair(a, b, uint64_t(i) + 32 - std::min<uint64_t>(c, 32));
        });
}

TEST(BitsOf, ExtractedFields) {
  for (int width : {32, 64}) {
    std::string digits = std::to_string(width), type = "b" + digits;
    std::vector<Words> values = columns(width, 70, 70);
    auto field = [width](const Bits &a, uint64_t position, uint64_t length,
                         int i, bool sign) {
      if (uint64_t(i) < length && position + uint64_t(i) < uint64_t(width))
        return bool(a[position + uint64_t(i)]);
      uint64_t last = std::min(position + length, uint64_t(width)) - 1;
      return sign && length != 0 && a[last];
    };
    check("bfe.u" + digits + " %x, %a, %b, %c;", width, {type, "b32", "b32"},
          values, [&](auto &a, auto b, auto c, int i) {
            return field(a, b, c, i, false);
          });
    check("bfe.s" + digits + " %x, %a, %b, %c;", width, {type, "b32", "b32"},
          values, [&](auto &a, auto b, auto c, int i) {
            return field(a, b, c, i, true);
          });
  }
}

/// Position and length count modulo 256; in 64 bits hardware disagrees with the
/// ISA, so that they are refused.
TEST(BitsOf, FieldsBeyondAllBits) {
  Words one = {0x12345678}, position = {256 + 8}, length = {512 + 4};
  EXPECT_EQ(compute("bfe.u32 %x, %a, %b, %c;", "b32", {"b32", "b32", "b32"},
                    {one, position, length})[0],
            6u);
  for (const char *name : {"bfe.s64", "bfe.u64"}) {
    Words out(32), a(32, 1), b(32, 8), c(32, 4);
    std::string text = makeInstructionKernel(
        std::string(name) + " %x, %a, %b, %c;", "b64", {"b64", "b32", "b32"});
    EXPECT_FALSE(Launcher()(text, out, a, b, c));
    b[7] = 256;
    heed::Status error = Launcher()(text, out, a, b, c);
    EXPECT_NE(
        error.message().find("a field at or of 256 bits, at most 255 wanted"),
        std::string::npos)
        << error.message();
  }
}

TEST(BitsOf, InsertedFields) {
  std::vector<Words> values = columns(32, 40, 40);
  check("bfi.b32 %x, %a, -2023406815, %b, %c;", 32, {"b32", "b32", "b32"},
        values, [](auto &a, auto b, auto c, int i) {
          bool isInside = uint64_t(i) >= b && uint64_t(i) < b + c;
          return isInside ? bool(a[uint64_t(i) - b])
                          : bool(Bits(uint32_t(-2023406815))[size_t(i)]);
        });
}

TEST(BitsOf, CountsAndPositions) {
  for (int width : {32, 64}) {
    std::string digits = std::to_string(width), type = "b" + digits;
    std::vector<Words> values = columns(width, 0, 0);
    Words ones = compute("popc." + type + " %x, %a;", "b32", {type}, values);
    Words zeros = compute("clz." + type + " %x, %a;", "b32", {type}, values);
    Words first =
        compute("bfind.u" + digits + " %x, %a;", "b32", {type}, values);
    Words sign =
        compute("bfind.s" + digits + " %x, %a;", "b32", {type}, values);
    for (size_t lane = 0; lane != values[0].size(); ++lane) {
      Bits a = values[0][lane];
      int leading = 0, same = 0;
      while (leading != width && !a[size_t(width - 1 - leading)])
        ++leading;
      while (same != width &&
             a[size_t(width - 1 - same)] == a[size_t(width - 1)])
        ++same;
      EXPECT_EQ(ones[lane], a.count());
      EXPECT_EQ(zeros[lane], uint64_t(leading));
      EXPECT_EQ(first[lane], uint32_t(width - 1 - leading));
      EXPECT_EQ(sign[lane], uint32_t(width - 1 - same));
    }
    check("brev." + type + " %x, %a;", width, {type}, values,
          [width](auto &a, auto, auto, int i) {
            return bool(a[size_t(width - 1 - i)]);
          });
  }
}

TEST(BitsOf, Permutations) {
  std::vector<Words> values = columns(32, 0, 0);
  check("prmt.b32 %x, %a, %b, %c;", 32, {"b32", "b32", "b32"}, values,
        [](auto &a, auto b, auto c, int i) {
          uint64_t nibble = c >> (i / 8 * 4) & 15;
          uint64_t from = nibble % 8 * 8 + (nibble < 8 ? uint64_t(i) % 8 : 7);
          return from < 32 ? bool(a[from]) : bool(Bits(b)[from - 32]);
        });
  check("lop3.b32 %x, %a, %b, %c, 0x96;", 32, {"b32", "b32", "b32"}, values,
        [](auto &a, auto b, auto c, int i) {
          return bool(a[size_t(i)] ^ Bits(b)[size_t(i)] ^ Bits(c)[size_t(i)]);
        });
  check("lop3.b32 %x, %a, %b, %c, 0xca;", 32, {"b32", "b32", "b32"}, values,
        [](auto &a, auto b, auto c, int i) {
          return bool(a[size_t(i)] ? Bits(b)[size_t(i)] : Bits(c)[size_t(i)]);
        });
}

TEST(BitsOf, Predicates) {
  std::vector<Words> values = {{0, 0, 1, 1}, {0, 1, 0, 1}};
  auto run = [&](const char *instruction) {
    Words found = compute(instruction, "pred", {"pred", "pred"}, values);
    return std::vector<uint64_t>(found.begin(), found.begin() + 4);
  };
  EXPECT_EQ(run("and.pred %x, %a, %b;"), (Words{0, 0, 0, 1}));
  EXPECT_EQ(run("or.pred %x, %a, %b;"), (Words{0, 1, 1, 1}));
  EXPECT_EQ(run("xor.pred %x, %a, %b;"), (Words{0, 1, 1, 0}));
  EXPECT_EQ(run("not.pred %x, %a;"), (Words{1, 1, 0, 0}));
}

} // namespace
