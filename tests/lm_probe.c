/* lm_probe - the language-model engine from the command line, for tests/golden/lm.py and tests/perf
 *
 * usage: lm_probe tiny NAME FOLDER		write a tiny random model (lm_tiny.h)
 *        lm_probe expand TYPE			bytes of a quantised row on stdin -> floats on stdout
 *        lm_probe chat				JSON lines [JINJA, ANSWER, ROLE, TEXT, ROLE, TEXT ...] on stdin ->
 *						[NAME, ASKED, ANSWERED], [NAME, WHY NOT] or [] if not recognised
 *        lm_probe tokens MODEL [TOKENIZER]	JSON strings on stdin, one a line -> a line of token ids each
 *        lm_probe greedy N MODEL THREADS [packed|bf16]	token ids on stdin -> N more, each the likeliest
 *        lm_probe logp MODEL THREADS [packed|bf16] [naive] [sum] [rows=N]
 *
 * logp reads lines "PROMPT | RESPONSE | RESPONSE ..." of token ids and writes a line each: log-probs of the response
 * tokens, with a bar between responses. naive: every response with the prompt of its own; sum: sums only;
 * rows: tokens of one pass, 2048. Seconds and tokens go to stderr.
 */
#include <math.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "lm/forward.h"
#include "lm/gemm.h"
#include "lm/lm.h"
#include "scan.h"
#include "lm_tiny.h"

static struct lm_model *model;
static struct lm_engine *engine;

static void open_model(const char *path, const char *threads, int flags)
{
	struct lm_error e;
	struct rusage use;
	double began = clock_now();

	model = lm_open(path, flags, atoi(threads), &e);
	if (!model)
		die(EXIT_SYSTEM, "%s: %s", path, e.text);
	engine = lm_engine_new(model, atoi(threads));
	getrusage(RUSAGE_SELF, &use);
	fprintf(stderr, "load %.3f s, %.1f MB of %.1f MB expanded, peak %.1f MB, %s\n", clock_now() - began,
		(double)model->bytes / 1e6, (double)lm_parameters(model) * 4e-6, (double)use.ru_maxrss * 1.024e-3, gemm_core());
}

static int expand(const char *name)
{
	struct buf in = { 0 };
	uint32_t type = 0;
	float *out;

	for (int c; (c = getchar()) != EOF; )
		buf_addc(&in, (char)c);
	while (type < 64 && (!quant_type(type) || strcmp(quant_type(type)->name, name)))
		type++;
	if (type == 64)
		die(EXIT_USAGE, "no type %s", name);
	const size_t n = in.n / quant_type(type)->bytes * quant_type(type)->values;
	out = xreallocarray(NULL, n, sizeof *out);
	quant_expand(type, in.p, n, out);
	fwrite(out, sizeof *out, n, stdout);
	free(out);
	buf_free(&in);
	return 0;
}

/* The seconds are those of encoding alone, the best of three times. */
static int tokens(const char *path, const char *tokenizer)
{
	struct lm_options o = { .packed = true, .threads = 1, .chat = "none", .tokenizer = tokenizer };
	struct tokenizer_scratch *k = tokenizer_scratch_new();
	struct lm_tokens out = { 0 };
	struct span *text = NULL;
	struct arena a = { 0 };
	struct lm_error e;
	struct lm *m = lm_load(path, &o, &e);
	size_t n = 0, room = 0, line_room = 0;
	double best = 1e9;
	char *line = NULL;

	if (!m)
		die(EXIT_SYSTEM, "%s: %s", path, e.text);
	for (ssize_t got; (got = getline(&line, &line_room, stdin)) > 0; n++) {
		struct scan_error se;
		struct value v;

		GROW(text, n, room);
		if (!scan(arena_copy(&a, (struct span){ line, (size_t)got }), 0, NULL, &v, &se))
			die(EXIT_BAD, "line %zu: %s", n + 1, se.why);
		text[n] = json_text(v, &a);
	}
	for (int i = 0; i < 3; i++) {
		double began = clock_now();

		for (size_t t = 0; t < n; t++) {
			out.n = 0;
			tokenizer_encode(m->tokenizer, text[t], 0, k, &out);
		}
		best = clock_now() - began < best ? clock_now() - began : best;
	}
	for (size_t t = 0; t < n; t++) {
		out.n = 0;
		tokenizer_encode(m->tokenizer, text[t], 0, k, &out);
		for (size_t i = 0; i < out.n; i++)
			printf("%s%d", i ? " " : "", out.id[i]);
		putchar('\n');
	}
	fprintf(stderr, "%.4f s\n", best);
	lm_tokens_free(&out);
	tokenizer_scratch_free(k);
	lm_close(m);
	arena_free(&a);
	free(text);
	free(line);
	return 0;
}

