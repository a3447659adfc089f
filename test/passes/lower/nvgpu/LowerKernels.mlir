// RUN: heed-opt %s --heed-lower-kernels-to-nvgpu | FileCheck %s
// RUN: not heed-opt %s --heed-lower-kernels-to-nvgpu="arch=sm_70" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=OLD
// OLD: error: expects the architecture sm_80 or sm_90a, got sm_70

// One memory for the module, addressed by every kernel's own stack.
// CHECK: llvm.mlir.global external @heed_shared() {addr_space = 3 : i32, alignment = 1024 : i64} : !llvm.array<0 x i8>

!v = memref<?x64xf32, strided<[64, 1], offset: ?>>

// Lane l has columns 4 l to 4 l + 3; half of the lanes lie outside.
// CHECK-LABEL: func.func @twice(
// CHECK-SAME: !llvm.ptr) attributes {heed.shared_bytes = 0 : i64, heed.stages = 0 : i64, heed.threads = 32 : i64, heed.tile = array<i64: 1, 64>, heed.words = 3 : i64}
// CHECK: llvm.call_intrinsic "llvm.nvvm.read.ptx.sreg.ctaid.x"
// CHECK: %[[T:.*]] = llvm.call_intrinsic "llvm.nvvm.read.ptx.sreg.tid.x"
// CHECK: llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xf32>
// CHECK-COUNT-4: arith.addf
// CHECK-NOT: arith.addf
// CHECK: llvm.store %{{.*}} {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<1>
// CHECK: return
tile.kernel @twice(%x: memref<?xf32>, %y: memref<?xf32>, %n: index)
    grid(%n by 1) {
  %c0 = arith.constant 0 : index
  %p = tile.program_id 0
  %xv = tile.view %x[%c0] sizes [%n, 64] strides [64, 1] : memref<?xf32> to !v
  %yv = tile.view %y[%c0] sizes [%n, 64] strides [64, 1] : memref<?xf32> to !v
  %a = tile.load %xv[%p, %c0] : !v -> tensor<1x64xf32>
  %b = arith.addf %a, %a : tensor<1x64xf32>
  tile.store %b, %yv[%p, %c0] : tensor<1x64xf32>, !v
  tile.return
}
