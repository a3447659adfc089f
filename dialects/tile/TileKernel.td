//===- TileKernel.td - Kernels and their grids -------------*- tablegen -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_TILE_TILEKERNEL_TD
#define HEED_DIALECTS_TILE_TILEKERNEL_TD

include "dialects/tile/TileDialect.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Tile_KernelOp : Tile_Op<"kernel", [
    IsolatedFromAbove, Symbol, SingleBlock, RecursiveMemoryEffects]> {
  let summary = "What one program of a grid computes";
  let description = [{
    The arguments are the words of the launch, in order: a buffer is an address,
    an `index` a number. Buffers are flat; `tile.view` gives them a shape.

    `grid` lists the dimensions of the grid, the slowest first. An entry is a
    number of programs, or `%arg by divisor`: the least number of pieces of
    `divisor` that cover the argument. The host computes the product of the
    entries from the words alone; `tile.program_id` tells a program where it
    stands. A grid of product 0 runs nothing.

    **Constraints.**
    - (C1) Each argument is an `index` or a one-dimensional memref of dynamic
      size and identity layout, of f32, bf16 or i32.
    - (C2) A grid entry names an `index` argument or none; divisors and numbers
      are at least 1.
    - (C3) The body is one block that ends in `tile.return`.

    Example: one program for each 64 rows of each of 12 heads.

    ```mlir
    tile.kernel @negate(%x: memref<?xf32>, %y: memref<?xf32>, %n: index)
        grid(12, %n by 64) {
      %head = tile.program_id 0
      %tile = tile.program_id 1
      ...
      tile.return
    }
    ```
  }];

  let arguments = (ins
    SymbolNameAttr:$sym_name,
    DenseI64ArrayAttr:$grid_arguments,
    DenseI64ArrayAttr:$grid_divisors);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let skipDefaultBuilders = 1;
  let builders = [
    OpBuilder<(ins "::llvm::StringRef":$name,
                   "::mlir::TypeRange":$argumentTypes,
                   "::llvm::ArrayRef<GridExtent>":$grid)>
  ];
  let extraClassDeclaration = [{
    /// Returns the dimensions of the grid, the slowest first.
    ::llvm::SmallVector<GridExtent> getGrid();
    ::mlir::Block::BlockArgListType getArguments() {
      return getBody().getArguments();
    }
  }];
}

def Tile_ReturnOp : Tile_Op<"return", [
    Pure, Terminator, HasParent<"KernelOp">]> {
  let summary = "Ends a kernel";
  let description = [{
    Marks the end of a kernel's body.

    ```mlir
    tile.return
    ```
  }];
  let assemblyFormat = "attr-dict";
}

def Tile_ProgramIdOp : Tile_Op<"program_id", [Pure]> {
  let summary = "Where the program stands in its grid";
  let description = [{
    The coordinate of this program in one dimension of its kernel's grid,
    counted from 0. Program number `p` of the launch has the coordinates of `p`
    in row-major order: the last dimension changes fastest.

    **Constraints.**
    - (C1) It stands inside a `tile.kernel` whose grid has the dimension.

    ```mlir
    %tile = tile.program_id 1
    ```
  }];
  let arguments = (ins
    ConfinedAttr<I64Attr, [IntNonNegative]>:$dimension);
  let results = (outs Index:$result);
  let assemblyFormat = "$dimension attr-dict";
  let hasVerifier = 1;
}

def Tile_FinishOp : Tile_Op<"finish", [
    MemoryEffects<[MemRead, MemWrite]>,
    SingleBlockImplicitTerminator<"::heed::tile::YieldOp">]> {
  let summary = "What the last part of a program does";
  let description = [{
    Several programs of the grid may be the *parts* of one piece of work: they
    give it the same number `program` and all know how many `parts` there are.
    Each part arrives here once. The last of them to arrive runs the body, which
    sees all that the others stored before they arrived; the others pass by, and
    which one is last is left open. No part waits for another.

    A lowering counts arrivals in memory of its own, which is ready for the next
    launch when all parts have arrived: launches of a kernel must not overlap.
    Numbers of programs are below HEED_DIVIDED_PROGRAMS (heed-c/Package.h).

    **Constraints.**
    - (C1) It stands inside a `tile.kernel`, in its block or in branches.
    - (C2) A kernel has at most one.
    - (C3) A tile of outside that the body uses is computed from scalars and
      without memory: a lowering may spread the tiles of the body over threads
      in another way, and then computes it anew.

    ```mlir
    tile.store %sum, %mine[%c0]
        : tensor<64xf32>, memref<64xf32, strided<[1], offset: ?>>
    tile.finish %program of %parts {
      %one = tile.load %first[%c0]
          : memref<64xf32, strided<[1], offset: ?>> -> tensor<64xf32>
      ...
    }
    ```
  }];
  let arguments = (ins Index:$program, Index:$parts);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$program `of` $parts attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

#endif // HEED_DIALECTS_TILE_TILEKERNEL_TD
