//===- CompileKernels.cpp - From kernels to code for a GPU ----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/CompileKernels.h"

#include "dialects/tile/Tile.h"
#include "passes/lower/kernel/CopyKernels.h"
#include "passes/lower/kernel/RunPasses.h"
#include "passes/lower/nvgpu/Assemble.h"
#include "passes/lower/nvgpu/DeviceCode.h"
#include "passes/lower/nvgpu/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace heed {

/// One thread's code to the LLVM dialect.
static void addLowering(OpPassManager &passes) {
  passes.addPass(createCSEPass());
  passes.addPass(createSCFToControlFlowPass());
  passes.addPass(createConvertMathToLLVMPass());
  passes.addPass(createArithToLLVMConversionPass());
  passes.addPass(createConvertIndexToLLVMPass());
  passes.addPass(createConvertControlFlowToLLVMPass());
  passes.addPass(createConvertFuncToLLVMPass());
  passes.addPass(createReconcileUnrealizedCastsPass());
}

/// The tensor maps of a kernel, which it no longer has as an attribute then.
static std::vector<TensorMapSlot> takeMaps(func::FuncOp function) {
  std::vector<TensorMapSlot> maps;
  auto list = dyn_cast_or_null<ArrayAttr>(function->removeAttr("heed.maps"));
  if (!list)
    return maps;
  for (Attribute entry : list) {
    ArrayRef<int64_t> map = cast<DenseI64ArrayAttr>(entry).asArrayRef();
    maps.push_back({uint32_t(map[0]), uint32_t(map[1]), uint32_t(map[2]),
                    uint32_t(map[3])});
  }
  return maps;
}

/// The kernels as functions of the LLVM dialect; fills what `image` tells of
/// them.
static llvm::Error lowerKernels(ModuleOp module, const GpuTarget &target,
                                GpuImage &image,
                                std::vector<nvgpu::EntryPoint> &entries) {
  LowerKernelsToNvgpuPassOptions options;
  options.arch = target.arch;
  PassManager toThreads(module.getContext());
  toThreads.addPass(createLowerKernelsToNvgpuPass(options));
  if (llvm::Error error = runPasses(toThreads, module))
    return error;
  for (auto function : module.getOps<func::FuncOp>()) {
    auto take = [&](StringRef name) {
      return cast<IntegerAttr>(function->removeAttr(name)).getInt();
    };
    std::string name = function.getSymName().str();
    int64_t threads = take("heed.threads");
    std::vector<TensorMapSlot> maps = takeMaps(function);
    GpuReport &report = image.reports.emplace_back();
    report.stages = take("heed.stages");
    ArrayRef<int64_t> tile =
        cast<DenseI64ArrayAttr>(function->removeAttr("heed.tile")).asArrayRef();
    report.rows = tile[0];
    report.columns = tile[1];
    report.isBoundByProducts = function->removeAttr("heed.products") != nullptr;
    if (auto reason = function->removeAttr("heed.portable"))
      report.whyPortable = cast<StringAttr>(reason).str();
    entries.push_back({name, take("heed.words"), threads, maps.size()});
    image.kernels.push_back(
        {name, name, take("heed.shared_bytes"), threads, std::move(maps),
         function->removeAttr("heed.persistent") != nullptr});
  }
  PassManager toLLVM(module.getContext());
  addLowering(toLLVM);
  return runPasses(toLLVM, module);
}

/// Assembles the image, if there is an assembler.
static llvm::Error assembleIfPossible(const GpuTarget &target,
                                      GpuImage &image) {
  llvm::Expected<std::string> assembler = nvgpu::findAssembler(target.cudaPath);
  if (!assembler)
    return assembler.takeError();
  if (assembler->empty())
    return llvm::Error::success();
  return nvgpu::assemble(*assembler, target.arch, image);
}

static void remark(tile::KernelOp op, const CompiledKernel &kernel,
                   const GpuReport &report) {
  InFlightDiagnostic remark = op.emitRemark("kernel ");
  remark << kernel.name << ": "
         << (kernel.maps.empty() ? "portable" : "warp groups in a pipeline");
  if (kernel.isPersistent)
    remark << " over several programs";
  if (!report.whyPortable.empty())
    remark << " (" << report.whyPortable << ")";
  remark << ", tile " << report.rows << " x " << report.columns << ", bound by "
         << (report.isBoundByProducts ? "products" : "memory") << ", "
         << kernel.threads << " threads, " << report.stages << " stages, "
         << kernel.scratchBytes << " bytes shared";
  if (report.registers)
    remark << ", " << report.registers << " registers, " << report.spillBytes
           << " bytes spilled";
  for (const std::string &warning : report.warnings)
    remark << "; " << warning;
}

KernelImage GpuImage::toPackage(const std::string &arch) const {
  KernelImage image{cubin, kernels};
  if (cubin.empty() || arch == "sm_80") {
    image.code.assign(ptx.begin(), ptx.end());
    image.code.push_back(0);
  }
  return image;
}

llvm::Expected<GpuImage> compileKernels(ModuleOp module,
                                        const GpuTarget &target) {
  OwningOpRef<ModuleOp> copy = copyKernels(module);
  GpuImage image;
  std::vector<nvgpu::EntryPoint> entries;
  if (llvm::Error error = lowerKernels(*copy, target, image, entries))
    return std::move(error);
  llvm::Expected<std::string> ptx = nvgpu::emitPtx(*copy, entries, target.arch);
  if (!ptx)
    return ptx.takeError();
  image.ptx = std::move(*ptx);
  if (target.assemble)
    if (llvm::Error error = assembleIfPossible(target, image))
      return std::move(error);
  if (target.remarks)
    for (auto [number, kernel] :
         llvm::enumerate(module.getOps<tile::KernelOp>()))
      remark(kernel, image.kernels[number], image.reports[number]);
  return image;
}

} // namespace heed
