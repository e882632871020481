#!/bin/bash
# install.sh - what make install puts into place works from there, and make uninstall takes it away again
#
# usage: tests/install.sh MAKE
set -u
. "${0%/*}/programs.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/pref-test-XXXXXX") || exit 3
trap 'rm -rf "$tmp"' EXIT
dest=$tmp/dest
root=$dest/opt/pref

# that WHAT COMMAND...
that() {
	local what=$1
	shift
	if "$@" >"$tmp/out" 2>"$tmp/err" </dev/null; then ok; else not_ok "$what"; fi
}

# silently COMMAND...: succeeds, and says nothing at all.
silently() { local said; said=$("$@" 2>&1) && [ -z "$said" ] || { echo "$said" >&2; false; }; }

# pref-x is PREF\-X in roff, whose names and options have hyphens that must stay minus signs.
says_example() { ! grep -q -- '^----$' "$1" || grep -q '^\.SH EXAMPLES' "$2"; }

that "make install" $1 --no-print-directory install DESTDIR="$dest" PREFIX=/opt/pref
export PATH="$root/bin:$PATH"
for program in "$root"/bin/pref-*; do
	name=${program##*/} x=${program##*/pref-}
	page=$root/share/man/man1/$name.1
	that "$name runs" "$program" --version
	that "$name has a page" test -s "$page"
	that "$name.1 is clean in groff" silently groff -man -ww -z -Tutf8 -Kutf8 "$page"
	that "$name.1 has a DESCRIPTION" grep -q '^\.SH DESCRIPTION' "$page"
	that "$name.1 has no place left to fill" bash -c '! grep -n "@[A-Z]*@" "$1"' - "$page"
	[ ! -f "tests/cases/$x.t" ] || that "$name.1 has its EXAMPLES" says_example "tests/cases/$x.t" "$page"
	that "$name has a completion" bash -c '. "$1" && complete -p "$2"' - "$root/share/bash-completion/completions/$name" "$name"
	if command -v mandoc >/dev/null; then
		that "$name.1 is clean in mandoc" silently mandoc -T lint -W warning "$page"
	fi
done
for page in preftools preftools-http; do
	that "$page.7 is clean in groff" silently groff -man -ww -z -Tutf8 -Kutf8 "$root/share/man/man7/$page.7"
done
that "prompts are installed" test -s "$root/share/preftools/prompts/pairwise.prompt"

cat >"$tmp/use.c" <<'END'
#include <hash.h>
#include <judge.h>
#include <run.h>

static struct keyset seen;

static void settle(struct rec *r)
{
	if (!keyset_add(&seen, hash128(r->raw, 0)))
		rec_drop(r, "repeat");
}

int main(int argc, char **argv)
{
	static const struct opt options[] = { OPT_END };
	static const struct filter f = { .name = "mine", .about = "a filter of my own", .options = options, .settle = settle };

	return filter_main(&f, argc, argv);
}
END
export PKG_CONFIG_PATH=$root/lib/pkgconfig
flags=$(pkg-config --define-variable=prefix="$root" --cflags --libs preftools)
that "a program of one's own can be built" ${CC:-cc} -o "$tmp/mine" "$tmp/use.c" $flags
that "and it works" bash -c '[ "$(printf "{}\n{}\n" | "$1" -q)" = "{}" ]' - "$tmp/mine"

that "make uninstall" $1 --no-print-directory uninstall DESTDIR="$dest" PREFIX=/opt/pref
that "make uninstall leaves nothing" bash -c '[ -z "$(find "$1" ! -type d)" ]' - "$dest"
summary
