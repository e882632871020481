#!/usr/bin/env python3
"""route - pref-route against the gold labels of LLMBar, beside routing at random.

usage: tests/golden/route.py BINDIR

Each of the 24 judge settings in turn is the model: the label is what it said as given (its 0 or no verdict: left out). What
tells of doubt is its own two orders, or the votes of all 24 settings. The human is the gold label. The gain is computed
here again: no pair that gains more may be left out, and the choice must be the same for another order of the input.
Random routing of a share b leaves accuracy a + b (1 - a), on average. Mean over 24 models of the accuracy of the hybrid
labels:

	doubt by                  model      10 %   random      25 %   random      50 %   random
	its own two orders       0.6571    0.7037   0.6914    0.7580   0.7429    0.8335   0.8286
	the votes of all 24      0.6571    0.7185   0.6914    0.7986   0.7429    0.9084   0.8286

Its own two orders tell apart only the quarter of the pairs where they differ: beyond that all gains are equal, and a hash of
the texts draws. (While input order did, the easy pairs that LLMBar begins with, 50 % came to 0.8075, below random.) "The
votes of all 24" include models better than the one that is routed.
"""
import json
import math
import os
import random
import subprocess
import sys

shared = os.environ.get("PREF_SHARED", "../shared") + "/data/llmbar/votes.jsonl"
passed = failed = 0


def vote(v, label):
    return None if v == 0 else "A" if v == label else "B"


def gain(votes):
    flat = [v for pair in votes.values() for v in pair if v]
    return (flat.count("B") + 1) / (len(flat) + 2)


def routed(records, share):
    p = subprocess.run([sys.argv[1] + "/pref-route", "-q", "--share", str(share)], capture_output=True, check=True,
                       input="".join(json.dumps(r) + "\n" for r in records).encode())
    return [json.loads(line) for line in p.stdout.splitlines()]


def main():
    global passed, failed
    if not os.path.exists(shared):
        print("skipped: no", shared, "\n0 passed, 0 failed")
        return
    rows = [json.loads(line) for line in open(shared)]
    names = sorted(rows[0]["votes"])
    shares = (0.1, 0.25, 0.5)
    print("%-22s %8s %s" % ("doubt by", "model", " ".join("%7d %% %8s" % (100 * s, "random") for s in shares)))
    for what, who in (("its own two orders", None), ("the votes of all 24", names)):
        base, got = [], {s: [] for s in shares}
        for name in names:
            records, gold = [], []
            for r in rows:
                label = r["votes"][name][0]
                if label == 0:
                    continue
                votes = {k: [vote(v, label) for v in r["votes"][k]] for k in who or [name]}
                records.append({"chosen": r["output_%d" % label], "rejected": r["output_%d" % (3 - label)], "votes": votes})
                gold.append(label == r["gold"])
            a = sum(gold) / len(gold)
            base.append(a)
            gains = [gain(r["votes"]) for r in records]
            mixed = random.Random(1).sample(range(len(gold)), len(gold))
            for s in shares:
                out = routed(records, s)
                human = {i for i, r in enumerate(out) if r["route"] == "human"}
                again = {i for i, r in zip(mixed, routed([records[i] for i in mixed], s)) if r["route"] == "human"}
                least = min(gains[i] for i in human)
                good = len(human) == math.floor(s * len(gold) + 1e-9) and human == again and all(
                    abs(o["route_gain"] - g) < 1e-8 and (g <= least or i in human)
                    for i, (o, g) in enumerate(zip(out, gains)))
                passed += good
                failed += not good
                got[s].append(sum(g or i in human for i, g in enumerate(gold)) / len(gold))
        mean = lambda v: sum(v) / len(v)
        print("%-22s %8.4f %s" % (what, mean(base), " ".join("%9.4f %8.4f" % (mean(got[s]), mean(base) + s * (1 - mean(base)))
                                                                for s in shares)))
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed > 0)


main()
