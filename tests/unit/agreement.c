/* agreement - what is counted of judges; breakdown - by group; sheet - how names and numbers are put */
#include "agreement.h"
#include "sheet.h"

#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

static void test_breakdown(void **state)
{
	static const char *const names[] = { "a", "b", "c", "b", "d", "d", "b" };
	static const size_t indexes[] = { 0, 1, 2, 1, 3, 3, 1 }, orders[] = { 1, 3, 0, 2 };
	struct breakdown b = { 0 };
	struct breakdown_tallies t = { 0 };
	struct tally one;
	size_t *order = breakdown_order(&b);

	(void)state;
	free(order);
	for (size_t i = 0; i < COUNT(names); i++)
		assert_int_equal(breakdown_pair(&b, span_of(names[i])), indexes[i]);
	order = breakdown_order(&b);
	for (size_t i = 0; i < COUNT(orders); i++)
		assert_int_equal(order[i], orders[i]);
	free(order);

	/* A group that was never added to, within and beyond what there is room for. */
	breakdown_add(&t, 2, 1);
	breakdown_add(&t, 2, 0);
	breakdown_add(&t, 100, -3);
	assert_true(t.n > 100);
	for (size_t i = 0; i < t.n + 3; i++) {
		one = breakdown_tally(&t, i);
		assert_int_equal(one.right, i == 2);
		assert_int_equal(one.ties, i == 2);
		assert_int_equal(one.wrong, i == 100);
	}
	free(t.v);
	breakdown_free(&b);
}

/* Three pairs, of which annotators say their own; the judge scores the first two and fails at the third. */
static void test_annotators(void **state)
{
	const double chars[2] = { 10, 20 };
	struct board b = { 0 };
	struct buf json = { 0 };
	const struct juror *judge;
	struct tally ann, bob, cy;
	size_t j = board_judge(&b, S("judge"), false);

	(void)state;
	board_pair(&b, chars, S("web"));
	board_side(&b, S("ann"), 1);
	board_side(&b, S("bob"), -1);
	board_say(&b, j, 3, 1, NAN);
	board_pair(&b, chars, S(""));
	board_side(&b, S("bob"), 1);
	board_say(&b, j, 2, 2, NAN);
	board_pair(&b, chars, S(""));
	board_side(&b, S("cy"), -1);
	board_say(&b, j, NAN, NAN, NAN);
	/* A verdict without scores. Nobody says anything of this one: the sides of the last do not linger. */
	board_pair(&b, chars, S("web"));
	board_say(&b, j, NAN, NAN, -1);
	board_close(&b);

	judge = &b.v[0];
	ann = breakdown_tally(&judge->by[BOARD_ANNOTATOR], 0);
	bob = breakdown_tally(&judge->by[BOARD_ANNOTATOR], 1);
	cy = breakdown_tally(&judge->by[BOARD_ANNOTATOR], 2);
	assert_true(ann.right == 1 && ann.wrong == 0 && ann.ties == 0);
	assert_true(bob.right == 0 && bob.wrong == 1 && bob.ties == 1);
	assert_true(tally_count(&cy) == 0 && b.by[BOARD_ANNOTATOR].v[2].pairs == 1);
	assert_true(b.by[BOARD_ANNOTATOR].v[1].pairs == 2);
	assert_true(b.by[BOARD_SOURCE].n == 1 && b.by[BOARD_SOURCE].v[0].pairs == 2);
	assert_true(judge->failed == 1 && judge->all.right == 1 && judge->all.wrong == 1 && judge->all.ties == 1);

	/* An annotator whose pairs no judge could score is told, too. */
	buf_addc(&json, '{');
	board_json(&b, &json);
	assert_non_null(strstr(buf_cstr(&json), "\"cy\":{\"pairs\":0,\"ties\":0,\"accuracy\":null"));
	buf_free(&json);
	board_free(&b);
}

static void test_sheet(void **state)
{
	struct buf b = { 0 };

	(void)state;
	sheet_name(&b, 4, "abcdef");
	sheet_name(&b, 4, "\xC3\xA9");
	sheet_name(&b, -3, "x");
	sheet_cell(&b, 6, 2, 1.005);
	sheet_cell(&b, 4, 2, NAN);
	assert_string_equal(buf_cstr(&b), "abcd\xC3\xA9     x  1.00   -");
	b.n = 0;
	buf_addc(&b, '{');
	sheet_count(&b, "a\"", 3);
	sheet_number(&b, "b", 0.1);
	sheet_number(&b, "c", INFINITY);
	sheet_key(&b, "d");
	buf_addc(&b, '{');
	sheet_count(&b, "e", UINT64_MAX);
	buf_adds(&b, "}}");
	assert_string_equal(buf_cstr(&b), "{\"a\\\"\":3,\"b\":0.1,\"c\":null,\"d\":{\"e\":18446744073709551615}}");
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_breakdown), cmocka_unit_test(test_annotators), cmocka_unit_test(test_sheet),
	};

	return cmocka_run_group_tests_name("agreement", tests, NULL, NULL);
}
