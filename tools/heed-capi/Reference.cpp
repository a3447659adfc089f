//===- Reference.cpp - The reference's C interface ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed-c/Reference.h"

#include "heed/Support/Path.h"
#include "passes/InitAll.h"
#include "passes/analysis/ReferenceSession.h"
#include "passes/lower/host/Metadata.h"
#include "passes/pipelines/ModuleFile.h"
#include "tools/heed-capi/LastError.h"

using namespace heed;

static mlir::DialectRegistry makeRegistry() {
  mlir::DialectRegistry registry;
  registerAllDialects(registry);
  return registry;
}

/// Members in the order in which one needs another.
struct heed_reference {
  mlir::MLIRContext context{makeRegistry()};
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::unique_ptr<ReferenceSession> session;
  std::string metadata;
  bool hasCache = false;

  llvm::Error open(llvm::StringRef path);
  int run(EvalPhase phase, const heed_step *step);
};

llvm::Error heed_reference::open(llvm::StringRef path) {
  auto parsed = parseModuleFile(context, path);
  if (!parsed)
    return parsed.takeError();
  module = std::move(*parsed);
  std::string folder = getWeightFolder(path);
  auto created = ReferenceSession::create(*module, folder);
  if (!created)
    return created.takeError();
  session = std::move(*created);
  metadata = makeMetadata(*module, [&](llvm::StringRef file) {
    return rebase(file, folder, /*to=*/"");
  });
  return llvm::Error::success();
}

int heed_reference::run(EvalPhase phase, const heed_step *step) {
  if (!hasCache)
    return fail("found no cache, wanted heed_reference_make_cache first");
  if (!step || !step->ids || !step->logits)
    return fail("null found, wanted a step with ids and a place for logits");
  return finish(session->run(phase, *step));
}

extern "C" {

int heed_reference_open(const char *path, heed_reference **model) {
  lastError().clear();
  if (!path || !model)
    return fail("heed_reference_open: null found, wanted a path and a place "
                "for the model");
  auto opened = std::make_unique<heed_reference>();
  if (llvm::Error error = opened->open(path))
    return finish(std::move(error));
  *model = opened.release();
  return 0;
}

void heed_reference_destroy(heed_reference *model) { delete model; }

int heed_reference_describe(const heed_reference *model,
                            heed_model_info *info) {
  lastError().clear();
  if (!model || !info)
    return fail("heed_reference_describe: null found, wanted a model and a "
                "place for its description");
  ReferenceModel &reference = model->session->getModel();
  *info = {};
  info->vocabulary = reference.getVocabulary();
  info->context = reference.getContext();
  info->metadata = model->metadata.c_str();
  info->target = "reference";
  auto facts =
      model->module.get()->getAttrOfType<mlir::DictionaryAttr>("attn.model");
  if (!facts)
    return 0;
  if (auto ids = facts.getAs<mlir::DenseI32ArrayAttr>("stop_ids")) {
    info->stop_ids = ids.asArrayRef().data(); // owned by the context
    info->stop_id_count = ids.size();
  }
  return 0;
}

int heed_reference_make_cache(heed_reference *model, int64_t sequences,
                              int64_t capacity) {
  lastError().clear();
  if (!model)
    return fail("heed_reference_make_cache: null found, wanted a model");
  if (llvm::Error error = model->session->makeCache(sequences, capacity))
    return finish(std::move(error));
  model->hasCache = true;
  return 0;
}

int heed_reference_reset(heed_reference *model, int64_t slot) {
  lastError().clear();
  if (!model || !model->hasCache)
    return fail("heed_reference_reset: found no cache, wanted one");
  return finish(model->session->getCache().reset(slot));
}

int heed_reference_prefill(heed_reference *model, const heed_step *step) {
  lastError().clear();
  return model ? model->run(EvalPhase::Prefill, step)
               : fail("heed_reference_prefill: null found, wanted a model");
}

int heed_reference_decode(heed_reference *model, const heed_step *step) {
  lastError().clear();
  return model ? model->run(EvalPhase::Decode, step)
               : fail("heed_reference_decode: null found, wanted a model");
}

int64_t heed_reference_cache_bytes(const heed_reference *model) {
  return model && model->hasCache ? model->session->getCache().countBytes() : 0;
}

} // extern "C"
