//===- TokenizerFaultsTest.cpp --------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every class of fault against the reader of tokenizers. Prints its part of the
// matrix; each message is one line with file, key, found and wanted.
//
//===----------------------------------------------------------------------===//

#include "test/unit/lib/Text/TokenizerFaults.h"
#include "test/unit/lib/Support/TemporaryFolder.h"

using namespace heed;

namespace {

/// Of the text and the whole.
std::vector<Fault> textFaults() {
  std::string good = TokenizerText().write();
  std::string twice =
      with(&TokenizerText::pieces, R"("th": 256, "the": 257, "th": 258)");
  return {
      {"empty file", "",
       "f:1:1: found the end of the text, wanted a JSON value"},
      {"truncated", R"({"version": "1.0", "model": {"vocab": {"a": 1)",
       "f:1:46: found the end of the text, wanted \",\" or \"}\""},
      {"no object", "[]", "f: top level: found array of 0, wanted object"},
      {"no JSON", "%PDF-1.4", "f:1:1: found \"%\", wanted a JSON value"},
      {"duplicate key", R"({"version": "1.0", "version": "1.0"})",
       "f:1:20: found duplicate key \"version\", wanted each key once"},
      {"duplicate piece", twice,
       "f:1:" + std::to_string(twice.find("\"th\": 258") + 1) +
           ": found duplicate key \"th\", wanted each key once"},
      {"unknown version", replace(good, "\"1.0\"", "\"2.0\""),
       kKey + "\"version\": found string \"2.0\", wanted \"1.0\""},
      {"truncation", replace(good, "null", "{}"),
       kKey + "\"truncation\": found object, wanted null: texts are encoded as "
              "long as they are"},
      {"unknown key",
       replace(good, "\"truncation\"", "\"chat\": 1, \"padding\""),
       kKey + "\"chat\": found integer 1" + kUnknown},
      {"no model", R"({"version": "1.0"})",
       kKey + "\"model\": found nothing, wanted object"},
      {"no decoder", replace(good, "\"decoder\"", "\"padding\": null, \"dec\""),
       kKey + "\"decoder\": found nothing, wanted object"},
  };
}

std::vector<Fault> modelFaults() {
  auto model = [](const std::string &members) {
    return with(&TokenizerText::model, members);
  };
  return {
      {"Unigram", model(R"("type": "Unigram")"),
       kKey + "\"model.type\": found string \"Unigram\", wanted \"BPE\", byte "
              "pair encoding"},
      {"WordPiece", model(R"("type": "WordPiece")"),
       kKey +
           "\"model.type\": found string \"WordPiece\", wanted \"BPE\", byte "
           "pair encoding"},
      {"wrong type of type", model(R"("type": 3)"),
       kKey + "\"model.type\": found integer 3, wanted string"},
      {"dropout", model(R"("dropout": 0.1)"),
       kKey + "\"model.dropout\": found number 0.1, wanted null or 0, no "
              "chance"},
      {"prefix", model(R"("continuing_subword_prefix": "##")"),
       kKey +
           "\"model.continuing_subword_prefix\": found string \"##\", wanted "
           "null or an empty string"},
      {"suffix", model(R"("end_of_word_suffix": "</w>")"),
       kKey + "\"model.end_of_word_suffix\": found string \"</w>\", wanted "
              "null or an empty string"},
      {"pieces of characters", model(R"("byte_fallback": true)"),
       kKey + "\"model.byte_fallback\": found boolean true, wanted false: "
              "pieces of bytes, not of characters"},
      {"wrong type of a flag", model(R"("ignore_merges": 1)"),
       kKey + "\"model.ignore_merges\": found integer 1, wanted boolean"},
      {"unknown field", model(R"("cache_capacity": 10)"),
       kKey + "\"model.cache_capacity\": found integer 10" + kUnknown},
  };
}

std::vector<Fault> pieceFaults() {
  auto pieces = [](const std::string &members) {
    return with(&TokenizerText::pieces, R"("th": 256, "the": 257, )" + members);
  };
  std::string range = ", wanted an id from 0 to 299: the model has a "
                      "vocabulary of 300";
  return {
      {"id is no integer", pieces(R"("x1": "258")"),
       kKey + "\"model.vocab.x1\": found string \"258\", wanted integer"},
      {"id is a fraction", pieces(R"("x1": 258.0)"),
       kKey + "\"model.vocab.x1\": found number 258.0, wanted integer"},
      {"negative id", pieces(R"("x1": -1)"),
       kKey + "\"model.vocab.x1\": found integer -1" + range},
      {"id out of the vocabulary", pieces(R"("x1": 300)"),
       kKey + "\"model.vocab.x1\": found integer 300" + range},
      {"id near 2^63", pieces(R"("x1": 9223372036854775807)"),
       kKey + "\"model.vocab.x1\": found integer 9223372036854775807" + range},
      {"id beyond 2^63", pieces(R"("x1": 9223372036854775808)"),
       kKey + "\"model.vocab.x1\": found integer 9223372036854775808, wanted "
              "integer of 64 bits"},
      {"id twice", pieces(R"("x1": 97)"),
       kKey + "\"model.vocab.x1\": found integer 97, wanted another id than "
              "that of an earlier piece"},
      {"empty piece", pieces(R"("": 258)"),
       kKey + "\"model.vocab.\": found an empty piece, wanted text"},
      {"missing byte",
       replace(TokenizerText().write(), "\"\\u0061\"", "\"x1\""),
       kKey + "\"model.vocab\": found no piece \"a\" for the byte 97, wanted "
              "one for each byte"},
      {"pieces are no object",
       replace(TokenizerText().write(), "\"vocab\": {",
               "\"vocab\": [], \"v\": {"),
       kKey + "\"model.vocab\": found array of 0, wanted object"},
  };
}

std::vector<Fault> mergeFaults() {
  auto merges = [](const std::string &list) {
    return with(&TokenizerText::merges, list);
  };
  std::string two = ", wanted two pieces, \"a b\" or [\"a\", \"b\"]";
  std::string known = ", wanted a piece of the vocabulary";
  std::string first = kKey + "\"model.merges[0]\": found ";
  return {
      {"merges are no array", merges("{}"),
       kKey + "\"model.merges\": found object, wanted array"},
      {"no merges", replace(TokenizerText().write(), "\"merges\"", "\"merge\""),
       kKey + "\"model.merges\": found nothing, wanted array"},
      {"merge is no pair", merges("[3]"), first + "integer 3" + two},
      {"merge of one", merges(R"(["th"])"), first + "string \"th\"" + two},
      {"merge of nothing", merges(R"([" t"])"), first + "string \" t\"" + two},
      {"merge of three", merges(R"([["t", "h", "e"]])"),
       first + "array of 3" + two},
      {"merge of no text", merges(R"([["t", 1]])"),
       kKey + "\"model.merges[0][1]\": found integer 1, wanted string"},
      {"unknown left piece", merges(R"(["tt h"])"), first + "\"tt\"" + known},
      {"unknown right piece", merges(R"(["t h h"])"),
       first + "\"h h\"" + known},
      {"unknown merged piece", merges(R"(["t h", "h e"])"),
       kKey + "\"model.merges[1]\": found \"he\"" + known},
      {"merge twice", merges(R"(["t h", ["t", "h"]])"),
       kKey + "\"model.merges[1]\": found array of 2, wanted each merge once"},
  };
}

TEST(TokenizerFaults, Text) { expectFaults(textFaults()); }
TEST(TokenizerFaults, Model) { expectFaults(modelFaults()); }
TEST(TokenizerFaults, Pieces) { expectFaults(pieceFaults()); }
TEST(TokenizerFaults, Merges) { expectFaults(mergeFaults()); }

/// The damaged files have one fault each: without it, they are read.
TEST(TokenizerFaults, TheRestIsGood) {
  auto tokenizer = parseTokenizer(TokenizerText().write(), "f", 300);
  EXPECT_TRUE(bool(tokenizer)) << llvm::toString(tokenizer.takeError());
}

TEST(TokenizerFaults, Files) {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("d"));
  for (const char *name : {"none", "d"}) {
    auto tokenizer = openTokenizer(folder.path(name), 300);
    ASSERT_FALSE(bool(tokenizer));
    std::string message = llvm::toString(tokenizer.takeError());
    EXPECT_EQ(message.find("cannot read \"" + folder.path(name) + "\": "), 0u)
        << message;
    print(name, "tokenizer", message.substr(message.rfind(": ") + 2));
  }
}

} // namespace
