/*===- heed-c/Package.h - Layout of a compiled package ----------*- C -*-===*\
|*                                                                          *|
|* Part of the Heed project, under the Apache License v2.0 with LLVM        *|
|* Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception      *|
|*                                                                          *|
\*===----------------------------------------------------------------------===*/

/**
 * \file
 * A package is one file: a header, tables of plain structs, byte blobs. The
 * compiler writes it, the runtime maps it and checks every number before use.
 *
 * All integers are little-endian. A `heed_span` names bytes of the file by
 * offset and size; tables are spans whose size is a multiple of their record.
 * Strings are spans of the `strings` blob, not terminated. Offsets of tables
 * are multiples of 8. The header's `checksum` is `heed_hash` (Hash.h) over the
 * whole file with the checksum field itself taken as zero.
 *
 * **Entries.** A package has the entries `prefill` and `decode` (a model with a
 * cache) or `encode`. An entry is a run of commands over one arena; the runtime
 * binds the sizes of the step: B sequences, N new tokens each, R wanted rows of
 * logits each.
 *
 * **Sizes** are polynomials in B, N and R: `count = constant + b*B + bn*B*N +
 * br*B*R`, no coefficient negative.
 *
 * **Operands** of a launch are 32-bit words, kind in the upper 8 bits and index
 * in the lower 24 (see `heed_operand_kind`). They become the `params` array of
 * the kernel, one 64-bit word each, in order.
 *
 * **Parts.** A launch of few programs may be divided, so that it fills the
 * device: into as many parts as keep its memory busy, at least 1 and
 * HEED_MOST_PARTS at most; and never into more than HEED_DIVIDED_PROGRAMS
 * programs, so that `parts * grid <= max(grid, HEED_DIVIDED_PROGRAMS)` and a
 * workspace of
 *
 *     (HEED_DIVIDED_PROGRAMS + the grid's polynomial) * elements of a program
 *
 * has room for the results of all parts. Program `p * parts + i` of a divided
 * launch is part `i` of program `p`. Parts depend on the sizes of a step and on
 * the device alone.
 *
 * **Code** is made for `target`. For a processor ("x86-64-v3", "x86-64-v4") it
 * is an ELF shared object that exports each kernel as a `heed_cpu_kernel`. For
 * a GPU ("sm_80", "sm_90a") it is a cubin, which begins with 0x7f "ELF", or PTX
 * text that ends with a zero byte. A kernel there is
 *
 *     .visible .entry SYMBOL(.param .align 8 .b8 words[8 * count])
 *     .reqntid THREADS, 1, 1
 *
 * with `count` launch words; the number of the program is %ctaid.x, and dynamic
 * shared memory is one `.extern .shared .align 1024 .b8`. Addresses are those
 * of global memory. Lengths that differ between steps of equal B, N and R
 * (counts, positions, slots) are read from memory, so that such a step can be
 * recorded and run again.
 *
 * **Tensor maps** (sm_90a) are what a kernel loads boxes of memory by. The
 * runtime makes them for each launch; see `heed_package_map`. A kernel with
 * maps has
 *
 *     .param .align 64 .b8 words[BYTES]
 *
 * instead: the launch words, zeros up to `heed_map_offset(count)`, then a
 * CUtensorMap of HEED_MAP_BYTES for each map, in order. All launches of it have
 * the same number of words. BYTES is at most HEED_MAX_PARAM_BYTES.
 *
 * **Persistent kernels** (sm_90a) hand their programs out themselves. A launch
 * has as many blocks as the grid has programs, but no more than the GPU has
 * multiprocessors. A block begins with program %ctaid.x and goes on with
 * programs from %nctaid.x on, each run by one block; what the kernel counts
 * them with is at the end of a launch as at its beginning. The launches of a
 * package that is open run one after the other.
 *
 * **Products** (GPUs). HEED_OP_PRODUCT says of the launch that comes next what
 * it computes, so that a device with a library for that can run the library
 * instead:
 *
 *     result = x * transposed weight + bias + residual
 *
 * in f32, rounded once. `a` is a set of HEED_PRODUCT_* flags, the operands
 * [b, b+c) are
 *
 *     x         a buffer, rows x depth of bf16
 *     weight    a weight, columns x depth of bf16
 *     result    a buffer of bf16 or f32, or the logits; no other operand
 *     bias      with HEED_PRODUCT_BIAS: a weight, columns of bf16; the result
 *               is bf16
 *     residual  with HEED_PRODUCT_RESIDUAL: a buffer of the result's type and
 *               size
 *
 * and the grid has three terms: rows, B*N or B*R; columns, of which the divisor
 * belongs to one head; depth. The divisors of rows and depth are 1. With one
 * head the result is rows x columns. With more, which have neither bias nor
 * residual, it is B x heads x (N or R) x columns of a head. Depth and columns
 * of a head are multiples of 8. The entry `decode`, which is recorded, has no
 * products.
 *
 * **What the runtime refuses**, beyond what the fields say: names with control
 * characters; a buffer used outside its lifetime; a cache appended twice by one
 * entry or from a buffer smaller than its rows; a cache kept until decode that
 * the entry `decode` uses; an entry whose last command, and none before it, is
 * not HEED_OP_RETURN; `reserved` fields that are not zero.
 */

