//===- Hardware.h - The same kernels, emulated and on a GPU --- -*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs cases in the emulator and on a device of the runtime and compares what
/// they leave in memory: whether the emulator means by PTX what the hardware
/// does.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_EMULATOR_HARDWARE_H
#define HEED_TEST_EMULATOR_HARDWARE_H

#include "test/emulator/Emulator.h"

#include "runtime/Device.h"

#include <string>
#include <vector>

namespace heed::ptx {

/// How elements are compared: bytes, or numbers by their difference. All NaNs
/// are one number, since the ISA leaves their bits open.
enum class Element { Bytes, F16, Bf16, F32, F64 };

/// An array that a kernel reads or writes. Where two numbers may differ, they
/// differ by at most `absolute` + `relative` times their size; where both are
/// 0, they agree bit by bit.
struct HardwareArray {
  std::vector<uint8_t> bytes;
  bool isResult = false;
  Element element = Element::Bytes;
  double relative = 0, absolute = 0;
};

/// A word of a launch: the address of an array, of a tensor map, or a number.
struct HardwareWord {
  enum Kind { Array, Map, Number } kind;
  int64_t value; ///< Index or number.
};

/// A tensor map over an array; `map.base` is filled in.
struct HardwareMap {
  size_t array;
  TensorMap map;
};

struct HardwareCase {
  std::string name;
  std::string text; ///< The module.
  std::string kernel;
  int64_t grid = 1;
  uint32_t threads = 32;
  uint32_t sharedBytes = 0;
  std::vector<HardwareArray> arrays;
  std::vector<HardwareMap> maps;
  /// Maps that the runtime makes, behind the words of the launch.
  std::vector<heed_package_map> launchMaps;
  std::vector<HardwareWord> words;
  /// So many arrays behind the first hold the operands of a lane, 8 bytes each,
  /// where the first holds its result.
  size_t operands = 0;
};

/// What a case came to.
struct HardwareResult {
  uint64_t elements = 0;
  uint64_t different = 0;            ///< By more than the case allows.
  uint64_t equal = 0;                ///< Bit by bit.
  double worst = 0;                  ///< Largest difference of numbers.
  std::vector<std::string> examples; ///< The first three different words.
};

/// Adds to `result` how the bytes of array `index` compare.
void compareArray(const HardwareCase &one, size_t index,
                  const std::vector<uint8_t> &emulated,
                  const std::vector<uint8_t> &found, HardwareResult &result);

/// Runs `one` in the emulator and on device `name`.
Status compareWithHardware(const HardwareCase &one, const std::string &name,
                           const DeviceOptions &options,
                           HardwareResult &result);

/// Single instructions on edge values and random ones.
std::vector<HardwareCase> instructionCases();
/// The kernels whose text lies in `folder`: Ring.ptx, Snippets.ptx, Hopper.ptx,
/// Maps.ptx.
Status kernelCases(const std::string &folder, std::vector<HardwareCase> &cases);

} // namespace heed::ptx

#endif // HEED_TEST_EMULATOR_HARDWARE_H
