#!/usr/bin/env python3
"""saved - the tokenizer that pref-train writes beside a model that came as one file, loaded by transformers

usage: tests/golden/saved.py BINDIR LM_PROBE HH.jsonl.gz MODEL [TOKENIZER]	(a GGUF file; or one of llama2.c, and its tokenizer)

A step of pref-train sft writes a folder. Its tokenizer must give every text the ids that the first model's gives, by
transformers' AutoTokenizer and by our own reader, and back the text. Texts are the transcripts of HH-RLHF, their turns, and
3,000 of characters at random. A chat template is filled in by transformers and shown.

With transformers 5.24.0, SmolLM2-135M-Instruct (Q4_1) and stories260K: 19,591 texts, 0 differ, 0 read back differently, each.
"""
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import unicodedata

os.environ["HF_HUB_OFFLINE"] = "1"
try:
    from transformers import AutoTokenizer
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(0)

bindir, probe, hh, model = sys.argv[1:5]
own = sys.argv[5:6]


def texts():
    with gzip.open(hh, "rt") as f:
        for row in map(json.loads, f):
            yield from (row["chosen"], row["rejected"])
            yield from row["chosen"].split("\n\n")[1:]
    r = random.Random(1)
    for _ in range(3000):
        made = [chr(r.choice([r.randrange(32, 127), r.randrange(1, 0x3000), r.randrange(0xe000, 0x1ffff), 32, 32, 10]))
                for _ in range(r.randrange(1, 30))]
        yield "".join(c for c in made if unicodedata.category(c) != "Cn")


def ids(*source):
    lines = "".join(json.dumps(t) + "\n" for t in all_texts)
    out = subprocess.run([probe, "tokens", *source], input=lines, capture_output=True, text=True, check=True).stdout
    return out.split("\n")


all_texts = [t for t in texts() if t]
with tempfile.TemporaryDirectory() as folder:
    one = json.dumps({"prompt": "Hi there.", "chosen": "Good day.", "rejected": "No."}) + "\n"
    subprocess.run([bindir + "/pref-train", "sft", "-q", "-m", model, *(["--tokenizer", *own] if own else []), "--lora", "1",
                    "--merge", "-o", folder], input=one, text=True, check=True)
    theirs = AutoTokenizer.from_pretrained(folder)
    first, again = ids(model, *own), ids(folder)
    differ = lost = 0
    for text, a, b in zip(all_texts, first, again):
        got = theirs(text, add_special_tokens=False).input_ids
        if not a == b == " ".join(map(str, got)):
            differ += 1
            print(f"FAILED {text[:60]!r}: {a[:60]}, {b[:60]}, {got[:12]}")
        back = theirs.decode(got, skip_special_tokens=True)
        # (SmolLM2's vocabulary lacks 21 bytes.)
        lost += back != text and not any(ord(c) < 32 and c not in "\t\n\r" or ord(c) > 0xffff or ord(c) < 0xa0 > 0x7e for c in text)
    print(f"{len(all_texts)} texts, {differ} differ, {lost} read back differently")
    if theirs.chat_template:
        said = [{"role": "user", "content": "Hi there.\n"}, {"role": "assistant", "content": "Good day."}]
        print(repr(theirs.apply_chat_template(said, tokenize=False)))
sys.exit(differ > 0)
