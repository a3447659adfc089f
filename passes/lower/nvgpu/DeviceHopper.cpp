//===- DeviceHopper.cpp - Instructions of sm_90a --------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Barriers that count bytes, copies of tensor maps, products of whole warp
/// groups. What LLVM has no intrinsic for is assembly text, one piece for all
/// of a tile's product, so that nothing can come between its instructions.
///
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/Device.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace heed::nvgpu {

//===----------------------------------------------------------------------===//
// Threads
//===----------------------------------------------------------------------===//

Value Device::isElected() {
  auto type = LLVM::LLVMStructType::getLiteral(getContext(),
                                               {getI32Type(), getI1Type()});
  Value elected = call("llvm.nvvm.elect.sync", type, word(-1));
  return LLVM::ExtractValueOp::create(*this, elected, 1);
}

Value Device::blockCount() {
  return toIndex(call("llvm.nvvm.read.ptx.sreg.nctaid.x", getI32Type(), {}));
}

void Device::setRegisters(int32_t count, bool isMore) {
  call(isMore ? "llvm.nvvm.setmaxnreg.inc.sync.aligned.u32"
              : "llvm.nvvm.setmaxnreg.dec.sync.aligned.u32",
       Type(), word(count));
}

void Device::barrier(Value number, int32_t threads) {
  call("llvm.nvvm.barrier.cta.sync.aligned.count", Type(),
       {number, word(threads)});
}

void Device::arriveAtBarrier(Value number, int32_t threads) {
  call("llvm.nvvm.barrier.cta.arrive.aligned.count", Type(),
       {number, word(threads)});
}

//===----------------------------------------------------------------------===//
// Barriers in memory
//===----------------------------------------------------------------------===//

void Device::makeBarrier(Value barrier, int32_t arrivals) {
  call("llvm.nvvm.mbarrier.init.shared", Type(), {barrier, word(arrivals)});
}

void Device::showBarriers() {
  assembly("fence.mbarrier_init.release.cluster;", "~{memory}", {}, 0);
}

void Device::expectBytes(Value barrier, int64_t bytes) {
  assembly("mbarrier.arrive.expect_tx.shared::cta.b64 _, [$0], $1;",
           "r,r,~{memory}", {barrier, word(bytes)}, 0);
}

void Device::arriveIf(Value barrier, Value condition) {
  assembly("@$1 mbarrier.arrive.shared::cta.b64 _, [$0];", "r,b,~{memory}",
           {barrier, condition}, 0);
}

void Device::waitForPhase(Value barrier, Value parity) {
  assembly("{\n.reg .pred done;\n"
           "WAIT_${:uid}:\n"
           "mbarrier.try_wait.parity.shared::cta.b64 done, [$0], $1;\n"
           "@!done bra.uni WAIT_${:uid};\n}",
           "r,r,~{memory}", {barrier, parity}, 0);
}

void Device::copyBox(Value to, Value map, Value barrier, ValueRange at) {
  SmallVector<Value> operands{to, map, barrier};
  llvm::append_range(operands, at);
  assembly("cp.async.bulk.tensor.3d.shared::cluster.global.tile."
           "mbarrier::complete_tx::bytes [$0], [$1, {$3, $4, $5}], [$2];",
           "r,l,r,r,r,r,~{memory}", operands, 0);
}

//===----------------------------------------------------------------------===//
// Products of warp groups
//===----------------------------------------------------------------------===//

Value Device::describeMatrix(Value base, int64_t leading, int64_t stride) {
  Value address = LLVM::PtrToIntOp::create(*this, getI64Type(), base);
  auto number = [&](uint64_t value) -> Value {
    return arith::ConstantOp::create(*this, getI64IntegerAttr(value));
  };
  Value start = arith::AndIOp::create(
      *this, arith::ShRUIOp::create(*this, address, number(4)), number(0x3fff));
  uint64_t swizzle128 = 1;
  uint64_t rest = uint64_t(leading) / 16 << 16 | uint64_t(stride) / 16 << 32 |
                  swizzle128 << 62;
  return arith::OrIOp::create(*this, start, number(rest));
}

static std::string registerList(size_t first, size_t count) {
  std::string text = "{";
  for (size_t i = 0; i < count; ++i)
    text += (i ? ", $" : "$") + std::to_string(first + i);
  return text + "}";
}

static std::string repeat(StringRef constraint, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i)
    text += constraint.str() + ",";
  return text;
}

/// Ties `count` inputs to the first outputs.
static std::string tied(size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i)
    text += "," + std::to_string(i);
  return text;
}

static std::string product(int64_t columns) {
  return "wgmma.mma_async.sync.aligned.m64n" + std::to_string(columns) +
         "k16.f32.bf16.bf16 ";
}

SmallVector<Value>
Device::startProduct(int64_t columns, Value a, Value b,
                     ArrayRef<std::pair<int64_t, int64_t>> steps) {
  size_t sums = columns / 2;
  std::string list = registerList(0, sums);
  std::string inA = "$" + std::to_string(sums);
  std::string inB = "$" + std::to_string(sums + 1);
  std::string text = "{\n.reg .pred begin, more;\n.reg .b64 da, db;\n"
                     "setp.ne.b32 begin, 0, 0;\nsetp.eq.b32 more, 0, 0;\n"
                     "wgmma.fence.sync.aligned;\n";
  for (auto [number, step] : llvm::enumerate(steps))
    text += "add.s64 da, " + inA + ", " + std::to_string(step.first / 16) +
            ";\nadd.s64 db, " + inB + ", " + std::to_string(step.second / 16) +
            ";\n" + product(columns) + list + ", da, db, " +
            (number == 0 ? "begin" : "more") + ", 1, 1, 0, 0;\n";
  text += "wgmma.commit_group.sync.aligned;\n}";
  return assembly(text, repeat("=f", sums) + "l,l", {a, b}, sums);
}

SmallVector<Value> Device::startProduct(ValueRange acc, ValueRange a, Value b,
                                        int64_t bytesPerStep) {
  size_t sums = acc.size(), fragments = a.size();
  std::string list = registerList(0, sums);
  std::string inB = "$" + std::to_string(sums + fragments);
  std::string text = "{\n.reg .pred more;\n.reg .b64 db;\n"
                     "setp.eq.b32 more, 0, 0;\nwgmma.fence.sync.aligned;\n";
  for (size_t k = 0; k < fragments / 4; ++k)
    text += "add.s64 db, " + inB + ", " +
            std::to_string(k * bytesPerStep / 16) + ";\n" + product(2 * sums) +
            list + ", " + registerList(sums + 4 * k, 4) +
            ", db, more, 1, 1, 1;\n";
  text += "wgmma.commit_group.sync.aligned;\n}";
  SmallVector<Value> operands(a);
  operands.push_back(b);
  llvm::append_range(operands, acc);
  return assembly(
      text, repeat("=f", sums) + repeat("r", fragments) + "l" + tied(sums),
      operands, sums);
}

SmallVector<Value> Device::waitForProducts(int32_t pending, ValueRange sums) {
  std::string constraints = repeat("=f", sums.size());
  constraints.pop_back();
  return assembly("wgmma.wait_group.sync.aligned " + std::to_string(pending) +
                      ";",
                  constraints + tied(sums.size()), sums, sums.size());
}

} // namespace heed::nvgpu
