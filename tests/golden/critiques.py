#!/usr/bin/env python3
"""critiques - pref-rationale --field on what six models wrote about the pairs of LLMBar, verdicts and all.

usage: tests/golden/critiques.py BINDIR LLMBAR		(a checkout of princeton-nlp/LLMBar, with the results of its judges)

The CoT judges explain both orders of each of 419 pairs and call the responses Output (a) and Output (b): the position of the
better one is known by the label, and what the critique says by its last "Output (x) is better". Wanted: critiques of the wrong
response "disagree", and no name of a place is left in a rationale.

Measured:	kept of 5028: 2716; disagrees 2245 duplicate 35 empty 29 long 2 order 1
		of 2245 that call the other response better 2244 are refused for that, of 2764 that call the better one so 1 is
"""
import collections
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

from golden import check, end


def critiques(folder):
    for path in sorted(glob.glob(folder + "/Dataset/LLMBar/**/evaluators/*/CoT/result.json", recursive=True)):
        for r in json.load(open(path)):
            for order, v in r["results"][0].items():
                text = v["completion"][0] if isinstance(v["completion"], list) else v["completion"]
                if not isinstance(text, str):
                    continue
                label = r["label"]
                place = 3 - label if "True" in order else label
                said = re.findall(r"Output \(([ab])\) is (?:clearly |therefore )?(?:the )?better", text)
                yield {"prompt": r["input"], "chosen": r["output_%d" % label], "rejected": r["output_%d" % (3 - label)],
                       "chosen_position": place, "critique": text, "right": (said[-1] == "ab"[place - 1]) if said else None}


def main():
    records = list(critiques(sys.argv[2])) if len(sys.argv) > 2 else []
    if not records:
        print("skipped: no checkout of LLMBar\n0 passed, 0 failed")
        return
    with tempfile.TemporaryDirectory() as d:
        p = subprocess.run([sys.argv[1] + "/pref-rationale", "-q", "--field", "critique", "--need", "--rejects", d + "/rejects"],
                           input="".join(json.dumps(r) + "\n" for r in records).encode(), capture_output=True, check=True)
        kept = [json.loads(line) for line in p.stdout.splitlines()]
        rejects = [json.loads(line) for line in open(d + "/rejects")]
    why = collections.Counter()
    for r in rejects:
        why += collections.Counter(r["dropped"]["faults"])
    refused = {side: sum(r["right"] is side and "disagrees" in r["dropped"]["faults"] for r in rejects) for side in (False, True)}
    of = {side: sum(r["right"] is side for r in records) for side in (False, True)}
    print("kept of %d: %d; %s" % (len(records), len(kept), " ".join("%s %d" % f for f in sorted(why.items()))))
    print("of %d that call the other response better %d are refused for that, of %d that call the better one so %d" %
          (of[False], refused[False], of[True], refused[True]))
    check("records are lost", len(kept) + len(rejects) == len(records))
    check("verdicts are not read", refused[False] > 0.99 * of[False] and refused[True] < 0.01 * of[True])
    check("places are left", not any(re.search(r"(?i)\boutputs? \(?[ab]\b", r["rationale"]) for r in kept))
    texts = collections.defaultdict(set)
    for r in kept:
        texts[r["rationale"]].add((r["prompt"], r["chosen"], r["rejected"]))
    check("two pairs have one rationale", all(len(pairs) == 1 for pairs in texts.values()))
    end()


main()
