"""What the device is and can: its state, its ceilings."""

import statistics
import subprocess

import torch

from rounds import Sample, interleave

STATE = ("name", "driver_version", "clocks.sm", "clocks.mem", "power.draw",
         "power.limit", "temperature.gpu")
COPY_BYTES = 1 << 30
MATMUL = 8192


def state():
  """Returns what nvidia-smi says of the device in use, by field."""
  number = torch.cuda.current_device()
  identity = "GPU-" + str(torch.cuda.get_device_properties(number).uuid)
  try:
    out = subprocess.run(
        ["nvidia-smi", f"--id={identity}", f"--query-gpu={','.join(STATE)}",
         "--format=csv,noheader"], capture_output=True, text=True, check=True)
  except (OSError, subprocess.CalledProcessError) as error:
    return {"error": f"nvidia-smi: {error}"}
  return dict(zip(STATE, out.stdout.strip().split(", ")))


def _copy():
  source = torch.empty(COPY_BYTES, dtype=torch.uint8, device="cuda").zero_()
  target = torch.empty_like(source)
  return lambda _: target.copy_(source)


def _matmul():
  left, right = (torch.randn(MATMUL, MATMUL, dtype=torch.bfloat16,
                             device="cuda") for _ in range(2))
  result = torch.empty_like(left)
  return lambda _: torch.matmul(left, right, out=result)


def ceilings(rounds, isolated_rounds, pause):
  """Returns {unit: {"what", "sustained", "isolated"}}: what the device does on
  its simplest work, back to back and after pauses."""
  found = {}
  for unit, what, make, work in (
      ("GB/s", "device copy", _copy, 2 * COPY_BYTES / 1e6),
      ("TFLOP/s", f"bf16 matmul {MATMUL}", _matmul, 2 * MATMUL**3 / 1e9)):
    samples = {what: Sample(make(), 1, False)}
    entry = {"what": what}
    # The clock falls to what the power allows in the first half.
    times = interleave(samples, rounds)[what]
    entry["sustained"] = work / statistics.median(times[len(times) // 2:])
    if isolated_rounds:
      times = interleave(samples, isolated_rounds, pause)[what]
      entry["isolated"] = work / statistics.median(times)
    found[unit] = {key: value if key == "what" else round(value, 1)
                   for key, value in entry.items()}
  return found
