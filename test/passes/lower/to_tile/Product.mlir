// RUN: heed-opt %s -heed-lower-to-tile -canonicalize | FileCheck %s
// RUN: heed-opt %s -heed-lower-to-tile=target=sm_80 -canonicalize \
// RUN:   | FileCheck %s --check-prefix=GPU
// RUN: not heed-opt %s -heed-lower-to-tile=target=tpu 2>&1 \
// RUN:   | FileCheck %s --check-prefix=TARGET
// TARGET: error: expects the target cpu, sm_80 or sm_90a, got tpu

// On a GPU a step is 128 bytes deep, 256 where there are few rows.
// GPU-LABEL: tile.kernel @linear_kernel(
//       GPU:   tile.load {{.*}} -> tensor<8x128xbf16>
//       GPU:   tile.stream (%{{.*}} to %c128{{.*}} step %c64{{.*}})
//       GPU:     tile.load {{.*}} -> tensor<64x64xbf16>
//       GPU:   tile.load {{.*}} -> tensor<64x22xbf16>
// GPU-LABEL: tile.kernel @vector_kernel(
//       GPU:   tile.load {{.*}} -> tensor<32x128xbf16>

// 150 = 128 + 22: a stream of whole steps, then one narrower product. Up to
// eight tokens are one step of their own.

// CHECK-LABEL: tile.kernel @linear_kernel(
//       CHECK:   scf.if
//       CHECK:     tile.mma {{.*}} tensor<8x150xbf16>, tensor<64x150xbf16>
//       CHECK:   else
//       CHECK:   tile.stream (%{{.*}} to %c128{{.*}} step %c128{{.*}})
//       CHECK:     tile.load {{.*}} -> tensor<64x128xbf16>
//       CHECK:     tile.load {{.*}} -> tensor<64x128xbf16>
//       CHECK:   tile.load {{.*}} -> tensor<64x22xbf16>
//       CHECK:   tile.mma {{.*}} tensor<64x22xbf16>, tensor<64x22xbf16>, tensor<64x64xf32>
//       CHECK:   arith.truncf {{.*}} to tensor<64x64xbf16>
func.func private @linear(%x: tensor<?x?x150xbf16>, %w: tensor<90x150xbf16>)
    -> tensor<?x?x90xbf16>
    attributes {attn.group = "linear", attn.phase = #attn.phase<prefill>} {
  %0 = attn.linear %x, %w : tensor<?x?x150xbf16>, tensor<90x150xbf16>
      -> tensor<?x?x90xbf16>
  return %0 : tensor<?x?x90xbf16>
}

// A divisor of the block needs no second product; one row has its own branch.

// CHECK-LABEL: tile.kernel @vector_kernel(
//       CHECK:   grid(3)
//       CHECK:   scf.if
//       CHECK:     tile.mma {{.*}} tensor<1x512xbf16>, tensor<32x512xbf16>
//   CHECK-NOT:     tile.mma
//       CHECK:   else
//       CHECK:     tile.mma {{.*}} tensor<8x512xbf16>, tensor<32x512xbf16>
//   CHECK-NOT:     tile.mma
func.func private @vector(%x: tensor<?x?x1024xbf16>, %w: tensor<90x1024xbf16>)
    -> tensor<?x?x90xbf16>
    attributes {attn.group = "linear", attn.phase = #attn.phase<decode>} {
  %0 = attn.linear %x, %w : tensor<?x?x1024xbf16>, tensor<90x1024xbf16>
      -> tensor<?x?x90xbf16>
  return %0 : tensor<?x?x90xbf16>
}
