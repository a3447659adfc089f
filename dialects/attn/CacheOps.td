//===- CacheOps.td - Reading and appending to caches -*- tablegen -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_ATTN_CACHEOPS_TD
#define HEED_DIALECTS_ATTN_CACHEOPS_TD

include "dialects/attn/AttnDialect.td"
include "dialects/attn/AttnTypes.td"
include "dialects/interfaces/EvalInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Attn_CacheReadOp : Attn_Op<"cache_read", [
    Pure, DeclareOpInterfaceMethods<EvalInterface>]> {
  let summary = "Contents of a cache";
  let description = [{
    Yields each field as `B x heads x M x width`, in the order of the fields,
    and the positions of the entries, `B x M`. M is the length of the longest
    sequence; entries that a sequence lacks have position -1 and unspecified
    contents. Entries come in storage order: with a ring that is not the order
    of positions. Nothing is copied: attention on a read lowers to reading the
    handle.

    - (C1) All fields have the same rate, `token` or `ring`.
    - (C2) There is one result per field, `? x heads x ? x width` of the field's
      element type, then `tensor<?x?xi32>`.

    ```mlir
    %k, %v, %p = attn.cache_read %c
        : !attn.cache<[k : token 2x64xf32, v : token 2x64xf32]>
        -> tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x?xi32>
    ```
  }];
  let arguments = (ins Attn_CacheType:$cache);
  let results = (outs Variadic<AnyRankedTensor>:$values);
  let assemblyFormat = [{
    $cache attr-dict `:` qualified(type($cache)) `->` type($values)
  }];
  let hasVerifier = 1;
}

def Attn_CacheAppendOp : Attn_Op<"cache_append", [
    Pure, AllTypesMatch<["cache", "result"]>,
    TypesMatchWith<"positions are B x N", "cache", "positions",
      "::mlir::RankedTensorType::get({::mlir::ShapedType::kDynamic, "
      "::mlir::ShapedType::kDynamic}, "
      "::mlir::IntegerType::get($_self.getContext(), 32))">,
    DeclareOpInterfaceMethods<EvalInterface>]> {
  let summary = "Cache with the step's tokens behind the earlier ones";
  let description = [{
    Appends one entry per token with position >= 0, in order. `values` has one
    tensor per field, `B x heads x N x width`. A ring that is full overwrites
    its oldest entry behind the sinks; so attention reads the old handle, and
    takes the new keys as a second segment, before the append.

    - (C1) All fields have the same rate, `token` or `ring`.
    - (C2) `values` has one tensor per field, `? x heads x ? x width` of the
      field's element type; `positions` is `tensor<?x?xi32>`.
    - (C3) The result has the type of the cache.

    ```mlir
    %c1 = attn.cache_append %c, %pos, %k, %v
        : !attn.cache<[k : token 2x64xf32, v : token 2x64xf32]>,
        tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>
    ```
  }];
  let arguments = (ins Attn_CacheType:$cache, 2DTensorOf<[I32]>:$positions,
                       Variadic<AnyRankedTensor>:$values);
  let results = (outs Attn_CacheType:$result);
  let assemblyFormat = [{
    $cache `,` $positions `,` $values attr-dict `:` qualified(type($cache)) `,`
    type($values)
  }];
  let hasVerifier = 1;
}

#endif // HEED_DIALECTS_ATTN_CACHEOPS_TD
