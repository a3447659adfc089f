// RUN: heed-opt %s --heed-split-kernels --canonicalize --cse | FileCheck %s

// A program of one part ends as it did. Those of several go by the workspace:
// 4 x 8 numbers and, behind them, 3 in the place of 4. What continues the stream
// is divided like it.

// CHECK-LABEL: tile.kernel @sum(
//  CHECK-SAME:   %[[X:[^:]*]]: memref<?xf32>, %[[Y:[^:]*]]: memref<?xf32>, %[[B:[^:]*]]: index, %[[N:[^:]*]]: index, %[[PARTS:[^:]*]]: index, %[[SPACE:[^:]*]]: memref<?xf32>) grid(%[[B]] by 1, 3, %[[N]] by 8, %[[PARTS]] by 1) {
//       CHECK:   %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : tensor<4x8xf32>
//       CHECK:   %[[SCALE:.*]] = tensor.splat
//       CHECK:   %[[PART:.*]] = tile.program_id 3
//       CHECK:   %[[LOWER:.*]] = arith.muli %[[PART]], %c16
//       CHECK:   %[[STEP:.*]] = arith.muli %[[PARTS]], %c16
//       CHECK:   %[[FIRST:.*]]:2 = tile.stream (%[[LOWER]] to %[[N]] step %[[STEP]])
//       CHECK:   %[[SECOND:.*]]:2 = tile.stream (%[[PART]] to %[[B]] step %[[PARTS]]) carry(%[[FIRST]]#0, %[[FIRST]]#1
//       CHECK:   %[[WHOLE:.*]] = arith.cmpi eq, %[[PARTS]], %c1
//       CHECK:   scf.if %[[WHOLE]] {
//       CHECK:     %[[BIAS:.*]] = arith.addf %[[SECOND]]#0, %{{.*}}
//       CHECK:     tile.store %[[BIAS]], %[[OUT:.*]][%c0, %c0]
//       CHECK:     tile.store %[[SECOND]]#1
//   CHECK-NOT:     tile.store
//       CHECK:   } else {
//       CHECK:     %[[ROW:.*]] = arith.muli %{{.*}}, %c3
//       CHECK:     %[[AT:.*]] = arith.addi %[[ROW]], %{{.*}}
//       CHECK:     %[[UP:.*]] = arith.addi %[[N]], %c7
//       CHECK:     %[[BLOCKS:.*]] = arith.divui %[[UP]], %c8
//       CHECK:     %[[PROGRAM0:.*]] = arith.muli %[[AT]], %[[BLOCKS]]
//       CHECK:     %[[PROGRAM:.*]] = arith.addi %[[PROGRAM0]], %{{.*}}
//       CHECK:     %[[PLACE0:.*]] = arith.muli %[[PROGRAM]], %[[PARTS]]
//       CHECK:     %[[PLACE:.*]] = arith.addi %[[PLACE0]], %[[PART]]
//       CHECK:     %[[BEGIN:.*]] = arith.muli %[[PLACE]], %c36
//       CHECK:     %[[TILE:.*]] = tile.view %[[SPACE]][%[[BEGIN]]] sizes [4, 8] strides [8, 1]
//       CHECK:     tile.store %[[SECOND]]#0, %[[TILE]]
//       CHECK:     %[[BEHIND:.*]] = arith.addi %[[BEGIN]], %c32
//       CHECK:     %[[LINE:.*]] = tile.view %[[SPACE]][%[[BEHIND]]] sizes [3] strides [1]
//       CHECK:     tile.store %[[SECOND]]#1, %[[LINE]]

// All loads of sixteen parts come before the first of them is needed; so do
// those of eight where fewer are left. A tile that the end needs is loaded anew.

//       CHECK:     tile.finish %[[PROGRAM]] of %[[PARTS]] {
//       CHECK:       %[[LEFT:.*]] = arith.remui %[[PARTS]], %c16
//       CHECK:       %[[MOST:.*]] = arith.subi %[[PARTS]], %[[LEFT]]
//       CHECK:       %[[MANY:.*]]:2 = scf.for %{{.*}} = %c0 to %[[MOST]] step %c16 iter_args(%{{.*}} = %[[ZERO]],
// CHECK-COUNT-32:       tile.load
//   CHECK-NOT:       tile.load
//   CHECK-NOT:       arith.select
// CHECK-COUNT-16:       arith.addf {{.*}} : tensor<4x8xf32>
//       CHECK:       scf.yield
//       CHECK:       %[[ALL:.*]]:2 = scf.for %{{.*}} = %[[MOST]] to %[[PARTS]] step %c8 iter_args(%{{.*}} = %[[MANY]]#0, %{{.*}} = %[[MANY]]#1)
// CHECK-COUNT-16:       tile.load
//   CHECK-NOT:       tile.load
// CHECK-COUNT-16:       arith.select
// CHECK-COUNT-8:        arith.addf {{.*}} : tensor<4x8xf32>
//       CHECK:       scf.yield
//       CHECK:       %[[LOADED:.*]] = tile.load
//       CHECK:       %[[ADDED:.*]] = arith.mulf %[[LOADED]], %[[SCALE]]
//       CHECK:       %[[END:.*]] = arith.addf %[[ALL]]#0, %[[ADDED]]
//       CHECK:       tile.store %[[END]], %[[OUT]][%c0, %c0]
//       CHECK:       tile.store %[[ALL]]#1
//   CHECK-NOT:   tile.store
//       CHECK:   tile.return

