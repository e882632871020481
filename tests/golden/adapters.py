#!/usr/bin/env python3
"""adapters - adapters that PEFT wrote, read by lib/lm: log-probs and scores beside PEFT's own

usage: tests/golden/adapters.py BINDIR LM_PROBE	(pip install peft)

Of each tiny model of tests/lm_tiny.h: adapters of all or some matrices, with random A and B, also scaled by the root of the
rank, and in bfloat16. Log-probs within 1e-4 of torch's. Reward models: a head that PEFT saved beside adapters; pref-score
-J lm:ADAPTER within 1e-4. A DoRA adapter and one with another rank somewhere are refused.

peft 0.21.2, transformers 5.24.0, torch 2.13.0: 33 passed, 0 failed; farthest 6.6e-06.
"""
import json
import subprocess
import sys
import tempfile

from golden import check, end, need

peft, torch, transformers = need("peft", "torch", "transformers")
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, PreTrainedTokenizerFast

torch.manual_seed(1)
BIN, PROBE = sys.argv[1:3]
PROMPT = [1, 17, 93, 5, 5, 60, 2]
RESPONSES = [[8, 95, 0, 33, 41], [8, 12, 77, 77, 3, 9, 50, 64, 21, 90, 11, 2]]
LINE = " | ".join(" ".join(map(str, x)) for x in [PROMPT, *RESPONSES]) + "\n"
worst = 0.0


def near(what, got, want):
    global worst
    far = max(abs(a - b) for a, b in zip(got, want)) if len(got) == len(want) else 99
    worst = max(worst, far)
    check(what, far < 1e-4, f"{far:.1e}")


def shake(model):
    for name, x in model.named_parameters():
        if "lora_" in name:
            torch.nn.init.normal_(x, std=0.2)


def logps(model):
    out = []
    for r in RESPONSES:
        with torch.no_grad():
            z = model(torch.tensor([PROMPT + r])).logits[0].double().log_softmax(-1)
        out += [z[len(PROMPT) - 1 + i, t].item() for i, t in enumerate(r)]
    return out


def probe(path):
    done = subprocess.run([PROBE, "logp", path, "1"], input=LINE, capture_output=True, text=True)
    return [float(x) for x in done.stdout.replace("|", " ").split()], done.stderr


def causal(d):
    for kind in "llama", "llama3", "linear", "qwen2", "gpt2":
        base = f"{d}/{kind}"
        subprocess.run([PROBE, "tiny", kind, base], check=True)
        some = ["c_attn", "c_fc"] if kind == "gpt2" else ["q_proj", "v_proj", "down_proj"]
        for i, (targets, knobs) in enumerate([("all-linear", {}), (some, {"use_rslora": True}), (some, {})]):
            model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
            model = peft.get_peft_model(model, peft.LoraConfig(r=4, lora_alpha=6, target_modules=targets, task_type="CAUSAL_LM", **knobs))
            shake(model)
            if i == 2:
                model = model.bfloat16().float()
            out = f"{base}-{i}"
            if i == 2:
                small = {k: v.bfloat16() for k, v in peft.get_peft_model_state_dict(model).items()}
                model.save_pretrained(out, state_dict=small)
                model = peft.PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), out)
            else:
                model.save_pretrained(out)
            want = logps(model.eval())
            near(f"{kind} {i}", probe(out)[0], want)
            near(f"{kind} {i}, base named", probe(f"{base}+{out}")[0], want)
    for name, knobs in ("use_dora", {"use_dora": True}), ("rank_pattern", {"rank_pattern": {"q_proj": 2}}):
        model = AutoModelForCausalLM.from_pretrained(f"{d}/llama", dtype=torch.float32)
        model = peft.get_peft_model(model, peft.LoraConfig(r=4, target_modules=["q_proj", "o_proj"], task_type="CAUSAL_LM", **knobs))
        model.save_pretrained(f"{d}/{name}")
        check(name, f"{name} cannot be computed" in probe(f"{d}/{name}")[1])


def rewards(d):
    vocab = {x: i for i, x in enumerate(["<s>", "</s>", *sorted(pre_tokenizers.ByteLevel.alphabet())])}
    tokenizer = Tokenizer(models.BPE(vocab, []))
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>")
    base, out = f"{d}/words", f"{d}/words-rewards"
    AutoModelForCausalLM.from_config(transformers.Qwen2Config(
        vocab_size=260, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=128, initializer_range=0.3)).save_pretrained(base)
    tokenizer.save_pretrained(base)
    model = AutoModelForSequenceClassification.from_pretrained(base, num_labels=1, pad_token_id=1, dtype=torch.float32)
    model = peft.get_peft_model(model, peft.LoraConfig(r=3, target_modules=["q_proj", "up_proj"], task_type="SEQ_CLS"))
    shake(model)
    model.save_pretrained(out)
    records = "".join(json.dumps({"prompt": f"Item {i}?", "chosen": "yes, " * (i % 5) + str(i), "rejected": "no" * (1 + i % 7)}) + "\n"
                      for i in range(30))
    done = subprocess.run([f"{BIN}/pref-score", "-q", "-J", f"lm:{out}"], check=True, capture_output=True, text=True, input=records)
    got, want = [], []
    model.eval()
    for x in map(json.loads, done.stdout.splitlines()):
        got += x["scores"]["lm"]
        for side in "chosen", "rejected":
            ids = tokenizer(x["prompt"] + x[side] + "</s>", add_special_tokens=False, return_tensors="pt")["input_ids"]
            with torch.no_grad():
                want.append(model(ids).logits.item())
    near("rewards", got, want)


with tempfile.TemporaryDirectory() as d:
    causal(d)
    rewards(d)
end(f"peft {peft.__version__}, transformers {transformers.__version__}, torch {torch.__version__}; farthest {worst:.1e}")
