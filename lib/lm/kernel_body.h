/* kernel_body.h - the kernels' code; kernel.c includes it once for each instruction set, with NAME() and TARGET */

static TARGET inline float NAME(sum_square)(const float *x, size_t n, float mean)
{
	float part[LANES] = { 0 }, sum = 0;
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (int k = 0; k < LANES; k++)
			part[k] += (x[i + k] - mean) * (x[i + k] - mean);
	for (int k = 0; i + k < n; k++)
		part[k] += (x[i + k] - mean) * (x[i + k] - mean);
	for (int k = 0; k < LANES; k++)
		sum += part[k];
	return sum;
}

static TARGET inline float NAME(sum)(const float *x, size_t n)
{
	float part[LANES] = { 0 }, sum = 0;
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (int k = 0; k < LANES; k++)
			part[k] += x[i + k];
	for (int k = 0; i + k < n; k++)
		part[k] += x[i + k];
	for (int k = 0; k < LANES; k++)
		sum += part[k];
	return sum;
}

static TARGET inline float NAME(greatest)(const float *x, size_t n)
{
	float part[LANES], most;
	size_t i = 0;

	for (int k = 0; k < LANES; k++)
		part[k] = x[0];
	for (; i + LANES <= n; i += LANES)
		for (int k = 0; k < LANES; k++)
			part[k] = x[i + k] > part[k] ? x[i + k] : part[k];
	most = part[0];
	for (int k = 1; k < LANES; k++)
		most = part[k] > most ? part[k] : most;
	for (; i < n; i++)
		most = x[i] > most ? x[i] : most;
	return most;
}

static TARGET void NAME(rms_norm)(float *y, const float *x, const float *w, size_t n, double eps)
{
	const float scale = (float)(1 / sqrt((double)NAME(sum_square)(x, n, 0) / (double)n + eps));

	for (size_t i = 0; i < n; i++)
		y[i] = x[i] * scale * w[i];
}

static TARGET void NAME(layer_norm)(float *y, const float *x, const float *w, const float *b, size_t n, double eps)
{
	const float mean = NAME(sum)(x, n) / (float)n;
	const float scale = (float)(1 / sqrt((double)NAME(sum_square)(x, n, mean) / (double)n + eps));

	for (size_t i = 0; i < n; i++)
		y[i] = (x[i] - mean) * scale * w[i] + b[i];
}

static TARGET void NAME(swiglu)(float *y, const float *gate, const float *up, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] = gate[i] / (1 + exp_near(-gate[i])) * up[i];
}

static TARGET void NAME(gelu)(float *y, const float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		y[i] = x[i] / (1 + exp_near(-1.5957691216057308f * (x[i] + 0.044715f * x[i] * x[i] * x[i])));
}

static TARGET void NAME(softmax)(float *x, size_t n, float scale)
{
	const float most = NAME(greatest)(x, n);
	float turn;

	for (size_t i = 0; i < n; i++)
		x[i] = exp_near((x[i] - most) * scale);
	turn = 1 / NAME(sum)(x, n);
	for (size_t i = 0; i < n; i++)
		x[i] *= turn;
}

static TARGET void NAME(sum_exp)(const float *x, size_t n, float *greatest, double *sum)
{
	const float most = NAME(greatest)(x, n);
	double part[LANES] = { 0 };
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (int k = 0; k < LANES; k++)
			part[k] += (double)exp_near(x[i + k] - most);
	for (int k = 0; i + k < n; k++)
		part[k] += (double)exp_near(x[i + k] - most);
	*greatest = most;
	*sum = 0;
	for (int k = 0; k < LANES; k++)
		*sum += part[k];
}

static TARGET void NAME(rotate)(float *x, const float *cosine, const float *sine, size_t n)
{
	float *to = x + n;

	for (size_t i = 0; i < n; i++) {
		const float a = x[i], b = to[i];

		x[i] = a * cosine[i] - b * sine[i];
		to[i] = b * cosine[i] + a * sine[i];
	}
}

/* ---- the way back ---- */

static TARGET inline float NAME(dot)(const float *x, const float *y, size_t n)
{
	float part[LANES] = { 0 }, sum = 0;
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (int k = 0; k < LANES; k++)
			part[k] += x[i + k] * y[i + k];
	for (int k = 0; i + k < n; k++)
		part[k] += x[i + k] * y[i + k];
	for (int k = 0; k < LANES; k++)
		sum += part[k];
	return sum;
}

/* Sum of dy w, and of dy w (x - mean). */
static TARGET inline void NAME(weighed)(const float *dy, const float *w, const float *x, float mean, size_t n,
	float *sum, float *with_x)
{
	float a[LANES] = { 0 }, b[LANES] = { 0 };
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (int k = 0; k < LANES; k++) {
			a[k] += dy[i + k] * w[i + k];
			b[k] += dy[i + k] * w[i + k] * (x[i + k] - mean);
		}
	for (int k = 0; i + k < n; k++) {
		a[k] += dy[i + k] * w[i + k];
		b[k] += dy[i + k] * w[i + k] * (x[i + k] - mean);
	}
	*sum = *with_x = 0;
	for (int k = 0; k < LANES; k++) {
		*sum += a[k];
		*with_x += b[k];
	}
}

