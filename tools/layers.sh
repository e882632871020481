#!/bin/sh
# layers.sh - who may include whom; prints what breaks the table and the sum
#
# usage: tools/layers.sh
#
# A module of lib/ is a family: opt.c, opt_page.c and their headers are "opt". Everyone may include base and
# the own family. filters/ and tools/ may include every header of lib/ and judges/, judges/ those of lib/ but
# run and opt, and neither another's program. Each outside library is named by the one family that wraps it.
set -u
LC_ALL=C awk '
BEGIN {
	may["opt"] = may["scan"] = may["hash"] = may["random"] = may["match"] = may["near"] = may["spill"] = ""
	may["base"] = may["lexicon"] = may["sandbox"] = may["driver"] = may["answer"] = ""
	may["language"] = "aside rec"
	may["snippet"] = "language"
	may["testbook"] = "aside hash rec"
	may["exam"] = "hash trial scan"
	may["passes"] = ""
	may["trial"] = "answer driver hash language match sandbox scan snippet stream"
	may["text"] = "hash"
	may["rec"] = "scan hash"
	may["tree"] = "rec"
	may["stream"] = "scan hash"
	may["escaped"] = ""
	may["spool"] = "stream"
	may["tell"] = "scan stream"
	may["claim"] = ""
	may["run"] = "claim rec stream spool opt tell"
	may["pair"] = "rec hash text"
	may["minhash"] = "hash text"
	may["seen"] = "hash minhash near spill stream"
	may["choose"] = "prefer seen"
	may["dialogue"] = "scan text"
	may["attrs"] = "rec scan"
	may["pairing"] = "random"
	may["candidates"] = "attrs pairing pair rec hash text"
	may["contest"] = may["factors"] = "candidates"
	may["levels"] = "candidates match"
	may["rivals"] = "contest factors hash levels random steps pair logistic"
	may["steps"] = "candidates pair hash text"
	may["layout"] = may["target"] = "attrs dialogue pairing rec scan hash text stream tell"
	may["grammar"] = "lexicon random"
	may["specimen"] = "grammar random"
	may["plant"] = "specimen grammar random minhash text scan"
	may["prefer"] = "hash"
	may["view"] = "rec scan pair"
	may["fault"] = "view escaped text"
	may["mend"] = "view fault escaped"
	may["linear"] = "hash text random logistic flip"
	may["logistic"] = ""
	may["flip"] = "logistic"
	may["metrics"] = "logistic"
	may["aside"] = "rec stream"
	may["concord"] = ""
	may["crowd"] = "concord logistic metrics scan text"
	may["logprobs"] = "scan"
	may["said"] = "dialogue lm rec"
	may["ballot"] = "rec hash scan"
	may["gain"] = "ballot hash logistic pair rec scan text"
	may["turn"] = "rec scan"
	may["voting"] = "ballot crowd hash pair rec"
	may["overlap"] = "hash text"
	may["benchmark"] = "overlap scan aside layout pair text"
	may["sheet"] = "scan text"
	may["breakdown"] = "hash metrics"
	may["agreement"] = "breakdown hash metrics sheet scan text"
	may["bias"] = "concord hash metrics sheet text"
	may["ranking"] = "rec logistic metrics sheet"
	may["kl"] = "rec logprobs scan sheet"
	may["lesson"] = "lm said rec scan hash mask pair"
	may["sentence"] = "text"
	may["mask"] = "scan sentence text"
	may["critique"] = "match"
	may["rationale"] = "pair hash match ruling text scan"
	may["lm"] = "late logistic random scan hash text"
	may["journal"] = "hash scan"
	may["http"] = "journal hash late random scan"
	may["ruling"] = "scan"
	may["child"] = may["late"] = ""

	wraps["hash"] = "xxhash.h"
	wraps["text"] = "utf8proc.h"
	wraps["stream"] = "archive.h archive_entry.h zlib.h"
	wraps["match"] = "pcre2.h"
	wraps["tree"] = "jansson.h"
	wraps["http"] = "curl/curl.h"
	wraps["lm"] = "cblas.h"

	n = split("assert ctype dirent dlfcn emmintrin errno fcntl float ftw grp immintrin inttypes limits locale math poll " \
		"pthread sched setjmp signal spawn stdarg stdatomic stdbool stddef stdint stdio stdlib string strings termios " \
		"time unistd wchar wctype", w, " ")
	for (i = 1; i <= n; i++)
		system_header[w[i] ".h"] = 1
}

function has(list, word) { return index(" " list " ", " " word " ") > 0 }

function family(path,   name) {
	if (path ~ /^(lib\/)?lm\//)
		return "lm"
	name = path
	sub(/.*\//, "", name)
	sub(/[._].*/, "", name)
	return name
}

function wrong(why) { printf "FAILED %s:%d: %s %s\n", FILENAME, FNR, $0, why; bad++ }

FNR == 1 {
	files++
	dir = FILENAME
	sub(/\/.*/, "", dir)
	own = family(FILENAME)
	if (dir == "lib" && !(own in may)) {
		printf "FAILED %s: module %s is not in the table of tools/layers.sh\n", FILENAME, own
		bad++
		nextfile
	}
}

/^#[ \t]*include[ \t]*</ {
	h = $0
	gsub(/^[^<]*<|>.*/, "", h)
	if (h in system_header || h ~ /^(sys|linux|arpa|netinet)\//)
		next
	if (FILENAME ~ /\.h$/)
		wrong("(no header includes an outside library)")
	else if (dir != "lib" || !has(wraps[own], h))
		wrong("(outside libraries are wrapped by one module of lib/ each)")
}

/^#[ \t]*include[ \t]*"/ {
	h = $0
	gsub(/^[^"]*"|".*/, "", h)
	to = family(h)
	if (h ~ /\.\.|\.c$/)
		wrong("(headers of lib/ and judges/ are named without a folder)")
	else if ((getline line < ("judges/" h)) >= 0) {
		close("judges/" h)
		if (dir == "lib")
			wrong("(lib/ knows no judge)")
	} else if (dir == "lib") {
		if (to != own && to != "base" && !has(may[own], to))
			wrong("(not below " own " in the table)")
	} else if (to != own && (getline line < ("lib/" h)) < 0) {
		wrong("(programs do not include each other)")
	} else if (dir == "judges" && (to == "run" || to == "opt")) {
		wrong("(judges are no programs)")
	}
	close("lib/" h)
}

END {
	printf "%d passed, %d failed\n", files - (bad > files ? files : bad), bad
	exit bad > 0
}' $(find lib judges filters tools -name '*.[ch]' | sort)
