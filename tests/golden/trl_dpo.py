#!/usr/bin/env python3
"""trl_dpo - pref-train dpo beside TRL's DPOTrainer: the same tiny model and batches, 20 steps

usage: tests/golden/trl_dpo.py PREF_TRAIN LM_PROBE	(pip install trl peft)

Every loss that DPOTrainer has, all numbers of the model learned, and dpo with adapters: loss and gradient norm of each
step within 1e-4 (of 1 + their size). What pref-train wrote is then loaded by transformers, or by PEFT: log-probs of the
held-out pairs are those of its last evaluation.

trl 1.16.0, transformers 5.24.0, torch 2.13.0: 4764 passed, 0 failed; the farthest loss is 7.1e-06 away, the farthest gradient
norm 1.5e-05.
"""
import json
import random
import subprocess
import sys
import tempfile

from golden import check, end, need

peft, torch, transformers, trl = need("peft", "torch", "transformers", "trl")
from datasets import Dataset
from tokenizers import Tokenizer, models
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

torch.set_num_threads(1)
STEPS, BATCH, RATE = 20, 8, 1e-3
worst = [0.0, 0.0]


def pairs(n, seed):
    r = random.Random(seed)

    def ids(most):
        return [r.randrange(3, 96) for _ in range(r.randrange(1, most))]
    return [{"prompt_ids": [1] + ids(12), "chosen_ids": ids(20), "rejected_ids": ids(20)} for _ in range(n)]


class Trainer(trl.DPOTrainer):
    def _prepare_dataset(self, dataset, *_, **__):
        return dataset                  # ids already

    def _get_train_sampler(self, *_, **__):
        return torch.utils.data.SequentialSampler(self.train_dataset)


def theirs(folder, out, rows, kinds, weights, lora, **knobs):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"<pad>": 0}, "<pad>")), pad_token="<pad>",
                                        eos_token="<pad>")
    args = trl.DPOConfig(
        output_dir=out, loss_type=kinds, loss_weights=weights, learning_rate=RATE, max_grad_norm=1.0,
        lr_scheduler_type="linear", warmup_steps=2, per_device_train_batch_size=BATCH, max_steps=STEPS, logging_steps=1,
        report_to=[], use_cpu=True, bf16=False, gradient_checkpointing=False, save_strategy="no", disable_tqdm=True,
        max_length=64, seed=1, **knobs)
    if lora:
        model = peft.get_peft_model(model, peft.LoraConfig(r=lora["r"], lora_alpha=8, target_modules="all-linear",
                                                           task_type="CAUSAL_LM"))
        # The adapters that pref-train begins with.
        state = peft.utils.save_and_load.load_peft_weights(lora["start"])
        peft.set_peft_model_state_dict(model, state)
    reference = None if lora else AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    trainer = Trainer(model=model, ref_model=reference, args=args, train_dataset=Dataset.from_list(rows), processing_class=tokenizer)
    trainer.remove_callback(transformers.PrinterCallback)
    trainer.train()
    return [x for x in trainer.state.log_history if "loss" in x]


def logps(model, rows):
    out = []
    for row in rows:
        for side in "chosen_ids", "rejected_ids":
            ids = row["prompt_ids"] + row[side]
            with torch.no_grad():
                z = model(torch.tensor([ids])).logits[0].double().log_softmax(-1)
            n = len(row["prompt_ids"])
            out.append(sum(z[i - 1, ids[i]].item() for i in range(n, len(ids))))
    return sum(out[::2]) / len(rows), sum(out[1::2]) / len(rows)


def lines(folder):
    with open(f"{folder}/metrics.jsonl") as f:
        return [json.loads(x) for x in f]


