# RUN: %python %s
"""Removes tests and checks and sees check-mirror.py miss them."""

import unittest

from planted import PlantedTest

RECORD = '''
def Attn_AttentionOp : Attn_Op<"attention", [Pure]> {
  let description = [{
    Attends.

    - (C1) Sizes agree, as (C9) of nothing.
  }];
}
'''
VERIFIER = '''
LogicalResult AttentionOp::verify() {
  // (C1)
  return success();
}
'''


class CheckMirror(PlantedTest):
  script = "check-mirror.py"

  def test_accepts_mirrored_tests(self):
    for place in ("test/unit/lib/Cost/ATest.cpp", "test/lib/Cost/A.mlir",
                  "test/lib/Cost/A.test"):
      self.accepts("lib/Cost/A.cpp", "\n", test=(place, "\n"))

  def test_rejects_a_source_without_test(self):
    for path in ("lib/Cost/A.cpp", "passes/A.cpp", "runtime/cpu/A.cpp"):
      self.rejects(path, "\n", "has no test")
      self.rejects(path, "\n", "has no test", test=("test/unit/ATest.cpp", ""))

  def dialect(self, verifier, test):
    return self.report(
        td=("dialects/attn/AttentionOps.td", RECORD),
        cpp=("dialects/attn/AttentionOps.cpp", verifier),
        test=("test/dialects/attn/AttentionOpsInvalid.mlir", test))

  def test_accepts_checked_and_tested_constraints(self):
    test = "// attention (C1)\n"
    self.assertEqual(self.dialect(VERIFIER, test), [])
    helper = "// attention (C1): sizes agree\nstatic bool agree() {}\n"
    self.assertEqual(self.dialect(helper, test), [])

  def test_rejects_unchecked_constraints(self):
    other = VERIFIER.replace("AttentionOp", "MergeOp")
    faults = self.dialect(other, "// attention (C1)\n")
    self.assertEqual(len(faults), 1)
    self.assertIn("attention (C1) is in no verifier", faults[0])

  def test_rejects_untested_constraints(self):
    faults = self.dialect(VERIFIER, "// merge (C1)\n")
    self.assertEqual(len(faults), 1)
    self.assertIn("attention (C1) is in no test", faults[0])


if __name__ == "__main__":
  unittest.main()
