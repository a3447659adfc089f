"""What the check scripts share: our files, and C++ without its comments.

A check is a function `check(root, ...)` that yields one Fault at a time; `main`
prints them in the form that editors jump to and makes the exit status.
"""

import dataclasses
import pathlib
import re
import sys

FOLDERS = ("include", "lib", "dialects", "passes", "runtime", "tools", "test")
# Data that tests read; not written by hand, or wrong on purpose.
DATA = ("test/Inputs", "test/models", "test/goldens", "test/bench/results")


@dataclasses.dataclass(frozen=True)
class Fault:
  path: str
  line: int
  text: str
  # A remark is printed and does not fail the check.
  remark: bool = False

  def __str__(self):
    kind = "remark" if self.remark else "error"
    return f"{self.path}:{self.line}: {kind}: {self.text}"


def files(root, suffixes):
  """Yields (path relative to root, text) of our files with these suffixes."""
  for folder in FOLDERS:
    for file in sorted((root / folder).rglob("*")):
      path = file.relative_to(root).as_posix()
      if file.suffix not in suffixes or path.startswith(DATA):
        continue
      if "/Inputs/" in path or not file.is_file():
        continue
      yield path, file.read_text(encoding="utf-8")


TOKEN = re.compile(
    r'(?P<raw>\bR"(?P<mark>[^ ()\\]{0,16})\(.*?\)(?P=mark)")'
    r"|(?P<comment>//[^\n]*|/\*.*?\*/)"
    r'|(?P<string>"(?:\\.|[^"\\\n])*")'
    r"|(?P<number>\b\d[\w']*)"
    r"|(?P<char>'(?:\\.|[^'\\\n])+')", re.DOTALL)


def blank(text, strings=True):
  """Returns C++ `text` with comments (and strings) as blanks, lines kept."""

  def erase(match):
    kind = match.lastgroup if match.lastgroup != "mark" else "raw"
    if kind == "number" or (kind != "comment" and not strings):
      return match[0]
    if kind == "comment":
      return re.sub(r"[^\n]", " ", match[0])
    inner = re.sub(r"[^\n]", " ", match[0][1:-1])
    return match[0][-1] + inner + match[0][-1]

  return TOKEN.sub(erase, text)


def line_of(text, offset):
  return text.count("\n", 0, offset) + 1


def main(check):
  """Runs `check` on our tree, with the arguments of the command line."""
  root = pathlib.Path(__file__).resolve().parents[2]
  faults = list(check(root, *sys.argv[1:]))
  for fault in faults:
    print(fault)
  return 1 if any(not fault.remark for fault in faults) else 0
