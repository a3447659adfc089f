#!/usr/bin/env python3
# This file is part of Heed, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes tiny random checkpoints and what the original computes with them.

usage: make-goldens.py OUTPUT [NAME...]

Writes OUTPUT/NAME and OUTPUT/NAME-bf16 for every NAME of RECIPES: a Hugging
Face folder and goldens.safetensors, which OUTPUT/README.md describes. The
original is the implementation in the library transformers, run on one CPU
thread with eager attention. Prints one JSON line of measurements a folder.

A seed is refused, and the next one tried, where the greedy path hangs on a
margin under MARGIN, is not the path in single precision or repeats itself.

Needs PyTorch, safetensors and transformers 5.
"""

import argparse
import contextlib
import json
import math
import sys
import zlib
from pathlib import Path

try:
  import torch
  import transformers
  from safetensors.torch import save_file
  from torch.utils._python_dispatch import TorchDispatchMode
  from transformers import AutoConfig, AutoModelForCausalLM
except ImportError as missing:
  sys.exit(f"make-goldens: error: found no module '{missing.name}', "
           "wanted PyTorch, safetensors and transformers 5")

PROMPT = 40
GREEDY = 64
MARGIN = 1e-3
DISTINCT = 16
SEEDS = 200
CONTEXT = 512

# What the recipes share; heads of 16 channels unless they say otherwise.
COMMON = {"vocab_size": 128, "hidden_size": 64, "intermediate_size": 96,
          "num_hidden_layers": 2, "num_attention_heads": 4,
          "num_key_value_heads": 2, "hidden_act": "silu",
          "max_position_embeddings": CONTEXT, "rms_norm_eps": 1e-5,
          "tie_word_embeddings": False, "use_cache": True,
          "bos_token_id": None, "eos_token_id": None, "pad_token_id": None}
DEFAULT_ROPE = {"rope_type": "default", "rope_theta": 10000.0}
# Wavelengths under 16, between 16 and 64, and over 64 positions all occur.
SCALED_ROPE = {"rope_type": "llama3", "rope_theta": 10000.0, "factor": 8.0,
               "low_freq_factor": 1.0, "high_freq_factor": 4.0,
               "original_max_position_embeddings": 64}

# "old" says which of the two folders spells its configuration as transformers 4
# did; "shards" which weights lie in two files.
RECIPES = {
    "llama-plain": {
        "old": "f32", "shards": "f32", "rope": DEFAULT_ROPE,
        "config": {"model_type": "llama", "num_hidden_layers": 3,
                   "head_dim": 16}},
    "llama-scaled": {
        "old": "bf16", "rope": SCALED_ROPE,
        "config": {"model_type": "llama", "head_dim": 16}},
    "llama-tied": {
        "old": "bf16", "rope": {**DEFAULT_ROPE, "rope_theta": 500000.0},
        "config": {"model_type": "llama", "tie_word_embeddings": True,
                   "hidden_size": 96, "num_attention_heads": 6,
                   "head_dim": 16}},
    "mistral-window": {
        "old": "f32", "rope": DEFAULT_ROPE,
        "config": {"model_type": "mistral", "sliding_window": 24,
                   "head_dim": 16, "num_key_value_heads": 1}},
    "qwen2": {
        "old": "bf16", "rope": {**DEFAULT_ROPE, "rope_theta": 1000000.0},
        "config": {"model_type": "qwen2", "rms_norm_eps": 1e-6,
                   "use_sliding_window": False}},
    "qwen3": {
        "old": "f32", "rope": {**DEFAULT_ROPE, "rope_theta": 1000000.0},
        "config": {"model_type": "qwen3", "rms_norm_eps": 1e-6,
                   "num_attention_heads": 2, "num_key_value_heads": 1,
                   "head_dim": 128, "use_sliding_window": False}},
}

ARCHITECTURES = {"llama": "LlamaForCausalLM", "mistral": "MistralForCausalLM",
                 "qwen2": "Qwen2ForCausalLM", "qwen3": "Qwen3ForCausalLM"}
DTYPES = {"f32": ("float32", torch.float32), "bf16": ("bfloat16",
                                                      torch.bfloat16)}


class Refused(Exception):
  """A seed whose goldens would not be worth keeping."""


class OnlyDouble(TorchDispatchMode):
  """Fails where an operation makes a tensor of less than double precision."""

  def __torch_dispatch__(self, func, types, args=(), kwargs=None):
    out = func(*args, **(kwargs or {}))
    if (isinstance(out, torch.Tensor) and out.is_floating_point()
        and out.dtype.itemsize < 8):
      raise RuntimeError(f"found {out.dtype} from {func}, wanted float64")
    return out


@contextlib.contextmanager
def widened():
  """Makes the casts to single precision that the original's code spells out
  (norms, softmax, rotary angles) casts to double precision."""
  names = ("float32", "float")
  kept = {name: getattr(torch, name) for name in names}
  to_float = torch.Tensor.float
  default = torch.get_default_dtype()
  try:
    for name in names:
      setattr(torch, name, torch.float64)
    torch.Tensor.float = torch.Tensor.double
    torch.set_default_dtype(torch.float64)
    yield
  finally:
    for name, value in kept.items():
      setattr(torch, name, value)
    torch.Tensor.float = to_float
    torch.set_default_dtype(default)


def configuration(recipe, variant):
  """The config.json of a recipe in the spelling that the variant asks for."""
  config = {**COMMON, **recipe["config"]}
  config["architectures"] = [ARCHITECTURES[config["model_type"]]]
  dtype = DTYPES[variant][0]
  rope = dict(recipe["rope"])
  if recipe["old"] != variant:
    return {**config, "rope_parameters": rope, "dtype": dtype}
  config["rope_theta"] = rope.pop("rope_theta")
  config["rope_scaling"] = None if rope["rope_type"] == "default" else rope
  return {**config, "torch_dtype": dtype}


def spread_of(name, shape, tied):
  """The standard deviation of a random weight and its mean."""
  if name.endswith(("q_norm.weight", "k_norm.weight")):
    return 0.3, 1.5
  if name.endswith("norm.weight"):
    return 0.2, 1.0
  if name.endswith(".bias"):
    return 0.5, 0.0
  if name == "model.embed_tokens.weight":
    return (2 / math.sqrt(shape[1]) if tied else 1.0), 0.0
  if name == "lm_head.weight":
    return 2 / math.sqrt(shape[1]), 0.0
  gain = 1.5 if name.endswith(("q_proj.weight", "k_proj.weight")) else 1.0
  return gain / math.sqrt(shape[1]), 0.0


def random_weights(config, seed):
  """Random single precision weights under the names of the original."""
  with torch.device("meta"):
    model = AutoModelForCausalLM.from_config(config)
  tied = config.tie_word_embeddings
  generator = torch.Generator().manual_seed(seed)
  weights = {}
  for name, value in sorted(model.state_dict().items()):
    if tied and name == "lm_head.weight":
      continue
    spread, mean = spread_of(name, value.shape, tied)
    noise = torch.randn(value.shape, generator=generator)
    weights[name] = noise * spread + mean
  return weights


def write_weights(folder, weights, shards):
  """Writes the weights in one file, or in two with their index."""
  files = ["model.safetensors"]
  names = sorted(weights)
  parts = [names]
  if shards:
    files = [f"model-{i:05d}-of-00002.safetensors" for i in (1, 2)]
    parts = [names[:len(names) // 2], names[len(names) // 2:]]
    total = sum(w.numel() * w.element_size() for w in weights.values())
    index = {"metadata": {"total_size": total},
             "weight_map": {name: file for file, part in zip(files, parts)
                            for name in part}}
    (folder / "model.safetensors.index.json").write_text(
        json.dumps(index, indent=2) + "\n")
  for file, part in zip(files, parts):
    save_file({name: weights[name].contiguous() for name in part},
              str(folder / file), {"format": "pt"})
    (folder / file).chmod(0o644)


def write_checkpoint(folder, recipe, variant, weights):
  """Writes the folder of a checkpoint as the original reads it."""
  folder.mkdir(parents=True, exist_ok=True)
  for old in folder.glob("*.safetensors*"):
    old.unlink()
  (folder / "config.json").write_text(
      json.dumps(configuration(recipe, variant), indent=2) + "\n")
  write_weights(folder, weights, recipe.get("shards") == variant)


def load(folder, dtype):
  """Loads a checkpoint with the original in the given precision."""
  model = AutoModelForCausalLM.from_pretrained(
      folder, dtype=dtype, attn_implementation="eager", local_files_only=True)
  return model.eval()


@torch.no_grad()
def logits_of(model, ids):
  """The logits that follow every position, of one pass without a cache."""
  return model(ids[None], use_cache=False).logits[0]


class Exact:
  """The original in double precision throughout."""

  def __init__(self, folder, weights):
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    config._attn_implementation = "eager"
    config.dtype = torch.float64
    with widened():
      self.model = AutoModelForCausalLM.from_config(
          config, attn_implementation="eager").double().eval()
    missing, unknown = self.model.load_state_dict(
        {name: weight.double() for name, weight in weights.items()},
        strict=False)
    if unknown or set(missing) - {"lm_head.weight"}:
      raise SystemExit(f"make-goldens: error: {folder}: found weights "
                       f"{unknown} too many, {missing} too few")
    self.model.tie_weights()

  def logits(self, ids):
    with widened(), OnlyDouble():
      return logits_of(self.model, ids)

  def greedy(self, prompt):
    """The prompt and GREEDY ids after it; refuses a narrow choice."""
    ids = prompt
    for _ in range(GREEDY):
      best = self.logits(ids)[-1].topk(2)
      if (best.values[0] - best.values[1]).item() < MARGIN:
        raise Refused("a margin is too small")
      ids = torch.cat((ids, best.indices[:1]))
    if len(set(ids[PROMPT:].tolist())) < DISTINCT:
      raise Refused("the path repeats itself")
    return ids


def check_window(exact, config, ids):
  """Makes sure that a sliding window bites, and where it must."""
  window = getattr(config, "sliding_window", None)
  if config.model_type != "mistral":
    return
  other = ids.clone()
  other[0] = (other[0] + 1) % config.vocab_size
  moved = (exact.logits(ids[:-1]) - exact.logits(other[:-1])).abs().amax(-1) > 0
  reach = config.num_hidden_layers * (window - 1)
  last = moved.nonzero().max().item()
  if last != reach:
    raise SystemExit(f"make-goldens: error: position 0 is seen up to position "
                     f"{last}, wanted {reach}")


def check_rope(recipe, config):
  """Makes sure that the original understood the spelling of the rotary
  parameters."""
  for key, value in recipe["rope"].items():
    found = config.rope_parameters.get(key)
    if found != value:
      raise SystemExit(f"make-goldens: error: found {key} {found}, "
                       f"wanted {value}")


def check_bands(recipe, config):
  """Makes sure that all three bands of the llama3 scaling occur."""
  rope = recipe["rope"]
  if rope["rope_type"] != "llama3":
    return
  size = config.head_dim
  waves = [2 * math.pi * rope["rope_theta"] ** (2 * i / size)
           for i in range(size // 2)]
  length = rope["original_max_position_embeddings"]
  low = length / rope["low_freq_factor"]
  high = length / rope["high_freq_factor"]
  if not (min(waves) < high and max(waves) > low
          and any(high < wave < low for wave in waves)):
    raise SystemExit("make-goldens: error: found rotary wavelengths "
                     f"{waves}, wanted some under {high}, some over {low}")


@torch.no_grad()
def sharpness(model, ids):
  """The mean of the largest attention weight of each query, over layers."""
  attentions = model(ids[None], use_cache=False,
                     output_attentions=True).attentions
  # The first queries have few keys to choose from.
  return sum(a[..., 8:, :].amax(-1).mean().item()
             for a in attentions) / len(attentions)


def golden(folder, recipe, variant, weights, seed):
  """Returns the golden tensors of a written checkpoint and measurements."""
  config = AutoConfig.from_pretrained(folder, local_files_only=True)
  check_rope(recipe, config)
  check_bands(recipe, config)
  generator = torch.Generator().manual_seed(seed + 1)
  prompt = torch.randint(config.vocab_size, (PROMPT,), generator=generator)
  exact = Exact(folder, weights)
  ids = exact.greedy(prompt)
  single = load(folder, torch.float32)
  tensors = {"ids": ids.to(torch.int32),
             "prompt_length": torch.tensor([PROMPT], dtype=torch.int32),
             "logits_f64": exact.logits(ids[:-1]),
             "logits_f32": logits_of(single, ids[:-1])}
  path = tensors["logits_f32"][PROMPT - 1:].argmax(-1)
  if not torch.equal(path, ids[PROMPT:]):
    raise Refused("single precision takes another path")
  check_window(exact, config, ids)
  double, float32 = tensors["logits_f64"], tensors["logits_f32"]
  top = double[PROMPT - 1:].topk(2).values
  facts = {"folder": folder.name, "seed": seed,
           "bytes": sum(w.numel() * w.element_size() for w in weights.values()),
           "logit_spread": double.std().item(),
           "attention": sharpness(single, ids[:-1]),
           "smallest_margin": (top[:, 0] - top[:, 1]).min().item(),
           "distinct": len(set(ids[PROMPT:].tolist())),
           "f32_error": (float32.double() - double).abs().max().item()}
  if variant == "bf16":
    half = logits_of(load(folder, torch.bfloat16), ids[:-1])
    tensors["logits_bf16"] = half.to(torch.float32)
    facts["bf16_error"] = (tensors["logits_bf16"] - float32).abs().max().item()
  return tensors, facts


def make(output, name, variant, weights, seed):
  """Writes one folder with its goldens and returns the measurements."""
  recipe = RECIPES[name]
  folder = output / (name if variant == "f32" else f"{name}-bf16")
  dtype = DTYPES[variant][1]
  weights = {key: value.to(dtype) for key, value in weights.items()}
  write_checkpoint(folder, recipe, variant, weights)
  tensors, facts = golden(folder, recipe, variant, weights, seed)
  file = folder / "goldens.safetensors"
  save_file({key: value.contiguous() for key, value in tensors.items()},
            str(file))
  file.chmod(0o644)
  return facts


def make_pair(output, name):
  """Tries seeds until both folders of a recipe have goldens."""
  base = zlib.crc32(name.encode()) % 100000
  config = AutoConfig.for_model(
      **{**COMMON, **RECIPES[name]["config"],
         "rope_parameters": dict(RECIPES[name]["rope"])})
  for attempt in range(SEEDS):
    seed = base + 2 * attempt
    weights = random_weights(config, seed)
    try:
      return [make(output, name, variant, weights, seed)
              for variant in ("f32", "bf16")]
    except Refused as refused:
      print(f"{name}: seed {seed}: {refused}", file=sys.stderr)
  raise SystemExit(f"make-goldens: error: {name}: found no seed out of {SEEDS} "
                   "with a clear greedy path")


def parse_arguments():
  """Reads the command line."""
  parser = argparse.ArgumentParser(
      description="Make tiny checkpoints and the logits of the original.")
  parser.add_argument("output", type=Path)
  parser.add_argument("name", nargs="*", help="recipes (default: all)")
  arguments = parser.parse_args()
  for name in arguments.name:
    if name not in RECIPES:
      raise SystemExit(f"make-goldens: error: found recipe '{name}', wanted "
                       f"one of {', '.join(RECIPES)}")
  return arguments


def main():
  """Makes the goldens of all recipes that are asked for."""
  arguments = parse_arguments()
  torch.set_num_threads(1)
  torch.use_deterministic_algorithms(True)
  transformers.logging.set_verbosity_error()
  transformers.logging.disable_progress_bar()
  print(json.dumps({"torch": torch.__version__,
                    "transformers": transformers.__version__}))
  for name in arguments.name or RECIPES:
    for facts in make_pair(arguments.output, name):
      print(json.dumps(facts), flush=True)


if __name__ == "__main__":
  main()
