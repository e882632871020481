#!/bin/bash
# dpo.sh - pipelines/dpo.mk on real pairs and a real, very small model: from the file to the table
#
# usage: tests/dpo.sh BINDIR
#
# 300 short pairs of HH-RLHF and stories260K, from PREF_SHARED/data. What must hold: the first loss is ln 2, training
# lowers it on the pairs that it learns from, the third time, what was trained is a model that pref-density reads, and nothing runs again.
set -u
. "${0%/*}/programs.sh"
begin "$1"
data=$(realpath -q "${PREF_SHARED:-$tests/../../shared}/data") || data=
if [ ! -f "$data/models/stories260K.bin" ]; then
	echo "skipped: pipelines/dpo.mk, PREF_SHARED/data is not there"
	summary
	exit
fi
pref-convert -q "$data/hh-rlhf/harmless-base-test.jsonl.gz" | awk 'length < 700' | head -n 300 >pairs.jsonl
build() {
	make -s -f "$tests/../pipelines/dpo.mk" PREF="$bin/" DATA=pairs.jsonl MODEL="$data/models/stories260K.bin" OUT=out \
		TOKENS="--tokenizer $data/models/tok512.bin" TRAIN="--rate 3e-4 --tokens 1024 --epochs 3" FLIP=0.1 QUIET=-q \
		SAMPLES=2 PROMPTS=10 ANSWER="--max-tokens 30" JUDGE=length "$@"
}
build >table 2>err && ok || not_ok "dpo.mk"
[ -s out/model/model.safetensors ] && ok || not_ok "there is no model"
grep -q '^ranking by log-probability' table && ok || not_ok "the table"
awk '/^KL to/ { getline; kl = $1 == 10 && $2 == 20 && $3 > 0 } /^win rate/ { getline; getline; win = $1 == "length" && $2 == 20 }
	END { exit !(kl && win) }' table && ok || not_ok "divergence and win rate"
python3 - <<'END' 2>err && ok || not_ok "what was learned"
import json, math
steps = [json.loads(line) for line in open("out/model/metrics.jsonl")]
train = [s["loss"] for s in steps if "loss" in s]
assert abs(train[0] - math.log(2)) < 1e-6, train[0]
assert sum(train[-10:]) / 10 < train[0] - 0.1, train[-10:]
assert json.load(open("out/5-flip.json"))["dropped"] > 0
END
# A reward model of the same pairs: it learns them, and as a judge says what it said in training.
stories() { pref-train reward -q -m "$data/models/stories260K.bin" --tokenizer "$data/models/tok512.bin" --max-length 512 "$@"; }
head -n 100 pairs.jsonl >few.jsonl
stories -o rm --rate 1e-3 --epochs 3 --in-order --eval-every 1000 --valid few.jsonl few.jsonl 2>err && ok || not_ok "pref-train reward"
pref-score -q -J lm:rm few.jsonl -o scored.jsonl 2>err && python3 - <<'END' 2>err && ok || not_ok "the reward model"
import json
evals = [m for m in map(json.loads, open("rm/metrics.jsonl")) if "eval_loss" in m]
best = min(evals, key=lambda m: m["eval_loss"])
assert best["eval_accuracy"] > 0.7 and best["eval_loss"] < evals[0]["eval_loss"] - 0.1, best
margins = [m["margin"] for m in map(json.loads, open("scored.jsonl")) if "margin" in m]
assert abs(sum(margins) / len(margins) - best["eval_margin"]) < 1e-3, (sum(margins) / len(margins), best)
END
before=$(stat -c %Y.%s out/model/model.safetensors out/*.jsonl* | sort)
build >again 2>err && ok || not_ok "dpo.mk again"
[ "$before" = "$(stat -c %Y.%s out/model/model.safetensors out/*.jsonl* | sort)" ] && cmp -s table again && ok || not_ok "it ran again"
summary
