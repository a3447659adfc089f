// RUN: heed-opt %s -pass-pipeline="builtin.module(func.func(heed-inline-layers))" \
// RUN:   -mlir-print-debuginfo -mlir-print-local-scope | FileCheck %s

// The layers go, their order and their numbers stay.

// CHECK-LABEL: func.func @step(
// CHECK-SAME:      %[[H:[^:]*]]: tensor<?x?x8xf32>
//       CHECK:   %[[A:.*]] = arith.addf %[[H]], %[[H]] {{.*}} loc(fused<"layer 4">
//       CHECK:   %[[B:.*]] = arith.mulf %[[A]], %[[H]] {{.*}} loc(fused<"layer 7">
//   CHECK-NOT:   attn.layer
//       CHECK:   return %[[B]]
func.func @step(%h: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %a = attn.layer 4 "decoder" (%x = %h) : (tensor<?x?x8xf32>)
      -> tensor<?x?x8xf32> {
    %y = arith.addf %x, %x : tensor<?x?x8xf32>
    attn.yield %y : tensor<?x?x8xf32>
  }
  %b = attn.layer 7 "decoder" (%x = %a) : (tensor<?x?x8xf32>)
      -> tensor<?x?x8xf32> {
    %y = arith.mulf %x, %h : tensor<?x?x8xf32>
    attn.yield %y : tensor<?x?x8xf32>
  }
  return %b : tensor<?x?x8xf32>
}
