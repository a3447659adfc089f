//===- WeightStoreTest.cpp - Values of the weights of a module ------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/analysis/WeightStore.h"
#include "heed/Weights/SafetensorsWriter.h"
#include "test/unit/dialects/EvalHarness.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace heed {
namespace {

using Values = std::vector<double>;

class WeightStoreTest : public EvalHarness {
protected:
  WeightStoreTest() {
    llvm::sys::fs::createUniqueDirectory("weight-store", folder);
    // A 3 x 4 matrix whose entry (r, c) is 10 r + c.
    Values values;
    for (int r = 0; r < 3; ++r)
      for (int c = 0; c < 4; ++c)
        values.push_back(10 * r + c);
    std::vector<uint8_t> bytes(values.size() * 4);
    storeElements(DType::F32, values, bytes);
    hash = cantFail(writeSafetensors(path("m.safetensors"),
                                     TensorSpec{"a", DType::F32, {3, 4}}, {},
                                     ArrayRef<uint8_t>(bytes)));
  }
  ~WeightStoreTest() override { llvm::sys::fs::remove_directories(folder); }

  std::string path(StringRef name) {
    llvm::SmallString<128> result(folder);
    llvm::sys::path::append(result, name);
    return result.str().str();
  }

  /// Returns the value of @w in a module with this text and the file.
  std::optional<reference::Tensor> get(const std::string &text) {
    std::string file = "attn.file @f \"m.safetensors\" hash(\"" +
                       llvm::utohexstr(hash, true, 16) + "\")\n";
    module = parseSourceString<ModuleOp>(file + text, &context);
    if (!module)
      return std::nullopt;
    WeightStore store(*module, folder);
    FailureOr<reference::TensorRef> value = store.get(*module, "w");
    if (failed(value))
      return std::nullopt;
    return **value;
  }

  llvm::SmallString<128> folder;
  uint64_t hash;
};

TEST_F(WeightStoreTest, ReadsWholeTensors) {
  auto value = get("attn.weight @w : tensor<3x4xf32> from @f \"a\"");
  ASSERT_TRUE(value) << message;
  EXPECT_EQ(value->shape, (std::vector<int64_t>{3, 4}));
  EXPECT_EQ(value->data[7], 13);
}

TEST_F(WeightStoreTest, ReadsSlices) {
  auto value = get("attn.weight @w : tensor<2x3xf32> from @f \"a\" "
                   "slice [1, 1]");
  ASSERT_TRUE(value) << message;
  EXPECT_EQ(value->data, (Values{11, 12, 13, 21, 22, 23}));
}

TEST_F(WeightStoreTest, RoundsToTheTypeOfTheWeight) {
  auto value = get(R"(attn.weight @w : tensor<2xbf16> init {
    %0 = arith.constant dense<[1.00390625, 1.01171875]> : tensor<2xf32>
    %1 = arith.truncf %0 : tensor<2xf32> to tensor<2xbf16>
    attn.yield %1 : tensor<2xbf16> })");
  ASSERT_TRUE(value) << message;
  EXPECT_EQ(value->data, (Values{1.0, 1.015625}));
}

TEST_F(WeightStoreTest, EvaluatesInitialisersOnOtherWeights) {
  auto value = get(R"(
    attn.weight @a : tensor<3x4xf32> from @f "a"
    attn.weight @b : tensor<3x4xf32> init {
      %0 = attn.use @a : tensor<3x4xf32>
      %1 = arith.addf %0, %0 : tensor<3x4xf32>
      attn.yield %1 : tensor<3x4xf32>
    }
    attn.weight @w : tensor<3x3xf32> init {
      %0 = attn.use @a : tensor<3x4xf32>
      %1 = attn.use @b : tensor<3x4xf32>
      %2 = attn.linear %0, %1 : tensor<3x4xf32>, tensor<3x4xf32>
          -> tensor<3x3xf32>
      attn.yield %2 : tensor<3x3xf32>
    })");
  ASSERT_TRUE(value) << message;
  // Twice the sum of c^2 for c below 4.
  EXPECT_EQ(value->data[0], 28);
}

TEST_F(WeightStoreTest, RefusesCircles) {
  EXPECT_FALSE(get(R"(attn.weight @w : tensor<2xf32> init {
    %0 = attn.use @w : tensor<2xf32>
    attn.yield %0 : tensor<2xf32> })"));
  EXPECT_EQ(message, "'attn.use' op found weight @w in its own initialiser");
}

TEST_F(WeightStoreTest, SaysWhatIsMissing) {
  EXPECT_FALSE(get("attn.weight @v : tensor<3x4xf32> from @f \"a\""));
  EXPECT_EQ(message, "'builtin.module' op found no attn.weight @w");
  EXPECT_FALSE(get("attn.weight @w : tensor<3x4xf32> from @f \"b\""));
  EXPECT_EQ(message, "'attn.weight' op " + path("m.safetensors") +
                         ": \"b\": found no such tensor");
  EXPECT_FALSE(get("attn.weight @w : tensor<4x4xf32> from @f \"a\""));
  EXPECT_EQ(message, "'attn.weight' op " + path("m.safetensors") +
                         ": \"a\": found shape [3, 4], wanted [4, 4]");
  EXPECT_FALSE(
      get("attn.weight @w : tensor<3x2xf32> from @f \"a\" slice [1, 0]"));
  EXPECT_EQ(message,
            "'attn.weight' op " + path("m.safetensors") +
                ": \"a\": found shape [3, 4], wanted [3, 2] at offsets [1, 0]");
}

TEST_F(WeightStoreTest, RefusesAChangedFile) {
  ++hash;
  EXPECT_FALSE(get("attn.weight @w : tensor<3x4xf32> from @f \"a\""));
  EXPECT_NE(message.find("m.safetensors"), std::string::npos) << message;
}

TEST_F(WeightStoreTest, FoldersComeFromTheLocation) {
  OpBuilder builder(&context);
  auto folderOf = [&](StringRef file) {
    OwningOpRef<ModuleOp> made =
        ModuleOp::create(FileLineColLoc::get(&context, file, 1, 1));
    return getModuleFolder(*made);
  };
  EXPECT_EQ(folderOf("a/b/m.mlir"), "a/b");
  EXPECT_EQ(folderOf("m.mlir"), "");
  EXPECT_EQ(folderOf("-"), "");
  EXPECT_EQ(folderOf("<stdin>"), "");
}

} // namespace
} // namespace heed
