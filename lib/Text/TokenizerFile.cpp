//===- TokenizerFile.cpp - What tokenizer.json says -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Text/TokenizerFile.h"
#include "lib/Text/Nfc.h"

#include "heed/Support/Error.h"

#include "llvm/ADT/StringSet.h"

namespace heed {

namespace {
/// Reads a file key by key. Errors of all objects below `root` stick to it.
class FileReader {
public:
  FileReader(JsonValue value, int64_t vocabulary)
      : root(value), vocabulary(vocabulary) {}

  llvm::Expected<TokenizerFile> read();

private:
  void readHead();
  bool readModel();
  void readNormalizer();
  void readAddedTokens();
  void addToken(JsonObject &token);
  bool checkId(JsonObject &token, llvm::StringRef content, int64_t id);
  void enterToken(JsonObject &token, llvm::StringRef content, int32_t id,
                  bool isNormalized, bool isSpecial);
  void readPreTokenizer();
  void readByteLevel(JsonObject &step, bool splits);
  void readSplit(JsonObject &step);
  void setPattern(JsonValue place, llvm::StringRef pattern);
  void readPostProcessor();
  void readTemplate(JsonObject &step);
  void readTemplateToken(JsonObject &step, JsonObject &item, bool isBefore);
  void readDecoder();

  std::string readType(JsonObject &step) {
    std::string type;
    step.read("type", type);
    return type;
  }
  void refuse(JsonObject &object, llvm::StringRef key,
              const llvm::Twine &wanted) {
    if (std::optional<JsonValue> value = object.get(key))
      object.fail(value->mismatch(wanted));
  }
  /// Reads flags that change nothing about ids and bytes.
  void ignoreFlags(JsonObject &step, llvm::ArrayRef<llvm::StringRef> keys) {
    bool flag;
    for (llvm::StringRef key : keys)
      step.readOptional(key, flag);
  }
  /// Refuses what was never read.
  void finish(JsonObject &object) {
    for (const JsonMember &member : object.unread())
      object.fail(member.value.mismatch("no such field: it is unknown and may "
                                        "change how text becomes ids"));
  }

