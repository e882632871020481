#!/bin/sh
# sandboxed.sh - can pref-test run programs in a sandbox here? If not, one line says what is skipped
#
# usage: tests/sandboxed.sh BINDIR WHAT
echo '{"prompt":"p","responses":[{"text":"echo 1"}],"test":{"cases":[{"out":"1"}],"language":"sh"}}' |
	"$1/pref-test" -q >/dev/null 2>&1 && exit
echo "skipped: $2: no sandbox works here (user namespaces are needed)"
exit 1