// CHECK: func.func private @group
// CHECK-SAME: launches = [{kernel = @sum, words = ["argument 0", "result 0", "batch", "tokens 0", "parts", "workspace 36"]}]
!y = memref<4x8xf32, strided<[8, 1], offset: ?>>
!z = memref<3xf32, strided<[1], offset: ?>>
tile.kernel @sum(%x: memref<?xf32>, %y: memref<?xf32>, %b: index, %n: index)
    grid(%b by 1, 3, %n by 8) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %sequence = tile.program_id 0
  %zero = arith.constant dense<0.0> : tensor<4x8xf32>
  %none = arith.constant dense<0.0> : tensor<3xf32>
  %yv = tile.view %y[%c0] sizes [4, 8] strides [8, 1] : memref<?xf32> to !y
  %zv = tile.view %y[%c16] sizes [3] strides [1] : memref<?xf32> to !z
  %inside = arith.cmpi slt, %sequence, %b : index
  %count = arith.index_cast %n : index to i32
  %factor = arith.sitofp %count : i32 to f32
  %scale = tensor.splat %factor : tensor<4x8xf32>
  %loaded = tile.load %yv[%c0, %c0] : !y -> tensor<4x8xf32>
  %added = arith.mulf %loaded, %scale : tensor<4x8xf32>
  scf.if %inside {
    %s, %l = tile.stream (%c0 to %n step %c16)
        carry(%zero, %none : tensor<4x8xf32>, tensor<3xf32>)
    load (%i: index) {
      %xv = tile.view %x[%i] sizes [4, 8] strides [8, 1] : memref<?xf32> to !y
      %t = tile.load %xv[%c0, %c0] : !y -> tensor<4x8xf32>
      tile.yield %t : tensor<4x8xf32>
    }
    body (%i: index, %t: tensor<4x8xf32>, %a: tensor<4x8xf32>,
          %c: tensor<3xf32>) {
      %d = arith.addf %a, %t : tensor<4x8xf32>
      tile.yield %d, %c : tensor<4x8xf32>, tensor<3xf32>
    }
    combine (%a: tensor<4x8xf32>, %c: tensor<3xf32>, %d: tensor<4x8xf32>,
             %e: tensor<3xf32>) {
      %f = arith.addf %a, %d : tensor<4x8xf32>
      %g = arith.maximumf %c, %e : tensor<3xf32>
      tile.yield %f, %g : tensor<4x8xf32>, tensor<3xf32>
    }
    %s2, %l2 = tile.stream (%c0 to %b step %c1)
        carry(%s, %l : tensor<4x8xf32>, tensor<3xf32>) attributes {continues}
    load (%i: index) {
      %xv = tile.view %x[%i] sizes [4, 8] strides [8, 1] : memref<?xf32> to !y
      %t = tile.load %xv[%c0, %c0] : !y -> tensor<4x8xf32>
      tile.yield %t : tensor<4x8xf32>
    }
    body (%i: index, %t: tensor<4x8xf32>, %a: tensor<4x8xf32>,
          %c: tensor<3xf32>) {
      %d = arith.addf %a, %t : tensor<4x8xf32>
      tile.yield %d, %c : tensor<4x8xf32>, tensor<3xf32>
    }
    %end = arith.addf %s2, %added : tensor<4x8xf32>
    tile.store %end, %yv[%c0, %c0] : tensor<4x8xf32>, !y
    tile.store %l2, %zv[%c0] : tensor<3xf32>, !z
  }
  tile.return
}
func.func private @group(tensor<?x?xf32>) -> tensor<?x?xf32>
    attributes {attn.group = "test", attn.phase = #attn.phase<decode>,
                launches = [{kernel = @sum, words = ["argument 0", "result 0",
                                                     "batch", "tokens 0"]}]}

// What cannot be divided stays: a scalar is carried; a step's sum is stored as
// it is; an unfinished sum is used; a loop is around; prefill has programs
// enough.

