#!/usr/bin/env python3
"""Makes the PTX text of hand-made kernels, which the build takes as it is.

make-ptx.py FOLDER/Name.cu... writes FOLDER/Name.ptx.inc, the text as a string
literal of C++ to be included. Needs nvcc and ptxas on the PATH; the build does
not. The text is for GPUs from sm_80 on and drivers from CUDA 12.0 on, whatever
the version of nvcc.

make-ptx.py FOLDER/Name.ptx.inc... writes FOLDER/Name.sm_90.inc, the bytes that
ptxas makes of the text for Hopper, where nothing has to be compiled then.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

VERSION = "8.0"  # Of the PTX language: what the drivers of CUDA 12.0 read.


def tidy(text):
  """Drops comments and blanks; names the version that all drivers read."""
  text = re.sub(r"//[^\n]*", "", text).expandtabs(2)
  text = re.sub(r"(?m)^\.version .*$", f".version {VERSION}", text)
  lines = [re.sub(r"(\S) +", r"\1 ", line.rstrip())
           for line in text.split("\n")]
  return "\n".join(line for line in lines if line) + "\n"


def assemble(text, target):
  """Returns machine code; fails where the text is no PTX of that version."""
  with tempfile.NamedTemporaryFile("w", suffix=".ptx") as file, \
       tempfile.NamedTemporaryFile("rb", suffix=".cubin") as code:
    file.write(text)
    file.flush()
    subprocess.run(["ptxas", f"-arch={target}", file.name, "-o", code.name],
                   check=True)
    return code.read()


def make(source):
  text = tidy(subprocess.run(
      ["nvcc", "-ptx", "-arch=sm_80", "-std=c++17", source, "-o", "-"],
      check=True, capture_output=True, text=True).stdout)
  for target in ("sm_80", "sm_90"):
    assemble(text, target)
  note = f"// Made from {source.name} by tools/scripts/make-ptx.py.\n"
  source.with_suffix(".ptx.inc").write_text(f'R"ptx({note}{text})ptx"\n')


def make_code(source):
  text = source.read_text().removeprefix('R"ptx(').partition(')ptx"')[0]
  code = assemble(text, "sm_90")
  lines = [",".join(map(str, code[i:i + 20])) + ","
           for i in range(0, len(code), 20)]
  note = f"// Made from {source.name} by tools/scripts/make-ptx.py."
  stem = source.name.removesuffix(".ptx.inc")
  source.with_name(f"{stem}.sm_90.inc").write_text(
      "\n".join([note, *lines]) + "\n")


if __name__ == "__main__":
  for argument in map(pathlib.Path, sys.argv[1:]):
    (make if argument.suffix == ".cu" else make_code)(argument)
