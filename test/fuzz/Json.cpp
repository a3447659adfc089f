//===- Json.cpp - Fuzzes the JSON reader ----------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Support/Json.h"

#include "llvm/Support/JSON.h"

#include <cstdlib>

using namespace heed;

/// Calls everything that a value offers, on it and all below it.
static void visit(JsonValue value) {
  if (value.describe().find('\n') != std::string::npos ||
      value.where().find('\n') != std::string::npos)
    std::abort();
  (void)value.position();
  consumeError(value.asBoolean().takeError());
  consumeError(value.asInteger().takeError());
  consumeError(value.asNumber().takeError());
  consumeError(value.asString().takeError());
  if (value.kind() == JsonValue::Kind::Array)
    for (JsonValue element : cantFail(value.asArray()))
      visit(element);
  if (value.kind() != JsonValue::Kind::Object)
    return;
  JsonObject object(value);
  for (const JsonMember &member : cantFail(value.asObject())) {
    if (!value.find(member.key))
      std::abort();
    int64_t integer;
    (void)object.read(member.key, integer);
    visit(member.value);
  }
  consumeError(object.takeError());
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string text(reinterpret_cast<const char *>(data), size);
  llvm::Expected<JsonDocument> document = JsonDocument::parse(text, "f");
  if (!document) {
    if (llvm::toString(document.takeError()).find('\n') != std::string::npos)
      std::abort();
    return 0;
  }
  visit(document->root());
  // LLVM's reader is laxer: it takes all that this one takes, except numbers
  // beyond the range of a double.
  llvm::Expected<llvm::json::Value> other = llvm::json::parse(text);
  if (!other) {
    std::string message = llvm::toString(other.takeError());
    if (!llvm::StringRef(message).contains("number"))
      std::abort();
  }
  return 0;
}
