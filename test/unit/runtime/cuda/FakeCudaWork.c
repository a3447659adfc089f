/*===- FakeCudaWork.c - Streams, kernels and graphs of the fake -*- C -*-===*\
|*                                                                          *|
|* Part of the Heed project, under the Apache License v2.0 with LLVM        *|
|* Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception      *|
|*                                                                          *|
\*===----------------------------------------------------------------------===*/

#include "test/unit/runtime/cuda/FakeCudaCalls.h"

#include <stdlib.h>
#include <string.h>

/** Of the parameter of a kernel with tensor maps. */
enum { mapAlign = 64 };

typedef struct Graph {
  int count;
  FakeLaunch *launches;
} Graph;

typedef struct Stream {
  Graph *capture;
} Stream;

typedef struct Function {
  struct Function *next;
  char name[64];
  const char *image;
  size_t paramAlign, paramBytes; /**< 0: not known. */
} Function;

/** The image is PTX text, or a cubin, in which every kernel is found. */
typedef struct Module {
  const char *image;
  Function *functions;
} Module;

EXPORT int cuStreamCreate(Stream **stream, unsigned flags) {
  CALL(cuStreamCreate);
  ++fakeCuda()->streams;
  *stream = calloc(1, sizeof(Stream));
  return fakeContext();
}
EXPORT int cuStreamDestroy_v2(Stream *stream) {
  --fakeCuda()->streams;
  free(stream);
  return fakeContext();
}
EXPORT int cuStreamSynchronize(Stream *stream) {
  CALL(cuStreamSynchronize);
  return stream->capture ? invalidValue : fakeContext();
}
EXPORT int cuEventCreate(void **event, unsigned flags) {
  CALL(cuEventCreate);
  ++fakeCuda()->events;
  *event = malloc(1);
  return fakeContext();
}
EXPORT int cuEventDestroy_v2(void *event) {
  --fakeCuda()->events;
  free(event);
  return fakeContext();
}
EXPORT int cuEventRecord(void *event, Stream *stream) {
  CALL(cuEventRecord);
  return fakeContext();
}
EXPORT int cuEventSynchronize(void *event) {
  CALL(cuEventSynchronize);
  return fakeContext();
}

EXPORT int cuModuleLoadDataEx(Module **module, const void *image,
                              unsigned count, int *options, void **values) {
  FakeCuda *fake = fakeCuda();
  for (unsigned i = 0; fake->log && i != count; ++i)
    if (options[i] == 5)
      strcpy(values[i], fake->log);
  CALL(cuModuleLoadDataEx);
  ++fake->modules;
  *module = calloc(1, sizeof(Module));
  (*module)->image = image;
  return fakeContext();
}
EXPORT int cuModuleUnload(Module *module) {
  --fakeCuda()->modules;
  for (Function *function = module->functions, *next; function;
       function = next) {
    next = function->next;
    free(function);
  }
  free(module);
  return fakeContext();
}
/** Reads `.align A .b8 words[N]`, where a kernel has one such parameter. */
static void readParameter(Function *function, const char *parameters) {
  size_t length = strcspn(parameters, ")");
  const char *align = strstr(parameters, ".align ");
  const char *bytes = strchr(parameters, '[');
  if (!align || align > parameters + length || !bytes ||
      bytes > parameters + length)
    return;
  function->paramAlign = strtoul(align + 7, NULL, 10);
  function->paramBytes = strtoul(bytes + 1, NULL, 10);
}

EXPORT int cuModuleGetFunction(Function **function, Module *module,
                               const char *name) {
  CALL(cuModuleGetFunction);
  char entry[96] = ".entry ";
  strncat(entry, name, 80);
  strcat(entry, "(");
  int isText = module->image[0] != 0x7f;
  const char *place = isText ? strstr(module->image, entry) : NULL;
  if (isText && !place)
    return notFound;
  *function = calloc(1, sizeof(Function));
  (*function)->next = module->functions;
  strncpy((*function)->name, name, 63);
  (*function)->image = module->image;
  if (isText)
    readParameter(*function, place + strlen(entry));
  module->functions = *function;
  return fakeContext();
}
EXPORT int cuFuncGetAttribute(int *value, int attribute, Function *function) {
  CALL(cuFuncGetAttribute);
  *value = fakeCuda()->threads;
  return attribute == 0 ? fakeContext() : invalidValue;
}
EXPORT int cuFuncSetAttribute(Function *function, int attribute, int value) {
  CALL(cuFuncSetAttribute);
  if (value > fakeCuda()->largestShared)
    fakeCuda()->largestShared = value;
  return attribute == 8 ? fakeContext() : invalidValue;
}

