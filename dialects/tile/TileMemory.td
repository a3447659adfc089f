//===- TileMemory.td - Ops between memory and tiles --------*- tablegen -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_TILE_TILEMEMORY_TD
#define HEED_DIALECTS_TILE_TILEMEMORY_TD

include "dialects/tile/TileDialect.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Tile_ViewOp : Tile_Op<"view", [Pure, AttrSizedOperandSegments]> {
  let summary = "A one- or two-dimensional piece of a buffer";
  let description = [{
    The view's element `(i, j)` is the buffer's element
    `offset + i * strides[0] + j * strides[1]`. The sizes are the view's
    *extents*: loads and stores treat what lies beyond them as their
    specifications say, so an edge is a property of the view.

    Nothing checks that the view lies inside the buffer.

    **Constraints.**
    - (C1) The buffer is a one-dimensional memref of identity layout.
    - (C2) There are as many sizes and strides as the result has dimensions.
    - (C3) Sizes and strides in the result type equal the operands: a number
      where they are numbers, `?` where they are values; its offset is `?`.
    - (C4) Buffer and result have one element type.

    Example: rows of 64 elements, `%ld` apart, of which `%n` exist.

    ```mlir
    %v = tile.view %x[%offset] sizes [%n, 64] strides [%ld, 1]
        : memref<?xbf16> to memref<?x64xbf16, strided<[?, 1], offset: ?>>
    ```
  }];
  let arguments = (ins
    MemRefRankOf<[F32, BF16, I32], [1]>:$buffer,
    Index:$offset,
    Variadic<Index>:$sizes,
    Variadic<Index>:$strides,
    DenseI64ArrayAttr:$static_sizes,
    DenseI64ArrayAttr:$static_strides);
  let results = (outs Tile_View:$result);
  let assemblyFormat = [{
    $buffer `[` $offset `]`
    `sizes` custom<DynamicIndexList>($sizes, $static_sizes)
    `strides` custom<DynamicIndexList>($strides, $static_strides)
    attr-dict `:` type($buffer) `to` type($result)
  }];
  let builders = [
    OpBuilder<(ins "::mlir::Value":$buffer, "::mlir::Value":$offset,
                   "::llvm::ArrayRef<::mlir::OpFoldResult>":$sizes,
                   "::llvm::ArrayRef<::mlir::OpFoldResult>":$strides)>
  ];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Return extents and strides, one per dimension: attribute or value.
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedSizes();
    ::llvm::SmallVector<::mlir::OpFoldResult> getMixedStrides();
  }];
}

def Tile_LoadOp : Tile_Op<"load"> {
  let summary = "A tile from memory";
  let description = [{
    Element `(r, c)` of the result is element `(i + r, j + c)` of the view, with
    `i, j` the indices. Where that lies beyond the extents, the element is zero
    or a copy of one inside, as the target finds cheaper (the CPU repeats the
    last row or column, a tensor copy fills zeros): whoever reads it masks. A
    view of extent 0 must not be loaded. Indices are not negative, and lie below
    an extent that is a number.

    Whole tiles cost least: a lowering may test edges element by element unless
    it can see that the tile's columns lie inside the view (a static extent that
    the tile's width divides, and an index that is a multiple of the width).

    **Constraints.**
    - (C1) View, indices and result have one rank.
    - (C2) View and result have one element type.

    ```mlir
    %k = tile.load %view[%row, %c0]
        : memref<?x64xbf16, strided<[64, 1], offset: ?>> -> tensor<64x64xbf16>
    ```
  }];
  let arguments = (ins
    Arg<Tile_View, "", [MemRead]>:$view,
    Variadic<Index>:$indices);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = [{
    $view `[` $indices `]` attr-dict `:` type($view) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_StoreOp : Tile_Op<"store"> {
  let summary = "A tile to memory, clipped to the view";
  let description = [{
    Writes element `(r, c)` of the tile to element `(i + r, j + c)` of the view
    where that lies inside its extents; what lies outside is dropped. For the
    indices that is demanded which `tile.load` demands.

    **Constraints.**
    - (C1) View, indices and tile have one rank.
    - (C2) View and tile have one element type.

    ```mlir
    tile.store %o, %view[%row, %c0]
        : tensor<64x64xbf16>, memref<?x64xbf16, strided<[64, 1], offset: ?>>
    ```
  }];
  let arguments = (ins
    Tile_Tile:$value,
    Arg<Tile_View, "", [MemWrite]>:$view,
    Variadic<Index>:$indices);
  let assemblyFormat = [{
    $value `,` $view `[` $indices `]` attr-dict
    `:` type($value) `,` type($view)
  }];
  let hasVerifier = 1;
}

def Tile_GatherOp : Tile_Op<"gather"> {
  let summary = "A tile whose rows a tile of row numbers names";
  let description = [{
    Row `r` of the result is row `rows[r]` of the view, from column `j` on. A
    negative number gives a row of zeros. Numbers and columns beyond the extents
    are treated as by `tile.load`. On a view of one dimension a row is
    one element.

    **Constraints.**
    - (C1) View and result have one rank; there is a column index if it is 2.
    - (C2) View and result have one element type.
    - (C3) There are as many row numbers as rows of the result.

    ```mlir
    %e = tile.gather %table[%ids, %c0]
        : memref<?x256xbf16, strided<[256, 1], offset: ?>>, tensor<16xi32>
        -> tensor<16x256xbf16>
    ```
  }];
  let arguments = (ins
    Arg<Tile_View, "", [MemRead]>:$view,
    Tile_Rows:$rows,
    Optional<Index>:$column);
  let results = (outs Tile_Tile:$result);
  let assemblyFormat = [{
    $view `[` $rows (`,` $column^)? `]` attr-dict
    `:` type($view) `,` type($rows) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_ScatterOp : Tile_Op<"scatter"> {
  let summary = "A tile to the rows that a tile of row numbers names";
  let description = [{
    Writes row `r` of the tile to row `rows[r]` of the view, from column `j` on.
    Rows whose number is negative or beyond the extent are dropped, as are
    columns beyond the extent. Of two rows with one number the later one
    remains.

    **Constraints.**
    - (C1) View and tile have one rank; there is a column index if it is 2.
    - (C2) View and tile have one element type.
    - (C3) There are as many row numbers as rows of the tile.

    ```mlir
    tile.scatter %k, %cache[%slots, %c0]
        : tensor<16x64xbf16>, memref<?x64xbf16, strided<[64, 1], offset: ?>>,
          tensor<16xi32>
    ```
  }];
  let arguments = (ins
    Tile_Tile:$value,
    Arg<Tile_View, "", [MemWrite]>:$view,
    Tile_Rows:$rows,
    Optional<Index>:$column);
  let assemblyFormat = [{
    $value `,` $view `[` $rows (`,` $column^)? `]` attr-dict
    `:` type($value) `,` type($view) `,` type($rows)
  }];
  let hasVerifier = 1;
}

#endif // HEED_DIALECTS_TILE_TILEMEMORY_TD
