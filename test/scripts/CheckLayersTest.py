# RUN: %python %s
"""Plants forbidden includes and sees check-layers.py find them."""

import unittest

from planted import PlantedTest


def include(*headers):
  return "".join(f"#include {header}\n" for header in headers)


class CheckLayers(PlantedTest):
  script = "check-layers.py"

  def test_accepts_what_lies_below(self):
    self.accepts("passes/rewrites/sparse/A.cpp", include(
        '"dialects/attn/Attn.h"', '"passes/framework/Rewrite.h"',
        '"heed/Cost/Cost.h"', '"passes/rewrites/Registry.h"',
        '"mlir/IR/Builders.h"', "<vector>"))
    self.accepts("lib/Weights/A.cpp", include(
        '"heed/Weights/A.h"', '"lib/Weights/Private.h"',
        '"llvm/Support/JSON.h"'))
    self.accepts("tools/heed-run/A.cpp", include(
        '"heed-c/Runtime.h"', '"passes/InitAll.h"', '"mlir/IR/AsmState.h"'))
    self.accepts("test/unit/lib/ATest.cpp", include(
        '"heed/A.h"', "<gtest/gtest.h>", '"runtime/Status.h"'))
    self.accepts("include/heed-c/A.h", include("<stdint.h>", '"heed-c/B.h"'))

  def test_ignores_comments(self):
    self.accepts("runtime/A.cpp", '// #include "heed/A.h"\n'
                 '/*\n#include "heed/A.h"\n*/\n')

  def test_rejects_what_lies_above(self):
    for path, header in (
        ("include/heed-c/A.h", "<stdbool.h>"),
        ("include/heed-c/A.h", '"heed/A.h"'),
        ("include/heed/A.h", '"mlir/IR/Builders.h"'),
        ("lib/Cost/A.cpp", '"dialects/attn/Attn.h"'),
        ("lib/Cost/A.cpp", "<mlir/IR/Builders.h>"),
        ("lib/Cost/A.cpp", '"Eigen/Dense"'),
        ("lib/Cost/A.cpp", '<unicode/regex.h>'),
        ("dialects/attn/A.td", '"dialects/tile/Tile.td"'),
        ("dialects/interfaces/A.cpp", '"dialects/attn/Attn.h"'),
        ("passes/framework/A.cpp", '"passes/import/Passes.h"'),
        ("passes/import/A.cpp", '"passes/rewrites/Registry.h"'),
        ("passes/analysis/A.cpp", '"passes/lower/Passes.h"'),
        ("passes/rewrites/sparse/A.cpp", '"passes/rewrites/skip/B.h"'),
        ("passes/rewrites/sparse/A.cpp", '"dialects/tile/Tile.h"'),
        ("passes/lower/cpu/A.cpp", '"passes/rewrites/Registry.h"'),
        ("passes/pipelines/A.cpp", '"tools/heed-run/A.h"'),
        ("passes/InitAll.cpp", '"runtime/Status.h"'),
        ("runtime/A.cpp", '"heed/Weights/A.h"'),
        ("runtime/A.cpp", '"llvm/ADT/SmallVector.h"'),
        ("tools/heed-run/A.cpp", '"test/unit/A.h"')):
      text = include(header)
      if path.endswith(".td"):
        text = text.removeprefix("#")
      self.rejects(path, text, f"{path}:1: error: ")

  def test_rejects_slow_headers(self):
    llvm = include('"mlir/Dialect/LLVMIR/LLVMDialect.h"')
    self.accepts("passes/lower/cpu/A.cpp", llvm)
    self.rejects("passes/lower/cpu/A.h", llvm, "slow to compile")

  def test_rejects_other_spellings(self):
    self.rejects("lib/Cost/A.cpp", include('"../Support/A.h"'), "from the root")
    self.rejects("lib/Cost/A.cpp", include('"A.h"'), "from the root")

  def test_rejects_folders_without_layer(self):
    self.rejects("dialects/mesh/A.cpp", "\n", "lies in no layer")


if __name__ == "__main__":
  unittest.main()
