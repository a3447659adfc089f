//===- TinyModel.h - A model of hand-made kernels ---------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A model small enough to be worked out by hand, and the hand that does so:
/// attention without softmax over small integers, which is exact in f32 in
/// every order of summing. It has a cache of all tokens, a ring with sinks and,
/// if asked, a cache that is kept until decode.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_RUNTIME_TINYMODEL_H
#define HEED_TEST_UNIT_RUNTIME_TINYMODEL_H

#include "test/unit/runtime/PackageBuilder.h"

#include "heed-c/Runtime.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

namespace heed::test {

inline constexpr int64_t V = 16, H = 2, W = 4;

struct TinyOptions {
  uint32_t window = 5, sinks = 2;
  bool untilDecode = false;
  uint32_t context = 0;
};

/// Row `id` of the table of embeddings.
inline float tableValue(int64_t id, int64_t h, int64_t w) {
  return float((id * 5 + h * 3 + w * 2) % 4);
}

/// Adds one entry of the model to `builder`.
inline void addTinyEntry(PackageBuilder &builder, const std::string &name,
                         const TinyOptions &options, uint32_t caches) {
  auto size = [](int64_t elements) {
    return heed_package_size{0, 0, elements, 0};
  };
  auto arg = [](heed_operand_kind kind, uint32_t index = 0) {
    return heed_operand(kind, index);
  };
  uint32_t n = arg(HEED_ARG_SIZE, 1), h = builder.constant(H),
           w = builder.constant(W);
  uint32_t attends = name == "decode" ? 2 : caches;
  uint32_t last = 2 + 2 * attends;
  builder.beginEntry(name);
  uint32_t k =
      arg(HEED_ARG_BUFFER, builder.buffer(size(H * W), HEED_F32, 0, last));
  uint32_t v =
      arg(HEED_ARG_BUFFER, builder.buffer(size(H * W), HEED_F32, 0, last));
  uint32_t out =
      arg(HEED_ARG_BUFFER, builder.buffer(size(H * W), HEED_F32, 1, last));
  builder.launch(0,
                 {arg(HEED_ARG_IDS), arg(HEED_ARG_POSITIONS),
                  arg(HEED_ARG_WEIGHT, 0), k, v, n, h, w},
                 {{{0, 0, 1, 0}, 1}}, "embed tokens");
  builder.launch(1, {out, n, h, w}, {{{0, 1, 0, 0}, 1}});
  for (uint32_t cache = 0; cache != attends; ++cache) {
    bool ring = cache == 1;
    builder.launch(
        2,
        {k, v, arg(HEED_ARG_POSITIONS), arg(HEED_ARG_SLOTS),
         arg(HEED_ARG_FIELD, 2 * cache), arg(HEED_ARG_FIELD, 2 * cache + 1),
         arg(HEED_ARG_CACHE_POSITIONS, cache),
         arg(HEED_ARG_CACHE_COUNTS, cache), arg(HEED_ARG_CACHE_CAPACITY, cache),
         out, n, h, w, builder.constant(ring ? options.window : 0),
         builder.constant(ring ? options.sinks : 0)},
        {{{0, 1, 0, 0}, 1}, {{H, 0, 0, 0}, 1}});
    builder.append(cache, {k, v});
  }
  builder.launch(3,
                 {out, arg(HEED_ARG_ROWS), arg(HEED_ARG_LOGITS), n,
                  arg(HEED_ARG_SIZE, 2), builder.constant(V), h, w},
                 {{{0, 0, 0, 1}, 1}});
  builder.endEntry();
}

inline PackageBuilder tinyBuilder(const TinyOptions &options = {}) {
  PackageBuilder builder;
  builder.header.vocabulary = V;
  builder.header.context = options.context;
  builder.stopIds = {3, 7};
  builder.metadata = "{\"made\":\"by hand\"}";
  builder.code = readFile(HEED_TEST_KERNELS);
  std::vector<float> table;
  for (int64_t id = 0; id != V; ++id)
    for (int64_t h = 0; h != H; ++h)
      for (int64_t w = 0; w != W; ++w)
        table.push_back(tableValue(id, h, w));
  builder.embed("table", table);
  for (const char *name : {"embed", "clear"})
    builder.kernel(name, 0);
  builder.kernel("attend", W * 4);
  builder.kernel("head", 0);
  uint32_t caches = options.untilDecode ? 3 : 2;
  for (uint32_t cache = 0; cache != caches; ++cache) {
    bool ring = cache == 1;
    builder.cache("layer " + std::to_string(cache), ring ? options.window : 0,
                  ring ? options.sinks : 0, cache == 2);
    builder.field("k", H, W);
    builder.field("v", H, W);
  }
  addTinyEntry(builder, "prefill", options, caches);
  addTinyEntry(builder, "decode", options, caches);
  return builder;
}

/// The same package for GPUs, with the kernels of Kernels.cu.
inline PackageBuilder forGpu(PackageBuilder builder) {
  static constexpr char text[] =
#include "test/unit/runtime/Kernels.ptx.inc"
      ;
  std::strcpy(builder.header.target, "sm_80");
  builder.code.assign(text, sizeof(text));
  for (heed_package_kernel &kernel : builder.kernels) {
    kernel.threads = 64;
    kernel.scratch_bytes *= 64;
  }
  return builder;
}

/// The same for a GPU of 9.0, where `head` has two tensor maps over the result,
/// which is bf16 here. The code declares them, but does not use them; the
/// format is of interest.
inline PackageBuilder withMaps(PackageBuilder builder) {
  builder = forGpu(std::move(builder));
  std::strcpy(builder.header.target, "sm_90a");
  const std::string words = ".align 8 .b8 head_param_0[64]";
  builder.code.replace(builder.code.find(words), words.size(),
                       ".align 64 .b8 head_param_0[320]");
  for (size_t entry = 0; entry != builder.entries.size(); ++entry)
    builder.buffers[3 * entry + 2].dtype = HEED_BF16;
  builder.map(0, 3, 128, 16);
  builder.map(0, 6, 64, 256);
  return builder;
}

/// A model and a cache of it, closed at the end.
class TinySession {
public:
  TinySession(const std::string &package, int64_t slots, int64_t capacity,
              int threads = 1) {
    heed_model_options options = {threads};
    EXPECT_EQ(heed_model_open_memory(package.data(), package.size(), ".", "cpu",
                                     &options, &model),
              HEED_OK)
        << heed_last_error();
    EXPECT_EQ(heed_cache_create(model, slots, capacity, &cache), HEED_OK)
        << heed_last_error();
  }
  ~TinySession() {
    heed_cache_destroy(cache);
    heed_model_destroy(model);
  }

