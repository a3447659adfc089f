//===- Metadata.cpp - Attributes as JSON ----------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/host/Metadata.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
namespace json = llvm::json;

namespace heed {

template <typename T> static json::Value toJson(ArrayRef<T> numbers) {
  json::Array array;
  for (T number : numbers)
    array.push_back(number);
  return array;
}

static json::Value toJson(Attribute attribute) {
  return llvm::TypeSwitch<Attribute, json::Value>(attribute)
      .Case([](StringAttr text) { return json::Value(text.str()); })
      .Case([](BoolAttr flag) { return json::Value(flag.getValue()); })
      .Case([](IntegerAttr number) {
        return json::Value(number.getValue().getSExtValue());
      })
      .Case([](FloatAttr number) {
        return json::Value(number.getValueAsDouble());
      })
      .Case([](DenseI32ArrayAttr list) { return toJson(list.asArrayRef()); })
      .Case([](DenseI64ArrayAttr list) { return toJson(list.asArrayRef()); })
      .Case([](ArrayAttr list) {
        json::Array array;
        for (Attribute element : list)
          array.push_back(toJson(element));
        return json::Value(std::move(array));
      })
      .Case([](DictionaryAttr fields) {
        json::Object object;
        for (NamedAttribute field : fields)
          object[field.getName().str()] = toJson(field.getValue());
        return json::Value(std::move(object));
      })
      .Default([](Attribute other) {
        std::string text;
        llvm::raw_string_ostream(text) << other;
        return json::Value(json::fixUTF8(text));
      });
}

/// Spells `attn.model`, whose tokenizer may be a file.
static json::Value
describeModel(Attribute model,
              llvm::function_ref<std::string(StringRef)> relocate) {
  json::Value value = toJson(model);
  json::Object *facts = value.getAsObject();
  if (!facts)
    return value;
  std::optional<StringRef> tokenizer = facts->getString("tokenizer");
  if (tokenizer && *tokenizer != "bytes")
    (*facts)["tokenizer"] = relocate(*tokenizer);
  return value;
}

std::string makeMetadata(ModuleOp module,
                         llvm::function_ref<std::string(StringRef)> relocate) {
  json::Object object;
  if (Attribute model = module->getAttr("attn.model"))
    object["model"] = describeModel(model, relocate);
  if (Attribute rewrites = module->getAttr("attn.rewrites"))
    object["rewrites"] = toJson(rewrites);
  std::string text;
  llvm::raw_string_ostream(text) << json::Value(std::move(object));
  return text;
}

} // namespace heed
