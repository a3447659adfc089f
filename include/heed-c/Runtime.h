/*===- heed-c/Runtime.h - Run a compiled model ------------------*- C -*-===*\
|*                                                                          *|
|* Part of the Heed project, under the Apache License v2.0 with LLVM        *|
|* Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception      *|
|*                                                                          *|
\*===----------------------------------------------------------------------===*/

/**
 * \file
 * The C interface of the runtime.
 *
 * Objects are opaque and end with their `_destroy`, which accepts null. A call
 * that can fail returns a status and writes its results only on success; a
 * step that fails leaves the cache as it was, unless the device has failed. A
 * model is immutable and may be shared between threads; a cache belongs to one
 * thread at a time. The steps of one model run one after the other, each on all
 * its threads.
 *
 * \code
 *   heed_model *model; heed_cache *cache;
 *   heed_model_open("m.heed", "cpu", NULL, &model);
 *   heed_cache_create(model, 1, 1024, &cache);
 *   heed_step step = {1, 3, 1, ids, NULL, NULL, NULL, logits};
 *   heed_prefill(cache, &step);
 * \endcode
 */

#ifndef HEED_C_RUNTIME_H
#define HEED_C_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Marks what the shared library exports. */
#define HEED_API __attribute__((visibility("default")))

typedef struct heed_model heed_model;
typedef struct heed_cache heed_cache;

typedef enum heed_status {
  HEED_OK = 0,
  HEED_INVALID_ARGUMENT = 1, /**< The caller's mistake; do not retry. */
  HEED_NO_SUCH_DEVICE = 2,   /**< The device or its driver is not there. */
  HEED_OUT_OF_MEMORY = 3,    /**< Nothing changed; retry with less. */
  HEED_BAD_PACKAGE = 4,      /**< Damaged, or made for another version. */
  HEED_BAD_WEIGHTS = 5,      /**< A weight file is missing or has changed. */
  HEED_CACHE_FULL = 6,       /**< No room for the tokens; nothing changed. */
  HEED_INTERNAL = 7,         /**< A fault of the runtime; please report it. */
  HEED_DEVICE_FAILED = 8     /**< The device failed at work: destroy its models
                                  and caches, whose contents are lost. */
} heed_status;

/**
 * Says what the last failed call of this thread ran into, e.g. "m.heed: made
 * for x86-64-v4, this processor is x86-64-v3". Valid until the next call of
 * this thread; empty if none failed.
 */
HEED_API const char *heed_last_error(void);

typedef struct heed_model_options {
  int32_t threads; /**< 0: one per processor. Results do not depend on it. */
} heed_model_options;

/**
 * Opens the package at `path` for `device`: "cpu", "cuda" (the first GPU),
 * "cuda:N", or "auto", which takes the one that the package was compiled for.
 * Weight files are looked up relative to the package's folder. `options` may be
 * null. On success the caller owns `*model`.
 */
HEED_API heed_status heed_model_open(const char *path, const char *device,
                                     const heed_model_options *options,
                                     heed_model **model);

/**
 * Like `heed_model_open`, on `size` bytes at `data`, which are copied; weight
 * files are relative to `folder`.
 */
HEED_API heed_status heed_model_open_memory(const void *data, size_t size,
                                            const char *folder,
                                            const char *device,
                                            const heed_model_options *options,
                                            heed_model **model);
HEED_API void heed_model_destroy(heed_model *model);

typedef struct heed_device_info {
  char name[16]; /**< "cpu", "cuda:1". */
  char
      target[16]; /**< What packages for it are best compiled for, as `--target`
                       of heed-compile names it: "x86-64-v4", "sm_90a". */
  char text[160]; /**< For people: "cuda:0 (NVIDIA H100 PCIe, sm_90)". */
  char missing[256]; /**< If "auto" is the CPU: why no GPU can run; or "". */
} heed_device_info;

/**
 * Describes `device`, "cpu", "cuda", "cuda:N", or "auto", which here is the
 * first GPU if it can run packages, else the CPU. Fails if the device or its
 * driver is not there.
 */
