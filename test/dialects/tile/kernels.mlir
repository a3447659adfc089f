// RUN: heed-opt %s | heed-opt | FileCheck %s
// Worked kernels: a product, a norm, attention. Rationale.md refers to them.

!wide = memref<?x128xf32, strided<[128, 1], offset: ?>>
!head = memref<?x64xf32, strided<[?, 1], offset: ?>>
!rows = memref<?xi32, strided<[1], offset: ?>>

// y[n, 256] = x[n, 128] * w[256, 128]^T: 64 rows by 64 columns a program.
// CHECK-LABEL: tile.kernel @matmul
// CHECK-SAME: (%[[X:.*]]: memref<?xf32>, %{{.*}}: memref<?xf32>, %{{.*}}: memref<?xf32>, %[[N:.*]]: index)
// CHECK-SAME: grid(%[[N]] by 64, 4) {
tile.kernel @matmul(%x: memref<?xf32>, %w: memref<?xf32>, %y: memref<?xf32>,
                    %n: index) grid(%n by 64, 4) {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %p = tile.program_id 0
  %q = tile.program_id 1
  %row = arith.muli %p, %c64 : index
  %col = arith.muli %q, %c64 : index
  // CHECK: tile.view %[[X]][%{{.*}}] sizes [%[[N]], 128] strides [128, 1]
  %xv = tile.view %x[%c0] sizes [%n, 128] strides [128, 1]
      : memref<?xf32> to !wide
  %wv = tile.view %w[%c0] sizes [256, 128] strides [128, 1]
      : memref<?xf32> to memref<256x128xf32, strided<[128, 1], offset: ?>>
  %yv = tile.view %y[%c0] sizes [%n, 256] strides [256, 1]
      : memref<?xf32> to memref<?x256xf32, strided<[256, 1], offset: ?>>
  // CHECK: tile.stream (%{{.*}} to %{{.*}} step %{{.*}}) carry(%{{.*}} : tensor<64x64xf32>)
  // CHECK-NEXT: load (%{{.*}}: index) {
  // CHECK: body (%{{.*}}: index, %{{.*}}: tensor<64x64xf32>,
  %acc = tile.stream (%c0 to %c128 step %c64) carry(%zero : tensor<64x64xf32>)
  load (%i: index) {
    %a = tile.load %xv[%row, %i] : !wide -> tensor<64x64xf32>
    %b = tile.load %wv[%col, %i]
        : memref<256x128xf32, strided<[128, 1], offset: ?>> -> tensor<64x64xf32>
    tile.yield %a, %b : tensor<64x64xf32>, tensor<64x64xf32>
  }
  body (%i: index, %a: tensor<64x64xf32>, %b: tensor<64x64xf32>,
        %sum: tensor<64x64xf32>) {
    %next = tile.mma %a, %b, %sum {transpose_b}
        : tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>
    tile.yield %next : tensor<64x64xf32>
  }
  tile.store %acc, %yv[%row, %col]
      : tensor<64x64xf32>, memref<?x256xf32, strided<[256, 1], offset: ?>>
  tile.return
}

