#!/usr/bin/env python3
"""Compares heed-report's JSON with the formulas of the bundled model.

usage: check.py FOLDER: with dense.json, window.json and skip.json of the test
"""

import json
import pathlib
import sys

# docs-6m: layers, width, query heads, their groups, width of a head, hidden
# units, vocabulary; bytes of a number.
LAYERS, WIDTH, HEADS, GROUPS, HEAD, HIDDEN, WORDS = 8, 256, 4, 2, 64, 704, 256
BYTES = 2
MATRICES = 2 * WIDTH * HEADS * HEAD + 2 * WIDTH * GROUPS * HEAD + \
    3 * WIDTH * HIDDEN
ENTRY = 2 * GROUPS * HEAD * BYTES
EVERYTHING = 10**9


def seen(query, window, sinks):
  """Returns how many keys a query sees, its own included."""
  return sum(key > query - window or key < sinks for key in range(query + 1))


def work(batch, queries, layers, window=EVERYTHING, sinks=0):
  """Returns the multiply-adds of a step with queries at these positions."""
  pairs = sum(seen(query, window, sinks) for query in queries)
  layer = len(queries) * MATRICES + HEADS * pairs * 2 * HEAD
  return batch * (layers * layer + WIDTH * WORDS)


def expect(what, found, wanted):
  if found != wanted:
    sys.exit(f"{what}: found {found}, wanted {wanted}")


def check(report, tokens, batch, capacity, decoding, *mask):
  """Checks one side of a report; `decoding` are the layers decode runs."""
  expect("sizes", report["sizes"],
         {"tokens": tokens, "batch": batch, "capacity": capacity})
  prefill = work(batch, range(tokens), LAYERS, *mask)
  expect("prefill", report["prefill"]["multiply_adds"], prefill)
  expect("prefill per token", report["prefill"]["multiply_adds_per_token"],
         prefill / (tokens * batch))
  decode = work(batch, [tokens - 1], decoding, *mask)
  expect("decode", report["decode"]["multiply_adds"], decode)
  expect("decode per token", report["decode"]["multiply_adds_per_token"],
         decode / batch)
  cached = seen(tokens - 1, *(mask or (EVERYTHING, 0))) - 1
  expect("cache read", report["decode"]["cache_bytes_read"],
         batch * decoding * cached * ENTRY)
  entries = min(capacity, sum(mask)) if mask else capacity
  expect("kv", report["kv"], {
      "bytes_per_token": LAYERS * ENTRY,
      "bytes_per_token_after_decode": decoding * ENTRY,
      "bytes_full": batch * LAYERS * entries * ENTRY,
      "bytes_full_after_decode": batch * decoding * entries * ENTRY})
  for phase in ("prefill", "decode"):
    parts = [layer[phase] for layer in report["layers"] + [report["rest"]]]
    for key in parts[0]:
      expect(f"{phase}.{key}", sum(part[key] for part in parts),
             report[phase][key])


def main():
  folder = pathlib.Path(sys.argv[1])
  dense, window, skip = (json.loads((folder / f"{name}.json").read_text())
                         for name in ("dense", "window", "skip"))
  expect("keys of one module", list(dense), ["after"])
  check(dense["after"], 100, 3, 200, LAYERS)
  for report in (window, skip):
    check(report["before"], 1024, 1, 1024, LAYERS)
    expect("layers", [layer["index"] for layer in report["after"]["layers"]],
           list(range(LAYERS)))
    expect("mismatches", report["mismatches"], [])
    for key in ("multiply_adds", "cache_bytes_read", "weight_bytes"):
      expect(f"ratio of {key}", report["ratios"]["decode"][key],
             report["before"]["decode"][key] / report["after"]["decode"][key])
  expect("ratio of nothing", window["ratios"]["prefill"]["cache_bytes_read"],
         None)
  check(window["after"], 1024, 1, 1024, LAYERS, 256, 4)
  expect("masks", window["after"]["layers"][3]["masks"],
         ["causal, window = 256, sinks = 4"])
  expect("rewrites", window["after"]["rewrites"],
         [{"name": "attn-sliding-window", "options": "sinks=4 window=256",
           "layers": list(range(LAYERS))}])
  check(skip["after"], 1024, 1, 1024, LAYERS - 2)
  expect("prefill only", skip["after"]["prefill_only"], [5, 6])
  expect("phases of a layer", skip["after"]["layers"][5]["runs_in"],
         ["prefill"])


if __name__ == "__main__":
  main()
