//===- Block.h - Parts of a block in plain loops ----------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the ops of dialects/attn/BlockOps.td mean. The records hold formulas
/// and shapes; nothing is checked here. Arithmetic is in double, and results
/// are rounded once, to the element type asked for.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_REFERENCE_BLOCK_H
#define HEED_REFERENCE_BLOCK_H

#include "heed/Reference/Tensor.h"

namespace heed::reference {

/// Returns the inner product of `size` numbers.
double dot(const double *a, const double *b, int64_t size);

/// Takes row `ids[b, n]` of `table`, zeros if there is none.
Tensor embed(const Tensor &table, const Tensor &ids, Element element);

/// Takes `input[b, rows[b, r]]`, zeros if there is none.
Tensor gatherTokens(const Tensor &input, const Tensor &rows);

/// Multiplies the rows of `input` with those of `weight`; `bias` may be null.
Tensor linear(const Tensor &input, const Tensor &weight, const Tensor *bias,
              Element element);

/// B x N x (H * D) to B x H x N x D, and back.
Tensor splitHeads(const Tensor &input, int64_t heads);
Tensor mergeHeads(const Tensor &input);

/// Divides each row by its root mean square; `weight` scales channels.
Tensor rmsNorm(const Tensor &input, const Tensor &weight, double epsilon);
/// Shifts and scales each row to mean 0, variance 1; `bias` may be null.
Tensor layerNorm(const Tensor &input, const Tensor &weight, const Tensor *bias,
                 double epsilon);

/// Rotates the first channels of each head by the token's position.
Tensor rotary(const Tensor &input, const Tensor &positions,
              const Tensor &inverseFrequencies, double amplitude);

enum class Activation { Silu, Gelu, GeluTanh, Relu };
double activate(Activation activation, double value);

/// `gate` may be null.
Tensor feedForward(Activation activation, const Tensor &input, const Tensor &up,
                   const Tensor &down, const Tensor *gate);

} // namespace heed::reference

#endif // HEED_REFERENCE_BLOCK_H
