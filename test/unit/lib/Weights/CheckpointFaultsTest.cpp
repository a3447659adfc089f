//===- CheckpointFaultsTest.cpp -------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every class of fault against the readers of an index and of a checkpoint.
// Prints their part of the matrix.
//
//===----------------------------------------------------------------------===//

#include "heed/Weights/Checkpoint.h"
#include "test/unit/lib/Support/TemporaryFolder.h"
#include "test/unit/lib/Weights/FaultMatrix.h"

#include <gtest/gtest.h>

using namespace heed;

namespace {

TEST(CheckpointFaults, Index) {
  std::string key = "f: key ";
  std::string map = "{\"weight_map\":";
  std::string plain = ", wanted the name of a file in the same folder";
  const Fault faults[] = {
      {"empty file", "",
       "f:1:1: found the end of the text, wanted a JSON value"},
      {"truncated", map + "{\"a\":\"x\"",
       "f:1:23: found the end of the text, wanted \",\" or \"}\""},
      {"not an object", "[]", "f: top level: found array of 0, wanted object"},
      {"no weight_map", "{\"metadata\":{}}",
       key + "\"weight_map\": found nothing, wanted object"},
      {"wrong type of weight_map", map + "[]}",
       key + "\"weight_map\": found array of 0, wanted object"},
      {"empty weight_map", map + "{}}",
       key + "\"weight_map\": found no tensor, wanted at least one"},
      {"shard is no string", map + "{\"a\":1}}",
       key + "\"weight_map.a\": found integer 1, wanted string"},
      {"duplicate tensor", map + "{\"a\":\"x\",\"a\":\"y\"}}",
       "f:1:24: found duplicate key \"a\", wanted each key once"},
      {"path upwards", map + "{\"a\":\"../x\"}}",
       key + "\"weight_map.a\": found string \"../x\"" + plain},
      {"absolute path", map + "{\"a\":\"/etc/passwd\"}}",
       key + "\"weight_map.a\": found string \"/etc/passwd\"" + plain},
      {"folder", map + "{\"a\":\"..\"}}",
       key + "\"weight_map.a\": found string \"..\"" + plain},
      {"no name", map + "{\"a\":\"\"}}",
       key + "\"weight_map.a\": found string \"\"" + plain},
      {"name with a zero", map + "{\"a\":\"x\\u0000\"}}",
       key + "\"weight_map.a\": found string \"x\\x00\"" + plain},
  };
  for (const Fault &fault : faults) {
    auto entries = parseSafetensorsIndex(fault.content, "f");
    ASSERT_FALSE(bool(entries)) << fault.name;
    std::string message = llvm::toString(entries.takeError());
    EXPECT_EQ(message, fault.message) << fault.name;
    print(fault.name, "index", message);
  }
}

class CheckpointFaultsTest : public ::testing::Test {
protected:
  void expect(const char *fault, std::string message) {
    llvm::Expected<Checkpoint> checkpoint = Checkpoint::open(root);
    ASSERT_FALSE(bool(checkpoint)) << fault;
    std::string found = llvm::toString(checkpoint.takeError());
    for (size_t at; (at = found.find(root)) != std::string::npos;)
      found.replace(at, root.size(), "DIR");
    EXPECT_EQ(found, message) << fault;
    print(fault, "checkpoint", found);
  }

  TemporaryFolder folder;
  std::string root = folder.path("c");
  std::string index = "c/model.safetensors.index.json";
};

TEST_F(CheckpointFaultsTest, Folder) {
  std::string wanted =
      ", wanted model.safetensors or model.safetensors.index.json";
  expect("no folder", "DIR: found no folder, wanted a checkpoint with "
                      "model.safetensors or model.safetensors.index.json");
  std::filesystem::create_directory(root);
  expect("empty folder", "DIR: found neither" + wanted);
  folder.write("c/pytorch_model.bin", "x");
  expect("pickled weights", "DIR: found pytorch_model.bin" + wanted);
  folder.write("c/adapter_model.safetensors", "x");
  expect("adapter", "DIR: found adapter_model.safetensors" + wanted);
  std::filesystem::create_directory(root + "/model.safetensors");
  expect("folder for a file", "cannot read \"DIR/model.safetensors\": found a "
                              "folder, wanted a regular file");
}

TEST_F(CheckpointFaultsTest, Shards) {
  std::filesystem::create_directory(root);
  std::string name = "DIR/model.safetensors.index.json: ";
  folder.write(index, "{\"weight_map\":{\"a\":\"1.st\",\"b\":\"2.st\"}}");
  folder.write("c/1.st", fileBytes(object(kGood), std::string(8, 'x')));
  expect("missing shard", name + "names shard \"2.st\": cannot read "
                                 "\"DIR/2.st\": No such file or directory");
  folder.write("c/2.st", fileBytes(object(kGood), std::string(7, 'x')));
  expect("truncated shard",
         name + "names shard \"2.st\": DIR/2.st: header: key "
                "\"a.data_offsets\": found [0, 8], wanted an end of at most 7, "
                "the bytes after the header");
  folder.write("c/2.st", fileBytes(object(kGood), std::string(8, 'x')));
  expect("tensor not in its shard",
         name + "key \"weight_map.b\": found shard \"2.st\" without this "
                "tensor, wanted the shard that holds it");
}

} // namespace
