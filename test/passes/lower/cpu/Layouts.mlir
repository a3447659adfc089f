// RUN: heed-opt %s -heed-lower-kernels-to-cpu -split-input-file | FileCheck %s

// A tile of R rows and C columns is memref<R x C> where its rows lie in the
// lanes, and memref<C x R> where its columns do.

!x = memref<16x12xf32, strided<[12, 1], offset: ?>>
!y = memref<16x24xf32, strided<[24, 1], offset: ?>>

// Many rows: those of the result and of `a` lie in the lanes, and so do those
// of what is computed from the result; `b` is read where it lies in memory.
// CHECK-LABEL: func.func @lanes_m(
// CHECK-SAME:    heed.scratch_bytes = 3840
// CHECK:         memref.view {{.*}} to memref<12x16xf32>
// CHECK:         memref.view {{.*}} to memref<24x16xf32>
// CHECK:         vector.fma
// CHECK:         memref.view {{.*}} to memref<24x16xf32>
// CHECK:         arith.negf
tile.kernel @lanes_m(%x: memref<?xf32>, %w: memref<?xf32>, %y: memref<?xf32>)
    grid(1) {
  %c0 = arith.constant 0 : index
  %xv = tile.view %x[%c0] sizes [16, 12] strides [12, 1] : memref<?xf32> to !x
  %wv = tile.view %w[%c0] sizes [24, 12] strides [12, 1]
      : memref<?xf32> to memref<24x12xf32, strided<[12, 1], offset: ?>>
  %yv = tile.view %y[%c0] sizes [16, 24] strides [24, 1] : memref<?xf32> to !y
  %a = tile.load %xv[%c0, %c0] : !x -> tensor<16x12xf32>
  %b = tile.load %wv[%c0, %c0]
      : memref<24x12xf32, strided<[12, 1], offset: ?>> -> tensor<24x12xf32>
  %zero = arith.constant dense<0.0> : tensor<16x24xf32>
  %p = tile.mma %a, %b, %zero {transpose_b}
      : tensor<16x12xf32>, tensor<24x12xf32>, tensor<16x24xf32>
  %n = arith.negf %p : tensor<16x24xf32>
  tile.store %n, %yv[%c0, %c0] : tensor<16x24xf32>, !y
  tile.return
}

// -----

!x = memref<12x16xf32, strided<[16, 1], offset: ?>>
!w = memref<12x24xf32, strided<[24, 1], offset: ?>>
!y = memref<16x24xf32, strided<[24, 1], offset: ?>>

// With transpose_a, the columns of `b` lie in the lanes: nothing is turned, and
// `b` is read from memory.
// CHECK-LABEL: func.func @lanes_n(
// CHECK-SAME:    heed.scratch_bytes = 2304
// CHECK:         memref.view {{.*}} to memref<12x16xf32>
// CHECK:         memref.view {{.*}} to memref<16x24xf32>
// CHECK-NOT:     memref.view
// CHECK:         vector.fma
tile.kernel @lanes_n(%x: memref<?xf32>, %w: memref<?xf32>, %y: memref<?xf32>)
    grid(1) {
  %c0 = arith.constant 0 : index
  %xv = tile.view %x[%c0] sizes [12, 16] strides [16, 1] : memref<?xf32> to !x
  %wv = tile.view %w[%c0] sizes [12, 24] strides [24, 1] : memref<?xf32> to !w
  %yv = tile.view %y[%c0] sizes [16, 24] strides [24, 1] : memref<?xf32> to !y
  %a = tile.load %xv[%c0, %c0] : !x -> tensor<12x16xf32>
  %b = tile.load %wv[%c0, %c0] : !w -> tensor<12x24xf32>
  %zero = arith.constant dense<0.0> : tensor<16x24xf32>
  %p = tile.mma %a, %b, %zero {transpose_a}
      : tensor<12x16xf32>, tensor<12x24xf32>, tensor<16x24xf32>
  tile.store %p, %yv[%c0, %c0] : tensor<16x24xf32>, !y
  tile.return
}

// -----

!x = memref<8x24xf32, strided<[24, 1], offset: ?>>
!w = memref<16x24xf32, strided<[24, 1], offset: ?>>
!y = memref<8x16xf32, strided<[16, 1], offset: ?>>

// Up to 8 rows with transpose_b: rows meet rows, and lanes are added up.
// CHECK-LABEL: func.func @dot(
// CHECK-SAME:    heed.scratch_bytes = 1280
// CHECK:         memref.view {{.*}} to memref<8x24xf32>
// CHECK:         memref.view {{.*}} to memref<8x16xf32>
// CHECK:         vector.fma
// CHECK:         vector.reduction <add>
tile.kernel @dot(%x: memref<?xf32>, %w: memref<?xf32>, %y: memref<?xf32>)
    grid(1) {
  %c0 = arith.constant 0 : index
  %xv = tile.view %x[%c0] sizes [8, 24] strides [24, 1] : memref<?xf32> to !x
  %wv = tile.view %w[%c0] sizes [16, 24] strides [24, 1] : memref<?xf32> to !w
  %yv = tile.view %y[%c0] sizes [8, 16] strides [16, 1] : memref<?xf32> to !y
  %a = tile.load %xv[%c0, %c0] : !x -> tensor<8x24xf32>
  %b = tile.load %wv[%c0, %c0] : !w -> tensor<16x24xf32>
  %zero = arith.constant dense<0.0> : tensor<8x16xf32>
  %p = tile.mma %a, %b, %zero {transpose_b}
      : tensor<8x24xf32>, tensor<16x24xf32>, tensor<8x16xf32>
  tile.store %p, %yv[%c0, %c0] : tensor<8x16xf32>, !y
  tile.return
}

// -----

!y = memref<16x24xf32, strided<[24, 1], offset: ?>>

// What a loop carries has one layout, that of the product in it.
// CHECK-LABEL: func.func @carried(
// CHECK-NOT:     memref<16x24xf32>
// CHECK:         memref.view {{.*}} to memref<24x16xf32>
// CHECK-NOT:     memref<16x24xf32>
// CHECK:         return
tile.kernel @carried(%y: memref<?xf32>, %n: index) grid(1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %yv = tile.view %y[%c0] sizes [16, 24] strides [24, 1] : memref<?xf32> to !y
  %t = tile.load %yv[%c0, %c0] : !y -> tensor<16x24xf32>
  %one = arith.constant dense<1.0> : tensor<16x4xf32>
  %two = arith.constant dense<2.0> : tensor<4x24xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %t)
      -> tensor<16x24xf32> {
    %p = tile.mma %one, %two, %a
        : tensor<16x4xf32>, tensor<4x24xf32>, tensor<16x24xf32>
    scf.yield %p : tensor<16x24xf32>
  }
  tile.store %r, %yv[%c0, %c0] : tensor<16x24xf32>, !y
  tile.return
}
