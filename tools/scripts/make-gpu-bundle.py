#!/usr/bin/env python3
"""Makes a folder and an archive of what a machine with a GPU and without LLVM
needs to check whole models; test/gpu/README.md says what is in it.

Builds the programs that go along, compiles every model of test/models and two
random ones for the GPU and for the CPU, and writes down what they must compute:
the goldens, or what the reference computes in f32 and in bf16.
"""

import argparse
import fnmatch
import json
import math
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "test" / "gpu"))
import logits  # pylint: disable=wrong-import-position

MAKE_CHECKPOINT = ROOT / "test/tools/heed-import/make-checkpoint.py"
LIMIT = 50 << 20  # Bytes of a bundle.
PROGRAMS = ("heed-run-portable", "check-hardware", "heed-runtime-test")
TOOLS = ("heed-import", "heed-opt", "heed-compile", "heed-run")
NEW_TOKENS = 64
VARIANTS = {"dense": None,
            "window": "--attn-sliding-window=window=256 sinks=4",
            "skip": "--attn-unified-layer-skipping=speedup=1.33"}
# Attention that the pipeline of warp groups takes, by head size.
RANDOM = {64: ("hidden_size=256", "num_attention_heads=4", "head_dim=64"),
          128: ("hidden_size=256", "num_attention_heads=4", "head_dim=128")}
RANDOM_FIELDS = ("vocab_size=256", "max_position_embeddings=1024",
                 "intermediate_size=256", "num_key_value_heads=2",
                 "eos_token_id=null")


class Bundle:
  """The folder under construction."""

  def __init__(self, build, folder, target):
    self.build, self.folder, self.target = build, folder, target
    self.cases = []
    for name in "bin", "models", "packages", "truth", "work":
      (folder / name).mkdir()

  def tool(self, name, *arguments):
    subprocess.run([self.build / "bin" / name, *map(str, arguments)],
                   check=True, stdout=subprocess.DEVNULL)

  def add_model(self, source):
    """Copies a checkpoint without its goldens; returns the copy."""
    return shutil.copytree(
        source, self.folder / "models" / source.name,
        ignore=shutil.ignore_patterns("goldens*", "*.md", "*.txt"))

  def module(self, model, name, rewrite, *flags):
    """Imports and rewrites; returns the module, which lies with packages, so
    that both name their weights in the same way."""
    path = self.folder / "packages" / f"{name}.mlir"
    if not rewrite:
      self.tool("heed-import", model, "-o", path, *flags)
      return path
    dense = path.with_suffix(".dense.mlir")  # beside it: paths are relative
    self.tool("heed-import", model, "-o", dense, *flags)
    self.tool("heed-opt", dense, rewrite, "-o", path)
    return path

  def compile(self, module):
    for device, target in ("cuda", self.target), ("cpu", "x86-64-v3"):
      self.tool("heed-compile", module, f"--target={target}", "-o",
                module.with_suffix(f".{device}.heed"))

  def demand_pipeline(self, name):
    """Fails where no kernel of a model for Hopper is a pipeline."""
    module = self.folder / "packages" / f"{name}.mlir"
    remarks = subprocess.run(
        [self.build / "bin" / "heed-compile", module, "--remarks",
         f"--target={self.target}", "-o", self.folder / "work" / "m.heed"],
        check=True, capture_output=True, text=True).stderr
    if self.target == "sm_90a" and "warp groups in a pipeline" not in remarks:
      sys.exit(f"{name}: found no kernel of warp groups in a pipeline")

  def add_case(self, name, path, prompt, truth, **facts):
    """`truth` maps prefill and decode to exact logits and the errors of the
    original."""
    errors = {}
    for phase, (exact, error) in truth.items():
      logits.write_doubles(self.folder / "truth" / f"{name}.{phase}.f64", exact)
      errors[phase] = error
    self.cases.append(dict(name=name, ids=path, prompt=prompt, original=errors,
                           **facts))
    print(f"{name}: {prompt} + {len(path) - prompt} tokens", flush=True)

  # What models must compute.

  def add_golden(self, source):
    """A golden checkpoint; what it computes does not depend on the phase."""
    model = self.add_model(source)
    module = self.module(model, source.name, None)
    self.compile(module)
    goldens = logits.Safetensors(source / "goldens.safetensors")
    half = "logits_bf16" in goldens.header
    exact = goldens.read("logits_f32" if half else "logits_f64")
    original = goldens.read("logits_bf16" if half else "logits_f32")
    truth = exact, logits.measure(original, exact)
    config = json.loads((source / "config.json").read_text())
    self.add_case(source.name, goldens.read("ids"),
                  goldens.read("prompt_length")[0],
                  dict(prefill=truth, decode=truth), half=half,
                  vocabulary=config["vocab_size"],
                  ring=config.get("sliding_window") or 0)

  def run_reference(self, module, original, prompt, new_tokens):
    """Returns ids, logits and the errors of `original` on the same ids."""
    work = self.folder / "work"
    table, result = work / "logits.npy", work / "result.json"
    self.tool("heed-run", module, "--device=reference", "--ignore-stop-ids",
              "--prompt-ids=" + ",".join(map(str, prompt)),
              f"--max-new-tokens={new_tokens}", f"--save-logits={table}",
              f"--compare={original}", f"--json={result}")
    result = json.loads(result.read_text())
    error = result["compare"]
    return (prompt + result["generation"][0]["ids"],
            logits.read_npy(table)[1],
            dict(largest=error["max_error"], relative=error["relative_error"]))

  def add_referenced(self, model, name, rewrite, prompt, **facts):
    """A model in bf16 without goldens: the reference in f32 is exact, that in
    bf16 the original."""
    module = self.module(model, name, rewrite)
    self.compile(module)
    exact = self.module(model, f"{name}-f32", rewrite, "--dtype=f32")
    path, *decode = self.run_reference(exact, module, prompt, NEW_TOKENS)
    _, *prefill = self.run_reference(exact, module, path, 0)
    self.add_case(name, path, len(prompt), dict(prefill=prefill, decode=decode),
                  half=True, vocabulary=256, **facts)


