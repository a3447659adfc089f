//===- EmulatedModel.cpp - A package on an emulated GPU -------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/models/EmulatedModel.h"

#include "runtime/cache/Cache.h"
#include "test/unit/runtime/cuda/EmulatedGpu.h"
#include "test/unit/runtime/cuda/FakeCublasLt.h"

namespace heed {

/// Loads the fake cuBLASLt, as it is at the beginning.
static FakeCublasLt *resetLibrary() {
  void *library = dlopen(HEED_FAKE_CUBLASLT, RTLD_NOW | RTLD_LOCAL);
  reinterpret_cast<void (*)()>(dlsym(library, "fakeCublasLtReset"))();
  return reinterpret_cast<FakeCublasLt *(*)()>(
      dlsym(library, "fakeCublasLt"))();
}

struct EmulatedModel::Parts {
  // Ended in reverse order: the driver last.
  test::EmulatedGpu gpu{HEED_FAKE_CUDA};
  FakeCublasLt *library = resetLibrary();
  bool hasLibrary = true;
  std::unique_ptr<Model> model;
  std::unique_ptr<Cache> cache;
};

EmulatedModel::EmulatedModel(bool hasLibrary) : parts(new Parts) {
  parts->hasLibrary = hasLibrary;
}
EmulatedModel::~EmulatedModel() = default;

std::string EmulatedModel::open(const void *bytes, size_t size, int64_t slots,
                                int64_t capacity) {
  Package package;
  if (Status error = package.copy(bytes, size, "package"))
    return error.message();
  DeviceOptions options = {0, HEED_FAKE_CUDA, {}};
  if (parts->hasLibrary)
    options.productLibraries = {HEED_FAKE_CUBLASLT};
  if (Status error =
          Model::open(std::move(package), "", "cuda", options, parts->model))
    return error.message();
  return Cache::create(*parts->model, slots, capacity, parts->cache).message();
}

std::string EmulatedModel::prefill(const heed_step &step) {
  return parts->cache->step(Phase::Prefill, step).message();
}
std::string EmulatedModel::decode(const heed_step &step) {
  return parts->cache->step(Phase::Decode, step).message();
}
std::string EmulatedModel::reset() { return parts->cache->reset(-1).message(); }
std::string EmulatedModel::trim(int64_t slot, int64_t tokens) {
  return parts->cache->trim(slot, tokens).message();
}
std::string EmulatedModel::fork(int64_t from, int64_t to) {
  return parts->cache->fork(from, to).message();
}
int64_t EmulatedModel::vocabulary() const {
  return parts->model->package().header().vocabulary;
}
int64_t EmulatedModel::cacheBytes() const { return parts->cache->bytes(); }
int64_t EmulatedModel::countProducts() const {
  return parts->library->multiplications;
}

} // namespace heed