def run(d, kind, loss, kinds, weights=None, lora=None, options=(), **knobs):
    train, valid = f"{d}/train.jsonl", f"{d}/valid.jsonl"
    out = tempfile.mkdtemp(dir=d)
    common = [sys.argv[1], "dpo", "-q", "-j", "2", "-m", f"{d}/{kind}", "--loss", loss, "--batch", str(BATCH), "--in-order",
              *map(str, options), *(["--lora", str(lora), "--lora-alpha", "8"] if lora else [])]
    if lora:                            # a run whose rate is 0 writes the adapters as they begin
        subprocess.run([*common, "-o", f"{out}/start", "--rate", "0", train], check=True)
        lora = {"r": lora, "start": f"{out}/start"}
    subprocess.run([*common, "-o", f"{out}/ours", "--rate", str(RATE), "--warm-up", "0.1", "--valid", valid, train], check=True)
    ours = [x for x in lines(f"{out}/ours") if "grad_norm" in x]
    want = theirs(f"{d}/{kind}", f"{out}/theirs", ROWS, kinds, weights, lora, **knobs)
    check(f"{kind} {loss}: steps", len(ours) == len(want) == STEPS)
    for i, (a, b) in enumerate(zip(ours, want)):
        for k, name in enumerate(("loss", "grad_norm")):
            far = abs(a[name] - b[name]) / (1 + abs(b[name]))
            worst[k] = max(worst[k], far)
            check(f"{kind} {loss}, step {i + 1}: {name}", far < 1e-4, f"{a[name]} not {b[name]}")
        # (With ld_alpha TRL logs weighted log-probs, and pref-train what they are.)
        logged = [] if loss == "ld-dpo" else ["rewards/chosen", "rewards/rejected", "rewards/margins", "rewards/accuracies",
                                              "logps/chosen", "logps/rejected"]
        for name in [*logged, "entropy", "mean_token_accuracy", "learning_rate"]:
            check(f"{kind} {loss}, step {i + 1}: {name}", abs(a[name] - b[name]) < 1e-3 * (1 + abs(b[name])),
                  f"{a[name]} not {b[name]}")
    # What was written, loaded by others.
    last = min((x for x in lines(f"{out}/ours") if "eval_loss" in x), key=lambda x: x["eval_loss"])
    if lora:
        model = peft.PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(f"{d}/{kind}", dtype=torch.float32),
                                               f"{out}/ours")
    else:
        model = AutoModelForCausalLM.from_pretrained(f"{out}/ours", dtype=torch.float32)
    got = logps(model.eval(), VALID)
    print(f"{kind} {loss}{' with adapters' if lora else ''}: {max(worst):.1e}", flush=True)
    check(f"{kind} {loss}: loaded", abs(got[0] - last["eval_logps/chosen"]) + abs(got[1] - last["eval_logps/rejected"]) < 1e-3,
          f"{got} not {last['eval_logps/chosen']}, {last['eval_logps/rejected']}")


ROWS, VALID = pairs(STEPS * BATCH, 1), pairs(16, 2)
with tempfile.TemporaryDirectory() as d:
    for kind in "llama", "qwen2", "gpt2":
        subprocess.run([sys.argv[2], "tiny", kind, f"{d}/{kind}"], check=True)
    for name, rows in ("train", ROWS), ("valid", VALID):
        with open(f"{d}/{name}.jsonl", "w") as f:
            f.writelines(json.dumps(x) + "\n" for x in rows)
    for kind in "llama", "qwen2", "gpt2":
        run(d, kind, "dpo", ["sigmoid"])
        run(d, kind, "dpo", ["sigmoid"], lora=4)
    for loss, kind, knobs, options in [
            ("hinge", "hinge", {}, []), ("ipo", "ipo", {}, []), ("exo", "exo_pair", {"label_smoothing": 0.01}, ["--smooth", 0.01]),
            ("nca", "nca_pair", {}, []), ("robust", "robust", {"label_smoothing": 0.2}, ["--smooth", 0.2]),
            ("bco", "bco_pair", {}, []), ("sppo", "sppo_hard", {"beta": 0.5}, ["--beta", 0.5]),
            ("aot", "aot", {}, []), ("aot-unpaired", "aot_unpaired", {}, []), ("apo-zero", "apo_zero", {}, []),
            ("apo-down", "apo_down", {}, []), ("discopop", "discopop", {}, []), ("dpo-norm", "sigmoid_norm", {}, ["--beta", 0.1]),
            ("ld-dpo", "sigmoid", {"ld_alpha": 0.5}, []), ("wpo-trl", "sigmoid", {"use_weighting": True}, [])]:
        run(d, "llama", loss, [kind], options=options, **knobs)
    run(d, "llama", "dpo:0.8,bco:0.2,sft:1", ["sigmoid", "bco_pair", "sft"], [0.8, 0.2, 1.0])
end(f"trl {trl.__version__}, transformers {transformers.__version__}, torch {torch.__version__}; farthest: loss {worst[0]:.1e}, "
    f"gradient norm {worst[1]:.1e}")
