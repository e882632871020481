/* kl - how far a policy has gone from its reference */
#include "kl.h"

#include <math.h>

#include "logprobs.h"
#include "sheet.h"

/* From one member both: log-probs of the tokens that were drawn (pref-sample's logp) and of those that the text is encoded
 * in (pref-density's scores) are of different things. */
static bool logps_of(struct value answer, struct span member, const char *const names[2], double sum[2])
{
	const struct value all = scan_member(answer, member);
	struct logprobs l;

	for (int i = 0; i < 2; i++) {
		const struct value v = scan_member(all, span_of(names[i]));

		if (v.kind == JSON_NONE || logprobs_read(v, &l))
			return false;
		sum[i] = l.sum;
	}
	return true;
}

static bool is_by(struct value answer, const char *policy, struct arena *a)
{
	const struct value model = scan_member(answer, S("model"));

	return model.kind != JSON_STRING || span_eq(json_text(model, a), span_of(policy));
}

void kl_read(struct rec *r, const char *policy, const char *reference, struct kl_prompt *p)
{
	struct scan_iter it = scan_open(rec_get(r, "responses"));
	const char *const names[2] = { policy, reference };
	double sum[2], tokens;
	bool all_tell = true;
	struct member m;

	*p = (struct kl_prompt){ 0 };
	while (scan_next(&it, &m)) {
		if (!is_by(m.val, policy, r->arena) ||
		    (!logps_of(m.val, S("scores"), names, sum) && !logps_of(m.val, S("logp"), names, sum)))
			continue;
		p->answers++;
		p->sum += sum[0] - sum[1];
		if (json_number(scan_member(m.val, S("tokens")), &tokens) && tokens >= 1 && tokens < 1e9)
			p->tokens += (size_t)tokens;
		else
			all_tell = false;
	}
	if (!all_tell)
		p->tokens = 0;
}

void kl_add(struct kl *k, const struct kl_prompt *p)
{
	double mean;

	if (p->answers == 0) {
		k->missing++;
		return;
	}
	mean = p->sum / (double)p->answers;
	k->prompts++;
	k->answers += p->answers;
	k->sum += mean;
	k->square += mean * mean;
	k->tokens += p->tokens;
	k->counted += p->tokens ? p->sum : 0;
}

double kl_mean(const struct kl *k, double *error)
{
	const double n = (double)k->prompts, mean = k->sum / n;

	*error = k->prompts > 1 ? sqrt(fmax(0, k->square / n - mean * mean) / (n - 1)) : NAN;
	return k->prompts ? mean : NAN;
}

double kl_per_token(const struct kl *k)
{
	return k->tokens ? k->counted / (double)k->tokens : NAN;
}

void kl_table(const struct kl *k, struct buf *b)
{
	double error, mean = kl_mean(k, &error);

	buf_adds(b, "KL to the reference      prompts   answers  nats an answer  std. error   a token\n");
	sheet_name(b, 24, "");
	buf_addf(b, "%8ju%10ju", (uintmax_t)k->prompts, (uintmax_t)k->answers);
	sheet_cell(b, 16, 4, mean);
	sheet_cell(b, 12, 4, error);
	sheet_cell(b, 10, 5, kl_per_token(k));
	if (k->missing)
		buf_addf(b, "  %ju not measured", (uintmax_t)k->missing);
	buf_addc(b, '\n');
}

void kl_json(const struct kl *k, struct buf *b)
{
	double error, mean = kl_mean(k, &error);

	buf_addc(b, '{');
	sheet_count(b, "prompts", k->prompts);
	sheet_count(b, "not_measured", k->missing);
	sheet_count(b, "answers", k->answers);
	sheet_number(b, "per_answer", mean);
	sheet_number(b, "std_error", error);
	sheet_number(b, "per_token", kl_per_token(k));
	buf_addc(b, '}');
}
