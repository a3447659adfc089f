// RUN: heed-opt %s -heed-form-groups -split-input-file -verify-diagnostics \
// RUN:   | FileCheck %s

!cache = !attn.cache<[k : token 2x4xf32]>

// Equal groups become one; the append moves behind the last reader.

// CHECK-LABEL: func.func @prefill(
// CHECK-SAME:      %[[X:.*]]: tensor<?x?x8xf32>, %[[P:.*]]: tensor<?x?xi32>, %[[R:.*]]: tensor<?x?xi32>, %[[C:.*]]: !attn.cache
//       CHECK:   %[[K:.*]] = call @prefill_linear_0(%[[X]], %{{.*}}) {label = "linear", tokens = ["N"]}
//       CHECK:   %[[V:.*]] = call @prefill_linear_0(%[[X]], %{{.*}}) {label = "linear", tokens = ["N"]}
//       CHECK:   %[[O:.*]] = call @prefill_attention_0(%[[K]], %[[C]], %[[V]], %[[P]])
//       CHECK:   %[[NEW:.*]] = attn.cache_append %[[C]], %[[P]], %[[K]]
//       CHECK:   %[[L:.*]] = call @prefill_gather_tokens_0(%[[O]], %[[R]]) {label = "gather_tokens", tokens = ["R"]}
//       CHECK:   return %[[L]], %[[NEW]]
//       CHECK: func.func private @prefill_linear_0(
// CHECK-SAME:      attn.group = "linear", attn.phase = #attn.phase<prefill>
//       CHECK:   attn.linear
//       CHECK:   attn.split_heads
//       CHECK: func.func private @prefill_attention_0(
//       CHECK:   attn.cache_read
//       CHECK:   attn.attention
//       CHECK:   attn.merge_heads
//   CHECK-NOT: func.func private @prefill_linear_1
attn.weight @wk : tensor<8x8xf32> init {
  %0 = arith.constant dense<1.0> : tensor<8x8xf32>
  attn.yield %0 : tensor<8x8xf32>
}
attn.weight @wv : tensor<8x8xf32> init {
  %0 = arith.constant dense<2.0> : tensor<8x8xf32>
  attn.yield %0 : tensor<8x8xf32>
}
func.func @prefill(%x: tensor<?x?x8xf32>, %p: tensor<?x?xi32>,
                   %r: tensor<?x?xi32>, %c: !cache)
    -> (tensor<?x?x8xf32>, !cache)
    attributes {attn.phase = #attn.phase<prefill>} {
  %wk = attn.use @wk : tensor<8x8xf32>
  %wv = attn.use @wv : tensor<8x8xf32>
  %k0 = attn.linear %x, %wk : tensor<?x?x8xf32>, tensor<8x8xf32>
      -> tensor<?x?x8xf32>
  %k = attn.split_heads %k0 2 : tensor<?x?x8xf32>
  %v0 = attn.linear %x, %wv : tensor<?x?x8xf32>, tensor<8x8xf32>
      -> tensor<?x?x8xf32>
  %v = attn.split_heads %v0 2 : tensor<?x?x8xf32>
  %kc, %pc = attn.cache_read %c : !cache -> tensor<?x2x?x4xf32>, tensor<?x?xi32>
  %o = attn.attention %k keys(%kc, %k : tensor<?x2x?x4xf32>, tensor<?x2x?x4xf32>)
      values(%kc, %v : tensor<?x2x?x4xf32>, tensor<?x2x?x4xf32>)
      at(%p to %pc, %p : tensor<?x?xi32> to tensor<?x?xi32>, tensor<?x?xi32>)
      mask<causal> scale(0.5) : tensor<?x2x?x4xf32> -> tensor<?x2x?x4xf32>
  %n = attn.cache_append %c, %p, %k : !cache, tensor<?x2x?x4xf32>
  %m = attn.merge_heads %o : tensor<?x2x?x4xf32>
  %l = attn.gather_tokens %m, %r : tensor<?x?x8xf32>, tensor<?x?xi32>
      -> tensor<?x?x8xf32>
  return %l, %n : tensor<?x?x8xf32>, !cache
}

// -----

// What nothing computes is named.

func.func @decode(%h: tensor<?x?x8xf32>, %p: tensor<?x?xi32>,
                  %c: tensor<?xi1>) -> tensor<?x?x8xf32>
    attributes {attn.phase = #attn.phase<decode>} {
  // expected-error @below {{fits no group, wanted an op that has a kernel}}
  %y = attn.skip %c sequence (%x = %h) : (tensor<?xi1>, tensor<?x?x8xf32>)
      -> tensor<?x?x8xf32> {
    attn.yield %x : tensor<?x?x8xf32>
  }
  return %y : tensor<?x?x8xf32>
}
