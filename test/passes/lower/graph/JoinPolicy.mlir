// RUN: heed-opt %s -heed-form-groups | FileCheck %s

// The residual and the activation join; a value that leaves ends the group.

// CHECK-LABEL: func.func @prefill(
// CHECK-SAME:      %[[X:.*]]: tensor<?x?x8xf32>, %[[W:.*]]: tensor<8x8xf32>)
//       CHECK:   %[[A:.*]] = call @prefill_linear_0(%[[X]], %[[W]])
//       CHECK:   %[[B:.*]] = call @prefill_linear_1(%[[A]], %[[W]])
//       CHECK:   %[[C:.*]] = call @prefill_elementwise_0(%[[B]], %[[A]])
//       CHECK:   return %[[B]], %[[C]]

// A diamond inside the group is no reason to stop.
//       CHECK: func.func private @prefill_linear_0(
//       CHECK:   attn.linear
//       CHECK:   arith.negf
//       CHECK:   math.exp
//       CHECK:   tensor.splat
//       CHECK:   arith.addf
//       CHECK:   arith.divf
//       CHECK:   return

//       CHECK: func.func private @prefill_linear_1(
//  CHECK-NEXT:   attn.linear
//  CHECK-NEXT:   return
//       CHECK: func.func private @prefill_elementwise_0(
//  CHECK-NEXT:   math.tanh
//  CHECK-NEXT:   arith.mulf
//  CHECK-NEXT:   return
func.func @prefill(%x: tensor<?x?x8xf32>, %w: tensor<8x8xf32>)
    -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>)
    attributes {attn.phase = #attn.phase<prefill>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : f32
  %0 = attn.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
      -> tensor<?x?x8xf32>
  %b = tensor.dim %0, %c0 : tensor<?x?x8xf32>
  %n = tensor.dim %0, %c1 : tensor<?x?x8xf32>
  %ones = tensor.splat %one[%b, %n] : tensor<?x?x8xf32>
  %1 = arith.negf %0 : tensor<?x?x8xf32>
  %2 = math.exp %1 : tensor<?x?x8xf32>
  %3 = arith.addf %2, %ones : tensor<?x?x8xf32>
  %4 = arith.divf %0, %3 : tensor<?x?x8xf32>
  %5 = attn.linear %4, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
      -> tensor<?x?x8xf32>
  %6 = math.tanh %5 : tensor<?x?x8xf32>
  %7 = arith.mulf %6, %4 : tensor<?x?x8xf32>
  return %5, %7 : tensor<?x?x8xf32>, tensor<?x?x8xf32>
}
