//===- BuildKernels.h - The kernels of benchmark rows -----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Writes a folder of kernels that needs nothing of the compiler: an image per
/// kernel, and `kernels.json`, which says for each row how to launch them. With
/// a variant, `@VARIANT` stands before the end of each name, so that several
/// variants can lie in one folder.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_BENCH_BUILDKERNELS_H
#define HEED_TEST_BENCH_BUILDKERNELS_H

#include "test/bench/BenchRow.h"

namespace heed {

struct BenchBuild {
  std::string folder;
  std::string target;   ///< "sm_80" or "sm_90a".
  std::string commit;   ///< What the kernels were built from.
  std::string variant;  ///< Empty: the one that stands for us.
  std::string pipeline; ///< Passes on the module, from the group to kernels.
  bool isText = false;  ///< PTX even where there is an assembler.
};

/// Compiles one kernel for each distinct key of `rows`. REQUIRES:
/// registerAllPasses() and the passes of MLIR that `pipeline` names.
llvm::Error buildKernels(llvm::ArrayRef<BenchRow> rows,
                         const BenchBuild &build);

} // namespace heed

#endif // HEED_TEST_BENCH_BUILDKERNELS_H
