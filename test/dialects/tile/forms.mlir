// RUN: heed-opt %s | heed-opt | FileCheck %s
// The index-list and the chunk-scan form of the stream; see Rationale.md.

!rows = memref<?x64xbf16, strided<[64, 1], offset: ?>>
!out = memref<?x64xf32, strided<[64, 1], offset: ?>>

// Attention over listed blocks: count[tile] ids at list[tile * limit ...].
// CHECK-LABEL: tile.kernel @listed
tile.kernel @listed(%q: memref<?xbf16>, %k: memref<?xbf16>, %v: memref<?xbf16>,
                    %o: memref<?xf32>, %count: memref<?xi32>,
                    %list: memref<?xi32>, %n: index, %limit: index)
    grid(%n by 64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %zero1 = arith.constant dense<0.0> : tensor<64xf32>
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %low1 = arith.constant dense<-1.0e30> : tensor<64xf32>
  %p = tile.program_id 0
  %row = arith.muli %p, %c64 : index
  %first = arith.muli %p, %limit : index
  %steps32 = memref.load %count[%p] : memref<?xi32>
  %steps = arith.index_cast %steps32 : i32 to index
  %last = arith.subi %steps, %c1 : index
  %qv = tile.view %q[%c0] sizes [%n, 64] strides [64, 1] : memref<?xbf16> to !rows
  %kv = tile.view %k[%c0] sizes [%n, 64] strides [64, 1] : memref<?xbf16> to !rows
  %vv = tile.view %v[%c0] sizes [%n, 64] strides [64, 1] : memref<?xbf16> to !rows
  %ov = tile.view %o[%c0] sizes [%n, 64] strides [64, 1] : memref<?xf32> to !out
  %qt = tile.load %qv[%row, %c0] : !rows -> tensor<64x64xbf16>
  // CHECK: tile.stream
  // CHECK: load
  // CHECK: memref.load
  %a, %m, %l = tile.stream (%c0 to %steps step %c1)
      carry(%zero, %low1, %zero1
            : tensor<64x64xf32>, tensor<64xf32>, tensor<64xf32>)
  load (%i: index) {
    // From the end of the list: the ragged block is then the first step.
    %back = arith.subi %last, %i : index
    %at = arith.addi %first, %back : index
    %id = memref.load %list[%at] : memref<?xi32>
    %block = arith.index_cast %id : i32 to index
    %krow = arith.muli %block, %c64 : index
    %kt = tile.load %kv[%krow, %c0] : !rows -> tensor<64x64xbf16>
    %vt = tile.load %vv[%krow, %c0] : !rows -> tensor<64x64xbf16>
    %at32 = tile.iota %krow : tensor<64xi32>
    tile.yield %kt, %vt, %at32
        : tensor<64x64xbf16>, tensor<64x64xbf16>, tensor<64xi32>
  }
  body (%i: index, %kt: tensor<64x64xbf16>, %vt: tensor<64x64xbf16>,
        %cols: tensor<64xi32>, %a0: tensor<64x64xf32>, %m0: tensor<64xf32>,
        %l0: tensor<64xf32>) {
    %s = tile.mma %qt, %kt, %zero {transpose_b}
        : tensor<64x64xbf16>, tensor<64x64xbf16>, tensor<64x64xf32>
    // Only the first step may be ragged.
    %ragged = arith.cmpi eq, %i, %c0 : index
    %sm = scf.if %ragged -> tensor<64x64xf32> {
      %n32 = arith.index_cast %n : index to i32
      %ns = tensor.splat %n32 : tensor<64xi32>
      %in = arith.cmpi slt, %cols, %ns : tensor<64xi32>
      %low = arith.constant dense<-1.0e30> : tensor<64x64xf32>
      %see = tile.broadcast %in over 0 : tensor<64xi1> -> tensor<64x64xi1>
      %masked = arith.select %see, %s, %low
          : tensor<64x64xi1>, tensor<64x64xf32>
      scf.yield %masked : tensor<64x64xf32>
    } else {
      scf.yield %s : tensor<64x64xf32>
    }
    %m1 = tile.reduce <max> %sm over 1 : tensor<64x64xf32> -> tensor<64xf32>
    %m2 = arith.maximumf %m0, %m1 : tensor<64xf32>
    %diff = arith.subf %m0, %m2 : tensor<64xf32>
    %alpha = math.exp2 %diff : tensor<64xf32>
    %mb = tile.broadcast %m2 over 1 : tensor<64xf32> -> tensor<64x64xf32>
    %sd = arith.subf %sm, %mb : tensor<64x64xf32>
    %e = math.exp2 %sd : tensor<64x64xf32>
    %lt = tile.reduce <add> %e over 1 : tensor<64x64xf32> -> tensor<64xf32>
    %l1 = arith.mulf %l0, %alpha : tensor<64xf32>
    %l2 = arith.addf %l1, %lt : tensor<64xf32>
    %pt = arith.truncf %e : tensor<64x64xf32> to tensor<64x64xbf16>
    %ab = tile.broadcast %alpha over 1 : tensor<64xf32> -> tensor<64x64xf32>
    %a1 = arith.mulf %a0, %ab : tensor<64x64xf32>
    %a2 = tile.mma %pt, %vt, %a1
        : tensor<64x64xbf16>, tensor<64x64xbf16>, tensor<64x64xf32>
    tile.yield %a2, %m2, %l2
        : tensor<64x64xf32>, tensor<64xf32>, tensor<64xf32>
  }
  // What two sets of blocks have gathered, under the maximum of both.
  // CHECK: combine
  combine (%a0: tensor<64x64xf32>, %m0: tensor<64xf32>, %l0: tensor<64xf32>,
           %a1: tensor<64x64xf32>, %m1: tensor<64xf32>, %l1: tensor<64xf32>) {
    %m2 = arith.maximumf %m0, %m1 : tensor<64xf32>
    %d0 = arith.subf %m0, %m2 : tensor<64xf32>
    %d1 = arith.subf %m1, %m2 : tensor<64xf32>
    %w0 = math.exp2 %d0 : tensor<64xf32>
    %w1 = math.exp2 %d1 : tensor<64xf32>
    %b0 = tile.broadcast %w0 over 1 : tensor<64xf32> -> tensor<64x64xf32>
    %b1 = tile.broadcast %w1 over 1 : tensor<64xf32> -> tensor<64x64xf32>
    %x0 = arith.mulf %a0, %b0 : tensor<64x64xf32>
    %x1 = arith.mulf %a1, %b1 : tensor<64x64xf32>
    %y0 = arith.mulf %l0, %w0 : tensor<64xf32>
    %y1 = arith.mulf %l1, %w1 : tensor<64xf32>
    %a2 = arith.addf %x0, %x1 : tensor<64x64xf32>
    %l2 = arith.addf %y0, %y1 : tensor<64xf32>
    tile.yield %a2, %m2, %l2
        : tensor<64x64xf32>, tensor<64xf32>, tensor<64xf32>
  }
  %lb = tile.broadcast %l over 1 : tensor<64xf32> -> tensor<64x64xf32>
  %out = arith.divf %a, %lb : tensor<64x64xf32>
  tile.store %out, %ov[%row, %c0] : tensor<64x64xf32>, !out
  tile.return
}

