//===- AttnTypes.td - Cache handles -*- tablegen -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_ATTN_ATTNTYPES_TD
#define HEED_DIALECTS_ATTN_ATTNTYPES_TD

include "dialects/attn/AttnDialect.td"
include "mlir/IR/AttrTypeBase.td"

def Attn_CacheType : TypeDef<Attn_Dialect, "Cache"> {
  let mnemonic = "cache";
  let summary = "Linear handle on what a layer remembers of earlier tokens";
  let description = [{
    A list of named fields, each with a rate, the heads and width of an entry,
    and an element type. Rates:

    - `token`: one entry per token, kept for good.
    - `ring(W)`: the last W tokens; `ring(W, sinks S)`: and the first S.
    - `every(n)`: one entry per n tokens.
    - `sequence`: one entry per sequence (a recurrent state, a routing bit).

    A field that ends in `until decode` is complete through all prefill calls
    and released at the first decode; a prefill after that is refused.

    A cache value has one consuming use (append, layer or skip argument, yield,
    return); reads come before it. `heed-verify-caches` says where one is used
    twice.

    - (C1) Names of fields differ; there is at least one field.
    - (C2) Sizes, windows and periods are at least 1, sinks at least 0.
    - (C3) An entry is heads x width (of a `sequence` field any shape) of
      integers or floats.

    ```mlir
    !attn.cache<[k : token 2x64xbf16, v : token 2x64xbf16]>
    !attn.cache<[k : ring(256, sinks 4) 2x64xf32,
                 v : ring(256, sinks 4) 2x64xf32]>
    !attn.cache<[k : token 2x64xf32 until decode,
                 v : token 2x64xf32 until decode]>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"::heed::attn::CacheField">:$fields);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Returns the field of this name, or null.
    const CacheField *lookup(::llvm::StringRef name) const;
  }];
}

#endif // HEED_DIALECTS_ATTN_ATTNTYPES_TD
