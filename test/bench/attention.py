#!/usr/bin/env python3
"""Our attention kernels against PyTorch's, checked and timed in one process.

Needs a GPU, PyTorch and a folder of kernels that heed-bench-kernels wrote; see
README.md. --dry-run prints the plan and needs neither GPU nor PyTorch.
"""

import argparse
import fnmatch
import pathlib
import sys
import time

import kernels
import results

HERE = pathlib.Path(__file__).resolve().parent
ROUNDS, QUICK_ROUNDS = 40, 10
ISOLATED_ROUNDS, PAUSE = 8, 0.2
CEILING_ROUNDS = 200


def parse_arguments(arguments):
  parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
  parser.add_argument("--kernels", type=pathlib.Path, metavar="DIR",
                      default=HERE / "out", help="what heed-bench-kernels "
                      "wrote (default: out beside this file)")
  parser.add_argument("--rows", default="", metavar="PATTERN",
                      help="only rows whose name matches, * and ? allowed")
  parser.add_argument("--rounds", type=int, help=f"default: {ROUNDS}")
  parser.add_argument("--parts", type=int, action="append", default=[],
                      metavar="N", help="time decode in N parts too; may be "
                      "given more than once")
  parser.add_argument("--out", type=pathlib.Path, metavar="FILE",
                      help="default: results/attention-DEVICE.json here")
  parser.add_argument("--quick", action="store_true",
                      help=f"{QUICK_ROUNDS} rounds, no isolated rates")
  parser.add_argument("--dry-run", action="store_true",
                      help="print rows, kernels, words and grids only")
  options = parser.parse_args(arguments)
  if options.rounds is None:
    options.rounds = QUICK_ROUNDS if options.quick else ROUNDS
  if options.rounds < 1:
    parser.error(f"found {options.rounds} rounds, wanted 1 or more")
  return options


def select(rows, pattern):
  """Returns the rows that match, those that are only checked first."""
  chosen = {row: builds for row, builds in rows.items()
            if fnmatch.fnmatch(row.name, f"*{pattern}*")}
  if not chosen:
    raise ValueError(f"--rows: found no row like '{pattern}', wanted one of "
                     + ", ".join(row.name for row in rows))
  return dict(sorted(chosen.items(), key=lambda item: item[0].timed))


def add_parts(rows, numbers):
  """Adds decode in as many parts as told, of the build without a name."""
  for row, builds in rows.items():
    if row.is_decode:
      builds += [kernel.divided(parts) for kernel in list(builds)
                 for parts in numbers if not kernel.variant]


def print_plan(rows, multiprocessors=132):
  for row, builds in rows.items():
    print(f"{row.name}: {'timed' if row.timed else 'checked'}, "
          f"{row.pairs} pairs a head")
    for kernel in builds:
      parts = kernels.choose_parts(row, kernel, multiprocessors)
      for launch in kernel.launches:
        values = kernels.word_values(launch, row, {}, parts)
        words = ", ".join(
            word if word.startswith(("argument", "result", "workspace"))
            else f"{word} = {value}"
            for word, value in zip(launch.words, values))
        programs = launch.programs(values)
        blocks = launch.blocks(values, multiprocessors)
        inside = f" in {blocks} blocks" if launch.persistent else ""
        print(f"  {kernel.name} {kernel.image.name} {launch.symbol}: "
              f"{programs} programs{inside} of {launch.threads} threads, "
              f"{launch.shared_bytes} bytes shared, parameters of "
              f"{launch.block_bytes} bytes, {len(launch.maps)} maps; {words}")


