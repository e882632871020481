#!/usr/bin/env python3
"""reward - pref-train reward beside TRL's RewardTrainer: the same tiny model and batches, 20 steps

usage: tests/golden/reward.py BINDIR LM_PROBE	(pip install trl peft)

All numbers of the model learned, or adapters and the head; with a margin, and centring: loss and gradient norm of each step
within 1e-4 (of 1 + their size), the other metrics within 1e-3. What pref-train wrote is then loaded by transformers, or by
PEFT: the rewards of the held-out pairs add up to those of its last evaluation, and those of a folder that was merged, or
learned whole, are what -J lm: says of their texts, of a language model whose head is drawn.

trl 1.16.0, transformers 5.24.0, torch 2.13.0: 1787 passed, 0 failed; the farthest loss is 9.4e-07 away, the farthest gradient
norm 2.6e-06.
"""
import json
import random
import subprocess
import sys
import tempfile

from golden import check, end, need

peft, torch, transformers, trl = need("peft", "torch", "transformers", "trl")
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers, decoders
from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerFast

torch.set_num_threads(1)
STEPS, BATCH, RATE, PAD = 20, 8, 1e-3, 0
BIN = sys.argv[1]
worst = [0.0, 0.0]


def pairs(n, seed):
    r = random.Random(seed)

    def ids(most):
        return [r.randrange(3, 96) for _ in range(r.randrange(1, most))]

    # Some end in the pad token, before which they end. (Within a text there is none: nn.Embedding's padding_idx learns
    # nothing of it, pref-train does.)
    def end():
        return [PAD] * (r.random() < 0.3)
    return [{"prompt_ids": [1] + ids(12), "chosen_ids": ids(20) + end(), "rejected_ids": ids(20) + end(), "margin": r.random()}
            for _ in range(n)]


class Trainer(trl.RewardTrainer):
    def _prepare_dataset(self, dataset, *_, **__):
        return dataset                  # ids already

    def _get_train_sampler(self, *_, **__):
        return torch.utils.data.SequentialSampler(self.train_dataset)


def words():
    return PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"<pad>": 0}, "<pad>")), pad_token="<pad>",
                                   eos_token="<pad>")


def theirs(folder, out, rows, margin, center, lora):
    model = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=1, dtype=torch.float32)
    args = trl.RewardConfig(
        output_dir=out, learning_rate=RATE, max_grad_norm=1.0, lr_scheduler_type="linear", warmup_steps=2,
        per_device_train_batch_size=BATCH, max_steps=STEPS, logging_steps=1, report_to=[], use_cpu=True, bf16=False,
        gradient_checkpointing=False, save_strategy="no", disable_tqdm=True, max_length=64, seed=1, disable_dropout=True,
        center_rewards_coefficient=center)
    if lora:
        model = peft.get_peft_model(model, peft.LoraConfig(r=lora["r"], lora_alpha=8, target_modules=lora["targets"],
                                                           task_type="SEQ_CLS", modules_to_save=["score"]))
        peft.set_peft_model_state_dict(model, peft.utils.save_and_load.load_peft_weights(lora["start"]))
    rows = [{"chosen_ids": x["prompt_ids"] + x["chosen_ids"], "rejected_ids": x["prompt_ids"] + x["rejected_ids"],
             **({"margin": x["margin"]} if margin else {})} for x in rows]
    trainer = Trainer(model=model, args=args, train_dataset=Dataset.from_list(rows), processing_class=words())
    trainer.remove_callback(transformers.PrinterCallback)
    trainer.train()
    return [x for x in trainer.state.log_history if "loss" in x]


def rewards(model, rows):
    out = []
    for row in rows:
        with torch.no_grad():
            out.append([model(torch.tensor([row["prompt_ids"] + row[side]])).logits.item() for side in ("chosen_ids", "rejected_ids")])
    return out


def lines(path):
    with open(path) as f:
        return [json.loads(x) for x in f]


