// RUN: heed-opt %s -heed-lower-to-tile -split-input-file -verify-diagnostics \
// RUN:   | FileCheck %s

// In prefill a program has 64 queries of one of 4 heads; in decode the two
// query heads of one of 2 key heads, at one token. No key is copied.

// CHECK-LABEL: tile.kernel @many_kernel(
//       CHECK:   grid(%{{.*}} by 1, 4, %{{.*}} by 64)
//       CHECK:   tile.load {{.*}} -> tensor<64x4xf32>
//       CHECK:   tile.stream
//       CHECK:     tile.load {{.*}} -> tensor<64x4xf32>
//   CHECK-NOT:   tile.store {{.*}} tensor<64x4xf32>, {{.*}} tensor<64x4xf32>
func.func private @many(%q: tensor<?x4x?x4xf32>, %k: tensor<?x2x?x4xf32>)
    -> tensor<?x4x?x4xf32>
    attributes {attn.group = "attention", attn.phase = #attn.phase<prefill>} {
  %o = attn.attention %q keys(%k : tensor<?x2x?x4xf32>)
      values(%k : tensor<?x2x?x4xf32>)
      mask<causal> scale(0.5) : tensor<?x4x?x4xf32> -> tensor<?x4x?x4xf32>
  return %o : tensor<?x4x?x4xf32>
}

// CHECK-LABEL: tile.kernel @one_kernel(
//       CHECK:   grid(%{{.*}} by 1, 2, %{{.*}} by 1)
//       CHECK:   tile.load {{.*}} -> tensor<2x4xf32>
func.func private @one(%q: tensor<?x4x?x4xf32>, %k: tensor<?x2x?x4xf32>)
    -> tensor<?x4x?x4xf32>
    attributes {attn.group = "attention", attn.phase = #attn.phase<decode>} {
  %o = attn.attention %q keys(%k : tensor<?x2x?x4xf32>)
      values(%k : tensor<?x2x?x4xf32>)
      mask<causal> scale(0.5) : tensor<?x4x?x4xf32> -> tensor<?x4x?x4xf32>
  return %o : tensor<?x4x?x4xf32>
}

// -----

// Keys that the group computes itself are in no memory.

// expected-remark @below {{the group is func.func private @own}}
func.func private @own(%q: tensor<?x2x?x4xf32>) -> tensor<?x2x?x4xf32>
    attributes {attn.group = "attention", attn.phase = #attn.phase<prefill>} {
  %k = arith.addf %q, %q : tensor<?x2x?x4xf32>
  // expected-error @below {{has no kernel, found an operand}}
  %o = attn.attention %q keys(%k : tensor<?x2x?x4xf32>)
      values(%k : tensor<?x2x?x4xf32>)
      mask<causal> scale(0.5) : tensor<?x2x?x4xf32> -> tensor<?x2x?x4xf32>
  return %o : tensor<?x2x?x4xf32>
}
