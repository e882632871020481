/* command - any program that reads and writes JSON lines is a judge
 *
 * -J command:COMMAND runs COMMAND by the shell and keeps it running. For each pair it gets a line
 *
 *	{"id":7,"prompt":"...","chosen":"...","rejected":"..."}
 *
 * and answers with one, which repeats the id, before it gets the next:
 *
 *	{"id":7,"scores":[0.8,-0.2]}		or	{"id":7,"verdict":"A"}
 *
 * verdict is A (chosen is better), B, tie, invalid, refused or error, the last three perhaps with "why"; A, B and tie
 * without scores are the scores [1,0], [0,1], [0.5,0.5]. A candidate comes as {"id","prompt","response"}, its answer is
 * {"id","score"}; a sentence (pref-mask) as {"id","prompt","response","sentence"}, the response being all of it. Each thread has a process of its own, so what is answered must not depend on what was asked before.
 *
 * A process that dies or does not answer within --command-timeout is started again and asked once more; one that
 * breaks the rules is started again, too. The record then has the verdict error. LIMIT failures in a row end the run.
 */
#include "judge.h"

#include "ask.h"
#include "child.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { LIMIT = 10, LINE_MAX_BYTES = 16 << 20 };

struct command {
	const char *line;
	pthread_mutex_t *lock;
	struct pool {
		struct child *idle[256];	/* as many as there may be threads */
		size_t n;
		unsigned in_a_row;		/* failures */
	} *pool;
};

static void *command_open(const char *line)
{
	struct command *c;

	if (!line || !*line)
		die(EXIT_USAGE, "-J command wants a command: -J command:./judge.py");
	c = xcalloc(1, sizeof *c);
	c->line = line;
	c->lock = xcalloc(1, sizeof *c->lock);
	c->pool = xcalloc(1, sizeof *c->pool);
	pthread_mutex_init(c->lock, NULL);
	return c;
}

static void command_close(void *self)
{
	struct command *c = self;

	while (c->pool->n)
		child_stop(c->pool->idle[--c->pool->n], 2);
	pthread_mutex_destroy(c->lock);
	free(c->lock);
	free(c->pool);
	free(c);
}

/* ---- processes ---- */

static struct child *take(const struct command *c)
{
	struct child *child = NULL;

	pthread_mutex_lock(c->lock);
	if (c->pool->n)
		child = c->pool->idle[--c->pool->n];
	pthread_mutex_unlock(c->lock);
	if (!child)
		child = child_start(c->line);
	if (!child)
		die(EXIT_SYSTEM, "%s:", c->line);
	return child;
}

static void give_back(const struct command *c, struct child *child)
{
	pthread_mutex_lock(c->lock);
	c->pool->in_a_row = 0;
	if (c->pool->n < COUNT(c->pool->idle))
		c->pool->idle[c->pool->n++] = child;
	else
		bug("more processes than threads");
	pthread_mutex_unlock(c->lock);
}

static void give_up(const struct command *c, struct child *child, const char *why)
{
	bool over;

	child_stop(child, 0);
	pthread_mutex_lock(c->lock);
	over = ++c->pool->in_a_row == LIMIT;
	pthread_mutex_unlock(c->lock);
	if (over)
		die(EXIT_SYSTEM, "%s: %d failures in a row; the last: %s", c->line, LIMIT, why);
}

/* ---- one question ---- */

static uint64_t next_id(void)
{
	static atomic_uint_least64_t n;

	return ++n;
}

/* Is it an object with our id? */
static const char *check(struct span reply, uint64_t id, struct value *top)
{
	struct scan_error e;
	struct value v;
	double x;

	if (!scan(reply, SCAN_UNIQUE, NULL, top, &e) || top->kind != JSON_OBJECT)
		return "its line is no JSON object";
	v = scan_member(*top, S("id"));
	return json_number(v, &x) && x == (double)id ? NULL : "its line has another id";
}

/* The reply to a question, in the arena; kind JSON_NONE and *why: there is none. A process that died or fell silent
 * may have done so by accident: another one is asked. */
static struct value ask(const struct command *c, struct rec *r, struct span question, uint64_t id, const char **why)
{
	struct value top = { 0 };

