//===- FaultMatrixTest.cpp - Every class of fault, every reader -----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Damages a checkpoint in every way of the table, reads it as heed-import does
// and demands one line that names the file and says what is wrong. Prints the
// table: class of fault, reader, message.
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/import/checkpoint/TinyCheckpoint.h"

#include "llvm/Support/MemoryBuffer.h"

#include <cstdio>
#include <functional>

namespace {

using heed::DType;
using heed::TinyCheckpoint;

struct Fault {
  const char *kind;
  const char *reader;
  /// Changes the checkpoint that write() has written.
  std::function<void(TinyCheckpoint &)> damage;
  /// What the message must contain; its first word is the file.
  const char *file;
  const char *words;
};

std::string load(const TinyCheckpoint &tiny, const char *name) {
  return (*llvm::MemoryBuffer::getFile(tiny.file(name)))->getBuffer().str();
}

/// Replaces text of a file by text of any length.
auto replace(const char *name, const char *from, const char *to) {
  return [=](TinyCheckpoint &tiny) {
    std::string text = load(tiny, name);
    size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    tiny.put(name, text.replace(at, strlen(from), to));
  };
}

/// Adds members to config.json.
auto member(const char *text) {
  return [=](TinyCheckpoint &tiny) {
    tiny.put("config.json",
             "{" + std::string(text) + ", " + tiny.config.substr(1));
  };
}

auto cut(const char *name, size_t bytes) {
  return [=](TinyCheckpoint &tiny) {
    tiny.put(name, load(tiny, name).substr(0, bytes));
  };
}

/// Replaces text of the header of the weight file, whose length follows.
auto header(const char *from, const char *to) {
  return [=](TinyCheckpoint &tiny) {
    std::string text = load(tiny, "model.safetensors");
    uint64_t length;
    memcpy(&length, text.data(), 8);
    size_t at = text.find(from);
    ASSERT_LT(at, length) << from;
    length += strlen(to) - strlen(from);
    text.replace(at, strlen(from), to);
    memcpy(text.data(), &length, 8);
    tiny.put("model.safetensors", text);
  };
}

/// Writes an index in place of the single file; `map` are its members.
auto index(const char *map) {
  return [=](TinyCheckpoint &tiny) {
    tiny.put("shard.safetensors", load(tiny, "model.safetensors"));
    llvm::sys::fs::remove(tiny.weights());
    tiny.put("model.safetensors.index.json", map);
  };
}

/// Writes other tensors.
template <typename Change> auto tensors(Change change) {
  return [=](TinyCheckpoint &tiny) {
    change(tiny);
    tiny.write();
  };
}

constexpr const char *kConfig = "config.json";
constexpr const char *kIndex = "model.safetensors.index.json";
constexpr const char *kWeights = "model.safetensors";

std::vector<Fault> configFaults() {
  return {
      {"truncated", "config", cut(kConfig, 40), kConfig, "wanted"},
      {"empty", "config", cut(kConfig, 0), kConfig, "wanted"},
      {"missing", "config",
       [](TinyCheckpoint &t) { llvm::sys::fs::remove(t.file(kConfig)); },
       kConfig, "No such file"},
      {"not an object", "config", replace(kConfig, "{", "[{"), kConfig,
       "wanted"},
      {"duplicate key", "config", member(R"("vocab_size": 8)"), kConfig,
       "duplicate key \"vocab_size\""},
      {"wrong type", "config", replace(kConfig, ": 4", ": \"4\""), kConfig,
       "key \"hidden_size\": found string \"4\""},
      {"negative", "config", replace(kConfig, ": 4", ": -4"), kConfig,
       "key \"hidden_size\": found integer -4"},
      {"near 2^63", "config", replace(kConfig, ": 4", ": 9223372036854775807"),
       kConfig, "found integer 9223372036854775807, wanted"},
      {"beyond 2^64", "config",
       replace(kConfig, ": 4", ": 99999999999999999999"), kConfig,
       "key \"hidden_size\": found integer 99999999999999999999"},
      {"contradiction", "config",
       replace(kConfig, "_heads\": 1", "_heads\": 3"), kConfig,
       "num_attention_heads 2 and num_key_value_heads 3"},
      {"unknown field", "config", member(R"("logit_scale": 0.5)"), kConfig,
       "key \"logit_scale\""},
      {"unknown model", "config", replace(kConfig, "llama", "mamba"), kConfig,
       "\"mamba\", wanted one of llama"},
      {"quantised", "config", member(R"("quantization_config": {"bits": 4})"),
       kConfig, "quantised checkpoints are not supported"},
      {"experts", "config", member(R"("num_local_experts": 8)"), kConfig,
       "mixtures of experts are not supported"},
      {"adapter", "config",
       [](TinyCheckpoint &t) { t.put("adapter_config.json", "{}"); },
       "adapter_config.json", "adapters are not supported"},
      {"not UTF-8", "config", replace(kConfig, "llama", "\xff\xfe"), kConfig,
       "UTF-8"},
      {"nested deeply", "config",
       [](TinyCheckpoint &t) { t.put(kConfig, std::string(100000, '[')); },
       kConfig, "nest"},
      {"invalid id", "config", member(R"("eos_token_id": 8)"), kConfig,
       "found id 8, wanted one from 0 to 7"},
      {"invalid id", "generation",
       [](TinyCheckpoint &t) {
         t.put("generation_config.json", R"({"eos_token_id": [1, -1]})");
       },
       "generation_config.json", "found id -1"},
      {"truncated", "generation",
       [](TinyCheckpoint &t) { t.put("generation_config.json", "{"); },
       "generation_config.json", "wanted"},
  };
}

std::vector<Fault> indexFaults() {
  return {
      {"truncated", "index", index(R"({"weight_map": {"a": )"), kIndex,
       "wanted"},
      {"wrong type", "index", index(R"({"weight_map": ["a"]})"), kIndex,
       "wanted object"},
      {"no map", "index", index("{}"), kIndex, "weight_map"},
      {"empty map", "index", index(R"({"weight_map": {}})"), kIndex,
       "wanted at least one"},
      {"duplicate key", "index",
       index(R"({"weight_map": {"a": "s", "a": "t"}})"), kIndex,
       "duplicate key \"a\""},
      {"path", "index", index(R"({"weight_map": {"a": "../secret"}})"), kIndex,
       "same folder"},
      {"missing shard", "index",
       index(R"({"weight_map": {"a": "none.safetensors"}})"), kIndex,
       "none.safetensors"},
      {"missing tensor", "index",
       index(R"({"weight_map": {"a": "shard.safetensors"}})"), kIndex,
       "without this tensor"},
  };
}

std::vector<Fault> tensorFaults() {
  return {
      {"truncated header", "tensors", cut(kWeights, 100), kWeights, "wanted"},
      {"truncated data", "tensors", cut(kWeights, 3000), kWeights, "wanted"},
      {"empty", "tensors", cut(kWeights, 0), kWeights, "wanted"},
      {"missing", "tensors",
       [](TinyCheckpoint &t) { llvm::sys::fs::remove(t.weights()); }, "FOLDER",
       "wanted model.safetensors"},
      {"header too long", "tensors",
       [](TinyCheckpoint &t) {
         t.put(kWeights, std::string(8, '\x7f') + load(t, kWeights).substr(8));
       },
       kWeights, "wanted"},
      {"negative range", "tensors", header("[128,", "[-128,"), kWeights,
       "found integer -128"},
      {"overlap", "tensors", header("[128,256]", "[120,248]"), kWeights,
       "wanted"},
      {"hole", "tensors", header("[128,256]", "[132,260]"), kWeights, "wanted"},
      {"near 2^63", "tensors", header("[8,4]", "[4611686018427387904,4]"),
       kWeights, "[4611686018427387904, 4]"},
      {"duplicate key", "tensors",
       header("\"model.norm.weight\"", "\"lm_head.weight\""), kWeights,
       "duplicate key \"lm_head.weight\""},
      {"unknown type", "tensors", header("F32", "Q40"), kWeights, "Q40"},
      {"wrong type", "tensors", tensors([](TinyCheckpoint &t) {
         t.tensor("model.norm.weight").dtype = DType::I64;
       }),
       kWeights, "found type I64, wanted F32, BF16 or F16"},
      {"wrong shape", "tensors", tensors([](TinyCheckpoint &t) {
         t.tensor("model.norm.weight").shape = {2, 2};
       }),
       kWeights, "found shape [2, 2], wanted [4] (hidden_size"},
      {"missing tensor", "tensors",
       tensors([](TinyCheckpoint &t) { t.erase("model.norm"); }), "FOLDER",
       "key \"model.norm.weight\": found nothing"},
      {"missing layer", "tensors",
       tensors([](TinyCheckpoint &t) { t.erase("model.layers.1"); }), "FOLDER",
       "found tensors of 1 layers, wanted num_hidden_layers 2"},
      {"unknown tensor", "tensors", tensors([](TinyCheckpoint &t) {
         t.tensors.push_back({"model.surprise", DType::F32, {1}});
       }),
       kWeights, "key \"model.surprise\""},
  };
}

TEST(FaultMatrix, EveryFaultIsOneLineThatNamesTheFile) {
  std::vector<Fault> faults = configFaults();
  for (auto *more : {&indexFaults, &tensorFaults})
    for (Fault &fault : more())
      faults.push_back(std::move(fault));
  std::printf("%-17s| %-11s| message\n", "class", "reader");
  for (const Fault &fault : faults) {
    TinyCheckpoint tiny;
    tiny.write();
    ASSERT_EQ(tiny.fault(), "");
    fault.damage(tiny);
    std::string message = tiny.fault();
    llvm::StringRef text = message;
    std::printf("%-17s| %-11s| %s\n", fault.kind, fault.reader,
                message.c_str());
    EXPECT_TRUE(text.contains(fault.file)) << message;
    EXPECT_TRUE(text.contains(fault.words))
        << message << "\n  lacks: " << fault.words;
    EXPECT_FALSE(text.contains('\n') || text.ends_with(".")) << message;
  }
}

} // namespace
