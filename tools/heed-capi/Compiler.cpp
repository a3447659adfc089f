//===- Compiler.cpp - The compiler's C interface --------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed-c/Compiler.h"

#include "passes/InitAll.h"
#include "passes/pipelines/CompileFile.h"
#include "tools/heed-capi/LastError.h"

#include <cstdlib>
#include <cstring>

using namespace heed;

extern "C" {

int heed_compile_file(const char *path, const char *target,
                      const char *package_folder, void **package,
                      size_t *size) {
  lastError().clear();
  if (!path || !target || !package || !size)
    return fail("heed_compile_file: null found, wanted a path, a target and "
                "places for the package and its size");
  mlir::DialectRegistry registry;
  registerAllDialects(registry);
  mlir::MLIRContext context(registry);
  CompileOptions options;
  options.target = target;
  options.packageFolder = package_folder ? package_folder : "";
  llvm::Expected<std::vector<char>> bytes = compileFile(context, path, options);
  if (!bytes)
    return fail(llvm::toString(bytes.takeError()));
  void *copy = std::malloc(bytes->size());
  if (!copy)
    return fail("heed_compile_file: out of memory");
  std::memcpy(copy, bytes->data(), bytes->size());
  *package = copy;
  *size = bytes->size();
  return 0;
}

void heed_compile_free(void *package) { std::free(package); }

const char *heed_compile_error(void) { return lastError().c_str(); }

} // extern "C"
