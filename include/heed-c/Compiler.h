/*===- heed-c/Compiler.h - Compile a model ----------------------*- C -*-===*\
|*                                                                          *|
|* Part of the Heed project, under the Apache License v2.0 with LLVM        *|
|* Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception      *|
|*                                                                          *|
\*===----------------------------------------------------------------------===*/

/**
 * \file
 * The C interface of the compiler, libheed-compiler.so. It is a library of its
 * own because it needs LLVM, which running a package does not; `heed-run` loads
 * it on demand.
 *
 * \code
 *   void *package; size_t size;
 *   if (heed_compile_file("m.mlir", "cpu", NULL, &package, &size) != 0)
 *     fprintf(stderr, "%s\n", heed_compile_error());
 *   heed_model_open_memory(package, size, ".", "cpu", NULL, &model);
 *   heed_compile_free(package);
 * \endcode
 */

#ifndef HEED_C_COMPILER_H
#define HEED_C_COMPILER_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Compiles the module in the file `path` to a package for `target`: "cpu",
 * "x86-64-v3" or "x86-64-v4". Paths of weight files in the package are relative
 * to `package_folder`, or absolute if that is null. Returns 0 and makes the
 * caller own `*package` (see `heed_compile_free`), or returns 1 and writes
 * nothing. Not for two threads at once: the linker inside has global state, and
 * it resets the options that `llvm::cl` has read from the command line.
 */
int heed_compile_file(const char *path, const char *target,
                      const char *package_folder, void **package, size_t *size);

/** Ends the life of a package; accepts null. */
void heed_compile_free(void *package);

/**
 * Says in one line what the last failed call of this thread ran into. Valid
 * until the next call of this thread; empty if none failed.
 */
const char *heed_compile_error(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* HEED_C_COMPILER_H */
