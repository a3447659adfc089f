//===- JsonParser.cpp - From text to JSON values --------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Support/Error.h"
#include "lib/Support/JsonStorage.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/JSON.h"

#include <algorithm>
#include <numeric>

namespace heed::detail {

namespace {

using Kind = JsonValue::Kind;

/// A recursive descent over the text. Every function returns false after the
/// first fault, which `message` and `faultAt` then describe.
class Parser {
public:
  Parser(JsonStorage &storage, JsonLimits limits)
      : storage(storage), text(storage.text), limits(limits) {}

  llvm::Error run();

private:
  bool fault(size_t offset, const llvm::Twine &found, llvm::StringRef wanted);
  /// Describes the byte at `offset` for a message.
  std::string describe(size_t offset) const;
  bool unexpected(llvm::StringRef wanted) {
    return fault(at, describe(at), wanted);
  }

  void skipSpace();
  bool consume(char c);
  bool parseValue(JsonNode &node, unsigned depth);
  bool parseWord(JsonNode &node, llvm::StringRef word, Kind kind, bool value);
  bool parseNumber(JsonNode &node);
  bool parseDigits();
  bool parseString(const char *&data, uint32_t &size);
  bool parseEscape(std::string &out);
  bool parseCodeUnit(uint32_t &unit);
  bool parseArray(JsonNode &node, unsigned depth);
  bool parseObject(JsonNode &node, unsigned depth);
  bool parseMember(JsonMemberNode &member, unsigned depth);
  bool sortMembers(JsonNode &node);

  template <typename T> T *copy(llvm::ArrayRef<T> values) {
    T *data = storage.allocator.Allocate<T>(values.size());
    std::uninitialized_copy(values.begin(), values.end(), data);
    return data;
  }

  JsonStorage &storage;
  llvm::StringRef text;
  JsonLimits limits;
  size_t at = 0;
  size_t faultAt = 0;
  std::string message;
};

} // namespace

bool Parser::fault(size_t offset, const llvm::Twine &found,
                   llvm::StringRef wanted) {
  faultAt = offset;
  message = ("found " + found + ", wanted " + wanted).str();
  return false;
}

std::string Parser::describe(size_t offset) const {
  if (offset >= text.size())
    return "the end of the text";
  llvm::StringRef rest = text.substr(offset);
  llvm::StringRef word = rest.take_while([](char c) {
    return llvm::isAlnum(c) || c == '_' || static_cast<unsigned char>(c) > 127;
  });
  return quote(word.empty() ? rest.take_front(1) : word);
}

void Parser::skipSpace() {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\n' ||
                              text[at] == '\r' || text[at] == '\t'))
    ++at;
}

bool Parser::consume(char c) {
  if (at >= text.size() || text[at] != c)
    return false;
  ++at;
  return true;
}

bool Parser::parseValue(JsonNode &node, unsigned depth) {
  skipSpace();
  node.begin = static_cast<uint32_t>(at);
  bool parsed;
  char first = at < text.size() ? text[at] : '\0';
  if (first == '{')
    parsed = parseObject(node, depth);
  else if (first == '[')
    parsed = parseArray(node, depth);
  else if (first == '"') {
    node.kind = Kind::String;
    parsed = parseString(node.text, node.count);
  } else if (first == '-' || llvm::isDigit(first))
    parsed = parseNumber(node);
  else
    parsed = parseWord(node, "true", Kind::Boolean, true) ||
             parseWord(node, "false", Kind::Boolean, false) ||
             parseWord(node, "null", Kind::Null, false) ||
             unexpected("a JSON value");
  node.end = static_cast<uint32_t>(at);
  return parsed;
}

bool Parser::parseWord(JsonNode &node, llvm::StringRef word, Kind kind,
                       bool value) {
  llvm::StringRef rest = text.substr(at);
  if (!rest.starts_with(word) ||
      (rest.size() > word.size() && llvm::isAlnum(rest[word.size()])))
    return false;
  at += word.size();
  node.kind = kind;
  node.count = value;
  return true;
}

bool Parser::parseDigits() {
  size_t begin = at;
  while (at < text.size() && llvm::isDigit(text[at]))
    ++at;
  return at != begin || unexpected("a digit");
}

bool Parser::parseNumber(JsonNode &node) {
  size_t begin = at;
  node.kind = Kind::Integer;
  consume('-');
  if (consume('0')) {
    if (at < text.size() && llvm::isDigit(text[at]))
      return fault(begin, "a number that begins with 0",
                   "no digit after the 0");
  } else if (!parseDigits()) {
    return false;
  }
  if (consume('.')) {
    node.kind = Kind::Real;
    if (!parseDigits())
      return false;
  }
  if (consume('e') || consume('E')) {
    node.kind = Kind::Real;
    if (!consume('-'))
      consume('+');
    if (!parseDigits())
      return false;
  }
  node.text = text.data() + begin;
  node.count = static_cast<uint32_t>(at - begin);
  return true;
}

bool Parser::parseString(const char *&data, uint32_t &size) {
  ++at; // the opening quote
  size_t begin = at;
  std::string decoded;
  bool escaped = false;
  for (;;) {
    if (at >= text.size())
      return fault(begin - 1, "a string without end", "a closing quote");
    char c = text[at];
    if (static_cast<unsigned char>(c) < 0x20)
      return fault(
          at, "control character " + quote(text.substr(at, 1)) + " in a string",
          "an escape");
    if (c == '"')
      break;
    if (c == '\\') {
      if (!escaped)
        decoded = text.slice(begin, at).str();
      escaped = true;
      if (!parseEscape(decoded))
        return false;
      continue;
    }
    if (escaped)
      decoded += c;
    ++at;
  }
  llvm::StringRef content = text.slice(begin, at);
  ++at;
  if (escaped)
    content = llvm::StringRef(decoded).copy(storage.allocator);
  data = content.data();
  size = static_cast<uint32_t>(content.size());
  return true;
}

