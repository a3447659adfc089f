//===- CudaDevice.cpp - Kernels on a GPU of NVIDIA ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaDevice.h"

#include "runtime/cuda/CudaAppend.h"

#include <algorithm>
#include <new>

namespace heed {

using ll = long long;

/// Our own kernel: for all GPUs, and for 9.x, where nothing need be compiled if
/// the driver reads machine code of CUDA 13.
static constexpr char appendPtx[] =
#include "runtime/cuda/Append.ptx.inc"
    ;
alignas(16) static constexpr unsigned char appendCode90[] = {
#include "runtime/cuda/Append.sm_90.inc"
};

namespace {
/// A graph that the driver has made ready.
class CudaRecording final : public Recording {
public:
  CudaRecording(const CudaContext &context, CuGraphExec exec)
      : exec(exec), context_(context) {}
  ~CudaRecording() override {
    CudaCurrent current(context_);
    context_.driver().cuGraphExecDestroy(exec);
  }

  const CuGraphExec exec;

private:
  const CudaContext &context_;
};
} // namespace

Status CudaDevice::open(const Package &package, const DeviceOptions &options,
                        int ordinal, std::unique_ptr<Device> &device) {
  auto named = [&](const Status &error) {
    return Status(error.code(), package.name() + ": " + error.message());
  };
  std::string target = package.header().target;
  if (Status error = checkGpuTarget(target))
    return named(error);
  std::unique_ptr<CudaDevice> fresh(new (std::nothrow) CudaDevice);
  if (!fresh)
    return makeError(HEED_OUT_OF_MEMORY, "no memory for a device");
  if (Status error = fresh->context_.open(options.cudaLibrary, ordinal))
    return error;
  std::string_view code = package.blob(package.header().code);
  if (Status error = checkGpu(fresh->context_, target, code))
    return named(error);
  CudaCurrent current(fresh->context_);
  if (Status error = fresh->start())
    return error;
  if (Status error = fresh->loadKernels(package))
    return named(error);
  if (Status error = fresh->openProducts(package, options.productLibraries))
    return named(error);
  device = std::move(fresh);
  return Status();
}

/// Returns the code of our own kernel that suits GPU and driver.
static std::string_view appendCode(const CudaContext &context) {
  static constexpr int readsCode90 = 13000;
  int version = 0;
  context.driver().cuDriverGetVersion(&version);
  if (context.major() == 9 && version >= readsCode90)
    return {reinterpret_cast<const char *>(appendCode90), sizeof(appendCode90)};
  return {appendPtx, sizeof(appendPtx)};
}

/// Makes streams and loads our own kernel.
Status CudaDevice::start() {
  for (CuStream *stream : {&stream_, &recorder_}) {
    CuResult result =
        context_.driver().cuStreamCreate(stream, cuStreamNonBlocking);
    if (result != cuSuccess)
      *stream = nullptr;
    if (Status error = context_.check(result, "cuStreamCreate"))
      return error;
  }
  target_ = stream_;
  if (Status error = ownModule_.load(context_, appendCode(context_)))
    return error;
  append_.name = appendKernel;
  append_.threads = appendThreads;
  return ownModule_.find(append_);
}

Status CudaDevice::loadKernels(const Package &package) {
  if (package.kernels().size() == 0)
    return Status();
  std::string_view code = package.blob(package.header().code);
  if (Status error = module_.load(context_, code))
    return error;
  for (const heed_package_kernel &each : package.kernels()) {
    CudaKernel kernel;
    kernel.name = package.string(each.symbol);
    kernel.threads = each.threads;
    kernel.sharedBytes = each.scratch_bytes;
    kernel.isPersistent = each.persistent != 0;
    if (Status error = module_.find(kernel))
      return error;
    maps_.emplace_back();
    if (Status error = maps_.back().open(
            context_, kernel,
            package.maps().slice(each.first_map, each.map_count)))
      return error;
    kernels_.push_back(std::move(kernel));
  }
  return checkLaunches(package);
}

/// Checks that kernels with tensor maps take what their launches have.
Status CudaDevice::checkLaunches(const Package &package) const {
  for (const heed_package_entry &entry : package.entries())
    for (const heed_package_command &command :
         package.commands().slice(entry.first_command, entry.command_count))
      if (command.opcode == HEED_OP_LAUNCH)
        if (Status error = maps_[command.a].check(command.c))
          return error;
  return Status();
}

/// Looks for cuBLASLt, and takes the memory that it works in, where `package`
/// has use for it.
Status CudaDevice::openProducts(const Package &package,
                                const std::vector<std::string> &libraries) {
  for (const heed_package_command &command : package.commands())
    hasProducts_ |= command.opcode == HEED_OP_PRODUCT;
  if (!hasProducts_ || !products_.open(context_, libraries))
    return Status();
  int64_t workspace = 0;
  if (Status error = reserve(CudaProducts::workspaceBytes,
                             "workspace of cuBLASLt", workspace))
    return error;
  adopted_.push_back(workspace);
  products_.setWorkspace(workspace);
  return Status();
}

CudaDevice::~CudaDevice() {
  if (!stream_)
    return;
  CudaCurrent current(context_);
  const CudaDriver &driver = context_.driver();
  driver.cuStreamSynchronize(stream_);
  upload_.release();
  products_.close();
  for (int64_t address : adopted_)
    driver.cuMemFree_v2(address);
  if (recorder_)
    driver.cuStreamDestroy_v2(recorder_);
  driver.cuStreamDestroy_v2(stream_);
  module_.unload();
  ownModule_.unload();
}

/// Says why `bytes` could not be allocated.
Status CudaDevice::refuse(CuResult result, int64_t bytes,
                          const char *what) const {
  size_t free = 0, total = 0;
  context_.driver().cuMemGetInfo_v2(&free, &total);
  if (result != cuOutOfMemory && size_t(bytes) <= total)
    return makeError(HEED_DEVICE_FAILED, "%s: %s", what,
                     context_.check(result, "cuMemAlloc").message().c_str());
  return makeError(HEED_OUT_OF_MEMORY,
                   "%s: %lld bytes wanted, %s has %lld free of %lld", what,
                   ll(bytes), context_.describe().c_str(), ll(free), ll(total));
}

/// Allocates memory with anything in it.
Status CudaDevice::reserve(int64_t bytes, const char *what, int64_t &address) {
  if (bytes < 0)
    return makeError(HEED_OUT_OF_MEMORY, "%s: more than 2^63 bytes wanted",
                     what);
  CuAddress fresh = 0;
  if (bytes != 0) {
    CuResult result = context_.driver().cuMemAlloc_v2(&fresh, bytes);
    if (result != cuSuccess)
      return refuse(result, bytes, what);
  }
  address = int64_t(fresh);
  return Status();
}

Status CudaDevice::allocate(int64_t bytes, const char *what, int64_t &address) {
  CudaCurrent current(context_);
  int64_t fresh = 0;
  if (Status error = reserve(bytes, what, fresh))
    return error;
  if (fresh != 0) {
    CuResult result =
        context_.driver().cuMemsetD8Async(fresh, 0, bytes, stream_);
    if (Status error = context_.check(result, "cuMemsetD8Async")) {
      context_.driver().cuMemFree_v2(fresh);
      return error;
    }
  }
  address = fresh;
  return Status();
}

void CudaDevice::release(int64_t address, int64_t bytes) {
  // Waits for the work that uses it. Of a failed device nothing can be freed.
  CudaCurrent current(context_);
  if (bytes != 0)
    context_.driver().cuMemFree_v2(address);
}

Status CudaDevice::adopt(const void *host, int64_t bytes, int64_t element,
                         int64_t &address) {
  // What the driver allocates is aligned to 256 bytes.
  CudaCurrent current(context_);
  int64_t fresh = 0;
  if (Status error = reserve(bytes, "weights", fresh))
    return error;
  if (fresh != 0)
    adopted_.push_back(fresh);
  if (Status error = upload_.copy(context_, stream_, fresh, host, bytes))
    return error;
  address = fresh;
  return Status();
}

void CudaDevice::note(CuResult result, const char *function) {
  if (result != cuSuccess)
    note(context_.check(result, function));
}

void CudaDevice::note(Status status) {
  if (!failure_)
    failure_ = std::move(status);
}

void CudaDevice::discard(int64_t address, int64_t bytes) {
  if (failure_ || bytes == 0)
    return;
  CudaCurrent current(context_);
  note(context_.driver().cuMemsetD8Async(address, 0, bytes, stream_),
       "cuMemsetD8Async");
}

void CudaDevice::write(int64_t to, const void *host, int64_t bytes) {
  if (failure_ || bytes == 0)
    return;
  CudaCurrent current(context_);
  note(context_.driver().cuMemcpyHtoDAsync_v2(to, host, bytes, stream_),
       "cuMemcpyHtoDAsync");
}

void CudaDevice::read(void *host, int64_t from, int64_t bytes) {
  if (failure_ || bytes == 0)
    return;
  CudaCurrent current(context_);
  note(context_.driver().cuMemcpyDtoHAsync_v2(host, from, bytes, stream_),
       "cuMemcpyDtoHAsync");
}

void CudaDevice::copy(int64_t to, int64_t from, int64_t bytes) {
  if (failure_ || bytes == 0)
    return;
  CudaCurrent current(context_);
  note(context_.driver().cuMemcpyDtoDAsync_v2(to, from, bytes, stream_),
       "cuMemcpyDtoDAsync");
}

void CudaDevice::fill(int64_t to, int32_t value, int64_t count) {
  if (failure_ || count == 0)
    return;
  CudaCurrent current(context_);
  note(context_.driver().cuMemsetD32Async(to, value, count, stream_),
       "cuMemsetD32Async");
}

void CudaDevice::launch(const CudaKernel &kernel, void **params, void **extra,
                        int64_t grid) {
  if (failure_ || grid == 0)
    return;
  if (grid > INT32_MAX)
    return note(makeError(HEED_DEVICE_FAILED,
                          "%s: kernel '%s': %lld programs found, at most %d "
                          "wanted",
                          context_.name().c_str(), kernel.name.c_str(),
                          ll(grid), INT32_MAX));
  CudaCurrent current(context_);
  int64_t blocks = kernel.isPersistent
                       ? std::min<int64_t>(grid, context_.multiprocessors())
                       : grid;
  CuResult result = context_.driver().cuLaunchKernel(
      kernel.function, unsigned(blocks), 1, 1, kernel.threads, 1, 1,
      kernel.sharedBytes, target_, params, extra);
  if (result != cuSuccess)
    note(makeError(HEED_DEVICE_FAILED,
                   "%s: kernel '%s', %lld programs of %u threads and %u bytes "
                   "of shared memory: %s",
                   context_.name().c_str(), kernel.name.c_str(), ll(grid),
                   kernel.threads, kernel.sharedBytes,
                   context_.driver().describe(result).c_str()));
}

void CudaDevice::launch(const CudaKernel &kernel, const void *params,
                        size_t bytes, int64_t grid) {
  void *extra[] = {cuParams, const_cast<void *>(params), cuParamsBytes, &bytes,
                   cuParamsEnd};
  launch(kernel, nullptr, extra, grid);
}

void CudaDevice::launch(uint32_t kernel, const int64_t *params, int64_t count,
                        int64_t grid) {
  CudaMaps &maps = maps_[kernel];
  if (maps.isEmpty())
    return launch(kernels_[kernel], params, count * sizeof(int64_t), grid);
  if (failure_ || grid == 0)
    return;
  {
    CudaCurrent current(context_);
    note(maps.encode(params, count));
  }
  // Not as a buffer: a parameter that wants a multiple of 64 does not lie at
  // the beginning of all parameters, where the driver would copy the buffer.
  void *block = maps.data();
  launch(kernels_[kernel], &block, nullptr, grid);
}

bool CudaDevice::multiply(const Product &product) {
  if (failure_ || !products_.takes(product))
    return false;
  CudaCurrent current(context_);
  note(products_.run(product, target_));
  return true;
}

std::string CudaDevice::describeProducts() const {
  return hasProducts_ ? products_.describe() : "";
}

void CudaDevice::append(const Append &append) {
  for (const AppendWords &words : planAppend(append))
    launch(append_, &words, sizeof(words), append.batch * words.blocks);
}

bool CudaDevice::beginRecording() {
  if (failure_)
    return false;
  CudaCurrent current(context_);
  note(context_.driver().cuStreamBeginCapture_v2(recorder_,
                                                 cuCaptureThreadLocal),
       "cuStreamBeginCapture");
  if (failure_)
    return false;
  target_ = recorder_;
  return true;
}

std::unique_ptr<Recording> CudaDevice::endRecording() {
  CudaCurrent current(context_);
  const CudaDriver &driver = context_.driver();
  target_ = stream_;
  CuGraph graph = nullptr;
  CuGraphExec exec = nullptr;
  note(driver.cuStreamEndCapture(recorder_, &graph), "cuStreamEndCapture");
  if (!failure_)
    note(driver.cuGraphInstantiateWithFlags(&exec, graph, 0),
         "cuGraphInstantiate");
  if (graph)
    driver.cuGraphDestroy(graph);
  if (failure_)
    return nullptr;
  return std::unique_ptr<Recording>(new CudaRecording(context_, exec));
}

void CudaDevice::replay(const Recording &recording) {
  if (failure_)
    return;
  CudaCurrent current(context_);
  note(context_.driver().cuGraphLaunch(
           static_cast<const CudaRecording &>(recording).exec, stream_),
       "cuGraphLaunch");
}

Status CudaDevice::finish() {
  CudaCurrent current(context_);
  note(context_.driver().cuStreamSynchronize(stream_), "cuStreamSynchronize");
  if (!failure_)
    upload_.release();
  return failure_;
}

Status describeGpu(const std::string &library, int ordinal,
                   DeviceFacts &facts) {
  CudaContext context;
  if (Status error = context.open(library, ordinal))
    return error;
  if (context.major() < 8)
    return makeError(HEED_NO_SUCH_DEVICE, "%s found, sm_80 or newer wanted",
                     context.describe().c_str());
  bool hopper = context.major() == 9 && context.minor() == 0;
  facts = {context.name(), hopper ? "sm_90a" : "sm_80", context.describe(), ""};
  return Status();
}

} // namespace heed
