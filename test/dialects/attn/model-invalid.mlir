// RUN: heed-opt %s --split-input-file --verify-diagnostics

// file (C1)
// expected-error @below {{expects a hash of 16 hexadecimal digits, got "12"}}
attn.file @file0 "model.safetensors" hash("12")

// -----

// file (C1)
// expected-error @below {{expects a path, got an empty one}}
attn.file @file0 "" hash("00a1b2c3d4e5f607")

// -----

// weight (C1)
// expected-error @below {{expects a source or an initialiser, got neither}}
attn.weight @w : tensor<2xf32>

// -----

attn.file @file0 "m" hash("00a1b2c3d4e5f607")
// weight (C1)
// expected-error @below {{expects a source or an initialiser, got both}}
attn.weight @w : tensor<2xf32> from @file0 "w" init {
  %0 = arith.constant dense<0.0> : tensor<2xf32>
  attn.yield %0 : tensor<2xf32>
}

// -----

attn.file @file0 "m" hash("00a1b2c3d4e5f607")
// weight (C2)
// expected-error @below {{expects one offset per dimension, got 1 for 'tensor<2x2xf32>'}}
attn.weight @w : tensor<2x2xf32> from @file0 "w" slice [0]

// -----

attn.file @file0 "m" hash("00a1b2c3d4e5f607")
// weight (C2)
// expected-error @below {{expects offsets of at least 0, got -1}}
attn.weight @w : tensor<2xf32> from @file0 "w" slice [-1]

// -----

// weight (C3)
// expected-error @below {{expects type 'tensor<2xf32>' for number 0 of the values yielded by the initialiser, got 'tensor<3xf32>'}}
attn.weight @w : tensor<2xf32> init {
  %0 = arith.constant dense<0.0> : tensor<3xf32>
  attn.yield %0 : tensor<3xf32>
}

// -----

// weight (C4)
// expected-error @below {{found no attn.file @file1}}
attn.weight @w : tensor<2xf32> from @file1 "w"

// -----

attn.file @file0 "m" hash("00a1b2c3d4e5f607")
// weight (C5)
// expected-error @below {{expects a static tensor of floats, got 'tensor<?xf32>'}}
attn.weight @w : tensor<?xf32> from @file0 "w"

// -----

attn.file @file0 "m" hash("00a1b2c3d4e5f607")
// weight (C5)
// expected-error @below {{expects a static tensor of floats, got 'tensor<2xi32>'}}
attn.weight @w : tensor<2xi32> from @file0 "w"

// -----

func.func @f() {
  // use (C1)
  // expected-error @below {{found no attn.weight @w}}
  %0 = attn.use @w : tensor<2xf32>
  return
}

// -----

attn.file @file0 "m" hash("00a1b2c3d4e5f607")
// expected-note @below {{the weight is here}}
attn.weight @w : tensor<3xf32> from @file0 "w"
func.func @f() {
  // use (C1)
  // expected-error @below {{expects the weight's type 'tensor<3xf32>', got 'tensor<2xf32>'}}
  %0 = attn.use @w : tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<6x4xf32>) {
  // factor (C1)
  // expected-error @below {{expects 1 operands and 3 results, got 1 and 1}}
  %u = attn.factor svd %a : (tensor<6x4xf32>) -> tensor<6x4xf32>
  return
}

// -----

func.func @f(%a: tensor<6x4xf32>) {
  // factor (C2)
  // expected-error @below {{expects a static float tensor of shape (r x n), got 'tensor<3x4xf32>'}}
  %u, %s, %v = attn.factor svd %a : (tensor<6x4xf32>)
      -> (tensor<6x2xf32>, tensor<2xf32>, tensor<3x4xf32>)
  return
}

// -----

func.func @f(%a: tensor<6x4xf32>) {
  // factor (C2)
  // expected-error @below {{expects a rank of at most 4, got 5}}
  %u, %s, %v = attn.factor svd %a : (tensor<6x4xf32>)
      -> (tensor<6x5xf32>, tensor<5xf32>, tensor<5x4xf32>)
  return
}

// -----

func.func @f(%h: tensor<?x?x8xf32>) {
  // layer (C1)
  // expected-error @below {{expects type 'tensor<?x?x8xf32>' for number 0 of the block arguments, got 'f32'}}
  %0 = "attn.layer"(%h) <{index = 0 : i64, kind = "k"}> ({
  ^bb0(%x: f32):
    "attn.yield"(%x) : (f32) -> ()
  }) : (tensor<?x?x8xf32>) -> f32
  return
}

// -----

func.func @f(%h: tensor<?x?x8xf32>) {
  // layer (C2)
  // expected-error @below {{expects 1 yielded values, got 0}}
  %0 = attn.layer 1 "k" (%x = %h) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
    attn.yield
  }
  return
}

// -----

func.func @f() {
  // layer (C3)
  // expected-error @below {{expects an index of at least 0, got -1}}
  attn.layer -1 "k" () : () -> () {
    attn.yield
  }
  return
}

// -----

func.func @f(%h: tensor<?x?x8xf32>, %b: i1) {
  // skip (C1)
  // expected-error @below {{expects type 'tensor<?x?x8xf32>' for number 0 of the results, got 'f32'}}
  %0 = attn.skip %b step (%x = %h) : (i1, tensor<?x?x8xf32>) -> f32 {
    attn.yield %x : tensor<?x?x8xf32>
  }
  return
}

// -----

func.func @f(%h: tensor<?x?x8xf32>, %b: i1) {
  // skip (C2)
  // expected-error @below {{expects a condition of type 'tensor<?xi1>' for granularity 'sequence', got 'i1'}}
  %0 = attn.skip %b sequence (%x = %h) : (i1, tensor<?x?x8xf32>)
      -> tensor<?x?x8xf32> {
    attn.yield %x : tensor<?x?x8xf32>
  }
  return
}

// -----

func.func @f(%h: tensor<?x?x8xf32>) {
  // observe (C1)
  // expected-error @below {{expects 2 operands for 'cosine', got 1}}
  attn.observe "h" cosine %h : tensor<?x?x8xf32>
  return
}

// -----

func.func @f(%h: tensor<?x?x8xf32>) {
  // observe (C2)
  // expected-error @below {{expects a name, got an empty one}}
  attn.observe "" abs_max %h : tensor<?x?x8xf32>
  return
}
