//===- ObjectCodeTest.cpp - Machine code of kernels -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/cpu/MachineCode.h"

#include <gtest/gtest.h>

using namespace heed::test;

namespace {

/// Doubles 16 floats: in AVX2 two registers, in AVX-512 one.
const char *const kTwice = R"(
llvm.func @twice(%x: !llvm.ptr, %scratch: !llvm.ptr, %program: i64) {
  %a = llvm.load %x {alignment = 4 : i64} : !llvm.ptr -> vector<16xf32>
  %b = llvm.fadd %a, %a : vector<16xf32>
  llvm.store %b, %x {alignment = 4 : i64} : vector<16xf32>, !llvm.ptr
  llvm.return
})";

TEST(ObjectCode, OnlyTheWrapperIsVisible) {
  auto object = llvm::cantFail(objectOf(kTwice, {"twice"}, "x86-64-v3"));
  Symbols symbols = symbolsOf(object, /*dynamic=*/false);
  EXPECT_EQ(symbols.defined, std::vector<std::string>{"twice"});
  EXPECT_EQ(symbols.undefined, std::vector<std::string>());
}

TEST(ObjectCode, WideRegistersOnlyWhereTheyAre) {
  auto v3 = llvm::cantFail(objectOf(kTwice, {"twice"}, "x86-64-v3"));
  auto v4 = llvm::cantFail(objectOf(kTwice, {"twice"}, "x86-64-v4"));
  EXPECT_GT(instructionsOf(v3).all, 3);
  EXPECT_EQ(instructionsOf(v3).avx512, 0);
  EXPECT_GT(instructionsOf(v4).avx512, 2);
}

TEST(ObjectCode, IsTheSameEachTime) {
  for (const char *cpu : {"x86-64-v3", "x86-64-v4"})
    EXPECT_EQ(llvm::cantFail(objectOf(kTwice, {"twice"}, cpu)),
              llvm::cantFail(objectOf(kTwice, {"twice"}, cpu)));
}

TEST(ObjectCode, RefusesWhatDoesNotTranslate) {
  auto object = objectOf(R"(
    llvm.func @cast(%scratch: !llvm.ptr, %program: i64) {
      %x = builtin.unrealized_conversion_cast %program : i64 to index
      %y = builtin.unrealized_conversion_cast %x : index to i64
      llvm.return
    })",
                         {"cast"}, "x86-64-v3");
  EXPECT_EQ(llvm::toString(object.takeError()),
            "LLVM Translation failed for operation: "
            "builtin.unrealized_conversion_cast; the LLVM dialect of the "
            "kernels does not translate to LLVM IR");
}

} // namespace
