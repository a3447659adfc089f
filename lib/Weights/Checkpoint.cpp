//===- Checkpoint.cpp - The weights of one model --------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Weights/Checkpoint.h"
#include "heed/Support/Error.h"
#include "heed/Support/Json.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace heed {

static constexpr llvm::StringLiteral kSingle = "model.safetensors";
static constexpr llvm::StringLiteral kIndex = "model.safetensors.index.json";

static std::string join(llvm::StringRef folder, llvm::StringRef name) {
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, name);
  return path.str().str();
}

/// Whether `name` is the name of a file in the folder of the index: with a
/// path, an index from the net could open any file of the user.
static bool isPlainFileName(llvm::StringRef name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(llvm::StringRef("/\\\0", 3)) ==
             llvm::StringRef::npos;
}

llvm::Expected<std::vector<ShardEntry>>
parseSafetensorsIndex(std::string text, llvm::StringRef name) {
  llvm::Expected<JsonDocument> document =
      JsonDocument::parse(std::move(text), name);
  if (!document)
    return document.takeError();
  JsonObject index(document->root());
  JsonObject map;
  if (!index.read("weight_map", map))
    return index.takeError();
  std::vector<ShardEntry> entries;
  for (const JsonMember &member : llvm::cantFail(map.value().asObject())) {
    llvm::Expected<llvm::StringRef> shard = member.value.asString();
    if (!shard)
      return shard.takeError();
    if (!isPlainFileName(*shard))
      return member.value.mismatch("the name of a file in the same folder");
    entries.push_back({member.key.str(), shard->str()});
  }
  if (entries.empty())
    return map.value().fault("found no tensor, wanted at least one");
  llvm::sort(entries, [](const ShardEntry &a, const ShardEntry &b) {
    return a.tensor < b.tensor;
  });
  return entries;
}

llvm::Error Checkpoint::openSingle(llvm::StringRef path) {
  llvm::Expected<SafetensorsFile> file = SafetensorsFile::open(path);
  if (!file)
    return file.takeError();
  shards.push_back(std::make_unique<SafetensorsFile>(std::move(*file)));
  for (const TensorEntry &tensor : shards.front()->header().tensors())
    locations.push_back({shards.front().get(), &tensor});
  return llvm::Error::success();
}

llvm::Error Checkpoint::openShards(llvm::StringRef indexPath) {
  llvm::Expected<std::string> text = readFile(indexPath, JsonLimits().bytes);
  if (!text)
    return text.takeError();
  llvm::Expected<std::vector<ShardEntry>> entries =
      parseSafetensorsIndex(std::move(*text), indexPath);
  if (!entries)
    return entries.takeError();

  std::vector<llvm::StringRef> names;
  for (const ShardEntry &entry : *entries)
    names.push_back(entry.shard);
  llvm::sort(names);
  names.erase(llvm::unique(names), names.end());
  for (llvm::StringRef name : names) {
    llvm::Expected<SafetensorsFile> file =
        SafetensorsFile::open(join(folder, name));
    if (!file)
      return makeError(indexPath + ": names shard " + quote(name) + ": " +
                       llvm::toString(file.takeError()));
    shards.push_back(std::make_unique<SafetensorsFile>(std::move(*file)));
  }
  for (const ShardEntry &entry : *entries) {
    auto name = llvm::lower_bound(names, entry.shard);
    const SafetensorsFile *file =
        shards[static_cast<size_t>(name - names.begin())].get();
    const TensorEntry *tensor = file->header().find(entry.tensor);
    if (!tensor)
      return makeError(indexPath + ": key " +
                       quote("weight_map." + entry.tensor) + ": found shard " +
                       quote(entry.shard) +
                       " without this tensor, wanted the shard that holds it");
    locations.push_back({file, tensor});
  }
  return llvm::Error::success();
}

/// Names a file that tells in which other form a checkpoint may be.
static std::string findOtherForm(llvm::StringRef folder) {
  for (const char *name :
       {"adapter_model.safetensors", "adapter_config.json", "pytorch_model.bin",
        "pytorch_model.bin.index.json", "consolidated.safetensors",
        "consolidated.00.pth", "diffusion_pytorch_model.safetensors",
        "tf_model.h5"})
    if (llvm::sys::fs::exists(join(folder, name)))
      return name;
  return "neither";
}

llvm::Expected<Checkpoint> Checkpoint::open(llvm::StringRef folder) {
  if (!llvm::sys::fs::is_directory(folder))
    return makeError(folder + ": found no folder, wanted a checkpoint with " +
                     kSingle + " or " + kIndex);
  Checkpoint checkpoint;
  checkpoint.folder = folder.str();
  std::string single = join(folder, kSingle), index = join(folder, kIndex);
  bool hasSingle = llvm::sys::fs::exists(single);
  if (!hasSingle && !llvm::sys::fs::exists(index))
    return makeError(folder + ": found " + findOtherForm(folder) + ", wanted " +
                     kSingle + " or " + kIndex);
  if (llvm::Error error = hasSingle ? checkpoint.openSingle(single)
                                    : checkpoint.openShards(index))
    return std::move(error);
  return checkpoint;
}

const TensorLocation *Checkpoint::lookUp(llvm::StringRef name) const {
  auto found = llvm::partition_point(locations, [&](const TensorLocation &at) {
    return at.tensor->name < name;
  });
  return found != locations.end() && found->tensor->name == name ? &*found
                                                                 : nullptr;
}

llvm::Expected<TensorLocation> Checkpoint::find(llvm::StringRef name) const {
  if (const TensorLocation *found = lookUp(name))
    return *found;
  return makeError(folder + ": found no tensor " + quote(name) + " among " +
                   llvm::Twine(locations.size()) + ", wanted one");
}

bool Checkpoint::contains(llvm::StringRef name) const {
  return lookUp(name) != nullptr;
}

} // namespace heed