HEED_API heed_status heed_device_describe(const char *device,
                                          heed_device_info *info);

typedef struct heed_model_info {
  int64_t vocabulary;      /**< Ids lie in [0, vocabulary). */
  int64_t context;         /**< Most positions; 0: no limit. */
  const int32_t *stop_ids; /**< Owned by the model. */
  int64_t stop_id_count;
  const char *metadata; /**< JSON text, terminated, owned by the model. */
  const char *target;   /**< What the package was compiled for. */
} heed_model_info;
HEED_API heed_status heed_model_describe(const heed_model *model,
                                         heed_model_info *info);

/**
 * Says in one line what computes the large products of prefill, a library of
 * the device or the package's kernels, and why; empty if the package leaves no
 * choice. Owned by the model.
 */
HEED_API const char *heed_model_products(const heed_model *model);

/**
 * Makes an empty cache of `sequences` slots of at most `capacity` tokens each.
 * The cache keeps `model` in use: destroy it first.
 */
HEED_API heed_status heed_cache_create(heed_model *model, int64_t sequences,
                                       int64_t capacity, heed_cache **cache);
HEED_API void heed_cache_destroy(heed_cache *cache);

/** Forgets all tokens of `slot`, or of all slots if it is -1. */
HEED_API heed_status heed_cache_reset(heed_cache *cache, int64_t slot);

/**
 * Forgets the tokens of `slot` behind its first `tokens`. Refused if a ring has
 * overwritten an entry that the shorter sequence would hold.
 */
HEED_API heed_status heed_cache_trim(heed_cache *cache, int64_t slot,
                                     int64_t tokens);

/** Makes slot `to` a copy of slot `from`, whatever `to` held. */
HEED_API heed_status heed_cache_fork(heed_cache *cache, int64_t from,
                                     int64_t to);

/** Writes how many tokens `slot` has taken so far. */
HEED_API heed_status heed_cache_tokens(const heed_cache *cache, int64_t slot,
                                       int64_t *tokens);

/**
 * Returns the bytes that the fields of the cache hold now: per cache and slot,
 * entries x sum over fields of heads x width x element size. Fields kept
 * `until decode` count until the slot's first decode. 0 for null.
 */
HEED_API int64_t heed_cache_bytes(const heed_cache *cache);

/** N new tokens for each of B sequences. */
typedef struct heed_step {
  int64_t batch;  /**< B. */
  int64_t tokens; /**< N; 1 for decode. */
  int64_t rows;   /**< R: how many rows of logits each sequence wants, >= 0. */
  const int32_t *ids;       /**< B x N. Ids of padding may be anything. */
  const int32_t *positions; /**< B x N, -1 = padding, else increasing from
                                 behind what the slot holds; null: each
                                 sequence goes on where it is. */
  const int32_t *row_index; /**< B x R, index into N, -1 = zeros; null: the last
                                 token that is not padding, and R must be 1. */
  const int32_t *slots;     /**< B, which slot each sequence uses, all
                                 different; null: 0, 1, ... */
  float *logits;            /**< B x R x vocabulary, written on success. */
} heed_step;

/**
 * Runs N >= 1 new tokens through the `prefill` entry; chunks may follow.
 * Refused for a slot that has decoded, if the model keeps a cache only until
 * decode: reset the slot first.
 */
HEED_API heed_status heed_prefill(heed_cache *cache, const heed_step *step);

/** Runs one new token per sequence through the `decode` entry. */
HEED_API heed_status heed_decode(heed_cache *cache, const heed_step *step);

/** Called behind each command of a step with its label and duration. It must
 * not call the runtime. */
typedef void (*heed_trace)(void *user, const char *label, int64_t nanoseconds);

/** Calls `trace` during the steps of `cache` from now on; null ends that. */
HEED_API heed_status heed_cache_set_trace(heed_cache *cache, heed_trace trace,
                                          void *user);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* HEED_C_RUNTIME_H */
