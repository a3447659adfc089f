//===- TokenizerStepFaultsTest.cpp ----------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of the matrix that concerns added tokens and what is done before and
// after the pieces.
//
//===----------------------------------------------------------------------===//

#include "test/unit/lib/Text/TokenizerFaults.h"

using namespace heed;

namespace {

std::vector<Fault> tokenFaults() {
  auto added = [](const std::string &tokens) {
    return with(&TokenizerText::added, "[" + tokens + "]");
  };
  auto token = [](const char *content, int id) {
    return TokenizerText::token(content, id);
  };
  TokenizerText full;
  for (int id = 258; id != 300; ++id)
    full.pieces += ", \"" + std::to_string(id) + "\": " + std::to_string(id);
  full.added = "[" + token("<s>", 300) + "]";
  std::string first = kKey + "\"added_tokens[0].";
  std::string second = kKey + "\"added_tokens[1].";
  return {
      {"token is no object", added("\"<s>\""),
       kKey + "\"added_tokens[0]\": found string \"<s>\", wanted object"},
      {"empty token", added(token("", 258)),
       first + "content\": found string \"\", wanted a text"},
      {"negative id of a token", added(token("<s>", -1)),
       first + "id\": found integer -1, wanted at least 0"},
      {"token out of the vocabulary", full.write(),
       first + "id\": found integer 300, wanted an id from 0 to 299: the model "
               "has a vocabulary of 300"},
      {"token has another piece's id", added(token("<s>", 97)),
       first + "id\": found integer 97, wanted 258, the next one: the token is "
               "no piece"},
      {"token in a gap",
       replace(added(token("<s>", 259)), "\"the\": 257",
               "\"the\": 257, \"x1\": 259"),
       first + "id\": found integer 259, wanted one that no piece has"},
      {"piece has another id", added(token("the", 258)),
       first + "id\": found integer 258, wanted 257, the id of the piece"},
      {"token names another text",
       replace(added(token("\u0120x", 258)), "\"th\": 256",
               "\"\u0120x\": 258, \"th\": 256"),
       first + "content\": found string \"\u0120x\", wanted a text that is no "
               "piece's name for another"},
      {"ids out of order", added(token("<s>", 259) + "," + token("<t>", 258)),
       first + "id\": found integer 259, wanted 258, the next one: the token "
               "is no piece"},
      {"token twice", added(token("<s>", 258) + "," + token("<s>", 259)),
       second + "content\": found string \"<s>\", wanted each token once"},
      {"strips",
       replace(added(token("<s>", 258)), "\"lstrip\": false",
               "\"lstrip\": true"),
       first + "lstrip\": found boolean true, wanted false: tokens are found "
               "as they "
               "are spelled"},
      {"unknown flag",
       added(TokenizerText::token(
           "<s>", 258, R"("normalized": false, "special": true, "x": 1)")),
       first + "x\": found integer 1" + kUnknown},
      {"missing flag",
       added(TokenizerText::token("<s>", 258, R"("special": true)")),
       first + "normalized\": found nothing, wanted boolean"},
  };
}

/// Before the pieces.
std::vector<Fault> splitFaults() {
  auto before = [](const std::string &step) {
    return with(&TokenizerText::preTokenizer, step);
  };
  auto split = [&](const std::string &pattern,
                   const std::string &behavior = "Isolated",
                   const std::string &rest = "") {
    return before(R"({"type": "Sequence", "pretokenizers": [{"type": "Split",
      "invert": false, "pattern": )" +
                  pattern + R"(, "behavior": ")" + behavior + "\"" + rest +
                  R"(}, {"type": "ByteLevel",
      "use_regex": false, "add_prefix_space": false}]})");
  };
  std::string key = kKey + "\"pre_tokenizer", list = key + ".pretokenizers";
  std::string regex = list + "[0].pattern.Regex\": found ";
  return {
      {"Lowercase",
       with(&TokenizerText::normalizer, R"({"type": "Lowercase"})"),
       kKey + "\"normalizer.type\": found string \"Lowercase\", wanted "
              "\"NFC\", or no normalizer"},
      {"no pre-tokenizer", before("null"),
       key + "\": found null, wanted object"},
      {"Whitespace", before(R"({"type": "Whitespace"})"),
       key + ".type\": found string \"Whitespace\", wanted \"ByteLevel\", or "
             "\"Sequence\" of a Split and a ByteLevel"},
      {"prefix space",
       before(R"({"type": "ByteLevel", "add_prefix_space": true})"),
       key + ".add_prefix_space\": found boolean true, wanted false"},
      {"no splitting", before(R"({"type": "ByteLevel", "use_regex": false,
                                  "add_prefix_space": false})"),
       key + "\": found use_regex false, wanted true: the text is split once"},
      {"sequence of one",
       before(R"({"type": "Sequence", "pretokenizers": [{"type": "Split"}]})"),
       list + "\": found array of 1, wanted a Split and a ByteLevel"},
      {"pattern is a text", split(R"({"String": " "})"),
       list + "[0].pattern.Regex\": found nothing, wanted string"},
      {"pattern is no pattern", split(R"({"Regex": "(a"})"),
       regex + "U_REGEX_MISMATCHED_PAREN, wanted a regular expression"},
      {"pattern is ambiguous", split(R"({"Regex": "a|^b"})"),
       regex + "\"^\" at byte 3, wanted none: it means different things to "
               "different readers"},
      {"behavior", split(R"({"Regex": "a"})", "Removed"),
       list + "[0].behavior\": found string \"Removed\", wanted \"Isolated\""},
      {"unknown field of a step",
       split(R"({"Regex": "a"})", "Isolated", R"(, "x": 1)"),
       list + "[0].x\": found integer 1" + kUnknown},
  };
}