def add_goldens(bundle, models, pattern):
  for path in sorted(models.glob("golden/*/goldens.safetensors")):
    if fnmatch.fnmatch(path.parent.name, pattern):
      bundle.add_golden(path.parent)


def add_docs(bundle, models, pattern):
  if not fnmatch.fnmatch("docs-6m", pattern):
    return
  docs = bundle.add_model(models / "docs-6m")
  text = shutil.copy(models / "docs-6m" / "held-out.txt", bundle.folder)
  prompt = list(pathlib.Path(text).read_bytes()[:240])
  for variant, rewrite in VARIANTS.items():
    bundle.add_referenced(docs, f"docs-6m-{variant}", rewrite, prompt,
                          ring=260 if variant == "window" else 0,
                          text="held-out.txt")


def add_random(bundle, pattern):
  for width, fields in RANDOM.items():
    source = bundle.folder / "work" / f"random-{width}"
    if not fnmatch.fnmatch(source.name, pattern):
      continue
    subprocess.run(
        [sys.executable, MAKE_CHECKPOINT, source,
         *(f"--set={field}" for field in fields + RANDOM_FIELDS)], check=True)
    bundle.add_referenced(bundle.add_model(source), source.name, None,
                          [(7 * i * i + 3) % 256 for i in range(160)], ring=0)
    bundle.demand_pipeline(source.name)


def finish(bundle):
  """Copies what is not made, drops what was only needed here."""
  for name in PROGRAMS:
    shutil.copy(bundle.build / "bin" / "tests" / name, bundle.folder / "bin")
  shutil.copytree(ROOT / "test" / "unit" / "emulator" / "snippets",
                  bundle.folder / "snippets")
  for source in (ROOT / "test" / "gpu").glob("*.py"):
    shutil.copy(source, bundle.folder)
  (bundle.folder / "bundle.json").write_text(
      json.dumps(dict(target=bundle.target, cases=bundle.cases)) + "\n")
  shutil.rmtree(bundle.folder / "work")
  for module in (bundle.folder / "packages").glob("*.mlir"):
    module.unlink()
  total = sum(path.stat().st_size for path in bundle.folder.rglob("*"))
  if total > LIMIT:
    sys.exit(f"found {total} bytes, wanted at most {LIMIT} for the folder")
  archive = shutil.make_archive(bundle.folder, "xztar", bundle.folder)
  size = pathlib.Path(archive).stat().st_size
  print(f"{len(bundle.cases)} models, {math.ceil(total / 2**20)} MiB; "
        f"{archive}, {math.ceil(size / 2**20)} MiB")


def main():
  parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
  parser.add_argument("out", type=pathlib.Path)
  parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
  parser.add_argument("--target", default="sm_90a", help="sm_80 or sm_90a")
  parser.add_argument("--only", default="*", metavar="PATTERN",
                      help="models whose names match")
  parser.add_argument("--no-build", action="store_true",
                      help="the programs are built")
  options = parser.parse_args()
  if not options.no_build:
    subprocess.run(["ninja", "-C", options.build, *PROGRAMS, *TOOLS],
                   check=True, stdout=subprocess.DEVNULL)
  shutil.rmtree(options.out, ignore_errors=True)
  options.out.mkdir(parents=True)
  bundle = Bundle(options.build, options.out.resolve(), options.target)
  models = ROOT / "test" / "models"
  add_goldens(bundle, models, options.only)
  add_docs(bundle, models, options.only)
  add_random(bundle, options.only)
  finish(bundle)


if __name__ == "__main__":
  main()
