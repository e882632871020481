/* layout_lists - layouts with more than two responses to a prompt: ranks, ratings, scores */
#include "layout_draft.h"

struct list {
	const char *prompt, *list;	/* members */
	const char *text, *value;	/* members of an element; value NULL: it has none; text NULL: it is a string */
	bool rank;			/* lower is better; the lowest is first_rank */
	double first_rank;
	bool html;
};

static const struct list *spec(const struct draft *d)
{
	return d->layout->spec;
}

/* ---- one array of objects ---- */

static struct span stripped(struct draft *d, struct value html)
{
	struct buf text = { 0 }, json = { 0 };
	struct span s;

	html_text(json_text(html, d->arena), &text);
	json_put_text(&json, buf_span(&text));
	s = arena_copy(d->arena, buf_span(&json));
	buf_free(&text);
	buf_free(&json);
	return s;
}

static bool take_element(struct draft *d, struct value element, bool messages)
{
	const char *name = spec(d)->text;
	struct value text = name ? scan_member(element, span_of(name)) : element, value = { 0 };
	struct span json = messages ? messages_of(d->arena, text, "assistant") :
		spec(d)->html && text.kind == JSON_STRING ? stripped(d, text) : text.raw;
	struct item *it;
	double x = 0;

	if (!name && text.kind != JSON_STRING)
		return draft_fail(d, element, "an element of \"%s\" is no string", spec(d)->list);
	if (!json.p || (!messages && text.kind != JSON_STRING))
		return draft_fail(d, element, "an element of \"%s\" has no \"%s\"", spec(d)->list, spec(d)->text);
	it = draft_response(d, json);
	if (spec(d)->value) {
		value = scan_member(element, span_of(spec(d)->value));
		it->valued = value_number(value, d->arena, &x);
		d->left_out += !it->valued;
	}
	if (it->valued) {
		it->value = spec(d)->rank ? -x : x;
		draft_attr(d, &it->attrs, spec(d)->rank ? S("rank") : S("score"), value.raw);
	}
	if (!name)
		return true;
	draft_attrs_of(d, &it->attrs, element,
		arena_printf(d->arena, "%s %s", spec(d)->text, spec(d)->value ? spec(d)->value : "").p);
	return true;
}

/* Ranks that do not begin where the layout's do may be ranks of another kind. */
static bool ranks_fit(struct draft *d, struct value list)
{
	double low = spec(d)->first_rank;
	bool any = false;

	for (size_t i = 0; i < d->n; i++) {
		if (d->items[i].valued && (!any || -d->items[i].value < low)) {
			low = -d->items[i].value;
			any = true;
		}
	}
	if (!spec(d)->rank || low == spec(d)->first_rank || d->named)
		return true;
	d->doubt = true;
	return draft_fail(d, list, "ranks begin at %g, not %g: is the lowest rank the best? If so, say --from %s",
		low, spec(d)->first_rank, d->layout->name);
}

static bool read_list(struct draft *d)
{
	struct value prompt = draft_take(d, spec(d)->prompt), list;
	const bool messages = prompt.kind == JSON_ARRAY;
	struct scan_iter it;
	struct member m;

	d->prompt = messages ? messages_of(d->arena, prompt, "user") :
		spec(d)->html && prompt.kind == JSON_STRING ? stripped(d, prompt) : prompt.raw;
	if (!d->prompt.p || (!messages && prompt.kind != JSON_STRING))
		return draft_wrong(d, prompt, spec(d)->prompt, "a string or messages");
	if (!draft_need(d, spec(d)->list, JSON_ARRAY, &list))
		return false;
	d->scores = !spec(d)->rank;
	for (it = scan_open(list); scan_next(&it, &m);)
		if (!take_element(d, m.val, messages))
			return false;
	return ranks_fit(d, list);
}

static bool has(struct value v, struct span member)
{
	return scan_member(v, member).kind != JSON_NONE;
}

static bool like_nectar(struct rec *r)
{
	struct value first = scan_element(rec_get(r, "answers"), 0);

	return has(first, S("answer")) && has(first, S("rank"));
}

static bool like_stackexchange(struct rec *r)
{
	struct value first = scan_element(rec_get(r, "answers"), 0);

	return has(first, S("text")) && has(first, S("pm_score"));
}

