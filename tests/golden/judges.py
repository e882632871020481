#!/usr/bin/env python3
"""judges - those over HTTP: 24 recorded judges replayed through the journal, and a real model behind a real server.

usage: tests/golden/judges.py BINDIR [MODEL.gguf]

1. LLMBar (419 pairs, 24 judge settings that were asked in both orders): pref-score writes the batch of requests, this
script plays the batch service with the recorded verdicts, pref-score reads them back (--ingest-batch --reparse). What
it says must be what follows from the recorded votes, computed here without it. As figures: accuracy of each order alone and of
the mean of both, a tie being half right (which makes it the mean of the two: both orders cost nothing and gain no accuracy),
how often the orders agree, and how often they are right where they do: that is what is gained.

2. With a model, and llama-cpp-python[server] in this Python: SmolLM2-135M-Instruct as a judge of the shortest pairs, by the
probabilities of its first token (chat and completions), and by what it writes, with a run that is killed on the way; ratings
of three votes, ratings by four aspects, rationales, and masks of sentences in their place. Where it is to write, a JSON schema
(set: response_format) holds it to what can be read: without one a model of this size gives no verdict. Scores, rationales
and masks must be what this script makes of the raw answers in the journal.

Measured (llama-cpp-python 0.3.36, SmolLM2-135M-Instruct Q4_1; "sure": right where both orders agree):

	                               given  swapped     both    agree     sure
	mean of 24                    0.6571   0.6642   0.6606   0.7396   0.6856
	GPT-4/Metrics_Reference       0.8616   0.8831   0.8723   0.9165   0.9062
	GPT-4/Rating                  0.8401   0.8377   0.8389   0.8353   0.9057
	PaLM2/CoT                     0.5585   0.6205   0.5883   0.4638   0.6927
	Falcon/CoT                    0.5191   0.5251   0.5227   0.1274   0.6792

	chat, log-probs of one token: 12 of 12 scored, 7 right
	completions, log-probs of one token: 8 of 12 scored, 4 right
	chat, what it writes in 40 tokens: no verdict in 12, which is what a model of this size is worth as a judge
	ratings, three votes: 4 of 6 right; by four aspects: 3.5 of 6 (ties half)
	rationales: 7 of 20 pass the checks; 13 disagree with the label
	masks: 3 of 12 sentences wrong
"""
import json
import math
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

here = os.path.dirname(os.path.abspath(__file__))
prompts = os.path.join(here, "../../judges/prompts")
shared = os.path.abspath(os.environ.get("PREF_SHARED", here + "/../../../shared")) + "/data/"
score = os.path.abspath(sys.argv[1]) + "/pref-score"
passed = failed = 0


def check(what, good):
    global passed, failed
    passed += bool(good)
    failed += not good
    if not good:
        print("FAILED", what)


def run(*args, status=0, program="pref-score"):
    p = subprocess.run([os.path.join(os.path.dirname(score), program), "-q", *args], capture_output=True)
    assert p.returncode == status, (args, p.returncode, p.stderr)
    return [json.loads(line) for line in p.stdout.splitlines()]


def judge_file(name, *lines):
    with open(name, "w") as f:
        print(*lines, sep="\n", file=f)


def write(name, records):
    with open(name, "w") as f:
        for r in records:
            print(json.dumps(r), file=f)


def read(name):
    return [json.loads(line) for line in open(name)]


# ---- recorded judges ----

