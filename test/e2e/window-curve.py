#!/usr/bin/env python3
"""Scores sliding windows of several widths: BIN FOLDER TEXT EVAL_WINDOWS.

BIN holds heed-opt and heed-run, FOLDER dense.mlir and dense.json. Demands that
the cost over the dense model falls from width to width, and that 512 keys cost
at most 0.02 bits per byte.
"""

import json
import pathlib
import subprocess
import sys

WIDTHS = (32, 64, 128, 256, 512)


def score(path):
  return json.loads(path.read_text())["eval"]["decode"]["bits_per_byte"]


def main(programs, folder, text, windows):
  programs, folder = pathlib.Path(programs), pathlib.Path(folder)
  dense = score(folder / "dense.json")
  print(f"dense  {dense:.4f} bits per byte, decode half, {windows} windows")
  costs = []
  for width in WIDTHS:
    module, result = folder / f"{width}.mlir", folder / f"{width}.json"
    option = f"--attn-sliding-window=window={width} sinks=4"
    subprocess.run([programs / "heed-opt", folder / "dense.mlir", option,
                    "-o", module], check=True)
    subprocess.run([programs / "heed-run", module, "--eval", text,
                    "--eval-windows", windows, "--eval-batch", windows,
                    "--json", result], check=True, stdout=subprocess.DEVNULL)
    costs.append(score(result) - dense)
    print(f"{width:5}  {score(result):.4f}, {costs[-1]:+.4f}", flush=True)
  assert all(a > b for a, b in zip(costs, costs[1:])), costs
  assert costs[0] >= 0.2 and costs[-1] <= 0.02, costs


if __name__ == "__main__":
  main(*sys.argv[1:])
