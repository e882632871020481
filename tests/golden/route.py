#!/usr/bin/env python3
"""route - pref-route on real pairs that carry a label of a human, beside routing at random and scikit-learn.

usage: PYTHON tests/golden/route.py BINDIR		(with scikit-learn, else its columns are left out)

The label of a pair is a model's, or one annotator's; a human's label takes its place where pref-route says so. Data:

	llmbar		each of the 24 judge settings of votes.jsonl in turn is the model: what it said as given (0, no verdict:
			left out). What is known of its label is its own two orders, or the votes of all 24. The human is the
			gold label. Means over 24 models
	pandalm/rm	the label is that of a reward model made of HH-RLHF, what is known its margin; three annotators are the human:
			a label that half of them share is half right
	pandalm/ann	one annotator gave the label (ties left out), the two others are the human; what is known is `flip` by
			pref-flip. Means over 3 annotators

Share of right labels when a share of the pairs goes to the human: at random (in the mean), by what is known of the label
(`doubt`), by the gain of --learn, which is of models that have not seen the prompt, and by the same model in scikit-learn in its
own ten folds (`sklearn`; features by Python, from nothing but the definition):

	                       0 %   10 %                        25 %                        50 %                        100 %
	                             random doubt learned sklearn  random ...
	llmbar, own orders   0.6571  0.6914 0.7063 0.7379 0.7367  0.7429 0.7580 0.8257 0.8253  0.8286 0.8367 0.9187 0.9189  1
	llmbar, votes of 24  0.6571  0.6914 0.7184 0.7379 0.7376  0.7429 0.7983 0.8358 0.8344  0.8286 0.9082 0.9497 0.9501  1
	pandalm/rm           0.3622  0.4260 0.4196 0.4470 0.4486  0.5217 0.5076 0.5574 0.5591  0.6811 0.6638 0.7284 0.7293  1
	pandalm/ann          0.9392  0.9453 0.9479 0.9496 0.9481  0.9544 0.9626 0.9615 0.9612  0.9696 0.9770 0.9805 0.9779  1

What is learned is mostly that judges like the longer response (length_ratio), and where LLMBar set traps for that. Where people
differ from people (the last row) nothing tells more than `flip` does: there learning gains nothing.

Checked: of the pairs routed none gains less than one left out; the choice is the same for another order of the input; weights, means
and scales of --learn's file are scikit-learn's within 1e-6; --model gives each pair scikit-learn's probability within 1e-6.
"""
import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile
import zlib

from golden import check, end

data = os.environ.get("PREF_SHARED", "../shared") + "/data"
bindir = sys.argv[1]
SHARES = (0.1, 0.25, 0.5)
L2 = 10
try:
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold
except ImportError:
    np = None


def run(program, args, records):
    p = subprocess.run([bindir + "/" + program, "-q", *map(str, args)], capture_output=True, check=True,
                       input="".join(json.dumps(r) + "\n" for r in records).encode())
    return [json.loads(line) for line in p.stdout.splitlines()]


# ---- the same model in Python ----

AGAINST = {"A": 0, "tie": 0.5, "B": 1}


def sides(votes, names):
    flat = []
    for k in names:
        v = votes.get(k)
        flat += [AGAINST[x] for x in (v if isinstance(v, list) else [v]) if x is not None]
    return flat


def words(text):
    return [w.casefold().replace("\u2019", "'") for w in re.findall(r"[^\W_]+(?:(?<=[^\W\d_])['\u2019](?=[^\W\d_])[^\W_]+)*", text)]


def log_odds(p):
    p = min(max(p, 1e-6), 1 - 1e-6)
    return math.log(p / (1 - p))


