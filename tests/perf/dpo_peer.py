#!/usr/bin/env python3
"""dpo_peer - TRL's DPOTrainer beside pref-train dpo, on the same pairs and the same tokens

usage: dpo_peer.py ids FOLDER PAIRS.jsonl		write prompt_ids, chosen_ids, rejected_ids of each pair, by FOLDER's tokenizer
       dpo_peer.py FOLDER IDS.jsonl [lora=RANK] [batch=N] [float] [ready]

FOLDER is a model as pref-train writes one. Without more words TRL is as it is by default: bfloat16 by autocast, activations
computed again on the way back, eight pairs a step, and the reference asked in each step. float: in float, and activations kept;
ready: the reference's log-probs are there before the clock starts. Prints seconds of all steps, and the most memory in MB.
Wants trl and peft (PyPI).
"""
import json
import os
import resource
import sys
import time
import warnings

warnings.filterwarnings("ignore")
os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false", TRANSFORMERS_VERBOSITY="error")
try:
    import peft
    import torch
    import trl
    from datasets import Dataset, disable_progress_bars
    from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback, TrainerCallback
except ImportError:
    sys.exit(1)

if sys.argv[1] == "ids":
    tokenizer = AutoTokenizer.from_pretrained(sys.argv[2])
    for row in map(json.loads, open(sys.argv[3])):
        prompt = tokenizer(row["prompt"], add_special_tokens=False).input_ids
        print(json.dumps({"prompt_ids": prompt, **{side + "_ids": tokenizer(row[side], add_special_tokens=False).input_ids +
                                                   [tokenizer.eos_token_id] for side in ("chosen", "rejected")}}))
    sys.exit()

said = dict(word.partition("=")[::2] for word in sys.argv[3:])
plain = "float" in said
disable_progress_bars()
torch.set_num_threads(os.cpu_count())
began = took = 0.0


class Clock(TrainerCallback):
    def on_train_begin(self, *_, **__):
        global began
        began = time.time()

    def on_train_end(self, *_, **__):
        global took
        took = time.time() - began


class Trainer(trl.DPOTrainer):
    def _prepare_dataset(self, dataset, *_, **__):
        return dataset


rows = [json.loads(line) for line in open(sys.argv[2])]
model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32)
config = peft.LoraConfig(r=int(said["lora"]), lora_alpha=2 * int(said["lora"]), target_modules="all-linear",
                         task_type="CAUSAL_LM") if "lora" in said else None
args = trl.DPOConfig(output_dir="dpo-peer", per_device_train_batch_size=int(said.get("batch", 8)), num_train_epochs=1, report_to=[],
                     use_cpu=True, bf16=not plain, gradient_checkpointing=not plain, precompute_ref_log_probs="ready" in said,
                     save_strategy="no", disable_tqdm=True, logging_steps=1000)
trainer = Trainer(model=model, args=args, train_dataset=Dataset.from_list(rows), peft_config=config,
                  processing_class=AutoTokenizer.from_pretrained(sys.argv[1]), callbacks=[Clock()])
trainer.remove_callback(PrinterCallback)
trainer.train()
print(f"{took:.2f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")