def replay(votes):
    pairs = [{"id": r["id"], "prompt": r["prompt"], "chosen": r["output_1"], "rejected": r["output_2"]} for r in votes]
    write("pairs", pairs)
    rows = []
    for n, name in enumerate(sorted(votes[0]["votes"])):
        judge_file("j%d" % n, "include: %s/pairwise.prompt" % prompts, "url: http://localhost/v1/chat/completions",
                   "model: judge-%d" % n)
        run("-J", "http:j%d" % n, "--emit-batch", "batch", "pairs")
        asked = read("batch")
        # Two a pair, in input order: as given, then swapped. (Equal pairs are asked once.)
        replies, at = {}, 0
        for r in votes:
            if r["output_1"] == r["output_2"]:
                continue
            for order in (0, 1):
                vote = r["votes"][name][order]
                first = vote == (1, 2)[order]
                text = "Let me see." if vote == 0 else "Well.\n[[%s]]" % ("A" if first else "B")
                replies[asked[at]["custom_id"]] = text
                at += 1
        check("%s: the requests of all pairs" % name, at == len(asked) == len(replies))
        write("replies", [{"custom_id": k, "error": None, "response": {"status_code": 200, "body": {"choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}]}}}
            for k, text in sorted(replies.items())])
        got = run("-J", "http:j%d" % n, "--ingest-batch", "replies", "--reparse", "pairs")
        alone, both, agree, sure, known = [0, 0], 0, 0, 0, 0
        good = True
        for r, s in zip(votes, got):
            one, two = r["votes"][name]
            if 0 in (one, two):
                good = good and s["verdict"] == "invalid" and "http" not in s.get("scores", {})
                alone = [a + (0.5 if v == 0 else v == r["gold"]) for a, v in zip(alone, (one, two))]
                both += 0.5
                continue
            p = ((one == 1) + (two == 1)) / 2
            good = good and s["scores"]["http"] == [p, 1 - p] and s["verdict"] == {1: "A", 0.5: "tie", 0: "B"}[p]
            alone = [a + (v == r["gold"]) for a, v in zip(alone, (one, two))]
            both += 0.5 if one != two else one == r["gold"]
            agree += one == two
            sure += one == two == r["gold"]
            known += 1
        check("%s: verdicts follow from the votes" % name, good)
        rows.append((name, *(a / len(votes) for a in alone), both / len(votes), agree / known, sure / agree, len(votes) - known))
    return rows


# ---- a real server ----

def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def serve(model, port):
    p = subprocess.Popen([sys.executable, "-m", "llama_cpp.server", "--model", model, "--model_alias", "smollm2", "--n_ctx",
                          "2048", "--n_threads", "1", "--logits_all", "true", "--host", "127.0.0.1", "--port", str(port)],
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(300):
        try:
            urllib.request.urlopen("http://127.0.0.1:%d/v1/models" % port)
            return p
        except OSError:
            time.sleep(0.2)
    p.kill()
    sys.exit("the server does not start")


def answers(journal):
    return {e["key"]: json.loads(e["answer"]) for e in read(journal) if "answer" in e}


def planned(judge, records, *args, program="pref-score"):
    """The requests of all pairs, by a batch of a journal that is empty: keys and what is asked last."""
    judge_file(judge + ".plan", "journal: none", *open(judge).read().splitlines())
    run(*args or ["-J"], ("" if program == "pref-rationale" else "http:") + judge + ".plan", *BELOW.get(program, []), "--emit-batch",
        "batch", records, program=program)
    lines = read("batch")
    os.unlink("none")
    return [(line["custom_id"], line["body"]["messages"][-1]["content"] if "messages" in line["body"] else "") for line in lines]


BELOW = {"pref-mask": ["--below", "0.5"]}


def in_order(judge, records):
    keys = [key for key, _ in planned(judge, records)]
    return list(zip(keys[::2], keys[1::2]))


def first_token(body, words={"A": 1, "B": 0}):
    choice = body["choices"][0]
    lp = choice["logprobs"]
    if "content" in lp:
        tokens = [(t["token"], t["logprob"]) for t in lp["content"][0]["top_logprobs"]]
    else:
        tokens = lp["top_logprobs"][0].items()
    side = [0.0, 0.0]
    for token, logprob in tokens:
        word = token.strip().upper()
        if word in words:
            side[words[word]] += math.exp(logprob)
    return side[1] / sum(side) if sum(side) else None


def written(body):
    choice = body["choices"][0]
    found = re.findall(r"\[\[([ABC])\]\]", choice["message"]["content"] or "")
    return {"A": 1, "B": 0, "C": 0.5}[found[-1]] if found and choice["finish_reason"] == "stop" else None


def compare(what, judge, records, got, value):
    raw = answers(judge + ".journal")
    right = scored = 0
    good = True
    for r, (one, two) in zip(got, in_order(judge, records)):
        v1, v2 = value(raw[one]), value(raw[two])
        if v1 is None or v2 is None:
            good = good and r["verdict"] == "invalid"
            continue
        p = (v1 + 1 - v2) / 2
        good = good and abs(r["scores"]["http"][0] - p) < 1e-12
        scored += 1
        right += 0.5 if p == 0.5 else p > 0.5
    check(what, good)
    return scored, right


def content(body):
    return body["choices"][0]["message"]["content"]


def schema(**members):
    return "set: response_format " + json.dumps({"type": "json_object", "schema": {
        "type": "object", "properties": members, "required": list(members)}})


def ratings(what, judge, records, votes, items):
    """Of each response the mean over items of the mean over votes."""
    got = run("-J", "http:" + judge, records)
    raw = answers(judge + ".journal")
    keys = [key for key, _ in planned(judge, records)]
    n, right, good = votes * items, 0, len(keys) == 2 * votes * items * len(got)
    for i, r in enumerate(got):
        want = []
        for k in range(2):
            said = [json.loads(content(raw[key]))["rating"] for key in keys[(2 * i + k) * n:(2 * i + k + 1) * n]]
            want.append(sum(sum(said[v:v + votes]) / votes for v in range(0, n, votes)) / items)
        good = good and max(abs(a - b) for a, b in zip(want, r["scores"]["http"])) < 1e-12
        right += 0.5 if want[0] == want[1] else want[0] > want[1]
    check(what, good)
    print("%s: %d requests, %.1f of %d right" % (what, len(keys), right, len(got)))


def enclosed(text, name):
    return re.findall(r"<%s-([0-9a-f]{16})>\n(.*?)\n</%s-\1>" % (name, name), text, re.S)[-1][1]


def rationales(judge, records):
    got = run("--http", judge, "--need", "--rejects", "rejects", records, program="pref-rationale")
    rejects = read("rejects")
    raw = answers(judge + ".journal")
    kept = {r["prompt"]: r for r in got}
    agree = unread = 0
    good, faults = True, {}
    for r, (key, text) in zip(read(records), planned(judge, records, "--http", program="pref-rationale")):
        label = "A" if enclosed(text, "A") == r["chosen"] else "B"
        try:
            said = json.loads(content(raw[key]))
        except ValueError:
            unread += 1
            good = good and r["prompt"] not in kept
            continue
        agree += said["verdict"] == label
        if r["prompt"] in kept:
            good = good and said["verdict"] == label and kept[r["prompt"]]["rationale"] == said["rationale"].strip()
    for r in rejects:
        for k, n in r["dropped"]["faults"].items():
            faults[k] = faults.get(k, 0) + n
    total = len(got) + len(rejects)
    check("rationales", good and faults.get("disagrees", 0) == total - agree - unread and total == len(read(records)))
    print("rationales: %d of %d; not used: %s" % (len(got), total, " ".join("%s %d" % f for f in sorted(faults.items()))))


def masks(judge, records):
    got = run("-J", "http:" + judge, *BELOW["pref-mask"], records, program="pref-mask")
    raw = answers(judge + ".journal")
    asked = iter(planned(judge, records, program="pref-mask"))
    good, sentences, wrong = True, 0, 0
    for r in got:
        for side in ("chosen", "rejected"):
            at = 0
            while at < len(r[side].encode().rstrip()):
                key, text = next(asked)
                before, sentence = re.search(r"<response-[0-9a-f]+>\n(.*?)<sentence-[0-9a-f]+>(.*?)</sentence-", text, re.S).groups()
                start = len(before.encode())
                false = first_token(raw[key], {"YES": 1, "TRUE": 1, "NO": 0, "FALSE": 0}) < 0.5
                kept = any(a <= start < b for a, b in r["mask"][side])
                good = good and start >= at and enclosed(text, "sentence") == sentence and kept == (false if side == "rejected" else not false)
                at = start + len(sentence.encode())
                sentences += 1
                wrong += false
    check("masks", good and next(asked, None) is None)
    print("masks: %d pairs, %d of %d sentences wrong" % (len(got), wrong, sentences))


def real(model, votes):
    def gold_first(r):
        one, two = r["output_1"], r["output_2"]
        return {"prompt": r["prompt"], "chosen": one if r["gold"] == 1 else two, "rejected": two if r["gold"] == 1 else one}

    pairs = sorted(map(gold_first, votes), key=lambda r: sum(map(len, r.values())))
    write("twelve", pairs[:12])
    write("six", pairs[:6])
    write("twenty", pairs[:20])
    port = free_port()
    server = serve(model, port)
    base = "url: http://127.0.0.1:%d/v1/" % port
    try:
        judge_file("token", "include: %s/token.prompt" % prompts, base + "chat/completions", "model: smollm2", "in-flight: 2")
        t = time.time()
        got = run("-J", "http:token", "twelve")
        t = time.time() - t
        scored, right = compare("chat, log-probs", "token", "twelve", got, first_token)
        print("chat, log-probs of one token: %d of 12 scored, %.1f right, %.1f s" % (scored, right, t))
        check("twelve scores", scored == 12)
        check("the journal gives the same", run("-J", "http:token", "--reparse", "twelve") == got)

        judge_file("plain", base + "completions", "model: smollm2", "api: completions", "logprobs: yes", "in-flight: 2",
                   "[text]", "{prompt}", "{A}", "{B}", "The better one of A and B is")
        got = run("-J", "http:plain", "twelve")
        scored, right = compare("completions, log-probs", "plain", "twelve", got, first_token)
        print("completions, log-probs of one token: %d of 12 scored, %.1f right" % (scored, right))

        judge_file("text", "include: %s/pairwise.prompt" % prompts, base + "chat/completions", "model: smollm2", "in-flight: 2",
                   "set: max_tokens 40")
        kills = 0
        while kills < 3:
            p = subprocess.Popen([score, "-q", "-J", "http:text", "-o", "out", "twelve"])
            before = len(answers("text.journal")) if os.path.exists("text.journal") else 0
            while p.poll() is None and (not os.path.exists("text.journal") or len(answers_so_far("text.journal")) < before + 4):
                time.sleep(0.05)
            if p.poll() is not None:
                break
            p.send_signal(signal.SIGKILL)
            p.wait()
            kills += 1
        got = run("-J", "http:text", "twelve")
        check("killed three times", kills == 3)
        check("nothing is asked twice", len([e for e in read("text.journal") if "answer" in e]) == len(answers("text.journal")))
        scored, right = compare("chat, text, killed on the way", "text", "twelve", got, written)
        print("chat, what it writes: %d of 12 scored, %.1f right; killed %d times on the way" % (scored, right, kills))

        chat = [base + "chat/completions", "model: smollm2", "in-flight: 2"]
        judge_file("rating", "include: %s/rating.prompt" % prompts, *chat, "votes: 3", "set: max_tokens 40",
                   schema(rating={"enum": list(range(1, 11))}))
        ratings("ratings, three votes", "rating", "six", 3, 1)
        judge_file("aspects", "include: %s/aspects.prompt" % prompts, *chat, "set: max_tokens 40",
                   schema(rating={"enum": list(range(1, 6))}))
        ratings("ratings, four aspects", "aspects", "six", 1, 4)
        judge_file("why", *chat, "judge: rationale", "set: max_tokens 160",
                   schema(rationale={"type": "string"}, verdict={"enum": ["A", "B"]}))
        rationales("why", "twenty")
        judge_file("sentence", "include: %s/sentence.prompt" % prompts, *chat, "logprobs: yes")
        masks("sentence", "six")
    finally:
        server.terminate()
        server.wait()


def answers_so_far(journal):
    whole = open(journal, "rb").read().split(b"\n")[:-1]
    return [line for line in whole if b'"answer"' in line]


def main():
    try:
        votes = read(shared + "llmbar/votes.jsonl")
    except OSError:
        print("skipped: PREF_SHARED/data/llmbar is not there")
        print("0 passed, 0 failed")
        return
    model = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        rows = replay(votes)
        print("%-30s %8s %8s %8s %8s %8s %s" % ("judge", "given", "swapped", "both", "agree", "sure", "unread"))
        for row in rows:
            print("%-30s %8.4f %8.4f %8.4f %8.4f %8.4f %d" % row)
        print("%-30s" % "mean", *("%8.4f" % (sum(r[i] for r in rows) / len(rows)) for i in range(1, 6)))
        if model:
            real(model, votes)
        else:
            print("skipped: no model")
        os.chdir("/")
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed > 0)


main()
