/* dedup - drop records that repeat others
 *
 * A record is compared with those that stay, never through a third one: what is dropped repeats a record
 * that is in the output. Every reason has a name of its own, which the closing line counts and --rejects
 * notes with the id of the record that stays ("partner") and the similarity to it:
 *
 *   repeat         the same pair: prompt, chosen and rejected are equal
 *   near           with --near: similar, but not equal
 *   swapped        the same or a similar pair with chosen and rejected exchanged: the
 *                  labels contradict (--swapped keep leaves them in)
 *   contradiction  with --contradiction drop: others of the same prompt put the rejected
 *                  response above the chosen one (A over B, B over C, now C over A)
 *   same           with --same: chosen and rejected are too similar to each other
 *
 * What is compared is the decoded text, so that an escape or another spelling of the JSON makes no
 * difference; of messages, their contents. With --key the texts are those of one member alone: then a
 * record repeats another if its prompt (say) does, whatever the responses are. --normalise compares Unicode
 * NFC, case folded, with every run of white space as one blank.
 *
 * What messages carry that is not text (tool calls, images, any member but role and content) is compared as
 * it is written: records are equal only if that is, too, and for --near and --same a text with another image
 * has no n-gram in common with the same text. Members of the record other than prompt, chosen and rejected,
 * a list "images" of its own say, are not looked at.
 *
 * --near compares sets of word n-grams (--ngram, default 5): the union of those of prompt, chosen and
 * rejected, or those of the --key. A text shorter than that counts as one n-gram, the whole of it. Case
 * and punctuation do not matter. Two records are near when the Jaccard index of the two sets, the share
 * of n-grams they have in common, is at least --threshold, exactly: MinHash (Broder 1997) with
 * locality-sensitive hashing only proposes candidates, with parameters chosen so that a pair at the
 * threshold is proposed with probability 0.99 or more, and pairs above it more surely still. A long prompt
 * outweighs short responses: --each asks for the threshold of the prompt and of each response by itself,
 * so that two answers to one long prompt are not taken for repeats. N-grams do not find paraphrases. Records
 * that share a long text, a system prompt say, and so are a little below the threshold, are all compared
 * with each other: time then grows with the square of their number.
 *
 * Which one stays: --keep first (the default) needs one pass and works in a pipe. last, longest (in bytes
 * of the compared texts) and best:FIELD (the greatest number in that member; records without it come
 * last) read the input twice. In every case records are taken in that order of preference, and one stays
 * unless it repeats one that stays already. Equal ones are taken in input order.
 *
 * --mark drops nothing and writes the member "cluster", the id of the record that would stay. A record
 * that is near to a dropped one, but not to the one that stays, begins a cluster of its own. Where several
 * records have one id (sources that are each numbered from 1), the first of them that begins a cluster
 * gives it the id, later ones the id, "~" and a hash of the record. The "partner" in --rejects is the id
 * alone: it tells records apart only as far as ids do.
 *
 * --index FILE compares with what earlier runs kept, too, and at the end adds what this one keeps. The
 * file is refused if --key, --normalise, --near or its parameters differ. It does not hold the responses
 * that --contradiction drop must know: these two do not go together.
 *
 * Memory: 21 to 53 bytes a kept record; with --near 11 to 16 a band and 140 more (there are 18 bands at the
 * default threshold, 20 at 0.7, 40 at 0.5). --keep other than first takes 56 more a record, --contradiction
 * drop about 150, --mark 21 to 86 a cluster. What else must be remembered is in a temporary file in $TMPDIR:
 * about 100 bytes a kept record, with --near 8 bytes a word more.
 */
#include "choose.h"
#include "pair.h"
#include "run.h"
#include "seen_index.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

enum key { KEY_PAIR, KEY_PROMPT, KEY_CHOSEN, KEY_REJECTED, KEY_FIRST_TURN };
enum keep { KEEP_FIRST, KEEP_LAST, KEEP_LONGEST, KEEP_BEST };
enum policy { DROP, KEEP };

static struct seen_rules rules = { .threshold = 0.8 };
static int key, swapped_policy = DROP, contradiction_policy = KEEP;
static bool normalise, mark;
static long ngram = 5, permutations = 128;
static double same_threshold;
static const char *keep_text = "first", *index_path;

