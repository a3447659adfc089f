//===- CompilerLibrary.cpp - The compiler, loaded on demand ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/CompilerLibrary.h"

#include "heed/Support/Error.h"

#include <dlfcn.h>

namespace heed {

/// Looks up `name` and clears `complete` if it is not there.
template <typename Function>
static void find(void *library, const char *name, Function &function,
                 bool &complete) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  complete &= function != nullptr;
}

llvm::Expected<CompilerLibrary> CompilerLibrary::load() {
  void *handle = ::dlopen(HEED_COMPILER_LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    return makeError(llvm::Twine("modules need the compiler; a package "
                                 "(heed-compile) does not: ") +
                     ::dlerror());
  CompilerLibrary library = {};
  bool complete = true;
  find(handle, "heed_compile_file", library.compileFile, complete);
  find(handle, "heed_compile_free", library.compileFree, complete);
  find(handle, "heed_compile_error", library.compileError, complete);
  find(handle, "heed_reference_open", library.open, complete);
  find(handle, "heed_reference_destroy", library.destroy, complete);
  find(handle, "heed_reference_describe", library.describe, complete);
  find(handle, "heed_reference_make_cache", library.makeCache, complete);
  find(handle, "heed_reference_reset", library.reset, complete);
  find(handle, "heed_reference_prefill", library.prefill, complete);
  find(handle, "heed_reference_decode", library.decode, complete);
  find(handle, "heed_reference_cache_bytes", library.cacheBytes, complete);
  if (!complete)
    return makeError(HEED_COMPILER_LIBRARY ": found another version, wanted "
                                           "that of this program");
  return library;
}

llvm::Error CompilerLibrary::check(int status) const {
  if (status == 0)
    return llvm::Error::success();
  return makeError(compileError());
}

} // namespace heed
