//===- Passes.td - From graphs to kernels ------------------*- tablegen -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_PASSES_TD
#define HEED_PASSES_LOWER_PASSES_TD

include "mlir/Pass/PassBase.td"

def SpecializePhasesPass : Pass<"heed-specialize-phases", "::mlir::ModuleOp"> {
  let summary = "Clone @step into @prefill and @decode";
  let description = [{
    Clones the authored function `@step` once per phase, marks each clone with
    `attn.phase`, folds `attn.in_phase` in it, and decides every `attn.skip`
    whose condition is then constant: a true one is passed by, a false one runs.
    `@step` is removed. A module that has its phases already is left alone.

    A skip of granularity `static` or `phase` whose condition stays unknown is
    an error. Types do not change: sizes stay dynamic in both phases.

    ```mlir
    %d = attn.in_phase decode
    %y = attn.skip %d phase (%x = %h) : (i1, tensor<?x?x8xf32>)
        -> tensor<?x?x8xf32> {
      %z = arith.addf %x, %x : tensor<?x?x8xf32>
      attn.yield %z : tensor<?x?x8xf32>
    }
    ```

    becomes `%h` in `@decode` and `%h` twice in `@prefill`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

def InlineLayersPass : Pass<"heed-inline-layers", "::mlir::func::FuncOp"> {
  let summary = "Replace each attn.layer by its body";
  let description = [{
    The last pass that sees layers runs before this one. The index of the layer
    stays in the locations of its ops, for labels and messages.

    ```mlir
    %h1 = attn.layer 0 "decoder" (%x = %h) : (tensor<?x?x8xf32>)
        -> tensor<?x?x8xf32> {
      %y = arith.addf %x, %x : tensor<?x?x8xf32>
      attn.yield %y : tensor<?x?x8xf32>
    }
    ```

    becomes `%h1 = arith.addf %h, %h : tensor<?x?x8xf32>`.
  }];
}

def ExpandBlocksPass : Pass<"heed-expand-blocks", "::mlir::func::FuncOp"> {
  let summary = "Write blocks as projections and elementwise ops";
  let description = [{
    Replaces `attn.ffn` by its linears and arith and math ops on tensors. The
    activation and the product with the gate are f32 and rounded once.

    ```mlir
    %y = attn.ffn relu %x, %up, %down
        : tensor<?x?x8xf32>, tensor<16x8xf32>, tensor<8x16xf32>
    ```

    becomes a linear, `arith.maximumf` with zero, and a linear.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::tensor::TensorDialect"];
}

def FormGroupsPass : Pass<"heed-form-groups", "::mlir::ModuleOp"> {
  let summary = "Cut phase functions into groups, one kernel each";
  let description = [{
    Moves the ops of each function with `attn.phase` into private functions,
    *groups*, and calls them in order. What joins a group is decided in
    JoinPolicy.h: an op that has weights, state or a kernel of its own is a
    root, and the elementwise ops behind it join as long as one value leaves.
    Groups with equal bodies become one function.

    A group is isolated. Weights, caches and everything else that it needs are
    arguments; constants and `attn.cache_read` are copied into it. Afterwards
    the phase function holds `attn.use`, calls, `attn.cache_append` and the
    return only; an append stands behind the last group that reads its cache.

    A group carries `attn.group`, the name of its root's loop shape, and
    `attn.phase`. A call carries `label`, for traces and messages, and
    `tokens`: for each result, whether its second dynamic size is N or R.

    Anything that fits no group is an error that prints it.

    ```mlir
    func.func @prefill(%x: tensor<?x?x8xf32>, %w: tensor<8x8xf32>)
        -> tensor<?x?x8xf32> attributes {attn.phase = #attn.phase<prefill>} {
      %0 = attn.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
          -> tensor<?x?x8xf32>
      %1 = arith.addf %0, %x : tensor<?x?x8xf32>
      return %1 : tensor<?x?x8xf32>
    }
    ```

    becomes one call of `@prefill_linear_0`, which holds both ops.
  }];
  let options = [
    Option<"keepProducts", "keep-products", "bool", /*default=*/"false",
           "Whether what a library could compute in prefill stays that">,
  ];
  let dependentDialects = ["::mlir::func::FuncDialect",
                           "::mlir::tensor::TensorDialect"];
}

def LowerToTilePass : Pass<"heed-lower-to-tile", "::mlir::ModuleOp"> {
  let summary = "Write each group as a kernel";
  let description = [{
    Gives each group one `tile.kernel` of its name and turns the group into a
    declaration with the attribute `launches`, which says what the words of each
    launch are (Launch.h). There is one writer per loop shape, not per variant;
    a group that none can write is an error that prints the group.

    ```mlir
    func.func private @double(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
        attributes {attn.group = "elementwise",
                    attn.phase = #attn.phase<prefill>} {
      %0 = arith.addf %x, %x : tensor<?x?x8xf32>
      return %0 : tensor<?x?x8xf32>
    }
    ```

    becomes a declaration beside `tile.kernel @double_kernel`.
  }];
  let options = [
    Option<"target", "target", "std::string", /*default=*/"\"cpu\"",
           "What tiles are sized for: cpu, sm_80 or sm_90a">,
  ];
  let dependentDialects = ["::heed::tile::TileDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect",
                           "::mlir::tensor::TensorDialect"];
}

def SplitKernelsPass : Pass<"heed-split-kernels", "::mlir::ModuleOp"> {
  let summary = "Divide long decode kernels over several programs";
  let description = [{
    Divides the programs of a kernel of a decode group into parts where it has
    one stream with `combine` outside of loops, maybe with streams that continue
    it, and stores only what is computed behind them. Part `i` of a program,
    which is program `p * parts + i` of the launch, takes the steps `i`,
    `i + parts`, ... and stores what it carries, as f32, in a workspace. The
    last part to arrive at a `tile.finish` combines what all have stored, many
    at a time and always in the same order, and goes on from there. A program of
    one part goes on at once. Other kernels stay as they are.

    How many parts there are, the device says at each launch (heed-c/Package.h):
    the words `parts` and `workspace E` join the launch, with E the f32 of one
    part. Results may change in the last bits, in the same way for the same
    number of parts.

    ```mlir
    %sum = tile.stream (%lower to %upper step %c16) carry(%zero : tensor<4xf32>)
    load (%i: index) {
      tile.yield
    }
    body (%i: index, %s: tensor<4xf32>) {
      %next = arith.addf %s, %x : tensor<4xf32>
      tile.yield %next : tensor<4xf32>
    }
    combine (%one: tensor<4xf32>, %other: tensor<4xf32>) {
      %both = arith.addf %one, %other : tensor<4xf32>
      tile.yield %both : tensor<4xf32>
    }
    ```

    becomes a stream from `%lower + 16 * part` of step `16 * parts`, a store,
    and in the `tile.finish` behind it an `scf.for` over the parts.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect"];
}

def SplitStreamsPass : Pass<"heed-split-streams", "::mlir::ModuleOp"> {
  let summary = "Divide streams that say how sets of their steps combine";
  let description = [{
    Replaces each `tile.stream` that has a `combine` by `parts` streams without
    one: part `p` takes the steps `p`, `p + parts`, ... of the range, all from
    the initial values, and `combine` joins their results from first to last.
    Other streams stay as they are. Results may change in the last bits, in the
    same way for the same number of parts.

    The parts stand one behind the other in the same program, so this gains
    nothing where a program is one thread, and no pipeline runs it: it is what
    a template for warps does, in IR that the CPU can run.

    ```mlir
    %sum = tile.stream (%lower to %upper step %c64) carry(%zero : f32)
    load (%i: index) {
      tile.yield
    }
    body (%i: index, %s: f32) {
      %next = arith.addf %s, %x : f32
      tile.yield %next : f32
    }
    combine (%one: f32, %other: f32) {
      %both = arith.addf %one, %other : f32
      tile.yield %both : f32
    }
    ```

    with `parts=2` becomes a stream of step 128 from `%lower`, one from
    `%lower + 64`, and `arith.addf` of their results.
  }];
  let options = [
    Option<"parts", "parts", "int64_t", /*default=*/"4",
           "Streams that one becomes: 1 to 64">,
  ];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

#endif // HEED_PASSES_LOWER_PASSES_TD
