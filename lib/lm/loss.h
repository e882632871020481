/* loss.h - what is to become small when a policy learns preferences: the DPO family, lists, reward models
 *
 * A loss sees of each response the log-prob of its tokens, summed, by the policy and by the reference, and says what
 * becomes of the loss when such a sum grows. In the comments of loss_*.c, with w the chosen and l the rejected response:
 *
 *	p, r	ln of the response's probability by policy and reference, n its tokens
 *	a, b	p - r of the chosen and of the rejected one
 *	x	beta (a - b): the logit of DPO
 *	s, ls	sigmoid, and ln of it
 *
 * The loss of a batch is the mean over its groups (pairs, lists), except where a comment says otherwise.
 */
#ifndef PREF_LM_LOSS_H
#define PREF_LM_LOSS_H

#include "base.h"

/* What the losses have knobs for; each says in its comment which ones it has. NAN: its own default. */
struct loss_options {
	double beta;			/* of the implicit reward, or of the margin */
	double smooth;			/* share of labels that are wrong, or are taken to be */
	double gamma;			/* a target margin, or the weight of the rationale */
	double alpha;			/* of a second term; what it does is the loss's own */
};

/* ---- what one loss sees ---- */

struct loss_sum {			/* of one response */
	double p, r, n;
	double kl;			/* sum over tokens of KL(reference || policy), over the vocabulary */
	double sure;			/* mean over tokens of ln pi(token) - ln sum over the vocabulary of pi^2 */
	double other;			/* p - r of another prompt's response to this prompt */
	double reward;			/* of a list's responses, as they were ranked by */
	double g, gkl;			/* out: d loss / d p, d loss / d kl */
};

struct loss_in {			/* one group: v[0] is chosen and v[1] rejected, or v[0] best to v[k - 1] worst */
	struct loss_sum *v;
	size_t k;
	double margin;			/* that the record asks for */
	double preference;		/* P(chosen is better) */
	double flip;			/* P(the label is the wrong way round); NAN: not known */
	double why, gwhy;		/* mean ln probability of the rationales (0: there is none); out: d loss / d why */
	double tokens;			/* of a chosen response, mean of the batch */
	double loss;			/* out */
};

enum {					/* what a loss needs or does, beyond p and n of two responses */
	LOSS_REFERENCE = 1, LOSS_KL = 2, LOSS_SURE = 4, LOSS_OTHER = 8, LOSS_REWARDS = 16,
	LOSS_LIST = 32,			/* takes any number of responses; the others take two */
	LOSS_THREE = 64,		/* the gold one, chosen, rejected */
	LOSS_COUPLED = 128,		/* the loss of a group depends on the others of the batch */
	LOSS_SHARED = 256,		/* tokens beyond the shorter response's length count alpha times */
	LOSS_MASKED = 512,		/* tokens count by the weights of the texts */
	LOSS_SCORES = 1024,		/* p is a reward, not a log-prob */
	LOSS_EMBEDDED = 2048		/* with LOSS_SCORES: what it says of a response is an embedding; loss_gpm() */
};

struct loss {
	const char *name;
	int flags;
	struct loss_options own;	/* defaults; NAN: it has no such knob */
	/* Sets g (and gkl, gwhy), which are 0, and loss: of one group, or of all. */
	void (*one)(const struct loss_options *o, struct loss_in *x);
	void (*all)(const struct loss_options *o, struct loss_in *x, size_t n);
	const char *about;		/* "Rafailov et al. 2023; as sigmoid of TRL 1.x" */
};

extern const struct loss loss_pairs[], loss_frees[], loss_lists[];	/* tables; the last name is NULL */
const struct loss *loss_named(const char *name);	/* NULL: there is none */

/* ---- sums of weighted losses ---- */

struct loss_term {
	const struct loss *loss;
	double weight;
	struct loss_options o;
};
struct loss_set {
	struct loss_term v[8];
	size_t n;
	int flags;			/* of all terms */
};
/* "dpo", "dpo:1,sft:0.1". given: knobs of all terms that have them, NAN where they are left at the defaults. NULL, or
 * what is wrong, to be freed. */
char *loss_parse(const char *text, const struct loss_options *given, struct loss_set *set);

struct loss_text {			/* one response: arrays [n], borrowed */
	const double *policy, *reference;	/* ln p of each token; reference may be NULL for losses without */
	const float *weight;		/* of tokens, for LOSS_MASKED; NULL: all 1 */
	size_t n;
	double *g;			/* out, added to: d loss / d policy[i] */
	double kl, sure, other, reward;	/* as in struct loss_sum */
	double gkl;			/* out, added to */
};
struct loss_why {			/* a rationale: arrays [n], borrowed */
	const double *policy;		/* ln p of each token */
	size_t n;
	double *g;			/* out, added to: d loss / d policy[i] */
};
struct loss_group {
	struct loss_text *v;
	size_t k;
	const struct loss_why *why;
	size_t whys;
	double margin, preference, flip;
	double loss;			/* out: of all terms, weighted */
};

/* Gradients are those of the mean over `groups`, of which these n are a part, with `tokens` in all chosen responses;
 * a set that is LOSS_COUPLED wants them all at once. */
void loss_eval(const struct loss_set *set, struct loss_group *g, size_t n, size_t groups, size_t tokens);

/* A general preference model (Zhang et al. 2024, arXiv 2410.02197): responses have embeddings of `dims` numbers, an even
 * number; score = sum over pairs of dimensions of w[0] l[1] - w[1] l[0], loss = -ls(score / tau). Sets dims of gw, gl. */
double loss_gpm_score(const double *w, const double *l, size_t dims);
double loss_gpm(const double *w, const double *l, size_t dims, double tau, double *gw, double *gl);

#endif
