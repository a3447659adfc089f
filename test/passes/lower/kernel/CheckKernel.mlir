// RUN: heed-opt %s -heed-lower-kernels-to-cpu -split-input-file \
// RUN:   -verify-diagnostics

// expected-error @below {{expects a name that does not begin with llvm., got none}}
tile.kernel @""() grid(1) {
  tile.return
}

// -----

// expected-error @below {{expects a name that does not begin with llvm., got llvm.sqrt.f32}}
tile.kernel @llvm.sqrt.f32() grid(1) {
  tile.return
}

// -----

// Each element of a tile has four bytes of scratch memory.
tile.kernel @wide() grid(1) {
  // expected-error-re @below {{has a type that kernels do not hold: {{.*}}arith.constant dense<0> : tensor<4xi64>}}
  %x = arith.constant dense<0> : tensor<4xi64>
  tile.return
}

// -----

tile.kernel @double() grid(1) {
  // expected-error-re @below {{has a type that kernels do not hold: {{.*}}arith.constant 0.000000e+00 : f64}}
  %x = arith.constant 0.0 : f64
  tile.return
}

// -----

tile.kernel @dynamic(%n: index) grid(1) {
  %c = arith.constant 0.0 : f32
  // expected-error-re @below {{has a type that kernels do not hold: {{.*}}tensor.splat}}
  %x = tensor.splat %c[%n] : tensor<?xf32>
  tile.return
}

// -----

tile.kernel @cube() grid(1) {
  // expected-error @below {{has a type that kernels do not hold}}
  %x = arith.constant dense<0.0> : tensor<2x2x2xf32>
  tile.return
}

// -----

tile.kernel @empty() grid(1) {
  // expected-error-re @below {{has an empty tile: {{.*}}arith.constant dense<> : tensor<8x0xf32>}}
  %x = arith.constant dense<> : tensor<8x0xf32>
  tile.return
}

// -----

tile.kernel @most() grid(1) {
  %i = arith.constant 0 : index
  %fits = tile.iota %i : tensor<16777216xi32>
  // expected-error-re @below {{has a tile of more than 16777216 elements: {{.*}}tile.iota}}
  %x = tile.iota %i : tensor<16777217xi32>
  tile.return
}

// -----

tile.kernel @huge() grid(1) {
  %s = arith.constant 0.0 : f32
  // expected-error @below {{has a tile of more than 16777216 elements}}
  %x = tensor.splat %s : tensor<4294967296x4294967296xf32>
  tile.return
}

// -----

tile.kernel @narrow(%x: memref<?xbf16>, %i: index) grid(1) {
  %a = memref.load %x[%i] : memref<?xbf16>
  // expected-error-re @below {{computes with a scalar of bf16; widen it to f32: {{.*}}arith.addf}}
  %b = arith.addf %a, %a : bf16
  tile.return
}

// -----

tile.kernel @carried(%x: memref<?xbf16>, %i: index) grid(1) {
  %a = memref.load %x[%i] : memref<?xbf16>
  %b = tile.stream (%i to %i step %i) carry(%a : bf16)
  load (%j: index) {
    tile.yield
  }
  body (%j: index, %c: bf16) {
    // expected-error @below {{computes with a scalar of bf16; widen it to f32: tile.yield}}
    tile.yield %c : bf16
  }
  tile.return
}

// -----

tile.kernel @memory(%x: memref<?xf32>, %y: memref<?xf32>, %c: index) grid(1) {
  %b = arith.cmpi eq, %c, %c : index
  // expected-error-re @below {{gives memory; only tile.view may: {{.*}}arith.select}}
  %z = arith.select %b, %x, %y : memref<?xf32>
  tile.return
}

// -----

tile.kernel @unshaped(%x: memref<?xf32>, %i: index) grid(1) {
  // expected-error-re @below {{expects a view made by tile.view: {{.*}}tile.load}}
  %t = tile.load %x[%i] : memref<?xf32> -> tensor<4xf32>
  tile.return
}

// -----

tile.kernel @unshaped(%x: memref<?xf32>, %i: index) grid(1) {
  %t = arith.constant dense<0.0> : tensor<4xf32>
  // expected-error @below {{expects a view made by tile.view: tile.store}}
  tile.store %t, %x[%i] : tensor<4xf32>, memref<?xf32>
  tile.return
}

// -----

tile.kernel @unshaped(%x: memref<?xf32>, %i: index) grid(1) {
  %r = tile.iota %i : tensor<4xi32>
  // expected-error-re @below {{expects a view made by tile.view: {{.*}}tile.gather}}
  %t = tile.gather %x[%r] : memref<?xf32>, tensor<4xi32> -> tensor<4xf32>
  tile.return
}

// -----

tile.kernel @unshaped(%x: memref<?xi32>, %i: index) grid(1) {
  %r = tile.iota %i : tensor<4xi32>
  // expected-error @below {{expects a view made by tile.view: tile.scatter}}
  tile.scatter %r, %x[%r] : tensor<4xi32>, memref<?xi32>, tensor<4xi32>
  tile.return
}

// -----

tile.kernel @table() grid(1) {
  // expected-error-re @below {{is a constant tile of differing elements; load it from memory: {{.*}}arith.constant}}
  %x = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  tile.return
}

// -----

// The C library has the remainder of floats; an image links against nothing.
tile.kernel @remainder() grid(1) {
  %x = arith.constant 3.0 : f32
  // expected-error-re @below {{has no lowering to machine code: {{.*}}arith.remf}}
  %y = arith.remf %x, %x : f32
  tile.return
}

// -----

tile.kernel @division(%n: index) grid(1) {
  // expected-error-re @below {{has no lowering to machine code: {{.*}}arith.ceildivsi}}
  %y = arith.ceildivsi %n, %n : index
  tile.return
}

// -----

tile.kernel @two(%n: index) grid(1) {
  %x = tile.iota %n : tensor<4xi32>
  // expected-error-re @below {{gives two tiles: {{.*}}arith.mulsi_extended}}
  %l, %h = arith.mulsi_extended %x, %x : tensor<4xi32>
  tile.return
}

// -----

tile.kernel @rounding() grid(1) {
  %x = arith.constant dense<1.0> : tensor<4xf32>
  // expected-error-re @below {{rounds other than to nearest even: {{.*}}arith.truncf}}
  %y = arith.truncf %x downward : tensor<4xf32> to tensor<4xbf16>
  tile.return
}

// -----

tile.kernel @power() grid(1) {
  %x = arith.constant dense<1.0> : tensor<4xf32>
  // expected-error-re @below {{is a function that kernels do not expand: {{.*}}math.powf}}
  %y = math.powf %x, %x : tensor<4xf32>
  tile.return
}

// -----

tile.kernel @unsigned(%n: index) grid(1) {
  // expected-error @below {{counts without sign: "scf.for"(%arg0, %arg0, %arg0) <{unsignedCmp}> ({...})}}
  scf.for unsigned %i = %n to %n step %n {
  }
  tile.return
}

// -----

tile.kernel @slice() grid(1) {
  %x = tensor.empty() : tensor<4xf32> // expected-error-re {{has no lowering to machine code: {{.*}}tensor.empty() : tensor<4xf32>}}
  tile.return
}
