/* decon - drop records that overlap a benchmark
 *
 * A model that was trained on the questions of a benchmark is not measured by it. --benchmark FILE holds such
 * questions; a record is dropped ("contaminated") if it repeats one in its prompt or in a response: a prompt that
 * was collected, or a response that a model recited. What was found goes to --rejects with the record:
 *
 *   benchmark, item   which one it repeats most of (the first among equals)
 *   items             how many it repeats
 *   coverage          the share of the item's words that are in the record
 *   in                the members they are in
 *   text              the longest piece of the record that is in the item, at most 240 bytes of it
 *
 * --mark drops nothing and writes this object to the member "contamination". A record in which nothing was found
 * has no such member. The closing lines and --report give the share of each benchmark that leaked.
 *
 * The rule is that of Tulu 3 (Lambert et al. 2024): a word of an item is covered if it is in a run of 8 words
 * (--ngram) that the record has, too, and the item is repeated if more than half of its words are (--coverage),
 * all in this one record. --rule any-13 is that of GPT-3 (Brown et al. 2020): one run of 13 words is enough.
 * Every n-gram of every item is looked for. A run does not go from one member into another. Words are letters and
 * digits, so that case, punctuation and layout do not matter; numbers stay what they are, and of code the names and
 * numbers count and the signs between them do not.
 *
 * An item of fewer words than a run has to be there as a whole, sign for sign but for case and blanks; one of
 * fewer than 4 has to be all of a prompt or response.
 *
 * A run of words that more than 10 items of one benchmark share (--stop) is a template ("which of the following is
 * ...") and counts for nothing, neither as covered nor as to be covered; items that are the same count once, and
 * an item made of templates alone keeps them.
 *
 * A benchmark file holds JSON records or is plain text, an item a line; a folder stands for the files in it. An
 * item is what a record asks: the members named by --field; else the prompt, if the file is in a layout that
 * pref-convert --list shows; else the first of prompt, question, problem, instruction (and input), query, text,
 * input, ctx, goal, sentence, messages. Its name is the member id or task_id, else FILE:LINE. Answers are left out,
 * since prompts leak without them; --field question,answer takes them in.
 *
 * N-grams find texts that share words. Questions put in other words they do not find, and translations neither.
 *
 * Records are pairs, or candidates, or have at least a prompt. Messages and transcripts ("Human: ... Assistant:")
 * are read as what was said, in order, without who said it.
 *
 * Memory: the index takes 32 to 43 bytes a word of the benchmarks (20 more while it is built) and about 60 an item,
 * each thread up to 4 a word. 10,000 items of 100 words took 66 MB in all. It does not grow with the input.
 */
#include "benchmark.h"
#include "run.h"
#include "view.h"

#include <pthread.h>
#include <stdlib.h>

enum { TEXT_MAX = 240 };
enum where_in { IN_PROMPT, IN_CHOSEN, IN_REJECTED, IN_RESPONSES, WHERE_IN };
static const char *const where_names[WHERE_IN] = { "prompt", "chosen", "rejected", "responses" };

static struct opt_list paths;
static const char *fields, *in_names;
static int rule;
static bool mark;
static long ngram, stop_items = 10;
static double coverage;

static const struct opt options[] = {
	OPT_LIST('b', "benchmark", &paths, "FILE", "items to look for: a file or a folder of files; may be given again"),
	OPT_STR(0, "field", &fields, "NAME,...", "these members of a benchmark's records are the item"),
	OPT_STR(0, "in", &in_names, "NAME,...", "look here: some of prompt, chosen, rejected, responses (default: all)"),
	OPT_FLAG(0, "mark", &mark, "drop nothing, write the member \"contamination\""),
	OPT_CHOICE(0, "rule", &rule, "half-8|any-13", "as Tulu 3 does, or as GPT-3 (default: half-8)"),
	OPT_INT(0, "ngram", &ngram, 1, OVERLAP_NGRAM_MAX, "N", "words to a run (default: as the rule says)"),
	OPT_NUM(0, "coverage", &coverage, 0, 0.999, "SHARE",
		"an item is repeated if more than this share of its words is (default: as the rule says)"),
	OPT_INT(0, "stop", &stop_items, 0, 1e9, "N",
		"do not count runs that more items of a benchmark share; 0: count all (default: 10)"),
	OPT_END
};

/* What look() leaves to settle(): the items that the record repeats, and what to say of the best of them, as JSON. */
enum { BENCHMARK, ITEM, ITEMS, COVERAGE, IN, TEXT, FACTS };
static const char *const fact_names[FACTS] = { "benchmark", "item", "items", "coverage", "in", "text" };
struct finding {
	const uint32_t *items;
	size_t n;
	struct span facts[FACTS];
};

