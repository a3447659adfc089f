# RUN: %python %s %heed_build/bin/heed-opt
"""Plants undocumented records and broken examples for check-examples.py."""

import sys
import unittest

from planted import PlantedTest

RECORD = '''
def A_{name} : A_Class<"mnemonic", [Pure]> {{
  let summary = {summary};
  let description = [{{
    Text.

    ```mlir
{example}
    ```
  }}];
}}
'''


def record(example="    %a = arith.constant 1 : i32", name="SomeOp",
           summary='"Does it"'):
  text = RECORD.format(example=example, name=name, summary=summary)
  return text.replace("A_Class", "A_" + name.removeprefix("Some"))


class CheckExamples(PlantedTest):
  script = "check-examples.py"

  def test_accepts_documented_records(self):
    self.accepts("dialects/a/A.td", record() + record(name="SomePass"))
    self.accepts("dialects/a/A.td", "def A_Type : TypeDef<A, \"t\"> {\n}\n")

  def test_rejects_missing_words(self):
    self.rejects("dialects/a/A.td", 'def A_SomeOp : A_Op<"a"> {\n'
                 '  let description = [{\n  ```mlir\n  ```\n  }];\n}\n',
                 "A_SomeOp has no summary")
    self.rejects("dialects/a/A.td", 'def A_SomeOp : A_Op<"a"> {\n'
                 '  let summary = "Does it";\n}\n', "has no description")
    text = record().replace("```mlir", "```")
    self.rejects("passes/a/Passes.td", text, "has no ```mlir example")
    for summary in ('"does it"', '"Does it."', '"Does " "it."'):
      self.rejects("dialects/a/A.td", record(summary=summary), "a summary ")

  def test_finds_the_types_of_free_values(self):
    self.accepts("dialects/a/A.td", record(
        "%o = tensor.insert %a into %b[%i, %i] : tensor<4x?xf32>\n"
        "%c = arith.addf %a, %x : f32"))

  def test_accepts_whole_files(self):
    self.accepts("dialects/a/A.td", record(
        "func.func @f(%x: f32) -> f32 {\n  return %x : f32\n}"))

  def test_accepts_parts_of_a_whole(self):
    self.accepts("dialects/a/A.td", record(
        "func.func @f(%x: f32) -> f32 {\n  ...\n  return %x : f32\n}"))
    self.accepts("dialects/a/A.td", record("scf.yield %x : f32"))

  def test_rejects_what_is_not_ir(self):
    for example, message in (
        ("%a = arith.no_such_op %b : f32", "no_such_op"),
        ("%a = arith.addi %b, %c : f32", "signless-integer-like"),
        ("func.func @f(%x: f32) -> f32 {\n  return\n}", "'func.return' op"),
        ('%a = tensor.cast %b : tensor<2xf32> to tensor<3xf32>', "cast")):
      good = record()
      self.rejects("dialects/a/A.td", good + record(example) + good, message)


if __name__ == "__main__":
  CheckExamples.arguments = (sys.argv.pop(),)
  unittest.main()
