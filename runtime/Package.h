//===- Package.h - A checked package in memory ------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reads the format of heed-c/Package.h. A `Package` that was opened is
/// checked: every span, index and size in it can be used as it stands. It owns
/// the mapping or the copy; tables and strings live as long as it does.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_PACKAGE_H
#define HEED_RUNTIME_PACKAGE_H

#include "heed-c/Package.h"
#include "runtime/Memory.h"
#include "runtime/Status.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace heed {

/// Whether code for `target` runs on a GPU.
inline bool isGpuTarget(std::string_view target) {
  return target.substr(0, 3) == "sm_";
}

/// A view of consecutive records of a package.
template <typename Record> class Table {
public:
  Table() = default;
  Table(const Record *first, uint64_t count) : first_(first), count_(count) {}

  uint64_t size() const { return count_; }
  const Record &operator[](uint64_t index) const { return first_[index]; }
  const Record *begin() const { return first_; }
  const Record *end() const { return first_ + count_; }
  Table slice(uint64_t first, uint64_t count) const {
    return Table(first_ + first, count);
  }

private:
  const Record *first_ = nullptr;
  uint64_t count_ = 0;
};

/// The tables and strings of a package that somebody else owns.
class PackageView {
public:
  PackageView() = default;
  explicit PackageView(const char *data) : data_(data) {}

  const heed_package_header &header() const {
    return *reinterpret_cast<const heed_package_header *>(data_);
  }
  const char *data() const { return data_; }

  /// Returns the records that `span`, a member of the header, names.
  template <typename Record> Table<Record> table(heed_span span) const {
    return Table<Record>(reinterpret_cast<const Record *>(data_ + span.offset),
                         span.size / sizeof(Record));
  }
  Table<int32_t> stopIds() const { return table<int32_t>(header().stop_ids); }
  Table<heed_package_file> files() const {
    return table<heed_package_file>(header().files);
  }
  Table<heed_package_weight> weights() const {
    return table<heed_package_weight>(header().weights);
  }
  Table<heed_package_cache> caches() const {
    return table<heed_package_cache>(header().caches);
  }
  Table<heed_package_field> fields() const {
    return table<heed_package_field>(header().fields);
  }
  Table<heed_package_kernel> kernels() const {
    return table<heed_package_kernel>(header().kernels);
  }
  Table<heed_package_map> maps() const {
    return table<heed_package_map>(header().maps);
  }
  Table<heed_package_buffer> buffers() const {
    return table<heed_package_buffer>(header().buffers);
  }
  Table<heed_package_command> commands() const {
    return table<heed_package_command>(header().commands);
  }
  Table<uint32_t> operands() const {
    return table<uint32_t>(header().operands);
  }
  Table<int64_t> constants() const {
    return table<int64_t>(header().constants);
  }
  Table<heed_package_entry> entries() const {
    return table<heed_package_entry>(header().entries);
  }

  /// Returns the bytes of a blob.
  std::string_view blob(heed_span span) const {
    return std::string_view(data_ + span.offset, span.size);
  }
  /// Returns the text of a string span.
  std::string_view string(heed_span span) const {
    return blob({header().strings.offset + span.offset, span.size});
  }

private:
  const char *data_ = nullptr;
};

/// A package that passed every check, and the memory it lies in.
class Package : public PackageView {
public:
  /// Maps and checks the file at `path`.
  Status open(const std::string &path);

  /// Copies and checks `size` bytes; messages call them `name`.
  Status copy(const void *data, uint64_t size, std::string name);

  const std::string &name() const { return name_; }

private:
  MappedFile file_;
  Pages copy_;
  std::string name_;
};

} // namespace heed

#endif // HEED_RUNTIME_PACKAGE_H
