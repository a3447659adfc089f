//===- EmitEntry.cpp - A phase function as commands -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/host/EmitEntry.h"

#include "dialects/tile/Tile.h"

using namespace mlir;

namespace heed {

static uint32_t makeWord(heed_operand_kind kind, uint32_t index = 0) {
  return uint32_t(kind) << 24 | index;
}

/// The arguments of a phase function before its caches.
static constexpr unsigned inputCount = 3;

LogicalResult EntryEmitter::emit(func::FuncOp phase) {
  firstCommand_ = package_.commands.size();
  firstBuffer_ = package_.buffers.size();
  const heed_operand_kind inputs[] = {HEED_ARG_IDS, HEED_ARG_POSITIONS,
                                      HEED_ARG_ROWS};
  for (BlockArgument argument : phase.getArguments()) {
    unsigned number = argument.getArgNumber();
    if (number >= inputCount) {
      caches_[argument] = number - inputCount;
      continue;
    }
    places_[argument] = makeWord(inputs[number]);
    tokens_[argument] = number == 2 ? "R" : "N";
  }
  Block &block = phase.getBody().front();
  logits_ = block.getTerminator()->getOperand(0);
  for (Operation &op : block) {
    LogicalResult result = success();
    if (auto call = dyn_cast<func::CallOp>(op))
      result = emitCall(call);
    else if (auto append = dyn_cast<attn::CacheAppendOp>(op))
      result = emitAppend(append);
    else if (auto end = dyn_cast<func::ReturnOp>(op))
      result = checkReturn(end);
    else if (!isa<attn::UseOp>(op))
      result = op.emitOpError("found in a phase function, wanted calls of "
                              "groups, cache appends and uses of weights");
    if (failed(result))
      return failure();
  }
  addCommand(HEED_OP_RETURN);
  package_.entries.push_back(
      {package_.addString(phase.getName()), firstCommand_,
       uint32_t(package_.commands.size()) - firstCommand_, firstBuffer_,
       uint32_t(package_.buffers.size()) - firstBuffer_});
  return success();
}

heed_package_command &EntryEmitter::addCommand(heed_opcode opcode) {
  heed_package_command command = {};
  command.opcode = opcode;
  command.b = package_.operands.size();
  for (heed_package_grid_term &term : command.grid)
    term.divisor = 1;
  return package_.commands.emplace_back(command);
}

/// Gives `command`, the last one, its operands.
void EntryEmitter::addOperands(heed_package_command &command,
                               ArrayRef<uint32_t> operands) {
  command.c = operands.size();
  llvm::append_range(package_.operands, operands);
}

/// Notes that the command that comes next uses `operand`.
void EntryEmitter::touch(uint32_t operand) {
  if (operand >> 24 != HEED_ARG_BUFFER && operand >> 24 != HEED_ARG_WORKSPACE)
    return;
  heed_package_buffer &buffer =
      package_.buffers[firstBuffer_ + (operand & 0xffffff)];
  buffer.last_command = package_.commands.size() - firstCommand_;
}

FailureOr<uint32_t> EntryEmitter::makeBuffer(Value value, StringRef tokens) {
  auto type = cast<RankedTensorType>(value.getType());
  FailureOr<heed_dtype> element = getPackageType(type.getElementType());
  if (failed(element) || !type.isDynamicDim(0))
    return value.getDefiningOp()->emitOpError("found a value of ")
           << type << ", wanted B x ... of f32, bf16 or i32";
  int64_t count = 1, dynamic = 0;
  for (int64_t size : type.getShape())
    if (ShapedType::isDynamic(size))
      ++dynamic;
    else
      count *= size;
  heed_package_buffer buffer = {};
  int64_t &factor = dynamic == 1    ? buffer.elements.b
                    : tokens == "R" ? buffer.elements.br
                                    : buffer.elements.bn;
  factor = count;
  buffer.dtype = *element;
  buffer.first_command = package_.commands.size() - firstCommand_;
  buffer.last_command = buffer.first_command;
  package_.buffers.push_back(buffer);
  return makeWord(HEED_ARG_BUFFER, package_.buffers.size() - 1 - firstBuffer_);
}

LogicalResult EntryEmitter::emitCall(func::CallOp call) {
  auto group = symbols_.lookup<func::FuncOp>(call.getCallee());
  FailureOr<SmallVector<Launch>> launches = getLaunches(group);
  auto tokens = call->getAttrOfType<ArrayAttr>("tokens");
  if (failed(launches) || !tokens || tokens.size() != call.getNumResults())
    return call.emitOpError("found no attribute 'tokens', wanted what "
                            "heed-form-groups writes");
  for (auto [result, symbol] : llvm::zip(call.getResults(), tokens)) {
    tokens_[result] = cast<StringAttr>(symbol).getValue();
    if (result == logits_) {
      places_[result] = makeWord(HEED_ARG_LOGITS);
      continue;
    }
    FailureOr<uint32_t> buffer = makeBuffer(result, tokens_[result]);
    if (failed(buffer))
      return failure();
    places_[result] = *buffer;
  }
  workspace_.reset();
  for (const Launch &launch : *launches)
    if (failed(emitLaunch(call, launch)))
      return failure();
  return success();
}

/// Says in front of a launch that it computes a product.
LogicalResult EntryEmitter::emitProduct(func::CallOp call,
                                        const LaunchProduct &product) {
  SmallVector<uint32_t> operands;
  uint32_t flags = 0;
  auto add = [&](std::optional<unsigned> number, uint32_t flag) {
    if (!number)
      return success();
    FailureOr<uint32_t> operand = makeValueOperand(call.getOperand(*number));
    if (failed(operand))
      return failure();
    operands.push_back(*operand);
    flags |= flag;
    return success();
  };
  if (failed(add(product.input, 0)) || failed(add(product.weight, 0)))
    return failure();
  operands.push_back(places_.lookup(call.getResult(0)));
  if (failed(add(product.bias, HEED_PRODUCT_BIAS)) ||
      failed(add(product.residual, HEED_PRODUCT_RESIDUAL)))
    return failure();
  // A weight that is computed is none of the package.
  if (operands[1] >> 24 != HEED_ARG_WEIGHT)
    return success();

  auto weight =
      cast<RankedTensorType>(call.getOperand(product.weight).getType());
  auto result = cast<RankedTensorType>(call.getResult(0).getType());
  int64_t heads = result.getRank() == 4 ? result.getDimSize(1) : 1;
  heed_package_size rows = {};
  (tokens_.lookup(call.getResult(0)) == "R" ? rows.br : rows.bn) = 1;
  llvm::for_each(operands, [&](uint32_t operand) { touch(operand); });
  heed_package_command &command = addCommand(HEED_OP_PRODUCT);
  command.a = flags;
  addOperands(command, operands);
  command.grid_terms = 3;
  command.grid[0] = {rows, 1};
  command.grid[1] = {{weight.getDimSize(0), 0, 0, 0},
                     weight.getDimSize(0) / heads};
  command.grid[2] = {{weight.getDimSize(1), 0, 0, 0}, 1};
  return success();
}

LogicalResult EntryEmitter::emitLaunch(func::CallOp call,
                                       const Launch &launch) {
  if (launch.product && failed(emitProduct(call, *launch.product)))
    return failure();
  SmallVector<uint32_t> operands;
  for (const LaunchWord &word : launch.words) {
    FailureOr<uint32_t> operand = makeOperand(call, word);
    if (failed(operand))
      return failure();
    touch(*operand);
    operands.push_back(*operand);
  }
  heed_package_command &command = addCommand(HEED_OP_LAUNCH);
  command.a = kernels_.lookup(launch.kernel);
  addOperands(command, operands);
  auto label = call->getAttrOfType<StringAttr>("label");
  heed_span text = package_.addString(label ? label.getValue() : "");
  command.label = text.offset;
  command.label_size = text.size;
  return emitGrid(call, launch, command);
}

uint32_t EntryEmitter::makeSizeOperand(StringRef tokens) const {
  return makeWord(HEED_ARG_SIZE, tokens == "R" ? 2 : 1);
}

FailureOr<uint32_t> EntryEmitter::makeValueOperand(Value value) {
  if (auto use = value.getDefiningOp<attn::UseOp>()) {
    FailureOr<uint32_t> number = weights_.getNumber(use);
    if (failed(number))
      return failure();
    return makeWord(HEED_ARG_WEIGHT, *number);
  }
  return places_.lookup(value);
}

FailureOr<uint32_t> EntryEmitter::makeOperand(func::CallOp call,
                                              const LaunchWord &word) {
  auto argument = [&] { return call.getOperand(word.number); };
  auto cache = [&] { return caches_.lookup(argument()); };
  switch (word.kind) {
  case LaunchWord::Argument:
    return makeValueOperand(argument());
  case LaunchWord::Result:
    return places_.lookup(call.getResult(word.number));
  case LaunchWord::Batch:
    return makeWord(HEED_ARG_SIZE, 0);
  case LaunchWord::Tokens:
    return makeSizeOperand(tokens_.lookup(argument()));
  case LaunchWord::Slots:
    return makeWord(HEED_ARG_SLOTS);
  case LaunchWord::Field:
    return makeWord(HEED_ARG_FIELD,
                    package_.caches[cache()].first_field + word.field);
  case LaunchWord::Positions:
    return makeWord(HEED_ARG_CACHE_POSITIONS, cache());
  case LaunchWord::Counts:
    return makeWord(HEED_ARG_CACHE_COUNTS, cache());
  case LaunchWord::Capacity:
    return makeWord(HEED_ARG_CACHE_CAPACITY, cache());
  case LaunchWord::Parts:
    return makeWord(HEED_ARG_PARTS);
  case LaunchWord::Workspace:
    return makeWorkspace(word.number);
  }
  llvm_unreachable("every kind is listed");
}

/// The package counts programs by polynomials in B, B * N and B * R. The
/// product B * ceil(N / d) is none; ceil((B * N + (d - 1) * B) / d) is, and is
/// at most B larger, which kernels allow for in their first dimension. Where no
/// rows of logits are wanted, a last term makes the grid empty all the same.
LogicalResult EntryEmitter::emitGrid(func::CallOp call, const Launch &launch,
                                     heed_package_command &command) {
  auto kernel = symbols_.lookup<tile::KernelOp>(launch.kernel);
  heed_package_size constant = {1, 0, 0, 0};
  heed_package_grid_term dynamic = {{0, 0, 0, 0}, 1};
  bool hasBatch = false, fits = true;
  SmallVector<tile::GridExtent> grid = kernel.getGrid();
  for (const tile::GridExtent &extent : grid) {
    if (extent.argument < 0) {
      constant.constant *= extent.divisor;
      continue;
    }
    const LaunchWord &word = launch.words[extent.argument];
    bool isLast = &extent == &grid.back();
    if (word.kind == LaunchWord::Parts && isLast && extent.divisor == 1) {
      // The runtime has this dimension from the word.
    } else if (word.kind == LaunchWord::Batch && !hasBatch &&
               extent.divisor == 1) {
      hasBatch = true;
      dynamic.value.b = 1;
    } else if (word.kind == LaunchWord::Tokens && hasBatch &&
               dynamic.value.bn == 0 && dynamic.value.br == 0) {
      StringRef tokens = tokens_.lookup(call.getOperand(word.number));
      (tokens == "R" ? dynamic.value.br : dynamic.value.bn) = 1;
      dynamic.value.b = extent.divisor - 1;
      dynamic.divisor = extent.divisor;
    } else {
      fits = false;
    }
  }
  if (!fits)
    return kernel.emitOpError("has a grid that a package cannot say, wanted "
                              "B and N at most once, B first, parts last");
  command.grid[command.grid_terms++] = {constant, 1};
  if (hasBatch)
    command.grid[command.grid_terms++] = dynamic;
  if (dynamic.value.br && dynamic.divisor > 1) // 1, or 0 if B * R is 0
    command.grid[command.grid_terms++] = {{0, 0, 0, 1}, INT64_MAX};
  growWorkspace(command);
  return success();
}

/// The workspace of the call, which is as large as the package demands for a
/// grid of nothing until `growWorkspace`.
uint32_t EntryEmitter::makeWorkspace(int64_t elements) {
  if (!workspace_) {
    heed_package_buffer buffer = {};
    buffer.elements.constant = elements * HEED_DIVIDED_PROGRAMS;
    buffer.dtype = HEED_F32;
    buffer.first_command = package_.commands.size() - firstCommand_;
    buffer.last_command = buffer.first_command;
    workspace_ = package_.buffers.size() - firstBuffer_;
    package_.buffers.push_back(buffer);
  }
  return makeWord(HEED_ARG_WORKSPACE, *workspace_);
}

/// Gives the workspace room for every program of `command`. A dynamic extent is
/// not divided by what a program takes of it: that is at least as much.
void EntryEmitter::growWorkspace(const heed_package_command &command) {
  if (!workspace_)
    return;
  heed_package_size &size =
      package_.buffers[firstBuffer_ + *workspace_].elements;
  int64_t each = size.constant / HEED_DIVIDED_PROGRAMS;
  each *= command.grid[0].value.constant;
  if (command.grid_terms > 1) {
    const heed_package_size &dynamic = command.grid[1].value;
    size.b = std::max(size.b, each * dynamic.b);
    size.bn = std::max(size.bn, each * dynamic.bn);
    size.br = std::max(size.br, each * dynamic.br);
  }
}

LogicalResult EntryEmitter::emitAppend(attn::CacheAppendOp append) {
  uint32_t cache = caches_.lookup(append.getCache());
  caches_[append.getResult()] = cache;
  SmallVector<uint32_t> operands;
  for (Value value : append.getValues()) {
    FailureOr<uint32_t> operand = makeValueOperand(value);
    if (failed(operand))
      return failure();
    if (*operand >> 24 != HEED_ARG_BUFFER)
      return append.emitOpError("appends ")
             << value << ", wanted a value of a group";
    touch(*operand);
    operands.push_back(*operand);
  }
  auto positions = dyn_cast<BlockArgument>(append.getPositions());
  if (!positions || positions.getArgNumber() != 1)
    return append.emitOpError("appends at computed positions, wanted those of "
                              "the step");
  heed_package_command &command = addCommand(HEED_OP_CACHE_APPEND);
  command.a = cache;
  addOperands(command, operands);
  return success();
}

LogicalResult EntryEmitter::checkReturn(func::ReturnOp op) {
  auto place = places_.find(logits_);
  if (place == places_.end() || place->second >> 24 != HEED_ARG_LOGITS)
    return op.emitOpError("returns logits that no group computes");
  if (!getElementTypeOrSelf(logits_.getType()).isF32())
    return op.emitOpError("returns logits of ")
           << logits_.getType() << ", wanted f32";
  for (unsigned i = 1; i != op.getNumOperands(); ++i) {
    auto cache = caches_.find(op.getOperand(i));
    if (cache == caches_.end() || cache->second != i - 1)
      return op.emitOpError("returns as result ")
             << i << " another cache than argument " << i - 1 + inputCount;
  }
  return success();
}

} // namespace heed
