/* sgemm_body.h - the products' code; sgemm.c includes it once for each instruction set and kind of factor
 *
 * NAME(), TARGET, and of a register: vec, WIDTH floats, LOAD, STORE, ZERO, FMA (a b + c), ADD, SUM;
 * ROWS of x in registers at a time, FEW where there are few. elem: what the factors are made of, 32 bits each (a float, or two
 * numbers in bf16 of which FMA adds both products), with WORD to load a register of them, ALL to fill one with one of them,
 * TIMES the product of two.
 */

enum { NAME(cols) = 2 * WIDTH };

/* y[rows x 2 WIDTH] (+)= x w. y may be narrower: `cols`. */
static TARGET inline __attribute__((always_inline)) void NAME(tile)(const int rows, float *y, size_t ldy, const elem *x,
	size_t ldx, const elem *w, size_t ldw, size_t terms, size_t cols, bool add)
{
	vec sum[ROWS][2];

#pragma GCC unroll 12
	for (int r = 0; r < rows; r++)
		sum[r][0] = sum[r][1] = ZERO();
	for (size_t t = 0; t < terms; t++, w += ldw) {
		const vec w0 = WORD(w), w1 = WORD(w + WIDTH);

#pragma GCC unroll 12
		for (int r = 0; r < rows; r++) {
			const vec a = ALL(x[(size_t)r * ldx + t]);

			sum[r][0] = FMA(a, w0, sum[r][0]);
			sum[r][1] = FMA(a, w1, sum[r][1]);
		}
	}
	if (cols == 2 * WIDTH) {
#pragma GCC unroll 12
		for (int r = 0; r < rows; r++) {
			float *to = y + (size_t)r * ldy;

			STORE(to, add ? ADD(LOAD(to), sum[r][0]) : sum[r][0]);
			STORE(to + WIDTH, add ? ADD(LOAD(to + WIDTH), sum[r][1]) : sum[r][1]);
		}
		return;
	}
#pragma GCC unroll 12
	for (int r = 0; r < rows; r++) {
		float all[2 * WIDTH], *to = y + (size_t)r * ldy;

		STORE(all, sum[r][0]);
		STORE(all + WIDTH, sum[r][1]);
		for (size_t c = 0; c < cols; c++)
			to[c] = add ? to[c] + all[c] : all[c];
	}
}

#define TILE(n) case n: NAME(tile)(n, y, ldy, x, ldx, w, ldw, terms, cols, add); break;
static TARGET void NAME(rows)(size_t rows, float *y, size_t ldy, const elem *x, size_t ldx, const elem *w,
	size_t ldw, size_t terms, size_t cols, bool add)
{
	switch (rows) {
	TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)
#if ROWS == 12
	TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)
#endif
	}
}
#undef TILE

/* panel[t][c] = w[c][t], c < cols; the rest 0. */
static TARGET void NAME(turn)(elem *panel, const elem *w, size_t ldw, size_t terms, size_t cols)
{
	size_t c = 0;

	for (; c + 8 <= cols; c += 8) {
		size_t t = 0;

		for (; t + 8 <= terms; t += 8)
			turn_8x8((float *)(panel + t * 2 * WIDTH + c), 2 * WIDTH, (const float *)(w + c * ldw + t), ldw);
		for (; t < terms; t++)
			for (size_t i = 0; i < 8; i++)
				panel[t * 2 * WIDTH + c + i] = w[(c + i) * ldw + t];
	}
	for (size_t t = 0; c < 2 * WIDTH && t < terms; t++)
		for (size_t i = c; i < 2 * WIDTH; i++)
			panel[t * 2 * WIDTH + i] = i < cols ? w[i * ldw + t] : 0;
}

static TARGET void NAME(copy)(elem *panel, const elem *w, size_t ldw, size_t terms, size_t cols)
{
	for (size_t t = 0; t < terms; t++, panel += 2 * WIDTH) {
		if (cols < 2 * WIDTH)
			memset(panel, 0, 2 * WIDTH * sizeof *panel);
		memcpy(panel, w + t * ldw, cols * sizeof *panel);
	}
}

static TARGET void NAME(panels)(float *y, size_t ldy, const elem *x, size_t ldx, const elem *w, size_t ldw, bool turned,
	size_t m, size_t n, size_t k, bool add)
{
	_Alignas(64) elem panel[TERMS * 2 * WIDTH];

	for (size_t t = 0; t < k; t += TERMS) {
		const size_t terms = k - t < TERMS ? k - t : TERMS;

		for (size_t c = 0; c < n; c += 2 * WIDTH) {
			const size_t cols = n - c < 2 * WIDTH ? n - c : 2 * WIDTH;

			if (!turned && m <= ROWS && cols == 2 * WIDTH) {	/* a copy would be used once */
				NAME(rows)(m, y + c, ldy, x + t, ldx, w + t * ldw + c, ldw, terms, cols, add || t);
				continue;
			}
			if (turned)
				NAME(turn)(panel, w + c * ldw + t, ldw, terms, cols);
			else
				NAME(copy)(panel, w + t * ldw + c, ldw, terms, cols);
			for (size_t r = 0; r < m; r += ROWS)
				NAME(rows)(m - r < ROWS ? m - r : ROWS, y + r * ldy + c, ldy, x + r * ldx + t, ldx, panel,
					2 * WIDTH, terms, cols, add || t);
		}
	}
}