static bool like_nemo(struct rec *r)
{
	struct value first = scan_element(rec_get(r, "completions"), 0);

	return has(first, S("completion")) && has(first, S("rank"));
}

static bool like_instances(struct rec *r)
{
	struct value first = scan_element(rec_get(r, "completions"), 0);

	return has(first, S("completion")) && !has(first, S("rank"));
}

/* Elements are strings. */
static bool texts(struct rec *r, const char *list)
{
	return scan_element(rec_get(r, list), 0).kind == JSON_STRING;
}

static bool like_responses(struct rec *r)
{
	return texts(r, "responses");
}

static bool like_samples(struct rec *r)
{
	return texts(r, "samples");
}

static bool like_completions(struct rec *r)
{
	return texts(r, "completions");
}

static bool like_ultrafeedback(struct rec *r)
{
	return has(scan_element(rec_get(r, "completions"), 0), S("response"));
}

/* ---- UltraFeedback ---- */

/* Mean of the aspects' ratings; those written "N/A" do not count. False: none counts. */
static bool mean_rating(struct draft *d, struct value annotations, double *mean)
{
	struct scan_iter it = scan_open(annotations);
	struct member m;
	double sum = 0, x;
	size_t n = 0;

	while (scan_next(&it, &m)) {
		if (!value_number(scan_member(m.val, S("Rating")), d->arena, &x))
			continue;
		sum += x;
		n++;
	}
	*mean = n ? sum / (double)n : 0;
	return n > 0;
}

/* In the published files an overall score of 1 often became 10. A 10 beside aspects that are rated 2 or less
 * of 5 on average cannot be told from such a 1. */
static bool read_ultrafeedback(struct draft *d)
{
	struct value instruction, list;
	const bool overall = strcmp(d->label, "overall") == 0;
	struct scan_iter it;
	struct member m;

	if (!draft_need(d, "instruction", JSON_STRING, &instruction) ||
	    !draft_need(d, "completions", JSON_ARRAY, &list))
		return false;
	d->prompt = instruction.raw;
	d->scores = true;
	draft_take(d, "models");
	for (it = scan_open(list); scan_next(&it, &m);) {
		struct value text = scan_member(m.val, S("response"));
		struct value score = scan_member(m.val, S("overall_score"));
		struct item *item;
		double mean, x;
		bool rated;

		if (text.kind != JSON_STRING)
			return draft_fail(d, m.val, "a completion has no \"response\"");
		rated = mean_rating(d, scan_member(m.val, S("annotations")), &mean);
		item = draft_response(d, text.raw);
		item->value = mean;
		item->valued = rated;
		if (overall) {
			item->valued = value_number(score, d->arena, &x) && !(x == 10 && rated && mean <= 2);
			item->value = x;
		}
		d->left_out += !item->valued;
		if (item->valued)
			draft_attr(d, &item->attrs, S("score"), overall ? score.raw : draft_number(d, mean));
		draft_attrs_of(d, &item->attrs, m.val, "response");
	}
	return true;
}

/* ---- parallel arrays ---- */

static void take_parallel(struct draft *d, const char *name, struct span as)
{
	struct scan_iter it = scan_open(draft_take(d, name));
	struct member m;

	for (size_t i = 0; i < d->n && scan_next(&it, &m); i++)
		if (m.val.kind != JSON_NULL)
			draft_attr(d, &d->items[i].attrs, as, m.val.raw);
}

static bool read_distilabel(struct draft *d)
{
	struct value instruction, list, ratings;
	struct scan_iter it, rating;
	struct member m, score;

	if (!draft_need(d, "instruction", JSON_STRING, &instruction) ||
	    !draft_need(d, "generations", JSON_ARRAY, &list) ||
	    !draft_need(d, "ratings", JSON_ARRAY, &ratings))
		return false;
	if (scan_count(list) != scan_count(ratings))
		return draft_fail(d, ratings, "%zu generations but %zu ratings", scan_count(list), scan_count(ratings));
	d->prompt = instruction.raw;
	d->scores = true;
	rating = scan_open(ratings);
	for (it = scan_open(list); scan_next(&it, &m) && scan_next(&rating, &score);) {
		struct item *item;

		if (m.val.kind != JSON_STRING)
			return draft_fail(d, m.val, "a generation is not a string");
		item = draft_response(d, m.val.raw);
		item->valued = value_number(score.val, d->arena, &item->value);
		d->left_out += !item->valued;
		if (item->valued)
			draft_attr(d, &item->attrs, S("score"), score.val.raw);
	}
	take_parallel(d, "generation_models", S("model"));
	take_parallel(d, "rationales", S("rationale"));
	return true;
}

