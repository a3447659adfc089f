#!/usr/bin/env python3
"""Fails where a file or function is too long, or a line is against the rules.

Lengths: functions up to 60 lines, sources up to 500 (a remark; 800 fails),
tests up to 300, lines up to 80 columns. Words: messages start in lower case and
end without a full stop; a TODO names its issue; nothing reads the environment,
lives in a global variable or registers itself.
"""

import ast
import re
import sys

from functions import parse
from sources import Fault, blank, files, line_of, main

FUNCTION = 60
SOURCE, SOURCE_FAILS = 500, 800
TEST = 300
COLUMNS = 80

CODE = (".h", ".c", ".cpp")
MESSAGE = re.compile(
    r"\b(emitError|emitOpError|emitRemark|emitWarning|notifyMatchFailure"
    r"|attachNote|createStringError|[a-zA-Z]*[eE]rrorAt|makeError|refuse"
    r"|fail|failure|invalid[A-Z]\w*|fault|errorIn)\s*\(")
STRINGS = re.compile(r'"((?:\\.|[^"\\\n])*)"')
ENVIRONMENT = re.compile(r"\b(secure_)?getenv\b|\bsetenv\b|Process::GetEnv\b")
REGISTRATION = re.compile(
    r"^(static\s+)?(::)?(mlir::)?(PassRegistration|PassPipelineRegistration"
    r"|DialectRegistration|llvm::RegisterTarget|llvm::Registry)\b")
MUTABLE = re.compile(r"^(static|inline|thread_local|extern)\b")
CONSTANT = re.compile(r"\b(const|constexpr|constinit)\b|\bextern\s+\"C\"|\(")
OPTION = re.compile(r"^(static\s+)?(llvm::)?cl::(opt|list|bits)\b")


def lengths(path, text):
  count = text.count("\n")
  if path.startswith("test/"):
    if count > TEST:
      yield Fault(path, 1, f"a test has at most {TEST} lines, found {count}")
  elif count > SOURCE:
    limit = SOURCE_FAILS if count > SOURCE_FAILS else SOURCE
    yield Fault(path, 1, f"a source has at most {limit} lines, found {count}",
                remark=count <= SOURCE_FAILS)


def columns(path, text):
  for number, line in enumerate(text.split("\n"), start=1):
    if len(line) > COLUMNS and not re.search(r"https?://|// RUN:", line):
      yield Fault(path, number,
                  f"a line has at most {COLUMNS} columns, found {len(line)}")
    if line != line.rstrip():
      yield Fault(path, number, "a line ends without spaces")


def long_function(path, name, first, last):
  if last - first + 1 > FUNCTION:
    yield Fault(path, first, f"a function has at most {FUNCTION} lines, found "
                f"{last - first + 1} in '{name}'")


def declarations(path, text):
  """Checks the functions and the variables of a C++ source."""
  functions, statements = parse(text)
  for function in functions:
    yield from long_function(path, function.name, function.first,
                             function.last)
  for statement in statements:
    if REGISTRATION.match(statement.text):
      yield Fault(path, statement.line, "nothing registers itself")
    elif OPTION.match(statement.text):
      yield Fault(path, statement.line,
                  "a command line option lives in a function")
    elif MUTABLE.match(statement.text) and not CONSTANT.search(statement.text):
      yield Fault(path, statement.line, "there are no global variables")


def message_of(text, offset):
  """Returns the first and the last literal of the message that starts at
  `offset`, and whether one starts the message and one ends it."""
  end = text.find(";", offset)
  literals = list(STRINGS.finditer(text, offset, end if end > 0 else len(text)))
  if not literals:
    return None
  between = text[offset:literals[0].start()]
  after = text[literals[-1].end():end]
  starts = re.fullmatch(r"[\w\s,()*&.:>-]*(<<)?\s*", between) is not None
  ends = re.fullmatch(r"[\s)]*", after) is not None
  return literals[0][1], literals[-1][1], starts, ends


def messages(path, text):
  code = blank(text, strings=False)
  for call in MESSAGE.finditer(code):
    found = message_of(code, call.end())
    if found is None:
      continue
    first, last, starts, ends = found
    if starts and re.match(r"[A-Z][a-z ]", first):
      yield Fault(path, line_of(code, call.start()),
                  f'a message starts in lower case, found "{first}"')
    if ends and re.search(r"[^.]\.$", last):
      yield Fault(path, line_of(code, call.start()),
                  f'a message ends without a full stop, found "{last}"')


def words(path, text):
  for match in re.finditer(r"\b(TODO|FIXME|XXX|HACK)\b(\(#\d+\): )?", text):
    if match[1] != "TODO" or not match[2]:
      yield Fault(path, line_of(text, match.start()),
                  f"write TODO with the number of its issue, found {match[1]}")


def environment(path, text):
  for match in ENVIRONMENT.finditer(blank(text)):
    yield Fault(path, line_of(text, match.start()),
                "nothing reads the environment")


def python(path, text):
  for node in ast.walk(ast.parse(text)):
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
      yield from long_function(path, node.name, node.lineno, node.end_lineno)


def check(root):
  for path, text in files(root, CODE + (".td", ".def", ".py", ".mlir")):
    yield from lengths(path, text)
    if not path.endswith(("/check-lengths.py", "/CheckLengthsTest.py")):
      yield from words(path, text)
    if path.endswith(".mlir"):
      continue
    yield from columns(path, text)
    if path.endswith(CODE):
      yield from declarations(path, text)
      yield from messages(path, text)
      yield from environment(path, text)
    if path.endswith(".py"):
      yield from python(path, text)


if __name__ == "__main__":
  sys.exit(main(check))
