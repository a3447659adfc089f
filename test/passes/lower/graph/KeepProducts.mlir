// RUN: heed-opt %s -heed-form-groups=keep-products=true | FileCheck %s
// RUN: heed-opt %s -heed-form-groups | FileCheck %s --check-prefix=JOIN

// The gate of an FFN: two products that a library can compute, and what both
// need behind them. What widens an operand for one op joins with that op.

// JOIN-LABEL: func.func @gated(
//       JOIN:   %[[ACTIVE:.*]] = call @gated_linear_1(
//       JOIN:   %[[Y:.*]] = call @gated_linear_0({{.*}}, %[[ACTIVE]])
//       JOIN:   return %[[Y]]

// CHECK-LABEL: func.func @gated(
//       CHECK:   %[[UP:.*]] = call @gated_linear_0(
//       CHECK:   %[[GATE:.*]] = call @gated_linear_0(
//       CHECK:   %[[Y:.*]] = call @gated_elementwise_0(%[[GATE]], %[[UP]])
//       CHECK:   return %[[Y]]
func.func @gated(%x: tensor<?x?x8xbf16>, %u: tensor<16x8xbf16>,
                 %g: tensor<16x8xbf16>) -> tensor<?x?x16xbf16>
    attributes {attn.phase = #attn.phase<prefill>} {
  %up = attn.linear %x, %u : tensor<?x?x8xbf16>, tensor<16x8xbf16>
      -> tensor<?x?x16xbf16>
  %gate = attn.linear %x, %g : tensor<?x?x8xbf16>, tensor<16x8xbf16>
      -> tensor<?x?x16xbf16>
  %0 = arith.extf %gate : tensor<?x?x16xbf16> to tensor<?x?x16xf32>
  %1 = math.exp %0 : tensor<?x?x16xf32>
  %2 = arith.extf %up : tensor<?x?x16xbf16> to tensor<?x?x16xf32>
  %3 = arith.mulf %1, %2 : tensor<?x?x16xf32>
  %4 = arith.truncf %3 : tensor<?x?x16xf32> to tensor<?x?x16xbf16>
  return %4 : tensor<?x?x16xbf16>
}

// A product keeps one residual, but no constant, and nothing behind it. A group
// may begin with an op that needs sizes.

// CHECK-LABEL: func.func @residuals(
//       CHECK:   call @residuals_linear_0(
//       CHECK:   call @residuals_elementwise_0(
//       CHECK:   call @residuals_linear_1(
//       CHECK:   call @residuals_elementwise_1(
func.func @residuals(%x: tensor<?x?x8xbf16>, %w: tensor<8x8xbf16>)
    -> tensor<?x?x8xbf16> attributes {attn.phase = #attn.phase<prefill>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant 1.0 : bf16
  %0 = attn.linear %x, %w : tensor<?x?x8xbf16>, tensor<8x8xbf16>
      -> tensor<?x?x8xbf16>
  %1 = arith.addf %x, %0 : tensor<?x?x8xbf16>
  %2 = math.tanh %1 : tensor<?x?x8xbf16>
  %3 = attn.linear %2, %w : tensor<?x?x8xbf16>, tensor<8x8xbf16>
      -> tensor<?x?x8xbf16>
  %b = tensor.dim %3, %c0 : tensor<?x?x8xbf16>
  %n = tensor.dim %3, %c1 : tensor<?x?x8xbf16>
  %ones = tensor.splat %one[%b, %n] : tensor<?x?x8xbf16>
  %4 = arith.addf %3, %ones : tensor<?x?x8xbf16>
  return %4 : tensor<?x?x8xbf16>
}

// In decode nothing is kept.

// CHECK-LABEL: func.func @decoded(
//       CHECK:   call @decoded_linear_0(
//  CHECK-NEXT:   return
func.func @decoded(%x: tensor<?x?x8xbf16>, %w: tensor<8x8xbf16>)
    -> tensor<?x?x8xbf16> attributes {attn.phase = #attn.phase<decode>} {
  %0 = attn.linear %x, %w : tensor<?x?x8xbf16>, tensor<8x8xbf16>
      -> tensor<?x?x8xbf16>
  %1 = math.tanh %0 : tensor<?x?x8xbf16>
  return %1 : tensor<?x?x8xbf16>
}

// The groups of all.

//      CHECK: func.func private @gated_linear_0(
// CHECK-NEXT:   attn.linear
// CHECK-NEXT:   return
//      CHECK: func.func private @gated_elementwise_0(
// CHECK-NEXT:   arith.extf
// CHECK-NEXT:   math.exp
// CHECK-NEXT:   arith.extf
// CHECK-NEXT:   arith.mulf
// CHECK-NEXT:   arith.truncf
// CHECK-NEXT:   return
//      CHECK: func.func private @residuals_linear_0(
// CHECK-NEXT:   attn.linear
// CHECK-NEXT:   arith.addf
// CHECK-NEXT:   return
//      CHECK: func.func private @residuals_linear_1(
// CHECK-NEXT:   attn.linear
// CHECK-NEXT:   return
//      CHECK: func.func private @residuals_elementwise_0(
// CHECK-NEXT:   math.tanh
// CHECK-NEXT:   return
//      CHECK: func.func private @residuals_elementwise_1(%[[Z:.*]]: tensor<?x?x8xbf16>)
//      CHECK:   tensor.dim %[[Z]]
//      CHECK:   tensor.splat
//      CHECK:   arith.addf
