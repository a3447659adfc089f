// RUN: heed-opt %s -heed-lower-to-tile | FileCheck %s

// Splitting heads is where a tile is stored: rows of a head, 8 wide; merging
// likewise: rows 24 apart.

// CHECK-LABEL: tile.kernel @split_kernel(
//       CHECK:   tile.view {{.*}} sizes [%{{.*}}, 24] strides [24, 1]
//       CHECK:   tile.view {{.*}} sizes [%{{.*}}, 8] strides [8, 1]
//       CHECK:   tile.store
//       CHECK:   tile.store
//       CHECK:   tile.store
//   CHECK-NOT:   tile.store
func.func private @split(%x: tensor<?x?x24xf32>) -> tensor<?x3x?x8xf32>
    attributes {attn.group = "elementwise", attn.phase = #attn.phase<prefill>} {
  %0 = attn.split_heads %x 3 : tensor<?x?x24xf32>
  return %0 : tensor<?x3x?x8xf32>
}

// CHECK-LABEL: tile.kernel @merge_kernel(
//       CHECK:   tile.view {{.*}} sizes [%{{.*}}, 8] strides [8, 1]
//       CHECK:   tile.view {{.*}} sizes [%{{.*}}, 8] strides [24, 1]
//       CHECK:   tile.store
//   CHECK-NOT:   tile.store
func.func private @merge(%x: tensor<?x3x?x8xf32>) -> tensor<?x?x24xf32>
    attributes {attn.group = "elementwise", attn.phase = #attn.phase<prefill>} {
  %0 = attn.merge_heads %x : tensor<?x3x?x8xf32>
  return %0 : tensor<?x?x24xf32>
}
