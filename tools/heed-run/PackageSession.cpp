//===- PackageSession.cpp - Packages in the runtime -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/CompilerLibrary.h"
#include "tools/heed-run/Session.h"

#include "heed/Support/Error.h"

#include "llvm/Support/Path.h"

namespace heed {
namespace {

class PackageSession : public Session {
public:
  ~PackageSession() override {
    heed_cache_destroy(cache);
    heed_model_destroy(model);
  }

  llvm::Error open(llvm::StringRef path, llvm::StringRef device,
                   int32_t threads) {
    heed_model_options options = {threads};
    if (llvm::Error error = check(heed_model_open(
            path.str().c_str(), device.str().c_str(), &options, &model)))
      return error;
    if (llvm::Error error = describe(path))
      return error;
    // What "auto" has become.
    bool gpu = llvm::StringRef(facts.target).starts_with("sm_");
    return describeDevice(device != "auto" ? device
                          : gpu            ? "cuda"
                                           : "cpu")
        .takeError();
  }

  llvm::Error compile(llvm::StringRef path, llvm::StringRef device,
                      int32_t threads) {
    llvm::Expected<heed_device_info> info = describeDevice(device);
    if (!info)
      return info.takeError();
    llvm::Expected<CompilerLibrary> compiler = CompilerLibrary::load();
    if (!compiler)
      return compiler.takeError();
    void *package = nullptr;
    size_t size = 0;
    if (llvm::Error error = compiler->check(compiler->compileFile(
            path.str().c_str(), info->target, nullptr, &package, &size)))
      return error;
    heed_model_options options = {threads};
    llvm::Error error = check(heed_model_open_memory(
        package, size, "", info->name, &options, &model));
    compiler->compileFree(package);
    if (error)
      return error;
    return describe(path);
  }

  llvm::Error makeCache(int64_t sequences, int64_t capacity) override {
    heed_cache *made = nullptr;
    if (llvm::Error error =
            check(heed_cache_create(model, sequences, capacity, &made)))
      return error;
    heed_cache_destroy(cache);
    cache = made;
    return llvm::Error::success();
  }
  llvm::Error reset() override { return check(heed_cache_reset(cache, -1)); }
  llvm::Error prefill(const heed_step &step) override {
    return check(heed_prefill(cache, &step));
  }
  llvm::Error decode(const heed_step &step) override {
    return check(heed_decode(cache, &step));
  }
  int64_t countCacheBytes() const override { return heed_cache_bytes(cache); }

private:
  static llvm::Error check(heed_status status) {
    return status == HEED_OK ? llvm::Error::success()
                             : makeError(heed_last_error());
  }

  llvm::Expected<heed_device_info> describeDevice(llvm::StringRef device) {
    heed_device_info info = {};
    if (llvm::Error error =
            check(heed_device_describe(device.str().c_str(), &info)))
      return std::move(error);
    facts.device = info.text;
    facts.missing = info.missing;
    return info;
  }

  llvm::Error describe(llvm::StringRef path) {
    facts.file = path.str();
    facts.products = heed_model_products(model);
    heed_model_info info = {};
    if (llvm::Error error = check(heed_model_describe(model, &info)))
      return error;
    return readFacts(info, llvm::sys::path::parent_path(path));
  }

  heed_model *model = nullptr;
  heed_cache *cache = nullptr;
};

} // namespace

llvm::Expected<std::unique_ptr<Session>>
openPackage(llvm::StringRef path, llvm::StringRef device, int32_t threads) {
  auto session = std::make_unique<PackageSession>();
  if (llvm::Error error = session->open(path, device, threads))
    return std::move(error);
  return session;
}

llvm::Expected<std::unique_ptr<Session>>
openModule(llvm::StringRef path, llvm::StringRef device, int32_t threads) {
  auto session = std::make_unique<PackageSession>();
  if (llvm::Error error = session->compile(path, device, threads))
    return std::move(error);
  return session;
}

} // namespace heed
