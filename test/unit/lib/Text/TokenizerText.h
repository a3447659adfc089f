//===- TokenizerText.h - Small tokenizer.json for tests ---------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A tokenizer whose first 256 pieces are the bytes, in order. A test changes
/// its parts, which are JSON.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_LIB_TEXT_TOKENIZERTEXT_H
#define HEED_TEST_UNIT_LIB_TEXT_TOKENIZERTEXT_H

#include <cstdio>
#include <string>

namespace heed {

struct TokenizerText {
  std::string head = R"("version": "1.0", "truncation": null)";
  std::string added = "[]";
  std::string normalizer = "null";
  std::string preTokenizer =
      R"({"type": "ByteLevel", "add_prefix_space": false})";
  std::string postProcessor = "null";
  std::string decoder = R"({"type": "ByteLevel"})";
  /// Members of the model besides pieces and merges.
  std::string model = R"("type": "BPE")";
  /// Pieces after the bytes, merges: "th" is 256, "the" 257.
  std::string pieces = R"("th": 256, "the": 257)";
  std::string merges = R"(["t h", ["th", "e"]])";

  /// Returns the pieces of the bytes: those that do not print in Latin-1 are
  /// spelled as U+0100 and on, as GPT-2 has it.
  static std::string bytes() {
    std::string text;
    unsigned other = 0x100;
    for (unsigned byte = 0; byte != 256; ++byte) {
      bool prints = (byte >= '!' && byte <= '~') ||
                    (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
      unsigned c = prints ? byte : other++;
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\u%04x", c);
      text += "\"" + std::string(escape) + "\": " + std::to_string(byte) + ", ";
    }
    return text;
  }

  static std::string
  token(const std::string &content, int id,
        const std::string &flags = R"("normalized": false, "special": true)") {
    return "{\"id\": " + std::to_string(id) + ", \"content\": \"" + content +
           R"(", "single_word": false, "lstrip": false, "rstrip": false, )" +
           flags + "}";
  }

  std::string writeModel() const {
    return "{" + model + R"(, "vocab": {)" + bytes() + pieces +
           R"(}, "merges": )" + merges + "}";
  }

  std::string write() const {
    return "{" + head + R"(, "added_tokens": )" + added +
           R"(, "normalizer": )" + normalizer + R"(, "pre_tokenizer": )" +
           preTokenizer + R"(, "post_processor": )" + postProcessor +
           R"(, "decoder": )" + decoder + R"(, "model": )" + writeModel() + "}";
  }
};

} // namespace heed

#endif // HEED_TEST_UNIT_LIB_TEXT_TOKENIZERTEXT_H
