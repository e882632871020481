/* bias - what judges prefer beside the better response: a place, the longer response, their own */
#include "bias.h"

#include <math.h>
#include <stdlib.h>

#include "sheet.h"
#include "text.h"

enum { A, B };

/* ---- counting ---- */

static struct bias_voice *voice(struct bias *b, struct span name)
{
	bool is_new;
	uint64_t *at = keymap_at(&b->at, hash128(name, 0), &is_new);

	if (is_new) {
		GROW(b->v, b->n, b->room);
		*at = b->n;
		b->v[b->n++] = (struct bias_voice){ .name = span_dup(name) };
	}
	return &b->v[*at];
}

static int lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

bool bias_is_own(struct span name, struct span model)
{
	if (model.n == 0 || name.n < model.n)
		return false;
	for (size_t i = 0; i < model.n; i++)
		if (lower(name.p[i]) != lower(model.p[i]))
			return false;
	return name.n == model.n || memchr("/:@ (", name.p[model.n], 5) != NULL;
}

/* towards: 1, chosen is the one in question, -1, rejected is; 0: neither or both. */
static void lean(struct tally *said, struct tally *label, int towards, double margin)
{
	if (towards == 0)
		return;
	tally_add(said, towards * margin);
	tally_add(label, towards);
}

void bias_say(struct bias *b, struct span name, const struct bias_pair *p, double margin)
{
	struct bias_voice *v = voice(b, name);

	lean(&v->longer, &v->label_longer, (p->chars[0] > p->chars[1]) - (p->chars[0] < p->chars[1]), margin);
	lean(&v->own, &v->label_own, bias_is_own(name, p->models[0]) - bias_is_own(name, p->models[1]), margin);
}

void bias_orders(struct bias *b, struct span name, int chosen_first, int rejected_first)
{
	kappa_add(&voice(b, name)->orders, chosen_first, rejected_first);
}

void bias_free(struct bias *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->v[i].name);
	free(b->v);
	keymap_free(&b->at);
	*b = (struct bias){ 0 };
}

/* ---- figures ---- */

uint64_t bias_both(const struct bias_voice *v)
{
	double n = 0;

	for (int i = 0; i < CONCORD_VALUES; i++)
		for (int j = 0; j < CONCORD_VALUES; j++)
			n += v->orders.n[i][j];
	return (uint64_t)n;
}

double bias_same(const struct bias_voice *v)
{
	double n = 0;

	for (int i = 0; i < CONCORD_VALUES; i++)
		n += v->orders.n[i][i];
	return n / (double)bias_both(v);
}

double bias_first(const struct bias_voice *v)
{
	const double worth[2][CONCORD_VALUES] = { { 1, 0, 0.5 }, { 0, 1, 0.5 } };
	double first = 0;

	for (int i = 0; i < CONCORD_VALUES; i++)
		for (int j = 0; j < CONCORD_VALUES; j++)
			first += v->orders.n[i][j] * (worth[A][i] + worth[B][j]);
	return first / (2 * (double)bias_both(v));
}

/* ---- telling ---- */

static void put_lean(const struct tally *said, const struct tally *label, struct buf *b)
{
	buf_addf(b, "%8ju", (uintmax_t)tally_count(said));
	sheet_cell(b, 9, 4, tally_accuracy(said));
	sheet_cell(b, 9, 4, tally_accuracy(label));
}

void bias_table(const struct bias *b, struct buf *out)
{
	size_t width = 12;

	if (b->n == 0)
		return;
	for (size_t i = 0; i < b->n; i++) {
		size_t n = text_points(span_of(b->v[i].name));

		width = n > width ? n : width;
	}
	width = width > 40 ? 40 : width;
	buf_adds(out, "\nbias of judges and annotators: in both orders, for the longer response, for their own\n");
	sheet_name(out, (int)width, "");
	buf_adds(out, "    both    first     same   pairs   longer    label   pairs      own    label\n");
	for (size_t i = 0; i < b->n; i++) {
		const struct bias_voice *v = &b->v[i];

		sheet_name(out, (int)width, v->name);
		buf_addf(out, "%8ju", (uintmax_t)bias_both(v));
		sheet_cell(out, 9, 4, bias_first(v));
		sheet_cell(out, 9, 4, bias_same(v));
		put_lean(&v->longer, &v->label_longer, out);
		put_lean(&v->own, &v->label_own, out);
		buf_addc(out, '\n');
	}
}

static void json_lean(const struct tally *said, const struct tally *label, const char *key, struct buf *b)
{
	double low, high;

	tally_interval(said, &low, &high);
	sheet_key(b, key);
	buf_addc(b, '{');
	sheet_count(b, "pairs", tally_count(said));
	sheet_number(b, "share", tally_accuracy(said));
	sheet_number(b, "low", low);
	sheet_number(b, "high", high);
	sheet_number(b, "label", tally_accuracy(label));
	buf_addc(b, '}');
}

void bias_json(const struct bias *b, struct buf *out)
{
	sheet_key(out, "bias");
	buf_addc(out, '{');
	for (size_t i = 0; i < b->n; i++) {
		const struct bias_voice *v = &b->v[i];

		sheet_key(out, v->name);
		buf_addc(out, '{');
		sheet_count(out, "both_orders", bias_both(v));
		sheet_number(out, "first", bias_first(v));
		sheet_number(out, "same", bias_same(v));
		sheet_number(out, "kappa_orders", kappa_value(&v->orders));
		json_lean(&v->longer, &v->label_longer, "longer", out);
		json_lean(&v->own, &v->label_own, "own", out);
		buf_addc(out, '}');
	}
	buf_addc(out, '}');
}
