//===- OptionKind.h - What options of rewrites hold -------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_FRAMEWORK_OPTIONKIND_H
#define HEED_PASSES_FRAMEWORK_OPTIONKIND_H

namespace heed {

/// The values that an option of a rewrite takes; so does a plan. An integer is
/// a number too.
enum class OptionKind { Boolean, Integer, Number, String, Integers };

} // namespace heed

#endif // HEED_PASSES_FRAMEWORK_OPTIONKIND_H
