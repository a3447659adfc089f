//===- FakeDriver.h - Tests with the fake CUDA driver -----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A fixture that loads FakeCuda.c, and demands at the end that everything was
/// given back.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_RUNTIME_CUDA_FAKEDRIVER_H
#define HEED_TEST_UNIT_RUNTIME_CUDA_FAKEDRIVER_H

#include "test/unit/runtime/cuda/FakeCuda.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace heed::test {

class FakeDriver : public testing::Test {
protected:
  explicit FakeDriver(const char *library = HEED_FAKE_CUDA)
      : library(library) {}

  const std::string library;

  void SetUp() override {
    handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    ASSERT_TRUE(handle) << dlerror();
    fake = find<FakeCuda *()>("fakeCuda")();
    find<void()>("fakeCudaReset")();
  }
  void TearDown() override {
    expectNothingHeld();
    dlclose(handle);
  }

  void fail(const char *function, int call, int result) {
    find<void(const char *, int, int)>("fakeCudaFail")(function, call, result);
  }

  void expectNothingHeld() {
    EXPECT_EQ(fake->usedBytes, 0u);
    EXPECT_EQ(fake->pinnedBytes, 0u);
    for (int held : {fake->contexts, fake->streams, fake->events, fake->modules,
                     fake->graphs, fake->executables, fake->current})
      EXPECT_EQ(held, 0);
  }

  /// Returns the names of the kernels that have run, and forgets them; those
  /// that came out of a graph have a '*'.
  std::vector<std::string> takeLaunches() {
    std::vector<std::string> names;
    for (int i = 0; i != fake->launchCount; ++i)
      names.push_back(fake->launches[i].kernel +
                      std::string(fake->launches[i].replayed ? "*" : ""));
    fake->launchCount = 0;
    return names;
  }

  FakeCuda *fake = nullptr;

private:
  template <typename Function> Function *find(const char *name) {
    return reinterpret_cast<Function *>(dlsym(handle, name));
  }

  void *handle = nullptr;
};

} // namespace heed::test

#endif // HEED_TEST_UNIT_RUNTIME_CUDA_FAKEDRIVER_H
