/*===- FakeCudaWork.c - Streams, kernels and graphs of the fake -*- C -*-===*\
|*                                                                          *|
|* Part of the Heed project, under the Apache License v2.0 with LLVM        *|
|* Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception      *|
|*                                                                          *|
\*===----------------------------------------------------------------------===*/

#include "test/unit/runtime/cuda/FakeCudaCalls.h"

#include <stdlib.h>
#include <string.h>

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
EXPORT int cuModuleGetFunction(Function **function, Module *module,
                               const char *name) {
  CALL(cuModuleGetFunction);
  char entry[96] = ".entry ";
  strncat(entry, name, 80);
  strcat(entry, "(");
  int isText = module->image[0] != 0x7f;
  if (isText && !strstr(module->image, entry))
    return notFound;
  *function = calloc(1, sizeof(Function));
  (*function)->next = module->functions;
  strncpy((*function)->name, name, 63);
  (*function)->image = module->image;
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

EXPORT int cuLaunchKernel(Function *function, unsigned gridX, unsigned gridY,
                          unsigned gridZ, unsigned blockX, unsigned blockY,
                          unsigned blockZ, unsigned sharedBytes, Stream *stream,
                          void **params, void **extra) {
  CALL(cuLaunchKernel);
  FakeLaunch launch = {{0}, function->image, gridX, blockX, sharedBytes, 0, 0,
                       {0}};
  size_t key = 0;
  strcpy(launch.kernel, function->name);
  if (params || gridX == 0 || gridY * gridZ * blockY * blockZ != 1)
    return invalidValue;
  for (; (key = (size_t)*extra) != 0; extra += 2)
    if (key == 1)
      params = extra[1];
    else
      launch.bytes = *(size_t *)extra[1];
  if (launch.bytes > sizeof(launch.words))
    return invalidValue;
  memcpy(launch.words, params, launch.bytes);
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
