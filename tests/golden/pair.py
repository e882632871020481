#!/usr/bin/env python3
"""pair - pref-pair beside the same rules written anew in Python.

usage: tests/golden/pair.py BINDIR [ROUNDS]

Random candidates with ties, equal responses and missing values, by score, rank, tests, judges, comparisons and factors;
random trees of steps; and the Open-Assistant trees of PREF_SHARED/data, through pref-convert --candidates and read by
Python from the trees themselves. Every output must be the same pairs in the same order, with the same margins, which
are the differences of the scores to the last bit. Random numbers are Python's, seeded.

Measured: 40 rounds of 200 records, 18 ways to pair: 313,412 pairs, all the same; 5,871 draws of --best-random, chi-square 23.4
with 21 degrees of freedom. 212 lists in 100 Open-Assistant trees: 212
pairs of the best and the worst, 754 of every two, 429 of neighbours, and 212 ranked lists, all the same.
"""
import collections
import itertools
import json
import math
import os
import random
import subprocess
import sys

failed = passed = 0


def check(what, good):
    global failed, passed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print(f"FAILED {what}")


def run(bindir, program, options, text):
    """Records out, and nothing but records."""
    done = subprocess.run([f"{bindir}/{program}", "-q", *options], input=text.encode(), capture_output=True)
    if done.returncode:
        sys.exit(f"{program} {' '.join(options)}: exit {done.returncode}: {done.stderr.decode()}")
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


# ---- what ranks responses ----

def value(response, by):
    if by == "score" or by == "value":
        return response.get(by)
    if by == "rank":
        return None if response.get("rank") is None else -response["rank"]
    if by in ("tests", "pass"):
        t = response.get("tests")
        return None if not t or not t["of"] else t["pass"] / t["of"] if by == "tests" else float(t["pass"] == t["of"])
    return response.get("scores", {}).get(by)


def by_value(responses, by):
    """{index: value} of those that take part."""
    values, seen = {}, set()
    for i, r in enumerate(responses):
        v = value(r, by)
        if v is not None and r["text"] not in seen:
            seen.add(r["text"])
            values[i] = v
    return values


def ends_or_all(order, values, relation, which, gap, most):
    """Pairs (better, worse, gap) of the ranked, by relation(i, j) -> signed gap."""
    if which == "best-worst" and order:
        best, worst = values[order[0]], values[order[-1]]
        if best == worst:
            return []
        top = [i for i in order if values[i] == best]
        bottom = [i for i in reversed(order) if values[i] == worst]
        some = [(order[0], order[-1])] if most == 1 else list(itertools.product(top, bottom))
    elif which == "best-next":
        some = [(order[0], i) for i in order[1:] if relation(order[0], i) > 0 and relation(order[0], i) >= gap][:1]
    elif which == "all":
        some = list(itertools.combinations(order, 2))
    else:
        some = list(zip(order, order[1:]))
    pairs = []
    for i, j in some:
        d = relation(i, j)
        if d and abs(d) >= gap:
            pairs.append((i, j, d) if d > 0 else (j, i, -d))
    if most is None or most >= len(pairs):
        return pairs
    place, used, chosen = {i: k for k, i in enumerate(order)}, dict.fromkeys(order, 0), set()
    for _ in range(most):
        k = min((k for k in range(len(pairs)) if k not in chosen), key=lambda k: (
            max(used[pairs[k][0]], used[pairs[k][1]]), used[pairs[k][0]] + used[pairs[k][1]],
            -pairs[k][2], -abs(place[pairs[k][0]] - place[pairs[k][1]]), k))
        chosen.add(k)
        used[pairs[k][0]] += 1
        used[pairs[k][1]] += 1
    return [p for k, p in enumerate(pairs) if k in chosen]


def ranked(values):
    return sorted(values, key=lambda i: (-values[i], i))


