#!/usr/bin/env python3
"""Checks the scores of the dense model and of one with a window of 32 keys."""

import json
import sys

dense, window = (json.load(open(path))["eval"] for path in sys.argv[1:])
for half in "prefill", "decode":
  assert dense[half]["tokens"] == window[half]["tokens"] == 3 * 512
  assert dense[half]["bytes"] == 3 * 512
  # The card: 1.24 and 1.17 on all windows; some of them scatter.
  assert 0.9 < dense[half]["bits_per_byte"] < 1.5, dense
  assert window[half]["bits_per_byte"] > dense[half]["bits_per_byte"] + 0.1
  compare = window[half]["compare"]
  assert 0.05 < compare["kl"] < 2 and 0.5 < compare["top1"] < 0.95, compare
