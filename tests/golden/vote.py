#!/usr/bin/env python3
"""vote - pref-vote beside independent implementations, and against the gold labels of LLMBar.

usage: tests/golden/vote.py BINDIR [gold]

With `gold` only what needs nothing but Python: labels against the gold labels of LLMBar, and PandaLM's annotators from
each other. Else, where numpy, crowd-kit, krippendorff, scikit-learn and scipy are, also: Dawid and Skene written anew
(posteriors to 1e-6, iterations, log-likelihood, dispersion), crowd-kit's on the votes followed by their mirror image,
which without orders, priors and dispersion is the same model, the objective of crowd-bt by BFGS, and agreement. What is
not here is skipped and said so.

LLMBar: 24 judge settings of six models on 419 pairs, each asked in both orders; a tie is half right. A single judge's label
is what he says in both orders, else a tie. "Picked without gold" is the best of three rules. Nothing was fitted to
gold; the methods are the published ones at their defaults. Measured, with crowd-kit 1.4.2:

	                                 all     Natural Neighbor GPTInst  GPTOut  Manual
	majority                         0.8031  0.9600  0.7201   0.8152   0.7021  0.7826
	best single picked without gold  0.8389  0.9450  0.7761   0.8804   0.7340  0.8152   (GPT-4/Swap)
	dawid-skene                      0.8520  0.9600  0.7985   0.8696   0.7447  0.8478
	one-coin                         0.8544  0.9600  0.8060   0.8696   0.7447  0.8478
	crowd-bt                         0.8544  0.9600  0.8060   0.8804   0.7447  0.8261
	bradley-terry                    0.8031  0.9600  0.7201   0.8152   0.7021  0.7826
	best single by gold              0.8723  0.9600  0.8545   0.8967   0.7234  0.8370   (GPT-4/Metrics_Reference)

Dawid and Skene less the majority: 0.049, 95 % 0.027 to 0.072 by bootstrap over pairs; less the single judge 0.013, -0.008
to 0.035: better by five and a half pairs, which may be luck.

Log-loss of the preference: majority 0.560, dawid-skene 0.793, 2.450 without its dispersion of 6.3 (probabilities clipped
at 1e-9): eleven judges that are one model are not independent, and the correction is only part of it. PandaLM: the left out
annotator's vote from the two others' 0.8980 by majority, 0.9329 by dawid-skene (two agree in 0.9221); alpha 0.873. Tulu:
1,150 votes on 979 pairs, alpha 0.398; 100 iterations do not reach the limit.
"""
import json
import math
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    np = None

shared = os.environ.get("PREF_SHARED", "../shared") + "/data/"
failed = passed = 0


def check(what, good):
    global failed, passed
    passed += bool(good)
    failed += not good
    if not good:
        print("FAILED", what)


def run(*args):
    p = subprocess.run([f"{sys.argv[1]}/{args[0]}", *args[1:]], capture_output=True)
    assert p.returncode in (0, 1), p.stderr
    return p.stdout


def rows(path):
    with open(path) as f:
        return [json.loads(line) for line in f]


def vote(path, d, *options):
    """Labels, report and annotators of a run."""
    run("pref-vote", "-q", "--report", f"{d}/report", "-a", f"{d}/by", "-o", f"{d}/out", *options, path)
    with open(f"{d}/report") as f:
        report = json.load(f)
    return rows(f"{d}/out"), report, {r["by"]: r for r in rows(f"{d}/by")}


def ballots(record):
    """[(annotator, side, shown)]: side 0 chosen, 1 rejected, 2 tie; shown 0 unknown, 1 chosen first, 2 rejected first."""
    side = {"A": 0, "B": 1, "tie": 2}
    place = record.get("chosen_position", 0)
    if "votes" not in record:
        return [(record["annotator"], side[record.get("verdict", "A")], place)]
    found = []
    for by, v in record["votes"].items():
        for one, shown in zip(v, (1, 2)) if isinstance(v, list) else [(v, place)]:
            if one in side:
                found.append((by, side[one], shown))
    return found