// y = x / rms(x) * w: 4 rows of 128 a program.
// CHECK-LABEL: tile.kernel @norm
tile.kernel @norm(%x: memref<?xf32>, %w: memref<?xf32>, %y: memref<?xf32>,
                  %n: index) grid(%n by 4) {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %p = tile.program_id 0
  %row = arith.muli %p, %c4 : index
  %xv = tile.view %x[%c0] sizes [%n, 128] strides [128, 1]
      : memref<?xf32> to !wide
  %wv = tile.view %w[%c0] sizes [128] strides [1]
      : memref<?xf32> to memref<128xf32, strided<[1], offset: ?>>
  %yv = tile.view %y[%c0] sizes [%n, 128] strides [128, 1]
      : memref<?xf32> to !wide
  %t = tile.load %xv[%row, %c0] : !wide -> tensor<4x128xf32>
  %g = tile.load %wv[%c0]
      : memref<128xf32, strided<[1], offset: ?>> -> tensor<128xf32>
  %sq = arith.mulf %t, %t : tensor<4x128xf32>
  // CHECK: tile.reduce <add> %{{.*}} over 1 : tensor<4x128xf32> -> tensor<4xf32>
  %sum = tile.reduce <add> %sq over 1 : tensor<4x128xf32> -> tensor<4xf32>
  %inv = arith.constant dense<7.8125e-03> : tensor<4xf32>
  %eps = arith.constant dense<1.0e-06> : tensor<4xf32>
  %mean = arith.mulf %sum, %inv : tensor<4xf32>
  %safe = arith.addf %mean, %eps : tensor<4xf32>
  %scale = math.rsqrt %safe : tensor<4xf32>
  // CHECK: tile.broadcast %{{.*}} over 1 : tensor<4xf32> -> tensor<4x128xf32>
  %rows = tile.broadcast %scale over 1 : tensor<4xf32> -> tensor<4x128xf32>
  // CHECK: tile.broadcast %{{.*}} over 0 : tensor<128xf32> -> tensor<4x128xf32>
  %gain = tile.broadcast %g over 0 : tensor<128xf32> -> tensor<4x128xf32>
  %u = arith.mulf %t, %rows : tensor<4x128xf32>
  %v = arith.mulf %u, %gain : tensor<4x128xf32>
  tile.store %v, %yv[%row, %c0] : tensor<4x128xf32>, !wide
  tile.return
}

