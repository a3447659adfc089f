#!/usr/bin/env python3
"""Fails where an op or a pass is not documented, or its example is not IR.

usage: check-examples.py [HEED_OPT]

Every op and pass record has a summary (capital first, no full stop), a
description and in it at least one ```mlir example. Every example is parsed and
verified by heed-opt: as a whole file, or as the body of a function whose
arguments are the values that the example uses but does not define. A line that
is only `...` is left out, and an op may be shown without the op around it.
"""

import dataclasses
import re
import subprocess
import sys

from sources import Fault, files, line_of, main

RECORD = re.compile(
    r"^def (?P<name>\w+)\s*:\s*\w*(?:Op|Pass)\s*<(?P<body>.*?)(?=^def |\Z)",
    re.MULTILINE | re.DOTALL)
SUMMARY = re.compile(r'let summary\s*=\s*((?:"[^"]*"\s*)+);')
DESCRIPTION = re.compile(r"let description\s*=\s*\[\{(.*?)\}\];", re.DOTALL)
EXAMPLE = re.compile(r"^[ \t]*```mlir\n(.*?)^[ \t]*```", re.M | re.S)
SEPARATOR = "\n// -----\n"
ROUNDS = 24
# What an op says that would be right inside another one.
SURROUNDINGS = re.compile(r"'[\w.]+' op expects (parent op|to stand inside)")


@dataclasses.dataclass
class Example:
  path: str
  line: int
  text: str
  # What the example uses but does not define; a type of None is not known yet.
  free: dict = dataclasses.field(default_factory=dict)

  def probe(self):
    """Returns the example with a definition of each free value behind it. A
    wrong type there makes the parser tell the right one."""
    return self.text + "".join(
        f'{name} = "free"() : () -> {kind or "!free.unknown"}\n'
        for name, kind in self.free.items())

  def body(self):
    arguments = ", ".join(f"{name}: {kind}" for name, kind in self.free.items())
    return f"func.func @example({arguments}) {{\n{self.text}return\n}}\n"

  def whole(self):
    return "".join(f'{name} = "free"() : () -> {kind}\n'
                   for name, kind in self.free.items()) + self.text


def records(root):
  for path, text in files(root, (".td",)):
    if path.startswith(("dialects/", "passes/")):
      for match in RECORD.finditer(text):
        yield path, line_of(text, match.start()), match["name"], match, text


def judge(path, line, name, body):
  """Yields what is missing in a record."""
  summary = SUMMARY.search(body)
  if not summary:
    yield Fault(path, line, f"{name} has no summary")
  else:
    words = "".join(re.findall(r'"([^"]*)"', summary[1]))
    if not re.match(r"[A-Z0-9]", words) or words.endswith("."):
      yield Fault(path, line, "a summary starts with a capital and ends "
                  f'without a full stop, found "{words}"')
  description = DESCRIPTION.search(body)
  if not description:
    yield Fault(path, line, f"{name} has no description")
  elif not EXAMPLE.search(description[1]):
    yield Fault(path, line, f"{name} has no ```mlir example")


def examples(root):
  for path, _, _, match, text in records(root):
    for example in EXAMPLE.finditer(match["body"]):
      line = line_of(text, match.start("body") + example.start(1))
      yield Example(path, line, re.sub(r"(?m)^\s*\.\.\.$", "", example[1]))


def run(heed_opt, chunks):
  """Parses and verifies each chunk; returns the first diagnostics of each, as
  (line, column, message) with the line counted within the chunk."""
  out = subprocess.run(
      [heed_opt, "--split-input-file", "--allow-unregistered-dialect",
       "--mlir-print-debuginfo=false", "-o", "/dev/null"],
      input=SEPARATOR.join(chunks), capture_output=True, text=True, check=False)
  starts, line = [], 1
  for chunk in chunks:
    starts.append(line)
    line += (chunk + SEPARATOR).count("\n")
  found = [[] for _ in chunks]
  for match in re.finditer(r"^<stdin>:(\d+):(\d+): (?:error|note): (.*)$",
                           out.stderr, re.MULTILINE):
    at = int(match[1])
    index = max(i for i, start in enumerate(starts) if start <= at)
    found[index].append((at - starts[index], int(match[2]), match[3]))
  if out.returncode < 0 or (out.returncode and not any(found)):
    raise RuntimeError(f"{heed_opt} failed: {out.stderr[-1000:]}")
  return found


def learn(example, diagnostics):
  """Takes free values and their types from what the parser said; returns
  whether it said anything new."""
  lines = example.probe().split("\n")
  new = False
  for (line, column, text), following in zip(
      diagnostics, diagnostics[1:] + [(0, 0, "")]):
    if text.startswith("use of undeclared SSA value"):
      name = re.match(r"%[\w$.-]+", lines[line][column - 1:])
      if name and name[0] not in example.free:
        example.free[name[0]] = None
        new = True
    match = re.match(r"definition of SSA value '(%[\w$.-]+)#", text)
    kind = re.match(r"previously used here with type '(.*)'$", following[2])
    if match and kind and match[1] in example.free:
      new = new or example.free[match[1]] != kind[1]
      example.free[match[1]] = kind[1]
  return new


def rejected(heed_opt, found):
  """Returns (example, diagnostics) of the examples that are not IR."""
  open_ones = found
  for _ in range(ROUNDS):
    if not open_ones:
      break
    said = run(heed_opt, [example.probe() for example in open_ones])
    open_ones = [e for e, d in zip(open_ones, said) if learn(e, d)]
  bodies = run(heed_opt, [example.body() for example in found])
  wholes = run(heed_opt, [example.whole() for example in found])
  for example, body, whole in zip(found, bodies, wholes):
    if body and whole and not SURROUNDINGS.match(body[0][2]):
      plain = re.search(r"^\s*(module|func\.func)\b", example.text, re.M)
      yield example, whole if plain else body


def check(root, heed_opt=None):
  heed_opt = heed_opt or root / "build" / "bin" / "heed-opt"
  for path, line, name, match, _ in records(root):
    yield from judge(path, line, name, match["body"])
  found = list(examples(root))
  if found:
    for example, diagnostics in rejected(heed_opt, found):
      yield Fault(example.path, example.line,
                  f"example is not IR: {diagnostics[0][2]}")


if __name__ == "__main__":
  sys.exit(main(check))