/* ---- few rows of x ---- */

/* y[rows x cols] (+)= x w^T. What lies behind w is asked for: it comes next. */
static TARGET inline __attribute__((always_inline)) void NAME(dots)(const int rows, const int cols, float *y, size_t ldy,
	const elem *x, size_t ldx, const elem *w, size_t ldw, size_t k, bool add)
{
	vec sum[FEW][4];
	size_t t = 0;

#pragma GCC unroll 8
	for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
		for (int c = 0; c < cols; c++)
			sum[r][c] = ZERO();
	for (; t + WIDTH <= k; t += WIDTH) {
		vec from[4];

#pragma GCC unroll 4
		for (int c = 0; c < cols; c++) {
			from[c] = WORD(w + (size_t)c * ldw + t);
			PREFETCH(w + (size_t)(c + cols) * ldw + t);
		}
#pragma GCC unroll 8
		for (int r = 0; r < rows; r++) {
			const vec a = WORD(x + (size_t)r * ldx + t);

#pragma GCC unroll 4
			for (int c = 0; c < cols; c++)
				sum[r][c] = FMA(a, from[c], sum[r][c]);
		}
	}
#pragma GCC unroll 8
	for (int r = 0; r < rows; r++)
#pragma GCC unroll 4
		for (int c = 0; c < cols; c++) {
			float *to = &y[(size_t)r * ldy + (size_t)c], one = SUM(sum[r][c]);

			for (size_t i = t; i < k; i++)
				one += TIMES(x[(size_t)r * ldx + i], w[(size_t)c * ldw + i]);
			*to = add ? *to + one : one;
		}
}

#define DOTS(i, cols) case i: NAME(dots)(i, cols, y, ldy, x, ldx, w, ldw, k, add); break;
static TARGET void NAME(dots_4)(size_t rows, float *y, size_t ldy, const elem *x, size_t ldx, const elem *w, size_t ldw,
	size_t k, bool add)
{
	switch (rows) {
	DOTS(1, 4) DOTS(2, 4) DOTS(3, 4)
#if FEW == 5
	DOTS(4, 4) DOTS(5, 4)
#endif
	}
}

static TARGET void NAME(dots_1)(size_t rows, float *y, size_t ldy, const elem *x, size_t ldx, const elem *w, size_t ldw,
	size_t k, bool add)
{
	switch (rows) {
	DOTS(1, 1) DOTS(2, 1) DOTS(3, 1)
#if FEW == 5
	DOTS(4, 1) DOTS(5, 1)
#endif
	}
}
#undef DOTS

static TARGET void NAME(few)(float *y, size_t ldy, const elem *x, size_t ldx, const elem *w, size_t ldw, size_t m, size_t n,
	size_t k, bool add)
{
	for (size_t c = 0, cols; c < n; c += cols) {
		cols = n - c < 4 ? 1 : 4;
		for (size_t r = 0; r < m; r += FEW)
			(cols == 4 ? NAME(dots_4) : NAME(dots_1))(m - r < FEW ? m - r : FEW, y + r * ldy + c, ldy, x + r * ldx, ldx,
				w + c * ldw, ldw, k, add);
	}
}

/* ---- the two forms ---- */

static void NAME(nt)(float *y, size_t ldy, const elem *x, size_t ldx, const elem *w, size_t ldw, size_t m, size_t n,
	size_t k, bool add)
{
	if (m <= FEW_ROWS)
		NAME(few)(y, ldy, x, ldx, w, ldw, m, n, k, add);
	else
		NAME(panels)(y, ldy, x, ldx, w, ldw, true, m, n, k, add);
}

#ifdef SGEMM_NAME
static void NAME(nn)(float *y, size_t ldy, const elem *x, size_t ldx, const elem *w, size_t ldw, size_t m, size_t n,
	size_t k, bool add)
{
	NAME(panels)(y, ldy, x, ldx, w, ldw, false, m, n, k, add);
}

static const struct sgemm NAME(sgemm) = { SGEMM_NAME, WIDTH == 16, NAME(nt), NAME(nn) };

#endif

#undef NAME
#undef TARGET
#undef vec
#undef WIDTH
#undef ROWS
#undef FEW
#undef LOAD
#undef STORE
#undef ZERO
#undef FMA
#undef ADD
#undef SUM
#undef SGEMM_NAME
#undef elem
#undef WORD
#undef ALL
#undef TIMES
