/* ask.h - between judges and lib/http: journal, prices, batch files, and what is told of it all
 *
 * A program whose judges may ask over HTTP adds ASK_OPTIONS to its table and hands what asks ahead, such as panel_ahead(),
 * to run_ahead(..., ask_plans()): then requests are only planned.
 */
#ifndef PREF_ASK_H
#define PREF_ASK_H

#include "http.h"

struct ask_options {
	bool dry_run, reparse;
	const char *prices, *emit_batch, *ingest_batch;
	double max_cost, command_timeout;
};
extern struct ask_options ask_options;

#define ASK_OPTIONS \
	OPT_FLAG(0, "dry-run", &ask_options.dry_run, \
		"ask nothing: count what would be asked over HTTP, its tokens and price; records pass unchanged"), \
	OPT_STR(0, "prices", &ask_options.prices, "FILE", \
		"lines \"MODEL IN OUT\": prices of a million tokens"), \
	OPT_NUM(0, "max-cost", &ask_options.max_cost, 1e-9, 1e9, "X", \
		"stop before a request that could take the cost of this run above X"), \
	OPT_FLAG(0, "reparse", &ask_options.reparse, "read the journal's answers anew, ask nothing"), \
	OPT_STR(0, "emit-batch", &ask_options.emit_batch, "FILE", \
		"ask nothing: write what would be asked as an OpenAI batch file; records pass unchanged"), \
	OPT_STR(0, "ingest-batch", &ask_options.ingest_batch, "FILE", \
		"first put the answers of a batch's output file into the journal"), \
	OPT_NUM(0, "command-timeout", &ask_options.command_timeout, 1e-3, 1e6, "S", \
		"seconds that -J command has for an answer (default: 60)")

/* Are requests only planned (--dry-run, --emit-batch)? */
bool ask_plans(void);

struct asker;
/* s is borrowed; prices and limits are filled in. The journal and the files of the options are claimed (claim.h): no input
 * or output, nor the journal of another judge, may be one of them. Dies (EXIT_USAGE, EXIT_SYSTEM) if it cannot work. */
struct asker *asker_open(struct http_settings *s, const char *model, const char *journal);
/* Begin, or plan. */
void asker_send(struct asker *a, struct span body);
/* The reply, appended; false: *why. Ends the process (EXIT_SYSTEM) when asking has to stop. */
bool asker_get(struct asker *a, struct span body, struct buf *reply, const char **why);
/* Adds to the closing lines (tell.h). Accepts NULL. */
void asker_close(struct asker *a);

#endif
