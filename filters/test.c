/* test - run responses against test cases, in a sandbox (long: what the page must tell of forms and sandboxes)
 *
 * A record is a pair or candidates; its tests are in the record itself, or in --tests FILE under the same task_id, id or
 * prompt. Each response gets
 *
 *   tests      {"pass": how many passed, "of": how many there are, "verdict": the worst of them, "status": [of each],
 *              "why": what ended the first that did not pass, "inside": see below, "sandbox": how it was run}
 *
 * of candidates in the response, of a pair as tests_chosen and tests_rejected. From the best to the worst a status is
 * pass, fail (a wrong answer, an exception, an exit), compile-error, crash, output-limit, memory, timeout,
 * sandbox-violation. Memory and timeout do not show that the response is wrong, only that it is expensive. Records
 * without tests stay as they are. Nothing is dropped.
 *
 * Forms of tests (the first that a record has):
 *
 *   "test": {"asserts": [...]}, or test_list and test_setup_code as in MBPP: Python statements
 *   "test": {"check": ..., "entry_point": ...}, or test and entry_point as in HumanEval: check(candidate)
 *   "test": {"calls": [{"args": [...], "result": ...}], "entry_point": ...}: JSON values; floats up to 1e-6
 *   "test": {"cases": [{"in": ..., "out": ...}], "language": ...}: standard input and output, up to blanks at the ends
 *       of lines and of the text
 *   "test": {"program": ..., "language": ...}, or tests and language as in MultiPL-E: goes behind the response
 *   "test": {"testbench": ..., "pass": PATTERN, "fail": PATTERN}: Verilog beside the response; what the
 *       testbench says by $display must match pass and not fail
 *   "test": {"answer": ...}, or --answer FIELD: the final answer of a text: after ####, in \boxed{}, after "answer is"
 *       or "A:", else the last number; equal as numbers (1,000 is $1000.00) or as texts
 *   "test": {"match": PATTERN}: of the text
 *
 * What is tested is the first block of code in Markdown that defines entry_point, or is of the language; without blocks
 * the text, for Python without the prose around it. A text that only goes on with its prompt is put behind it, up to
 * where the function ends (--whole: all of it).
 *
 * Exit status 0 is never a pass. Python functions are called from another process than the candidate's, which gets
 * plain values back: nothing the candidate does to equality, frames, exit or output can make a wrong value right.
 * Output is compared outside the sandbox. Test programs must come to their end, where they print a number nobody knew;
 * what testbenches say is told from what designs say in the same way. Code in the same process could still find
 * that number: prefer the other forms for responses that may cheat. Tests that build objects of the candidate's classes
 * run in its process, too; "inside" counts them.
 *
 * --reference FIELD drops the tests that this solution fails (PLUM, Zhang et al. 2024): for tests that a model wrote.
 * --consensus writes scores.consensus, by dual execution agreement (CodeT, Chen et al. 2022): with how many responses a
 * response shares the set of tests it passes, times how many these are.
 *
 * --cache FILE keeps results by all they depend on but the compilers and interpreters: what was tested is not run again,
 * also after the program was killed. Remove the file when those change.
 *
 * Programs run under limits (--cpu and what follows it), kept apart by the first of these that a trial run shows to work,
 * or by what --sandbox says; `tests.sandbox` names it:
 *
 *   direct     namespaces of their own with nothing of the host but a read-only /usr, without network, as nobody
 *   bwrap      the same by bubblewrap, for machines where it alone may make namespaces. Programs see all of /proc that is
 *              not of a process; an exit status above 128 counts as a signal
 *   landlock   Landlock (Linux 6.12) and a stricter filter on system calls. Names, sizes and times of the host's files
 *              are seen, not what is in them; there is no /proc, no socket but pairs, no chmod. Programs run as the
 *              caller, whose other processes count for --processes (of root: as a user of their own); files are looked
 *              at every 50 ms, so that --disk may be passed for that long
 *   none       nothing: programs may do all that you may do. Only with --i-trust-this-code
 *
 * Where none of the first three works the program refuses to work. A test that needed more than --wall but not --cpu is
 * tried once more alone.
 *
 * --memory and --processes hold for all processes of a test together. For root, and users to whom cgroups are delegated,
 * the kernel sees to it, and kills at some more than --memory; beside it, and for the others, memory is looked at every
 * 50 ms, in which a program may take more, and what no process maps is not seen.
 */
#include "exam.h"
#include "passes.h"
#include "run.h"
#include "scores.h"
#include "testbook.h"
#include "view.h"

#include <math.h>
#include <stdlib.h>

