# RUN: %python %s
"""What of the attention benchmark needs neither GPU nor PyTorch: rows, grids,
parameter blocks, how the driver is called, ratios, and what is written."""

import ctypes
import dataclasses
import json
import pathlib
import struct
import sys
import tempfile
import unittest

BENCH = pathlib.Path(__file__).resolve().parents[1] / "bench"
sys.path.insert(0, str(BENCH))

import attention  # noqa: E402
import driver  # noqa: E402
import kernels  # noqa: E402
import results  # noqa: E402

ROW = kernels.Row("prefill", 2, 4, 4, 100, 70, 64, False, 0, True)
DECODE = kernels.Row("decode", 3, 8, 2, 1, 1000, 128, False, 0, True)
LAUNCH = {
    "symbol": "k", "threads": 128, "shared_bytes": 512, "remark": "portable",
    "persistent": False,
    "words": ["batch", "tokens 0", "tokens 1", "argument 1", "result 0"],
    "grid": [{"word": 0, "divisor": 1}, {"word": -1, "divisor": 4},
             {"word": 1, "divisor": 64}],
    "maps": [{"buffer": 3, "rows": 2, "columns": 64, "box_rows": 128}]}
SPLIT = LAUNCH | {
    "words": ["batch", "parts", "workspace 520"], "maps": [],
    "grid": [{"word": 0, "divisor": 1}, {"word": -1, "divisor": 2},
             {"word": 1, "divisor": 1}]}


def write_folder(folder, name, row, launches):
  content = dataclasses.asdict(row) | {"file": "k.cubin", "launches": launches}
  text = json.dumps({"target": "sm_90a", "commit": "c", "rows": [content]})
  pathlib.Path(folder, name).write_text(text, encoding="utf-8")


def sees(row, position, key):
  """The mask of AttnAttrs.td; keys have positions from 0 on."""
  return position >= 0 and (not row.causal or key <= position) and (
      not row.window or key > position - row.window)


class FakeLibrary:
  """Stands for libcuda: keeps what it is asked to launch and encode."""

  def __init__(self):
    self.launches, self.maps = [], []

  def cuModuleLoadDataEx(self, module, image, *_):
    return 0 if image.value == b"image" else 200

  def cuModuleGetFunction(self, function, module, name):
    return 0 if name == b"k" else 500

  def cuFuncSetAttribute(self, function, attribute, value):
    return 0 if attribute == 8 else 1

  def cuGetErrorString(self, result, text):
    return 1

  def cuTensorMapEncodeTiled(self, place, *arguments):
    self.maps.append(arguments)
    ctypes.memset(place, 0xab, 128)
    return 0 if place.value % 64 == 0 else 1

  def cuLaunchKernel(self, function, *arguments):
    *sizes, stream, params, extra = arguments
    assert extra is None
    self.launches.append((sizes, params[0]))
    return 0


class Rows(unittest.TestCase):

  def test_counts_pairs(self):
    for queries, keys, causal, window in (
        (7, 7, True, 0), (7, 20, True, 0), (20, 7, True, 0), (30, 30, True, 4),
        (5, 30, True, 4), (30, 5, True, 4), (7, 20, False, 0),
        (20, 7, False, 0)):
      row = dataclasses.replace(ROW, queries=queries, keys=keys, causal=causal,
                                window=window)
      wanted = 0
      for i in range(queries):
        seen = [j for j in range(keys) if sees(row, i + keys - queries, j)]
        self.assertEqual(list(row.seen(i)), seen, (row, i))
        wanted += len(seen)
      self.assertEqual(row.pairs, wanted, row)
    self.assertEqual(ROW.pairs, 4900)

  def test_queries_before_the_first_key_see_nothing(self):
    row = dataclasses.replace(ROW, queries=1000, keys=300)
    self.assertFalse(any(row.seen(query) for query in range(700)))
    self.assertEqual({row.seen(query) for query in range(700, 1000)},
                     {range(300)})
    self.assertEqual(row.pairs, 300 * 300)

  def test_names_differ(self):
    rows = json.loads((BENCH / "attention-rows.json").read_text())["rows"]
    names = [kernels.Row(**{"window": 0} | row).name for row in rows]
    self.assertEqual(len(set(names)), len(names))
    self.assertIn("decode B1 H32/8 N32768 D128", names)

  def test_rates(self):
    # 2 x 4 heads of 4900 pairs, 64 multiply-adds for each of two products.
    self.assertAlmostEqual(ROW.rate(1.0), 4 * 8 * 4900 * 64 / 1e9)
    self.assertAlmostEqual(DECODE.rate(0.5), 2 * 3 * 2 * 1000 * 256 / 0.5 / 1e6)


