//===- BlockOps.td - Projections, norms, rotary, ffn -*- tablegen -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_ATTN_BLOCKOPS_TD
#define HEED_DIALECTS_ATTN_BLOCKOPS_TD

include "dialects/attn/AttnAttrs.td"
include "dialects/attn/AttnDialect.td"
include "dialects/interfaces/CostInterface.td"
include "dialects/interfaces/EvalInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Attn_Float : AnyTypeOf<[F32, BF16, F16]>;
def Attn_Float1D : 1DTensorOf<[F32, BF16, F16]>;
def Attn_Float2D : 2DTensorOf<[F32, BF16, F16]>;
def Attn_Float3D : 3DTensorOf<[F32, BF16, F16]>;
def Attn_Float4D : 4DTensorOf<[F32, BF16, F16]>;
def Attn_FloatND : RankedTensorOf<[F32, BF16, F16]>;
def Attn_Index2D : 2DTensorOf<[I32]>;

class Attn_BlockOp<string mnemonic, list<Trait> traits = []>
    : Attn_Op<mnemonic, !listconcat([
        Pure, DeclareOpInterfaceMethods<EvalInterface>,
        DeclareOpInterfaceMethods<CostInterface>], traits)>;

def Attn_EmbedOp : Attn_BlockOp<"embed"> {
  let summary = "Rows of a table, chosen by token ids";
  let description = [{
    `result[b, n] = table[ids[b, n]]`; an id outside `[0, V)` gives a zero row.

    **Shapes.** `table` V x C, `ids` B x N, `result` B x N x C.

    - (C1) C agrees; `table` is static.
    - (C2) `result` has the element type of `table`, or f32.

    ```mlir
    %h = attn.embed %table, %ids : tensor<256x64xbf16>, tensor<?x?xi32>
        -> tensor<?x?x64xbf16>
    ```
  }];
  let arguments = (ins Attn_Float2D:$table, Attn_Index2D:$ids);
  let results = (outs Attn_Float3D:$result);
  let assemblyFormat = [{
    $table `,` $ids attr-dict `:` type($table) `,` type($ids) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Attn_GatherTokensOp : Attn_BlockOp<"gather_tokens"> {
  let summary = "Chosen tokens of each sequence";
  let description = [{
    `result[b, r] = input[b, rows[b, r]]`; a row of -1 gives zeros.

    **Shapes.** `input` B x N x C, `rows` B x R, `result` B x R x C.

    - (C1) B and C agree; element types of `input` and `result` agree.

    ```mlir
    %l = attn.gather_tokens %h, %rows : tensor<?x?x64xf32>, tensor<?x?xi32>
        -> tensor<?x?x64xf32>
    ```
  }];
  let arguments = (ins Attn_Float3D:$input, Attn_Index2D:$rows);
  let results = (outs Attn_Float3D:$result);
  let assemblyFormat = [{
    $input `,` $rows attr-dict `:` type($input) `,` type($rows) `->`
    type($result)
  }];
  let hasVerifier = 1;
}

def Attn_LinearOp : Attn_BlockOp<"linear"> {
  let summary = "Projection of the last dimension";
  let description = [{
    `result[.., o] = sum_i input[.., i] * weight[o, i] (+ bias[o])`

    **Shapes.** `input` .. x I, `weight` O x I, `bias` O, `result` .. x O; the
    leading dimensions are those of `input`.

    **Permitted roundings.** Products and sums in f32 in any order; one rounding
    to the result's type, after the bias.

    - (C1) I and O agree; leading dimensions of `input` and `result` agree.
    - (C2) `input`, `weight` and `bias` have one element type; the result has it
      too, or f32.

    ```mlir
    %q = attn.linear %h, %w : tensor<?x?x64xbf16>, tensor<128x64xbf16>
        -> tensor<?x?x128xbf16>
    %k = attn.linear %h, %w bias(%b : tensor<128xbf16>)
        : tensor<?x?x64xbf16>, tensor<128x64xbf16> -> tensor<?x?x128xbf16>
    ```
  }];
  let arguments = (ins Attn_FloatND:$input, Attn_Float2D:$weight,
                       Optional<Attn_Float1D>:$bias);
  let results = (outs Attn_FloatND:$result);
  let assemblyFormat = [{
    $input `,` $weight (`bias` `(` $bias^ `:` type($bias) `)`)? attr-dict `:`
    type($input) `,` type($weight) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Attn_SplitHeadsOp : Attn_BlockOp<"split_heads", [InferTypeOpAdaptor]> {
  let summary = "View of channels as heads";
  let description = [{
    `result[b, h, n, d] = input[b, n, h * D + d]`

    - (C1) `heads` divides the last dimension of `input`, and is at least 1.

    ```mlir
    %q = attn.split_heads %x 4 : tensor<?x?x256xf32>
    ```
  }];
  let arguments = (ins Attn_Float3D:$input, I64Attr:$heads);
  let results = (outs Attn_Float4D:$result);
  let assemblyFormat = "$input $heads attr-dict `:` type($input)";
}

def Attn_MergeHeadsOp : Attn_BlockOp<"merge_heads", [InferTypeOpAdaptor]> {
  let summary = "View of heads as channels";
  let description = [{
    `result[b, n, h * D + d] = input[b, h, n, d]`, the inverse of `split_heads`.

    - (C1) Heads and width of `input` are static.

    ```mlir
    %x = attn.merge_heads %o : tensor<?x4x?x64xf32>
    ```
  }];
  let arguments = (ins Attn_Float4D:$input);
  let results = (outs Attn_Float3D:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

def Attn_NormOp : Attn_BlockOp<"norm", [AllTypesMatch<["input", "result"]>]> {
  let summary = "Normalisation over the last dimension";
  let description = [{
    With `x` a row of `input` of length C:

    ```
    rms    result = x / sqrt(mean(x^2) + epsilon) * weight
    layer  result = (x - mean(x)) / sqrt(var(x) + epsilon) * weight (+ bias)
    ```

    **Permitted roundings.** Everything in f32, sums in any order; one rounding
    at the end.

    - (C1) `weight` and `bias` have length C and the element type of `input`.
    - (C2) `bias` belongs to `layer`.
    - (C3) `epsilon` is positive and finite.

    ```mlir
    %y = attn.norm rms %x, %w epsilon(1.0e-5)
        : tensor<?x?x64xf32>, tensor<64xf32>
    ```
  }];
  let arguments = (ins Attn_NormAttr:$kind, Attn_FloatND:$input,
                       Attn_Float1D:$weight, Optional<Attn_Float1D>:$bias,
                       F32Attr:$epsilon);
  let results = (outs Attn_FloatND:$result);
  let assemblyFormat = [{
    `` $kind $input `,` $weight (`bias` `(` $bias^ `:` type($bias) `)`)?
    `epsilon` `(` $epsilon `)` attr-dict `:` type($input) `,` type($weight)
  }];
  let hasVerifier = 1;
}

def Attn_RotaryOp : Attn_BlockOp<"rotary", [
    AllTypesMatch<["input", "result"]>]> {
  let summary = "Rotary position embedding";
  let description = [{
    For a head row `x` at position `p`, with `r = length(inv_freq)` and
    `i < r`, in the half-split convention:

    ```
    angle[i]      = p * inv_freq[i]
    c, s          = cos(angle[i]), sin(angle[i])
    result[i]     = amplitude * (x[i] * c - x[i + r] * s)
    result[i + r] = amplitude * (x[i + r] * c + x[i] * s)
    ```

    Channels from `2 r` on pass unchanged. A row at position -1 is zero. Linear,
    llama3 and YaRN scaling are other frequencies and amplitudes; rules whose
    frequencies depend on the current length are refused on import.

    **Shapes.** `input` B x H x N x D, `positions` B x N, `inv_freq` r.

    **Permitted roundings.** The angle is one f32 product; sine, cosine and the
    combination in f32; one rounding at the end.

    - (C1) `2 r <= D`, `r >= 1`.
    - (C2) `amplitude` is finite.

    ```mlir
    %y = attn.rotary %x, %pos, %f amplitude(1.0) : tensor<?x4x?x64xf32>,
        tensor<?x?xi32>, tensor<32xf32>
    ```
  }];
  let arguments = (ins Attn_Float4D:$input, Attn_Index2D:$positions,
                       1DTensorOf<[F32]>:$inv_freq, F32Attr:$amplitude);
  let results = (outs Attn_Float4D:$result);
  let assemblyFormat = [{
    $input `,` $positions `,` $inv_freq `amplitude` `(` $amplitude `)` attr-dict
    `:` type($input) `,` type($positions) `,` type($inv_freq)
  }];
  let hasVerifier = 1;
}

def Attn_FfnOp : Attn_BlockOp<"ffn", [AllTypesMatch<["input", "result"]>]> {
  let summary = "Feed-forward block";
  let description = [{
    ```
    with gate     result = down (activation(gate x) * (up x))
    without       result = down (activation(up x))
    ```

    `silu(x) = x / (1 + exp(-x))`; `gelu` is the exact one, by erf;
    `gelu_tanh = x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))`;
    `relu = max(x, 0)`.

    **Shapes.** `input` B x N x C; `gate`, `up` F x C; `down` C x F.

    **Permitted roundings.** As `linear`; the activation in f32; the product may
    be rounded to the input's type before `down`.

    - (C1) C and F agree.
    - (C2) All element types agree.

    ```mlir
    %y = attn.ffn silu %x, %up, %down gate(%gate : tensor<176x64xf32>)
        : tensor<?x?x64xf32>, tensor<176x64xf32>, tensor<64x176xf32>
    ```
  }];
  let arguments = (ins Attn_ActivationAttr:$activation, Attn_Float3D:$input,
                       Attn_Float2D:$up, Attn_Float2D:$down,
                       Optional<Attn_Float2D>:$gate);
  let results = (outs Attn_Float3D:$result);
  let assemblyFormat = [{
    `` $activation $input `,` $up `,` $down
    (`gate` `(` $gate^ `:` type($gate) `)`)? attr-dict
    `:` type($input) `,` type($up) `,` type($down)
  }];
  let hasVerifier = 1;
}

#endif // HEED_DIALECTS_ATTN_BLOCKOPS_TD
