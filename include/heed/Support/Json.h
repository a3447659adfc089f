//===- Json.h - JSON from files that may be hostile ------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reads JSON and says precisely what is wrong with it.
///
///     llvm::Expected<JsonDocument> document = JsonDocument::open(path);
///     if (!document)
///       return document.takeError();
///     JsonObject config(document->root());
///     config.read("hidden_size", hidden, /*min=*/1);
///     config.readOptional("rope_theta", theta);       // else theta stays
///     JsonObject scaling;
///     if (config.readOptional("rope_scaling", scaling) && scaling)
///       scaling.read("factor", factor);
///     if (llvm::Error error = config.takeError())     // the first of them all
///       return error;
///     for (const JsonMember &member : config.unread())
///       ...                                           // unknown fields
///
/// Faults of the text carry line and column, both from 1 and in bytes:
///     config.json:3:17: found duplicate key "dtype", wanted each key once
/// Faults of a value carry the path of its key:
///     config.json: key "rope_scaling.factor": found string "8", wanted number
///
/// Refused beyond the grammar: duplicate keys, invalid UTF-8, lone surrogates,
/// nesting and size above the limits. llvm::json is not used because it takes
/// the last of duplicate keys, recurses without limit and forgets positions.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_SUPPORT_JSON_H
#define HEED_SUPPORT_JSON_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace heed {

struct JsonMember;
namespace detail {
struct JsonNode;
struct JsonStorage;
} // namespace detail

/// What JsonDocument refuses to hold.
struct JsonLimits {
  unsigned nesting = 64;
  /// At most 4 GiB, whatever is asked for.
  uint64_t bytes = uint64_t(256) << 20;
};

/// One value of a document: two pointers, valid as long as the document.
class JsonValue {
public:
  /// A number written without fraction and exponent is an Integer, whatever
  /// its size; every other number is a Real.
  enum class Kind : uint8_t {
    Null,
    Boolean,
    Integer,
    Real,
    String,
    Array,
    Object
  };

  Kind kind() const;
  bool isNull() const { return kind() == Kind::Null; }

  /// Return the value, or an error if it is of another kind or does not fit.
  /// A real is never taken for an integer; an integer is a number too, rounded
  /// to the nearest double.
  llvm::Expected<bool> asBoolean() const;
  llvm::Expected<int64_t> asInteger() const;
  llvm::Expected<double> asNumber() const;
  llvm::Expected<llvm::StringRef> asString() const;
  /// The elements in order.
  llvm::Expected<std::vector<JsonValue>> asArray() const;
  /// The members in the order of the text.
  llvm::Expected<std::vector<JsonMember>> asObject() const;

  /// Looks up a member in logarithmic time; nothing if there is none or this
  /// is not an object.
  std::optional<JsonValue> find(llvm::StringRef key) const;

  /// Names the kind and the value, as in "found " + describe():
  /// "string \"abc\"", "integer 3", "array of 4", "null".
  std::string describe() const;
  /// Says where the value stands: "config.json: key \"rope_scaling.factor\"".
  std::string where() const;
  /// Line and column of its first byte.
  std::pair<unsigned, unsigned> position() const;

  /// Makes the error "WHERE: MESSAGE".
  llvm::Error fault(const llvm::Twine &message) const;
  /// Makes the error "WHERE: found DESCRIPTION, wanted WANTED".
  llvm::Error mismatch(const llvm::Twine &wanted) const;

private:
  friend struct detail::JsonStorage;
  friend class JsonDocument;
  friend class JsonObject;
  JsonValue(const detail::JsonStorage *storage, const detail::JsonNode *node)
      : storage(storage), node(node) {}

  const detail::JsonStorage *storage;
  const detail::JsonNode *node;
};

/// A key and its value.
struct JsonMember {
  llvm::StringRef key;
  JsonValue value;
};

/// A parsed text with all its values. Immutable: threads may share it.
class JsonDocument {
public:
  /// Parses `text`; `name` stands in messages, as a rule the path of the file.
  static llvm::Expected<JsonDocument>
  parse(std::string text, llvm::StringRef name, JsonLimits limits = {});

