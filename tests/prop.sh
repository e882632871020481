#!/bin/bash
# prop.sh - laws that hold for every program and every input, on random records and on real files
#
# usage: tests/prop.sh BINDIR TOOLS
# TOOLS holds gen, untouched and verdict. PREF_SHARED/data holds the real files.
#
#	0 what is JSON is what Python thinks is JSON
#	1 the output is the same for -j 1, 2 and 4, from a file, a pipe and compressed input
#	2 read = kept + dropped + bad, and read is the number of lines
#	3 kept and rejected records together are the input, and no member is touched but those the program writes
set -u
. "${0%/*}/programs.sh"
tools=$(realpath "$2")
shared=${PREF_SHARED:-../shared}
shared=$(realpath -q "$shared/data") || shared=
here=$(cd "${0%/*}" && pwd)
begin "$1"
if python3 "$here/scan_python.py" "$tools/verdict" 2>err; then ok; else not_ok "scan and Python"; fi

# laws INPUT: in $p. A program may give up on an input (no layout it knows, no good record among the first
# hundred): then it makes no output, and does so however it is run.
laws() {
	local f=$1 status name=${1##*/}
	rm -f one rejects.1 report
	"${run[@]}" -j 1 -o one --rejects rejects.1 --report report --bad skip "$f" 2>err
	status=$?
	[ $status -le 3 ] || not_ok "$p $name: exit $status"
	if [ $prints = 0 ] || [ $makes = 0 ]; then return; fi
	[ ! -e rejects.1 ] || sed -i 's/"file":"[^"]*"//' rejects.1

	for how in "-j 2" "-j 4" pipe zstd; do
		rm -f two rejects.2
		case $how in
		pipe) cat "$f" | "${run[@]}" -j 2 -o two --rejects rejects.2 --bad skip -q 2>err ;;
		zstd) zstd -qc <"$f" | "${run[@]}" -o two --rejects rejects.2 --bad skip -q 2>err ;;
		*) "${run[@]}" $how -o two --rejects rejects.2 --bad skip -q "$f" 2>err ;;
		esac
		local again=$?
		# What takes two passes over a pipe may have to be asked for: the program says so.
		[ $again != 2 ] || ! grep -q 'takes two passes' err || continue
		if [ $again = $status ]; then ok; else not_ok "$p $name $how: another exit status than $status"; fi
		[ -e one ] || continue
		sed -i 's/"file":"[^"]*"//' rejects.2
		if cmp -s one two; then ok; else not_ok "$p $name $how: another output"; fi
		if cmp -s rejects.1 rejects.2; then ok; else not_ok "$p $name $how: other rejects"; fi
	done
	[ -e one ] || return

	python3 - "$f" >err 2>&1 <<-'END' && ok || not_ok "$p $name: read = kept + dropped + bad"
	import json, sys
	r = json.load(open("report"))
	lines = open(sys.argv[1], "rb").read()
	n = lines.count(b"\n") + (lines[-1:] not in (b"", b"\n"))
	array = lines.lstrip()[:1] == b"["
	print(r["read"], r["kept"], r["dropped"], r["bad"], n)
	assert r["read"] == r["kept"] + r["dropped"] + r["bad"]
	assert array or r["read"] == n
	rejects = sum(1 for _ in open("rejects.1", "rb"))
	assert rejects == r["dropped"] + r["bad"]
	END

	# Rejects that are no record are kept as text; arrays are cut into lines; neither can be compared so.
	[ "$(head -c 1 "$f")" != "[" ] || return
	[ $same = 1 ] || return
	"$tools/untouched" "$f" one $writes 2>err && ok || not_ok "$p $name: a kept record was touched"
	grep -v '"dropped":{"reason":"bad"' rejects.1 >rejects.2
	"$tools/untouched" "$f" rejects.2 $writes dropped 2>err && ok || not_ok "$p $name: a rejected record was touched"
}

files=()
for seed in 1 2 3; do
	"$tools/gen" $seed 3000 >gen.$seed
	files+=("gen.$seed")
done
"$tools/gen" 4 3000 20 >gen.bad
"$tools/gen" 5 1 >gen.one
: >gen.none
files+=(gen.bad gen.one gen.none)
if [ -n "$shared" ]; then
	while IFS= read -r f; do
		# The plain text of a compressed file, so that the number of lines is known.
		case $f in *.gz) gzip -dc "$f" >"shared-$(basename "$f" .gz)"; f=shared-$(basename "$f" .gz) ;; esac
		files+=("$f")
	done < <(find "$shared" \( -name '*.jsonl' -o -name '*.jsonl.gz' -o -name '*.json' \) -size +0 \
		! -path "$shared/json/*" ! -path "$shared/tokenizers/*" ! -path "$shared/models/*" | sort)
else
	echo "skipped: real files, PREF_SHARED/data is not there"
fi

for p in "${programs[@]}"; do
	program "$p"
	[ $reads = 1 ] || continue
	run=("$p" "${args[@]}")
	for f in "${files[@]}"; do
		# pref-convert leaves records of ours alone and makes others out of the rest.
		same=1
		[ "$p" != pref-convert ] || [[ $f == gen.* ]] || same=0
		laws "$f"
	done
	# What is made of candidates are other records.
	same=0
	if [ $feeds != pairs ]; then
		$feeds 3000 >"gen.$feeds"
		laws "gen.$feeds"
	fi
done
summary
