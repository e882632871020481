#!/bin/bash
# every.sh - what every program must do, whatever it is for
#
# usage: tests/every.sh BINDIR
set -u
. "${0%/*}/programs.sh"
begin "$1"
mkdir d || exit 3

# want STATUS WHAT COMMAND...: run with $in as standard input; out and err are left for a closer look.
want() {
	local status=$1 what=$2 got
	shift 2
	timeout -k 5 60 "$@" <"${in:-/dev/null}" >out 2>err
	got=$?
	if [[ " $status " == *" $got "* || $status == "$got" ]]; then ok; else not_ok "$p $what: exit $got, not $status"; fi
}

# holds WHAT COMMAND...: an assertion about what the last run left.
holds() {
	local what=$1
	shift
	if "$@"; then ok; else not_ok "$p $what"; fi
}

silent() { [ ! -s "$1" ]; }
folder_is_empty() { [ -z "$(ls -A d)" ]; }

pairs 300 >good
pairs 20000 >big
{ pairs 150; echo '{"prompt":"x","chosen":"y"'; pairs 300 | tail -n 150; } >broken
gzip -nc good >good.gz
size=$(stat -c %s good.gz)
declare -A packer=([gz]=gzip [zst]=zstd [xz]=xz [bz2]=bzip2 [lz4]=lz4)
for suffix in "${!packer[@]}"; do
	${packer[$suffix]} -q -c <good >all.$suffix
	head -c $(($(stat -c %s all.$suffix) * 2 / 3)) all.$suffix >cut.$suffix
done

# flip OFFSET: good.gz with one bit of that byte changed.
flip() {
	local byte
	byte=$(od -An -tu1 -j "$1" -N 1 good.gz)
	cp good.gz flipped.gz
	printf "\\x$(printf %x $((byte ^ 16)))" | dd of=flipped.gz bs=1 seek="$1" conv=notrunc status=none
}

# The options that say what to make, when it cannot be left out.
result() { if [ $prints = 0 ]; then echo "-o d/result"; fi; }

