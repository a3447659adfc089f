//===- JsonParserTest.cpp -------------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Support/Json.h"

#include "llvm/Support/JSON.h"

#include <gtest/gtest.h>

using namespace heed;

namespace {

std::string faultOf(std::string text, JsonLimits limits = {}) {
  llvm::Expected<JsonDocument> document =
      JsonDocument::parse(std::move(text), "f", limits);
  return document ? "no fault" : llvm::toString(document.takeError());
}

std::string nested(unsigned depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(JsonParser, AcceptsWhatTheGrammarAllows) {
  for (const char *text :
       {"null", " true ", "false", "0", "-0", "-0.5e-3", "1E+9", "\"\"", "[]",
        "{}", "[1,[2,[3]],{}]", "{\"a\":{\"b\":[null]}}", "\r\n\t[1 , 2]",
        "\"\\u0041\\ud83d\\ude00 \\/\\b\\f\\n\\r\\t\\\"\\\\\"", "\"\xc3\xa9\"",
        "{\"\":1}"}) {
    EXPECT_EQ(faultOf(text), "no fault") << text;
    EXPECT_TRUE(bool(llvm::json::parse(text))) << text;
  }
}

TEST(JsonParser, NamesLineAndColumn) {
  const std::pair<const char *, const char *> cases[] = {
      {"", "f:1:1: found the end of the text, wanted a JSON value"},
      {"[1,]", "f:1:4: found \"]\", wanted a JSON value"},
      {"[1 2]", "f:1:4: found \"2\", wanted \",\" or \"]\""},
      {"[1", "f:1:3: found the end of the text, wanted \",\" or \"]\""},
      {"{\n  \"a\" 1}", "f:2:7: found \"1\", wanted \":\" after the key"},
      {"{a: 1}", "f:1:2: found \"a\", wanted a key in double quotes"},
      {"{\"a\": 1,}", "f:1:9: found \"}\", wanted a key in double quotes"},
      {"{\"a\": 1", "f:1:8: found the end of the text, wanted \",\" or \"}\""},
      {"1 1", "f:1:3: found \"1\", wanted the end of the text"},
      {"NaN", "f:1:1: found \"NaN\", wanted a JSON value"},
      {"[-Infinity]", "f:1:3: found \"Infinity\", wanted a digit"},
      {"truely", "f:1:1: found \"truely\", wanted a JSON value"},
      {"'a'", "f:1:1: found \"'\", wanted a JSON value"},
      {"+1", "f:1:1: found \"+\", wanted a JSON value"},
      {"1.", "f:1:3: found the end of the text, wanted a digit"},
      {"1e+", "f:1:4: found the end of the text, wanted a digit"},
      {"01", "f:1:1: found a number that begins with 0, wanted no digit after "
             "the 0"},
      {"\"abc", "f:1:1: found a string without end, wanted a closing quote"},
      {"\"a\nb\"", "f:1:3: found control character \"\\x0A\" in a string, "
                   "wanted an escape"},
      {"\"\\x\"", "f:1:2: found an unknown escape, wanted one of \\\" \\\\ \\/ "
                  "\\b \\f \\n \\r \\t \\u"},
      {"\"\\u12g4\"", "f:1:6: found \"g4\", wanted four hexadecimal digits"},
      {"\"\\ud800\"", "f:1:2: found a lone surrogate, wanted a pair of "
                      "surrogates"},
      {"\"\\udc00\\ud800\"", "f:1:2: found a lone surrogate, wanted a pair of "
                             "surrogates"},
      {"\"\\ud800\\u0041\"", "f:1:2: found a lone surrogate, wanted a pair of "
                             "surrogates"},
      {"\n \"\xff\"", "f:2:3: found invalid UTF-8, wanted UTF-8"},
      {"\"\xed\xa0\x80\"", "f:1:2: found invalid UTF-8, wanted UTF-8"},
      {"\"\xc0\x80\"", "f:1:2: found invalid UTF-8, wanted UTF-8"},
      {"/* c */ 1", "f:1:1: found \"/\", wanted a JSON value"},
      {"\x1b[31m", "f:1:1: found \"\\x1B\", wanted a JSON value"},
  };
  for (auto [text, message] : cases)
    EXPECT_EQ(faultOf(text), message);
}

TEST(JsonParser, RefusesDuplicateKeysAtEveryLevel) {
  EXPECT_EQ(faultOf("{\"a\": 1,\n \"b\": 2, \"a\": 3}"),
            "f:2:10: found duplicate key \"a\", wanted each key once");
  // The same key, spelled differently.
  EXPECT_EQ(faultOf("[{\"x\": {\"a\": 1, \"\\u0061\": 2}}]"),
            "f:1:17: found duplicate key \"a\", wanted each key once");
  EXPECT_EQ(faultOf("[{\"a\": 1}, {\"a\": {\"a\": 1}}]"), "no fault");
}

TEST(JsonParser, LimitsNestingAndSize) {
  JsonLimits limits;
  limits.nesting = 3;
  EXPECT_EQ(faultOf(nested(3), limits), "no fault");
  EXPECT_EQ(faultOf(nested(4), limits),
            "f:1:4: found deeper nesting, wanted at most 3 levels");
  EXPECT_EQ(faultOf("{\"a\":{\"a\":{\"a\":{}}}}", limits),
            "f:1:16: found deeper nesting, wanted at most 3 levels");
  EXPECT_EQ(faultOf(std::string(1000000, '[')),
            "f:1:65: found deeper nesting, wanted at most 64 levels");
  limits.bytes = 4;
  EXPECT_EQ(faultOf("[  ]", limits), "no fault");
  EXPECT_EQ(faultOf("[   ]", limits),
            "f: found 5 bytes of JSON, wanted at most 4");
}

TEST(JsonParser, EveryTruncationIsAFault) {
  std::string text = "{\"a\\u00e9\": [1, -2.5e3, \"x\"], \"b\": {\"c\": null}}";
  EXPECT_EQ(faultOf(text), "no fault");
  for (size_t size = 0; size < text.size(); ++size)
    EXPECT_NE(faultOf(text.substr(0, size)), "no fault") << size;
}

} // namespace
