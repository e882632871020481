/* trial - the unit test of lib/trial*.c, lib/exam.c and lib/driver.py */
#include "../../lib/exam.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sys/wait.h>
#include <unistd.h>

static struct sandbox *box;
static struct arena arena;
static struct trial_rules rules;

static struct value object(const char *text)
{
	struct scan_error e;
	struct value v;

	if (!scan(span_of(text), 0, NULL, &v, &e))
		fail_msg("%s: %s at %zu", text, e.why, e.at);
	return v;
}

/* ---- what tests there are ---- */

static void finds_tests(void **state)
{
	static const struct { const char *json; int found; enum trial_form form; size_t n; } t[] = {
		{ "{\"test_list\":[\"assert f()\",\"assert g()\"],\"test\":\"x\",\"entry_point\":\"f\"}", 1, TRIAL_ASSERTS, 2 },
		{ "{\"test\":\"def check(c): pass\",\"entry_point\":\"f\"}", 1, TRIAL_CHECK, 1 },
		{ "{\"tests\":\"}\\nint main(){}\",\"language\":\"cpp\",\"test\":\"y\"}", 1, TRIAL_PROGRAM, 1 },
		{ "{\"test\":{\"asserts\":[\"a\"]}}", 1, TRIAL_ASSERTS, 1 },
		{ "{\"test\":{\"calls\":[{\"args\":[],\"result\":null}],\"entry_point\":\"f\"}}", 1, TRIAL_CALLS, 1 },
		{ "{\"test\":{\"cases\":[{\"out\":\"\"}],\"language\":\"c\"}}", 1, TRIAL_CASES, 1 },
		{ "{\"test\":{\"testbench\":\"module t; endmodule\"}}", 1, TRIAL_BENCH, 1 },
		{ "{\"test\":{\"answer\":\"18\"}}", 1, TRIAL_ANSWER, 1 }, { "{\"test\":{\"match\":\"a+\"}}", 1, TRIAL_MATCH, 1 },
		{ "{\"test\":\"no entry\"}", 0, 0, 0 }, { "{\"tests\":\"no language\"}", 0, 0, 0 }, { "{}", 0, 0, 0 }, { "{\"test\":3}", 0, 0, 0 },
		{ "{\"test\":{}}", -1, 0, 0 }, { "{\"test\":{\"asserts\":[]}}", -1, 0, 0 }, { "{\"test\":{\"asserts\":[1]}}", -1, 0, 0 },
		{ "{\"test_list\":[]}", -1, 0, 0 }, { "{\"test\":{\"asserts\":[\"a\"],\"language\":\"c\"}}", -1, 0, 0 },
		{ "{\"test\":{\"check\":\"a\"}}", -1, 0, 0 }, { "{\"test\":{\"calls\":[{\"args\":[]}],\"entry_point\":\"f\"}}", -1, 0, 0 },
		{ "{\"test\":{\"cases\":[{\"in\":\"\"}]}}", -1, 0, 0 }, { "{\"test\":{\"cases\":[{\"out\":\"\"}],\"language\":\"cobol\"}}", -1, 0, 0 },
		{ "{\"test\":{\"testbench\":\"x\",\"language\":\"c\"}}", -1, 0, 0 }, { "{\"test\":{\"program\":7}}", -1, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		const char *why = NULL;
		struct trial got;
		int found = trial_of(object(t[i].json), &rules, &got, &arena, &why);

		if (found != t[i].found || (found > 0 && (got.form != t[i].form || got.n != t[i].n)) || (found < 0 && !why))
			fail_msg("%s: %d %s", t[i].json, found, why ? why : "");
	}
}

static struct span code_of(const char *test, const char *response)
{
	struct trial t;
	const char *why;

	assert_int_equal(trial_of(object(test), &rules, &t, &arena, &why), 1);
	return trial_code(&t, &rules, span_of(response), &arena);
}

static void assert_code(struct span got, const char *want)
{
	if (!span_eq(got, span_of(want)))
		fail_msg("%.*s, not %s", ARG(got), want);
}

static void joins_prompt_and_completion(void **state)
{
	const char *check = "{\"prompt\":\"def f(x):\\n\",\"test\":\"\",\"entry_point\":\"f\"}";
	const char *open = "{\"prompt\":\"int f(int x) {\\n\",\"tests\":\"}\\nint main() {}\",\"language\":\"cpp\"}";
	const char *closed = "{\"prompt\":\"function f(x){\\n\",\"tests\":\"f(1)\",\"language\":\"js\"}";

	(void)state;
	assert_code(code_of(check, "    return x\n\nprint(f)\n"), "def f(x):\n    return x\n\n");
	assert_code(code_of(check, "    return x\ndef g():\n    pass\ndef f(x):\n"), "def f(x):\n    return x\n");
	assert_code(code_of(check, "def f(x):\n    return x\n\nprint(f)\n"), "def f(x):\n    return x\n\nprint(f)\n");
	assert_code(code_of(check, "```python\n    return x\n```"), "def f(x):\n    return x\n");
	assert_code(code_of(check, "    return x\n```\n\nIt is x.\n"), "def f(x):\n    return x\n");
	assert_code(code_of(open, "  return x;\n}\nint g() {}\n"), "int f(int x) {\n  return x;\n");
	assert_code(code_of(open, "int f(int x) {\n  return x;\n}\n"), "int f(int x) {\n  return x;\n}\n");
	assert_code(code_of(closed, "  return x;\n}\nf(2)\n"), "function f(x){\n  return x;\n}");
	rules.keep_tail = true;
	assert_code(code_of(check, "    return x\n\nprint(f)\n"), "def f(x):\n    return x\n\nprint(f)\n");
	rules.keep_tail = false;
}

static void keeps_the_head_of_a_prompt(void **state)
{
	const char *head = "{\"prompt\":\"from typing import List\\n# help\\ndef g():\\n\\n    pass\\n\\ndef f(x: List):\\n\",\"test\":\"\","
		"\"entry_point\":\"f\"}";
	const char *prose = "{\"prompt\":\"Write f.\\nimport re\\ndef f(x):\\n\",\"test\":\"\",\"entry_point\":\"f\"}";
	const char *bound = "{\"prompt\":\"import re\\n@re.x\\ndef f(x):\\n\",\"test\":\"\",\"entry_point\":\"f\"}";

	(void)state;
	assert_code(code_of(head, "def f(x: List): 0\n"), "from typing import List\n# help\ndef g():\n\n    pass\n\ndef f(x: List): 0\n");
	assert_code(code_of(head, "```\ndef f(x: List): 0\n```"),
		"from typing import List\n# help\ndef g():\n\n    pass\n\ndef f(x: List): 0\n");
	assert_code(code_of(head, "from __future__ import annotations\ndef f(x): 0\n"), "from __future__ import annotations\ndef f(x): 0\n");
	assert_code(code_of(prose, "def f(x): 0\n"), "def f(x): 0\n");
	assert_code(code_of(bound, "def f(x): 0\n"), "def f(x): 0\n");
}

/* ---- running them ---- */

/* "verdict pass/of why" of each code under the test, parted by "; ". */
static const char *verdicts(const char *test, const char *const *codes, size_t n)
{
	struct span texts[16], why;
	struct trial t;
	struct exam e;
	const char *text;
	struct buf b = { 0 };

	assert_int_equal(trial_of(object(test), &rules, &t, &arena, &text), 1);
	for (size_t i = 0; i < n; i++)
		texts[i] = span_of(codes[i]);
	if (!exam_take(&e, &t, &rules, box, NULL, texts, n, (struct span){ NULL, 0 }, &arena, &why))
		fail_msg("%.*s", ARG(why));
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s %zu/%zu%s%.*s", i ? "; " : "", trial_words[e.results[i].verdict], e.results[i].pass, e.tests,
			e.results[i].why.n ? " " : "", ARG(e.results[i].why));
	text = arena_printf(&arena, "%s", buf_cstr(&b)).p;
	buf_free(&b);
	return text;
}

