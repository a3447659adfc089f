"""What heed-bench-kernels wrote: rows, and how their kernels are launched.

Pure: needs neither PyTorch nor a GPU.
"""

import dataclasses
import functools
import json
import pathlib
import struct

MAP_BYTES = 128
# As in runtime/Program.cpp, runtime/cuda/CudaDevice.cpp and heed-c/Package.h;
# the shared memory is that of a multiprocessor of sm_90.
FEW_PARTS, MOST_PARTS, DIVIDED_PROGRAMS = 8, 64, 1024
PARTS = "parts"


@dataclasses.dataclass(frozen=True)
class Row:
  """One attention on bf16: queries B x H x M x D, keys and values
  B x Hk x N x D. The last query stands at the last key; queries before the
  first key, at negative positions, see nothing, whatever the mask."""
  phase: str
  batch: int
  heads: int
  key_heads: int
  queries: int
  keys: int
  width: int
  causal: bool
  window: int
  timed: bool

  @functools.cached_property
  def name(self):
    heads = f"H{self.heads}"
    if self.key_heads != self.heads:
      heads += f"/{self.key_heads}"
    tokens, mask = f"N{self.keys}", ""
    if not self.is_decode:
      mask = " causal" if self.causal else " full"
      if self.queries != self.keys:
        tokens = f"M{self.queries} N{self.keys}"
    if self.window:
      mask = f" window {self.window}"
    return f"{self.phase} B{self.batch} {heads} {tokens} D{self.width}{mask}"

  def seen(self, query):
    """Returns the range of keys that a query sees."""
    position = query + self.keys - self.queries
    if position < 0:
      return range(0)
    if not self.causal:
      return range(self.keys)
    first = position + 1 - self.window if self.window else 0
    return range(max(first, 0), position + 1)

  @functools.cached_property
  def pairs(self):
    """Pairs of a query and a key that it sees, of one head."""
    return sum(len(self.seen(query)) for query in range(self.queries))

  @property
  def is_decode(self):
    return self.phase == "decode"

  @property
  def unit(self):
    return "GB/s" if self.is_decode else "TFLOP/s"

  @property
  def cache_bytes(self):
    """Of keys and values."""
    return 4 * self.batch * self.key_heads * self.keys * self.width

  def rate(self, ms):
    """Work of one call that took `ms` milliseconds, in `unit`."""
    if self.is_decode:
      return self.cache_bytes / ms / 1e6
    return 4 * self.batch * self.heads * self.pairs * self.width / ms / 1e9


@dataclasses.dataclass(frozen=True)
class Launch:
  """One kernel: its words in order, and the dimensions of its grid, each as
  (number of a word or -1, divisor)."""
  symbol: str
  threads: int
  shared_bytes: int
  words: tuple
  grid: tuple
  maps: tuple
  persistent: bool
  remark: str

  def programs(self, values):
    """Returns how many programs a grid has; `values` are those of words."""
    count = 1
    for word, divisor in self.grid:
      count *= divisor if word < 0 else -(-values[word] // divisor)
    return count

  def blocks(self, values, multiprocessors):
    """Returns how many blocks run the programs of a grid: a persistent kernel
    hands them out itself."""
    programs = self.programs(values)
    return min(programs, multiprocessors) if self.persistent else programs

  @property
  def map_offset(self):
    """Where the first tensor map lies in the parameter block."""
    return -(-8 * len(self.words) // 64) * 64

  @property
  def block_bytes(self):
    if not self.maps:
      return 8 * len(self.words)
    return self.map_offset + MAP_BYTES * len(self.maps)

  def write_words(self, values):
    """Returns the parameter block without its maps."""
    words = struct.pack(f"<{len(values)}q", *values)
    return words + bytes(self.block_bytes - len(words))


@dataclasses.dataclass(frozen=True)
class Kernel:
  """What one variant runs for a row: launches one after the other, divided
  into `parts`, or as the runtime does where that is 0."""
  variant: str
  image: pathlib.Path
  launches: tuple
  parts: int = 0

  @property
  def name(self):
    return "ours" + ("@" + self.variant if self.variant else "")

  def divided(self, parts):
    """Returns the kernel in as many parts, as a variant of its own."""
    variant = f"{self.variant} in {parts}".strip()
    return dataclasses.replace(self, variant=variant, parts=parts)

  def remarks(self):
    return "; ".join(launch.remark for launch in self.launches)


def choose_parts(row, kernel, multiprocessors):
  """Returns into how many parts a kernel is divided: as it says, or, as the
  runtime does; 1 if nothing is divided."""
  divided = [launch for launch in kernel.launches if PARTS in launch.words]
  if kernel.parts or not divided:
    return kernel.parts or 1
  programs = divided[0].programs(word_values(divided[0], row, {}, 1))
  wanted = min(2 * multiprocessors, DIVIDED_PROGRAMS)
  parts = min(wanted // programs, max(FEW_PARTS, wanted // 2 // programs))
  return min(max(parts, 1), MOST_PARTS)


def workspace_bytes(row, launches, parts):
  """Returns the bytes of what all parts of all programs leave behind."""
  sizes = [4 * int(word.split()[1]) *
           launch.programs(word_values(launch, row, {}, parts))
           for launch in launches if PARTS in launch.words
           for word in launch.words if word.startswith("workspace")]
  return max(sizes, default=0)


def word_values(launch, row, addresses, parts):
  """Returns the number of each word. `addresses` maps "argument 0" and the
  like to an address; what it lacks is 0."""
  numbers = {"batch": row.batch, "tokens 0": row.queries,
             "tokens 1": row.keys, "tokens 2": row.keys,
             PARTS: parts}
  places = ("argument 0", "argument 1", "argument 2", "result 0", "workspace")
  values = []
  for word in launch.words:
    if word.startswith("workspace"):
      word = "workspace"
    if word not in numbers and word not in places:
      raise ValueError(f"{launch.symbol}: found word '{word}', wanted one of "
                       f"{', '.join([*numbers, *places])}")
    values.append(numbers[word] if word in numbers else
                  addresses.get(word, 0))
  return values


def read_launch(entry):
  return Launch(
      symbol=entry["symbol"], threads=entry["threads"],
      shared_bytes=entry["shared_bytes"], words=tuple(entry["words"]),
      grid=tuple((term["word"], term["divisor"]) for term in entry["grid"]),
      maps=tuple((m["buffer"], m["rows"], m["columns"], m["box_rows"])
                 for m in entry["maps"]),
      # Older builds, which a variant may be of, do not say it.
      persistent=entry.get("persistent", False), remark=entry["remark"])


def load(folder):
  """Reads kernels.json and kernels@VARIANT.json of a folder. Returns
  {row: [kernel, ...]}, and the commit of each variant."""
  files = sorted(pathlib.Path(folder).glob("kernels*.json"),
                 key=lambda file: file.stem)
  if not files:
    raise FileNotFoundError(f"{folder}: found no kernels.json, wanted what "
                            "heed-bench-kernels writes")
  rows, commits = {}, {}
  for file in files:
    variant = file.stem.partition("@")[2]
    content = json.loads(file.read_text(encoding="utf-8"))
    commits[variant] = content["commit"]
    for entry in content["rows"]:
      row = Row(**{field.name: entry[field.name]
                   for field in dataclasses.fields(Row)})
      launches = tuple(read_launch(launch) for launch in entry["launches"])
      rows.setdefault(row, []).append(
          Kernel(variant, file.parent / entry["file"], launches))
  return rows, commits
