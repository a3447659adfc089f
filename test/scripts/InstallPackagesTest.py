# RUN: %python %s
"""Runs install-packages.sh on systems that lack one thing or another.

What the script asks the system is a shell function each; a case overrides some
of them, and `apt-get` and `apt-cache`, to describe its system.
"""

import subprocess
import unittest

from planted import SCRIPTS

COMPLETE = """
find_mlir() { echo /mlir; }
has_command() { true; }
has_file() { true; }
is_root() { true; }
is_debian_12() { true; }
system_name() { echo 'Debian GNU/Linux 12 (bookworm)'; }
installed=no
apt-get() { echo "apt-get $*"; installed=yes; }
apt-cache() { echo '  Candidate: 1:22.1.8-1~deb12u1'; }
security_source=/dev/null
"""
NO_MLIR = "find_mlir() { :; }\n"
ELSEWHERE = ("is_debian_12() { false; }\n"
             "system_name() { echo 'Fedora Linux 42'; }\n")


class InstallPackages(unittest.TestCase):

  def ensure(self, system, mlir_dir=""):
    script = (f". {SCRIPTS}/install-packages.sh\n{COMPLETE}{system}"
              "ensure_packages && echo all there")
    out = subprocess.run(["bash", "-euo", "pipefail", "-c", script],
                         capture_output=True, text=True, check=False,
                         env={"PATH": "/usr/bin:/bin", "MLIR_DIR": mlir_dir})
    return out.returncode, out.stdout + out.stderr

  def test_complete_systems_need_no_rights(self):
    for system in ("is_root() { false; }\n", ELSEWHERE, ""):
      self.assertEqual(self.ensure(system), (0, "all there\n"))

  def test_others_get_the_line_to_run(self):
    status, out = self.ensure(NO_MLIR + "is_root() { false; }\n")
    self.assertEqual(status, 1)
    self.assertIn("not found: MLIR 22.1", out)
    self.assertRegex(out, r"\n    apt-get install .*\blibmlir-22-dev\b")
    self.assertNotIn("apt-get update", out)

  def test_other_systems_are_told_about_mlir_dir(self):
    status, out = self.ensure(NO_MLIR + ELSEWHERE)
    self.assertEqual(status, 1)
    self.assertIn("this is Fedora Linux 42, not Debian 12", out)
    self.assertIn("MLIR_DIR", out)
    self.assertNotIn("apt-get", out)

  def test_other_systems_are_told_which_tool_is_missing(self):
    status, out = self.ensure(
        ELSEWHERE + "has_command() { [ $1 != ninja ]; }\n")
    self.assertEqual(status, 1)
    self.assertIn("not found: ninja\n", out)

  def test_missing_headers_are_noticed(self):
    for name, package in (("eigen3/Eigen/Core", "libeigen3-dev"),
                          ("unicode/regex.h", "libicu-dev")):
      status, out = self.ensure(
          f"is_root() {{ false; }}\nhas_file() {{ [[ $1 != */{name} ]]; }}\n")
      self.assertEqual(status, 1)
      self.assertIn(f"not found: /usr/include/{name}\n", out)
      self.assertRegex(out, rf"\n    apt-get install .*\b{package}\b")

  def test_a_wrong_mlir_dir_is_refused(self):
    status, out = self.ensure("", mlir_dir="/no/such/folder")
    self.assertEqual(status, 1)
    self.assertIn("MLIR_DIR is /no/such/folder, which is not", out)

  def test_root_installs(self):
    status, out = self.ensure(
        "find_mlir() { [ $installed = no ] || echo /mlir; }\n")
    self.assertEqual(status, 0, out)
    self.assertRegex(out, r"apt-get install .*\blibmlir-22-dev\b.* --yes")
    self.assertNotIn("bookworm-security", out)

  def test_root_adds_the_security_suite_where_it_lacks(self):
    status, out = self.ensure(
        "find_mlir() { [ $installed = no ] || echo /mlir; }\n"
        "updates=0\n"
        'apt-get() { [ $1 = install ] && installed=yes; echo "apt-get $*";'
        " updates=$((updates + 1)); }\n"
        "apt-cache() { [ $updates -lt 2 ] && echo '  Candidate: (none)' ||"
        " echo '  Candidate: 1:22.1.8-1~deb12u1'; }\n")
    self.assertEqual(status, 0, out)
    self.assertIn("adding the suite bookworm-security", out)

  def test_an_installation_that_changes_nothing_is_an_error(self):
    status, out = self.ensure(NO_MLIR)
    self.assertEqual(status, 1)
    self.assertIn("still not found after installing: MLIR 22.1", out)


if __name__ == "__main__":
  unittest.main()
