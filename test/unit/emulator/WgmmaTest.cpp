//===- WgmmaTest.cpp - Products of a warp group in every layout -----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/emulator/Harness.h"

#include "heed/Support/HalfFloat.h"

#include <functional>

using namespace heed;
using namespace heed::ptx;
using namespace heed::ptx::test;

namespace {

/// Where a matrix lies: K-major or MN-major, in spans of `span` bytes.
struct Layout {
  bool isMnMajor;
  int span; ///< 16 without swizzle, 32, 64, 128.
};

/// One product: A of 64 x 16, B of 16 x n.
struct Product {
  int n;
  Layout a, b;
  bool aInRegisters, isF16;
};

int element(int matrix, int mn, int k) {
  return (mn * 7 + k * 5 + mn * k * matrix) % 9 - 4;
}

/// The byte of element (mn, k), by the figures of the ISA: the matrix is made
/// of atoms of 8 rows of a span; atoms follow each other along the span first.
int placeOf(const Layout &layout, int mn, int k, int extent) {
  int perSpan = layout.span / 2;
  int along = layout.isMnMajor ? mn : k, across = layout.isMnMajor ? k : mn;
  // Along K a span holds at least the 16 of a product, but without swizzle.
  int atomsAlong = layout.isMnMajor ? (extent + perSpan - 1) / perSpan
                                    : std::max(1, 16 / perSpan);
  int atom = across / 8 * atomsAlong + along / perSpan;
  int at =
      atom * 8 * layout.span + across % 8 * layout.span + along % perSpan * 2;
  if (layout.span == 16)
    return at;
  int pieces = layout.span / 16;
  return at ^ (at / 128 % pieces * 16);
}

uint64_t descriptorOf(const Layout &layout, uint64_t start, int extent) {
  int perSpan = layout.span / 2;
  uint64_t atom = uint64_t(8 * layout.span);
  uint64_t atomsAlong =
      uint64_t(layout.isMnMajor ? (extent + perSpan - 1) / perSpan
                                : std::max(1, 16 / perSpan));
  uint64_t mode = layout.span == 128  ? 1
                  : layout.span == 64 ? 2
                  : layout.span == 32 ? 3
                                      : 0;
  return start >> 4 | atom >> 4 << 16 | atom * atomsAlong >> 4 << 32 |
         mode << 62;
}

class Runner {
public:
  explicit Runner(const Product &product) : product_(product) {
    fill(0, product.a, 64, 1);
    fill(16384, product.b, product.n, 2);
  }

  void check() {
    std::vector<float> out(128 * size_t(product_.n) / 2);
    Status error = launch(text(), out);
    ASSERT_FALSE(error) << error.message();
    for (int thread = 0; thread != 128; ++thread)
      for (int i = 0; i != product_.n / 2; ++i) {
        int row = thread / 32 * 16 + thread % 32 / 4 + i / 2 % 2 * 8;
        int column = i / 4 * 8 + thread % 4 * 2 + i % 2;
        int sum = 0;
        for (int k = 0; k != 16; ++k)
          sum += element(1, row, k) * element(2, column, k);
        ASSERT_EQ(out[size_t(thread * product_.n / 2 + i)], float(2 * sum))
            << "row " << row << ", column " << column;
      }
  }

  /// Returns the error after `what` has been replaced in the text.
  std::string fault(const std::string &what, const std::string &instead) {
    std::vector<float> out(128 * size_t(product_.n) / 2);
    std::string changed = text();
    size_t at = changed.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    changed.replace(at, what.size(), instead);
    return launch(changed, out).message();
  }

private:
  Status launch(const std::string &text, std::vector<float> &out) {
    Launcher launcher;
    launcher.threads = 128;
    launcher.sharedBytes = 32768;
    return launcher(
        makeKernel(text, 2, ".extern .shared .align 1024 .b8 area[];"), out,
        memory_);
  }

  uint16_t half(int value) const {
    return product_.isF16 ? floatToF16(float(value))
                          : floatToBf16(float(value));
  }

  void fill(int start, const Layout &layout, int extent, int matrix) {
    for (int mn = 0; mn != extent; ++mn)
      for (int k = 0; k != 16; ++k) {
        uint16_t bits = half(element(matrix, mn, k));
        std::memcpy(&memory_[size_t(start + placeOf(layout, mn, k, extent))],
                    &bits, 2);
      }
  }

  /// A in registers, read from the K-major layout without swizzle of `fill`.
  std::string loadA() const {
    std::string text = "shr.u32 %r1, %id, 5;\nand.b32 %r2, %id, 31;\n"
                       "shr.u32 %r3, %r2, 2;\nand.b32 %r2, %r2, 3;\n"
                       "mad.lo.u32 %r3, %r1, 16, %r3;\n";
    // 8 rows of 16 bytes, two of them along k, are 256 bytes.
    text += "shr.u32 %r4, %r3, 3;\nand.b32 %r5, %r3, 7;\n"
            "mul.lo.u32 %r4, %r4, 256;\nmad.lo.u32 %r4, %r5, 16, %r4;\n"
            "mad.lo.u32 %r4, %r2, 4, %r4;\nadd.u32 %r4, %r4, %r0;\n";
    for (int i = 0; i != 4; ++i)
      text += "ld.shared.b32 %r" + std::to_string(10 + i) + ", [%r4+" +
              std::to_string(i % 2 * 256 + i / 2 * 128) + "];\n";
    return text;
  }