static const struct opt options[] = {
	OPT_CHOICE('k', "key", &key, "pair|prompt|chosen|rejected|first-turn",
		"compare these texts: all three, one of them, or the first thing the user said (default: pair)"),
	OPT_FLAG('n', "normalise", &normalise, "equal up to Unicode composition, case and white space"),
	OPT_FLAG(0, "near", &rules.near, "similar is enough"),
	OPT_NUM('t', "threshold", &rules.threshold, 0.05, 1, "J", "near: least Jaccard similarity (default: 0.8)"),
	OPT_FLAG(0, "each", &rules.each, "near: prompt, chosen and rejected must each reach the threshold"),
	OPT_INT(0, "ngram", &ngram, 1, 64, "N", "words to a shingle (default: 5)"),
	OPT_INT(0, "permutations", &permutations, 16, MINHASH_MAX, "N",
		"near: length of a MinHash signature (default: 128)"),
	OPT_STR(0, "keep", &keep_text, "first|last|longest|best:FIELD",
		"which of those that repeat each other stays (default: first)"),
	OPT_CHOICE(0, "swapped", &swapped_policy, "drop|keep",
		"the same pair with chosen and rejected exchanged (default: drop)"),
	OPT_CHOICE(0, "contradiction", &contradiction_policy, "drop|keep",
		"a label that others of the same prompt contradict (default: keep)"),
	OPT_NUM(0, "same", &same_threshold, 0.05, 1, "J",
		"drop records whose chosen and rejected are at least this similar"),
	OPT_FLAG(0, "mark", &mark, "drop nothing, write the member \"cluster\""),
	OPT_STR(0, "index", &index_path, "FILE", "compare with what is in FILE, and add to it what is kept"),
	OPT_END
};

static enum keep keep;
static const char *best_field;
static struct seen *seen;
static struct chooser *chooser;
static struct keyset names, renamed;	/* --mark: names of clusters; places of those that are not the id */
static size_t n_before;			/* kept by earlier runs */
static pthread_key_t scratch_key;

/* ---- scratch: one a thread ---- */

static void free_scratch(void *k)
{
	seen_scratch_free(k);
	free(k);
}

static struct seen_scratch *scratch(void)
{
	struct seen_scratch *k = pthread_getspecific(scratch_key);

	if (!k) {
		k = xcalloc(1, sizeof *k);
		pthread_setspecific(scratch_key, k);
	}
	return k;
}

/* ---- look ---- */

/* What messages carry that is not text. */
static struct span beyond_of(struct rec *r, const struct pair *p, const char *member)
{
	return p->only_text ? S("") : pair_beyond(rec_get(r, member), r->arena);
}

/* The texts to compare, and what goes with each; false: the record is bad. */
static bool texts_of(struct rec *r, struct pair *p, struct span texts[3], struct span beyond[3])
{
	const char *what;

	for (int i = 0; i < 3; i++)
		texts[i] = beyond[i] = S("");
	if (key == KEY_PROMPT || key == KEY_FIRST_TURN) {
		pair_of(r, p, &what);
		texts[0] = key == KEY_PROMPT ? p->prompt : pair_first_turn(r, p);
		beyond[0] = key == KEY_PROMPT ? beyond_of(r, p, "prompt") :
			p->only_text ? S("") : pair_first_turn_beyond(r);
		if (!texts[0].p)
			rec_bad(r, 0, "no member \"prompt\" that is a string or messages");
		return texts[0].p;
	}
	if (!pair_need(r, p))
		return false;
	if (key == KEY_PAIR) {
		texts[0] = p->prompt.p ? p->prompt : S("");
		texts[1] = p->chosen;
		texts[2] = p->rejected;
		beyond[0] = beyond_of(r, p, "prompt");
		beyond[1] = beyond_of(r, p, "chosen");
		beyond[2] = beyond_of(r, p, "rejected");
	} else {
		texts[0] = key == KEY_CHOSEN ? p->chosen : p->rejected;
		beyond[0] = beyond_of(r, p, key == KEY_CHOSEN ? "chosen" : "rejected");
	}
	return true;
}

static struct span normal(struct span s, struct arena *a)
{
	struct buf b = { 0 };

	text_normalise(s, &b);
	s = arena_copy(a, buf_span(&b));
	buf_free(&b);
	return s;
}

/* One key of several hashes. */
static struct key128 join(const struct key128 *k, size_t n)
{
	return hash128((struct span){ (const char *)k, n * sizeof *k }, 0);
}

static double priority(struct rec *r, const struct span texts[3])
{
	double x;

	if (keep == KEEP_LONGEST)
		return (double)(texts[0].n + texts[1].n + texts[2].n);
	if (keep == KEEP_BEST)
		return rec_num(r, best_field, &x) ? x : -INFINITY;
	return 0;
}

