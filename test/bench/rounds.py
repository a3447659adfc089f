"""Times contenders side by side, round by round, in one process.

Samples are queued without waiting, so that the time of a launch does not
enter; the order rotates from round to round.
"""

import math
import time

import torch

SAMPLE_MS = 2.0  # What one sample lasts at least.


def rotate(names, turn):
  turn %= len(names)
  return names[turn:] + names[:turn]


def record_pair(queue):
  """Queues work between two events, and returns these."""
  begin = torch.cuda.Event(enable_timing=True)
  end = torch.cuda.Event(enable_timing=True)
  begin.record()
  queue()
  end.record()
  return begin, end


class Sample:
  """So many calls of a contender that they last SAMPLE_MS. `call(copy)` is
  given each of `copies` in turn."""

  def __init__(self, call, copies, in_graph):
    self._call, self._copies, self._graph = call, copies, None
    self.repetitions = max(3, copies)
    self._queue()
    torch.cuda.synchronize()
    self.repetitions = copies
    self._lengthen()
    if in_graph:
      self._capture()
      if self._lengthen():
        self._capture()

  def _queue(self):
    for i in range(self.repetitions):
      self._call(i % self._copies)

  def _capture(self):
    """A graph of all calls: they are too short to be launched one by one."""
    self._graph = None
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
      self._queue()
    self._graph = graph

  def _lengthen(self):
    """Returns whether the sample was too short and has more calls now."""
    self.queue()
    begin, end = record_pair(self.queue)
    end.synchronize()
    factor = math.ceil(SAMPLE_MS / begin.elapsed_time(end))
    self.repetitions *= factor
    return factor > 1

  def queue(self):
    if self._graph:
      self._graph.replay()
    else:
      self._queue()

  def lead_in(self):
    """Keeps the device busy while the host queues the sample."""
    if self._graph:
      self._graph.replay()
    else:
      self._call(0)


def interleave(samples, rounds, pause=0.0):
  """Times all `samples`, by name, in each round, with so many seconds of
  `pause` before each. Returns the milliseconds per call of every round."""
  events = {name: [] for name in samples}
  for sample in samples.values():
    sample.lead_in()
  for turn in range(rounds):
    for name in rotate(list(samples), turn):
      if pause:
        torch.cuda.synchronize()
        time.sleep(pause)
        samples[name].lead_in()
      events[name].append(record_pair(samples[name].queue))
  torch.cuda.synchronize()
  return {name: [begin.elapsed_time(end) / samples[name].repetitions
                 for begin, end in pairs]
          for name, pairs in events.items()}
