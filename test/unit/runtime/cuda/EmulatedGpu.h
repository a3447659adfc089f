//===- EmulatedGpu.h - A GPU made of two test tools -------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The fake driver of FakeCuda.c with an emulator that runs the PTX: what a GPU
/// would do, as far as both know it, on any machine. Devices that are opened
/// with that driver, `{0, HEED_FAKE_CUDA}`, compute as long as one lives.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_RUNTIME_CUDA_EMULATEDGPU_H
#define HEED_TEST_UNIT_RUNTIME_CUDA_EMULATEDGPU_H

#include "test/emulator/Emulator.h"
#include "test/unit/runtime/cuda/FakeCuda.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <type_traits>

namespace heed::test {

class EmulatedGpu {
public:
  /// So few that persistent kernels have programs to hand out.
  static constexpr int multiprocessors = 7;

  /// Sets up the fake driver at `library` to run kernels here, from now on.
  explicit EmulatedGpu(const char *library) {
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    auto find = [&](auto *&function, const char *name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(
          dlsym(handle, name));
    };
    find(reset_, "fakeCudaReset");
    find(visit_, "fakeCudaVisit");
    find(state_, "fakeCuda");
    reset_();
    state_()->run = run;
    state_()->encode = encode;
    state_()->multiprocessors = multiprocessors;
    state_()->user = this;
  }
  EmulatedGpu(const EmulatedGpu &) = delete;
  EmulatedGpu &operator=(const EmulatedGpu &) = delete;
  ~EmulatedGpu() { reset_(); }

private:
  static int run(void *user, const FakeLaunch *launch) {
    return static_cast<EmulatedGpu *>(user)->run(*launch);
  }

  /// Makes the emulator's map of what the driver is asked for.
  static int encode(void *, const FakeTensorMap *wanted, void *bytes) {
    constexpr int bf16 = 9; // CU_TENSOR_MAP_DATA_TYPE_BFLOAT16.
    if (wanted->type != bf16 || wanted->rank < 1 || wanted->rank > 5 ||
        wanted->swizzle < 0 || wanted->swizzle > 3)
      return 1; // CUDA_ERROR_INVALID_VALUE.
    ptx::TensorMap map;
    map.base = wanted->base;
    map.rank = wanted->rank;
    map.swizzleBytes = wanted->swizzle ? 16u << wanted->swizzle : 0;
    for (uint32_t i = 0; i != map.rank; ++i) {
      map.sizes[i] = wanted->sizes[i];
      map.strides[i] = i ? wanted->strides[i - 1] : 0;
      map.box[i] = wanted->box[i];
    }
    ptx::encodeTensorMap(map, bytes);
    return 0;
  }

  int run(const FakeLaunch &launch) {
    ptx::Memory memory;
    visit_(
        [](void *user, void *data, size_t bytes) {
          static_cast<ptx::Memory *>(user)->add(data, bytes);
        },
        &memory);
    ptx::Options options;
    options.seed = ++seed_;
    Status error = load(launch.image);
    if (!error)
      error = modules_[launch.image].launch(
          launch.kernel, launch.grid, launch.threads, launch.sharedBytes,
          {launch.words, launch.words + launch.bytes / 8}, memory, options);
    EXPECT_FALSE(error) << launch.kernel << ": " << error.message();
    return error ? 719 : 0; // CUDA_ERROR_LAUNCH_FAILED.
  }

  /// Parses a text, once for all modules with it.
  Status load(const std::string &text) {
    if (modules_.count(text))
      return Status();
    return modules_[text].parse(text);
  }

  std::map<std::string, ptx::Module> modules_;
  uint64_t seed_ = 0;
  void (*reset_)() = nullptr;
  void (*visit_)(void (*)(void *, void *, size_t), void *) = nullptr;
  FakeCuda *(*state_)() = nullptr;
};

} // namespace heed::test

#endif // HEED_TEST_UNIT_RUNTIME_CUDA_EMULATEDGPU_H