class Crowd:
    """Votes by pair; a pair is a prompt and two responses in any order, its A the first record's chosen."""

    def __init__(self, records):
        self.pair, self.turned, self.votes, self.models = [], [], [], {}
        number, self.names = {}, {}
        for r in records:
            text = [json.dumps(r[k]) for k in ("prompt", "chosen", "rejected")]
            same, other = tuple(text), (text[0], text[2], text[1])
            turned = other in number and same not in number
            pair = number.setdefault(other if turned else same, len(number))
            self.pair.append(pair)
            self.turned.append(turned)
            if not turned and pair not in self.models:
                self.models[pair] = (r.get("chosen_model"), r.get("rejected_model"))
            for by, side, shown in ballots(r):
                if turned:
                    side, shown = (1 - side if side < 2 else 2), (3 - shown if shown else 0)
                self.votes.append((pair, self.names.setdefault(by, len(self.names)), side, shown))
        self.n = len(number)

    def labels(self, out):
        """What pref-vote wrote, for A of each pair."""
        p = [None] * self.n
        for r, pair, turned in zip(out, self.pair, self.turned):
            x = 1 - r["preference"] if turned else r["preference"]
            assert p[pair] is None or abs(p[pair] - x) < 1e-8
            p[pair] = x
        return np.array(p)


# ---- Dawid and Skene, written anew: dense arrays, one table for each annotator and kind of order ----

def dawid_skene(crowd, one_coin=False, prior=2.0, independent=False):
    v = np.array(crowd.votes)
    item, by, side, shown = v.T
    n_by, K = len(crowd.names), 3 if (side == 2).any() else 2
    turn = np.array([1, 0, 2])
    place = np.array([np.arange(3), np.arange(3), turn])        # [shown][side]
    said, kind = place[shown, side], (shown > 0).astype(int)
    row = place[shown][:, :K]                                   # of truth k, for each vote
    q = np.zeros((crowd.n, K))
    np.add.at(q, (item, side), 1)
    q /= q.sum(1, keepdims=True)
    pseudo = np.full((K, K), prior / 3 / (K - 1))
    np.fill_diagonal(pseudo, prior * 2 / 3)
    before = -np.inf
    for iteration in range(1, 101):
        T = np.zeros((n_by, 2, K, K))
        for k in range(K):
            np.add.at(T, (by, kind, row[:, k], said), q[item, k])
        T += pseudo
        T[:, 0] += T[:, 0][:, turn[:K]][:, :, turn[:K]]         # sides: the mirror image, too
        if one_coin:
            right = np.trace(T, axis1=2, axis2=3)[..., None, None]
            T = np.where(np.eye(K, dtype=bool), right, (T.sum((2, 3), keepdims=True) - right) / (K - 1))
        T = np.maximum(T, 1e-10)
        T /= T.sum(3, keepdims=True)
        tie = max((q[:, 2].sum() + prior / 3) / (crowd.n + prior), 1e-10) if K == 3 else 0
        first = np.array([(1 - tie) / 2, (1 - tie) / 2, tie][:K])
        L = np.zeros((crowd.n, K))
        for k in range(K):
            np.add.at(L[:, k], item, np.log(T[by, kind, row[:, k], said]))
        joint = L + np.log(first)
        most = joint.max(1, keepdims=True)
        q = np.exp(joint - most)
        total = q.sum(1, keepdims=True)
        ll = (most + np.log(total)).sum() + (pseudo * np.log(T)).sum() + (prior / 3 * np.log(first).sum() if prior else 0)
        q /= total
        if abs(ll - before) < 1e-5:
            break
        before = ll
    if independent:
        return q, iteration, ll, 1
    seen = expected = 0
    a, b = T[by, kind, row[:, 0]], T[by, kind, row[:, 1]]       # [vote][what could be said]
    odds = np.log(a / b)
    value = np.bincount(item, odds[np.arange(len(v)), said], crowd.n)
    for k, t in enumerate((a, b)):
        mean = (t * odds).sum(1)
        seen += (q[:, k] * (value - np.bincount(item, mean, crowd.n)) ** 2).sum()
        expected += (q[:, k] * np.bincount(item, (t * odds * odds).sum(1) - mean**2, crowd.n)).sum()
    dispersion = max(1, seen / expected)
    joint = L / dispersion + np.log(first)
    q = np.exp(joint - joint.max(1, keepdims=True))
    return q / q.sum(1, keepdims=True), iteration, ll, dispersion


