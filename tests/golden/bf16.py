#!/usr/bin/env python3
"""bf16 - log-probs with --precision bf16 beside torch with the same numbers rounded

usage: tests/golden/bf16.py LM_PROBE

Tiny random models, of which torch rounds weights, embeddings and the inputs of every linear layer to bf16, and sums in float, as
our products do. That must be the same to 1e-5: what is left of the difference to float is the rounding itself.

With torch CPU, transformers 5.24.0: 4 models, log-probs in bf16 up to 0.028 from those in float, up to 6e-7 from torch's.
"""
import os
import subprocess
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
try:
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(0)

PROMPT, ANSWERS = [3, 17, 42, 5, 60, 9], [[7, 11, 13, 80, 2], [50, 51, 52, 4]]


def rounded(x):
    return x.bfloat16().float()


def by_torch(net):
    with torch.no_grad():
        logp = [net(input_ids=torch.tensor([PROMPT + a])).logits[0].log_softmax(-1) for a in ANSWERS]
    return [[p[len(PROMPT) - 1 + i, t].item() for i, t in enumerate(a)] for p, a in zip(logp, ANSWERS)]


def by_us(folder, *how):
    line = " | ".join(" ".join(map(str, ids)) for ids in [PROMPT] + ANSWERS) + "\n"
    out = subprocess.run([sys.argv[1], "logp", folder, "1", *how], input=line, capture_output=True, text=True, check=True).stdout
    return [[float(x) for x in answer.split()] for answer in out.split("|")]


def apart(a, b):
    return max(abs(x - y) for p, q in zip(a, b) for x, y in zip(p, q))


def main():
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    plain, worst = torch.nn.Linear.forward, 0
    for name in ("llama", "llama3", "linear", "qwen2"):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.argv[1], "tiny", name, folder], check=True)
            net = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
            full = by_torch(net)
            torch.nn.Linear.forward = lambda self, x: torch.nn.functional.linear(rounded(x), rounded(self.weight), self.bias)
            with torch.no_grad():
                net.get_input_embeddings().weight.copy_(rounded(net.get_input_embeddings().weight))
            theirs, ours = by_torch(net), by_us(folder, "bf16")
            torch.nn.Linear.forward = plain
        worst = max(worst, apart(theirs, ours))
        print(f"{name}: {apart(full, ours):.3f} from float, {apart(theirs, ours):.1e} from torch's")
    sys.exit(worst > 1e-5)


main()
