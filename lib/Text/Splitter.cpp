//===- Splitter.cpp - Words of a text -------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Text/Splitter.h"
#include "lib/Text/Pattern.h"

#include "heed/Support/Error.h"

#include <algorithm>
#include <unicode/regex.h>

namespace heed {

const llvm::StringLiteral kGpt2Pattern =
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|"
    "\\s+(?!\\S)|\\s+";

/// What a match may remember of places to go back to.
static constexpr int32_t kStackBytes = 8 << 20;
/// ICU counts steps by the 10000: so many for any text, and so many bytes of
/// text for one more, which is far above what reasonable patterns need.
static constexpr int64_t kSteps = 1000, kBytesPerStep = 16;

struct Splitter::State {
  std::unique_ptr<icu::RegexPattern> pattern;
};

Splitter::Splitter(std::unique_ptr<State> state) : state(std::move(state)) {}
Splitter::Splitter(Splitter &&) = default;
Splitter &Splitter::operator=(Splitter &&) = default;
Splitter::~Splitter() = default;

namespace {
/// UTF-8 as ICU reads it.
class TextView {
public:
  explicit TextView(llvm::StringRef bytes) {
    utext_openUTF8(&text, bytes.data(), int64_t(bytes.size()), &status);
  }
  ~TextView() { utext_close(&text); }

  UText text = UTEXT_INITIALIZER;
  UErrorCode status = U_ZERO_ERROR;
};
} // namespace

llvm::Expected<Splitter> Splitter::create(llvm::StringRef pattern) {
  llvm::Expected<std::string> translated = translatePattern(pattern);
  if (!translated)
    return translated.takeError();
  TextView view(*translated);
  UErrorCode status = view.status;
  UParseError place;
  auto state = std::make_unique<State>();
  state->pattern.reset(
      icu::RegexPattern::compile(&view.text, 0, place, status));
  if (U_FAILURE(status))
    return makeError(llvm::Twine("found ") + u_errorName(status) +
                     ", wanted a regular expression");
  return Splitter(std::move(state));
}

llvm::Error
Splitter::split(llvm::StringRef text,
                llvm::function_ref<void(llvm::StringRef)> visit) const {
  TextView view(text);
  UErrorCode status = view.status;
  std::unique_ptr<icu::RegexMatcher> matcher(state->pattern->matcher(status));
  if (U_FAILURE(status))
    return makeError(llvm::Twine("cannot match: ") + u_errorName(status));
  matcher->reset(&view.text);
  matcher->setStackLimit(kStackBytes, status);
  matcher->setTimeLimit(int32_t(std::min<int64_t>(
                            kSteps + text.size() / kBytesPerStep, INT32_MAX)),
                        status);
  size_t end = 0;
  while (matcher->find(status)) {
    size_t from = matcher->start64(status), to = matcher->end64(status);
    if (from == to)
      return makeError("found a match of nothing at byte " + llvm::Twine(from) +
                       " of the text, wanted a pattern that takes something");
    if (from != end)
      visit(text.slice(end, from));
    visit(text.slice(from, to));
    end = to;
  }
  if (status == U_REGEX_TIME_OUT || status == U_REGEX_STACK_OVERFLOW)
    return makeError("found a text of " + llvm::Twine(text.size()) +
                     " bytes on which the pattern takes too " +
                     (status == U_REGEX_TIME_OUT ? "long" : "much memory") +
                     ", wanted one that it can split");
  if (U_FAILURE(status))
    return makeError(llvm::Twine("cannot match: ") + u_errorName(status));
  if (end != text.size())
    visit(text.drop_front(end));
  return llvm::Error::success();
}

} // namespace heed
