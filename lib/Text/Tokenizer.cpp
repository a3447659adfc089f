//===- Tokenizer.cpp - From text to ids and back --------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Text/Tokenizer.h"
#include "lib/Text/Nfc.h"
#include "lib/Text/TokenizerFile.h"

#include "heed/Support/Error.h"

#include "llvm/Support/JSON.h"

namespace heed {

/// Normalization counts bytes in 32 bits, and composing may make text longer.
static constexpr size_t kMaxText = size_t(512) << 20;

Tokenizer::~Tokenizer() = default;

namespace {
class PairTokenizer : public Tokenizer {
public:
  PairTokenizer(TokenizerFile file, int64_t vocabulary)
      : file(std::move(file)), vocabulary(vocabulary) {}

  llvm::Expected<std::vector<int32_t>> encode(llvm::StringRef text,
                                              bool addSpecial) const override;
  llvm::StringRef getBytes(int32_t id) const override {
    auto bytes = file.pieces.bytes.find(id);
    return bytes == file.pieces.bytes.end() ? llvm::StringRef()
                                            : llvm::StringRef(bytes->second);
  }
  int64_t getVocabulary() const override { return vocabulary; }

private:
  /// Appends the ids of text without raw tokens.
  llvm::Error encodeGap(llvm::StringRef text, std::vector<int32_t> &ids) const;

  TokenizerFile file;
  int64_t vocabulary;
};
} // namespace

llvm::Error PairTokenizer::encodeGap(llvm::StringRef text,
                                     std::vector<int32_t> &ids) const {
  std::string composed;
  if (file.composesNfc) {
    llvm::Expected<std::string> result = composeNfc(text);
    if (!result)
      return result.takeError();
    composed = std::move(*result);
    text = composed;
  }
  return file.normalizedTokens.split(
      text, [&](int32_t id) { ids.push_back(id); },
      [&](llvm::StringRef gap) {
        return file.splitter->split(gap, [&](llvm::StringRef word) {
          file.pieces.pairs.encode(word, ids);
        });
      });
}

llvm::Expected<std::vector<int32_t>>
PairTokenizer::encode(llvm::StringRef text, bool addSpecial) const {
  size_t broken = 0;
  if (!llvm::json::isUTF8(text, &broken))
    return makeError("found invalid UTF-8 at byte " + llvm::Twine(broken) +
                     " of the text, wanted UTF-8");
  if (text.size() > kMaxText)
    return makeError("found a text of " + llvm::Twine(text.size()) +
                     " bytes, wanted at most " + llvm::Twine(kMaxText));
  std::vector<int32_t> ids;
  if (addSpecial)
    ids = file.before;
  llvm::Error error = file.rawTokens.split(
      text, [&](int32_t id) { ids.push_back(id); },
      [&](llvm::StringRef gap) { return encodeGap(gap, ids); });
  if (error)
    return std::move(error);
  if (addSpecial)
    ids.insert(ids.end(), file.after.begin(), file.after.end());
  return ids;
}

static llvm::Expected<std::unique_ptr<Tokenizer>>
makeTokenizer(llvm::Expected<JsonDocument> document, int64_t vocabulary) {
  if (!document)
    return document.takeError();
  llvm::Expected<TokenizerFile> file =
      readTokenizer(document->root(), vocabulary);
  if (!file)
    return file.takeError();
  return std::make_unique<PairTokenizer>(std::move(*file), vocabulary);
}

llvm::Expected<std::unique_ptr<Tokenizer>> openTokenizer(llvm::StringRef path,
                                                         int64_t vocabulary) {
  return makeTokenizer(JsonDocument::open(path), vocabulary);
}

llvm::Expected<std::unique_ptr<Tokenizer>>
parseTokenizer(std::string text, llvm::StringRef name, int64_t vocabulary) {
  return makeTokenizer(JsonDocument::parse(std::move(text), name), vocabulary);
}

} // namespace heed