  std::string text() const {
    int sums = product_.n / 2;
    std::string text = "mov.u32 %r0, area;\nmul.lo.u32 %r1, %id, 256;\n"
                       "cvt.u64.u32 %d0, %r1;\nadd.s64 %d0, %d0, %p1;\n"
                       "add.u32 %r1, %r1, %r0;\n.reg .f32 %s<128>;\n";
    for (int i = 0; i != 256; i += 16) {
      std::string at = "+" + std::to_string(i) + "]";
      text += "ld.global.v4.b32 {%r2, %r3, %r4, %r5}, [%d0" + at +
              ";\nst.shared.v4.b32 [%r1" + at + ", {%r2, %r3, %r4, %r5};\n";
    }
    text += "fence.proxy.async;\nbar.sync 0;\n";
    std::string a = "%d1", list;
    if (product_.aInRegisters) {
      text += loadA();
      a = "{%r10, %r11, %r12, %r13}";
    }
    for (int i = 0; i != sums; ++i)
      list += (i ? ", %s" : "%s") + std::to_string(i);
    text += "mov.b64 %d1, " +
            std::to_string(descriptorOf(product_.a, 1024, 64)) +
            ";\nmov.b64 %d2, " +
            std::to_string(descriptorOf(product_.b, 1024 + 16384, product_.n)) +
            ";\nwgmma.fence.sync.aligned;\n";
    // Once from nothing and once more on top.
    for (const char *more : {"ne", "eq"})
      text += std::string("setp.") + more + ".u32 %q0, %r0, %r0;\n" +
              "wgmma.mma_async.sync.aligned.m64n" + std::to_string(product_.n) +
              "k16.f32." + (product_.isF16 ? "f16.f16" : "bf16.bf16") + " {" +
              list + "}, " + a + ", %d2, %q0, 1, 1" +
              (product_.aInRegisters  ? ""
               : product_.a.isMnMajor ? ", 1"
                                      : ", 0") +
              (product_.b.isMnMajor ? ", 1;\n" : ", 0;\n");
    text += "wgmma.commit_group.sync.aligned;\n"
            "wgmma.wait_group.sync.aligned 0;\nmul.wide.u32 %d0, %id, " +
            std::to_string(4 * sums) + ";\nadd.s64 %d0, %d0, %p0;\n";
    for (int i = 0; i != sums; ++i)
      text += "st.global.f32 [%d0+" + std::to_string(4 * i) + "], %s" +
              std::to_string(i) + ";\n";
    return text;
  }

  Product product_;
  std::vector<uint8_t> memory_ = std::vector<uint8_t>(32768);
};

TEST(Wgmma, EveryLayoutOfB) {
  for (bool isMnMajor : {false, true})
    for (int span : {16, 32, 64, 128}) {
      if (isMnMajor && span == 16)
        continue;
      SCOPED_TRACE(std::to_string(span) + (isMnMajor ? " MN" : " K"));
      Runner({128, {false, 128}, {isMnMajor, span}, false, false}).check();
    }
}

TEST(Wgmma, EveryLayoutOfA) {
  for (bool isMnMajor : {false, true})
    for (int span : {32, 64, 128}) {
      SCOPED_TRACE(std::to_string(span) + (isMnMajor ? " MN" : " K"));
      Runner({64, {isMnMajor, span}, {false, 128}, false, true}).check();
    }
}

TEST(Wgmma, AInRegisters) {
  for (int n : {8, 72, 256})
    for (bool isF16 : {false, true})
      Runner({n, {false, 16}, {false, 64}, true, isF16}).check();
}

TEST(Wgmma, MistakesAreNamed) {
  Runner runner({8, {false, 16}, {false, 64}, true, false});
  auto expect = [&](const char *what, const std::string &instead,
                    const char *part) {
    std::string found = runner.fault(what, instead);
    EXPECT_NE(found.find(part), std::string::npos) << found;
  };
  const std::string fence = "wgmma.fence.sync.aligned;\n";
  const std::string commit = "wgmma.commit_group.sync.aligned;\n";
  const char *wait = "wgmma.wait_group.sync.aligned 0;\n";
  expect(fence.c_str(), "", "written after the last wgmma.fence");
  expect(fence.c_str(), fence + "mov.b32 %r12, 0;\n",
         "written after the last wgmma.fence");
  expect(commit.c_str(), commit + "add.f32 %f0, %s0, %s1;\n",
         "reads an accumulator that a wgmma in flight writes");
  expect(commit.c_str(), commit + "mov.f32 %s1, 0f00000000;\n",
         "writes an accumulator that a wgmma in flight writes");
  expect(commit.c_str(), commit + "mov.b32 %r11, 0;\n",
         "writes a register that a wgmma in flight reads");
  // An operand that is overwritten in good order, but before the wait.
  expect(wait,
         "bar.sync 0;\nst.shared.b32 [area+16384], %r0;\n"
         "fence.proxy.async;\nbar.sync 0;\n" +
             std::string(wait),
         "races with a write");
  expect("fence.proxy.async;", "", "without fence.proxy.async between");
}

} // namespace
