/* http_form.h - what is asked over HTTP, where and how: the file of -J http:FILE in memory
 *
 * The form of the file is told in http_form.c, its meaning in http.c.
 */
#ifndef PREF_HTTP_FORM_H
#define PREF_HTTP_FORM_H

#include "http.h"

enum http_api { API_CHAT, API_COMPLETIONS, API_CLASSIFY, API_POOLING, API_SCORE, API_OPENRLHF, API_SGLANG };
enum http_asks { ASKS_PAIR, ASKS_RATING, ASKS_RULES, ASKS_WHY };

/* What stands for {name} in a template. The first ones are material to be judged: put between boundary lines. */
enum field {
	FIELD_PROMPT, FIELD_A, FIELD_B, FIELD_RESPONSE, FIELD_REFERENCE, FIELD_OWN, FIELDS_OF_TEXT,
	FIELD_SENTENCE = FIELDS_OF_TEXT, FIELD_ITEM, FIELD_BETTER, FIELD_BOUNDARY, FIELD_NONE
};
extern const char *const field_names[FIELD_NONE];

struct piece {
	struct span text;		/* as written, if field is FIELD_NONE */
	enum field field;
};
struct passage {			/* one message, or the one text */
	const char *role;		/* "system", "user", "assistant", "text" */
	bool own;			/* of the request for an answer of the judge's own */
	struct piece *v;
	size_t n, room;
};
struct setting {			/* a member of the request */
	struct span name, json;
};

struct form {
	const char *model;
	int api, asks;			/* enum http_api, enum http_asks */
	int kind;			/* of rationales, if the file has no template: 0 general, 1 specific */
	bool both_orders, logprobs, has_own, uses_reference, uses_sentence;
	long votes;
	double lo, hi;			/* of ratings */
	const char *reference;		/* the member that holds the right answer */
	const char *journal;
	struct http_settings http;
	struct setting *set;
	size_t n_set, set_room;
	const char **items;		/* aspects or rules; at least one, "" if the file names none */
	size_t n_items, items_room;
	struct passage *v;
	size_t n, room;
	struct arena arena;		/* of all texts above */
};

/* Dies (EXIT_USAGE, EXIT_SYSTEM) with file:line: reason. */
void form_read(struct form *f, const char *path);
/* The same for a model of our own: no url or model is needed; path NULL: there is no file. */
void form_read_own(struct form *f, const char *path, int kind);
/* The texts of a file of rationales that has none (judge: rationale), by kind. */
extern const char *const form_rationales[2];
void form_free(struct form *f);
/* Fill in what the file does not say. NULL, or static text: what is wrong with the whole of it. */
const char *form_complete(struct form *f);
void form_set(struct form *f, struct span name, struct span json);	/* a member of the request; copied */
bool form_is_reward(const struct form *f);		/* a reward server: a number comes back, no text */
/* The value of `set: NAME`; json.p NULL: it is not sent. */
struct span form_setting(const struct form *f, struct span name);

#endif
