// RUN: heed-opt %s | heed-opt | FileCheck %s

!table = memref<?x256xbf16, strided<[256, 1], offset: ?>>

// Rows by number, in and out.
// CHECK-LABEL: tile.kernel @move
// CHECK-SAME: grid(%{{.*}} by 16)
tile.kernel @move(%from: memref<?xbf16>, %to: memref<?xbf16>,
                  %ids: memref<?xi32>, %n: index) grid(%n by 16)
    attributes {note = "kept"} {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %p = tile.program_id 0
  %row = arith.muli %p, %c16 : index
  %iv = tile.view %ids[%row] sizes [%n] strides [1]
      : memref<?xi32> to memref<?xi32, strided<[1], offset: ?>>
  %fv = tile.view %from[%c0] sizes [%n, 256] strides [256, 1]
      : memref<?xbf16> to !table
  %tv = tile.view %to[%c0] sizes [%n, 256] strides [256, 1]
      : memref<?xbf16> to !table
  %rows = tile.load %iv[%c0]
      : memref<?xi32, strided<[1], offset: ?>> -> tensor<16xi32>
  // CHECK: tile.gather %{{.*}}[%{{.*}}, %{{.*}}] : memref<?x256xbf16, strided<[256, 1], offset: ?>>, tensor<16xi32> -> tensor<16x256xbf16>
  %e = tile.gather %fv[%rows, %c0]
      : !table, tensor<16xi32> -> tensor<16x256xbf16>
  %there = tile.iota %row : tensor<16xi32>
  // CHECK: tile.scatter %{{.*}}, %{{.*}}[%{{.*}}, %{{.*}}] : tensor<16x256xbf16>, memref<?x256xbf16, strided<[256, 1], offset: ?>>, tensor<16xi32>
  tile.scatter %e, %tv[%there, %c0]
      : tensor<16x256xbf16>, !table, tensor<16xi32>
  // CHECK: tile.gather %{{.*}}[%{{.*}}] : memref<?xi32, strided<[1], offset: ?>>, tensor<16xi32> -> tensor<16xi32>
  %again = tile.gather %iv[%rows]
      : memref<?xi32, strided<[1], offset: ?>>, tensor<16xi32> -> tensor<16xi32>
  tile.scatter %again, %iv[%rows]
      : tensor<16xi32>, memref<?xi32, strided<[1], offset: ?>>, tensor<16xi32>
  tile.return
}

// A stream without carried values, one over scalars, and one whose steps may be
// divided: the greatest of the visited numbers, and how many they are.
// CHECK-LABEL: tile.kernel @streams
tile.kernel @streams(%n: index) grid(1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // CHECK: tile.stream (%{{.*}} to %{{.*}} step %{{.*}})
  // CHECK-NEXT: load (%{{.*}}: index) {
  tile.stream (%c0 to %n step %c1)
  load (%i: index) {
    tile.yield
  }
  body (%i: index) {
    tile.yield
  }
  // CHECK: tile.stream {{.*}} carry(%{{.*}} : index)
  %sum = tile.stream (%c0 to %n step %c1) carry(%c0 : index)
  load (%i: index) {
    %t = tile.iota %i : tensor<8xi32>
    tile.yield %t : tensor<8xi32>
  }
  body (%i: index, %t: tensor<8xi32>, %s: index) {
    %next = arith.addi %s, %i : index
    tile.yield %next : index
  }
  // CHECK: tile.stream {{.*}} carry(%{{.*}}, %{{.*}} : index, index)
  // CHECK: body (
  // CHECK: }
  // CHECK-NEXT: combine (%[[X0:.*]]: index, %[[N0:.*]]: index, %[[X1:.*]]: index, %[[N1:.*]]: index) {
  // CHECK-NEXT: arith.maxui %[[X0]], %[[X1]]
  // CHECK-NEXT: arith.addi %[[N0]], %[[N1]]
  // CHECK-NEXT: tile.yield %{{.*}}, %{{.*}} : index, index
  %max, %count = tile.stream (%c0 to %n step %c1) carry(%c0, %c0 : index, index)
  load (%i: index) {
    tile.yield
  }
  body (%i: index, %x: index, %k: index) {
    %next = arith.maxui %x, %i : index
    %more = arith.addi %k, %c1 : index
    tile.yield %next, %more : index, index
  }
  combine (%x0: index, %k0: index, %x1: index, %k1: index) {
    %x = arith.maxui %x0, %x1 : index
    %k = arith.addi %k0, %k1 : index
    tile.yield %x, %k : index, index
  }
  tile.return
}

// Parts of a program, the last of which goes on.
// CHECK-LABEL: tile.kernel @parts
tile.kernel @parts(%y: memref<?xf32>, %n: index) grid(3, %n by 1) {
  %c0 = arith.constant 0 : index
  %two = arith.constant dense<2.0> : tensor<8xf32>
  %p = tile.program_id 0
  %yv = tile.view %y[%p] sizes [8] strides [1]
      : memref<?xf32> to memref<8xf32, strided<[1], offset: ?>>
  %several = arith.cmpi sgt, %n, %c0 : index
  scf.if %several {
    // CHECK: tile.finish %{{.*}} of %{{.*}} {
    // CHECK-NEXT: tile.store %{{.*}} : tensor<8xf32>
    // CHECK-NEXT: }
    tile.finish %p of %n {
      tile.store %two, %yv[%c0]
          : tensor<8xf32>, memref<8xf32, strided<[1], offset: ?>>
    }
  }
  tile.return
}