static const char *tests_path, *languages_path, *language = "python", *answer_field, *reference_field, *cache_path;
static bool list, completion, whole, consensus, times, trusted;
static int sandbox_choice;
static struct opt_list folders;
static double cpu = 3, wall = 9;
static long memory = 512, output = 1024, disk = 64, processes = 64;

static const struct opt options[] = {
	OPT_STR('t', "tests", &tests_path, "FILE", "tests of records with the same task_id, id or prompt"),
	OPT_STR('l', "language", &language, "NAME", "where tests do not say (default: python)"),
	OPT_STR(0, "languages", &languages_path, "FILE",
		"more of them: records with name, file, run, and as needed tags, compile, done, brace, bench"),
	OPT_FLAG(0, "list", &list, "print the languages, end"),
	OPT_STR(0, "answer", &answer_field, "FIELD", "the final answer must be that of this member"),
	OPT_FLAG(0, "completion", &completion,
		"responses go on with their prompt (default: those that do not define the function)"),
	OPT_FLAG(0, "whole", &whole, "a response that goes on with its prompt is taken to its end"),
	OPT_STR(0, "reference", &reference_field, "FIELD", "drop tests that the solution in this member fails"),
	OPT_FLAG(0, "consensus", &consensus, "write scores.consensus: how far responses agree on the tests"),
	OPT_STR(0, "cache", &cache_path, "FILE", "results found before are in FILE, and new ones are added as they arrive"),
	OPT_FLAG(0, "times", &times, "write seconds of CPU and wall time, which differ from run to run"),
	OPT_HEADING("Sandbox"),
	OPT_NUM(0, "cpu", &cpu, 0.1, 86400, "S", "CPU seconds of a response, or of a case (default: 3)"),
	OPT_NUM(0, "wall", &wall, 0.1, 86400, "S", "seconds by the clock (default: 9)"),
	OPT_INT(0, "memory", &memory, 16, 1 << 20, "MB", "of all processes together (default: 512)"),
	OPT_INT(0, "output", &output, 1, 1 << 20, "KB", "printed (default: 1024)"),
	OPT_INT(0, "disk", &disk, 1, 1 << 20, "MB", "in files (default: 64)"),
	OPT_INT(0, "processes", &processes, 8, 4096, "N", "at a time (default: 64)"),
	OPT_LIST(0, "show", &folders, "FOLDER",
		"programs see this folder, read-only, beside /usr; not below /tmp; may be given again"),
	OPT_CHOICE(0, "sandbox", &sandbox_choice, "auto|direct|bwrap|landlock|none",
		"how programs are kept apart (default: auto, the best that works)"),
	OPT_FLAG(0, "i-trust-this-code", &trusted, "for --sandbox none: programs may do all that you may do"),
	OPT_END
};

static struct sandbox *box;
static struct trial_cache *cache;
static struct trial_rules rules;
static struct testbook *book;		/* NULL: tests are in the records */
static struct passes passes;
static uint64_t n_responses, n_untested, n_unanswered, n_inside, n_without, n_verdicts[TRIAL_VIOLATION + 1];

/* ---- a record ---- */

/* What look() leaves for settle(). */
struct outcome {
	struct exam exam;
	const char *sandbox;		/* NULL: none was used */
	bool untested, unanswered;
};

/* 1, 0, -1 as trial_of(). */
static int find_tests(struct rec *r, struct value object, struct trial *t, const char **why)
{
	struct value v;

	if (object.kind == JSON_NONE)
		return 0;
	if (!answer_field)
		return trial_of(object, &rules, t, r->arena, why);
	v = scan_member(object, span_of(answer_field));
	*t = (struct trial){ .form = TRIAL_ANSWER, .language = rules.language, .n = 1 };
	t->text = v.kind == JSON_NUMBER ? v.raw : json_text(v, r->arena);
	return t->text.p != NULL;
}

/* Texts of all responses; false: one has none, or there are none. */
static bool responses_of(struct view *w, struct span **texts)
{
	*texts = arena_alloc(w->r->arena, (w->n + 1) * sizeof **texts);
	for (size_t i = 0; i < w->n; i++) {
		(*texts)[i] = view_text(w, &w->sides[i]);
		if (!(*texts)[i].p)
			return false;
	}
	return w->n > 0;
}

static struct span tests_json(const struct outcome *o, size_t i, struct arena *a)
{
	struct buf b = { 0 };
	struct span s;

	exam_put(&b, &o->exam, i, o->sandbox, times);
	s = arena_copy(a, buf_span(&b));
	buf_free(&b);
	return s;
}

