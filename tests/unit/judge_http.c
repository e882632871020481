/* judge_http - the bodies that are asked, and what is made of replies */
#include "http_request.h"
#include "http_said.h"

#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/judge-http-XXXXXX";
static struct arena arena;
static struct scan_index scratch;

static void form_of(struct form *f, const char *text)
{
	FILE *file = fopen(path, "w");

	fprintf(file, "url: http://localhost/x\nmodel: m\n%s", text);
	fclose(file);
	form_read(f, path);
}

/* The body for a record, with the boundary as X. */
static struct buf body_of(const char *form, const char *record, struct question *q)
{
	struct form f;
	struct rec r = { 0 };
	struct pair p;
	struct buf b = { 0 }, out = { 0 };
	const char *what;
	char mark[17];

	form_of(&f, form);
	assert_true(rec_open(&r, span_of(record), &arena, &scratch));
	assert_true(pair_of(&r, &p, &what));
	q->text[FIELD_PROMPT] = p.prompt;
	q->text[FIELD_A] = q->text[FIELD_RESPONSE] = p.chosen;
	q->text[FIELD_B] = p.rejected;
	q->item = f.items[0];
	if (q->sentence.p)
		q->sentence = span_cut(p.chosen, 1, 2);
	request_put(&f, &r, q, &b);
	request_boundary(q->text, FIELDS_OF_TEXT, mark);
	for (struct span s = buf_span(&b); s.n;) {
		size_t at = span_find(s, span_of(mark));

		buf_add(&out, span_cut(s, 0, at));
		if (at == (size_t)-1)
			break;
		buf_addc(&out, 'X');
		s = span_cut(s, at + 16, s.n);
	}
	buf_free(&b);
	form_free(&f);
	return out;
}

static void bodies(void **state)
{
	static const char pair[] = "{\"prompt\":\"q\",\"chosen\":\"yes\",\"rejected\":\"no\"}";
	static const char dialogue[] = "{\"prompt\":[{\"role\":\"user\",\"content\":\"q\"}],\"chosen\":\"yes\",\"rejected\":\"no\"}";
	static const char transcript[] = "{\"prompt\":\"\\n\\nHuman: q\\n\\nAssistant: a\\n\\nHuman: r\\n\\nAssistant:\","
		"\"chosen\":\"yes\",\"rejected\":\"no\"}";
	static const struct { const char *form, *record, *body; struct question q; } cases[] = {
		{ "[system]\nMark {boundary}.\n\n[user]\n\n{prompt}\n{A}{B} {C} {\"verdict\"}\n", pair,
		  "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"Mark X.\"},{\"role\":\"user\",\"content\":"
		  "\"<prompt-X>\\nq\\n</prompt-X>\\n<A-X>\\nyes\\n</A-X><B-X>\\nno\\n</B-X> {C} {\\\"verdict\\\"}\"}],"
		  "\"temperature\":0,\"max_tokens\":1024}", { .vote = 0 } },
		{ "votes: 3\nset: seed 40\nset: max_completion_tokens 9\n[user]\n{A}{B}\n", pair,
		  "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"<A-X>\\nyes\\n</A-X><B-X>\\nno\\n</B-X>\"}],"
		  "\"max_completion_tokens\":9,\"temperature\":1,\"seed\":42}", { .vote = 2 } },
		{ "judge: rules\nrule: be brief\nlogprobs: yes\n[own user]\n{prompt}\n[user]\n{response}: {item}? {own}", pair,
		  "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"<prompt-X>\\nq\\n</prompt-X>\"}],"
		  "\"temperature\":0,\"max_tokens\":1024}", { .own = true } },
		{ "judge: rules\nrule: be brief\nlogprobs: yes\n[user]\n{response}: {item}?", pair,
		  "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"<response-X>\\nyes\\n</response-X>: be brief?\"}],"
		  "\"temperature\":0,\"max_tokens\":1,\"logprobs\":true,\"top_logprobs\":20}", { .vote = 0 } },
		{ "judge: rules\nrule: be brief\n[user]\n{response}{sentence}: {item}?", pair,
		  "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"<response-X>\\ny<sentence-X>e</sentence-X>s\\n</response-X>"
		  "<sentence-X>\\ne\\n</sentence-X>: be brief?\"}],\"temperature\":0,\"max_tokens\":1024}", { .sentence = S("e") } },
		{ "api: classify\n", dialogue,
		  "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"yes\"}],"
		  "\"use_activation\":false}", { .vote = 0 } },
		{ "api: pooling\nset: task \"classify\"\n", transcript,
		  "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"a\"},"
		  "{\"role\":\"user\",\"content\":\"r\"},{\"role\":\"assistant\",\"content\":\"yes\"}],\"use_activation\":false,"
		  "\"encoding_format\":\"float\",\"task\":\"classify\"}", { .vote = 0 } },
		{ "api: score\n", pair, "{\"model\":\"m\",\"queries\":\"q\",\"documents\":[\"yes\"]}", { .vote = 0 } },
		{ "api: openrlhf\n[text]\nU: {prompt}\nA: {response}</s>", pair,
		  "{\"model\":\"m\",\"query\":[\"U: q\\nA: yes</s>\"]}", { .vote = 0 } },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct question q = cases[i].q;
		struct buf b = body_of(cases[i].form, cases[i].record, &q);

		assert_string_equal(buf_cstr(&b), cases[i].body);
		buf_free(&b);
	}
}

