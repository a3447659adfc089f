//===- TileCompute.td - Ops on tiles -----------------------*- tablegen -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_TILE_TILECOMPUTE_TD
#define HEED_DIALECTS_TILE_TILECOMPUTE_TD

include "dialects/tile/TileDialect.td"
include "mlir/IR/EnumAttr.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Tile_ReduceKind : I32EnumAttr<"ReduceKind", "how elements are combined", [
    I32EnumAttrCase<"Add", 0, "add">,
    I32EnumAttrCase<"Max", 1, "max">,
    I32EnumAttrCase<"Min", 2, "min">]> {
  let cppNamespace = "::heed::tile";
  let genSpecializedAttr = 0;
}

def Tile_ReduceKindAttr
    : EnumAttr<Tile_Dialect, Tile_ReduceKind, "reduce_kind"> {
  let assemblyFormat = "`<` $value `>`";
}

def Tile_MmaOp : Tile_Op<"mma", [Pure, AllTypesMatch<["acc", "result"]>]> {
  let summary = "Product of two tiles, added to a third";
  let description = [{
    `result = acc + A * B` with `A` of `M x K` and `B` of `K x N`. `transpose_a`
    says that `a` holds `A` transposed (`K x M`), `transpose_b` that `b` holds
    `B` transposed (`N x K`), as the keys of an attention and the weights of a
    linear do.

    Products and sums are f32. The order of the sum is the lowering's choice,
    fixed for given shapes; it never depends on the values.

    **Constraints.**
    - (C1) `acc` and `result` are `M x N`, of f32.
    - (C2) `a` and `b` have the shapes above, with one `K`.
    - (C3) `a` and `b` have one element type.

    Example: scores of 64 queries against 32 keys.

    ```mlir
    %s = tile.mma %q, %k, %zero {transpose_b}
        : tensor<64x128xbf16>, tensor<32x128xbf16>, tensor<64x32xf32>
    ```
  }];
  let arguments = (ins
    Tile_Matrix:$a,
    Tile_Matrix:$b,
    Tile_Matrix:$acc,
    UnitAttr:$transpose_a,
    UnitAttr:$transpose_b);
  let results = (outs Tile_Matrix:$result);
  let assemblyFormat = [{
    $a `,` $b `,` $acc attr-dict `:` type($a) `,` type($b) `,` type($acc)
  }];
  let hasVerifier = 1;
}

def Tile_ReduceOp : Tile_Op<"reduce", [Pure]> {
  let summary = "Sum, maximum or minimum over one dimension";
  let description = [{
    Combines the elements of `source` along `dimension`. A 2-D tile gives a 1-D
    tile of what remains, a 1-D tile a scalar.

    The order of a sum is the lowering's choice, fixed for given shapes. `max`
    and `min` of f32 take a NaN for no element, or give NaN; which, is open.

    Canonical form: `max` and `min` of consecutive or repeated numbers, plus or
    minus repeated ones, are scalar arithmetic (no sum may wrap around).

    **Constraints.**
    - (C1) `dimension` is one of `source`.
    - (C2) The result has the remaining dimension, or is a scalar; it has the
      element type of `source`, f32 or i32.

    ```mlir
    %m = tile.reduce <max> %s over 1 : tensor<64x32xf32> -> tensor<64xf32>
    %last = tile.reduce <max> %positions over 0 : tensor<64xi32> -> i32
    ```
  }];
  let arguments = (ins
    Tile_ReduceKindAttr:$kind,
    Tile_Tile:$source,
    ConfinedAttr<I64Attr, [IntNonNegative]>:$dimension);
  let results = (outs AnyTypeOf<[Tile_Tile, F32, I32]>:$result);
  let assemblyFormat = [{
    $kind $source `over` $dimension attr-dict
    `:` type($source) `->` type($result)
  }];
  let hasVerifier = 1;
  let hasCanonicalizeMethod = 1;
}

def Tile_BroadcastOp : Tile_Op<"broadcast", [Pure]> {
  let summary = "A 1-D tile, repeated along a new dimension";
  let description = [{
    `over 1` puts element `r` of the source into every column of row `r`: a
    value per row. `over 0` puts element `c` into every row of column `c`: a
    value per column, as a bias or a norm's weight is. (A scalar is repeated by
    `tensor.splat`.)

    **Constraints.**
    - (C1) The dimension is 0 or 1, and the result without it is the source.
    - (C2) Source and result have one element type.

    ```mlir
    %b = tile.broadcast %m over 1 : tensor<64xf32> -> tensor<64x32xf32>
    ```
  }];
  let arguments = (ins
    Tile_Tile:$source,
    ConfinedAttr<I64Attr, [IntNonNegative]>:$dimension);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = [{
    $source `over` $dimension attr-dict `:` type($source) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_IotaOp : Tile_Op<"iota", [Pure]> {
  let summary = "Consecutive numbers";
  let description = [{
    Element `r` is `start + r`.

    **Constraints.**
    - (C1) The result is a 1-D tile of i32.

    ```mlir
    %columns = tile.iota %base : tensor<64xi32>
    ```
  }];
  let arguments = (ins Index:$start);
  let results = (outs Tile_Rows:$result); // (C1)
  let assemblyFormat = "$start attr-dict `:` type($result)";
}

#endif // HEED_DIALECTS_TILE_TILECOMPUTE_TD
