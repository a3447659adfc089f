#!/usr/bin/env python3
"""Compares the second sequence of a .npy file of logits with a golden path.

The first one is a sequence of three ids and as many new tokens: its rows must
end in NaN. The error of the second, against the original in double precision,
may be twice that of the original in single precision.
"""

import ast
import json
import math
import pathlib
import struct
import sys


def read_npy(path):
  data = pathlib.Path(path).read_bytes()
  assert data[:8] == b"\x93NUMPY\x01\x00"
  size = struct.unpack_from("<H", data, 8)[0]
  header = ast.literal_eval(data[10:10 + size].decode())
  assert header["descr"] == "<f4" and not header["fortran_order"], header
  count = math.prod(header["shape"])
  assert len(data) == 10 + size + 4 * count
  return header["shape"], struct.unpack_from(f"<{count}f", data, 10 + size)


def read_golden(folder, name, letter):
  data = (pathlib.Path(folder) / "goldens.safetensors").read_bytes()
  size = struct.unpack_from("<Q", data)[0]
  entry = json.loads(data[8:8 + size])[name]
  count = math.prod(entry["shape"])
  return struct.unpack_from(f"<{count}{letter}", data,
                            8 + size + entry["data_offsets"][0])


def main(folder, path):
  (sequences, tokens, vocabulary), values = read_npy(path)
  exact = read_golden(folder, "logits_f64", "d")
  single = read_golden(folder, "logits_f32", "f")
  assert sequences == 2, sequences
  found = values[tokens * vocabulary:][:len(exact)]
  ours = max(abs(a - b) for a, b in zip(found, exact, strict=True))
  theirs = max(abs(a - b) for a, b in zip(single, exact, strict=True))
  print(f"largest error {ours:.3e}, the original's {theirs:.3e}")
  assert ours <= 2 * theirs
  short = values[:tokens * vocabulary]
  assert not any(map(math.isnan, short[:(3 + 64) * vocabulary]))
  assert all(map(math.isnan, short[(3 + 64) * vocabulary:]))


if __name__ == "__main__":
  main(*sys.argv[1:])
