//===- Path.h - Paths as seen from another folder --------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A module and a package name files relative to their own folders. These turn
/// one spelling into another, by text alone: nothing is looked up on the disk,
/// so links stay as they are spelled.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_SUPPORT_PATH_H
#define HEED_SUPPORT_PATH_H

#include "llvm/ADT/StringRef.h"

#include <string>

namespace heed {

/// Returns `path` as an absolute path without `.` and `..`. It may be relative
/// to `folder`, which may be relative to the current folder, or empty for it.
std::string makeAbsolute(llvm::StringRef path, llvm::StringRef folder);

/// Returns the path that leads from `folder` to `target`, both absolute:
/// "../model/model.safetensors".
std::string makeRelative(llvm::StringRef target, llvm::StringRef folder);

/// Returns `path`, which may be relative to `from`, as seen from the folder
/// `to`; absolute if `to` is empty.
std::string rebase(llvm::StringRef path, llvm::StringRef from,
                   llvm::StringRef to);

} // namespace heed

#endif // HEED_SUPPORT_PATH_H
