/* run_settle - what becomes of each record of a batch: counted, told, kept, dropped or bad, in input order */
#include "run_inside.h"

#include <stdlib.h>

enum { MESSAGES = 20 };			/* printed of each kind; the rest is only counted */
enum { HOPELESS = 100 };		/* bad records before the first good one: this is not JSONL */

static uint64_t n_good, n_seen, n_warned, n_bad_shown;

/* What the first pass made of each record, for the second: 2 * fate + (it reached settle). A drop is
 * FATE_DROPPED + index of its reason. */
enum { FATE_GOOD, FATE_BAD, FATE_DROPPED };
static struct { uint8_t *v; size_t n, room; } fates;
static const char *fate_reasons[64];

/* Where a column of r's raw bytes is in the file: an element of an array may begin in mid-line and span
 * several lines. */
static struct where place(const struct rec *r, const struct batch *b, size_t *col)
{
	struct where at = r->at;
	size_t line_start = 0;

	if (!b->chunk.array || *col == 0)
		return at;
	for (size_t i = 0; i + 1 < *col && i < r->raw.n; i++) {
		if (r->raw.p[i] == '\n') {
			at.line++;
			line_start = i + 1;
		}
	}
	*col = line_start ? *col - line_start : *col + b->chunk.at[r - b->recs].col - 1;
	return at;
}

static void show_messages(struct rec *r, const struct batch *b)
{
	for (struct rec_note *n = r->notes; n; n = n->next) {
		uint64_t *shown = n->kind == NOTE_BAD ? &n_bad_shown : &n_warned;
		struct where at;

		if (n->kind == NOTE_DETAIL)
			continue;
		at = place(r, b, &n->col);
		if (n->kind == NOTE_BAD)
			r->at = at;
		if (++*shown > MESSAGES)
			continue;
		tell_clear();
		warn_at(&at, n->col, "%.*s", ARG(n->text));
		if (*shown == MESSAGES)
			warn("further %s are only counted", n->kind == NOTE_BAD ? "bad records" : "warnings");
	}
}

void run_leave_bad(void)
{
	if (run.report_path)
		tell_report(run.report_path, EXIT_BAD);
	exit(EXIT_BAD);
}

/* End the run for a bad record of b, which was told. What came before it is good: let it out, unless a whole file was
 * promised. */
static void stop_bad(const struct batch *b)
{
	run_save_outputs();
	if (!b->chunk.compressed)
		run_leave_bad();
	run.stopping = true;
}

static void settle_bad(struct rec *r, const struct batch *b)
{
	tell.bad++;
	show_messages(r, b);
	if (run.bad_policy == BAD_STOP) {
		stop_bad(b);
		return;
	}
	if (tell.bad == tell.read && tell.bad >= HOPELESS) {
		warn("%d bad records and no good one: is this JSON Lines?", HOPELESS);
		stop_bad(b);
		return;
	}
	run_reject(r);
	if (run.bad_policy == BAD_PASS && !run.filter->sink && run.pass != PASS_FIRST)
		run_keep_bad(r, b);
}

static void remember_fate(const struct rec *r, bool settled)
{
	size_t what = r->bad ? FATE_BAD : FATE_GOOD;

	if (!r->bad && r->dropped) {
		size_t i = 0;

		while (i < COUNT(fate_reasons) && fate_reasons[i] && fate_reasons[i] != r->dropped)
			i++;
		if (i == COUNT(fate_reasons))
			bug("too many drop reasons");
		fate_reasons[i] = r->dropped;
		what = FATE_DROPPED + i;
	}
	GROW(fates.v, fates.n, fates.room);
	fates.v[fates.n++] = (uint8_t)(2 * what + settled);
}

static void write_settled(struct rec *r, const struct batch *b)
{
	if (r->dropped) {
		tell_drop(r->dropped);
		run_reject(r);
	} else {
		tell.kept++;
		run_keep(r, b);
	}
}

/* One pass, or the first of two. */
static void settle_record(struct rec *r, const struct batch *b)
{
	const bool settled = !r->bad && !r->dropped;

	tell.read++;
	if (settled) {
		r->n = n_good++;
		if (run.filter->settle)
			run.filter->settle(r);
	}
	if (run.pass == PASS_FIRST)
		remember_fate(r, settled);
	if (r->bad) {
		settle_bad(r, b);
		return;
	}
	show_messages(r, b);
	if (run.pass != PASS_FIRST)
		write_settled(r, b);
}

static void emit_record(struct rec *r, const struct batch *b)
{
	size_t fate;
	bool settled;

	if (n_seen == fates.n)
		die(EXIT_SYSTEM, "the input changed between the two passes over it");
	fate = fates.v[n_seen] / 2;
	settled = fates.v[n_seen++] % 2;
	if (settled)
		r->n = n_good++;
	if (fate == FATE_BAD) {
		run_reject_held();
		if (run.bad_policy == BAD_PASS)
			run_keep_bad(r, b);
		return;
	}
	if (r->bad)
		die(EXIT_SYSTEM, "the input changed between the two passes over it");
	if (fate == FATE_GOOD)
		run.filter->emit(r);
	else
		rec_drop(r, fate_reasons[fate - FATE_DROPPED]);
	if (r->bad)
		bug("rec_bad() in emit()");
	show_messages(r, b);
	write_settled(r, b);
}

/* The input cannot be read on, or only behind a line over the limit. Such a line was not held, so it can be
 * skipped but not passed through. */
static void settle_failure(const struct batch *b)
{
	tell_clear();
	if (run.stopping && b->failed_at.line) {
		if (!b->go_on)
			run_leave_bad();
		return;
	}
	if (b->go_on && run.bad_policy != BAD_SKIP) {
		warn_at(&b->failed_at, b->failed_col, "%s", b->failure);
		stop_bad(b);
		return;
	}
	if (b->go_on) {
		if (run.pass == PASS_SECOND) {
			run_reject_held();
			return;
		}
		tell.read++;
		tell.bad++;
		warn_at(&b->failed_at, b->failed_col, "%s", b->failure);
		run_reject_lost(&b->failed_at, b->failure);
		return;
	}
	run_save_outputs();
	die_at(b->failed_at.line ? EXIT_BAD : EXIT_SYSTEM, &b->failed_at, b->failed_col, "%s", b->failure);
}

void run_settle(struct batch *b)
{
	if (b->failure)
		settle_failure(b);
	if (run.stopping)
		return;
	if (run.pass == PASS_FIRST && run.spool && spool_put(run.spool, &b->chunk) < 0)
		die(EXIT_SYSTEM, "cannot write a temporary file (is there room in $TMPDIR?):");
	for (size_t i = 0; i < b->n && !run.stopping; i++) {
		if (run.pass == PASS_SECOND)
			emit_record(&b->recs[i], b);
		else
			settle_record(&b->recs[i], b);
	}
	run_write_waiting(run.batch_records > 0);
	if (run.pass != PASS_SECOND)
		tell.bytes_in = b->consumed;
	tell_progress(run.total_bytes);
}

void run_settle_again(void)
{
	n_good = 0;
}

void run_settle_end(void)
{
	if (run.pass == PASS_SECOND && n_seen != fates.n)
		die(EXIT_SYSTEM, "the input changed between the two passes over it");
	free(fates.v);
}
