"""Finds the functions of a C++ source by matching its braces.

Knows just enough of C++ for that: what stands before an opening brace says
whether it opens a scope that holds declarations (namespace, class), a function,
or an initialiser. Code inside a function belongs to it, lambdas and local
classes included.
"""

import dataclasses
import re

from sources import blank, line_of

SCOPE = re.compile(r"\b(namespace|class|struct|union|enum)\b|\bextern\s*\"")
LAMBDA = re.compile(r"\][\s]*(\(\))?[\s\w]*(->[^=]*)?$")


@dataclasses.dataclass(frozen=True)
class Function:
  name: str
  first: int
  last: int


@dataclasses.dataclass(frozen=True)
class Statement:
  """A declaration of a namespace or a class that opens no brace."""
  text: str
  line: int
  in_class: bool


def without_directives(text):
  """Blanks preprocessor lines, and every branch of an #if but the first."""
  lines = text.split("\n")
  taken = []  # per open #if: are we in its first branch?
  continued = False
  for number, line in enumerate(lines):
    directive = None if continued else re.match(r"\s*#\s*(\w*)", line)
    if directive:
      word = directive[1]
      if word.startswith("if"):
        taken.append(True)
      elif word.startswith("el") and taken:
        taken[-1] = False
      elif word == "endif" and taken:
        taken.pop()
    if directive or continued:
      continued = line.endswith("\\")
      lines[number] = ""
    elif not all(taken):
      lines[number] = ""
  return "\n".join(lines)


def empty_brackets(text, opening, closing):
  """Removes what stands between `opening` and `closing`, nested ones too."""
  out, depth = [], 0
  for char in text:
    if char == closing and depth:
      depth -= 1
    if not depth:
      out.append(char)
    if char == opening:
      depth += 1
  return "".join(out)


def without_template(head):
  """Removes a leading `template <...>`, whose `class` opens no scope."""
  while match := re.match(r"\s*template\s*<", head):
    depth, end = 1, match.end()
    while depth and end < len(head):
      depth += {"<": 1, ">": -1}.get(head[end], 0)
      end += 1
    head = head[end:]
  return head


def kind_of(head):
  """Classifies an opening brace by the text since the last statement."""
  head = without_template(re.sub(r"\b(public|private|protected)\s*:", "", head))
  flat = empty_brackets(head, "(", ")")
  assigned = "=" in re.sub(r"operator\s*\S+|[=!<>]=", "", flat)
  if assigned or head.lstrip().startswith("return"):
    return "function" if LAMBDA.search(flat.rstrip()) else "initialiser"
  if SCOPE.search(flat) and not re.search(r"\)[\s\w]*$", flat):
    return "scope"
  return "function" if "(" in flat else "scope"


def name_of(head):
  """Names a function for a message."""
  match = re.search(r"(~?[\w:]+|operator\s*[^\s(]+)\s*\(", head)
  return match[1] if match else "lambda"


def parse(text):
  """Returns (functions, statements) of a C++ source, in its order."""
  text = without_directives(blank(text))
  functions, statements = [], []
  stack = []  # (kind, head, offset of the head), one per open brace
  start, parens = 0, 0
  for match in re.finditer(r"[{}();]", text):
    char, offset = match[0], match.start()
    parens += {"(": 1, ")": -1}.get(char, 0)
    inside = any(kind == "function" for kind, _, _ in stack)
    head = text[start:offset]
    if char == "{":
      kind = "inner" if inside or parens else kind_of(head)
      stack.append((kind, head, start + len(head) - len(head.lstrip())))
    elif char == "}" and stack:
      kind, head, first = stack.pop()
      if kind == "function" and not any(k == "function" for k, _, _ in stack):
        functions.append(Function(name_of(head), line_of(text, first),
                                  line_of(text, offset)))
    if char == ";" and not inside and not parens:
      in_class = bool(stack) and "namespace" not in stack[-1][1]
      lead = len(head) - len(head.lstrip())
      statements.append(Statement(head.strip(), line_of(text, start + lead),
                                  in_class))
    if char in "{};" and not parens:
      start = offset + 1
  return functions, statements
