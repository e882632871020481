/* http_said.h - what a server said: the verdict, rating or reward in a reply's body */
#ifndef PREF_HTTP_SAID_H
#define PREF_HTTP_SAID_H

#include "http_form.h"
#include "judge.h"

/* Is this body what the api gives for one question? For struct http_settings. */
const char *(*http_said_check(enum http_api api))(struct span body);

/* VERDICT_NONE: *x is the answer to the form's question (of a pair, 1: the first is better; else the rating, 1 or 0
 * for a rule, or the reward). Else why not. body has passed the check; scratch in a. */
enum verdict http_said(const struct form *f, struct span body, struct arena *a, double *x, const char **why);
/* Did the model run out of tokens? */
bool http_said_cut(struct span body, struct arena *a);
/* The text of a reply, for the judge's own answer; p NULL and *why: there is none. */
struct span http_said_text(const struct form *f, struct span body, struct arena *a, const char **why);

#endif
