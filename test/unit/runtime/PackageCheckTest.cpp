//===- PackageCheckTest.cpp - Tests of runtime/PackageCheck ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/PackageCheck.h"

#include "test/unit/runtime/TinyModel.h"

#include <gtest/gtest.h>

#include <functional>

using namespace heed;
using namespace heed::test;

namespace {

/// Returns what the check says about a package that `change` has changed.
std::string check(const std::function<void(PackageBuilder &)> &change) {
  PackageBuilder builder = tinyBuilder();
  change(builder);
  std::string bytes = builder.build();
  Status error = checkPackage(bytes.data(), bytes.size(), "p");
  EXPECT_EQ(error.code(), error ? HEED_BAD_PACKAGE : HEED_OK);
  return error.message();
}

/// The same, where `change` changes the header of the finished package.
std::string checkHeader(
    const std::function<void(heed_package_header &, std::string &)> &change) {
  std::string bytes = tinyBuilder().build();
  heed_package_header header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  change(header, bytes);
  std::memcpy(&bytes[0], &header, sizeof(header));
  seal(bytes);
  return checkPackage(bytes.data(), bytes.size(), "p").message();
}

TEST(PackageCheckTest, GoodPackages) {
  EXPECT_EQ(check([](PackageBuilder &) {}), "");
  EXPECT_EQ(check([](PackageBuilder &b) { b = tinyBuilder({5, 2, true, 9}); }),
            "");
  std::string bytes = tinyBuilder().build();
  EXPECT_EQ(packageChecksum(bytes.data(), bytes.size()),
            reinterpret_cast<heed_package_header *>(&bytes[0])->checksum);
}

TEST(PackageCheckTest, Identity) {
  EXPECT_EQ(checkHeader([](auto &h, auto &) { h.magic[0] = 'X'; }),
            "p: not a package, the first bytes are not HEEDPKG");
  EXPECT_EQ(checkHeader([](auto &h, auto &) { h.version = 2; }),
            "p: package version 2 found, 3 wanted");
  EXPECT_EQ(checkHeader([](auto &h, auto &) { h.header_bytes = 8; }),
            "p: header of 8 bytes found, 312 wanted");
  EXPECT_EQ(
      checkHeader([](auto &h, auto &) { h.file_bytes = 1000000; }).substr(0, 3),
      "p: ");
  std::string bytes = tinyBuilder().build();
  bytes[bytes.size() - 1] ^= 1;
  EXPECT_EQ(checkPackage(bytes.data(), bytes.size(), "p")
                .message()
                .rfind("p: damaged, checksum ", 0),
            0u);
}

TEST(PackageCheckTest, Texts) {
  EXPECT_EQ(checkHeader([](auto &h, auto &) { memset(h.target, 0, 16); }),
            "p: target: 0 characters found, 1 to 15 wanted");
  EXPECT_EQ(checkHeader([](auto &h, auto &) { memset(h.target, 'x', 16); }),
            "p: target: 16 characters found, 1 to 15 wanted");
  EXPECT_EQ(checkHeader([](auto &h, auto &) { h.target[1] = '\n'; }),
            "p: target: byte 0x0a found, printable text wanted");
  EXPECT_EQ(check([](auto &b) { b.metadata[1] = 0; }),
            "p: metadata: zero byte found, JSON text wanted");
  EXPECT_EQ(check([](auto &b) { b.header.vocabulary = 0; }),
            "p: vocabulary of 0 found, 1 to 2147483647 wanted");
  EXPECT_EQ(check([](auto &b) { b.header.context = 1u << 31; }),
            "p: context of 2147483648 found, 0 to 2147483647 wanted");
  EXPECT_EQ(check([](auto &b) { b.files.push_back({{0, 0}, 0}); }),
            "p: path of file 0: no text found");
  EXPECT_EQ(check([](auto &b) { b.strings[b.kernels[1].symbol.offset] = 0; }),
            "p: kernel 1: symbol: control character 0x00 found in text");
}

TEST(PackageCheckTest, SpansNearTheEndOfNumbers) {
  using Header = heed_package_header;
  heed_span Header::*spans[] = {
      &Header::strings,   &Header::stop_ids, &Header::metadata,
      &Header::files,     &Header::weights,  &Header::caches,
      &Header::fields,    &Header::kernels,  &Header::maps,
      &Header::buffers,   &Header::commands, &Header::operands,
      &Header::constants, &Header::entries,  &Header::code,
      &Header::embedded};
  for (heed_span Header::*span : spans)
    for (uint64_t offset :
         {uint64_t(0), uint64_t(64), uint64_t(1) << 63, UINT64_MAX - 7})
      for (uint64_t size : {uint64_t(1) << 63, (uint64_t(1) << 63) - 152,
                            UINT64_MAX, UINT64_MAX - 63, uint64_t(1) << 40}) {
        std::string message = checkHeader(
            [&](Header &h, std::string &) { h.*span = {offset, size}; });
        EXPECT_NE(message.find("the file has"), std::string::npos) << message;
      }
  EXPECT_EQ(checkHeader([](auto &h, auto &) { h.commands.offset += 4; }),
            "p: commands: offset " + std::to_string([] {
              std::string bytes = tinyBuilder().build();
              return reinterpret_cast<Header *>(&bytes[0])->commands.offset;
            }() + 4) +
                " found, a multiple of 8 wanted");
  EXPECT_EQ(checkHeader([](auto &h, auto &) { h.entries.size -= 1; }),
            "p: entries: 63 bytes found, a multiple of 32 wanted");
}

TEST(PackageCheckTest, Records) {
  EXPECT_EQ(check([](auto &b) { b.stopIds[1] = 16; }),
            "p: stop id 16 found, 0 to 15 wanted");
  EXPECT_EQ(check([](auto &b) { b.weights[0].dtype = 9; }),
            "p: weight 0: dtype 9 found, 0 to 4 wanted");
  EXPECT_EQ(check([](auto &b) { b.weights[0].bytes = 7; }),
            "p: weight 0: 7 bytes found, a multiple of 4 wanted");
  EXPECT_EQ(check([](auto &b) { b.weights[0].file = 0; }),
            "p: weight 0: file 0 found, there are 0");
  EXPECT_EQ(check([](auto &b) { b.weights[0].offset = UINT64_MAX - 3; }),
            "p: weight 0: 512 bytes at 18446744073709551612 found, 512 are "
            "embedded");
  EXPECT_EQ(check([](auto &b) { b.caches[1].first_field = 3; }),
            "p: cache 1: fields 3 to 5 found, 2 to at most 4 wanted");
  EXPECT_EQ(check([](auto &b) { b.caches[1].field_count = 1; }),
            "p: 4 fields found, the caches have 3");
  EXPECT_EQ(check([](auto &b) { b.caches[1].window = 0x7fffffff; }),
            "p: cache 1: window 2147483647 and 2 sinks found, at most "
            "2147483647 wanted");
  EXPECT_EQ(check([](auto &b) { b.caches[0].sinks = 4; }),
            "p: cache 0: 4 sinks found without a window");
  EXPECT_EQ(check([](auto &b) { b.caches[0].until_decode = 2; }),
            "p: cache 0: until_decode 2, reserved 0 found, 0 or 1, 0 wanted");
  EXPECT_EQ(check([](auto &b) { b.fields[0].dtype = 5; }),
            "p: field 0: dtype 5 found, 0 to 4 wanted");
  EXPECT_EQ(check([](auto &b) { b.fields[0].heads = 0; }),
            "p: field 0: 0 heads of 4 found, 1 to 2147483647 wanted");
  EXPECT_EQ(check([](auto &b) { b.fields[0].reserved = 1; }),
            "p: field 0: reserved 1 found, 0 wanted");
  EXPECT_EQ(check([](auto &b) { b.kernels[0].scratch_bytes = UINT64_MAX; }),
            "p: kernel 0: 18446744073709551615 bytes of scratch found, at "
            "most 1073741824 wanted");
  EXPECT_EQ(check([](auto &b) { b.kernels[1].threads = 32; }),
            "p: kernel 1: 32 threads found, 1 wanted for x86-64-v3");
  EXPECT_EQ(check([](auto &b) { b.kernels[1].persistent = 1; }),
            "p: kernel 1: persistent 1 found, 0 wanted for x86-64-v3");
  EXPECT_EQ(check([](auto &b) { b.kernels[0].symbol.offset = 1u << 30; }),
            "p: kernel 0: symbol: text of 5 bytes at 1073741824 found, "
            "strings have " +
                std::to_string(tinyBuilder().strings.size()));
}

TEST(PackageCheckTest, KernelsOfAGpu) {
  auto gpu = [](uint32_t threads, uint64_t shared) {
    return check([&](PackageBuilder &b) {
      std::strcpy(b.header.target, "sm_80");
      for (heed_package_kernel &kernel : b.kernels)
        kernel.threads = threads;
      b.kernels[2].scratch_bytes = shared;
    });
  };
  for (uint32_t threads : {32, 96, 1024})
    EXPECT_EQ(gpu(threads, 232448), "");
  for (uint32_t threads : {0u, 1u, 33u, 1025u, 1056u, UINT32_MAX})
    EXPECT_EQ(gpu(threads, 0), "p: kernel 0: " + std::to_string(threads) +
                                   " threads found, a multiple of 32 up to "
                                   "1024 wanted for sm_80");
  EXPECT_EQ(gpu(32, 232449), "p: kernel 2: 232449 bytes of scratch found, at "
                             "most 232448 wanted");
}

TEST(PackageCheckTest, PersistentKernels) {
  auto persistent = [](const char *target, uint32_t value) {
    return check([&](PackageBuilder &b) {
      b = forGpu(std::move(b));
      std::strcpy(b.header.target, target);
      b.kernels[2].persistent = value;
    });
  };
  EXPECT_EQ(persistent("sm_90a", 1), "");
  for (uint32_t value : {2u, UINT32_MAX})
    EXPECT_EQ(persistent("sm_90a", value),
              "p: kernel 2: persistent " + std::to_string(value) +
                  " found, 0 or 1 wanted for sm_90a");
  EXPECT_EQ(persistent("sm_80", 1),
            "p: kernel 2: persistent 1 found, 0 wanted for sm_80");
}

TEST(PackageCheckTest, TensorMaps) {
  auto maps = [](const std::function<void(PackageBuilder &)> &change) {
    return check([&](PackageBuilder &b) {
      b = withMaps(std::move(b));
      change(b);
    });
  };
  EXPECT_EQ(maps([](auto &) {}), "");
  for (uint32_t columns : {64, 128, 192, 256})
    EXPECT_EQ(maps([&](auto &b) { b.maps[1].columns = columns; }), "");
  for (uint32_t columns : {0u, 32u, 100u, 320u, UINT32_MAX - 63})
    EXPECT_EQ(maps([&](auto &b) { b.maps[1].columns = columns; }),
              "p: map 1: " + std::to_string(columns) +
                  " columns found, a multiple of 64 up to 256 wanted");
  for (uint32_t rows : {0u, 257u, UINT32_MAX})
    EXPECT_EQ(maps([&](auto &b) { b.maps[0].box_rows = rows; }),
              "p: map 0: a box of " + std::to_string(rows) +
                  " rows found, 1 to 256 wanted");
  EXPECT_EQ(maps([](auto &b) { b.kernels[3].first_map = 1; }),
            "p: kernel 3: maps 1 to 3 found, 0 to at most 2 wanted");
  EXPECT_EQ(maps([](auto &b) { b.kernels[1].map_count = 1; }),
            "p: kernel 2: maps 0 to 0 found, 1 to at most 2 wanted");
  EXPECT_EQ(maps([](auto &b) { b.kernels[3].map_count = UINT32_MAX; }),
            "p: kernel 3: maps 0 to 4294967295 found, 0 to at most 2 wanted");
  EXPECT_EQ(maps([](auto &b) { b.kernels[3].map_count = 1; }),
            "p: 2 maps found, the kernels have 1");
  for (const char *target : {"sm_80", "sm_100a"})
    EXPECT_EQ(maps([&](auto &b) { std::strcpy(b.header.target, target); }),
              "p: kernel 3: 2 tensor maps found, none wanted for " +
                  std::string(target));
}

} // namespace