// CHECK: tile.kernel @scalar(
tile.kernel @scalar(%y: memref<?xf32>, %n: index) grid(1) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %s = tile.stream (%c0 to %n step %n) carry(%zero : f32)
  load (%i: index) {
    tile.yield
  }
  body (%i: index, %a: f32) {
    tile.yield %a : f32
  }
  combine (%a: f32, %b: f32) {
    tile.yield %a : f32
  }
  memref.store %s, %y[%c0] : memref<?xf32>
  tile.return
}
// CHECK: kernel = @scalar, words = ["result 0", "tokens 0"]
func.func private @g0(tensor<?x?xf32>) -> tensor<?x?xf32>
    attributes {attn.group = "test", attn.phase = #attn.phase<decode>,
                launches = [{kernel = @scalar,
                             words = ["result 0", "tokens 0"]}]}

// CHECK: tile.kernel @stores_before(
tile.kernel @stores_before(%y: memref<?xf32>, %n: index) grid(1) {
  %c0 = arith.constant 0 : index
  %f = arith.constant 0.0 : f32
  %zero = arith.constant dense<0.0> : tensor<3xf32>
  %yv = tile.view %y[%c0] sizes [3] strides [1] : memref<?xf32> to !z
  memref.store %f, %y[%c0] : memref<?xf32>
  %s = tile.stream (%c0 to %n step %n) carry(%zero : tensor<3xf32>)
  load (%i: index) {
    tile.yield
  }
  body (%i: index, %a: tensor<3xf32>) {
    tile.yield %a : tensor<3xf32>
  }
  combine (%a: tensor<3xf32>, %b: tensor<3xf32>) {
    tile.yield %a : tensor<3xf32>
  }
  tile.store %s, %yv[%c0] : tensor<3xf32>, !z
  tile.return
}
// CHECK: kernel = @stores_before, words = ["result 0", "tokens 0"]
func.func private @g1(tensor<?x?xf32>) -> tensor<?x?xf32>
    attributes {attn.group = "test", attn.phase = #attn.phase<decode>,
                launches = [{kernel = @stores_before,
                             words = ["result 0", "tokens 0"]}]}

// CHECK: tile.kernel @unfinished(
tile.kernel @unfinished(%y: memref<?xf32>, %n: index) grid(1) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant dense<0.0> : tensor<3xf32>
  %yv = tile.view %y[%c0] sizes [3] strides [1] : memref<?xf32> to !z
  %s = tile.stream (%c0 to %n step %n) carry(%zero : tensor<3xf32>)
  load (%i: index) {
    tile.yield
  }
  body (%i: index, %a: tensor<3xf32>) {
    tile.yield %a : tensor<3xf32>
  }
  combine (%a: tensor<3xf32>, %b: tensor<3xf32>) {
    tile.yield %a : tensor<3xf32>
  }
  %t = tile.stream (%c0 to %n step %n) carry(%s : tensor<3xf32>)
      attributes {continues}
  load (%i: index) {
    tile.yield
  }
  body (%i: index, %a: tensor<3xf32>) {
    tile.yield %a : tensor<3xf32>
  }
  %u = arith.addf %s, %t : tensor<3xf32>
  tile.store %u, %yv[%c0] : tensor<3xf32>, !z
  tile.return
}
// CHECK: kernel = @unfinished, words = ["result 0", "tokens 0"]
func.func private @g2(tensor<?x?xf32>) -> tensor<?x?xf32>
    attributes {attn.group = "test", attn.phase = #attn.phase<decode>,
                launches = [{kernel = @unfinished,
                             words = ["result 0", "tokens 0"]}]}

// CHECK: tile.kernel @loop(
tile.kernel @loop(%y: memref<?xf32>, %n: index) grid(1) {
  %c0 = arith.constant 0 : index
  %zero = arith.constant dense<0.0> : tensor<3xf32>
  %yv = tile.view %y[%c0] sizes [3] strides [1] : memref<?xf32> to !z
  scf.for %j = %c0 to %n step %n {
    %s = tile.stream (%c0 to %n step %n) carry(%zero : tensor<3xf32>)
    load (%i: index) {
      tile.yield
    }
    body (%i: index, %a: tensor<3xf32>) {
      tile.yield %a : tensor<3xf32>
    }
    combine (%a: tensor<3xf32>, %b: tensor<3xf32>) {
      tile.yield %a : tensor<3xf32>
    }
    tile.store %s, %yv[%c0] : tensor<3xf32>, !z
  }
  tile.return
}
// CHECK: kernel = @loop, words = ["result 0", "tokens 0"]
// CHECK: kernel = @loop, words = ["result 0", "tokens 0"]
func.func private @g3(tensor<?x?xf32>) -> tensor<?x?xf32>
    attributes {attn.group = "test", attn.phase = #attn.phase<decode>,
                launches = [{kernel = @loop,
                             words = ["result 0", "tokens 0"]}]}
func.func private @g4(tensor<?x?xf32>) -> tensor<?x?xf32>
    attributes {attn.group = "test", attn.phase = #attn.phase<prefill>,
                launches = [{kernel = @loop,
                             words = ["result 0", "tokens 0"]}]}
