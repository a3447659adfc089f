//===- Program.cpp - An entry of a package, ready to run ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Program.h"

#include "runtime/ProductCheck.h"

#include <algorithm>
#include <chrono>

namespace heed {

Program::Program(const Package &package, uint32_t entry, const Weights &weights)
    : package_(package), weights_(weights) {
  const heed_package_entry &record = package.entries()[entry];
  commands_ =
      package.commands().slice(record.first_command, record.command_count);
  buffers_ = package.buffers().slice(record.first_buffer, record.buffer_count);
  appends_.assign(package.caches().size(), false);
  for (const heed_package_command &command : commands_)
    if (command.opcode == HEED_OP_CACHE_APPEND)
      appends_[command.a] = true;
  makeLabels();
}

/// Gives every command a label, its own or what it does.
void Program::makeLabels() {
  for (const heed_package_command &command : commands_) {
    std::string label(package_.string({command.label, command.label_size}));
    if (!label.empty())
      ;
    else if (command.opcode == HEED_OP_LAUNCH)
      label = package_.string(package_.kernels()[command.a].symbol);
    else if (command.opcode == HEED_OP_CACHE_APPEND)
      label = "append " +
              std::string(package_.string(package_.caches()[command.a].name));
    else
      label = command.opcode == HEED_OP_RETURN ? "return" : "product";
    labels_.push_back(std::move(label));
  }
}

/// Computes the number of programs of a launch.
static bool countPrograms(const heed_package_command &command,
                          const StepSizes &sizes, int64_t &grid) {
  grid = 1;
  for (uint32_t i = 0; i != command.grid_terms; ++i) {
    const heed_package_grid_term &term = command.grid[i];
    int64_t value;
    if (!evaluate(term.value, sizes, value))
      return false;
    value = value / term.divisor + (value % term.divisor != 0);
    if (!multiply(grid, value, grid))
      return false;
  }
  return true;
}

/// Computes in how many parts a launch of `grid` programs is divided on a
/// device that `wanted` programs fill. Half as many have copies enough under
/// way, and many parts take long to combine; none shall wait for others to end.
static int64_t countParts(int64_t grid, int64_t wanted) {
  constexpr int64_t few = 8;
  wanted = std::min<int64_t>(wanted, HEED_DIVIDED_PROGRAMS);
  grid = std::max<int64_t>(grid, 1);
  int64_t parts = std::min(wanted / grid, std::max(few, wanted / 2 / grid));
  return std::clamp<int64_t>(parts, 1, HEED_MOST_PARTS);
}

/// Checks that the workspace has room for what `programs` programs store.
Status Program::checkWorkspace(uint64_t command, uint32_t buffer,
                               int64_t programs, const StepSizes &sizes) const {
  const heed_package_size &size = buffers_[buffer].elements;
  int64_t each = size.constant / HEED_DIVIDED_PROGRAMS;
  int64_t elements = 0, needed;
  if (evaluate(size, sizes, elements) && multiply(each, programs, needed) &&
      needed <= elements)
    return Status();
  return makeError(
      HEED_BAD_PACKAGE,
      "%s: command %llu: workspace of %lld elements found, %lld "
      "times %lld wanted",
      package_.name().c_str(), static_cast<unsigned long long>(command),
      static_cast<long long>(elements), static_cast<long long>(programs),
      static_cast<long long>(each));
}

/// Divides a launch, whose grid is known, if it asks for that.
Status Program::divide(uint64_t number, int64_t wanted, StepPlan &plan) const {
  const heed_package_command &command = commands_[number];
  int64_t &grid = plan.grids[number];
  auto operands = package_.operands().slice(command.b, command.c);
  bool isDivided = std::any_of(operands.begin(), operands.end(), [](auto word) {
    return word >> 24 == HEED_ARG_PARTS;
  });
  if (isDivided)
    plan.parts[number] = countParts(grid, wanted);
  grid *= plan.parts[number];
  for (uint32_t word : operands)
    if (word >> 24 == HEED_ARG_WORKSPACE)
      if (Status error =
              checkWorkspace(number, word & 0xffffff, grid, plan.sizes))
        return error;
  return Status();
}

/// Appends `elements` of 4 bytes to the memory of a plan.
static bool place(int64_t elements, int64_t &bytes, int64_t &offset) {
  offset = bytes;
  int64_t size;
  return multiply(elements, 4, size) && add(bytes, size, bytes) &&
         roundUp(bytes, arenaAlignment, bytes);
}

Status Program::plan(const StepSizes &sizes, StepPlan &plan,
                     int64_t wanted) const {
  StepPlan fresh;
  fresh.sizes = sizes;
  if (Status error = placeBuffers(buffers_, sizes, fresh.buffers))
    return error;
  fresh.bytes = fresh.buffers.bytes;
  int64_t bn, br, logits;
  bool fits = multiply(sizes.b, sizes.n, bn) &&
              multiply(sizes.b, sizes.r, br) &&
              multiply(br, package_.header().vocabulary, logits) &&
              place(bn, fresh.bytes, fresh.ids) &&
              place(bn, fresh.bytes, fresh.positions) &&
              place(br, fresh.bytes, fresh.rows) &&
              place(sizes.b, fresh.bytes, fresh.slots) &&
              place(logits, fresh.bytes, fresh.logits);
  for (uint64_t i = 0; fits && i != commands_.size(); ++i) {
    fresh.grids.push_back(0);
    fresh.parts.push_back(1);
    if (commands_[i].opcode == HEED_OP_LAUNCH)
      fits = countPrograms(commands_[i], sizes, fresh.grids.back());
    if (commands_[i].opcode == HEED_OP_PRODUCT)
      fits = evaluate(commands_[i].grid[0].value, sizes, fresh.grids.back());
  }
  if (!fits)
    return makeError(HEED_OUT_OF_MEMORY,
                     "a step of %lld sequences of %lld tokens is too large",
                     static_cast<long long>(sizes.b),
                     static_cast<long long>(sizes.n));
  for (uint64_t i = 0; i != commands_.size(); ++i)
    if (commands_[i].opcode == HEED_OP_LAUNCH)
      if (Status error = divide(i, wanted, fresh))
        return error;
  plan = std::move(fresh);
  return Status();
}

int64_t Program::param(uint32_t operand, uint64_t command, const StepPlan &plan,
                       const StepBinding &binding) const {
  uint32_t index = operand & 0xffffff;
  switch (operand >> 24) {
  case HEED_ARG_BUFFER:
  case HEED_ARG_WORKSPACE:
    return binding.memory + plan.buffers.offsets[index];
  case HEED_ARG_WEIGHT:
    return weights_.address(index);
  case HEED_ARG_IDS:
    return binding.memory + plan.ids;
  case HEED_ARG_POSITIONS:
    return binding.memory + plan.positions;
  case HEED_ARG_ROWS:
    return binding.memory + plan.rows;
  case HEED_ARG_SLOTS:
    return binding.memory + plan.slots;
  case HEED_ARG_LOGITS:
    return binding.memory + plan.logits;
  case HEED_ARG_FIELD:
    return binding.cache->fields[index];
  case HEED_ARG_CACHE_POSITIONS:
    return binding.cache->caches[index].positions;
  case HEED_ARG_CACHE_COUNTS:
    return binding.cache->caches[index].counts;
  case HEED_ARG_CACHE_CAPACITY:
    return binding.cache->caches[index].capacity;
  case HEED_ARG_SIZE:
    return index == 0 ? plan.sizes.b : index == 1 ? plan.sizes.n : plan.sizes.r;
  case HEED_ARG_PARTS:
    return plan.parts[command];
  default: // HEED_ARG_CONSTANT: the package check admits no other.
    return package_.constants()[index];
  }
}

void Program::launch(uint64_t number, const StepPlan &plan,
                     const StepBinding &binding, std::vector<int64_t> &params,
                     Device &device) const {
  const heed_package_command &command = commands_[number];
  if (plan.grids[number] == 0)
    return;
  params.clear();
  for (uint32_t word : package_.operands().slice(command.b, command.c))
    params.push_back(param(word, number, plan, binding));
  device.launch(command.a, params.data(), params.size(), plan.grids[number]);
}

/// Lets the device compute product `number`, if it can.
bool Program::runProduct(uint64_t number, const StepPlan &plan,
                         const StepBinding &binding, Device &device) const {
  ProductShape shape = readProduct(package_, commands_[number]);
  auto address = [&](uint32_t word) {
    return word == ProductShape::none ? 0 : param(word, number, plan, binding);
  };
  Product product = {address(shape.x), address(shape.weight),
                     address(shape.result)};
  product.bias = address(shape.bias);
  product.residual = address(shape.residual);
  product.isF32 = shape.result >> 24 != HEED_ARG_BUFFER ||
                  buffers_[shape.result & 0xffffff].dtype == HEED_F32;
  product.sequences = plan.sizes.b;
  product.rows = plan.grids[number];
  product.columns = shape.columns;
  product.perHead = shape.perHead;
  product.depth = shape.depth;
  return device.multiply(product);
}

void Program::append(uint64_t number, const StepPlan &plan,
                     const StepBinding &binding, Device &device) const {
  const heed_package_command &command = commands_[number];
  const heed_package_cache &cache = package_.caches()[command.a];
  const CacheArrays &arrays = binding.cache->caches[command.a];
  std::vector<AppendField> fields;
  for (uint32_t i = 0; i != cache.field_count; ++i) {
    const heed_package_field &field = package_.fields()[cache.first_field + i];
    uint32_t rows = package_.operands()[command.b + i];
    fields.push_back({param(rows, number, plan, binding),
                      binding.cache->fields[cache.first_field + i], field.heads,
                      field.width * elementBytes(field.dtype)});
  }
  Append append;
  append.fields = fields.data();
  append.fieldCount = fields.size();
  append.batch = plan.sizes.b;
  append.tokens = plan.sizes.n;
  append.stepPositions = binding.memory + plan.positions;
  append.slots = binding.memory + plan.slots;
  append.cachePositions = arrays.positions;
  append.counts = arrays.counts;
  append.capacity = arrays.capacity;
  append.sinks = arrays.sinks;
  device.append(append);
}

Status Program::run(const StepPlan &plan, const StepBinding &binding,
                    Device &device) const {
  using Clock = std::chrono::steady_clock;
  std::vector<int64_t> params;
  for (uint64_t i = 0; i != commands_.size(); ++i) {
    const heed_package_command &command = commands_[i];
    if (command.opcode == HEED_OP_RETURN)
      break;
    Clock::time_point begin = Clock::now();
    if (command.opcode == HEED_OP_LAUNCH)
      launch(i, plan, binding, params, device);
    else if (command.opcode == HEED_OP_CACHE_APPEND)
      append(i, plan, binding, device);
    else if (runProduct(i, plan, binding, device))
      ++i; // The launch that it says the product of.
    else
      continue;
    if (!binding.trace.callback)
      continue;
    if (Status error = device.finish())
      return error;
    auto spent = std::chrono::duration_cast<std::chrono::nanoseconds>(
        Clock::now() - begin);
    binding.trace.callback(binding.trace.user, labels_[i].c_str(),
                           spent.count());
  }
  return Status();
}

} // namespace heed