bool Parser::parseCodeUnit(uint32_t &unit) {
  unit = 0;
  for (int digit = 0; digit < 4; ++digit, ++at) {
    if (at >= text.size() || !llvm::isHexDigit(text[at]))
      return unexpected("four hexadecimal digits");
    unit = unit * 16 + llvm::hexDigitValue(text[at]);
  }
  return true;
}

bool Parser::parseEscape(std::string &out) {
  size_t begin = at++; // the backslash
  static constexpr llvm::StringLiteral kNames = "\"\\/bfnrt";
  static constexpr llvm::StringLiteral kCharacters = "\"\\/\b\f\n\r\t";
  char name = at < text.size() ? text[at] : '\0';
  size_t index = kNames.find(name);
  if (name && index != llvm::StringRef::npos) {
    out += kCharacters[index];
    ++at;
    return true;
  }
  if (!consume('u'))
    return fault(begin, "an unknown escape",
                 "one of \\\" \\\\ \\/ \\b \\f \\n "
                 "\\r \\t \\u");
  uint32_t unit, low = 0;
  if (!parseCodeUnit(unit))
    return false;
  if (unit >= 0xd800 && unit < 0xe000) {
    bool pair = unit < 0xdc00 && text.substr(at).starts_with("\\u");
    if (pair) {
      at += 2;
      if (!parseCodeUnit(low))
        return false;
    }
    if (low < 0xdc00 || low >= 0xe000)
      return fault(begin, "a lone surrogate", "a pair of surrogates");
    unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
  }
  char buffer[UNI_MAX_UTF8_BYTES_PER_CODE_POINT];
  char *end = buffer;
  llvm::ConvertCodePointToUTF8(unit, end);
  out.append(buffer, end);
  return true;
}

bool Parser::parseArray(JsonNode &node, unsigned depth) {
  if (depth == limits.nesting)
    return fault(at, "deeper nesting",
                 "at most " + std::to_string(limits.nesting) + " levels");
  node.kind = Kind::Array;
  ++at;
  skipSpace();
  if (consume(']'))
    return true;
  llvm::SmallVector<JsonNode, 4> elements;
  do {
    elements.emplace_back();
    if (!parseValue(elements.back(), depth + 1))
      return false;
    skipSpace();
  } while (consume(','));
  if (!consume(']'))
    return unexpected("\",\" or \"]\"");
  node.count = static_cast<uint32_t>(elements.size());
  node.elements = copy<JsonNode>(elements);
  return true;
}

bool Parser::parseMember(JsonMemberNode &member, unsigned depth) {
  skipSpace();
  if (at >= text.size() || text[at] != '"')
    return unexpected("a key in double quotes");
  member.keyBegin = static_cast<uint32_t>(at);
  if (!parseString(member.key, member.keySize))
    return false;
  skipSpace();
  if (!consume(':'))
    return unexpected("\":\" after the key");
  return parseValue(member.value, depth + 1);
}

bool Parser::parseObject(JsonNode &node, unsigned depth) {
  if (depth == limits.nesting)
    return fault(at, "deeper nesting",
                 "at most " + std::to_string(limits.nesting) + " levels");
  node.kind = Kind::Object;
  ++at;
  skipSpace();
  if (consume('}'))
    return true;
  llvm::SmallVector<JsonMemberNode, 4> members;
  do {
    members.emplace_back();
    if (!parseMember(members.back(), depth))
      return false;
    skipSpace();
  } while (consume(','));
  if (!consume('}'))
    return unexpected("\",\" or \"}\"");
  node.count = static_cast<uint32_t>(members.size());
  node.members = copy<JsonMemberNode>(members);
  return sortMembers(node);
}

/// Makes the index by key, in which duplicates stand side by side.
bool Parser::sortMembers(JsonNode &node) {
  llvm::ArrayRef<JsonMemberNode> members = node.memberList();
  uint32_t *sorted = storage.allocator.Allocate<uint32_t>(members.size());
  std::iota(sorted, sorted + members.size(), 0);
  std::sort(sorted, sorted + members.size(), [&](uint32_t a, uint32_t b) {
    int order = members[a].keyString().compare(members[b].keyString());
    return order ? order < 0 : a < b;
  });
  node.sorted = sorted;
  for (size_t i = 1; i < members.size(); ++i) {
    const JsonMemberNode &member = members[sorted[i]];
    if (member.keyString() == members[sorted[i - 1]].keyString())
      return fault(member.keyBegin,
                   "duplicate key " + quote(member.keyString()),
                   "each key once");
  }
  return true;
}

llvm::Error Parser::run() {
  size_t broken = 0;
  uint64_t most = std::min<uint64_t>(limits.bytes, UINT32_MAX);
  if (text.size() > most)
    return makeError(storage.name + ": found " + llvm::Twine(text.size()) +
                     " bytes of JSON, wanted at most " + llvm::Twine(most));
  bool parsed;
  if (!llvm::json::isUTF8(text, &broken)) {
    parsed = fault(broken, "invalid UTF-8", "UTF-8");
  } else {
    parsed = parseValue(storage.root, 0);
    skipSpace();
    if (parsed && at != text.size())
      parsed = unexpected("the end of the text");
  }
  if (parsed)
    return llvm::Error::success();
  auto [line, column] = storage.position(faultAt);
  return makeError(storage.name + ":" + llvm::Twine(line) + ":" +
                   llvm::Twine(column) + ": " + message);
}

llvm::Error parseJson(JsonStorage &storage, JsonLimits limits) {
  return Parser(storage, limits).run();
}

} // namespace heed::detail