  JsonObject root;
  int64_t vocabulary;
  /// The id that the next token gets which is no piece.
  int64_t nextId = 0;
  llvm::StringSet<> added;
  TokenizerFile file;
};
} // namespace

void FileReader::readHead() {
  std::string version = "1.0";
  root.readOptional("version", version);
  if (version != "1.0")
    refuse(root, "version", "\"1.0\"");
  for (llvm::StringRef key : {"truncation", "padding"})
    if (root.has(key))
      refuse(root, key, "null: texts are encoded as long as they are");
    else
      root.ignore(key);
}

bool FileReader::readModel() {
  JsonObject model;
  if (!root.read("model", model))
    return false;
  llvm::Expected<PieceTable> pieces = readPieces(model, vocabulary);
  if (!pieces) {
    root.fail(pieces.takeError());
    return false;
  }
  file.pieces = std::move(*pieces);
  nextId = file.pieces.ids.size();
  return true;
}

void FileReader::readNormalizer() {
  JsonObject step;
  if (!root.readOptional("normalizer", step) || !step)
    return;
  if (readType(step) != "NFC")
    refuse(step, "type", "\"NFC\", or no normalizer");
  finish(step);
  file.composesNfc = true;
}

/// Checks that `id` is the one that the original implementation gives, which
/// reads only the order of the tokens.
bool FileReader::checkId(JsonObject &token, llvm::StringRef content,
                         int64_t id) {
  auto piece = file.pieces.ids.find(content);
  if (!added.insert(content).second) {
    refuse(token, "content", "each token once");
  } else if (piece != file.pieces.ids.end()) {
    if (piece->second != id)
      refuse(token, "id", llvm::Twine(piece->second) + ", the id of the piece");
    else if (file.pieces.bytes[piece->second] != content)
      refuse(token, "content", "a text that is no piece's name for another");
  } else if (id != nextId) {
    refuse(token, "id",
           llvm::Twine(nextId) + ", the next one: the token is no piece");
  } else if (file.pieces.bytes.count(int32_t(id))) {
    refuse(token, "id", "one that no piece has");
  } else {
    ++nextId;
  }
  if (id >= vocabulary)
    refuse(token, "id",
           "an id from 0 to " + llvm::Twine(vocabulary - 1) +
               ": the model has a vocabulary of " + llvm::Twine(vocabulary));
  return id < vocabulary;
}

void FileReader::enterToken(JsonObject &token, llvm::StringRef content,
                            int32_t id, bool isNormalized, bool isSpecial) {
  std::string text = content.str();
  if (isNormalized && file.composesNfc) {
    llvm::Expected<std::string> composed = composeNfc(content);
    if (!composed)
      return token.fail(composed.takeError());
    text = std::move(*composed);
  }
  AddedTokens &tokens = isNormalized ? file.normalizedTokens : file.rawTokens;
  if (!tokens.add(text, id))
    refuse(token, "content", "each token once, also when normalized");
  file.pieces.bytes[id] = isSpecial ? "" : text;
}

void FileReader::addToken(JsonObject &token) {
  int64_t id = 0;
  std::string content;
  bool isNormalized = false, isSpecial = false;
  token.read("id", id, 0);
  token.read("content", content);
  token.read("normalized", isNormalized);
  token.read("special", isSpecial);
  for (llvm::StringRef key : {"single_word", "lstrip", "rstrip"}) {
    bool flag = false;
    token.read(key, flag);
    if (flag)
      refuse(token, key, "false: tokens are found as they are spelled");
  }
  finish(token);
  if (content.empty())
    return refuse(token, "content", "a text");
  if (checkId(token, content, id))
    enterToken(token, content, int32_t(id), isNormalized, isSpecial);
}

void FileReader::readAddedTokens() {
  std::vector<JsonObject> tokens;
  root.readOptional("added_tokens", tokens);
  for (JsonObject &token : tokens)
    addToken(token);
}

void FileReader::setPattern(JsonValue place, llvm::StringRef pattern) {
  llvm::Expected<Splitter> splitter = Splitter::create(pattern);
  if (splitter)
    file.splitter = std::move(*splitter);
  else
    root.fail(place.fault(llvm::toString(splitter.takeError())));
}

/// Reads a ByteLevel, which splits by the pattern of GPT-2 or not at all.
void FileReader::readByteLevel(JsonObject &step, bool splits) {
  if (readType(step) != "ByteLevel")
    return refuse(step, "type", "\"ByteLevel\"");
  bool addsSpace = false, usesPattern = true;
  step.read("add_prefix_space", addsSpace);
  if (addsSpace)
    refuse(step, "add_prefix_space", "false");
  step.readOptional("use_regex", usesPattern);
  if (usesPattern != splits)
    step.fail(step.value().fault(llvm::Twine("found use_regex ") +
                                 (usesPattern ? "true" : "false") +
                                 ", wanted " + (splits ? "true" : "false") +
                                 ": the text is split once"));
  ignoreFlags(step, {"trim_offsets"});
  finish(step);
  if (splits)
    setPattern(step.value(), kGpt2Pattern);
}

void FileReader::readSplit(JsonObject &step) {
  if (readType(step) != "Split")
    return refuse(step, "type", "\"Split\"");
  JsonObject pattern;
  std::string regex, behavior;
  bool inverts = false;
  step.read("behavior", behavior);
  if (behavior != "Isolated")
    refuse(step, "behavior", "\"Isolated\"");
  step.read("invert", inverts);
  if (inverts)
    refuse(step, "invert", "false");
  if (!step.read("pattern", pattern) || !pattern.read("Regex", regex))
    return;
  finish(pattern);
  finish(step);
  setPattern(*pattern.get("Regex"), regex);
}

void FileReader::readPreTokenizer() {
  JsonObject step;
  if (!root.read("pre_tokenizer", step))
    return;
  std::string type = readType(step);
  if (type == "ByteLevel")
    return readByteLevel(step, /*splits=*/true);
  if (type != "Sequence")
    return refuse(step, "type",
                  "\"ByteLevel\", or \"Sequence\" of a Split and "
                  "a ByteLevel");
  std::vector<JsonObject> steps;
  if (!step.read("pretokenizers", steps))
    return;
  finish(step);
  if (steps.size() != 2)
    return refuse(step, "pretokenizers", "a Split and a ByteLevel");
  readSplit(steps[0]);
  readByteLevel(steps[1], /*splits=*/false);
}

/// Reads an item of a template that is no sequence: the ids of a token.
void FileReader::readTemplateToken(JsonObject &step, JsonObject &item,
                                   bool isBefore) {
  JsonObject special, tokens, token;
  std::string name;
  std::vector<int64_t> ids;
  if (!item.read("SpecialToken", special) || !special.read("id", name) ||
      !step.read("special_tokens", tokens) || !tokens.read(name, token) ||
      !token.read("ids", ids))
    return;
  for (int64_t id : ids) {
    if (id < 0 || id >= vocabulary)
      return token.fail(token.value().fault("found id " + llvm::Twine(id) +
                                            ", wanted one from 0 to " +
                                            llvm::Twine(vocabulary - 1)));
    (isBefore ? file.before : file.after).push_back(int32_t(id));
  }
}

/// Reads what stands around one text; the template for pairs is not used.
void FileReader::readTemplate(JsonObject &step) {
  step.ignore("pair");
  step.ignore("special_tokens");
  std::vector<JsonObject> items;
  if (!step.read("single", items))
    return;
  unsigned texts = 0;
  for (JsonObject &item : items) {
    JsonObject sequence;
    std::string name;
    if (!item.has("Sequence"))
      readTemplateToken(step, item, /*isBefore=*/texts == 0);
    else if (item.read("Sequence", sequence) && sequence.read("id", name))
      texts += name == "A" ? 1 : 2;
    finish(item);
  }
  if (texts != 1)
    refuse(step, "single", "the sequence A once and no other");
  finish(step);
}

void FileReader::readPostProcessor() {
  JsonObject first;
  if (!root.readOptional("post_processor", first) || !first)
    return;
  std::vector<JsonObject> steps = {first};
  if (readType(first) == "Sequence") {
    first.read("processors", steps);
    finish(first);
  }
  bool hasTemplate = false;
  for (JsonObject &step : steps) {
    std::string type = readType(step);
    if (type == "TemplateProcessing" && !hasTemplate) {
      readTemplate(step);
      hasTemplate = true;
    } else if (type == "ByteLevel") { // Moves only offsets.
      ignoreFlags(step, {"add_prefix_space", "trim_offsets", "use_regex"});
      finish(step);
    } else {
      refuse(step, "type", "one \"TemplateProcessing\", or \"ByteLevel\"");
    }
  }
}

void FileReader::readDecoder() {
  JsonObject step;
  if (!root.read("decoder", step))
    return;
  if (readType(step) != "ByteLevel")
    refuse(step, "type", "\"ByteLevel\"");
  ignoreFlags(step, {"add_prefix_space", "trim_offsets", "use_regex"});
  finish(step);
}

llvm::Expected<TokenizerFile> FileReader::read() {
  readHead();
  if (!readModel())
    return root.takeError();
  readNormalizer();
  readAddedTokens();
  readPreTokenizer();
  readPostProcessor();
  readDecoder();
  finish(root);
  if (llvm::Error error = root.takeError())
    return std::move(error);
  return std::move(file);
}

llvm::Expected<TokenizerFile> readTokenizer(JsonValue root,
                                            int64_t vocabulary) {
  return FileReader(root, vocabulary).read();
}

} // namespace heed
