// RUN: heed-opt %s -split-input-file -verify-diagnostics

// kernel (C1)
// expected-error @below {{expects an index or a memref<?xT> of f32, bf16 or i32 as argument 0, got 'memref<4xf32>'}}
tile.kernel @argument(%x: memref<4xf32>) grid(1) {
  tile.return
}

// -----

// kernel (C2)
// expected-error @below {{expects positive grid entries, got 0}}
tile.kernel @grid(%n: index) grid(0) {
  tile.return
}

// -----

// kernel (C2)
// expected-error @below {{expects an index argument in the grid, got argument 0}}
tile.kernel @grid(%n: memref<?xf32>) grid(%n by 4) {
  tile.return
}

// -----

// kernel (C2)
// expected-error @below {{expects an argument of the kernel, got %m}}
tile.kernel @grid(%n: index) grid(%m by 4) {
  tile.return
}

// -----

// kernel (C2)
// expected-error @below {{expects as many grid arguments as divisors, got 1 and 2}}
"tile.kernel"() <{sym_name = "grid", grid_arguments = array<i64: -1>,
                  grid_divisors = array<i64: 1, 1>}> ({
  "tile.return"() : () -> ()
}) : () -> ()

// -----

// kernel (C3)
// expected-error @below {{expects its body to end in tile.return}}
tile.kernel @end() grid(1) {
  %c = arith.constant 0 : index
}

// -----

// kernel (C3)
// expected-error @below {{failed to verify constraint: region with 1 blocks}}
tile.kernel @empty() grid(1) {
}

// -----

// program_id (C1)
tile.kernel @dimension() grid(4) {
  // expected-error @below {{expects a dimension of the grid, got 1 in a grid of 1}}
  %p = tile.program_id 1
  tile.return
}

// -----

// program_id (C1)
func.func @outside() {
  // expected-error @below {{expects to stand inside a tile.kernel}}
  %p = tile.program_id 0
  return
}

// -----

// finish (C1)
func.func @outside(%n: index) {
  // expected-error @below {{expects to stand inside a tile.kernel, in its block or in branches, got func.func}}
  tile.finish %n of %n {
  }
  return
}

// -----

// finish (C1)
tile.kernel @loop(%n: index) grid(%n by 1) {
  scf.for %i = %n to %n step %n {
    // expected-error @below {{expects to stand inside a tile.kernel, in its block or in branches, got scf.for}}
    tile.finish %i of %n {
    }
  }
  tile.return
}

// -----

// finish (C2)
tile.kernel @twice(%n: index) grid(%n by 1) {
  // expected-error @below {{expects to be the only one of its kernel}}
  tile.finish %n of %n {
  }
  // expected-note @below {{the other one}}
  tile.finish %n of %n {
  }
  tile.return
}

// -----

// finish (C3)
tile.kernel @loaded(%y: memref<?xf32>, %n: index) grid(%n by 1) {
  %c0 = arith.constant 0 : index
  %yv = tile.view %y[%c0] sizes [8] strides [1]
      : memref<?xf32> to memref<8xf32, strided<[1], offset: ?>>
  // expected-note @below {{the tile needs this}}
  %t = tile.load %yv[%c0]
      : memref<8xf32, strided<[1], offset: ?>> -> tensor<8xf32>
  %u = arith.addf %t, %t : tensor<8xf32>
  // expected-error @below {{expects its body to use no tile of outside that needs memory or a loop, got one of 'tensor<8xf32>'}}
  tile.finish %n of %n {
    tile.store %u, %yv[%c0]
        : tensor<8xf32>, memref<8xf32, strided<[1], offset: ?>>
  }
  tile.return
}

// -----

// mma (C1)
func.func @mma(%a: tensor<4x8xbf16>, %c: tensor<4x4xbf16>) {
  // expected-error @below {{expects an accumulator of f32, got 'bf16'}}
  %r = tile.mma %a, %a, %c {transpose_b}
      : tensor<4x8xbf16>, tensor<4x8xbf16>, tensor<4x4xbf16>
  return
}

// -----

// mma (C1)
func.func @mma(%a: tensor<4x8xf32>, %c: tensor<4x8xf32>) {
  // expected-error @below {{expects an accumulator of 4x4, got 4x8}}
  %r = tile.mma %a, %a, %c {transpose_b}
      : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
  return
}

// -----

// mma (C2)
func.func @mma(%a: tensor<4x8xf32>, %c: tensor<4x8xf32>) {
  // expected-error @below {{expects one inner dimension, got 8 in a and 4 in b}}
  %r = tile.mma %a, %a, %c : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
  return
}

// -----

// mma (C3)
func.func @mma(%a: tensor<4x8xf32>, %b: tensor<8x4xbf16>, %c: tensor<4x4xf32>) {
  // expected-error @below {{expects one element type, got 'f32' in a and 'bf16' in b}}
  %r = tile.mma %a, %b, %c : tensor<4x8xf32>, tensor<8x4xbf16>, tensor<4x4xf32>
  return
}

// -----

// reduce (C1)
func.func @reduce(%x: tensor<4xf32>) {
  // expected-error @below {{expects a dimension of the source, got 1 in rank 1}}
  %r = tile.reduce <add> %x over 1 : tensor<4xf32> -> f32
  return
}

// -----

// reduce (C2)
func.func @reduce(%x: tensor<4x8xf32>) {
  // expected-error @below {{expects the result type 'tensor<4xf32>', got 'tensor<8xf32>'}}
  %r = tile.reduce <add> %x over 1 : tensor<4x8xf32> -> tensor<8xf32>
  return
}

// -----

// reduce (C2)
func.func @reduce(%x: tensor<4x8xbf16>) {
  // expected-error @below {{expects elements of f32 or i32, got 'bf16'}}
  %r = tile.reduce <add> %x over 1 : tensor<4x8xbf16> -> tensor<4xbf16>
  return
}

// -----

// broadcast (C1)
func.func @broadcast(%x: tensor<4xf32>) {
  // expected-error @below {{expects a source of 8 elements, got 4}}
  %r = tile.broadcast %x over 0 : tensor<4xf32> -> tensor<4x8xf32>
  return
}

// -----

// broadcast (C2)
func.func @broadcast(%x: tensor<4xf32>) {
  // expected-error @below {{expects one element type, got 'f32' and 'i32'}}
  %r = tile.broadcast %x over 1 : tensor<4xf32> -> tensor<4x8xi32>
  return
}

// -----

// iota (C1)
func.func @iota(%i: index) {
  // expected-error @below {{must be 1-D tile of i32, but got 'tensor<4xf32>'}}
  %r = tile.iota %i : tensor<4xf32>
  return
}
