// RUN: heed-opt %s -heed-lower-kernels-to-cpu \
// RUN:   | FileCheck %s --check-prefixes=CHECK,V3
// RUN: heed-opt %s -heed-lower-kernels-to-cpu=cpu=x86-64-v4 \
// RUN:   | FileCheck %s --check-prefixes=CHECK,V4
// RUN: not heed-opt %s -heed-lower-kernels-to-cpu=cpu=pentium 2>&1 \
// RUN:   | FileCheck %s --check-prefix=PENTIUM

// PENTIUM: error: expects the processor x86-64-v3 or x86-64-v4, got pentium

// Other functions stay; kernels become functions behind them, in their order.
// CHECK-NOT:   tile.kernel
// CHECK-LABEL: func.func @other(
func.func @other(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

// Buffers are addresses; scratch memory and the program's number come last. A
// tile takes its bytes, rounded up to 64. Vectors are twice as wide as a
// register.
// CHECK-LABEL: func.func @add(
// CHECK-SAME:    %arg0: memref<1xf32>, %arg1: memref<1xi16>, %arg2: index, %arg3: memref<1088xi8>, %arg4: index)
// CHECK-SAME:    heed.scratch_bytes = 1088
// V3:            arith.addf {{.*}} : vector<16xf32>
// V4:            arith.addf {{.*}} : vector<32xf32>
// CHECK:         vector.store {{.*}} : memref<4x32xf32>
// CHECK:         return
tile.kernel @add(%x: memref<?xf32>, %y: memref<?xbf16>, %n: index) grid(1) {
  %c0 = arith.constant 0 : index
  %v = tile.view %x[%c0] sizes [%n, 32] strides [32, 1]
      : memref<?xf32> to memref<?x32xf32, strided<[32, 1], offset: ?>>
  %w = tile.view %y[%c0] sizes [1] strides [1]
      : memref<?xbf16> to memref<1xbf16, strided<[1], offset: ?>>
  %a = tile.load %v[%c0, %c0]
      : memref<?x32xf32, strided<[32, 1], offset: ?>> -> tensor<4x32xf32>
  %b = arith.addf %a, %a : tensor<4x32xf32>
  %c = tile.load %w[%c0]
      : memref<1xbf16, strided<[1], offset: ?>> -> tensor<1xbf16>
  tile.store %b, %v[%c0, %c0]
      : tensor<4x32xf32>, memref<?x32xf32, strided<[32, 1], offset: ?>>
  tile.return
}

// CHECK-LABEL: func.func @nothing(
// CHECK-SAME:    heed.scratch_bytes = 0
tile.kernel @nothing() grid(4) {
  tile.return
}
