#!/usr/bin/env python3
"""lm_grad - gradients of lib/lm beside torch's, in double, of the same tiny models

usage: tests/golden/lm_grad.py LM_PROBE GRAD_PROBE [--update]	(both in build/tests: make build/tests/grad_probe)

The loss is the sum of ln p(first response) - ln p(second response) / 2. All numbers of each tiny model of tests/lm_tiny.h;
and of adapters, which torch multiplies out. Every gradient of a matrix within 1e-5 of its greatest entry. --update writes
tests/unit/lm_grad.inc: norm and a sum of each matrix's gradient, for tests/unit/lm_grad.c.

torch 2.13.0, transformers 5.24.0: 220 passed, 0 failed; the farthest 2.5e-06 of a gradient's greatest entry.
"""
import os
import subprocess
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
try:
    import numpy as np
    import torch
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging
    logging.set_verbosity_error()
    logging.disable_progress_bar()
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(0)

HERE = os.path.dirname(os.path.abspath(__file__))
PROMPT = [1, 17, 93, 5, 5, 60, 2]
RESPONSES = [[8, 95, 0, 33, 41], [8, 12, 77, 77, 3, 9, 50, 64, 21, 90, 11, 2]]
LINE = " | ".join(" ".join(map(str, x)) for x in [PROMPT, *RESPONSES]) + "\n"
KINDS = ["llama", "llama3", "linear", "qwen2", "gpt2"]
RANK, ALPHA = 3, 8
passed = failed = 0
worst = 0.0


def run(*args, text=""):
    done = subprocess.run(args, input=text.encode(), capture_output=True)
    if done.returncode:
        sys.exit(f"{args}: {done.stderr.decode()}")
    return np.frombuffer(done.stdout, np.float32)


def check(what, got, want):
    global passed, failed, worst
    far = np.abs(got - want).max() / np.abs(want).max()
    worst = max(worst, far)
    good = far < 1e-5
    passed, failed = passed + good, failed + (not good)
    if not good:
        print(f"FAILED {what}: {far:.1e}")


def backward(model):
    loss = 0
    for r, weight in zip(RESPONSES, (1, -0.5)):
        z = model(torch.tensor([PROMPT + r])).logits[0].log_softmax(-1)
        loss = loss + weight * sum(z[len(PROMPT) - 1 + i, t] for i, t in enumerate(r))
    loss.backward()


def matrices(model, kind):
    """names, gradients and modules in our order"""
    p = {n: x for n, x in model.named_parameters()}

    def of(*names):
        rows = [p[n] for n in names if n in p]
        return torch.cat([x.grad.T if kind == "gpt2" and x.dim() == 2 and ".h." in n else x.grad
                          for n, x in zip(names, rows)]) if rows else None

    if kind == "gpt2":
        out = [("embed", of("transformer.wte.weight")), ("positions", of("transformer.wpe.weight")),
               ("norm", of("transformer.ln_f.weight")), ("norm bias", of("transformer.ln_f.bias"))]
        for i in range(2):
            for n in "ln_1", "attn.c_attn", "attn.c_proj", "ln_2", "mlp.c_fc", "mlp.c_proj":
                out += [(f"{i} {n} {w}", of(f"transformer.h.{i}.{n}.{w}")) for w in ("weight", "bias")]
    else:
        out = [("embed", of("model.embed_tokens.weight")), ("norm", of("model.norm.weight")), ("head", of("lm_head.weight"))]
        for i in range(2):
            for names in (["input_layernorm"], [f"self_attn.{x}_proj" for x in "qkv"], ["self_attn.o_proj"],
                          ["post_attention_layernorm"], ["mlp.gate_proj", "mlp.up_proj"], ["mlp.down_proj"]):
                out += [(f"{i} {names[0]} {w}", of(*[f"model.layers.{i}.{n}.{w}" for n in names])) for w in ("weight", "bias")]
    return [(n, g.numpy()) for n, g in out if g is not None]


def adapters(model, kind):
    """modules in our order, with their weight [out][in]"""
    for i in range(2):
        if kind == "gpt2":
            h = model.transformer.h[i]
            yield from (h.attn.c_attn, h.attn.c_proj, h.mlp.c_fc, h.mlp.c_proj)
        else:
            y = model.model.layers[i]
            yield from (y.self_attn.q_proj, y.self_attn.k_proj, y.self_attn.v_proj, y.self_attn.o_proj, y.mlp.gate_proj,
                        y.mlp.up_proj, y.mlp.down_proj)


table = ""
for kind in KINDS:
    with tempfile.TemporaryDirectory() as d:
        run(sys.argv[1], "tiny", kind, f"{d}/m")
        model = AutoModelForCausalLM.from_pretrained(f"{d}/m", dtype=torch.float32).eval().double()
        backward(model)
        want = matrices(model, kind)
        got = run(sys.argv[2], "all", f"{d}/m", "2", text=LINE)
        at, rows = 0, []
        for name, g in want:
            check(f"{kind} {name}", got[at:at + g.size].reshape(g.shape), g)
            at += g.size
            flat = g.ravel()
            rows.append(f"{{ {np.sqrt((flat ** 2).sum()):.6e}, {(flat * np.cos(np.arange(g.size))).sum():.6e} }}")
        check(f"{kind} numbers", np.array([len(got)]), np.array([at]))
        lines = ["\t" + ", ".join(rows[i:i + 3]) + "," for i in range(0, len(rows), 3)]
        table += f'{{ "{kind}", {len(rows)}, {{\n' + "\n".join(lines) + "\n} },\n"
        # Adapters: weights as the probe made them, put into the weights of torch.
        got = run(sys.argv[2], f"lora={RANK}", f"{d}/m", "2", text=LINE)
        weights, slopes = np.split(got, 2)
        at, parts = 0, []
        for module in adapters(model, kind):
            w = module.weight
            out, into = (w.shape[1], w.shape[0]) if kind == "gpt2" else w.shape
            a = weights[at:at + RANK * into].reshape(RANK, into).astype(np.float64)
            b = weights[at + RANK * into:at + RANK * (into + out)].reshape(out, RANK).astype(np.float64)
            delta = torch.tensor(b @ a * (ALPHA / RANK))
            with torch.no_grad():
                w += delta.T if kind == "gpt2" else delta
            parts.append((w, a, b, at))
            at += RANK * (into + out)
        model.zero_grad()
        backward(model)
        for i, (w, a, b, at) in enumerate(parts):
            dw = (w.grad.T if kind == "gpt2" else w.grad).numpy() * (ALPHA / RANK)
            check(f"{kind} adapter {i} A", slopes[at:at + a.size].reshape(a.shape), b.T @ dw)
            check(f"{kind} adapter {i} B", slopes[at + a.size:at + a.size + b.size].reshape(b.shape), dw @ a.T)
path = f"{HERE}/../unit/lm_grad.inc"
table = "/* Written by tests/golden/lm_grad.py: of each matrix's gradient, by torch, its norm and its sum with cos(i). */\n" + table
if "--update" in sys.argv:
    with open(path, "w") as f:
        f.write(table)
print(f"torch {torch.__version__}; farthest {worst:.1e} of a gradient's greatest entry")
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
