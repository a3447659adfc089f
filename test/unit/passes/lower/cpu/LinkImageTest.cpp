//===- LinkImageTest.cpp - Images without dependencies --------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/cpu/ObjectCode.h"
#include "test/unit/passes/lower/cpu/MachineCode.h"

#include <gtest/gtest.h>

using namespace heed::cpu;
using namespace heed::test;

namespace {

/// An object with the kernels `a` and `b`.
llvm::SmallVector<char, 0> goodObject() {
  return llvm::cantFail(objectOf(R"(
    llvm.func @a(%x: !llvm.ptr, %scratch: !llvm.ptr, %program: i64) {
      llvm.store %program, %x : i64, !llvm.ptr
      llvm.return
    }
    llvm.func @b(%scratch: !llvm.ptr, %program: i64) {
      llvm.return
    })",
                                 {"a", "b"}, "x86-64-v3"));
}

/// What linking `object` complains about.
std::string complaint(llvm::ArrayRef<char> object) {
  llvm::Expected<std::vector<char>> image = linkImage(object);
  return image ? "" : llvm::toString(image.takeError());
}

TEST(LinkImage, ExportsWrappersAndNeedsNothing) {
  std::vector<char> image = llvm::cantFail(linkImage(goodObject()));
  Symbols symbols = symbolsOf(image, /*dynamic=*/true);
  EXPECT_EQ(symbols.defined, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(symbols.undefined, std::vector<std::string>());
  EXPECT_EQ(symbols.needed, std::vector<std::string>());
}

TEST(LinkImage, IsTheSameEachTime) {
  llvm::SmallVector<char, 0> object = goodObject();
  EXPECT_EQ(llvm::cantFail(linkImage(object)),
            llvm::cantFail(linkImage(object)));
}

TEST(LinkImage, RefusesWhatNeedsALibrary) {
  auto object = llvm::cantFail(objectOf(R"(
    llvm.func @sinf(f32) -> f32
    llvm.func @c(%x: !llvm.ptr, %scratch: !llvm.ptr, %program: i64) {
      %a = llvm.load %x : !llvm.ptr -> f32
      %b = llvm.call @sinf(%a) : (f32) -> f32
      llvm.store %b, %x : f32, !llvm.ptr
      llvm.return
    })",
                                        {"c"}, "x86-64-v3"));
  EXPECT_EQ(symbolsOf(object, /*dynamic=*/false).undefined,
            std::vector<std::string>{"sinf"});
  EXPECT_EQ(complaint(object),
            "cannot link the kernels: undefined symbol: sinf");
}

// After each failure the linker works as before.
TEST(LinkImage, RefusesWhatIsNoObject) {
  llvm::SmallVector<char, 0> object = goodObject();
  std::vector<char> image = llvm::cantFail(linkImage(object));
  for (size_t size : {0, 500}) {
    std::string problem = complaint(std::vector<char>(size, 'x'));
    EXPECT_EQ(problem.rfind("cannot link the kernels: ", 0), 0u) << problem;
    EXPECT_EQ(problem.find('\n'), std::string::npos) << problem;
  }
  EXPECT_EQ(llvm::cantFail(linkImage(object)), image);
}

} // namespace
