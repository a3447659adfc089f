// RUN: heed-opt %s -split-input-file -verify-diagnostics

// view (C1)
func.func @view(%x: memref<?xf32, strided<[2]>>, %o: index) {
  // expected-error @below {{expects a buffer of identity layout, got 'memref<?xf32, strided<[2]>>'}}
  %v = tile.view %x[%o] sizes [4] strides [1]
      : memref<?xf32, strided<[2]>> to memref<4xf32, strided<[1], offset: ?>>
  return
}

// -----

// view (C2)
func.func @view(%x: memref<?xf32>, %o: index) {
  // expected-error @below {{expects 1 sizes and strides, got 2 and 1}}
  %v = tile.view %x[%o] sizes [4, 4] strides [1]
      : memref<?xf32> to memref<4xf32, strided<[1], offset: ?>>
  return
}

// -----

// view (C2)
func.func @view(%x: memref<?xf32>, %o: index) {
  // expected-error @below {{expects one value for each dynamic size and stride}}
  %v = "tile.view"(%x, %o) <{operandSegmentSizes = array<i32: 1, 1, 0, 0>,
      static_sizes = array<i64: -9223372036854775808>,
      static_strides = array<i64: 1>}>
      : (memref<?xf32>, index) -> memref<?xf32, strided<[1], offset: ?>>
  return
}

// -----

// view (C3)
func.func @view(%x: memref<?xf32>, %o: index) {
  // expected-error @below {{expects the result type 'memref<4xf32, strided<[2], offset: ?>>'}}
  %v = tile.view %x[%o] sizes [4] strides [2]
      : memref<?xf32> to memref<4xf32, strided<[1], offset: ?>>
  return
}

// -----

// view (C4)
func.func @view(%x: memref<?xf32>, %o: index) {
  // expected-error @below {{expects one element type, got 'f32' in the buffer and 'bf16' in the result}}
  %v = tile.view %x[%o] sizes [4] strides [1]
      : memref<?xf32> to memref<4xbf16, strided<[1], offset: ?>>
  return
}

// -----

// load (C1)
func.func @load(%v: memref<?xf32>, %i: index) {
  // expected-error @below {{expects view, tile and indices of one rank, got 1, 1 and 2}}
  %t = tile.load %v[%i, %i] : memref<?xf32> -> tensor<4xf32>
  return
}

// -----

// load (C2)
func.func @load(%v: memref<?xf32>, %i: index) {
  // expected-error @below {{expects one element type, got 'f32' in the view and 'bf16' in the tile}}
  %t = tile.load %v[%i] : memref<?xf32> -> tensor<4xbf16>
  return
}

// -----

// store (C1)
func.func @store(%v: memref<?x8xf32>, %i: index, %t: tensor<8xf32>) {
  // expected-error @below {{expects view, tile and indices of one rank, got 2, 1 and 1}}
  tile.store %t, %v[%i] : tensor<8xf32>, memref<?x8xf32>
  return
}

// -----

// store (C2)
func.func @store(%v: memref<?xf32>, %i: index, %t: tensor<4xi32>) {
  // expected-error @below {{expects one element type, got 'f32' in the view and 'i32' in the tile}}
  tile.store %t, %v[%i] : tensor<4xi32>, memref<?xf32>
  return
}

// -----

// gather (C1)
func.func @gather(%v: memref<?x8xf32>, %r: tensor<4xi32>) {
  // expected-error @below {{expects view, tile and indices of one rank, got 2, 2 and 1}}
  %t = tile.gather %v[%r] : memref<?x8xf32>, tensor<4xi32> -> tensor<4x8xf32>
  return
}

// -----

// gather (C2)
func.func @gather(%v: memref<?xi32>, %r: tensor<4xi32>) {
  // expected-error @below {{expects one element type, got 'i32' in the view and 'f32' in the tile}}
  %t = tile.gather %v[%r] : memref<?xi32>, tensor<4xi32> -> tensor<4xf32>
  return
}

// -----

// gather (C3)
func.func @gather(%v: memref<?x8xf32>, %r: tensor<4xi32>, %i: index) {
  // expected-error @below {{expects 5 row numbers, got 4}}
  %t = tile.gather %v[%r, %i]
      : memref<?x8xf32>, tensor<4xi32> -> tensor<5x8xf32>
  return
}

// -----

// scatter (C1)
func.func @scatter(%v: memref<?xf32>, %r: tensor<4xi32>, %t: tensor<4xf32>,
                   %i: index) {
  // expected-error @below {{expects view, tile and indices of one rank, got 1, 1 and 2}}
  tile.scatter %t, %v[%r, %i] : tensor<4xf32>, memref<?xf32>, tensor<4xi32>
  return
}

// -----

// scatter (C2)
func.func @scatter(%v: memref<?xf32>, %r: tensor<4xi32>, %t: tensor<4xbf16>) {
  // expected-error @below {{expects one element type, got 'f32' in the view and 'bf16' in the tile}}
  tile.scatter %t, %v[%r] : tensor<4xbf16>, memref<?xf32>, tensor<4xi32>
  return
}

// -----

// scatter (C3)
func.func @scatter(%v: memref<?xf32>, %r: tensor<4xi32>, %t: tensor<8xf32>) {
  // expected-error @below {{expects 8 row numbers, got 4}}
  tile.scatter %t, %v[%r] : tensor<8xf32>, memref<?xf32>, tensor<4xi32>
  return
}