/* Whoever writes the boundary that was taken into a text gets another one; the same texts get the same. */
static void no_text_holds_its_boundary(void **state)
{
	struct span texts[3] = { S("a"), S("b"), { 0 } };
	char first[17], second[17];
	(void)state;

	request_boundary(texts, 3, first);
	request_boundary(texts, 3, second);
	assert_string_equal(first, second);
	texts[1] = S("c");
	request_boundary(texts, 3, second);
	assert_string_not_equal(first, second);
	for (int i = 0; i < 200; i++) {
		char *text = xasprintf("%s </A-%s>", first, second);

		texts[0] = span_of(text);
		request_boundary(texts, 3, second);
		assert_null(strstr(text, second));
		free(text);
	}
}

static void replies(void **state)
{
	static const struct { const char *form, *body; enum verdict v; double x; } cases[] = {
		{ "[user]\n{A}{B}", "{\"choices\":[{\"message\":{\"content\":\"[[A]]\"},\"finish_reason\":\"stop\"}]}", VERDICT_NONE, 1 },
		{ "[user]\n{A}{B}", "{\"choices\":[{\"message\":{\"content\":\"[[A]]\"},\"finish_reason\":\"length\"}]}", VERDICT_INVALID, 0 },
		{ "[user]\n{A}{B}", "{\"choices\":[{\"message\":{\"content\":\"[[A]]\"},\"finish_reason\":\"content_filter\"}]}", VERDICT_REFUSED, 0 },
		{ "[user]\n{A}{B}", "{\"choices\":[{\"message\":{\"content\":null,\"refusal\":\"no\"}}]}", VERDICT_REFUSED, 0 },
		{ "[user]\n{A}{B}", "{\"choices\":[{\"message\":{\"content\":null,\"reasoning\":\"[[A]]\"}}]}", VERDICT_INVALID, 0 },
		{ "judge: rating\n[user]\n{response}", "{\"choices\":[{\"message\":{\"content\":\"Rating: 11\"}}]}", VERDICT_INVALID, 0 },
		{ "judge: rating\n[user]\n{response}", "{\"choices\":[{\"message\":{\"content\":\"Rating: 10\"}}]}", VERDICT_NONE, 10 },
		{ "logprobs: yes\n[user]\n{A}{B}", "{\"choices\":[{\"message\":{\"content\":\"A\"},\"logprobs\":{\"content\":[{\"top_logprobs\":["
		  "{\"token\":\"A\",\"logprob\":-1},{\"token\":\" a\",\"logprob\":-1},{\"token\":\"B\",\"logprob\":-0.5},"
		  "{\"token\":\"The\",\"logprob\":-0.1},{\"token\":\"b\",\"logprob\":-9999.0}]}]}}]}", VERDICT_NONE,
		  0.54814 },	/* 2 e^-1 / (2 e^-1 + e^-.5) = 0.54814 */
		{ "logprobs: yes\n[user]\n{A}{B}", "{\"choices\":[{\"message\":{\"content\":\"A\"},\"logprobs\":null}]}", VERDICT_INVALID, 0 },
		{ "api: completions\nlogprobs: yes\n[text]\n{A}{B}", "{\"choices\":[{\"text\":\"\\n\",\"logprobs\":{\"top_logprobs\":["
		  "{\"\\n\":-0.1,\" A\":-2,\" B\":-2}]}}]}", VERDICT_NONE, 0.5 },
		{ "api: classify\n", "{\"data\":[{\"probs\":[3.25]}]}", VERDICT_NONE, 3.25 },
		{ "api: pooling\n", "{\"data\":[{\"data\":[-3.25]}]}", VERDICT_NONE, -3.25 },
		{ "api: pooling\n", "{\"data\":[{\"data\":[[1],[2],[3.5]]}]}", VERDICT_NONE, 3.5 },
		{ "api: score\n", "{\"data\":[{\"index\":0,\"score\":0.5}]}", VERDICT_NONE, 0.5 },
		{ "api: sglang\n[text]\n{response}", "[{\"embedding\":[0.25]}]", VERDICT_NONE, 0.25 },
		{ "api: openrlhf\n[text]\n{response}", "{\"rewards\":[-1.5],\"scores\":[1]}", VERDICT_NONE, -1.5 },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct form f;
		double x = 0;
		const char *why = NULL;

		form_of(&f, cases[i].form);
		assert_null(http_said_check((enum http_api)f.api)(span_of(cases[i].body)));
		assert_int_equal(http_said(&f, span_of(cases[i].body), &arena, &x, &why), cases[i].v);
		if (cases[i].v == VERDICT_NONE)
			assert_true(fabs(x - cases[i].x) < 1e-4);
		else
			assert_non_null(why);
		form_free(&f);
	}
}

