//===- BenchRow.h - One row of the attention benchmark ----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What attention a row of the benchmark asks for. Rows are read from a file,
/// { "rows": [...] }, and copied to what tells the launcher of the kernels.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_BENCH_BENCHROW_H
#define HEED_TEST_BENCH_BENCHROW_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

#include <string>
#include <vector>

namespace heed {

struct BenchRow {
  std::string phase; ///< "prefill" or "decode".
  int64_t batch = 0, heads = 0, keyHeads = 0;
  int64_t queries = 0, keys = 0, width = 0;
  bool causal = false;
  int64_t window = 0; ///< Keys that a query sees; 0: all before it.
  bool timed = false; ///< Whether to time it too, or only check it.

  /// Names what its kernel depends on; rows with one key share the kernel.
  std::string getKernelKey() const;
  /// Returns a module with one group, one `attn.attention` on bf16 tensors.
  std::string writeModule() const;
  llvm::json::Object toJson() const;
};

llvm::Expected<std::vector<BenchRow>> readBenchRows(llvm::StringRef path);

} // namespace heed

#endif // HEED_TEST_BENCH_BENCHROW_H
