//===- StepModule.cpp - Small models around one op ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/StepModule.h"

#include "test/unit/models/EmulatedModel.h"

#include "heed/Support/HalfFloat.h"
#include "passes/InitAll.h"
#include "passes/lower/Passes.h"
#include "passes/lower/cpu/CompileKernels.h"
#include "passes/lower/host/EmitPackage.h"
#include "passes/pipelines/Compile.h"

#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"

#include <cmath>
#include <cstring>

using namespace mlir;

namespace heed {

std::string makeElements(llvm::ArrayRef<float> numbers, llvm::StringRef type) {
  std::string bytes;
  for (float number : numbers) {
    char raw[4];
    size_t size = type == "bf16" ? 2 : 4;
    uint16_t half = floatToBf16(number);
    std::memcpy(raw, type == "bf16" ? (void *)&half : (void *)&number, size);
    bytes.append(raw, size);
  }
  return "\"0x" + llvm::toHex(bytes) + "\"";
}

StepModule::StepModule(std::string type, int64_t channels)
    : type_(std::move(type)), channels_(channels) {
  addWeight("embed", {vocabulary, channels});
}

static std::string makeType(llvm::ArrayRef<int64_t> shape,
                            llvm::StringRef type) {
  std::string text = "tensor<";
  for (int64_t size : shape)
    text += std::to_string(size) + "x";
  return text + type.str() + ">";
}

static std::string makeWeight(llvm::StringRef name, llvm::StringRef type,
                              llvm::StringRef elements) {
  return llvm::formatv("attn.weight @{0} : {1} init {{\n"
                       "  %0 = arith.constant dense<{2}> : {1}\n"
                       "  attn.yield %0 : {1}\n}\n",
                       name, type, elements);
}

void StepModule::addWeight(llvm::StringRef name, llvm::ArrayRef<int64_t> shape,
                           float scale) {
  std::uniform_real_distribution<float> number(-scale, scale);
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  std::vector<float> numbers(count);
  for (float &value : numbers)
    value = number(random_);
  std::string type = makeType(shape, type_);
  weights_ += makeWeight(name, type, makeElements(numbers, type_));
  uses_ += llvm::formatv("  %{0} = attn.use @{0} : {1}\n", name, type);
}

void StepModule::addNumbers(llvm::StringRef name,
                            llvm::ArrayRef<float> numbers) {
  std::string type = makeType({int64_t(numbers.size())}, "f32");
  weights_ += makeWeight(name, type, makeElements(numbers, "f32"));
  uses_ += llvm::formatv("  %{0} = attn.use @{0} : {1}\n", name, type);
}

void StepModule::addCache(std::string fields) {
  caches_.push_back("!attn.cache<[" + fill(std::move(fields)) + "]>");
}

std::string StepModule::fill(std::string text) const {
  auto replace = [&](llvm::StringRef from, const std::string &to) {
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos;)
      text.replace(at, from.size(), to);
  };
  replace("$H", "tensor<?x?x" + std::to_string(channels_) + "x$T>");
  replace("$T", type_);
  return text;
}

std::string StepModule::write(llvm::StringRef body, int64_t width) const {
  std::string arguments, results, values;
  for (size_t i = 0; i != caches_.size(); ++i) {
    std::string number = std::to_string(i);
    arguments += ", %c" + number + ": " + caches_[i];
    results += ", " + caches_[i];
    values += ", %e" + number;
  }
  // The last weight takes a copy: writing does not change this.
  StepModule head(*this);
  head.addWeight("head", {vocabulary, width});
  std::string text = llvm::formatv(
      "module attributes {{attn.model = {{vocabulary = {0} : i64,"
      " context = 0 : i64, stop_ids = array<i32>, name = \"test\","
      " family = \"test\", layers = 1 : i64}} {{\n{1}"
      "func.func @step(%ids: tensor<?x?xi32>, %pos: tensor<?x?xi32>,"
      " %rows: tensor<?x?xi32>{2}) -> (tensor<?x?x{0}xf32>{3}) {{\n{4}"
      "  %h = attn.embed %embed, %ids : tensor<{0}x{5}x$T>, tensor<?x?xi32>"
      " -> $H\n{6}\n"
      "  %last = attn.gather_tokens %out, %rows : tensor<?x?x{7}x$T>,"
      " tensor<?x?xi32> -> tensor<?x?x{7}x$T>\n"
      "  %logits = attn.linear %last, %head : tensor<?x?x{7}x$T>,"
      " tensor<{0}x{7}x$T> -> tensor<?x?x{0}xf32>\n"
      "  return %logits{8} : tensor<?x?x{0}xf32>{3}\n}\n}\n",
      vocabulary, head.weights_, arguments, results, head.uses_, channels_,
      body, width, values);
  return fill(std::move(text));
}

static int64_t countSlots(llvm::ArrayRef<StepPlan> plans) {
  int64_t slots = 1;
  for (const StepPlan &plan : plans) {
    slots = std::max(slots, plan.batch);
    for (int32_t slot : plan.slots)
      slots = std::max<int64_t>(slots, slot + 1);
  }
  return slots;
}

/// Calls `step` for each plan and returns all logits.
static std::vector<float>
runPlans(llvm::ArrayRef<StepPlan> plans,
         llvm::function_ref<std::string(bool, const heed_step &)> step) {
  std::vector<float> all;
  int32_t id = 0;
  for (const StepPlan &plan : plans) {
    std::vector<int32_t> ids(plan.batch * plan.tokens), rows(ids.size());
    for (size_t i = 0; i != ids.size(); ++i) {
      ids[i] = id = (5 * id + 3) % StepModule::vocabulary;
      rows[i] = i % plan.tokens;
    }
    std::vector<float> logits(ids.size() * StepModule::vocabulary);
    auto orNull = [](const std::vector<int32_t> &list) {
      return list.empty() ? nullptr : list.data();
    };
    EXPECT_EQ(
        step(plan.isDecode, {plan.batch, plan.tokens, plan.tokens, ids.data(),
                             orNull(plan.positions), rows.data(),
                             orNull(plan.slots), logits.data()}),
        "");
    all.insert(all.end(), logits.begin(), logits.end());
  }
  return all;
}

