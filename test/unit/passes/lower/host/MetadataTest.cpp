//===- MetadataTest.cpp - Attributes as JSON ------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/host/Metadata.h"

#include "passes/InitAll.h"

#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace heed;
using namespace mlir;

namespace {

std::string write(llvm::StringRef attributes) {
  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry);
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(
      ("module attributes {" + attributes + "} {}").str(), &context);
  return makeMetadata(
      *module, [](llvm::StringRef path) { return ("<" + path + ">").str(); });
}

TEST(Metadata, SaysModelAndRewrites) {
  EXPECT_EQ(write(R"(attn.model = {name = "a\22b", context = 16 : i64,
                                  stop_ids = array<i32: 1, -2>, tied = true},
                     attn.rewrites = [{layers = array<i64: 7>, share = 0.5}])"),
            R"({"model":{"context":16,"name":"a\"b","stop_ids":[1,-2],)"
            R"("tied":true},"rewrites":[{"layers":[7],"share":0.5}]})");
}

TEST(Metadata, RelocatesTheTokenizer) {
  EXPECT_EQ(write(R"(attn.model = {name = "n", tokenizer = "t.json"})"),
            R"({"model":{"name":"n","tokenizer":"<t.json>"}})");
  EXPECT_EQ(write(R"(attn.model = {start_id = 7, tokenizer = "bytes"})"),
            R"({"model":{"start_id":7,"tokenizer":"bytes"}})");
}

TEST(Metadata, IsAnObjectInAnyCase) {
  EXPECT_EQ(write(""), "{}");
  EXPECT_EQ(write("attn.model = {type = f32}"), R"({"model":{"type":"f32"}})");
}

} // namespace
