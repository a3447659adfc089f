//===- memory.cpp - Reads behind an array, for sanitize.test --------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include <vector>

int main(int argc, char **) {
  std::vector<int> values(3, argc);
  return *(values.data() + 2 + argc);
}