#ifndef HEED_C_PACKAGE_H
#define HEED_C_PACKAGE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HEED_PACKAGE_MAGIC "HEEDPKG"
#define HEED_PACKAGE_VERSION 3u

/** Bytes `offset` to `offset + size` of the file, or of `strings`. */
typedef struct heed_span {
  uint64_t offset;
  uint64_t size;
} heed_span;

typedef enum heed_dtype {
  HEED_F32 = 0,
  HEED_BF16 = 1,
  HEED_I32 = 2,
  HEED_F64 = 3,
  HEED_F16 = 4
} heed_dtype;

/** What a model knows about itself; everything that is not code. */
typedef struct heed_package_header {
  char magic[8];         /**< HEED_PACKAGE_MAGIC and a zero byte. */
  uint32_t version;      /**< HEED_PACKAGE_VERSION. */
  uint32_t header_bytes; /**< sizeof(heed_package_header). */
  uint64_t file_bytes;   /**< Of the whole file. */
  uint64_t checksum;     /**< See above. */
  char target[16];       /**< See **Code**; zero-padded. */
  uint32_t vocabulary;   /**< V: ids lie in [0, V), logits have V columns. */
  uint32_t context;      /**< Positions lie in [0, context); 0: no limit. */
  heed_span strings;     /**< Blob that string spans point into. */
  heed_span stop_ids;    /**< int32_t: ids that end a text. */
  heed_span metadata;    /**< JSON text: provenance, tokenizer; not needed. */
  heed_span files;       /**< heed_package_file. */
  heed_span weights;     /**< heed_package_weight. */
  heed_span caches;      /**< heed_package_cache. */
  heed_span fields;      /**< heed_package_field. */
  heed_span kernels;     /**< heed_package_kernel. */
  heed_span maps;        /**< heed_package_map. */
  heed_span buffers;     /**< heed_package_buffer. */
  heed_span commands;    /**< heed_package_command. */
  heed_span operands;    /**< uint32_t operand words. */
  heed_span constants;   /**< int64_t immediates. */
  heed_span entries;     /**< heed_package_entry. */
  heed_span code;        /**< See **Code**. */
  heed_span embedded;    /**< Weight bytes kept in the package itself. */
} heed_package_header;

/** A safetensors file that weights lie in. */
typedef struct heed_package_file {
  heed_span path; /**< String: relative to the package's folder, or absolute. */
  uint64_t header_hash; /**< heed_hash of length word (8 bytes) and header. */
} heed_package_file;

/** Where the bytes of a weight are. */
typedef struct heed_package_weight {
  heed_span name;  /**< String: symbol in the module, for messages. */
  uint32_t file;   /**< Index into files, or HEED_EMBEDDED. */
  uint32_t dtype;  /**< heed_dtype, the type in memory and in the file. */
  uint64_t offset; /**< Of the first byte, in the file or in `embedded`. */
  uint64_t bytes;
} heed_package_weight;
#define HEED_EMBEDDED 0xffffffffu

/** One cache of the model (one layer's, as a rule): fields of equal rate. The
 *  caches divide the table of fields in order, without gap. A slot holds
 *  min(window + sinks, C) entries of a cache made for C tokens, C without a
 *  window; the n-th token goes to entry n, or behind the sinks of a full ring
 *  to sinks + (n - sinks) % (entries - sinks). */
typedef struct heed_package_cache {
  heed_span name;       /**< String: e.g. "layer 7". */
  uint32_t first_field; /**< Its fields are consecutive. */
  uint32_t field_count;
  uint32_t window;       /**< Ring entries; 0: every token is kept. */
  uint32_t sinks;        /**< First entries that a ring never overwrites. */
  uint32_t until_decode; /**< 1: a slot's part goes at its first decode. */
  uint32_t reserved;
} heed_package_cache;

/** One array of a cache: slots x heads x capacity x width elements. */
typedef struct heed_package_field {
  heed_span name; /**< String: "k", "v". */
  uint32_t heads;
  uint32_t width;
  uint32_t dtype; /**< heed_dtype. */
  uint32_t reserved;
} heed_package_field;

/** One compiled kernel. The kernels divide the table of maps in order, without
 *  gap. */
typedef struct heed_package_kernel {
  heed_span symbol;       /**< String: name in the code. */
  uint64_t scratch_bytes; /**< Private memory of a program. On a GPU: dynamic
                               shared memory, at most 227 KiB. */
  uint32_t threads;       /**< Of one program: 1 on a processor. On a GPU 32 to
                               1024, a multiple of 32. */
  uint32_t first_map;     /**< Its tensor maps are consecutive. */
  uint32_t map_count;     /**< 0 unless the target is sm_90a. */
  uint32_t persistent;    /**< 1: see above; 0 unless it is sm_90a. */
} heed_package_kernel;

/** A tensor map of a kernel: bf16 memory as panels of `rows` rows of `columns`
 *  elements, without gap, in as many panels as the memory has. Loads take boxes
 *  of 64 columns and `box_rows` rows of one panel, with the 128-byte swizzle;
 *  rows behind the last of the panel read as 0. A panel of 0 rows counts as one
 *  of 1 row. */
