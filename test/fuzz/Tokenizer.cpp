//===- Tokenizer.cpp - Fuzzes the reader of tokenizers, and encoding ------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The input is a tokenizer.json, a zero byte, and a text to encode. The pieces
// of the 256 bytes, which a mutation would hardly hit upon, are put in where
// the file says "vocab":{.
//
//===----------------------------------------------------------------------===//

#include "heed/Text/Tokenizer.h"
#include "heed/Text/TextStream.h"
#include "lib/Text/ByteAlphabet.h"

#include "llvm/Support/JSON.h"

#include <cstdlib>

using namespace heed;

static constexpr int64_t kVocabulary = 512;
static constexpr llvm::StringLiteral kPlace = "\"vocab\":{";

/// Ends the process unless the error is one line.
static void check(llvm::Error error) {
  if (llvm::toString(std::move(error)).find('\n') != std::string::npos)
    std::abort();
}

/// Puts the pieces of the bytes into a file.
static std::string addBytes(llvm::StringRef file) {
  auto [before, after] = file.split(kPlace);
  if (before.size() == file.size())
    return file.str();
  std::string text = (before + kPlace).str();
  ByteAlphabet alphabet;
  for (unsigned byte = 0; byte != 256; ++byte) {
    std::string spelled = alphabet.spell(llvm::StringRef({char(byte)}));
    if (spelled == "\"" || spelled == "\\")
      spelled.insert(0, "\\");
    text += "\"" + spelled + "\":" + std::to_string(byte) + ",";
  }
  return text + after.str();
}

/// Encodes and decodes; a text that is not normalized and has no special token
/// must come back.
static void encode(const Tokenizer &tokenizer, llvm::StringRef file,
                   llvm::StringRef text) {
  llvm::Expected<std::vector<int32_t>> ids = tokenizer.encode(text, true);
  if (!ids)
    return check(ids.takeError());
  for (int32_t id : *ids)
    if (id < 0 || id >= kVocabulary)
      std::abort();
  ids = tokenizer.encode(text, false);
  if (!ids)
    std::abort();
  TextStream stream;
  std::string back;
  bool hasSpecial = false;
  for (int32_t id : *ids) {
    hasSpecial |= tokenizer.getBytes(id).empty();
    back += stream.push(tokenizer.getBytes(id));
  }
  back += stream.finish();
  if (!llvm::json::isUTF8(back))
    std::abort();
  if (!hasSpecial && !file.contains("NFC") && back != text)
    std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef input(reinterpret_cast<const char *>(data), size);
  auto [file, text] = input.split('\0');
  std::string whole = addBytes(file);
  llvm::Expected<std::unique_ptr<Tokenizer>> tokenizer =
      parseTokenizer(whole, "f", kVocabulary);
  if (tokenizer)
    encode(**tokenizer, whole, text);
  else
    check(tokenizer.takeError());
  return 0;
}
