//===- Device.h - What a device does for the runtime ------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The interface between the runtime and whatever executes kernels. A device
/// belongs to one model: it holds the model's kernels, its threads or streams
/// and their scratch memory, and ends after everything allocated on it.
///
/// Addresses are numbers in the device's own memory, as kernels take them; only
/// the device turns them into pointers. Work is done in the order of the calls;
/// `finish` waits for it. All calls that start work come from one thread at a
/// time; `allocate` and `release` may come from any.
///
/// What a device promises is tested by test/unit/runtime/conformance, which
/// every device instantiates. See runtime/README.md for how to add one.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_DEVICE_H
#define HEED_RUNTIME_DEVICE_H

#include "runtime/Package.h"
#include "runtime/Status.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace heed {

/// Where and how the rows of a step are appended to one field of a cache.
struct AppendField {
  int64_t rows;  ///< Address of B x heads x N x width elements.
  int64_t field; ///< Address of slots x heads x capacity x width elements.
  int64_t heads;
  int64_t rowBytes; ///< Bytes of width elements.
};

/// One append: all fields of a cache. Addresses are of int32 arrays.
struct Append {
  const AppendField *fields;
  int64_t fieldCount;
  int64_t batch;          ///< B.
  int64_t tokens;         ///< N.
  int64_t stepPositions;  ///< B x N, -1 = padding.
  int64_t slots;          ///< B, all different.
  int64_t cachePositions; ///< slots x capacity.
  int64_t counts;         ///< slots.
  int64_t capacity;
  int64_t sinks;
};

/// A product (heed-c/Package.h, **Products**): addresses and sizes.
struct Product {
  int64_t x, weight, result;
  int64_t bias = 0, residual = 0; ///< 0: none.
  bool isF32 = false;             ///< Result and residual; else bf16.
  int64_t sequences = 1;          ///< B.
  int64_t rows = 0;               ///< Of all sequences.
  int64_t columns = 0, perHead = 0, depth = 0;

  int64_t heads() const { return columns / perHead; }
  /// Rows of one matrix: with several heads, those of one sequence.
  int64_t rowsTogether() const {
    return heads() == 1 ? rows : rows / sequences;
  }
};

/// Returns the entry of the `n`-th token of a sequence.
inline int64_t cacheEntry(int64_t n, int64_t sinks, int64_t capacity) {
  return n < capacity ? n : sinks + (n - sinks) % (capacity - sinks);
}

/// Launches and appends that a device has kept to start them again at once;
/// ends before the device.
class Recording {
public:
  virtual ~Recording() = default;
};

class Device {
public:
  virtual ~Device() = default;

  /// Returns `bytes` of zeros, aligned to 64 bytes at least. Memory that is
  /// never touched costs nothing where the device can do that.
  virtual Status allocate(int64_t bytes, const char *what,
                          int64_t &address) = 0;
  virtual void release(int64_t address, int64_t bytes) = 0;

  /// Turns the range, part of an allocation, into zeros and gives its memory
  /// back to the system as far as whole pages go.
  virtual void discard(int64_t address, int64_t bytes) = 0;

  /// Makes `bytes` of read-only memory of this process, which outlives the
  /// device, readable by kernels: in place if the device can, else by a copy
  /// that ends with the device. `element` is the alignment wanted.
  virtual Status adopt(const void *host, int64_t bytes, int64_t element,
                       int64_t &address) = 0;

  virtual void write(int64_t to, const void *host, int64_t bytes) = 0;
  virtual void read(void *host, int64_t from, int64_t bytes) = 0;
  virtual void copy(int64_t to, int64_t from, int64_t bytes) = 0;
  /// Sets `count` int32 to `value`.
  virtual void fill(int64_t to, int32_t value, int64_t count) = 0;

  /// How many programs a divided launch shall have, to fill the device. It
  /// never changes.
  virtual int64_t programsWanted() const { return 1; }

  /// Runs `grid` >= 0 programs of kernel `kernel` of the package.
  virtual void launch(uint32_t kernel, const int64_t *params, int64_t count,
                      int64_t grid) = 0;
  /// Computes `product` and returns true if the device has something better
  /// for it than the launch that comes next.
  virtual bool multiply(const Product &product) { return false; }
  /// Says in one line what it has for products and from which size on; nothing
  /// if the package has no products.
  virtual std::string describeProducts() const { return ""; }
  /// Copies the rows of all tokens that are not padding into the cache, in
  /// order, and counts them.
  virtual void append(const Append &append) = 0;

  /// Keeps the launches and appends from here to `endRecording` instead of
  /// running them; no other call that starts work comes between. Returns false,
  /// and keeps nothing, if the device gains nothing by it or has failed.
  virtual bool beginRecording() { return false; }
  /// Returns null if the device has failed.
  virtual std::unique_ptr<Recording> endRecording() { return nullptr; }
  /// Runs what was kept, with the same parameters. The memory that they name
  /// must still be there; what it holds may have changed.
  virtual void replay(const Recording &recording) {}

  /// Waits until all work is done and says whether it succeeded. A device whose
  /// work has failed, HEED_DEVICE_FAILED, stays failed.
  virtual Status finish() = 0;
};

/// The names of cuBLASLt, newest first: where the loader looks, then where the
/// toolkit is installed.
std::vector<std::string> defaultProductLibraries();

struct DeviceOptions {
  int threads = 0; ///< 0, or how many threads of this process it may use.
  std::string cudaLibrary = "libcuda.so.1"; ///< The driver of GPUs.
  /// cuBLASLt: the first of these that works, see CudaProducts.h.
  std::vector<std::string> productLibraries = defaultProductLibraries();
};

/// Opens the device `name` with the kernels of `package`, which must outlive
/// it: "cpu", "cuda", "cuda:N", or "auto" for the one that the package is for.
Status openDevice(const std::string &name, const Package &package,
                  const DeviceOptions &options,
                  std::unique_ptr<Device> &device);

/// Reads the number of a GPU out of "cuda" or "cuda:N"; returns false for other
/// names.
bool readGpuOrdinal(const std::string &name, int &ordinal);

/// See heed_device_info.
struct DeviceFacts {
  std::string name, target, text;
  std::string missing; ///< Why "auto" is not a GPU.
};

/// Describes the device `name`; "auto" is the first GPU that can run packages,
/// else the CPU. On failure nothing is written.
Status describeDevice(const std::string &name, const DeviceOptions &options,
                      DeviceFacts &facts);

/// Memory on a device, released at the end.
class DeviceMemory {
public:
  DeviceMemory() = default;
  DeviceMemory(DeviceMemory &&other) noexcept { swap(other); }
  DeviceMemory &operator=(DeviceMemory &&other) noexcept {
    swap(other);
    return *this;
  }
  ~DeviceMemory() {
    if (device_)
      device_->release(address_, bytes_);
  }

  /// Replaces what is held by `bytes` of zeros; on failure nothing changes.
  Status allocate(Device &device, int64_t bytes, const char *what) {
    DeviceMemory fresh;
    if (Status error = device.allocate(bytes, what, fresh.address_))
      return error;
    fresh.device_ = &device;
    fresh.bytes_ = bytes;
    swap(fresh);
    return Status();
  }

  int64_t address() const { return address_; }
  int64_t bytes() const { return bytes_; }

private:
  void swap(DeviceMemory &other) {
    std::swap(device_, other.device_);
    std::swap(address_, other.address_);
    std::swap(bytes_, other.bytes_);
  }

  Device *device_ = nullptr;
  int64_t address_ = 0;
  int64_t bytes_ = 0;
};

} // namespace heed

#endif // HEED_RUNTIME_DEVICE_H
