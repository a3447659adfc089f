// RUN: heed-opt %s -heed-lower-to-tile -split-input-file -verify-diagnostics \
// RUN:   | FileCheck %s

// A group becomes a kernel and a declaration that says how to launch it.

// CHECK-LABEL: tile.kernel @double_kernel(
// CHECK-SAME:      %[[B:.*]]: index, %[[N:.*]]: index, %{{.*}}: memref<?xf32>, %{{.*}}: memref<?xf32>)
// CHECK-SAME:      grid(%[[B]] by 1, 1, %[[N]] by 8)
// CHECK-LABEL: func.func private @double(tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
// CHECK-SAME:      launches = [{kernel = @double_kernel, words = ["batch", "tokens 0", "argument 0", "result 0"]}]
func.func private @double(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
    attributes {attn.group = "elementwise", attn.phase = #attn.phase<prefill>} {
  %0 = arith.addf %x, %x : tensor<?x?x8xf32>
  return %0 : tensor<?x?x8xf32>
}

// -----

// A group without a writer.

// expected-remark @below {{the group is func.func private @}}
// expected-error @below {{found a group of kind 'chunk_scan', wanted one that has a kernel}}
func.func private @scan(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
    attributes {attn.group = "chunk_scan", attn.phase = #attn.phase<prefill>} {
  return %x : tensor<?x?x8xf32>
}

// -----

// Types that kernels do not have; the message prints the group.

// expected-remark @below {{the group is func.func private @}}
// expected-error @below {{found 'tensor<?x?x8xf16>' in a group, kernels have tensors of f32, bf16, i32}}
func.func private @half(%x: tensor<?x?x8xf16>) -> tensor<?x?x8xf16>
    attributes {attn.group = "elementwise", attn.phase = #attn.phase<prefill>} {
  %0 = arith.addf %x, %x : tensor<?x?x8xf16>
  return %0 : tensor<?x?x8xf16>
}

// -----

// Elementwise ops that have no rows.

// expected-remark @below {{the group is func.func private @flat}}
// expected-error @below {{elementwise ops have no kernel, found no operand of B x N x C or B x H x N x D}}
func.func private @flat(%x: tensor<8xf32>) -> tensor<8xf32>
    attributes {attn.group = "elementwise", attn.phase = #attn.phase<prefill>} {
  %0 = arith.addf %x, %x : tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

// expected-remark @below {{the group is func.func private @row}}
func.func private @row(%x: tensor<4x8xf32>, %w: tensor<8xf32>) -> tensor<4x8xf32>
    attributes {attn.group = "norm", attn.phase = #attn.phase<prefill>} {
  // expected-error @below {{has no kernel, found 'tensor<4x8xf32>', wanted B x N x C or B x H x N x D}}
  %0 = attn.norm rms %x, %w epsilon(1.0e-5) : tensor<4x8xf32>, tensor<8xf32>
  return %0 : tensor<4x8xf32>
}

// -----

// Only attention reads a cache.

!cache = !attn.cache<[k : token 2x4xf32]>
// expected-remark @below {{the group is func.func private @reads}}
func.func private @reads(%c: !cache, %x: tensor<?x2x?x4xf32>)
    -> tensor<?x2x?x4xf32>
    attributes {attn.group = "elementwise", attn.phase = #attn.phase<prefill>} {
  %k, %p = attn.cache_read %c : !cache -> tensor<?x2x?x4xf32>, tensor<?x?xi32>
  // expected-error @below {{has no kernel, found an operand}}
  %0 = arith.addf %k, %x : tensor<?x2x?x4xf32>
  return %0 : tensor<?x2x?x4xf32>
}

// -----

// Weights have symbols; a constant in the graph lies in no memory.

// expected-remark @below {{the group is func.func private @inline}}
func.func private @inline(%x: tensor<?x?x2xf32>) -> tensor<?x?x2xf32>
    attributes {attn.group = "linear", attn.phase = #attn.phase<prefill>} {
  %w = arith.constant dense<1.0> : tensor<2x2xf32>
  // expected-error @below {{wanted a value of another group}}
  %0 = attn.linear %x, %w : tensor<?x?x2xf32>, tensor<2x2xf32>
      -> tensor<?x?x2xf32>
  return %0 : tensor<?x?x2xf32>
}
