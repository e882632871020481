#!/usr/bin/env python3
"""tiny_pairs - the model of tests/tiny_model.py, and pairs of token ids that it can learn

usage: tests/tiny_pairs.py N [SEED]	writes ./model.bin and ./tokenizer.bin if they are not there; N records to standard output

Chosen responses are of the first half of the vocabulary, rejected ones of the second.
"""
import json
import os
import random
import subprocess
import sys

n, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
if not os.path.exists("model.bin"):
    subprocess.run([sys.executable, os.path.join(os.path.dirname(__file__), "tiny_model.py"), "."], check=True)
r = random.Random(seed)


def ids(a, b, most):
    return [r.randrange(a, b) for _ in range(r.randrange(2, most))]


for _ in range(n):
    print(json.dumps({"prompt_ids": [1] + ids(3, 290, 9), "chosen_ids": ids(3, 150, 12), "rejected_ids": ids(150, 290, 12)}))
