//===- HeedPlugin.cpp - Heed in the stock mlir-opt ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The two entry points that MLIR's tools look for in a plugin. Load it as
/// both, and name passes in a pipeline:
///
///   mlir-opt m.mlir --load-dialect-plugin=HeedPlugin.so
///     --load-pass-plugin=HeedPlugin.so
///     --pass-pipeline='builtin.module(attn-sliding-window{window=256})'
///
/// The flag spelling of a pass (`--attn-sliding-window`) is refused there: a
/// tool makes its flags before it loads plugins.
///
//===----------------------------------------------------------------------===//

#include "passes/InitAll.h"

#include "mlir/IR/Dialect.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

extern "C" LLVM_ATTRIBUTE_WEAK mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "Heed", HEED_VERSION,
          [](mlir::DialectRegistry *registry) {
            heed::registerAllDialects(*registry);
          }};
}

extern "C" LLVM_ATTRIBUTE_WEAK mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "Heed", HEED_VERSION,
          heed::registerAllPasses};
}
