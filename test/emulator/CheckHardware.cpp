//===- CheckHardware.cpp - Compares the emulator with a GPU ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
///     check-hardware FOLDER [DEVICE]
///
/// Runs single instructions, and the kernels whose PTX lies in FOLDER
/// (test/unit/emulator/snippets), in the emulator and on DEVICE (cuda), and
/// lists what they left: elements that are equal bit by bit, that differ within
/// the bounds of the ISA, and that differ by more. Needs a driver and no LLVM.
///
//===----------------------------------------------------------------------===//

#include "test/emulator/Hardware.h"

#include <cstdio>

using namespace heed;
using namespace heed::ptx;

/// Runs one case; returns whether both sides agree.
static bool check(const HardwareCase &one, const std::string &device) {
  HardwareResult result;
  if (Status error =
          compareWithHardware(one, device, DeviceOptions(), result)) {
    std::printf("%-28s FAILED %s\n", one.name.c_str(), error.message().c_str());
    return false;
  }
  std::printf(
      "%-28s %7llu elements, %7llu equal, %5llu within bounds, %5llu "
      "different, largest difference %.3g%s\n",
      one.name.c_str(), (unsigned long long)result.elements,
      (unsigned long long)result.equal,
      (unsigned long long)(result.elements - result.equal - result.different),
      (unsigned long long)result.different, result.worst,
      result.different ? " DIFFERENT" : "");
  for (const std::string &example : result.examples)
    std::printf("    %s\n", example.c_str());
  return result.different == 0;
}

int main(int argc, char **argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: check-hardware FOLDER [DEVICE]\n");
    return 1;
  }
  std::string device = argc == 3 ? argv[2] : "cuda";
  std::vector<HardwareCase> cases = instructionCases();
  if (Status error = kernelCases(argv[1], cases)) {
    std::fprintf(stderr, "check-hardware: %s\n", error.message().c_str());
    return 1;
  }
  int agree = 0;
  for (const HardwareCase &one : cases)
    agree += check(one, device);
  std::printf("%d of %zu cases agree\n", agree, cases.size());
  return agree != int(cases.size());
}