static TARGET void NAME(rms_norm_back)(float *dx, const float *dy, const float *x, const float *w, size_t n, double eps,
	float stat[2])
{
	const float scale = (float)(1 / sqrt((double)NAME(sum_square)(x, n, 0) / (double)n + eps));
	float sum, with_x;

	NAME(weighed)(dy, w, x, 0, n, &sum, &with_x);
	with_x *= scale * scale * scale / (float)n;
	for (size_t i = 0; i < n; i++)
		dx[i] += dy[i] * w[i] * scale - x[i] * with_x;
	stat[0] = 0;
	stat[1] = scale;
}

static TARGET void NAME(layer_norm_back)(float *dx, const float *dy, const float *x, const float *w, size_t n,
	double eps, float stat[2])
{
	const float mean = NAME(sum)(x, n) / (float)n;
	const float scale = (float)(1 / sqrt((double)NAME(sum_square)(x, n, mean) / (double)n + eps));
	float sum, with_x;

	NAME(weighed)(dy, w, x, mean, n, &sum, &with_x);
	sum *= scale / (float)n;
	with_x *= scale * scale * scale / (float)n;
	for (size_t i = 0; i < n; i++)
		dx[i] += dy[i] * w[i] * scale - sum - (x[i] - mean) * with_x;
	stat[0] = mean;
	stat[1] = scale;
}

static TARGET void NAME(swiglu_back)(float *dgate, float *dup, const float *dy, const float *gate, const float *up,
	size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const float s = 1 / (1 + exp_near(-gate[i]));

		dgate[i] = dy[i] * up[i] * s * (1 + gate[i] * (1 - s));
		dup[i] = dy[i] * gate[i] * s;
	}
}

static TARGET void NAME(gelu_back)(float *dx, const float *dy, const float *x, size_t n)
{
	const float k = 1.5957691216057308f;

	for (size_t i = 0; i < n; i++) {
		const float s = 1 / (1 + exp_near(-k * (x[i] + 0.044715f * x[i] * x[i] * x[i])));

		dx[i] = dy[i] * (s + x[i] * s * (1 - s) * k * (1 + 3 * 0.044715f * x[i] * x[i]));
	}
}

static TARGET void NAME(softmax_back)(float *d, const float *p, size_t n, float scale)
{
	const float mean = NAME(dot)(d, p, n);

	for (size_t i = 0; i < n; i++)
		d[i] = (d[i] - mean) * p[i] * scale;
}

static TARGET void NAME(rotate_back)(float *x, const float *cosine, const float *sine, size_t n)
{
	float *to = x + n;

	for (size_t i = 0; i < n; i++) {
		const float a = x[i], b = to[i];

		x[i] = a * cosine[i] + b * sine[i];
		to[i] = b * cosine[i] - a * sine[i];
	}
}

static TARGET void NAME(spread)(float *x, size_t n, float log_sum, double *mean, double *square)
{
	double a[LANES] = { 0 }, b[LANES] = { 0 };
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (int k = 0; k < LANES; k++) {
			const float z = x[i + k], p = exp_near(z - log_sum);

			a[k] += (double)(p * z);
			b[k] += (double)(p * p);
			x[i + k] = p;
		}
	for (int k = 0; i + k < n; k++) {
		const float z = x[i + k], p = exp_near(z - log_sum);

		a[k] += (double)(p * z);
		b[k] += (double)(p * p);
		x[i + k] = p;
	}
	*mean = *square = 0;
	for (int k = 0; k < LANES; k++) {
		*mean += a[k];
		*square += b[k];
	}
}

static TARGET void NAME(adam)(float *w, float *g, float *m, float *v, size_t n, const struct adam_step *s)
{
	for (size_t i = 0; i < n; i++) {
		const float d = g[i] * s->scale;

		m[i] = s->beta1 * m[i] + (1 - s->beta1) * d;
		v[i] = s->beta2 * v[i] + (1 - s->beta2) * d * d;
		w[i] = w[i] * s->keep - s->rate * m[i] / (sqrtf(v[i]) * s->root + s->eps);
		g[i] = 0;
	}
}

static TARGET double NAME(square)(const float *x, size_t n)
{
	double part[LANES] = { 0 }, sum = 0;
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (int k = 0; k < LANES; k++)
			part[k] += (double)x[i + k] * (double)x[i + k];
	for (int k = 0; i + k < n; k++)
		part[k] += (double)x[i + k] * (double)x[i + k];
	for (int k = 0; k < LANES; k++)
		sum += part[k];
	return sum;
}

static const struct kernels NAME(kernels) = {
	NAME(rms_norm), NAME(layer_norm), NAME(swiglu), NAME(gelu), NAME(softmax), NAME(sum_exp), NAME(rotate),
	NAME(rms_norm_back), NAME(layer_norm_back), NAME(swiglu_back), NAME(gelu_back), NAME(softmax_back),
	NAME(rotate_back), NAME(adam), NAME(square), NAME(spread)
};

#undef NAME
#undef TARGET
