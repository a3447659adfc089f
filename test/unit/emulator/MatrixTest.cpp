//===- MatrixTest.cpp - Fragments: ldmatrix, stmatrix and mma -------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/emulator/Harness.h"

#include "heed/Support/HalfFloat.h"

#include <cmath>

using namespace heed;
using namespace heed::ptx;
using namespace heed::ptx::test;

namespace {

/// Element (row, column) of matrix `m` is 1000 m + 10 row + column.
constexpr const char *fill = R"(
mov.u32 %r9, area;
mad.lo.u32 %r9, %id, 16, %r9;
mul.wide.u32 %d0, %id, 16;
add.s64 %d1, %d0, %p1;
ld.global.v4.b32 {%r0, %r1, %r2, %r3}, [%d1];
st.shared.v4.b32 [%r9], {%r0, %r1, %r2, %r3};
bar.warp.sync -1;
)";
constexpr const char *store = R"(
add.s64 %d1, %d0, %p0;
st.global.v4.b32 [%d1], {%r4, %r5, %r6, %r7};
)";
constexpr const char *area = ".shared .align 16 .b8 area[512];";

std::vector<uint16_t> matrices() {
  std::vector<uint16_t> out;
  for (int m = 0; m != 4; ++m)
    for (int row = 0; row != 8; ++row)
      for (int column = 0; column != 8; ++column)
        out.push_back(uint16_t(1000 * m + 10 * row + column));
  return out;
}

TEST(Matrix, LoadsRowsOrColumns) {
  for (bool transposed : {false, true}) {
    std::vector<uint16_t> from = matrices(), to(256);
    std::string body = std::string(fill) + "ldmatrix.sync.aligned.m8n8.x4" +
                       (transposed ? ".trans" : "") +
                       ".shared.b16 {%r4, %r5, %r6, %r7}, [%r9];" + store;
    Status error = Launcher()(makeKernel(body, 2, area), to, from);
    ASSERT_FALSE(error) << error.message();
    for (int lane = 0; lane != 32; ++lane)
      for (int i = 0; i != 8; ++i) {
        int row = lane / 4, column = lane % 4 * 2 + i % 2;
        EXPECT_EQ(to[lane * 8 + i],
                  1000 * (i / 2) +
                      (transposed ? 10 * column + row : 10 * row + column));
      }
  }
}

/// What stmatrix stores is what ldmatrix loads, x2 as well as x4.
TEST(Matrix, StoresWhatLoadsTake) {
  for (bool transposed : {false, true}) {
    std::vector<uint16_t> from = matrices(), to(256);
    std::string layout = transposed ? ".trans" : "";
    std::string body =
        std::string(fill) + "ldmatrix.sync.aligned.m8n8.x4" + layout +
        ".shared.b16 {%r4, %r5, %r6, %r7}, [%r9];\nbar.warp.sync -1;\n"
        "stmatrix.sync.aligned.m8n8.x2" +
        layout +
        ".shared.b16 [%r9], {%r6, %r7};\nbar.warp.sync -1;\n"
        "ld.shared.v4.b32 {%r4, %r5, %r6, %r7}, [%r9];" +
        store;
    Status error = Launcher()(makeKernel(body, 2, area), to, from);
    ASSERT_FALSE(error) << error.message();
    for (int i = 0; i != 256; ++i)
      EXPECT_EQ(to[i], from[i < 128 ? i + 128 : i]);
  }
}

/// One kind of mma: elements in the registers of A and B, and their width.
struct Kind {
  const char *types;
  int depth;
  bool isTf32, isF16, sumsAreF16;
};

using Matrix = std::vector<std::vector<int>>;

/// A product of small integers, laid out as the ISA's formulas say.
class Product {
public:
  explicit Product(const Kind &kind)
      : kind_(kind), e_(kind.isTf32 ? 1 : 2), b_(kind.depth / (4 * e_)),
        sums_(kind.sumsAreF16 ? 2 : 4), x_(make(16, kind.depth)),
        y_(make(kind.depth, 8)), z_(make(16, 8)) {}

  /// Runs the instruction and compares with the product of the matrices.
  void check() {
    std::vector<uint32_t> in = inputs(), out(32 * 4);
    Status error = Launcher()(makeKernel(body(), 2), out, in);
    ASSERT_FALSE(error) << error.message();
    for (int lane = 0; lane != 32; ++lane)
      for (int i = 0; i != 4; ++i) {
        int row = lane / 4 + i / 2 * 8, column = lane % 4 * 2 + i % 2;
        int wanted = z_[row][column];
        for (int k = 0; k != kind_.depth; ++k)
          wanted += x_[row][k] * y_[k][column];
        EXPECT_EQ(found(&out[size_t(lane * 4)], i), float(wanted))
            << kind_.types << " k " << kind_.depth;
      }
  }

private:
  Matrix make(int rows, int columns) {
    Matrix out(rows, std::vector<int>(columns));
    for (std::vector<int> &row : out)
      for (int &value : row)
        value = int(random_() % 7) - 3;
    return out;
  }

