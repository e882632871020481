#!/usr/bin/env python3
"""gguf_out - GGUF files that pref-train writes, read by llama.cpp and by the package gguf

usage: tests/golden/gguf_out.py BINDIR LM_PROBE [MODEL.gguf STORIES.bin TOK512.bin]	(pip install llama-cpp-python gguf transformers)

Tiny models of Llama's (two kinds of rotary positions), Qwen2's and GPT-2's architecture with byte-level tokenizers, written as
F32 and F16 by a run whose rate is 0, so that the original tells what is right: log-probs of every token by llama.cpp beside
lib/lm on the original folder, tokens of texts beside Hugging Face's, metadata by gguf, and log-probs by lib/lm on the file: of
F32 the same bits. A real GGUF file (F16 of quantised weights) and llama2.c's, by the same checks on their own tokens.

llama_cpp 0.3.36, gguf 0.19.0, transformers 5.24.0, SmolLM2-135M-Instruct, stories260K: 209 passed, 0 failed; farthest 9.2e-04 in F32,
1.4e-02 in F16.
"""
import json
import os
import subprocess
import sys
import tempfile

from golden import check, end, need

gguf, llama_cpp, np, torch, transformers = need("gguf", "llama_cpp", "numpy", "torch", "transformers")
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

torch.manual_seed(1)
BIN, PROBE = sys.argv[1:3]
TEXTS = ["the cat sat on the mat", " 12 and 345!", "it's\n\n  a \u00e9t\u00e9 \u65e5\u672c", "def f(x):\n\treturn x*2", "Hello, world"]
CHATML = "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}" \
         "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
worst = {"F32": 0.0, "F16": 0.0}


