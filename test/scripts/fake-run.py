#!/usr/bin/env python3
"""Writes a file as heed-run --json does: FILE BITS_PER_BYTE [KL]."""

import json
import sys

path, bits, *kl = sys.argv[1:]
half = {"bits_per_byte": float(bits)}
if kl:
  half["compare"] = {"kl": float(kl[0]), "top1": 0.75}
rate = {"median": 20.0, "lowest": 10.0, "highest": 30.0}
with open(path, "w", encoding="utf-8") as file:
  json.dump({"device": "cpu (x86-64-v3)",
             "eval": {"windows": 3, "window": 32, "prefill": half,
                      "decode": half},
             "bench": {"tokens": 4, "new_tokens": 2, "rounds": 5,
                       "prefill": rate, "decode": rate}}, file)