def soft(q):
    return q[:, 0] + (q[:, 2] / 2 if q.shape[1] == 3 else 0)


def compare_models(name, path, d):
    crowd = Crowd(rows(path))
    for options in ((), ("--prior", "0"), ("--independent",), ("-m", "one-coin"), ("-m", "one-coin", "--prior", "5")):
        out, report, _ = vote(path, d, *options)
        q, iteration, ll, dispersion = dawid_skene(crowd, "one-coin" in options, 0. if "0" in options else 5. if "5" in
                                                   options else 2., "--independent" in options)
        off = np.abs(soft(q) - crowd.labels(out)).max()
        found = report["labels"]
        check(f"{name} {options}: numpy", off < 1e-6 and found["iterations"] == iteration and
              abs(found["log_likelihood"] - ll) < 1e-5 and abs(found.get("dispersion", 1) - dispersion) < 1e-5)
        print(f"{name} dawid-skene {' '.join(options):24s} {iteration:3d} iterations, dispersion {dispersion:.4f}: "
              f"furthest from numpy {off:.1e}")


def compare_crowd_kit(name, path, d):
    """Without orders, prior and dispersion ours is crowd-kit's model on the votes followed by their mirror image."""
    try:
        import pandas
        from crowdkit.aggregation import DawidSkene
    except ImportError as missing:
        print("skipped:", missing)
        return
    records = [{k: v for k, v in r.items() if k != "chosen_position"} for r in rows(path)]
    for r in records:
        r["votes"] = {f"{by} {shown}": "A B tie".split()[side] for by, side, shown in ballots(r)}
    with open(f"{d}/plain", "w") as f:
        f.writelines(json.dumps(r) + "\n" for r in records)
    crowd = Crowd(records)
    out, report, _ = vote(f"{d}/plain", d, "--prior", "0", "--independent")
    frame = [(f"{sign}{pair}", by, side if sign == "+" or side == 2 else 1 - side) for sign in "+-" for pair, by, side, _ in
             crowd.votes]
    model = DawidSkene(n_iter=report["labels"]["iterations"], tol=-np.inf)
    model.fit(pandas.DataFrame(frame, columns=["task", "worker", "label"]))
    p = model.probas_
    theirs = np.array([p.loc[f"+{i}", 0] + (p.loc[f"+{i}", 2] / 2 if 2 in p else 0) for i in range(crowd.n)])
    off = np.abs(theirs - crowd.labels(out)).max()
    check(f"{name}: crowd-kit", off < 1e-6)
    print(f"{name} dawid-skene, no orders, no prior: furthest from crowd-kit {off:.1e}")


# ---- Bradley and Terry: the objective by scipy ----

def compare_strengths(name, path, d):
    from scipy.optimize import minimize
    crowd = Crowd(rows(path))
    number = {}
    ends = np.array([[number.setdefault(m, len(number)) for m in crowd.models[i]] for i in range(crowd.n)])
    pair, by, side, _ = np.array(crowd.votes).T
    weight = np.array([1, 0, .5])[side]
    apart = ends[pair, 0] != ends[pair, 1]
    pair, by, weight = pair[apart], by[apart], weight[apart]
    J, W = len(number), len(crowd.names)

    def loss(x, trust):
        delta, eta = x[ends[pair, 0]] - x[ends[pair, 1]], (np.ones(W) if trust else 1 / (1 + np.exp(-x[J:])))
        p = 1 / (1 + np.exp(-delta))
        a, b = eta[by] * p + (1 - eta[by]) * (1 - p), eta[by] * (1 - p) + (1 - eta[by]) * p
        with np.errstate(divide="ignore", invalid="ignore"):
            f = np.nansum(weight * np.log(a)) + np.nansum((1 - weight) * np.log(b))
        f -= .1 * (np.logaddexp(0, x[:J]) + np.logaddexp(0, -x[:J])).sum()
        if not trust:
            f -= 2 / 3 * (2 * np.logaddexp(0, -x[J:]) + np.logaddexp(0, x[J:])).sum()
        return -f

    for method, trust in (("bradley-terry", True), ("crowd-bt", False)):
        start = np.concatenate([np.zeros(J), np.full(0 if trust else W, np.log(4))])
        best = minimize(loss, start, (trust,), method="BFGS", options={"gtol": 1e-8, "maxiter": 5000})
        out, report, _ = vote(path, d, "-m", method, "--items", "model")
        p = 1 / (1 + np.exp(best.x[ends[:, 1]] - best.x[ends[:, 0]]))
        off = np.abs(p - crowd.labels(out)).max()
        # BFGS with differences for derivatives finds the place to about the root of the precision of the value.
        check(f"{name} {method}: scipy", off < 1e-4 and abs(report["labels"]["log_likelihood"] + best.fun) < 1e-5)
        print(f"{name} {method}: furthest from scipy {off:.1e}, objective {report['labels']['log_likelihood'] + best.fun:.1e}")


