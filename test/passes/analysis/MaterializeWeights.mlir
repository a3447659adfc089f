// RUN: rm -rf %t && mkdir -p %t && cp %s %t/m.mlir
// RUN: heed-opt %t/m.mlir --heed-materialize-weights -o %t/a.mlir
// RUN: FileCheck %s --input-file=%t/a.mlir
// RUN: ls %t | FileCheck %s --check-prefix=FILES

// The same weights give the same file; there is nothing left to do then.
// RUN: heed-opt %t/m.mlir --heed-materialize-weights -o %t/b.mlir
// RUN: diff %t/a.mlir %t/b.mlir
// RUN: heed-opt %t/a.mlir --heed-materialize-weights -o %t/c.mlir
// RUN: diff %t/a.mlir %t/c.mlir
// RUN: ls %t/*.safetensors | count 1

// Another folder, and one that is not there.
// RUN: mkdir -p %t/other
// RUN: heed-opt %t/m.mlir --heed-materialize-weights=folder=%t/other -o %t/d.mlir
// RUN: diff %t/a.mlir %t/d.mlir && ls %t/other | FileCheck %s --check-prefix=FILES
// RUN: not heed-opt %t/m.mlir --heed-materialize-weights=folder=%t/none 2>&1 \
// RUN:   | FileCheck %s --check-prefix=NONE

// FILES: weights-{{[0-9a-f]+}}.safetensors
// FILES-NOT: .tmp
// NONE: error: cannot create "{{.*}}none{{.*}}": No such file or directory

// CHECK: attn.weight @small : tensor<2xf32> init {
// CHECK: attn.file @materialized "weights-{{[0-9a-f]+}}.safetensors" hash("{{[0-9a-f]+}}")
// CHECK: attn.weight @sum : tensor<2xf32> from @materialized "sum"
// CHECK: attn.weight @half : tensor<2xbf16> from @materialized "half"
// CHECK: attn.weight @large : tensor<4097xf32> from @materialized "large"
attn.weight @small : tensor<2xf32> init {
  %0 = arith.constant dense<[1.0, 2.5]> : tensor<2xf32>
  attn.yield %0 : tensor<2xf32>
}
attn.weight @sum : tensor<2xf32> init {
  %0 = attn.use @small : tensor<2xf32>
  %1 = attn.use @large : tensor<4097xf32>
  %2 = tensor.extract_slice %1[7] [2] [1] : tensor<4097xf32> to tensor<2xf32>
  %3 = arith.addf %0, %2 : tensor<2xf32>
  attn.yield %3 : tensor<2xf32>
}
attn.weight @half : tensor<2xbf16> init {
  %0 = attn.use @sum : tensor<2xf32>
  %1 = arith.truncf %0 : tensor<2xf32> to tensor<2xbf16>
  attn.yield %1 : tensor<2xbf16>
}
attn.weight @large : tensor<4097xf32> init {
  %0 = arith.constant dense<3.25> : tensor<4097xf32>
  attn.yield %0 : tensor<4097xf32>
}
