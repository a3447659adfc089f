// RUN: heed-opt %s | FileCheck %s
// RUN: heed-opt %s | heed-opt | FileCheck %s
// RUN: heed-opt %s --mlir-print-op-generic | heed-opt | FileCheck %s

!c = !attn.cache<[k : token 2x4xf32, v : token 2x4xf32]>

// CHECK-LABEL: func.func @block(
func.func @block(%ids: tensor<?x?xi32>, %table: tensor<16x8xbf16>,
                 %w: tensor<8x8xbf16>, %b: tensor<8xbf16>,
                 %up: tensor<12x8xbf16>, %down: tensor<8x12xbf16>,
                 %f: tensor<2xf32>) -> tensor<?x?x8xf32> {
  // CHECK: %[[H:.*]] = attn.embed %{{.*}}, %{{.*}} : tensor<16x8xbf16>, tensor<?x?xi32> -> tensor<?x?x8xbf16>
  %h = attn.embed %table, %ids : tensor<16x8xbf16>, tensor<?x?xi32>
      -> tensor<?x?x8xbf16>
  // CHECK: attn.norm rms %[[H]], %{{.*}} epsilon(9.99999974E-6) : tensor<?x?x8xbf16>, tensor<8xbf16>
  %n = attn.norm rms %h, %b epsilon(1.0e-5)
      : tensor<?x?x8xbf16>, tensor<8xbf16>
  // CHECK: attn.norm layer %{{.*}}, %{{.*}} bias(%{{.*}} : tensor<8xbf16>) epsilon(1.000000e+00) : tensor<?x?x8xbf16>, tensor<8xbf16>
  %n1 = attn.norm layer %n, %b bias(%b : tensor<8xbf16>) epsilon(1.0)
      : tensor<?x?x8xbf16>, tensor<8xbf16>
  // CHECK: attn.linear %{{.*}}, %{{.*}} bias(%{{.*}} : tensor<8xbf16>) : tensor<?x?x8xbf16>, tensor<8x8xbf16> -> tensor<?x?x8xbf16>
  %q0 = attn.linear %n1, %w bias(%b : tensor<8xbf16>)
      : tensor<?x?x8xbf16>, tensor<8x8xbf16> -> tensor<?x?x8xbf16>
  // CHECK: attn.split_heads %{{.*}} 2 : tensor<?x?x8xbf16>
  %q1 = attn.split_heads %q0 2 : tensor<?x?x8xbf16>
  // CHECK: attn.rotary %{{.*}}, %{{.*}}, %{{.*}} amplitude(1.000000e+00) : tensor<?x2x?x4xbf16>, tensor<?x?xi32>, tensor<2xf32>
  %q = attn.rotary %q1, %ids, %f amplitude(1.0)
      : tensor<?x2x?x4xbf16>, tensor<?x?xi32>, tensor<2xf32>
  // CHECK: attn.merge_heads %{{.*}} : tensor<?x2x?x4xbf16>
  %m = attn.merge_heads %q : tensor<?x2x?x4xbf16>
  // CHECK: attn.ffn silu %{{.*}}, %{{.*}}, %{{.*}} gate(%{{.*}} : tensor<12x8xbf16>) : tensor<?x?x8xbf16>, tensor<12x8xbf16>, tensor<8x12xbf16>
  %f1 = attn.ffn silu %m, %up, %down gate(%up : tensor<12x8xbf16>)
      : tensor<?x?x8xbf16>, tensor<12x8xbf16>, tensor<8x12xbf16>
  // CHECK: attn.ffn gelu_tanh %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x?x8xbf16>, tensor<12x8xbf16>, tensor<8x12xbf16>
  %f2 = attn.ffn gelu_tanh %f1, %up, %down
      : tensor<?x?x8xbf16>, tensor<12x8xbf16>, tensor<8x12xbf16>
  // CHECK: attn.gather_tokens %{{.*}}, %{{.*}} : tensor<?x?x8xbf16>, tensor<?x?xi32> -> tensor<?x?x8xbf16>
  %g = attn.gather_tokens %f2, %ids : tensor<?x?x8xbf16>, tensor<?x?xi32>
      -> tensor<?x?x8xbf16>
  // CHECK: attn.linear %{{.*}}, %{{.*}} : tensor<?x?x8xbf16>, tensor<8x8xbf16> -> tensor<?x?x8xf32>
  %l = attn.linear %g, %w : tensor<?x?x8xbf16>, tensor<8x8xbf16>
      -> tensor<?x?x8xf32>
  return %l : tensor<?x?x8xf32>
}