/* `scores` of a response with the agreement in it. */
static struct span scores_json(struct value response, double agreement, struct arena *a)
{
	struct member_edit edit = { .name = S("consensus"), .json = arena_printf(a, "%.17g", agreement) };
	struct buf b = { 0 };
	struct span s;

	object_put(&b, scan_member(response, S("scores")), &edit, 1, a);
	s = arena_copy(a, buf_span(&b));
	buf_free(&b);
	return s;
}

/* False, after rec_bad(): they are something else. */
static bool scores_fit(struct rec *r, struct value response)
{
	const struct value v = scan_member(response, S("scores"));

	if (v.kind == JSON_OBJECT || v.kind == JSON_NONE || v.kind == JSON_NULL)
		return true;
	rec_bad(r, rec_col(r, v.raw.p), "\"scores\" is not an object");
	return false;
}

static void write_candidates(struct rec *r, const struct outcome *o)
{
	struct scan_iter it = scan_open(rec_get(r, "responses"));
	struct buf b = { 0 };
	struct member m;

	buf_addc(&b, '[');
	for (size_t i = 0; scan_next(&it, &m); i++) {
		struct member_edit edits[2] = { { S("tests"), tests_json(o, i, r->arena) } };

		if (consensus && !scores_fit(r, m.val)) {
			buf_free(&b);
			return;
		}
		if (consensus)
			edits[1] = (struct member_edit){ S("scores"), scores_json(m.val, exam_agreement(&o->exam, i), r->arena) };
		if (i)
			buf_addc(&b, ',');
		object_put(&b, m.val, edits, 1 + consensus, r->arena);
	}
	buf_addc(&b, ']');
	rec_set(r, "responses", arena_copy(r->arena, buf_span(&b)));
	buf_free(&b);
}

static struct span reference_of(struct rec *r, struct value object)
{
	struct span s = { NULL, 0 };

	if (!reference_field)
		return s;
	s = json_text(scan_member(object, span_of(reference_field)), r->arena);
	if (!s.p)
		rec_bad(r, 0, "no member \"%s\" that is a string", reference_field);
	return s;
}

static void look(struct rec *r)
{
	struct outcome *o = arena_alloc(r->arena, sizeof *o);
	struct view *w = arena_alloc(r->arena, sizeof *w);
	struct value object = testbook_find(book, r);
	struct span *texts, reference, error;
	const char *why = NULL;
	struct trial t;
	int found;

	*o = (struct outcome){ .untested = true };
	r->data = o;
	view_of(r, w);
	o->unanswered = !responses_of(w, &texts);
	if (o->unanswered || (found = find_tests(r, object, &t, &why)) == 0)
		return;
	if (found < 0) {
		rec_bad(r, 0, "%s", why);
		return;
	}
	reference = reference_of(r, object);
	if (r->bad)
		return;
	if (!exam_take(&o->exam, &t, &rules, box, cache, texts, w->n, reference, r->arena, &error))
		die(EXIT_SYSTEM, "%.*s", ARG(error));
	o->untested = false;
	if (trial_runs(&t))
		o->sandbox = sandbox_name(box);
	if (w->candidates) {
		write_candidates(r, o);
		return;
	}
	rec_set(r, "tests_chosen", tests_json(o, 0, r->arena));
	rec_set(r, "tests_rejected", tests_json(o, 1, r->arena));
}

/* ---- counting ---- */

static void settle(struct rec *r)
{
	const struct outcome *o = r->data;
	size_t passed = 0;

	if (o->untested || !o->exam.tests) {
		n_untested += o->untested && !o->unanswered;
		n_unanswered += o->unanswered;
		n_without += !o->untested;
		return;
	}
	for (size_t i = 0; i < o->exam.n; i++) {
		n_verdicts[o->exam.results[i].verdict]++;
		n_inside += o->exam.results[i].inside > 0;
		passed += o->exam.results[i].verdict == TRIAL_PASS;
	}
	n_responses += o->exam.n;
	passes_add(&passes, o->exam.n, passed);
}

static void tell_passes(void)
{
	static const size_t ks[] = { 1, 10, 100 };
	struct buf text = { 0 }, json = { 0 };

	buf_addc(&json, '{');
	for (size_t i = 0; i < COUNT(ks); i++) {
		size_t prompts;
		double p = passes_at(&passes, ks[i], &prompts);

		if (isnan(p))
			continue;
		buf_addf(&text, "%spass@%zu %.4f of %zu prompts", i ? ", " : "", ks[i], p, prompts);
		buf_addf(&json, "%s\"%zu\":%.6f", i ? "," : "", ks[i], p);
	}
	buf_addc(&json, '}');
	if (text.n)
		tell_note("pass", buf_cstr(&text), buf_span(&json));
	buf_free(&text);
	buf_free(&json);
}

