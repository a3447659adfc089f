// The stock mlir-opt lacks the sanitizers' runtime, which a sanitized plugin needs.
// UNSUPPORTED: sanitize
// RUN: %mlir_opt %s --load-dialect-plugin=%plugin --load-pass-plugin=%plugin \
// RUN:   --pass-pipeline='builtin.module(func.func(heed-inline-layers))' \
// RUN:   | FileCheck %s

// Dialects and passes come from the plugin, not from mlir-opt.
// RUN: not %mlir_opt %s 2>&1 | FileCheck %s --check-prefix=WITHOUT
// WITHOUT: Dialect `attn' not found

// A tool makes its flags before it loads plugins: only pipelines name passes.
// RUN: not %mlir_opt %s --load-dialect-plugin=%plugin \
// RUN:   --load-pass-plugin=%plugin --attn-sliding-window 2>&1 \
// RUN:   | FileCheck %s --check-prefix=FLAG
// FLAG: Unknown command line argument '--attn-sliding-window'

// CHECK-LABEL: func.func @twice(
//  CHECK-NEXT:   arith.addf %arg0, %arg0
//  CHECK-NEXT:   return
func.func @twice(%h: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %h1 = attn.layer 0 "decoder" (%x = %h) : (tensor<?x?x8xf32>)
      -> tensor<?x?x8xf32> {
    %y = arith.addf %x, %x : tensor<?x?x8xf32>
    attn.yield %y : tensor<?x?x8xf32>
  }
  return %h1 : tensor<?x?x8xf32>
}
