#!/bin/sh
# sandboxed.sh - can pref-test run programs in a sandbox here? If not, one line says what is skipped
#
# usage: tests/sandboxed.sh BINDIR WHAT [BACKEND]
echo '{"prompt":"p","responses":[{"text":"echo 1"}],"test":{"cases":[{"out":"1"}],"language":"sh"}}' |
	"$1/pref-test" -q --sandbox "${3:-auto}" >/dev/null 2>&1 && exit
echo "skipped: $2: no sandbox works here (${3:-user namespaces, bubblewrap or Landlock 6} needed)"
exit 1
