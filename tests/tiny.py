#!/usr/bin/env python3
"""tiny - a random Llama of 20,000 numbers in llama2.c's format, and pairs of token ids that it can learn

usage: tests/tiny.py N [SEED]	writes ./model.bin if it is not there; N records to standard output

Chosen responses are of the first half of the vocabulary, rejected ones of the second.
"""
import json
import os
import random
import struct
import sys

n, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
dim, hidden, layers, heads, kv, vocab, context = 32, 64, 2, 4, 2, 96, 64


def floats(k):
    return [0.3 * (2 * r.random() - 1) for _ in range(k)]


def ids(a, b, most):
    return [r.randrange(a, b) for _ in range(r.randrange(2, most))]


if not os.path.exists("model.bin"):
    r = random.Random(7)
    w = floats(vocab * dim) + [1.0] * (layers * dim) + floats(layers * dim * dim) + floats(2 * layers * dim * 16)
    w += floats(layers * dim * dim) + [1.0] * (layers * dim) + floats(3 * layers * dim * hidden)
    w += [1.0] * dim + [0.0] * (context * 8)
    with open("model.bin", "wb") as f:
        f.write(struct.pack("<7i", dim, hidden, layers, heads, kv, vocab, context) + struct.pack(f"<{len(w)}f", *w))
r = random.Random(seed)
for _ in range(n):
    print(json.dumps({"prompt_ids": [1] + ids(3, 96, 9), "chosen_ids": ids(3, 48, 12), "rejected_ids": ids(48, 96, 12)}))
