//===- PackageCheck.h - Every number of a package, checked ------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The one gate between bytes of unknown origin and the runtime: what passes
/// here needs no further check. Touches nothing outside [data, data + size) and
/// allocates only for messages and one bit per cache.
///
/// Not checked: that a kernel stays inside its arguments, which is the
/// compiler's word, and the target, which is the device's business.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_PACKAGECHECK_H
#define HEED_RUNTIME_PACKAGECHECK_H

#include "runtime/Package.h"
#include "runtime/Status.h"

#include <cstdint>
#include <string>

namespace heed {

/// Checks `size` bytes at `data`, which is aligned to 8 bytes, against
/// heed-c/Package.h. Fails with HEED_BAD_PACKAGE and a message "NAME: what was
/// found, what was wanted".
Status checkPackage(const char *data, uint64_t size, const std::string &name);

/// Checks commands, buffers and entries of a package whose tables are checked.
Status checkEntries(const PackageView &package);

/// Checks that `span` is text within the strings; `what` names it in the
/// message.
Status checkString(const PackageView &package, heed_span span,
                   const std::string &what, bool mayBeEmpty);

/// Whether `first` and the `number - 1` after it lie below `end`.
bool inRange(uint64_t first, uint64_t number, uint64_t end);

/// Makes a failure with the code HEED_BAD_PACKAGE.
Status badPackage(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/// Computes the checksum of a package of at least a header.
uint64_t packageChecksum(const char *data, uint64_t size);

} // namespace heed

#endif // HEED_RUNTIME_PACKAGECHECK_H