#define VERDICTS(test, ...) verdicts(test, (const char *const[]){ __VA_ARGS__ }, COUNT(((const char *const[]){ __VA_ARGS__ })))

#define TWICE "{\"test\":{\"asserts\":[\"assert f(2) == 4\",\"assert f('a') == 'aa'\",\"assert f((1,)) == (1, 1)\"]}}"

static void tests_functions(void **state)
{
	(void)state;
	assert_string_equal(VERDICTS(TWICE, "def f(x): return x * 2", "def f(x): return x + x", "def f(x): return 4",
			"def f(x): return x", "def f(x: return", "def g(x): return x * 2", "raise ValueError", "def f(x): return x.y",
			"def f(x): return '4' if x == 2 else x * 2", "def f(x): return list(x * 2) if type(x) == tuple else x * 2"),
		"pass 3/3; pass 3/3; fail 1/3 AssertionError; fail 0/3 AssertionError; compile-error 0/3 SyntaxError; "
		"fail 0/3 NameError; fail 0/3 ValueError; fail 0/3 AttributeError; fail 2/3 AssertionError; fail 2/3 AssertionError");
}

/* Values of all plain types go there and back; what is not plain is not equal to anything. */
static void values_are_kept(void **state)
{
	(void)state;
	assert_string_equal(VERDICTS("{\"test\":{\"asserts\":["
			"\"for x in [0, -1, 10**5000, 1.5, float('inf'), '\\u00e9', '', None, True, b'ab', 2j, (), (1, [2]), {1, 2}, "
			"frozenset([3]), {1: 'a', (2, 3): [4]}, range(3), [[[]]]]:\\n assert f(x) == x and type(f(x)) == type(x), x\","
			"\"x = f(float('nan')); assert x != x\",\"assert list(g(3)) == [0, 1, 2]\",\"assert not (h() == h())\","
			"\"try: f.y\\nexcept AttributeError: pass\",\"try: k()\\nexcept KeyError: pass\",\"assert f(x=1) == 1\"]}}",
		"def f(x): return x\ndef g(n): return (i for i in range(n))\ndef h(): return object()\ndef k(): return {}[1]"), "pass 7/7");
}

