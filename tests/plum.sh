#!/bin/bash
# plum.sh - pipelines/plum.mk and verilog.mk on candidates that are known to be right or wrong, and a very small model
#
# usage: tests/plum.sh BINDIR
#
# Solutions of MBPP and reference designs of VerilogEval, from PREF_SHARED/data, each beside a mutant and a text that is no
# program. What must hold: what is chosen is always the solution, training begins at ln 2, and nothing runs again.
set -u
. "${0%/*}/programs.sh"
begin "$1"
data=$(realpath -q "${PREF_SHARED:-$tests/../../shared}/data") || data=
if [ ! -f "$data/models/stories260K.bin" ] || [ $sandboxed = 0 ]; then
	echo "skipped: pipelines/plum.mk and verilog.mk, PREF_SHARED/data or a sandbox is not there"
	summary
	exit
fi
build() {
	make -s -f "$tests/../pipelines/$1.mk" PREF="$bin/" CANDIDATES="$1.jsonl" OUT="$1" MODEL="$data/models/stories260K.bin" \
		TRAIN="--loss dpo --tokenizer $data/models/tok512.bin --rate 3e-4 --tokens 1024" QUIET=-q "${@:2}"
}

# good WHAT LEAST [PROBLEMS=...]: build it twice, look at what it has made.
good() {
	local what=$1 least=$2
	shift 2
	build "$what" "$@" >/dev/null 2>err && ok || not_ok "$what.mk"
	python3 - "$what" "$least" <<'END' 2>err && ok || not_ok "$what.mk: pairs"
import json, math, subprocess, sys
what, least = sys.argv[1], int(sys.argv[2])
right = {r["task_id"]: r["responses"][0]["text"] for r in map(json.loads, open(f"{what}.jsonl"))}
text = subprocess.run(["zstd", "-dc", f"{what}/3-pairs.jsonl.zst"], check=True, capture_output=True).stdout.decode()
pairs = [json.loads(line) for line in text.splitlines()]
assert len(pairs) >= least, len(pairs)
for p in pairs:
    task = p.get("task_id", p.get("source_task_id"))
    assert p["chosen"] == right[task] != p["rejected"], p
steps = [json.loads(line) for line in open(f"{what}/model/metrics.jsonl")]
loss = [s["loss"] for s in steps if "loss" in s]
assert abs(loss[0] - math.log(2)) < 1e-6, loss
END
	[ -s "$what/model/model.safetensors" ] && ok || not_ok "$what.mk: there is no model"
	before=$(stat -c %Y.%s "$what"/*.jsonl* "$what/model/model.safetensors")
	build "$what" "$@" >/dev/null 2>err && ok || not_ok "$what.mk again"
	[ "$before" = "$(stat -c %Y.%s "$what"/*.jsonl* "$what/model/model.safetensors")" ] && ok || not_ok "$what.mk: it ran again"
}

python3 - "$data" <<'END' 2>err && ok || not_ok "candidates"
import glob, gzip, json, os, re, sys
data = sys.argv[1]
path = next(iter(glob.glob(data + "/mbpp/mbpp.jsonl*")))
rows = [json.loads(line) for line in (gzip.open(path, "rt") if path.endswith("gz") else open(path))]
rows = [r for r in rows if len(r["code"]) < 400 and re.search(r"\breturn\b [^\n]*\n?$", r["code"].rstrip())][:16]
with open("plum.jsonl", "w") as f:
    for r in rows:
        code = r["code"].replace("\r", "")
        f.write(json.dumps({"task_id": r["task_id"], "prompt": r["text"], "test_list": r["test_list"],
            "test_setup_code": r.get("test_setup_code", ""), "responses": [{"text": code},
            {"text": code.replace("return ", "return None, ")}, {"text": "I cannot do that."}]}) + "\n")
with open("verilog.jsonl", "w") as f:
    for test in sorted(glob.glob(data + "/verilog/verilog-eval-v2/Prob00*_test.sv")):
        stem = test[:-len("_test.sv")]
        design = re.sub(r"\bRefModule\b", "TopModule", open(stem + "_ref.sv").read())
        mutant = re.sub(r"assign (\w+) = ", r"assign \1 = ~", design, count=1)
        if mutant != design:
            f.write(json.dumps({"task_id": os.path.basename(stem), "prompt": open(stem + "_prompt.txt").read(),
                "responses": [{"text": design}, {"text": mutant}, {"text": "module TopModule; oops"}]}) + "\n")
END
good plum 16
if command -v iverilog >/dev/null && command -v jq >/dev/null; then
	good verilog 6 PROBLEMS="$data/verilog/verilog-eval-v2" ONLY='Prob00*'
else
	echo "skipped: pipelines/verilog.mk, iverilog or jq is not there"
fi
summary
