//===- TileStream.td - The loop over tiles -----------------*- tablegen -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_TILE_TILESTREAM_TD
#define HEED_DIALECTS_TILE_TILESTREAM_TD

include "dialects/tile/TileDialect.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Tile_StreamOp : Tile_Op<"stream", [RecursiveMemoryEffects]> {
  let summary = "The loop: a range of steps with declared loads";
  let description = [{
    For `i = lower, lower + step, ...` below `upper`, in this order:

    1. `where`, if there is one, says whether step `i` is visited at all. A
       step that is not leaves the carried values alone.
    2. `load` gives the tiles of the step.
    3. `body` takes the step number, these tiles and the carried values, and
       yields the next carried values.

    The results are the carried values after the last step; without any visited
    step, their initial values.

    Where there is a region `combine`, it takes two sets of carried values and
    yields one, and a lowering may compute the results in another way:

    1. The visited steps are divided into any number of sets, whichever steps
       are in which; a set may be empty.
    2. Each set runs from the initial values, its steps in their order.
    3. `combine` makes one of two results, until one is left: of any two, in
       any order.

    By writing `combine` the author promises, up to rounding, that

    - the initial values are neutral: `combine(initial, x) = x`,
    - `combine` is associative and commutative,
    - a step adds what it adds no matter to what:
      `step(combine(x, y)) = combine(step(x), y)`.

    So every division gives the same, and shows at most in the last bits. A
    lowering may ignore the region; one that divides should do so in the same
    way in each run. Without `combine` the order of the steps is kept.

    A stream that `continues` another starts from the results of one that has a
    `combine`, or continues one. Its author makes the third promise for its
    steps as well, with that `combine`. So whoever divides the first into sets
    may let each set go on with some of the steps of the second, before the sets
    are combined.

    The regions are *rights*. `where` and `load` are functions of
    `i`, of values above, and of memory that the kernel does not write: any
    number of threads may evaluate them, at any time, early or twice. So a
    producer may run `load` steps ahead into a ring of slots, and producer and
    consumer may both ask `where`. An index list is a `memref.load` in these
    regions; a ring, a reversed order or a split range is arithmetic in them.
    What `body` computes from its loads without the carried values may run a
    step ahead as well: that is the overlap rule.

    A step that alone needs a mask (the ragged or diagonal one) is step `lower`
    by convention: the body guards the mask by `scf.if` on `i == lower`, and a
    lowering may peel it.

    **Constraints.**
    - (C1) A constant `step` is at least 1.
    - (C2) `where` takes an `index` and yields one `i1`.
    - (C3) `load` takes an `index` and yields tiles.
    - (C4) `body` takes an `index`, the types that `load` yields, and the types
      of the carried values, and yields the latter.
    - (C5) The results have the types of the initial values.
    - (C6) `where` and `load` write no memory and hold no stream.
    - (C7) `body` loads no tile itself; only a nested stream's `load` does.
    - (C8) `combine` takes the types of the carried values twice, first those of
      one set, then those of the other, and yields them once.
    - (C9) `combine` touches no memory and holds no stream.
    - (C10) Beside a `combine`, `body` writes no memory: a step stores nothing
      that would show which steps are in its set.
    - (C11) A stream that `continues` has no `combine` of its own, and its body
      writes no memory.

    Example: a row of a product, 64 columns of `x` a step.

    ```mlir
    %y = tile.stream (%c0 to %k step %c64) carry(%zero : tensor<64x64xf32>)
    load (%i: index) {
      %a = tile.load %x[%row, %i] : memref<?x?xf32, strided<[?, 1], offset: ?>>
          -> tensor<64x64xf32>
      %b = tile.load %w[%col, %i] : memref<?x?xf32, strided<[?, 1], offset: ?>>
          -> tensor<64x64xf32>
      tile.yield %a, %b : tensor<64x64xf32>, tensor<64x64xf32>
    }
    body (%i: index, %a: tensor<64x64xf32>, %b: tensor<64x64xf32>,
          %acc: tensor<64x64xf32>) {
      %r = tile.mma %a, %b, %acc {transpose_b}
          : tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>
      tile.yield %r : tensor<64x64xf32>
    }
    combine (%one: tensor<64x64xf32>, %other: tensor<64x64xf32>) {
      %both = arith.addf %one, %other : tensor<64x64xf32>
      tile.yield %both : tensor<64x64xf32>
    }
    ```
  }];

  let arguments = (ins
    Index:$lower,
    Index:$upper,
    Index:$step,
    Variadic<AnyType>:$inits,
    UnitAttr:$continues);
  let results = (outs Variadic<AnyType>:$results);
  let regions = (region
    MaxSizedRegion<1>:$where,
    SizedRegion<1>:$load,
    SizedRegion<1>:$body,
    MaxSizedRegion<1>:$combine);
  let hasCustomAssemblyFormat = 1;
  let hasRegionVerifier = 1;
  let skipDefaultBuilders = 1;
  let builders = [
    OpBuilder<(ins "::mlir::Value":$lower, "::mlir::Value":$upper,
                   "::mlir::Value":$step, "::mlir::ValueRange":$inits,
                   "StreamWhereFn":$where, "StreamLoadFn":$load,
                   "StreamBodyFn":$body,
                   CArg<"StreamCombineFn", "nullptr">:$combine)>
  ];
  let extraClassDeclaration = [{
    bool hasWhere() { return !getWhere().empty(); }
    bool hasCombine() { return !getCombine().empty(); }
    /// Takes the region `combine` out, for a lowering that divides no steps.
    void dropCombine();
    ::mlir::Value getWhereStep() { return getWhere().getArgument(0); }
    ::mlir::Value getLoadStep() { return getLoad().getArgument(0); }
    ::mlir::Value getBodyStep() { return getBody().getArgument(0); }
    /// Return the body's arguments for loaded tiles and for carried values.
    ::mlir::Block::BlockArgListType getLoaded();
    ::mlir::Block::BlockArgListType getCarried();
    /// Return the arguments of `combine`: the values of one set and the other.
    ::mlir::Block::BlockArgListType getCombineFirst();
    ::mlir::Block::BlockArgListType getCombineSecond();
    /// Writes `combine` of the values of two sets with `builder`.
    ::llvm::SmallVector<::mlir::Value> buildCombine(
        ::mlir::OpBuilder &builder, ::mlir::ValueRange first,
        ::mlir::ValueRange second);
    /// Return what the regions yield.
    ::mlir::Value getVisited();
    ::mlir::OperandRange getLoadYields();
    ::mlir::OperandRange getBodyYields();
    ::mlir::OperandRange getCombineYields();
  }];
}

def Tile_YieldOp : Tile_Op<"yield", [
    Pure, Terminator, ParentOneOf<["StreamOp", "FinishOp"]>]> {
  let summary = "Ends a region of a stream or a finish";
  let description = [{
    Gives what the region of a `tile.stream` promises: whether the step is
    visited, the loaded tiles, the next carried values, or the combined ones;
    that of a `tile.finish` gives nothing.

    ```mlir
    tile.yield %k, %v : tensor<64x64xbf16>, tensor<64x64xbf16>
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
  let builders = [
    OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>
  ];
}

#endif // HEED_DIALECTS_TILE_TILESTREAM_TD