/* RewardBench 2: every chosen one is better than every rejected one. */
static bool read_rewardbench2(struct draft *d)
{
	static const char *const names[] = { "chosen", "rejected" };
	struct value prompt, list;

	if (!draft_need(d, "prompt", JSON_STRING, &prompt))
		return false;
	d->prompt = prompt.raw;
	for (int i = 0; i < 2; i++) {
		struct scan_iter it;
		struct member m;

		if (!draft_need(d, names[i], JSON_ARRAY, &list))
			return false;
		for (it = scan_open(list); scan_next(&it, &m);) {
			struct item *item;

			if (m.val.kind != JSON_STRING)
				return draft_fail(d, m.val, "an element of \"%s\" is not a string", names[i]);
			item = draft_response(d, m.val.raw);
			item->value = 1 - i;
			item->valued = true;
		}
	}
	take_parallel(d, "models", S("model"));
	return true;
}

/* ---- comparisons of every two ---- */

/* "preference" holds 1v2, 1v3, 1v4, 2v3, 2v4, 3v4: 1 the first, 2 the second, 0 neither. Wins less losses
 * rank the four; a pair is made only where its own comparison says so. The feedback is about prediction 1 (offsets in
 * characters of it). */
static bool read_finegrained(struct draft *d)
{
	struct value question, preference;
	struct scan_iter it;
	struct member m;
	signed char *beats = arena_alloc(d->arena, 16);

	if (!draft_need(d, "question", JSON_STRING, &question) ||
	    !draft_need(d, "preference", JSON_ARRAY, &preference))
		return false;
	d->prompt = question.raw;
	for (char name[] = "prediction 1"; name[11] <= '4'; name[11]++) {
		struct value v;

		if (!draft_need(d, name, JSON_STRING, &v))
			return false;
		draft_response(d, v.raw)->valued = true;
	}
	draft_attr(d, &d->items[0].attrs, S("feedback"), draft_take(d, "feedback").raw);
	memset(beats, 0, 16);
	it = scan_open(preference);
	for (size_t i = 0; i < 4; i++) {
		for (size_t j = i + 1; j < 4; j++) {
			double x;

			if (!scan_next(&it, &m) || !json_number(m.val, &x) || (x != 0 && x != 1 && x != 2))
				return draft_fail(d, preference, "\"preference\" is not six numbers 0, 1 or 2");
			beats[4 * i + j] = (signed char)(x == 1 ? 1 : x == 2 ? -1 : 0);
			beats[4 * j + i] = (signed char)-beats[4 * i + j];
			d->items[i].value += beats[4 * i + j];
			d->items[j].value += beats[4 * j + i];
		}
	}
	d->beats = beats;
	return true;
}

/* ---- Argilla: ranks by several people ---- */

