/*===- client.c - The runtime in somebody else's C program ----------------===*\
|*                                                                          *|
|* Part of the Heed project, under the Apache License v2.0 with LLVM        *|
|* Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception      *|
|*                                                                          *|
\*===----------------------------------------------------------------------===*/

#include "heed-c/Runtime.h"

#include <stdio.h>

int main(int argc, char **argv) {
  heed_model *model = NULL;
  heed_status status;
  if (argc != 2)
    return 2;
  status = heed_model_open(argv[1], "cpu", NULL, &model);
  printf("status %d: %s\n", (int)status, heed_last_error());
  heed_model_destroy(model);
  return 0;
}