class Launches(unittest.TestCase):

  def test_grid_and_block(self):
    launch = kernels.read_launch(LAUNCH)
    values = kernels.word_values(launch, ROW, {"argument 1": 4096}, 1)
    self.assertEqual(values, [2, 100, 70, 4096, 0])
    self.assertEqual(launch.programs(values), 2 * 4 * 2)
    self.assertEqual((launch.map_offset, launch.block_bytes), (64, 192))
    plain = kernels.read_launch(LAUNCH | {"maps": []})
    self.assertEqual(plain.write_words(values), struct.pack("<5q", *values))

  def test_persistent_kernels_have_a_block_per_multiprocessor(self):
    values = [2, 100, 70, 4096, 0]  # 16 programs.
    for persistent, wanted in ((False, [16, 16, 16]), (True, [3, 16, 16])):
      launch = kernels.read_launch(LAUNCH | {"persistent": persistent})
      self.assertEqual([launch.blocks(values, count) for count in (3, 16, 132)],
                       wanted)
    old = {key: LAUNCH[key] for key in LAUNCH if key != "persistent"}
    self.assertFalse(kernels.read_launch(old).persistent)

  def test_refuses_unknown_words(self):
    launch = kernels.read_launch(LAUNCH | {"words": ["slots"]})
    with self.assertRaisesRegex(ValueError, "k: found word 'slots', wanted"):
      kernels.word_values(launch, ROW, {}, 1)

  def test_parts_fill_the_device(self):
    split = kernels.Kernel("", None, (kernels.read_launch(SPLIT),))
    self.assertEqual(kernels.choose_parts(DECODE, split, 132), 22)
    many = dataclasses.replace(DECODE, batch=200)
    self.assertEqual(kernels.choose_parts(many, split, 132), 1)
    self.assertEqual(kernels.choose_parts(DECODE, split.divided(5), 132), 5)
    whole = kernels.Kernel("", None, (kernels.read_launch(LAUNCH),))
    self.assertEqual(kernels.choose_parts(DECODE, whole, 132), 1)
    self.assertEqual(kernels.workspace_bytes(DECODE, split.launches, 22),
                     3 * 2 * 22 * 520 * 4)
    self.assertEqual(kernels.workspace_bytes(DECODE, whole.launches, 1), 0)


class Launching(unittest.TestCase):

  def setUp(self):
    self.driver = driver.Driver.__new__(driver.Driver)
    self.driver._cuda = self.library = FakeLibrary()

  def test_hands_over_words_and_maps(self):
    launch = kernels.read_launch(LAUNCH)
    module = self.driver.load(b"image", "k.cubin")
    function = self.driver.function(module, "k", launch.shared_bytes)
    values = [2, 100, 70, 4096, 8192]
    block = self.driver.make_block(launch, values)
    self.driver.launch(function, 16, launch, block, 0)
    [(sizes, address)] = self.library.launches
    self.assertEqual(sizes, [16, 1, 1, 128, 1, 1, 512])
    content = ctypes.string_at(address, 192)
    self.assertEqual(address % 64, 0)
    self.assertEqual(content, struct.pack("<5q", *values) + bytes(24) +
                     b"\xab" * 128)
    [arguments] = self.library.maps
    plain = [list(a) if isinstance(a, ctypes.Array) else
             getattr(a, "value", a) for a in arguments]
    self.assertEqual(plain, [9, 3, 4096, [64, 70, 1 << 24], [128, 70 * 128],
                             [64, 128, 1], [1, 1, 1], 0, 3, 3, 0])

  def test_says_what_failed(self):
    with self.assertRaisesRegex(RuntimeError,
                                "other: cuModuleGetFunction failed with 500"):
      self.driver.function(None, "other", 0)


class Results(unittest.TestCase):

  def test_percentiles(self):
    self.assertEqual(results.percentile([3, 1, 2], 50), 2)
    self.assertAlmostEqual(results.percentile(range(11), 10), 1)
    self.assertEqual(results.percentile([5], 90), 5)

  def test_compares_round_by_round(self):
    # Both slow down alike, so the ratio does not move.
    ratio, spread = results.compare([1, 2, 4], [1.5, 3, 6])
    self.assertEqual((ratio, spread), (1.5, [1.5, 1.5]))

  def test_entries(self):
    times = {"ours": [1.0], "ours@a": [2.0], "flash": [3.0], "cudnn": [0.5]}
    entries = results.make_entries(ROW, "sustained", times, ROW.rate(0.5))
    self.assertEqual([(e["variant"], e["peer_name"], e["ratio"])
                      for e in entries],
                     [("", "flash", 3.0), ("", "cudnn", 0.5),
                      ("a", "flash", 1.5), ("a", "cudnn", 0.25)])
    self.assertEqual({e["limit_share"] for e in entries}, {0.5, 0.25})
    [alone] = results.make_entries(ROW, "sustained", {"ours": [1.0]}, 1.0)
    self.assertIsNone(alone["ratio"])
    for entry in [*entries, alone]:
      self.assertIn(ROW.unit, results.describe(entry))

  def test_slug(self):
    self.assertEqual(results.slug("NVIDIA H100 80GB HBM3"), "h100-80gb-hbm3")


class Plans(unittest.TestCase):

  def test_finds_variants(self):
    with tempfile.TemporaryDirectory() as folder:
      write_folder(folder, "kernels@a.json", ROW, [LAUNCH])
      write_folder(folder, "kernels.json", ROW, [LAUNCH, SPLIT])
      rows, commits = kernels.load(folder)
      self.assertEqual([k.name for k in rows[ROW]], ["ours", "ours@a"])
      self.assertEqual(commits, {"": "c", "a": "c"})
      self.assertEqual(
          attention.main(["--kernels", folder, "--dry-run"]), 0)
      self.assertEqual(attention.main(["--kernels", folder, "--rows", "x"]), 2)
    with self.assertRaisesRegex(FileNotFoundError, "found no kernels.json"):
      kernels.load(folder)

  def test_checked_rows_come_first(self):
    checked = dataclasses.replace(ROW, timed=False)
    rows = attention.select({ROW: [], DECODE: [], checked: []}, "B*")
    self.assertEqual(list(rows), [checked, ROW, DECODE])
    self.assertEqual(list(attention.select({ROW: [], DECODE: []}, "decode")),
                     [DECODE])


if __name__ == "__main__":
  unittest.main()
