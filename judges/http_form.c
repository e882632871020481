/* http_form - read the file of -J http:FILE (long: every setting there is)
 *
 * Lines "name: value", # begins a comment line; from the first [section] on, texts: each section lasts until the
 * next, blank lines at both its ends are left out. Sections: [system], [user] and [assistant] are the messages of a
 * request, in order; [own system], [own user] those of the request for the judge's own answer; [text] and [own text]
 * are all there is for servers that take no messages. `include: FILE` (beside this file) reads another first;
 * sections of this file replace all that were included. preftools comes with prompts to include, in
 * share/preftools/prompts: pairwise, reference, token, rating, aspects, own, rules, sentence.
 *
 * Fields in a section, replaced by the record's texts:
 *
 *	{prompt}	what the responses answer
 *	{A} {B}		the two responses in the order they are shown (judge: pairwise)
 *	{response}	the one response (judge: rating, judge: rules)
 *	{reference}	the right answer, from the record
 *	{own}		what the judge answered itself to [own user]
 *	{sentence}	the sentence that pref-mask asks about. {response} then is all of the response, and the sentence
 *			stands between <sentence-BOUNDARY> and </sentence-BOUNDARY> in it; in a template without
 *			{sentence} it is the sentence alone
 *	{item}		the aspect or the rule
 *	{better}	A or B: which one the label says is better (judge: rationale)
 *	{boundary}	the mark of this request
 *
 * All but the last three are put between lines <A-BOUNDARY> and </A-BOUNDARY> (so for each name). The mark is 16 hex
 * digits that no text of the request contains, so that judged text cannot end where it does not. Reward servers get
 * texts bare.
 */
#include "http_form.h"

#include "scan.h"
#include "stream.h"
#include "text.h"

#include <math.h>
#include <stdlib.h>

enum { FILE_MAX = 4 << 20, INCLUDES = 8 };

const char *const field_names[FIELD_NONE] = {
	"prompt", "A", "B", "response", "reference", "own", "sentence", "item", "better", "boundary"
};
static const char *const apis[] = { "chat", "completions", "classify", "pooling", "score", "openrlhf", "sglang", NULL };
static const char *const askings[] = { "pairwise", "rating", "rules", "rationale", NULL };
static const char *const kinds[] = { "general", "specific", NULL };
static const char *const orders[] = { "one", "both", NULL };
static const char *const no_yes[] = { "no", "yes", NULL };
static const char *const sections[] = {
	"system", "user", "assistant", "text", "own system", "own user", "own assistant", "own text", NULL
};

struct reader {
	struct form *f;
	struct where at;
	const char *path;
	size_t includes;
	const char *key_env;
	char *key_file;
};

static NORETURN PRINTF(2, 3) void wrong(const struct reader *s, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	die_at(EXIT_USAGE, &s->at, 0, "%s", text);
}

static const char *keep(struct form *f, struct span s)
{
	return arena_printf(&f->arena, "%.*s", ARG(s)).p;
}

/* ---- values ---- */

static int choice(const struct reader *s, struct span v, const char *const *words)
{
	struct buf list = { 0 };

	for (int i = 0; words[i]; i++)
		if (span_eq(v, span_of(words[i])))
			return i;
	for (int i = 0; words[i]; i++)
		buf_addf(&list, "%s%s", i ? ", " : "", words[i]);
	wrong(s, "\"%.*s\": there are %s", ARG(v), buf_cstr(&list));
}

static double number(const struct reader *s, struct span v, double lo, double hi)
{
	char copy[40], *end;
	double x;

	snprintf(copy, sizeof copy, "%.*s", ARG(v));
	x = strtod(copy, &end);
	if (v.n == 0 || v.n >= sizeof copy || *end || !(x >= lo && x <= hi))
		wrong(s, "\"%.*s\" is no number from %g to %g", ARG(v), lo, hi);
	return x;
}

static long whole(const struct reader *s, struct span v, long lo, long hi)
{
	double x = number(s, v, (double)lo, (double)hi);

	if (x != floor(x))
		wrong(s, "\"%.*s\" is no whole number", ARG(v));
	return (long)x;
}

static struct span take_word(struct span *v)
{
	size_t n = 0;
	struct span word;

	while (n < v->n && v->p[n] != ' ' && v->p[n] != '\t')
		n++;
	word = span_cut(*v, 0, n);
	*v = span_trim(span_cut(*v, n, v->n));
	return word;
}

static void set_member(const struct reader *s, struct span v)
{
	static const struct span ours[] = { { "model", 5 }, { "messages", 8 }, { "n", 1 }, { "stream", 6 } };
	struct span name = take_word(&v);
	struct value top;
	struct scan_error e;

	for (size_t i = 0; i < COUNT(ours); i++)
		if (span_eq(name, ours[i]))
			wrong(s, "%.*s cannot be set", ARG(name));
	if (!scan(v, SCAN_UNIQUE, NULL, &top, &e))
		wrong(s, "set: %.*s wants a JSON value: %s", ARG(name), e.why);
	form_set(s->f, name, v);
}

