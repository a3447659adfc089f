//===- CudaProductsTest.cpp - Tests of runtime/cuda/CudaProducts ----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaProducts.h"

#include "runtime/cuda/CudaDevice.h"
#include "test/unit/runtime/ProductModel.h"
#include "test/unit/runtime/cuda/FakeProducts.h"

using namespace heed;
using namespace heed::test;

namespace {

constexpr uint32_t both = HEED_PRODUCT_BIAS | HEED_PRODUCT_RESIDUAL;
constexpr int64_t least = CudaProducts::leastRows;

class CudaProductsTest : public FakeProducts {
protected:
  void TearDown() override {
    device.reset();
    FakeProducts::TearDown();
  }
  Status open(const PackageBuilder &builder,
              std::vector<std::string> libraries = {HEED_FAKE_CUBLASLT}) {
    std::string bytes = PackageBuilder(builder).build();
    if (Status error = package.copy(bytes.data(), bytes.size(), "m.heed"))
      return error;
    return CudaDevice::open(package, {0, library, libraries}, 0, device);
  }

  /// Memory on the device with the numbers 0, 1, 2, 0, ... in bf16 or f32.
  int64_t place(int64_t count, bool isF32 = false) {
    std::vector<uint16_t> halves(count);
    std::vector<float> floats(count);
    for (int64_t i = 0; i != count; ++i)
      halves[i] = toBf16(floats[i] = float(i % 3));
    int64_t address = 0, bytes = count * (isF32 ? 4 : 2);
    EXPECT_FALSE(device->allocate(bytes, "test", address));
    device->write(address,
                  isF32 ? static_cast<void *>(floats.data()) : halves.data(),
                  bytes);
    held.push_back({address, bytes});
    return address;
  }
  int64_t adopt(const std::vector<uint16_t> &values) {
    int64_t address = 0;
    EXPECT_FALSE(device->adopt(values.data(), values.size() * 2, 2, address));
    return address;
  }

  /// A product of `rows` rows of each of `sequences` on the device.
  Product make(int64_t rows, const ProductOptions &options,
               int64_t sequences = 1) {
    weight.clear();
    for (int64_t i = 0; i != productColumns * productDepth; ++i)
      weight.push_back(toBf16(productWeight(i)));
    std::vector<uint16_t> bias(weight.begin(), weight.begin() + productColumns);
    Product product = {};
    product.isF32 = options.result == HEED_F32;
    product.sequences = sequences;
    product.rows = rows * sequences;
    product.columns = productColumns;
    product.perHead = productColumns / options.heads;
    product.depth = productDepth;
    product.x = place(product.rows * productDepth);
    product.weight = adopt(weight);
    product.result = place(product.rows * productColumns, product.isF32);
    if (options.flags & HEED_PRODUCT_BIAS)
      product.bias = adopt(bias);
    if (options.flags & HEED_PRODUCT_RESIDUAL)
      product.residual = place(product.rows * productColumns, product.isF32);
    return product;
  }

  /// Works out the result of `make`, where sequence, row and column lie.
  static float expected(int64_t row, int64_t column, uint32_t flags) {
    float sum = 0;
    for (int64_t i = 0; i != productDepth; ++i)
      sum += float((row * productDepth + i) % 3) *
             productWeight(column * productDepth + i);
    if (flags & HEED_PRODUCT_BIAS)
      sum += productWeight(column);
    if (flags & HEED_PRODUCT_RESIDUAL)
      sum += float((row * productColumns + column) % 3);
    return sum;
  }
  std::vector<float> read(const Product &product) {
    int64_t count = product.rows * product.columns;
    std::vector<uint16_t> halves(count);
    std::vector<float> floats(count);
    if (product.isF32)
      device->read(floats.data(), product.result, count * 4);
    else
      device->read(halves.data(), product.result, count * 2);
    EXPECT_EQ(device->finish().message(), "");
    for (int64_t i = 0; !product.isF32 && i != count; ++i)
      floats[i] = fromBf16(halves[i]);
    return floats;
  }
  void expectProduct(const ProductOptions &options, int64_t sequences = 1) {
    Product product = make(least, options, sequences);
    ASSERT_TRUE(device->multiply(product));
    std::vector<float> found = read(product);
    int64_t width = product.perHead, rows = product.rowsTogether();
    for (int64_t at = 0; at != int64_t(found.size()); ++at) {
      // Sequence, head, row, column in the head.
      int64_t row = at / product.columns, column = at % product.columns;
      if (options.heads > 1) {
        int64_t sequence = at / (rows * product.columns);
        row = sequence * rows + at / width % rows;
        column = at / (width * rows) % options.heads * width + at % width;
      }
      ASSERT_EQ(found[at], expected(row, column, options.flags)) << at;
    }
    release();
  }
  void release() {
    for (auto [address, bytes] : held)
      device->release(address, bytes);
    held.clear();
  }

