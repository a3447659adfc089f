"""Logits in files, and how far they are from others. Needs no NumPy."""

import array
import ast
import json
import math
import pathlib
import struct

LETTERS = {"F64": "d", "F32": "f", "I32": "i", "I64": "q"}


class Safetensors:
  """A file of named tensors."""

  def __init__(self, path):
    self.data = pathlib.Path(path).read_bytes()
    size = struct.unpack_from("<Q", self.data)[0]
    self.header = json.loads(self.data[8:8 + size])
    self.start = 8 + size

  def read(self, name):
    entry = self.header[name]
    begin, end = (self.start + offset for offset in entry["data_offsets"])
    return array.array(LETTERS[entry["dtype"]], self.data[begin:end]).tolist()


def read_npy(path):
  """Returns the shape and the elements of a file of f32."""
  data = pathlib.Path(path).read_bytes()
  if data[:8] != b"\x93NUMPY\x01\x00":
    raise ValueError(f"{path}: found no NumPy file")
  size = struct.unpack_from("<H", data, 8)[0]
  header = ast.literal_eval(data[10:10 + size].decode())
  if header["descr"] != "<f4" or header["fortran_order"]:
    raise ValueError(f"{path}: found {header}, wanted rows of f32")
  return header["shape"], array.array("f", data[10 + size:]).tolist()


def read_doubles(path):
  return array.array("d", pathlib.Path(path).read_bytes()).tolist()


def write_doubles(path, values):
  pathlib.Path(path).write_bytes(array.array("d", values).tobytes())


def measure(found, wanted):
  """Returns the largest difference, and the L2 norm of all differences by that
  of `wanted`. NaN makes both infinite."""
  deltas = [abs(a - b) for a, b in zip(found, wanted, strict=True)]
  if any(map(math.isnan, deltas)):
    return dict(largest=math.inf, relative=math.inf)
  norm = math.sqrt(math.fsum(b * b for b in wanted))
  return dict(largest=max(deltas, default=0),
              relative=math.hypot(*deltas) / norm if norm else 0)


def count_common(first, second):
  """Returns how many elements at the beginning are the same."""
  for i, (a, b) in enumerate(zip(first, second)):
    if a != b:
      return i
  return min(len(first), len(second))
