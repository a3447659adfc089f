//===- CompilerLibrary.h - The compiler, loaded on demand -------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_TOOLS_HEED_RUN_COMPILERLIBRARY_H
#define HEED_TOOLS_HEED_RUN_COMPILERLIBRARY_H

#include "heed-c/Compiler.h"
#include "heed-c/Reference.h"

#include "llvm/Support/Error.h"

namespace heed {

/// The functions of libheed-compiler.so, named without their prefix. Never
/// unloaded: LLVM does not outlive being loaded twice.
struct CompilerLibrary {
  decltype(&heed_compile_file) compileFile;
  decltype(&heed_compile_free) compileFree;
  decltype(&heed_compile_error) compileError;
  decltype(&heed_reference_open) open;
  decltype(&heed_reference_destroy) destroy;
  decltype(&heed_reference_describe) describe;
  decltype(&heed_reference_make_cache) makeCache;
  decltype(&heed_reference_reset) reset;
  decltype(&heed_reference_prefill) prefill;
  decltype(&heed_reference_decode) decode;
  decltype(&heed_reference_cache_bytes) cacheBytes;

  /// Loads the library from beside this program, as it was built or installed.
  static llvm::Expected<CompilerLibrary> load();

  /// Turns what a call returned into an error.
  llvm::Error check(int status) const;
};

} // namespace heed

#endif // HEED_TOOLS_HEED_RUN_COMPILERLIBRARY_H
