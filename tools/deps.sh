#!/bin/sh
# deps.sh - the Debian packages that a part of the project needs; installs what is missing
#
# usage: tools/deps.sh build|check|fuzz|bench...
#
# make calls this once for each build folder (NODEPS=1 skips it). Says nothing when all is there.
# Exit: 0 all there or installed, 3 not installed (the command to run is printed).
set -u

build="gcc libc6-dev make pkg-config libarchive-dev libxxhash-dev libpcre2-dev libjansson-dev
	libutf8proc-dev zlib1g-dev libopenblas-dev libcurl4-openssl-dev"
check="bash libcmocka-dev gzip zstd lz4 xz-utils bzip2 python3 groff-base"
# Responses are tested with what is in /usr, whatever other python3 is in front of it.
check="$check python3-minimal libpython3-stdlib g++ iverilog bubblewrap jq"
# libclang-rt holds the fuzzer and sanitizer runtimes, llvm the symbolizer.
fuzz="clang llvm libclang-rt-dev"
bench="jq python3 gzip"

want=
for group; do
	case $group in
	build) want="$want $build" ;;
	check) want="$want $check" ;;
	fuzz) want="$want $fuzz" ;;
	bench) want="$want $bench" ;;
	*) echo "usage: tools/deps.sh build|check|fuzz|bench..." >&2; exit 2 ;;
	esac
done

if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
	# Not Debian: nothing can be checked by name, the compiler will tell what is absent.
	echo "deps: this system has no apt-get; what is needed, by Debian's names:" $want >&2
	exit 0
fi

missing=
for p in $want; do
	command -v "$p" >/dev/null 2>&1 && continue
	case $(dpkg-query -W -f='${Status}' "$p" 2>/dev/null) in
	*"ok installed"*) ;;
	*) case " $missing " in *" $p "*) ;; *) missing="$missing $p" ;; esac ;;
	esac
done
[ -n "$missing" ] || exit 0

install="apt-get install -y --no-install-recommends$missing"
as=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null 2>&1; then
		printf 'deps: missing:%s\ndeps: as root, run: %s\n' "$missing" "$install" >&2
		exit 3
	fi
	as="sudo"
fi

echo "deps: installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp) || exit 3
trap 'rm -f "$log"' EXIT
# The package lists of a fresh container are empty and those of an old one are stale: fetch them first.
if $as apt-get update -q </dev/null >"$log" 2>&1 && $as $install </dev/null >>"$log" 2>&1; then
	exit 0
fi
tail -n 20 "$log" >&2
printf 'deps: could not install; as root, run: %s\n' "$install" >&2
exit 3
