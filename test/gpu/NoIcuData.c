/*===- NoIcuData.c - ICU without its data -----------------------*- C -*-===*\
|*                                                                          *|
|* Part of the Heed project, under the Apache License v2.0 with LLVM        *|
|* Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception      *|
|*                                                                          *|
\*===----------------------------------------------------------------------===*/

/**
 * \file
 * The table of contents of ICU's data, empty, in place of 30 MB of it. They
 * are for languages and encodings; patterns and NFC have theirs in the code.
 */

#include <unicode/udata.h>

/** As at the beginning of a .dat file. */
typedef struct Contents {
  uint16_t headerBytes;
  uint8_t magic[2];
  UDataInfo info;
  char padding[8];
  uint32_t count, reserved;
} Contents;

extern const Contents U_ICUDATA_ENTRY_POINT;

const Contents U_ICUDATA_ENTRY_POINT
    __attribute__((aligned(16))) = {32,
                                    {0xda, 0x27},
                                    {sizeof(UDataInfo),
                                     0,
                                     U_IS_BIG_ENDIAN,
                                     U_CHARSET_FAMILY,
                                     sizeof(UChar),
                                     0,
                                     {'T', 'o', 'C', 'P'},
                                     {1, 0, 0, 0},
                                     {0, 0, 0, 0}},
                                    "",
                                    0,
                                    0};
