#!/usr/bin/env python3
"""tokens_json - tokenizers of tokenizer.json files beside the library that wrote them

usage: tests/golden/tokens_json.py LM_PROBE MODEL HH.jsonl.gz	(any model with 8,000 tokens or more: its own are not used)

Hugging Face's tokenizers learns vocabularies of 4,000 tokens from HH-RLHF for each kind that is read: GPT-2's cut, that of
SmolLM, Llama 3's, Qwen2's with its NFC, and BPE with byte fallback as Llama 2 has it, each with special tokens. Texts are those of tests/golden/tokens.py; every token must be the same. Files of other
kinds must be refused.

With tokenizers 0.23.3: 5 kinds of 5,000 texts, 0 differ; 5 of 5 refused.
"""
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import unicodedata

try:
    from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(0)

L3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
Q2 = L3.replace("{1,3}", "")
SPECIAL = ["<s>", "</s>", "<|im_start|>", "<|im_end|>"]
MARK = "\u2581"


def byte_level(regex=True, prefix=False):
    return pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=regex)


def split(text):
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(text), "isolated"), byte_level(False)])


KINDS = {
    "gpt-2": (byte_level(), None), "smollm": (pre_tokenizers.Sequence([pre_tokenizers.Digits(True), byte_level()]), None),
    "llama-3": (split(L3), None), "qwen2": (split(Q2), normalizers.NFC()),
    "llama-2": (None, normalizers.Sequence([normalizers.Prepend(MARK), normalizers.Replace(" ", MARK)])),
}
REFUSED = {
    "another expression": (split(L3.replace("{1,3}", "{1,2}")), None), "another prefix": (byte_level(prefix=True), None),
    "blanks": (pre_tokenizers.Metaspace(MARK, "always", split=False), None), "lower case": (byte_level(), normalizers.Lowercase()), "words": (pre_tokenizers.Whitespace(), None),
}


def make(kind, cut, normal, lines):
    pieces = kind in ("llama-2", "blanks")
    tok = Tokenizer(models.BPE(byte_fallback=pieces, unk_token="<unk>" if pieces else None, fuse_unk=pieces))
    if cut:
        tok.pre_tokenizer = cut
    if normal:
        tok.normalizer = normal
    specials = [f"<0x{i:02X}>" for i in range(256)] if pieces else []
    trainer = trainers.BpeTrainer(vocab_size=4000, special_tokens=["<unk>"] + specials if pieces else [], show_progress=False,
                                  initial_alphabet=[] if pieces else pre_tokenizers.ByteLevel.alphabet())
    # Without a cut a line is one word: words alone, so that merges stay within them.
    tok.train_from_iterator((w for s in lines for w in (s.split(" ") if pieces else [s])), trainer)
    text = json.loads(tok.to_str())
    # Tokens of bytes are no added ones in files of this kind.
    text["added_tokens"] = [t for t in text["added_tokens"] if not t["content"].startswith("<0x")]
    tok = Tokenizer.from_str(json.dumps(text))
    tok.add_special_tokens([AddedToken(s, special=True, normalized=False) for s in SPECIAL])
    return tok


def hard(n):
    here = os.path.dirname(os.path.abspath(__file__))
    pieces = eval(open(os.path.join(here, "tokens.py")).read().split("PIECES = ")[1].split("]\n")[0] + "]")
    r = random.Random(2)
    for _ in range(n):
        parts = [r.choice(pieces) if r.random() < 0.8 else chr(r.randrange(1, 0x3000)) for _ in range(r.choice([1, 2, 5, 20]))]
        yield "".join(p for p in parts if len(p) > 1 or p in pieces or unicodedata.category(p) != "Cn")


def ours(path, texts):
    lines = "".join(json.dumps(t) + "\n" for t in texts)
    return subprocess.run([sys.argv[1], "tokens", sys.argv[2], path], input=lines, capture_output=True, text=True)


with gzip.open(sys.argv[3], "rt") as f:
    hh = [json.loads(line)["chosen"] for line in f][:2000]
texts = hh[:1000] + list(hard(4000))
bad = 0
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "tokenizer.json")
    for kind, (cut, normal) in KINDS.items():
        tok = make(kind, cut, normal, hh)
        tok.save(path)
        got = ours(path, texts)
        if got.returncode:
            sys.exit(f"{kind}: {got.stderr}")
        # Special tokens in a text are text: theirs are taken out for the comparison.
        plain = json.loads(tok.to_str())
        plain["added_tokens"] = []
        plain = Tokenizer.from_str(json.dumps(plain))
        differ = [(t, a, b) for t, a, b in zip(texts, got.stdout.split("\n"),
                                               (" ".join(map(str, plain.encode(t, add_special_tokens=False).ids)) for t in texts))
                  if a != b]
        print(f"{kind:10} {len(texts)} texts, {len(differ)} differ", *[repr(x)[:300] for x in differ[:1]])
        bad += len(differ)
    for kind, (cut, normal) in REFUSED.items():
        make(kind, cut, normal, hh[:50]).save(path)
        got = ours(path, ["x"])
        print(f"{kind:20} {'refused' if got.returncode == 3 else 'FAILED: taken'}: {got.stderr.strip()[-60:]}")
        bad += got.returncode != 3
sys.exit(bad > 0)
