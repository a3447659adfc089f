#!/usr/bin/env python3
# This file is part of Heed, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains tiny tokenizers and writes down what the original makes of texts.

usage: make-tokenizer-goldens.py OUTPUT [TEXT]

Writes OUTPUT/NAME/tokenizer.json and OUTPUT/NAME/goldens.json for every name of
RECIPES: the pipelines of Llama 3, Qwen 2 and GPT-2 to the letter, with some 600
pieces learnt from TEXT (by default the held-out text of docs-6m) and LINES. The
original is the library tokenizers of Hugging Face; nothing is computed by Heed.

goldens.json holds
  texts    [{"text", "ids", "with_special"}]: encoded without and with the ids
           that the model expects around a text
  decoded  [{"ids", "text"}]: random ids, decoded without special tokens; not
           added tokens beyond ASCII, whose characters the original takes for
           names of bytes

Random characters are those of Unicode 3.2, on which all versions agree: the
original normalizes by an older version than it matches by. The same version of
tokenizers gives the same bytes.

Needs tokenizers 0.23.
"""

import argparse
import json
import random
import sys
import unicodedata
from pathlib import Path

try:
  from tokenizers import Tokenizer, models, pre_tokenizers, trainers
except ImportError as missing:
  sys.exit(f"make-tokenizer-goldens: error: found no module '{missing.name}', "
           "wanted tokenizers 0.23")

ROOT = Path(__file__).resolve().parents[2]
PIECES = 600
FUZZ = 300
DECODED = 100

LINES = """\
It's the user's; they'll say we've done it, I'm sure you'd agree, don't you?
Der Käufer müßte größere Straßen überqueren. Où êtes-vous né, à Besançon?
Съешь ещё этих мягких французских булок, да выпей чаю.
人人生而自由，在尊严和权利上一律平等。すべての人間は、生まれながらにして自由です。
يولد جميع الناس أحرارا متساوين في الكرامة والحقوق.
सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता प्राप्त है।
for (int i = 0; i < 1024; ++i) { sum += a[i] * 3.14159; }  // 100%
"""

TEXTS = [
    "", " ", "a", "Hello, world!", " leading", "trailing ", "two  spaces",
    "It's, IT'S, we'Ll don'T I'm you'D they'vE 's 'S 'x ''s",
    "'\u017f '\u212a '\ufb05 '\ufb06 STRASSE stra\u00dfe \u1e9e",  # folding
    "1 12 123 1234 1234567890 3.14159 1e-5 \u0661\u0662\u0663 \u00bd\u2167",
    "   three", "a   b    c", "tab\tand\t\ttabs\t", "\t\n \n\t", "\n", "\n\n\n",
    "one\ntwo\n\nthree\n", "one\r\ntwo\r\n\r\nthree\r\n", "old\rmac\r",
    "end of line   \nnext", "  \n  indented\n    more\n", "!!!\n\n???\r\n",
    # Spaces: VT, FF, FS, NEL, NBSP, Ogham, em, line, paragraph, ideographic.
    "a\vb\fc\x1cd\x85e\xa0f\u1680g\u2003h\u2028i\u2029j\u3000k",
    "\v\v x\x85\x85 y\xa0\xa0 z\u3000\u3000", "\x85\n\xa0\r\n\u2028\n",
    "zero\u200bwidth\u200djoin\ufeff mark \u180e", "nul\0and\x07bell\x7f\x9b",
    "smile \U0001f600 family \U0001f468\u200d\U0001f469\u200d\U0001f467"
    "\u200d\U0001f466 flag \U0001f1e9\U0001f1ea hand \U0001f44b\U0001f3fd",
    # Not in form C: accents, order of marks, Hangul, singletons, exclusions.
    "e\u0301a\u0308u\u0308 n\u0303 q\u0307\u0323 q\u0323\u0307 A\u030a \u212b",
    "\u1112\u1161\u11ab\u1100\u1173\u11af \ud55c\uae00",
    "\u0915\u093c \u0958 \u2126 \u03a9 \u0344 \u0308\u0301 \u2adc \ufb1d",
    "\u0301start with a mark", "Zoe\u0308 Zo\u00eb zoe\u0308",
    "人人生而自由，在尊严和权利上一律平等。", "すべての人間は、カタカナ・ﾊﾝｶｸ。",
    "يولد جميع الناس أحرارًا ١٢٣", "שָׁלוֹם", "สวัสดีชาวโลก", "नमस्ते दुनिया",
    "Съешь ещё этих мягких булок", "ΟΔΥΣΣΕΥΣ οδυσσευς", "ǅ ʰ ª ²³ Ⅷ ①",
    "\U00020000\U0002a6d6 \U0001d49c\U0001d7d9 \U0010fffd \ue000",
    "for (int i = 0; i < n; ++i) {\n\ta[i] += b[i] << 2;\n}\n",
    "def f(x):\n    return x**2  # square\n\n\nprint(f(3))",
    "https://example.org/a_b?c=d&e=%20#f user@host.tld C:\\path\\file",
    "<|begin_of_text|>", "<|begin_of_text|>Hi<|eot_id|><|end_of_text|>",
    "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n",
    "a <|endoftext|> b<|endoftext|><|endoftext|>c", "x<|im_start<|im_start|>|>",
    "<|im <|im_ <|im_end <|im_end| <<|im_end|>> <|IM_END|>",
    "<tool_call>{\"a\": 1}</tool_call> <think>hm</think>", "<|eot_id|", "|>",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "abcabcabcabcabcabcabcabcabc",
    "the" * 40, " the" * 40, "x" * 1000, " " * 300, "\n" * 100, "é" * 200,
]

SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}COUNT|"
         r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def byte_level(space, offsets, regex=None):
  step = {"type": "ByteLevel", "add_prefix_space": space,
          "trim_offsets": offsets}
  return step if regex is None else {**step, "use_regex": regex}


def split(count, offsets):
  return {"type": "Sequence", "pretokenizers": [
      {"type": "Split", "pattern": {"Regex": SPLIT.replace("COUNT", count)},
       "behavior": "Isolated", "invert": False},
      byte_level(False, offsets, False)]}


def around(token, text):
  return [{"SpecialToken": {"id": token, "type_id": text}},
          {"Sequence": {"id": "AB"[text], "type_id": text}}]


def make_template(token, number):
  return {"type": "Sequence", "processors": [
      byte_level(True, False, True),
      {"type": "TemplateProcessing", "single": around(token, 0),
       "pair": around(token, 0) + around(token, 1),
       "special_tokens": {
           token: {"id": token, "ids": [number], "tokens": [token]}}}]}


# Tokens that are no pieces, as (text, special, normalized).
RECIPES = {
    "llama3": {
        "normalizer": None,
        "pre_tokenizer": split("{1,3}", True),
        "post_processor": lambda ids: make_template(
            "<|begin_of_text|>", ids["<|begin_of_text|>"]),
        "decoder": byte_level(True, True, True),
        "tokens": [(f"<|{name}|>", True, False) for name in (
            "begin_of_text", "end_of_text", "reserved_special_token_0",
            "start_header_id", "end_header_id", "eot_id")],
        # Pieces that no merge makes any longer, only their being words.
        "ignore_merges": True, "lost": ["Ġthe", "tion", "Ġsystem", "ing"]},
    "qwen2": {
        "normalizer": {"type": "NFC"},
        "pre_tokenizer": split("", False),
        "post_processor": lambda ids: byte_level(False, False, False),
        "decoder": byte_level(False, False, False),
        "tokens": [("<|endoftext|>", True, False),
                   ("<|im_start|>", True, False), ("<|im_end|>", True, False),
                   ("<tool_call>", False, False),
                   ("</tool_call>", False, False), ("<|im", False, False),
                   ("Zoe\u0308", False, True), ("<think>", False, True)]},
    "gpt2": {
        "normalizer": None,
        "pre_tokenizer": byte_level(False, True),
        "post_processor": lambda ids: byte_level(True, False),
        "decoder": byte_level(True, True),
        "tokens": [("<|endoftext|>", True, False)], "old": True},
}


def learn(recipe, text):
  """Returns the vocabulary and the merges of a recipe's pieces."""
  shell = json.loads(Tokenizer(models.BPE()).to_str())
  shell.update(pre_tokenizer=recipe["pre_tokenizer"],
               normalizer=recipe["normalizer"])
  tokenizer = Tokenizer.from_str(json.dumps(shell))
  tokenizer.train_from_iterator(
      [text, LINES * 8], trainers.BpeTrainer(
          vocab_size=PIECES, show_progress=False,
          initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())))
  model = json.loads(tokenizer.to_str())["model"]
  return model["vocab"], model["merges"]


