#!/usr/bin/env python3
"""lm.py - transformers on the CPU, beside which bench.sh measures log-probs

usage: lm.py make MODEL.gguf HH.jsonl.gz PAIRS >lines	token ids of the first PAIRS pairs: "PROMPT | CHOSEN | REJECTED"
       lm.py peer MODEL.gguf lines [BATCH]		-> seconds, largest difference to the sums on stdin

The peer computes as trainers do: sequences of prompt and response, BATCH=8 of them padded on the right, logits of all
tokens, log_softmax, the response's gathered.
"""
import gzip
import json
import os
import sys
import time

os.environ["HF_HUB_OFFLINE"] = "1"
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()


def make(model, path, pairs):
    folder, name = os.path.split(model)
    tok = AutoTokenizer.from_pretrained(folder, gguf_file=name)
    with gzip.open(path, "rt") as f:
        for line in f:
            row = json.loads(line)
            cut = row["chosen"].rfind("\n\nAssistant:") + len("\n\nAssistant:")
            if row["chosen"][:cut] != row["rejected"][:cut]:
                continue
            parts = [tok(t).input_ids for t in (row["chosen"][:cut], row["chosen"][cut:], row["rejected"][cut:])]
            if all(parts) and sum(map(len, parts)) < 2000:
                print(" | ".join(" ".join(map(str, p)) for p in parts))
                pairs -= 1
            if pairs == 0:
                break


def peer(model, path, batch):
    folder, name = os.path.split(model)
    net = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32).eval()
    rows, sums, seconds = [], [], 0
    with open(path) as f:
        for line in f:
            prompt, *responses = [[int(t) for t in p.split()] for p in line.split("|")]
            rows += [(prompt + r, len(prompt)) for r in responses]
    for i in range(0, len(rows), batch):
        now = rows[i:i + batch]
        began = time.perf_counter()
        longest = max(len(ids) for ids, _ in now)
        ids = torch.tensor([ids + [0] * (longest - len(ids)) for ids, _ in now])
        mask = torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids, _ in now])
        with torch.inference_mode():
            logp = net(input_ids=ids, attention_mask=mask).logits[:, :-1].log_softmax(-1)
            logp = logp.gather(2, ids[:, 1:, None])[..., 0].double()
        sums += [logp[k, n - 1:len(row) - 1].sum().item() for k, (row, n) in enumerate(now)]
        seconds += time.perf_counter() - began
    ours = [float(x) for line in sys.stdin for x in line.split("|")]
    worst = max(abs(a - b) / max(1, abs(a)) for a, b in zip(sums, ours)) if len(ours) == len(sums) else float("inf")
    print(f"{seconds:.3f} {worst:.2e}")


if sys.argv[1] == "make":
    make(sys.argv[2], sys.argv[3], int(sys.argv[4]))
else:
    peer(sys.argv[2], sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 else 8)
