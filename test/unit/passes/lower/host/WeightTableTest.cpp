//===- WeightTableTest.cpp - Where weights lie ----------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/host/WeightTable.h"

#include "heed/Weights/SafetensorsWriter.h"
#include "passes/InitAll.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

#include <cstring>

using namespace heed;
using namespace mlir;

namespace {

/// A file with one tensor "t", 4 x 6 of the numbers 0, 1, ...
class WeightTableTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("weights", folder));
    llvm::SmallString<128> path = folder;
    llvm::sys::path::append(path, "w.safetensors");
    std::vector<float> numbers(24);
    for (int i = 0; i != 24; ++i)
      numbers[i] = float(i);
    llvm::ArrayRef<uint8_t> data(
        reinterpret_cast<const uint8_t *>(numbers.data()), 96);
    llvm::Expected<uint64_t> written = writeSafetensors(
        path, {{"t", DType::F32, {4, 6}}}, {}, llvm::ArrayRef(data));
    ASSERT_TRUE(bool(written)) << llvm::toString(written.takeError());
    hash = llvm::utohexstr(*written, /*LowerCase=*/true, 16);
    start =
        llvm::cantFail(SafetensorsFile::open(path)).header().find("t")->offset;
    DialectRegistry registry;
    registerAllDialects(registry);
    context.appendDialectRegistry(registry);
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  /// Enters the weight `@w` of this text; returns what went wrong.
  std::string enter(const std::string &type, const std::string &source,
                    llvm::StringRef packageFolder = "") {
    std::string message;
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
      if (message.empty())
        message = diagnostic.str();
    });
    std::string text = "attn.file @f \"w.safetensors\" hash(\"" + hash +
                       "\")\nattn.weight @w : " + type + " " + source +
                       "\nfunc.func @use() -> " + type +
                       " {\n %0 = attn.use @w : " + type +
                       "\n return %0 : " + type + "\n}";
    module = parseSourceString<ModuleOp>(text, &context);
    if (!module)
      return message;
    package = PackageBuilder();
    WeightTable table(*module, package, folder, packageFolder);
    module->walk([&](attn::UseOp use) {
      FailureOr<uint32_t> number = table.getNumber(use);
      EXPECT_TRUE(failed(number) || *number == 0);
      if (succeeded(number)) // Once is enough.
        EXPECT_EQ(*table.getNumber(use), 0u);
    });
    return message;
  }
  /// Returns the floats that are embedded.
  std::vector<float> embedded() {
    std::vector<char> bytes = package.finish();
    heed_package_header header;
    std::memcpy(&header, bytes.data(), sizeof(header));
    std::vector<float> numbers(header.embedded.size / 4);
    std::memcpy(numbers.data(), bytes.data() + header.embedded.offset,
                header.embedded.size);
    return numbers;
  }

  llvm::SmallString<128> folder;
  std::string hash;
  uint64_t start = 0;
  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  PackageBuilder package;
};

TEST_F(WeightTableTest, RefersToFiles) {
  ASSERT_EQ(enter("tensor<4x6xf32>", "from @f \"t\"", folder), "");
  ASSERT_EQ(package.weights.size(), 1u);
  EXPECT_EQ(package.weights[0].file, 0u);
  EXPECT_EQ(package.weights[0].offset, start);
  EXPECT_EQ(package.weights[0].bytes, 96u);
  // The package lies beside the file.
  EXPECT_EQ(package.files[0].path.size, strlen("w.safetensors"));
}

TEST_F(WeightTableTest, RefersToConsecutiveRows) {
  ASSERT_EQ(enter("tensor<2x6xf32>", "from @f \"t\" slice [1, 0]"), "");
  EXPECT_EQ(package.weights[0].offset, start + 24);
  EXPECT_EQ(package.weights[0].bytes, 48u);
}

TEST_F(WeightTableTest, EmbedsWhatLiesApart) {
  ASSERT_EQ(enter("tensor<2x2xf32>", "from @f \"t\" slice [1, 3]"), "");
  EXPECT_EQ(package.weights[0].file, HEED_EMBEDDED);
  EXPECT_EQ(embedded(), (std::vector<float>{9, 10, 15, 16}));
}

TEST_F(WeightTableTest, EmbedsOtherTypes) {
  ASSERT_EQ(enter("tensor<4x6xbf16>", "from @f \"t\""), "");
  EXPECT_EQ(package.weights[0].dtype, uint32_t(HEED_BF16));
  EXPECT_EQ(package.weights[0].bytes, 48u);
  // Two numbers each: 1 above 0, ...
  EXPECT_EQ(embedded()[0], 0x1p-126f * 0 + 1.0f);
}

TEST_F(WeightTableTest, EmbedsConstants) {
  ASSERT_EQ(enter("tensor<3xf32>", "init {\n %0 = arith.constant dense<2.5> : "
                                   "tensor<3xf32>\n attn.yield %0 : "
                                   "tensor<3xf32>\n}"),
            "");
  EXPECT_EQ(embedded(), (std::vector<float>{2.5, 2.5, 2.5}));
}

TEST_F(WeightTableTest, SaysWhatIsWrong) {
  EXPECT_EQ(enter("tensor<4x5xf32>", "from @f \"t\""),
            "'attn.weight' op found a tensor of shape [4, 6] in the file, "
            "wanted [4, 5]");
  EXPECT_EQ(enter("tensor<2x6xf32>", "from @f \"t\" slice [3, 0]"),
            "'attn.weight' op found a tensor of shape [4, 6] in the file, "
            "wanted [2, 6] from the slice on");
  EXPECT_NE(enter("tensor<4x6xf32>", "from @f \"u\"").find("no tensor 'u'"),
            std::string::npos);
  EXPECT_NE(enter("tensor<4x6xf16>", "from @f \"t\"").find("f32 and bf16"),
            std::string::npos);
  EXPECT_NE(enter("tensor<2xf32>",
                  "init {\n %0 = arith.constant dense<1.0> : tensor<2xf32>\n"
                  " %1 = arith.addf %0, %0 : tensor<2xf32>\n"
                  " attn.yield %1 : tensor<2xf32>\n}")
                .find("heed-materialize-weights"),
            std::string::npos);
  hash = "0000000000000000";
  EXPECT_NE(enter("tensor<4x6xf32>", "from @f \"t\"").find("changed"),
            std::string::npos);
}

} // namespace
