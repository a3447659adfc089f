"""Rates, ratios and the file that a benchmark writes. Pure."""

import datetime
import json
import pathlib
import re
import statistics


def percentile(values, percent):
  """Returns the value below which `percent` of the values lie, interpolated."""
  ordered = sorted(values)
  place = (len(ordered) - 1) * percent / 100
  low = int(place)
  high = min(low + 1, len(ordered) - 1)
  return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def compare(ours, peer):
  """Compares times of the same rounds. Returns the median of peer / ours, above
  1 where ours is faster, and its 10th and 90th percentile."""
  ratios = [p / o for o, p in zip(ours, peer, strict=True)]
  return (round(statistics.median(ratios), 4),
          [round(percentile(ratios, percent), 4) for percent in (10, 90)])


def make_entries(row, rate, times, ceiling):
  """Returns the rows of the file for one row of the benchmark. `times` maps each
  contender to its milliseconds per call, round by round; the names of ours
  begin with "ours"."""
  peers = [name for name in times if not name.startswith("ours")]
  entries = []
  for name in (name for name in times if name.startswith("ours")):
    ours = row.rate(statistics.median(times[name]))
    entry = {"row": row.name, "unit": row.unit, "rate": rate,
             "variant": name.partition("@")[2], "ours": round(ours, 1),
             "peer": None, "peer_name": None, "ratio": None, "spread": None,
             "limit_share": round(ours / ceiling, 4)}
    for peer in peers:
      ratio, spread = compare(times[name], times[peer])
      entries.append(entry | {
          "peer": round(row.rate(statistics.median(times[peer])), 1),
          "peer_name": peer, "ratio": ratio, "spread": spread})
    if not peers:
      entries.append(entry)
  return entries


def describe(entry):
  """Returns an entry as a line to read."""
  name = "ours" + ("@" + entry["variant"] if entry["variant"] else "")
  text = (f"  {entry['rate']:9s} {name:12s} {entry['ours']:7.1f} "
          f"{entry['unit']} ({100 * entry['limit_share']:.0f} % of the limit)")
  if entry["peer_name"]:
    low, high = entry["spread"]
    text += (f"  {entry['peer_name']:6s} {entry['peer']:7.1f}"
             f"  ratio {entry['ratio']:.3f} ({low:.3f} to {high:.3f})")
  return text


def slug(device):
  """Returns a device's name as part of a file name."""
  words = re.findall(r"[a-z0-9.]+", device.lower())
  return "-".join(word for word in words if word != "nvidia")


def write(path, device, commit, command, ceilings, rows, **more):
  content = {"device": device, "date": datetime.date.today().isoformat(),
             "commit": commit, "command": command, "ceilings": ceilings,
             **more, "rows": rows}
  pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
  pathlib.Path(path).write_text(json.dumps(content, indent=1) + "\n",
                                encoding="utf-8")
