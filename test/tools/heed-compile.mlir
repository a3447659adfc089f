// A package appears whole or not at all, and errors are one line.

// RUN: rm -rf %t && mkdir -p %t
// RUN: heed-compile %s --target=x86-64-v3 -o %t/m.heed
// RUN: head -c 7 %t/m.heed | FileCheck %s --check-prefix=MAGIC
// MAGIC: HEEDPKG
// RUN: heed-compile - --target=x86-64-v4 -o %t/n.heed < %s

// RUN: heed-compile %s --target=sm_90a --remarks -o %t/gpu.heed 2>&1 \
// RUN:   | FileCheck %s --check-prefix=REMARK
// REMARK: kernel {{.*}}: portable, tile {{[0-9]+}} x {{[0-9]+}}, bound by {{[a-z]+}}, {{[0-9]+}} threads, {{[0-9]}} stages, {{[0-9]+}} bytes shared
// RUN: head -c 7 %t/gpu.heed | FileCheck %s --check-prefix=MAGIC

// RUN: not heed-compile %s --target=sm_80 --cuda-path=%t -o %t/none.heed 2>&1 \
// RUN:   | FileCheck %s --check-prefix=TOOLKIT
// TOOLKIT: heed-compile: error: no bin/ptxas in the toolkit {{.*}}

// RUN: not heed-compile %s --target=sm_70 -o %t/none.heed 2>&1 \
// RUN:   | FileCheck %s --check-prefix=TARGET
// TARGET: heed-compile: error: unknown target "sm_70", wanted cpu, x86-64-v3, x86-64-v4, sm_80 or sm_90a

// RUN: not heed-compile %t/missing.mlir -o %t/none.heed 2>&1 \
// RUN:   | FileCheck %s --check-prefix=MISSING
// MISSING: heed-compile: error: cannot read {{.*}}missing.mlir: No such file or directory

// RUN: not heed-compile %s -o %t/nowhere/m.heed 2>&1 \
// RUN:   | FileCheck %s --check-prefix=NOWHERE
// NOWHERE: heed-compile: error: cannot create "{{.*}}/nowhere/m.heed": No such file or directory

// RUN: sed 's/math.tanh/math.atan/' %s > %t/unknown.mlir
// RUN: not heed-compile %t/unknown.mlir -o %t/none.heed 2>&1 \
// RUN:   | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: heed-compile: error: {{.*}}math.atan

// RUN: ls %t | FileCheck %s --check-prefix=FILES
// FILES: m.heed
// FILES-NEXT: n.heed
// FILES-NEXT: unknown.mlir
// FILES-NOT: {{.}}

module attributes {attn.model = {vocabulary = 4 : i64, context = 8 : i64}} {
  attn.weight @embed : tensor<4x4xf32> init {
    %0 = arith.constant dense<0.5> : tensor<4x4xf32>
    attn.yield %0 : tensor<4x4xf32>
  }
  func.func @step(%ids: tensor<?x?xi32>, %positions: tensor<?x?xi32>,
                  %rows: tensor<?x?xi32>) -> tensor<?x?x4xf32> {
    %table = attn.use @embed : tensor<4x4xf32>
    %0 = attn.embed %table, %ids : tensor<4x4xf32>, tensor<?x?xi32>
        -> tensor<?x?x4xf32>
    %1 = math.tanh %0 : tensor<?x?x4xf32>
    %2 = attn.gather_tokens %1, %rows : tensor<?x?x4xf32>, tensor<?x?xi32>
        -> tensor<?x?x4xf32>
    %3 = attn.linear %2, %table : tensor<?x?x4xf32>, tensor<4x4xf32>
        -> tensor<?x?x4xf32>
    return %3 : tensor<?x?x4xf32>
  }
}
