//===- ModelReportTest.cpp - What a model costs, layer by layer -----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/analysis/ModelReport.h"

#include "test/unit/passes/analysis/TinyModel.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace mlir;

namespace heed {
namespace {

class ModelReportTest : public testing::Test {
protected:
  ModelReportTest() {
    context.loadDialect<attn::AttnDialect, arith::ArithDialect,
                        func::FuncDialect>();
    context.getDiagEngine().registerHandler([&](Diagnostic &diagnostic) {
      message += diagnostic.str();
      return success();
    });
  }

  OwningOpRef<ModuleOp> parse(const std::string &text) {
    auto module = parseSourceString<ModuleOp>(text, &context);
    EXPECT_TRUE(module) << message;
    return module;
  }

  /// Reports on a module, which must stay as it is.
  ModelReport report(const std::string &text, const AskedSizes &sizes) {
    OwningOpRef<ModuleOp> module = parse(text);
    OwningOpRef<ModuleOp> copy = module->clone();
    auto reports = reportModels(*module, sizes);
    EXPECT_TRUE(succeeded(reports)) << message;
    EXPECT_TRUE(OperationEquivalence::isEquivalentTo(
        *copy, *module, OperationEquivalence::None));
    return succeeded(reports) ? reports->front() : ModelReport();
  }

  /// Returns what is wrong with a module or sizes.
  std::string refuse(const std::string &text, const AskedSizes &sizes = {}) {
    OwningOpRef<ModuleOp> module = parse(text);
    message.clear();
    EXPECT_TRUE(failed(reportModels(*module, sizes)));
    return message;
  }

  MLIRContext context;
  std::string message;
};

void expectCounts(const Counts &found, const Counts &wanted) {
  EXPECT_EQ(found.multiplyAdds, wanted.multiplyAdds);
  EXPECT_EQ(found.weightBytes, wanted.weightBytes);
  EXPECT_EQ(found.cacheBytesRead, wanted.cacheBytesRead);
  EXPECT_EQ(found.activationBytes, wanted.activationBytes);
}

/// What TinyModel.h costs, by its sizes: C = 4, two heads of width 2 on one, V
/// = 5, four bytes a number. A query sees the last `window` keys and the first
/// `sinks`.
struct TinyCosts {
  int64_t batch, window, sinks;

  Counts countLayer(int64_t tokens, int64_t past) const {
    int64_t pairs = 0, cached = 0;
    for (int64_t key = 0; key < past + tokens; ++key) {
      bool isSeen = false;
      for (int64_t query = std::max(past, key); query < past + tokens;
           ++query) {
        bool sees = key > query - window || key < sinks;
        pairs += sees;
        isSeen |= sees;
      }
      cached += isSeen && key < past;
    }
    const int64_t number = 4, c = 4, kv = 2;
    Counts counts;
    counts.multiplyAdds =
        batch * (tokens * (c * c + 2 * c * kv) + 2 * pairs * (kv + kv));
    counts.weightBytes = number * (c + c * c + 2 * c * kv + 2 * 1);
    counts.cacheBytesRead = batch * cached * number * (kv + kv);
    // Norm, q, k, v, two rotations with positions, attention.
    counts.activationBytes = batch * tokens * number *
                             ((c + c) + (c + c) + 2 * (c + kv) + (c + c + 1) +
                              (kv + kv + 1) + (c + kv + kv + c));
    return counts;
  }

