"""What is checked of a model: against the original, and against the CPU.

The original errs: in f32 against f64, in bf16 against f32. A device may err
twice as much, so two devices may differ by four times as much.
"""

import json
import math
import os
import subprocess

import logits

OURS, APART = 2, 4  # Times the error of the original.
NEW_TOKENS = 64
EVAL_WINDOWS = 4


class Report:
  """Prints a line for every check and counts them."""

  def __init__(self):
    self.passed = self.failed = 0

  def add(self, name, passed, text):
    self.passed += bool(passed)
    self.failed += not passed
    print("PASS" if passed else "FAIL", f"{name}: {text}", flush=True)


class Failed(Exception):
  """heed-run has failed; says why."""


class Bundle:
  """The folder, and a device to run its packages on."""

  def __init__(self, folder, work, device):
    self.folder, self.work, self.device = folder, work, device
    self.devices = set()  # What has run, for people.
    self.cases = json.loads((folder / "bundle.json").read_text())["cases"]

  def package(self, case, device):
    return self.folder / "packages" / f"{case['name']}.{device}.heed"

  def command(self, case, device, prompts, new_tokens):
    return [self.folder / "bin" / "heed-run-portable",
            self.package(case, device), f"--device={device}",
            "--ignore-stop-ids", f"--max-new-tokens={new_tokens}",
            *("--prompt-ids=" + ",".join(map(str, ids)) for ids in prompts)]

  def call(self, command, environment=None):
    """Runs heed-run; returns what it writes with --json."""
    path = self.work / "result.json"
    done = subprocess.run([*command, f"--json={path}"], capture_output=True,
                          text=True, env={**os.environ, **(environment or {})})
    if done.returncode:
      raise Failed((done.stderr.strip() or f"ended with {done.returncode}")
                   .split("\n")[-1])
    result = json.loads(path.read_text())
    self.devices.add(result["device"])
    return result

  def run(self, case, device, prompts, new_tokens):
    """Returns the new ids of each prompt, and the rows of all sequences."""
    table = self.work / "logits.npy"
    result = self.call([*self.command(case, device, prompts, new_tokens),
                        f"--save-logits={table}"])
    (_, tokens, width), values = logits.read_npy(table)
    size = tokens * width
    return ([one["ids"] for one in result["generation"]],
            [values[i * size:(i + 1) * size] for i in range(len(prompts))])

  def compare(self, case, prompts, new_tokens):
    """Runs prompts here, and what they become, token for token, on the CPU;
    returns how far the logits are apart. Each package knows its device."""
    command = self.command(case, self.device, prompts, new_tokens)
    command[2] = "--device=auto"
    return self.call([*command, f"--compare={self.package(case, 'cpu')}"]
                     )["compare"]

  def evaluate(self, case, device, *flags):
    return self.call([self.folder / "bin" / "heed-run-portable",
                      self.package(case, device), "--device=auto",
                      f"--eval={self.folder / case['text']}",
                      f"--eval-windows={EVAL_WINDOWS}", *flags])["eval"]


def describe(error, original):
  return (f"largest error {error['largest']:.2e}, the original's "
          f"{original['largest']:.2e}; relative {error['relative']:.2e}, "
          f"{original['relative']:.2e}")


def is_near(error, original, times):
  return all(error[key] <= times * original[key] for key in original)


def check_exact(bundle, report, case, phase, device):
  """Compares with what is exact, as far as the ids are the same."""
  name, ids = case["name"], case["ids"]
  size = case["prompt"] if phase == "decode" else len(ids)
  new, (rows,) = bundle.run(case, device, [ids[:size]], len(ids) - size)
  common = logits.count_common(new[0], ids[size:])
  exact = logits.read_doubles(
      bundle.folder / "truth" / f"{name}.{phase}.f64")
  # Behind the last id the original may have no row.
  count = min(len(exact), (size + common) * case["vocabulary"])
  error = logits.measure(rows[:count], exact[:count])
  original = case["original"][phase]
  same = common == len(ids) - size or case["half"]
  text = describe(error, original)
  if phase == "decode":
    text += f"; {common} of {len(ids) - size} ids"
  report.add(f"{name} {phase} {device}",
             same and is_near(error, original, OURS), text)
  return new[0]


def check_apart(bundle, report, case, label, prompts, new_tokens):
  """Compares the device with the CPU on the same ids."""
  found = bundle.compare(case, prompts, new_tokens)
  error = dict(largest=found["max_error"], relative=found["relative_error"])
  original = case["original"]["decode"]
  report.add(f"{case['name']} {label} {bundle.device} against cpu",
             is_near(error, original, APART),
             f"{found['tokens']} tokens, {describe(error, original)}; top-1 "
             f"{100 * found['top1']:.2f} %")


def check_path(bundle, report, case):
  devices = dict.fromkeys((bundle.device, "cpu"))
  for phase in "prefill", "decode":
    for device in devices:
      devices[device] = check_exact(bundle, report, case, phase, device)
  ours, theirs = devices[bundle.device], devices["cpu"]
  common = logits.count_common(ours, theirs)
  report.add(f"{case['name']} greedy {bundle.device} against cpu",
             common == len(theirs) or case["half"],
             f"{common} of {len(theirs)} ids"
             + ("" if common == len(theirs) else " before paths part"))


def check_eval(bundle, report, case):
  """Scores the held-out text on both."""
  ours = bundle.evaluate(case, bundle.device,
                         f"--compare={bundle.package(case, 'cpu')}")
  theirs = bundle.evaluate(case, "cpu")
  original = case["original"]["decode"]["relative"]
  for phase in "prefill", "decode":
    compare = ours[phase]["compare"]
    report.add(
        f"{case['name']} eval {phase} {bundle.device} against cpu",
        compare["relative_error"] <= APART * original
        and math.isfinite(ours[phase]["bits_per_byte"]),
        f"{ours[phase]['bits_per_byte']:.5f} and "
        f"{theirs[phase]['bits_per_byte']:.5f} bits per byte, relative error "
        f"{compare['relative_error']:.2e}, the original's {original:.2e}; KL "
        f"{compare['kl']:.2e}, top-1 {100 * compare['top1']:.2f} %")


def check_case(bundle, report, case):
  """All checks of a model; one that cannot run fails, and so do those that
  would follow."""
  prompt = case["ids"][:case["prompt"]]
  try:
    check_path(bundle, report, case)
    check_apart(bundle, report, case, "decode", [prompt], NEW_TOKENS)
    check_apart(bundle, report, case, "batch",
                [prompt, prompt[:7], prompt[:len(prompt) // 2]], 16)
    if case["ring"]:
      check_apart(bundle, report, case, "wrap", [prompt[:8]],
                  case["ring"] + 16)
    if "text" in case:
      check_eval(bundle, report, case)
  except Failed as error:
    report.add(case["name"], False, str(error))


def check_loading(bundle, report):
  """Loading must need no compiler, the driver's own included."""
  case = bundle.cases[0]
  command = bundle.command(case, bundle.device, [case["ids"][:8]], 1)
  try:
    bundle.call(command, {"CUDA_DISABLE_PTX_JIT": "1"})
    report.add("loading starts no compiler", True, case["name"])
  except Failed as error:
    report.add("loading starts no compiler", False, str(error))
