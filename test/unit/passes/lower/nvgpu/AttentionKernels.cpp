//===- AttentionKernels.cpp - Attention alone, on the emulator ------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/nvgpu/AttentionKernels.h"

#include "passes/InitAll.h"
#include "passes/lower/Passes.h"
#include "test/emulator/Emulator.h"
#include "test/unit/passes/lower/kernel/KernelHarness.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace mlir;

namespace heed::test {

/// 0, 1: types of queries and keys; 2: type of the LSE; 3: mask; 4: tail.
static const char *const text = R"(
func.func private @attention(%q: {0}, %k: {1}, %v: {1}) -> ({0}, {2})
    attributes {{attn.group = "attention",
                 attn.phase = #attn.phase<prefill>} {{
  %o, %lse = attn.attention %q keys(%k : {1}) values(%v : {1})
      mask{3} scale(0.125) {4} : {0} -> {0}, {2}
  return %o, %lse : {0}, {2}
}
)";

GpuImage compileAttention(const AttentionCase &shape,
                          const std::string &target) {
  auto type = [&](int64_t heads) {
    return llvm::formatv("tensor<?x{0}x?x{1}xbf16>", heads, shape.width).str();
  };
  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(
      llvm::formatv(text, type(shape.heads), type(shape.keyHeads),
                    llvm::formatv("tensor<?x{0}x?xf32>", shape.heads).str(),
                    shape.mask, shape.tail)
          .str(),
      &context);
  if (!module)
    llvm::report_fatal_error("the attention does not parse", false);
  PassManager manager(&context);
  LowerToTilePassOptions sizes;
  sizes.target = target;
  manager.addPass(createLowerToTilePass(sizes));
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  GpuTarget gpu;
  gpu.arch = target;
  if (failed(manager.run(*module)))
    llvm::report_fatal_error("the attention does not lower", false);
  llvm::Expected<GpuImage> image = compileKernels(*module, gpu);
  if (!image)
    llvm::report_fatal_error(image.takeError(), false);
  return std::move(*image);
}

namespace {
/// Inputs, results and the launch of one run.
class Run {
public:
  Run(const AttentionCase &shape) : s(shape) {
    int64_t rows = s.batch * s.heads * s.queries;
    q = toBF16(randomFloats(rows * s.width, 1));
    k = toBF16(randomFloats(s.batch * s.keyHeads * s.keys * s.width, 2));
    v = toBF16(randomFloats(s.batch * s.keyHeads * s.keys * s.width, 3));
    for (uint16_t &x : q)
      x = toBF16(4 * fromBF16(x));
    o.assign(rows * s.width, 0x7fff);
    lse.assign(rows, NAN);
  }

  std::string launch(const GpuImage &image, const std::string &ptx,
                     uint64_t seed);
  AttentionError compare() const;

private:
  void compareRow(int64_t row, AttentionError &error, double &squares) const;

  const AttentionCase &s;
  std::vector<uint16_t> q, k, v, o;
  std::vector<float> lse;
};
} // namespace

static int64_t addressOf(const void *data) {
  return reinterpret_cast<int64_t>(data);
}

/// The words in the order in which the writer asks for them.
std::string Run::launch(const GpuImage &image, const std::string &ptx,
                        uint64_t seed) {
  const CompiledKernel &kernel = image.kernels.front();
  std::vector<int64_t> words = {s.batch,
                                s.queries,
                                s.keys,
                                addressOf(k.data()),
                                addressOf(v.data()),
                                addressOf(q.data()),
                                addressOf(o.data()),
                                addressOf(lse.data())};
  std::vector<heed_package_map> maps;
  for (const TensorMapSlot &map : kernel.maps)
    maps.push_back({map.buffer, map.rows, map.columns, map.boxRows});
  ptx::Memory memory;
  memory.add(q.data(), q.size() * 2, false);
  memory.add(k.data(), k.size() * 2, false);
  memory.add(v.data(), v.size() * 2, false);
  memory.add(o.data(), o.size() * 2);
  memory.add(lse.data(), lse.size() * 4);
  ptx::Module module;
  if (Status error = module.parse(ptx))
    return error.message();
  ptx::Options options;
  options.seed = seed;
  options.maxSteps = 1000000;
  // The first map is that of the queries of a program.
  int64_t block = kernel.maps.front().boxRows;
  int64_t programs = s.batch * s.heads * ((s.queries + block - 1) / block);
  // Blocks run one after the other, so the first would take all.
  if (kernel.isPersistent)
    programs = std::min<int64_t>(programs, 3);
  return module
      .launch(kernel.symbol, programs, kernel.threads, kernel.scratchBytes,
              ptx::withTensorMaps(words, maps), memory, options)
      .message();
}

void Run::compareRow(int64_t row, AttentionError &error,
                     double &squares) const {
  int64_t query = row % s.queries, head = row / s.queries;
  int64_t panel = head / (s.heads / s.keyHeads) * s.keys;
  int64_t at = query + s.keys - s.queries;
  std::vector<double> scores(s.keys);
  std::vector<double> want(s.width);
  double top = -INFINITY, sum = 0;
  for (int64_t key = 0; key < s.keys; ++key) {
    double score = 0;
    for (int64_t d = 0; d < s.width; ++d)
      score += double(fromBF16(q[row * s.width + d])) *
               fromBF16(k[(panel + key) * s.width + d]);
    score *= 0.125;
    if (s.change)
      score = s.change(score, at, key);
    bool sees = s.sees ? s.sees(at, key) : key <= at;
    if (s.seesPerHead)
      sees = s.seesPerHead(head % s.heads, at, key);
    scores[key] = sees ? score : -INFINITY;
    top = std::max(top, scores[key]);
  }
  for (int64_t key = 0; key < s.keys && top != -INFINITY; ++key) {
    double weight = std::exp(scores[key] - top);
    sum += weight;
    for (int64_t d = 0; d < s.width; ++d)
      want[d] += weight * fromBF16(v[(panel + key) * s.width + d]);
  }
  for (int64_t d = 0; d < s.width; ++d) {
    double exact = sum > 0 ? want[d] / sum : 0;
    double off = fromBF16(o[row * s.width + d]) - exact;
    error.output += off * off;
    squares += exact * exact;
  }
  double exact = top + std::log(sum);
  if (sum == 0 ? lse[row] != -INFINITY : std::isnan(lse[row]))
    error.lse = INFINITY;
  else if (sum != 0)
    error.lse = std::max(error.lse, std::fabs(lse[row] - exact));
}

AttentionError Run::compare() const {
  AttentionError error;
  double squares = 0;
  for (int64_t row = 0; row < int64_t(lse.size()); ++row)
    compareRow(row, error, squares);
  error.output = std::sqrt(error.output / squares);
  return error;
}

AttentionError runAttention(const AttentionCase &shape, const GpuImage &image,
                            const std::string &ptx, uint64_t seed) {
  Run run(shape);
  std::string fault = run.launch(image, ptx, seed);
  AttentionError error = run.compare();
  error.fault = fault;
  return error;
}

} // namespace heed::test
