//===- CompileKernelsTest.cpp - What a compiled image consists of ---------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/cpu/CpuKernels.h"
#include "test/unit/passes/lower/cpu/MachineCode.h"

#include <gtest/gtest.h>

#include <chrono>
#include <tuple>

using namespace heed;
using namespace heed::test;

namespace {

TEST(CompileKernels, ExportsKernelsAndNeedsNothing) {
  KernelImage image =
      imageOf(readTest("dialects/tile/kernels.mlir"), processors().back());
  Symbols symbols = symbolsOf(image.code, /*dynamic=*/true);
  EXPECT_EQ(symbols.defined,
            (std::vector<std::string>{"attention", "matmul", "norm"}));
  EXPECT_EQ(symbols.undefined, std::vector<std::string>());
  EXPECT_EQ(symbols.needed, std::vector<std::string>());
  std::vector<std::string> names;
  for (const CompiledKernel &kernel : image.kernels)
    names.push_back(kernel.name);
  EXPECT_EQ(names, (std::vector<std::string>{"matmul", "norm", "attention"}))
      << "not in the order of the module";
}

// The code for AVX2 runs on every processor that has it.
TEST(CompileKernels, WideRegistersOnlyWhereTheyAre) {
  for (const char *path :
       {"dialects/tile/kernels.mlir", "dialects/tile/forms.mlir"}) {
    std::string text = readTest(path);
    Instructions v3 = instructionsOf(imageOf(text, "x86-64-v3").code);
    Instructions v4 = instructionsOf(imageOf(text, "x86-64-v4").code);
    EXPECT_GT(v3.all, 500) << path;
    EXPECT_EQ(v3.avx512, 0) << path;
    EXPECT_GT(v4.avx512, v4.all / 10) << path;
  }
}

TEST(CompileKernels, IsTheSameEachTime) {
  std::string text = readTest("dialects/tile/kernels.mlir");
  EXPECT_EQ(imageOf(text, "x86-64-v3").code, imageOf(text, "x86-64-v3").code);
}

TEST(CompileKernels, ModulesWithoutKernels) {
  KernelImage image = imageOf("module {}", "x86-64-v3");
  EXPECT_TRUE(image.kernels.empty());
  EXPECT_EQ(symbolsOf(image.code, /*dynamic=*/true).defined,
            std::vector<std::string>());
}

TEST(CompileKernels, CompilesFast) {
  std::string text = readTest("dialects/tile/kernels.mlir");
  imageOf(text, processors().back());
  auto start = std::chrono::steady_clock::now();
  KernelImage image = imageOf(text, processors().back());
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("  three kernels in %.0f ms, %zu bytes\n", 1000 * took.count(),
              image.code.size());
  for (const CompiledKernel &kernel : image.kernels)
    std::printf("  %s: %lld bytes of scratch memory\n", kernel.name.c_str(),
                static_cast<long long>(kernel.scratchBytes));
  EXPECT_LT(took.count(), 3.0);
}

TEST(CompileKernels, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(refusal("module {}", "pentium"),
            "cannot compile the kernels: expects the processor x86-64-v3 or "
            "x86-64-v4, got pentium");
  std::string power = refusal(R"(
    tile.kernel @power(%n: index) grid(1) {
      %x = arith.constant dense<2.0> : tensor<4xf32>
      %y = math.powf %x, %x : tensor<4xf32>
      tile.return
    })",
                              "x86-64-v3");
  EXPECT_NE(power.find("is a function that kernels do not expand: "
                       "%0 = math.powf"),
            std::string::npos)
      << power;
}

/// A kernel that computes `op`, whose operands are as many %x of `type` as it
/// says and whose result is of type `result`, and stores what came out.
std::string kernelOf(const std::string &op, const std::string &type,
                     const std::string &result) {
  std::string make = "%f = memref.load %p[%n] : memref<?xf32>\n"
                     "%b = arith.fptosi %f : f32 to i32\n";
  bool isTile = type[0] == 't';
  std::string element = isTile ? type.substr(9, type.size() - 10) : type;
  make += element == "f32"    ? "%s = arith.addf %f, %f : f32\n"
          : element == "bf16" ? "%s = arith.truncf %f : f32 to bf16\n"
          : element == "i32"  ? "%s = arith.addi %b, %b : i32\n"
                              : "%s = arith.index_cast %b : i32 to index\n";
  std::string x = isTile ? "%x = tensor.splat %s : " + type + "\n" : "";
  std::string text = op;
  for (size_t at; !isTile && (at = text.find("%x")) != std::string::npos;)
    text.replace(at, 2, "%s");
  // A use that keeps the result: a loop copies a tile, a scalar is stored.
  std::string keep = "%y = scf.for %i = %n to %n step %n iter_args(%a = %r) "
                     "-> (" +
                     result + ") { scf.yield %a : " + result + " }\n";
  if (!isTile)
    keep = (result == "f32"    ? "%o = arith.addf %r, %r : f32\n"
            : result == "bf16" ? "%o = arith.extf %r : bf16 to f32\n"
            : result == "index"
                ? "%q = arith.index_cast %r : index to i32\n"
                  "%o = arith.sitofp %q : i32 to f32\n"
                : "%o = arith.sitofp %r : " + result + " to f32\n") +
           "memref.store %o, %p[%n] : memref<?xf32>\n";
  return "tile.kernel @k(%p: memref<?xf32>, %n: index) grid(1) {\n" + make + x +
         "%r = " + text + "\n" + keep + "tile.return\n}";
}

