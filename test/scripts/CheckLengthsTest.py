# RUN: %python %s
"""Plants long and forbidden things and sees check-lengths.py find them."""

import unittest

from planted import PlantedTest, load


def function(head, lines):
  return head + " {\n" + "  f();\n" * (lines - 2) + "}\n"


class CheckLengths(PlantedTest):
  script = "check-lengths.py"

  def test_files(self):
    line = "int f();\n"
    self.accepts("lib/A.cpp", line * 500)
    faults = self.report(file=("lib/A.cpp", line * 501))
    self.assertEqual(faults, ["lib/A.cpp:1: remark: a source has at most 500 "
                              "lines, found 501"])
    self.rejects("lib/A.td", line * 801, "at most 800 lines, found 801")
    self.accepts("test/A.mlir", line * 300)
    self.rejects("test/A.mlir", line * 301, "at most 300 lines, found 301")

  def test_functions(self):
    for head in ("void f()", "template <class T> void A<T>::f(int x) const",
                 "A::A(int x) : Base(x)", "TEST(Suite, Name)",
                 "bool operator==(const A &a, const A &b)",
                 "static struct A make(int x)", "auto f = [](int x) -> int",
                 "#if X\nvoid f(int x)\n#else\nvoid f() {\n#endif\n",
                 "auto f() -> std::vector<int>"):
      short = function(head, 60 - head.count("\n"))
      self.accepts("lib/A.cpp", f"namespace {{\n{short}}}\n")
      long = function(head, 65)
      self.rejects("lib/A.cpp", f"struct A {{\n{long}}};\n",
                   "a function has at most 60 lines, found ")

  def test_braces_that_open_no_function(self):
    self.accepts("lib/A.cpp", function("namespace a", 100))
    self.accepts("lib/A.cpp", function("class A : public B", 100))
    self.accepts("lib/A.cpp", function("const int kTable[] =", 100))
    self.accepts("lib/A.cpp", 'const char *a = "{"; // {\nchar b = \'{\';\n'
                 'const char *c = R"({)";\n' + function("struct A", 100))

  def test_python_functions(self):
    self.rejects("tools/a.py", "def f():\n" + "  pass\n" * 60,
                 "at most 60 lines, found 61 in 'f'")

  def test_columns(self):
    self.accepts("lib/A.cpp", "// " + "x" * 77 + "\n")
    self.rejects("lib/A.cpp", "// " + "x" * 78 + "\n", "found 81")
    self.rejects("lib/A.cpp", "int x(); \n", "ends without spaces")

  def test_messages(self):
    def code(text):
      return "int f() {\n  return " + text + ";\n}\n"
    self.accepts("lib/A.cpp", code('op.emitError("got 2 heads of ") << n'))
    self.accepts("lib/A.cpp", code('fail("KV cache of ", n, " bytes...")'))
    self.rejects("lib/A.cpp", code('op.emitOpError("Expects 2 heads")'),
                 "starts in lower case")
    self.rejects("lib/A.cpp", code('emitError(loc)\n      << "Bad " << n'),
                 "starts in lower case")
    self.rejects("lib/A.cpp", code('emitRemark() << "got " << n << " heads."'),
                 "without a full stop")

  def test_todo(self):
    self.accepts("lib/A.cpp", "// TODO(#12): widen.\n")
    self.rejects("lib/A.cpp", "// TODO: widen.\n", "number of its issue")
    self.rejects("lib/A.cpp", "// FIXME(#12): widen.\n", "found FIXME")

  def test_environment_and_globals(self):
    self.rejects("lib/A.cpp", "int f() { return !getenv(kName); }\n",
                 "nothing reads the environment")
    self.rejects("lib/A.cpp", "namespace {\nstatic int counter = 0;\n}\n",
                 "no global variables")
    self.rejects("lib/A.cpp", "struct A {\n  static int counter;\n};\n",
                 "no global variables")
    self.rejects("lib/A.cpp", "static PassRegistration<A> a;\n", "registers")
    self.rejects("lib/A.cpp", 'static llvm::cl::opt<int> a("a");\n', "option")
    self.accepts("lib/A.cpp", "static constexpr int kSize = 4;\n"
                 "static void f(int x);\nextern const int kTable[];\n"
                 "void f() {\n  static thread_local int x;\n}\n")

  def test_remarks_do_not_fail(self):
    fault = load("sources.py").Fault("a", 1, "b", remark=True)
    self.assertEqual(str(fault), "a:1: remark: b")


if __name__ == "__main__":
  unittest.main()
