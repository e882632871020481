/* http_form - any bytes as the file of -J http: what it asks is JSON, and no judged text holds the boundary */
#include "http_request.h"
#include "judge_file.h"
#include "scan.h"

static void *open_form(const char *path)
{
	struct form *f = xcalloc(1, sizeof *f);

	form_read(f, path);
	return f;
}

static void close_form(void *self)
{
	form_free(self);
	free(self);
}

static void ask(const void *self, struct rec *r, const struct pair *p, struct judgement *j)
{
	const struct form *f = self;
	struct question q = { .text = { p->prompt, p->chosen, p->rejected, p->chosen } };
	struct buf body = { 0 };
	struct value top;
	struct scan_error e;
	char mark[17];

	for (q.vote = 0; q.vote < 2; q.vote++) {
		q.sentence = f->uses_sentence ? span_cut(p->chosen, 1, p->chosen.n) : (struct span){ 0 };
		for (size_t i = 0; i < f->n_items && i < 10; i++) {
			q.item = f->items[i];
			q.own = f->has_own && q.vote == 1;
			body.n = 0;
			request_put(f, r, &q, &body);
			LAW(scan(buf_span(&body), SCAN_UNIQUE, NULL, &top, &e) && top.kind == JSON_OBJECT);
		}
	}
	request_boundary(q.text, FIELDS_OF_TEXT, mark);
	for (size_t i = 0; i < FIELDS_OF_TEXT; i++)
		LAW(span_find(q.text[i], span_of(mark)) == (size_t)-1);
	buf_free(&body);
	j->verdict = VERDICT_ERROR;
	j->why = "it was only asked";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct judge form = { .open = open_form, .judge = ask, .close = close_form };

	judge_file(&form, data, size);
	return 0;
}