/// After the pieces.
std::vector<Fault> processorFaults() {
  auto after = [](const std::string &step) {
    return with(&TokenizerText::postProcessor, step);
  };
  auto around = [&](const std::string &items,
                    const std::string &tokens = "{}") {
    return after(R"({"type": "TemplateProcessing", "single": [)" + items +
                 R"(], "special_tokens": )" + tokens + "}");
  };
  const std::string a = R"({"Sequence": {"id": "A", "type_id": 0}})";
  const std::string s = R"({"SpecialToken": {"id": "S", "type_id": 0}})";
  std::string key = kKey + "\"post_processor.";
  std::string one = ", wanted the sequence A once and no other";
  return {
      {"BertProcessing", after(R"({"type": "BertProcessing"})"),
       key + "type\": found string \"BertProcessing\", wanted one "
             "\"TemplateProcessing\", or \"ByteLevel\""},
      {"template without text", around(""),
       key + "single\": found array of 0" + one},
      {"template with text twice", around(a + "," + a),
       key + "single\": found array of 2" + one},
      {"template for pairs", around(replace(a, "\"A\"", "\"B\"")),
       key + "single\": found array of 1" + one},
      {"unknown token of a template", around(s + "," + a),
       key + "special_tokens.S\": found nothing, wanted object"},
      {"token of a template", around(s + "," + a, R"({"S": {"ids": [300]}})"),
       key + "special_tokens.S\": found id 300, wanted one from 0 to 299"},
      {"unknown item of a template", around(a + R"(, {"Text": "x"})"),
       key + "single[1].SpecialToken\": found nothing, wanted object"},
      {"two templates",
       after(R"({"type": "Sequence", "processors": [
         {"type": "TemplateProcessing", "single": [)" +
             a + R"(]},
         {"type": "TemplateProcessing", "single": [)" +
             a + "]}]}"),
       key + "processors[1].type\": found string \"TemplateProcessing\", "
             "wanted one \"TemplateProcessing\", or \"ByteLevel\""},
      {"WordPiece decoder",
       with(&TokenizerText::decoder, R"({"type": "WordPiece"})"),
       kKey + "\"decoder.type\": found string \"WordPiece\", wanted "
              "\"ByteLevel\""},
  };
}

TEST(TokenizerStepFaults, AddedTokens) { expectFaults(tokenFaults()); }
TEST(TokenizerStepFaults, Splitting) { expectFaults(splitFaults()); }
TEST(TokenizerStepFaults, Processors) { expectFaults(processorFaults()); }

/// A pattern that takes exponential time is found out when it does.
TEST(TokenizerStepFaults, CatastrophicPattern) {
  TokenizerText text;
  text.preTokenizer = R"({"type": "Sequence", "pretokenizers": [
    {"type": "Split", "pattern": {"Regex": "(?:a+)+b"}, "invert": false,
     "behavior": "Isolated"},
    {"type": "ByteLevel", "use_regex": false, "add_prefix_space": false}]})";
  auto tokenizer = llvm::cantFail(parseTokenizer(text.write(), "f", 300));
  auto ids = tokenizer->encode(std::string(64, 'a'), false);
  ASSERT_FALSE(bool(ids));
  std::string message = llvm::toString(ids.takeError());
  EXPECT_EQ(message, "found a text of 64 bytes on which the pattern takes too "
                     "long, wanted one that it can split");
  print("catastrophic pattern", "tokenizer", message);
}

} // namespace
