"""The CUDA driver, as far as launching our kernels takes it, by ctypes.

It works in the context that is current, which PyTorch has made.
"""

import ctypes

MAX_SHARED_BYTES = 8  # CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
BFLOAT16, SWIZZLE_128B, PROMOTE_256B = 9, 3, 3  # CU_TENSOR_MAP_*
PANELS = 1 << 24  # as good as endless


class Block:
  """A parameter block: what a launch copies, at a multiple of 64 bytes."""

  def __init__(self, content):
    self._memory = ctypes.create_string_buffer(len(content) + 64)
    self.address = -(-ctypes.addressof(self._memory) // 64) * 64
    ctypes.memmove(self.address, content, len(content))
    # Not as a buffer of all parameters: one that wants a multiple of 64 does
    # not lie at its beginning.
    self.parameters = (ctypes.c_void_p * 1)(self.address)


class Driver:

  def __init__(self, library="libcuda.so.1"):
    self._cuda = ctypes.CDLL(library)

  def call(self, name, what, *arguments):
    result = getattr(self._cuda, name)(*arguments)
    if result:
      text = ctypes.c_char_p()
      self._cuda.cuGetErrorString(result, ctypes.byref(text))
      reason = (text.value or b"unknown error").decode()
      raise RuntimeError(f"{what}: {name} failed with {result}: {reason}")

  def load(self, image, name):
    """Returns a module of a cubin or of the text of PTX."""
    module = ctypes.c_void_p()
    self.call("cuModuleLoadDataEx", name, ctypes.byref(module),
              ctypes.c_char_p(image), 0, None, None)
    return module

  def function(self, module, symbol, shared_bytes):
    function = ctypes.c_void_p()
    self.call("cuModuleGetFunction", symbol, ctypes.byref(function), module,
              symbol.encode())
    if shared_bytes:
      self.call("cuFuncSetAttribute", symbol, function, MAX_SHARED_BYTES,
                shared_bytes)
    return function

  def encode_map(self, place, address, rows, columns, box_rows):
    """Writes the tensor map of panels of `rows` x `columns` bf16 to the
    address `place`, a multiple of 64."""
    rows = max(rows, 1)
    self.call("cuTensorMapEncodeTiled", "tensor map", ctypes.c_void_p(place),
              BFLOAT16, 3, ctypes.c_void_p(address),
              (ctypes.c_uint64 * 3)(columns, rows, PANELS),
              (ctypes.c_uint64 * 2)(columns * 2, rows * columns * 2),
              (ctypes.c_uint32 * 3)(64, box_rows, 1),
              (ctypes.c_uint32 * 3)(1, 1, 1), 0, SWIZZLE_128B, PROMOTE_256B, 0)

  def make_block(self, launch, values):
    """Returns the parameter block of a launch whose words are `values`."""
    block = Block(launch.write_words(values))
    place = block.address + launch.map_offset
    for buffer, rows, columns, box_rows in launch.maps:
      self.encode_map(place, values[buffer], values[rows], columns, box_rows)
      place += 128
    return block

  def launch(self, function, blocks, launch, block, stream):
    self.call("cuLaunchKernel", launch.symbol, function, blocks, 1, 1,
              launch.threads, 1, 1, launch.shared_bytes,
              ctypes.c_void_p(stream), block.parameters, None)
