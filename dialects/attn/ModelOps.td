//===- ModelOps.td - Weights, layers, phases -*- tablegen -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_ATTN_MODELOPS_TD
#define HEED_DIALECTS_ATTN_MODELOPS_TD

include "dialects/attn/AttnAttrs.td"
include "dialects/attn/AttnDialect.td"
include "dialects/attn/AttnTypes.td"
include "dialects/interfaces/EvalInterface.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Attn_FileOp : Attn_Op<"file", [Symbol]> {
  let summary = "Safetensors file that weights lie in";
  let description = [{
    Names a file by a path relative to the module's own file (or absolute) and
    the hash of its header. A file whose header differs is refused wherever its
    weights are read.

    - (C1) The path is not empty; the hash has 16 hexadecimal digits.

    ```mlir
    attn.file @file0 "model.safetensors" hash("00a1b2c3d4e5f607")
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$path, StrAttr:$hash);
  let assemblyFormat = "$sym_name $path `hash` `(` $hash `)` attr-dict";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Says that a file without weights may go (`symbol-dce`).
    bool canDiscardOnUseEmpty();
  }];
}

def Attn_WeightOp : Attn_Op<"weight", [
    Symbol, NoRegionArguments, SingleBlock,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "Parameter of the model";
  let description = [{
    A tensor that is the same in every step, backed in one of two ways:

    - by a **source**: the key of a tensor in a file, or with `slice` the part
      of it that begins at the given offsets and has the weight's own shape;
    - by an **initialiser**: a region of ordinary ops on other weights that
      yields the value. `heed-materialize-weights` evaluates it into a file.

    A source is never copied on import. The element type of a source may differ
    from the weight's: it is converted, rounding to nearest even.

    - (C1) There is a source or an initialiser, not both.
    - (C2) `slice` has one offset per dimension, none negative.
    - (C3) The initialiser yields one value of the weight's type.
    - (C4) The file named by the source exists in the module.
    - (C5) The type is a static ranked tensor of floats.

    ```mlir
    attn.file @file0 "model.safetensors" hash("00a1b2c3d4e5f607")
    attn.weight @l0.wq : tensor<256x256xbf16> from @file0 "l.0.q_proj.weight"
    attn.weight @l0.wk : tensor<128x256xbf16> from @file0 "l.0.qkv"
        slice [256, 0]
    attn.weight @inv_freq : tensor<2xf32> init {
      %0 = arith.constant dense<[1.0, 0.01]> : tensor<2xf32>
      attn.yield %0 : tensor<2xf32>
    }
    ```
  }];
  let arguments = (ins
    SymbolNameAttr:$sym_name,
    TypeAttrOf<AnyRankedTensor>:$type,
    OptionalAttr<FlatSymbolRefAttr>:$file,
    OptionalAttr<StrAttr>:$key,
    OptionalAttr<DenseI64ArrayAttr>:$slice);
  let regions = (region MaxSizedRegion<1>:$init);
  let assemblyFormat = [{
    $sym_name `:` $type (`from` $file^ $key (`slice` $slice^)?)?
    (`init` $init^)? attr-dict
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::RankedTensorType getTensorType();
    bool hasSource();
    /// Says that a weight without uses may go (`symbol-dce`).
    bool canDiscardOnUseEmpty();
  }];
}

def Attn_UseOp : Attn_Op<"use", [
    Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>,
    DeclareOpInterfaceMethods<EvalInterface>]> {
  let summary = "Value of a weight";
  let description = [{
    - (C1) The symbol names a weight of the result's type.

    ```mlir
    attn.file @file0 "model.safetensors" hash("00a1b2c3d4e5f607")
    attn.weight @l0.wq : tensor<256x256xbf16> from @file0 "l.0.q_proj.weight"
    %w = attn.use @l0.wq : tensor<256x256xbf16>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$weight);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$weight attr-dict `:` type($result)";
}

def Attn_FactorOp : Attn_Op<"factor", [
    Pure, DeclareOpInterfaceMethods<EvalInterface>]> {
  let summary = "Matrix factorisation, for initialisers of weights";
  let description = [{
    Evaluated in double precision, deterministically; results are rounded once.

    - `svd`: `A (m x n)` to `U (m x r)`, `S (r)`, `Vt (r x n)` of the r largest
      singular values, descending, r from the result types. The leading entry
      of each column of U is positive (heed/Numeric/Decompose.h says which).
    - `eigen`: symmetric `A (n x n)` to `W (r)`, `Q (n x r)`, descending by
      magnitude, signs as for `svd`.
    - `least_squares`: `A (m x n)`, `B (m x k)` to the `X (n x k)` of least norm
      that minimises `|A X - B|`.

    - (C1) The number of operands and results is the one of the kind.
    - (C2) The shapes are the ones above; `r <= min(m, n)`.

    ```mlir
    %u, %s, %vt = attn.factor svd %a : (tensor<8x6xf32>)
        -> (tensor<8x2xf32>, tensor<2xf32>, tensor<2x6xf32>)
    ```
  }];
  let arguments = (ins Attn_FactorAttr:$kind,
                       Variadic<AnyRankedTensor>:$inputs);
  let results = (outs Variadic<AnyRankedTensor>:$outputs);
  let assemblyFormat = [{
    `` $kind $inputs attr-dict `:` functional-type($inputs, $outputs)
  }];
  let hasVerifier = 1;
}

