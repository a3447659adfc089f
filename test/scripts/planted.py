"""A small tree with a fault in it, and what a check script says about it."""

import importlib.util
import pathlib
import sys
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "tools" / "scripts"
sys.path.insert(0, str(SCRIPTS))


def load(name):
  """Imports a script, whose name is not an identifier."""
  spec = importlib.util.spec_from_file_location("script", SCRIPTS / name)
  module = importlib.util.module_from_spec(spec)
  sys.modules["script"] = module
  spec.loader.exec_module(module)
  return module


class PlantedTest(unittest.TestCase):
  script = ""
  arguments = ()

  def report(self, **files):
    """Returns what the script says about a tree of `files`. A keyword cannot
    spell a path, so `files` maps any name to (path, text)."""
    check = load(self.script).check
    with tempfile.TemporaryDirectory() as root:
      for path, text in files.values():
        file = pathlib.Path(root, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
      return [str(f) for f in check(pathlib.Path(root), *self.arguments)]

  def accepts(self, path, text, **files):
    self.assertEqual(self.report(file=(path, text), **files), [])

  def rejects(self, path, text, message, **files):
    faults = self.report(file=(path, text), **files)
    self.assertEqual(len(faults), 1, faults)
    self.assertIn(message, faults[0])
    self.assertIn("error: ", faults[0])
