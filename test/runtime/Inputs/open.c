/* Opens the package named on the command line, as a C99 program does. */

#include "heed-c/Hash.h"
#include "heed-c/Package.h"
#include "heed-c/Runtime.h"

#include <stdio.h>

int main(int argc, char **argv) {
  heed_model *model = NULL;
  heed_status status;
  if (argc != 3)
    return 2;
  status = heed_model_open(argv[1], argv[2], NULL, &model);
  printf("status %d: %s\n", (int)status, heed_last_error());
  heed_model_destroy(model);
  return status == HEED_OK ? 0 : 1;
}
