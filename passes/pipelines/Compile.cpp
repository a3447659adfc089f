//===- Compile.cpp - From a module to a package ---------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/pipelines/Compile.h"

#include "dialects/attn/Attn.h"
#include "heed/Support/Error.h"
#include "passes/analysis/Passes.h"
#include "passes/lower/Passes.h"
#include "passes/lower/cpu/CompileKernels.h"
#include "passes/lower/host/EmitPackage.h"
#include "passes/lower/nvgpu/CompileKernels.h"
#include "passes/pipelines/FirstError.h"

#include "mlir/IR/Matchers.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;

namespace heed {

void buildLowerPipeline(OpPassManager &manager, StringRef target) {
  // What follows may rely on known ops and on caches that are used once.
  manager.addPass(createVerifyModelPass());
  manager.addPass(createVerifyCachesPass());
  // Phases first: everything behind sees code without conditions on them.
  manager.addPass(createSpecializePhasesPass());
  // Layers are no boundary for kernels.
  manager.addNestedPass<func::FuncOp>(createInlineLayersPass());
  // What is left of blocks are roots and elementwise ops.
  manager.addNestedPass<func::FuncOp>(createExpandBlocksPass());
  // Uses of one weight and equal constants become one.
  manager.addPass(createCSEPass());
  FormGroupsPassOptions groups;
  groups.keepProducts = target != "cpu";
  manager.addPass(createFormGroupsPass(groups));
  LowerToTilePassOptions sizes;
  sizes.target = target.str();
  manager.addPass(createLowerToTilePass(sizes));
  // Before the arithmetic is cleaned up: half of each copy is not needed.
  if (target != "cpu")
    manager.addPass(createSplitKernelsPass());
  // Kernels are written without care for repeated index arithmetic.
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
}

namespace {
struct LowerOptions : PassPipelineOptions<LowerOptions> {
  Option<std::string> target{
      *this, "target",
      llvm::cl::desc("What tiles are sized for: cpu, sm_80 or sm_90a"),
      llvm::cl::init("cpu")};
};
} // namespace

void registerPipelines() {
  PassPipelineRegistration<LowerOptions>(
      "heed-lower-pipeline", "From an authored graph to kernels",
      [](OpPassManager &manager, const LowerOptions &options) {
        buildLowerPipeline(manager, options.target);
      });
}

static bool isGpu(StringRef target) {
  return target == "sm_80" || target == "sm_90a";
}

/// Returns the processor or architecture that `target` names, as LLVM spells
/// it.
static llvm::Expected<std::string> chooseProcessor(StringRef target) {
  if (target == "x86-64-v3" || target == "x86-64-v4" || isGpu(target))
    return target.str();
  if (target != "cpu")
    return makeError("unknown target " + quote(target) +
                     ", wanted cpu, x86-64-v3, x86-64-v4, sm_80 or sm_90a");
  llvm::StringMap<bool> has = llvm::sys::getHostCPUFeatures();
  auto hasAll = [&](ArrayRef<StringRef> names) {
    return llvm::all_of(names,
                        [&](StringRef name) { return has.lookup(name); });
  };
  if (!hasAll({"avx2", "fma", "bmi", "bmi2", "f16c", "lzcnt", "movbe"}))
    return makeError("target cpu: this processor lacks x86-64-v3 (AVX2, FMA), "
                     "which is the least that is supported");
  if (hasAll({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}))
    return "x86-64-v4";
  return "x86-64-v3";
}

/// Returns whether a weight is neither in a file nor a constant.
static bool needsEvaluation(ModuleOp module) {
  return llvm::any_of(module.getOps<attn::WeightOp>(), [](attn::WeightOp op) {
    return !op.hasSource() &&
           !matchPattern(op.getInit().front().getTerminator()->getOperand(0),
                         m_Constant());
  });
}

/// Compiles the kernels of `module` for `target`, a GPU or a processor.
static llvm::Expected<KernelImage> compileFor(ModuleOp module, StringRef target,
                                              const CompileOptions &options) {
  if (!isGpu(target))
    return compileKernels(module, CpuTarget{target.str()});
  GpuTarget gpu;
  gpu.arch = target.str();
  gpu.cudaPath = options.cudaPath;
  gpu.remarks = options.remarks;
  // The PTX of sm_80 is packed as it is; somebody may want the report though.
  gpu.assemble = options.assemble && (target != "sm_80" || options.remarks ||
                                      !options.cudaPath.empty());
  llvm::Expected<GpuImage> image = compileKernels(module, gpu);
  if (!image)
    return image.takeError();
  if (options.assemble && image->cubin.empty() && target != "sm_80")
    module.emitWarning("found no ptxas; the package holds PTX, which the "
                       "driver compiles when it is loaded");
  return image->toPackage(gpu.arch);
}

llvm::Expected<std::vector<char>> compileModule(ModuleOp module,
                                                const CompileOptions &options) {
  llvm::Expected<std::string> processor = chooseProcessor(options.target);
  if (!processor)
    return processor.takeError();
  MLIRContext *context = module.getContext();
  FirstError error(*context, FirstError::Others::All);
  auto fail = [&]() { return error.take("compiling failed without a reason"); };

  OwningOpRef<ModuleOp> lowered = module.clone();
  PassManager manager(context);
  if (needsEvaluation(*lowered)) {
    // What only initialisers of unused weights need is not evaluated.
    manager.addPass(createSymbolDCEPass());
    MaterializeWeightsPassOptions where;
    where.folder = options.moduleFolder;
    manager.addPass(createMaterializeWeightsPass(where));
  }
  buildLowerPipeline(manager, isGpu(*processor) ? *processor : "cpu");
  if (failed(manager.run(*lowered)))
    return fail();
  llvm::Expected<KernelImage> image = compileFor(*lowered, *processor, options);
  if (!image)
    return image.takeError();
  FailureOr<std::vector<char>> package =
      emitPackage(*lowered, *image,
                  {*processor, options.moduleFolder, options.packageFolder});
  if (failed(package))
    return fail();
  return std::move(*package);
}

} // namespace heed
