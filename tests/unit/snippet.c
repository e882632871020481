/* snippet - the unit test of lib/snippet.c and lib/language.c */
#include "../../lib/snippet.h"

#include <setjmp.h>

#include <cmocka.h>

static void knows_languages(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_string_equal(language_find(S("Python"))->name, "python");
	assert_string_equal(language_find(S("py"))->name, "python");
	assert_string_equal(language_find(S("CPP"))->name, "c++");
	assert_string_equal(language_find(S("c"))->name, "c");
	assert_string_equal(language_find(S("bash"))->name, "shell");
	assert_null(language_find(S("cobol")));
	assert_null(language_find(S("")));
	assert_false(language_is(language_find(S("c")), S("cpp")));
	language_list(&b);
	assert_true(span_find(buf_span(&b), S("verilog")) != (size_t)-1);
	buf_free(&b);
}

static void takes_code_out(void **state)
{
	static const struct { const char *text, *entry, *code; bool fenced; } t[] = {
		{ "def f(): pass\n", "f", "def f(): pass\n", false },
		{ "Here:\n```python\nx = 1\n```\nDone.", "", "x = 1\n", true },
		{ "```\nx = 1\n```", "", "x = 1\n", true },
		{ "```bash\npip install x\n```\n```python\ndef f(): pass\n```\n```python\nf()\n```", "f", "def f(): pass\n", true },
		{ "```python\nf()\n```\nand\n```python\ndef f(): pass\n```", "f", "def f(): pass\n", true },
		{ "```\noutput\n```\n```py\nx\n```", "", "x\n", true },
		{ "~~~~ {.python}\nx\n~~~\n~~~~\n", "", "x\n~~~\n", true },
		{ "``` python title=a\nx\n```", "", "x\n", true },
		{ "```python\ndef f():\n    return 1", "f", "def f():\n    return 1", true },
		{ "```json\n{}\n```", "", "```json\n{}\n```", false },
		{ "```cpp\nint f();\n```\ndef f(): pass", "f", "def f(): pass", false },
		{ "Sure, this works:\n\nimport re\ndef f(x):\n    return x\n\nIt returns x (as asked).\n", "f",
			"import re\ndef f(x):\n    return x\n\n", false },
		{ "def f(x):\n    return x\n\nRESULT = f(1)\nprint(f(2))\n", "f", "def f(x):\n    return x\n\nRESULT = f(1)\nprint(f(2))\n", false },
		{ "def g(): pass\n\nSome text here.\n", "f", "def g(): pass\n\nSome text here.\n", false },
		{ "    x\n    ~~~~\n    y\n    ~~~~\n", "", "    x\n    ~~~~\n    y\n    ~~~~\n", false },
		{ "def f(x):\n    return x\n```\n\nIn this example `f` is it.\n", "f", "def f(x):\n    return x\n", false },
		{ "import re\ndef f(): pass\n```\nor\n```python\nf()\n```\n", "f", "import re\ndef f(): pass\n", false },
		{ "def f(): pass\n```\nor\n```python\ndef f(): 1\n```\n", "f", "def f(): 1\n", true },
		{ "def f(): pass\n\nIt prints:\n```\n3\n```\n", "f", "def f(): pass\n\n", false },
		{ "    return x\n```\n\nIt returns x.\n```python\nprint(f(1))\n```\n", "f", "    return x\n", false },
		{ "You may def f like so:\n```\ndef f(): pass\n", "f", "def f(): pass\n", true },
		{ "def g(): pass\n```\ndef f(): pass\n```\n", "f", "def f(): pass\n", true },
		{ "print(1)\n```\nx\n```\n", "", "x\n", true }, { "import x\nx()\n```\nIt is x.\n", "", "import x\nx()\n", false },
		{ "```\n\nBetter:\n\n```python\nx\n```\n", "", "x\n", true }, { "```\na\n``` b\nc\n```\n", "", "a\n``` b\nc\n", true },
		{ "1. so:\n   ```python\n   x\n   ```\n", "", "   x\n", true }, { "", "f", "", false },
	};
	const struct language *python = language_find(S("python"));

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		bool fenced;
		struct span s = snippet_code(span_of(t[i].text), python, span_of(t[i].entry), &fenced);

		if (!span_eq(s, span_of(t[i].code)) || fenced != t[i].fenced)
			fail_msg("%s:\n%.*s", t[i].text, ARG(s));
	}
}

static void knows_definitions(void **state)
{
	const struct language *python = language_find(S("python")), *c = language_find(S("c"));

	(void)state;
	assert_true(snippet_defines(S("def f(x):"), python, S("f")));
	assert_true(snippet_defines(S("class f:"), python, S("f")));
	assert_true(snippet_defines(S("x = 1\nf = lambda: 0\n"), python, S("f")));
	assert_true(snippet_defines(S("async def f(x):"), python, S("f")));
	assert_false(snippet_defines(S("def ff(x): f(x)"), python, S("f")));
	assert_false(snippet_defines(S("return f(x)"), python, S("f")));
	assert_false(snippet_defines(S("def f(): 0"), python, S("")));
	assert_true(snippet_defines(S("int f(int x)"), c, S("f")));
	assert_false(snippet_defines(S("int if0(int x)"), c, S("f")));
}

static void ends_completions(void **state)
{
	static const struct { const char *text, *code; } t[] = {
		{ "    return 1\n\n\ndef g():\n    pass\n", "    return 1\n\n\n" },
		{ "    return 1\nassert f() == 1", "    return 1\n" },
		{ " return 1", " return 1" }, { "\n    return 1\nx", "\n    return 1\n" }, { "return 1\n    x\n", "return 1\n    x\n" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++)
		if (!span_eq(snippet_completion(span_of(t[i].text)), span_of(t[i].code)))
			fail_msg("%s", t[i].text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(knows_languages), cmocka_unit_test(takes_code_out),
		cmocka_unit_test(knows_definitions), cmocka_unit_test(ends_completions) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
