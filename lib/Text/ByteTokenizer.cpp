//===- ByteTokenizer.cpp - Bytes as ids -----------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Support/Error.h"
#include "heed/Text/Tokenizer.h"

#include <array>

namespace heed {

namespace {
constexpr int32_t kBytes = 256;

class ByteTokenizer : public Tokenizer {
public:
  explicit ByteTokenizer(std::optional<int32_t> startId) : startId(startId) {
    for (int32_t id = 0; id != kBytes; ++id)
      bytes[id] = char(id);
  }

  llvm::Expected<std::vector<int32_t>> encode(llvm::StringRef text,
                                              bool addSpecial) const override {
    std::vector<int32_t> ids;
    if (addSpecial && startId)
      ids.push_back(*startId);
    ids.insert(ids.end(), text.bytes_begin(), text.bytes_end());
    return ids;
  }

  llvm::StringRef getBytes(int32_t id) const override {
    return id >= 0 && id < kBytes ? llvm::StringRef(&bytes[id], 1) : "";
  }

  int64_t getVocabulary() const override { return kBytes; }

private:
  std::optional<int32_t> startId;
  std::array<char, kBytes> bytes;
};
} // namespace

llvm::Expected<std::unique_ptr<Tokenizer>>
createByteTokenizer(std::optional<int32_t> startId) {
  if (startId && (*startId < 0 || *startId >= kBytes))
    return makeError("found the start id " + llvm::Twine(*startId) +
                     ", wanted a byte, from 0 to 255");
  return std::make_unique<ByteTokenizer>(startId);
}

} // namespace heed
