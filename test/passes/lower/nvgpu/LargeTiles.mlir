// RUN: heed-opt %s --heed-lower-kernels-to-nvgpu --split-input-file \
// RUN:   --verify-diagnostics

// A tile that no register file holds is refused, not unrolled.
tile.kernel @large(%x: memref<?xf32>) grid(1) {
  // expected-error @below {{gives a tile of 'tensor<512x512xf32>', of which a thread would hold 2048 numbers, wanted at most 1024}}
  %a = arith.constant dense<1.0> : tensor<512x512xf32>
  tile.return
}

// -----

// One that products alone read lies in shared memory, of which it is too much:
// 128 rows of 2048 bytes and 16 of padding.
!v = memref<?x1024xbf16, strided<[1024, 1], offset: ?>>
// expected-error @below {{needs 264192 bytes of shared memory, sm_80 has 166912}}
tile.kernel @deep(%x: memref<?xbf16>, %y: memref<?xf32>, %n: index) grid(1) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant dense<0.0> : tensor<63x64xf32>
  %xv = tile.view %x[%c0] sizes [%n, 1024] strides [1024, 1]
      : memref<?xbf16> to !v
  %a = tile.load %xv[%c0, %c0] : !v -> tensor<63x1024xbf16>
  %b = tile.load %xv[%c0, %c0] : !v -> tensor<64x1024xbf16>
  %r = tile.mma %a, %b, %zero {transpose_b}
      : tensor<63x1024xbf16>, tensor<64x1024xbf16>, tensor<63x64xf32>
  %yv = tile.view %y[%c0] sizes [%n, 64] strides [64, 1] : memref<?xf32>
      to memref<?x64xf32, strided<[64, 1], offset: ?>>
  tile.store %r, %yv[%c0, %c0] : tensor<63x64xf32>,
      memref<?x64xf32, strided<[64, 1], offset: ?>>
  tile.return
}
