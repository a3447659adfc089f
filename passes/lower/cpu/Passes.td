//===- Passes.td - Lowering kernels to the CPU -------------*- tablegen -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_CPU_PASSES_TD
#define HEED_PASSES_LOWER_CPU_PASSES_TD

include "mlir/Pass/PassBase.td"

def LowerKernelsToCpuPass
    : Pass<"heed-lower-kernels-to-cpu", "mlir::ModuleOp"> {
  let summary = "Turn kernels into functions of loops over 1-D vectors";
  let description = [{
    Replaces each `tile.kernel` by a `func.func` of the same name that computes
    one program: buffers as bare memrefs of one element (their addresses),
    numbers as indices, then the scratch memory, then the program's number.

    Each 2-D tile lies in scratch memory as vectors along its rows or along its
    columns; see `passes/lower/cpu/Layouts.h` for the rule. Products keep a
    block of accumulators in registers, elementwise ops and reductions of one
    shape share a loop, exponentials become polynomials. An op outside of what
    is known is refused, and printed.

    Example: a sum of two rows

    ```mlir
    %c = arith.addf %a, %b : tensor<4x64xf32>
    ```

    becomes

    ```mlir
    scf.for %i = %c0 to %c4 step %c1 {
      scf.for %j = %c0 to %c64 step %c32 {
        %x = vector.load %abuf[%i, %j] : memref<4x64xf32>, vector<32xf32>
        %y = vector.load %bbuf[%i, %j] : memref<4x64xf32>, vector<32xf32>
        %z = arith.addf %x, %y : vector<32xf32>
        vector.store %z, %cbuf[%i, %j] : memref<4x64xf32>, vector<32xf32>
      }
    }
    ```
  }];
  let options = [
    Option<"cpu", "cpu", "std::string", /*default=*/"\"x86-64-v3\"",
           "Processor by LLVM's name: x86-64-v3 (AVX2) or x86-64-v4 (AVX-512)">,
  ];
  let dependentDialects = [
    "mlir::arith::ArithDialect", "mlir::func::FuncDialect",
    "mlir::math::MathDialect", "mlir::memref::MemRefDialect",
    "mlir::scf::SCFDialect", "mlir::vector::VectorDialect",
  ];
}

#endif // HEED_PASSES_LOWER_CPU_PASSES_TD
