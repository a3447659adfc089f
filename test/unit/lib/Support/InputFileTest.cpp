//===- InputFileTest.cpp --------------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Support/InputFile.h"
#include "test/unit/lib/Support/TemporaryFolder.h"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

using namespace heed;

namespace {

template <typename T> std::string errorOf(llvm::Expected<T> value) {
  return value ? "no error" : llvm::toString(value.takeError());
}

class InputFileTest : public ::testing::Test {
protected:
  TemporaryFolder folder;
  std::string path = folder.path("in.bin");
};

TEST_F(InputFileTest, ReadsAndMapsParts) {
  folder.write("in.bin", "0123456789");
  llvm::Expected<InputFile> file = InputFile::open(path);
  ASSERT_TRUE(bool(file));
  EXPECT_EQ(file->size(), 10u);
  EXPECT_EQ(*file->read(3, 4), "3456");
  EXPECT_EQ(*file->read(10, 0), "");
  InputFile moved = std::move(*file);
  llvm::ArrayRef<uint8_t> memory = *moved.map();
  EXPECT_EQ(std::string(memory.begin(), memory.end()), "0123456789");
  EXPECT_EQ((*moved.map()).data(), memory.data());
}

TEST_F(InputFileTest, RefusesToReadBeyondTheEnd) {
  folder.write("in.bin", "0123456789");
  llvm::Expected<InputFile> file = InputFile::open(path);
  ASSERT_TRUE(bool(file));
  EXPECT_EQ(errorOf(file->read(8, 3)), "cannot read \"" + path +
                                           "\": found 10 bytes, wanted 3 from "
                                           "byte 8");
  // No memory is taken and nothing overflows.
  EXPECT_NE(errorOf(file->read(8, ~uint64_t(0))), "no error");
  EXPECT_NE(errorOf(file->read(~uint64_t(0), 8)), "no error");
}

TEST_F(InputFileTest, NoticesThatTheFileHasShrunk) {
  folder.write("in.bin", "0123456789");
  llvm::Expected<InputFile> file = InputFile::open(path);
  ASSERT_TRUE(bool(file));
  ASSERT_EQ(::truncate(path.c_str(), 5), 0);
  std::string message =
      "cannot read \"" + path + "\": the file has become shorter";
  EXPECT_EQ(errorOf(file->read(0, 10)), message);
  EXPECT_EQ(errorOf(file->map()), message);
}

TEST_F(InputFileTest, RefusesWhatIsNoRegularFile) {
  EXPECT_EQ(errorOf(InputFile::open(path)),
            "cannot read \"" + path + "\": No such file or directory");
  EXPECT_EQ(errorOf(InputFile::open(folder.path(""))),
            "cannot read \"" + folder.path("") +
                "\": found a folder, wanted a regular file");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(errorOf(InputFile::open(path)),
            "cannot read \"" + path +
                "\": found a pipe, wanted a regular file");
}

TEST_F(InputFileTest, WholeFilesHaveALimit) {
  folder.write("in.bin", "0123456789");
  EXPECT_EQ(*readFile(path, 10), "0123456789");
  EXPECT_EQ(errorOf(readFile(path, 9)),
            "cannot read \"" + path + "\": found 10 bytes, wanted at most 9");
  folder.write("in.bin", "");
  EXPECT_EQ(*readFile(path, 0), "");
  EXPECT_TRUE((*(*InputFile::open(path)).map()).empty());
}

} // namespace
