#!/bin/bash
# fault.sh - every call that can fail is made to fail, one at a time, in every program
#
# usage: tests/fault.sh BINDIR FAULT.SO [MAX]
#
# Right is exit 0 with the output that there is without the fault, or exit 3 with no output file or, when the
# fault came after it was put in place, with the whole one. MAX bounds the runs for one kind of call in one
# program (default: all), spread evenly.
set -u
. "${0%/*}/programs.sh"
so=$(realpath "$2") max=${3:-1000000}
begin "$1"
mkdir d || exit 3
pairs 40 | zstd -qc >in.zst

# run CALL N: the program in $p with the N-th call failing; 0 = none, the number of calls goes to `count`.
run() {
	rm -rf d/*
	FAULT=$1:$2 FAULT_COUNT=9 timeout -k 5 20 env LD_PRELOAD="$so" "$p" "${args[@]}" "${where[@]}" "${input[@]}" \
		<"$stdin" >out 2>err 9>count
}

# sweep CALL: fail each of the calls in turn.
sweep() {
	local n=$(cat count) step=1 i status
	[ "$n" -le "$max" ] || step=$(((n + max - 1) / max))
	for ((i = 1; i <= n; i += step)); do
		run "$1" $i
		status=$?
		case $status in
		3)	if [ -z "$(ls -A d)" ] || diff -r expected d >/dev/null; then ok
			else not_ok "$p ${input[*]}: $1 $i of $n: exit 3 but left $(ls -A d)"; fi ;;
		0)	if diff -r expected d >/dev/null && cmp -s out.expected out; then ok
			else not_ok "$p ${input[*]}: $1 $i of $n: exit 0 with another output"; fi ;;
		*)	not_ok "$p ${input[*]}: $1 $i of $n: exit $status" ;;
		esac
	done
}

export TMPDIR=$tmp
for p in "${programs[@]}"; do
	program "$p"
	$feeds 40 >in
	where=()
	[ $makes = 0 ] || where=(-o d/result)
	for variant in plain threads compressed; do
		input=() stdin=/dev/null
		export PREF_JOBS=1
		case $variant in
		plain) [ $reads = 0 ] || stdin=in ;;
		threads) [ $reads = 1 ] || continue; input=(in) PREF_JOBS=2 ;;
		# Compression is the same code in all of them: one is enough.
		compressed) [ "$p" = pref-check ] || continue; input=(in.zst) where=(-o d/result.gz) ;;
		esac
		for call in malloc open read write close rename fsync; do
			if ! run $call 0; then
				not_ok "$p fails without a fault"
				continue
			fi
			rm -rf expected
			cp -r d expected
			cp out out.expected
			sweep $call
		done
	done
done
summary