static void limits_hold(void **state)
{
	const double wall = rules.limits.wall;

	(void)state;
	assert_string_equal(VERDICTS(TWICE, "def f(x):\n while x != 'a': pass\n return 'aa'", "while True: pass", "def f(x): return [0] * 10**9", "import ctypes\ndef f(x):\n if x == 2: ctypes.string_at(0)\n return x * 2",
			"def f(x): return x * 2"),
		"timeout 0/3 cpu; timeout 0/3 cpu; memory 0/3 MemoryError; crash 2/3 SIGSEGV; pass 3/3");
	rules.limits.wall = 2;
	assert_string_equal(VERDICTS(TWICE, "import time\ndef f(x): time.sleep(60)"), "timeout 0/3 wall");
	/* A test that hangs, and one whose set-up needs the candidate's class. */
	assert_string_equal(VERDICTS("{\"test\":{\"asserts\":[\"assert f() == 1\",\"while True: pass\"]}}", "def f(): return 1"),
		"timeout 1/2 wall");
	rules.limits.wall = wall;
	assert_string_equal(VERDICTS("{\"test\":{\"setup\":\"n = Node(3)\",\"asserts\":[\"assert f(n) == 3\"]}}",
			"class Node:\n def __init__(s, v): s.v = v\ndef f(n): return n.v", "def f(n): return n.v"),
		"pass 1/1; fail 0/1 NameError");
}

/* All of these pass where the oracle is in the process of the candidate, or where exit status 0 is a pass. */
static void forged_passes_fail(void **state)
{
	static const char *const forged[] = {
		"import os\ndef f(x): os._exit(0)",
		"import sys\ndef f(x): sys.exit(0)",
		"raise SystemExit(0)",
		"class E(int):\n def __eq__(s, o): return True\ndef f(x): return E(1)",
		"class E:\n def __eq__(s, o): return True\n def __bool__(s): return True\ndef f(x): return E()",
		"class L(list):\n def __eq__(s, o): return True\ndef f(x): return L()",
		"import sys\ndef f(x):\n g = sys._getframe()\n while g:\n  for v in list(g.f_locals.values()):\n"
			"   if isinstance(v, list): v.append('pass')\n  g = g.f_back\n return 0",
		"import builtins\nbuiltins.AssertionError = type('A', (BaseException,), {})\ndef f(x): raise AssertionError",
		"def check(c): pass\ndef f(x): return 0",
		"import os\nfor i in range(3, 40):\n try: os.write(i, b'{\"status\": [\"pass\", \"pass\", \"pass\"]}\\n')\n except OSError: pass\n"
			"def f(x): return 0",
		"import os, struct\nm = b'[\"value\", 4]'\nfor i in range(3, 40):\n try: os.write(i, struct.pack('<I', len(m)) + m)\n"
			" except OSError: pass\ndef f(x): return 0",
		"import gc\ndef f(x):\n for o in gc.get_objects():\n  if isinstance(o, dict) and 'tests' in o: return eval(o['tests'][0].split('==')[1])\n"
			" return 0",
		"import os\ndef f(x):\n for p in os.listdir('/proc'):\n  try: s = open('/proc/' + p + '/mem', 'rb'); return 4\n"
			"  except OSError: pass\n return 0",
		"import signal, os\nsignal.signal(signal.SIGALRM, lambda *a: os._exit(0))\ndef f(x): signal.alarm(1); signal.pause()",
		"import json\njson.dumps = lambda *a: '[\"value\", 4]'\ndef f(x): return 0",
		"print('pass')",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(forged); i++) {
		const char *said = VERDICTS("{\"test\":{\"asserts\":[\"assert f(2) == 4\",\"assert f('a') == 'aa'\",\"assert f((1,)) == (1, 1)\"]}}",
			forged[i]);

		if (strncmp(said, "pass", 4) == 0 || !strstr(said, " 0/3"))
			/* Knowing nothing, one may still guess: 4 is right of the first test. */
			if (!(strstr(said, "fail 1/3") && strstr(forged[i], "4")))
				fail_msg("%s: %s", forged[i], said);
	}
}

