/* layout_draft.h - inside lib/layout*.c only: what a record says, before it is written in our layout
 *
 * A layout's read function fills a draft: the prompt, two or more responses (items), what decides between
 * them. draft_lines() makes the lines. Everything lives in the record's arena. A member that was taken is
 * not written again; all others follow the draft's own members, as written.
 */
#ifndef PREF_LAYOUT_DRAFT_H
#define PREF_LAYOUT_DRAFT_H

#include "attrs.h"
#include "layout.h"

struct item {				/* a response */
	struct span json;		/* a string, or an array of messages */
	double value;			/* higher is better */
	bool valued;
	struct attrs attrs;		/* its own: "score", "model", ... */
};

enum outcome { BY_VALUE, FIRST, SECOND, TIE };

struct draft {
	struct rec *r;
	struct arena *arena;
	const struct layout *layout;
	const struct layout_options *opt;
	const char *label;		/* --label, else the layout's first; NULL if it has none */
	bool named;			/* the user named the layout: doubts are settled */

	struct span prompt;		/* JSON; p NULL: none is written */
	struct item *items;
	size_t n, room;
	enum outcome outcome;		/* of items 0 and 1; BY_VALUE: each item's value decides */
	const signed char *beats;	/* n * n, optional: +1 if item i is stated to be better than j, -1, 0 */
	bool scores;			/* values are scores: their difference is the margin */
	bool positions;			/* the source showed the items in this order: tell where chosen stood */
	double strength;		/* of the preference, > 0; 0 = not stated */
	double soft;			/* P(item 0 is better); < 0: not stated */
	struct attrs votes;		/* name -> votes as digits, until they are shared: layout_votes.c */
	size_t n_voted[4];		/* by enum outcome */
	struct attrs shared;
	bool *used;			/* by index in r->ix */

	bool same;			/* the record is in our layout already */
	const char *drop;		/* nothing to write, and why: static word */
	const char *bad;		/* the record breaks the layout, and why */
	const char *bad_at;		/* place in r->raw, or NULL */
	bool doubt;			/* bad because it contradicts the direction of the layout */
	bool diverged;
	unsigned left_out;		/* items that have no value, or one not to be trusted */

	struct span *lines;		/* by draft_lines() */
	size_t n_lines;
	unsigned n_ties;
};

enum layout_kind {
	LAYOUT_SAME,			/* ours already */
	LAYOUT_PAIR,			/* one record, one pair */
	LAYOUT_LIST,			/* one record, a list of responses */
	LAYOUT_TREE,			/* one record, several lists: read makes the lines itself */
	LAYOUT_ROWS			/* one record, one response: rows of one prompt are joined */
};

struct layout {
	const char *name;
	const char *members;		/* "a b:s !c": a, b as string (a array, o object, b boolean), no c */
	const char *direction;		/* what decides */
	const char *ties;		/* what a tie becomes */
	const char *labels;		/* words for --label, the default first; NULL: none */
	bool must_choose;		/* no default: refuse without --label */
	bool unranked;			/* nothing decides: refuse without --candidates */
	enum layout_kind kind;
	bool (*test)(struct rec *r);	/* beyond members; NULL: nothing */
	bool (*read)(struct draft *d);	/* false: d->bad is set */
	const void *spec;		/* the family's own table row */
};

extern const struct layout layouts_direct[], layouts_pairs[], layouts_votes[], layouts_lists[], layouts_rows[],
	layouts_tree[];			/* each ends with a row without a name */

/* Read a record through a layout (layout.c): a draft with lines, or drop, bad, same; the one response of a
 * LAYOUT_ROWS, without lines. */
struct draft *draft_read(struct rec *r, const struct layout *l);

/* ---- members of the record ---- */

/* Member `name`, marked as taken. Kind JSON_NONE if absent. */
struct value draft_take(struct draft *d, const char *name);
/* The same, and the draft fails unless it is of this kind. */
bool draft_need(struct draft *d, const char *name, enum json_kind kind, struct value *v);
/* A number member, which may also be written as a string ("5"). False: absent, or "N/A", null, text. */
bool value_number(struct value v, struct arena *a, double *x);
/* False always, so that a reader can return it. at: what is wrong, inside the record, or {0}. */
bool draft_fail(struct draft *d, struct value at, const char *fmt, ...) PRINTF(3, 4);
bool draft_wrong(struct draft *d, struct value v, const char *name, const char *what);	/* absent, or not `what` */
bool draft_drop(struct draft *d, const char *reason);		/* true always */

/* ---- what is written ---- */

struct item *draft_response(struct draft *d, struct span json);	/* until the next */
void draft_attr(struct draft *d, struct attrs *to, struct span name, struct span json);
void draft_share(struct draft *d, const char *name, struct span json);	/* no JSON (p NULL): nothing */
/* Under which name a member of the source is written that the layout does not know: where the layout decides
 * which side is chosen, source_NAME if NAME is one of ours that tells of the sides. Else the name itself. */
struct span draft_name(struct draft *d, struct span name);
/* Every member of object that is not in skip (blank-separated names) becomes an attribute, of the pair
 * under its draft_name(). */
void draft_attrs_of(struct draft *d, struct attrs *to, struct value object, const char *skip);
struct span draft_number(struct draft *d, double x);
/* Who preferred which; once the outcome is known, shared as "votes": {name: "A" (chosen), "B" or "tie"}. */
void draft_vote(struct draft *d, struct span who, enum outcome o);
/* The same of someone who saw item 0 first and then item 1 first, BY_VALUE for no vote: "votes": {name: [with chosen
 * first, with rejected first]}, null for none. */
void draft_vote_both(struct draft *d, struct span who, enum outcome given, enum outcome swapped);
void draft_share_votes(struct draft *d);

/* Make d->lines, or set d->drop. */
void draft_lines(struct draft *d);

/* ---- strings and messages (layout_messages.c): JSON made of JSON, nothing is decoded ---- */

/* "ab" from "a" and "b", with raw (already escaped) text between. */
struct span json_join(struct arena *a, struct span x, const char *between, struct span y);
struct span json_quote(struct arena *a, struct span inside);	/* escaped text, in quotes */
/* Is the backslash at s.p[at] the first of its escape? */
bool begins_escape(struct span s, size_t at);
/* One message in an array. */
struct span message_of(struct arena *a, const char *role, struct span content);
/* Messages of v in our form: a string becomes one message of this role; {"from","value"} become
 * {"role","content"}; what is in our form keeps its bytes. p NULL: v is none of these. */
struct span messages_of(struct arena *a, struct value v, const char *role);
struct span messages_append(struct arena *a, struct span first, struct span second);
/* Is v an array of messages whose first is by the user or the system? */
bool is_dialogue(struct value v);
struct value value_of(struct span json);	/* of JSON made here */

/* Cut two conversations where they part: fills prompt and makes items 0 and 1. Arrays of messages ... */
bool draft_cut_messages(struct draft *d, struct value a, struct value b);
/* ... or transcripts "\n\nHuman: ...\n\nAssistant: ...". */
bool draft_cut_transcripts(struct draft *d, struct value a, struct value b);
bool is_transcript(struct value v);

/* HTML as text (layout_html.c): tags become line ends or nothing, entities their characters. */
void html_text(struct span html, struct buf *out);

#endif
