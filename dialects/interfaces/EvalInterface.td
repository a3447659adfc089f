//===- EvalInterface.td - Ops that the reference runs -*- tablegen -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_INTERFACES_EVALINTERFACE_TD
#define HEED_DIALECTS_INTERFACES_EVALINTERFACE_TD

include "mlir/IR/OpBase.td"

def EvalInterface : OpInterface<"EvalInterface"> {
  let description = [{
    Ops that say what they mean: by evaluating themselves in plain loops. That
    is the oracle for every lowering of them.
  }];
  let cppNamespace = "::heed";
  let methods = [InterfaceMethod<
    /*desc=*/[{
      Reads the operands from `frame` and sets the results. Fails after an error
      at the op.
    }],
    "::llvm::LogicalResult", "evaluate", (ins "::heed::EvalFrame &":$frame)>];
}

#endif // HEED_DIALECTS_INTERFACES_EVALINTERFACE_TD