def Attn_YieldOp : Attn_Op<"yield", [
    Pure, Terminator, ReturnLike,
    ParentOneOf<["WeightOp", "LayerOp", "SkipOp", "AttentionOp",
                 "AttentionPartialOp"]>]> {
  let summary = "Results of an attn region";
  let description = [{
    ```mlir
    attn.yield %h, %c : tensor<?x?x256xbf16>, !attn.cache<[k : token 2x64xbf16]>
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
  let builders = [OpBuilder<(ins), "// Yields nothing.">];
}

def Attn_LayerOp : Attn_Op<"layer", [
    SingleBlock, RecursiveMemoryEffects,
    DeclareOpInterfaceMethods<EvalInterface>]> {
  let summary = "One layer of the model";
  let description = [{
    Runs its region once. Hidden state and cache pass through arguments, the
    rest is captured. `index` is the layer's number in the original model and
    stays what it is when other layers disappear; plans, reports and refusals
    name layers by it. Inlined just before kernels are formed.

    - (C1) Block arguments have the operands' types.
    - (C2) The terminator yields the results' types.
    - (C3) `index` is not negative.

    ```mlir
    %h1, %c1 = attn.layer 7 "decoder" (%x = %h, %c = %c0)
        : (tensor<?x?x256xbf16>, !attn.cache<[k : token 2x64xbf16]>)
        -> (tensor<?x?x256xbf16>, !attn.cache<[k : token 2x64xbf16]>) {
      attn.yield %x, %c
          : tensor<?x?x256xbf16>, !attn.cache<[k : token 2x64xbf16]>
    }
    ```
  }];
  let arguments = (ins I64Attr:$index, StrAttr:$kind,
                       Variadic<AnyType>:$inputs);
  let results = (outs Variadic<AnyType>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    YieldOp getYield();
  }];
}

def Attn_InPhaseOp : Attn_Op<"in_phase", [
    Pure, DeclareOpInterfaceMethods<EvalInterface>]> {
  let summary = "Whether the step runs in a phase";
  let description = [{
    True in the entry of that phase. The caller chooses the entry, nothing
    infers it from sizes. `heed-specialize-phases` folds it.

    ```mlir
    %d = attn.in_phase decode
    ```
  }];
  let arguments = (ins Attn_PhaseAttr:$phase);
  let results = (outs I1:$result);
  let assemblyFormat = "custom<Phase>($phase) attr-dict";
}

def Attn_SkipOp : Attn_Op<"skip", [
    SingleBlock, RecursiveMemoryEffects,
    DeclareOpInterfaceMethods<EvalInterface>]> {
  let summary = "Region that is passed by where a condition holds";
  let description = [{
    Where `condition` is true, the results are the operands; elsewhere, what the
    region yields for them. The region sees all sequences and tokens; what a
    skipped one yields is not used, and what it appends to a cache is not kept.
    For granularity `token`, operands that are no caches are B x N x C.
    `granularity` says what the condition varies with:
    `static` and `phase` fold when phases are cloned, `step` is one bit a step,
    `sequence` one per sequence, `token` one per token. A skipped cache is
    passed on unchanged.

    - (C1) Operands, block arguments, yielded values and results have the same
      types.
    - (C2) `condition` is `i1` for static, phase and step; `tensor<?xi1>` (B)
      for sequence; `tensor<?x?xi1>` (B x N) for token.

    ```mlir
    %d = attn.in_phase decode
    %h1 = attn.skip %d phase (%x = %h) : (i1, tensor<?x?x256xf32>)
        -> tensor<?x?x256xf32> {
      %y = arith.addf %x, %x : tensor<?x?x256xf32>
      attn.yield %y : tensor<?x?x256xf32>
    }
    ```
  }];
  let arguments = (ins AnyType:$condition, Attn_GranularityAttr:$granularity,
                       Variadic<AnyType>:$inputs);
  let results = (outs Variadic<AnyType>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    YieldOp getYield();
  }];
}

def Attn_ObserveOp : Attn_Op<"observe", [
    DeclareOpInterfaceMethods<EvalInterface>]> {
  let summary = "Record a statistic of values";
  let description = [{
    Accumulates one number per channel (last dimension) over all other
    dimensions and all steps, under `name`, into the profile: `mean_square`,
    `abs_max`, or the `cosine` between two tensors (then one number).

    - (C1) `cosine` has two operands of one type, the others one.
    - (C2) The name is not empty.

    ```mlir
    attn.observe "l7.hidden" abs_max %h : tensor<?x?x256xf32>
    ```
  }];
  let arguments = (ins StrAttr:$name, Attn_StatisticAttr:$statistic,
                       Variadic<AnyRankedTensor>:$inputs);
  let assemblyFormat = [{
    $name `` $statistic $inputs attr-dict `:` type($inputs)
  }];
  let hasVerifier = 1;
}

#endif // HEED_DIALECTS_ATTN_MODELOPS_TD