static bool is_same(struct rec *r, const struct pair *p, struct seen_scratch *work)
{
	return p->chosen.p && p->rejected.p &&
		span_eq(beyond_of(r, p, "chosen"), beyond_of(r, p, "rejected")) &&
		seen_likeness(p->chosen, p->rejected, rules.ngram, work) >= same_threshold;
}

static void look(struct rec *r)
{
	struct seen_scratch *work = scratch();
	struct choice *c = arena_alloc(r->arena, sizeof *c);
	struct span texts[3], beyond[3];
	uint64_t company[3] = { 0 };
	struct key128 k[3];
	struct pair p;

	r->data = c;
	if (!texts_of(r, &p, texts, beyond))
		return;
	if (same_threshold > 0 && is_same(r, &p, work)) {
		rec_drop(r, "same");
		return;
	}
	for (int i = 0; i < 3; i++) {
		k[i] = hash128(normalise ? normal(texts[i], r->arena) : texts[i], 0);
		if (beyond[i].n) {
			k[i] = join((const struct key128[]){ k[i], hash128(beyond[i], 0) }, 2);
			company[i] = hash64(beyond[i], 0) | 1;	/* never 0, which is nothing */
		}
	}
	c->chosen = join(k, 2);
	c->rejected = join((const struct key128[]){ k[0], k[2] }, 2);
	c->item = seen_item(seen, texts, company, join(k, 3), join((const struct key128[]){ k[0], k[2], k[1] }, 3),
		pair_id(r, &p), work, r->arena);
	c->priority = priority(r, texts);
}

/* ---- settle ---- */

static NORETURN void no_temporary(void)
{
	die(EXIT_SYSTEM, "temporary file (is there room in $TMPDIR?):");
}

static const struct seen_item *item_at(uint64_t place)
{
	const struct seen_item *item = seen_get(seen, place);

	if (!item)
		no_temporary();
	return item;
}

static struct span quoted(struct span text, struct arena *a)
{
	struct buf b = { 0 };

	json_put_text(&b, text);
	text = arena_copy(a, buf_span(&b));
	buf_free(&b);
	return text;
}

/* ---- clusters: names in the order of places, so that a later run with the index finds the same ---- */

static struct key128 place_key(uint64_t place)
{
	return (struct key128){ place, 0 };
}

static struct span renamed_id(const struct seen_item *item, struct arena *a)
{
	char hex[33];

	key128_hex(item->key, hex);
	return arena_printf(a, "%.*s~%s", ARG(seen_id(seen, item)), hex);
}

static void name_cluster(uint64_t place, struct arena *a)
{
	const struct seen_item *item = item_at(place);

	if (keyset_add(&names, hash128(seen_id(seen, item), 0)))
		return;
	keyset_add(&renamed, place_key(place));
	keyset_add(&names, hash128(renamed_id(item, a), 0));
}

static void name_clusters(void)
{
	struct arena a = { 0 };
	size_t n;
	uint64_t *places = seen_kept(seen, &n);

	for (size_t i = 0; i < n; i++) {
		name_cluster(places[i], &a);
		arena_reset(&a);
	}
	free(places);
	arena_free(&a);
}

static struct span cluster_name(uint64_t place, struct arena *a)
{
	const struct seen_item *item = item_at(place);

	return keyset_has(&renamed, place_key(place)) ? renamed_id(item, a) : seen_id(seen, item);
}

/* Do to the record what was found. */
static void carry_out(struct rec *r, const struct verdict *v)
{
	static const char *const reasons[] = { NULL, "repeat", "near", "swapped" };
	char text[32];

	if (mark) {
		rec_set(r, "cluster", quoted(cluster_name(verdict_kept(v) ? v->place : v->match.partner, r->arena),
			r->arena));
		return;
	}
	if (verdict_kept(v))
		return;
	if (v->chain > 1) {
		rec_drop(r, "contradiction");
		snprintf(text, sizeof text, "%zu", v->chain);
		rec_note(r, "chain", span_of(text));
		return;
	}
	rec_drop(r, reasons[v->match.how]);
	rec_note(r, "partner", quoted(seen_id(seen, item_at(v->match.partner)), r->arena));
	snprintf(text, sizeof text, "%.4g", v->match.similarity);
	rec_note(r, "similarity", span_of(text));
}

static void settle_first(struct rec *r)
{
	struct verdict v;

	if (choose_now(chooser, r->data, &v) < 0)
		no_temporary();
	if (mark && verdict_kept(&v))
		name_cluster(v.place, r->arena);
	carry_out(r, &v);
}

