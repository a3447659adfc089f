# RUN: %python %s
"""What make-ptx.py makes of the text of nvcc, and whether what it has made
belongs to its source."""

import pathlib
import re
import shutil
import unittest

from planted import load

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ("runtime/cuda/Append.cu", "test/unit/runtime/Kernels.cu")


class MakePtx(unittest.TestCase):

  def test_tidies(self):
    text = ("//\n// Compiler Build ID: 1\n\n.version 9.0\n.target sm_80\n\n"
            ".visible .entry k()\n{\n\tmov.u32 \t%r1, %tid.x; // x\n\tret;\n\n"
            "}\n")
    self.assertEqual(
        load("make-ptx.py").tidy(text),
        ".version 8.0\n.target sm_80\n.visible .entry k()\n{\n"
        "  mov.u32 %r1, %tid.x;\n  ret;\n}\n")

  def test_has_made_all_kernels(self):
    for name in SOURCES:
      source = ROOT / name
      text = source.with_suffix(".ptx.inc").read_text()
      wanted = set(re.findall(r"(?m)^(?:KERNEL|extern .*\)) (\w+)\(W",
                              source.read_text()))
      self.assertTrue(wanted)
      self.assertEqual(set(re.findall(r"\.entry (\w+)\(", text)), wanted)
      self.assertTrue(text.startswith(f'R"ptx(// Made from {source.name} '))
      self.assertIn("\n.version 8.0\n.target sm_80\n", text)

  @unittest.skipUnless(shutil.which("nvcc") and shutil.which("ptxas"),
                       "needs nvcc and ptxas")
  def test_assembles(self):
    script = load("make-ptx.py")
    for name in SOURCES:
      text = (ROOT / name).with_suffix(".ptx.inc").read_text()
      for target in "sm_80", "sm_90":
        script.assemble(text.removeprefix('R"ptx(').removesuffix(')ptx"\n'),
                        target)

  def test_has_made_machine_code(self):
    text = (ROOT / "runtime/cuda/Append.sm_90.inc").read_text()
    note, _, numbers = text.partition("\n")
    self.assertTrue(note.startswith("// Made from Append.ptx.inc "))
    code = bytes(map(int, numbers.replace("\n", "").strip(",").split(",")))
    self.assertTrue(code.startswith(b"\x7fELF"))
    self.assertIn(b"\0.text.heed_append\0", code)


if __name__ == "__main__":
  unittest.main()
