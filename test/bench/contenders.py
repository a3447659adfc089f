"""Who runs a row: our kernels, and the peers of PyTorch."""

import functools
import re

import torch
import torch.nn.functional as F

import kernels

# Keys and values in memory together, so that no cache holds them.
ROTATED_BYTES = 512 << 20
# Of a peer's time in kernels that are not its own; above it, it fell back.
FOREIGN_SHARE = 0.25


class Inputs:
  """Random queries, and as many copies of keys and values as a decode row
  rotates over."""

  def __init__(self, row, device="cuda"):
    self.copies = 1
    if row.is_decode and row.timed:
      self.copies = max(2, -(-ROTATED_BYTES // row.cache_bytes))
    make = functools.partial(torch.randn, dtype=torch.bfloat16, device=device)
    shape = (row.batch, row.key_heads, row.keys, row.width)
    self.query = make(row.batch, row.heads, row.queries, row.width)
    self.keys = [make(*shape) for _ in range(self.copies)]
    self.values = [make(*shape) for _ in range(self.copies)]


class Ours:
  """Our kernel of a row on its inputs; a call returns the output, which the
  next call overwrites."""

  def __init__(self, driver, kernel, row, inputs):
    self.name = kernel.name
    self._driver, self._inputs = driver, inputs
    self.output = torch.full_like(inputs.query, float("nan"))
    properties = torch.cuda.get_device_properties(inputs.query.device)
    self._multiprocessors = properties.multi_processor_count
    self.parts = kernels.choose_parts(row, kernel, self._multiprocessors)
    self._workspace = torch.empty(
        kernels.workspace_bytes(row, kernel.launches, self.parts),
        dtype=torch.uint8, device=inputs.query.device)
    module = driver.load(kernel.image.read_bytes(), kernel.image.name)
    functions = [driver.function(module, launch.symbol, launch.shared_bytes)
                 for launch in kernel.launches]
    self._launches = [
        [self._prepare(function, launch, row, copy)
         for function, launch in zip(functions, kernel.launches)]
        for copy in range(inputs.copies)]

  def _prepare(self, function, launch, row, copy):
    addresses = {"argument 0": self._inputs.query.data_ptr(),
                 "argument 1": self._inputs.keys[copy].data_ptr(),
                 "argument 2": self._inputs.values[copy].data_ptr(),
                 "result 0": self.output.data_ptr(),
                 "workspace": self._workspace.data_ptr()}
    values = kernels.word_values(launch, row, addresses, self.parts)
    return (function, launch.blocks(values, self._multiprocessors), launch,
            self._driver.make_block(launch, values))

  def __call__(self, copy):
    stream = torch.cuda.current_stream().cuda_stream
    for function, blocks, launch, block in self._launches[copy]:
      self._driver.launch(function, blocks, launch, block, stream)
    return self.output


class Peer:
  """A peer; `pattern` is what the names of its kernels match. `make` returns
  what runs it, and is called first when it runs."""

  def __init__(self, name, pattern, make):
    self.name, self._pattern = name, re.compile(pattern)
    self._make, self._call = make, None

  def __call__(self, copy):
    if self._call is None:
      self._call = self._make()
    return self._call(copy)

  def find_fallback(self, names):
    """Returns what is wrong with what ran, {kernel: microseconds}, or None."""
    total = sum(names.values())
    foreign = {name: time for name, time in names.items()
               if not self._pattern.search(name)}
    if total and sum(foreign.values()) > FOREIGN_SHARE * total:
      slowest = max(foreign, key=foreign.get)
      return (f"ran {slowest}, wanted kernels that match "
              f"'{self._pattern.pattern}'")
    return None


def make_sdpa(row, inputs, backend):
  from torch.nn.attention import sdpa_kernel

  def call(copy):
    with sdpa_kernel(backend):
      return F.scaled_dot_product_attention(
          inputs.query, inputs.keys[copy], inputs.values[copy],
          is_causal=row.causal, enable_gqa=row.heads != row.key_heads)

  return call


def make_flex(row, inputs):
  """FlexAttention of a window; compiled on the first call."""
  from torch.nn.attention.flex_attention import (create_block_mask,
                                                 flex_attention)
  window = row.window

  def mask(batch, head, query, key):
    return (query >= key) & (query - key < window)

  blocks = create_block_mask(mask, None, None, row.queries, row.keys,
                             device=inputs.query.device)
  compiled = torch.compile(flex_attention, dynamic=False)
  return lambda copy: compiled(
      inputs.query, inputs.keys[copy], inputs.values[copy], block_mask=blocks,
      enable_gqa=row.heads != row.key_heads)


def make_peers(row, inputs):
  """Returns the peers of a row that is timed. SDPA aligns the first query
  with the first key, so it stands beside rows of as many queries as keys, or
  without a mask; it has no window."""
  from torch.nn.attention import SDPBackend
  sdpa = functools.partial(functools.partial, make_sdpa, row, inputs)
  if row.window:
    flex = functools.partial(make_flex, row, inputs)
    return [Peer("flex", r"triton|flex_attention", flex)]
  return [Peer("flash", r"flash_fwd", sdpa(SDPBackend.FLASH_ATTENTION)),
          Peer("cudnn", r"cudnn|sdpa", sdpa(SDPBackend.CUDNN_ATTENTION))]


def profile(call):
  """Runs call(0); returns the kernels that ran, {name: microseconds}."""
  from torch.profiler import ProfilerActivity
  activities = [ProfilerActivity.CPU, ProfilerActivity.CUDA]
  with torch.profiler.profile(activities=activities) as profiler:
    call(0)
    torch.cuda.synchronize()
  names = {}
  for event in profiler.events():
    is_kernel = event.device_type == torch.autograd.DeviceType.CUDA
    if is_kernel and not event.is_user_annotation:
      time = event.time_range.elapsed_us()
      names[event.name] = names.get(event.name, 0) + time
  return names
