//===- PieceTableTest.cpp -------------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Text/TokenizerFile.h"
#include "test/unit/lib/Text/TokenizerText.h"

#include <gtest/gtest.h>

using namespace heed;

namespace {

using Ids = std::vector<int32_t>;

PieceTable read(const TokenizerText &text, int64_t vocabulary = 400) {
  llvm::Expected<JsonDocument> document =
      JsonDocument::parse(text.writeModel(), "t");
  if (document) {
    auto table = readPieces(JsonObject(document->root()), vocabulary);
    if (table)
      return std::move(*table);
    ADD_FAILURE() << llvm::toString(table.takeError());
  }
  llvm::consumeError(document.takeError());
  return PieceTable();
}

Ids encode(const PieceTable &table, llvm::StringRef word) {
  Ids ids;
  table.pairs.encode(word, ids);
  return ids;
}

TEST(PieceTable, PiecesAndMerges) {
  PieceTable table = read(TokenizerText());
  EXPECT_EQ(table.ids.size(), 258u);
  EXPECT_EQ(table.ids.lookup("the"), 257);
  EXPECT_EQ(table.bytes.size(), 258u);
  EXPECT_EQ(table.bytes[' '], " ");
  EXPECT_EQ(table.bytes[256], "th");
  EXPECT_EQ(encode(table, "thethx e"), (Ids{257, 256, 'x', ' ', 'e'}));
}

/// The merges of later files are pairs, those of earlier ones text.
TEST(PieceTable, BothSpellingsOfMerges) {
  TokenizerText text;
  text.merges = R"(["t h", "th e"])";
  EXPECT_EQ(encode(read(text), "the"), Ids{257});
  text.merges = R"([["t", "h"], ["th", "e"]])";
  EXPECT_EQ(encode(read(text), "the"), Ids{257});
  text.merges = "[]";
  EXPECT_EQ(encode(read(text), "the"), (Ids{'t', 'h', 'e'}));
}

TEST(PieceTable, WordsMayIgnoreMerges) {
  TokenizerText text;
  text.model = R"("type": "BPE", "ignore_merges": true)";
  text.merges = R"(["t h"])";
  EXPECT_EQ(encode(read(text), "the"), Ids{257});
  EXPECT_EQ(encode(read(text), "the "), (Ids{256, 'e', ' '}));
  text.model = R"("type": "BPE", "ignore_merges": false)";
  EXPECT_EQ(encode(read(text), "the"), (Ids{256, 'e'}));
}

/// Old files have no type; what is done with unknown characters is nothing to
/// us, because there are none.
TEST(PieceTable, FieldsWithoutInfluence) {
  TokenizerText text;
  text.model = R"("dropout": null, "unk_token": "", "fuse_unk": false,
    "continuing_subword_prefix": "", "end_of_word_suffix": null)";
  EXPECT_EQ(encode(read(text), "the"), Ids{257});
  text.model = R"("type": "BPE", "dropout": 0.0, "unk_token": "<unk>",
    "fuse_unk": true, "byte_fallback": false)";
  EXPECT_EQ(encode(read(text), "the"), Ids{257});
}

TEST(PieceTable, PiecesInOtherCharactersStandForThemselves) {
  TokenizerText text;
  text.pieces = R"("th": 256, "the": 257, "a b": 260)";
  PieceTable table = read(text);
  EXPECT_EQ(table.bytes[260], "a b");
  EXPECT_EQ(table.bytes[259], "");
  EXPECT_EQ(encode(table, "a b"), (Ids{'a', ' ', 'b'}));
}

/// A hostile file cannot ask for memory by the size of its ids.
TEST(PieceTable, IdsMayHaveLargeGaps) {
  TokenizerText text;
  text.pieces = R"("th": 2147483645, "the": 257)";
  PieceTable table = read(text, INT32_MAX);
  EXPECT_EQ(table.bytes[2147483645], "th");
  EXPECT_EQ(encode(table, "th"), Ids{2147483645});
}

TEST(PieceTable, TheVocabularyMayBeFilled) {
  EXPECT_EQ(read(TokenizerText(), 258).bytes.size(), 258u);
}

} // namespace
