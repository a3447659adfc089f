#!/usr/bin/env python3
# This file is part of Heed, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains the bundled byte-level Llama and measures what rewrites cost it.

usage: train-model.py TEXT HELD_OUT OUTPUT [--seconds N] [--device cpu|cuda]

TEXT (may end in .xz) and HELD_OUT are made by extract-text.py. Writes

  OUTPUT/config.json, generation_config.json, model.safetensors
                          for transformers' LlamaForCausalLM, weights in bf16
  OUTPUT/curves.json      the training curve, and bits per byte of the held-out
                          text with windows, with sinks and without layers

Needs PyTorch 2.4 or newer and safetensors. The learning rate follows the clock,
so the same command gives a similar model, not the same one.
"""

import argparse
import json
import lzma
import math
import sys
import time
from pathlib import Path

try:
  import torch
  from safetensors.torch import save_file
  from torch import nn
  from torch.nn import functional as F
except ImportError as missing:
  sys.exit(f"train-model: error: found no module '{missing.name}', "
           "wanted PyTorch and safetensors")

VOCABULARY = 256
WIDTH = 256
LAYERS = 8
HEADS = 4
KV_HEADS = 2
HEAD = 64
FFN = 704
CONTEXT = 1024
THETA = 10000.0
EPSILON = 1e-5
# Layers but the first and the last are skipped in training this often.
SKIPPED = 0.15
# The byte between documents.
END_OF_TEXT = 0

PEAK_RATE = 3e-3
WARM_UP_STEPS = 200
DECAY_FROM = 0.6
FIRST_TIMED_STEP = 10

WINDOWS = (8, 16, 32, 64, 128, 256, 512)
SINKS = (0, 4)


def rotate(x, cos, sin):
  """Applies the rotary embedding in the half-split convention."""
  a, b = x.chunk(2, -1)
  return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


def linear(inputs, outputs):
  """A projection without bias."""
  return nn.Linear(inputs, outputs, bias=False)


class Norm(nn.Module):
  """Root mean square norm."""

  def __init__(self):
    super().__init__()
    self.weight = nn.Parameter(torch.ones(WIDTH))

  def forward(self, x):
    return F.rms_norm(x, (WIDTH,), self.weight.to(x.dtype), EPSILON)


class Attention(nn.Module):
  """Grouped-query attention with rotary positions."""

  def __init__(self):
    super().__init__()
    self.q_proj = linear(WIDTH, HEADS * HEAD)
    self.k_proj = linear(WIDTH, KV_HEADS * HEAD)
    self.v_proj = linear(WIDTH, KV_HEADS * HEAD)
    self.o_proj = linear(HEADS * HEAD, WIDTH)

  def forward(self, x, cos, sin, mask):
    batch, length, _ = x.shape

    def split(y, heads):
      return y.view(batch, length, heads, HEAD).transpose(1, 2)

    q = rotate(split(self.q_proj(x), HEADS), cos, sin)
    k = rotate(split(self.k_proj(x), KV_HEADS), cos, sin)
    v = split(self.v_proj(x), KV_HEADS)
    k = k.repeat_interleave(HEADS // KV_HEADS, 1)
    v = v.repeat_interleave(HEADS // KV_HEADS, 1)
    out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask,
                                         is_causal=mask is None)
    return self.o_proj(out.transpose(1, 2).reshape(batch, length, -1))


class Mlp(nn.Module):
  """Gated feed-forward network."""

  def __init__(self):
    super().__init__()
    self.gate_proj = linear(WIDTH, FFN)
    self.up_proj = linear(WIDTH, FFN)
    self.down_proj = linear(FFN, WIDTH)

  def forward(self, x):
    return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
  """One transformer layer, skipped at random in training."""

  def __init__(self, skipped):
    super().__init__()
    self.skipped = skipped
    self.input_layernorm = Norm()
    self.self_attn = Attention()
    self.post_attention_layernorm = Norm()
    self.mlp = Mlp()

  def forward(self, x, cos, sin, mask):
    y = x + self.self_attn(self.input_layernorm(x), cos, sin, mask)
    y = y + self.mlp(self.post_attention_layernorm(y))
    if self.training and self.skipped > 0:
      keep = torch.rand(x.shape[0], 1, 1, device=x.device) >= self.skipped
      y = torch.where(keep, y, x)
    return y


class Decoder(nn.Module):
  """The layers, named as in a Hugging Face checkpoint."""

  def __init__(self):
    super().__init__()
    self.embed_tokens = nn.Embedding(VOCABULARY, WIDTH)
    self.layers = nn.ModuleList(
        Layer(0.0 if i in (0, LAYERS - 1) else SKIPPED) for i in range(LAYERS))
    self.norm = Norm()


class Model(nn.Module):
  """The language model; the embedding is also the output projection."""

  def __init__(self):
    super().__init__()
    self.model = Decoder()
    for parameter in self.parameters():
      if parameter.dim() > 1:
        nn.init.normal_(parameter, 0, 0.02)
    for layer in self.model.layers:
      for last in (layer.self_attn.o_proj, layer.mlp.down_proj):
        nn.init.normal_(last.weight, 0, 0.02 / math.sqrt(2 * LAYERS))
    frequency = THETA ** (-torch.arange(0, HEAD, 2) / HEAD)
    angle = torch.arange(CONTEXT)[:, None] * frequency[None]
    self.register_buffer("cos", angle.cos(), persistent=False)
    self.register_buffer("sin", angle.sin(), persistent=False)

  def forward(self, ids, mask=None, without=()):
    x = self.model.embed_tokens(ids)
    cos = self.cos[:ids.shape[1]].to(x.dtype)
    sin = self.sin[:ids.shape[1]].to(x.dtype)
    for index, layer in enumerate(self.model.layers):
      if index not in without:
        x = layer(x, cos, sin, mask)
    return F.linear(self.model.norm(x), self.model.embed_tokens.weight)


def read_bytes(path, device):
  """Reads a text, compressed or not, as a tensor of bytes."""
  try:
    data = path.read_bytes()
  except OSError as error:
    raise SystemExit(f"train-model: error: {path}: {error.strerror}") from error
  if path.suffix == ".xz":
    data = lzma.decompress(data)
  if len(data) < 4 * CONTEXT:
    raise SystemExit(f"train-model: error: {path}: found {len(data)} bytes, "
                     f"wanted at least {4 * CONTEXT}")
  return torch.frombuffer(bytearray(data), dtype=torch.uint8).to(device)


def autocast(device):
  """Half precision on a GPU, none on a CPU."""
  return torch.autocast(device, torch.bfloat16, enabled=device == "cuda")


@torch.no_grad()
def bits_per_byte(model, held, mask=None, without=()):
  """Measures windows of CONTEXT bytes side by side.

  Returns the bits per byte of the positions 1 to CONTEXT / 2 - 1 and of the
  positions CONTEXT / 2 to CONTEXT - 1.
  """
  training = model.training
  model.eval()
  windows = held[:len(held) // CONTEXT * CONTEXT].view(-1, CONTEXT).long()
  half = CONTEXT // 2 - 1
  first = second = 0.0
  for batch in windows.split(16):
    logits = model(batch, mask, without)[:, :-1].float().transpose(1, 2)
    bits = F.cross_entropy(logits, batch[:, 1:], reduction="none")
    bits = bits.double() / math.log(2)
    first += bits[:, :half].sum().item()
    second += bits[:, half:].sum().item()
  model.train(training)
  return first / (len(windows) * half), second / (len(windows) * (half + 1))


def make_optimizer(model, device):
  """AdamW with weight decay on the matrices."""
  matrices = [p for p in model.parameters() if p.dim() > 1]
  vectors = [p for p in model.parameters() if p.dim() < 2]
  groups = [{"params": matrices, "weight_decay": 0.1},
            {"params": vectors, "weight_decay": 0.0}]
  return torch.optim.AdamW(groups, lr=PEAK_RATE, betas=(0.9, 0.95),
                           fused=device == "cuda")


def rate_at(step, share):
  """The learning rate: warm-up by steps, decay by the share of time spent."""
  rate = PEAK_RATE * min(1, step / WARM_UP_STEPS)
  if share > DECAY_FROM:
    rate *= max(0.02, (1 - share) / (1 - DECAY_FROM))
  return rate


def train_step(model, optimizer, text, arguments):
  """Takes one step on random windows of the text and returns its loss."""
  device = arguments.device
  starts = torch.randint(len(text) - CONTEXT - 1, (arguments.batch, 1),
                         device=device)
  ids = text[starts + torch.arange(CONTEXT + 1, device=device)].long()
  with autocast(device):
    logits = model(ids[:, :-1])
    loss = F.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten())
  loss.backward()
  torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
  optimizer.step()
  optimizer.zero_grad(set_to_none=True)
  return loss.detach()


def train(model, text, held, arguments):
  """Trains for a while and returns the curve."""
  optimizer = make_optimizer(model, arguments.device)
  compiled = model
  if arguments.device == "cuda":
    compiled = torch.compile(model, dynamic=False)
  curve, loss, start, step, share = [], 0.0, None, 0, 0.0
  while share <= 1:
    for group in optimizer.param_groups:
      group["lr"] = rate_at(step + 1, share)
    loss = train_step(compiled, optimizer, text, arguments)
    step += 1
    if step == FIRST_TIMED_STEP:
      loss.item()
      start = time.time()
    if start is not None:
      share = (time.time() - start) / arguments.seconds
    if step % arguments.report == 0 or share > 1:
      with autocast(arguments.device):
        first, second = bits_per_byte(model, held)
      curve.append({"step": step, "bytes": step * arguments.batch * CONTEXT,
                    "seconds": round(time.time() - (start or time.time()), 1),
                    "train": round(loss.item() / math.log(2), 4),
                    "held_out_first_half": round(first, 4),
                    "held_out_second_half": round(second, 4)})
      print(json.dumps(curve[-1]), flush=True)
  return curve


def window_mask(window, sinks, device):
  """A causal mask over the `window` last keys and the first `sinks` ones."""
  position = torch.arange(CONTEXT, device=device)
  distance = position[:, None] - position[None]
  near = (distance < window) | (position[None] < sinks)
  return (distance >= 0) & near


def ablations(model, held, device):
  """Measures the second half of the held-out windows under rewrites."""
  out = []

  def measure(name, mask=None, without=()):
    first, second = bits_per_byte(model, held, mask, without)
    out.append({"name": name, "first_half": round(first, 4),
                "second_half": round(second, 4)})
    print(json.dumps(out[-1]), flush=True)

  measure("dense")
  for window in WINDOWS:
    for sinks in SINKS:
      measure(f"window {window} + {sinks}", window_mask(window, sinks, device))
  for layer in range(LAYERS):
    measure(f"without {layer}", None, (layer,))
  for low in range(1, LAYERS - 1):
    for high in range(low + 1, LAYERS - 1):
      measure(f"without {low} {high}", None, (low, high))
  return out


def configuration():
  """The config.json of the model."""
  return {"architectures": ["LlamaForCausalLM"], "model_type": "llama",
          "vocab_size": VOCABULARY, "hidden_size": WIDTH,
          "intermediate_size": FFN, "num_hidden_layers": LAYERS,
          "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS,
          "head_dim": HEAD, "hidden_act": "silu",
          "max_position_embeddings": CONTEXT, "rms_norm_eps": EPSILON,
          "rope_theta": THETA, "rope_scaling": None,
          "attention_bias": False, "attention_dropout": 0.0,
          "mlp_bias": False, "tie_word_embeddings": True,
          "initializer_range": 0.02, "use_cache": True,
          "bos_token_id": END_OF_TEXT, "eos_token_id": END_OF_TEXT,
          "torch_dtype": "bfloat16"}


def save(model, folder):
  """Writes the model as a Hugging Face folder."""
  weights = {name: value.detach().to(torch.bfloat16).cpu().contiguous()
             for name, value in model.state_dict().items()}
  file = folder / "model.safetensors"
  save_file(weights, str(file), {"format": "pt"})
  file.chmod(0o644)
  generation = {"bos_token_id": END_OF_TEXT, "eos_token_id": END_OF_TEXT,
                "do_sample": False}
  for name, value in (("config.json", configuration()),
                      ("generation_config.json", generation)):
    (folder / name).write_text(json.dumps(value, indent=2) + "\n")


def machine(device):
  """Names what trained the model."""
  name = torch.cuda.get_device_name() if device == "cuda" else "CPU"
  return {"device": name, "torch": torch.__version__}


def parse_arguments():
  """Reads the command line."""
  default = "cuda" if torch.cuda.is_available() else "cpu"
  parser = argparse.ArgumentParser(
      description="Train and measure the bundled byte-level model.")
  parser.add_argument("text", type=Path)
  parser.add_argument("held_out", type=Path)
  parser.add_argument("output", type=Path)
  parser.add_argument("--seconds", type=float, default=300,
                      help="time to train for (default: 300)")
  parser.add_argument("--device", choices=("cpu", "cuda"), default=default)
  parser.add_argument("--batch", type=int,
                      help="windows a step (default: 64; 4 on a CPU)")
  parser.add_argument("--report", type=int, default=1000,
                      help="steps between two points of the curve")
  parser.add_argument("--seed", type=int, default=0)
  arguments = parser.parse_args()
  if arguments.batch is None:
    arguments.batch = 64 if arguments.device == "cuda" else 4
  return arguments


def main():
  """Trains, saves and measures."""
  arguments = parse_arguments()
  torch.manual_seed(arguments.seed)
  text = read_bytes(arguments.text, arguments.device)
  held = read_bytes(arguments.held_out, arguments.device)
  arguments.output.mkdir(parents=True, exist_ok=True)
  result = {**machine(arguments.device), "seconds": arguments.seconds,
            "batch": arguments.batch, "seed": arguments.seed}
  print(json.dumps(result), flush=True)
  model = Model().to(arguments.device).train()
  result["parameters"] = sum(p.numel() for p in model.parameters())
  result["curve"] = train(model, text, held, arguments)
  save(model, arguments.output)
  curves = arguments.output / "curves.json"
  curves.write_text(json.dumps(result, indent=1) + "\n")
  # Weights rounded as in the file, arithmetic in single precision.
  for parameter in model.parameters():
    parameter.data = parameter.data.to(torch.bfloat16).to(torch.float32)
  result["ablations"] = ablations(model, held, arguments.device)
  curves.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
  main()
