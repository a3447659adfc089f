//===- Package.cpp - A checked package in memory --------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Package.h"

#include "runtime/PackageCheck.h"

#include <cstring>

namespace heed {

Status Package::open(const std::string &path) {
  MappedFile file;
  if (Status error = file.open(path, HEED_BAD_PACKAGE))
    return error;
  if (Status error = checkPackage(file.data(), file.size(), path))
    return error;
  PackageView::operator=(PackageView(file.data()));
  file_ = std::move(file);
  copy_ = Pages();
  name_ = path;
  return Status();
}

Status Package::copy(const void *data, uint64_t size, std::string name) {
  Pages copy;
  if (size > INT64_MAX)
    return makeError(HEED_INVALID_ARGUMENT,
                     "%s: a package of more than 2^63 bytes", name.c_str());
  if (Status error = copy.allocate(size, name.c_str()))
    return error;
  if (size != 0)
    std::memcpy(copy.data(), data, size);
  if (Status error = checkPackage(copy.data(), size, name))
    return error;
  PackageView::operator=(PackageView(copy.data()));
  copy_ = std::move(copy);
  file_ = MappedFile();
  name_ = std::move(name);
  return Status();
}

} // namespace heed