/// What is neither refused by name nor compiled.
std::string surprise(const std::string &op, const std::string &type,
                     const std::string &result) {
  std::string problem = refusal(kernelOf(op, type, result), "x86-64-v3");
  bool isNamed =
      problem.find("has no lowering to machine code: ") != std::string::npos ||
      problem.find("do not expand: ") != std::string::npos ||
      problem.find("scalar of bf16; widen it to f32: ") != std::string::npos;
  return isNamed ? "" : problem;
}

// What the check lets through must compile, and must not call a library.
TEST(CompileKernels, EachOpIsRefusedByNameOrCompiles) {
  for (const char *type : {"f32", "bf16", "tensor<6xf32>", "tensor<6xbf16>"}) {
    std::string t = type;
    for (const char *name : {"addf", "subf", "mulf", "divf", "remf", "maximumf",
                             "minimumf", "maxnumf", "minnumf"})
      EXPECT_EQ(surprise("arith." + std::string(name) + " %x, %x : " + t, t, t),
                "")
          << name;
    for (const char *name :
         {"arith.negf", "math.absf",      "math.acos",  "math.atan",
          "math.cbrt",  "math.ceil",      "math.cos",   "math.erf",
          "math.exp",   "math.exp2",      "math.expm1", "math.floor",
          "math.log",   "math.log10",     "math.log1p", "math.log2",
          "math.round", "math.roundeven", "math.rsqrt", "math.sin",
          "math.sinh",  "math.sqrt",      "math.tan",   "math.tanh",
          "math.trunc"})
      EXPECT_EQ(surprise(std::string(name) + " %x : " + t, t, t), "") << name;
    for (const char *name : {"math.copysign", "math.powf", "math.atan2"})
      EXPECT_EQ(surprise(std::string(name) + " %x, %x : " + t, t, t), "")
          << name;
    EXPECT_EQ(surprise("math.fma %x, %x, %x : " + t, t, t), "");
  }
  for (const char *type : {"i32", "index", "tensor<6xi32>"}) {
    std::string t = type;
    for (const char *name :
         {"addi",      "subi",      "muli",       "divui", "divsi",
          "ceildivui", "ceildivsi", "floordivsi", "remui", "remsi",
          "andi",      "ori",       "xori",       "shli",  "shrui",
          "shrsi",     "maxsi",     "maxui",      "minsi", "minui"})
      EXPECT_EQ(surprise("arith." + std::string(name) + " %x, %x : " + t, t, t),
                "")
          << name;
  }
  for (auto [name, from, to] : {std::tuple("sitofp", "i32", "f32"),
                                {"uitofp", "i32", "f32"},
                                {"fptosi", "f32", "i32"},
                                {"fptoui", "f32", "i32"},
                                {"bitcast", "f32", "i32"},
                                {"bitcast", "i32", "f32"},
                                {"truncf", "f32", "bf16"},
                                {"trunci", "i32", "i1"}}) {
    std::string cast = "arith." + std::string(name) + " %x : ";
    std::string f = "tensor<6x" + std::string(from) + ">";
    std::string t = "tensor<6x" + std::string(to) + ">";
    EXPECT_EQ(surprise(cast + from + " to " + to, from, to), "") << name;
    EXPECT_EQ(surprise(cast + f + " to " + t, f, t), "") << name;
  }
}

TEST(CompileKernels, RefusesKernelsWithoutAName) {
  EXPECT_EQ(refusal("tile.kernel @\"\"() grid(1) { tile.return }", "x86-64-v3"),
            "cannot compile the kernels: expects a name that does not begin "
            "with llvm., got none");
}

// How sets of steps combine makes no code, even out of ops that the CPU does
// not know, and keeps nothing in memory that only it would read.
TEST(CompileKernels, CombineCostsNothing) {
  const std::string before = R"(
    !x = memref<?xf32, strided<[1], offset: ?>>
    tile.kernel @sum(%x: memref<?xf32>, %y: memref<?xf32>, %n: index) grid(1) {
      %c0 = arith.constant 0 : index
      %c8 = arith.constant 8 : index
      %zero = arith.constant dense<0.0> : tensor<8xf32>
      %xv = tile.view %x[%c0] sizes [%n] strides [1] : memref<?xf32> to !x
      %yv = tile.view %y[%c0] sizes [%c8] strides [1] : memref<?xf32> to !x
      %t = tile.load %xv[%c0] : !x -> tensor<8xf32>
      %u = arith.addf %t, %t : tensor<8xf32>
      %v = arith.mulf %u, %t : tensor<8xf32>
      %s = tile.stream (%c0 to %n step %c8) carry(%zero : tensor<8xf32>)
      load (%i: index) {
        %w = tile.load %xv[%i] : !x -> tensor<8xf32>
        tile.yield %w : tensor<8xf32>
      }
      body (%i: index, %w: tensor<8xf32>, %a: tensor<8xf32>) {
        %b = arith.addf %a, %w : tensor<8xf32>
        tile.yield %b : tensor<8xf32>
      })";
  const std::string combine = R"(
      combine (%a: tensor<8xf32>, %b: tensor<8xf32>) {
        %c = arith.addf %a, %u : tensor<8xf32>
        %d = arith.remf %c, %b : tensor<8xf32>
        tile.yield %d : tensor<8xf32>
      })";
  const std::string after = R"(
      %r = arith.addf %s, %v : tensor<8xf32>
      tile.store %r, %yv[%c0] : tensor<8xf32>, !x
      tile.return
    })";
  KernelImage plain = imageOf(before + after, processors().back());
  KernelImage combined = imageOf(before + combine + after, processors().back());
  EXPECT_EQ(plain.code, combined.code);
  EXPECT_EQ(plain.kernels[0].scratchBytes, combined.kernels[0].scratchBytes);
}

} // namespace
