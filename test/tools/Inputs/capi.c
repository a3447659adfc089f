/* Calls libheed-compiler.so as a C program would; see ../heed-capi.test. */

#include "heed-c/Compiler.h"
#include "heed-c/Reference.h"
#include "heed-c/Runtime.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { TOKENS = 5 };
static const int32_t ids[TOKENS] = {3, 1, 4, 1, 5};

static void demand(int holds, const char *what) {
  if (holds)
    return;
  fprintf(stderr, "%s: %s, %s\n", what, heed_compile_error(),
          heed_last_error());
  exit(1);
}

/* Runs TOKENS tokens compiled; returns the bytes of the cache. */
static int64_t run_compiled(const char *path, float *logits) {
  void *package = NULL;
  size_t size = 0;
  heed_model *model = NULL;
  heed_cache *cache = NULL;
  heed_step step = {1, TOKENS, 1, ids, NULL, NULL, NULL, logits};
  int64_t bytes;
  demand(!heed_compile_file(path, "cpu", NULL, &package, &size), "compile");
  demand(!heed_model_open_memory(package, size, "", "cpu", NULL, &model),
         "open");
  heed_compile_free(package);
  demand(!heed_cache_create(model, 1, 16, &cache), "cache");
  demand(!heed_prefill(cache, &step), "prefill");
  bytes = heed_cache_bytes(cache);
  heed_cache_destroy(cache);
  heed_model_destroy(model);
  return bytes;
}

int main(int argc, char **argv) {
  heed_reference *reference = NULL, *other = NULL;
  heed_model_info info;
  heed_step step = {1, TOKENS, 1, ids, NULL, NULL, NULL, NULL};
  float *found, *wanted;
  double largest = 0;
  int64_t bytes, i;
  void *package;
  size_t size;
  if (argc != 3)
    return 2;
  demand(!heed_reference_open(argv[1], &reference), "open");
  demand(!heed_reference_describe(reference, &info), "describe");
  printf("vocabulary %lld, context %lld, target %s\n",
         (long long)info.vocabulary, (long long)info.context, info.target);

  found = malloc(sizeof(float) * (size_t)info.vocabulary);
  wanted = malloc(sizeof(float) * (size_t)info.vocabulary);
  demand(!heed_reference_make_cache(reference, 1, 16), "cache");
  step.logits = wanted;
  demand(!heed_reference_prefill(reference, &step), "prefill");
  bytes = run_compiled(argv[1], found);
  for (i = 0; i < info.vocabulary; ++i)
    largest = fmax(largest, fabs(found[i] - wanted[i]));
  demand(largest < 1e-4, "compiled and reference logits");
  demand(bytes == heed_reference_cache_bytes(reference), "cache bytes");
  printf("largest difference %g, cache %lld and the same\n", largest,
         (long long)bytes);
  heed_reference_destroy(reference);

  demand(!heed_reference_open(argv[1], &other), "open");
  demand(heed_reference_prefill(other, &step) == 1, "no cache");
  printf("no cache: %s\n", heed_compile_error());
  heed_reference_destroy(other);
  demand(heed_reference_open(argv[2], &other) == 1, "no file");
  printf("no file: %s\n", heed_compile_error());
  demand(heed_compile_file(argv[1], "abacus", NULL, &package, &size) == 1,
         "no target");
  printf("no target: %s\n", heed_compile_error());
  demand(heed_reference_open(NULL, &other) == 1, "null");
  printf("null: %s\n", heed_compile_error());
  free(found);
  free(wanted);
  return 0;
}
