#!/usr/bin/env python3
"""tokens - lib/lm's tokenizer beside Hugging Face's (the Rust one), on HH-RLHF and on texts made to be hard

usage: tests/golden/tokens.py LM_PROBE MODEL.gguf HH.jsonl.gz	(a model with the pre-tokenizer smollm or starcoder)

Texts are whole transcripts, their turns, and 6,000 made of pieces that tokenizers get wrong: digits, blanks before digits,
U+180E, U+0085, emoji, combining marks, special tokens' names, control characters. Special tokens in a text are text.
Every token must be the same. (Characters that Unicode 14 does not have are left out: what a letter is, utf8proc and the
tables of Rust take from the versions of Unicode that they were built with.)

With SmolLM2-135M-Instruct and tokenizers 0.23.3: 22,603 texts, 0 differ.
"""
import gzip
import json
import os
import random
import subprocess
import sys
import unicodedata

os.environ["HF_HUB_OFFLINE"] = "1"
try:
    import gguf
    from tokenizers import Tokenizer, models, pre_tokenizers
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(0)

PIECES = ["'s", "'S", "'ll", "'tis", " ", "  ", "   ", "\t", "\n", "\r\n", "\n\n", " \n", " 1", "12", "1234567", "\u00bd", "\u0663",
          "\u2167", "\u00b2", "\u180e", "\u0085", "\u00a0", "\u2003", "\u3000", "\u2028", "\U0001f600", "\U0001f469\u200d\U0001f680",
          "\U0001f1e9\U0001f1ea", "\u00e9", "e\u0301", "\ufb01", "\u00df", "\u6f22\u5b57", "\ud55c\uad6d\uc5b4", "\u30ab\u30ca",
          "\u0e44\u0e17\u0e22", "\u0939\u093f", "\u0301", "\u200b", "\ufeff", "\ufffd", "<|im_start|>", "<|im_end|>", "<|im_end", "<s>",
          "a", "the", "Hello", "WORLD", "don't", "_", "--", "...", "!?", "$%", "\x04", "\x7f", "\x01", "\u2581", "\u0120", "x" * 40,
          " " * 70, "!" * 33, "\n" * 20, "\u2026", "\u201cq\u201d", "\U0001d7d8", "\U00020000", "\ue000", "\u0378"]


def texts(path):
    with gzip.open(path, "rt") as f:
        for line in f:
            row = json.loads(line)
            for side in ("chosen", "rejected"):
                yield row[side]
            yield from row["chosen"].split("\n\n")[1:]
    r = random.Random(1)
    for _ in range(6000):
        parts = [r.choice(PIECES) if r.random() < 0.8 else chr(r.choice(
            [r.randrange(1, 0x3000), r.randrange(1, 128), r.randrange(0x3000, 0xd800), r.randrange(0xe000, 0x1ffff)]))
            for _ in range(r.choice([1, 2, 3, 5, 8, 20, 60]))]
        yield "".join(p for p in parts if len(p) > 1 or p in PIECES or unicodedata.category(p) != "Cn")


def peer(path):
    fields = gguf.GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    types = fields["tokenizer.ggml.token_type"].contents()
    merges = [tuple(m.split(" ")) for m in fields["tokenizer.ggml.merges"].contents()]
    assert fields["tokenizer.ggml.pre"].contents() in ("smollm", "starcoder")
    tok = Tokenizer(models.BPE({t: i for i, t in enumerate(tokens) if types[i] == 1}, merges))
    tok.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    return tok


all_texts = list(texts(sys.argv[3]))
tok = peer(sys.argv[2])
lines = "".join(json.dumps(t) + "\n" for t in all_texts)
ours = subprocess.run([sys.argv[1], "tokens", sys.argv[2]], input=lines, capture_output=True, text=True, check=True).stdout
ours = ours.split("\n")
differ = 0
for text, line in zip(all_texts, ours):
    ids = " ".join(map(str, tok.encode(text, add_special_tokens=False).ids))
    if ids != line:
        differ += 1
        if differ < 5:
            print(f"FAILED {text[:80]!r}: {line[:80]}, not {ids[:80]}")
print(f"{len(all_texts)} texts, {differ} differ")
sys.exit(differ > 0)
