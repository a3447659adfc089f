// RUN: not heed-opt %s --split-input-file --attn-sliding-window 2>&1 | FileCheck %s

// CHECK: error: found no function @step with a body, wanted the model's; rewrites run before heed-specialize-phases
module {
}

// -----

// CHECK: error: 'attn.layer' op found a second layer 3, wanted one of each index
// CHECK: note: the first is here
func.func @step(%h: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %a = attn.layer 3 "decoder" (%x = %h) : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
    attn.yield %x : tensor<?x?x4xf32>
  }
  %b = attn.layer 3 "decoder" (%x = %a) : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
    attn.yield %x : tensor<?x?x4xf32>
  }
  return %b : tensor<?x?x4xf32>
}
