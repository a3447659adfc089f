//===- AttnDialect.td - What a transformer computes -*- tablegen -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_ATTN_ATTNDIALECT_TD
#define HEED_DIALECTS_ATTN_ATTNDIALECT_TD

include "mlir/IR/OpBase.td"

def Attn_Dialect : Dialect {
  let name = "attn";
  let summary = "What a transformer computes, before any kernel is chosen";
  let description = [{
    The graph level of Heed: one authored function `@step` per model, layers as
    regions, weights as module symbols, caches as linear handles. Rationale.md
    beside this file says why.

    Sizes in op descriptions: B sequences, N new tokens each, M keys, H query
    heads, Hk key heads, D head width, C model width, V vocabulary. B, N and M
    (and R, the number of wanted rows) are dynamic, all else is static.
  }];
  let cppNamespace = "::heed::attn";
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let extraClassDeclaration = [{
    void registerAttributes();
    void registerTypes();
  }];
}

class Attn_Op<string mnemonic, list<Trait> traits = []>
    : Op<Attn_Dialect, mnemonic, traits>;

#endif // HEED_DIALECTS_ATTN_ATTNDIALECT_TD
