//===- PackageReader.h - Look into a compiled package -----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

///
/// \file
/// Compiles a small model and gives access to the tables of its package.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_PASSES_LOWER_PACKAGEREADER_H
#define HEED_TEST_UNIT_PASSES_LOWER_PACKAGEREADER_H

#include "heed-c/Package.h"
#include "passes/InitAll.h"
#include "passes/pipelines/Compile.h"
#include "test/unit/passes/lower/StepModule.h"

#include "mlir/Parser/Parser.h"

#include <cstring>

namespace heed {

/// A body that hands its caches on and doubles the embedding.
inline constexpr const char *passBy = "%out = arith.addf %h, %h : $H";

class PackageReader {
public:
  /// Returns what went wrong.
  std::string compile(const StepModule &step, const std::string &body,
                      int64_t width, std::string target = "cpu") {
    return compileText(write(step, body, width), std::move(target));
  }

  static std::string write(const StepModule &step, const std::string &body,
                           int64_t width) {
    // Caches that the body does not name pass unchanged.
    std::string text = step.write(body, width);
    for (const char *number : {"0", "1"})
      if (body.find(std::string("%e") + number) == std::string::npos)
        for (size_t at;
             (at = text.find(std::string("%e") + number)) != std::string::npos;)
          text.replace(at, 3, std::string("%c") + number);
    return text;
  }

  std::string compileText(llvm::StringRef text, std::string target = "cpu") {
    CompileOptions options;
    options.target = std::move(target);
    return readText(text, [&](mlir::ModuleOp module) {
      return compileModule(module, options);
    });
  }

  /// The same, where `compile` makes the package of the module.
  std::string
  readText(llvm::StringRef text,
           llvm::function_ref<llvm::Expected<std::vector<char>>(mlir::ModuleOp)>
               compile) {
    mlir::DialectRegistry registry;
    registerAllDialects(registry);
    mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
    std::string message;
    mlir::ScopedDiagnosticHandler handler(&context,
                                          [&](mlir::Diagnostic &diagnostic) {
                                            if (message.empty())
                                              message = diagnostic.str();
                                          });
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (!module)
      return message;
    llvm::Expected<std::vector<char>> package = compile(*module);
    if (!package)
      return llvm::toString(package.takeError());
    bytes = std::move(*package);
    return "";
  }

  heed_package_header header() const {
    heed_package_header header;
    std::memcpy(&header, bytes.data(), sizeof(header));
    return header;
  }
  template <typename T> llvm::ArrayRef<T> table(heed_span span) const {
    return {reinterpret_cast<const T *>(bytes.data() + span.offset),
            span.size / sizeof(T)};
  }
  llvm::StringRef text(heed_span span) const {
    return {bytes.data() + span.offset, span.size};
  }
  llvm::StringRef string(heed_span span) const {
    return text(header().strings).substr(span.offset, span.size);
  }

private:
  std::vector<char> bytes;
};

} // namespace heed

#endif // HEED_TEST_UNIT_PASSES_LOWER_PACKAGEREADER_H