# ---- agreement ----

def compare_agreement(name, path, d):
    crowd = Crowd(rows(path))
    out, report, people = vote(path, d)
    mirror = [(p, w, s) for p, w, s, _ in crowd.votes]
    mirror += [(p + crowd.n, w, 1 - s if s < 2 else 2) for p, w, s in mirror]
    try:
        import krippendorff
        seats, taken = {}, {}
        for pair, _, side in mirror:
            seat = taken[pair] = taken.get(pair, -1) + 1            # every vote on a pair is another coder's
            seats[seat, pair] = side
        table = np.full((max(s for s, _ in seats) + 1, 2 * crowd.n), np.nan)
        for (seat, pair), side in seats.items():
            table[seat, pair] = side
        alpha = krippendorff.alpha(reliability_data=table, level_of_measurement="nominal")
        check(f"{name}: alpha", abs(alpha - report["votes"]["alpha"]) < 1e-6)
        print(f"{name}: alpha {alpha:.6f}, as the package krippendorff finds")
    except ImportError as missing:
        print("skipped:", missing)
    try:
        from sklearn.metrics import cohen_kappa_score
    except ImportError as missing:
        print("skipped:", missing)
        return
    verdict = {}
    for r, pair, turned in zip(out, crowd.pair, crowd.turned):
        side = {"A": 0, "B": 1, "tie": 2}[r["verdict"]]
        side = 1 - side if turned and side < 2 else side
        verdict[pair], verdict[pair + crowd.n] = side, 1 - side if side < 2 else 2
    off = 0
    for by, w in crowd.names.items():
        votes = [(s, verdict[p]) for p, x, s in mirror if x == w]
        off = max(off, abs(cohen_kappa_score(*zip(*votes)) - people[by]["kappa"]))
    check(f"{name}: kappa with the labels", off < 1e-6)
    on, kappas = {}, []
    for p, w, s in mirror:
        on.setdefault(w, {}).setdefault(p, []).append(s)
    for a in on:
        for b in on:
            both = [(s, t) for p in on[a].keys() & on[b].keys() for s in on[a][p] for t in on[b][p]] if a < b else []
            if both and set(map(tuple, both)) != {(2, 2)}:
                kappas.append(cohen_kappa_score(*zip(*both)))
    check(f"{name}: mean kappa", abs(np.nanmean(kappas) - report["votes"]["kappa"]) < 1e-6)
    print(f"{name}: kappa with the labels within {off:.1e} of scikit-learn, mean of {len(kappas)} pairs {np.nanmean(kappas):.6f}")


# ---- LLMBar: gold ----

