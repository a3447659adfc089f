//===- JsonStorage.h - The values of a JSON document -----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A document in memory: its text, and nodes that point into it. Private to
/// the JSON sources.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_LIB_SUPPORT_JSONSTORAGE_H
#define HEED_LIB_SUPPORT_JSONSTORAGE_H

#include "heed/Support/Json.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Allocator.h"

namespace heed::detail {

struct JsonMemberNode;

/// One value. 32 bytes, because hostile texts hold a value in every second
/// byte.
struct JsonNode {
  JsonValue::Kind kind = JsonValue::Kind::Null;
  /// The bytes of the text that it was read from.
  uint32_t begin = 0, end = 0;
  /// Bytes of a string or number, elements, members, or 1 for true.
  uint32_t count = 0;
  union {
    /// The decoded string, or the literal of a number.
    const char *text = nullptr;
    const JsonNode *elements;
    const JsonMemberNode *members;
  };
  /// Of an object: the numbers of its members, by key.
  const uint32_t *sorted = nullptr;

  llvm::StringRef string() const { return {text, count}; }
  llvm::ArrayRef<JsonNode> elementList() const { return {elements, count}; }
  llvm::ArrayRef<JsonMemberNode> memberList() const;
};

/// A key and its value.
struct JsonMemberNode {
  const char *key = nullptr;
  uint32_t keySize = 0;
  uint32_t keyBegin = 0;
  JsonNode value;

  llvm::StringRef keyString() const { return {key, keySize}; }
};

inline llvm::ArrayRef<JsonMemberNode> JsonNode::memberList() const {
  return {members, count};
}

/// Owns all that the values of a document refer to.
struct JsonStorage {
  std::string name;
  std::string text;
  llvm::BumpPtrAllocator allocator;
  JsonNode root;

  JsonValue value(const JsonNode &node) const { return {this, &node}; }
  /// The path of a value: "rope_scaling.factor", "types[1]"; empty for the
  /// root.
  std::string pathOf(const JsonNode &node) const;
  /// Line and column of a byte of the text.
  std::pair<unsigned, unsigned> position(size_t offset) const;
};

/// Parses `storage.text` into `storage.root`.
llvm::Error parseJson(JsonStorage &storage, JsonLimits limits);

} // namespace heed::detail

#endif // HEED_LIB_SUPPORT_JSONSTORAGE_H