  /// Runs one sequence on `slot`; returns the logits of all tokens.
  std::vector<float> run(const std::vector<int32_t> &ids, int32_t slot = 0,
                         bool decode = false) {
    int64_t n = ids.size();
    std::vector<int32_t> rows;
    for (int32_t i = 0; i != n; ++i)
      rows.push_back(i);
    std::vector<float> logits(n * V, -1);
    heed_step step = {1,       n,           n,     ids.data(),
                      nullptr, rows.data(), &slot, logits.data()};
    status = decode ? heed_decode(cache, &step) : heed_prefill(cache, &step);
    return logits;
  }
  std::vector<float> decode(int32_t id, int32_t slot = 0) {
    return run({id}, slot, true);
  }
  int64_t tokens(int64_t slot) {
    int64_t tokens = -1;
    EXPECT_EQ(heed_cache_tokens(cache, slot, &tokens), HEED_OK);
    return tokens;
  }

  heed_model *model = nullptr;
  heed_cache *cache = nullptr;
  heed_status status = HEED_OK;
};

/// Works out the logits of token `query` of a sequence from the definition.
/// `attends` is how many caches the entry of that token reads.
inline std::vector<float> expectLogits(const std::vector<int32_t> &ids,
                                       int64_t query,
                                       const TinyOptions &options,
                                       int attends = 2) {
  float out[H][W] = {};
  for (int cache = 0; cache != attends; ++cache)
    for (int64_t key = 0; key <= query; ++key) {
      bool seen = cache != 1 || key < options.sinks ||
                  query - key < int64_t(options.window);
      for (int64_t h = 0; seen && h != H; ++h) {
        float weight = 0;
        for (int64_t w = 0; w != W; ++w)
          weight += tableValue(ids[query], h, w) * tableValue(ids[key], h, w);
        for (int64_t w = 0; w != W; ++w)
          out[h][w] += weight * (tableValue(ids[key], h, w) + float(key));
      }
    }
  std::vector<float> logits;
  for (int64_t v = 0; v != V; ++v)
    logits.push_back(out[v % H][v / H % W] + float(v));
  return logits;
}

/// The same for all tokens, one row each.
inline std::vector<float> expectAll(const std::vector<int32_t> &ids,
                                    const TinyOptions &options,
                                    int attends = 2) {
  std::vector<float> all;
  for (size_t i = 0; i != ids.size(); ++i) {
    std::vector<float> row = expectLogits(ids, i, options, attends);
    all.insert(all.end(), row.begin(), row.end());
  }
  return all;
}

/// Some ids below V, the same on every run.
inline std::vector<int32_t> someIds(int64_t count, uint32_t seed = 1) {
  std::vector<int32_t> ids;
  for (int64_t i = 0; i != count; ++i) {
    seed = seed * 1664525u + 1013904223u;
    ids.push_back(int32_t(seed >> 24) % V);
  }
  return ids;
}

} // namespace heed::test

#endif // HEED_TEST_UNIT_RUNTIME_TINYMODEL_H
