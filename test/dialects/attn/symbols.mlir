// RUN: heed-opt %s --symbol-dce | FileCheck %s

// Weights that nobody uses go, and files without weights with them; what only
// their initialisers use goes too.

// CHECK-NOT: @unused
// CHECK: attn.file @used
attn.file @used "a.safetensors" hash("00a1b2c3d4e5f607")
attn.file @unused_file "b.safetensors" hash("00a1b2c3d4e5f607")
// CHECK-NOT: @unused
// CHECK: attn.weight @base
attn.weight @base : tensor<2xf32> from @used "base"
// CHECK: attn.weight @derived
attn.weight @derived : tensor<2xf32> init {
  %0 = attn.use @base : tensor<2xf32>
  attn.yield %0 : tensor<2xf32>
}
// CHECK-NOT: @unused
attn.weight @unused_base : tensor<2xf32> from @unused_file "w"
attn.weight @unused_derived : tensor<2xf32> init {
  %0 = attn.use @unused_base : tensor<2xf32>
  attn.yield %0 : tensor<2xf32>
}

// CHECK: func.func @step
func.func @step() -> tensor<2xf32> {
  %0 = attn.use @derived : tensor<2xf32>
  return %0 : tensor<2xf32>
}
