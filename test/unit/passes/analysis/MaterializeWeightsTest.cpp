//===- MaterializeWeightsTest.cpp - Values of materialised weights --------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/analysis/Passes.h"
#include "passes/analysis/WeightStore.h"

#include "heed/Support/OutputFile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FileSystem.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace mlir;

namespace heed {
namespace {

class MaterializeWeightsTest : public testing::Test {
protected:
  MaterializeWeightsTest() {
    context.loadDialect<attn::AttnDialect, arith::ArithDialect>();
    context.getDiagEngine().registerHandler([&](Diagnostic &diagnostic) {
      messages.push_back(diagnostic.str());
      return success();
    });
    llvm::SmallString<128> path;
    if (llvm::sys::fs::createUniqueDirectory("heed-weights", path))
      ADD_FAILURE() << "cannot create a folder";
    folder = path.str().str();
  }
  ~MaterializeWeightsTest() override {
    llvm::sys::fs::remove_directories(folder);
  }

  LogicalResult materialize(StringRef text) {
    module = parseSourceString<ModuleOp>(text, &context);
    if (!module)
      return failure();
    PassManager manager(&context);
    manager.addPass(createMaterializeWeightsPass({folder}));
    return manager.run(*module);
  }

  std::vector<double> valueOf(StringRef name) {
    WeightStore store(*module, folder);
    auto value = store.get(*module, name);
    return succeeded(value) ? (*value)->data : std::vector<double>();
  }

  size_t countFiles() {
    size_t count = 0;
    std::error_code code;
    for (llvm::sys::fs::directory_iterator at(folder, code), end; at != end;
         at.increment(code))
      ++count;
    return count;
  }

  MLIRContext context;
  std::string folder;
  std::vector<std::string> messages;
  OwningOpRef<ModuleOp> module;
};

constexpr char kChain[] = R"mlir(
  attn.weight @a : tensor<2x2xf32> init {
    %0 = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
    attn.yield %0 : tensor<2x2xf32>
  }
  attn.weight @s : tensor<2xf32> init {
    %0 = attn.use @a : tensor<2x2xf32>
    %u, %s, %v = attn.factor svd %0 : (tensor<2x2xf32>)
        -> (tensor<2x2xf32>, tensor<2xf32>, tensor<2x2xf32>)
    attn.yield %s : tensor<2xf32>
  }
  attn.weight @h : tensor<2xbf16> init {
    %0 = attn.use @s : tensor<2xf32>
    %1 = arith.truncf %0 : tensor<2xf32> to tensor<2xbf16>
    attn.yield %1 : tensor<2xbf16>
  }
)mlir";

TEST_F(MaterializeWeightsTest, FileHoldsTheValuesOfTheInitialisers) {
  ASSERT_TRUE(succeeded(materialize(kChain)));
  EXPECT_EQ(countFiles(), 1u);
  auto s = cast<attn::WeightOp>(SymbolTable(*module).lookup("s"));
  EXPECT_TRUE(s.hasSource());
  EXPECT_TRUE(s.getInit().empty());
  // The eigenvalues of A^T A are 15 +- sqrt(221).
  std::vector<double> values = valueOf("s");
  ASSERT_EQ(values.size(), 2u);
  EXPECT_EQ(values[0], float(std::sqrt(15 + std::sqrt(221.0))));
  EXPECT_EQ(values[1], float(std::sqrt(15 - std::sqrt(221.0))));
  EXPECT_EQ(valueOf("h"), (std::vector<double>{5.46875, 0.365234375}));
  EXPECT_TRUE(messages.empty());
}

TEST_F(MaterializeWeightsTest, ChangedFilesAreNoticed) {
  ASSERT_TRUE(succeeded(materialize(kChain)));
  auto file = *module->getOps<attn::FileOp>().begin();
  std::string path = folder + "/" + file.getPath().str();
  llvm::cantFail(writeFile(path, std::string(8, '\0')));
  EXPECT_TRUE(valueOf("s").empty());
  EXPECT_EQ(messages.size(), 1u);
}

TEST_F(MaterializeWeightsTest, FailuresLeaveNoFileAndTheModule) {
  EXPECT_TRUE(failed(materialize(R"mlir(
    attn.weight @good : tensor<2xf32> init {
      %0 = arith.constant dense<1.0> : tensor<2xf32>
      %1 = arith.addf %0, %0 : tensor<2xf32>
      attn.yield %1 : tensor<2xf32>
    }
    attn.weight @loop : tensor<2xf32> init {
      %0 = attn.use @loop : tensor<2xf32>
      attn.yield %0 : tensor<2xf32>
    }
  )mlir")));
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_NE(messages[0].find("@loop in its own initialiser"),
            std::string::npos);
  EXPECT_EQ(countFiles(), 0u);
  for (auto weight : module->getOps<attn::WeightOp>())
    EXPECT_FALSE(weight.hasSource());
}

} // namespace
} // namespace heed
