/* trial.h - the tests that go with a prompt, and what they say of responses
 *
 * What a record may have, the first that is there counts:
 *
 *	test: {...}			one of the forms below; "language" (default python), "setup" run before tests
 *	    asserts: [TEXT, ...]	Python statements; each is a test
 *	    check: TEXT, entry_point	Python that defines check(candidate); one test
 *	    calls: [{args, result}]	JSON values for function entry_point; each is a test
 *	    cases: [{in, out}]		standard input and the output that is right, up to blanks at the ends of lines
 *					and of the text; each is a test, one process each
 *	    program: TEXT		goes behind the response; one test, of a whole program
 *	    testbench: TEXT		Verilog beside the response; what its $display says must match pass (default:
 *					Mismatches: 0 in [1-9]|Your Design Passed) and not fail; the response must not end
 *					the simulation
 *	    answer: TEXT		the final answer (answer.h)
 *	    match: PATTERN		of the response as it is
 *	test_list (test_setup_code)	asserts, as in MBPP
 *	test, entry_point		check, as in HumanEval
 *	tests, language			program, as in MultiPL-E
 *
 * What is tested is the code in the response (snippet.h), behind the prompt if it only goes on with it.
 */
#ifndef PREF_TRIAL_H
#define PREF_TRIAL_H

#include "language.h"
#include "sandbox.h"
#include "scan.h"

struct match;

enum trial_form {
	TRIAL_ASSERTS, TRIAL_CHECK, TRIAL_CALLS, TRIAL_CASES, TRIAL_PROGRAM, TRIAL_BENCH, TRIAL_ANSWER, TRIAL_MATCH
};

enum trial_status {
	TRIAL_PASS, TRIAL_FAIL, TRIAL_COMPILE, TRIAL_CRASH, TRIAL_OUTPUT, TRIAL_MEMORY, TRIAL_TIMEOUT, TRIAL_VIOLATION
};
extern const char *const trial_words[];		/* "pass", "fail", "compile-error", ... by status */

/* One record's tests; spans borrowed from the record or in the arena. */
struct trial {
	enum trial_form form;
	const struct language *language;
	struct span prompt;		/* a string; may be empty */
	struct span setup, entry;
	struct span text;		/* check, program, testbench, answer or pattern */
	struct span pass, fail;		/* testbench: patterns */
	struct value *tests;		/* asserts: strings; calls and cases: objects */
	size_t n;			/* tests; 1 for the other forms */
};

struct trial_result {
	enum trial_status *status;	/* of each test; in the arena */
	size_t pass;
	enum trial_status verdict;	/* the worst; TRIAL_PASS only if all passed */
	struct span why;		/* of the first that did not pass: an exception, the end of standard error; or empty */
	size_t inside;			/* tests that had to run in the candidate's own process */
	double cpu, wall;		/* seconds, of all responses tested in one sandbox together */
};

struct trial_rules {
	struct sandbox_limits limits;	/* of one response; a case, compiling each have them for themselves */
	const struct language *language;	/* where a record does not say */
	bool completion;		/* all responses go on with the prompt */
	bool keep_tail;			/* a completion is taken whole */
};

/* The tests of an object: 1; 0: it has none; -1: *why (static or in the arena) says what is wrong with those that it has. */
int trial_of(struct value object, const struct trial_rules *rules, struct trial *t, struct arena *a, const char **why);
/* Do its tests run anything, in a sandbox? */
bool trial_runs(const struct trial *t);
/* The code of a response, in the arena: the whole, after what stands before the function in a prompt that is Python, or the
 * rest of it, after its prompt. */
struct span trial_code(const struct trial *t, const struct trial_rules *rules, struct span response, struct arena *a);
/* Test n responses (as trial_code() gives them; for answer and match the texts). Any thread. False: the sandbox
 * failed, *why (in the arena) says how. */
bool trial_run(const struct trial *t, const struct trial_rules *rules, struct sandbox *s, const struct span *codes,
	size_t n, struct trial_result *results, struct arena *a, struct span *why);

#endif