  Package package;
  std::unique_ptr<Device> device;
  std::vector<std::pair<int64_t, int64_t>> held;
  std::vector<uint16_t> weight;
};

TEST_F(CudaProductsTest, Computes) {
  ASSERT_EQ(open(productBuilder()).message(), "");
  for (const ProductOptions &options :
       {ProductOptions{}, ProductOptions{HEED_PRODUCT_BIAS},
        ProductOptions{HEED_PRODUCT_RESIDUAL}, ProductOptions{both},
        ProductOptions{0, 1, HEED_F32},
        ProductOptions{HEED_PRODUCT_RESIDUAL, 1, HEED_F32}})
    expectProduct(options);
  EXPECT_EQ(lt->rows, least);
  EXPECT_EQ(lt->columns, productColumns);
  EXPECT_EQ(lt->depth, productDepth);
  EXPECT_EQ(lt->multiplications, 6);
  expectProduct({both}, 3);
  EXPECT_EQ(lt->rows, 3 * least) << "of all sequences at once";
  EXPECT_EQ(lt->multiplications, 7);
}

TEST_F(CudaProductsTest, SplitsHeads) {
  ASSERT_EQ(open(productBuilder()).message(), "");
  expectProduct({0, 3});
  EXPECT_EQ(lt->multiplications, 1);
  EXPECT_EQ(lt->batch, 3);
  expectProduct({0, 6}, 2);
  EXPECT_EQ(lt->multiplications, 3) << "one for each sequence";
  EXPECT_EQ(lt->rows, least);
}

TEST_F(CudaProductsTest, AsksOnceForEachShape) {
  ASSERT_EQ(open(productBuilder()).message(), "");
  for (int round = 0; round != 3; ++round)
    for (int64_t rows : {least, least + 1})
      for (uint32_t flags : {0u, both}) {
        EXPECT_TRUE(device->multiply(make(rows, {flags})));
        release();
      }
  EXPECT_EQ(lt->multiplications, 12);
  EXPECT_EQ(lt->searches, 4);
  EXPECT_EQ(device->finish().message(), "");
}

TEST_F(CudaProductsTest, FewRowsAreTheKernels) {
  ASSERT_EQ(open(productBuilder()).message(), "");
  EXPECT_FALSE(device->multiply(make(least - 1, {})));
  EXPECT_TRUE(device->multiply(make(least / 2, {}, 2)));
  EXPECT_FALSE(device->multiply(make(least / 2, {0, 2}, 2)))
      << "the rows of a head are those of one sequence";
  EXPECT_EQ(lt->multiplications, 1);
  release();
}

TEST_F(CudaProductsTest, Describes) {
  ASSERT_EQ(open(productBuilder()).message(), "");
  EXPECT_EQ(device->describeProducts(),
            std::string("products of 128 rows and more run in cuBLASLt (") +
                HEED_FAKE_CUBLASLT + ", version 120405)");
  EXPECT_EQ(fake->usedBytes, size_t(CudaProducts::workspaceBytes));
  ASSERT_EQ(open(forGpu(tinyBuilder())).message(), "");
  EXPECT_EQ(device->describeProducts(), "") << "has none";
  EXPECT_EQ(fake->usedBytes, 0u);
  EXPECT_EQ(lt->handles, 0);
}

TEST_F(CudaProductsTest, WithoutALibrary) {
  ASSERT_EQ(open(productBuilder(), {"/none/libcublasLt.so.13"}).message(), "");
  EXPECT_EQ(device->describeProducts(),
            "products run in our kernels, no cuBLASLt found");
  EXPECT_FALSE(device->multiply(make(least, {})));
  EXPECT_EQ(fake->usedBytes, 128u * 2 * (16 + 48) + 1536) << "no workspace";
  release();
}

TEST_F(CudaProductsTest, TheFirstThatWorks) {
  ASSERT_EQ(
      open(productBuilder(), {"/none/libcublasLt.so.13",
                              HEED_FAKE_BROKEN_CUBLASLT, HEED_FAKE_CUBLASLT})
          .message(),
      "");
  EXPECT_NE(device->describeProducts().find("run in cuBLASLt"),
            std::string::npos);
  failLt("cublasLtCreate", 1, 3);
  ASSERT_EQ(
      open(productBuilder(), {HEED_FAKE_BROKEN_CUBLASLT, HEED_FAKE_CUBLASLT})
          .message(),
      "");
  EXPECT_EQ(device->describeProducts(),
            std::string("products run in our kernels, ") +
                HEED_FAKE_BROKEN_CUBLASLT +
                ": no function 'cublasLtMatmul' found, cuBLASLt of CUDA 11.4 "
                "or newer wanted, " +
                HEED_FAKE_CUBLASLT +
                ": cublasLtCreate: CUBLAS_STATUS_ALLOC_FAILED (error 3)");
}

TEST_F(CudaProductsTest, NoRoomForTheWorkspace) {
  fake->totalBytes = CudaProducts::workspaceBytes - 1;
  Status error = open(productBuilder());
  EXPECT_EQ(error.code(), HEED_OUT_OF_MEMORY);
  EXPECT_EQ(error.message(),
            "m.heed: workspace of cuBLASLt: 33554432 bytes wanted, cuda:0 "
            "(Fake GPU, sm_90) has 33554431 free of 33554431");
}

TEST_F(CudaProductsTest, AFailureStaysOne) {
  const std::string place =
      "cuda:0: product of 128 rows, depth 16, 48 columns: ";
  for (const char *function :
       {"cublasLtMatmulDescCreate", "cublasLtMatmulDescSetAttribute",
        "cublasLtMatrixLayoutCreate", "cublasLtMatrixLayoutSetAttribute",
        "cublasLtMatmulPreferenceCreate",
        "cublasLtMatmulPreferenceSetAttribute",
        "cublasLtMatmulAlgoGetHeuristic", "cublasLtMatmul"}) {
    SCOPED_TRACE(function);
    ASSERT_EQ(open(productBuilder()).message(), "");
    Product product = make(least, {0, 2});
    failLt(function, 1, 3);
    EXPECT_TRUE(device->multiply(product));
    failLt("", 0, 0);
    EXPECT_FALSE(device->multiply(product)) << "nothing more is started";
    Status error = device->finish();
    EXPECT_EQ(error.code(), HEED_DEVICE_FAILED);
    EXPECT_EQ(error.message(),
              place + function + ": CUBLAS_STATUS_ALLOC_FAILED (error 3)");
    EXPECT_EQ(lt->multiplications, 0);
    release();
  }
}

TEST_F(CudaProductsTest, NoAlgorithm) {
  const std::string place =
      "cuda:0: product of 128 rows, depth 16, 48 columns: "
      "cublasLtMatmulAlgoGetHeuristic: ";
  ASSERT_EQ(open(productBuilder()).message(), "");
  lt->algorithms = 0;
  EXPECT_TRUE(device->multiply(make(least, {})));
  EXPECT_EQ(device->finish().message(), place + "no algorithm found");
  release();
  ASSERT_EQ(open(productBuilder()).message(), "");
  lt->algorithms = 1;
  lt->state = 7;
  EXPECT_TRUE(device->multiply(make(least, {})));
  EXPECT_EQ(device->finish().message(),
            place + "CUBLAS_STATUS_INVALID_VALUE (error 7)");
  release();
}

} // namespace
