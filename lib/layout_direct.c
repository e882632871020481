/* layout_direct - layouts that name the chosen and the rejected response themselves */
#include "layout_draft.h"

struct direct {
	const char *prompt;
	const char *chosen, *rejected;
	const char *scores[2];		/* of chosen and rejected; NULL: none */
};

static const struct direct *spec(const struct draft *d)
{
	return d->layout->spec;
}

/* Scores of items 0 (chosen) and 1. Equal scores state no preference, whatever the members are called. */
static bool take_scores(struct draft *d, const char *chosen, const char *rejected)
{
	const char *names[2] = { chosen, rejected };

	d->outcome = FIRST;
	if (!chosen || d->n < 2)
		return true;
	d->scores = true;
	for (int i = 0; i < 2; i++) {
		struct value v = draft_take(d, names[i]);

		if (v.kind == JSON_NONE || v.kind == JSON_NULL)
			continue;
		if (!value_number(v, d->arena, &d->items[i].value))
			return draft_wrong(d, v, names[i], "a number");
		d->items[i].valued = true;
		draft_attr(d, &d->items[i].attrs, S("score"), v.raw);
	}
	if (d->items[0].valued && d->items[1].valued && d->items[0].value == d->items[1].value)
		d->outcome = TIE;
	return true;
}

/* ---- ours already ---- */

static bool read_same(struct draft *d)
{
	d->same = true;
	return true;
}

static bool answers_only(struct rec *r)
{
	return !is_dialogue(rec_get(r, "chosen"));
}

/* ---- whole texts: the prompt is what both begin with ---- */

static bool blank_at(struct span s, size_t i)
{
	if (s.p[i] == ' ')
		return true;
	return s.p[i] == '\\' && begins_escape(s, i) && (s.p[i + 1] == 'n' || s.p[i + 1] == 't');
}

static bool text_after(struct span s, size_t from)
{
	while (from < s.n && blank_at(s, from))
		from += s.p[from] == ' ' ? 1 : 2;
	return from < s.n;
}

static bool ends_prompt(struct span s, size_t at)
{
	return at < s.n && blank_at(s, at) && text_after(s, at);
}

/* Neither side may be left without a text, and no word is cut: the prompt ends before a blank. */
static bool read_implicit(struct draft *d)
{
	struct value a, b;
	struct span x, y;
	size_t n = 0;

	if (!draft_need(d, "chosen", JSON_STRING, &a) || !draft_need(d, "rejected", JSON_STRING, &b))
		return false;
	if (span_eq(a.raw, b.raw))
		return draft_drop(d, "equal");
	x = (struct span){ a.raw.p + 1, a.raw.n - 2 };
	y = (struct span){ b.raw.p + 1, b.raw.n - 2 };
	while (n < x.n && n < y.n && x.p[n] == y.p[n])
		n++;
	while (n > 0 && !(ends_prompt(x, n) && ends_prompt(y, n)))
		n--;
	d->prompt = json_quote(d->arena, span_cut(x, 0, n));
	draft_response(d, json_quote(d->arena, span_cut(x, n, x.n)));
	draft_response(d, json_quote(d->arena, span_cut(y, n, y.n)));
	d->outcome = FIRST;
	return true;
}

static bool transcripts(struct rec *r)
{
	return is_transcript(rec_get(r, "chosen")) && is_transcript(rec_get(r, "rejected"));
}

static bool not_transcripts(struct rec *r)
{
	return !transcripts(r);
}

static bool read_hh(struct draft *d)
{
	struct value a, b;

	if (!draft_need(d, "chosen", JSON_STRING, &a) || !draft_need(d, "rejected", JSON_STRING, &b))
		return false;
	if (!is_transcript(a) || !is_transcript(b))
		return draft_fail(d, is_transcript(a) ? b : a, "no turns \"Human:\" and \"Assistant:\"");
	d->outcome = FIRST;
	return draft_cut_transcripts(d, a, b);
}

/* ---- whole dialogues ---- */

static bool dialogues(struct rec *r)
{
	return is_dialogue(rec_get(r, "chosen")) && is_dialogue(rec_get(r, "rejected"));
}