static int chat(void)
{
	static const struct { struct span name; enum chat_role by; } roles[] = {
		{ S("system"), CHAT_SYSTEM }, { S("user"), CHAT_USER }, { S("assistant"), CHAT_ASSISTANT },
	};
	struct chat_message said[64];
	struct span part[2 + 2 * COUNT(said)];
	struct buf out = { 0 };
	char *line = NULL;
	size_t room = 0;

	for (ssize_t got; (got = getline(&line, &room, stdin)) > 0; out.n = 0) {
		struct chat_text t = { 0 };
		struct arena a = { 0 };
		struct scan_error se;
		struct scan_iter it;
		struct member m;
		struct value v;
		size_t n = 0, asked;
		const struct chat *c;
		const char *why;

		if (!scan((struct span){ line, (size_t)got }, 0, NULL, &v, &se))
			die(EXIT_BAD, "%s", se.why);
		for (it = scan_open(v); n < COUNT(part) && scan_next(&it, &m); n++)
			part[n] = json_text(m.val, &a);
		for (size_t i = 2; i + 1 < n; i += 2)
			for (size_t r = 0; r < COUNT(roles); r++)
				if (span_eq(part[i], roles[r].name))
					said[i / 2 - 1] = (struct chat_message){ roles[r].by, part[i + 1] };
		c = chat_recognise(part[0]);
		buf_addc(&out, '[');
		if (c) {
			why = chat_ask(c, said, n / 2 - 1, &t);
			asked = t.text.n;
			json_put_text(&out, span_of(chat_name(c)));
			buf_addc(&out, ',');
			if (!why)
				chat_answer(c, part[1], false, &t);
			json_put_text(&out, why ? span_of(why) : span_cut(buf_span(&t.text), 0, asked));
			if (!why) {
				buf_addc(&out, ',');
				json_put_text(&out, span_cut(buf_span(&t.text), asked, t.text.n));
			}
		}
		buf_adds(&out, "]");
		puts(buf_cstr(&out));
		chat_text_free(&t);
		arena_free(&a);
	}
	buf_free(&out);
	free(line);
	return 0;
}

static int greedy(int n)
{
	struct lm_cache cache;
	int32_t token;
	float *logits = xreallocarray(NULL, model->config.vocab, sizeof *logits);
	int32_t prompt[1024];
	struct lm_segment s = { .tokens = prompt, .parent = -1, .cache = &cache, .logits = logits };
	const char *why = NULL;
	double began;

	while (s.n < COUNT(prompt) && scanf("%d", &prompt[s.n]) == 1)
		s.n++;
	lm_cache_init(&cache, model, s.n + (size_t)n);
	began = clock_now();
	for (int i = 0; i < n && !(why = lm_forward(engine, &s, 1)); i++) {
		token = lm_argmax(logits, model->config.vocab);
		printf("%d%c", token, i + 1 < n ? ' ' : '\n');
		s.tokens = &token;
		s.n = 1;
	}
	if (why)
		die(EXIT_BAD, "%s", why);
	fprintf(stderr, "%.1f tokens/s\n", n / (clock_now() - began));
	lm_cache_free(&cache);
	free(logits);
	return 0;
}

/* ---- logp ---- */

struct ids {
	int32_t *v;
	size_t n, room;
};

struct response {
	size_t line, from, n;		/* of ids */
	size_t prompt_from, prompt_n;
};

static struct ids ids;
static struct response *responses;
static size_t n_responses, response_room, lines;

static void read_lines(void)
{
	char *text = NULL;
	size_t room = 0;

	for (; getline(&text, &room, stdin) > 0; lines++) {
		size_t prompt = ids.n, prompt_n = 0, from = ids.n;
		bool first = true;

		for (char *p = text, *end;; p = end) {
			long x = strtol(p, &end, 10);

			if (end != p) {
				GROW(ids.v, ids.n, ids.room);
				ids.v[ids.n++] = (int32_t)x;
				continue;
			}
			p += strspn(p, " \n");
			if (first) {
				prompt_n = ids.n - prompt;
			} else {
				GROW(responses, n_responses, response_room);
				responses[n_responses++] = (struct response){ lines, from, ids.n - from, prompt, prompt_n };
			}
			first = false;
			from = ids.n;
			if (*p != '|')
				break;
			end = p + 1;
		}
	}
	free(text);
}

