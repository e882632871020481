#!/usr/bin/env python3
"""lm.py - transformers and llama.cpp on the CPU, beside which bench.sh measures pref-density, pref-sample and the tokenizer

usage: lm.py score MODEL.gguf SCORED.jsonl [BATCH]	-> seconds of torch, of llama.cpp (or -), worst difference
       lm.py tokens MODEL.gguf TEXTS OURS		-> seconds of tokenizers, texts whose tokens differ
       lm.py decode MODEL.gguf PROMPTS.jsonl NEW	-> tokens/s of generate(), all prompts in one batch
       lm.py texts PAIRS.jsonl				the texts of the pairs, one JSON string a line

SCORED is what pref-density --model MODEL wrote: the prompts' messages go through the model's own chat template (Jinja). torch
computes as trainers do: BATCH=8 sequences of prompt and response padded on the right, logits of all tokens, log_softmax, the
response's gathered. llama.cpp evaluates the sequences one after the other and gives the logits of all tokens.
"""
import json
import os
import sys
import time

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"


def messages(text):
    """The turns of a transcript of HH-RLHF, else one message of the user."""
    if not text.startswith("\n\nHuman:"):
        return [{"role": "user", "content": text.strip()}]
    said = []
    for part in text.split("\n\nHuman:")[1:]:
        human, *answers = part.split("\n\nAssistant:")
        said.append({"role": "user", "content": human.strip()})
        said += [{"role": "assistant", "content": a.strip()} for a in answers]
    if said[-1]["role"] == "assistant" and not said[-1]["content"]:
        said.pop()
    return said


def load(model):
    from transformers import AutoTokenizer
    from transformers.utils import logging
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    from tokenizers import pre_tokenizers
    folder, name = os.path.split(model)
    tok = AutoTokenizer.from_pretrained(folder, gguf_file=name)
    # What transformers makes of a GGUF file does not cut digits out; SmolLM2's own tokenizer.json does.
    tok.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    return tok, folder, name


def network(model):
    import torch
    from transformers import AutoModelForCausalLM
    tok, folder, name = load(model)
    return tok, AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32).eval(), torch


def by_torch(torch, net, rows, batch):
    sums, began = [], time.perf_counter()
    for i in range(0, len(rows), batch):
        now = rows[i:i + batch]
        longest = max(len(ids) for ids, _ in now)
        ids = torch.tensor([ids + [0] * (longest - len(ids)) for ids, _ in now])
        mask = torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids, _ in now])
        with torch.inference_mode():
            logp = net(input_ids=ids, attention_mask=mask).logits[:, :-1].log_softmax(-1)
            logp = logp.gather(2, ids[:, 1:, None])[..., 0].double()
        sums += [logp[k, n - 1:len(row) - 1].sum().item() for k, (row, n) in enumerate(now)]
    return sums, time.perf_counter() - began


def by_llama(model, rows):
    try:
        from llama_cpp import Llama
    except ImportError:
        return None
    llm = Llama(model, n_ctx=2048, n_batch=2048, n_threads=os.cpu_count(), n_threads_batch=os.cpu_count(), logits_all=True,
                verbose=False)
    llm.eval(rows[0][0])
    began = time.perf_counter()
    for ids, _ in rows:
        llm.reset()
        llm.eval(ids)
    return time.perf_counter() - began


def score(model, path, batch=8):
    tok, net, torch = network(model)
    end = tok.convert_tokens_to_ids("<|im_end|>")
    rows, ours = [], []
    for line in open(path):
        row = json.loads(line)
        if "scores" not in row:
            continue
        said = row["prompt"] if isinstance(row["prompt"], list) else messages(row["prompt"])
        text = tok.apply_chat_template(said, tokenize=False, add_generation_prompt=True)
        prompt = tok(text, add_special_tokens=False).input_ids
        for side in ("chosen", "rejected"):
            answer = tok(text + row[side].strip(), add_special_tokens=False).input_ids[len(prompt):] + [end]
            rows.append((prompt + answer, len(prompt)))
        ours += row["scores"]["logp"]
    sums, seconds = by_torch(torch, net, rows, batch)
    llama = by_llama(model, rows)
    worst = max(abs(a - b) / (1 + 0.01 * abs(a)) for a, b in zip(sums, ours))
    print(f"{seconds:.3f} {'-' if llama is None else f'{llama:.3f}'} {worst:.2e}")


def tokens(model, path, ours):
    tok, _, _ = load(model)
    texts = [json.loads(line) for line in open(path)]
    fast = tok.backend_tokenizer
    best = 1e9
    for _ in range(3):
        began = time.perf_counter()
        ids = [fast.encode(t, add_special_tokens=False).ids for t in texts]
        best = min(best, time.perf_counter() - began)
    differ = sum(" ".join(map(str, i)) != line.strip() for i, line in zip(ids, open(ours)))
    print(f"{best:.3f} {differ}")


def decode(model, path, new):
    tok, net, torch = network(model)
    tok.padding_side = "left"
    tok.pad_token = tok.pad_token or tok.eos_token
    texts = [tok.apply_chat_template(messages(json.loads(line)["prompt"]), tokenize=False, add_generation_prompt=True)
             for line in open(path)]
    x = tok(texts, return_tensors="pt", padding=True, add_special_tokens=False)
    began = time.perf_counter()
    with torch.inference_mode():
        net.generate(**x, max_new_tokens=new, min_new_tokens=new, do_sample=True, temperature=1.0, top_k=0,
                     pad_token_id=tok.pad_token_id)
    print(f"{len(texts) * new / (time.perf_counter() - began):.2f}")


if sys.argv[1] == "score":
    score(sys.argv[2], sys.argv[3], *map(int, sys.argv[4:]))
elif sys.argv[1] == "tokens":
    tokens(*sys.argv[2:])
elif sys.argv[1] == "decode":
    decode(sys.argv[2], sys.argv[3], int(sys.argv[4]))
else:
    for line in open(sys.argv[2]):
        pair = json.loads(line)
        for side in ("prompt", "chosen", "rejected"):
            print(json.dumps(pair[side]))