def make_model(recipe, vocab, merges):
  lost = recipe.get("lost", [])
  merges = [pair for pair in merges if "".join(pair) not in lost]
  model = {"type": "BPE", "dropout": None, "unk_token": None,
           "continuing_subword_prefix": None, "end_of_word_suffix": None,
           "fuse_unk": False, "byte_fallback": False,
           "ignore_merges": recipe.get("ignore_merges", False),
           "vocab": vocab, "merges": merges}
  if recipe.get("old"):  # as files of 2019 spell it
    for key in ("type", "byte_fallback", "ignore_merges"):
      del model[key]
    model.update(unk_token="", continuing_subword_prefix="",
                 end_of_word_suffix="",
                 merges=[" ".join(pair) for pair in merges])
  return model


def make_file(recipe, text):
  vocab, merges = learn(recipe, text)
  ids = {content: len(vocab) + i
         for i, (content, _, _) in enumerate(recipe["tokens"])}
  added = [{"id": ids[content], "content": content, "single_word": False,
            "lstrip": False, "rstrip": False, "normalized": normalized,
            "special": special}
           for content, special, normalized in recipe["tokens"]]
  if recipe.get("old"):  # the token is a piece, too
    vocab.update(ids)
  return {"version": "1.0", "truncation": None, "padding": None,
          "added_tokens": added, "normalizer": recipe["normalizer"],
          "pre_tokenizer": recipe["pre_tokenizer"],
          "post_processor": recipe["post_processor"](ids),
          "decoder": recipe["decoder"],
          "model": make_model(recipe, vocab, merges)}


