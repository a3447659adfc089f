/*===- heed-c/Hash.h - The hash that guards files ---------------*- C -*-===*\
|*                                                                          *|
|* Part of the Heed project, under the Apache License v2.0 with LLVM        *|
|* Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception      *|
|*                                                                          *|
\*===----------------------------------------------------------------------===*/

/**
 * \file
 * FNV-1a, 64 bit: the checksum of a package and the hash of a weight file's
 * header, the same on both sides. It notices damage and change; it does not
 * protect against forgery.
 *
 * \code
 *   uint64_t hash = heed_hash(HEED_HASH_START, length_word, 8);
 *   hash = heed_hash(hash, header, header_bytes);
 * \endcode
 */

#ifndef HEED_C_HASH_H
#define HEED_C_HASH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The hash of no bytes. */
#define HEED_HASH_START UINT64_C(0xcbf29ce484222325)

/** Continues `hash` over `size` more bytes. */
static inline uint64_t heed_hash(uint64_t hash, const void *data, size_t size) {
  const unsigned char *byte = (const unsigned char *)data;
  for (size_t i = 0; i != size; ++i)
    hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
  return hash;
}

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* HEED_C_HASH_H */
