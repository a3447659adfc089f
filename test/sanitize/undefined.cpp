//===- undefined.cpp - Overflows an integer, for sanitize.test ------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include <climits>
#include <cstdio>

int main(int argc, char **) {
  volatile int most = INT_MAX;
  std::printf("%d\n", most + argc);
  std::puts("went on");
}
