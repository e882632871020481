/* kernel.h - what is computed between the matrix products, on rows of floats
 *
 * Written once in C and compiled for SSE2, AVX2 and AVX-512; which one runs is found out at run time. All of them
 * do the same operations in the same order (sums have 16 parts, whatever the width of a register), so that
 * the same bits come out on every machine. exp() is good to 2 units in the last place.
 */
#ifndef PREF_LM_KERNEL_H
#define PREF_LM_KERNEL_H

#include "base.h"

struct adam_step {			/* see lm/optim.h */
	float keep;			/* 1 - rate x decay */
	float scale;			/* of gradients, for clipping */
	float beta1, beta2, rate, root, eps;	/* rate: over 1 - beta1^t; root: 1 / sqrt(1 - beta2^t) */
};

struct kernels {
	/* y = x / sqrt(mean(x^2) + eps) w */
	void (*rms_norm)(float *y, const float *x, const float *w, size_t n, double eps);
	/* y = (x - mean) / sqrt(variance + eps) w + b */
	void (*layer_norm)(float *y, const float *x, const float *w, const float *b, size_t n, double eps);
	/* y = gate sigmoid(gate) up */
	void (*swiglu)(float *y, const float *gate, const float *up, size_t n);
	/* y = x sigmoid(2 sqrt(2 / pi) (x + 0.044715 x^3)): GELU with tanh, "gelu_new" */
	void (*gelu)(float *y, const float *x, size_t n);
	/* x = softmax(scale x) */
	void (*softmax)(float *x, size_t n, float scale);
	/* Greatest x, and the sum of exp(x - greatest) in double. */
	void (*sum_exp)(const float *x, size_t n, float *greatest, double *sum);
	/* Turn the pairs (x[i], x[i + n]) by the angles with these cosines and sines, i < n. */
	void (*rotate)(float *x, const float *cosine, const float *sine, size_t n);

	/* The way back; d is what the loss changes by, when x does. Of norms: added to dx; stat[0] is the mean (of rms_norm 0)
	 * and stat[1] what x - mean was multiplied by. */
	void (*rms_norm_back)(float *dx, const float *dy, const float *x, const float *w, size_t n, double eps, float stat[2]);
	void (*layer_norm_back)(float *dx, const float *dy, const float *x, const float *w, size_t n, double eps,
		float stat[2]);
	void (*swiglu_back)(float *dgate, float *dup, const float *dy, const float *gate, const float *up, size_t n);
	void (*gelu_back)(float *dx, const float *dy, const float *x, size_t n);
	/* d by softmax(scale x) becomes d by x; p = softmax(scale x) */
	void (*softmax_back)(float *d, const float *p, size_t n, float scale);
	void (*rotate_back)(float *x, const float *cosine, const float *sine, size_t n);
	void (*adam)(float *w, float *g, float *m, float *v, size_t n, const struct adam_step *s);	/* g becomes 0 */
	double (*square)(const float *x, size_t n);	/* sum of squares */
	/* x = exp(x - log_sum), probabilities p; sums in double of p x and of p^2. */
	void (*spread)(float *x, size_t n, float log_sum, double *mean, double *square);
};

/* The fastest this processor can run; the same always. */
const struct kernels *kernels(void);
/* For tests: that of "plain", "avx2", "avx512"; NULL if this processor cannot run it. */
const struct kernels *kernels_named(const char *name);

#endif
