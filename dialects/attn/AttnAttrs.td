//===- AttnAttrs.td - Masks and enumerations -*- tablegen -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_ATTN_ATTNATTRS_TD
#define HEED_DIALECTS_ATTN_ATTNATTRS_TD

include "dialects/attn/AttnDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

class Attn_Enum<string name, string text, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, text, cases> {
  let cppNamespace = "::heed::attn";
  let genSpecializedAttr = 0;
}

/// Printed as its bare keyword within ops.
class Attn_EnumAttr<EnumAttrInfo info, string mnemonic>
    : EnumAttr<Attn_Dialect, info, mnemonic> {
  let assemblyFormat = "$value";
}

def Attn_PhaseEnum : Attn_Enum<"Phase", "phase of generation", [
  I32EnumAttrCase<"Prefill", 0, "prefill">,
  I32EnumAttrCase<"Decode", 1, "decode">]>;
/// Also an attribute of functions, there as `#attn.phase<prefill>`.
def Attn_PhaseAttr : EnumAttr<Attn_Dialect, Attn_PhaseEnum, "phase"> {
  let assemblyFormat = "`<` $value `>`";
}

def Attn_GranularityEnum : Attn_Enum<"Granularity", "what a skip varies with", [
  I32EnumAttrCase<"Static", 0, "static">,
  I32EnumAttrCase<"Phase", 1, "phase">,
  I32EnumAttrCase<"Sequence", 2, "sequence">,
  I32EnumAttrCase<"Step", 3, "step">,
  I32EnumAttrCase<"Token", 4, "token">]>;
def Attn_GranularityAttr : Attn_EnumAttr<Attn_GranularityEnum, "granularity">;

def Attn_NormEnum : Attn_Enum<"NormKind", "normalisation", [
  I32EnumAttrCase<"Rms", 0, "rms">,
  I32EnumAttrCase<"Layer", 1, "layer">]>;
def Attn_NormAttr : Attn_EnumAttr<Attn_NormEnum, "norm_kind">;

def Attn_ActivationEnum : Attn_Enum<"Activation", "activation function", [
  I32EnumAttrCase<"Silu", 0, "silu">,
  I32EnumAttrCase<"Gelu", 1, "gelu">,
  I32EnumAttrCase<"GeluTanh", 2, "gelu_tanh">,
  I32EnumAttrCase<"Relu", 3, "relu">]>;
def Attn_ActivationAttr : Attn_EnumAttr<Attn_ActivationEnum, "activation">;

def Attn_FactorEnum : Attn_Enum<"Factorisation", "matrix factorisation", [
  I32EnumAttrCase<"Svd", 0, "svd">,
  I32EnumAttrCase<"Eigen", 1, "eigen">,
  I32EnumAttrCase<"LeastSquares", 2, "least_squares">]>;
def Attn_FactorAttr : Attn_EnumAttr<Attn_FactorEnum, "factorisation">;

def Attn_StatisticEnum : Attn_Enum<"Statistic", "observed statistic", [
  I32EnumAttrCase<"MeanSquare", 0, "mean_square">,
  I32EnumAttrCase<"AbsMax", 1, "abs_max">,
  I32EnumAttrCase<"Cosine", 2, "cosine">]>;
def Attn_StatisticAttr : Attn_EnumAttr<Attn_StatisticEnum, "statistic">;

def Attn_MaskAttr : AttrDef<Attn_Dialect, "Mask"> {
  let mnemonic = "mask";
  let summary = "Which keys a query sees, by position and segment";
  let description = [{
    A closed algebra over the position `p` of a query and `k` of a key:

    ```
    visible = p >= 0 and k >= 0
          and (segments: the query's segment equals the key's)
          and (k < prefix
               or ((causal: k <= p)
                   and (window: k > p - window or k < sinks)))
    ```

    A term that is absent holds. A window counts the query's own position.
    `window`, `sinks` and `prefix` hold one number for all heads or one per
    query head.

    - (C1) `window`, if given, is at least 1 and needs `causal`.
    - (C2) `sinks`, if given, is at least 0 and needs `window`.
    - (C3) `prefix`, if given, is at least 0 and needs `causal`.

    ```mlir
    #attn.mask<causal, window = 256, sinks = 4>
    #attn.mask<causal, window = [256, 64], segments>
    #attn.mask<>
    ```
  }];
  let parameters = (ins
    "bool":$causal,
    ArrayRefParameter<"int64_t">:$window,
    ArrayRefParameter<"int64_t">:$sinks,
    ArrayRefParameter<"int64_t">:$prefix,
    "bool":$segments);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Returns the mask of a decoder: causal, nothing else.
    static MaskAttr getCausal(::mlir::MLIRContext *context);
    /// Returns the same as numbers, valid as long as the context.
    ::heed::AttentionMask getTerms() const;
  }];
}

#endif // HEED_DIALECTS_ATTN_ATTNATTRS_TD