def run(d, kind, lora=None, margin=False, center=None, start=True):
    what = f"{kind}{' adapters' if lora else ''}{' margin' if margin else ''}{f' center {center}' if center else ''}"
    train, valid = f"{d}/train.jsonl", f"{d}/valid.jsonl"
    out = tempfile.mkdtemp(dir=d)
    base = f"{d}/{kind}-start"
    common = [f"{BIN}/pref-train", "reward", "-q", "-j", "2", "-m", base, "--batch", str(BATCH), "--in-order",
              *(["--margin"] if margin else []), *(["--center", str(center)] if center else []),
              *(["--lora", str(lora), "--lora-alpha", "8"] if lora else [])]
    if lora:                            # a run whose rate is 0 writes the adapters as they begin
        subprocess.run([*common, "-o", f"{out}/start", "--rate", "0", train], check=True)
        with open(f"{out}/start/adapter_config.json") as f:
            lora = {"r": lora, "start": f"{out}/start", "targets": json.load(f)["target_modules"]}
    subprocess.run([*common, "-o", f"{out}/ours", "--rate", str(RATE), "--warm-up", "0.1", "--valid", valid, train], check=True)
    metrics = lines(f"{out}/ours/metrics.jsonl")
    ours = [x for x in metrics if "grad_norm" in x]
    want = theirs(base, f"{out}/theirs", ROWS, margin, center, lora)
    check(f"{what}: steps", len(ours) == len(want) == STEPS)
    for i, (a, b) in enumerate(zip(ours, want)):
        for k, name in enumerate(("loss", "grad_norm")):
            far = abs(a[name] - b[name]) / (1 + abs(b[name]))
            worst[k] = max(worst[k], far)
            check(f"{what}, step {i + 1}: {name}", far < 1e-4, f"{a[name]} not {b[name]}")
        for name in "min_reward", "mean_reward", "max_reward", "accuracy", "margin", "learning_rate":
            check(f"{what}, step {i + 1}: {name}", abs(a[name] - b[name]) < 1e-3 * (1 + abs(b[name])), f"{a[name]} not {b[name]}")
    # What was written, loaded by others.
    last = min((x for x in metrics if "eval_loss" in x), key=lambda x: x["eval_loss"])
    if lora:
        model = peft.PeftModel.from_pretrained(AutoModelForSequenceClassification.from_pretrained(base, num_labels=1, dtype=torch.float32),
                                               f"{out}/ours")
    else:
        model = AutoModelForSequenceClassification.from_pretrained(f"{out}/ours", dtype=torch.float32)
        check(f"{what}: config", model.config.num_labels == 1 and model.config.pad_token_id == PAD and
              model.config.architectures[0].endswith("ForSequenceClassification"))
    got = rewards(model.eval(), VALID)
    mean, margins = sum(map(sum, got)) / 2 / len(got), sum(c - r for c, r in got) / len(got)
    check(f"{what}: loaded", abs(mean - last["eval_mean_reward"]) + abs(margins - last["eval_margin"]) < 1e-4,
          f"{mean}, {margins} not {last['eval_mean_reward']}, {last['eval_margin']}")
    print(f"{what}: {max(worst):.1e}", flush=True)


def judged(d):
    """Texts, from a language model: pref-score's scores are those of transformers, of batches with padding, too."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    with open(f"{d}/texts.jsonl", "w") as f:
        for i in range(40):
            f.write(json.dumps({"prompt": f"Item {i}?", "chosen": "yes, " * (i % 5) + str(i), "rejected": "no" * (1 + i % 7)}) + "\n")
    vocab = {x: i for i, x in enumerate(["<s>", "</s>", *letters])}
    tokenizer = Tokenizer(models.BPE(vocab, []))
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>")
    for kind, config in ("llama", transformers.LlamaConfig), ("qwen2", transformers.Qwen2Config):
        folder = f"{d}/{kind}-texts"
        model = transformers.AutoModelForCausalLM.from_config(config(
            vocab_size=260, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
            max_position_embeddings=128, tie_word_embeddings=kind == "qwen2", initializer_range=0.3))
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        for options in [], ["--lora", "4", "--merge"]:
            out = f"{folder}-tuned{len(options)}"
            subprocess.run([f"{BIN}/pref-train", "reward", "-q", "-m", folder, "-o", out, "--rate", "1e-3", *options, f"{d}/texts.jsonl"],
                           check=True)
            done = subprocess.run([f"{BIN}/pref-score", "-q", "-J", f"lm:{out}", f"{d}/texts.jsonl"], check=True, capture_output=True)
            model = AutoModelForSequenceClassification.from_pretrained(out, dtype=torch.float32).eval()
            loaded = transformers.AutoTokenizer.from_pretrained(out)
            loaded.pad_token = loaded.eos_token
            check(f"{kind} {options}: pad", model.config.pad_token_id == loaded.pad_token_id == 1)
            got = [json.loads(x) for x in done.stdout.splitlines()]
            texts = [x["prompt"] + x[side] + "</s>" for x in got for side in ("chosen", "rejected")]
            batch = loaded(texts, padding=True, return_tensors="pt", add_special_tokens=False)
            with torch.no_grad():
                want = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits[:, 0].tolist()
            for x, pair in zip(got, zip(want[::2], want[1::2])):
                for side, a, b in zip(("chosen", "rejected"), x["scores"]["lm"], pair):
                    check(f"{kind} {options}: {x['prompt']} {side}", abs(a - b) < 1e-4, f"{a} not {b}")


ROWS, VALID = pairs(STEPS * BATCH, 1), pairs(16, 2)
with tempfile.TemporaryDirectory() as d:
    torch.manual_seed(1)
    for kind in "llama", "qwen2", "gpt2":
        subprocess.run([sys.argv[2], "tiny", kind, f"{d}/{kind}"], check=True)
        m = AutoModelForSequenceClassification.from_pretrained(f"{d}/{kind}", num_labels=1, dtype=torch.float32, pad_token_id=PAD)
        for name in "resid_pdrop", "embd_pdrop", "attn_pdrop":
            if hasattr(m.config, name):
                setattr(m.config, name, 0.0)
        torch.nn.init.normal_(m.score.weight, std=0.2)
        m.save_pretrained(f"{d}/{kind}-start")
    for name, rows in ("train", ROWS), ("valid", VALID):
        with open(f"{d}/{name}.jsonl", "w") as f:
            f.writelines(json.dumps(x) + "\n" for x in rows)
    for kind in "llama", "qwen2", "gpt2":
        run(d, kind)
        run(d, kind, lora=4)
    run(d, "llama", margin=True)
    run(d, "qwen2", center=0.05)
    run(d, "gpt2", margin=True, center=0.01, lora=2)
    judged(d)
end(f"trl {trl.__version__}, transformers {transformers.__version__}, torch {torch.__version__}; farthest: loss {worst[0]:.1e}, "
    f"gradient norm {worst[1]:.1e}")