/* Who kills the driver is found, and does not take those after it along. */
static void killers_stand_alone(void **state)
{
	(void)state;
	assert_string_equal(VERDICTS(TWICE, "def f(x): return x * 2", "import os\nos.kill(-1, 9)\ndef f(x): return x * 2",
			"def f(x): return x * 2", "import os\nfor p in os.listdir('/proc'):\n try: os.kill(int(p), 9)\n except (ValueError, OSError): pass\n",
			"import os, time\ndef f(x):\n for i in range(9):\n  if os.fork() == 0: time.sleep(60)\n return x * 2", "def f(x): return x * 2"),
		/* (There is no /proc to find others in.) */
		strcmp(sandbox_name(box), "landlock") == 0 ?
		"pass 3/3; sandbox-violation 0/3 driver; pass 3/3; fail 0/3 PermissionError; pass 3/3; pass 3/3" :
		"pass 3/3; sandbox-violation 0/3 driver; pass 3/3; sandbox-violation 0/3 driver; pass 3/3; pass 3/3");
}

static void tests_checks_and_calls(void **state)
{
	(void)state;
	assert_string_equal(VERDICTS("{\"prompt\":\"def half(x):\\n    return x / 2\\n\\ndef f(x):\\n    '''Twice.'''\\n\","
			"\"test\":\"def check(candidate):\\n    assert candidate(half(4)) == 4\\n\",\"entry_point\":\"f\"}",
			"    return 2 * half(2 * x)\n", "    return x\n", "def half(x): return 0\ndef f(x): return 2 * x"),
		"pass 1/1; fail 0/1 AssertionError; pass 1/1");
	assert_string_equal(VERDICTS("{\"test\":{\"entry_point\":\"f\",\"calls\":[{\"args\":[1,[2]],\"result\":[1,[2]]},"
			"{\"args\":[0.1,0.2],\"result\":{\"a\":0.3}},{\"args\":[true,null],\"result\":true}]}}",
			"def f(a, b): return (a, b) if a == 1 and a is not True else {'a': a + b} if b else a", "def f(a, b): return 1"),
		"pass 3/3; fail 0/3 AssertionError");
}

static void tests_programs(void **state)
{
	(void)state;
	assert_string_equal(VERDICTS("{\"test\":{\"language\":\"sh\",\"cases\":[{\"in\":\"3 4\\n\",\"out\":\"7\"},{\"out\":\"0\\n\"}]}}",
			"read a b; echo $((a+b))", "read a b; echo \"$((a+b))  \"; echo", "echo 7", "exit 0", "echo 7; exit 1", "while :; do :; done"),
		"pass 2/2; pass 2/2; fail 1/2 output; fail 0/2 output; fail 0/2; timeout 0/2");
	assert_string_equal(VERDICTS("{\"test\":{\"language\":\"sh\",\"program\":\"set -e\\n[ $(f 2) = 4 ]\"}}",
			"f() { echo $(($1*2)); }", "f() { echo 1; }", "exit 0", "f() { echo 4; }; trap 'exit 0' EXIT; exit 0", "f() { kill -9 $$; }"),
		"pass 1/1; fail 0/1; fail 0/1 exit; fail 0/1 exit; crash 0/1");
	assert_string_equal(VERDICTS("{\"test\":{\"language\":\"c\",\"program\":\"#include <assert.h>\\nint main(void)\\n{\\n\\tassert(f(2) == 4);\\n}\"}}",
			"int f(int x) { return 2 * x; }", "#include <stdlib.h>\nint f(int x) { exit(0); }", "int f(int x) { return x; }"),
		"pass 1/1; fail 0/1 exit; crash 0/1 main: ../box/main.c:6: main: Assertion `f(2) == 4' failed.");
}

