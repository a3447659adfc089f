// RUN: heed-opt %s -pass-pipeline="builtin.module(func.func(heed-expand-blocks))" \
// RUN:   | FileCheck %s

// The gate's activation and the product are f32, rounded once.

// CHECK-LABEL: func.func @gated(
// CHECK-SAME:      %[[X:.*]]: tensor<?x?x8xbf16>, %[[U:.*]]: tensor<16x8xbf16>, %[[G:.*]]: tensor<16x8xbf16>, %[[D:.*]]: tensor<8x16xbf16>)
//       CHECK:   %[[UP:.*]] = attn.linear %[[X]], %[[U]]
//       CHECK:   %[[GATE:.*]] = attn.linear %[[X]], %[[G]]
//       CHECK:   %[[WIDE:.*]] = arith.extf %[[GATE]]
//       CHECK:   math.exp
//       CHECK:   %[[ACTIVE:.*]] = arith.divf %[[WIDE]]
//       CHECK:   %[[FACTOR:.*]] = arith.extf %[[UP]]
//       CHECK:   %[[PRODUCT:.*]] = arith.mulf %[[ACTIVE]], %[[FACTOR]]
//       CHECK:   %[[NARROW:.*]] = arith.truncf %[[PRODUCT]]
//       CHECK:   %[[Y:.*]] = attn.linear %[[NARROW]], %[[D]]
//       CHECK:   return %[[Y]]
func.func @gated(%x: tensor<?x?x8xbf16>, %u: tensor<16x8xbf16>,
                 %g: tensor<16x8xbf16>, %d: tensor<8x16xbf16>)
    -> tensor<?x?x8xbf16> {
  %y = attn.ffn silu %x, %u, %d gate(%g : tensor<16x8xbf16>)
      : tensor<?x?x8xbf16>, tensor<16x8xbf16>, tensor<8x16xbf16>
  return %y : tensor<?x?x8xbf16>
}

// CHECK-LABEL: func.func @plain(
//       CHECK:   %[[UP:.*]] = attn.linear
//       CHECK:   %[[ZERO:.*]] = tensor.splat %{{.*}}[%{{.*}}, %{{.*}}] : tensor<?x?x16xf32>
//       CHECK:   %[[ACTIVE:.*]] = arith.maximumf %[[UP]], %[[ZERO]]
//       CHECK:   attn.linear %[[ACTIVE]]
func.func @plain(%x: tensor<?x?x8xf32>, %u: tensor<16x8xf32>,
                 %d: tensor<8x16xf32>) -> tensor<?x?x8xf32> {
  %y = attn.ffn relu %x, %u, %d
      : tensor<?x?x8xf32>, tensor<16x8xf32>, tensor<8x16xf32>
  return %y : tensor<?x?x8xf32>
}
