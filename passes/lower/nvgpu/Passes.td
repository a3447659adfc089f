//===- Passes.td - Lowering kernels to NVIDIA GPUs ---------*- tablegen -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_NVGPU_PASSES_TD
#define HEED_PASSES_LOWER_NVGPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def LowerKernelsToNvgpuPass
    : Pass<"heed-lower-kernels-to-nvgpu", "mlir::ModuleOp"> {
  let summary = "Turn kernels into functions of one thread of a GPU";
  let description = [{
    Replaces each `tile.kernel` by a `func.func` of the same name that does what
    one thread does of one program; its argument is the address of the launch
    words. The attributes `heed.threads`, `heed.shared_bytes` and `heed.stages`
    say how it is to be launched, and how many slots its largest ring has.

    Tiles lie in the registers of all threads by one rule
    (`passes/lower/nvgpu/Distribution.h`); operands of products lie in shared
    memory, and what a stream loads for products is copied ahead into a ring
    there. Products of bf16 run on the matrix units, products of f32 are
    multiply-adds. This is the portable path: it needs sm_80 and nothing newer.
    An op outside of what is known is refused, and printed; so is a kernel that
    needs more shared memory than the architecture has.

    Example: a sum of two rows of 64 columns, of which a thread has two

    ```mlir
    %c = arith.addf %a, %b : tensor<1x64xf32>
    ```

    becomes

    ```mlir
    %c0 = arith.addf %a0, %b0 : f32
    %c1 = arith.addf %a1, %b1 : f32
    ```
  }];
  let options = [
    Option<"arch", "arch", "std::string", /*default=*/"\"sm_80\"",
           "Architecture that decides how much shared memory there is: "
           "sm_80 or sm_90a">,
  ];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::func::FuncDialect",
    "mlir::LLVM::LLVMDialect", "mlir::math::MathDialect",
    "mlir::scf::SCFDialect",
  ];
}

#endif // HEED_PASSES_LOWER_NVGPU_PASSES_TD
