/* target_view - a pair as a trainer must be able to take it, or the reason why it cannot */
#include "target_view.h"

static void strings_to_messages(struct view *v, const struct value member[3], struct arena *a)
{
	bool transcript = false;

	if (member[PROMPT].kind == JSON_STRING)
		transcript = dialogue_of_prompt(v->text[PROMPT], a, &v->said[PROMPT]);
	for (int i = CHOSEN; i <= REJECTED; i++)
		if (member[i].kind == JSON_STRING)
			dialogue_of_response(v->text[i], transcript, a, &v->said[i]);
}

/* Roles take turns, beginning with `first` and ending with `last`. */
static bool alternate(const struct message *m, size_t n, enum speaker first, enum speaker last)
{
	if (n == 0 || m[0].by != first || m[n - 1].by != last)
		return false;
	for (size_t i = 1; i < n; i++)
		if (m[i].by == m[i - 1].by || m[i].by == SYSTEM)
			return false;
	return true;
}

static const char *check_messages(struct view *v, int takes)
{
	const struct dialogue *prompt = &v->said[PROMPT], *x = &v->said[CHOSEN], *y = &v->said[REJECTED];
	const size_t system = prompt->n > 0 && prompt->v[0].by == SYSTEM;
	bool same = x->n == y->n;

	for (int i = PROMPT; i <= REJECTED; i++) {
		for (size_t k = 0; k < v->said[i].n; k++) {
			struct message *m = &v->said[i].v[k];
			struct span bare = span_trim(m->text);

			if (bare.n == 0)
				return "empty";
			if (takes & WANTS_TRIMMED)
				m->text = bare;
		}
	}
	if (prompt->n == 0 || x->n == 0 || y->n == 0)
		return "empty";
	if (!alternate(prompt->v + system, prompt->n - system, USER, USER) ||
	    !alternate(x->v, x->n, ASSISTANT, ASSISTANT) || !alternate(y->v, y->n, ASSISTANT, ASSISTANT))
		return "role";
	if ((x->n > 1 || y->n > 1) && !(takes & TAKES_TURNS))
		return "turns";
	for (size_t k = 0; same && k < x->n; k++)
		same = span_eq(span_trim(x->v[k].text), span_trim(y->v[k].text));
	return same ? "equal" : NULL;
}

static const char *check_strings(const struct view *v)
{
	for (int i = PROMPT; i <= REJECTED; i++)
		if (span_trim(v->text[i]).n == 0)
			return "empty";
	return span_eq(span_trim(v->text[CHOSEN]), span_trim(v->text[REJECTED])) ? "equal" : NULL;
}

const char *view_read(struct view *v, const struct value member[3], int takes, struct arena *a)
{
	const char *why;

	v->strings = takes & TAKES_STRINGS;
	for (int i = PROMPT; i <= REJECTED; i++) {
		if (member[i].kind != JSON_STRING && member[i].kind != JSON_ARRAY)
			return "pair";
		v->strings = v->strings && member[i].kind == JSON_STRING;
	}
	for (int i = PROMPT; i <= REJECTED; i++) {
		if (member[i].kind == JSON_ARRAY)
			why = dialogue_messages(member[i], a, &v->said[i]);
		else
			why = dialogue_string(member[i], a, &v->text[i]);
		if (why)
			return why;
	}
	if (v->strings)
		return check_strings(v);
	strings_to_messages(v, member, a);
	return check_messages(v, takes);
}
