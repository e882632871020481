/* layout_votes - layouts of annotation tools and arenas: two responses, and people or judges who voted */
#include "layout_draft.h"

/* More than any other has it; else a tie. */
static enum outcome plurality(const struct draft *d)
{
	const size_t *n = d->n_voted;

	if (n[FIRST] > n[SECOND] && n[FIRST] > n[TIE])
		return FIRST;
	if (n[SECOND] > n[FIRST] && n[SECOND] > n[TIE])
		return SECOND;
	return TIE;
}

/* A string among words: 0, 1, ... or -1. */
static int word_of(struct value v, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v.kind == JSON_STRING && span_eq((struct span){ v.raw.p + 1, v.raw.n - 2 }, span_of(words[i])))
			return (int)i;
	return -1;
}

static bool take_response(struct draft *d, const char *name)
{
	struct value v;

	if (!draft_need(d, name, JSON_STRING, &v))
		return false;
	draft_response(d, v.raw);
	return true;
}

static void take_side(struct draft *d, const char *first, const char *second, const char *as)
{
	const char *names[2] = { first, second };

	for (int i = 0; i < 2 && d->n == 2; i++) {
		struct value v = draft_take(d, names[i]);

		if (v.kind != JSON_NONE && v.kind != JSON_NULL)
			draft_attr(d, &d->items[i].attrs, span_of(as), v.raw);
	}
}

/* ---- rows of people's votes ---- */

static bool read_pandalm(struct draft *d)
{
	struct value instruction, input = draft_take(d, "input");

	d->positions = true;
	if (!draft_need(d, "instruction", JSON_STRING, &instruction) ||
	    !take_response(d, "response1") || !take_response(d, "response2"))
		return false;
	d->prompt = instruction.raw;
	if (input.kind == JSON_STRING && input.raw.n > 2)
		d->prompt = json_join(d->arena, d->prompt, "\\n", input.raw);
	for (char name[] = "annotator1"; name[9] <= '9'; name[9]++) {
		struct value v = draft_take(d, name);
		double x;

		if (v.kind == JSON_NONE)
			continue;
		if (!json_number(v, &x) || (x != 0 && x != 1 && x != 2))
			return draft_fail(d, v, "\"%s\" is not 0, 1 or 2", name);
		draft_vote(d, arena_printf(d->arena, "%s", name), x == 0 ? TIE : x == 1 ? FIRST : SECOND);
	}
	d->outcome = plurality(d);
	draft_share_votes(d);
	return true;
}

/* Votes of judges who saw both orders, each in terms of the response: [as given, exchanged], 0 is no verdict. */
static bool read_llmbar_votes(struct draft *d)
{
	static const struct span words[] = { S("0"), S("1"), S("2") };
	static const enum outcome outcomes[] = { BY_VALUE, FIRST, SECOND };
	struct value prompt, votes;
	struct scan_iter it;
	struct member m;

	d->positions = true;
	if (!draft_need(d, "prompt", JSON_STRING, &prompt) || !take_response(d, "output_1") ||
	    !take_response(d, "output_2") || !draft_need(d, "votes", JSON_OBJECT, &votes))
		return false;
	d->prompt = prompt.raw;
	it = scan_open(votes);
	while (scan_next(&it, &m)) {
		size_t said[2] = { 0 };

		for (size_t i = 0; i < 2; i++)
			while (said[i] < COUNT(words) && !span_eq(scan_element(m.val, i).raw, words[said[i]]))
				said[i]++;
		if (scan_count(m.val) != 2 || said[0] == COUNT(words) || said[1] == COUNT(words))
			return draft_fail(d, m.val, "a vote is not two of 0, 1 and 2");
		draft_vote_both(d, m.key_plain ? m.key : json_unescape(m.key, d->arena), outcomes[said[0]],
			outcomes[said[1]]);
	}
	d->outcome = plurality(d);
	draft_share_votes(d);
	return true;
}

