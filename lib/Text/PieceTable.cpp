//===- PieceTable.cpp - Pieces and merges of tokenizer.json ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Text/TokenizerFile.h"

#include "heed/Support/Error.h"

namespace heed {

namespace {
/// Reads the key "model" part by part. Errors stick to `model`; what can fail
/// returns false then.
class PieceReader {
public:
  PieceReader(JsonObject model, int64_t vocabulary)
      : model(std::move(model)), vocabulary(vocabulary) {}

  llvm::Expected<PieceTable> read();

private:
  void readOptions();
  bool readVocabulary();
  bool addPiece(const JsonMember &member);
  bool nameBytes();
  bool readMerges();
  bool addMerge(JsonValue value);
  /// Returns both halves of a merge; nothing after an error.
  std::optional<std::pair<llvm::StringRef, llvm::StringRef>>
  readHalves(JsonValue value);
  bool fail(llvm::Error error) {
    model.fail(std::move(error));
    return false;
  }
  /// Looks a piece up; -1 after an error.
  int32_t find(JsonValue merge, llvm::StringRef piece);

  JsonObject model;
  int64_t vocabulary;
  bool ignoresMerges = false;
  ByteAlphabet alphabet;
  PieceTable table;
};
} // namespace

void PieceReader::readOptions() {
  // Old files leave it out.
  std::string type = "BPE";
  model.readOptional("type", type);
  if (type != "BPE")
    model.fail(model.get("type")->mismatch("\"BPE\", byte pair encoding"));
  for (llvm::StringRef key :
       {"continuing_subword_prefix", "end_of_word_suffix"}) {
    std::string affix;
    model.readOptional(key, affix);
    if (!affix.empty())
      model.fail(model.get(key)->mismatch("null or an empty string"));
  }
  double dropout = 0;
  model.readOptional("dropout", dropout);
  if (dropout != 0)
    model.fail(model.get("dropout")->mismatch("null or 0, no chance"));
  model.readOptional("ignore_merges", ignoresMerges);
  bool fallsBack = false;
  model.readOptional("byte_fallback", fallsBack);
  if (fallsBack)
    model.fail(model.get("byte_fallback")
                   ->mismatch("false: pieces of bytes, not of characters"));
  // What to do with bytes that are no pieces: there are none.
  for (llvm::StringRef key : {"unk_token", "fuse_unk"})
    model.ignore(key);
}

bool PieceReader::addPiece(const JsonMember &member) {
  llvm::Expected<int64_t> id = member.value.asInteger();
  if (!id)
    return fail(id.takeError());
  if (*id < 0 || *id >= vocabulary)
    return fail(member.value.mismatch(
        "an id from 0 to " + llvm::Twine(vocabulary - 1) +
        ": the model has a vocabulary of " + llvm::Twine(vocabulary)));
  if (member.key.empty())
    return fail(member.value.fault("found an empty piece, wanted text"));
  auto number = static_cast<int32_t>(*id);
  std::string &bytes = table.bytes[number];
  if (!bytes.empty())
    return fail(
        member.value.mismatch("another id than that of an earlier piece"));
  table.ids[member.key] = number;
  // A piece in other characters is never made, and stands for itself.
  std::optional<std::string> read = alphabet.read(member.key);
  bytes = read ? *read : member.key.str();
  if (read && ignoresMerges)
    table.pairs.addWord(bytes, number);
  return true;
}

bool PieceReader::readVocabulary() {
  JsonObject pieces;
  if (!model.read("vocab", pieces))
    return false;
  for (const JsonMember &member : cantFail(pieces.value().asObject()))
    if (!addPiece(member))
      return false;
  return true;
}

/// Finds the pieces of the 256 bytes, all of which must be there.
bool PieceReader::nameBytes() {
  for (unsigned byte = 0; byte != 256; ++byte) {
    std::string spelled = alphabet.spell(llvm::StringRef({char(byte)}));
    auto piece = table.ids.find(spelled);
    if (piece == table.ids.end())
      return fail(model.get("vocab")->fault(
          "found no piece " + quote(spelled) + " for the byte " +
          llvm::Twine(byte) + ", wanted one for each byte"));
    table.pairs.setByte(uint8_t(byte), piece->second);
  }
  return true;
}

std::optional<std::pair<llvm::StringRef, llvm::StringRef>>
PieceReader::readHalves(JsonValue value) {
  std::vector<llvm::StringRef> halves;
  if (value.kind() == JsonValue::Kind::String) {
    auto [left, right] = cantFail(value.asString()).split(' ');
    halves = {left, right};
  } else if (value.kind() == JsonValue::Kind::Array) {
    for (JsonValue half : cantFail(value.asArray())) {
      llvm::Expected<llvm::StringRef> text = half.asString();
      if (!text) {
        model.fail(text.takeError());
        return std::nullopt;
      }
      halves.push_back(*text);
    }
  }
  if (halves.size() == 2 && !halves[0].empty() && !halves[1].empty())
    return std::pair(halves[0], halves[1]);
  model.fail(value.mismatch("two pieces, \"a b\" or [\"a\", \"b\"]"));
  return std::nullopt;
}

int32_t PieceReader::find(JsonValue merge, llvm::StringRef piece) {
  auto found = table.ids.find(piece);
  if (found != table.ids.end())
    return found->second;
  model.fail(merge.fault("found " + quote(piece) +
                         ", wanted a piece of the vocabulary"));
  return -1;
}

bool PieceReader::addMerge(JsonValue value) {
  auto halves = readHalves(value);
  if (!halves)
    return false;
  int32_t left = find(value, halves->first);
  int32_t right = left < 0 ? -1 : find(value, halves->second);
  int32_t merged =
      right < 0 ? -1 : find(value, (halves->first + halves->second).str());
  if (merged < 0)
    return false;
  return table.pairs.addMerge(left, right, merged) ||
         fail(value.mismatch("each merge once"));
}

bool PieceReader::readMerges() {
  std::vector<JsonValue> merges;
  if (!model.read("merges", merges))
    return false;
  for (JsonValue merge : merges)
    if (!addMerge(merge))
      return false;
  return true;
}

llvm::Expected<PieceTable> PieceReader::read() {
  readOptions();
  if (!readVocabulary() || !nameBytes() || !readMerges())
    return model.takeError();
  for (const JsonMember &member : model.unread())
    model.fail(member.value.mismatch("no such field: it is unknown and may "
                                     "change how text becomes ids"));
  if (llvm::Error error = model.takeError())
    return std::move(error);
  return std::move(table);
}

llvm::Expected<PieceTable> readPieces(JsonObject model, int64_t vocabulary) {
  return PieceReader(std::move(model), vocabulary).read();
}

} // namespace heed
