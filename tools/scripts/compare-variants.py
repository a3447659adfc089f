#!/usr/bin/env python3
"""Prints one table that compares variants of a model with the dense one.

usage: compare-variants.py FOLDER VARIANT...

For each variant, FOLDER holds VARIANT.report.json (heed-report --json) and
VARIANT.run.json (heed-run --eval --bench --json, and --compare but for the
dense one).
"""

import json
import pathlib
import sys


def read(folder, variant):
  """Returns the numbers of one column, in the order of ROWS."""
  report = json.loads((folder / f"{variant}.report.json").read_text())["after"]
  run = json.loads((folder / f"{variant}.run.json").read_text())
  column = []
  for phase in "prefill", "decode":
    half = run["eval"][phase]
    compare = half.get("compare")  # the baseline has none
    column += [f"{half['bits_per_byte']:.4f}",
               f"{compare['kl']:.4f}" if compare else "-",
               f"{100 * compare['top1']:.2f} %" if compare else "-"]
  for phase in "prefill", "decode":
    column.append(f"{report[phase]['multiply_adds_per_token'] / 1e6:.2f} M")
  kv = report["kv"]
  column += [f"{kv['bytes_per_token_after_decode']:.0f}",
             f"{kv['bytes_full'] / 1024:.0f} KiB",
             f"{kv['bytes_full_after_decode'] / 1024:.0f} KiB"]
  for phase in "prefill", "decode":
    rate = run["bench"][phase]
    column.append(f"{rate['median']:.0f} ({rate['lowest']:.0f} to "
                  f"{rate['highest']:.0f})")
  return column


ROWS = ("bits per byte, prefill half", "  KL to dense, nats",
        "  top-1 as dense", "bits per byte, decode half",
        "  KL to dense, nats", "  top-1 as dense",
        "multiply-adds per token, prefill", "multiply-adds per token, decode",
        "KV bytes per decoded token", "KV of a full cache, prefill",
        "KV of a full cache, decode", "prefill tokens/s", "decode tokens/s")


def main(folder, *variants):
  folder = pathlib.Path(folder)
  columns = [read(folder, variant) for variant in variants]
  widths = [max(map(len, [variant] + column))
            for variant, column in zip(variants, columns)]
  label = max(map(len, ROWS))
  run = json.loads((folder / f"{variants[0]}.run.json").read_text())
  print(f"on {run['device']}; {run['eval']['windows']} windows of "
        f"{run['eval']['window']} bytes; "
        f"rates: {run['bench']['tokens']} tokens prefilled, "
        f"{run['bench']['new_tokens']} decoded, median of "
        f"{run['bench']['rounds']}")
  print(" " * label, *(f"{variant:>{width}}"
                       for variant, width in zip(variants, widths)), sep="  ")
  for i, name in enumerate(ROWS):
    print(f"{name:<{label}}", *(f"{column[i]:>{width}}"
                                for column, width in zip(columns, widths)),
          sep="  ")


if __name__ == "__main__":
  if len(sys.argv) < 3:
    sys.exit(__doc__)
  main(*sys.argv[1:])
