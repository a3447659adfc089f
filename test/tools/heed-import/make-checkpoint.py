#!/usr/bin/env python3
"""Writes a checkpoint with real headers and random or no data.

  make-checkpoint.py DIR                          2 layers, random weights
  make-checkpoint.py DIR --preset=llama-70b --sparse --shards=30
  make-checkpoint.py DIR --set model_type='"qwen3"' --set head_dim=16

With --sparse the files have their full sizes but occupy only their headers.
"""

import argparse
import array
import json
import pathlib
import random
import struct
import sys

PRESETS = {
    "tiny": dict(
        model_type="llama", vocab_size=32, max_position_embeddings=64,
        hidden_size=16, intermediate_size=24, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=1, rms_norm_eps=1e-5,
        rope_theta=10000.0, tie_word_embeddings=False, eos_token_id=0),
    "llama-70b": dict(
        model_type="llama", vocab_size=128256, max_position_embeddings=131072,
        hidden_size=8192, intermediate_size=28672, num_hidden_layers=80,
        num_attention_heads=64, num_key_value_heads=8, rms_norm_eps=1e-5,
        rope_theta=500000.0, tie_word_embeddings=False,
        eos_token_id=[128001, 128008, 128009],
        rope_scaling=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0,
                          high_freq_factor=4.0,
                          original_max_position_embeddings=8192)),
}
CONFIG_TYPES = {"F32": "float32", "BF16": "bfloat16", "F16": "float16"}


def shapes(config):
  """Yields (key, shape) of all tensors of a model."""
  family, hidden = config["model_type"], config["hidden_size"]
  width = config.get("head_dim") or hidden // config["num_attention_heads"]
  inner = config["intermediate_size"]
  q = config["num_attention_heads"] * width
  k = config["num_key_value_heads"] * width
  table = [config["vocab_size"], hidden]
  biased = family == "qwen2" or config.get("attention_bias", False)
  yield "model.embed_tokens.weight", table
  for layer in range(config["num_hidden_layers"]):
    head = f"model.layers.{layer}."
    for name, rows in (("q", q), ("k", k), ("v", k)):
      yield f"{head}self_attn.{name}_proj.weight", [rows, hidden]
      if biased:
        yield f"{head}self_attn.{name}_proj.bias", [rows]
    yield head + "self_attn.o_proj.weight", [hidden, q]
    if config.get("attention_bias", False):
      yield head + "self_attn.o_proj.bias", [hidden]
    if family == "qwen3":
      yield head + "self_attn.q_norm.weight", [width]
      yield head + "self_attn.k_norm.weight", [width]
    yield head + "input_layernorm.weight", [hidden]
    yield head + "post_attention_layernorm.weight", [hidden]
    yield head + "mlp.gate_proj.weight", [inner, hidden]
    yield head + "mlp.up_proj.weight", [inner, hidden]
    yield head + "mlp.down_proj.weight", [hidden, inner]
  yield "model.norm.weight", [hidden]
  if not config["tie_word_embeddings"]:
    yield "lm_head.weight", table


def count(shape):
  total = 1
  for size in shape:
    total *= size
  return total


def data(shape, dtype):
  """Returns random elements: around 0, or around 1 for vectors."""
  middle = 1.0 if len(shape) == 1 else 0.0
  values = [middle + random.gauss(0, 0.1) for _ in range(count(shape))]
  if dtype == "F16":
    return struct.pack(f"<{len(values)}e", *values)
  floats = struct.pack(f"<{len(values)}f", *values)
  if dtype == "F32":
    return floats
  return array.array("H", floats)[1::2].tobytes()


def write_file(path, tensors, dtype, sparse):
  """Writes one safetensors file; tensors are (key, shape) pairs."""
  bytes_each = 4 if dtype == "F32" else 2
  header, offset = {"__metadata__": {"format": "pt"}}, 0
  for key, shape in tensors:
    end = offset + count(shape) * bytes_each
    header[key] = dict(dtype=dtype, shape=shape, data_offsets=[offset, end])
    offset = end
  text = json.dumps(header).encode()
  text += b" " * (-len(text) % 8)
  with open(path, "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text)
    if sparse:
      file.truncate(8 + len(text) + offset)
      return
    for _, shape in tensors:
      file.write(data(shape, dtype))


def write_checkpoint(folder, config, dtype, shards, sparse):
  folder.mkdir(parents=True, exist_ok=True)
  config = dict(config, torch_dtype=CONFIG_TYPES[dtype])
  (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
  tensors = list(shapes(config))
  if shards == 1:
    write_file(folder / "model.safetensors", tensors, dtype, sparse)
    return
  weight_map, total = {}, 0
  for shard in range(shards):
    name = f"model-{shard + 1:05}-of-{shards:05}.safetensors"
    part = [tensor for i, tensor in enumerate(tensors)
            if i * shards // len(tensors) == shard]
    write_file(folder / name, part, dtype, sparse)
    weight_map.update((key, name) for key, _ in part)
    total += sum(count(shape) for _, shape in part)
  index = dict(metadata=dict(total_size=total * (4 if dtype == "F32" else 2)),
               weight_map=weight_map)
  (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def main():
  parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
  parser.add_argument("folder", type=pathlib.Path)
  parser.add_argument("--preset", choices=PRESETS, default="tiny")
  parser.add_argument("--set", action="append", default=[],
                      metavar="FIELD=JSON", help="a field of config.json")
  parser.add_argument("--dtype", choices=CONFIG_TYPES, default="BF16")
  parser.add_argument("--shards", type=int, default=1)
  parser.add_argument("--sparse", action="store_true")
  parser.add_argument("--seed", type=int, default=0)
  options = parser.parse_args()
  random.seed(options.seed)
  config = dict(PRESETS[options.preset])
  for setting in options.set:
    field, _, value = setting.partition("=")
    config[field] = json.loads(value)
  write_checkpoint(options.folder, config, options.dtype, options.shards,
                   options.sparse)


if __name__ == "__main__":
  sys.exit(main())
