#!/usr/bin/env python3
"""Fails where a source has no test, or a constraint is not checked and tested.

Sources: a/b/Name.cpp of passes/, lib/ and runtime/ has one of
test/unit/a/b/NameTest.cpp, test/a/b/Name.mlir and test/a/b/Name.test.

Constraints: a description in dialects/ numbers them as list items, `- (C1) ..`.
Each label stands in the verifier (a function of that op's class, or anywhere in
the dialect's sources together with the op's name) and in a test of the dialect,
after the op's name: `// attention (C1)`.
"""

import collections
import re
import sys

from functions import parse
from sources import Fault, files, line_of, main

MIRRORED = ("passes/", "lib/", "runtime/")
RECORD = re.compile(r"^def (\w+)\s*:\s*[\w\s]*<(.*?)(?=^def |\Z)",
                    re.MULTILINE | re.DOTALL)
LABEL = re.compile(r"\(C\d+\)")


def mirrors(path):
  """Returns the places where the test of `path` may be."""
  stem = path.removesuffix(".cpp")
  return (f"test/unit/{stem}Test.cpp", f"test/{stem}.mlir",
          f"test/{stem}.test")


def without_test(root):
  for path, _ in files(root, (".cpp",)):
    if not path.startswith(MIRRORED):
      continue
    places = mirrors(path)
    if not any((root / place).is_file() for place in places):
      yield Fault(path, 1, "has no test, expected " + " or ".join(places[:2]))


def constraints(path, text):
  """Yields (line, C++ class, mnemonic, label) of a .td file."""
  for record in RECORD.finditer(text):
    mnemonic = (re.search(r'let mnemonic\s*=\s*"([^"]+)"', record[2]) or
                re.match(r'[^"]*"([^"]+)"', record[2]))
    if not mnemonic:
      continue
    for item in re.finditer(r"^\s*- (\(C\d+\))", record[2], re.MULTILINE):
      yield (line_of(text, record.start(2) + item.start(1)),
             record[1].partition("_")[2] or record[1], mnemonic[1], item[1])


def labels_by_class(text):
  """Maps each C++ class to the labels that its member functions mention."""
  found = collections.defaultdict(set)
  lines = text.split("\n")
  for function in parse(text)[0]:
    body = "\n".join(lines[function.first - 1:function.last])
    name = function.name.rpartition("::")[0].rpartition("::")[2]
    found[name].update(LABEL.findall(body))
  return found


def mentions(text, mnemonic, label):
  pattern = rf"\b{re.escape(mnemonic)}\b[^\n]*{re.escape(label)}"
  return re.search(pattern, text) is not None


def unchecked(root):
  sources, classes = collections.defaultdict(str), {}
  for path, text in files(root, (".cpp", ".mlir")):
    match = re.match(r"(test/)?(dialects/\w+)/", path)
    if not match:
      continue
    sources[(match[1] or "") + match[2]] += text
    if not match[1]:
      for name, labels in labels_by_class(text).items():
        classes.setdefault((match[2], name), set()).update(labels)
  for path, text in files(root, (".td",)):
    if not path.startswith("dialects/"):
      continue
    dialect = "/".join(path.split("/")[:2])
    for line, name, mnemonic, label in constraints(path, text):
      if (label not in classes.get((dialect, name), ()) and
          not mentions(sources[dialect], mnemonic, label)):
        yield Fault(path, line, f"{mnemonic} {label} is in no verifier")
      if not mentions(sources["test/" + dialect], mnemonic, label):
        yield Fault(path, line, f"{mnemonic} {label} is in no test, expected "
                    f"'// {mnemonic} {label}' in test/{dialect}")


def check(root):
  yield from without_test(root)
  yield from unchecked(root)


if __name__ == "__main__":
  sys.exit(main(check))
