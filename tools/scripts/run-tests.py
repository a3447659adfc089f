#!/usr/bin/env python3
"""Runs all tests of a built tree; the last line is "N passed, N failed".

usage: run-tests.py LIT [BUILD_FOLDER]

A lit file counts as one test, a unit test by its cases. A unit test program
that ends without a report counts as one failure.
"""

import collections
import os
import pathlib
import subprocess
import sys
import time
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parents[2]


def outcomes(report):
  """Counts the cases of one JUnit file: passed, failed, skipped."""
  count = collections.Counter()
  for case in xml.parse(report).iter("testcase"):
    if case.find("failure") is not None or case.find("error") is not None:
      count["failed"] += 1
    elif (case.find("skipped") is not None or case.get("status") in
          ("notrun", "disabled")):
      count["skipped"] += 1
    else:
      count["passed"] += 1
  return count


def run_lit(lit, build):
  report = build / "test" / "lit.xml"
  report.unlink(missing_ok=True)
  status = subprocess.run(
      [sys.executable, lit, "-sv", f"--xunit-xml-output={report}",
       build / "test"], check=False).returncode
  if not report.exists():
    return collections.Counter(failed=1)
  count = outcomes(report)
  count["failed"] += status != 0 and not count["failed"]
  return count


def run_unit_tests(build):
  reports = build / "test" / "unit-reports"
  reports.mkdir(exist_ok=True)
  for old in reports.glob("*.xml"):
    old.unlink()
  summary = build / "test" / "ctest.xml"
  summary.unlink(missing_ok=True)
  environment = dict(os.environ, GTEST_OUTPUT=f"xml:{reports}/")
  subprocess.run(
      ["ctest", "--test-dir", build, "--output-on-failure", "--quiet",
       "--parallel", str(os.cpu_count()), "--output-junit", summary],
      env=environment, check=False)
  count = collections.Counter()
  for case in xml.parse(summary).iter("testcase"):
    report = reports / f"{case.get('name')}.xml"
    if report.exists():
      inner = outcomes(report)
      inner["failed"] += case.get("status") == "fail" and not inner["failed"]
      count += inner
    elif case.get("status") == "run":
      count["passed"] += 1
    else:
      count["failed"] += 1
      print(f"{case.get('name')}: ended without a report")
  return count


def main(lit, build=ROOT / "build"):
  start = time.monotonic()
  build = pathlib.Path(build).resolve()
  count = run_unit_tests(build) + run_lit(lit, build)
  if count["skipped"]:
    print(f"{count['skipped']} skipped")
  print(f"testing took {time.monotonic() - start:.0f} s")
  print(f"{count['passed']} passed, {count['failed']} failed")
  return 0 if count["passed"] and not count["failed"] else 1


if __name__ == "__main__":
  sys.exit(main(*sys.argv[1:]))
