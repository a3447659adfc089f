// RUN: heed-opt %s -heed-lower-to-tile | FileCheck %s

// Eight rows a program in prefill, 300 columns in pieces of at most 256.

// CHECK-LABEL: tile.kernel @wide_kernel(
//       CHECK:   grid(%{{.*}} by 1, 1, %{{.*}} by 8)
//       CHECK:   tile.load {{.*}} -> tensor<8x256xf32>
//       CHECK:   tile.store
//       CHECK:   tile.load {{.*}} -> tensor<8x44xf32>
//       CHECK:   tile.store
func.func private @wide(%x: tensor<?x?x300xf32>) -> tensor<?x?x300xf32>
    attributes {attn.group = "elementwise", attn.phase = #attn.phase<prefill>} {
  %0 = arith.addf %x, %x : tensor<?x?x300xf32>
  return %0 : tensor<?x?x300xf32>
}

// In decode a sequence has one row.

// CHECK-LABEL: tile.kernel @narrow_kernel(
//       CHECK:   grid(%{{.*}} by 1, 3, %{{.*}} by 1)
//       CHECK:   tile.load {{.*}} -> tensor<1x8xf32>
func.func private @narrow(%x: tensor<?x3x?x8xf32>) -> tensor<?x3x?x8xf32>
    attributes {attn.group = "elementwise", attn.phase = #attn.phase<decode>} {
  %0 = arith.addf %x, %x : tensor<?x3x?x8xf32>
  return %0 : tensor<?x3x?x8xf32>
}
