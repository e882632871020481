/* gen - seeded random records for the law tests: pairs whose JSON is as odd as JSON may be
 *
 * usage: gen SEED N [BAD]
 *
 * N records; with BAD, about one line in BAD is no record. Prompts differ, texts are words with escapes and
 * several scripts mixed in, members come in any order among others that no program knows, with blanks, odd
 * numbers and nesting.
 */
#include "random.h"

#include <stdlib.h>

static struct rng g;

#define PICK(list) ((list)[rng_below(&g, COUNT(list))])

static void blanks(void)
{
	static const char *const some[] = { "", "", "", "", "", "", " ", "\t", "  ", "\r" };

	fputs(PICK(some), stdout);
}

static void words(unsigned least, unsigned most)
{
	static const char *const word[] = { "the", "answer", "is", "never", "always", "maybe", "number", "of", "stars", "and", "light",
		"\\n", "\\t", "\\\"quoted\\\"", "back\\\\slash", "a\\/b", "\\u00e9t\\u00e9", "na\xc3\xafve", "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
		"\xd0\xbc\xd0\xb8\xd1\x80", "\\ud83d\\ude00", "\xf0\x9f\x8e\x89", "\\ud800", "{\xe2\x80\xa6}", "[1,2]", "1.", "- item\\n- item",
		"```\\ncode\\n```", "sorry,", "cannot", "e\xcc\x81", "\\u0000", "caf\\u0065", "x^2", "why?", "Yes." };

	for (uint64_t n = least + rng_below(&g, most - least + 1); n > 0; n--)
		printf("%s%s", PICK(word), n > 1 ? " " : "");
}

static void value(int depth)
{
	static const char *const leaf[] = { "1.10", "-0", "1e400", "123456789012345678901234567890", "0.1e-7", "true", "false", "null", "\"\"",
		"\"\\u0000\\ud800\"", "[]", "{}", "\"}{][\"", "1E+2" };

	switch (depth > 3 ? 0 : rng_below(&g, 5)) {
	case 0:
	case 1:
		fputs(PICK(leaf), stdout);
		break;
	case 2:
		putchar('"');
		words(0, 6);
		putchar('"');
		break;
	case 3:
		putchar('[');
		for (uint64_t n = rng_below(&g, 4); n > 0; n--) {
			blanks();
			value(depth + 1);
			blanks();
			if (n > 1)
				putchar(',');
		}
		putchar(']');
		break;
	default:
		putchar('{');
		for (uint64_t i = 0, n = rng_below(&g, 4); i < n; i++) {
			printf("%s\"k%llu\"", i ? "," : "", (unsigned long long)i);
			blanks();
			putchar(':');
			blanks();
			value(depth + 1);
		}
		putchar('}');
	}
}

/* Who voted how, for those who make labels of it. */
static void votes(void)
{
	static const char *const vote[] = { "\"A\"", "\"A\"", "\"B\"", "\"tie\"", "null", "\"error\"", "[\"A\",\"A\"]", "[ \"A\" , \"B\" ]",
		"[null,\"tie\"]" };
	bool first = true;

	putchar('{');
	for (int by = 0; by < 5; by++) {
		if (rng_below(&g, 3) == 0)
			continue;
		printf("%s\"j%d\":%s", first ? "" : ",", by, PICK(vote));
		first = false;
	}
	putchar('}');
}

static void record(uint64_t i)
{
	uint32_t order[7] = { 0, 1, 2, 3, 4, 5, 6 };
	bool first = true;

	rng_shuffle(&g, order, COUNT(order));
	blanks();
	putchar('{');
	for (size_t k = 0; k < COUNT(order); k++) {
		static const char *const key[] = { "prompt", "ch\\u006fsen", "rejected", "meta", "weird key \\\"\\u00e9", "source", "vot\\u0065s" };
		static const char *const plain[] = { "prompt", "chosen", "rejected", "meta", "", "source", "votes" };

		if (order[k] > 2 && rng_below(&g, 2))
			continue;
		if (!first)
			putchar(',');
		first = false;
		blanks();
		printf("\"%s\"", rng_below(&g, 4) ? plain[order[k]] : key[order[k]]);
		blanks();
		putchar(':');
		blanks();
		if (order[k] == 3 || order[k] == 4) {
			value(0);
		} else if (order[k] == 6) {
			votes();
		} else if (order[k] == 5) {
			printf("\"s%llu\"", (unsigned long long)rng_below(&g, 3));
		} else {
			putchar('"');
			if (order[k] == 0)
				printf("Question %llu: ", (unsigned long long)i);
			/* A fifth is short; the rest is long enough to have word 5-grams of its own. */
			if (order[k] == 2)
				fputs("no ", stdout);
			words(1, rng_below(&g, 5) ? 60 : 4);
			printf(" %llu\"", (unsigned long long)(i * 2 + (order[k] == 1)));
		}
		blanks();
	}
	putchar('}');
	blanks();
	putchar('\n');
}

int main(int argc, char **argv)
{
	static const char *const broken[] = { "{\"prompt\":\"cut", "", "   ", "nonsense", "[1,2,3]", "{\"a\":1,\"a\":2}", "{\"a\":\"\xff\"}",
		"{\"a\":01}", "\xef\xbb\xbf{}", "{\"a\":\"tab\there\"}" };
	uint64_t n, bad;

	program_name = "gen";
	if (argc < 3)
		die(EXIT_USAGE, "usage: gen SEED N [BAD]");
	g.seed = strtoull(argv[1], NULL, 10);
	n = strtoull(argv[2], NULL, 10);
	bad = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
	for (uint64_t i = 0; i < n; i++) {
		if (bad && rng_below(&g, bad) == 0)
			puts(PICK(broken));
		else
			record(i);
	}
	if (fflush(stdout) != 0)
		die(EXIT_SYSTEM, "standard output:");
	return 0;
}
