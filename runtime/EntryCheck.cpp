//===- EntryCheck.cpp - Commands and buffers of a package, checked --------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Arithmetic.h"
#include "runtime/PackageCheck.h"
#include "runtime/ProductCheck.h"

#include <cstdarg>
#include <cstdio>
#include <vector>

namespace heed {

using ull = unsigned long long;

/// Bounds the work of a check, which else could be quadratic in the file.
static constexpr uint64_t maxEntries = 16;
static constexpr uint32_t maxOperands = 1024;

namespace {
/// Checks one entry of a package whose tables are checked.
class EntryChecker : PackageView {
public:
  EntryChecker(const PackageView &package, uint64_t number)
      : PackageView(package), number_(number), entry_(entries()[number]) {}

  Status run();

private:
  Status checkName();
  Status checkRanges();
  Status checkBuffers();
  Status checkBuffer(const heed_package_buffer &buffer);
  Status checkCommand();
  Status checkLaunch();
  Status checkProduct();
  Status checkOperands();
  Status checkMaps();
  Status checkMap(const heed_package_map &map);
  Status checkGrid();
  Status checkAppend();
  Status checkAppendOperand(const heed_package_field &field, uint32_t word);
  Status checkOperand(uint32_t word);
  Status checkUse(uint32_t buffer);
  Status checkWorkspace(uint32_t buffer);
  Status checkKept(uint32_t kind, uint32_t index);
  int64_t elementType(uint32_t word) const;

  /// Makes a failure that begins with the place under check.
  Status fail(const char *format, ...) const
      __attribute__((format(printf, 2, 3)));

  static constexpr int64_t none = -1;