static void scale(const struct reader *s, struct span v)
{
	struct span lo = take_word(&v);

	s->f->lo = number(s, lo, -1e6, 1e6);
	s->f->hi = number(s, v, -1e6, 1e6);
	if (s->f->lo >= s->f->hi)
		wrong(s, "a scale goes from the worst to the best");
}

static void add_item(struct form *f, struct span v)
{
	GROW(f->items, f->n_items, f->items_room);
	f->items[f->n_items++] = keep(f, v);
}

/* ---- settings ---- */

static void read_file(struct reader *s, const char *path);

/* A path as the file's author means it: relative to the file. */
static char *beside(const struct reader *s, struct span v)
{
	const char *slash = strrchr(s->path, '/');

	if (v.n && v.p[0] != '/' && slash)
		return xasprintf("%.*s/%.*s", (int)(slash - s->path), s->path, ARG(v));
	return span_dup(v);
}

static void include(struct reader *s, struct span v)
{
	struct reader inner = *s;
	char *path = beside(s, v);

	if (++inner.includes > INCLUDES)
		wrong(s, "files include each other");
	read_file(&inner, path);
	s->key_env = inner.key_env;
	s->key_file = inner.key_file;
	free(path);
}

static void set_journal(struct reader *s, struct span v)
{
	char *path = beside(s, v);

	s->f->journal = keep(s->f, span_of(path));
	free(path);
}

static void setting(struct reader *s, struct span name, struct span v)
{
	struct form *f = s->f;

	if (span_eq(name, S("include")))
		include(s, v);
	else if (span_eq(name, S("url")))
		f->http.url = keep(f, v);
	else if (span_eq(name, S("model")))
		f->model = keep(f, v);
	else if (span_eq(name, S("api")))
		f->api = choice(s, v, apis);
	else if (span_eq(name, S("judge")))
		f->asks = choice(s, v, askings);
	else if (span_eq(name, S("kind")))
		f->kind = choice(s, v, kinds);
	else if (span_eq(name, S("orders")))
		f->both_orders = choice(s, v, orders);
	else if (span_eq(name, S("logprobs")))
		f->logprobs = choice(s, v, no_yes);
	else if (span_eq(name, S("votes")))
		f->votes = whole(s, v, 1, 1000);
	else if (span_eq(name, S("scale")))
		scale(s, v);
	else if (span_eq(name, S("aspect")) || span_eq(name, S("rule")))
		add_item(f, v);
	else if (span_eq(name, S("reference")))
		f->reference = keep(f, v);
	else if (span_eq(name, S("set")))
		set_member(s, v);
	else if (span_eq(name, S("journal")))
		set_journal(s, v);
	else if (span_eq(name, S("key-env")))
		s->key_env = keep(f, v);
	else if (span_eq(name, S("key-file")))
		s->key_file = beside(s, v);
	else if (span_eq(name, S("in-flight")))
		f->http.in_flight = whole(s, v, 1, 10000);
	else if (span_eq(name, S("requests-per-minute")))
		f->http.requests_per_minute = number(s, v, 1e-3, 1e9);
	else if (span_eq(name, S("tokens-per-minute")))
		f->http.tokens_per_minute = number(s, v, 1, 1e12);
	else if (span_eq(name, S("retries")))
		f->http.retries = whole(s, v, 0, 100);
	else if (span_eq(name, S("timeout")))
		f->http.timeout = number(s, v, 1e-3, 1e6);
	else
		wrong(s, "no setting is called \"%.*s\"", ARG(name));
}

/* ---- sections ---- */

/* A field at the head of s: its length, 0: none. */
static size_t field_at(struct span s, enum field *field)
{
	for (int i = 0; i < FIELD_NONE; i++) {
		size_t n = strlen(field_names[i]);

		if (s.n >= n + 2 && s.p[0] == '{' && memcmp(s.p + 1, field_names[i], n) == 0 && s.p[n + 1] == '}') {
			*field = (enum field)i;
			return n + 2;
		}
	}
	return 0;
}

static void add_piece(struct passage *p, struct span text, enum field field)
{
	if (field == FIELD_NONE && text.n == 0)
		return;
	GROW(p->v, p->n, p->room);
	p->v[p->n++] = (struct piece){ text, field };
}

static void add_passage(struct form *f, int section, struct span text)
{
	struct passage *p;
	size_t from = 0;

	GROW(f->v, f->n, f->room);
	p = &f->v[f->n++];
	*p = (struct passage){ .role = sections[section % 4], .own = section >= 4 };
	f->has_own = f->has_own || p->own;
	text = arena_copy(&f->arena, text);
	for (size_t i = 0; i < text.n;) {
		enum field field;
		size_t n = field_at(span_cut(text, i, text.n), &field);

		if (n) {
			add_piece(p, span_cut(text, from, i), FIELD_NONE);
			add_piece(p, (struct span){ 0 }, field);
			f->uses_reference = f->uses_reference || field == FIELD_REFERENCE;
			f->uses_sentence = f->uses_sentence || field == FIELD_SENTENCE;
			from = i + n;
		}
		i += n ? n : 1;
	}
	add_piece(p, span_cut(text, from, text.n), FIELD_NONE);
}

