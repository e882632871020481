/* sheet - what tables for people and JSON objects for machines are put together from */
#include "sheet.h"

#include <math.h>
#include <stdlib.h>

#include "scan.h"
#include "text.h"

void sheet_cell(struct buf *b, int width, int digits, double x)
{
	if (isnan(x))
		buf_addf(b, "%*s", width, "-");
	else
		buf_addf(b, "%*.*f", width, digits, x);
}

void sheet_name(struct buf *b, int width, const char *name)
{
	struct buf seen = { 0 };
	struct span s;
	const char *p;
	int n = 0, room = abs(width);

	buf_add_visible(&seen, span_of(name));
	s = buf_span(&seen);
	for (p = s.p; p < s.p + s.n && n < room; n++)
		text_next(&p, s.p + s.n);
	if (width < 0)
		buf_addf(b, "%*s", room - n, "");
	buf_add(b, (struct span){ s.p, (size_t)(p - s.p) });
	if (width > 0)
		buf_addf(b, "%*s", room - n, "");
	buf_free(&seen);
}

void sheet_key(struct buf *b, const char *name)
{
	if (b->p[b->n - 1] != '{')
		buf_addc(b, ',');
	json_put_text(b, span_of(name));
	buf_addc(b, ':');
}

void sheet_number(struct buf *b, const char *name, double x)
{
	sheet_key(b, name);
	json_put_number(b, x);
}

void sheet_count(struct buf *b, const char *name, uint64_t n)
{
	sheet_key(b, name);
	buf_addf(b, "%ju", (uintmax_t)n);
}
