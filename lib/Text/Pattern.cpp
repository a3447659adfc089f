//===- Pattern.cpp - Regular expressions of tokenizers --------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Text/Pattern.h"

#include "heed/Support/Error.h"

#include "llvm/ADT/StringExtras.h"

namespace heed {

namespace {
/// Reads a pattern from left to right. Each step returns false after a fault.
class Translator {
public:
  explicit Translator(llvm::StringRef pattern)
      : pattern(pattern), rest(pattern) {}

  llvm::Expected<std::string> run();

private:
  bool step();
  bool escape();
  bool category();
  bool group();
  bool range();
  bool set();
  bool member(bool &isSet);

  /// Copies `count` characters as they are.
  void copy(size_t count) {
    result += rest.take_front(count);
    rest = rest.drop_front(count);
  }
  bool fail(llvm::StringRef found, const llvm::Twine &wanted) {
    message =
        (quote(found) + " at byte " +
         llvm::Twine(pattern.size() - rest.size() + 1) + ", wanted " + wanted)
            .str();
    return false;
  }

  llvm::StringRef pattern, rest;
  std::string result, message;
};
} // namespace

/// Copies `\p{Lu}`: a general category, by one or two letters.
bool Translator::category() {
  llvm::StringRef name = rest.drop_front(2);
  name = name.starts_with("{")
             ? name.take_until([](char c) { return c == '}'; }).drop_front()
             : "";
  bool known = (name.size() == 1 || name.size() == 2) &&
               llvm::StringRef("LMNPSZC").contains(name[0]) &&
               (name.size() == 1 || llvm::isLower(name[1])) &&
               rest.drop_front(3 + name.size()).starts_with("}");
  if (!known)
    return fail(rest.take_front(8), "\\p or \\P with a general category, "
                                    "such as {L} or {Lu}");
  copy(4 + name.size());
  return true;
}

/// Translates what begins with a backslash.
bool Translator::escape() {
  char kind = rest.size() > 1 ? rest[1] : '\0';
  if (kind == 'p' || kind == 'P')
    return category();
  if (kind == 's' || kind == 'S') {
    // ICU's own lacks U+000B and U+0085.
    result += kind == 's' ? "\\p{White_Space}" : "\\P{White_Space}";
    rest = rest.drop_front(2);
    return true;
  }
  if (!llvm::StringRef("rntf").contains(kind) && !llvm::isPunct(kind))
    return fail(rest.take_front(2), "\\s, \\S, \\p, \\P, \\r, \\n, \\t, \\f or "
                                    "an escaped sign");
  copy(2);
  return true;
}

/// Copies the beginning of a group.
bool Translator::group() {
  if (!rest.starts_with("(?")) {
    copy(1);
    return true;
  }
  for (llvm::StringRef kind : {"(?:", "(?i:", "(?=", "(?!"})
    if (rest.starts_with(kind)) {
      copy(kind.size());
      return true;
    }
  return fail(rest.take_front(4), "(, (?:, (?i:, (?= or (?!");
}

/// Copies a count of repetitions: {2}, {1,3} or {1,}.
bool Translator::range() {
  llvm::StringRef text = rest.take_until([](char c) { return c == '}'; });
  auto [low, high] = text.drop_front().split(',');
  auto isNumber = [](llvm::StringRef digits) {
    return !digits.empty() && digits.size() <= 4 &&
           llvm::all_of(digits, llvm::isDigit);
  };
  llvm::StringRef after = rest.drop_front(text.size());
  if (!isNumber(low) || (!high.empty() && !isNumber(high)) || after.empty())
    return fail(rest.take_front(8), "a repetition such as {1,3}");
  if (llvm::StringRef("+?*{").contains(after.drop_front().take_front(1)) &&
      after.size() > 1)
    return fail(rest.take_front(text.size() + 2),
                "nothing after the repetition");
  copy(text.size() + 1);
  return true;
}

/// Translates one member of a set of characters.
bool Translator::member(bool &isSet) {
  isSet = false;
  if (rest.starts_with("\\")) {
    isSet = llvm::StringRef("sSpP").contains(rest.drop_front().take_front(1)) &&
            rest.size() > 1;
    return escape();
  }
  for (llvm::StringRef kind : {"[", "&&", "--"})
    if (rest.starts_with(kind))
      return fail(kind, "a set without operations and sets inside");
  if (llvm::isPunct(rest[0]))
    result += '\\'; // Plain in both, if not for ICU in all of its versions.
  copy(1);
  while (!rest.empty() && (rest[0] & 0xc0) == 0x80)
    copy(1);
  return true;
}

/// Translates a set of characters.
bool Translator::set() {
  copy(rest.starts_with("[^") ? 2 : 1);
  if (rest.starts_with("]"))
    return fail("]", "a set with members");
  while (!rest.empty() && rest[0] != ']') {
    bool isSet, isEndSet;
    if (!member(isSet))
      return false;
    // A range; a minus before the end is a member.
    if (!rest.starts_with("-") || rest.starts_with("-]"))
      continue;
    if (isSet)
      return fail("-", "no range that begins with a set");
    copy(1);
    if (rest.empty() || rest[0] == '-')
      return fail("-", "a range with an end");
    if (!member(isEndSet))
      return false;
    if (isEndSet)
      return fail("-", "no range that ends with a set");
  }
  if (rest.empty())
    return fail("", "\"]\"");
  copy(1);
  return true;
}

bool Translator::step() {
  switch (rest[0]) {
  case '\\':
    return escape();
  case '(':
    return group();
  case '[':
    return set();
  case '{':
    return range();
  case '^':
  case '$':
  case '.':
    return fail(rest.take_front(1),
                "none: it means different things to different readers");
  default:
    copy(1);
    return true;
  }
}

llvm::Expected<std::string> Translator::run() {
  while (!rest.empty())
    if (!step())
      return makeError("found " + message);
  return std::move(result);
}

llvm::Expected<std::string> translatePattern(llvm::StringRef pattern) {
  return Translator(pattern).run();
}

} // namespace heed