static bool looks_in[WHERE_IN];
static struct benchmarks benchmarks;
static struct overlap *items;
static bool *leaked;			/* by number of the item */
static double seconds;			/* to read the benchmarks and build the index */
static pthread_key_t scratch_key;

static void free_scratch(void *k)
{
	overlap_scratch_free(k);
}

static struct overlap_scratch *scratch(void)
{
	struct overlap_scratch *k = pthread_getspecific(scratch_key);

	if (!k) {
		k = overlap_scratch_new(items);
		pthread_setspecific(scratch_key, k);
	}
	return k;
}

/* ---- look ---- */

/* The texts of a record, and the members they are in. */
struct looked {
	struct span *texts, *names;
	size_t n;
	bool any;			/* has one of the members, looked at or not */
};

static void take(struct looked *l, struct rec *r, enum where_in where, struct value v, struct span name)
{
	l->any = l->any || v.kind != JSON_NONE;
	if (!looks_in[where] || v.kind == JSON_NONE)
		return;
	l->texts[l->n] = benchmark_text(v, r->arena);
	l->names[l->n] = name;
	if (!l->texts[l->n].p)
		rec_bad(r, rec_col(r, v.raw.p), "\"%.*s\" is neither a string nor messages", ARG(name));
	l->n++;
}

static void take_all(struct looked *l, struct rec *r)
{
	struct view w;

	view_of(r, &w);
	*l = (struct looked){
		.texts = arena_alloc(r->arena, (w.n + 1) * sizeof *l->texts),
		.names = arena_alloc(r->arena, (w.n + 1) * sizeof *l->names),
	};
	take(l, r, IN_PROMPT, w.prompt.v, S("prompt"));
	for (size_t i = 0; i < w.n; i++) {
		const enum where_in where = w.candidates ? IN_RESPONSES : i ? IN_REJECTED : IN_CHOSEN;

		take(l, r, where, w.sides[i].v, w.candidates ? arena_printf(r->arena, "responses[%zu]", i) :
			span_of(where_names[where]));
	}
	if (!l->any)
		rec_bad(r, 0, "no member prompt, chosen, rejected or responses");
}

static struct span quoted(struct span text, struct arena *a)
{
	struct buf b = { 0 };

	json_put_text(&b, text);
	text = arena_copy(a, buf_span(&b));
	buf_free(&b);
	return text;
}

/* At most TEXT_MAX bytes of text, whole characters. */
static struct span head_of(struct span text)
{
	if (text.n <= TEXT_MAX)
		return text;
	text.n = TEXT_MAX;
	while (text.n && (text.p[text.n] & 0xc0) == 0x80)
		text.n--;
	return text;
}

static struct span names_in(const struct looked *l, const bool *in, struct arena *a)
{
	struct buf b = { 0 };
	struct span s;

	for (size_t i = 0; i < l->n; i++)
		if (in[i])
			buf_addf(&b, "%s\"%.*s\"", b.n ? "," : "[", ARG(l->names[i]));
	buf_addc(&b, ']');
	s = arena_copy(a, buf_span(&b));
	buf_free(&b);
	return s;
}

static void look(struct rec *r)
{
	struct overlap_found f;
	struct finding *found;
	struct arena *a = r->arena;
	struct looked l;

	r->data = NULL;
	take_all(&l, r);
	if (r->bad || !overlap_find(items, l.texts, l.n, scratch(), &f))
		return;
	r->data = found = arena_alloc(a, sizeof *found);
	found->items = (const void *)arena_copy(a, (struct span){ (const char *)f.items, f.n * sizeof *f.items }).p;
	found->n = f.n;
	found->facts[BENCHMARK] = quoted(span_of(benchmark_of(&benchmarks, f.best)->name), a);
	found->facts[ITEM] = quoted(benchmarks.names[f.best], a);
	found->facts[ITEMS] = arena_printf(a, "%zu", f.n);
	found->facts[COVERAGE] = arena_printf(a, "%.4g", f.coverage);
	found->facts[IN] = names_in(&l, f.in, a);
	found->facts[TEXT] = quoted(head_of(f.text), a);
}

/* ---- settle ---- */

static struct span object_of(const struct finding *f, struct arena *a)
{
	struct buf b = { 0 };
	struct span s;

	for (size_t i = 0; i < FACTS; i++)
		buf_addf(&b, "%c\"%s\":%.*s", i ? ',' : '{', fact_names[i], ARG(f->facts[i]));
	buf_addc(&b, '}');
	s = arena_copy(a, buf_span(&b));
	buf_free(&b);
	return s;
}

