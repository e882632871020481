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

static const struct kernels NAME(kernels) = {
	NAME(rms_norm), NAME(layer_norm), NAME(swiglu), NAME(gelu), NAME(softmax), NAME(sum_exp), NAME(rotate)
};

#undef NAME
#undef TARGET