static bool take_dialogue(struct draft *d, const char *name, struct value *v)
{
	struct value as_read;

	if (!draft_need(d, name, JSON_ARRAY, &as_read))
		return false;
	*v = value_of(messages_of(d->arena, as_read, "user"));
	if (!v->raw.p || !is_dialogue(*v))
		return draft_fail(d, as_read, "\"%s\" is no dialogue that begins with the user or the system", name);
	return true;
}

/* A prompt beside whole dialogues repeats their first messages, and so do "messages" the chosen one. */
static bool read_dialogues(struct draft *d)
{
	struct value a, b, copy;

	if (!take_dialogue(d, spec(d)->chosen, &a) || !take_dialogue(d, spec(d)->rejected, &b) ||
	    !draft_cut_messages(d, a, b))
		return false;
	draft_take(d, "prompt");
	copy = rec_get(d->r, "messages");
	if (copy.kind == JSON_ARRAY && span_eq(copy.raw, a.raw))
		draft_take(d, "messages");
	return take_scores(d, spec(d)->scores[0], spec(d)->scores[1]);
}

/* ms-swift: the chosen response is the last of "messages". */
static bool read_swift(struct draft *d)
{
	struct value rejected = draft_take(d, "rejected_response"), a, b;

	if (!take_dialogue(d, "messages", &a))
		return false;
	if (rejected.kind == JSON_NONE) {
		if (!take_dialogue(d, "rejected_messages", &b))
			return false;
	} else {
		struct scan_iter it = scan_open(a);
		struct member m;
		const char *end = a.raw.p + 1, *last = end;

		if (rejected.kind != JSON_STRING)
			return draft_wrong(d, rejected, "rejected_response", "a string");
		while (scan_next(&it, &m)) {
			last = end;
			end = m.val.raw.p + m.val.raw.n;
		}
		b.raw = arena_printf(d->arena, "[%.*s]", (int)(last - a.raw.p - 1), a.raw.p + 1);
		b = value_of(messages_append(d->arena, b.raw, message_of(d->arena, "assistant", rejected.raw)));
	}
	d->outcome = FIRST;
	return draft_cut_messages(d, a, b);
}

/* ---- a prompt and two responses, in forms that differ from ours ---- */

static bool add_response(struct draft *d, const char *name)
{
	struct value v = draft_take(d, name);
	struct span json = messages_of(d->arena, v, "assistant");

	if (!json.p)
		return draft_wrong(d, v, name, "a string or messages");
	draft_response(d, json);
	return true;
}

/* Strings beside messages, or one message without its array: messages throughout. */
static bool read_mixed(struct draft *d)
{
	struct value prompt = draft_take(d, spec(d)->prompt), system = draft_take(d, "system");

	d->outcome = FIRST;
	d->prompt = messages_of(d->arena, prompt, "user");
	if (!d->prompt.p)
		return draft_wrong(d, prompt, spec(d)->prompt, "a string or messages");
	if (system.kind == JSON_STRING && system.raw.n > 2)
		d->prompt = messages_append(d->arena, message_of(d->arena, "system", system.raw), d->prompt);
	return add_response(d, spec(d)->chosen) && add_response(d, spec(d)->rejected);
}

static bool one_form(struct rec *r)
{
	enum json_kind kind = rec_get(r, "prompt").kind;

	return rec_get(r, "chosen").kind == kind && rec_get(r, "rejected").kind == kind;
}

static bool other_forms(struct rec *r)
{
	return answers_only(r) && !one_form(r);
}

/* History of LLaMA-Factory: [["question", "answer"], ...]. */
static bool add_history(struct draft *d, struct value history)
{
	struct scan_iter it = scan_open(history);
	struct member m;

	while (scan_next(&it, &m)) {
		struct value q = scan_element(m.val, 0), a = scan_element(m.val, 1);

		if (q.kind != JSON_STRING || a.kind != JSON_STRING)
			return draft_fail(d, m.val, "\"history\" is not a list of [question, answer]");
		d->prompt = messages_append(d->arena, d->prompt, message_of(d->arena, "user", q.raw));
		d->prompt = messages_append(d->arena, d->prompt, message_of(d->arena, "assistant", a.raw));
	}
	return true;
}

