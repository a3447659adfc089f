#!/usr/bin/env python3
"""Fails where clang-format 22 would lay a C or C++ source out differently.

The layout is that of .clang-format; records (.td) are laid out by hand. Another
version of clang-format has other opinions, so without version 22 the check says
that it did nothing.
"""

import re
import shutil
import subprocess
import sys

from sources import Fault, files, main

COMMAND = "clang-format-22"


def check(root):
  if shutil.which(COMMAND) is None:
    yield Fault(".clang-format", 1, f"no {COMMAND} found, nothing checked",
                remark=True)
    return
  paths = [path for path, _ in files(root, (".h", ".c", ".cpp"))]
  if not paths:
    return
  out = subprocess.run([COMMAND, "--dry-run", *paths], cwd=root, check=False,
                       capture_output=True, text=True)
  if out.returncode:
    raise RuntimeError(f"{COMMAND} failed: {out.stderr[-1000:]}")
  seen = set()
  for match in re.finditer(r"^([^:\n]+):(\d+):\d+: warning: code should be "
                           r"clang-formatted", out.stderr, re.MULTILINE):
    if match[1] not in seen:  # one line per file is enough to act on
      seen.add(match[1])
      yield Fault(match[1], int(match[2]), f"not laid out by {COMMAND}; run "
                  f"{COMMAND} -i {match[1]}")


if __name__ == "__main__":
  sys.exit(main(check))