// Linear attention, 64 tokens a chunk: o = (q k^T, causal) v + q S, then
// S += k^T v. The first product and the mask do not use the carried state.
// CHECK-LABEL: tile.kernel @scan
tile.kernel @scan(%q: memref<?xf32>, %k: memref<?xf32>, %v: memref<?xf32>,
                  %o: memref<?xf32>, %heads: index, %n: index) grid(%heads by 1) {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %zero = arith.constant dense<0.0> : tensor<64x64xf32>
  %p = tile.program_id 0
  %rows = arith.muli %p, %n : index
  %offset = arith.muli %rows, %c64 : index
  %qv = tile.view %q[%offset] sizes [%n, 64] strides [64, 1] : memref<?xf32> to !out
  %kv = tile.view %k[%offset] sizes [%n, 64] strides [64, 1] : memref<?xf32> to !out
  %vv = tile.view %v[%offset] sizes [%n, 64] strides [64, 1] : memref<?xf32> to !out
  %ov = tile.view %o[%offset] sizes [%n, 64] strides [64, 1] : memref<?xf32> to !out
  %place = tile.iota %c0 : tensor<64xi32>
  %pr = tile.broadcast %place over 1 : tensor<64xi32> -> tensor<64x64xi32>
  %pc = tile.broadcast %place over 0 : tensor<64xi32> -> tensor<64x64xi32>
  %past = arith.cmpi sle, %pc, %pr : tensor<64x64xi32>
  %state = tile.stream (%c0 to %n step %c64) carry(%zero : tensor<64x64xf32>)
  load (%i: index) {
    %qt = tile.load %qv[%i, %c0] : !out -> tensor<64x64xf32>
    %kt = tile.load %kv[%i, %c0] : !out -> tensor<64x64xf32>
    %vt = tile.load %vv[%i, %c0] : !out -> tensor<64x64xf32>
    tile.yield %qt, %kt, %vt
        : tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>
  }
  body (%i: index, %qt: tensor<64x64xf32>, %kt: tensor<64x64xf32>,
        %vt: tensor<64x64xf32>, %s: tensor<64x64xf32>) {
    // A ragged last chunk: what lies behind the end must not enter the state.
    %t = tile.iota %i : tensor<64xi32>
    %n32 = arith.index_cast %n : index to i32
    %ns = tensor.splat %n32 : tensor<64xi32>
    %in = arith.cmpi slt, %t, %ns : tensor<64xi32>
    %inb = tile.broadcast %in over 1 : tensor<64xi1> -> tensor<64x64xi1>
    %kz = arith.select %inb, %kt, %zero : tensor<64x64xi1>, tensor<64x64xf32>
    %w = tile.mma %qt, %kz, %zero {transpose_b}
        : tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>
    %wm = arith.select %past, %w, %zero : tensor<64x64xi1>, tensor<64x64xf32>
    %inner = tile.mma %wm, %vt, %zero
        : tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>
    %out = tile.mma %qt, %s, %inner
        : tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>
    tile.store %out, %ov[%i, %c0] : tensor<64x64xf32>, !out
    // CHECK: {transpose_a}
    %next = tile.mma %kz, %vt, %s {transpose_a}
        : tensor<64x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>
    tile.yield %next : tensor<64x64xf32>
  }
  tile.return
}
