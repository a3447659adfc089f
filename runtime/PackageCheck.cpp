//===- PackageCheck.cpp - Every number of a package, checked --------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/PackageCheck.h"

#include "heed-c/Hash.h"
#include "runtime/Arithmetic.h"
#include "runtime/Package.h"

#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <cstring>

namespace heed {

using ull = unsigned long long;

/// More private memory than any program has use for.
static constexpr uint64_t maxScratchBytes = uint64_t(1) << 30;

/// What a program of a GPU can have of threads, whole warps, and of shared
/// memory.
static constexpr uint32_t warpThreads = 32, maxThreads = 1024;
static constexpr uint64_t maxSharedBytes = 227 << 10;

/// What the box of a tensor map can have; its columns fill the swizzle.
static constexpr uint32_t boxColumns = 64, maxBox = 256;

/// Whether kernels for `target` may have tensor maps and be persistent.
static bool isHopper(std::string_view target) { return target == "sm_90a"; }

namespace {
/// Checks header and tables. Every check relies on those that `run` lists
/// before it.
class TableChecker : PackageView {
public:
  TableChecker(const char *data, uint64_t size)
      : PackageView(data), size_(size) {}

  Status run();

private:
  Status checkIdentity();
  Status checkTexts();
  Status checkTables();
  Status checkStopIds();
  Status checkFiles();
  Status checkWeights();
  Status checkCaches();
  Status checkFields();
  Status checkKernels();
  Status checkProgram(const heed_package_kernel &kernel,
                      const std::string &place);
  Status checkMaps();
  Status checkSpan(const char *what, heed_span span, uint64_t record);

