/*===- heed-c/Reference.h - Run a module uncompiled -------------*- C -*-===*\
|*                                                                          *|
|* Part of the Heed project, under the Apache License v2.0 with LLVM        *|
|* Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception      *|
|*                                                                          *|
\*===----------------------------------------------------------------------===*/

/**
 * \file
 * Runs a module on the reference evaluator: plain loops in double precision,
 * rounded where the IR says so; the oracle for every device, and slow. Part of
 * libheed-compiler.so, whose `heed_compile_error` (Compiler.h) says what a
 * failed call ran into. Steps are those of Runtime.h.
 *
 * \code
 *   heed_reference *model;
 *   heed_reference_open("m.mlir", &model);
 *   heed_reference_make_cache(model, 1, 1024);
 *   heed_step step = {1, 3, 1, ids, NULL, NULL, NULL, logits};
 *   heed_reference_prefill(model, &step);
 * \endcode
 */

#ifndef HEED_C_REFERENCE_H
#define HEED_C_REFERENCE_H

#include "heed-c/Runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A module and one cache of it. Belongs to one thread. */
typedef struct heed_reference heed_reference;

/**
 * Parses the module in the file `path`; weight files are relative to its
 * folder. Returns 0 and makes the caller own `*model`, or returns 1, as do all
 * calls below.
 */
int heed_reference_open(const char *path, heed_reference **model);
void heed_reference_destroy(heed_reference *model);

/** As heed_model_describe; `target` is "reference". */
int heed_reference_describe(const heed_reference *model, heed_model_info *info);

/** Makes an empty cache of `sequences` slots for at most `capacity` tokens
 * each, in place of the one there was. */
int heed_reference_make_cache(heed_reference *model, int64_t sequences,
                              int64_t capacity);

/** As heed_cache_reset, heed_prefill, heed_decode; refused before there is a
 *  cache. */
int heed_reference_reset(heed_reference *model, int64_t slot);
int heed_reference_prefill(heed_reference *model, const heed_step *step);
int heed_reference_decode(heed_reference *model, const heed_step *step);

/** As heed_cache_bytes; 0 before there is a cache. */
int64_t heed_reference_cache_bytes(const heed_reference *model);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* HEED_C_REFERENCE_H */
