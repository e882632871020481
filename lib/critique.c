/* critique - what a data set says of responses 1 and 2, told of the better and the other one */
#include "critique.h"

#include "match.h"

#include <stdlib.h>

#define NOUN "(?: response | assistant | answer | model | output | option | candidate | reply )"
#define PLACE "(?: [12] \\b | (?-i: [AB] ) \\b | [(\\[\"'*`]+ [12AB] [)\\]\"'*`]+ )"
#define SO "(?: (?: therefore | thus | so | hence | overall | accordingly | in \\s conclusion | based \\s on \\s (?: this | these | the ) [^.,\\n]* ) \\s* ,? \\s* )?"
#define VERDICT "(?: is | was ) \\s+ (?: (?: clearly | overall | therefore | slightly | much | far ) \\s+ )* (?: the \\s+ )?" \
	"(?: better | best | superior | preferred | preferable | winner ) (?: \\s+ (?: response | one | output | answer | choice | option ) )?" \
	"(?: \\s+ overall )? \\s* "
#define ENDS "(?: [.!] | \\z | (?= \\n ) )"

static struct match *both;		/* Responses 1 and 2 */
static struct match *one;		/* Response 1, @Assistant B, Output (a), the first answer */
static struct match *verdict, *bare;	/* in a text that was retold: a verdict; a sentence that is nothing else */

static struct match *compiled(const char *pattern)
{
	char *why;
	struct match *m = match_new_flags(pattern, "ix", NULL, &why);

	if (!m)		/* (No memory: the patterns are good.) */
		die(EXIT_SYSTEM, "%s", why);
	return m;
}

void critique_start(void)
{
	both = compiled("(?: \\b the \\s+ )? \\b " NOUN " s \\s+ " PLACE " \\s* (?: and | or | & ) \\s* (?: " NOUN " \\s+ )? " PLACE);
	one = compiled("@? (?: \\b the \\s+ )? (?: \\b " NOUN " (?: [\\s_]* " PLACE " | _ [ab] \\b ) | \\b (?: first | second ) \\s+ " NOUN " \\b )");
	verdict = compiled("\\b the \\s (?: better | other ) \\s response \\s+ " VERDICT "(?: " ENDS " | \\b (?: as | because | since ) \\b )");
	bare = compiled("(?: \\A | (?<= [.!?\\n] ) ) \\s* " SO "\\b the \\s better \\s response \\s+ " VERDICT ENDS);
}

void critique_stop(void)
{
	match_free(both);
	match_free(one);
	match_free(verdict);
	match_free(bare);
	both = one = verdict = bare = NULL;
}

static bool begins_sentence(struct span text, size_t at)
{
	while (at > 0 && strchr(" *_\"", text.p[at - 1]))
		at--;
	return at == 0 || strchr(".!?\n", text.p[at - 1]);
}

/* The letter or digit that a name ends with. */
static bool is_first(struct span name)
{
	size_t n = name.n;

	if (strchr("fF", name.p[0]) || strchr("sS", name.p[0]))		/* first answer, second answer */
		return strchr("fF", name.p[0]) != NULL;
	while (n > 0 && strchr("()[]\"'*`", name.p[n - 1]))
		n--;
	return n > 0 && strchr("1aA", name.p[n - 1]);
}

static struct span without_article(struct span name)
{
	if (name.n > 4 && (span_starts(name, S("the ")) || span_starts(name, S("The "))))
		name = span_trim(span_cut(name, 4, name.n));
	return name;
}

/* Every match of m in text by what is called so; better 0: "the responses". Empty: leave it out. */
static struct span replaced(const struct match *m, struct span text, int better, bool leave_out, struct arena *a)
{
	struct span found, name;
	struct buf b = { 0 };
	const char *why;
	size_t at = 0;

	while (match_find(m, text, at, &found, &why) > 0 && found.n) {
		const size_t from = (size_t)(found.p - text.p);

		buf_add(&b, span_cut(text, at, from));
		at = from + found.n;
		if (leave_out)
			continue;
		name = !better ? S("the responses") : is_first(without_article(found)) == (better == 1) ? S("the better response") :
			S("the other response");
		buf_addc(&b, begins_sentence(text, from) ? 'T' : 't');
		buf_add(&b, span_cut(name, 1, name.n));
	}
	buf_add(&b, span_cut(text, at, text.n));
	text = arena_copy(a, buf_span(&b));
	buf_free(&b);
	return text;
}

static struct span named(struct span text, int better, struct arena *a)
{
	return replaced(one, replaced(both, text, 0, false, a), better, false, a);
}

struct span critique_retold(struct span text, int better, struct arena *a)
{
	return span_trim(replaced(bare, named(text, better, a), 0, true, a));
}

bool critique_contradicts(struct span text, int better, struct arena *a)
{
	struct span found, last = { 0 };
	const char *why;
	size_t at = 0;

	text = named(text, better, a);
	while (match_find(verdict, text, at, &found, &why) > 0 && found.n) {
		last = found;
		at = (size_t)(found.p - text.p) + found.n;
	}
	return last.n > 4 && (last.p[4] == 'o' || last.p[4] == 'O');
}