static void settle(struct rec *r)
{
	const struct finding *f = r->data;

	if (!f && mark)
		rec_remove(r, "contamination");		/* of an earlier run */
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++)
		leaked[f->items[i]] = true;
	if (mark) {
		rec_set(r, "contamination", object_of(f, r->arena));
		return;
	}
	rec_drop(r, "contaminated");
	for (size_t i = 0; i < FACTS; i++)
		rec_note(r, fact_names[i], f->facts[i]);
}

/* ---- start and stop ---- */

static void start_in(void)
{
	for (size_t i = 0; i < WHERE_IN; i++)
		looks_in[i] = !in_names;
	for (const char *p = in_names ? in_names : ""; *p;) {
		const size_t n = strcspn(p, ",");
		size_t i = 0;

		while (i < WHERE_IN && !span_eq(span_of(where_names[i]), (struct span){ p, n }))
			i++;
		if (i == WHERE_IN)
			die(EXIT_USAGE, "--in %.*s: not prompt, chosen, rejected or responses", (int)n, p);
		looks_in[i] = true;
		p += n;
		p += *p == ',';
	}
}

static void start(void)
{
	static const struct overlap_rule rules[] = { { 8, 0.5, 0 }, { 13, 0, 0 } };
	struct overlap_rule chosen = rules[rule];
	const double began = clock_now();

	if (!paths.n)
		die(EXIT_USAGE, "say what must not be in the data: --benchmark FILE");
	for (size_t i = 0; i < paths.n; i++) {
		if (strcmp(paths.v[i], "-") == 0)
			die(EXIT_USAGE, "--benchmark -: standard input is for records");
		run_reads(paths.v[i]);
	}
	start_in();
	if (opt_given(&ngram))
		chosen.ngram = (uint32_t)ngram;
	if (opt_given(&coverage))
		chosen.coverage = coverage;
	chosen.stop = (uint32_t)stop_items;
	items = overlap_new(&chosen);
	for (size_t i = 0; i < paths.n; i++)
		benchmark_read(&benchmarks, items, paths.v[i], fields);
	overlap_build(items);
	seconds = clock_now() - began;
	for (size_t i = 0; i < benchmarks.n; i++)
		if (benchmarks.v[i].wordless)
			warn("%s: %u items without a word are not looked for", benchmarks.v[i].path, benchmarks.v[i].wordless);
	if (!benchmarks.n_names)
		warn("no item in the benchmarks: nothing can be found");
	leaked = xcalloc(benchmarks.n_names + 1, sizeof *leaked);
	pthread_key_create(&scratch_key, free_scratch);
}

/* Share of each benchmark: in the closing lines of those that leaked, in the report of all. */
static void tell_leaks(void)
{
	struct buf text = { 0 }, json = { 0 };

	for (size_t i = 0; i < benchmarks.n; i++) {
		const struct benchmark *b = &benchmarks.v[i];
		uint32_t n = 0;

		for (uint32_t k = b->first; k < b->first + b->n; k++)
			n += leaked[k];
		if (n)
			buf_addf(&text, "%s%s %u of %u items (%.3g%%)", text.n ? ", " : "", b->name, n, b->n, 100. * n / b->n);
		buf_adds(&json, i ? ",{\"benchmark\":" : "[{\"benchmark\":");
		json_put_text(&json, span_of(b->name));
		buf_addf(&json, ",\"items\":%u,\"leaked\":%u", b->n, n);
		if (b->n)
			buf_addf(&json, ",\"share\":%.6g", (double)n / b->n);
		if (b->wordless)
			buf_addf(&json, ",\"wordless\":%u", b->wordless);
		buf_addc(&json, '}');
	}
	buf_addc(&json, ']');
	tell_note("leaked", text.n ? buf_cstr(&text) : "nothing", buf_span(&json));
	buf_free(&text);
	buf_free(&json);
}

static void stop(void)
{
	const struct overlap_size s = overlap_size(items);
	struct arena a = { 0 };

	tell_leaks();
	tell_json("index", arena_printf(&a, "{\"items\":%zu,\"ngrams\":%zu,\"stop\":%zu,\"text_bytes\":%ju,\"memory\":%zu,"
		"\"build_seconds\":%.3f}", s.items, s.ngrams, s.stop, (uintmax_t)benchmarks.bytes, s.bytes, seconds));
	arena_free(&a);
	free_scratch(pthread_getspecific(scratch_key));
	pthread_setspecific(scratch_key, NULL);
	overlap_free(items);
	benchmarks_free(&benchmarks);
	free(leaked);
}

int main(int argc, char **argv)
{
	static const struct filter decon = {
		.name = "pref-decon", .about = "drop records that overlap a benchmark", .options = options,
		.start = start, .look = look, .settle = settle, .stop = stop
	};

	return filter_main(&decon, argc, argv);
}
