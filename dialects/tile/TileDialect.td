//===- TileDialect.td - The tile dialect -------------------*- tablegen -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_TILE_TILEDIALECT_TD
#define HEED_DIALECTS_TILE_TILEDIALECT_TD

include "mlir/IR/OpBase.td"

def Tile_Dialect : Dialect {
  let name = "tile";
  let cppNamespace = "::heed::tile";
  let summary = "Kernels as loops over tiles, lowered once per target";
  let description = [{
    A `tile.kernel` says what one program of a grid computes. Its values are
    *tiles*: builtin ranked tensors of static shape and rank 1 or 2, of `f32`,
    `bf16`, `i32` or `i1`. Memory is reached through memrefs that arguments and
    `tile.view` define; only the ops here move tiles between memory and values.

    Ops of `arith` and `math` work on tiles element by element, and on scalars.
    `arith.constant`, `tensor.splat` (a scalar in every element) and
    `tensor.extract_slice` (static offsets, unit strides) make tiles, `scf.if`
    and `scf.for` carry them, `memref.load` and `memref.store` access single
    elements of arguments and views.

    Conversion is `arith.extf` (exact) and `arith.truncf` (to nearest even).
    Where the text says row and column, dimension 0 counts rows.

    Programs of one launch run in any order, or at once: what one stores no
    other one may load, but in a `tile.finish`. A lowering may delay a load
    until its last use in the block, so a program must not store to memory
    between a load of it and the last use of the loaded tile either.
  }];
  let useDefaultAttributePrinterParser = 1;
}

class Tile_Op<string mnemonic, list<Trait> traits = []>
    : Op<Tile_Dialect, mnemonic, traits>;

#endif // HEED_DIALECTS_TILE_TILEDIALECT_TD
