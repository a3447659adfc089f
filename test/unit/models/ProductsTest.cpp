//===- ProductsTest.cpp - Models with a library for products --------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs a long prompt and some tokens behind it on an emulated GPU, with a
// library for products and without one.
//
// The reference in single precision on the same weights counts as exact, the
// reference in bfloat16 as the plain implementation: both may be twice as far
// from the first as the second is.
//
//===----------------------------------------------------------------------===//

#include "test/unit/models/Golden.h"
#include "test/unit/models/RandomCheckpoint.h"
#include "test/unit/models/Session.h"

#include "gtest/gtest.h"

#include <cstdio>
#include <numeric>

namespace {

using namespace heed;

constexpr int64_t kPrompt = 136, kTokens = kPrompt + 4;

/// Grouped heads without biases, as in most models.
constexpr const char *kConfig = R"({"model_type": "llama", "vocab_size": 72,
    "hidden_size": 64, "intermediate_size": 88, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2})";

/// What a run gives.
struct Outcome {
  std::vector<double> logits;
  int64_t prefilled = 0, decoded = 0; ///< Products in the library.
};

/// Runs the prompt at once, in chunks of `chunk`, and the rest token by token.
Outcome run(Session &session, int64_t chunk) {
  const int64_t v = session.vocabulary();
  std::vector<int32_t> ids(kTokens), rows(chunk);
  for (int64_t i = 0; i < kTokens; ++i)
    ids[i] = int32_t(i * i * 7 % v);
  std::iota(rows.begin(), rows.end(), 0);
  std::vector<float> logits(kTokens * v);
  Outcome outcome;
  for (int64_t at = 0; at < kTokens;) {
    bool isPrefill = at < kPrompt;
    int64_t count = isPrefill ? std::min(chunk, kPrompt - at) : 1;
    heed_step step = {1,       count,       count,   &ids[at],
                      nullptr, rows.data(), nullptr, &logits[at * v]};
    llvm::Error error =
        isPrefill ? session.prefill(step) : session.decode(step);
    EXPECT_FALSE(bool(error)) << llvm::toString(std::move(error));
    at += count;
    (isPrefill ? outcome.prefilled : outcome.decoded) = session.countProducts();
  }
  outcome.decoded -= outcome.prefilled;
  outcome.logits.assign(logits.begin(), logits.end());
  return outcome;
}

class Products : public testing::Test {
protected:
  Outcome runReference(ImportType type) {
    mlir::MLIRContext context;
    auto module = llvm::cantFail(checkpoint.import(context, type));
    auto session = llvm::cantFail(openReferenceSession(
        *module, checkpoint.getFolder(), /*slots=*/1, kTokens));
    return run(*session, kPrompt);
  }
  Outcome runEmulated(bool hasLibrary, int64_t chunk = kPrompt) {
    mlir::MLIRContext context;
    auto module = llvm::cantFail(checkpoint.import(context, ImportType::BF16));
    auto session = llvm::cantFail(openEmulatedSession(
        *module, checkpoint.getFolder(), /*slots=*/1, kTokens, hasLibrary));
    return run(*session, chunk);
  }

  RandomCheckpoint checkpoint{kConfig};
};

TEST_F(Products, LibraryAndKernelsAreEquallyNear) {
  Outcome exact = runReference(ImportType::F32);
  Outcome plain = runReference(ImportType::BF16);
  Outcome library = runEmulated(true), kernels = runEmulated(false);
  // Queries, keys, values, outputs, gate, up, down; and the logits.
  EXPECT_EQ(library.prefilled, 2 * 7 + 1);
  EXPECT_EQ(library.decoded, 0) << "has few rows, and is recorded";
  EXPECT_EQ(kernels.prefilled + kernels.decoded, 0);
  Distance limit = measure(plain.logits, exact.logits);
  for (const Outcome *outcome : {&library, &kernels}) {
    Distance found = measure(outcome->logits, exact.logits);
    std::printf("%s: max %.2e of %.2e, L2 %.2e of %.2e\n",
                outcome == &library ? "library" : "kernels", found.maximum,
                limit.maximum, found.relative, limit.relative);
    EXPECT_LE(found.maximum, 2 * limit.maximum);
    EXPECT_LE(found.relative, 2 * limit.relative);
  }
  EXPECT_LE(measure(library.logits, kernels.logits).relative,
            2 * limit.relative);
}

TEST_F(Products, ShortChunksAreTheKernels) {
  Outcome found = runEmulated(true, /*chunk=*/127);
  EXPECT_EQ(found.prefilled, 0);
  EXPECT_EQ(found.logits, runEmulated(false, /*chunk=*/127).logits)
      << "the same bits";
}

} // namespace
