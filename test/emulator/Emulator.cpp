//===- Emulator.cpp - Runs PTX text on the processor ----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/Emulator.h"

#include "test/emulator/Machine.h"
#include "test/emulator/Parser.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace heed::ptx {

void Memory::add(const void *begin, uint64_t bytes, bool writable) {
  uint64_t address = reinterpret_cast<uintptr_t>(begin);
  ranges_[address] = {address + bytes, writable};
}

void Memory::remove(const void *begin) {
  ranges_.erase(reinterpret_cast<uintptr_t>(begin));
}

bool Memory::contains(uint64_t address, uint64_t bytes, bool write) const {
  auto after = ranges_.upper_bound(address);
  if (after == ranges_.begin())
    return false;
  const Range &range = std::prev(after)->second;
  return address <= range.end && bytes <= range.end - address &&
         (range.writable || !write);
}

Module::Module() = default;
Module::Module(Module &&) noexcept = default;
Module &Module::operator=(Module &&) noexcept = default;
Module::~Module() = default;

Status Module::parse(std::string_view text) {
  auto program = std::make_unique<Program>();
  if (Status error = Parser(text, *program).parseModule())
    return error;
  program_ = std::move(program);
  return Status();
}

std::vector<std::string> Module::kernels() const {
  std::vector<std::string> names;
  if (program_)
    for (const Kernel &kernel : program_->kernels)
      names.push_back(kernel.name);
  return names;
}

static const Kernel *find(const Program *program, std::string_view name) {
  if (program)
    for (const Kernel &kernel : program->kernels)
      if (kernel.name == name)
        return &kernel;
  return nullptr;
}

static Status checkLaunch(const Kernel &kernel, int64_t grid, uint32_t threads,
                          uint32_t sharedBytes, size_t words) {
  const char *name = kernel.name.c_str();
  if (grid < 0 || grid > INT32_MAX)
    return makeError(HEED_INVALID_ARGUMENT, "%s: %lld blocks wanted", name,
                     (long long)grid);
  if (threads == 0 || threads % 32 != 0 || threads > kernel.maxThreads ||
      (kernel.requiredThreads && threads != kernel.requiredThreads))
    return makeError(HEED_INVALID_ARGUMENT,
                     "%s: launched with %u threads, its bounds are %u "
                     "(required) and %u (most), in warps of 32",
                     name, threads, kernel.requiredThreads, kernel.maxThreads);
  if (kernel.sharedBytes + sharedBytes > maxSharedBytes)
    return makeError(HEED_INVALID_ARGUMENT,
                     "%s: %llu static and %u dynamic bytes of shared memory, "
                     "a block has %llu at most",
                     name, (unsigned long long)kernel.sharedBytes, sharedBytes,
                     (unsigned long long)maxSharedBytes);
  // The driver refuses bytes that no parameter takes, padding too (error 701).
  if (kernel.paramBytes != words * 8)
    return makeError(HEED_INVALID_ARGUMENT,
                     "%s: launched with %zu words, its parameters take %llu "
                     "bytes",
                     name, words, (unsigned long long)kernel.paramBytes);
  return Status();
}

Status Module::launch(std::string_view name, int64_t grid, uint32_t threads,
                      uint32_t sharedBytes, const std::vector<int64_t> &words,
                      const Memory &memory, const Options &options) {
  const Kernel *kernel = find(program_.get(), name);
  if (!kernel)
    return makeError(HEED_INVALID_ARGUMENT, "no kernel '%s' in the module",
                     std::string(name).c_str());
  if (Status error =
          checkLaunch(*kernel, grid, threads, sharedBytes, words.size()))
    return error;
  std::vector<uint8_t> params(words.size() * 8);
  if (!words.empty())
    std::memcpy(params.data(), words.data(), params.size());
  Launch launch = {*kernel,
                   memory,
                   std::move(params),
                   grid,
                   threads,
                   sharedBytes,
                   options,
                   std::mt19937(uint32_t(options.seed)),
                   {}};
  for (const Variable &variable : program_->variables)
    launch.memory.add(reinterpret_cast<const void *>(variable.address),
                      variable.bytes, variable.writable);
  // Blocks are independent, so any order will do.
  std::vector<int64_t> order(static_cast<size_t>(grid));
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), launch.random);
  for (int64_t index : order)
    if (Status error = Block(launch, index).run())
      return Status(error.code(), kernel->name + ": " + error.message());
  counts_ = launch.counts;
  return Status();
}

} // namespace heed::ptx
