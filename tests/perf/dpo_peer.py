#!/usr/bin/env python3
"""dpo_peer - TRL's DPOTrainer on the pairs that `grad_probe time` makes: processor seconds of a step, memory

usage: tests/perf/dpo_peer.py FOLDER	(a model as pref-train writes one; pip install trl peft)

One pair a step, a prompt of 200 tokens and two responses of 200; adapters of rank 16 on all matrices; float; one thread;
without gradient checkpointing, which is TRL's default and slower. Beside: grad_probe time MODEL 1 4 200 200 lora=16
"""
import os
import random
import resource
import sys
import time

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
try:
    import peft
    import torch
    import trl
    from datasets import Dataset
    from tokenizers import Tokenizer, models
    from transformers import AutoModelForCausalLM, PrinterCallback, PreTrainedTokenizerFast
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(0)

torch.set_num_threads(1)
r = random.Random(1)
took = []


def ids(n):
    return [r.randrange(3, 49000) for _ in range(n)]


class Trainer(trl.DPOTrainer):
    def _prepare_dataset(self, dataset, *_, **__):
        return dataset

    def training_step(self, *args, **kwargs):
        began = time.process_time()
        loss = super().training_step(*args, **kwargs)
        took.append(time.process_time() - began)
        return loss


model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32)
model = peft.get_peft_model(model, peft.LoraConfig(r=16, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM"))
tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"<pad>": 0}, "<pad>")), pad_token="<pad>",
                                    eos_token="<pad>")
rows = [{"prompt_ids": ids(200), "chosen_ids": ids(200), "rejected_ids": ids(200)} for _ in range(4)]
args = trl.DPOConfig(output_dir="/tmp/dpo-peer", per_device_train_batch_size=1, max_steps=3, report_to=[], use_cpu=True, bf16=False,
                     gradient_checkpointing=False, save_strategy="no", disable_tqdm=True, max_length=1024)
trainer = Trainer(model=model, args=args, train_dataset=Dataset.from_list(rows), processing_class=tokenizer)
trainer.remove_callback(PrinterCallback)
trainer.train()
print(f"trl {trl.__version__}: {min(took):.2f} s of the processor a pair, "
      f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
