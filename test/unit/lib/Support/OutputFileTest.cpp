//===- OutputFileTest.cpp -------------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Support/OutputFile.h"
#include "test/unit/lib/Support/TemporaryFolder.h"

#include <gtest/gtest.h>

#include <csignal>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace heed;

namespace {

class OutputFileTest : public ::testing::Test {
protected:
  TemporaryFolder folder;
  std::string path = folder.path("out.bin");
};

TEST_F(OutputFileTest, AppearsAtCommit) {
  llvm::Expected<OutputFile> file = OutputFile::create(path);
  ASSERT_TRUE(bool(file));
  file->os() << "content";
  file->os().flush();
  EXPECT_EQ(folder.read("out.bin"), "");
  EXPECT_FALSE(bool(file->commit()));
  EXPECT_EQ(folder.read("out.bin"), "content");
  EXPECT_EQ(folder.entries(), std::vector<std::string>{"out.bin"});
}

TEST_F(OutputFileTest, IsDiscardedWithoutCommit) {
  folder.write("out.bin", "old");
  {
    llvm::Expected<OutputFile> file = OutputFile::create(path);
    ASSERT_TRUE(bool(file));
    file->os() << std::string(1 << 20, 'x');
  }
  EXPECT_EQ(folder.read("out.bin"), "old");
  EXPECT_EQ(folder.entries().size(), 1u);
}

TEST_F(OutputFileTest, KeepsPermissionsAndLinks) {
  folder.write("real.bin", "old");
  ASSERT_EQ(::chmod(folder.path("real.bin").c_str(), 0640), 0);
  ASSERT_EQ(::symlink("real.bin", path.c_str()), 0);
  EXPECT_FALSE(bool(writeFile(path, "new")));
  EXPECT_EQ(folder.read("real.bin"), "new");
  struct stat status;
  ASSERT_EQ(::lstat(path.c_str(), &status), 0);
  EXPECT_TRUE(S_ISLNK(status.st_mode));
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
}

TEST_F(OutputFileTest, NewFilesFollowTheUmask) {
  mode_t old = ::umask(027);
  EXPECT_FALSE(bool(writeFile(path, "x")));
  ::umask(old);
  struct stat status;
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
}

TEST_F(OutputFileTest, PathsWithOddCharactersWork) {
  std::string odd = folder.path("100%%%% \xc3\xa9.bin");
  EXPECT_FALSE(bool(writeFile(odd, "x")));
  EXPECT_EQ(folder.read("100%%%% \xc3\xa9.bin"), "x");
}

TEST_F(OutputFileTest, RefusesWhatCannotBeWritten) {
  EXPECT_EQ(llvm::toString(writeFile(folder.path("no/x"), "")),
            "cannot create \"" + folder.path("no/x") +
                "\": No such file or directory");
  EXPECT_EQ(llvm::toString(writeFile(folder.path(""), "")),
            "cannot create \"" + folder.path("") + "\": Is a directory");
  EXPECT_EQ(llvm::toString(writeFile("", "")),
            "found an empty output path, wanted a file name");
}

TEST_F(OutputFileTest, DevicesAreWrittenNotReplaced) {
  EXPECT_FALSE(bool(writeFile("/dev/null", "x")));
  struct stat status;
  ASSERT_EQ(::stat("/dev/null", &status), 0);
  EXPECT_TRUE(S_ISCHR(status.st_mode));
  EXPECT_EQ(llvm::toString(writeFile("/dev/full", "x")),
            "cannot write \"/dev/full\": No space left on device");
}

/// Runs `body` in a child process; returns its wait status.
template <typename Body> int inChild(Body body) {
  pid_t child = ::fork();
  if (child == 0) {
    body();
    ::_exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

TEST_F(OutputFileTest, AFullDiskLeavesTheOldFile) {
  folder.write("out.bin", "old");
  int status = inChild([&] {
    // A limit on the size of files fails half-way, as a full disk does.
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit limit = {1 << 16, 1 << 16};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::string message =
        llvm::toString(writeFile(path, std::string(1 << 20, 'x')));
    ::_exit(message == "cannot write \"" + path + "\": File too large" ? 7 : 1);
  });
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_EQ(folder.read("out.bin"), "old");
  EXPECT_EQ(folder.entries().size(), 1u);
}

TEST_F(OutputFileTest, AKilledProcessLeavesTheOldFile) {
  folder.write("out.bin", "old");
  int status = inChild([&] {
    llvm::Expected<OutputFile> file = OutputFile::create(path);
    file->os() << std::string(1 << 20, 'x');
    ::raise(SIGKILL);
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(folder.read("out.bin"), "old");
  // Where files without a name are possible, nothing else is left.
  if (folder.supportsUnnamedFiles())
    EXPECT_EQ(folder.entries().size(), 1u);
}

} // namespace
