//===- EmitParts.cpp - Streams that warps share out -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A kernel of few rows has work for one warp only, and one warp waits for
/// memory most of the time. Where its stream has a `combine`, a program is
/// several warps instead: each holds all rows, and warp `p` visits the steps
/// `p`, `p + parts`, ... with a ring and all else in shared memory of its own.
/// Nobody else reads that, so the barriers of the loop are those of a warp.
/// Behind the loop every warp reads what all of them carry and combines it from
/// the first to the last, so that all hold the same bits, the same in each run.
///
/// Outside of such a loop the warps do the same work; one of them stores.
///
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/KernelEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace heed::nvgpu {

/// The beginnings of parts are multiples of this.
static constexpr int64_t kPartAlignment = 128;

void KernelEmitter::emitParts(tile::StreamOp op) {
  // Others may still read what lies there.
  b.barrier();
  combineParts(op, emitPart(op));
}

/// What one warp does of `op`; returns what it carries in the end.
Registers KernelEmitter::emitPart(tile::StreamOp op) {
  int64_t oldTop = std::exchange(sharedTop, 0);
  int64_t oldMost = std::exchange(facts.sharedBytes, 0);
  Value oldThread = std::exchange(thread, lane);
  // How large a part is becomes known at the end.
  auto bytes = arith::ConstantOp::create(b, b.getI32IntegerAttr(0));
  partMemory = b.offset(b.offset(b.sharedMemory(), oldTop),
                        arith::MulIOp::create(b, part, bytes));
  divided = op;
  b.setScope(Scope::Warp);
  Registers carried = emitLoop(op);
  b.setScope(Scope::Program);
  divided = nullptr;
  partMemory = nullptr;
  int64_t partBytes = llvm::alignTo(facts.sharedBytes, kPartAlignment);
  bytes.setValueAttr(b.getI32IntegerAttr(partBytes));
  thread = oldThread;
  sharedTop = oldTop;
  facts.sharedBytes =
      std::max(oldMost, oldTop + distribution.parts * partBytes);
  return carried;
}

int64_t KernelEmitter::threadCount() const {
  return divided ? distribution.threads() / distribution.parts
                 : distribution.threads();
}

/// The first step of a thread, and how far apart its steps are.
Value KernelEmitter::firstStep(tile::StreamOp op) {
  Value lower = scalars.lookup(op.getLower());
  if (divided != op)
    return lower;
  Value step = scalars.lookup(op.getStep());
  return b.add(lower, b.multiply(b.toIndex(part), step));
}

Value KernelEmitter::stepAfter(tile::StreamOp op, Value step) {
  Value apart = scalars.lookup(op.getStep());
  if (divided == op)
    apart = b.multiply(apart, b.number(distribution.parts));
  return b.add(step, apart);
}

/// The type that `type` has in shared memory.
static Type storedType(Device &b, Type type) {
  if (type.isIndex())
    return b.getI64Type();
  return type.isInteger(1) ? b.getI32Type() : type;
}

static Value toStored(Device &b, Value x) {
  Type type = storedType(b, x.getType());
  if (x.getType().isIndex())
    return arith::IndexCastOp::create(b, type, x);
  return type == x.getType() ? x : arith::ExtUIOp::create(b, type, x);
}

static Value fromStored(Device &b, Type type, Value x) {
  if (type.isIndex())
    return arith::IndexCastOp::create(b, type, x);
  return type == x.getType() ? x : arith::TruncIOp::create(b, type, x);
}

/// Combines what the warps carry, the same lanes of all of them; `mine` is what
/// this thread has.
void KernelEmitter::combineParts(tile::StreamOp op, ValueRange mine) {
  SmallVector<int64_t> places;
  int64_t bytes = 0;
  for (Value x : mine) {
    places.push_back(bytes);
    bytes += 32 * storedType(b, x.getType()).getIntOrFloatBitWidth() / 8;
  }
  int64_t oldTop = sharedTop;
  Value base = allocateBytes(distribution.parts * bytes);
  auto place = [&](Value ofPart, size_t i) {
    int64_t width = storedType(b, mine[i].getType()).getIntOrFloatBitWidth();
    Value at = b.multiply(ofPart, b.word(bytes));
    at = b.add(at, b.multiply(lane, b.word(width / 8)));
    return b.offset(b.offset(base, at), places[i]);
  };
  b.barrier();
  for (auto [i, x] : llvm::enumerate(mine))
    b.store(toStored(b, x), place(part, i));
  b.barrier();
  auto read = [&](int64_t number) {
    Registers values;
    for (auto [i, x] : llvm::enumerate(mine)) {
      Type type = x.getType();
      Value stored =
          b.load(storedType(b, type), 1, place(b.word(number), i))[0];
      values.push_back(fromStored(b, type, stored));
    }
    return values;
  };
  Registers all = read(0);
  for (int64_t number = 1; number < distribution.parts; ++number)
    all = combineTwo(op, all, read(number));
  sharedTop = oldTop;
  bind(op.getResults(), all);
}

Registers KernelEmitter::combineTwo(tile::StreamOp op, ValueRange first,
                                    ValueRange second) {
  Registers both;
  scoped([&] {
    bind(ValueRange(op.getCombineFirst()), first);
    bind(ValueRange(op.getCombineSecond()), second);
    emitBlock(op.getCombine().front());
    flatten(op.getCombineYields(), op.getResults(), both);
  });
  return both;
}

} // namespace heed::nvgpu
