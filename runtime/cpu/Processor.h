//===- Processor.h - What this processor can do -----------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Compares the instruction sets that a package was compiled for with those of
/// the processor and the operating system at hand.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_CPU_PROCESSOR_H
#define HEED_RUNTIME_CPU_PROCESSOR_H

#include "runtime/Status.h"

#include <string>

namespace heed {

/// Returns the highest of "x86-64-v4", "x86-64-v3" and "x86-64" that this
/// processor runs, or the name of another architecture.
std::string processorTarget();

/// Fails with HEED_BAD_PACKAGE unless this processor runs code for `target`.
Status checkTarget(const std::string &target);

} // namespace heed

#endif // HEED_RUNTIME_CPU_PROCESSOR_H