def facts(r, humans):
    f = {}
    votes = sides(r["votes"], [k for k in r["votes"] if k not in humans])
    if votes:
        f["votes"] = log_odds((sum(votes) + 1) / (len(votes) + 2))
    if "flip" in r:
        f["flip"] = log_odds(r["flip"])
    for k in ("margin", "margin_std"):
        if k in r:
            f[k] = r[k]
    p, c, j = words(r["prompt"]), words(r["chosen"]), words(r["rejected"])
    both = sum(min(c.count(w), j.count(w)) for w in set(c))
    copied = lambda t: sum(w in set(p) for w in t) / (len(t) + 1)
    f["prompt_words"] = math.log1p(len(p))
    f["words"] = math.log1p(len(c) + len(j))
    f["length_ratio"] = math.log((len(c) + 1) / (len(j) + 1))
    f["length_gap"] = abs(f["length_ratio"])
    f["overlap"] = 2 * both / (len(c) + len(j)) if c or j else 1
    f["copied"] = copied(c) - copied(j)
    f["question"] = float("?" in r["prompt"])
    return f


def columns(records, humans):
    rows = [facts(r, humans) for r in records]
    names = sorted({k for f in rows for k in f})
    mean = {k: np.mean([f[k] for f in rows if k in f]) for k in names}
    scale = {k: np.std([f[k] for f in rows if k in f]) for k in names}
    names = [k for k in names if scale[k] > 1e-9]
    x = np.array([[(f[k] - mean[k]) / scale[k] if k in f else 0 for k in names] for f in rows])
    return names, mean, scale, x