def run(*args, text=""):
    done = subprocess.run(args, input=text, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{args}: {done.stderr}")
    return done.stdout


def ours(model, ids):
    out = run(PROBE, "logp", model, "1", text=f"{ids[0]} | {' '.join(map(str, ids[1:]))}\n")
    return [float(x) for x in out.split()]


def tokens(model, *tokenizer):
    return [list(map(int, x.split())) for x in run(PROBE, "tokens", model, *tokenizer, text="".join(json.dumps(x) + "\n" for x in TEXTS)).splitlines()]


def theirs(llm, ids):
    llm.reset()
    llm.eval(ids)
    z = torch.tensor(np.array(llm.scores[:len(ids)])).double().log_softmax(-1)
    return [z[i, t].item() for i, t in enumerate(ids[1:])]


def convert(d, base, kind, *options):
    """A run that changes nothing."""
    out = tempfile.mkdtemp(dir=d)
    os.rmdir(out)
    rows = json.dumps({"prompt_ids": [1, 2], "chosen_ids": [3]}) + "\n"
    run(f"{BIN}/pref-train", "sft", "-q", "-m", base, "-o", out, "--rate", "0", "--format", kind, "--lora", "1", *options, text=rows)
    return f"{out}/model.gguf"


def compare(what, base, path, kind, want_tokens, limit):
    llm = llama_cpp.Llama(path, n_ctx=128, logits_all=True, verbose="-v" in sys.argv, n_threads=1, type_k=0, type_v=0)
    got = [llm.tokenize(x.encode(), add_bos=False, special=False) for x in TEXTS]
    check(f"{what}: tokens by llama.cpp", got == want_tokens, f"{got} not {want_tokens}")
    check(f"{what}: tokens by lib/lm", tokens(path) == want_tokens, f"{tokens(path)} not {want_tokens}")
    for ids in want_tokens:
        if len(ids) < 2:
            continue
        a, b, c = theirs(llm, ids), ours(path, ids), ours(base, ids)
        far = max(abs(x - y) for x, y in zip(a, c))
        worst[kind] = max(worst[kind], far)
        check(f"{what}: llama.cpp", far < limit, f"{far:.1e}")
        # (Llama 3's frequencies become divisors, and back.)
        apart = max(abs(x - y) for x, y in zip(b, c))
        check(f"{what}: lib/lm", apart < limit if kind == "F16" else apart < 1e-5 if "llama3" in what else b == c, apart)
    greedy = run(PROBE, "greedy", "12", path, "1", text=" ".join(map(str, want_tokens[0])) + "\n").split()
    llm.reset()
    theirs_greedy = []
    for t in llm.generate(want_tokens[0], temp=0, top_k=1, repeat_penalty=1.0):
        theirs_greedy.append(t)
        if len(theirs_greedy) == 12:
            break
    check(f"{what}: greedy", theirs_greedy == [int(x) for x in greedy], f"{theirs_greedy} not {greedy}")
    r = gguf.GGUFReader(path)
    check(f"{what}: type", r.fields["general.file_type"].contents() == (kind == "F16"))
    return r


def tiny(d):
    t = Tokenizer(models.BPE())
    t.pre_tokenizer, t.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    t.train_from_iterator(TEXTS * 3, trainers.BpeTrainer(vocab_size=320, min_frequency=2, show_progress=False,
                                                         initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
                                                         special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"]))
    words = PreTrainedTokenizerFast(tokenizer_object=t, bos_token="<|im_start|>", eos_token="<|im_end|>", pad_token="<|endoftext|>")
    words.chat_template = CHATML
    want = [words(x, add_special_tokens=False)["input_ids"] for x in TEXTS]
    common = dict(vocab_size=328, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
                  num_key_value_heads=2, max_position_embeddings=128, initializer_range=0.2)
    scaled = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
              "original_max_position_embeddings": 32, "rope_theta": 100.0}
    for name, config in [
            ("llama", transformers.LlamaConfig(**common, rms_norm_eps=1e-5)),
            ("llama-tied", transformers.LlamaConfig(**common, tie_word_embeddings=True, attention_bias=False)),
            ("llama3", transformers.LlamaConfig(**common, rope_parameters=scaled)),
            ("qwen2", transformers.Qwen2Config(**common)),
            ("gpt2", transformers.GPT2Config(vocab_size=328, n_embd=64, n_layer=2, n_head=4, n_positions=128, initializer_range=0.2))]:
        base = f"{d}/{name}"
        model = AutoModelForCausalLM.from_config(config)
        for x in model.parameters():
            if x.dim() == 1:
                torch.nn.init.normal_(x, 1.0, 0.1)
        model.save_pretrained(base)
        words.save_pretrained(base)
        for kind, option, limit in ("F32", "gguf", 1e-3), ("F16", "gguf-f16", 5e-2):
            path = convert(d, base, option)
            r = compare(f"{name} {kind}", base, path, kind, want, limit)
            check(f"{name} {kind}: template", r.fields["tokenizer.chat_template"].contents() == CHATML)
            check(f"{name} {kind}: vocabulary", len(r.fields["tokenizer.ggml.tokens"].data) == 328)
            kinds = {x.tensor_type.name for x in r.tensors if len(x.shape) == 2}
            check(f"{name} {kind}: tensors", kinds == {kind}, kinds)
            # Once more, from GGUF: what is said stays.
            again = gguf.GGUFReader(convert(d, path, option))
            keys = [k for k in r.fields if not k.startswith("GGUF.")]
            check(f"{name} {kind}: again", all(r.fields[k].contents() == again.fields[k].contents() for k in keys) and
                  all(np.allclose(a.data, b.data, 1e-6, 0) if "freqs" in a.name else (a.data == b.data).all()
                      for a, b in zip(r.tensors, again.tensors)))


with tempfile.TemporaryDirectory() as d:
    tiny(d)
    if len(sys.argv) > 3:
        path = convert(d, sys.argv[3], "gguf-f16")
        r = compare("MODEL.gguf F16", sys.argv[3], path, "F16", tokens(sys.argv[3]), 5e-2)
        old = gguf.GGUFReader(sys.argv[3])
        check("MODEL.gguf: what it says", all(r.fields[k].contents() == old.fields[k].contents() for k in old.fields
                                              if k.startswith(("llama.", "tokenizer."))))
    if len(sys.argv) > 5:
        path = convert(d, sys.argv[4], "gguf", "--tokenizer", sys.argv[5])
        compare("STORIES.bin F32", sys.argv[4], path, "F32", tokens(sys.argv[4], sys.argv[5]), 1e-3)
end(f"llama_cpp {llama_cpp.__version__}, gguf, transformers {transformers.__version__}; farthest {worst}")
