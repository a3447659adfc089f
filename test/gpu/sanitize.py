"""Small models under compute-sanitizer."""

import fnmatch
import re
import shutil
import subprocess

TOOLS = ("memcheck", "racecheck")
# Both kinds of kernels: portable in both types, and pipelines of warp groups.
MODELS = ("llama-plain", "llama-plain-bf16", "mistral-window-bf16",
          "random-64", "random-128")
PROMPT, NEW_TOKENS = 160, 4


def check(bundle, report, only):
  """Demands "0 errors" of every tool for a prefill and some decodes."""
  program = shutil.which("compute-sanitizer",
                         path="/usr/local/cuda/bin") or shutil.which(
                             "compute-sanitizer")
  if not program:
    report.add("sanitize", False, "no compute-sanitizer found in the PATH or "
               "in /usr/local/cuda/bin")
    return
  for case in bundle.cases:
    if case["name"] not in MODELS or not fnmatch.fnmatch(case["name"], only):
      continue
    command = bundle.command(case, bundle.device, [case["ids"][:PROMPT]],
                             NEW_TOKENS)
    for tool in TOOLS:
      done = subprocess.run([program, "--tool", tool, *command],
                            capture_output=True, text=True)
      output = done.stdout + done.stderr
      summary = re.search(r"SUMMARY: (.*)", output)
      clean = summary and re.search(r"\b0 errors", summary[1])
      report.add(f"{case['name']} {tool}", clean and done.returncode == 0,
                 summary[1] if summary else output.strip().split("\n")[-1])
      if not clean:
        print("\n".join(output.split("\n")[:40]))
