"""Attention in f32, piece by piece, to check results against.

A result may err twice as much as a plain implementation that makes the same
permitted roundings: probabilities and output in bf16, all else in f32.
"""

import dataclasses
import math

import torch

WHOLE = 1 << 27  # Pairs of a row up to which all of it is checked.
BLOCK = 64  # Queries that are checked together in longer rows.


@dataclasses.dataclass
class Errors:
  """Sums of squares over what was checked."""
  error: float = 0.0
  plain: float = 0.0
  norm: float = 0.0
  finite: bool = True

  @property
  def relative(self):
    return math.sqrt(self.error / self.norm) if self.norm else math.inf

  @property
  def plain_relative(self):
    return math.sqrt(self.plain / self.norm) if self.norm else 0.0

  @property
  def is_right(self):
    return self.finite and self.relative <= 2 * self.plain_relative

  def __str__(self):
    verdict = "right" if self.is_right else "WRONG"
    if not self.finite:
      verdict += ", not finite"
    return (f"error {self.relative:.2e}, plain {self.plain_relative:.2e}: "
            f"{verdict}")


def spread(count, wanted):
  """Returns up to `wanted` of 0 .. count - 1, evenly, with both ends."""
  if count <= wanted:
    return list(range(count))
  return [i * (count - 1) // (wanted - 1) for i in range(wanted)]


def choose_heads(row):
  """Returns the pairs (sequence, head) that are checked."""
  total = row.batch * row.heads
  whole = total * row.queries * row.keys <= WHOLE
  wanted = total if whole else 64 if row.is_decode else 8
  return [divmod(i, row.heads) for i in spread(total, wanted)]


def choose_queries(row):
  """Returns the queries that are checked, as lists of one block each."""
  blocks = -(-row.queries // BLOCK)
  whole = row.batch * row.heads * row.queries * row.keys <= WHOLE
  return [range(BLOCK * i, min(BLOCK * (i + 1), row.queries))
          for i in spread(blocks, blocks if whole else 6)]


def visible(row, queries, device):
  """Returns which keys each of `queries` sees, or None if all see all."""
  seen = [row.seen(query) for query in queries]
  if all(len(keys) == row.keys for keys in seen):
    return None
  keys = torch.arange(row.keys, device=device)
  first = torch.tensor([one.start for one in seen], device=device)[:, None]
  end = torch.tensor([one.stop for one in seen], device=device)[:, None]
  return (keys >= first) & (keys < end)


def attend(row, queries, query, key, value):
  """Attention of a block of queries of one head: (exact, plain), in f32."""
  scores = query.float() @ key.T / math.sqrt(row.width)
  seen = visible(row, queries, query.device)
  if seen is not None:
    scores = scores.masked_fill(~seen, -math.inf)
  top = scores.amax(-1, keepdim=True).clamp_min(-1e30)
  weights = (scores - top).exp()
  total = weights.sum(-1, keepdim=True)
  inverse = torch.where(total > 0, 1 / total, 0.0)
  exact = weights @ value * inverse
  plain = weights.bfloat16().float() @ value * inverse
  return exact, plain.bfloat16().float()


def check(row, query, key, value, output):
  """Compares `output` with the reference at the chosen places."""
  torch.set_float32_matmul_precision("highest")
  square = lambda tensor: tensor.double().square().sum().item()
  errors = Errors(finite=bool(torch.isfinite(output).all()))
  group = row.heads // row.key_heads
  for sequence, head in choose_heads(row):
    keys = key[sequence, head // group].float()
    values = value[sequence, head // group].float()
    for queries in choose_queries(row):
      part = slice(queries.start, queries.stop)
      exact, plain = attend(row, queries, query[sequence, head, part], keys,
                            values)
      errors.error += square(output[sequence, head, part].float() - exact)
      errors.plain += square(plain - exact)
      errors.norm += square(exact)
  return errors