/* Orders other than that of the input: remember all, choose, and go through the input again. */
static void settle_all(struct rec *r)
{
	struct choice *c = r->data;

	if (keep == KEEP_LAST)
		c->priority = (double)r->n;
	if (choose_later(chooser, c) < 0)
		no_temporary();
}

static void decide(void)
{
	if (choose_all(chooser) < 0)
		no_temporary();
	if (mark)
		name_clusters();
}

static void emit(struct rec *r)
{
	carry_out(r, choose_verdict(chooser, r->n));
}

/* ---- start and stop ---- */

static void start_keep(void)
{
	static const char *const words[] = { "first", "last", "longest" };

	if (strncmp(keep_text, "best:", 5) == 0 && keep_text[5]) {
		keep = KEEP_BEST;
		best_field = keep_text + 5;
		return;
	}
	for (size_t i = 0; i < COUNT(words); i++) {
		if (strcmp(keep_text, words[i]) == 0) {
			keep = (enum keep)i;
			return;
		}
	}
	die(EXIT_USAGE, "--keep %s: not first, last, longest or best:FIELD", keep_text);
}

static struct filter dedup;

static void start(void)
{
	const char *why;

	if (!rules.near && (opt_given(&rules.threshold) || rules.each || opt_given(&permutations)))
		die(EXIT_USAGE, "--threshold, --each and --permutations are for --near");
	if (mark && (opt_given(&same_threshold) || contradiction_policy == DROP))
		die(EXIT_USAGE, "--mark drops nothing: no --same, no --contradiction drop");
	if (rules.each && key != KEY_PAIR)
		die(EXIT_USAGE, "--each is for --key pair");
	if (contradiction_policy == DROP && key != KEY_PAIR)
		die(EXIT_USAGE, "--contradiction drop is for --key pair");
	if (contradiction_policy == DROP && index_path)
		die(EXIT_USAGE, "--contradiction drop and --index: an index does not hold what contradictions are found by");
	run_side_file(index_path);
	start_keep();
	if (keep != KEEP_FIRST) {
		dedup.settle = settle_all;
		dedup.decide = decide;
		dedup.emit = emit;
	}
	rules.pair = key == KEY_PAIR;
	rules.keep_swapped = swapped_policy == KEEP && !mark;
	rules.ngram = (uint32_t)ngram;
	rules.permutations = (uint32_t)permutations;
	rules.reading = (uint64_t)key << 1 | normalise;
	seen = seen_open(&rules);
	if (!seen)
		die(EXIT_SYSTEM, "cannot make a temporary file in $TMPDIR:");
	if (index_path && !seen_load(seen, index_path, &why))
		die(EXIT_SYSTEM, "%s: %s", index_path, why);
	if (mark && keep == KEEP_FIRST)
		name_clusters();
	n_before = seen_count(seen);
	chooser = choose_new(seen, contradiction_policy == DROP);
	pthread_key_create(&scratch_key, free_scratch);
}

static void stop(void)
{
	const struct minhash_plan *plan = seen_plan(seen);
	const size_t n = seen_count(seen);
	struct arena a = { 0 };

	if (rules.near)
		tell_json("near", arena_printf(&a, "{\"threshold\":%g,\"ngram\":%ld,\"permutations\":%ld,\"bands\":%u,"
			"\"rows\":%u,\"recall_at_threshold\":%.4f}", rules.threshold, ngram, permutations,
			plan->bands, plan->rows, plan->recall));
	if (mark)
		tell_note("clusters", arena_printf(&a, "%zu new", n - n_before).p, arena_printf(&a, "%zu", n - n_before));
	if (index_path)
		tell_note("index", arena_printf(&a, "%zu records, %zu of them new", n, n - n_before).p,
			arena_printf(&a, "{\"records\":%zu,\"new\":%zu}", n, n - n_before));
	arena_free(&a);
}

/* An index that knows records which are in no output would lose them for good: it comes last. */
static void done(void)
{
	const char *why;

	if (index_path && !seen_save(seen, index_path, &why))
		die(EXIT_SYSTEM, "%s: %s", index_path, why);
	free_scratch(scratch());
	pthread_setspecific(scratch_key, NULL);
	choose_free(chooser);
	seen_close(seen);
	keyset_free(&names);
	keyset_free(&renamed);
}

static struct filter dedup = {
	.name = "pref-dedup", .about = "drop records that repeat others", .options = options,
	.start = start, .look = look, .settle = settle_first, .stop = stop, .done = done
};

int main(int argc, char **argv)
{
	return filter_main(&dedup, argc, argv);
}