/* Mean rank over the answers that were submitted; 1 is best. */
static bool read_argilla(struct draft *d)
{
	struct value prompt, answers;
	size_t n_answers = 0;
	struct scan_iter it;
	struct member m;

	if (!draft_need(d, "prompt", JSON_STRING, &prompt) || !draft_need(d, "preference", JSON_ARRAY, &answers))
		return false;
	d->prompt = prompt.raw;
	for (char name[] = "response1"; name[8] <= '9'; name[8]++) {
		struct value v = draft_take(d, name);

		if (v.kind == JSON_STRING)
			draft_attr(d, &draft_response(d, v.raw)->attrs, S("name"),
				arena_printf(d->arena, "\"%s\"", name));
	}
	for (it = scan_open(answers); scan_next(&it, &m);) {
		struct value value = scan_member(m.val, S("value")), status = scan_member(m.val, S("status"));
		struct scan_iter rank = scan_open(scan_member(value, S("rank")));
		struct scan_iter name = scan_open(scan_member(value, S("value")));
		struct member mr, mn;

		if (status.kind != JSON_NONE && !span_eq(status.raw, S("\"submitted\"")))
			continue;
		n_answers++;
		while (scan_next(&rank, &mr) && scan_next(&name, &mn)) {
			double x;

			for (size_t i = 0; i < d->n; i++) {
				if (span_eq(d->items[i].attrs.v[0].json, mn.val.raw) && json_number(mr.val, &x)) {
					d->items[i].value -= x;
					d->items[i].valued = true;
				}
			}
		}
	}
	for (size_t i = 0; i < d->n; i++) {
		d->items[i].value /= n_answers ? (double)n_answers : 1;
		if (d->items[i].valued)
			draft_attr(d, &d->items[i].attrs, S("rank"), draft_number(d, -d->items[i].value));
	}
	draft_share(d, "annotations", answers.raw);
	return true;
}

#define NO_PAIR "make no pair"

/* Strings that nothing is said of. */
#define TEXTS(of, fits) \
	{ .name = "texts-" of, .members = "prompt:s " of ":a", "nothing: use --candidates", "none", .unranked = true, \
		.kind = LAYOUT_LIST, .test = fits, .read = read_list, \
		.spec = &(const struct list){ "prompt", of, NULL, NULL, false, 0, false } }

const struct layout layouts_lists[] = {
	{ .name = "nectar", .members = "prompt:s answers:a", "rank 1 is best", "equal ranks " NO_PAIR,
		.kind = LAYOUT_LIST, .test = like_nectar, .read = read_list,
		.spec = &(const struct list){ "prompt", "answers", "answer", "rank", true, 1, false } },
	{ .name = "nemo-rl", .members = "context completions:a", "rank 0 is best", "equal ranks " NO_PAIR,
		.kind = LAYOUT_LIST, .test = like_nemo, .read = read_list,
		.spec = &(const struct list){ "context", "completions", "completion", "rank", true, 0, false } },
	{ .name = "stackexchange", .members = "question:s answers:a", "the higher pm_score; HTML becomes text",
		"equal scores " NO_PAIR, .kind = LAYOUT_LIST, .test = like_stackexchange, .read = read_list,
		.spec = &(const struct list){ "question", "answers", "text", "pm_score", false, 0, true } },
	{ .name = "ultrafeedback", .members = "instruction:s completions:a",
		"the higher mean of the aspects' ratings, N/A left out; --label overall: the overall_score, "
		"a 10 beside a mean of 2 or less left out", "equal ones " NO_PAIR, .labels = "mean overall",
		.kind = LAYOUT_LIST, .test = like_ultrafeedback, .read = read_ultrafeedback },
	{ .name = "distilabel-ratings", .members = "instruction:s generations:a ratings:a !chosen", "the higher rating",
		"equal ratings " NO_PAIR, .kind = LAYOUT_LIST, .read = read_distilabel },
	{ .name = "rewardbench2", .members = "prompt:s chosen:a rejected:a num_correct", "each of \"chosen\" is better",
		"two of one side " NO_PAIR, .kind = LAYOUT_LIST, .read = read_rewardbench2 },
	{ .name = "finegrained", .members = "question:s preference:a feedback:o",
		"the comparison of the two; for best and worst: wins less losses",
		"0 " NO_PAIR, .kind = LAYOUT_LIST, .read = read_finegrained },
	{ .name = "argilla-ranking", .members = "prompt:s response1:s response2:s preference:a",
		"the lower mean rank over submitted answers", "equal ranks " NO_PAIR,
		.kind = LAYOUT_LIST, .read = read_argilla },
	{ .name = "tulu-instances", .members = "prompt:s completions:a", "nothing: use --candidates", "none",
		.unranked = true, .kind = LAYOUT_LIST, .test = like_instances, .read = read_list,
		.spec = &(const struct list){ "prompt", "completions", "completion", NULL, false, 0, false } },
	TEXTS("responses", like_responses),
	TEXTS("samples", like_samples),		/* CodeT */
	TEXTS("completions", like_completions),
	{ 0 }
};