static bool read_tulu(struct draft *d)
{
	static const char *const words[] = { "a-is-better", "a-is-slightly-better", "tie", "b-is-slightly-better",
		"b-is-better" };
	struct value prompt, preference = draft_take(d, "preference");
	int grade = word_of(preference, words, COUNT(words));

	d->positions = true;
	if (!draft_need(d, "prompt", JSON_STRING, &prompt) || !take_response(d, "completion_a") ||
	    !take_response(d, "completion_b"))
		return false;
	if (grade < 0)
		return draft_fail(d, preference, "\"preference\" is not one of the five grades");
	d->prompt = prompt.raw;
	take_side(d, "model_a", "model_b", "model");
	take_side(d, "a_acceptable", "b_acceptable", "acceptable");
	d->outcome = grade < 2 ? FIRST : grade > 2 ? SECOND : TIE;
	d->strength = grade == 0 || grade == 4 ? 2 : grade == 2 ? 0 : 1;
	return true;
}

/* ---- arenas: whole conversations with two models ---- */

static bool read_arena(struct draft *d)
{
	static const char *const words[] = { "model_a", "model_b", "tie", "tie (bothbad)", "bothbad", "both_bad" };
	struct value a, b, winner = draft_take(d, "winner"), judge = draft_take(d, "judge");
	int who = word_of(winner, words, COUNT(words));
	struct span x, y;

	if (!draft_need(d, "conversation_a", JSON_ARRAY, &a) || !draft_need(d, "conversation_b", JSON_ARRAY, &b))
		return false;
	if (who < 0)
		return draft_fail(d, winner, "\"winner\" is not model_a, model_b or a tie");
	x = messages_of(d->arena, a, "user");
	y = messages_of(d->arena, b, "user");
	if (!x.p || !y.p)
		return draft_fail(d, x.p ? b : a, "a conversation is not an array of messages");
	d->positions = true;
	d->outcome = who == 0 ? FIRST : who == 1 ? SECOND : TIE;
	if (!draft_cut_messages(d, value_of(x), value_of(y)))
		return false;
	take_side(d, "model_a", "model_b", "model");
	if (judge.kind == JSON_STRING)
		draft_share(d, "annotator", judge.raw);
	if (who > 2)
		draft_share(d, "both_bad", S("true"));
	return true;
}

/* A list, or a string that holds one (the CSV files of the competition). */
static struct value take_list(struct draft *d, const char *name)
{
	struct value v = draft_take(d, name);
	struct scan_error e;

	if (v.kind == JSON_STRING && !scan(json_text(v, d->arena), 0, NULL, &v, &e))
		v = (struct value){ 0 };
	return v;
}

/* Turns of one side, question and answer in turn; absent when the lists do not match. */
static struct span dialogue(struct draft *d, struct value asked, struct value said)
{
	struct scan_iter q = scan_open(asked), a = scan_open(said);
	struct member mq, ma;
	struct buf b = { 0 };
	struct span out = { 0 };

	while (scan_next(&q, &mq)) {
		if (!scan_next(&a, &ma))
			goto done;
		buf_adds(&b, b.n ? ",{\"role\":\"user\",\"content\":" : "[{\"role\":\"user\",\"content\":");
		buf_add(&b, mq.val.kind == JSON_STRING ? mq.val.raw : S("\"\""));
		buf_adds(&b, "},{\"role\":\"assistant\",\"content\":");
		buf_add(&b, ma.val.kind == JSON_STRING ? ma.val.raw : S("\"\""));
		buf_addc(&b, '}');
	}
	if (b.n && !scan_next(&a, &ma)) {
		buf_addc(&b, ']');
		out = arena_copy(d->arena, buf_span(&b));
	}
done:
	buf_free(&b);
	return out;
}

