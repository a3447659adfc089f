//===- ResidentMemoryTest.cpp - Rings save what they say ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// heed_cache_bytes counts; this asks the system. 64 sequences of 1024 tokens
// make the caches of a small model 128 MiB; a window of 256 keys and 4 sinks
// leaves about a quarter. The process must grow by as much less, within 10 %.
//
//===----------------------------------------------------------------------===//

#include "test/unit/models/OpenModel.h"

#include "gtest/gtest.h"

#include <cstdio>
#include <fstream>
#include <unistd.h>

namespace {

using namespace heed;

constexpr int64_t kSequences = 64, kCapacity = 1024, kChunk = 128;
constexpr char kConfig[] = R"({"model_type": "llama", "vocab_size": 16,
  "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2,
  "num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 64,
  "max_position_embeddings": 1024})";

/// Returns the bytes of this process that lie in memory.
int64_t countResidentBytes() {
  int64_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

/// What a cache holds, as the model says and as the system says.
struct Growth {
  int64_t counted = 0, resident = 0;
};

llvm::Error fill(Session &session) {
  std::vector<int32_t> ids(kSequences * kChunk);
  for (size_t i = 0; i < ids.size(); ++i)
    ids[i] = int32_t(i * 7 % 16);
  heed_step step = {};
  step.batch = kSequences;
  step.tokens = kChunk;
  step.ids = ids.data();
  step.rows = 1;
  std::vector<float> logits(kSequences * 16);
  step.logits = logits.data();
  for (int64_t done = 0; done < kCapacity; done += kChunk)
    if (llvm::Error error = session.prefill(step))
      return error;
  return llvm::Error::success();
}

/// Opens the model, rewritten, and fills its cache; whatever else a step needs
/// is the same with every cache.
llvm::Expected<Growth> measure(llvm::StringRef pipeline) {
  mlir::MLIRContext context;
  RandomCheckpoint checkpoint(kConfig);
  auto module = checkpoint.import(context, ImportType::F32);
  if (!module)
    return module.takeError();
  std::vector<std::string> remarks;
  if (!pipeline.empty())
    if (llvm::Error error = rewrite(**module, pipeline, remarks))
      return std::move(error);
  int64_t before = countResidentBytes();
  auto session = openSession(Device::Cpu, **module, checkpoint.getFolder(),
                             kSequences, kCapacity);
  if (!session)
    return session.takeError();
  if (llvm::Error error = fill(**session))
    return std::move(error);
  return Growth{(*session)->cacheBytes(), countResidentBytes() - before};
}

TEST(ResidentMemory, DiffersByWhatTheCachesCount) {
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "the address sanitizer keeps memory that was released";
#endif
  // Whatever the first compilation leaves behind is there before either.
  ASSERT_TRUE(bool(measure("")));
  llvm::Expected<Growth> dense = measure("");
  ASSERT_TRUE(bool(dense)) << llvm::toString(dense.takeError());
  llvm::Expected<Growth> window =
      measure("attn-sliding-window{window=256 sinks=4}");
  ASSERT_TRUE(bool(window)) << llvm::toString(window.takeError());
  const int64_t entry = 2 * 2 * 2 * 64 * 4; // layers, k and v, heads, width
  EXPECT_EQ(dense->counted, kSequences * 1024 * entry);
  EXPECT_EQ(window->counted, kSequences * (256 + 4) * entry);
  int64_t wanted = dense->counted - window->counted;
  int64_t found = dense->resident - window->resident;
  std::printf("dense %lld counted, %lld resident; window %lld and %lld; "
              "difference %lld and %lld\n",
              (long long)dense->counted, (long long)dense->resident,
              (long long)window->counted, (long long)window->resident,
              (long long)wanted, (long long)found);
  EXPECT_NEAR(double(found), double(wanted), 0.1 * double(wanted));
}

} // namespace