class Benchmark:
  """Runs rows one after the other, and keeps what came out."""

  def __init__(self, options, driver):
    self._options, self._driver = options, driver
    self._isolated = 0 if options.quick else ISOLATED_ROUNDS
    self.entries, self.wrong, self.ceilings = [], [], {}

  def measure_ceilings(self):
    import device
    rounds = CEILING_ROUNDS // (4 if self._options.quick else 1)
    self.ceilings = device.ceilings(rounds, self._isolated, PAUSE)
    print(f"ceilings: {self.ceilings}", flush=True)

  def run_all(self, rows):
    """Runs rows until the device fails, which ends every use of it."""
    for row, builds in rows.items():
      try:
        self._run(row, builds)
      except RuntimeError as error:
        self.wrong.append(f"{row.name}: {error}")
        break

  def _run(self, row, builds):
    import torch
    from contenders import Inputs, make_peers
    start = time.time()
    print(f"{row.name}:", flush=True)
    torch.manual_seed(1)
    inputs = Inputs(row)
    ours = self._make_ours(row, builds, inputs)
    peers = make_peers(row, inputs) if row.timed else []
    peers = [peer for peer in peers if self._accept_peer(row, inputs, peer)]
    if row.timed and ours:
      self._time(row, inputs, ours + peers)
    del inputs, ours, peers
    torch.cuda.empty_cache()
    print(f"  {time.time() - start:.1f} s", flush=True)

  def _make_ours(self, row, builds, inputs):
    """Returns our variants that are right."""
    from contenders import Ours
    right = []
    for kernel in builds:
      print(f"  {kernel.name}: {kernel.remarks()}", flush=True)
      try:
        contender = Ours(self._driver, kernel, row, inputs)
      except RuntimeError as error:  # This one cannot be loaded.
        self.wrong.append(f"{row.name}: {kernel.name}: {error}")
        continue
      copies = sorted({0, inputs.copies - 1})
      if all([self._check(row, inputs, contender, copy) for copy in copies]):
        right.append(contender)
      else:
        self.wrong.append(f"{row.name}: {kernel.name} is not right")
    return right

  def _check(self, row, inputs, contender, copy):
    import torch
    from reference import check
    output = contender(copy)
    torch.cuda.synchronize()
    errors = check(row, inputs.query, inputs.keys[copy], inputs.values[copy],
                   output)
    print(f"  check {contender.name}: {errors}", flush=True)
    return errors.is_right

  def _accept_peer(self, row, inputs, peer):
    """Says what a peer runs; returns whether it is what its name says."""
    from contenders import profile
    try:
      is_right = self._check(row, inputs, peer, 0)
      names = profile(peer)
    except RuntimeError as error:  # What PyTorch raises for no kernel.
      reason = str(error).strip().split("\n", maxsplit=1)[0]
      print(f"  {peer.name} dropped: {reason[:200]}")
      return False
    for name, microseconds in names.items():
      print(f"  {peer.name} runs {name[:100]} ({microseconds:.0f} us)")
    if not names:
      print(f"  {peer.name}: the profiler saw no kernels, none is checked")
    fallback = peer.find_fallback(names)
    if fallback or not is_right:
      print(f"  {peer.name} dropped: {fallback or 'its result is wrong'}")
    return is_right and not fallback

  def _time(self, row, inputs, contenders):
    from rounds import Sample, interleave
    samples = {contender.name: Sample(contender, inputs.copies, row.is_decode)
               for contender in contenders}
    modes = {"sustained": (self._options.rounds, 0)}
    if self._isolated:
      modes["isolated"] = (self._isolated, PAUSE)
    for rate, (rounds, pause) in modes.items():
      times = interleave(samples, rounds, pause)
      ceiling = self.ceilings[row.unit][rate]
      entries = results.make_entries(row, rate, times, ceiling)
      self.entries += entries
      for entry in entries:
        print(results.describe(entry), flush=True)


def run(options, rows, commits):
  """Runs all rows on the GPU and writes the file; returns the exit status."""
  import torch
  import device
  from driver import Driver
  if not torch.cuda.is_available():
    raise RuntimeError("found no GPU that PyTorch can use, wanted one")
  torch.zeros(1, device="cuda")  # Makes the context that the driver works in.
  name = torch.cuda.get_device_name()
  before = device.state()
  print(f"{name}, PyTorch {torch.__version__}: {before}")
  benchmark = Benchmark(options, Driver())
  if any(row.timed for row in rows):
    benchmark.measure_ceilings()
  benchmark.run_all(rows)
  after = device.state()
  print(f"afterwards: {after}")
  file = f"attention-{results.slug(name)}.json"
  path = options.out or HERE / "results" / file
  results.write(
      path, name, commits.get("", next(iter(commits.values()))),
      " ".join(["attention.py", *sys.argv[1:]]), benchmark.ceilings,
      benchmark.entries, torch=torch.__version__, variants=commits,
      before=before, after=after, wrong=benchmark.wrong)
  print(f"wrote {path}")
  for text in benchmark.wrong:
    print(f"wrong: {text}")
  return 1 if benchmark.wrong else 0


def main(arguments):
  options = parse_arguments(arguments)
  try:
    rows, commits = kernels.load(options.kernels)
    rows = select(rows, options.rows)
    add_parts(rows, options.parts)
    if options.dry_run:
      print_plan(rows)
      return 0
    return run(options, rows, commits)
  except (OSError, RuntimeError, ValueError) as error:
    print(f"attention.py: error: {error}", file=sys.stderr)
    return 2


if __name__ == "__main__":
  sys.exit(main(sys.argv[1:]))