def plain(record, by, which="best-worst", gap=0.0, most=None):
    values = by_value(record["responses"], by)
    if most is None and which in ("best-worst", "best-next"):
        most = 1
    return ends_or_all(ranked(values), values, lambda i, j: values[i] - values[j], which, gap, most)


def wins_less_losses(items, relation):
    return {i: sum((relation(i, j) > 0) - (relation(i, j) < 0) for j in items if j != i) for i in items}


def contest(record, which):
    n = len(record["responses"])
    texts = [r["text"] for r in record["responses"]]
    first = [texts.index(t) for t in texts]
    won = [[0.0] * n for _ in range(n)]
    for i, j, verdict in record["comparisons"]:
        i, j = first[i], first[j]
        share = {"A": 1.0, "B": 0.0, "tie": 0.5}.get(verdict)
        if i != j and share is not None:
            won[i][j] += share
            won[j][i] += 1 - share
    judged = {(i, j): won[i][j] + won[j][i] for i in range(n) for j in range(n) if won[i][j] + won[j][i]}
    strength = {(i, j): won[i][j] / judged[i, j] for i, j in judged}
    values = {}
    for i in range(n):
        mine = [strength[i, j] for j in range(n) if (i, j) in strength]
        if mine:
            values[i] = sum(mine) / len(mine)
    pairs = ends_or_all(ranked(values), values,
                        lambda i, j: strength.get((i, j), 0.5) - strength.get((j, i), 0.5), which, 0,
                        1 if which == "best-worst" else None)
    return [(i, j, strength[i, j]) for i, j, _ in pairs]


def heron(records, factors, which):
    """factors: (name, multiple of the standard deviation). Pairs of each record."""
    least = []
    for name, multiple in factors:
        z = [v for r in records for x in r["responses"] if (v := value(x, name)) is not None]
        mean = math.fsum(z) / len(z)
        least.append(multiple * math.sqrt(math.fsum((v - mean) ** 2 for v in z) / (len(z) - 1)))
    for record in records:
        rows, seen = {}, set()
        for i, r in enumerate(record["responses"]):
            z = [value(r, name) for name, _ in factors]
            if any(v is not None for v in z) and r["text"] not in seen:
                seen.add(r["text"])
                rows[i] = z

        def relation(i, j):
            for a, b, m in zip(rows[i], rows[j], least):
                if a is not None and b is not None and abs(a - b) > m:
                    return a - b
            return 0

        values = wins_less_losses(list(rows), relation)
        yield ends_or_all(ranked(values), values, relation, which, 0, 1 if which == "best-worst" else None)


# ---- random records ----

def candidates(rng):
    n = rng.randrange(0, 9)
    responses = []
    for _ in range(n):
        r = {"text": rng.choice(["a", "b", "é", "d\n", "long " * 9]) + str(rng.randrange(6))}
        if rng.random() < 0.9:
            r["score"] = rng.choice([rng.randrange(4), round(rng.gauss(0, 2), 3)])
        if rng.random() < 0.9:
            r["rank"] = rng.randrange(5)
        if rng.random() < 0.9:
            r["tests"] = {"pass": rng.randrange(4), "of": 3}
        r["scores"] = {k: round(rng.random(), 2) for k in ("x", "y") if rng.random() < 0.8}
        responses.append(r)
    return {"prompt": "p", "responses": responses, "comparisons": [
        [*rng.sample(range(n), 2), rng.choice(["A", "A", "B", "tie", "invalid"])]
        for _ in range(rng.randrange(3 * n) if n > 1 else 0)]}


def tree(rng):
    nodes = []
    for i in range(rng.randrange(12)):
        parent = rng.choice([None, *range(i)])
        node = {"id": i, "text": f"s{rng.randrange(30)}"}
        if parent is not None:
            node["parent"] = parent
        if rng.random() < 0.95:
            node["value"] = rng.randrange(9) / 8
        nodes.append(node)
    rng.shuffle(nodes)
    return {"prompt": "Q", "nodes": nodes}


