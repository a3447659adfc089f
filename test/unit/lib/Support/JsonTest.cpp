//===- JsonTest.cpp -------------------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Support/Json.h"
#include "test/unit/lib/Support/TemporaryFolder.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace heed;

namespace {

JsonDocument parse(std::string text) {
  return llvm::cantFail(JsonDocument::parse(std::move(text), "f"));
}

template <typename T> std::string errorOf(llvm::Expected<T> value) {
  return value ? "no error" : llvm::toString(value.takeError());
}

TEST(Json, IntegersAreExactOrRefused) {
  JsonDocument document =
      parse("[9223372036854775807, -9223372036854775808, -0,"
            " 9223372036854775808, 1000000000000000019884624838656, 1.0, 1e3]");
  std::vector<JsonValue> values = *document.root().asArray();
  EXPECT_EQ(*values[0].asInteger(), INT64_MAX);
  EXPECT_EQ(*values[1].asInteger(), INT64_MIN);
  EXPECT_EQ(*values[2].asInteger(), 0);
  EXPECT_EQ(errorOf(values[3].asInteger()),
            "f: key \"[3]\": found integer 9223372036854775808, wanted integer "
            "of 64 bits");
  EXPECT_EQ(*values[4].asNumber(), 1e30);
  EXPECT_EQ(errorOf(values[5].asInteger()),
            "f: key \"[5]\": found number 1.0, wanted integer");
  EXPECT_EQ(errorOf(values[6].asInteger()),
            "f: key \"[6]\": found number 1e3, wanted integer");
}

TEST(Json, NumbersAreTheNearestDouble) {
  for (double value : {0.1, 1e-05, 10000.0, 1.7976931348623157e308, 5e-324,
                       -123456.789, 0x1p53 + 2}) {
    char text[64];
    std::snprintf(text, sizeof(text), "%.17g", value);
    JsonDocument document = parse(text);
    EXPECT_EQ(*document.root().asNumber(), value) << text;
  }
  EXPECT_TRUE(std::signbit(*parse("-0.0").root().asNumber()));
  EXPECT_EQ(errorOf(parse("1e999").root().asNumber()),
            "f: top level: found number 1e999, wanted number within the range "
            "of a double");
}

/// A literal of a million digits costs no more than reading it.
TEST(Json, LongNumbersAreShortInMessages) {
  JsonDocument document = parse(std::string(1000000, '7'));
  EXPECT_EQ(errorOf(document.root().asInteger()),
            "f: top level: found integer " + std::string(40, '7') +
                "..., wanted integer of 64 bits");
  EXPECT_NE(errorOf(document.root().asNumber()), "no error");
}

TEST(Json, StringsAreDecoded) {
  JsonDocument document =
      parse("[\"a\\u0000b\", \"\\u00e9\\u20ac\\ud83d\\ude00\", \"plain\"]");
  std::vector<JsonValue> values = *document.root().asArray();
  EXPECT_EQ(*values[0].asString(), llvm::StringRef("a\0b", 3));
  EXPECT_EQ(*values[1].asString(), "\u00e9\u20ac\U0001f600");
  EXPECT_EQ(*values[2].asString(), "plain");
}

TEST(Json, ValuesKnowTheirPlace) {
  JsonDocument document =
      parse("{\"a\": 1,\n \"b\": [10, {\"c\": [true, null, {}]}]}");
  JsonValue b = *document.root().find("b");
  JsonValue c = *(*b.asArray())[1].find("c");
  std::vector<JsonValue> inner = *c.asArray();
  EXPECT_EQ(document.root().where(), "f: top level");
  EXPECT_EQ(b.where(), "f: key \"b\"");
  EXPECT_EQ(inner[0].where(), "f: key \"b[1].c[0]\"");
  EXPECT_EQ(inner[2].where(), "f: key \"b[1].c[2]\"");
  EXPECT_EQ(b.position(), std::make_pair(2u, 7u));
  EXPECT_EQ(inner[1].position(), std::make_pair(2u, 25u));
}

TEST(Json, MismatchesNameFoundAndWanted) {
  JsonDocument document = parse("{\"a\": [null, true, 1, 2.5, \"x\", [], {}]}");
  JsonValue a = *document.root().find("a");
  std::vector<JsonValue> values = *a.asArray();
  const char *descriptions[] = {"null",       "boolean true", "integer 1",
                                "number 2.5", "string \"x\"", "array of 0",
                                "object"};
  for (size_t i = 0; i < values.size(); ++i)
    EXPECT_EQ(values[i].describe(), descriptions[i]);
  EXPECT_EQ(errorOf(values[4].asInteger()),
            "f: key \"a[4]\": found string \"x\", wanted integer");
  EXPECT_EQ(errorOf(values[0].asBoolean()),
            "f: key \"a[0]\": found null, wanted boolean");
  EXPECT_EQ(errorOf(values[2].asString()),
            "f: key \"a[2]\": found integer 1, wanted string");
  EXPECT_EQ(errorOf(values[6].asArray()),
            "f: key \"a[6]\": found object, wanted array");
  EXPECT_EQ(errorOf(a.asObject()),
            "f: key \"a\": found array of 7, wanted object");
  EXPECT_EQ(errorOf(values[1].asNumber()),
            "f: key \"a[1]\": found boolean true, wanted number");
}

TEST(Json, FindsEachOfManyKeys) {
  std::string text = "{";
  for (int i = 0; i < 20000; ++i)
    text += (i ? ",\"" : "\"") + std::to_string(i * 7919 % 20000) +
            "\":" + std::to_string(i);
  JsonDocument document = parse(text + "}");
  for (int i = 0; i < 20000; ++i)
    ASSERT_EQ(
        *document.root().find(std::to_string(i * 7919 % 20000))->asInteger(),
        i);
  EXPECT_FALSE(document.root().find("20000"));
  EXPECT_FALSE(document.root().find(""));
  std::vector<JsonMember> members = *document.root().asObject();
  EXPECT_EQ(members[1].key, "7919");
}

TEST(Json, OpensFiles) {
  TemporaryFolder folder;
  folder.write("config.json", "{\"a\": 1}");
  JsonDocument document =
      llvm::cantFail(JsonDocument::open(folder.path("config.json")));
  EXPECT_EQ(*document.root().find("a")->asInteger(), 1);
  EXPECT_EQ(errorOf(JsonDocument::open(folder.path("none.json"))),
            "cannot read \"" + folder.path("none.json") +
                "\": No such file or directory");
}

} // namespace
