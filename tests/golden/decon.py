#!/usr/bin/env python3
"""decon - pref-decon against an independent implementation in Python, without hashing, on real benchmarks.

usage: tests/golden/decon.py BINDIR

Every record's mark must be the same: whether there is one, how many items it repeats, which is the best, its
coverage, in which members. Data are those of ../shared/data (PREF_SHARED). Records that repeat an item, by the
rule of Tulu 3 (half of the item in runs of 8 words) and by that of GPT-3 (any 13 words):

	items                         records                              half-8    any-13
	HumanEval, function           the same                            164/164   164/164
	HumanEval, prompt             HumanEval, function                 164/164   164/164
	HumanEval, plain text lines   HumanEval, function                 164/164   164/164
	HumanEval, function           the same, rephrased                   1/164     2/164
	HumanEval, function           its neighbours in CodeAlpaca          0/164     2/164
	GSM8K test                    the same                          1319/1319 1319/1319
	GSM8K test                    the same, rephrased                  0/1319    0/1319
	GSM8K, HumanEval, MBPP        HH harmless-base test                0/2312    0/2312
	PandaLM, LLMBar, Tulu         HH harmless-base test                0/2312    0/2312
	HH harmless-base test         HH harmless-base test             2312/2312 2312/2312

So what is verbatim is found, in whatever layout; what was put in other words is not, as it must be with n-grams
(llm-decontaminator, from which the rephrasings are, asks a language model). HH, which has nothing of these
benchmarks, gives no false alarm.
"""
import collections
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata

WORD = re.compile(r"[^\W_]+(?:['\u2019](?<=[^\W\d_]['\u2019])(?=[^\W\d_])[^\W_]+)*")
ALONE, STOP = 4, 10


def words(text):
    """(word, from, to) of each, places in the composed text; and that text."""
    text = unicodedata.normalize("NFC", text)
    return [(m.group().lower().replace("\u2019", "'"), m.start(), m.end()) for m in WORD.finditer(text)], text


def normal(text):
    return " ".join(unicodedata.normalize("NFC", text.casefold()).split())


def said(text):
    """A transcript without who speaks."""
    if not re.match(r"\s*(Human|Assistant):", text):
        return text
    return "\n\n".join(t.strip() for t in re.split(r"(?:\A\s*|\n\n)(?:Human|Assistant):", text) if t.strip())


def grams(text, n):
    """Runs of n words as (run, place)."""
    w = [x[0] for x in words(text)[0]]
    return [(tuple(w[i:i + n]), i) for i in range(len(w) - n + 1)]


class Index:
    def __init__(self, benchmarks, n, coverage):
        """benchmarks: {name: texts}"""
        self.n, self.coverage = n, coverage
        self.items, self.runs, self.short, self.stop = [], collections.defaultdict(list), {}, set()
        for name, texts in benchmarks.items():
            sharing, seen = collections.Counter(), set()
            for i, text in enumerate(map(said, texts)):
                w, composed = words(text)
                if not w:
                    continue        # a question without a word is no item
                k = len(self.items)
                self.items.append({"name": name, "line": i + 1, "n": len(w)})
                if len(w) < n:
                    key = (tuple(x[0] for x in w), normal(composed[w[0][1]:w[-1][2]]))
                    self.short.setdefault(key, []).append(k)
                    continue
                for run, at in grams(text, n):
                    self.runs[run].append((k, at))
                whole = tuple(x[0] for x in w)
                if whole not in seen:
                    sharing.update({run for run, _ in grams(text, n)})
                    seen.add(whole)
            self.stop |= {(name, run) for run, count in sharing.items() if count > STOP}
        # What is a template in one benchmark is one in the others, too.
        stop = {run for _, run in self.stop}
        counted = collections.defaultdict(set)
        for run, places in self.runs.items():
            for k, at in places if run not in stop else ():
                counted[k].update(range(at, at + n))
        self.kept = {run: [p for p in places if run not in stop or p[0] not in counted]
                     for run, places in self.runs.items()}
        self.counted = [len(counted[k]) if k in counted else item["n"] for k, item in enumerate(self.items)]
        self.lengths = sorted({len(key[0]) for key in self.short})

    def find(self, members):
        """What the mark must say of {member: text}, or None."""
        covered, where = collections.defaultdict(set), collections.defaultdict(set)
        for member, text in members.items():
            text = said(text)
            for run, _ in grams(text, self.n):
                for k, at in self.kept.get(run, ()):
                    covered[k].update(range(at, at + self.n))
                    where[k].add(member)
            w, composed = words(text)
            for n in self.lengths:
                for i in range(len(w) - n + 1):
                    if n < ALONE and len(w) != n:
                        break
                    key = (tuple(x[0] for x in w[i:i + n]), normal(composed[w[i][1]:w[i + n - 1][2]]))
                    for k in self.short.get(key, ()):
                        covered[k].update(range(n))
                        where[k].add(member)
        hit = {k: len(c) / self.counted[k] for k, c in covered.items() if len(c) > self.coverage * self.counted[k]}
        if not hit:
            return None
        best = min(hit, key=lambda k: (-hit[k], k))
        item = self.items[best]
        return {"benchmark": item["name"], "item": f"{item['name']}:{item['line']}", "items": len(hit),
                "coverage": float(f"{hit[best]:.4g}"), "in": [m for m in members if m in where[best]]}


def write(path, rows):
    with open(path, "w") as f:
        f.writelines(json.dumps(r) + "\n" for r in rows)


