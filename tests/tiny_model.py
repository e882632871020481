#!/usr/bin/env python3
"""tiny_model - a random language model of 15 thousand parameters in the format of llama2.c, the same on every machine

usage: tests/tiny_model.py FOLDER [SEED]	writes FOLDER/model.bin and FOLDER/tokenizer.bin

It knows single letters, blanks and some syllables beside all bytes, and has a context of 256 tokens.
"""
import os
import random
import struct
import sys

DIM, HIDDEN, LAYERS, HEADS, KV_HEADS, CONTEXT = 16, 24, 2, 4, 2, 256
PIECES = list("\u0020etaoinshrdlucmfwygpbvk.,\n") + ["th", "he", "in", "er", "an", " t", " a", " s", " w", "nd", " the", " and"]


def tokens():
    yield "<unk>", 0.0
    yield "\n<s>\n", 0.0
    yield "\n</s>\n", 0.0
    for i in range(256):
        yield f"<0x{i:02X}>", 0.0
    for i, piece in enumerate(PIECES):
        yield piece, -float(i) if len(piece) == 1 else float(len(piece) * 10 - i / 10)


def main(folder, seed):
    os.makedirs(folder, exist_ok=True)
    vocabulary = [(text.encode(), score) for text, score in tokens()]
    with open(os.path.join(folder, "tokenizer.bin"), "wb") as f:
        f.write(struct.pack("<i", max(len(text) for text, _ in vocabulary)))
        for text, score in vocabulary:
            f.write(struct.pack("<fi", score, len(text)) + text)
    g, vocab, kv = random.Random(seed), len(vocabulary), KV_HEADS * DIM // HEADS

    def numbers(n, scale, base=0.0):
        return struct.pack(f"<{n}f", *(base + scale * (2 * g.random() - 1) for _ in range(n)))

    with open(os.path.join(folder, "model.bin"), "wb") as f:
        f.write(struct.pack("<7i", DIM, HIDDEN, LAYERS, HEADS, KV_HEADS, vocab, CONTEXT))
        f.write(numbers(vocab * DIM, 0.8))
        f.write(numbers(LAYERS * DIM, 0.2, 1.0))
        for n in (DIM * DIM, kv * DIM, kv * DIM, DIM * DIM):
            f.write(numbers(LAYERS * n, 0.5))
        f.write(numbers(LAYERS * DIM, 0.2, 1.0))
        for _ in range(3):
            f.write(numbers(LAYERS * DIM * HIDDEN, 0.5))
        f.write(numbers(DIM, 0.2, 1.0))
        f.write(numbers(CONTEXT * DIM // HEADS, 0.0))


main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1)