def make_fuzz(rng, tokens):
  """Returns random texts of characters and words that make trouble."""
  old = unicodedata.ucd_3_2_0
  known = [chr(c) for c in range(0x110000)
           if old.category(chr(c)) not in ("Cn", "Cs", "Co")]
  spaces = [c for c in known if c.isspace()]
  marks = [c for c in known if unicodedata.category(c)[0] == "M"]
  choices = [
      lambda: rng.choice(known), lambda: rng.choice(spaces),
      lambda: rng.choice(marks), lambda: rng.choice("abcdeABCDE"),
      lambda: rng.choice("0123456789"), lambda: rng.choice("'.,-_<|>()\""),
      lambda: rng.choice(" \n\r\t"), lambda: rng.choice(tokens),
      lambda: rng.choice(["the", " the", "'s", "'LL", "\r\n", "ing", "tion"]),
      lambda: rng.choice(["e\u0301", "\u1100\u1161\u11a8", "\u0958"])]
  for _ in range(FUZZ):
    few = rng.sample(choices, rng.randint(1, len(choices)))
    yield "".join(rng.choice(few)() for _ in range(rng.randint(1, 40)))


def make_goldens(tokenizer, tokens):
  """Asks the original."""
  rng = random.Random(1)
  texts = [{"text": text, "ids": tokenizer.encode(
                text, add_special_tokens=False).ids,
            "with_special": tokenizer.encode(text).ids}
           for text in TEXTS + list(make_fuzz(rng, tokens))]
  decoded = []
  added = tokenizer.get_added_tokens_decoder()
  plain = [i for i in range(tokenizer.get_vocab_size())
           if i not in added or added[i].content.isascii()]
  for _ in range(DECODED):
    ids = rng.choices(plain, k=rng.randint(1, 30))
    decoded.append({"ids": ids, "text": tokenizer.decode(ids)})
  return {"texts": texts, "decoded": decoded}


def write(path, goldens):
  """Writes one text a line."""
  lists = []
  for name, items in goldens.items():
    lines = ",\n".join(json.dumps(item, separators=(",", ":"))
                       for item in items)
    lists.append(f'"{name}":[\n{lines}\n]')
  path.write_text("{" + ",\n".join(lists) + "}\n")


def main():
  parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
  parser.add_argument("output", type=Path)
  parser.add_argument("text", type=Path, nargs="?",
                      default=ROOT / "test/models/docs-6m/held-out.txt")
  options = parser.parse_args()
  text = options.text.read_text()
  for name, recipe in RECIPES.items():
    folder = options.output / name
    folder.mkdir(parents=True, exist_ok=True)
    content = json.dumps(make_file(recipe, text), ensure_ascii=False)
    (folder / "tokenizer.json").write_text(content + "\n")
    tokenizer = Tokenizer.from_str(content)
    tokens = [token for token, _, _ in recipe["tokens"]]
    goldens = make_goldens(tokenizer, tokens)
    write(folder / "goldens.json", goldens)
    print(f"{folder}: {tokenizer.get_vocab_size()} ids, "
          f"{len(goldens['texts'])} texts, {len(goldens['decoded'])} decoded")


if __name__ == "__main__":
  main()
