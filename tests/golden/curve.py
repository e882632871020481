#!/usr/bin/env python3
"""curve - the loss of pref-train dpo laid over that of TRL's DPOTrainer, on a real model and real pairs

usage: tests/golden/curve.py PREF_TRAIN FOLDER PAIRS.jsonl [STEPS [SVG]]	(pip install trl peft)

FOLDER is a model as pref-train writes one, with its tokenizer. Adapters of rank 16 that begin alike learn from the same PAIRS
(prompt, chosen, rejected: texts), four a step, in the order of the file, at a rate of 2e-4. Prints the losses of each step and
how far they are apart; with SVG draws both into a picture, TRL's line broad, ours narrow.

TRL 1.16.0, torch 2.13.0, SmolLM2-135M-Instruct (from its GGUF), 24 steps of short pairs of HH-RLHF: the losses are 4.4e-06 apart at most
(tests/golden/curve.svg); they begin at 0.693147, and the mean of the last six is 0.6740.
"""
import json
import os
import subprocess
import sys
import tempfile
import warnings

warnings.simplefilter("ignore")
os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false", TRANSFORMERS_VERBOSITY="error")
try:
    import peft
    import torch
    import transformers
    import trl
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(0)

BATCH, RATE = 4, 2e-4
pref_train, folder, pairs = sys.argv[1:4]
steps = int(sys.argv[4]) if len(sys.argv) > 4 else 24
tokenizer = AutoTokenizer.from_pretrained(folder)


class Trainer(trl.DPOTrainer):
    def _prepare_dataset(self, dataset, *_, **__):
        return dataset                  # ids already

    def _get_train_sampler(self, *_, **__):
        return torch.utils.data.SequentialSampler(self.train_dataset)


def ids(text, end=()):
    return tokenizer(text, add_special_tokens=False).input_ids + list(end)


def rows():
    with open(pairs) as f:
        for line in list(f)[:BATCH * steps]:
            row = json.loads(line)
            yield {"prompt_ids": ids(row["prompt"]), **{s + "_ids": ids(row[s], [tokenizer.eos_token_id]) for s in ("chosen", "rejected")}}


def ours(d, data):
    common = [pref_train, "dpo", "-q", "-m", folder, "--lora", "16", "--batch", str(BATCH), "--in-order", "--warm-up", "0"]
    subprocess.run([*common, "-o", f"{d}/start", "--rate", "0", data], check=True)
    subprocess.run([*common, "-o", f"{d}/ours", "--rate", str(RATE), data], check=True)
    with open(f"{d}/ours/metrics.jsonl") as f:
        return [x["loss"] for x in map(json.loads, f) if "loss" in x]


def theirs(d, data):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    model = peft.get_peft_model(model, peft.LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"))
    peft.set_peft_model_state_dict(model, peft.utils.save_and_load.load_peft_weights(f"{d}/start"))
    args = trl.DPOConfig(output_dir=f"{d}/theirs", learning_rate=RATE, lr_scheduler_type="linear", warmup_steps=0, max_steps=steps,
                         per_device_train_batch_size=BATCH, logging_steps=1, report_to=[], use_cpu=True, bf16=False,
                         gradient_checkpointing=False, save_strategy="no", disable_tqdm=True, max_length=1024)
    trainer = Trainer(model=model, args=args, train_dataset=Dataset.from_list(data), processing_class=tokenizer)
    trainer.remove_callback(transformers.PrinterCallback)
    trainer.train()
    return [x["loss"] for x in trainer.state.log_history if "loss" in x]


def picture(path, a, b):
    low, high = min(a + b), max(a + b)

    def line(v, style):
        at = " ".join(f"{40 + 560 * i / max(1, len(v) - 1):.1f},{20 + 200 * (high - x) / (high - low):.1f}" for i, x in enumerate(v))
        return f'<polyline points="{at}" fill="none" {style}/>\n'
    with open(path, "w") as f:
        f.write('<svg xmlns="http://www.w3.org/2000/svg" width="640" height="260" font-family="sans-serif" font-size="11">\n'
                '<rect width="640" height="260" fill="white"/>\n'
                + line(b, 'stroke="#f4a261" stroke-width="7"') + line(a, 'stroke="#1d3557" stroke-width="1.5"') +
                f'<text x="4" y="24">{high:.3f}</text><text x="4" y="224">{low:.3f}</text>\n'
                f'<text x="40" y="245">DPO loss of steps 1 to {len(a)}: TRL {trl.__version__} (broad), pref-train (narrow)</text>\n</svg>\n')


with tempfile.TemporaryDirectory() as d:
    data = list(rows())
    with open(f"{d}/ids.jsonl", "w") as f:
        f.writelines(json.dumps(r) + "\n" for r in data)
    a, b = ours(d, f"{d}/ids.jsonl"), theirs(d, data)
far = [abs(x - y) for x, y in zip(a, b)]
for i, (x, y) in enumerate(zip(a, b)):
    print(f"{i + 1:4} {x:.6f} {y:.6f}")
print(f"{len(a)} steps: farthest apart {max(far):.1e}; the first loss {a[0]:.6f}, the mean of the last quarter "
      f"{sum(a[-len(a) // 4:]) / len(a[-len(a) // 4:]):.4f}")
if len(sys.argv) > 5:
    picture(sys.argv[5], a, b)
sys.exit(len(a) != len(b) or max(far) > 1e-3)
