/* facts.h - why a pair is labelled as it is, from what decided it: a sentence of facts, no model */
#ifndef PREF_FACTS_H
#define PREF_FACTS_H

#include "pair.h"
#include "rules.h"

/* Appended: the points of each rule that makes a difference. NULL, or why there is no such sentence (static, or in r->arena):
 * the rules do not prefer chosen, or cannot be applied. */
const char *facts_of_rules(const struct rules *f, struct rec *r, const struct pair *p, struct buf *b);
/* The same of the counts of pref-test: tests_chosen and tests_rejected. */
const char *facts_of_tests(struct rec *r, struct buf *b);

#endif