  /// Reads and parses a regular file.
  static llvm::Expected<JsonDocument> open(llvm::StringRef path,
                                           JsonLimits limits = {});

  JsonDocument(JsonDocument &&);
  JsonDocument &operator=(JsonDocument &&);
  ~JsonDocument();

  JsonValue root() const;

private:
  explicit JsonDocument(std::unique_ptr<detail::JsonStorage> storage);
  std::unique_ptr<detail::JsonStorage> storage;
};

/// Reads the members of an object by key and type, and remembers which were
/// never asked for. An object read through another shares its error; copies
/// share everything. Valid as long as the document.
///
/// Errors stick: after the first one, every read returns false and leaves its
/// result alone, and takeError() returns that first one. Whether to stop early
/// is the caller's choice.
class JsonObject {
public:
  /// No object; false when tested. To be assigned before anything is read.
  JsonObject() = default;
  /// Reads `value`; its being no object is the first error.
  explicit JsonObject(JsonValue value);

  explicit operator bool() const { return state != nullptr; }

  /// Read a member that must be there. An integer must lie in [min, max].
  bool read(llvm::StringRef key, bool &result);
  bool read(llvm::StringRef key, int64_t &result,
            int64_t min = std::numeric_limits<int64_t>::min(),
            int64_t max = std::numeric_limits<int64_t>::max());
  bool read(llvm::StringRef key, double &result);
  bool read(llvm::StringRef key, std::string &result);
  bool read(llvm::StringRef key, std::vector<int64_t> &result);
  bool read(llvm::StringRef key, std::vector<double> &result);
  bool read(llvm::StringRef key, std::vector<std::string> &result);
  bool read(llvm::StringRef key, std::vector<JsonValue> &result);
  bool read(llvm::StringRef key, JsonObject &result);
  bool read(llvm::StringRef key, std::vector<JsonObject> &result);

  /// Reads a member that may be absent or null; `result` then stays as it is.
  /// Returns false only after an error. `arguments` are those of read().
  template <typename T, typename... Arguments>
  bool readOptional(llvm::StringRef key, T &result, Arguments... arguments) {
    return skip(key) || read(key, result, arguments...);
  }
  template <typename T, typename... Arguments>
  bool readOptional(llvm::StringRef key, std::optional<T> &result,
                    Arguments... arguments) {
    if (skip(key))
      return true;
    T present{};
    if (!read(key, present, arguments...))
      return false;
    result = std::move(present);
    return true;
  }

  /// Returns the member, for what read() does not cover; counts as read.
  std::optional<JsonValue> get(llvm::StringRef key);
  /// Says whether the member is there and not null; does not count as read.
  bool has(llvm::StringRef key) const;
  /// Counts the member as read.
  void ignore(llvm::StringRef key) { (void)get(key); }

  /// Lists the members never read, in the order of the text.
  std::vector<JsonMember> unread() const;

  /// The object itself, for messages of the caller. REQUIRES: not empty.
  JsonValue value() const;

  /// Makes `error` the first error unless there is one already.
  void fail(llvm::Error error);
  /// Returns the first error of this object and all that share it. Calling it
  /// again returns it again.
  llvm::Error takeError() const;

private:
  struct State;

  /// Whether an optional read has nothing to do; true without error only.
  bool skip(llvm::StringRef key);
  /// Finds the member to read, or fails with what was `wanted`.
  std::optional<JsonValue> require(llvm::StringRef key, llvm::StringRef wanted);
  /// Makes `value` an object that shares the error.
  bool open(JsonValue value, JsonObject &result);
  template <typename T> bool take(llvm::Expected<T> value, T &result);
  template <typename T, typename Convert>
  bool readArray(llvm::StringRef key, std::vector<T> &result,
                 llvm::StringRef wanted, Convert convert);

  std::shared_ptr<State> state;
};

} // namespace heed

#endif // HEED_SUPPORT_JSON_H
