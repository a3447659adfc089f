//===- MachineCode.h - What is in an ELF object in tests --------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Symbols and instructions of an object or image for x86-64. Aborts the test
/// program if the bytes are no ELF object or hold what is no instruction.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_PASSES_LOWER_CPU_MACHINECODE_H
#define HEED_TEST_UNIT_PASSES_LOWER_CPU_MACHINECODE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace heed::test {

/// Names of ELF symbols, sorted.
struct Symbols {
  std::vector<std::string> defined; ///< what others can see
  std::vector<std::string> undefined;
  std::vector<std::string> needed; ///< libraries
};

/// Lists the symbols for the linker or, with `dynamic`, those for the loader.
Symbols symbolsOf(llvm::ArrayRef<char> elf, bool dynamic);

/// How many instructions the code has, and how many of them only a processor
/// with AVX-512 knows.
struct Instructions {
  int64_t all = 0;
  int64_t avx512 = 0;
};
Instructions instructionsOf(llvm::ArrayRef<char> elf);

/// The object that `emitObject` makes of text in the LLVM dialect. An error
/// begins with the first diagnostic, if there is one.
llvm::Expected<llvm::SmallVector<char, 0>>
objectOf(const std::string &text, const std::vector<std::string> &names,
         const std::string &cpu);

} // namespace heed::test

#endif // HEED_TEST_UNIT_PASSES_LOWER_CPU_MACHINECODE_H
