#!/usr/bin/env python3
"""Prints the ids that a golden tokenizer gives "Hello, world!"."""

import json
import pathlib
import sys

goldens = json.loads((pathlib.Path(sys.argv[1]) / "goldens.json").read_text())
for entry in goldens["texts"]:
  if entry["text"] == "Hello, world!":
    print(*entry["with_special"], sep=",")
