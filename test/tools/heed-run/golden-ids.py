#!/usr/bin/env python3
"""Prints the ids behind the prompt of a golden path, or those of the prompt."""

import json
import pathlib
import struct
import sys


def main(folder, what="--rest"):
  data = (pathlib.Path(folder) / "goldens.safetensors").read_bytes()
  size = struct.unpack_from("<Q", data)[0]
  header = json.loads(data[8:8 + size])

  def read(name):
    begin, end = header[name]["data_offsets"]
    return struct.unpack_from(f"<{(end - begin) // 4}i", data, 8 + size + begin)

  prompt = read("prompt_length")[0]
  ids = read("ids")
  print(*(ids[:prompt] if what == "--prompt" else ids[prompt:]), sep=",")


if __name__ == "__main__":
  main(*sys.argv[1:])
