//===- Passes.td - Passes that look and report -*- tablegen -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_ANALYSIS_PASSES_TD
#define HEED_PASSES_ANALYSIS_PASSES_TD

include "mlir/Pass/PassBase.td"

// Sorted by name.

def MaterializeWeightsPass
    : Pass<"heed-materialize-weights", "::mlir::ModuleOp"> {
  let summary = "Evaluate initialisers of weights into a file";
  let description = [{
    Evaluates every weight that has an initialiser, in double precision and
    rounded once to its type, into one safetensors file beside the module, and
    makes the file the weight's source. The file is named by a hash of its
    content: the same weights give the same file, and an old one is never
    changed. It appears whole or not at all.

    An initialiser of at most 4096 elements that consists of constants stays.
    Weights that only initialisers use stay too; `symbol-dce` knows them.

    Example: `@scaled` becomes a tensor of a new file
    `weights-<16 digits>.safetensors`.

    ```mlir
    attn.weight @norm : tensor<2xf32> init {
      %0 = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
      attn.yield %0 : tensor<2xf32>
    }
    attn.weight @scaled : tensor<2xf32> init {
      %0 = attn.use @norm : tensor<2xf32>
      %1 = arith.addf %0, %0 : tensor<2xf32>
      attn.yield %1 : tensor<2xf32>
    }
    ```
  }];
  let options = [
    Option<"folder", "folder", "std::string", /*default=*/"",
           "Where weight files lie and the new one goes; default: the folder "
           "of the module">];
}

def VerifyCachesPass : Pass<"heed-verify-caches"> {
  let summary = "Check that every cache is consumed at most once";
  let description = [{
    A cache is one object that an append changes: of a value of type
    `!attn.cache`, one op may make the next state, an append, an argument of a
    layer or skip, a yield or a return; reads come before it, and it stands in
    the region that the value belongs to. Everything else is an error that
    points at both places. The IR is left as it is.

    Example: this passes; a second append to `%c` would not.

    ```mlir
    func.func @f(%c: !attn.cache<[k : token 1x2xf32]>, %p: tensor<?x?xi32>,
                 %k: tensor<?x1x?x2xf32>) -> !attn.cache<[k : token 1x2xf32]> {
      %k0, %p0 = attn.cache_read %c : !attn.cache<[k : token 1x2xf32]>
          -> tensor<?x1x?x2xf32>, tensor<?x?xi32>
      %c1 = attn.cache_append %c, %p, %k
          : !attn.cache<[k : token 1x2xf32]>, tensor<?x1x?x2xf32>
      return %c1 : !attn.cache<[k : token 1x2xf32]>
    }
    ```
  }];
}

def VerifyModelPass : Pass<"heed-verify-model"> {
  let summary = "Check that a model uses known ops only";
  let description = [{
    A model is made of attn ops and of a whitelist of upstream ops
    (dialects/interfaces/UpstreamEval.cpp), which every lowering and the
    reference know. Names each op that is none of them; in score regions also
    what is no scalar arith or math. The IR is left as it is.

    Example: this passes; with `arith.remf` in place of `arith.addf` it would
    not.

    ```mlir
    func.func @f(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
      %y = arith.addf %x, %x : tensor<?x?x8xf32>
      return %y : tensor<?x?x8xf32>
    }
    ```
  }];
}

#endif // HEED_PASSES_ANALYSIS_PASSES_TD