static void drop_passages(struct form *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].v);
	f->n = 0;
	f->has_own = f->uses_reference = f->uses_sentence = false;
}

/* "[own user]": its index; -1: not a section's head. */
static int section_of(const struct reader *s, struct span line)
{
	struct span name;

	line = span_trim(line);
	if (line.n < 3 || line.p[0] != '[' || line.p[line.n - 1] != ']' || line.p[1] < 'a' || line.p[1] > 'z')
		return -1;
	name = span_cut(line, 1, line.n - 1);
	for (int i = 0; sections[i]; i++)
		if (span_eq(name, span_of(sections[i])))
			return i;
	wrong(s, "no section is called [%.*s]", ARG(name));
}

static void read_text(struct reader *s, struct span text)
{
	struct buf passage = { 0 };
	int section = -1;

	for (s->at.line = 1; text.n; s->at.line++) {
		size_t nl = span_find(text, S("\n")), cut;
		struct span line = span_cut(text, 0, nl), trimmed = span_trim(line);
		int head = section_of(s, line);

		text = nl == (size_t)-1 ? (struct span){ 0 } : span_cut(text, nl + 1, text.n);
		if (head >= 0) {
			if (section >= 0)
				add_passage(s->f, section, span_trim(buf_span(&passage)));
			else
				drop_passages(s->f);
			section = head;
			passage.n = 0;
		} else if (section >= 0) {
			buf_add(&passage, line);
			buf_addc(&passage, '\n');
		} else if (trimmed.n && trimmed.p[0] != '#') {
			cut = span_find(trimmed, S(":"));
			if (cut == (size_t)-1)
				wrong(s, "a line is \"name: value\"");
			setting(s, span_cut(trimmed, 0, cut), span_trim(span_cut(trimmed, cut + 1, trimmed.n)));
		}
	}
	if (section >= 0)
		add_passage(s->f, section, span_trim(buf_span(&passage)));
	buf_free(&passage);
}

static void read_file(struct reader *s, const char *path)
{
	struct buf b = { 0 };
	const char *why;
	size_t at;

	if (file_read(path, &b, FILE_MAX, &why) < 0)
		die(EXIT_SYSTEM, "%s: %s", path, why);
	s->path = path;
	s->at = (struct where){ keep(s->f, span_of(path)), 0 };
	if (!text_valid(buf_span(&b), &at) || memchr(b.p ? b.p : "", '\0', b.n))
		wrong(s, "this is no text");
	read_text(s, buf_span(&b));
	buf_free(&b);
}

/* ---- the whole ---- */

static void read_key(struct reader *s)
{
	struct buf b = { 0 };
	const char *why, *key;

	if (s->key_env && s->key_file)
		die(EXIT_USAGE, "%s: key-env or key-file, not both", s->path);
	if (s->key_env) {
		key = getenv(s->key_env);
		if (!key || !*key)
			die(EXIT_USAGE, "%s: the key is to be in the environment as %s, which is not set", s->path, s->key_env);
		s->f->http.key = keep(s->f, span_trim(span_of(key)));
	} else if (s->key_file) {
		if (file_read(s->key_file, &b, 1 << 16, &why) < 0)
			die(EXIT_SYSTEM, "%s: %s", s->key_file, why);
		s->f->http.key = keep(s->f, span_trim(buf_span(&b)));
		if (!*s->f->http.key)
			die(EXIT_USAGE, "%s: there is no key in it", s->key_file);
		memset(b.p, 0, b.n);
		buf_free(&b);
	}
}

static void read_form(struct form *f, const char *path)
{
	struct reader s = { .f = f, .path = path, .at = { path, 0 } };
	const char *why;

	if (path) {
		read_file(&s, path);
		read_key(&s);
	}
	if (f->asks == ASKS_WHY && f->n == 0)
		read_text(&s, span_of(form_rationales[f->kind]));
	why = form_complete(f);
	if (why)
		die(EXIT_USAGE, "%s: %s", path, why);
	if (f->n_items == 0)
		add_item(f, S(""));
	if (!f->journal)
		f->journal = arena_printf(&f->arena, "%s.journal", path ? path : "").p;
	free(s.key_file);
}

static const struct form empty = {
	.both_orders = true, .votes = 1, .lo = 1, .hi = 10, .reference = "reference",
	.http = { .in_flight = 16, .retries = 5, .timeout = 600 },
};

void form_read(struct form *f, const char *path)
{
	*f = empty;
	read_form(f, path);
}

void form_read_own(struct form *f, const char *path, int kind)
{
	*f = empty;
	f->asks = ASKS_WHY;
	f->kind = kind;
	f->model = f->http.url = "";
	read_form(f, path);
}

void form_free(struct form *f)
{
	drop_passages(f);
	free(f->v);
	free(f->set);
	free(f->items);
	arena_free(&f->arena);
}
