//===- HardwareInstructions.cpp - Single instructions to compare ----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/Hardware.h"
#include "test/emulator/InstructionKernel.h"

#include "heed/Support/HalfFloat.h"

#include <cstring>
#include <random>

namespace heed::ptx {

namespace {

constexpr size_t lanes = 4096;

/// An instruction with %x, %a, %b, %c; or a root whose `result` is its type.
struct One {
  const char *instruction;
  const char *result;
  std::vector<std::string> operands;
  /// Where `result` does not say it.
  Element element = Element::Bytes;
  double relative = 0, absolute = 0;
  /// Operands are random bits, or lie in [-scale, scale].
  double scale = 0;
};

void addIntegers(std::vector<One> &out) {
  for (const char *type : {"s16", "u16", "s32", "u32", "s64", "u64"}) {
    std::string reg = std::string("b") + (type + 1);
    for (const char *root : {"add", "sub", "mul.lo", "mul.hi", "min", "max"})
      out.push_back({root, type, {reg, reg}});
    for (const char *root : {"mad.lo", "sad"})
      out.push_back({root, type, {reg, reg, reg}});
  }
  for (const char *type : {"s16", "u16", "s32", "u32"})
    out.push_back(
        {"mul.wide",
         type,
         {std::string("b") + (type + 1), std::string("b") + (type + 1)}});
}

const std::vector<One> &bitInstructions() {
  static const std::vector<One> all = {
      {"bfe.u32 %x, %a, %b, %c;", "b32", {"b32", "b32", "b32"}},
      {"bfe.s32 %x, %a, %b, %c;", "b32", {"b32", "b32", "b32"}},
      {"and.b32 %b, %b, 255;\nand.b32 %c, %c, 255;\nbfe.s64 %x, %a, %b, %c;",
       "b64",
       {"b64", "b32", "b32"}},
      {"and.b32 %b, %b, 255;\nand.b32 %c, %c, 255;\nbfe.u64 %x, %a, %b, %c;",
       "b64",
       {"b64", "b32", "b32"}},
      {"bfi.b32 %x, %a, 305419896, %b, %c;", "b32", {"b32", "b32", "b32"}},
      {"bfind.s32 %x, %a;", "b32", {"b32"}},
      {"bfind.u64 %x, %a;", "b32", {"b64"}},
      {"clz.b32 %x, %a;", "b32", {"b32"}},
      {"popc.b64 %x, %a;", "b32", {"b64"}},
      {"brev.b32 %x, %a;", "b32", {"b32"}},
      {"prmt.b32 %x, %a, %b, %c;", "b32", {"b32", "b32", "b32"}},
      {"lop3.b32 %x, %a, %b, %c, 0xb8;", "b32", {"b32", "b32", "b32"}},
      {"shf.l.wrap.b32 %x, %a, %b, %c;", "b32", {"b32", "b32", "b32"}},
      {"shf.r.clamp.b32 %x, %a, %b, %c;", "b32", {"b32", "b32", "b32"}},
      {"shl.b32 %x, %a, %b;", "b32", {"b32", "b32"}},
      {"shr.s32 %x, %a, %b;", "b32", {"b32", "b32"}},
      {"shr.u64 %x, %a, %b;", "b64", {"b64", "b32"}}};
  return all;
}

const std::vector<One> &floatInstructions() {
  static const std::vector<One> all = {
      {"add.rn.f32 %x, %a, %b;", "f32", {"f32", "f32"}},
      {"add.rn.ftz.f32 %x, %a, %b;", "f32", {"f32", "f32"}},
      {"add.rz.f32 %x, %a, %b;", "f32", {"f32", "f32"}},
      {"add.rm.f32 %x, %a, %b;", "f32", {"f32", "f32"}},
      {"add.sat.f32 %x, %a, %b;", "f32", {"f32", "f32"}},
      {"mul.rn.f32 %x, %a, %b;", "f32", {"f32", "f32"}},
      {"mul.rp.f32 %x, %a, %b;", "f32", {"f32", "f32"}},
      {"mul.rn.ftz.f32 %x, %a, %b;", "f32", {"f32", "f32"}},
      {"fma.rn.f32 %x, %a, %b, %c;", "f32", {"f32", "f32", "f32"}},
      {"fma.rm.f32 %x, %a, %b, %c;", "f32", {"f32", "f32", "f32"}},
      {"fma.rn.ftz.f32 %x, %a, %b, %c;", "f32", {"f32", "f32", "f32"}},
      {"div.rn.f32 %x, %a, %b;", "f32", {"f32", "f32"}},
      {"sqrt.rn.f32 %x, %a;", "f32", {"f32"}},
      {"rcp.rn.f32 %x, %a;", "f32", {"f32"}},
      {"min.f32 %x, %a, %b;", "f32", {"f32", "f32"}},
      {"max.ftz.f32 %x, %a, %b;", "f32", {"f32", "f32"}},
      {"max.NaN.f32 %x, %a, %b;", "f32", {"f32", "f32"}},
      {"fma.rn.f64 %x, %a, %b, %c;", "f64", {"f64", "f64", "f64"}},
      {"fma.rn.bf16x2 %x, %a, %b, %c;",
       "b32",
       {"b32", "b32", "b32"},
       Element::Bf16},
      {"fma.rn.f16x2 %x, %a, %b, %c;",
       "b32",
       {"b32", "b32", "b32"},
       Element::F16},
      {"add.rn.bf16x2 %x, %a, %b;", "b32", {"b32", "b32"}, Element::Bf16},
      {"mul.rn.f16 %x, %a, %b;", "b16", {"b16", "b16"}, Element::F16},
      {"max.bf16x2 %x, %a, %b;", "b32", {"b32", "b32"}, Element::Bf16},
      {"min.NaN.f16x2 %x, %a, %b;", "b32", {"b32", "b32"}, Element::F16}};
  return all;
}

/// Comparisons are among them.
const std::vector<One> &conversions() {
  static const std::vector<One> all = {
      {"setp.lt.f32 %x, %a, %b;", "pred", {"f32", "f32"}},
      {"setp.neu.ftz.f32 %x, %a, %b;", "pred", {"f32", "f32"}},
      {"setp.hi.u32 %x, %a, %b;", "pred", {"b32", "b32"}},
      {"cvt.rni.s32.f32 %x, %a;", "b32", {"f32"}},
      {"cvt.rzi.u32.f32 %x, %a;", "b32", {"f32"}},
      {"cvt.rzi.s64.f32 %x, %a;", "b64", {"f32"}},
      {"cvt.rmi.s32.f64 %x, %a;", "b32", {"f64"}},
      {"cvt.rn.f32.s64 %x, %a;", "f32", {"b64"}},
      {"cvt.rz.f32.u32 %x, %a;", "f32", {"b32"}},
      {"cvt.rn.f32.f64 %x, %a;", "f32", {"f64"}},
      {"cvt.rn.bf16.f32 %x, %a;", "b16", {"f32"}, Element::Bf16},
      {"cvt.rz.bf16.f32 %x, %a;", "b16", {"f32"}, Element::Bf16},
      {"cvt.rn.f16.f32 %x, %a;", "b16", {"f32"}, Element::F16},
      {"cvt.rn.bf16x2.f32 %x, %a, %b;", "b32", {"f32", "f32"}, Element::Bf16},
      {"cvt.rn.relu.f16x2.f32 %x, %a, %b;",
       "b32",
       {"f32", "f32"},
       Element::F16},
      {"cvt.f32.f16 %x, %a;", "f32", {"b16"}},
      {"cvt.f32.bf16 %x, %a;", "f32", {"b16"}},
      {"cvt.rni.f32.f32 %x, %a;", "f32", {"f32"}},
      {"cvt.sat.f32.f32 %x, %a;", "f32", {"f32"}},
      {"cvt.rna.tf32.f32 %x, %a;", "b32", {"f32"}, Element::F32},
      {"cvt.sat.s8.s32 %x, %a;", "b32", {"b32"}},
      {"cvt.s32.s16 %x, %a;", "b32", {"b32"}}};
  return all;
}

/// Those that hardware approximates: both sides may err by the bound.
const std::vector<One> &approximations() {
  using E = Element;
  static const std::vector<One> all = {
      {"ex2.approx.ftz.f32 %x, %a;", "f32", {"f32"}, E::F32, 0x1p-21, 0, 100},
      {"ex2.approx.f32 %x, %a;",
       "f32",
       {"f32"},
       E::F32,
       0x1p-21,
       0x1p-148,
       140},
      {"lg2.approx.f32 %x, %a;", "f32", {"f32"}, E::F32, 0x1p-21, 0x1p-21, 9},
      {"sin.approx.f32 %x, %a;", "f32", {"f32"}, E::F32, 0, 0x1p-19, 3},
      {"cos.approx.f32 %x, %a;", "f32", {"f32"}, E::F32, 0, 0x1p-19, 3},
      {"tanh.approx.f32 %x, %a;", "f32", {"f32"}, E::F32, 0x1p-10, 0, 8},
      {"rcp.approx.ftz.f32 %x, %a;", "f32", {"f32"}, E::F32, 0x1p-22, 0, 1e4},
      {"sqrt.approx.f32 %x, %a;", "f32", {"f32"}, E::F32, 0x1p-22, 0, 1e6},
      {"rsqrt.approx.f32 %x, %a;", "f32", {"f32"}, E::F32, 0x1p-21, 0, 1e6},
      {"div.approx.f32 %x, %a, %b;",
       "f32",
       {"f32", "f32"},
       E::F32,
       0x1p-21,
       0,
       1e4},
      {"div.full.f32 %x, %a, %b;",
       "f32",
       {"f32", "f32"},
       E::F32,
       0x1p-21,
       0,
       1e4},
      {"ex2.approx.ftz.bf16 %x, %a;", "b16", {"b16"}, E::Bf16, 0x1p-6, 0, 4},
      {"tanh.approx.bf16 %x, %a;", "b16", {"b16"}, E::Bf16, 0x1p-7, 0, 4}};
  return all;
}

/// 8 bytes per lane: random bits with edge values among them, or random numbers
/// of the type.
HardwareArray makeOperand(const One &one, const std::string &type,
                          std::mt19937_64 &random) {
  const uint64_t edges[] = {0,
                            1,
                            ~uint64_t(0),
                            0x8000000080000000,
                            0x7f8000007f800000,
                            0x7fffffff7fffffff,
                            0x3f8000003f800000,
                            0x0000000100000001};
  std::uniform_real_distribution<double> range(-one.scale, one.scale);
  HardwareArray array;
  array.bytes.resize(8 * lanes);
  for (size_t i = 0; i != lanes; ++i) {
    uint64_t bits = random() % 8 == 0 ? edges[random() % 8] : random();
    // Small numbers, for shifts, lengths and quotients that are not all ones.
    if (one.scale == 0 && random() % 4 == 0)
      bits &= 0x3f0000003f;
    float value = float(range(random));
    uint16_t half = floatToBf16(value);
    if (one.scale != 0 && type == "f32")
      std::memcpy(&bits, &value, 4);
    if (one.scale != 0 && type == "b16")
      std::memcpy(&bits, &half, 2);
    std::memcpy(&array.bytes[8 * i], &bits, 8);
  }
  return array;
}

HardwareCase makeCase(const One &one, const std::string &instruction,
                      const std::string &result) {
  std::mt19937_64 random(12);
  HardwareCase out;
  size_t start = instruction.rfind('\n') + 1; // 0 if there is one line.
  out.name = instruction.substr(start, instruction.find(' ', start) - start);
  out.operands = one.operands.size();
  out.kernel = "k";
  out.text = test::makeInstructionKernel(instruction, result, one.operands);
  out.grid = lanes / 32;
  HardwareArray to;
  to.bytes.resize(8 * lanes);
  to.isResult = true;
  to.element = result == "f32"   ? Element::F32
               : result == "f64" ? Element::F64
                                 : one.element;
  to.relative = one.relative;
  to.absolute = one.absolute;
  out.arrays.push_back(std::move(to));
  for (size_t i = 0; i != 3; ++i)
    out.arrays.push_back(makeOperand(
        one, i < one.operands.size() ? one.operands[i] : "b32", random));
  for (int64_t i = 0; i != 4; ++i)
    out.words.push_back({HardwareWord::Array, i});
  return out;
}

} // namespace

std::vector<HardwareCase> instructionCases() {
  std::vector<HardwareCase> out;
  std::vector<One> integers;
  addIntegers(integers);
  for (const One &one : integers) {
    std::string operands;
    for (size_t i = 0; i != one.operands.size(); ++i)
      operands += std::string(", %") + char('a' + i);
    bool isWide = std::strstr(one.instruction, "wide");
    int width = std::stoi(one.result + 1) * (isWide ? 2 : 1);
    out.push_back(makeCase(one,
                           std::string(one.instruction) + "." + one.result +
                               " %x" + operands + ";",
                           "b" + std::to_string(width)));
  }
  for (const std::vector<One> *group :
       {&bitInstructions(), &floatInstructions(), &conversions(),
        &approximations()})
    for (const One &one : *group)
      out.push_back(makeCase(one, one.instruction, one.result));
  return out;
}

} // namespace heed::ptx