// Attention over a ring of keys, each with its position (-1: empty). A block
// that holds nothing the tile's last query may see is not visited.
// CHECK-LABEL: tile.kernel @attention
tile.kernel @attention(
    %q: memref<?xf32>, %k: memref<?xf32>, %v: memref<?xf32>, %o: memref<?xf32>,
    %qpos: memref<?xi32>, %kpos: memref<?xi32>, %n: index, %m: index,
    %capacity: index) grid(8, %n by 64) {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %ct = arith.constant 512 : index
  %none = arith.constant -1 : i32
  %zero1 = arith.constant dense<0.0> : tensor<64xf32>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %low1 = arith.constant dense<-1.0e30> : tensor<64xf32>
  %low = arith.constant dense<-1.0e30> : tensor<64x64xf32>
  %scale = arith.constant dense<0.18033688> : tensor<64x64xf32>
  %empty = arith.constant dense<0> : tensor<64x64xi32>
  %head = tile.program_id 0
  %p = tile.program_id 1
  %row = arith.muli %p, %c64 : index
  %qoff = arith.muli %head, %c64 : index
  %kbase = arith.muli %head, %capacity : index
  %koff = arith.muli %kbase, %c64 : index
  %qv = tile.view %q[%qoff] sizes [%n, 64] strides [%ct, 1]
      : memref<?xf32> to !head
  %ov = tile.view %o[%qoff] sizes [%n, 64] strides [%ct, 1]
      : memref<?xf32> to !head
  %kv = tile.view %k[%koff] sizes [%m, 64] strides [%c64, 1]
      : memref<?xf32> to !head
  %vv = tile.view %v[%koff] sizes [%m, 64] strides [%c64, 1]
      : memref<?xf32> to !head
  %qp = tile.view %qpos[%c0] sizes [%n] strides [1] : memref<?xi32> to !rows
  %kp = tile.view %kpos[%c0] sizes [%m] strides [1] : memref<?xi32> to !rows
  %qt = tile.load %qv[%row, %c0] : !head -> tensor<64x64xf32>
  %qpt = tile.load %qp[%row] : !rows -> tensor<64xi32>
  %last = tile.reduce <max> %qpt over 0 : tensor<64xi32> -> i32
  %qs = arith.mulf %qt, %scale : tensor<64x64xf32>
  %qrows = tile.broadcast %qpt over 1 : tensor<64xi32> -> tensor<64x64xi32>
  // CHECK: %{{.*}}:3 = tile.stream
  // CHECK-NEXT: where (%{{.*}}: index) {
  // CHECK: tile.yield %{{.*}} : i1
  // CHECK: load
  %acc, %max, %sum = tile.stream (%c0 to %m step %c64)
      carry(%zero, %low1, %zero1
            : tensor<64x64xf32>, tensor<64xf32>, tensor<64xf32>)
  where (%i: index) {
    %kpt = tile.load %kp[%i] : !rows -> tensor<64xi32>
    %lasts = tensor.splat %last : tensor<64xi32>
    %nones = tensor.splat %none : tensor<64xi32>
    %past = arith.cmpi sle, %kpt, %lasts : tensor<64xi32>
    %here = arith.select %past, %kpt, %nones : tensor<64xi1>, tensor<64xi32>
    %any = tile.reduce <max> %here over 0 : tensor<64xi32> -> i32
    %visit = arith.cmpi sgt, %any, %none : i32
    tile.yield %visit : i1
  }
  load (%i: index) {
    %kt = tile.load %kv[%i, %c0] : !head -> tensor<64x64xf32>
    %vt = tile.load %vv[%i, %c0] : !head -> tensor<64x64xf32>
    %kpt = tile.load %kp[%i] : !rows -> tensor<64xi32>
    %slot = tile.iota %i : tensor<64xi32>
    tile.yield %kt, %vt, %kpt, %slot
        : tensor<64x64xf32>, tensor<64x64xf32>, tensor<64xi32>, tensor<64xi32>
  }
  body (%i: index, %kt: tensor<64x64xf32>, %vt: tensor<64x64xf32>,
        %kpt: tensor<64xi32>, %slot: tensor<64xi32>, %a: tensor<64x64xf32>,
        %m0: tensor<64xf32>, %l0: tensor<64xf32>) {
    %s = tile.mma %qs, %kt, %zero {transpose_b}
        : tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>
    // Visible: appended (position >= 0), inside the view, not in the future.
    %kcols = tile.broadcast %kpt over 0 : tensor<64xi32> -> tensor<64x64xi32>
    %slots = tile.broadcast %slot over 0 : tensor<64xi32> -> tensor<64x64xi32>
    %mi = arith.index_cast %m : index to i32
    %mt = tensor.splat %mi : tensor<64x64xi32>
    %past = arith.cmpi sle, %kcols, %qrows : tensor<64x64xi32>
    %full = arith.cmpi sge, %kcols, %empty : tensor<64x64xi32>
    %inside = arith.cmpi slt, %slots, %mt : tensor<64x64xi32>
    %see0 = arith.andi %past, %full : tensor<64x64xi1>
    %see = arith.andi %see0, %inside : tensor<64x64xi1>
    %sm = arith.select %see, %s, %low : tensor<64x64xi1>, tensor<64x64xf32>
    %m1 = tile.reduce <max> %sm over 1 : tensor<64x64xf32> -> tensor<64xf32>
    %m2 = arith.maximumf %m0, %m1 : tensor<64xf32>
    %diff = arith.subf %m0, %m2 : tensor<64xf32>
    %alpha = math.exp2 %diff : tensor<64xf32>
    %mb = tile.broadcast %m2 over 1 : tensor<64xf32> -> tensor<64x64xf32>
    %sd = arith.subf %sm, %mb : tensor<64x64xf32>
    %e = math.exp2 %sd : tensor<64x64xf32>
    // A row that has seen nothing has maximum -1e30: zero its weights.
    %pt = arith.select %see, %e, %zero : tensor<64x64xi1>, tensor<64x64xf32>
    %lt = tile.reduce <add> %pt over 1 : tensor<64x64xf32> -> tensor<64xf32>
    %l1 = arith.mulf %l0, %alpha : tensor<64xf32>
    %l2 = arith.addf %l1, %lt : tensor<64xf32>
    %ab = tile.broadcast %alpha over 1 : tensor<64xf32> -> tensor<64x64xf32>
    %a1 = arith.mulf %a, %ab : tensor<64x64xf32>
    %a2 = tile.mma %pt, %vt, %a1
        : tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>
    tile.yield %a2, %m2, %l2
        : tensor<64x64xf32>, tensor<64xf32>, tensor<64xf32>
  }
  // A row that saw nothing gives zeros.
  %one1 = arith.constant dense<1.0> : tensor<64xf32>
  %seen = arith.cmpf ogt, %sum, %zero1 : tensor<64xf32>
  %den = arith.select %seen, %sum, %one1 : tensor<64xi1>, tensor<64xf32>
  %db = tile.broadcast %den over 1 : tensor<64xf32> -> tensor<64x64xf32>
  %out = arith.divf %acc, %db : tensor<64x64xf32>
  tile.store %out, %ov[%row, %c0] : tensor<64x64xf32>, !head
  tile.return
}
