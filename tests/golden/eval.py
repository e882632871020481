#!/usr/bin/env python3
"""eval - what pref-eval says of annotators and of ranking, beside the same written anew from the definitions.

usage: tests/golden/eval.py BINDIR

2,000 random records: votes of eight annotators in all their forms, log-probabilities on a grid of 0.005 so that ties and
equal ones are met, some absent. The idealised policy is not compared by its log odds but written out as in the paper:
pi_ref(y) * odds^(1/beta) of both responses, in exact fractions of decimals. Quantiles are numpy's inverted_cdf where numpy
is. Every figure of --json must be the same, for five betas, and the difficulty that pref-score writes too.

Then the votes on LLMBar (24 judge settings, each asked in both orders) and of Tulu's people, converted: how often each
takes the longer response, the place shown first (--bias: counted anew from the votes), and, on the random records, the
response of its own model. Measured, 3,147 figures in all and no difference:

	LLMBar	ChatGPT/CoT 0.7942 of 243 pairs ... GPT-4/Metrics_Reference 0.3148 of 378
	LLMBar	first place: Falcon/CoT 0.9328 of 409 pairs, the same in both orders 0.1296; GPT-4/Swap_CoT 0.5012, 0.9830
	Tulu	ann03 0.8400 of 25 ... ann11 0.5000 of 18
"""
import json
import math
import os
import random
import subprocess
import sys
import tempfile
from decimal import Decimal, getcontext

try:
    import numpy
except ImportError:
    numpy = None

getcontext().prec = 50
shared = os.environ.get("PREF_SHARED", "../shared") + "/data/"
passed = failed = 0


def check(what, ours, theirs):
    global passed, failed
    good = ours is None if theirs is None else ours is not None and math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-12)
    passed += good
    failed += not good
    if not good:
        print("FAILED", what, ours, "and not", theirs)


def run(*args):
    p = subprocess.run([f"{sys.argv[1]}/{args[0]}", *args[1:]], capture_output=True)
    assert p.returncode == 0, p.stderr
    return p.stdout


def wilson(right, n):
    """The roots of (p - right/n)^2 = z^2 p (1 - p) / n."""
    if n == 0:
        return 0, 1
    z, q = 1.959963984540054, right / n
    a, b, c = 1 + z * z / n, -2 * q - z * z / n, q * q
    root = math.sqrt(max(0, b * b - 4 * a * c))
    return max(0, (-b - root) / (2 * a)), min(1, (-b + root) / (2 * a))


def side(vote):
    """1, -1 or 0 of what an annotator said of a pair."""
    said = {x for x in (vote if isinstance(vote, list) else [vote]) if x in ("A", "B", "tie")}
    return {"A": 1, "B": -1}.get(said.pop(), 0) if len(said) == 1 else 0


def sides(r):
    if r.get("votes") is not None:
        return {by: side(v) for by, v in r["votes"].items() if side(v)}
    return {str(r["annotator"]): 1} if "annotator" in r else {}


def counted(records):
    return [r for r in records if r.get("verdict") != "tie" and r["chosen"] != r["rejected"]]


# ---- annotators ----

def longer_by_annotator(records):
    out = {}
    for r in counted(records):
        margin = len(r["chosen"]) - len(r["rejected"])
        for by, s in sides(r).items():
            out.setdefault(by, []).append(1 if margin * s > 0 else 0.5 if margin == 0 else 0)
    return out


def compare_annotators(what, records, ours):
    theirs = longer_by_annotator(records)
    found = ours["judges"]["longer"]["by_annotator"]
    check(f"{what}: annotators", len(found), len(theirs))
    for by, v in theirs.items():
        low, high = wilson(sum(v), len(v))
        for name, x in ("pairs", len(v)), ("accuracy", sum(v) / len(v)), ("low", low), ("high", high):
            check(f"{what}: {by} {name}", found.get(by, {}).get(name), x)
    return found


# ---- bias ----

def own(by, model):
    by, model = by.lower(), (model or "").lower()
    return bool(model) and (by == model or any(by.startswith(model + c) for c in "/:@ ("))


def share(v):
    return sum(v) / len(v) if v else None