static double *out;
static size_t out_n;

/* Segments of responses [from, to): one pass. Returns its tokens. */
static size_t pass(size_t from, size_t to, bool naive)
{
	struct lm_segment *s = xcalloc(2 * (to - from), sizeof *s);
	size_t n = 0, tokens = 0;
	long prompt = -1;
	const char *why;

	for (size_t i = from; i < to; i++) {
		const struct response *r = &responses[i];

		if (naive || i == from || r->line != r[-1].line) {
			prompt = (long)n;
			s[n++] = (struct lm_segment){ .tokens = ids.v + r->prompt_from, .n = r->prompt_n, .parent = -1 };
			tokens += r->prompt_n;
		}
		s[n++] = (struct lm_segment){ .tokens = ids.v + r->from, .n = r->n, .parent = prompt, .logp = out + out_n };
		out_n += r->n;
		tokens += r->n;
	}
	why = lm_forward(engine, s, n);
	if (why)
		die(EXIT_BAD, "line %zu: %s", responses[from].line + 1, why);
	free(s);
	return tokens;
}

static void print(bool sums)
{
	const double *p = out;

	for (size_t i = 0; i < n_responses; i++) {
		double sum = 0;

		for (size_t k = 0; k < responses[i].n; k++, p++) {
			sum += *p;
			if (!sums)
				printf("%s%.9g", k ? " " : "", *p);
		}
		if (sums)
			printf("%.12g", sum);
		printf("%s", i + 1 < n_responses && responses[i + 1].line == responses[i].line ? " | " : "\n");
	}
}

static int logp(bool naive, bool sums, size_t rows)
{
	size_t passes = 0, tokens = 0, scored = 0;
	double began, took;

	read_lines();
	out = xreallocarray(NULL, ids.n + 1, sizeof *out);
	began = clock_now();
	for (size_t i = 0, end; i < n_responses; i = end, passes++) {
		size_t now = 0;

		/* (Whole lines.) */
		for (end = i; end < n_responses && (end == i || now < rows || responses[end].line == responses[end - 1].line); end++)
			now += responses[end].n + (end == i || responses[end].line != responses[end - 1].line ? responses[end].prompt_n : 0);
		tokens += pass(i, end, naive);
	}
	took = clock_now() - began;
	for (size_t i = 0; i < n_responses; i++)
		scored += responses[i].n;
	fprintf(stderr, "%zu responses, %zu passes, %zu tokens, %zu scored: %.3f s, %.1f responses/s, %.0f tokens/s\n", n_responses,
		passes, tokens, scored, took, (double)n_responses / took, (double)tokens / took);
	print(sums);
	free(out);
	free(responses);
	free(ids.v);
	return 0;
}

int main(int argc, char **argv)
{
	bool naive = false, sums = false;
	size_t rows = 2048;
	int flags = 0, status = 0;

	program_name = "lm_probe";
	if (argc == 4 && strcmp(argv[1], "tiny") == 0) {
		tiny_write(argv[2], argv[3]);
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "chat") == 0)
		return chat();
	if ((argc == 3 || argc == 4) && strcmp(argv[1], "tokens") == 0)
		return tokens(argv[2], argv[3]);
	if (argc == 3 && strcmp(argv[1], "expand") == 0)
		return expand(argv[2]);
	if ((argc == 5 || argc == 6) && strcmp(argv[1], "greedy") == 0) {
		open_model(argv[3], argv[4], argc == 5 ? 0 : strcmp(argv[5], "bf16") == 0 ? LM_BF16 : LM_PACKED);
		status = greedy(atoi(argv[2]));
	} else if (argc >= 4 && strcmp(argv[1], "logp") == 0) {
		for (int i = 4; i < argc; i++) {
			naive |= strcmp(argv[i], "naive") == 0;
			sums |= strcmp(argv[i], "sum") == 0;
			flags |= strcmp(argv[i], "packed") == 0 ? LM_PACKED : strcmp(argv[i], "bf16") == 0 ? LM_BF16 : 0;
			if (strncmp(argv[i], "rows=", 5) == 0)
				rows = (size_t)atol(argv[i] + 5);
		}
		open_model(argv[2], argv[3], flags);
		status = logp(naive, sums, rows);
	} else {
		die(EXIT_USAGE, "see the head of tests/lm_probe.c");
	}
	lm_engine_free(engine);
	lm_free(model);
	return status;
}
