#!/usr/bin/env python3
"""Runs a command with --prompt-ids=<content of a file> behind it."""

import pathlib
import subprocess
import sys

ids = pathlib.Path(sys.argv[1]).read_text().strip()
sys.exit(subprocess.call(sys.argv[2:] + [f"--prompt-ids={ids}"]))