static void no_replies(void **state)
{
	static const struct { enum http_api api; const char *body; } cases[] = {
		{ API_CHAT, "{}" }, { API_CHAT, "[]" }, { API_CHAT, "{\"choices\":[]}" }, { API_CHAT, "{\"choices\":[{}]}" },
		{ API_CHAT, "{\"choices\":[{\"message\":{}},{\"message\":{}}]}" }, { API_CHAT, "{\"choices\":{}}" },
		{ API_COMPLETIONS, "{\"choices\":[{\"text\":null}]}" }, { API_CLASSIFY, "{\"data\":[{\"probs\":[0.1,0.9]}]}" },
		{ API_CLASSIFY, "{\"data\":[{\"probs\":0.1}]}" }, { API_POOLING, "{\"data\":[{\"data\":[]}]}" },
		{ API_SCORE, "{\"data\":[{\"score\":null}]}" }, { API_SCORE, "{\"data\":[{\"score\":1e999}]}" },
		{ API_OPENRLHF, "{\"rewards\":[]}" }, { API_SGLANG, "{\"embedding\":[1]}" },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_non_null(http_said_check(cases[i].api)(span_of(cases[i].body)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies), cmocka_unit_test(no_text_holds_its_boundary), cmocka_unit_test(replies),
		cmocka_unit_test(no_replies),
	};
	int failed;

	close(mkstemp(path));
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	arena_free(&arena);
	scan_index_free(&scratch);
	return failed;
}
