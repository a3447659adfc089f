#!/usr/bin/env python3
"""Runs a command and fails if it takes more time or memory than allowed."""

import argparse
import os
import sys
import time


def main():
  parser = argparse.ArgumentParser(description=__doc__)
  parser.add_argument("--seconds", type=float, required=True)
  parser.add_argument("--megabytes", type=float, required=True)
  parser.add_argument("command", nargs=argparse.REMAINDER)
  options = parser.parse_args()
  start = time.monotonic()
  child = os.spawnvp(os.P_NOWAIT, options.command[0], options.command)
  _, status, usage = os.wait4(child, 0)
  seconds, megabytes = time.monotonic() - start, usage.ru_maxrss / 1024
  print(f"{os.path.basename(options.command[0])}: {seconds:.2f} s of "
        f"{options.seconds:g}, {megabytes:.0f} MB of {options.megabytes:g}")
  return (os.waitstatus_to_exitcode(status) != 0 or
          seconds > options.seconds or megabytes > options.megabytes)


if __name__ == "__main__":
  sys.exit(main())