	for (int attempt = 0; attempt < 2; attempt++) {
		struct child *child = take(c);
		struct buf reply = { 0 };
		bool answered;

		*why = child_ask(child, question, ask_options.command_timeout, LINE_MAX_BYTES, &reply);
		answered = !*why;
		if (answered)
			*why = check(arena_copy(r->arena, buf_span(&reply)), id, &top);
		buf_free(&reply);
		if (!*why) {
			give_back(c, child);
			return top;
		}
		give_up(c, child, *why);
		if (answered)
			break;
	}
	return (struct value){ 0 };
}

static void put_text(struct buf *b, const char *name, struct span text)
{
	buf_addf(b, ",\"%s\":", name);
	json_put_text(b, text);
}

static void take_verdict(struct value top, struct rec *r, struct judgement *j)
{
	static const char *const words[] = { "A", "B", "tie", "invalid", "refused", "error" };
	static const double scores[][2] = { { 1, 0 }, { 0, 1 }, { 0.5, 0.5 } };
	struct span word = json_text(scan_member(top, S("verdict")), r->arena);
	struct span why = json_text(scan_member(top, S("why")), r->arena);

	for (size_t i = 0; i < COUNT(words); i++)
		if (span_eq(word, span_of(words[i])))
			j->verdict = (enum verdict)(VERDICT_A + i);
	if (j->verdict >= VERDICT_INVALID) {
		j->why = why.n ? arena_printf(r->arena, "%.*s", ARG(why)).p : "it gives no reason";
		j->has_scores = false;
	} else if (j->verdict && !j->has_scores) {
		memcpy(j->score, scores[j->verdict - VERDICT_A], sizeof j->score);
		j->has_scores = true;
	} else if (!j->has_scores) {
		j->verdict = VERDICT_ERROR;
		j->why = "its line has neither scores nor a verdict";
	}
}

static void command_judge(const void *self, struct rec *r, const struct pair *p, struct judgement *j)
{
	const struct command *c = self;
	const uint64_t id = next_id();
	struct buf b = { 0 };
	struct value top, v;
	const char *why;

	buf_addf(&b, "{\"id\":%ju", (uintmax_t)id);
	if (p->prompt.p)
		put_text(&b, "prompt", p->prompt);
	put_text(&b, "chosen", p->chosen);
	put_text(&b, "rejected", p->rejected);
	buf_addc(&b, '}');
	top = ask(c, r, buf_span(&b), id, &why);
	buf_free(&b);
	if (top.kind == JSON_NONE) {
		j->verdict = VERDICT_ERROR;
		j->why = why;
		return;
	}
	v = scan_member(top, S("scores"));
	j->has_scores = v.kind == JSON_ARRAY && scan_count(v) == 2 && json_number(scan_element(v, 0), &j->score[0]) &&
		json_number(scan_element(v, 1), &j->score[1]);
	take_verdict(top, r, j);
}

static void score_of(const struct command *c, struct rec *r, const struct excerpt *x, struct judgement *j)
{
	const uint64_t id = next_id();
	struct buf b = { 0 };
	struct value top;
	const char *why;

	buf_addf(&b, "{\"id\":%ju", (uintmax_t)id);
	if (x->prompt.p)
		put_text(&b, "prompt", x->prompt);
	put_text(&b, "response", x->response);
	if (x->sentence.p)
		put_text(&b, "sentence", x->sentence);
	buf_addc(&b, '}');
	top = ask(c, r, buf_span(&b), id, &why);
	buf_free(&b);
	if (top.kind != JSON_NONE && !json_number(scan_member(top, S("score")), &j->score[0]))
		why = "its line has no score";
	j->has_scores = !why;
	j->verdict = why ? VERDICT_ERROR : VERDICT_NONE;
	j->why = why;
}

static void command_score(const void *self, struct rec *r, struct span prompt, struct span response,
	struct judgement *j)
{
	score_of(self, r, &(struct excerpt){ .prompt = prompt, .response = response }, j);
}

static bool command_sentence(const void *self, struct rec *r, const struct excerpt *x, int round, struct judgement *j)
{
	(void)round;
	if (j)
		score_of(self, r, x, j);
	return false;
}

const struct judge judge_command = {
	.name = "command",
	.arg = "COMMAND",
	.about = "a program of yours that answers JSON lines with JSON lines",
	.open = command_open,
	.judge = command_judge,
	.score = command_score,
	.sentence = command_sentence,
	.close = command_close,
};
