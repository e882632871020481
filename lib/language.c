/* language - the table of languages, and rows of the user's */
#include "language.h"

#include "aside.h"

#include <stdlib.h>
#include <strings.h>

static const struct language builtin[] = {
	{ "python", "py python3 py3", "main.py", NULL, "python3 ../box/main.py",
		"\nprint('\\n@NONCE@', flush=True)\n", false, NULL, true },
	{ "c", "h", "main.c", "gcc -O1 -w -o ../box/main ../box/main.c -lm", "../box/main",
		"\n__builtin_puts(\"\\n@NONCE@\");\n", true, NULL, false },
	{ "c++", "cpp cxx cc hpp", "main.cpp", "g++ -w -o ../box/main ../box/main.cpp", "../box/main",
		"\n__builtin_puts(\"\\n@NONCE@\");\n", true, NULL, false },
	{ "javascript", "js node mjs", "main.js", NULL, "node ../box/main.js",
		"\n;require('fs').writeSync(1, '\\n@NONCE@\\n');\n", false, NULL, false },
	{ "shell", "sh bash", "main.sh", NULL, "bash ../box/main.sh", "\nprintf '\\n%s\\n' @NONCE@\n", false, NULL, false },
	{ "verilog", "v sv systemverilog", "design.sv", "iverilog -g2012 -o ../box/design ../box/design.sv ../box/bench.sv",
		"vvp -n ../box/design", NULL, false, "bench.sv", false },
};

enum { MOST = 64 };
static struct language more[MOST];
static size_t n_more;

/* A NUL-terminated copy that lives as long as the process; NULL if the member is absent. */
static const char *text_of(struct rec *r, const char *member)
{
	struct span s = rec_text(r, member);

	return s.p ? span_dup(s) : NULL;
}

static bool flag_of(struct rec *r, const char *member)
{
	return rec_get(r, member).kind == JSON_TRUE;
}

static void row(struct rec *r)
{
	struct language l = { text_of(r, "name"), text_of(r, "tags"), text_of(r, "file"), text_of(r, "compile"),
		text_of(r, "run"), text_of(r, "done"), flag_of(r, "brace"), text_of(r, "bench"), flag_of(r, "python") };

	if (!l.name || !l.file || !l.run)
		rec_bad(r, 0, "a language needs name, file and run");
	else if (strchr(l.file, '/') || (l.bench && strchr(l.bench, '/')))
		rec_bad(r, 0, "a file has no folder");
	else if (l.done && !strstr(l.done, "@NONCE@"))
		rec_bad(r, 0, "done does not print @NONCE@");
	else if (n_more == MOST)
		rec_bad(r, 0, "more than %d languages", MOST);
	else
		more[n_more++] = l;
}

void language_read(const char *path)
{
	aside_read(path, row);
}

static bool same(const char *a, struct span b)
{
	return strlen(a) == b.n && strncasecmp(a, b.p, b.n) == 0;
}

bool language_is(const struct language *l, struct span name)
{
	struct span tags = span_of(l->tags ? l->tags : "");

	if (same(l->name, name))
		return true;
	while (tags.n) {
		const char *blank = memchr(tags.p, ' ', tags.n);
		struct span tag = span_cut(tags, 0, blank ? (size_t)(blank - tags.p) : tags.n);

		if (tag.n == name.n && name.n && strncasecmp(tag.p, name.p, tag.n) == 0)
			return true;
		tags = span_cut(tags, tag.n + (blank != NULL), tags.n);
	}
	return false;
}

/* The last of the user's rows first. */
const struct language *language_find(struct span name)
{
	for (size_t i = n_more; i-- > 0;)
		if (language_is(&more[i], name))
			return &more[i];
	for (size_t i = 0; i < COUNT(builtin); i++)
		if (language_is(&builtin[i], name))
			return &builtin[i];
	return NULL;
}

static void list(struct buf *b, const struct language *l)
{
	buf_addf(b, "%-12s %s%s%s\n", l->name, l->compile ? l->compile : "", l->compile ? "; " : "", l->run);
}

void language_list(struct buf *b)
{
	for (size_t i = 0; i < COUNT(builtin); i++)
		if (language_find(span_of(builtin[i].name)) == &builtin[i])
			list(b, &builtin[i]);
	for (size_t i = 0; i < n_more; i++)
		if (language_find(span_of(more[i].name)) == &more[i])
			list(b, &more[i]);
}
