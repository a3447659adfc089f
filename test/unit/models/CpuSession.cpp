//===- CpuSession.cpp - Compiling a model and running it ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/models/Session.h"

#include "heed/Support/Error.h"
#include "passes/pipelines/Compile.h"

using namespace mlir;

namespace heed {
namespace {

class CpuSession : public Session {
public:
  ~CpuSession() override {
    heed_cache_destroy(cache);
    heed_model_destroy(model);
  }

  llvm::Error open(llvm::ArrayRef<char> package, int64_t slots,
                   int64_t capacity, int32_t threads) {
    heed_model_options options = {threads};
    if (llvm::Error error = check(heed_model_open_memory(
            package.data(), package.size(), "", "cpu", &options, &model)))
      return error;
    if (llvm::Error error =
            check(heed_cache_create(model, slots, capacity, &cache)))
      return error;
    auto count = [](void *counts, const char *label, int64_t) {
      ++(*static_cast<std::map<std::string, int64_t> *>(counts))[label];
    };
    return check(heed_cache_set_trace(cache, count, &counts));
  }

  int64_t vocabulary() const override {
    heed_model_info info = {};
    heed_model_describe(model, &info);
    return info.vocabulary;
  }
  llvm::Error prefill(const heed_step &step) override {
    return check(heed_prefill(cache, &step));
  }
  llvm::Error decode(const heed_step &step) override {
    return check(heed_decode(cache, &step));
  }
  llvm::Error reset() override { return check(heed_cache_reset(cache, -1)); }
  llvm::Error trim(int64_t slot, int64_t tokens) override {
    return check(heed_cache_trim(cache, slot, tokens));
  }
  llvm::Error fork(int64_t from, int64_t to) override {
    return check(heed_cache_fork(cache, from, to));
  }
  int64_t cacheBytes() const override { return heed_cache_bytes(cache); }
  std::map<std::string, int64_t> commands() const override { return counts; }

private:
  static llvm::Error check(heed_status status) {
    return status == HEED_OK ? llvm::Error::success()
                             : makeError(heed_last_error());
  }

  heed_model *model = nullptr;
  heed_cache *cache = nullptr;
  std::map<std::string, int64_t> counts;
};

} // namespace

llvm::Expected<std::unique_ptr<Session>>
openCpuSession(ModuleOp module, llvm::StringRef folder, int64_t slots,
               int64_t capacity, int32_t threads) {
  CompileOptions options;
  options.moduleFolder = folder.str();
  llvm::Expected<std::vector<char>> package = compileModule(module, options);
  if (!package)
    return package.takeError();
  auto session = std::make_unique<CpuSession>();
  if (llvm::Error error = session->open(*package, slots, capacity, threads))
    return std::move(error);
  return std::unique_ptr<Session>(std::move(session));
}

} // namespace heed
