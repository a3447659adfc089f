//===- Device.cpp - Instructions of the device ----------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/Device.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace heed::nvgpu {

static constexpr StringLiteral sharedName = "heed_shared";

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

Value Device::number(int64_t value) {
  return arith::ConstantIndexOp::create(*this, value);
}
Value Device::word(int32_t value) {
  return arith::ConstantOp::create(*this, getI32IntegerAttr(value));
}
Value Device::add(Value x, Value y) {
  return createOrFold<arith::AddIOp>(x, y);
}
Value Device::subtract(Value x, Value y) {
  return createOrFold<arith::SubIOp>(x, y);
}
Value Device::multiply(Value x, Value y) {
  return createOrFold<arith::MulIOp>(x, y);
}
Value Device::least(Value x, Value y) {
  return createOrFold<arith::MinSIOp>(x, y);
}
Value Device::toIndex(Value x) {
  return createOrFold<arith::IndexCastUIOp>(getIndexType(), x);
}
Value Device::below(Value x, Value y) {
  return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::slt, x, y);
}
Value Device::both(Value x, Value y) {
  if (!x || !y)
    return x ? x : y;
  return createOrFold<arith::AndIOp>(x, y);
}
Value Device::select(Value condition, Value x, Value y) {
  return createOrFold<arith::SelectOp>(condition, x, y);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Type Device::pointerType(Space space) {
  return LLVM::LLVMPointerType::get(getContext(), static_cast<unsigned>(space));
}

Value Device::toPointer(Value address) {
  return LLVM::IntToPtrOp::create(*this, pointerType(Space::Global), address);
}

Value Device::offset(Value pointer, Value bytes) {
  if (bytes.getType().isIndex())
    bytes = arith::IndexCastOp::create(*this, getI64Type(), bytes);
  return LLVM::GEPOp::create(*this, pointer.getType(), getI8Type(), pointer,
                             ValueRange{bytes});
}

Value Device::offset(Value pointer, int64_t bytes) {
  if (bytes == 0)
    return pointer;
  return LLVM::GEPOp::create(*this, pointer.getType(), getI8Type(), pointer,
                             LLVM::GEPArg(static_cast<int32_t>(bytes)));
}

SmallVector<Value> Device::load(Type element, int64_t width, Value pointer) {
  unsigned bytes = width * element.getIntOrFloatBitWidth() / 8;
  if (width == 1)
    return {LLVM::LoadOp::create(*this, element, pointer, bytes)};
  Value all = LLVM::LoadOp::create(*this, VectorType::get({width}, element),
                                   pointer, bytes);
  SmallVector<Value> elements;
  for (int64_t i = 0; i < width; ++i)
    elements.push_back(LLVM::ExtractElementOp::create(*this, all, word(i)));
  return elements;
}

void Device::store(ValueRange elements, Value pointer) {
  Type element = elements[0].getType();
  int64_t width = elements.size();
  unsigned bytes = width * element.getIntOrFloatBitWidth() / 8;
  Value all = elements[0];
  if (width > 1) {
    auto type = VectorType::get({width}, element);
    all = LLVM::UndefOp::create(*this, type);
    for (auto [i, value] : llvm::enumerate(elements))
      all = LLVM::InsertElementOp::create(*this, all, value, word(i));
  }
  LLVM::StoreOp::create(*this, all, pointer, bytes);
}

Value Device::sharedMemory() {
  return LLVM::AddressOfOp::create(*this, pointerType(Space::Shared),
                                   sharedName);
}

void Device::declareSharedMemory(ModuleOp module) {
  if (module.lookupSymbol(sharedName))
    return;
  auto b =
      ImplicitLocOpBuilder::atBlockBegin(module.getLoc(), module.getBody());
  LLVM::GlobalOp::create(b, LLVM::LLVMArrayType::get(b.getI8Type(), 0),
                         /*isConstant=*/false, LLVM::Linkage::External,
                         sharedName, Attribute(), /*alignment=*/1024,
                         static_cast<unsigned>(Space::Shared));
}

//===----------------------------------------------------------------------===//
// Threads
//===----------------------------------------------------------------------===//

Value Device::call(StringRef name, Type result, ValueRange arguments) {
  auto intrinsic = getStringAttr(name);
  if (!result) {
    LLVM::CallIntrinsicOp::create(*this, intrinsic, arguments);
    return Value();
  }
  return LLVM::CallIntrinsicOp::create(*this, result, intrinsic, arguments)
      .getResult(0);
}

SmallVector<Value> Device::assembly(StringRef text, StringRef constraints,
                                    ValueRange operands, size_t count,
                                    Type element) {
  if (!element)
    element = getF32Type();
  Type result;
  if (count == 1)
    result = element;
  else if (count > 1)
    result = LLVM::LLVMStructType::getLiteral(
        getContext(), SmallVector<Type>(count, element));
  auto dialect =
      LLVM::AsmDialectAttr::get(getContext(), LLVM::AsmDialect::AD_ATT);
  auto op = LLVM::InlineAsmOp::create(
      *this, result, operands, text, constraints, /*has_side_effects=*/true,
      /*is_align_stack=*/false, LLVM::tailcallkind::TailCallKind::None, dialect,
      ArrayAttr());
  if (count == 1)
    return {op.getRes()};
  SmallVector<Value> values;
  for (size_t i = 0; i < count; ++i)
    values.push_back(LLVM::ExtractValueOp::create(*this, op.getRes(), i));
  return values;
}

Value Device::threadNumber() {
  return call("llvm.nvvm.read.ptx.sreg.tid.x", getI32Type(), {});
}

Value Device::programNumber() {
  return toIndex(call("llvm.nvvm.read.ptx.sreg.ctaid.x", getI32Type(), {}));
}

void Device::setGroupScope(int32_t barrier, int32_t threads) {
  barrierScope = Scope::Group;
  groupBarrier = barrier;
  groupThreads = threads;
}

void Device::barrier() {
  if (barrierScope == Scope::Warp) {
    call("llvm.nvvm.bar.warp.sync", Type(), word(-1));
    return;
  }
  if (barrierScope == Scope::Group)
    return barrier(word(groupBarrier), groupThreads);
  call("llvm.nvvm.barrier.cta.sync.aligned.all", Type(), word(0));
}

Value Device::exchange(Value x, int32_t mask) {
  StringRef name = x.getType().isF32() ? "llvm.nvvm.shfl.sync.bfly.f32"
                                       : "llvm.nvvm.shfl.sync.bfly.i32";
  return call(name, x.getType(), {word(-1), x, word(mask), word(31)});
}

Value Device::ofFirstLane(Value x) {
  return call("llvm.nvvm.shfl.sync.idx.i32", x.getType(),
              {word(-1), x, word(0), word(31)});
}

//===----------------------------------------------------------------------===//
// Between programs
//===----------------------------------------------------------------------===//

static constexpr StringLiteral allPrograms = "device";

void Device::declareCounters(ModuleOp module, StringRef name, int64_t count) {
  auto b =
      ImplicitLocOpBuilder::atBlockBegin(module.getLoc(), module.getBody());
  LLVM::GlobalOp::create(
      b, LLVM::LLVMArrayType::get(b.getI32Type(), count), /*isConstant=*/false,
      LLVM::Linkage::Internal, name,
      b.getZeroAttr(RankedTensorType::get({count}, b.getI32Type())),
      /*alignment=*/4, static_cast<unsigned>(Space::Global));
}

/// The address of counter `number`.
static Value findCounter(Device &b, StringRef name, Value number) {
  Value first =
      LLVM::AddressOfOp::create(b, b.pointerType(Space::Global), name);
  return b.offset(first, b.multiply(number, b.word(4)));
}

Value Device::addToCounter(StringRef name, Value number, bool isOrdered) {
  Value counter = findCounter(*this, name, number);
  if (isOrdered) // The back end drops orders of atomics.
    return assembly("atom.acq_rel.gpu.global.add.u32 $0, [$1], 1;",
                    "=r,l,~{memory}", counter, 1, getI32Type())[0];
  return LLVM::AtomicRMWOp::create(*this, LLVM::AtomicBinOp::add, counter,
                                   word(1), LLVM::AtomicOrdering::monotonic,
                                   allPrograms);
}

void Device::resetCounter(StringRef name, Value number) {
  store(word(0), findCounter(*this, name, number));
}

//===----------------------------------------------------------------------===//
// Asynchronous copies
//===----------------------------------------------------------------------===//

/// Whole 16 bytes pass by the first cache, and ask the second for the 128
/// around them, which the intrinsics have no word for.
void Device::copyAsync(Value to, Value from, int64_t bytes, Value valid) {
  if (bytes == 16) {
    std::string text = "cp.async.cg.shared.global.L2::128B [$0], [$1], 16";
    SmallVector<Value> operands{to, from};
    if (valid)
      operands.push_back(valid);
    assembly(text + (valid ? ", $2;" : ";"),
             valid ? "r,l,r,~{memory}" : "r,l,~{memory}", operands, 0);
    return;
  }
  std::string name =
      "llvm.nvvm.cp.async.ca.shared.global." + std::to_string(bytes);
  if (valid)
    call(name + ".s", Type(), {to, from, valid});
  else
    call(name, Type(), {to, from});
}

void Device::commitCopies() {
  call("llvm.nvvm.cp.async.commit.group", Type(), {});
}

void Device::waitForCopies(int32_t pendingGroups) {
  call("llvm.nvvm.cp.async.wait.group", Type(), word(pendingGroups));
}

//===----------------------------------------------------------------------===//
// Matrix units
//===----------------------------------------------------------------------===//

/// The members of the structure that an intrinsic gives.
static SmallVector<Value> members(Device &b, Value structure, unsigned count) {
  SmallVector<Value> values;
  for (unsigned i = 0; i < count; ++i)
    values.push_back(LLVM::ExtractValueOp::create(b, structure, i));
  return values;
}

SmallVector<Value> Device::loadMatrices(Value row, bool transposed) {
  SmallVector<Type> types(4, getI32Type());
  auto four = LLVM::LLVMStructType::getLiteral(getContext(), types);
  StringRef name = transposed
                       ? "llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.trans.b16.p3"
                       : "llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.b16.p3";
  return members(*this, call(name, four, row), 4);
}

SmallVector<Value> Device::multiplyMatrices(ValueRange a, ValueRange b,
                                            ValueRange acc) {
  SmallVector<Type> types(4, getF32Type());
  auto four = LLVM::LLVMStructType::getLiteral(getContext(), types);
  SmallVector<Value> arguments(a);
  llvm::append_range(arguments, b);
  llvm::append_range(arguments, acc);
  return members(
      *this, call("llvm.nvvm.mma.m16n8k16.row.col.bf16", four, arguments), 4);
}

Value Device::pack(Value low, Value high) {
  auto type = VectorType::get({2}, getBF16Type());
  Value both = LLVM::UndefOp::create(*this, type);
  for (auto [i, x] : llvm::enumerate(ValueRange{low, high}))
    both = LLVM::InsertElementOp::create(
        *this, both, arith::TruncFOp::create(*this, getBF16Type(), x), word(i));
  return LLVM::BitcastOp::create(*this, getI32Type(), both);
}

Value Device::powerOfTwo(Value x) {
  return call("llvm.nvvm.ex2.approx.ftz.f32", x.getType(), x);
}

} // namespace heed::nvgpu
