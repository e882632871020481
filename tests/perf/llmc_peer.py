#!/usr/bin/env python3
"""llmc_peer - GPT-2 of 124 million random numbers, and four sequences of 65 tokens, as llm.c and as pref-train read them

usage: llmc_peer.py FOLDER

writes FOLDER/gpt2_124M.bin and FOLDER/dev/data/tinyshakespeare/tiny_shakespeare_{train,val}.bin, which llm.c's train_gpt2 (its CPU
version, run in FOLDER) learns from in each of its 41 steps of 4 x 64 tokens; and FOLDER/gpt2 and FOLDER/tokens.jsonl, the same
for pref-train sft --rate 1e-4 --schedule constant --warm-up 0 --clip 0 --batch 4 --in-order. tests/perf/bench.sh runs both. Wants torch
and transformers (PyPI).

Measured with llm.c f1e2ace, gcc 12 -Ofast -march=native -fopenmp, two threads: losses of the first twelve steps 10.871766, 7.168316, 6.465475,
6.068666, 5.952654, 5.710024, 5.528368, 5.442102, 5.379361, 5.293868, 5.201458, 5.127062; of pref-train the same within 5e-6.
"""
import json
import os
import random
import struct
import sys
import warnings

warnings.filterwarnings("ignore")
os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")
import torch
from transformers import GPT2Config, GPT2LMHeadModel

B, T = 4, 64
folder = sys.argv[1]
data = os.path.join(folder, "dev/data/tinyshakespeare")
os.makedirs(data, exist_ok=True)
torch.manual_seed(1)
model = GPT2LMHeadModel(GPT2Config())
model.save_pretrained(os.path.join(folder, "gpt2"))
w, c = model.state_dict(), model.config
padded = (c.vocab_size + 127) // 128 * 128
layer = ["ln_1.weight", "ln_1.bias", "attn.c_attn.weight", "attn.c_attn.bias", "attn.c_proj.weight", "attn.c_proj.bias", "ln_2.weight",
         "ln_2.bias", "mlp.c_fc.weight", "mlp.c_fc.bias", "mlp.c_proj.weight", "mlp.c_proj.bias"]
with open(os.path.join(folder, "gpt2_124M.bin"), "wb") as f:
    head = [20240326, 3, c.n_positions, c.vocab_size, c.n_layer, c.n_head, c.n_embd, padded]
    f.write(struct.pack("<256i", *head, *[0] * (256 - len(head))))

    def put(x):
        f.write(x.float().contiguous().numpy().tobytes())

    embed = w["transformer.wte.weight"]
    put(torch.cat([embed, torch.zeros(padded - c.vocab_size, c.n_embd)]))
    put(w["transformer.wpe.weight"])
    for name in layer:
        for i in range(c.n_layer):
            x = w[f"transformer.h.{i}.{name}"]
            put(x.T if x.dim() == 2 else x)         # (Conv1D keeps them the other way round)
    put(w["transformer.ln_f.weight"])
    put(w["transformer.ln_f.bias"])

g = random.Random(1)
tokens = [min(int(g.paretovariate(0.6)), c.vocab_size - 1) for _ in range(B * T + 1)]
for name in "train", "val":
    with open(os.path.join(data, f"tiny_shakespeare_{name}.bin"), "wb") as f:
        f.write(struct.pack("<256i", 20240520, 1, len(tokens), *[0] * 253) + struct.pack(f"<{len(tokens)}H", *tokens))
with open(os.path.join(folder, "tokens.jsonl"), "w") as f:
    for i in range(0, B * T, T):
        f.write(json.dumps({"prompt_ids": tokens[i:i + 1], "completion_ids": tokens[i + 1:i + T + 1]}) + "\n")
