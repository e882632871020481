#!/bin/bash
# readme.sh - the pipelines of the README run as they are written, one after the other, in an empty folder
#
# usage: tests/readme.sh BINDIR README.md
# A pipeline is a block fenced by ```sh. Exit 0 and no message but closing lines is asked for.
set -u
. "${0%/*}/programs.sh"
readme=$(realpath "$2")
begin "$1"
mkdir run && cd run || exit 3
awk '/^```sh$/ { n++; on = 1; next } /^```/ { on = 0 } on { print >("../block." n) }' "$readme"
for ((i = 1; ; i++)); do
	[ -f "../block.$i" ] || break
	[ $sandboxed = 1 ] || ! grep -q pref-test "../block.$i" || continue
	if timeout 300 bash -e -o pipefail "../block.$i" >"$tmp/out" 2>"$tmp/err" </dev/null; then ok; else not_ok "block $i: $(head -n 1 "../block.$i")"; fi
done
[ $i -gt 1 ] || not_ok "no block in $2"
summary
