//===- Processor.cpp - What this processor can do -------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Processor.h"

#include <cstdint>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace heed {

#if defined(__x86_64__)

namespace {
struct Features {
  uint32_t leaf1Ecx = 0, leaf7Ebx = 0, extendedEcx = 0;
  /// Register states that the operating system saves.
  uint32_t states = 0;
};
} // namespace

/// What x86-64-v3 adds: SSE3, SSSE3, FMA, CMPXCHG16B, SSE4.1, SSE4.2, MOVBE,
/// POPCNT, OSXSAVE, AVX, F16C; BMI1, AVX2, BMI2; LAHF and LZCNT.
static constexpr uint32_t v3Leaf1Ecx =
    1u << 0 | 1u << 9 | 1u << 12 | 1u << 13 | 1u << 19 | 1u << 20 | 1u << 22 |
    1u << 23 | 1u << 27 | 1u << 28 | 1u << 29;
static constexpr uint32_t v3Leaf7Ebx = 1u << 3 | 1u << 5 | 1u << 8;
static constexpr uint32_t v3ExtendedEcx = 1u << 0 | 1u << 5;
/// SSE and AVX registers.
static constexpr uint32_t v3States = 0x6;

/// What x86-64-v4 adds: AVX-512 F, DQ, CD, BW, VL, and their registers.
static constexpr uint32_t v4Leaf7Ebx =
    1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31;
static constexpr uint32_t v4States = 0xe6;

static Features readFeatures() {
  Features features;
  uint32_t eax, ebx, ecx, edx;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx))
    features.leaf1Ecx = ecx;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx))
    features.leaf7Ebx = ebx;
  if (__get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx))
    features.extendedEcx = ecx;
  if (features.leaf1Ecx & 1u << 27) {
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    features.states = low;
  }
  return features;
}

static bool hasAll(uint32_t found, uint32_t wanted) {
  return (found & wanted) == wanted;
}

std::string processorTarget() {
  Features features = readFeatures();
  if (!hasAll(features.leaf1Ecx, v3Leaf1Ecx) ||
      !hasAll(features.leaf7Ebx, v3Leaf7Ebx) ||
      !hasAll(features.extendedEcx, v3ExtendedEcx) ||
      !hasAll(features.states, v3States))
    return "x86-64";
  if (!hasAll(features.leaf7Ebx, v4Leaf7Ebx) ||
      !hasAll(features.states, v4States))
    return "x86-64-v3";
  return "x86-64-v4";
}

#else

std::string processorTarget() { return "not x86-64"; }

#endif

Status checkTarget(const std::string &target) {
  std::string processor = processorTarget();
  bool known = target == "x86-64-v3" || target == "x86-64-v4";
  if (!known)
    return makeError(HEED_BAD_PACKAGE,
                     "made for %s, device cpu runs x86-64-v3 and x86-64-v4 "
                     "packages",
                     target.c_str());
  bool runs = processor == "x86-64-v4" || processor == target;
  if (!runs)
    return makeError(HEED_BAD_PACKAGE, "made for %s, this processor is %s",
                     target.c_str(), processor.c_str());
  return Status();
}

} // namespace heed