/* One string for the prompt (with a second behind it, on its own line) and one a response. They stay strings
 * unless the layout has a system member or a history, which only messages can say. */
static bool read_strings(struct draft *d)
{
	struct value prompt, chosen, rejected, input = { 0 }, system = draft_take(d, "system");
	struct value history = draft_take(d, "history");

	d->outcome = FIRST;
	if (!draft_need(d, spec(d)->prompt, JSON_STRING, &prompt) ||
	    !draft_need(d, spec(d)->chosen, JSON_STRING, &chosen) ||
	    !draft_need(d, spec(d)->rejected, JSON_STRING, &rejected))
		return false;
	if (strcmp(spec(d)->prompt, "instruction") == 0)
		input = draft_take(d, "input");
	if (input.kind == JSON_STRING && input.raw.n > 2)
		prompt.raw = json_join(d->arena, prompt.raw, "\\n", input.raw);
	if (system.kind == JSON_NONE && history.kind == JSON_NONE) {
		d->prompt = prompt.raw;
		draft_response(d, chosen.raw);
		draft_response(d, rejected.raw);
		return true;
	}
	d->prompt = system.kind == JSON_STRING && system.raw.n > 2 ?
		message_of(d->arena, "system", system.raw) : S("[]");
	if (!add_history(d, history))
		return false;
	d->prompt = messages_append(d->arena, d->prompt, message_of(d->arena, "user", prompt.raw));
	draft_response(d, message_of(d->arena, "assistant", chosen.raw));
	draft_response(d, message_of(d->arena, "assistant", rejected.raw));
	return true;
}

static bool read_openai(struct draft *d)
{
	struct value input, messages;

	if (!draft_need(d, "input", JSON_OBJECT, &input))
		return false;
	messages = scan_member(input, S("messages"));
	d->outcome = FIRST;
	d->prompt = messages_of(d->arena, messages, "user");
	if (!d->prompt.p)
		return draft_fail(d, input, "\"input\" has no messages");
	draft_attrs_of(d, &d->shared, input, "messages");
	return add_response(d, "preferred_output") && add_response(d, "non_preferred_output");
}

static bool not_texts(struct rec *r)
{
	return scan_element(rec_get(r, "responses"), 0).kind != JSON_STRING;
}

/* Members of the prompt and the responses, and of the scores of these. */
#define NAMES(prompt, chosen, rejected) &(const struct direct){ prompt, chosen, rejected, { NULL, NULL } }
#define SCORED(score, other) &(const struct direct){ NULL, "chosen", "rejected", { score, other } }
#define AS_NAMED "\"chosen\" is better", "none"
#define BY_SCORE(name) "\"chosen\" is better", "equal " name " are a tie"

