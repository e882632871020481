/* logprobs.h - log-probs of a response that a record carries, whoever computed them
 *
 *	-20.5						their sum
 *	[-0.1, -2.3, ...]				of each token
 *	{"content": [{"token", "logprob"}, ...]}	a chat completion's `logprobs` (OpenAI, vLLM, SGLang, llama.cpp)
 *	{"token_logprobs": [...], ...}			a completion's
 *	{"logprobs": ...}				a choice of either reply, and {"choices": [a choice]}, the reply
 *
 * All are natural logarithms.
 */
#ifndef PREF_LOGPROBS_H
#define PREF_LOGPROBS_H

#include "scan.h"

struct logprobs {
	double sum;
	size_t tokens;			/* 0: not known */
};

/* NULL, or why not (static text): another form, a number that is missing or above 0, no token at all. */
const char *logprobs_read(struct value v, struct logprobs *l);

#endif