def ours(bindir, d, benchmarks, rows, options, plain):
    files = []
    for name, texts in benchmarks.items():
        path = f"{d}/{name}.jsonl"
        if plain:
            with open(path, "w") as f:
                f.writelines(" ".join(t.split()) + "\n" for t in texts)
        else:
            write(path, [{"question": t, "answer": "?"} for t in texts])
        files += ["-b", path]
    write(f"{d}/rows", rows)
    subprocess.run([f"{bindir}/pref-decon", "-q", "--mark", *options, *files, f"{d}/rows", "-o", f"{d}/out"], check=True)
    with open(f"{d}/out") as f:
        return [json.loads(line).get("contamination") for line in f]


def compare(bindir, what, benchmarks, rows, options, n, coverage, must=None, plain=False):
    """True if all marks agree, and as many records as there must be have one."""
    if plain:
        benchmarks = {name: [" ".join(t.split()) for t in texts] for name, texts in benchmarks.items()}
    index = Index(benchmarks, n, coverage)
    with tempfile.TemporaryDirectory() as d:
        got = ours(bindir, d, benchmarks, rows, options, plain)
    want = [index.find(r) for r in rows]
    for mark in got:
        if mark:
            del mark["text"]
    wrong = [i for i, (x, y) in enumerate(zip(got, want)) if x != y]
    print(f"{what:<58} {' '.join(options):<24} {sum(m is not None for m in want)}/{len(rows)}"
          + (f"  {len(wrong)} differ, the first in record {wrong[0] + 1}" if wrong else ""), flush=True)
    if wrong and "HH" not in what:
        print("  ours", got[wrong[0]], "\n  here", want[wrong[0]])
    return not wrong and len(got) == len(rows) and must in (None, sum(m is not None for m in got))


def pairs(texts):
    return [{"prompt": t, "chosen": "yes", "rejected": "no"} for t in texts]


def main():
    bindir = sys.argv[1]
    data = os.environ.get("PREF_SHARED", "../shared") + "/data"
    if not os.path.exists(f"{data}/decontam"):
        print("skipped:", data, "is not here")
        return 0

    def load(path):
        with (gzip.open if path.endswith(".gz") else open)(f"{data}/{path}", "rt") as f:
            return json.load(f) if path.endswith(".json") else [json.loads(line) for line in f]

    human = [r["text"] for r in load("decontam/HumanEval.jsonl")]
    prompts = [r["prompt"] for r in load("humaneval/HumanEval.jsonl.gz")]
    rephrased = [r["text"] for r in load("decontam/humaneval_python.jsonl")]
    alpaca = [text for r in load("decontam/CodeAlpacaDB.jsonl") for text in r["train"]]
    gsm = [r["question"] for r in load("gsm8k/test.jsonl")]
    gsm_rephrased = [r["text"] for r in load("decontam/rephrase_gsm8k.jsonl")]
    mbpp = [r["text"] for r in load("mbpp/mbpp.jsonl")]
    pandalm = [r["instruction"] for r in load("pandalm/testset-v1.json")]
    llmbar = [r["input"] for r in load("llmbar/Natural.json")]
    tulu = [r["prompt"] for r in load("tulu/eval_instances_tulu_1.jsonl")]
    with tempfile.TemporaryDirectory() as d:
        subprocess.run([f"{bindir}/pref-convert", "-q", "--diverged", "first",
                        f"{data}/hh-rlhf/harmless-base-test.jsonl.gz", "-o", f"{d}/hh"], check=True)
        with open(f"{d}/hh") as f:
            hh = [{m: json.loads(line)[m] for m in ("prompt", "chosen", "rejected")} for line in f]
    # Items and records; how many of these repeat one, by either rule, where that is known beforehand.
    sets = [
        ("HumanEval, function: the same", {"human": human}, pairs(human), len(human)),
        ("HumanEval, prompt: HumanEval, function", {"human": prompts}, pairs(human), len(human)),
        ("HumanEval, function: rephrased", {"human": human}, pairs(rephrased), None),
        ("HumanEval, function: CodeAlpaca neighbours", {"human": human}, pairs(alpaca), None),
        ("GSM8K test: the same", {"gsm": gsm}, pairs(gsm), len(gsm)),
        ("GSM8K test: rephrased", {"gsm": gsm}, pairs(gsm_rephrased), None),
        ("GSM8K, HumanEval, MBPP: HH", {"gsm": gsm, "human": prompts, "mbpp": mbpp}, hh, 0),
        ("PandaLM, LLMBar, Tulu: HH", {"pandalm": pandalm, "llmbar": llmbar, "tulu": tulu}, hh, None),
        ("HH: HH", {"hh": [r["prompt"] for r in hh]}, hh, len(hh)),
    ]
    results = []
    for what, benchmarks, rows, must in sets:
        results.append(compare(bindir, what, benchmarks, rows, ["--rule", "half-8"], 8, 0.5, must))
        results.append(compare(bindir, what, benchmarks, rows, ["--rule", "any-13"], 13, 0, must))
    for rule, n, coverage in (("half-8", 8, 0.5), ("any-13", 13, 0)):
        results.append(compare(bindir, "HumanEval, plain text: HumanEval, function", {"human": human}, pairs(human),
                               ["--rule", rule], n, coverage, len(human), plain=True))
    # Rules that find more, so that there is more to compare.
    for what, benchmarks, rows, _ in sets[2:]:
        results.append(compare(bindir, what, benchmarks, rows, ["--ngram", "4", "--coverage", "0.1"], 4, 0.1))
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


sys.exit(main())
