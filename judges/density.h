/* density.h - how likely language models find responses: log-probs, and the ratio of two models'
 *
 * With one model the score of a response y to a prompt x is ln p(y | x), summed over the tokens of y and the one that ends
 * an answer. With two it is the log-density ratio ln p_strong(y | x) - ln p_weak(y | x), which needs no judge and no
 * training: the better aligned model prefers what people prefer (Xu et al. 2024, "Dr. SoW: Density Ratio of
 * Strong-over-weak LLMs for Reducing the Cost of Human Annotation in Preference Tuning"). Of a policy and the model it was
 * trained from, beta times that ratio is the implicit reward of DPO (Rafailov et al. 2023).
 *
 * A model is a path (lm/lm.h), or "field:NAME": log-probs that the record carries. Of a pair that is scores.NAME or NAME,
 * an array [chosen, rejected], or chosen_NAME and rejected_NAME; of a candidate logp.NAME, scores.NAME or NAME; each in a
 * form of logprobs.h.
 *
 * x is put into each model's own chat template, and a customised prompt (`criteria`) into the last user message of x.
 * Each model has its own tokens. Prompts are computed once for all responses. Any number of threads may ask.
 */
#ifndef PREF_DENSITY_H
#define PREF_DENSITY_H

#include "rec.h"

enum density_per { DENSITY_SUM, DENSITY_PER_TOKEN, DENSITY_PER_BYTE };
enum { STRONG, WEAK };			/* with one model it is the strong one */

struct density_options {
	const char *model[2];		/* path or field:NAME; [WEAK] NULL: one model */
	const char *criteria[2];	/* a name, a file, or NULL, for each model */
	const char *tokenizer, *chat;	/* struct lm_options */
	const char *cache;		/* file; NULL: none */
	enum density_per per;		/* what scores are divided by */
	double beta;			/* and multiplied with */
	bool packed, bf16;		/* struct lm_options */
	bool rewards;			/* a reward model is welcome as the only one: its scores are what log-probs are else */
	int threads;			/* for reading models */
};

struct density;

/* Dies (EXIT_USAGE, EXIT_SYSTEM) with the reason. `what` stands in messages: "--strong", "-J lm". */
struct density *density_open(const struct density_options *o);
void density_close(struct density *d);

struct density_said {
	double logp[2];			/* natural, summed; NaN: not known */
	size_t tokens[2];		/* 0: not known */
	size_t bytes;			/* of the response */
	double score;			/* NaN: could not be had, and why (static or in the arena) */
	const char *why;
};
/* Of n responses to r's prompt; for candidates n elements of `responses`, else chosen and rejected (n = 2). */
void density_ask(const struct density *d, struct rec *r, bool pair, size_t n, struct density_said *said);

/* What was done instead of what was asked for: NULL or a text for people. After all asking. */
const char *density_note(const struct density *d);
/* Asked of models; found in the cache; answers whose tokens cross the border to the prompt. */
struct density_counts { uint64_t asked, found, apart; } density_counts(const struct density *d);
/* The built-in criteria, with ", " between them. */
const char *density_criteria(void);

#endif