  uint64_t number_;
  const heed_package_entry &entry_;
  Table<heed_package_command> commands_;
  Table<heed_package_buffer> buffers_;
  bool isDecode_ = false;
  /// Caches that were appended so far.
  std::vector<bool> appended_;
  /// The place under check, as far as it is one.
  int64_t buffer_ = none, command_ = none, operand_ = none, map_ = none;
};
} // namespace

Status EntryChecker::fail(const char *format, ...) const {
  char text[256];
  va_list list;
  va_start(list, format);
  std::vsnprintf(text, sizeof(text), format, list);
  va_end(list);
  std::string place = formatText("entry %llu", ull(number_));
  if (buffer_ != none)
    place += formatText(": buffer %llu", ull(buffer_));
  if (command_ != none)
    place += formatText(": command %llu", ull(command_));
  if (operand_ != none)
    place += formatText(": operand %llu", ull(operand_));
  if (map_ != none)
    place += formatText(": tensor map %llu", ull(map_));
  return badPackage("%s: %s", place.c_str(), text);
}

Status EntryChecker::run() {
  if (Status error = checkName())
    return error;
  if (Status error = checkRanges())
    return error;
  if (Status error = checkBuffers())
    return error;
  appended_.assign(caches().size(), false);
  for (command_ = 0; command_ != int64_t(commands_.size()); ++command_)
    if (Status error = checkCommand())
      return error;
  return Status();
}

Status EntryChecker::checkName() {
  if (Status error =
          checkString(*this, entry_.name,
                      formatText("entry %llu: name", ull(number_)), false))
    return error;
  for (uint64_t i = 0; i != number_; ++i)
    if (string(entries()[i].name) == string(entry_.name))
      return fail("has the name of entry %llu", ull(i));
  isDecode_ = string(entry_.name) == "decode";
  return Status();
}

Status EntryChecker::checkRanges() {
  if (entry_.command_count == 0 ||
      !inRange(entry_.first_command, entry_.command_count, commands().size()))
    return fail("%u commands at %u found, there are %llu", entry_.command_count,
                entry_.first_command, ull(commands().size()));
  if (!inRange(entry_.first_buffer, entry_.buffer_count, buffers().size()))
    return fail("%u buffers at %u found, there are %llu", entry_.buffer_count,
                entry_.first_buffer, ull(buffers().size()));
  commands_ = commands().slice(entry_.first_command, entry_.command_count);
  buffers_ = buffers().slice(entry_.first_buffer, entry_.buffer_count);
  return Status();
}

static bool isNegative(const heed_package_size &size) {
  return size.constant < 0 || size.b < 0 || size.bn < 0 || size.br < 0;
}

Status EntryChecker::checkBuffers() {
  for (buffer_ = 0; buffer_ != int64_t(buffers_.size()); ++buffer_)
    if (Status error = checkBuffer(buffers_[buffer_]))
      return error;
  buffer_ = none;
  return Status();
}

Status EntryChecker::checkBuffer(const heed_package_buffer &buffer) {
  if (isNegative(buffer.elements))
    return fail("negative size found");
  if (elementBytes(buffer.dtype) == 0 || buffer.reserved != 0)
    return fail("dtype %u, reserved %u found, 0 to 4, 0 wanted", buffer.dtype,
                buffer.reserved);
  if (buffer.first_command > buffer.last_command ||
      buffer.last_command >= entry_.command_count)
    return fail("lives from command %u to %u, the entry has %u",
                buffer.first_command, buffer.last_command,
                entry_.command_count);
  return Status();
}

Status EntryChecker::checkCommand() {
  const heed_package_command &command = commands_[command_];
  if (Status error = checkString(*this, {command.label, command.label_size},
                                 "label of a command", true))
    return fail("%s", error.message().c_str());
  bool last = command_ + 1 == int64_t(commands_.size());
  if (last != (command.opcode == HEED_OP_RETURN))
    return fail("opcode %u found, a return is wanted at the end, only there",
                command.opcode);
  switch (command.opcode) {
  case HEED_OP_LAUNCH:
    return checkLaunch();
  case HEED_OP_CACHE_APPEND:
    return checkAppend();
  case HEED_OP_RETURN:
    return Status();
  case HEED_OP_PRODUCT:
    return checkProduct();
  }
  return fail("opcode %u found, 0 to 3 wanted", command.opcode);
}

Status EntryChecker::checkGrid() {
  const heed_package_command &command = commands_[command_];
  if (command.grid_terms > 3)
    return fail("%u grid terms found, 0 to 3 wanted", command.grid_terms);
  for (uint32_t i = 0; i != command.grid_terms; ++i) {
    if (isNegative(command.grid[i].value))
      return fail("grid term %u: negative size found", i);
    if (command.grid[i].divisor < 1)
      return fail("grid term %u: divisor %lld found, at least 1 wanted", i,
                  static_cast<long long>(command.grid[i].divisor));
  }
  return Status();
}

Status EntryChecker::checkLaunch() {
  const heed_package_command &command = commands_[command_];
  if (command.a >= kernels().size())
    return fail("kernel %u found, there are %llu", command.a,
                ull(kernels().size()));
  if (Status error = checkOperands())
    return error;
  if (Status error = checkMaps())
    return error;
  return checkGrid();
}

/// Checks the operands of a launch or product each for itself.
Status EntryChecker::checkOperands() {
  const heed_package_command &command = commands_[command_];
  if (command.c > maxOperands ||
      !inRange(command.b, command.c, operands().size()))
    return fail("%u operands at %u found, at most %u of %llu wanted", command.c,
                command.b, maxOperands, ull(operands().size()));
  for (operand_ = 0; operand_ != int64_t(command.c); ++operand_)
    if (Status error = checkOperand(operands()[command.b + operand_]))
      return error;
  operand_ = none;
  return Status();
}

Status EntryChecker::checkProduct() {
  const heed_package_command &command = commands_[command_];
  if (isDecode_)
    return fail("a product found, none wanted in decode, which is recorded");
  // The last command is a return, so there is a next one.
  uint32_t next = commands_[command_ + 1].opcode;
  if (next != HEED_OP_LAUNCH)
    return fail("a product found before opcode %u, a launch wanted", next);
  if (Status error = checkOperands())
    return error;
  if (Status error = checkGrid())
    return error;
  if (Status error = heed::checkProduct(*this, buffers_, command))
    return fail("%s", error.message().c_str());
  return Status();
}

/// Checks that this launch has the words that the maps of its kernel name.
Status EntryChecker::checkMaps() {
  const heed_package_command &command = commands_[command_];
  const heed_package_kernel &kernel = kernels()[command.a];
  if (kernel.map_count == 0)
    return Status();
  uint64_t bytes =
      heed_map_offset(command.c) + uint64_t(kernel.map_count) * HEED_MAP_BYTES;
  if (bytes > HEED_MAX_PARAM_BYTES)
    return fail("%u operands and %u tensor maps found, %llu bytes, at most %u "
                "wanted",
                command.c, kernel.map_count, ull(bytes), HEED_MAX_PARAM_BYTES);
  for (map_ = 0; map_ != int64_t(kernel.map_count); ++map_)
    if (Status error = checkMap(maps()[kernel.first_map + map_]))
      return error;
  map_ = none;
  return Status();
}

/// Returns the type of what an operand is the address of, or none.
int64_t EntryChecker::elementType(uint32_t word) const {
  uint32_t index = word & 0xffffff;
  switch (word >> 24) {
  case HEED_ARG_BUFFER:
    return buffers_[index].dtype;
  case HEED_ARG_WEIGHT:
    return weights()[index].dtype;
  case HEED_ARG_FIELD:
    return fields()[index].dtype;
  case HEED_ARG_LOGITS:
    return HEED_F32;
  case HEED_ARG_CACHE_CAPACITY:
  case HEED_ARG_SIZE:
  case HEED_ARG_CONSTANT:
    return none;
  default:
    return HEED_I32;
  }
}

Status EntryChecker::checkMap(const heed_package_map &map) {
  const heed_package_command &command = commands_[command_];
  for (uint32_t word : {map.buffer, map.rows})
    if (word >= command.c)
      return fail("word %u found, the launch has %u", word, command.c);
  uint32_t buffer = operands()[command.b + map.buffer];
  uint32_t rows = operands()[command.b + map.rows];
  if (elementType(buffer) != HEED_BF16)
    return fail("word %u of kind %u found, an address of bf16 wanted",
                map.buffer, buffer >> 24);
  if (elementType(rows) != none)
    return fail("word %u of kind %u found, a number of rows wanted", map.rows,
                rows >> 24);
  if (rows >> 24 != HEED_ARG_CONSTANT)
    return Status();
  int64_t value = constants()[rows & 0xffffff];
  if (value < 0 || value > INT32_MAX)
    return fail("panels of %lld rows found, 0 to %d wanted",
                static_cast<long long>(value), INT32_MAX);
  return Status();
}

Status EntryChecker::checkUse(uint32_t index) {
  if (index >= buffers_.size())
    return fail("buffer %u found, the entry has %llu", index,
                ull(buffers_.size()));
  const heed_package_buffer &buffer = buffers_[index];
  if (command_ < buffer.first_command || command_ > buffer.last_command)
    return fail("buffer %u found, which lives from command %u to %u", index,
                buffer.first_command, buffer.last_command);
  return Status();
}

Status EntryChecker::checkWorkspace(uint32_t index) {
  if (Status error = checkUse(index))
    return error;
  int64_t constant = buffers_[index].elements.constant;
  if (constant == 0 || constant % HEED_DIVIDED_PROGRAMS != 0)
    return fail("workspace %u of %lld elements found, a multiple of %d wanted",
                index, static_cast<long long>(constant), HEED_DIVIDED_PROGRAMS);
  return Status();
}

Status EntryChecker::checkAppend() {
  const heed_package_command &command = commands_[command_];
  if (command.a >= caches().size())
    return fail("cache %u found, there are %llu", command.a,
                ull(caches().size()));
  if (appended_[command.a])
    return fail("cache %u is appended for the second time", command.a);
  appended_[command.a] = true;
  const heed_package_cache &cache = caches()[command.a];
  if (isDecode_ && cache.until_decode)
    return fail("cache %u found, which is kept only until decode", command.a);
  if (command.c != cache.field_count ||
      !inRange(command.b, command.c, operands().size()))
    return fail("%u operands at %u found, %u of %llu wanted", command.c,
                command.b, cache.field_count, ull(operands().size()));
  for (operand_ = 0; operand_ != int64_t(command.c); ++operand_)
    if (Status error =
            checkAppendOperand(fields()[cache.first_field + operand_],
                               operands()[command.b + operand_]))
      return error;
  operand_ = none;
  return Status();
}

Status EntryChecker::checkAppendOperand(const heed_package_field &field,
                                        uint32_t word) {
  uint32_t kind = word >> 24, index = word & 0xffffff;
  if (kind != HEED_ARG_BUFFER)
    return fail("kind %u found, a buffer wanted", kind);
  if (Status error = checkUse(index))
    return error;
  const heed_package_buffer &buffer = buffers_[index];
  int64_t row = int64_t(field.heads) * field.width;
  if (buffer.dtype != field.dtype || buffer.elements.bn < row)
    return fail("rows of %lld, dtype %u found, %lld, dtype %u wanted",
                static_cast<long long>(buffer.elements.bn), buffer.dtype,
                static_cast<long long>(row), field.dtype);
  return Status();
}

Status EntryChecker::checkOperand(uint32_t word) {
  uint32_t kind = word >> 24, index = word & 0xffffff;
  uint64_t limit = 0;
  switch (kind) {
  case HEED_ARG_BUFFER:
    return checkUse(index);
  case HEED_ARG_WEIGHT:
    limit = weights().size();
    break;
  case HEED_ARG_IDS:
  case HEED_ARG_POSITIONS:
  case HEED_ARG_ROWS:
  case HEED_ARG_SLOTS:
  case HEED_ARG_LOGITS:
    limit = 1;
    break;
  case HEED_ARG_FIELD:
    limit = fields().size();
    break;
  case HEED_ARG_CACHE_POSITIONS:
  case HEED_ARG_CACHE_COUNTS:
  case HEED_ARG_CACHE_CAPACITY:
    limit = caches().size();
    break;
  case HEED_ARG_SIZE:
    limit = 3;
    break;
  case HEED_ARG_CONSTANT:
    limit = constants().size();
    break;
  case HEED_ARG_PARTS:
    limit = 1;
    break;
  case HEED_ARG_WORKSPACE:
    return checkWorkspace(index);
  default:
    return fail("kind %u found, 0 to %d wanted", kind, HEED_ARG_WORKSPACE);
  }
  if (index >= limit)
    return fail("index %u of kind %u found, there are %llu", index, kind,
                ull(limit));
  return checkKept(kind, index);
}

/// Refuses that decode reads what it has released.
Status EntryChecker::checkKept(uint32_t kind, uint32_t index) {
  if (!isDecode_)
    return Status();
  uint32_t cache = index;
  if (kind == HEED_ARG_FIELD)
    for (cache = 0;
         index - caches()[cache].first_field >= caches()[cache].field_count;)
      ++cache;
  else if (kind < HEED_ARG_CACHE_POSITIONS || kind > HEED_ARG_CACHE_CAPACITY)
    return Status();
  if (caches()[cache].until_decode)
    return fail("cache %u found, which is kept only until decode", cache);
  return Status();
}

Status checkEntries(const PackageView &package) {
  uint64_t number = package.entries().size();
  if (number == 0 || number > maxEntries)
    return badPackage("%llu entries found, 1 to %llu wanted", ull(number),
                      ull(maxEntries));
  for (uint64_t i = 0; i != number; ++i)
    if (Status error = EntryChecker(package, i).run())
      return error;
  return Status();
}

} // namespace heed
