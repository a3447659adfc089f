//===- ElfImage.h - Kernels from a shared object ----------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Loads the code of a package: a shared object for x86-64 whose functions
/// need nothing but each other. It is small enough to do without the system's
/// loader, which trusts its input, wants a file and names libraries by path.
///
/// Every offset in the object is checked; a damaged one is refused, not
/// executed. Read, write and execute rights are those of its segments.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_CPU_ELFIMAGE_H
#define HEED_RUNTIME_CPU_ELFIMAGE_H

#include "runtime/Memory.h"
#include "runtime/Status.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace heed {

/// A loaded object. Its functions live as long as it does.
class ElfImage {
public:
  /// Loads the object in `file`, which must outlive the image. Fails with
  /// HEED_BAD_PACKAGE.
  Status load(std::string_view file);

  /// Returns the function `name`, or null.
  const void *function(std::string_view name) const;

private:
  Pages pages_;
  std::map<std::string, uint64_t, std::less<>> functions_;
};

} // namespace heed

#endif // HEED_RUNTIME_CPU_ELFIMAGE_H
