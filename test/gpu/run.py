#!/usr/bin/env python3
"""Checks the models of a bundle on a GPU; README.md says how it came here.

  run.py                     every check; the last line is "N passed, N failed"
  run.py --only 'qwen3*'     the models whose names match
  run.py --sanitize          small models under compute-sanitizer instead
  run.py --device cpu        the same checks without a GPU, to try the script

Needs Python 3.10, and nothing but what lies beside this file.
"""

import argparse
import fnmatch
import pathlib
import re
import subprocess
import sys
import tempfile

import checks
import sanitize

FOLDER = pathlib.Path(__file__).resolve().parent


def run_program(report, name, command, wanted):
  """Runs a program of ours that checks something; `wanted` is a pattern of its
  last lines."""
  done = subprocess.run(command, capture_output=True, text=True)
  found = re.search(wanted, done.stdout)
  lines = (done.stderr or done.stdout).strip().split("\n")
  report.add(name, done.returncode == 0 and found,
             found[0] if found else lines[-1])


def check_programs(report):
  run_program(report, "emulator against hardware",
              [FOLDER / "bin" / "check-hardware", FOLDER / "snippets"],
              r"\d+ of \d+ cases agree")
  run_program(report, "conformance of the device",
              [FOLDER / "bin" / "heed-runtime-test",
               "--gtest_filter=*Conformance*/cuda"],
              r"PASSED\W+[1-9]\d* tests?")


def main():
  parser = argparse.ArgumentParser(
      description=__doc__.split("\n\n")[0],
      formatter_class=argparse.RawDescriptionHelpFormatter)
  parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
  parser.add_argument("--only", default="*", metavar="PATTERN")
  parser.add_argument("--sanitize", action="store_true")
  options = parser.parse_args()
  report = checks.Report()
  with tempfile.TemporaryDirectory() as work:
    bundle = checks.Bundle(FOLDER, pathlib.Path(work), options.device)
    if options.sanitize:
      sanitize.check(bundle, report, options.only)
    else:
      for case in bundle.cases:
        if fnmatch.fnmatch(case["name"], options.only):
          checks.check_case(bundle, report, case)
      if options.device == "cuda" and options.only == "*":
        checks.check_loading(bundle, report)
        check_programs(report)
  if bundle.devices:
    print("on " + ", ".join(sorted(bundle.devices)))
  print(f"{report.passed} passed, {report.failed} failed")
  sys.exit(report.failed or not report.passed)


if __name__ == "__main__":
  main()