std::vector<float> StepModule::runReference(ModuleOp module,
                                            llvm::ArrayRef<StepPlan> plans,
                                            int64_t capacity) {
  auto session = openReferenceSession(module, "", countSlots(plans), capacity);
  if (!session) {
    ADD_FAILURE() << llvm::toString(session.takeError());
    return {};
  }
  return runPlans(plans, [&](bool isDecode, const heed_step &step) {
    return llvm::toString(isDecode ? (*session)->decode(step)
                                   : (*session)->prefill(step));
  });
}

std::vector<float> StepModule::runCompiled(llvm::ArrayRef<char> package,
                                           llvm::ArrayRef<StepPlan> plans,
                                           int64_t capacity, int32_t threads) {
  heed_model *model = nullptr;
  heed_cache *cache = nullptr;
  heed_model_options options = {threads};
  std::vector<float> all;
  if (heed_model_open_memory(package.data(), package.size(), "", "cpu",
                             &options, &model) != HEED_OK ||
      heed_cache_create(model, countSlots(plans), capacity, &cache) != HEED_OK)
    ADD_FAILURE() << heed_last_error();
  else
    all = runPlans(plans, [&](bool isDecode, const heed_step &step) {
      heed_status status =
          isDecode ? heed_decode(cache, &step) : heed_prefill(cache, &step);
      return std::string(status == HEED_OK ? "" : heed_last_error());
    });
  heed_cache_destroy(cache);
  heed_model_destroy(model);
  return all;
}

llvm::Expected<std::vector<char>> StepModule::compile(ModuleOp module) const {
  if (!parts_)
    return compileModule(module, {});
  OwningOpRef<ModuleOp> lowered = module.clone();
  PassManager manager(module.getContext());
  buildLowerPipeline(manager, "cpu");
  SplitStreamsPassOptions options;
  options.parts = *parts_;
  manager.addPass(createSplitStreamsPass(options));
  const std::string processor = "x86-64-v3";
  if (failed(manager.run(*lowered)))
    return llvm::createStringError("the kernels cannot be written");
  llvm::Expected<KernelImage> image =
      compileKernels(*lowered, CpuTarget{processor});
  if (!image)
    return image.takeError();
  FailureOr<std::vector<char>> package =
      emitPackage(*lowered, *image, {processor, "", ""});
  if (failed(package))
    return llvm::createStringError("the package cannot be written");
  return std::move(*package);
}

std::vector<float> StepModule::runEmulated(ModuleOp module,
                                           llvm::StringRef target,
                                           llvm::ArrayRef<StepPlan> plans,
                                           int64_t capacity,
                                           EmulatedModel &model) {
  CompileOptions options;
  options.target = target.str();
  options.assemble = false;
  llvm::Expected<std::vector<char>> package = compileModule(module, options);
  if (!package) {
    ADD_FAILURE() << llvm::toString(package.takeError());
    return {};
  }
  EXPECT_EQ(
      model.open(package->data(), package->size(), countSlots(plans), capacity),
      "");
  return runPlans(plans, [&](bool isDecode, const heed_step &step) {
    return isDecode ? model.decode(step) : model.prefill(step);
  });
}

void StepModule::expectNear(llvm::ArrayRef<float> found,
                            llvm::ArrayRef<float> wanted) const {
  ASSERT_EQ(wanted.size(), found.size());
  double error = 0, norm = 0;
  for (size_t i = 0; i != wanted.size(); ++i) {
    double difference = double(found[i]) - double(wanted[i]);
    error += difference * difference;
    norm += double(wanted[i]) * double(wanted[i]);
  }
  EXPECT_GT(norm, 0) << "the logits are all zero";
  // A few hundred roundings of the type, which differ between the devices.
  double limit = type_ == "bf16" ? 0x1p-8 * 2 : 0x1p-24 * 64;
  EXPECT_LE(std::sqrt(error / norm), limit);
}

void StepModule::expectSame(llvm::StringRef body, int64_t width,
                            llvm::ArrayRef<StepPlan> plans, int64_t capacity) {
  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  std::string text = write(body, width);
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  ASSERT_TRUE(module);
  llvm::Expected<std::vector<char>> package = compile(*module);
  ASSERT_TRUE(bool(package)) << llvm::toString(package.takeError());
  std::vector<float> wanted = runReference(*module, plans, capacity);
  std::vector<float> found = runCompiled(*package, plans, capacity, 1);
  std::vector<float> twice = runCompiled(*package, plans, capacity, 2);
  {
    SCOPED_TRACE("cpu");
    expectNear(found, wanted);
  }
  // Only products of bf16 have other code on Hopper.
  for (const char *target : {"sm_80", "sm_90a"}) {
    SCOPED_TRACE(target);
    if (type_ == "f32" && target == llvm::StringRef("sm_90a"))
      continue;
    EmulatedModel model;
    expectNear(runEmulated(*module, target, plans, capacity, model), wanted);
  }
  ASSERT_EQ(found.size(), twice.size());
  EXPECT_EQ(std::memcmp(found.data(), twice.data(), found.size() * 4), 0)
      << "two threads differ from one";
}

} // namespace heed
