//===- Runtime.cpp - The C interface --------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed-c/Runtime.h"

#include "runtime/Model.h"
#include "runtime/cache/Cache.h"

#include <cstdio>
#include <new>
#include <string>

using namespace heed;

struct heed_model {
  std::unique_ptr<Model> model;
};

struct heed_cache {
  std::unique_ptr<Cache> cache;
};

/// Returns where the message of this thread's last failure is kept.
static std::string &lastError() {
  thread_local std::string text;
  return text;
}

static heed_status report(Status status) {
  if (status)
    lastError() = status.message();
  return status.code();
}

static heed_status invalid(const char *text) {
  return report(Status(HEED_INVALID_ARGUMENT, text));
}

const char *heed_last_error(void) { return lastError().c_str(); }

/// Opens a model for the package that `read` has filled.
static heed_status openModel(Status read, Package package,
                             const std::string &folder, const char *device,
                             const heed_model_options *options,
                             heed_model **model) {
  if (read)
    return report(std::move(read));
  std::unique_ptr<heed_model> fresh(new (std::nothrow) heed_model);
  if (!fresh)
    return report(Status(HEED_OUT_OF_MEMORY, "no memory for a model"));
  DeviceOptions deviceOptions;
  deviceOptions.threads = options ? options->threads : 0;
  Status status = Model::open(std::move(package), folder, device, deviceOptions,
                              fresh->model);
  if (status)
    return report(std::move(status));
  *model = fresh.release();
  return HEED_OK;
}

heed_status heed_model_open(const char *path, const char *device,
                            const heed_model_options *options,
                            heed_model **model) {
  if (!path || !device || !model)
    return invalid("heed_model_open: path, device or model is null");
  std::string folder = path;
  size_t slash = folder.rfind('/');
  // The root keeps its slash.
  folder.resize(slash == std::string::npos ? 0 : slash == 0 ? 1 : slash);
  Package package;
  Status read = package.open(path);
  return openModel(std::move(read), std::move(package), folder, device, options,
                   model);
}

heed_status heed_model_open_memory(const void *data, size_t size,
                                   const char *folder, const char *device,
                                   const heed_model_options *options,
                                   heed_model **model) {
  if (!data || !folder || !device || !model)
    return invalid(
        "heed_model_open_memory: data, folder, device or model is null");
  Package package;
  Status read = package.copy(data, size, "package in memory");
  return openModel(std::move(read), std::move(package), folder, device, options,
                   model);
}

void heed_model_destroy(heed_model *model) { delete model; }

/// Copies as much of `text` as there is room for.
template <size_t size>
static void copyText(char (&to)[size], const std::string &text) {
  std::snprintf(to, size, "%s", text.c_str());
}

heed_status heed_device_describe(const char *device, heed_device_info *info) {
  if (!device || !info)
    return invalid("heed_device_describe: device or info is null");
  DeviceFacts facts;
  if (Status error = describeDevice(device, DeviceOptions(), facts))
    return report(std::move(error));
  copyText(info->name, facts.name);
  copyText(info->target, facts.target);
  copyText(info->text, facts.text);
  copyText(info->missing, facts.missing);
  return HEED_OK;
}

heed_status heed_model_describe(const heed_model *model,
                                heed_model_info *info) {
  if (!model || !info)
    return invalid("heed_model_describe: model or info is null");
  const Package &package = model->model->package();
  info->vocabulary = package.header().vocabulary;
  info->context = package.header().context;
  info->stop_ids = package.stopIds().begin();
  info->stop_id_count = package.stopIds().size();
  info->metadata = model->model->metadata().c_str();
  info->target = package.header().target;
  return HEED_OK;
}

const char *heed_model_products(const heed_model *model) {
  return model ? model->model->products().c_str() : "";
}

heed_status heed_cache_create(heed_model *model, int64_t sequences,
                              int64_t capacity, heed_cache **cache) {
  if (!model || !cache)
    return invalid("heed_cache_create: model or cache is null");
  std::unique_ptr<heed_cache> fresh(new (std::nothrow) heed_cache);
  if (!fresh)
    return report(Status(HEED_OUT_OF_MEMORY, "no memory for a cache"));
  Status status =
      Cache::create(*model->model, sequences, capacity, fresh->cache);
  if (status)
    return report(std::move(status));
  *cache = fresh.release();
  return HEED_OK;
}

void heed_cache_destroy(heed_cache *cache) { delete cache; }

heed_status heed_cache_reset(heed_cache *cache, int64_t slot) {
  if (!cache)
    return invalid("heed_cache_reset: cache is null");
  return report(cache->cache->reset(slot));
}

heed_status heed_cache_trim(heed_cache *cache, int64_t slot, int64_t tokens) {
  if (!cache)
    return invalid("heed_cache_trim: cache is null");
  return report(cache->cache->trim(slot, tokens));
}

heed_status heed_cache_fork(heed_cache *cache, int64_t from, int64_t to) {
  if (!cache)
    return invalid("heed_cache_fork: cache is null");
  return report(cache->cache->fork(from, to));
}

heed_status heed_cache_tokens(const heed_cache *cache, int64_t slot,
                              int64_t *tokens) {
  if (!cache || !tokens)
    return invalid("heed_cache_tokens: cache or tokens is null");
  return report(cache->cache->tokens(slot, *tokens));
}

int64_t heed_cache_bytes(const heed_cache *cache) {
  return cache ? cache->cache->bytes() : 0;
}

heed_status heed_prefill(heed_cache *cache, const heed_step *step) {
  if (!cache || !step)
    return invalid("heed_prefill: cache or step is null");
  return report(cache->cache->step(Phase::Prefill, *step));
}

heed_status heed_decode(heed_cache *cache, const heed_step *step) {
  if (!cache || !step)
    return invalid("heed_decode: cache or step is null");
  return report(cache->cache->step(Phase::Decode, *step));
}

heed_status heed_cache_set_trace(heed_cache *cache, heed_trace trace,
                                 void *user) {
  if (!cache)
    return invalid("heed_cache_set_trace: cache is null");
  cache->cache->setTrace({trace, user});
  return HEED_OK;
}
