//===- AttentionOps.td - Softmax attention and its merges -*- tablegen -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_ATTN_ATTENTIONOPS_TD
#define HEED_DIALECTS_ATTN_ATTENTIONOPS_TD

include "dialects/attn/BlockOps.td"

/// What `attention` and `attention_partial` share: operands, mask, score.
class Attn_SoftmaxOp<string mnemonic> : Attn_BlockOp<mnemonic, [
    AttrSizedOperandSegments, RecursiveMemoryEffects]> {
  let arguments = (ins
    Attn_Float4D:$query,
    Variadic<Attn_Float4D>:$keys,
    Variadic<Attn_Float4D>:$values,
    Optional<Attn_Index2D>:$query_positions,
    Variadic<Attn_Index2D>:$key_positions,
    Optional<Attn_Index2D>:$query_segments,
    Variadic<Attn_Index2D>:$key_segments,
    Attn_MaskAttr:$mask,
    F32Attr:$scale,
    OptionalAttr<F32Attr>:$softcap);
  let regions = (region MaxSizedRegion<1>:$score);
  let hasVerifier = 1;
}

defvar attentionFormat = [{
    $query `keys` `(` $keys `:` type($keys) `)`
    `values` `(` $values `:` type($values) `)`
    (`at` `(` $query_positions^ `to` $key_positions `:` type($query_positions)
      `to` type($key_positions) `)`)?
    (`segments` `(` $query_segments^ `to` $key_segments `:`
      type($query_segments) `to` type($key_segments) `)`)?
    `mask` `` $mask `scale` `(` $scale `)` (`softcap` `(` $softcap^ `)`)?
    (`score` $score^)? attr-dict `:` type($query) `->` type(results)
}];

def Attn_AttentionOp : Attn_SoftmaxOp<"attention"> {
  let summary = "Softmax attention of queries to keys";
  let description = [{
    For every sequence b, query head h and query i, over all keys j of all
    segments in turn, with `g = h / (H / Hk)`:

    ```
    s[j]         = scale * <query[b,h,i], key[b,g,j]>
    s[j]         = softcap * tanh(s[j] / softcap)              if softcap
    s[j]         = score(s[j], b, h, q_pos[b,i], k_pos[b,j])   if score
    output[b,h,i] = sum over visible j of softmax(s)[j] * value[b,g,j]
    lse[b,h,i]    = log(sum over visible j of exp(s[j]))       if asked for
    ```

    **Shapes.** `query` B x H x N x D; each of `keys` B x Hk x M x D; each of
    `values` B x Hk x M x Dv; `output` B x H x N x Dv; `lse` B x H x N, f32.
    Keys come in segments (the cache, then the step's own tokens) that act as
    one list; each has its own M.

    **Visible keys.** `mask` compares positions (`#attn.mask`). Without
    positions, queries and keys stand at 0, 1, ... and the last query is aligned
    with the last key of all segments. A key at position -1 is invisible, a
    query at -1 sees nothing, nor does one whose visible keys all have score
    -inf. A query that sees no key yields zeros and lse -inf.

    **Score region.** Arguments: the score (f32), b, h (index), the positions
    (i32). Yields the new score (f32). It may use scalar arith and math only.

    **Permitted roundings.** Scores, maximum, sum and accumulation in f32 in any
    order; probabilities may be rounded to the element type of `values` before
    they meet them; one rounding at the end.

    - (C1) Sizes that the shapes name alike are alike; Hk divides H.
    - (C2) There is at least one key segment; `keys`, `values` and, if given,
      `key_positions` and `key_segments` have one entry per segment.
    - (C3) `segments` in the mask needs segment operands, and they need it.
    - (C4) Numbers per head in the mask: one, or H.
    - (C5) `scale` is finite; `softcap` is positive and finite.
    - (C6) Element types of query, keys, values and output agree.
    - (C7) The score region, if given, has arguments (f32, index, index, i32,
      i32) and yields one f32.

    ```mlir
    %o = attn.attention %q
        keys(%kc, %kn : tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>)
        values(%vc, %vn : tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>)
        at(%pos to %pc, %pos
           : tensor<?x?xi32> to tensor<?x?xi32>, tensor<?x?xi32>)
        mask<causal, window = 256, sinks = 4> scale(1.250000e-01)
        : tensor<?x4x?x64xf32> -> tensor<?x4x?x64xf32>
    ```
  }];
  let results = (outs Attn_Float4D:$output, Optional<3DTensorOf<[F32]>>:$lse);
  let assemblyFormat = attentionFormat;
}

def Attn_AttentionPartialOp : Attn_SoftmaxOp<"attention_partial"> {
  let summary = "Numerator, maximum and sum of softmax attention";
  let description = [{
    As `attention`, but leaves the division to the caller, for hybrids whose
    softmax is local:

    ```
    maximum[b,h,i]   = max over visible j of s[j]             (-inf if none)
    sum[b,h,i]       = sum over visible j of exp(s[j] - maximum)
    numerator[b,h,i] = sum over visible j of exp(s[j] - maximum) * value[b,g,j]
    ```

    All results are f32. Constraints (C1) to (C7) are those of `attention`.

    ```mlir
    %n, %m, %l = attn.attention_partial %q
        keys(%k : tensor<?x2x?x64xf32>) values(%v : tensor<?x2x?x64xf32>)
        mask<causal> scale(1.250000e-01) : tensor<?x4x?x64xf32>
        -> tensor<?x4x?x64xf32>, tensor<?x4x?xf32>, tensor<?x4x?xf32>
    ```
  }];
  let results = (outs 4DTensorOf<[F32]>:$numerator,
                      3DTensorOf<[F32]>:$maximum, 3DTensorOf<[F32]>:$sum);
  let assemblyFormat = attentionFormat;
}

def Attn_MergeOp : Attn_BlockOp<"merge", [SameVariadicOperandSize]> {
  let summary = "Attention over the union of disjoint key sets";
  let description = [{
    From outputs and log-sum-exps of attentions of the same queries to disjoint
    sets of keys, the exact attention to their union:

    ```
    lse    = log(sum_t exp(lse_t))
    output = sum_t exp(lse_t - lse) * output_t
    ```

    A query whose every lse_t is -inf yields zeros and -inf.

    **Permitted roundings.** All in f32; one rounding of `output` at the end.

    - (C1) At least one pair; all outputs have one type, all lse one type, with
      the same B, H and N.

    ```mlir
    %o, %l = attn.merge outputs(%o0, %o1) lse(%l0, %l1)
        : tensor<?x4x?x64xf32>, tensor<?x4x?xf32>
    ```
  }];
  let arguments = (ins Variadic<Attn_Float4D>:$outputs,
                       Variadic<3DTensorOf<[F32]>>:$lses);
  let results = (outs Attn_Float4D:$output, 3DTensorOf<[F32]>:$lse);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

#endif // HEED_DIALECTS_ATTN_ATTENTIONOPS_TD