  uint64_t size_;
};
} // namespace

Status TableChecker::run() {
  using Check = Status (TableChecker::*)();
  for (Check check : {&TableChecker::checkIdentity, &TableChecker::checkTexts,
                      &TableChecker::checkTables, &TableChecker::checkStopIds,
                      &TableChecker::checkFiles, &TableChecker::checkWeights,
                      &TableChecker::checkCaches, &TableChecker::checkFields,
                      &TableChecker::checkKernels, &TableChecker::checkMaps})
    if (Status error = (this->*check)())
      return error;
  return Status();
}

/// Checks that this is a whole, undamaged package of our version.
Status TableChecker::checkIdentity() {
  if (size_ >= 8 && std::memcmp(data(), HEED_PACKAGE_MAGIC, 8) != 0)
    return badPackage(
        "not a package, the first bytes are not " HEED_PACKAGE_MAGIC);
  if (size_ < sizeof(heed_package_header))
    return badPackage("cut short, %llu bytes found, a header has %zu",
                      ull(size_), sizeof(heed_package_header));
  if (header().version != HEED_PACKAGE_VERSION)
    return badPackage("package version %u found, %u wanted", header().version,
                      HEED_PACKAGE_VERSION);
  if (header().header_bytes != sizeof(heed_package_header))
    return badPackage("header of %u bytes found, %zu wanted",
                      header().header_bytes, sizeof(heed_package_header));
  if (header().file_bytes != size_)
    return badPackage("file of %llu bytes found, %llu wanted", ull(size_),
                      ull(header().file_bytes));
  uint64_t checksum = packageChecksum(data(), size_);
  if (header().checksum != checksum)
    return badPackage("damaged, checksum %016llx found, %016llx wanted",
                      ull(checksum), ull(header().checksum));
  return Status();
}

Status TableChecker::checkSpan(const char *what, heed_span span,
                               uint64_t record) {
  if (!inRange(span.offset, span.size, size_))
    return badPackage("%s: %llu bytes at %llu found, the file has %llu", what,
                      ull(span.size), ull(span.offset), ull(size_));
  if (span.size % record != 0)
    return badPackage("%s: %llu bytes found, a multiple of %llu wanted", what,
                      ull(span.size), ull(record));
  if (span.offset % 8 != 0)
    return badPackage("%s: offset %llu found, a multiple of 8 wanted", what,
                      ull(span.offset));
  return Status();
}

/// Checks the members that are text and the blobs, which have no alignment.
Status TableChecker::checkTexts() {
  const char *target = header().target;
  size_t length = strnlen(target, sizeof(header().target));
  if (length == 0 || length == sizeof(header().target))
    return badPackage("target: %zu characters found, 1 to %zu wanted", length,
                      sizeof(header().target) - 1);
  for (size_t i = 0; i != length; ++i)
    if (target[i] <= ' ' || target[i] > '~')
      return badPackage("target: byte 0x%02x found, printable text wanted",
                        static_cast<unsigned char>(target[i]));
  struct Blob {
    const char *what;
    heed_span span;
  };
  for (const Blob &blob :
       {Blob{"strings", header().strings}, Blob{"metadata", header().metadata},
        Blob{"code", header().code}, Blob{"embedded", header().embedded}})
    if (!inRange(blob.span.offset, blob.span.size, size_))
      return badPackage("%s: %llu bytes at %llu found, the file has %llu",
                        blob.what, ull(blob.span.size), ull(blob.span.offset),
                        ull(size_));
  heed_span metadata = header().metadata;
  if (metadata.size && std::memchr(data() + metadata.offset, 0, metadata.size))
    return badPackage("metadata: zero byte found, JSON text wanted");
  if (header().vocabulary == 0 || header().vocabulary > INT32_MAX)
    return badPackage("vocabulary of %u found, 1 to %d wanted",
                      header().vocabulary, INT32_MAX);
  if (header().context > INT32_MAX)
    return badPackage("context of %u found, 0 to %d wanted", header().context,
                      INT32_MAX);
  return Status();
}

Status TableChecker::checkTables() {
  struct Table {
    const char *what;
    heed_span span;
    uint64_t record;
  };
  const heed_package_header &h = header();
  for (const Table &table :
       {Table{"stop ids", h.stop_ids, sizeof(int32_t)},
        Table{"files", h.files, sizeof(heed_package_file)},
        Table{"weights", h.weights, sizeof(heed_package_weight)},
        Table{"caches", h.caches, sizeof(heed_package_cache)},
        Table{"fields", h.fields, sizeof(heed_package_field)},
        Table{"kernels", h.kernels, sizeof(heed_package_kernel)},
        Table{"maps", h.maps, sizeof(heed_package_map)},
        Table{"buffers", h.buffers, sizeof(heed_package_buffer)},
        Table{"commands", h.commands, sizeof(heed_package_command)},
        Table{"operands", h.operands, sizeof(uint32_t)},
        Table{"constants", h.constants, sizeof(int64_t)},
        Table{"entries", h.entries, sizeof(heed_package_entry)}})
    if (Status error = checkSpan(table.what, table.span, table.record))
      return error;
  return Status();
}

Status TableChecker::checkStopIds() {
  Table<int32_t> ids = stopIds();
  for (uint64_t i = 0; i != ids.size(); ++i)
    if (ids[i] < 0 || uint32_t(ids[i]) >= header().vocabulary)
      return badPackage("stop id %d found, 0 to %u wanted", ids[i],
                        header().vocabulary - 1);
  return Status();
}

Status TableChecker::checkFiles() {
  Table<heed_package_file> files = this->files();
  for (uint64_t i = 0; i != files.size(); ++i)
    if (Status error =
            checkString(*this, files[i].path,
                        formatText("path of file %llu", ull(i)), false))
      return error;
  return Status();
}

Status TableChecker::checkWeights() {
  Table<heed_package_weight> weights = this->weights();
  uint64_t files = this->files().size();
  for (uint64_t i = 0; i != weights.size(); ++i) {
    const heed_package_weight &weight = weights[i];
    std::string place = formatText("weight %llu", ull(i));
    if (Status error = checkString(*this, weight.name, place + ": name", false))
      return error;
    int64_t element = elementBytes(weight.dtype);
    if (element == 0)
      return badPackage("%s: dtype %u found, 0 to 4 wanted", place.c_str(),
                        weight.dtype);
    if (weight.bytes % element != 0)
      return badPackage("%s: %llu bytes found, a multiple of %lld wanted",
                        place.c_str(), ull(weight.bytes),
                        static_cast<long long>(element));
    if (weight.file != HEED_EMBEDDED && weight.file >= files)
      return badPackage("%s: file %u found, there are %llu", place.c_str(),
                        weight.file, ull(files));
    // What lies in other files is checked against them when they are opened.
    if (weight.file == HEED_EMBEDDED &&
        !inRange(weight.offset, weight.bytes, header().embedded.size))
      return badPackage("%s: %llu bytes at %llu found, %llu are embedded",
                        place.c_str(), ull(weight.bytes), ull(weight.offset),
                        ull(header().embedded.size));
  }
  return Status();
}

Status TableChecker::checkCaches() {
  Table<heed_package_cache> caches = this->caches();
  uint64_t fields = this->fields().size();
  uint64_t next = 0;
  for (uint64_t i = 0; i != caches.size(); ++i) {
    const heed_package_cache &cache = caches[i];
    std::string place = formatText("cache %llu", ull(i));
    if (Status error = checkString(*this, cache.name, place + ": name", false))
      return error;
    if (cache.first_field != next || !inRange(next, cache.field_count, fields))
      return badPackage(
          "%s: fields %u to %llu found, %llu to at most %llu wanted",
          place.c_str(), cache.first_field,
          ull(cache.first_field) + cache.field_count, ull(next), ull(fields));
    next += cache.field_count;
    if (uint64_t(cache.window) + cache.sinks > INT32_MAX)
      return badPackage("%s: window %u and %u sinks found, at most %d wanted",
                        place.c_str(), cache.window, cache.sinks, INT32_MAX);
    if (cache.window == 0 && cache.sinks != 0)
      return badPackage("%s: %u sinks found without a window", place.c_str(),
                        cache.sinks);
    if (cache.until_decode > 1 || cache.reserved != 0)
      return badPackage(
          "%s: until_decode %u, reserved %u found, 0 or 1, 0 wanted",
          place.c_str(), cache.until_decode, cache.reserved);
  }
  if (next != fields)
    return badPackage("%llu fields found, the caches have %llu", ull(fields),
                      ull(next));
  return Status();
}

Status TableChecker::checkFields() {
  Table<heed_package_field> fields = this->fields();
  for (uint64_t i = 0; i != fields.size(); ++i) {
    const heed_package_field &field = fields[i];
    std::string place = formatText("field %llu", ull(i));
    if (Status error = checkString(*this, field.name, place + ": name", false))
      return error;
    if (elementBytes(field.dtype) == 0)
      return badPackage("%s: dtype %u found, 0 to 4 wanted", place.c_str(),
                        field.dtype);
    if (field.heads == 0 || field.width == 0 || field.heads > INT32_MAX ||
        field.width > INT32_MAX)
      return badPackage("%s: %u heads of %u found, 1 to %d wanted",
                        place.c_str(), field.heads, field.width, INT32_MAX);
    if (field.reserved != 0)
      return badPackage("%s: reserved %u found, 0 wanted", place.c_str(),
                        field.reserved);
  }
  return Status();
}

Status TableChecker::checkKernels() {
  Table<heed_package_kernel> kernels = this->kernels();
  uint64_t maps = this->maps().size(), next = 0;
  for (uint64_t i = 0; i != kernels.size(); ++i) {
    std::string place = formatText("kernel %llu", ull(i));
    if (Status error =
            checkString(*this, kernels[i].symbol, place + ": symbol", false))
      return error;
    if (Status error = checkProgram(kernels[i], place))
      return error;
    uint64_t first = kernels[i].first_map, count = kernels[i].map_count;
    if (first != next || !inRange(next, count, maps))
      return badPackage("%s: maps %llu to %llu found, %llu to at most %llu "
                        "wanted",
                        place.c_str(), ull(first), ull(first + count),
                        ull(next), ull(maps));
    next += count;
    if (count != 0 && !isHopper(header().target))
      return badPackage("%s: %llu tensor maps found, none wanted for %s",
                        place.c_str(), ull(count), header().target);
  }
  if (next != maps)
    return badPackage("%llu maps found, the kernels have %llu", ull(maps),
                      ull(next));
  return Status();
}

/// Checks what one program of a kernel wants of the target.
Status TableChecker::checkProgram(const heed_package_kernel &kernel,
                                  const std::string &place) {
  bool gpu = isGpuTarget(header().target);
  uint64_t most = gpu ? maxSharedBytes : maxScratchBytes;
  if (kernel.scratch_bytes > most)
    return badPackage("%s: %llu bytes of scratch found, at most %llu wanted",
                      place.c_str(), ull(kernel.scratch_bytes), ull(most));
  if (!gpu && kernel.threads != 1)
    return badPackage("%s: %u threads found, 1 wanted for %s", place.c_str(),
                      kernel.threads, header().target);
  if (gpu && (kernel.threads == 0 || kernel.threads > maxThreads ||
              kernel.threads % warpThreads != 0))
    return badPackage("%s: %u threads found, a multiple of %u up to %u wanted "
                      "for %s",
                      place.c_str(), kernel.threads, warpThreads, maxThreads,
                      header().target);
  bool mayPersist = isHopper(header().target);
  if (kernel.persistent > uint32_t(mayPersist))
    return badPackage("%s: persistent %u found, %s wanted for %s",
                      place.c_str(), kernel.persistent,
                      mayPersist ? "0 or 1" : "0", header().target);
  return Status();
}

/// Checks what does not depend on the launch.
Status TableChecker::checkMaps() {
  Table<heed_package_map> maps = this->maps();
  for (uint64_t i = 0; i != maps.size(); ++i) {
    const heed_package_map &map = maps[i];
    if (map.columns == 0 || map.columns > maxBox ||
        map.columns % boxColumns != 0)
      return badPackage("map %llu: %u columns found, a multiple of %u up to %u "
                        "wanted",
                        ull(i), map.columns, boxColumns, maxBox);
    if (map.box_rows == 0 || map.box_rows > maxBox)
      return badPackage("map %llu: a box of %u rows found, 1 to %u wanted",
                        ull(i), map.box_rows, maxBox);
  }
  return Status();
}

Status badPackage(const char *format, ...) {
  char text[512];
  va_list list;
  va_start(list, format);
  std::vsnprintf(text, sizeof(text), format, list);
  va_end(list);
  return Status(HEED_BAD_PACKAGE, text);
}

bool inRange(uint64_t first, uint64_t number, uint64_t end) {
  return first <= end && number <= end - first;
}

Status checkString(const PackageView &package, heed_span span,
                   const std::string &what, bool empty) {
  if (!inRange(span.offset, span.size, package.header().strings.size))
    return badPackage("%s: text of %llu bytes at %llu found, strings have %llu",
                      what.c_str(), ull(span.size), ull(span.offset),
                      ull(package.header().strings.size));
  if (span.size == 0)
    return empty ? Status() : badPackage("%s: no text found", what.c_str());
  if (span.size > 4096)
    return badPackage("%s: text of %llu bytes found, at most 4096 wanted",
                      what.c_str(), ull(span.size));
  // Texts end up in messages of one line.
  for (char byte : package.string(span))
    if (static_cast<unsigned char>(byte) < ' ' || byte == 0x7f)
      return badPackage("%s: control character 0x%02x found in text",
                        what.c_str(), static_cast<unsigned char>(byte));
  return Status();
}

uint64_t packageChecksum(const char *data, uint64_t size) {
  constexpr size_t field = offsetof(heed_package_header, checksum);
  constexpr size_t behind = field + sizeof(uint64_t);
  const char zero[sizeof(uint64_t)] = {};
  uint64_t hash = heed_hash(HEED_HASH_START, data, field);
  hash = heed_hash(hash, zero, sizeof(zero));
  return heed_hash(hash, data + behind, size - behind);
}

Status checkPackage(const char *data, uint64_t size, const std::string &name) {
  Status error = TableChecker(data, size).run();
  if (!error)
    error = checkEntries(PackageView(data));
  if (error)
    return Status(error.code(), name + ": " + error.message());
  return Status();
}

} // namespace heed
