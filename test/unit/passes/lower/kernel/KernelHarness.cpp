//===- KernelHarness.cpp - Compile and run kernels in tests ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/kernel/KernelHarness.h"

#include "dialects/tile/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

using namespace mlir;

namespace heed::test {

ParsedKernels::ParsedKernels(const std::string &text) {
  DialectRegistry registry;
  registry
      .insert<tile::TileDialect, arith::ArithDialect, math::MathDialect,
              memref::MemRefDialect, scf::SCFDialect, tensor::TensorDialect>();
  context =
      std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  module = parseSourceString<ModuleOp>(text, context.get());
}

Kernels &compiledFile(const std::string &path, const std::string &target) {
  static std::map<std::pair<std::string, std::string>, std::unique_ptr<Kernels>>
      compiled;
  std::unique_ptr<Kernels> &kernels = compiled[{path, target}];
  if (!kernels)
    kernels = std::make_unique<Kernels>(readTest(path), target);
  return *kernels;
}

std::string readTest(const std::string &path) {
  std::ifstream file(std::string(HEED_TEST_ROOT) + "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<float> randomFloats(size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<float> values(count);
  for (float &value : values)
    value = static_cast<float>(generator() >> 8) / 8388608.0f - 1.0f;
  return values;
}

uint16_t toBF16(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, 4);
  if (std::isnan(x))
    return static_cast<uint16_t>((bits >> 16) | 0x40);
  return static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

float fromBF16(uint16_t x) {
  uint32_t bits = static_cast<uint32_t>(x) << 16;
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

std::vector<uint16_t> toBF16(const std::vector<float> &xs) {
  std::vector<uint16_t> narrow;
  for (float x : xs)
    narrow.push_back(toBF16(x));
  return narrow;
}

double relativeError(const std::vector<float> &got,
                     const std::vector<double> &want) {
  double error = 0, size = 0;
  for (size_t i = 0; i < want.size(); ++i) {
    error += (got[i] - want[i]) * (got[i] - want[i]);
    size += want[i] * want[i];
  }
  return std::sqrt(error / size);
}

} // namespace heed::test
