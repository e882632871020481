# programs.sh - sourced by the tests that walk every program: what each needs beyond its name, and counting
#
# A program that is not named here is a filter: pairs in, pairs out, no argument needed.

# Sets for program $1:
#	args	arguments that it always needs
#	reads	1 if it reads records, so that pairs() is input for it
#	prints	1 if its result goes to standard output when there is no -o
#	makes	1 if -o FILE is its result
#	writes	members that it adds or changes
#	feeds	what makes records that give it more work than pairs do
program() {
	args=() reads=1 prints=1 makes=1 writes= feeds=pairs
	case $1 in
	pref-decon) pairs 5 >"$tmp/benchmark"; args=(--mark -b "$tmp/benchmark") writes=contamination ;;
	pref-score) args=(-J length --difficulty lm) writes="scores score_chosen score_rejected margin margin_std preference verdict difficulty" ;;
	pref-split) writes=split ;;
	pref-pair) feeds=candidates ;;
	pref-test) # patterns, which run nothing, and a program that two records have
		pairs 30 | awk -F'"' '
			{ test = "\"match\":\"(?i)no idea\"" }
			NR % 20 == 7 { test = "\"cases\":[{\"out\":\"a\"}],\"language\":\"sh\"" }
			{ print "{\"id\":\"" $4 "\",\"test\":{" test "}}" }' >"$tmp/tests"
		args=(--tests "$tmp/tests") writes="responses tests_chosen tests_rejected"
		[ $sandboxed = 1 ] || args+=(--sandbox none --i-trust-this-code) ;;
	pref-flip) args=(--rate 0.1 --folds 2 --seeds 1) writes="flip margin margin_std" ;;
	pref-route) pairs 100 | pref-route -q --learn "$tmp/gain" --human c -o /dev/null
		args=(--share 0.5 --model "$tmp/gain") writes="route route_gain" ;;
	pref-plant) args=(--flip 0) ;;
	pref-vote) args=(--annotators "$tmp/annotators") writes="preference verdict votes annotator" ;;
	pref-eval) args=(-J length --reference lm --policy lm) makes=0 ;;
	pref-train) args=(linear) prints=0 ;;
	pref-synth) args=(-n 50) reads=0 ;;
	pref-report) args=("$tmp/a-report") reads=0 ;;
	pref-density) args=(-m field:lm) writes="scores score_chosen score_rejected margin margin_std chosen_tokens rejected_tokens verdict why" ;;
	pref-rationale) printf '%s\n' '+1 because: /because/' >"$tmp/why.rules"
		args=(--rules "$tmp/why.rules") writes="rationale rationale_prompt source_rationale" ;;
	pref-mask) printf '%s\n' '-1 nothing: /No idea|nothing/' >"$tmp/mask.rules"
		args=(-J "rules:$tmp/mask.rules" --below 0) writes="mask why" ;;
	pref-sample) args=(-m "$tmp/tiny/model.bin" -n 1 --max-tokens 3) writes="responses why" ;;
	esac
}

# $1 records that every program takes: distinct pairs, some with odd but valid JSON.
pairs() {
	awk -v n="$1" 'BEGIN {
		odd[0] = ",\"votes\":{\"a\":\"A\",\"b\":[\"B\",null],\"c\":\"tie\"}"; odd[1] = ",\"score\":1.10,\"scores\":{\"lm\":[-12.5,-9]}"; odd[2] = " , \"x\" : [ 1e2,-0,\"\\/\\u00e9\" ]"; odd[3] = ",\"big\":123456789012345678901"
		for (i = 1; i <= n; i++) {
			w = i * 7919 % 10007; v = i * 104729 % 9973
			good = "The answer to question " i " is " w * 3 ", because " v " follows from " w " and nothing else would do here."
			bad = "No idea about " v "."
			if (i % 5 == 0) { swap = good; good = bad; bad = swap }
			printf "{\"id\":\"r%d\",\"prompt\":\"What is item %d of list %d?\",\"chosen\":\"%s\",\"rejected\":\"%s\"%s}\n", i, w, i, good, bad, odd[i % 4]
		}
	}'
}

# The same texts as candidates, every fourth with a response that has no score and one that is there twice.
candidates() {
	pairs "$1" | sed 's/"chosen":\("[^"]*"\),"rejected":\("[^"]*"\)/"responses":[{"text":\1,"score":2.50},{"text":\2,"score":-1e0}]/
		0~4s/"responses":\[/&{"text":"none"},{"text":"twice","score":1},{"text":"twice","score":7},/'
}

passed=0 failed=0

ok() { passed=$((passed + 1)); }

# not_ok WHAT: the last command's standard error is in $tmp/err.
not_ok() {
	failed=$((failed + 1))
	echo "FAILED $*"
	[ ! -s "$tmp/err" ] || head -n 5 "$tmp/err" | cut -c 1-200 | sed 's/^/    /'
}

summary() {
	echo "$passed passed, $failed failed"
	[ $failed -eq 0 ]
}

# Begin: ONLY="pref-x ..." in the environment walks these programs alone. $1 is the folder of the programs; from here on we are in a new empty folder, $tmp.
begin() {
	bin=$(cd "$1" && pwd) || exit 2
	tests=$(cd "${BASH_SOURCE[0]%/*}" && pwd) || exit 2
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/pref-test-XXXXXX") || exit 3
	trap 'rm -rf "$tmp"' EXIT
	export PATH="$bin:$PATH" LC_ALL=C
	cd "$tmp" || exit 3
	shopt -s nullglob
	programs=("$bin"/pref-*)
	programs=("${programs[@]##*/}")
	[ -z "${ONLY-}" ] || programs=($ONLY)
	sandboxed=1
	[ ! -x "$bin/pref-test" ] || "$tests/sandboxed.sh" "$bin" "programs in a sandbox" || sandboxed=0
	[ ! -x "$bin/pref-sample" ] || "$tests/tiny_model.py" tiny || exit 3
	[ ! -x "$bin/pref-synth" ] || pref-synth -q -n 9 -o some --report a-report || exit 3
}
