/* judge - the judges there are, and the panel that sits for a run */
#include "panel.h"

#include "ask.h"

#include <stdlib.h>

extern const struct judge judge_length, judge_rules, judge_linear, judge_lm, judge_http, judge_command, judge_tests;

static const struct judge *const judges[] = {
	&judge_length, &judge_rules, &judge_linear, &judge_lm, &judge_http, &judge_command, &judge_tests,
};

void panel_list(struct buf *b)
{
	for (size_t i = 0; i < COUNT(judges); i++) {
		const struct judge *j = judges[i];
		struct buf name = { 0 };

		buf_adds(&name, j->name);
		if (j->arg)
			buf_addf(&name, ":%s", j->arg);
		buf_addf(b, "  %-22s %s\n", buf_cstr(&name), j->about);
		buf_free(&name);
	}
}

static const struct judge *find(struct span name)
{
	struct buf list = { 0 };

	for (size_t i = 0; i < COUNT(judges); i++)
		if (span_eq(span_of(judges[i]->name), name))
			return judges[i];
	for (size_t i = 0; i < COUNT(judges); i++)
		buf_addf(&list, "%s%s", i ? ", " : "", judges[i]->name);
	die(EXIT_USAGE, "no judge named %.*s; there are %s (-J help tells more)", ARG(name), buf_cstr(&list));
}

static bool taken(const struct panel *p, struct span label)
{
	for (size_t i = 0; i < p->n; i++)
		if (span_eq(span_of(p->v[i].label), label))
			return true;
	return false;
}

/* NAME; if an earlier judge has it NAME:BASE, where BASE is the argument without folders and suffix. */
static char *label(const struct panel *p, const struct judge *j, const char *arg)
{
	struct span base = span_of(arg ? arg : "");
	size_t cut;
	char *text;

	if (!taken(p, span_of(j->name)))
		return xstrdup(j->name);
	cut = span_rfind(base, S("/"));
	if (cut != (size_t)-1)
		base = span_cut(base, cut + 1, base.n);
	cut = span_rfind(base, S("."));
	if (cut != (size_t)-1 && cut > 0)
		base = span_cut(base, 0, cut);
	text = base.n ? xasprintf("%s:%.*s", j->name, ARG(base)) : xstrdup(j->name);
	if (taken(p, span_of(text)))
		die(EXIT_USAGE, "two judges would both be called %s in the scores", text);
	return text;
}

static NORETURN void show_judges(void)
{
	struct buf b = { 0 };

	panel_list(&b);
	fputs(buf_cstr(&b), stdout);
	exit(fflush(stdout) == 0 ? EXIT_OK : EXIT_SYSTEM);
}

void panel_open(struct panel *p, const char *const *specs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(specs[i], "help") == 0)
			show_judges();
	p->v = xcalloc(n, sizeof *p->v);
	p->n = 0;
	for (size_t i = 0; i < n; i++) {
		size_t cut = strcspn(specs[i], ":");
		const char *arg = specs[i][cut] ? specs[i] + cut + 1 : NULL;
		const struct judge *j = find((struct span){ specs[i], cut });
		struct panel_seat *seat = &p->v[p->n];

		if (arg && !j->arg)
			die(EXIT_USAGE, "the judge %s takes no argument", j->name);
		seat->judge = j;
		seat->label = label(p, j, arg);
		seat->self = j->open(arg);
		p->n++;
	}
	if (ask_plans() && !panel_has_ahead(p))
		die(EXIT_USAGE, "--dry-run and --emit-batch are for judges over HTTP");
}

void panel_close(struct panel *p)
{
	for (size_t i = 0; i < p->n; i++) {
		if (p->v[i].judge->close)
			p->v[i].judge->close(p->v[i].self);
		free(p->v[i].label);
	}
	free(p->v);
	*p = (struct panel){ 0 };
}

bool panel_slow(const struct panel *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].judge->slow)
			return true;
	return false;
}
