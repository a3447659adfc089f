// RUN: %mlir_opt %s --load-dialect-plugin=%plugin --load-pass-plugin=%plugin \
// RUN:   --pass-pipeline='builtin.module(canonicalize)' | FileCheck %s
// RUN: not %mlir_opt %s 2>&1 | FileCheck %s --check-prefix=WITHOUT

// The dialects come from the plugin, not from mlir-opt.
// WITHOUT: Dialect `attn' not found

// CHECK-LABEL: func.func @heads(
//       CHECK:   attn.split_heads %arg0 4 : tensor<?x?x256xf32>
func.func @heads(%x: tensor<?x?x256xf32>) -> tensor<?x4x?x64xf32> {
  %heads = attn.split_heads %x 4 : tensor<?x?x256xf32>
  return %heads : tensor<?x4x?x64xf32>
}
