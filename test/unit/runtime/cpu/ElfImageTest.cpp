//===- ElfImageTest.cpp - Tests of runtime/cpu/ElfImage -------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/ElfImage.h"

#include "test/unit/runtime/PackageBuilder.h"

#include "heed-c/Package.h"

#include <gtest/gtest.h>

#include <cstring>
#include <elf.h>
#include <random>

using namespace heed;
using namespace heed::test;

namespace {

heed_cpu_kernel find(const ElfImage &image, const char *name) {
  return reinterpret_cast<heed_cpu_kernel>(
      reinterpret_cast<uintptr_t>(image.function(name)));
}

/// Returns the position of the program header of type `type`.
size_t segmentAt(const std::string &file, uint32_t type) {
  auto *header = reinterpret_cast<const Elf64_Ehdr *>(file.data());
  for (size_t i = 0; i != header->e_phnum; ++i) {
    size_t at = header->e_phoff + i * sizeof(Elf64_Phdr);
    if (reinterpret_cast<const Elf64_Phdr *>(&file[at])->p_type == type)
      return at;
  }
  return 0;
}

TEST(ElfImageTest, FunctionsRunOnRelocatedData) {
  ElfImage image;
  std::string file = readFile(HEED_TEST_KERNELS);
  Status error = image.load(file);
  ASSERT_FALSE(error) << error.message();
  int64_t output[4] = {}, params[1] = {reinterpret_cast<intptr_t>(output)};
  heed_cpu_kernel relocated = find(image, "relocated");
  ASSERT_TRUE(relocated);
  for (int64_t program = 0; program != 4; ++program)
    relocated(params, program, nullptr);
  EXPECT_EQ(output[0], 42);
  EXPECT_EQ(output[3], 47);
}

TEST(ElfImageTest, OnlyExportedFunctions) {
  ElfImage image;
  std::string file = readFile(HEED_TEST_KERNELS);
  ASSERT_FALSE(image.load(file));
  EXPECT_TRUE(image.function("head"));
  EXPECT_FALSE(image.function("visible")); // static
  EXPECT_FALSE(image.function("counter")); // data
  EXPECT_FALSE(image.function(""));
}

TEST(ElfImageTest, TwoImagesAreApart) {
  ElfImage one, two;
  std::string file = readFile(HEED_TEST_KERNELS);
  ASSERT_FALSE(one.load(file));
  ASSERT_FALSE(two.load(file));
  EXPECT_NE(one.function("head"), two.function("head"));
}

TEST(ElfImageTest, OtherFilesAreNamed) {
  ElfImage image;
  std::string file = readFile(HEED_TEST_KERNELS);
  EXPECT_EQ(image.load("").message(),
            "code: 0 bytes found, an ELF header has 64");
  EXPECT_EQ(image.load(std::string(100, 'x')).message(),
            "code: not a 64-bit little-endian ELF file");
  std::string other = file;
  reinterpret_cast<Elf64_Ehdr *>(&other[0])->e_machine = EM_AARCH64;
  EXPECT_EQ(image.load(other).message(),
            "code: ELF type 3 for machine 183 found, a shared object (3) for "
            "x86-64 (62) wanted");
  other = file;
  size_t load = segmentAt(other, PT_LOAD);
  reinterpret_cast<Elf64_Phdr *>(&other[load])->p_memsz = UINT64_MAX - 10;
  EXPECT_TRUE(image.load(other));
  // Segments that are all empty, at address 0.
  other = file;
  for (size_t at; (at = segmentAt(other, PT_LOAD));) {
    Elf64_Phdr empty = {};
    std::memcpy(&other[at], &empty, sizeof(empty));
    reinterpret_cast<Elf64_Phdr *>(&other[at])->p_type = PT_NOTE;
  }
  size_t note = segmentAt(other, PT_NOTE);
  reinterpret_cast<Elf64_Phdr *>(&other[note])->p_type = PT_LOAD;
  EXPECT_EQ(image.load(other).message(), "code: no segments to load found");
  // This very test needs libraries.
  std::string self = readFile("/proc/self/exe");
  EXPECT_EQ(image.load(self).message(),
            "code: kernels may have no interpreter and no thread storage");
}

/// Truncation and single flipped bytes are refused or harmless: loading and
/// looking up never crash.
TEST(ElfImageTest, DamageIsSurvived) {
  std::string file = readFile(HEED_TEST_KERNELS);
  ElfImage image;
  int refused = 0;
  for (size_t size = 0; size < file.size(); size += 61)
    refused += bool(image.load(file.substr(0, size)));
  EXPECT_GT(refused, 0);
  std::mt19937 random(1);
  for (int round = 0; round != 4000; ++round) {
    std::string damaged = file;
    // Most of the bytes that matter to the loader lie at the front.
    size_t range = round % 2 ? file.size() : 0x420;
    damaged[random() % range] ^= char(1 + random() % 255);
    if (image.load(damaged))
      ++refused;
    else
      image.function("head");
  }
  EXPECT_GT(refused, 300);
}

} // namespace