// CHECK-LABEL: func.func @attention(
func.func @attention(%q: tensor<?x4x?x4xf32>, %kn: tensor<?x2x?x4xf32>,
                     %pos: tensor<?x?xi32>, %c: !c) -> !c {
  // CHECK: %[[R:.*]]:3 = attn.cache_read %{{[a-z0-9_]+}} : !attn.cache<[k : token 2x4xf32, v : token 2x4xf32]> -> tensor<?x2x?x4xf32>, tensor<?x2x?x4xf32>, tensor<?x?xi32>
  %kc, %vc, %pc = attn.cache_read %c : !c
      -> tensor<?x2x?x4xf32>, tensor<?x2x?x4xf32>, tensor<?x?xi32>
  // CHECK: attn.attention %{{[a-z0-9_]+}} keys(%[[R]]#0, %{{[a-z0-9_]+}} : tensor<?x2x?x4xf32>, tensor<?x2x?x4xf32>)
  // CHECK-SAME: values(%[[R]]#1, %{{[a-z0-9_]+}} : tensor<?x2x?x4xf32>, tensor<?x2x?x4xf32>)
  // CHECK-SAME: at(%{{[a-z0-9_]+}} to %[[R]]#2, %{{[a-z0-9_]+}} : tensor<?x?xi32> to tensor<?x?xi32>, tensor<?x?xi32>)
  // CHECK-SAME: mask<causal, window = 256, sinks = 4> scale(1.250000e-01) softcap(2.000000e+00) score {
  // CHECK-NEXT: ^bb0(%[[S:.*]]: f32, %{{[a-z0-9_]+}}: index, %{{[a-z0-9_]+}}: index, %{{[a-z0-9_]+}}: i32, %{{[a-z0-9_]+}}: i32):
  // CHECK-NEXT:   attn.yield %[[S]] : f32
  // CHECK-NEXT: } : tensor<?x4x?x4xf32> -> tensor<?x4x?x4xf32>
  %o = attn.attention %q
      keys(%kc, %kn : tensor<?x2x?x4xf32>, tensor<?x2x?x4xf32>)
      values(%vc, %kn : tensor<?x2x?x4xf32>, tensor<?x2x?x4xf32>)
      at(%pos to %pc, %pos
         : tensor<?x?xi32> to tensor<?x?xi32>, tensor<?x?xi32>)
      mask<causal, window = 256, sinks = 4> scale(0.125) softcap(2.0) score {
      ^bb0(%s: f32, %b: index, %h: index, %p: i32, %k: i32):
        attn.yield %s : f32
      } : tensor<?x4x?x4xf32> -> tensor<?x4x?x4xf32>
  // CHECK: %[[O:.*]], %[[L:.*]] = attn.attention %{{[a-z0-9_]+}} keys(%{{[a-z0-9_]+}} : tensor<?x2x?x4xf32>) values(%{{[a-z0-9_]+}} : tensor<?x2x?x4xf32>)
  // CHECK-SAME: segments(%{{[a-z0-9_]+}} to %{{[a-z0-9_]+}} : tensor<?x?xi32> to tensor<?x?xi32>)
  // CHECK-SAME: mask<causal, window = [256, 64, 3, 4], prefix = 7, segments> scale(1.250000e+00)
  // CHECK-SAME: : tensor<?x4x?x4xf32> -> tensor<?x4x?x4xf32>, tensor<?x4x?xf32>
  %o1, %l = attn.attention %q keys(%kn : tensor<?x2x?x4xf32>)
      values(%kn : tensor<?x2x?x4xf32>)
      segments(%pos to %pos : tensor<?x?xi32> to tensor<?x?xi32>)
      mask<segments, window = [256, 64, 3, 4], causal, prefix = 7> scale(1.25)
      : tensor<?x4x?x4xf32> -> tensor<?x4x?x4xf32>, tensor<?x4x?xf32>
  // CHECK: attn.attention_partial %{{[a-z0-9_]+}} keys(%{{[a-z0-9_]+}} : tensor<?x2x?x4xf32>) values(%{{[a-z0-9_]+}} : tensor<?x2x?x4xf32>) mask<> scale(1.000000e+00)
  // CHECK-SAME: : tensor<?x4x?x4xf32> -> tensor<?x4x?x4xf32>, tensor<?x4x?xf32>, tensor<?x4x?xf32>
  %n, %m, %s = attn.attention_partial %q keys(%kn : tensor<?x2x?x4xf32>)
      values(%kn : tensor<?x2x?x4xf32>) mask<> scale(1.0)
      : tensor<?x4x?x4xf32>
      -> tensor<?x4x?x4xf32>, tensor<?x4x?xf32>, tensor<?x4x?xf32>
  // CHECK: attn.merge outputs(%[[O]], %[[O]]) lse(%[[L]], %[[L]]) : tensor<?x4x?x4xf32>, tensor<?x4x?xf32>
  %om, %lm = attn.merge outputs(%o1, %o1) lse(%l, %l)
      : tensor<?x4x?x4xf32>, tensor<?x4x?xf32>
  // CHECK: attn.cache_append %{{[a-z0-9_]+}}, %{{[a-z0-9_]+}}, %{{[a-z0-9_]+}}, %{{[a-z0-9_]+}} : !attn.cache<[k : token 2x4xf32, v : token 2x4xf32]>, tensor<?x2x?x4xf32>, tensor<?x2x?x4xf32>
  %c1 = attn.cache_append %c, %pos, %kn, %kn
      : !c, tensor<?x2x?x4xf32>, tensor<?x2x?x4xf32>
  return %c1 : !c
}