static bool read_kaggle(struct draft *d)
{
	static const char *const names[] = { "winner_model_a", "winner_model_b", "winner_tie" };
	struct value asked = take_list(d, "prompt"), a = take_list(d, "response_a"), b = take_list(d, "response_b");
	struct span x = dialogue(d, asked, a), y = dialogue(d, asked, b);
	int winner = -1;

	if (!x.p || !y.p)
		return draft_fail(d, rec_get(d->r, "prompt"),
			"\"prompt\", \"response_a\" and \"response_b\" are not lists of one length");
	for (int i = 0; i < 3; i++) {
		double one;

		if (!value_number(draft_take(d, names[i]), d->arena, &one) || one == 0)
			continue;
		if (winner >= 0)
			return draft_fail(d, rec_get(d->r, names[i]), "two winners");
		winner = i;
	}
	if (winner < 0)
		return draft_fail(d, (struct value){ 0 }, "no winner");
	d->positions = true;
	d->outcome = winner == 0 ? FIRST : winner == 1 ? SECOND : TIE;
	if (!draft_cut_messages(d, value_of(x), value_of(y)))
		return false;
	take_side(d, "model_a", "model_b", "model");
	return true;
}

/* ---- FastChat: the texts are only in the judge's prompt ---- */

/* Escaped text of s between two marks, both sides' line ends left out. p NULL: a mark is missing. */
static struct span between(struct span s, struct span open, struct span close)
{
	size_t from = span_find(s, open), to;

	if (from == (size_t)-1)
		return (struct span){ 0 };
	s = span_cut(s, from + open.n, s.n);
	to = span_find(s, close);
	if (to == (size_t)-1)
		return (struct span){ 0 };
	s = span_cut(s, 0, to);
	while (span_starts(s, S("\\n")))
		s = span_cut(s, 2, s.n);
	while (span_ends(s, S("\\n")) && begins_escape(s, s.n - 2))
		s = span_cut(s, 0, s.n - 2);
	return s;
}

static bool read_fastchat(struct draft *d)
{
	static const char *const words[] = { "model_1", "model_2", "tie" };
	static const struct { struct span open, close; } marks[] = {
		{ S("[User Question]"), S("[The Start of Assistant A's Answer]") },
		{ S("[The Start of Assistant A's Answer]"), S("[The End of Assistant A's Answer]") },
		{ S("[The Start of Assistant B's Answer]"), S("[The End of Assistant B's Answer]") },
	};
	struct value text, judge = scan_element(rec_get(d->r, "judge"), 0), why = draft_take(d, "g1_judgment");
	int g1 = word_of(draft_take(d, "g1_winner"), words, 3), g2 = word_of(draft_take(d, "g2_winner"), words, 3);
	struct span part[3];

	if (!draft_need(d, "g1_user_prompt", JSON_STRING, &text))
		return false;
	if (g1 < 0 || g2 < 0)
		return draft_drop(d, "failed");
	for (int i = 0; i < 3; i++) {
		part[i] = between(text.raw, marks[i].open, marks[i].close);
		if (!part[i].p)
			return draft_drop(d, "unparsed");
	}
	d->prompt = json_quote(d->arena, part[0]);
	draft_response(d, json_quote(d->arena, part[1]));
	draft_response(d, json_quote(d->arena, part[2]));
	d->positions = true;
	d->outcome = g1 != g2 || g1 == 2 ? TIE : g1 == 0 ? FIRST : SECOND;
	take_side(d, "model_1", "model_2", "model");
	if (judge.kind == JSON_STRING)
		draft_share(d, "annotator", judge.raw);
	if (why.kind == JSON_STRING && why.raw.n > 2)
		draft_share(d, "rationale", why.raw);
	return true;
}

/* ---- Label Studio ---- */

static bool take_of(struct draft *d, struct value data, const char *const *names, size_t n, struct span *out)
{
	for (size_t i = 0; i < n && !out->p; i++) {
		struct value v = scan_member(data, span_of(names[i]));

		if (v.kind == JSON_STRING)
			*out = v.raw;
	}
	return out->p || draft_fail(d, data, "\"data\" has no member \"%s\"", names[0]);
}

/* Who made an annotation: a number, an object with an id, or else its place among them. */
static struct span annotator(struct draft *d, struct value annotation, size_t place)
{
	struct value who = scan_member(annotation, S("completed_by"));