static void stop(void)
{
	struct buf text = { 0 }, json = { 0 };

	buf_addf(&text, "%llu", (unsigned long long)n_responses);
	buf_addf(&json, "{\"responses\":%llu", (unsigned long long)n_responses);
	for (int i = 0; i <= TRIAL_VIOLATION; i++) {
		if (!n_verdicts[i])
			continue;
		buf_addf(&text, ", %s %llu", trial_words[i], (unsigned long long)n_verdicts[i]);
		buf_addf(&json, ",\"%s\":%llu", trial_words[i], (unsigned long long)n_verdicts[i]);
	}
	if (n_inside)
		buf_addf(&text, "; with tests inside %llu", (unsigned long long)n_inside);
	if (cache)
		buf_addf(&text, "; from the cache %zu", trial_cache_hits(cache));
	if (n_untested)
		buf_addf(&text, "; records without tests %llu", (unsigned long long)n_untested);
	if (n_unanswered)
		buf_addf(&text, "; records without responses %llu", (unsigned long long)n_unanswered);
	if (n_without)
		buf_addf(&text, "; without a test that the reference passes %llu", (unsigned long long)n_without);
	buf_addf(&json, ",\"inside\":%llu,\"untested\":%llu,\"unanswered\":%llu,\"no_reference\":%llu}", (unsigned long long)n_inside,
		(unsigned long long)n_untested, (unsigned long long)n_unanswered, (unsigned long long)n_without);
	tell_note("responses", buf_cstr(&text), buf_span(&json));
	tell_passes();
	buf_free(&text);
	buf_free(&json);
	sandbox_close(box);
	trial_cache_close(cache);
	testbook_free(book);
	passes_free(&passes);
}

/* ---- start ---- */

static NORETURN void print_languages(void)
{
	struct buf b = { 0 };

	language_list(&b);
	fwrite(b.p, 1, b.n, stdout);
	buf_free(&b);
	if (fflush(stdout) != 0)
		die(EXIT_SYSTEM, "(stdout):");
	exit(EXIT_OK);
}

/* It must not lie where the sandbox has something of its own. */
static void check_folder(struct span folder)
{
	static const char *const own[] = { "/tmp/", "/box/", "/proc/", "/dev/" };

	if (!span_starts(folder, S("/")))
		die(EXIT_USAGE, "--show %.*s: not from the root", ARG(folder));
	for (size_t i = 0; i < COUNT(own); i++)
		if (span_starts(folder, span_of(own[i])))
			die(EXIT_USAGE, "--show %.*s: programs have a %s of their own", ARG(folder), own[i]);
}

static void start(void)
{
	const char *why_not;
	char *why = NULL;

	if (languages_path)
		language_read(languages_path);
	if (list)
		print_languages();
	if ((sandbox_choice == SANDBOX_NONE) != trusted)
		die(EXIT_USAGE,
			"--sandbox none and --i-trust-this-code go together: programs may then do all that you may do");
	rules.language = language_find(span_of(language));
	if (!rules.language)
		die(EXIT_USAGE, "--language %s: not known; --list lists them", language);
	rules.limits = (struct sandbox_limits){ cpu, wall, (uint64_t)memory << 20, (uint64_t)output << 10,
		(uint64_t)disk << 20, (uint64_t)processes };
	rules.completion = completion;
	rules.keep_tail = whole;
	for (size_t i = 0; i < folders.n; i++)
		check_folder(span_of(folders.v[i]));
	if (!answer_field) {
		box = sandbox_open((enum sandbox_backend)sandbox_choice, (unsigned)run_jobs(), folders.v, folders.n, &why);
		if (!box)
			die(EXIT_SYSTEM, "no sandbox works here (%s); --sandbox none --i-trust-this-code does without", why);
	}
	if (cache_path) {
		run_side_file(cache_path);
		cache = trial_cache_open(cache_path, &why_not);
		if (!cache)
			die(EXIT_SYSTEM, "%s: %s", cache_path, why_not);
	}
	if (tests_path) {
		run_reads(tests_path);
		book = testbook_read(tests_path);
	}
	run_records(1);
}

int main(int argc, char **argv)
{
	static const struct filter test = { .name = "pref-test", .about = "run responses against test cases, in a sandbox",
		.options = options, .start = start, .look = look, .settle = settle, .stop = stop };

	return filter_main(&test, argc, argv);
}
