"""pairs - the peer of pref-pair, and what both read

usage: pairs.py make PROMPTS RESPONSES PAIRS     candidates made of the texts of a file of pairs, on standard output
       pairs.py best-worst|all CANDIDATES        pairs of them, byte for byte what pref-pair writes
"""
import itertools
import json
import sys


def make(prompts, responses, path):
    texts = [json.loads(line)[side] for line in itertools.islice(open(path, encoding="utf-8"), 2000)
             for side in ("chosen", "rejected")]
    for i in range(prompts):
        row = {"prompt": f"Prompt {i}?", "responses": [
            {"text": f"{k}: " + texts[(i * 7 + k * 131) % len(texts)], "score": (i * 31 + k * 17) % 101 / 4,
             "model": f"m{k}"} for k in range(responses)]}
        print(json.dumps(row, ensure_ascii=False, separators=(",", ":")))


def pair(record, x, y):
    line = {"prompt": record["prompt"], "chosen": x["text"], "rejected": y["text"]}
    for side, r in (("chosen", x), ("rejected", y)):
        line[f"score_{side}"] = r["score"]
        line[f"{side}_model"] = r["model"]
    line["margin"] = x["score"] - y["score"]
    if line["margin"] == int(line["margin"]):
        line["margin"] = int(line["margin"])
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def main():
    if sys.argv[1] == "make":
        make(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
        return
    every = sys.argv[1] == "all"
    write = sys.stdout.write
    for line in open(sys.argv[2], encoding="utf-8"):
        record = json.loads(line)
        order = sorted(record["responses"], key=lambda r: -r["score"])
        some = itertools.combinations(order, 2) if every else [(order[0], order[-1])]
        for x, y in some:
            if x["score"] != y["score"] and x["text"] != y["text"]:
                write(pair(record, x, y) + "\n")


main()
