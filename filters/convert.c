/* convert - read public preference layouts into ours, and write what trainers read
 *
 * A record of ours holds "prompt", "chosen" and "rejected": strings, or arrays of messages {"role", "content"},
 * the responses without the prompt. The layout of each file is known by the members of its first record, or
 * named with --from; --list shows all layouts, the members they are known by, what decides between two
 * responses and what a tie becomes. The closing lines repeat the rule that was used. A file that fits none,
 * or several alike, or contradicts the direction of its layout (ranks that begin at 0 where 1 is the first),
 * is refused. A later record that does not fit the layout of its file is a bad record. Records that are in our
 * layout already pass unchanged.
 *
 * Values are moved as they are written: numbers, escapes and members that a layout does not know keep their
 * bytes, and follow ours. Such a member may have a name of ours that tells of chosen and rejected (scores,
 * score_chosen, score_rejected, margin, margin_std, preference, verdict, why, votes, flip, swapped,
 * chosen_position). Where the layout names chosen and rejected itself it is taken to mean what ours does;
 * where the layout only says which side is better, or how good each response is, it was not said of our
 * chosen and rejected, and is renamed source_margin and so on.
 *
 * What belongs to one response is named for it: score_chosen and score_rejected,
 * chosen_model and rejected_model; "chosen_position" (1 or 2) tells which one the source showed first;
 * "votes" holds who preferred chosen (A), rejected (B) or neither (tie), or two such votes of one who was shown chosen
 * first and then rejected first (null: no verdict). "margin" is the difference of scores
 * or the strength of the preference, where the source states one.
 *
 * Conversations are cut at turns, never inside one: the prompt is what both sides begin with, up to the last
 * answer that both begin. When they part before their last turn, --diverged decides: first (the default) cuts
 * where they part, so that the responses hold the turns that follow and nothing is lost; last takes the last
 * turn of each and the prompt of the chosen one, as if rejected had answered it; drop drops them. Texts without
 * turns (trl-implicit) are cut before a blank, never inside a word.
 *
 * A tie that the source states becomes a pair with the member "verdict": "tie" and "preference": 0.5, chosen
 * being the first; equal ranks or scores in a list make no pair. --ties keep makes a pair of every tie, --ties
 * drop of none.
 *
 * Lists of responses become pairs: best-worst (the default) makes one pair of a list, so that every prompt
 * weighs the same; all makes every pair; adjacent pairs each response with the next worse one. A record that
 * makes several lines has its "id" renamed "source_id". --candidates keeps the list instead: "prompt" and
 * "responses", each with "text" or "messages" and, where known, "score" (higher is better; a rank r is
 * the score -r).
 *
 * Layouts with one response a row (helpsteer, kto) are joined by equal prompts over the whole input, which
 * reads it twice; from a pipe, they must be named with --from. The rows that went into another row's pair are
 * dropped with the reason "joined".
 *
 * --to writes what a trainer reads, every row with the same members, and drops what it would refuse or
 * take wrong:
 *
 *   pair        prompt, chosen or rejected is absent, or neither a string nor messages
 *   empty       a prompt, a response or a message is blank
 *   equal       chosen and rejected do not differ but for blanks around them
 *   tie         the verdict is a tie
 *   role        the turns are not [system] user assistant user ... with the responses the assistant's
 *   turns       a response has several messages and the trainer takes one
 *   content     a message is not text (an image, a tool call, null)
 *   surrogate   half of a surrogate pair, which UTF-8 cannot say
 *   form        (trl) strings where the first row has messages, or the other way round
 *   margin      the margin is absent where the rows have one, or is negative
 *
 * --to kto makes two rows of a pair, chosen and rejected first by turns, and keeps rows of one prompt apart,
 * for the trainer takes its KL term from the neighbouring row: up to 64 rows wait, and of them comes next the
 * one whose prompt was written longest ago (32 rows are long enough, then the oldest).
 *
 * --to llama-factory -o DIR/NAME.json (or .jsonl) enters NAME in DIR/dataset_info.json as well, where all
 * other entries stay as they are; without -o nothing is entered.
 *
 * Memory: a few batches of records; for joined layouts about 100 bytes a prompt more, and the rows that wait.
 */
#include "layout.h"
#include "run.h"
#include "target.h"

#include <stdlib.h>

static struct layout_options layout;
static struct target_options target;
static int to = -1, margin;
static bool list, writing;

static const struct opt options[] = {
	OPT_STR(0, "from", &layout.from, "LAYOUT", "the layout of the input (default: known by its members)"),
	OPT_FLAG(0, "list", &list, "show the layouts and targets, and exit"),
	OPT_STR(0, "label", &layout.label, "NAME", "which preference, where a record states several"),
	OPT_CHOICE(0, "pairs", &layout.pairs, LAYOUT_PAIRS_WORDS, "pairs to make of a list (default: best-worst)"),
	OPT_FLAG(0, "candidates", &layout.candidates, "keep lists as lists of responses"),
	OPT_CHOICE(0, "ties", &layout.ties, LAYOUT_TIES_WORDS,
		"keep ties that the source states, all, or none (default: stated)"),
	OPT_CHOICE(0, "diverged", &layout.diverged, LAYOUT_DIVERGED_WORDS,
		"conversations that part before the last turn: cut where they part, at the last turn, or drop "
		"(default: first)"),
	OPT_HEADING("Writing for a trainer"),
	OPT_CHOICE(0, "to", &to, TARGET_WORDS, "write what this trainer reads, and drop what it would refuse"),
	OPT_CHOICE(0, "margin", &margin, TARGET_MARGIN_WORDS,
		"write the margin: as the first row has it, always, never (default: auto)"),
	OPT_END
};

static void put(struct rec *r, struct span json)
{
	if (json.p)
		rec_put(r, json, -1);
}

static void settle(struct rec *r)
{
	layout_settle(r);
	if (writing)
		target_settle(r);
}

static void emit(struct rec *r)
{
	layout_emit(r);
	if (writing)
		target_settle(r);
}

static void stop(void)
{
	layout_stop();
	if (writing)
		target_stop(run_put);
}

static void start(void);

static struct filter convert = {
	.name = "pref-convert", .about = "read public preference layouts into ours, and write what trainers read",
	.options = options, .start = start, .look = layout_look, .settle = settle, .stop = stop
};

static NORETURN void show_list(void)
{
	struct buf b = { 0 };

	layout_list(&b);
	buf_adds(&b, "\ntargets (--to):\n");
	target_list(&b);
	if (fwrite(b.p, 1, b.n, stdout) != b.n || fflush(stdout) != 0)
		die(EXIT_SYSTEM, "standard output:");
	exit(EXIT_OK);
}

static void start(void)
{
	const char *const *inputs;
	size_t n;

	if (list)
		show_list();
	writing = opt_given(&to);
	if (!writing && opt_given(&margin))
		die(EXIT_USAGE, "--margin is for --to");
	if (writing && layout.candidates)
		die(EXIT_USAGE, "--to writes pairs, --candidates lists");
	if (writing) {
		target.margin = (enum target_margin)margin;
		target.out = run_out_path();
		target_start(to, &target);
	}
	inputs = run_inputs(&n);
	layout.put = writing ? target_put : put;
	/* Rows that must be joined need the second pass; all else streams. */
	if (layout_start(&layout, inputs, n))
		convert.emit = emit;
}

int main(int argc, char **argv)
{
	return filter_main(&convert, argc, argv);
}