def fitted(x, y):
    twice, kind, weight = np.vstack([x, x]), np.repeat([1, 0], len(y)), np.concatenate([y, 1 - y])
    some = weight > 0
    return LogisticRegression(C=1 / L2, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(
        twice[some], kind[some], sample_weight=weight[some])


def by_sklearn(records, y, humans, learned, predicted):
    """Gains in folds of its own; the model of all is compared."""
    names, mean, scale, x = columns(records, humans)
    y = np.array(y)
    all_of_it = fitted(x, y)
    lines = [json.loads(line) for line in open(learned)]
    terms = {t["feature"]: t for t in lines[1:-1]}
    off = abs(lines[0]["intercept"] - all_of_it.intercept_[0])
    for i, k in enumerate(names):
        t = terms.get(k, {"coef": math.inf, "mean": math.inf, "scale": math.inf})
        off = max(off, abs(t["coef"] - all_of_it.coef_[0][i]), abs(t["mean"] - mean[k]), abs(t["scale"] - scale[k]))
    p = all_of_it.predict_proba(x)[:, 1]
    check("weights", set(terms) == set(names) and off < 1e-6, "off by %g; features of one alone: %s" % (off, set(terms) ^ set(names)))
    off = max(abs(p - predicted))
    check("probabilities", off < 1e-6, "off by %g" % off)
    out = np.zeros(len(y))
    group = [zlib.crc32(r["prompt"].encode()) for r in records]
    for train, test in GroupKFold(10).split(x, y, group):
        out[test] = fitted(x[train], y[train]).predict_proba(x[test])[:, 1]
    return out


# ---- routing ----

def right(y, human):
    return sum(1 if i in human else 1 - a for i, a in enumerate(y)) / len(y)


def routed(records, share, args):
    out = run("pref-route", [*args, "--min-gain", -1, "--share", share], records)
    human = {i for i, r in enumerate(out) if r["route"] == "human"}
    gains = [r["route_gain"] for r in out]
    least = min(gains[i] for i in human)
    check("those that gain most", len(human) == math.floor(share * len(out) + 1e-9) and
          all(g <= least or i in human for i, g in enumerate(gains)))
    return human, gains


def compare(records, humans, doubt):
    """y: how far humans are against the label. A row of the table."""
    y = [sum(s) / len(s) for s in (sides(r["votes"], humans) for r in records)]
    names = [a for h in humans for a in ("--human", h)]
    with tempfile.TemporaryDirectory() as d:
        learned = d + "/model"
        row = [1 - sum(y) / len(y)]
        mixed = random.Random(1).sample(range(len(y)), len(y))
        for s in SHARES:
            by_doubt, _ = routed(records, s, [*names, "--by", doubt])
            again, _ = routed([records[i] for i in mixed], s, [*names, "--by", doubt])
            check("another order of the input, the same choice", by_doubt == {mixed[i] for i in again})
            by_gain, gains = routed(records, s, [*names, "--learn", learned])
            row += [row[0] + s * (1 - row[0]), right(y, by_doubt), right(y, by_gain)]
            if np:
                predicted = np.array(routed(records, s, ["--model", learned])[1])
                p = by_sklearn(records, y, humans, learned, predicted)
                order = sorted(range(len(y)), key=lambda i: -p[i])
                row.append(right(y, set(order[:math.floor(s * len(y) + 1e-9)])))
    return row + [1.0]


# ---- data ----

def llmbar(name, who, rows):
    vote = lambda v, label: None if v == 0 else "A" if v == label else "B"
    for r in rows:
        label = r["votes"][name][0]
        if label:
            votes = {k: [vote(v, label) for v in r["votes"][k]] for k in who}
            votes["gold"] = vote(r["gold"], label)
            yield {"prompt": r["prompt"], "chosen": r["output_%d" % label], "rejected": r["output_%d" % (3 - label)], "votes": votes}


def turned(r):
    votes = {k: {"A": "B", "B": "A"}.get(v, v) for k, v in r["votes"].items()}
    return dict(r, chosen=r["rejected"], rejected=r["chosen"], votes=votes)


def pandalm():
    p = subprocess.run([bindir + "/pref-convert", "-q", "--ties", "keep", "--bad", "skip", data + "/pandalm/testset-v1.json"],
                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    keep = ("prompt", "chosen", "rejected", "votes")
    return [{k: r[k] for k in keep} for r in map(json.loads, p.stdout.splitlines())]


def by_reward_model(rows):
    with tempfile.TemporaryDirectory() as d:
        hh = subprocess.run([bindir + "/pref-convert", "-q", data + "/hh-rlhf/harmless-base-test.jsonl.gz"], capture_output=True, check=True)
        subprocess.run([bindir + "/pref-train", "linear", "-q", "-o", d + "/rm.bin"], input=hh.stdout, capture_output=True, check=True)
        for r in run("pref-score", ["-J", "linear:" + d + "/rm.bin"], rows):
            if r["margin"]:
                yield dict(turned(r) if r["margin"] < 0 else r, margin=abs(r["margin"]))


def by_annotator(rows, name):
    labelled = [turned(r) if r["votes"][name] == "B" else r for r in rows if r["votes"][name] != "tie"]
    labelled = [dict(r, votes={k: v for k, v in r["votes"].items() if k != name}) for r in labelled]
    for r in run("pref-flip", [], labelled):
        r.pop("margin", None)
        r.pop("margin_std", None)
        if "flip" in r:
            yield r


def tell(what, rows):
    mean = [sum(c) / len(c) for c in zip(*rows)]
    print("%-20s %s" % (what, " ".join("%.4f" % m for m in mean)), flush=True)


def main():
    if not os.path.exists(data + "/llmbar/votes.jsonl"):
        print("skipped: no", data, "\n0 passed, 0 failed")
        return
    rows = [json.loads(line) for line in open(data + "/llmbar/votes.jsonl")]
    names = sorted(rows[0]["votes"])
    tell("llmbar, own orders", [compare(list(llmbar(k, [k], rows)), ["gold"], "votes") for k in names])
    tell("llmbar, votes of 24", [compare(list(llmbar(k, names, rows)), ["gold"], "votes") for k in names])
    rows = pandalm()
    who = sorted(rows[0]["votes"])
    tell("pandalm/rm", [compare(list(by_reward_model(rows)), who, "margin")])
    tell("pandalm/ann", [compare(list(by_annotator(rows, k)), [w for w in who if w != k], "flip") for k in who])
    end()


main()
