//===- CostInterface.td - Ops that know their cost -*- tablegen -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_INTERFACES_COSTINTERFACE_TD
#define HEED_DIALECTS_INTERFACES_COSTINTERFACE_TD

include "mlir/IR/OpBase.td"

def CostInterface : OpInterface<"CostInterface"> {
  let description = [{
    Ops that count their work and traffic. Ops without it do work of the order
    of their operands' sizes, which no report mentions.
  }];
  let cppNamespace = "::heed";
  let methods = [InterfaceMethod<
    /*desc=*/"Counts one run of the op in a step of these sizes.",
    "::heed::Counts", "getCounts", (ins "const ::heed::StepSizes &":$sizes)>];
}

#endif // HEED_DIALECTS_INTERFACES_COSTINTERFACE_TD
