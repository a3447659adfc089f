//===- Json.cpp - JSON documents and values -------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Support/Json.h"
#include "heed/Support/Error.h"
#include "heed/Support/InputFile.h"
#include "lib/Support/JsonStorage.h"

#include "llvm/ADT/STLExtras.h"

#include <charconv>

namespace heed {

using detail::JsonMemberNode;
using detail::JsonNode;
using detail::JsonStorage;

std::pair<unsigned, unsigned> JsonStorage::position(size_t offset) const {
  llvm::StringRef before = llvm::StringRef(text).take_front(offset);
  size_t lineBegin = before.rfind('\n') + 1;
  return {static_cast<unsigned>(before.count('\n') + 1),
          static_cast<unsigned>(offset - lineBegin + 1)};
}

/// Finds the one of `nodes`, in the order of the text, that holds `offset`.
template <typename T, typename Get>
static size_t findAt(llvm::ArrayRef<T> nodes, uint32_t offset, Get get) {
  const T *next = llvm::partition_point(
      nodes, [&](const T &node) { return get(node).begin <= offset; });
  return static_cast<size_t>(next - nodes.begin()) - 1;
}

std::string JsonStorage::pathOf(const JsonNode &node) const {
  std::string path;
  const JsonNode *at = &root;
  while (at != &node) {
    if (at->kind == JsonValue::Kind::Array) {
      size_t index = findAt(at->elementList(), node.begin,
                            [](const JsonNode &n) { return n; });
      path += "[" + std::to_string(index) + "]";
      at = &at->elements[index];
    } else {
      size_t index = findAt(at->memberList(), node.begin,
                            [](const JsonMemberNode &m) { return m.value; });
      path += (path.empty() ? "" : ".") + at->members[index].keyString().str();
      at = &at->members[index].value;
    }
  }
  return path;
}

//===----------------------------------------------------------------------===//
// JsonDocument
//===----------------------------------------------------------------------===//

JsonDocument::JsonDocument(std::unique_ptr<JsonStorage> storage)
    : storage(std::move(storage)) {}
JsonDocument::JsonDocument(JsonDocument &&) = default;
JsonDocument &JsonDocument::operator=(JsonDocument &&) = default;
JsonDocument::~JsonDocument() = default;

llvm::Expected<JsonDocument>
JsonDocument::parse(std::string text, llvm::StringRef name, JsonLimits limits) {
  auto storage = std::make_unique<JsonStorage>();
  storage->name = name.str();
  storage->text = std::move(text);
  if (llvm::Error error = detail::parseJson(*storage, limits))
    return std::move(error);
  return JsonDocument(std::move(storage));
}

llvm::Expected<JsonDocument> JsonDocument::open(llvm::StringRef path,
                                                JsonLimits limits) {
  llvm::Expected<std::string> text = readFile(path, limits.bytes);
  if (!text)
    return text.takeError();
  return parse(std::move(*text), path, limits);
}

JsonValue JsonDocument::root() const { return storage->value(storage->root); }

//===----------------------------------------------------------------------===//
// JsonValue
//===----------------------------------------------------------------------===//

JsonValue::Kind JsonValue::kind() const { return node->kind; }

llvm::Expected<bool> JsonValue::asBoolean() const {
  if (kind() != Kind::Boolean)
    return mismatch("boolean");
  return node->count != 0;
}

llvm::Expected<int64_t> JsonValue::asInteger() const {
  if (kind() != Kind::Integer)
    return mismatch("integer");
  int64_t value;
  if (node->string().getAsInteger(10, value))
    return mismatch("integer of 64 bits");
  return value;
}

llvm::Expected<double> JsonValue::asNumber() const {
  if (kind() != Kind::Integer && kind() != Kind::Real)
    return mismatch("number");
  double value = 0;
  llvm::StringRef literal = node->string();
  // Unlike strtod it does not ask the locale.
  auto result = std::from_chars(literal.begin(), literal.end(), value);
  if (result.ec != std::errc() || result.ptr != literal.end())
    return mismatch("number within the range of a double");
  return value;
}

llvm::Expected<llvm::StringRef> JsonValue::asString() const {
  if (kind() != Kind::String)
    return mismatch("string");
  return node->string();
}

llvm::Expected<std::vector<JsonValue>> JsonValue::asArray() const {
  if (kind() != Kind::Array)
    return mismatch("array");
  std::vector<JsonValue> elements;
  elements.reserve(node->count);
  for (const JsonNode &element : node->elementList())
    elements.push_back(storage->value(element));
  return elements;
}

llvm::Expected<std::vector<JsonMember>> JsonValue::asObject() const {
  if (kind() != Kind::Object)
    return mismatch("object");
  std::vector<JsonMember> members;
  members.reserve(node->count);
  for (const JsonMemberNode &member : node->memberList())
    members.push_back({member.keyString(), storage->value(member.value)});
  return members;
}

std::optional<JsonValue> JsonValue::find(llvm::StringRef key) const {
  if (kind() != Kind::Object || !node->count)
    return std::nullopt;
  llvm::ArrayRef<JsonMemberNode> members = node->memberList();
  llvm::ArrayRef<uint32_t> sorted(node->sorted, node->count);
  const uint32_t *found = llvm::partition_point(
      sorted, [&](uint32_t i) { return members[i].keyString() < key; });
  if (found == sorted.end() || members[*found].keyString() != key)
    return std::nullopt;
  return storage->value(members[*found].value);
}

std::string JsonValue::describe() const {
  switch (kind()) {
  case Kind::Null:
    return "null";
  case Kind::Boolean:
    return node->count ? "boolean true" : "boolean false";
  case Kind::Integer:
  case Kind::Real: {
    llvm::StringRef literal = node->string();
    bool longer = literal.size() > 40;
    return (llvm::Twine(kind() == Kind::Integer ? "integer " : "number ") +
            literal.take_front(40) + (longer ? "..." : ""))
        .str();
  }
  case Kind::String:
    return "string " + quote(node->string());
  case Kind::Array:
    return "array of " + std::to_string(node->count);
  case Kind::Object:
    return "object";
  }
  llvm_unreachable("all kinds covered");
}

std::string JsonValue::where() const {
  if (node == &storage->root)
    return storage->name + ": top level";
  return storage->name + ": key " + quote(storage->pathOf(*node));
}

std::pair<unsigned, unsigned> JsonValue::position() const {
  return storage->position(node->begin);
}

llvm::Error JsonValue::fault(const llvm::Twine &message) const {
  return makeError(where() + ": " + message);
}

llvm::Error JsonValue::mismatch(const llvm::Twine &wanted) const {
  return fault("found " + describe() + ", wanted " + wanted);
}

} // namespace heed
