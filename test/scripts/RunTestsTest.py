# RUN: %python %s
"""Lets run-tests.py count a folder of tests whose outcomes are known."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

from planted import SCRIPTS

# Stands in for lit: writes the report that it is given.
LIT = """
import sys
report = [a.partition("=")[2] for a in sys.argv if "--xunit" in a][0]
open(report, "w").write('''{report}''')
sys.exit({status})
"""
CASE = '<testcase name="{}">{}</testcase>'
PASS, SKIP = CASE.format("a", ""), CASE.format("b", "<skipped/>")
FAIL = CASE.format("c", "<failure>no</failure>")


def suite(*cases):
  return f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>"


class RunTests(unittest.TestCase):

  def run_tests(self, lit_cases, lit_status, programs):
    """`programs` maps the name of a unit test to its shell script."""
    with tempfile.TemporaryDirectory() as folder:
      build = pathlib.Path(folder)
      (build / "test").mkdir()
      (build / "lit.py").write_text(
          LIT.format(report=suite(*lit_cases), status=lit_status))
      lines = [f'add_test({name} sh -c [=[{script}]=])\n'
               for name, script in programs.items()]
      (build / "CTestTestfile.cmake").write_text("".join(lines))
      out = subprocess.run(
          [sys.executable, SCRIPTS / "run-tests.py", build / "lit.py", build],
          capture_output=True, text=True, check=False)
    return out.returncode, out.stdout.splitlines()[-1], out.stdout

  def program(self, *cases, status=0):
    """A unit test that reports `cases`, as gtest does, into $GTEST_OUTPUT."""
    return (f"echo '{suite(*cases)}' >\"${{GTEST_OUTPUT#xml:}}\"unit-test.xml; "
            f"exit {status}")

  def test_counts_cases(self):
    status, last, out = self.run_tests(
        [PASS, PASS, SKIP], 0, {"unit-test": self.program(PASS, PASS, PASS)})
    self.assertEqual((status, last), (0, "5 passed, 0 failed"), out)
    self.assertIn("1 skipped", out)

  def test_counts_failures(self):
    status, last, out = self.run_tests(
        [PASS, FAIL], 1, {"unit-test": self.program(PASS, FAIL, status=1)})
    self.assertEqual((status, last), (1, "2 passed, 2 failed"), out)

  def test_a_crash_is_a_failure(self):
    for script in ("kill -SEGV $$", "exit 3"):
      status, last, out = self.run_tests([PASS], 0, {"unit-test": script})
      self.assertEqual((status, last), (1, "1 passed, 1 failed"), out)
    status, last, out = self.run_tests(
        [PASS], 0, {"unit-test": self.program(PASS, status=3)})
    self.assertEqual((status, last), (1, "2 passed, 1 failed"), out)
    status, last, out = self.run_tests([PASS], 2, {"unit-test": "exit 0"})
    self.assertEqual((status, last), (1, "2 passed, 1 failed"), out)

  def test_no_test_is_a_failure(self):
    status, last, _ = self.run_tests([], 0, {})
    self.assertEqual((status, last), (1, "0 passed, 0 failed"))


if __name__ == "__main__":
  unittest.main()
