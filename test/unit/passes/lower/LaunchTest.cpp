//===- LaunchTest.cpp - How a group is launched ---------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Launch.h"

#include "passes/InitAll.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"
#include "gtest/gtest.h"

using namespace heed;
using namespace mlir;

namespace {

class LaunchTest : public testing::Test {
protected:
  LaunchTest() : context(makeRegistry()) {
    context.loadAllAvailableDialects();
    Builder builder(&context);
    function = func::FuncOp::create(builder.getUnknownLoc(), "group",
                                    builder.getFunctionType({}, {}));
  }

  static DialectRegistry makeRegistry() {
    DialectRegistry registry;
    registerAllDialects(registry);
    return registry;
  }

  MLIRContext context;
  OwningOpRef<func::FuncOp> function;
};

/// Every kind of word comes back as it went.
TEST_F(LaunchTest, ReadsWhatItWrote) {
  Launch launch;
  launch.kernel = "k";
  for (int kind = 0; kind <= LaunchWord::Workspace; ++kind) {
    LaunchWord word{LaunchWord::Kind(kind), 3, 0};
    if (kind == LaunchWord::Batch || kind == LaunchWord::Slots ||
        kind == LaunchWord::Parts)
      word.number = 0;
    if (kind == LaunchWord::Field)
      word.field = 2;
    launch.words.push_back(word);
  }
  setLaunches(*function, {launch, Launch{"other", {}}});
  FailureOr<SmallVector<Launch>> found = getLaunches(*function);
  ASSERT_TRUE(succeeded(found));
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[0].kernel, "k");
  EXPECT_TRUE((*found)[0].words == launch.words);
  EXPECT_EQ((*found)[1].kernel, "other");
}

TEST_F(LaunchTest, Products) {
  setLaunches(*function,
              {Launch{"k", {}, LaunchProduct{2, 1, 0, 3}},
               Launch{"l", {}, LaunchProduct{0, 1, {}, {}}}, Launch{"m", {}}});
  FailureOr<SmallVector<Launch>> found = getLaunches(*function);
  ASSERT_TRUE(succeeded(found));
  ASSERT_TRUE((*found)[0].product && (*found)[1].product);
  EXPECT_EQ((*found)[0].product->input, 2u);
  EXPECT_EQ((*found)[0].product->weight, 1u);
  EXPECT_EQ((*found)[0].product->bias, 0u);
  EXPECT_EQ((*found)[0].product->residual, 3u);
  EXPECT_FALSE((*found)[1].product->bias);
  EXPECT_FALSE((*found)[1].product->residual);
  EXPECT_FALSE((*found)[2].product);
}

TEST_F(LaunchTest, RefusesWhatItCannotRead) {
  std::string message;
  ScopedDiagnosticHandler handler(
      &context, [&](Diagnostic &diagnostic) { message = diagnostic.str(); });
  Builder builder(&context);
  auto kernel =
      builder.getNamedAttr("kernel", FlatSymbolRefAttr::get(&context, "k"));
  auto words = [&](StringRef word) {
    return builder.getNamedAttr("words", builder.getStrArrayAttr({word}));
  };
  EXPECT_TRUE(failed(getLaunches(*function)));
  EXPECT_EQ(message, "found no readable attribute 'launches', wanted what "
                     "heed-lower-to-tile writes");
  for (Attribute bad :
       {Attribute(builder.getDictionaryAttr({kernel})),
        Attribute(builder.getDictionaryAttr({kernel, words("batches")})),
        Attribute(builder.getDictionaryAttr({kernel, words("argument x")})),
        Attribute(builder.getDictionaryAttr(
            {kernel, words("batch"),
             builder.getNamedAttr("product", builder.getUnitAttr())})),
        Attribute(builder.getUnitAttr())}) {
    message.clear();
    (*function)->setAttr("launches", builder.getArrayAttr({bad}));
    EXPECT_TRUE(failed(getLaunches(*function)));
    EXPECT_NE(message, "");
  }
}

} // namespace
