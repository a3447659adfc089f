//===- JsonObject.cpp - Typed reading of JSON objects ---------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Support/Error.h"
#include "lib/Support/JsonStorage.h"

namespace heed {

struct JsonObject::State {
  explicit State(JsonValue value) : value(value) {}

  JsonValue value;
  /// By number of the member: was it read?
  std::vector<bool> wasRead;
  /// The first error, shared with all objects read through this one.
  std::shared_ptr<std::string> error;
};

JsonObject::JsonObject(JsonValue value)
    : state(std::make_shared<State>(value)) {
  state->error = std::make_shared<std::string>();
  if (value.kind() == JsonValue::Kind::Object)
    state->wasRead.resize(value.node->count);
  else
    fail(value.mismatch("object"));
}

void JsonObject::fail(llvm::Error error) {
  std::string message = llvm::toString(std::move(error));
  if (state->error->empty())
    *state->error = std::move(message);
}

llvm::Error JsonObject::takeError() const {
  if (!state || state->error->empty())
    return llvm::Error::success();
  return makeError(*state->error);
}

JsonValue JsonObject::value() const { return state->value; }

std::optional<JsonValue> JsonObject::get(llvm::StringRef key) {
  std::optional<JsonValue> found = state->value.find(key);
  if (found) {
    // The address of a value lies within its member.
    const auto *member = reinterpret_cast<const char *>(found->node);
    const auto *first =
        reinterpret_cast<const char *>(state->value.node->members);
    state->wasRead[static_cast<size_t>(member - first) /
                   sizeof(detail::JsonMemberNode)] = true;
  }
  return found;
}

bool JsonObject::has(llvm::StringRef key) const {
  std::optional<JsonValue> found = state->value.find(key);
  return found && !found->isNull();
}

std::vector<JsonMember> JsonObject::unread() const {
  std::vector<JsonMember> members;
  if (!state || state->value.kind() != JsonValue::Kind::Object)
    return members;
  llvm::ArrayRef<detail::JsonMemberNode> all = state->value.node->memberList();
  for (size_t i = 0; i < all.size(); ++i)
    if (!state->wasRead[i])
      members.push_back(
          {all[i].keyString(), state->value.storage->value(all[i].value)});
  return members;
}

bool JsonObject::skip(llvm::StringRef key) {
  if (!state->error->empty())
    return false;
  std::optional<JsonValue> found = get(key);
  return !found || found->isNull();
}

std::optional<JsonValue> JsonObject::require(llvm::StringRef key,
                                             llvm::StringRef wanted) {
  if (!state->error->empty())
    return std::nullopt;
  std::optional<JsonValue> found = get(key);
  if (!found) {
    const detail::JsonStorage &storage = *state->value.storage;
    std::string path = storage.pathOf(*state->value.node);
    path += (path.empty() ? "" : ".") + key.str();
    fail(makeError(storage.name + ": key " + quote(path) +
                   ": found nothing, wanted " + wanted));
  }
  return found;
}

template <typename T>
bool JsonObject::take(llvm::Expected<T> value, T &result) {
  if (!value) {
    fail(value.takeError());
    return false;
  }
  result = std::move(*value);
  return true;
}

bool JsonObject::read(llvm::StringRef key, bool &result) {
  std::optional<JsonValue> found = require(key, "boolean");
  return found && take(found->asBoolean(), result);
}

bool JsonObject::read(llvm::StringRef key, int64_t &result, int64_t min,
                      int64_t max) {
  std::optional<JsonValue> found = require(key, "integer");
  int64_t value;
  if (!found || !take(found->asInteger(), value))
    return false;
  if (value >= min && value <= max) {
    result = value;
    return true;
  }
  bool open = max == std::numeric_limits<int64_t>::max();
  fail(found->mismatch(open ? "at least " + llvm::Twine(min)
                            : "an integer from " + llvm::Twine(min) + " to " +
                                  llvm::Twine(max)));
  return false;
}

bool JsonObject::read(llvm::StringRef key, double &result) {
  std::optional<JsonValue> found = require(key, "number");
  return found && take(found->asNumber(), result);
}

bool JsonObject::read(llvm::StringRef key, std::string &result) {
  std::optional<JsonValue> found = require(key, "string");
  llvm::StringRef value;
  if (!found || !take(found->asString(), value))
    return false;
  result = value.str();
  return true;
}

template <typename T, typename Convert>
bool JsonObject::readArray(llvm::StringRef key, std::vector<T> &result,
                           llvm::StringRef wanted, Convert convert) {
  std::optional<JsonValue> found = require(key, wanted);
  std::vector<JsonValue> elements;
  if (!found || !take(found->asArray(), elements))
    return false;
  std::vector<T> values;
  values.reserve(elements.size());
  for (JsonValue element : elements) {
    T value{};
    if (!take<T>(convert(element), value))
      return false;
    values.push_back(std::move(value));
  }
  result = std::move(values);
  return true;
}

bool JsonObject::read(llvm::StringRef key, std::vector<int64_t> &result) {
  return readArray(key, result, "array of integers",
                   [](JsonValue element) { return element.asInteger(); });
}

bool JsonObject::read(llvm::StringRef key, std::vector<double> &result) {
  return readArray(key, result, "array of numbers",
                   [](JsonValue element) { return element.asNumber(); });
}

bool JsonObject::read(llvm::StringRef key, std::vector<std::string> &result) {
  return readArray(key, result, "array of strings",
                   [](JsonValue element) -> llvm::Expected<std::string> {
                     llvm::Expected<llvm::StringRef> text = element.asString();
                     if (!text)
                       return text.takeError();
                     return text->str();
                   });
}

bool JsonObject::read(llvm::StringRef key, std::vector<JsonValue> &result) {
  std::optional<JsonValue> found = require(key, "array");
  return found && take(found->asArray(), result);
}

bool JsonObject::read(llvm::StringRef key, JsonObject &result) {
  std::optional<JsonValue> found = require(key, "object");
  if (!found)
    return false;
  return open(*found, result);
}

bool JsonObject::open(JsonValue value, JsonObject &result) {
  JsonObject object(value);
  if (llvm::Error error = object.takeError()) {
    fail(std::move(error));
    return false;
  }
  object.state->error = state->error;
  result = std::move(object);
  return true;
}

bool JsonObject::read(llvm::StringRef key, std::vector<JsonObject> &result) {
  std::vector<JsonValue> elements;
  if (!read(key, elements))
    return false;
  std::vector<JsonObject> objects(elements.size());
  for (size_t i = 0; i != elements.size(); ++i)
    if (!open(elements[i], objects[i]))
      return false;
  result = std::move(objects);
  return true;
}

} // namespace heed