	if (who.kind == JSON_OBJECT)
		who = scan_member(who, S("id"));
	if (who.kind == JSON_STRING)
		return json_text(who, d->arena);
	return who.kind == JSON_NUMBER ? who.raw : arena_printf(d->arena, "annotation %zu", place);
}

static bool read_label_studio(struct draft *d)
{
	static const char *const prompts[] = { "prompt", "question", "instruction", "text" };
	static const char *const firsts[] = { "answer1", "response1", "left", "text1", "response_a", "answer_a" };
	static const char *const seconds[] = { "answer2", "response2", "right", "text2", "response_b", "answer_b" };
	static const char *const sides[] = { "left", "right" };
	struct value data, annotations;
	struct span first = { 0 }, second = { 0 };
	struct scan_iter it;
	struct member m, result;

	if (!draft_need(d, "data", JSON_OBJECT, &data) || !draft_need(d, "annotations", JSON_ARRAY, &annotations) ||
	    !take_of(d, data, prompts, COUNT(prompts), &d->prompt) ||
	    !take_of(d, data, firsts, COUNT(firsts), &first) || !take_of(d, data, seconds, COUNT(seconds), &second))
		return false;
	draft_response(d, first);
	draft_response(d, second);
	draft_attrs_of(d, &d->shared, data, "prompt question instruction text answer1 response1 left text1 response_a "
		"answer_a answer2 response2 right text2 response_b answer_b");
	it = scan_open(annotations);
	for (size_t place = 1; scan_next(&it, &m); place++) {
		struct scan_iter results = scan_open(scan_member(m.val, S("result")));

		if (scan_member(m.val, S("was_cancelled")).kind == JSON_TRUE)
			continue;
		while (scan_next(&results, &result)) {
			int side = word_of(scan_member(scan_member(result.val, S("value")), S("selected")), sides, 2);

			if (span_eq(scan_member(result.val, S("type")).raw, S("\"pairwise\"")))
				draft_vote(d, annotator(d, m.val, place), side == 0 ? FIRST : side == 1 ? SECOND : TIE);
		}
	}
	d->positions = true;
	d->outcome = plurality(d);
	if (d->votes.n == 0)
		d->drop = "unranked";
	draft_share_votes(d);
	return true;
}

const struct layout layouts_votes[] = {
	{ .name = "pandalm", .members = "instruction:s response1:s response2:s annotator1",
		"the most annotators: 1 the first, 2 the second, 0 neither", "no majority is a tie",
		.kind = LAYOUT_PAIR, .read = read_pandalm },
	{ .name = "llmbar-votes", .members = "prompt:s output_1:s output_2:s votes:o gold",
		"the most \"votes\": [as given, exchanged], 1 the first, 2 the second, 0 none", "no majority is a tie",
		.kind = LAYOUT_PAIR, .read = read_llmbar_votes },
	{ .name = "tulu", .members = "prompt:s completion_a:s completion_b:s preference:s",
		"the grade: a- or b-is-better (margin 2), slightly (1)", "tie is a tie",
		.kind = LAYOUT_PAIR, .read = read_tulu },
	{ .name = "lmsys-arena", .members = "winner:s conversation_a:a conversation_b:a", "\"winner\"",
		"tie and tie (bothbad) are ties", .kind = LAYOUT_PAIR, .read = read_arena },
	{ .name = "lmsys-kaggle", .members = "prompt response_a response_b winner_model_a winner_model_b winner_tie",
		"the winner_ member that is 1", "winner_tie is a tie", .kind = LAYOUT_PAIR, .read = read_kaggle },
	{ .name = "fastchat", .members = "g1_winner g2_winner g1_user_prompt:s", "the winner of both games",
		"a tie in either, or two winners, is a tie", .kind = LAYOUT_PAIR, .read = read_fastchat },
	{ .name = "label-studio", .members = "data:o annotations:a", "the side that most annotators selected",
		"no majority is a tie", .kind = LAYOUT_PAIR, .read = read_label_studio },
	{ 0 }
};