const struct layout layouts_direct[] = {
	{ .name = "trl", .members = "prompt:s chosen:s rejected:s", AS_NAMED, .kind = LAYOUT_SAME, .read = read_same },
	{ .name = "trl-conversational", .members = "prompt:a chosen:a rejected:a", AS_NAMED, .kind = LAYOUT_SAME,
		.test = answers_only, .read = read_same },
	{ .name = "rewardbench", .members = "prompt:s chosen:s rejected:s chosen_model rejected_model subset",
		AS_NAMED, .kind = LAYOUT_SAME, .read = read_same },
	{ .name = "candidates", .members = "prompt responses:a", "responses are not paired", "none",
		.kind = LAYOUT_SAME, .test = not_texts, .read = read_same },
	{ .name = "trl-implicit", .members = "chosen:s rejected:s !prompt", AS_NAMED, .kind = LAYOUT_PAIR,
		.test = not_transcripts, .read = read_implicit },
	{ .name = "hh", .members = "chosen:s rejected:s !prompt", AS_NAMED, .kind = LAYOUT_PAIR,
		.test = transcripts, .read = read_hh },
	{ .name = "dialogues", .members = "chosen:a rejected:a", AS_NAMED, .kind = LAYOUT_PAIR,
		.test = dialogues, .read = read_dialogues, .spec = NAMES(NULL, "chosen", "rejected") },
	{ .name = "ultrafeedback-binarized", .members = "prompt:s chosen:a rejected:a score_chosen score_rejected",
		BY_SCORE("scores"), .kind = LAYOUT_PAIR, .test = dialogues, .read = read_dialogues,
		.spec = SCORED("score_chosen", "score_rejected") },
	{ .name = "argilla-cleaned", .members = "chosen:a rejected:a chosen-rating rejected-rating",
		BY_SCORE("ratings"), .kind = LAYOUT_PAIR, .test = dialogues, .read = read_dialogues,
		.spec = SCORED("chosen-rating", "rejected-rating") },
	{ .name = "distilabel", .members = "chosen:a rejected:a chosen_rating rejected_rating",
		BY_SCORE("ratings"), .kind = LAYOUT_PAIR, .test = dialogues, .read = read_dialogues,
		.spec = SCORED("chosen_rating", "rejected_rating") },
	{ .name = "rlhflow", .members = "chosen:a rejected:a chosen_score rejected_score",
		BY_SCORE("scores"), .kind = LAYOUT_PAIR, .test = dialogues, .read = read_dialogues,
		.spec = SCORED("chosen_score", "rejected_score") },
	{ .name = "llama-factory-v1", .members = "chosen_messages:a rejected_messages:a",
		"\"chosen_messages\" are better", "none", .kind = LAYOUT_PAIR, .read = read_dialogues,
		.spec = NAMES(NULL, "chosen_messages", "rejected_messages") },
	{ .name = "swift", .members = "messages:a rejected_response", "the last of \"messages\" is better", "none",
		.kind = LAYOUT_PAIR, .read = read_swift },
	{ .name = "swift-messages", .members = "messages:a rejected_messages:a", "\"messages\" are better", "none",
		.kind = LAYOUT_PAIR, .read = read_swift },
	{ .name = "mixed", .members = "prompt chosen rejected", AS_NAMED, .kind = LAYOUT_PAIR, .test = other_forms,
		.read = read_mixed, .spec = NAMES("prompt", "chosen", "rejected") },
	{ .name = "trl-system", .members = "system:s prompt:s chosen:s rejected:s", AS_NAMED, .kind = LAYOUT_PAIR,
		.read = read_mixed, .spec = NAMES("prompt", "chosen", "rejected") },
	{ .name = "axolotl", .members = "messages chosen rejected", AS_NAMED, .kind = LAYOUT_PAIR, .test = answers_only,
		.read = read_mixed, .spec = NAMES("messages", "chosen", "rejected") },
	{ .name = "llama-factory", .members = "conversations:a chosen:o rejected:o", AS_NAMED, .kind = LAYOUT_PAIR,
		.read = read_mixed, .spec = NAMES("conversations", "chosen", "rejected") },
	{ .name = "llama-factory-alpaca", .members = "instruction:s chosen:s rejected:s", AS_NAMED,
		.kind = LAYOUT_PAIR, .read = read_strings,
		.spec = NAMES("instruction", "chosen", "rejected") },
	{ .name = "orca", .members = "system question:s chosen:s rejected:s", AS_NAMED, .kind = LAYOUT_PAIR,
		.read = read_strings, .spec = NAMES("question", "chosen", "rejected") },
	{ .name = "axolotl-input", .members = "input:s chosen:s rejected:s !instruction", AS_NAMED, .kind = LAYOUT_PAIR,
		.read = read_strings, .spec = NAMES("input", "chosen", "rejected") },
	{ .name = "argilla-responses", .members = "instruction:s chosen_response:s rejected_response:s",
		"\"chosen_response\" is better", "none", .kind = LAYOUT_PAIR, .read = read_strings,
		.spec = NAMES("instruction", "chosen_response", "rejected_response") },
	{ .name = "openai", .members = "input:o preferred_output:a non_preferred_output:a",
		"\"preferred_output\" is better", "none", .kind = LAYOUT_PAIR, .read = read_openai },
	{ 0 }
};
