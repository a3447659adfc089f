# RUN: %python %s
"""Plants a crooked source and sees check-format.py find it."""

import shutil
import unittest

from planted import PlantedTest


@unittest.skipUnless(shutil.which("clang-format-22"), "needs clang-format-22")
class CheckFormat(PlantedTest):
  script = "check-format.py"
  style = (".clang-format", "BasedOnStyle: LLVM\n")

  def test_accepts_llvm_style(self):
    self.accepts("lib/A.cpp", "int f() { return 1; }\n", style=self.style)

  def test_rejects_other_style(self):
    self.rejects("lib/A.cpp", "int f(){return  1;}\nint g(){return  1;}\n",
                 "lib/A.cpp:1: error: not laid out", style=self.style)

  def test_leaves_records_alone(self):
    self.accepts("dialects/attn/A.td", "def  A :B ;\n", style=self.style)


if __name__ == "__main__":
  unittest.main()