def llmbar(path, d):
    records = rows(path)
    kinds = ("Natural", "Neighbor", "GPTInst", "GPTOut", "Manual")
    kind = [r["id"].split("/")[-2] for r in records]
    gold = [r["gold"] == r["chosen_position"] for r in records]      # is chosen the better one?

    def score(p):
        right = [0.5 if abs(x - 0.5) < 1e-9 else (x > 0.5) == g for x, g in zip(p, gold)]
        return [sum(right) / len(right)] + [sum(r for r, k in zip(right, kind) if k == name) / kind.count(name) for name in kinds]

    def tell(name, p):
        s = score(p)
        print(f"{name:44s}" + "".join(f"{x:9.4f}" for x in s))
        return s[0]

    judges = sorted(records[0]["votes"])
    value = {"A": 1, "B": 0}
    single = {}
    for j in judges:
        both = [[value[v] for v in r["votes"][j] if v in value] for r in records]
        single[j] = [sum(b) / len(b) if b else 0.5 for b in both]
    print(f"\n{'LLMBar: accuracy, a tie half':44s}" + "".join(f"{x:>9s}" for x in ("all",) + kinds))
    labels = {m: [r["preference"] for r in vote(path, d, "-m", m)[0]] for m in
              ("majority", "dawid-skene", "one-coin", "crowd-bt", "bradley-terry")}
    figure = {m: tell(m, p) for m, p in labels.items()}

    def agreement(j, with_):
        return sum(0.5 if a == 0.5 or b == 0.5 else (a > 0.5) == (b > 0.5) for a, b in zip(single[j], labels[with_]))

    picked = {
        "most like the majority": max(judges, key=lambda j: agreement(j, "majority")),
        "most the same in both orders": max(judges, key=lambda j: sum(x != 0.5 for x in single[j])),
        "most like dawid-skene": max(judges, key=lambda j: agreement(j, "dawid-skene")),
    }
    best = 0
    for rule, j in picked.items():
        best = max(best, tell(f"{j}: {rule}", single[j]))
    oracle = max(judges, key=lambda j: score(single[j])[0])
    tell(f"{oracle}: best by gold", single[oracle])
    check("LLMBar: dawid-skene beats the majority", figure["dawid-skene"] > figure["majority"])
    check("LLMBar: dawid-skene beats the best single judge picked without gold", figure["dawid-skene"] > best)

    def loss(p):
        p = [min(max(x, 1e-9), 1 - 1e-9) for x in p]
        return -sum(math.log(x if g else 1 - x) for x, g in zip(p, gold)) / len(p)

    sure = [r["preference"] for r in vote(path, d, "--independent")[0]]
    print(f"log-loss of the preference: majority {loss(labels['majority']):.4f}, dawid-skene {loss(labels['dawid-skene']):.4f}, "
          f"with --independent {loss(sure):.4f}")
    check("LLMBar: the dispersion makes labels less wrongly sure", loss(labels["dawid-skene"]) < loss(sure))


# ---- PandaLM: the third annotator from the other two ----

def left_out(path, d):
    records, found = rows(path), {}
    for method in ("majority", "dawid-skene"):
        right = n = 0
        for who in ("annotator1", "annotator2", "annotator3"):
            with open(f"{d}/two", "w") as f:
                for r in records:
                    f.write(json.dumps(dict(r, votes={k: v for k, v in r["votes"].items() if k != who})) + "\n")
            for r, out in zip(records, vote(f"{d}/two", d, "-m", method)[0]):
                right += out["verdict"] == r["votes"][who]
                n += 1
        found[method] = right / n
        print(f"PandaLM, the left out annotator's vote (A, B or tie) from the others' by {method}: {right / n:.4f} of {n}")
    same = sum(r["votes"][a] == r["votes"][b] for r in records for a, b in
               (("annotator1", "annotator2"), ("annotator1", "annotator3"), ("annotator2", "annotator3")))
    print(f"PandaLM, two annotators agree: {same / (3 * len(records)):.4f}")
    check("PandaLM: by dawid-skene the left out annotator is foretold at least as well", found["dawid-skene"] >= found["majority"])


def main():
    sources = {"llmbar": "llmbar/votes.jsonl", "pandalm": "pandalm/testset-v1.json", "tulu": "tulu/tulu1_human_annotations.jsonl"}
    only_gold = sys.argv[2:] == ["gold"]
    if not all(os.path.exists(shared + source) for source in sources.values()):
        print("skipped: votes on LLMBar, PandaLM and Tulu, which are not in", shared)
        sources = {}
    with tempfile.TemporaryDirectory() as d:
        for name, source in sources.items():
            run("pref-convert", "-q", "--bad", "skip", shared + source, "-o", f"{d}/{name}")
        if sources:
            llmbar(f"{d}/llmbar", d)
            left_out(f"{d}/pandalm", d)
        if sources and np and not only_gold:
            for name in sources:
                compare_models(name, f"{d}/{name}", d)
                compare_crowd_kit(name, f"{d}/{name}", d)
                compare_agreement(name, f"{d}/{name}", d)
            compare_strengths("tulu", f"{d}/tulu", d)
        elif sources and not only_gold:
            print("skipped: numpy is not here")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
