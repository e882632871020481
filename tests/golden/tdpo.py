#!/usr/bin/env python3
"""tdpo - pref-train dpo --loss tdpo1, tdpo2 beside a few lines of torch: the same tiny model and batches, 20 steps

usage: tests/golden/tdpo.py PREF_TRAIN LM_PROBE	(pip install transformers)

The loss is written anew from Zeng et al. 2024 (arXiv 2404.11999): to the log-ratios of DPO comes, of each
response, the sum over its positions of KL(reference || policy) over the whole vocabulary, of the chosen one without a gradient
in tdpo2. TRL has no such loss. AdamW, clipping and schedule are torch's; loss and gradient norm of each step within 1e-4 (of 1
+ their size). One run in which tdpo2 has a term of sft beside it, and passes of few tokens.

torch 2.13.0, transformers 5.24.0: 200 passed, 0 failed; the farthest loss is 1.3e-06 away, the farthest gradient norm 2.4e-06.
"""
import json
import random
import subprocess
import sys
import tempfile

from golden import check, end, need

torch, transformers = need("torch", "transformers")
from torch.nn.functional import logsigmoid
from transformers import AutoModelForCausalLM

torch.set_num_threads(1)
STEPS, BATCH, RATE, BETA = 20, 8, 1e-3, 0.5
worst = [0.0, 0.0]


def pairs(n):
    r = random.Random(3)

    def ids(most):
        return [r.randrange(3, 96) for _ in range(r.randrange(1, most))]
    return [{"prompt_ids": [1] + ids(12), "chosen_ids": ids(20), "rejected_ids": ids(20)} for _ in range(n)]


def spread(model, prompt, answer):
    """ln p of the answer's tokens, and of the whole vocabulary at each of them"""
    z = model(torch.tensor([prompt + answer])).logits[0].log_softmax(-1)[len(prompt) - 1:-1]
    return z.gather(1, torch.tensor(answer)[:, None]).sum(), z


def loss_of(policy, reference, rows, second, sft):
    total, tokens = 0, sum(len(x["chosen_ids"]) for x in rows)
    for x in rows:
        ratio, kl = [], []
        for side in "chosen_ids", "rejected_ids":
            p, z = spread(policy, x["prompt_ids"], x[side])
            with torch.no_grad():
                r, q = spread(reference, x["prompt_ids"], x[side])
            ratio.append(p - r)
            kl.append((q.exp() * (q - z)).sum())
            if side == "chosen_ids":
                total = total - sft * p * len(rows) / tokens
        apart = 0.5 * (kl[1] - kl[0].detach()) if second else kl[1] - kl[0]
        total = total - logsigmoid(BETA * (ratio[0] - ratio[1] - apart))
    return total / len(rows)


def theirs(folder, rows, second, sft):
    policy, reference = (AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval() for _ in range(2))
    adam = torch.optim.AdamW(policy.parameters(), lr=RATE, weight_decay=0)
    schedule = transformers.get_linear_schedule_with_warmup(adam, 2, STEPS)
    for i in range(STEPS):
        loss = loss_of(policy, reference, rows[i * BATCH:(i + 1) * BATCH], second, sft)
        adam.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
        adam.step()
        schedule.step()
        yield {"loss": loss.item(), "grad_norm": norm.item()}


ROWS = pairs(STEPS * BATCH)
with tempfile.TemporaryDirectory() as d:
    with open(f"{d}/train.jsonl", "w") as f:
        f.writelines(json.dumps(x) + "\n" for x in ROWS)
    for kind, loss, second, sft, options in [
            ("llama", "tdpo1", False, 0, []), ("llama", "tdpo2", True, 0, []), ("qwen2", "tdpo1", False, 0, []),
            ("gpt2", "tdpo2", True, 0, []), ("llama", "tdpo2,sft:0.2", True, 0.2, ["--tokens", "40"])]:
        model, out = f"{d}/{kind}", tempfile.mkdtemp(dir=d)
        subprocess.run([sys.argv[2], "tiny", kind, model], check=True)
        subprocess.run([sys.argv[1], "dpo", "-q", "-m", model, "-o", f"{out}/ours", "--loss", loss, "--beta", str(BETA), "--batch", str(BATCH),
                        "--in-order", "--rate", str(RATE), "--warm-up", "0.1", *options, f"{d}/train.jsonl"], check=True)
        with open(f"{out}/ours/metrics.jsonl") as f:
            ours = [json.loads(x) for x in f]
        for i, (a, b) in enumerate(zip(ours, theirs(model, ROWS, second, sft), strict=True)):
            for k, name in enumerate(("loss", "grad_norm")):
                far = abs(a[name] - b[name]) / (1 + abs(b[name]))
                worst[k] = max(worst[k], far)
                check(f"{kind} {loss}, step {i + 1}: {name}", far < 1e-4, f"{a[name]} not {b[name]}")
end(f"torch {torch.__version__}, transformers {transformers.__version__}; farthest: loss {worst[0]:.1e}, gradient norm {worst[1]:.1e}")