  uint32_t element(int value, int at) const {
    if (kind_.isTf32)
      return uint32_t(toBits(float(value)));
    uint16_t half =
        kind_.isF16 ? floatToF16(float(value)) : floatToBf16(float(value));
    return uint32_t(half) << (16 * at);
  }

  /// 12 words per lane: A, B from 4 on, C from 8 on.
  std::vector<uint32_t> inputs() const {
    std::vector<uint32_t> in(32 * 12);
    for (int lane = 0; lane != 32; ++lane) {
      int group = lane / 4, thread = lane % 4;
      uint32_t *words = &in[size_t(lane * 12)];
      for (int at = 0; at != e_; ++at) {
        int k = thread * e_ + at;
        for (int i = 0; i != 2 * b_; ++i)
          words[i] |= element(x_[group + i % 2 * 8][k + i / 2 * 4 * e_], at);
        for (int i = 0; i != b_; ++i)
          words[4 + i] |= element(y_[k + i * 4 * e_][group], at);
      }
      for (int i = 0; i != 4; ++i) {
        int value = z_[group + i / 2 * 8][thread * 2 + i % 2];
        if (kind_.sumsAreF16)
          words[8 + i / 2] |= element(value, i % 2);
        else
          words[8 + i] = uint32_t(toBits(float(value)));
      }
    }
    return in;
  }

  static std::string list(int first, int count) {
    std::string text = "{";
    for (int i = 0; i != count; ++i)
      text += (i ? ", %r" : "%r") + std::to_string(first + i);
    return text + "}";
  }

  std::string body() const {
    std::string text = "mul.wide.u32 %d0, %id, 48;\nadd.s64 %d0, %d0, %p1;\n";
    for (int i = 0; i != 12; i += 4)
      text += "ld.global.v4.b32 " + list(i, 4) + ", [%d0+" +
              std::to_string(4 * i) + "];\n";
    return text +
           "mov.b32 %r14, 0;\nmov.b32 %r15, 0;\nmma.sync.aligned.m16n8k" +
           std::to_string(kind_.depth) + ".row.col." + kind_.types + " " +
           list(12, sums_) + ", " + list(0, 2 * b_) + ", " + list(4, b_) +
           ", " + list(8, sums_) +
           ";\nmul.wide.u32 %d0, %id, 16;\nadd.s64 %d0, %d0, %p0;\n"
           "st.global.v4.b32 [%d0], " +
           list(12, 4) + ";\n";
  }

  float found(const uint32_t *words, int i) const {
    return kind_.sumsAreF16
               ? f16ToFloat(uint16_t(words[i / 2] >> (16 * (i % 2))))
               : fromBits<float>(words[i]);
  }

  Kind kind_;
  int e_, b_, sums_; ///< Elements per register, registers of B and of sums.
  std::mt19937 random_{3};
  Matrix x_, y_, z_;
};

void checkProduct(const Kind &kind) { Product(kind).check(); }

TEST(Mma, EveryKind) {
  for (int depth : {8, 16}) {
    checkProduct({"f32.bf16.bf16.f32", depth, false, false, false});
    checkProduct({"f32.f16.f16.f32", depth, false, true, false});
    checkProduct({"f16.f16.f16.f16", depth, false, true, true});
  }
  checkProduct({"f32.tf32.tf32.f32", 4, true, false, false});
  checkProduct({"f32.tf32.tf32.f32", 8, true, false, false});
}

TEST(Mma, WantsAWholeWarp) {
  std::vector<uint32_t> out(32);
  std::string zeros;
  for (int i = 0; i != 10; ++i)
    zeros += "mov.b32 %r" + std::to_string(i) + ", 0;\n";
  Status error = Launcher()(
      makeKernel(zeros + "setp.lt.u32 %q0, %id, 31;\n"
                         "@%q0 mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16."
                         "f32 {%r0, %r1, %r2, %r3}, {%r4, %r5}, {%r6}, "
                         "{%r0, %r1, %r2, %r3};",
                 1),
      out);
  EXPECT_NE(error.message().find("wants a whole warp"), std::string::npos);
}

} // namespace
