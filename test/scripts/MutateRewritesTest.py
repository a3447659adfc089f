# RUN: %python %s
"""Faults that are planted: where they go, and what counts as finding them."""

import pathlib
import tempfile
import unittest

import planted

script = planted.load("mutate-rewrites.py")

CRASH = """\
[ RUN      ] A.Holds
[       OK ] A.Holds (0 ms)
[ RUN      ] A.Breaks
out of memory
"""
ORDERLY = """\
[ RUN      ] A.Holds
[       OK ] A.Holds (0 ms)
[ RUN      ] A.Breaks/cpu
[  FAILED  ] A.Breaks/cpu, where GetParam() = cpu (3 ms)
[==========] 2 tests from 1 test suite ran. (3 ms total)
[  PASSED  ] 1 test.
[  FAILED  ] 1 test, listed below:
[  FAILED  ] A.Breaks/cpu, where GetParam() = cpu
"""
LIT = """\
PASS: heed :: passes/rewrites/sparse/A.mlir (1 of 2)
FAIL: heed :: passes/rewrites/skip/B.mlir (2 of 2)
********************
Failed Tests (1):
  heed :: passes/rewrites/skip/B.mlir
"""


class MutateRewritesTest(unittest.TestCase):

  def test_every_fault_has_its_place(self):
    self.assertEqual(script.choose(""), list(script.MUTATIONS))

  def test_a_fault_changes_one_place(self):
    fault = script.Mutation("off by one", "a.cpp", "i < n", "i <= n")
    self.assertEqual(script.mutate(fault, "i < n; j < n"), "i <= n; j < n")

  def test_a_fault_without_its_place_is_an_error(self):
    fault = script.Mutation("off by one", "a.cpp", "i < n", "i <= n")
    for text in ("i < m", "i < n; i < n"):
      with self.assertRaisesRegex(script.Failure, "wanted once"):
        script.mutate(fault, text)

  def test_the_copy_is_restored_whatever_happens(self):
    with tempfile.TemporaryDirectory() as folder:
      file = pathlib.Path(folder, "a.cpp")
      file.write_text("i < n", encoding="utf-8")
      fault = script.Mutation("off by one", "a.cpp", "i < n", "i <= n")
      with self.assertRaises(script.Failure):  # nothing to build there
        script.plant(fault, pathlib.Path(folder), pathlib.Path(folder), "lit")
      self.assertEqual(file.read_text(encoding="utf-8"), "i < n")

  def test_cases_that_fail_are_named_once(self):
    self.assertEqual(script.failed_cases(ORDERLY, 1), ["A.Breaks/cpu"])

  def test_a_program_that_ends_early_fails_where_it_was(self):
    self.assertEqual(script.failed_cases(CRASH, -6),
                     ["A.Breaks (ended early)"])

  def test_files_that_fail_are_named(self):
    self.assertEqual(script.failed_files(LIT), ["passes/rewrites/skip/B.mlir"])

  def test_a_fault_that_nothing_finds_is_said(self):
    self.assertEqual(script.describe([]), "NOT CAUGHT")
    self.assertEqual(script.describe(["a", "b"]), "caught by a and 1 more")


if __name__ == "__main__":
  unittest.main()