for p in "${programs[@]}"; do
	program "$p"
	in=
	run=("$p" "${args[@]}")
	made=($(result))

	# ---- the command line ----
	want 0 "--help" "$p" --help
	holds "--help names the program" grep -q -- "$p" out
	holds "--help says usage" grep -qi usage out
	holds "--help says nothing on standard error" silent err
	holds "--help fits 100 columns" awk 'length > 100 { exit 1 }' out
	want 0 "-h" "$p" -h
	want 0 "--version" "$p" --version
	holds "--version is one line with the name" awk -v p="$p" 'NR > 1 || index($0, p) != 1 { bad = 1 } END { exit bad || NR == 0 }' out
	want 0 "--man" "$p" --man
	holds "--man has OPTIONS" grep -q '^\.SH.*OPTIONS' out
	if command -v groff >/dev/null; then
		groff -man -ww -z -Tutf8 -Kutf8 out >lint 2>&1
		cp lint err
		holds "--man is clean in groff" silent lint
	fi
	if command -v mandoc >/dev/null; then
		mandoc -T lint -W warning out >lint 2>&1
		cp lint err
		holds "--man is clean in mandoc" silent lint
	fi
	want 0 "--completion" "$p" --completion
	holds "--completion is bash" bash -n out
	holds "--completion takes effect" bash -c '. ./out && complete -p "$1" >/dev/null' - "$p"
	want 2 "unknown option" "${run[@]}" "${made[@]}" --no-such-option
	holds "unknown option is named" grep -q -- --no-such-option err
	holds "unknown option prints nothing" silent out
	want 2 "unknown letter" "${run[@]}" "${made[@]}" -Y
	want 0 "--help to a reader that quits" bash -c '"$1" --help | true; s=${PIPESTATUS[0]}; [ $s = 0 ] || [ $s = 141 ]' - "$p"
	want 3 "--help to a full disk" bash -c '"$1" --help >/dev/full' - "$p"
	want 3 "--help to closed standard output" bash -c '"$1" --help >&-' - "$p"

	# ---- output that cannot be written ----
	[ $reads = 1 ] && in=good
	if [ $prints = 1 ]; then
		want 0 "a good run" "${run[@]}"
		want 3 "full disk" bash -c '"$@" >/dev/full' - "${run[@]}"
		want 3 "closed standard output" bash -c '"$@" >&-' - "${run[@]}"
		in=big
		want "0 141" "reader that quits" bash -c '"$@" | true; exit ${PIPESTATUS[0]}' - "${run[@]}"
		want "0 141" "reader that quits early" bash -c '"$@" | head -c 1 >/dev/null; exit ${PIPESTATUS[0]}' - "${run[@]}"
		in=good
	fi
	if [ $makes = 1 ]; then
		want 3 "-o in a missing folder" "${run[@]}" -o none/x
		want 0 "-o" "${run[@]}" -o d/x
		holds "-o leaves one file" test "$(ls -A d)" = x
		holds "-o prints nothing" silent out
		cp d/x first
		want 3 "-o onto a full disk" "${run[@]}" -o /dev/full
		rm -rf d/x
		want 3 "-o onto a folder" bash -c 'mkdir d/y; "$@" -o d/y; s=$?; rmdir d/y && exit $s' - "${run[@]}"
		holds "-o onto a folder leaves nothing" folder_is_empty
	fi
	want 3 "--report in a missing folder" "${run[@]}" "${made[@]}" --report none/x
	want 0 "--report" "${run[@]}" "${made[@]}" --report report
	holds "--report is JSON" python3 -c 'import json; json.load(open("report"))'
	want 0 "--progress -q" "${run[@]}" "${made[@]}" --progress -q
	rm -rf d/*

	# ---- input that is not there or damaged ----
	[ $reads = 1 ] || continue
	in=
	want 3 "missing file" "${run[@]}" "${made[@]}" no-such-file
	holds "missing file is named" grep -q no-such-file err
	want 3 "a good file, then a missing one" "${run[@]}" "${made[@]}" good no-such-file
	holds "inputs are opened before any output" silent out
	want 3 "a folder as input" "${run[@]}" "${made[@]}" d
	want 3 "closed standard input" bash -c '"$@" <&-' - "${run[@]}" "${made[@]}"
	holds "nothing was made" folder_is_empty
	for suffix in "${!packer[@]}"; do
		want 3 "truncated .$suffix" "${run[@]}" "${made[@]}" cut.$suffix
		holds "truncated .$suffix is named" grep -q "cut.$suffix" err
	done
	in=cut.gz
	want 3 "truncated gzip on standard input" "${run[@]}" "${made[@]}"
	in=
	# A record that this makes bad must not hide that the file is damaged.
	for at in $((size / 4)) $((size / 3)) $((size * 2 / 5)) $((size / 2)) $((size * 3 / 5)) $((size * 2 / 3)) \
	          $((size * 3 / 4)) $((size * 5 / 6)) $((size - 7)) $((size - 2)); do
		flip $at
		want 3 "flipped byte $at of $size in a .gz" "${run[@]}" "${made[@]}" flipped.gz
	done
	{ cat good.gz; echo garbage; } >tail.gz
	want 3 "garbage after a .gz" "${run[@]}" "${made[@]}" tail.gz
	holds "damaged input made nothing" folder_is_empty

	# ---- bad records ----
	in=broken
	want 1 "a bad record" "${run[@]}" "${made[@]}"
	holds "a bad record is placed" grep -q '^'"$p"': (stdin):151:' err
	holds "a bad record made nothing" folder_is_empty
	want 1 "a bad record, --bad skip" "${run[@]}" "${made[@]}" --bad skip
	holds "--bad skip counts" grep -q ', 1 bad' err
	rm -rf d/*
	if [ $makes = 1 ]; then
		cp first d/x
		want 1 "a bad record with -o" "${run[@]}" -o d/x
		holds "a bad record leaves the old file alone" cmp -s first d/x
		holds "a bad record leaves no temporary file" test "$(ls -A d)" = x
		rm -rf d/*
	fi

	# ---- inputs are all alike ----
	if [ $prints = 1 ]; then
		in=good
		"${run[@]}" -q <good >one 2>err
		want 0 "-" "${run[@]}" -q -
		holds "- is standard input" cmp -s one out
		for suffix in "${!packer[@]}"; do
			want 0 ".$suffix" "${run[@]}" -q all.$suffix
			holds ".$suffix gives the same" cmp -s one out
		done
		head -n 100 good >a
		tail -n +101 good | head -n 150 | gzip -nc >b
		tail -n 50 good | zstd -qc >c
		want 0 "three files" "${run[@]}" -q a b c
		holds "three files are one input" cmp -s one out
		printf %s "$(cat good)" >unended
		want 0 "no last line end" "${run[@]}" -q unended
		holds "no last line end gives the same" cmp -s one out
		{ echo; echo ' ['; paste -sd, good; echo ']'; } >array.json
		want 0 "an array" "${run[@]}" -q array.json
		holds "an array gives the same" cmp -s one out
	fi
	if [ $makes = 1 ] && [ $prints = 1 ]; then
		cp good same
		want 0 "-o onto the input" "${run[@]}" -q -o same same
		holds "-o onto the input gives the same" cmp -s one same
		want 2 "standard output onto the input" bash -c 'cp good same && "$@" same >>same' - "${run[@]}"
		for suffix in "${!packer[@]}"; do
			want 0 "-o .$suffix" "${run[@]}" -q -o d/x.$suffix good
			holds "-o .$suffix gives the same" cmp -s one <(${packer[$suffix]} -q -dc <d/x.$suffix)
		done
		rm -rf d/*
	fi
done
summary
