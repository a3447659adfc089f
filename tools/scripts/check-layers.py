#!/usr/bin/env python3
"""Fails where a folder includes what lies above it.

LAYERS is the whole architecture. A file belongs to the longest folder that it
lies in, and may include headers that start with one of the prefixes of that
folder, and those of its own folder; the C++ library is everybody's. A folder
that no layer covers is a fault as well, so that the table stays complete.
"""

import pathlib
import re
import sys

from sources import Fault, blank, files, line_of, main

# Prefixes that the table speaks of; what starts with none of them is the C++
# library or the system.
OURS = ("heed-c/", "heed/", "lib/", "dialects/", "passes/", "runtime/",
        "tools/", "test/")
SUPPORT = ("llvm/ADT/", "llvm/Support/")
IR = SUPPORT + ("mlir/", "llvm/")
BELOW_PASSES = ("heed-c/", "heed/", "dialects/")
GRAPH = ("heed-c/", "heed/", "dialects/interfaces/", "dialects/attn/",
         "passes/framework/") + IR
OTHERS = ("llvm/", "llvm-c/", "mlir/", "mlir-c/", "clang/", "lld/", "Eigen/",
          "unicode/", "gtest/", "benchmark/")

LAYERS = {
    "include/heed-c": ("heed-c/",),
    "include/heed": ("heed-c/", "heed/") + SUPPORT,
    "lib": ("heed-c/", "heed/") + SUPPORT,
    "lib/Numeric": ("heed-c/", "heed/", "Eigen/") + SUPPORT,
    "lib/Text": ("heed-c/", "heed/", "unicode/") + SUPPORT,
    "dialects/interfaces": ("heed-c/", "heed/", "dialects/interfaces/") + IR,
    "dialects/attn": ("heed-c/", "heed/", "dialects/interfaces/",
                      "dialects/attn/") + IR,
    "dialects/tile": ("heed-c/", "heed/", "dialects/interfaces/",
                      "dialects/tile/") + IR,
    "passes": BELOW_PASSES + ("passes/",) + IR,
    "passes/framework": BELOW_PASSES + ("passes/framework/",) + IR,
    "passes/import": GRAPH + ("passes/import/",),
    "passes/analysis": GRAPH + ("passes/analysis/",),
    "passes/rewrites": GRAPH + ("passes/rewrites/",),
    "passes/lower": BELOW_PASSES + ("passes/framework/", "passes/lower/",
                                    "lld/") + IR,
    "passes/pipelines": BELOW_PASSES + ("passes/",) + IR,
    "runtime": ("heed-c/", "runtime/"),
    "tools": tuple(p for p in OURS if p != "test/") + ("lld/", "mlir-c/") + IR,
    "test": OURS + OTHERS,
}

# The C interface must compile wherever a C compiler is.
FREE_STANDING = ("stddef.h", "stdint.h")
# Expensive to include: a source may, a header would make everybody pay.
SOURCES_ONLY = ("mlir/Dialect/LLVMIR/", "mlir/Dialect/Linalg/",
                "mlir/Conversion/")
INCLUDE = re.compile(r'^[ \t]*#?[ \t]*include[ \t]+(["<])([^">]+)[">]',
                     re.MULTILINE)


def layer_of(path):
  """Returns the longest key of LAYERS that `path` lies in, or None."""
  homes = [home for home in LAYERS if path.startswith(home + "/")]
  return max(homes, key=len, default=None)


def may_use(path, layer):
  """Returns the prefixes that the file at `path` may include."""
  allowed = LAYERS[layer] + (path.rpartition("/")[0] + "/",)
  family = re.match(r"passes/rewrites/[^/]+/", path)
  if family:  # of the other families it sees nothing but the registry
    allowed = tuple(p for p in allowed if p != "passes/rewrites/")
    allowed += ("passes/rewrites/Registry.h", "passes/rewrites/Passes.h",
                family[0])
  return allowed


def judge(path, layer, quote, target):
  """Returns what is wrong with including `target`, or None."""
  if ".." in pathlib.PurePosixPath(target).parts:
    return f"spell {target} from the root of the repository or from include/"
  if layer == "include/heed-c" and quote == "<":
    if target not in FREE_STANDING:
      return f"include/heed-c may not include {target}"
  if path.endswith(".h") and target.startswith(SOURCES_ONLY):
    return f"a header may not include {target}, which is slow to compile"
  if target.startswith(OURS + OTHERS):
    if not target.startswith(may_use(path, layer)):
      return f"{layer} may not include {target}"
  elif quote == '"':
    return f"spell {target} from the root of the repository or from include/"
  return None


def check(root):
  for path, text in files(root, (".h", ".c", ".cpp", ".td", ".def", ".inc")):
    layer = layer_of(path)
    if layer is None:
      yield Fault(path, 1, "lies in no layer of check-layers.py")
      continue
    text = blank(text, strings=False)
    for match in INCLUDE.finditer(text):
      fault = judge(path, layer, match[1], match[2])
      if fault:
        yield Fault(path, line_of(text, match.start(1)), fault)


if __name__ == "__main__":
  sys.exit(main(check))
