/* exam - all responses to a prompt under its tests */
#include "exam.h"

#include "hash.h"

#include <errno.h>

/* Equal codes are run once: at[i] is where code i is among the distinct ones. Their number. */
static size_t distinct(struct span *codes, size_t n, size_t *at)
{
	struct keymap seen = { 0 };
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		bool is_new;
		uint64_t *place = keymap_at(&seen, hash128(codes[i], 0), &is_new);

		if (is_new) {
			*place = m;
			codes[m++] = codes[i];
		}
		at[i] = *place;
	}
	keymap_free(&seen);
	return m;
}

/* The result for those of n tests that the reference passes. */
static struct trial_result only_passed(const struct trial_result *r, const struct trial_result *reference, size_t n,
	struct arena *a)
{
	struct trial_result kept = *r;
	size_t m = 0;

	kept.status = arena_alloc(a, (n + 1) * sizeof *kept.status);
	kept.pass = 0;
	kept.verdict = TRIAL_PASS;
	for (size_t i = 0; i < n; i++) {
		if (reference->status[i] != TRIAL_PASS)
			continue;
		kept.status[m++] = r->status[i];
		kept.pass += r->status[i] == TRIAL_PASS;
		if (r->status[i] > kept.verdict)
			kept.verdict = r->status[i];
	}
	return kept;
}

/* trial_run() of those codes that the cache does not know. */
static bool run_unknown(const struct trial *t, const struct trial_rules *rules, struct sandbox *s, struct trial_cache *cache,
	const struct span *codes, size_t n, struct trial_result *results, struct arena *a, struct span *why)
{
	const char *sandbox = s ? sandbox_name(s) : NULL;
	struct span *unknown = arena_alloc(a, (n + 1) * sizeof *unknown);
	struct trial_result *found = arena_alloc(a, (n + 1) * sizeof *found);
	size_t *at = arena_alloc(a, (n + 1) * sizeof *at), m = 0;

	for (size_t i = 0; i < n; i++) {
		results[i] = (struct trial_result){ .status = arena_alloc(a, t->n * sizeof *results[i].status) };
		if (trial_cache_find(cache, t, rules, sandbox, codes[i], &results[i], a))
			continue;
		at[m] = i;
		unknown[m++] = codes[i];
	}
	if (m && !trial_run(t, rules, s, unknown, m, found, a, why))
		return false;
	for (size_t k = 0; k < m; k++) {
		results[at[k]] = found[k];
		if (trial_cache_put(cache, t, rules, sandbox, unknown[k], &found[k]) < 0) {
			*why = arena_printf(a, "the cache: %s", strerror(errno));
			return false;
		}
	}
	return true;
}

bool exam_take(struct exam *e, const struct trial *t, const struct trial_rules *rules, struct sandbox *s,
	struct trial_cache *cache, const struct span *texts, size_t n, struct span reference, struct arena *a,
	struct span *why)
{
	const size_t all = n + (reference.p != NULL);
	struct span *codes = arena_alloc(a, (all + 1) * sizeof *codes);
	size_t *at = arena_alloc(a, (all + 1) * sizeof *at), m;
	struct trial_result *of_codes;

	for (size_t i = 0; i < n; i++)
		codes[i] = trial_code(t, rules, texts[i], a);
	if (reference.p)
		codes[n] = trial_code(t, rules, reference, a);
	m = distinct(codes, all, at);
	of_codes = arena_alloc(a, (m + 1) * sizeof *of_codes);
	if (cache && trial_runs(t) ? !run_unknown(t, rules, s, cache, codes, m, of_codes, a, why) :
			!trial_run(t, rules, s, codes, m, of_codes, a, why))
		return false;
	e->n = n;
	e->tests = reference.p ? of_codes[at[n]].pass : t->n;
	e->results = arena_alloc(a, (n + 1) * sizeof *e->results);
	for (size_t i = 0; i < n; i++)
		e->results[i] = reference.p ? only_passed(&of_codes[at[i]], &of_codes[at[n]], t->n, a) : of_codes[at[i]];
	return true;
}

double exam_agreement(const struct exam *e, size_t i)
{
	size_t same = 0;

	for (size_t k = 0; k < e->n; k++) {
		size_t t = 0;

		while (t < e->tests && (e->results[k].status[t] == TRIAL_PASS) == (e->results[i].status[t] == TRIAL_PASS))
			t++;
		same += t == e->tests;
	}
	return (double)same * (double)e->results[i].pass;
}

void exam_put(struct buf *b, const struct exam *e, size_t i, const char *sandbox, bool times)
{
	const struct trial_result *r = &e->results[i];

	buf_addf(b, "{\"pass\":%zu,\"of\":%zu,\"verdict\":\"%s\",\"status\":[", r->pass, e->tests, trial_words[r->verdict]);
	for (size_t k = 0; k < e->tests; k++)
		buf_addf(b, "%s\"%s\"", k ? "," : "", trial_words[r->status[k]]);
	buf_addc(b, ']');
	if (r->verdict != TRIAL_PASS && r->why.n) {
		buf_adds(b, ",\"why\":");
		json_put_text(b, span_cut(r->why, 0, 200));
	}
	if (r->inside)
		buf_addf(b, ",\"inside\":%zu", r->inside);
	if (times)
		buf_addf(b, ",\"cpu\":%.3f,\"wall\":%.3f", r->cpu, r->wall);
	if (sandbox)
		buf_addf(b, ",\"sandbox\":\"%s\"", sandbox);
	buf_addc(b, '}');
}
