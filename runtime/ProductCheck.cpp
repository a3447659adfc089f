//===- ProductCheck.cpp - Products of a package, checked ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/ProductCheck.h"

#include "runtime/Arithmetic.h"
#include "runtime/PackageCheck.h"

namespace heed {

using ll = long long;

/// Depth and columns of a head are multiples of so many elements, so that each
/// row of bf16 begins at a multiple of 16 bytes.
static constexpr int64_t unit = 8;

ProductShape readProduct(const PackageView &package,
                         const heed_package_command &command) {
  Table<uint32_t> words = package.operands().slice(command.b, command.c);
  ProductShape shape = {words[0], words[1], words[2]};
  uint32_t next = 3;
  if (command.a & HEED_PRODUCT_BIAS)
    shape.bias = words[next++];
  if (command.a & HEED_PRODUCT_RESIDUAL)
    shape.residual = words[next++];
  shape.rows = command.grid[0].value;
  shape.columns = command.grid[1].value.constant;
  shape.perHead = command.grid[1].divisor;
  shape.depth = command.grid[2].value.constant;
  return shape;
}

namespace {
/// Checks one product.
class ProductChecker : PackageView {
public:
  ProductChecker(const PackageView &package, Table<heed_package_buffer> buffers,
                 const heed_package_command &command)
      : PackageView(package), buffers_(buffers), command_(command) {}

  Status run();

private:
  Status checkForm() const;
  Status checkSizes() const;
  Status checkAdded() const;
  Status checkRows(const char *what, uint32_t word, int64_t columns,
                   uint32_t dtype) const;
  Status checkWeight(const char *what, uint32_t word, int64_t elements) const;
  Status checkResult() const;
  bool isResultF32() const;

