//===- SafetensorsFaultsTest.cpp ------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every class of fault against the reader of weight files. Prints its part of
// the matrix; each message is one line with file, key, found and wanted.
//
//===----------------------------------------------------------------------===//

#include "heed/Weights/Safetensors.h"
#include "test/unit/lib/Support/TemporaryFolder.h"
#include "test/unit/lib/Weights/FaultMatrix.h"

#include <gtest/gtest.h>

using namespace heed;

namespace {

/// Of the length and the text.
std::vector<Fault> textFaults() {
  return {
      {"empty file", "",
       "f: found 0 bytes, wanted at least 8 for the length of the header"},
      {"truncated length", "1234567",
       "f: found 7 bytes, wanted at least 8 for the length of the header"},
      {"header longer than file", lengthWord(10) + "{}",
       "f: found a header of 10 bytes in a file of 10, wanted at most 2"},
      {"header near 2^63", lengthWord(INT64_MAX) + "{}",
       "f: found a header of 9223372036854775807 bytes, wanted at most "
       "100000000"},
      {"header near 2^64", lengthWord(UINT64_MAX) + "{}",
       "f: found a header of 18446744073709551615 bytes, wanted at most "
       "100000000"},
      {"no header", lengthWord(0), "f: header: found nothing, wanted \"{\""},
      {"not JSON", fileBytes("{\"a\" 1}"),
       "f: header:1:6: found \"1\", wanted \":\" after the key"},
      {"binary header", fileBytes("{\x01\xff"),
       "f: header:1:3: found invalid UTF-8, wanted UTF-8"},
      {"not an object", fileBytes("[]"),
       "f: header: found \"[\", wanted \"{\""},
      {"truncated header", fileBytes(object(kGood).substr(0, 20)),
       "f: header:1:21: found the end of the text, wanted a key in double "
       "quotes"},
      {"duplicate tensor", fileBytes(object(kGood + "," + kGood)),
       "f: header:1:55: found duplicate key \"a\", wanted each key once"},
      {"duplicate field", fileBytes("{\"a\":{\"dtype\":\"F32\",\"dtype\":1}}"),
       "f: header:1:21: found duplicate key \"dtype\", wanted each key once"},
      {"deep nesting", fileBytes("{\"a\":" + std::string(100000, '[')),
       "f: header:1:69: found deeper nesting, wanted at most 64 levels"},
  };
}

/// Of the fields of a tensor, one by one.
std::vector<Fault> fieldFaults() {
  std::string key = "f: header: key ";
  std::string types = "wanted one of F64, F32, F16, BF16, I64, I32, I16, I8, "
                      "U8, BOOL";
  std::string eight(8, 'x');
  return {
      {"tensor is no object", fileBytes("{\"a\":3}"),
       key + "\"a\": found integer 3, wanted object"},
      {"missing dtype", fileBytes("{\"a\":{}}"),
       key + "\"a.dtype\": found nothing, wanted string"},
      {"missing shape", fileBytes("{\"a\":{\"dtype\":\"F32\"}}"),
       key + "\"a.shape\": found nothing, wanted array of integers"},
      {"missing data_offsets",
       fileBytes("{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}"),
       key + "\"a.data_offsets\": found nothing, wanted array of integers"},
      {"wrong type of dtype", fileBytes("{\"a\":{\"dtype\":3}}"),
       key + "\"a.dtype\": found integer 3, wanted string"},
      {"unknown dtype",
       fileBytes(object(member("a", "U32", "[2]", "[0,8]")), eight),
       key + "\"a.dtype\": found unknown dtype \"U32\", " + types},
      {"quantised dtype",
       fileBytes(object(member("a", "F8_E4M3", "[8]", "[0,8]")), eight),
       key + "\"a.dtype\": found quantised dtype \"F8_E4M3\", " + types},
      {"unknown field",
       fileBytes("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":"
                 "[0,8],\"strides\":[1]}}",
                 eight),
       key + "\"a.strides\": found an unknown field, wanted dtype, shape and "
             "data_offsets"},
      {"metadata is no object", fileBytes("{\"__metadata__\":[]}"),
       key + "\"__metadata__\": found array of 0, wanted object"},
      {"metadata is no string", fileBytes("{\"__metadata__\":{\"a\":1}}"),
       key + "\"__metadata__.a\": found integer 1, wanted string"},
      {"control characters", fileBytes("{\"\\u001b[2J\\n\":1}"),
       key + "\"\\x1B[2J\\x0A\": found integer 1, wanted object"},
  };
}

/// Of sizes and offsets.
std::vector<Fault> numberFaults() {
  std::string key = "f: header: key ";
  std::string hugeShape = "[4294967296,4294967296]";
  std::string eight(8, 'x');
  return {
      {"negative size",
       fileBytes(object(member("a", "F32", "[2,-1]", "[0,8]")), eight),
       key + "\"a.shape[1]\": found integer -1, wanted at least 0"},
      {"size is no integer",
       fileBytes(object(member("a", "F32", "[2.0]", "[0,8]")), eight),
       key + "\"a.shape[0]\": found number 2.0, wanted integer"},
      {"size beyond 2^63",
       fileBytes(object(member("a", "F32", "[9223372036854775808]", "[0,8]")),
                 eight),
       key + "\"a.shape[0]\": found integer 9223372036854775808, wanted "
             "integer of 64 bits"},
      {"product beyond 2^63",
       fileBytes(object(member("a", "F32", hugeShape, "[0,8]")), eight),
       key + "\"a.shape\": found F32 \"[4294967296, 4294967296]\", wanted less "
             "than 2^63 bytes"},
      {"one offset", fileBytes(object(member("a", "F32", "[2]", "[8]")), eight),
       key + "\"a.data_offsets\": found array of 1, wanted array of 2"},
      {"negative offset",
       fileBytes(object(member("a", "F32", "[2]", "[-8,0]")), eight),
       key + "\"a.data_offsets[0]\": found integer -8, wanted at least 0"},
      {"reversed offsets",
       fileBytes(object(member("a", "F32", "[2]", "[8,0]")), eight),
       key + "\"a.data_offsets\": found [8, 0], wanted an end that is not "
             "before the beginning"},
      {"offsets out of file", fileBytes(object(kGood), "1234567"),
       key + "\"a.data_offsets\": found [0, 8], wanted an end of at most 7, "
             "the bytes after the header"},
      {"offset near 2^63",
       fileBytes(object(member("a", "F32", "[2]",
                               "[9223372036854775799,9223372036854775807]")),
                 eight),
       key + "\"a.data_offsets\": found [9223372036854775799, "
             "9223372036854775807], wanted an end of at most 8, the bytes "
             "after the header"},
      {"wrong number of bytes",
       fileBytes(object(member("a", "F32", "[3]", "[0,8]")), eight),
       key + "\"a.data_offsets\": found 8 bytes, wanted 12 for F32 \"[3]\""},
  };
}

/// Between tensors.
std::vector<Fault> layoutFaults() {
  std::string key = "f: header: key ";
  std::string eight(8, 'x');
  return {
      {"overlap",
       fileBytes(object(kGood + "," + member("b", "F32", "[1]", "[4,8]")),
                 eight),
       key + "\"b.data_offsets\": found an overlap: begins at 4, wanted 8, "
             "where \"a\" ends"},
      {"same range twice",
       fileBytes(object(kGood + "," + member("b", "F32", "[2]", "[0,8]")),
                 eight),
       key + "\"b.data_offsets\": found an overlap: begins at 0, wanted 8, "
             "where \"a\" ends"},
      {"hole at the beginning",
       fileBytes(object(member("a", "F32", "[1]", "[4,8]")), eight),
       key + "\"a.data_offsets\": found a hole: begins at 4, wanted 0, where "
             "the header ends"},
      {"hole between",
       fileBytes(object(kGood + "," + member("b", "F32", "[1]", "[12,16]")),
                 eight + eight),
       key + "\"b.data_offsets\": found a hole: begins at 12, wanted 8, where "
             "\"a\" ends"},
      {"bytes after the end", fileBytes(object(kGood), eight + "x"),
       "f: found 1 bytes after the last tensor, wanted none"},
  };
}

std::vector<Fault> headerFaults() {
  std::vector<Fault> all = textFaults();
  for (auto *faults : {fieldFaults, numberFaults, layoutFaults})
    for (Fault &fault : faults())
      all.push_back(std::move(fault));
  return all;
}

TEST(SafetensorsFaults, Header) {
  for (const Fault &fault : headerFaults()) {
    llvm::Expected<SafetensorsHeader> header =
        SafetensorsHeader::parse(fault.content, fault.content.size(), "f");
    ASSERT_FALSE(bool(header)) << fault.name;
    std::string message = llvm::toString(header.takeError());
    EXPECT_EQ(message, fault.message) << fault.name;
    print(fault.name, "safetensors", message);
  }
}

/// From a real file the faults are the same, and nothing of it is mapped.
TEST(SafetensorsFaults, File) {
  TemporaryFolder folder;
  std::string path = folder.path("f");
  for (const Fault &fault : headerFaults()) {
    folder.write("f", fault.content);
    llvm::Expected<SafetensorsFile> file = SafetensorsFile::open(path);
    ASSERT_FALSE(bool(file)) << fault.name;
    EXPECT_EQ(llvm::toString(file.takeError()), path + fault.message.substr(1))
        << fault.name;
  }
}

TEST(SafetensorsFaults, EveryTruncationIsAFault) {
  std::string content = fileBytes(object(kGood), std::string(8, 'x'));
  for (size_t size = 0; size < content.size(); ++size) {
    llvm::Expected<SafetensorsHeader> header =
        SafetensorsHeader::parse(content.substr(0, size), size, "f");
    ASSERT_FALSE(bool(header)) << size;
    std::string message = llvm::toString(header.takeError());
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
}

} // namespace
