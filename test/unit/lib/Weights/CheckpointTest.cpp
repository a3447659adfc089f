//===- CheckpointTest.cpp -------------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Weights/Checkpoint.h"
#include "test/unit/lib/Support/TemporaryFolder.h"
#include "test/unit/lib/Weights/SafetensorsBytes.h"

#include <gtest/gtest.h>

#include <chrono>
#include <sys/resource.h>
#include <unistd.h>

using namespace heed;

namespace {

class CheckpointTest : public ::testing::Test {
protected:
  std::string open(std::optional<Checkpoint> &checkpoint) {
    llvm::Expected<Checkpoint> opened = Checkpoint::open(folder.path(""));
    if (!opened)
      return llvm::toString(opened.takeError());
    checkpoint.emplace(std::move(*opened));
    return "";
  }

  /// Writes a file with one byte tensor for each name, holding that name's
  /// last character.
  void writeShard(const std::string &name, std::vector<std::string> tensors) {
    std::string header, data;
    for (const std::string &tensor : tensors) {
      header += (header.empty() ? "{" : ",") +
                member(tensor, "U8", "[1]",
                       "[" + std::to_string(data.size()) + "," +
                           std::to_string(data.size() + 1) + "]");
      data += tensor.back();
    }
    folder.write(name, fileBytes(header + "}", data));
  }

  void writeIndex(const std::string &map) {
    folder.write("model.safetensors.index.json",
                 "{\"metadata\":{\"total_size\":3},\"weight_map\":{" + map +
                     "}}");
  }

  TemporaryFolder folder;
};

long residentKiB() {
  rusage usage;
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

char firstByte(const Checkpoint &checkpoint, llvm::StringRef name) {
  TensorLocation at = llvm::cantFail(checkpoint.find(name));
  return static_cast<char>(llvm::cantFail(at.data())[0]);
}

TEST_F(CheckpointTest, OneFile) {
  writeShard("model.safetensors", {"b", "a"});
  writeIndex("\"a\":\"missing.safetensors\"");
  std::optional<Checkpoint> checkpoint;
  ASSERT_EQ(open(checkpoint), "");
  EXPECT_EQ(checkpoint->tensors().size(), 2u);
  EXPECT_EQ(checkpoint->tensors()[0].tensor->name, "a");
  EXPECT_EQ(checkpoint->files().size(), 1u);
  EXPECT_EQ(firstByte(*checkpoint, "a"), 'a');
  EXPECT_EQ(firstByte(*checkpoint, "b"), 'b');
  EXPECT_TRUE(checkpoint->contains("b"));
  EXPECT_FALSE(checkpoint->contains("c"));
  EXPECT_EQ(llvm::toString(checkpoint->find("c").takeError()),
            folder.path("") + ": found no tensor \"c\" among 2, wanted one");
}

TEST_F(CheckpointTest, TwoShards) {
  writeShard("m-1.safetensors", {"l0.a", "l0.b", "unnamed.z"});
  writeShard("m-2.safetensors", {"l1.c"});
  writeIndex("\"l1.c\":\"m-2.safetensors\",\"l0.a\":\"m-1.safetensors\","
             "\"l0.b\":\"m-1.safetensors\"");
  std::optional<Checkpoint> first;
  ASSERT_EQ(open(first), "");
  Checkpoint checkpoint = std::move(*first);
  ASSERT_EQ(checkpoint.tensors().size(), 3u);
  EXPECT_EQ(checkpoint.files().size(), 2u);
  EXPECT_EQ(firstByte(checkpoint, "l0.a"), 'a');
  EXPECT_EQ(firstByte(checkpoint, "l0.b"), 'b');
  EXPECT_EQ(firstByte(checkpoint, "l1.c"), 'c');
  EXPECT_EQ(llvm::cantFail(checkpoint.find("l1.c")).file,
            checkpoint.files()[1].get());
  EXPECT_FALSE(checkpoint.contains("unnamed.z"));
}

/// The caches of download tools hold links.
TEST_F(CheckpointTest, ShardsMayBeLinks) {
  writeShard("blob", {"a"});
  ASSERT_EQ(::symlink("blob", folder.path("m.safetensors").c_str()), 0);
  writeIndex("\"a\":\"m.safetensors\"");
  std::optional<Checkpoint> checkpoint;
  ASSERT_EQ(open(checkpoint), "");
  EXPECT_EQ(firstByte(*checkpoint, "a"), 'a');
}

/// 128 GB in 32 shards of sparse files, each with 40 tensors.
TEST_F(CheckpointTest, HugeCheckpointsOpenAtOnce) {
  constexpr int64_t kShards = 32, kTensors = 40;
  constexpr int64_t kBytes = int64_t(100) << 20;
  std::string map;
  for (int64_t shard = 0; shard < kShards; ++shard) {
    std::string header, file = "m-" + std::to_string(shard) + ".safetensors";
    for (int64_t i = 0; i < kTensors; ++i) {
      std::string name =
          "model.layers." + std::to_string(shard) + ".w" + std::to_string(i);
      header += (i ? "," : "{") +
                member(name, "BF16", "[" + std::to_string(kBytes / 2) + "]",
                       "[" + std::to_string(i * kBytes) + "," +
                           std::to_string((i + 1) * kBytes) + "]");
      map += (map.empty() ? "\"" : ",\"") + name + "\":\"" + file + "\"";
    }
    std::string content = fileBytes(header + "}");
    folder.write(file, content);
    ASSERT_EQ(
        ::truncate(folder.path(file).c_str(),
                   static_cast<off_t>(content.size()) + kTensors * kBytes),
        0);
  }
  writeIndex(map);

  long before = residentKiB();
  auto begin = std::chrono::steady_clock::now();
  std::optional<Checkpoint> checkpoint;
  ASSERT_EQ(open(checkpoint), "");
  std::chrono::duration<double> seconds =
      std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(checkpoint->tensors().size(), size_t(kShards * kTensors));
  EXPECT_EQ(firstByte(*checkpoint, "model.layers.31.w39"), 0);
  EXPECT_LT(seconds.count(), 1.0);
  EXPECT_LT(residentKiB() - before, 50 << 10);
}

} // namespace