def step_pairs(record, gap):
    """(prompt, chosen, rejected, margin) of siblings."""
    by_id = {n["id"]: n for n in record["nodes"]}
    for parent in [None, *(n["id"] for n in record["nodes"])]:
        prefix, at = "", parent
        while at is not None:
            prefix = by_id[at]["text"] + "\n" + prefix
            at = by_id[at].get("parent")
        children = [n for n in record["nodes"] if n.get("parent") == parent]
        for i, j, d in plain({"responses": children}, "value", "all", gap):
            yield record["prompt"] + prefix, children[i]["text"], children[j]["text"], d


# ---- Open-Assistant ----

def oasst(node, path=()):
    """(messages, answers) wherever two or more have a rank."""
    asks = node["role"] != "assistant"
    path = (*path, {"role": "user" if asks else "assistant", "content": node["text"]})
    if node.get("deleted"):
        return
    answers = [r for r in node["replies"] if r["role"] == "assistant" and not r.get("deleted") and
               r.get("rank") is not None]
    if asks and len(answers) > 1:
        yield list(path), answers
    for reply in node["replies"]:
        yield from oasst(reply, path)


def check_oasst(bindir, path):
    text = open(path).read()
    lists = [x for line in text.splitlines() for x in oasst(json.loads(line)["prompt"])]
    rows = run(bindir, "pref-convert", ["--candidates"], text)
    made = "".join(json.dumps(r) + "\n" for r in rows)
    counts = []
    for options, which in (([], "best-worst"), (["--all"], "all"), (["--adjacent"], "adjacent")):
        want = []
        for messages, answers in lists:
            for i, j, _ in plain({"responses": answers}, "rank", which):
                want.append((messages, answers[i]["text"], answers[j]["text"]))
        got = [(r["prompt"], r["chosen"][0]["content"], r["rejected"][0]["content"])
               for r in run(bindir, "pref-pair", options, made)]
        check(f"oasst {which}: {len(got)} pairs, not {len(want)}", got == want and got)
        counts.append(f"{which} {len(got)}")
    got = run(bindir, "pref-pair", ["--lists"], made)
    want = [[a["text"] for a in sorted(x, key=lambda a: a["rank"])] for _, x in lists
            if len({a["rank"] for a in x}) > 1 and len({a["text"] for a in x}) > 1]
    check("oasst lists", [[r["messages"][0]["content"] for r in x["responses"]] for x in got] == want)
    print(f"{len(lists)} lists in {len(text.splitlines())} Open-Assistant trees: pairs {', '.join(counts)}; {len(want)} lists")


def check_random(bindir, seed, records, text):
    """CDR: the first of the best against any that is worse. Counts of (how many are worse, which of them was drawn)."""
    rows = run(bindir, "pref-pair", ["--by", "score", "--best-random", "--seed", str(seed)], text)
    drawn, want = collections.Counter(), []
    for record in records:
        values = by_value(record["responses"], "score")
        order = ranked(values)
        worse = [record["responses"][i]["text"] for i in order if values[i] < values[order[0]]]
        if worse:
            want.append((record["responses"][order[0]]["text"], worse))
    good = len(rows) == len(want) > 0
    for row, (best, worse) in zip(rows, want):
        good = good and row["chosen"] == best and row["rejected"] in worse
        if good:
            drawn[len(worse), worse.index(row["rejected"])] += 1
    check(f"seed {seed}: best-random", good)
    return drawn


def spread(drawn):
    """Each of n that are worse comes as often as the others: chi-square over all n, mean its degrees of freedom k, sd sqrt(2k)."""
    square = degrees = 0
    for n in {n for n, _ in drawn if n > 1}:
        expected = sum(drawn[n, i] for i in range(n)) / n
        square += sum((drawn[n, i] - expected) ** 2 / expected for i in range(n))
        degrees += n - 1
    check(f"best-random: chi-square {square:.1f} of {degrees}", degrees and square < degrees + 4 * math.sqrt(2 * degrees))
    print(f"best-random: {sum(drawn.values())} draws, chi-square {square:.1f} with {degrees} degrees of freedom")


