#!/usr/bin/env python3
# This file is part of Heed, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes the text that the bundled model is trained and measured on.

usage: extract-text.py WORK

Fetches the Debian documentation packages of PACKAGES with `apt-get download`
into WORK/debs, unpacks them with `dpkg -x` into WORK/unpacked and writes

    WORK/train.txt      documents in ASCII, each ended by one NUL byte
    WORK/held-out.txt   whole documents kept apart, written the same way
    WORK/sources.json   package, version, licence, documents and bytes of each

The same package versions give the same bytes. A paragraph occurs once in both
files together, so no paragraph of the held-out text was trained on.
"""

import argparse
import gzip
import hashlib
import html
import json
import lzma
import re
import subprocess
import sys
from pathlib import Path

# Package, licence of the documentation, version of the bundled model's text.
PACKAGES = [
    ("cmake-doc", "BSD-3-Clause", "3.25.1-1"),
    ("llvm-14-doc", "Apache-2.0 WITH LLVM-exception", "1:14.0.6-12"),
    ("postgresql-doc-15", "PostgreSQL", "15.20-0+deb12u1"),
    ("python3.11-doc", "PSF-2.0", "3.11.2-6+deb12u9"),
    ("sqlite3-doc", "public domain", "3.40.1-2+deb12u2"),
]

# Pages that hold no prose of the project's own: indexes and licence texts.
SKIPPED_PAGES = re.compile(
  r"(?i)(genindex|modindex|search|licen[cs]e|copyright)")

PUNCTUATION = str.maketrans({
    "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"',
    "\u2013": "-", "\u2014": "-", "\u2026": "...", "\u00a0": " ",
})

# A longer document is trained on, so that many others fit the held-out text.
LARGEST_HELD = 30000


class Failure(Exception):
  """An error that the user can act on; its text is one line."""


def run(command, folder):
  """Runs a command in a folder; a failure names the command and its end."""
  try:
    done = subprocess.run(command, cwd=folder, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
  except FileNotFoundError as error:
    raise Failure(f"found no program '{command[0]}', wanted a Debian system"
                  ) from error
  if done.returncode != 0:
    last = (done.stdout.strip().splitlines() or ["no output"])[-1]
    raise Failure(f"'{' '.join(command)}' failed: {last}")
  return done.stdout


def fetch(package, work):
  """Returns the .deb of a package under work/debs, downloading it if absent."""
  debs = work / "debs"
  debs.mkdir(parents=True, exist_ok=True)
  if not list(debs.glob(f"{package}_*.deb")):
    run(["apt-get", "download", package], debs)
  found = sorted(debs.glob(f"{package}_*.deb"))
  if len(found) != 1:
    raise Failure(f"found {len(found)} files {debs}/{package}_*.deb, wanted 1")
  return found[0]


def unpack(package, deb, work):
  """Unpacks a .deb into work/unpacked/PACKAGE once and returns the folder."""
  folder = work / "unpacked" / package
  if not folder.is_dir():
    folder.mkdir(parents=True)
    run(["dpkg", "-x", str(deb.resolve()), str(folder.resolve())], work)
  return folder


def version_of(deb):
  """Returns the version field of a .deb."""
  return run(["dpkg-deb", "-f", str(deb.resolve()), "Version"], ".").strip()


def pages_of(folder):
  """Lists the HTML pages below a folder in a fixed order, links left out."""
  pages = [path for path in folder.rglob("*")
           if path.name.endswith((".html", ".htm", ".html.gz"))
           and path.is_file() and not path.is_symlink()
           and not SKIPPED_PAGES.search(path.name)]
  return sorted(pages, key=lambda path: path.relative_to(folder).as_posix())


def read_page(path):
  """Reads an HTML page, compressed or not."""
  data = path.read_bytes()
  if path.suffix == ".gz":
    data = gzip.decompress(data)
  return data.decode("utf-8", errors="ignore")


def strip_markup(page):
  """Turns an HTML page into ASCII text with blank lines between blocks."""
  page = page.replace("\r\n", "\n")
  page = re.sub(r"(?is)<(script|style|head|nav)\b.*?</\1>", "", page)
  page = re.sub(r"(?i)</(p|div|h\d|li|tr|pre|dd|dt)>", "\n", page)
  page = html.unescape(re.sub(r"(?s)<[^>]+>", "", page))
  page = page.translate(PUNCTUATION).encode("ascii", "ignore").decode("ascii")
  page = page.replace("\0", "")
  return re.sub(r"[ \t]+\n", "\n", page).strip()


def is_prose(paragraph):
  """Tells prose from tables, code and lists of names."""
  if len(paragraph) <= 80:
    return False
  plain = sum(c.isalpha() or c == " " for c in paragraph)
  return plain / len(paragraph) > 0.85


def document_of(page, seen):
  """Returns the prose of a page, without paragraphs seen before."""
  kept = []
  for paragraph in re.split(r"\n{2,}", strip_markup(page)):
    paragraph = re.sub(r"\s+", " ", paragraph).strip()
    if is_prose(paragraph) and paragraph not in seen:
      kept.append(paragraph)
      seen.add(paragraph)
  return "\n\n".join(kept)


def collect(work, smallest):
  """Returns the (package, document) pairs of all packages and their sources."""
  seen, documents, sources = set(), [], []
  for package, licence, wanted in PACKAGES:
    deb = fetch(package, work)
    version = version_of(deb)
    if version != wanted:
      print(f"note: found {package} {version}, the bundled model's text "
            f"is of {wanted}", file=sys.stderr)
    texts = [document_of(read_page(path), seen)
             for path in pages_of(unpack(package, deb, work))]
    texts = [text for text in texts if len(text) >= smallest]
    if not texts:
      raise Failure(f"found no prose in {package} {version}, wanted some")
    documents += [(package, text) for text in texts]
    sources.append({"package": package, "version": version,
                    "licence": licence, "documents": len(texts),
                    "bytes": sum(map(len, texts))})
  return documents, sources


def split(documents, held_bytes):
  """Splits documents, ordered by their hash, into training and held-out ones.

  Held out are the first ones of at most LARGEST_HELD bytes.
  """
  ordered = sorted(documents, key=lambda document: hashlib.sha256(
      document[1].encode("ascii")).digest())
  train, held, size = [], [], 0
  for document in ordered:
    if size < held_bytes and len(document[1]) <= LARGEST_HELD:
      held.append(document)
      size += len(document[1]) + 1
    else:
      train.append(document)
  if size < held_bytes or not train:
    raise Failure(f"found {size} bytes of text to hold out, wanted "
                  f"{held_bytes} and some to train on")
  return train, held


def write_documents(path, documents):
  """Writes documents one after another, each ended by one NUL byte."""
  data = b"".join(text.encode("ascii") + b"\0" for _, text in documents)
  path.write_bytes(data)
  return data


def parse_arguments():
  """Reads the command line."""
  parser = argparse.ArgumentParser(
      description="Extract the prose of Debian documentation packages.")
  parser.add_argument("work", type=Path,
                      help="folder to download and write into")
  parser.add_argument("--held-bytes", type=int, default=300000,
                      help="bytes of whole documents to hold out, at least")
  parser.add_argument("--smallest", type=int, default=1000,
                      help="bytes of prose under which a page is left out")
  parser.add_argument("--xz", action="store_true",
                      help="also write train.txt.xz")
  return parser.parse_args()


def main():
  """Fetches, extracts, splits and writes."""
  arguments = parse_arguments()
  work = arguments.work
  work.mkdir(parents=True, exist_ok=True)
  documents, sources = collect(work, arguments.smallest)
  train, held = split(documents, arguments.held_bytes)
  text = write_documents(work / "train.txt", train)
  if arguments.xz:
    (work / "train.txt.xz").write_bytes(lzma.compress(text, preset=6))
  held_text = write_documents(work / "held-out.txt", held)
  for source in sources:
    source["held_out_documents"] = sum(
        package == source["package"] for package, _ in held)
  summary = {"sources": sources, "train_bytes": len(text),
             "train_documents": len(train), "held_out_bytes": len(held_text),
             "held_out_documents": len(held),
             "train_sha256": hashlib.sha256(text).hexdigest(),
             "held_out_sha256": hashlib.sha256(held_text).hexdigest()}
  (work / "sources.json").write_text(json.dumps(summary, indent=2) + "\n")
  print(json.dumps(summary, indent=2))


if __name__ == "__main__":
  try:
    main()
  except Failure as failure:
    sys.exit(f"extract-text: error: {failure}")
