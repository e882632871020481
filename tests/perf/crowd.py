#!/usr/bin/env python3
"""crowd - votes for the bench, and pref-vote's labels beside numpy and crowd-kit.

usage: crowd.py make PAIRS VOTES >FILE	votes of 200 annotators, of accuracy 0.55 to 0.95
       crowd.py FILE OUT REPORT		seconds of numpy and of crowd-kit (- if not here) for as many iterations as
					REPORT tells, and how far numpy is from the labels in OUT at most
"""
import json
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden"))


def make(pairs, votes):
    g = random.Random(1)
    skill = [0.55 + 0.4 * g.random() for _ in range(200)]
    for i in range(pairs):
        truth = g.random() < 0.5
        said = {f"w{w}": "A" if (g.random() < skill[w]) == truth else "B" for w in g.sample(range(200), votes)}
        print(json.dumps({"prompt": f"p{i}", "chosen": "a", "rejected": "b", "votes": said}, separators=(",", ":")))


def compare(path, out, report):
    import numpy as np
    import vote
    crowd = vote.Crowd(vote.rows(path))
    with open(report) as f:
        iterations = json.load(f)["labels"]["iterations"]
    began = time.perf_counter()
    q, n, _, _ = vote.dawid_skene(crowd)
    numpy_took = time.perf_counter() - began
    assert n == iterations, (n, iterations)
    off = np.abs(vote.soft(q) - crowd.labels(vote.rows(out))).max()
    try:
        import pandas
        from crowdkit.aggregation import DawidSkene
        frame = pandas.DataFrame([v[:3] for v in crowd.votes], columns=["task", "worker", "label"])
        began = time.perf_counter()
        DawidSkene(n_iter=iterations, tol=-np.inf).fit(frame)
        kit_took = f"{time.perf_counter() - began:.4f}"
    except ImportError:
        kit_took = "-"
    print(f"{numpy_took:.4f} {kit_took} {off:.2e}")


if sys.argv[1] == "make":
    make(int(sys.argv[2]), int(sys.argv[3]))
else:
    compare(*sys.argv[1:])