def compare_bias(what, records, ours):
    votes, leans = {}, {}
    for r in counted(records):
        for by, v in (r.get("votes") or {}).items():
            if isinstance(v, list) and all(x in ("A", "B", "tie") for x in v):
                votes.setdefault(by, []).append(v)
        margins = dict(sides(r))
        for name in r.get("scores", {}):
            if two(r, name):
                margins[f"{name} (in scores)"] = two(r, name)[0] - two(r, name)[1]
        longer = len(r["chosen"]) - len(r["rejected"])
        for by, m in margins.items():
            said = 1 if m > 0 else 0 if m < 0 else 0.5
            mine = [own(by, r.get("chosen_model")), own(by, r.get("rejected_model"))]
            lists = leans.setdefault(by, {"longer": [], "own": []})
            if longer:
                lists["longer"].append((said if longer > 0 else 1 - said, longer > 0))
            if mine[0] != mine[1]:
                lists["own"].append((said if mine[0] else 1 - said, mine[0]))
    check(f"{what} voices", len(ours), len(votes.keys() | leans.keys()))
    for by in votes.keys() | leans.keys():
        v = votes.get(by, [])
        first = [0.5 if x == "tie" else float(x == place) for pair in v for x, place in zip(pair, "AB")]
        check(f"{what} {by} both", ours[by]["both_orders"], len(v))
        check(f"{what} {by} first", ours[by]["first"], share(first))
        check(f"{what} {by} same", ours[by]["same"], share([a == b for a, b in v]))
        for key, lists in leans.get(by, {"longer": [], "own": []}).items():
            x, said = ours[by][key], [a for a, _ in lists]
            low, high = wilson(sum(said), len(said))
            for name, y in ("pairs", len(said)), ("share", share(said)), ("low", low), ("high", high), \
                    ("label", share([b for _, b in lists])):
                check(f"{what} {by} {key} {name}", x[name], y)


# ---- ranking ----

def two(r, name):
    v = r.get("scores", {}).get(name)
    return v if isinstance(v, list) and len(v) == 2 and all(isinstance(x, (int, float)) for x in v) else None


def ideal(ref, share, beta):
    a = min(max(Decimal(repr(share)), Decimal("0.001")), Decimal("0.999"))
    weight = [Decimal(repr(lp)).exp() * p ** (1 / Decimal(repr(beta))) for lp, p in zip(ref, (a, 1 - a))]
    return weight[0] > weight[1]


def quantile(values, q):
    if numpy:
        return float(numpy.quantile(values, q, method="inverted_cdf"))
    v = sorted(values)
    return next(x for i, x in enumerate(v) if (i + 1) / len(v) >= q - 1e-12)


def compare_row(what, row, n, pairs, tied=True):
    right = sum(a >= b for a, b in pairs)
    low, high = wilson(right, len(pairs))
    facts = {"pairs": len(pairs), "not_measured": n - len(pairs), "right": right, "low": low, "high": high,
        "accuracy": right / len(pairs) if pairs else None}
    if tied:
        facts["ties"] = sum(abs(a - b) < 0.01 for a, b in pairs)
    for name, x in facts.items():
        check(f"{what} {name}", row[name], x)


def compare_ranking(what, records, ours, beta):
    rows, n = counted(records), len(counted(records))
    refs = [(two(r, "ref"), r) for r in rows if two(r, "ref")]
    compare_row(f"{what} reference", ours["reference"], n, [x for x, _ in refs])
    compare_row(f"{what} policy", ours["policy"], n, [two(r, "pol") for r in rows if two(r, "pol")])
    for name, key in ("ref", "reference_by_token"), ("pol", "policy_by_token"):
        compare_row(f"{what} {key}", ours[key], n, [(two(r, name)[0] / r["chosen_tokens"],
            two(r, name)[1] / r["rejected_tokens"]) for r in rows if two(r, name) and "chosen_tokens" in r])
    hopes = [ideal(x, 0.75 if r.get("preference") is None else r["preference"], beta) for x, r in refs]
    compare_row(f"{what} idealised", ours["idealised"], n, [(h, True) for h in hopes], tied=False)
    check(f"{what} shares", ours["shares_known"], sum(r.get("preference") is not None for _, r in refs))
    hard = [x[1] - x[0] for x, _ in refs]
    for q, x in ours["difficulty"].items():
        check(f"{what} difficulty {q}", x, quantile(hard, float(q)))
    check(f"{what} loss", ours["loss_needed"], math.fsum(math.log1p(math.exp(-beta * c)) if beta * c > -30 else
        -beta * c for c in hard) / len(hard))
    moves = {}
    for x, r in refs:
        if two(r, "pol"):
            key = tuple("right" if a >= b else "wrong" for a, b in (x, two(r, "pol")))
            moves[key] = moves.get(key, 0) + 1
    for before in "right", "wrong":
        for after in "right", "wrong":
            check(f"{what} {before} {after}", ours[f"{before}_{after}"], moves.get((before, after), 0))
    wrong = moves[("wrong", "right")] + moves[("wrong", "wrong")]
    check(f"{what} flipped", ours["flipped_right"], moves[("wrong", "right")] / wrong)


