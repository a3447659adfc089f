//===- OpenModel.cpp - Rewritten models on a device -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/models/OpenModel.h"

#include "heed/Support/Error.h"
#include "passes/rewrites/Registry.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "gtest/gtest.h"

#include <cstdio>

using namespace mlir;

namespace heed {

llvm::ArrayRef<int32_t> listIds() {
  static const std::vector<int32_t> ids = [] {
    std::vector<int32_t> ids;
    for (int32_t i = 0; i < kTokens; ++i)
      ids.push_back((i * i * 7 + i * 3) % kFixtureVocabulary);
    return ids;
  }();
  return ids;
}

std::string spellPipeline(const RewriteInfo &info, llvm::StringRef options) {
  return (info.name + "{" + options + "}").str();
}

std::string spellRealSetting(const RewriteInfo &info) {
  return spellPipeline(info, info.exactWhen.fixtureOptions);
}

llvm::Error rewrite(ModuleOp module, llvm::StringRef pipeline,
                    std::vector<std::string> &remarks) {
  registerRewrites();
  PassManager manager(module.getContext());
  std::string message;
  llvm::raw_string_ostream stream(message);
  if (failed(parsePassPipeline(pipeline, manager, stream)))
    return makeError(message);
  ScopedDiagnosticHandler handler(
      module.getContext(), [&](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
          stream << diagnostic;
        else
          remarks.push_back(diagnostic.str());
        return success();
      });
  if (failed(manager.run(module)))
    return makeError(message);
  return llvm::Error::success();
}

std::vector<int64_t> listChangedLayers(ModuleOp module, llvm::StringRef name) {
  std::vector<int64_t> layers;
  auto entries = module->getAttrOfType<ArrayAttr>("attn.rewrites");
  for (Attribute each : entries ? entries.getValue() : ArrayRef<Attribute>()) {
    auto entry = cast<DictionaryAttr>(each);
    if (entry.getAs<StringAttr>("name") == name)
      llvm::append_range(layers,
                         entry.getAs<DenseI64ArrayAttr>("layers").asArrayRef());
  }
  return layers;
}

llvm::Expected<std::unique_ptr<OpenModel>>
OpenModel::open(Device device, Fixture fixture, llvm::StringRef pipeline,
                int64_t capacity, int32_t threads) {
  auto model = std::make_unique<OpenModel>();
  model->checkpoint = makeFixture(fixture);
  auto module = model->checkpoint->import(model->context, ImportType::F32);
  if (!module)
    return module.takeError();
  model->module = std::move(*module);
  std::vector<std::string> remarks;
  if (!pipeline.empty())
    if (llvm::Error error = rewrite(*model->module, pipeline, remarks))
      return std::move(error);
  auto session =
      openSession(device, *model->module, model->checkpoint->getFolder(),
                  /*slots=*/4, capacity, threads);
  if (!session)
    return session.takeError();
  model->session = std::move(*session);
  return model;
}

OpenModel &shareModel(Device device, Fixture fixture, llvm::StringRef pipeline,
                      int64_t capacity) {
  using Key = std::tuple<Device, Fixture, std::string, int64_t>;
  static std::map<Key, std::unique_ptr<OpenModel>> all;
  std::unique_ptr<OpenModel> &open =
      all[Key(device, fixture, pipeline.str(), capacity)];
  if (!open)
    open = llvm::cantFail(OpenModel::open(device, fixture, pipeline, capacity));
  llvm::cantFail(open->session->reset());
  return *open;
}

std::vector<double> runAll(OpenModel &model, const Schedule &schedule) {
  llvm::cantFail(model.session->reset());
  auto logits = runSequence(*model.session, listIds(), schedule);
  if (logits)
    return std::move(*logits);
  ADD_FAILURE() << schedule.name << ": " << llvm::toString(logits.takeError());
  return std::vector<double>(kTokens * kFixtureVocabulary);
}

/// Returns how far the dense model, compiled for the CPU, is from itself on the
/// reference: the most that any schedule gives.
static Distance measureDense(Fixture fixture) {
  static std::map<Fixture, Distance> all;
  auto [place, isNew] = all.try_emplace(fixture);
  if (!isNew)
    return place->second;
  const std::vector<double> exact =
      runAll(shareModel(Device::Reference, fixture, ""),
             {"one call", kTokens, kTokens});
  OpenModel &compiled = shareModel(Device::Cpu, fixture, "");
  for (const Schedule &schedule : listSchedules(kTokens)) {
    Distance each = measure(runAll(compiled, schedule), exact);
    place->second.maximum = std::max(place->second.maximum, each.maximum);
    place->second.relative = std::max(place->second.relative, each.relative);
  }
  return place->second;
}

void expectNear(Fixture fixture, llvm::ArrayRef<double> found,
                llvm::ArrayRef<double> exact, llvm::StringRef what) {
  exact = exact.take_front(found.size());
  Distance ours = measure(found, exact), dense = measureDense(fixture);
  std::printf("%-60s | max %8.2e, %4.2f x dense | L2 %8.2e, %4.2f x\n",
              what.str().c_str(), ours.maximum, ours.maximum / dense.maximum,
              ours.relative, ours.relative / dense.relative);
  EXPECT_LE(ours.maximum, 2 * dense.maximum) << what.str();
  EXPECT_LE(ours.relative, 2 * dense.relative) << what.str();
  for (size_t at = 0; at < found.size(); at += kFixtureVocabulary)
    EXPECT_EQ(chooseGreedily(found.slice(at, kFixtureVocabulary)),
              chooseGreedily(exact.slice(at, kFixtureVocabulary)))
        << what.str() << ", token " << at / kFixtureVocabulary;
}

std::string nameCase(Device device, llvm::StringRef what) {
  std::string name = nameOf(device).str() + "_" + what.str();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !llvm::isAlnum(c); }, '_');
  return name;
}

} // namespace heed
