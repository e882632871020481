#!/bin/bash
# man.sh - make the man pages: PROGRAM --man, the head comment of its source, and its examples
#
# usage: tools/man.sh BINDIR OUTDIR
#
# DESCRIPTION is the comment at the top of filters/X.c or tools/X.c, EXAMPLES are the blocks of tests/cases/X.t
# above its line ----, so that a page shows what the tests check. preftools.7 lists the pages; preftools-http.7
# is the head comments of judges/http.c and judges/http_form.c.
set -euo pipefail
bin=$1 out=$2
mkdir -p "$out"

# What awk needs to write text as roff.
roff='
function roff(s) { gsub(/\\/, "\\e", s); gsub(/-/, "\\-", s); return s ~ /^[.\047]/ ? "\\&" s : s }
function verbatim(on) { if (on != nf) print on ? ".PP\n.RS 4\n.nf" : ".fi\n.RE"; nf = on }
'

# The head comment of source $1 as a DESCRIPTION; lines indented further are verbatim.
description() {
	awk "$roff"'
	NR == 1 { print ".SH DESCRIPTION"; if (/\*\//) exit; next }
	{ last = sub(/ *\*\/ *$/, "") }
	{ sub(/^ \*/, ""); text = $0; sub(/^ /, "", text) }
	text == "" { blank = 1; if (last) exit; next }
	/^  / {
		if (nf && blank) print ""
		match($0, /^ +/)
		if (!nf) indent = RLENGTH
		verbatim(1)
		print roff(substr($0, (RLENGTH < indent ? RLENGTH : indent) + 1))
		blank = 0
		if (last) exit
		next
	}
	{ verbatim(0); if (blank) print ".PP"; print roff(text); blank = 0 }
	last { exit }
	END { verbatim(0) }' < <(expand "$1")
}

# The example blocks of case file $1: what to type, with its input as a here-document, and what is printed.
examples() {
	awk "$roff"'
	function show(   i, n, w) {
		if (!n_commands) { n_text = 0; return }
		if (!shown++) print ".SH EXAMPLES"
		for (i = 1; i <= n_text; i++) print (i == 1 ? ".PP\n" : "") roff(text[i])
		verbatim(1)
		printf "%s", files
		if (n_input) {
			n = index(command[1], " | ")
			command[1] = n ? substr(command[1], 1, n - 1) " <<\047END\047" substr(command[1], n) : command[1] " <<\047END\047"
		}
		for (i = 1; i <= n_commands; i++) {
			print roff("$ " command[i])
			if (i == 1 && n_input) printf "%s%s", input, "END\n"
		}
		printf "%s", output
		if (status) print "$ echo $?\n" status
		verbatim(0)
		n_text = n_commands = n_input = status = 0
		files = input = output = ""
	}
	/^----$/ { exit }
	/^#/ || /^!\*$/ { next }
	/^$/ { show(); next }
	{ tail = substr($0, 3) }
	/^\$ / { command[++n_commands] = tail; next }
	/^<( |$)/ { input = input roff(tail) "\n"; n_input++; next }
	/^[>!]( |$)/ { output = output roff(tail) "\n"; next }
	/^\? / { status = tail; next }
	/^@ / { files = files roff("$ cat " tail) "\n"; next }
	/^\|( |$)/ { files = files roff(tail) "\n"; next }
	{ text[++n_text] = $0 }
	END { show() }' < <(expand "$1")
}

for program in "$bin"/pref-*; do
	name=${program##*/}
	x=${name#pref-}
	source=filters/$x.c
	[ -f "$source" ] || source=tools/$x.c
	"$program" --man | while IFS= read -r line; do
		case $line in
		*@DESCRIPTION@*)
			description "$source"
			# A command of its own file: pref-train dpo is tools/train_lm.c.
			for more in "${source%.c}"_*.c; do
				[ ! -f "$more" ] || description "$more" | sed 's/^\.SH DESCRIPTION/.SH LANGUAGE MODELS/'
			done ;;
		*@EXAMPLES@*) [ ! -f "tests/cases/$x.t" ] || examples "tests/cases/$x.t" ;;
		*) printf '%s\n' "$line" ;;
		esac
	done >"$out/$name.1"
done

# The suite: the first paragraph of the README and the NAME lines.
{
	"${program}" --version | awk '{ printf ".TH PREFTOOLS 7 \"\" \"preftools %s\" \"preftools\"\n", $NF }'
	printf '.SH NAME\npreftools \\- programs for preference data, JSON lines in and out\n.SH DESCRIPTION\n'
	awk "$roff"'/^#/ { next } /^$/ { if (seen) exit; next } { gsub(/`|\*\*/, ""); seen = 1; print roff($0) }' <(cat README.md 2>/dev/null)
	echo '.SH PROGRAMS'
	for page in "$out"/pref-*.1; do
		awk '/^\.SH NAME/ { getline; n = index($0, " \\- "); print ".TP\n.BR " substr($0, 1, n - 1) " (1)\n" substr($0, n + 4); exit }' "$page"
	done
} >"$out/preftools.7"

{
	"${program}" --version | awk '{ printf ".TH PREFTOOLS-HTTP 7 \"\" \"preftools %s\" \"preftools\"\n", $NF }'
	printf '.SH NAME\npreftools-http \\- judges over HTTP: the file of \\-J http:FILE\n'
	description judges/http.c
	description judges/http_form.c | sed '1s/.*/.SH "FORM OF THE FILE"/'
	printf '.SH "SEE ALSO"\n.BR pref-score (1)\n'
} >"$out/preftools-http.7"
