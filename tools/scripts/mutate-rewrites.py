#!/usr/bin/env python3
# This file is part of Heed, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Plants faults in the rewrites and demands that a test finds each of them.

usage: mutate-rewrites.py [--folder FOLDER] [--only WORDS] [--list]

Copies the tree to FOLDER (default: build/mutations), builds heed-opt and
heed-rewrites-test there, and then, for one fault after the other, builds the
copy with it and runs that program and the lit tests of the rewrites. Prints a
line for each fault with the tests that failed; the last line is "N of N
mutations caught". The tree itself is never changed. Takes some minutes; a
second run need not build everything again.
"""

import argparse
import dataclasses
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGETS = ("heed-opt", "heed-rewrites-test")
LIT_TESTS = ("passes/framework", "passes/rewrites")
SECONDS = 600


@dataclasses.dataclass(frozen=True)
class Mutation:
  what: str
  path: str
  old: str  # Stands once in the file at `path`.
  new: str


WINDOW = "passes/framework/Window.cpp"
SKIPPING = "passes/rewrites/skip/UnifiedLayerSkipping.cpp"

MUTATIONS = (
    Mutation("a query sees one key more", WINDOW,
             "ArrayRef<int64_t>(window.keys),",
             "ArrayRef<int64_t>({window.keys + 1}),"),
    Mutation("a query sees one key less", WINDOW,
             "ArrayRef<int64_t>(window.keys),",
             "ArrayRef<int64_t>({window.keys - 1}),"),
    Mutation("the mask has no sinks", WINDOW,
             "window.sinks ? ArrayRef", "false ? ArrayRef"),
    # One entry less and one slot later change no result: a query brings its own
    # key, so of a full ring the oldest entry is never seen again.
    Mutation("the ring is two entries smaller than the window", WINDOW,
             "field.window = window.keys;", "field.window = window.keys - 2;"),
    Mutation("the ring keeps no sinks", WINDOW,
             "field.sinks = window.sinks;", "field.sinks = 0;"),
    Mutation("mask and ring are one key narrower", WINDOW,
             "void setWindow(attn::LayerOp layer, Window window, RewriterBase "
             "&rewriter) {",
             "void setWindow(attn::LayerOp layer, Window window, RewriterBase "
             "&rewriter) {\n  --window.keys;"),
    Mutation("mask and ring have no sinks", WINDOW,
             "void setWindow(attn::LayerOp layer, Window window, RewriterBase "
             "&rewriter) {",
             "void setWindow(attn::LayerOp layer, Window window, RewriterBase "
             "&rewriter) {\n  window.sinks = 0;"),
    Mutation("a compiled ring begins two slots late", "runtime/Device.h",
             "sinks + (n - sinks) % (capacity - sinks)",
             "sinks + (n - sinks + 2) % (capacity - sinks)"),
    Mutation("the ring of the reference overwrites sinks",
             "lib/Reference/Cache.cpp",
             "return layout.sinks + (index - layout.sinks) % "
             "(entries - layout.sinks);", "return index % entries;"),
    Mutation("the last layer is skipped, the one before kept", SKIPPING,
             "ordinal == n - 1", "ordinal == n - 2"),
    Mutation("the interval is n / m", SKIPPING,
             "int64_t interval = n / (m - 1);", "int64_t interval = n / m;"),
    Mutation("one kept layer too few", SKIPPING,
             "ordinal / interval <= m - 2", "ordinal / interval < m - 2"),
    Mutation("the number of kept layers is rounded up", SKIPPING,
             "std::floor(static_cast", "std::ceil(static_cast"),
    Mutation("prefill skips too", SKIPPING,
             "attn::InPhaseOp::create(rewriter, loc, attn::Phase::Decode)",
             "arith::ConstantOp::create(rewriter, loc, "
             "rewriter.getBoolAttr(true))"),
    Mutation("prefill skips, decode does not", SKIPPING,
             "attn::Phase::Decode", "attn::Phase::Prefill"),
    Mutation("caches of skipped layers are kept for good", SKIPPING,
             "field.untilDecode = true;", "field.untilDecode = false;"),
    Mutation("phases are said to be the same", SKIPPING,
             "Phases::Differ", "Phases::Same"),
)


class Failure(Exception):
  """What makes the whole run meaningless."""


def mutate(mutation, text):
  """Returns `text` with the fault. A fault that has lost its place, because
  the source has changed, must be planted anew."""
  count = text.count(mutation.old)
  if count != 1:
    raise Failure(f'{mutation.path}: found "{mutation.old}" {count} times, '
                  f"wanted once, for the fault '{mutation.what}'")
  return text.replace(mutation.old, mutation.new)


def run(command, **options):
  return subprocess.run([str(word) for word in command], check=False, text=True,
                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                        **options)


def copy_tree(source):
  """Makes `source` like our tree; files that are equal keep their time, so that
  they need not be compiled again."""
  listed = run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard"])
  if listed.returncode:
    raise Failure(listed.stdout)
  paths = {path for path in listed.stdout.splitlines()
           if (ROOT / path).is_file()}
  for old in source.rglob("*"):
    if old.is_file() and old.relative_to(source).as_posix() not in paths:
      old.unlink()
  for path in sorted(paths):
    to, data = source / path, (ROOT / path).read_bytes()
    if not to.is_file() or to.read_bytes() != data:
      to.parent.mkdir(parents=True, exist_ok=True)
      to.write_bytes(data)
      to.chmod((ROOT / path).stat().st_mode)


def configure(source, build):
  done = run(["cmake", "--preset", "default", "-B", build, "-S", source],
             cwd=source)
  if done.returncode:
    raise Failure(done.stdout)
  cache = (build / "CMakeCache.txt").read_text(encoding="utf-8")
  lit = re.search(r"^LLVM_EXTERNAL_LIT:\w+=(.+)$", cache, re.MULTILINE)
  if not lit:
    raise Failure(f"{build}/CMakeCache.txt: found no LLVM_EXTERNAL_LIT")
  return lit[1]


def compile_tree(build):
  done = run(["ninja", "-C", build, "-j", os.cpu_count(), *TARGETS])
  if done.returncode:
    raise Failure(done.stdout)


def failed_cases(output, status):
  """Returns the cases of a gtest program that failed, in order. One that ended
  early has failed in the case that it was in."""
  started = re.findall(r"^\[ RUN      \] (\S+)", output, re.MULTILINE)
  failed = dict.fromkeys(
      re.findall(r"^\[  FAILED  \] ([^\s,]+\.[^\s,]+)", output, re.MULTILINE))
  ended = re.search(r"^\[  (PASSED|FAILED)  \] \d+ tests?", output,
                    re.MULTILINE)
  if status and not ended:
    failed[(started or ["heed-rewrites-test"])[-1] + " (ended early)"] = None
  return list(failed)


def failed_files(output):
  """Returns the files that lit says have failed."""
  return re.findall(r"^(?:FAIL|TIMEOUT|UNRESOLVED): heed :: (\S+)", output,
                    re.MULTILINE)


def find_failures(build, lit):
  """Runs the tests of the built copy and names those that failed."""
  try:
    unit = run([build / "bin/tests/heed-rewrites-test"], timeout=SECONDS)
    failed = failed_cases(unit.stdout, unit.returncode)
  except subprocess.TimeoutExpired:
    failed = [f"heed-rewrites-test (not done in {SECONDS} s)"]
  files = run([sys.executable, lit,
               *(build / "test" / folder for folder in LIT_TESTS)])
  failed += failed_files(files.stdout)
  if files.returncode and not failed:
    raise Failure(files.stdout)
  return failed


def plant(mutation, source, build, lit):
  """Returns the tests that fail with the fault in the copy."""
  file = source / mutation.path
  before = file.read_text(encoding="utf-8")
  file.write_text(mutate(mutation, before), encoding="utf-8")
  try:
    compile_tree(build)
    return find_failures(build, lit)
  finally:
    file.write_text(before, encoding="utf-8")


def describe(failed):
  if not failed:
    return "NOT CAUGHT"
  more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
  return f"caught by {failed[0]}{more}"


def choose(words):
  """Returns the faults of which file or name contains `words`; all of them must
  have their place in our tree."""
  for mutation in MUTATIONS:
    mutate(mutation, (ROOT / mutation.path).read_text(encoding="utf-8"))
  chosen = [m for m in MUTATIONS if words in f"{m.path} {m.what}"]
  if not chosen:
    raise Failure(f"found no fault with '{words}' in its name or file")
  return chosen


def main(arguments):
  parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
  parser.add_argument("--folder", type=pathlib.Path,
                      default=ROOT / "build" / "mutations")
  parser.add_argument("--only", default="", metavar="WORDS")
  parser.add_argument("--list", action="store_true")
  options = parser.parse_args(arguments)
  chosen = choose(options.only)
  if options.list:
    for mutation in chosen:
      print(f"{mutation.path}: {mutation.what}")
    return 0
  source, build = (options.folder.resolve() / name
                   for name in ("source", "build"))
  source.mkdir(parents=True, exist_ok=True)
  copy_tree(source)
  lit = configure(source, build)
  compile_tree(build)
  if failed := find_failures(build, lit):
    raise Failure(f"without any fault: {describe(failed)}")
  caught = 0
  for mutation in chosen:
    failed = plant(mutation, source, build, lit)
    caught += bool(failed)
    name = pathlib.PurePosixPath(mutation.path).stem
    print(f"{name}: {mutation.what}: {describe(failed)}", flush=True)
  print(f"{caught} of {len(chosen)} mutations caught")
  return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
  try:
    sys.exit(main(sys.argv[1:]))
  except Failure as failure:
    sys.exit(f"mutate-rewrites: error: {failure}")