def compare_reward(what, records, ours, beta):
    both = [[beta * (p - q) for p, q in zip(two(r, "pol"), two(r, "ref"))] for r in counted(records)
        if two(r, "pol") and two(r, "ref")]
    said = [1 if a > b else 0.5 if a == b else 0 for a, b in both]
    low, high = wilson(sum(said), len(said))
    beats = sum((a > b) + (a == b) / 2 for a, _ in both for _, b in both)
    for name, x in {"pairs": len(both), "accuracy": share(said), "ties": said.count(0.5), "low": low, "high": high,
            "auc": beats / len(both) ** 2, "margin": math.fsum(a - b for a, b in both) / len(both)}.items():
        check(f"{what} reward {name}", ours[name], x)


def random_records(n):
    g = random.Random(7)
    votes = ["A", "B", "tie", None, "error", ["A", "A"], ["A", "B"], ["B", "B"], ["B", "tie"], ["A", None], [None, "B"]]

    def lp():
        return g.choice([None, "lp", "lp", "lp", "lp"]) and [round(-2 + 0.005 * g.randrange(-200, 201), 3)
            for _ in range(2)]
    for i in range(n):
        r = {"id": i, "chosen": "c" * g.randrange(1, 9), "rejected": "r" * g.randrange(1, 9),
            "scores": {"ref": lp(), "pol": lp()}}
        if g.random() < 0.8:
            r["chosen_model"], r["rejected_model"] = (g.choice(["Judge", "JUDGE 3", "judge 4", "pol", "none"]) for _ in "ab")
        if g.random() < 0.6:
            r["votes"] = {f"judge {k}": g.choice(votes) for k in g.sample(range(8), 3)}
        if g.random() < 0.5:
            r["annotator"] = g.choice(["ann", 7])
        if g.random() < 0.5:
            r["chosen_tokens"], r["rejected_tokens"] = g.randrange(1, 9), g.randrange(1, 9)
        if g.random() < 0.5:
            r["preference"] = g.choice([None, 0, 1, 0.5, round(g.random(), 3)])
        if g.random() < 0.1:
            r["verdict"] = g.choice(["tie", "A", "B"])
        yield r


def read(path):
    with open(path) as f:
        return [json.loads(line) for line in f]


with tempfile.TemporaryDirectory() as d:
    made = list(random_records(2000))
    with open(f"{d}/in", "w") as f:
        f.writelines(json.dumps(r) + "\n" for r in made)
    for b in 0.01, 0.1, 1, 5, 10:
        j = json.loads(run("pref-eval", "-q", "--json", "--bias", "--reference", "ref", "--policy", "pol", "--beta", str(b), f"{d}/in"))
        compare_ranking(f"beta {b}:", made, j["ranking"], b)
        compare_reward(f"beta {b}:", made, j["ranking"]["implicit_reward"], b)
    compare_annotators("random", made, j)
    compare_bias("random", made, j["bias"])
    for r in map(json.loads, run("pref-score", "-q", "--difficulty", "ref", f"{d}/in").splitlines()):
        pair = two(r, "ref")
        check(f"difficulty of {r['id']}", r.get("difficulty"), pair and pair[1] - pair[0])
    for name, path in ("LLMBar", "llmbar/votes.jsonl"), ("Tulu", "tulu/tulu1_human_annotations.jsonl"):
        if not os.path.exists(shared + path):
            print("skipped:", name, "is not there")
            continue
        run("pref-convert", "-q", "-o", f"{d}/{name}", shared + path)
        ours = json.loads(run("pref-eval", "-q", "--json", "--bias", f"{d}/{name}"))
        found = compare_annotators(name, read(f"{d}/{name}"), ours)
        compare_bias(name, read(f"{d}/{name}"), ours["bias"])
        order = sorted(found.items(), key=lambda x: -x[1]["accuracy"])
        print(f"{name}: {len(order)} annotators; the longer response:", *(
            f"{by} {x['accuracy']:.4f} of {x['pairs']}" for by, x in (order[0], order[-1]) if order))

print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