typedef struct heed_package_map {
  uint32_t buffer;   /**< Launch word: address of bf16, a multiple of 16. */
  uint32_t rows;     /**< Launch word: a number. */
  uint32_t columns;  /**< 64, 128, 192 or 256. */
  uint32_t box_rows; /**< 1 to 256. */
} heed_package_map;
#define HEED_MAP_BYTES 128u
#define HEED_MAX_PARAM_BYTES 4096u

/** Where the maps of a launch of `words` words begin, in bytes. */
static inline uint64_t heed_map_offset(uint64_t words) {
  return (8 * words + 63) / 64 * 64;
}

/** A size: constant + b*B + bn*B*N + br*B*R. */
typedef struct heed_package_size {
  int64_t constant, b, bn, br;
} heed_package_size;

/** A temporary: lives from its first command to its last, both included. */
typedef struct heed_package_buffer {
  heed_package_size elements;
  uint32_t dtype;         /**< heed_dtype. */
  uint32_t first_command; /**< Index within the entry. */
  uint32_t last_command;
  uint32_t reserved;
} heed_package_buffer;

typedef enum heed_opcode {
  /** Runs kernel `a` over the grid with operands [b, b+c). */
  HEED_OP_LAUNCH = 0,
  /** Appends the step's tokens, but no padding, to cache `a`: operands
   *  [b, b+c) are the new rows, B x heads x N x width, one buffer per field, in
   *  field order and of the field's type. */
  HEED_OP_CACHE_APPEND = 1,
  /** Ends the entry. */
  HEED_OP_RETURN = 2,
  /** Says what the launch that comes next computes: see **Products**. */
  HEED_OP_PRODUCT = 3
} heed_opcode;

/** What a product adds; see **Products**. */
#define HEED_PRODUCT_BIAS 1u
#define HEED_PRODUCT_RESIDUAL 2u

/** The grid of a launch: the product of ceil(value / divisor) over at most
 *  three terms. A term's value is a size polynomial in B, N and R. */
typedef struct heed_package_grid_term {
  heed_package_size value;
  int64_t divisor; /**< >= 1. */
} heed_package_grid_term;

typedef struct heed_package_command {
  uint32_t opcode; /**< heed_opcode. */
  uint32_t a, b, c;
  uint32_t grid_terms; /**< 0 to 3 used entries of grid. */
  uint32_t label_size; /**< Label for traces: bytes of strings at label. */
  uint64_t label;
  heed_package_grid_term grid[3];
} heed_package_command;

typedef struct heed_package_entry {
  heed_span name; /**< String: "prefill", "decode". */
  uint32_t first_command, command_count;
  uint32_t first_buffer, buffer_count;
} heed_package_entry;

/** What an operand word stands for; the index is its lower 24 bits, 0 where no
 *  index is named. */
typedef enum heed_operand_kind {
  HEED_ARG_BUFFER = 0,    /**< Address of temporary `index` of this entry. */
  HEED_ARG_WEIGHT = 1,    /**< Address of weight `index`. */
  HEED_ARG_IDS = 2,       /**< Address of ids, int32 B x N. */
  HEED_ARG_POSITIONS = 3, /**< Address of positions, int32 B x N. */
  HEED_ARG_ROWS = 4,      /**< Address of wanted rows, int32 B x R. */
  HEED_ARG_SLOTS = 5,     /**< Address of cache slots, int32 B. */
  HEED_ARG_LOGITS = 6, /**< Address of the result, f32 B x R x V. R may be 0. */
  HEED_ARG_FIELD = 7,  /**< Address of cache field `index` (global). */
  HEED_ARG_CACHE_POSITIONS = 8, /**< int32 slots x capacity of cache `index`. */
  HEED_ARG_CACHE_COUNTS = 9,    /**< int32 slots: tokens appended so far. */
  HEED_ARG_CACHE_CAPACITY = 10, /**< Entries per slot of cache `index`. */
  HEED_ARG_SIZE = 11,           /**< B (index 0), N (1) or R (2) itself. */
  HEED_ARG_CONSTANT = 12,       /**< constants[index]. */
  HEED_ARG_PARTS = 13,    /**< Parts into which the device divides the launch;
                               index 0. */
  HEED_ARG_WORKSPACE = 14 /**< Address of temporary `index` of this entry,
                               which is a workspace, see **Parts**. */
} heed_operand_kind;

/** See **Parts**. */
#define HEED_MOST_PARTS 64
#define HEED_DIVIDED_PROGRAMS 1024

/** Puts an operand word together. */
static inline uint32_t heed_operand(heed_operand_kind kind, uint32_t index) {
  return ((uint32_t)kind << 24) | (index & 0xffffffu);
}

/** A kernel on the CPU: see `heed_operand_kind` for params. Programs are
 *  independent; scratch is 64-byte aligned and private to the thread. */
typedef void (*heed_cpu_kernel)(const int64_t *params, int64_t program,
                                void *scratch);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* HEED_C_PACKAGE_H */
