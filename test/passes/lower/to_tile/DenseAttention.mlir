// RUN: heed-opt %s -heed-lower-to-tile | FileCheck %s

// The first stream begins with nothing seen, so its blocks may be divided: two
// sets combine under the maximum of both. The second goes on from the first.

// CHECK-LABEL: tile.kernel @two_kernel(
//       CHECK:   %[[FIRST:.*]]:3 = tile.stream
//       CHECK:   combine (%[[A0:.*]]: tensor<2x4xf32>, %[[M0:.*]]: tensor<2xf32>, %[[L0:.*]]: tensor<2xf32>, %[[A1:.*]]: tensor<2x4xf32>, %[[M1:.*]]: tensor<2xf32>, %[[L1:.*]]: tensor<2xf32>) {
//       CHECK:     %[[M:.*]] = arith.maximumf %[[M0]], %[[M1]]
// Of nothing, the origin is 0; scores are still to be scaled by log2(e) / 2.
//       CHECK:     %[[NONE:.*]] = arith.cmpf oeq, %[[M]]
//       CHECK:     %[[O:.*]] = arith.select %[[NONE]], %{{.*}}, %[[M]]
//       CHECK:     dense<-0.72134751>
//       CHECK:     %[[S:.*]] = arith.mulf %[[O]]
//       CHECK:     %[[D0:.*]] = math.fma %[[M0]], %{{.*}}, %[[S]]
//       CHECK:     %[[W0:.*]] = math.exp2 %[[D0]]
//       CHECK:     %[[R0:.*]] = tile.broadcast %[[W0]] over 1
//       CHECK:     %[[X0:.*]] = arith.mulf %[[A0]], %[[R0]]
//       CHECK:     %[[Y0:.*]] = arith.mulf %[[L0]], %[[W0]]
//       CHECK:     %[[D1:.*]] = math.fma %[[M1]], %{{.*}}, %[[S]]
//       CHECK:     %[[W1:.*]] = math.exp2 %[[D1]]
//       CHECK:     %[[R1:.*]] = tile.broadcast %[[W1]] over 1
//       CHECK:     %[[X1:.*]] = arith.mulf %[[A1]], %[[R1]]
//       CHECK:     %[[Y1:.*]] = arith.mulf %[[L1]], %[[W1]]
//   CHECK-DAG:     %[[A:.*]] = arith.addf %[[X0]], %[[X1]]
//   CHECK-DAG:     %[[L:.*]] = arith.addf %[[Y0]], %[[Y1]]
//       CHECK:     tile.yield %[[A]], %[[M]], %[[L]]
//       CHECK:   tile.stream {{.*}} carry(%[[FIRST]]#0, %[[FIRST]]#1, %[[FIRST]]#2
//   CHECK-NOT:   combine
//       CHECK:   tile.return
func.func private @two(%q: tensor<?x2x?x4xf32>, %k: tensor<?x1x?x4xf32>,
                       %l: tensor<?x1x?x4xf32>) -> tensor<?x2x?x4xf32>
    attributes {attn.group = "attention", attn.phase = #attn.phase<decode>} {
  %o = attn.attention %q keys(%k, %l : tensor<?x1x?x4xf32>, tensor<?x1x?x4xf32>)
      values(%k, %l : tensor<?x1x?x4xf32>, tensor<?x1x?x4xf32>)
      mask<> scale(0.5) : tensor<?x2x?x4xf32> -> tensor<?x2x?x4xf32>
  return %o : tensor<?x2x?x4xf32>
}