#ifndef HEED_FAKE_WITHOUT_PARAM_INFO
EXPORT int cuFuncGetParamInfo(Function *function, size_t index, size_t *offset,
                              size_t *bytes) {
  CALL(cuFuncGetParamInfo);
  *offset = 0;
  *bytes = function->paramBytes;
  return index || !*bytes ? invalidValue : fakeContext();
}
#endif

/** Runs a launch, as far as the test has said how, and writes it down. */
static int run(const FakeLaunch *launch, int replayed) {
  FakeCuda *fake = fakeCuda();
  FakeLaunch *place = &fake->launches[fake->launchCount++ % 1000];
  *place = *launch;
  place->replayed = replayed;
  return fake->run ? fake->run(fake->user, launch) : 0;
}

static void record(Graph *graph, const FakeLaunch *launch) {
  size_t bytes = (graph->count + 1) * sizeof(FakeLaunch);
  graph->launches = realloc(graph->launches, bytes);
  graph->launches[graph->count++] = *launch;
}

static void freeGraph(Graph *graph) {
  free(graph->launches);
  free(graph);
}

/** Copies what the parameters are, by one of the two ways. A buffer misses a
 *  parameter that tensor maps lie in, and the kernel fails. */
static int readWords(FakeLaunch *launch, const Function *function,
                     void **params, void **extra) {
  void *words = params ? *params : NULL;
  size_t key = 0;
  launch->bytes = function->paramBytes;
  if ((params && (extra || launch->bytes == 0)) || (!params && !extra))
    return invalidValue;
  for (; extra && (key = (size_t)*extra) != 0; extra += 2)
    if (key == 1)
      words = extra[1];
    else
      launch->bytes = *(size_t *)extra[1];
  if (launch->bytes > sizeof(launch->words))
    return invalidValue;
  memcpy(launch->words, words, launch->bytes);
  return !params && function->paramAlign >= mapAlign ? illegalInstruction : 0;
}

EXPORT int cuLaunchKernel(Function *function, unsigned gridX, unsigned gridY,
                          unsigned gridZ, unsigned blockX, unsigned blockY,
                          unsigned blockZ, unsigned sharedBytes, Stream *stream,
                          void **params, void **extra) {
  CALL(cuLaunchKernel);
  FakeLaunch launch = {{0}, function->image, gridX, blockX, sharedBytes, 0, 0,
                       {0}};
  strcpy(launch.kernel, function->name);
  if (gridX == 0 || gridY * gridZ * blockY * blockZ != 1)
    return invalidValue;
  int failed = readWords(&launch, function, params, extra);
  if (failed)
    return failed;
  if (!stream->capture)
    return run(&launch, 0);
  record(stream->capture, &launch);
  return fakeContext();
}

EXPORT int cuStreamBeginCapture_v2(Stream *stream, int mode) {
  CALL(cuStreamBeginCapture_v2);
  ++fakeCuda()->graphs;
  stream->capture = calloc(1, sizeof(Graph));
  return mode == 1 ? fakeContext() : invalidValue;
}
EXPORT int cuStreamEndCapture(Stream *stream, Graph **graph) {
  *graph = stream->capture;
  stream->capture = NULL;
  CALL(cuStreamEndCapture);
  return fakeContext();
}
EXPORT int cuGraphInstantiateWithFlags(Graph **executable, Graph *graph,
                                       unsigned long long flags) {
  CALL(cuGraphInstantiateWithFlags);
  ++fakeCuda()->executables;
  *executable = calloc(1, sizeof(Graph));
  for (int i = 0; i != graph->count; ++i)
    record(*executable, &graph->launches[i]);
  return flags ? invalidValue : fakeContext();
}
EXPORT int cuGraphDestroy(Graph *graph) {
  --fakeCuda()->graphs;
  freeGraph(graph);
  return fakeContext();
}
EXPORT int cuGraphLaunch(Graph *executable, Stream *stream) {
  CALL(cuGraphLaunch);
  int failed = fakeContext();
  for (int i = 0; !failed && i != executable->count; ++i)
    failed = run(&executable->launches[i], 1);
  return failed;
}
EXPORT int cuGraphExecDestroy(Graph *executable) {
  --fakeCuda()->executables;
  freeGraph(executable);
  return fakeContext();
}