def check_triples(bindir, seed, records, text):
    want = []
    for record in records:
        values = by_value(record["responses"], "score")
        order = ranked(values)
        levels = sorted(set(values.values()), reverse=True)
        if len(levels) > 2:
            second = next(i for i in order if values[i] == levels[1])
            want.append([record["responses"][i]["text"] for i in (order[0], second, order[-1])])
    got = run(bindir, "pref-pair", ["--by", "score", "--triples"], text)
    check(f"seed {seed}: triples", [[x["text"] for x in r["responses"]] for r in got] == want and got)


def main():
    bindir, rounds = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 40
    ways = [(by, which, gap, most) for by, which, gap, most in (
        ("score", "best-worst", 0, None), ("score", "all", 0, None), ("score", "adjacent", 0, None),
        ("score", "all", 1.5, None), ("score", "all", 0, 2), ("score", "best-worst", 0, 3), ("rank", "all", 0, None),
        ("rank", "best-worst", 2, None), ("score", "best-next", 0, None), ("tests", "best-next", 0.5, None), ("tests", "all", 0, 4), ("pass", "best-worst", 0, 2), ("x", "all", 0.25, None))]
    n_pairs, drawn = 0, collections.Counter()
    for seed in range(rounds):
        rng = random.Random(seed)
        records = [candidates(rng) for _ in range(200)]
        text = "".join(json.dumps(r) + "\n" for r in records)

        def compare(what, options, pairs, extra):
            nonlocal n_pairs
            want = [{"chosen": r["responses"][i]["text"], "rejected": r["responses"][j]["text"], **extra(d)}
                    for r, some in zip(records, pairs) for i, j, d in some]
            got = [{k: r.get(k) for k in ("chosen", "rejected", *extra(0.0))} for r in run(bindir, "pref-pair", options, text)]
            n_pairs += len(got)
            check(f"seed {seed}: {what}: {len(got)} pairs, not {len(want)}", got == want and got)

        for by, which, gap, most in ways:
            options = ["--by", by, f"--{which}", "--min-gap", str(gap)]
            options += ["--max-per-prompt", str(most)] if most else []
            compare(" ".join(options), options, [plain(r, by, which, gap, most) for r in records],
                    lambda d: {"margin": d} if by != "rank" else {})
        drawn.update(check_random(bindir, seed, records, text))
        check_triples(bindir, seed, records, text)
        for which in ("all", "best-worst"):
            compare(f"comparisons {which}", ["--comparisons", f"--{which}", "--preference"],
                    [contest(r, which) for r in records], lambda d: {"preference": round(d, 6)})
            factors = [("pass", 0), ("x", 0.5), ("y", 0.25)]
            compare(f"factors {which}", [f"--{which}", *(f"--factor={k}:{m}sd" for k, m in factors)],
                    heron(records, factors, which), lambda d: {"difference": d})
        trees = [tree(rng) for _ in range(200)]
        got = [(r["prompt"], r["chosen"], r["rejected"], r["margin"]) for r in run(
            bindir, "pref-pair", ["--all", "--min-gap", "0.25"], "".join(json.dumps(t) + "\n" for t in trees))]
        check(f"seed {seed}: trees", got == [p for t in trees for p in step_pairs(t, 0.25)] and got)
        n_pairs += len(got)
    spread(drawn)
    print(f"{rounds} rounds of 200 records, {len(ways) + 5} ways: {n_pairs} pairs")
    path = os.environ.get("PREF_SHARED", "../shared") + "/data/oasst/en_100_tree.jsonl"
    if os.path.exists(path):
        check_oasst(bindir, path)
    else:
        print("skipped: Open-Assistant trees, which are not in PREF_SHARED/data")
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