  Counts countRest(int64_t tokens) const {
    const int64_t number = 4, c = 4, v = 5;
    Counts counts;
    counts.multiplyAdds = batch * c * v;
    counts.weightBytes = number * (batch * tokens * c + c * v);
    // Embedding; rows gathered by their numbers; the head.
    counts.activationBytes =
        number * batch * (tokens * (1 + c) + (2 * c + 1) + (c + v));
    return counts;
  }
};

TEST_F(ModelReportTest, CountsATinyModelAsByHand) {
  ModelReport found =
      report(tinyModel("!attn.cache<[k : token 1x2xf32, v : token 1x2xf32]>",
                       "mask<causal>"),
             {/*tokens=*/6, /*batch=*/2, /*capacity=*/10});
  TinyCosts wanted{2, 1000, 0};
  ASSERT_EQ(found.layers.size(), 1u);
  const LayerReport &layer = found.layers.front();
  EXPECT_EQ(layer.index, 0);
  EXPECT_EQ(layer.kind, "decoder");
  EXPECT_EQ(layer.masks, std::vector<std::string>{"causal"});
  EXPECT_TRUE(layer.runsInPrefill && layer.runsInDecode);
  expectCounts(layer.costs.prefill, wanted.countLayer(6, 0));
  expectCounts(layer.costs.decode, wanted.countLayer(1, 5));
  expectCounts(found.rest.prefill, wanted.countRest(6));
  expectCounts(found.rest.decode, wanted.countRest(1));
  Counts all = wanted.countLayer(1, 5);
  all += wanted.countRest(1);
  expectCounts(found.all.decode, all);
  EXPECT_EQ(found.all.cache.perToken, 2 * 2 * 4);
  EXPECT_EQ(found.all.cache.full, 2 * 10 * 2 * 2 * 4);
  EXPECT_EQ(found.all.cache.fullAfterDecode, found.all.cache.full);
  EXPECT_EQ(found.vocabulary, 5);
}

TEST_F(ModelReportTest, CountsAWindowAsByHand) {
  ModelReport found =
      report(tinyModel("!attn.cache<[k : ring(3, sinks 1) 1x2xf32, "
                       "v : ring(3, sinks 1) 1x2xf32]>",
                       "mask<causal, window = 3, sinks = 1>"),
             {/*tokens=*/9, /*batch=*/1, /*capacity=*/std::nullopt});
  TinyCosts wanted{1, 3, 1};
  EXPECT_EQ(found.layers.front().masks,
            std::vector<std::string>{"causal, window = 3, sinks = 1"});
  expectCounts(found.layers.front().costs.prefill, wanted.countLayer(9, 0));
  expectCounts(found.layers.front().costs.decode, wanted.countLayer(1, 8));
  EXPECT_EQ(found.all.cache.perToken, 16);
  EXPECT_EQ(found.all.cache.full, (3 + 1) * 16);
  EXPECT_EQ(found.sizes.capacity, 32) << "the context";
}

/// Layers of one product of 4 x 4, all with caches of 1 x 2 numbers: 7 always
/// runs, 2 not in decode, 5 not in prefill, 6 never. Of 7, one product depends
/// on a bit of the step, and one is not in decode.
constexpr char kPhases[] = R"mlir(
  !h = tensor<?x?x4xf32>
  !c = !attn.cache<[s : token 1x2xf32]>
  !u = !attn.cache<[s : token 1x2xf32 until decode, t : every(4) 1x2xf32]>
  !q = !attn.cache<[s : sequence 3x5xf32]>
  func.func @step(%h0: !h, %w: tensor<4x4xf32>, %bit: i1, %c0: !c, %u0: !u,
                  %q0: !q) -> (!h, !c, !u, !q) {
    %true = arith.constant true
    %decode = attn.in_phase decode
    %prefill = arith.xori %decode, %true : i1
    %never = arith.ori %decode, %prefill : i1
    %h1, %c1 = attn.layer 7 "decoder" (%x = %h0, %c = %c0) : (!h, !c)
        -> (!h, !c) {
      %y = attn.linear %x, %w : !h, tensor<4x4xf32> -> !h
      %z = attn.skip %bit GRANULARITY (%a = %y) : (i1, !h) -> !h {
        %b = attn.linear %a, %w : !h, tensor<4x4xf32> -> !h
        attn.yield %b : !h
      }
      %p = attn.skip %decode phase (%a = %z) : (i1, !h) -> !h {
        %b = attn.linear %a, %w : !h, tensor<4x4xf32> -> !h
        attn.yield %b : !h
      }
      attn.yield %p, %c : !h, !c
    }
    %h2, %u1 = attn.skip %decode phase (%x0 = %h1, %v0 = %u0) : (i1, !h, !u)
        -> (!h, !u) {
      %r:2 = attn.layer 2 "decoder" (%x = %x0, %u = %v0) : (!h, !u)
          -> (!h, !u) {
        %y = attn.linear %x, %w : !h, tensor<4x4xf32> -> !h
        attn.yield %y, %u : !h, !u
      }
      attn.yield %r#0, %r#1 : !h, !u
    }
    %h3, %c2 = attn.skip %prefill phase (%x0 = %h2, %d0 = %c1) : (i1, !h, !c)
        -> (!h, !c) {
      %r:2 = attn.layer 5 "decoder" (%x = %x0, %c = %d0) : (!h, !c)
          -> (!h, !c) {
        %y = attn.linear %x, %w : !h, tensor<4x4xf32> -> !h
        attn.yield %y, %c : !h, !c
      }
      attn.yield %r#0, %r#1 : !h, !c
    }
    %h4 = attn.skip %never static (%x0 = %h3) : (i1, !h) -> !h {
      %r = attn.layer 6 "decoder" (%x = %x0) : (!h) -> !h {
        %y = attn.linear %x, %w : !h, tensor<4x4xf32> -> !h
        attn.yield %y : !h
      }
      attn.yield %r : !h
    }
    return %h4, %c2, %u1, %q0 : !h, !c, !u, !q
  })mlir";

std::string phases(StringRef granularity) {
  std::string text = kPhases;
  text.replace(text.find("GRANULARITY"), 11, granularity.str());
  return text;
}

TEST_F(ModelReportTest, APhaseCostsWhatItRuns) {
  ModelReport found = report(phases("step"), {/*tokens=*/3, /*batch=*/1,
                                              /*capacity=*/9});
  // Products of each layer, in prefill and in decode.
  const int64_t wanted[][3] = {{7, 3, 2}, {2, 1, 0}, {5, 0, 1}, {6, 0, 0}};
  ASSERT_EQ(found.layers.size(), std::size(wanted));
  for (auto [layer, want] : llvm::zip_equal(found.layers, wanted)) {
    EXPECT_EQ(layer.index, want[0]);
    EXPECT_EQ(layer.runsInPrefill, want[1] > 0) << want[0];
    EXPECT_EQ(layer.runsInDecode, want[2] > 0) << want[0];
    EXPECT_EQ(layer.costs.prefill.multiplyAdds, want[1] * 3 * 16);
    EXPECT_EQ(layer.costs.decode.multiplyAdds, want[2] * 16);
  }
  EXPECT_EQ(found.all.prefill.multiplyAdds, 4 * 3 * 16);
  EXPECT_EQ(found.all.decode.multiplyAdds, 3 * 16);
  EXPECT_EQ(listLayersOfOnePhase(found, EvalPhase::Prefill),
            std::vector<int64_t>{2});
  EXPECT_EQ(listLayersOfOnePhase(found, EvalPhase::Decode),
            std::vector<int64_t>{5});
}

TEST_F(ModelReportTest, CachesBelongToTheirFirstLayer) {
  ModelReport found = report(phases("step"), {/*tokens=*/3, /*batch=*/2,
                                              /*capacity=*/9});
  const CacheBytes &first = found.findLayer(7)->costs.cache;
  EXPECT_EQ(first.perToken, 8);
  EXPECT_EQ(first.full, 2 * 9 * 8);
  EXPECT_EQ(found.findLayer(5)->costs.cache.full, 0) << "it is layer 7's";
  // One field until decode, and one of an entry for every four tokens.
  const CacheBytes &second = found.findLayer(2)->costs.cache;
  EXPECT_EQ(second.perToken, 8 + 2);
  EXPECT_EQ(second.perTokenAfterDecode, 2);
  EXPECT_EQ(second.full, 2 * (9 * 8 + 3 * 8));
  EXPECT_EQ(second.fullAfterDecode, 2 * 3 * 8);
  // No layer takes the state of the sequence.
  EXPECT_EQ(found.rest.cache.perToken, 0);
  EXPECT_EQ(found.rest.cache.full, 2 * 15 * 4);
  EXPECT_EQ(found.all.cache.full,
            first.full + second.full + found.rest.cache.full);
  EXPECT_EQ(found.findLayer(3), nullptr);
}

TEST_F(ModelReportTest, RefusesWhatCannotBeCounted) {
  EXPECT_EQ(refuse(phases("phase")),
            "'attn.skip' op has a condition that is not known from the phase "
            "alone, wanted so for granularity 'phase'");
  EXPECT_NE(refuse("module {}").find("found no function @step"),
            std::string::npos);
  EXPECT_EQ(refuse("func.func @step(%h: tensor<?x?x0xf32>, "
                   "%w: tensor<4x0xf32>) { %0 = attn.linear %h, %w : "
                   "tensor<?x?x0xf32>, tensor<4x0xf32> -> tensor<?x?x4xf32> "
                   "return }"),
            "'attn.linear' op found type 'tensor<?x?x0xf32>', wanted one with "
            "elements of a known size");
  EXPECT_EQ(refuse("module attributes {attn.rewrites = [1]} { func.func @step()"
                   " { return } }"),
            "found attn.rewrites = [1], wanted a list of {layers, name, "
            "options}");
}

TEST_F(ModelReportTest, SizesFitTheModels) {
  std::string text = "module attributes {attn.model = {context = 32 : i64}} { "
                     "func.func @step() { return } }";
  EXPECT_EQ(report(text, {}).sizes.tokens, 32);
  EXPECT_EQ(report("func.func @step() { return }", {}).sizes.capacity, 1024);
  EXPECT_EQ(report(text, {{}, {}, 7}).sizes.tokens, 7);
  EXPECT_EQ(refuse(text, {33}),
            "found tokens = 33, wanted at most the context of 32");
  EXPECT_EQ(refuse(text, {{}, 0}),
            "found batch = 0, wanted 1 to 1099511627776");
  EXPECT_EQ(refuse(text, {8, 1, 7}),
            "found capacity = 7, wanted room for the 8 tokens of a sequence");
  EXPECT_EQ(refuse(text, {8, int64_t(1) << 40}).substr(0, 27),
            "found batch = 1099511627776");
}

} // namespace
} // namespace heed