/* What the design prints is not what the testbench says, and a design does not end the simulation. */
static void tests_designs(void **state)
{
	const char *test = "{\"test\":{\"testbench\":\"module t; reg a; wire y; d x(a, y); initial begin a = 0; #1; "
		"if (y === 1) $display(\\\"Your Design %s\\\", \\\"Passed\\\"); else $display(\\\"no\\\"); $finish; end endmodule\"}}";

	(void)state;
	if (access("/usr/bin/iverilog", X_OK) < 0) {
		puts("skipped: trial: no iverilog in /usr");
		return;
	}
	assert_string_equal(VERDICTS(test, "```verilog\nmodule d(input a, output y); assign y = ~a; endmodule\n```",
			"module d(input a, output y); assign y = a; endmodule",
			"module d(input a, output y); initial $display(\"Your Design Passed\"); endmodule",
			"module d(input a, output y); initial $finish; endmodule", "module d(input a, output y) endmodule"),
		"pass 1/1; fail 0/1 testbench; fail 0/1 testbench; fail 0/1 $finish; compile-error 0/1 ../box/design.sv:1: syntax error");
}

static void compares_texts(void **state)
{
	(void)state;
	assert_string_equal(VERDICTS("{\"test\":{\"answer\":\"so 3*6\\n#### 18\"}}", "The answer is 18.", "#### 17", "none"),
		"pass 1/1; fail 0/1; fail 0/1 no answer");
	assert_string_equal(VERDICTS("{\"test\":{\"match\":\"^<think>.*</think>$\"}}", "<think>a</think>", "a"), "pass 1/1; fail 0/1");
}

/* ---- all together ---- */

static void references_and_agreement(void **state)
{
	const struct span texts[] = { S("def f(x): return x"), S("def f(x): return x + 0"), S("def f(x): return abs(x)"), S("x") };
	struct trial t;
	struct exam e;
	const char *text;
	struct span why;

	(void)state;
	/* The second test is wrong. */
	assert_int_equal(trial_of(object("{\"test\":{\"asserts\":[\"assert f(1) == 1\",\"assert f(2) == 3\",\"assert f(-1) == -1\"]}}"),
		&rules, &t, &arena, &text), 1);
	assert_true(exam_take(&e, &t, &rules, box, NULL, texts, 4, S("def f(x): return x"), &arena, &why));
	assert_int_equal(e.tests, 2);
	assert_int_equal(e.results[0].verdict, TRIAL_PASS);
	assert_int_equal(e.results[2].verdict, TRIAL_FAIL);
	assert_int_equal(e.results[2].pass, 1);
	assert_true(exam_agreement(&e, 0) == 4 && exam_agreement(&e, 1) == 4 && exam_agreement(&e, 2) == 1 &&
		exam_agreement(&e, 3) == 0);
	assert_true(exam_take(&e, &t, &rules, box, NULL, texts, 4, S("nothing"), &arena, &why));
	assert_int_equal(e.tests, 0);
}

/* Under each backend; of nobody what must not pass. */
static int suites(const char *user)
{
	static const struct CMUnitTest hostile[] = { cmocka_unit_test(forged_passes_fail), cmocka_unit_test(killers_stand_alone) };
	static const struct CMUnitTest all[] = {
		cmocka_unit_test(tests_functions), cmocka_unit_test(values_are_kept), cmocka_unit_test(limits_hold),
		cmocka_unit_test(tests_checks_and_calls), cmocka_unit_test(tests_programs), cmocka_unit_test(tests_designs),
		cmocka_unit_test(compares_texts), cmocka_unit_test(references_and_agreement),
	};
	int failed = 0;
	char *why;

	for (enum sandbox_backend how = SANDBOX_DIRECT; how < SANDBOX_NONE; how++) {
		box = sandbox_open(how, 1, NULL, 0, &why);
		if (!box) {
			printf("skipped: trial as %s: %s\n", user, why);
			free(why);
			continue;
		}
		failed += cmocka_run_group_tests_name(user, hostile, NULL, NULL);
		if (strcmp(user, "nobody") != 0)
			failed += cmocka_run_group_tests_name(sandbox_name(box), all, NULL, NULL);
		sandbox_close(box);
	}
	arena_free(&arena);
	return failed;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_tests), cmocka_unit_test(joins_prompt_and_completion), cmocka_unit_test(keeps_the_head_of_a_prompt),
	};
	int status = 0;
	pid_t pid = 0;

	rules.language = language_find(S("python"));
	rules.limits = sandbox_limits;
	rules.limits.cpu = 1;
	rules.limits.wall = 40;
	fflush(NULL);
	if (geteuid() == 0 && (pid = fork()) == 0)
		exit(setgid(65534) < 0 || setuid(65534) < 0 || suites("nobody") != 0);
	if (pid > 0)
		waitpid(pid, &status, 0);
	return cmocka_run_group_tests(tests, NULL, NULL) + suites("user") || status;
}
