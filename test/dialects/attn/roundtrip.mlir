// RUN: heed-opt %s | FileCheck %s
// RUN: heed-opt %s | heed-opt | FileCheck %s
// RUN: heed-opt %s --mlir-print-op-generic | heed-opt | FileCheck %s
// RUN: heed-opt %s --emit-bytecode | heed-opt | FileCheck %s

!c = !attn.cache<[k : token 2x4xf32, v : token 2x4xf32]>

// CHECK: attn.file @file0 "model.safetensors" hash("00a1b2c3d4e5f607")
attn.file @file0 "model.safetensors" hash("00a1b2c3d4e5f607")
// CHECK-NEXT: attn.weight @wq : tensor<8x8xbf16> from @file0 "l.0.q"
attn.weight @wq : tensor<8x8xbf16> from @file0 "l.0.q"
// CHECK-NEXT: attn.weight @wk : tensor<4x8xbf16> from @file0 "l.0.qkv" slice [8, 0]
attn.weight @wk : tensor<4x8xbf16> from @file0 "l.0.qkv" slice [8, 0]
// CHECK-NEXT: attn.weight @inv_freq : tensor<2xf32> init {
// CHECK-NEXT:   %[[C:.*]] = arith.constant dense<[1.000000e+00, 5.000000e-01]>
// CHECK-NEXT:   attn.yield %[[C]] : tensor<2xf32>
// CHECK-NEXT: }
attn.weight @inv_freq : tensor<2xf32> init {
  %0 = arith.constant dense<[1.0, 0.5]> : tensor<2xf32>
  attn.yield %0 : tensor<2xf32>
}

// CHECK-LABEL: func.func @caches(
//  CHECK-SAME:   !attn.cache<[k : ring(256, sinks 4) 2x4xf16 until decode, v : ring(8) 1x1xbf16]>
//  CHECK-SAME:   !attn.cache<[s : sequence 2x4x4xf32, b : sequence i1, z : every(4) 1x2xi32]>
func.func @caches(
    %a: !attn.cache<[k : ring(256, sinks 4) 2x4xf16 until decode, v : ring(8) 1x1xbf16]>,
    %b: !attn.cache<[s : sequence 2x4x4xf32, b : sequence i1, z : every(4) 1x2xi32]>) {
  return
}

// CHECK-LABEL: func.func @model(
//  CHECK-SAME:   attributes {attn.phase = #attn.phase<decode>}
func.func @model(%h: tensor<?x?x8xf32>, %pos: tensor<?x?xi32>, %c: !c,
                 %seq: tensor<?xi1>, %tok: tensor<?x?xi1>, %bit: i1)
    -> (tensor<?x?x8xf32>, !c) attributes {attn.phase = #attn.phase<decode>} {
  // CHECK: %[[D:.*]] = attn.in_phase prefill
  %d = attn.in_phase prefill
  // CHECK: %[[L:.*]]:2 = attn.layer 7 "decoder" (%[[X:.*]] = %{{.*}}, %[[Y:.*]] = %{{.*}}) : (tensor<?x?x8xf32>, !attn.cache<[k : token 2x4xf32, v : token 2x4xf32]>) -> (tensor<?x?x8xf32>, !attn.cache<[k : token 2x4xf32, v : token 2x4xf32]>) {
  // CHECK-NEXT:   attn.yield %[[X]], %[[Y]]
  %h1, %c1 = attn.layer 7 "decoder" (%x = %h, %y = %c)
      : (tensor<?x?x8xf32>, !c) -> (tensor<?x?x8xf32>, !c) {
    attn.yield %x, %y : tensor<?x?x8xf32>, !c
  }
  // CHECK: attn.layer 8 "none" () attributes {note = "kept"} : () -> () {
  // CHECK-NEXT:   attn.yield{{$}}
  attn.layer 8 "none" () attributes {note = "kept"} : () -> () {
    attn.yield
  }
  // CHECK: attn.skip %[[D]] phase (%[[X:.*]] = %[[L]]#0) : (i1, tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %h2 = attn.skip %d phase (%x = %h1) : (i1, tensor<?x?x8xf32>)
      -> tensor<?x?x8xf32> {
    attn.yield %x : tensor<?x?x8xf32>
  }
  // CHECK: attn.skip %{{.*}} sequence (
  %h3, %c3 = attn.skip %seq sequence (%x = %h2, %y = %c1)
      : (tensor<?xi1>, tensor<?x?x8xf32>, !c) -> (tensor<?x?x8xf32>, !c) {
    attn.yield %x, %y : tensor<?x?x8xf32>, !c
  }
  // CHECK: attn.skip %{{.*}} token (
  %h4 = attn.skip %tok token (%x = %h3)
      : (tensor<?x?xi1>, tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
    attn.yield %x : tensor<?x?x8xf32>
  }
  // CHECK: attn.skip %{{.*}} step (
  %h5 = attn.skip %bit step (%x = %h4) : (i1, tensor<?x?x8xf32>)
      -> tensor<?x?x8xf32> {
    attn.yield %x : tensor<?x?x8xf32>
  }
  // CHECK: attn.observe "l7.hidden" abs_max %{{.*}} : tensor<?x?x8xf32>
  attn.observe "l7.hidden" abs_max %h5 : tensor<?x?x8xf32>
  // CHECK: attn.observe "l7.turn" cosine %{{.*}}, %{{.*}} : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  attn.observe "l7.turn" cosine %h, %h5 : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  // CHECK: attn.use @wq : tensor<8x8xbf16>
  %w = attn.use @wq : tensor<8x8xbf16>
  return %h5, %c3 : tensor<?x?x8xf32>, !c
}

// CHECK-LABEL: func.func @factors(
func.func @factors(%a: tensor<6x4xf32>, %s: tensor<4x4xf32>,
                   %b: tensor<6x3xf32>) {
  // CHECK: attn.factor svd %{{.*}} : (tensor<6x4xf32>) -> (tensor<6x2xf32>, tensor<2xf32>, tensor<2x4xf32>)
  %u, %sv, %vt = attn.factor svd %a : (tensor<6x4xf32>)
      -> (tensor<6x2xf32>, tensor<2xf32>, tensor<2x4xf32>)
  // CHECK: attn.factor eigen %{{.*}} : (tensor<4x4xf32>) -> (tensor<3xf32>, tensor<4x3xf32>)
  %e, %q = attn.factor eigen %s : (tensor<4x4xf32>)
      -> (tensor<3xf32>, tensor<4x3xf32>)
  // CHECK: attn.factor least_squares %{{.*}}, %{{.*}} : (tensor<6x4xf32>, tensor<6x3xf32>) -> tensor<4x3xf32>
  %x = attn.factor least_squares %a, %b : (tensor<6x4xf32>, tensor<6x3xf32>)
      -> tensor<4x3xf32>
  return
}