  Table<heed_package_buffer> buffers_;
  const heed_package_command &command_;
  ProductShape shape_ = {};
};
} // namespace

Status ProductChecker::run() {
  if (Status error = checkForm())
    return error;
  shape_ = readProduct(*this, command_);
  if (Status error = checkSizes())
    return error;
  if (Status error = checkRows("x", shape_.x, shape_.depth, HEED_BF16))
    return error;
  if (Status error =
          checkWeight("weight", shape_.weight, shape_.columns * shape_.depth))
    return error;
  if (Status error = checkResult())
    return error;
  return checkAdded();
}

/// Checks what `readProduct` relies on.
Status ProductChecker::checkForm() const {
  if (!isGpuTarget(header().target))
    return badPackage("a product found, none wanted for %s", header().target);
  uint32_t most = HEED_PRODUCT_BIAS | HEED_PRODUCT_RESIDUAL;
  if (command_.a > most)
    return badPackage("flags %u of a product found, 0 to %u wanted", command_.a,
                      most);
  uint32_t wanted = 3 + (command_.a & 1) + (command_.a >> 1);
  if (command_.c != wanted || command_.grid_terms != 3)
    return badPackage("%u operands and %u sizes of a product found, %u and 3 "
                      "wanted",
                      command_.c, command_.grid_terms, wanted);
  return Status();
}

static bool isConstant(const heed_package_size &size) {
  return size.b == 0 && size.bn == 0 && size.br == 0 && size.constant > 0 &&
         size.constant <= INT32_MAX;
}

Status ProductChecker::checkSizes() const {
  const heed_package_grid_term *grid = command_.grid;
  const heed_package_size &rows = shape_.rows;
  bool isBn = rows.bn == 1 && rows.br == 0, isBr = rows.bn == 0 && rows.br == 1;
  if (rows.constant != 0 || rows.b != 0 || !(isBn || isBr) ||
      grid[0].divisor != 1)
    return badPackage("rows of a product found that are neither B*N nor B*R");
  if (!isConstant(grid[1].value) || !isConstant(grid[2].value) ||
      shape_.columns % shape_.perHead != 0 || grid[2].divisor != 1)
    return badPackage("%lld columns by %lld, depth %lld by %lld found, whole "
                      "constants up to %d wanted",
                      ll(shape_.columns), ll(shape_.perHead), ll(shape_.depth),
                      ll(grid[2].divisor), INT32_MAX);
  if (shape_.perHead % unit != 0 || shape_.depth % unit != 0)
    return badPackage("%lld columns of a head, depth %lld found, multiples of "
                      "%lld wanted",
                      ll(shape_.perHead), ll(shape_.depth), ll(unit));
  if (shape_.heads() > 1 && command_.a != 0)
    return badPackage("%lld heads and flags %u of a product found, one or the "
                      "other wanted",
                      ll(shape_.heads()), command_.a);
  return Status();
}

/// Checks that `word` is a buffer with `columns` of `dtype` for each row.
Status ProductChecker::checkRows(const char *what, uint32_t word,
                                 int64_t columns, uint32_t dtype) const {
  if (word >> 24 != HEED_ARG_BUFFER)
    return badPackage("%s of kind %u found, a buffer wanted", what, word >> 24);
  const heed_package_buffer &buffer = buffers_[word & 0xffffff];
  int64_t found = shape_.rows.bn ? buffer.elements.bn : buffer.elements.br;
  if (buffer.dtype == dtype && found >= columns)
    return Status();
  return badPackage("%s of %lld columns, dtype %u found, %lld, dtype %u wanted",
                    what, ll(found), buffer.dtype, ll(columns), dtype);
}

Status ProductChecker::checkWeight(const char *what, uint32_t word,
                                   int64_t elements) const {
  if (word >> 24 != HEED_ARG_WEIGHT)
    return badPackage("%s of kind %u found, a weight wanted", what, word >> 24);
  const heed_package_weight &weight = weights()[word & 0xffffff];
  uint64_t bytes = uint64_t(elements) * sizeof(uint16_t);
  if (weight.dtype == HEED_BF16 && weight.bytes == bytes)
    return Status();
  return badPackage("%s of %llu bytes, dtype %u found, %llu, dtype %u wanted",
                    what, static_cast<unsigned long long>(weight.bytes),
                    weight.dtype, static_cast<unsigned long long>(bytes),
                    HEED_BF16);
}

bool ProductChecker::isResultF32() const {
  uint32_t kind = shape_.result >> 24;
  return kind == HEED_ARG_LOGITS ||
         (kind == HEED_ARG_BUFFER &&
          buffers_[shape_.result & 0xffffff].dtype == HEED_F32);
}

Status ProductChecker::checkResult() const {
  if (shape_.result == shape_.x || shape_.result == shape_.residual)
    return badPackage("a result found that is another operand as well");
  if (shape_.result >> 24 != HEED_ARG_LOGITS)
    return checkRows("result", shape_.result, shape_.columns,
                     isResultF32() ? HEED_F32 : HEED_BF16);
  if (shape_.rows.br == 1 && shape_.heads() == 1 &&
      shape_.columns == header().vocabulary)
    return Status();
  return badPackage("logits of %lld columns, %lld heads found, B*R rows of %u "
                    "wanted",
                    ll(shape_.columns), ll(shape_.heads()),
                    header().vocabulary);
}

/// Checks bias and residual, where there are any.
Status ProductChecker::checkAdded() const {
  if (shape_.bias != ProductShape::none) {
    if (isResultF32())
      return badPackage("a bias found on a result of f32, bf16 wanted");
    if (Status error = checkWeight("bias", shape_.bias, shape_.columns))
      return error;
  }
  if (shape_.residual == ProductShape::none)
    return Status();
  return checkRows("residual", shape_.residual, shape_.columns,
                   isResultF32() ? HEED_F32 : HEED_BF16);
}

Status checkProduct(const PackageView &package,
                    Table<heed_package_buffer> buffers,
                    const heed_package_command &command) {
  return ProductChecker(package, buffers, command).run();
}

} // namespace heed
