/* chat - chat templates: the table, and what differs from it */
#include "lm/chat.h"

#include <stdlib.h>

#include "text.h"

/* Of a message: what stands before and after the text. */
struct frame {
	const char *before, *after;
};

/* Where a system message stands: a turn of its own, or within the user's frame. */
enum place { OWN_TURN, FIRST_USER, LAST_USER };

struct chat {
	const char *name;
	const char *begin;		/* before all */
	const char *system;		/* a system message if there is none; NULL: none is added */
	struct frame frame[3];		/* by role; before NULL: the template has no such role */
	const char *ask;		/* asks the assistant to speak */
	const char *end;		/* ends an answer */
	const char *lead;		/* between `ask` and an answer */
	unsigned trims;			/* 1 << role: blanks around its text go */
	enum place place;
};

#define ALL_ROLES (1 << CHAT_SYSTEM | 1 << CHAT_USER | 1 << CHAT_ASSISTANT)
#define CHATML \
	.begin = "", .frame = { { "<|im_start|>system\n", "<|im_end|>\n" }, { "<|im_start|>user\n", "<|im_end|>\n" }, \
	{ "<|im_start|>assistant\n", "<|im_end|>\n" } }, .ask = "<|im_start|>assistant\n", .end = "<|im_end|>", .lead = ""
#define HEADER3(role) "<|start_header_id|>" role "<|end_header_id|>\n\n"
#define LLAMA3(system) \
	.begin = "<|begin_of_text|>", .frame = { { HEADER3("system") system, "<|eot_id|>" }, { HEADER3("user"), "<|eot_id|>" }, \
	{ HEADER3("assistant"), "<|eot_id|>" } }, .ask = HEADER3("assistant"), .end = "<|eot_id|>", .lead = "", .trims = ALL_ROLES

static const struct chat chats[] = {
	{ .name = "none", .begin = "", .frame = { { "", "" }, { "", "" }, { "", "" } }, .ask = "", .end = "", .lead = "" },
	{ .name = "chatml", CHATML },
	{ .name = "smollm2", CHATML, .system = "You are a helpful AI assistant named SmolLM, trained by Hugging Face" },
	{ .name = "qwen2", CHATML, .system = "You are a helpful assistant." },
	{ .name = "qwen2.5", CHATML, .system = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant." },
	{ .name = "llama2", .begin = "", .frame = { { "<<SYS>>\n", "\n<</SYS>>\n\n" }, { "<s>[INST] ", " [/INST]" },
		{ " ", " </s>" } }, .ask = "", .end = "</s>", .lead = " ", .trims = 1 << CHAT_USER | 1 << CHAT_ASSISTANT,
		.place = FIRST_USER },
	{ .name = "llama3", LLAMA3("") },
	{ .name = "llama3.1", LLAMA3("Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n"), .system = "" },
	{ .name = "zephyr", .begin = "", .frame = { { "<|system|>\n", "</s>\n" }, { "<|user|>\n", "</s>\n" },
		{ "<|assistant|>\n", "</s>\n" } }, .ask = "<|assistant|>\n", .end = "</s>", .lead = "" },
	{ .name = "phi3", .begin = "", .frame = { { "<|system|>\n", "<|end|>\n" }, { "<|user|>\n", "<|end|>\n" },
		{ "<|assistant|>\n", "<|end|>\n" } }, .ask = "<|assistant|>\n", .end = "<|end|>", .lead = "" },
	{ .name = "mistral-v0.1", .begin = "<s>", .frame = { { NULL, NULL }, { "[INST] ", " [/INST]" }, { "", "</s> " } },
		.ask = "", .end = "</s>", .lead = "" },
	{ .name = "mistral", .begin = "<s>", .frame = { { NULL, NULL }, { "[INST] ", " [/INST]" }, { "", "</s>" } },
		.ask = "", .end = "</s>", .lead = "" },
	{ .name = "mistral-v0.3", .begin = "<s>", .frame = { { "", "\n\n" }, { "[INST] ", "[/INST]" }, { " ", "</s>" } },
		.ask = "", .end = "</s>", .lead = " ", .trims = 1 << CHAT_ASSISTANT, .place = LAST_USER },
	{ .name = "mistral-nemo", .begin = "<s>", .frame = { { "", "\n\n" }, { "[INST]", "[/INST]" }, { "", "</s>" } },
		.ask = "", .end = "</s>", .lead = "", .place = LAST_USER },
	{ .name = "gemma", .begin = "<bos>", .frame = { { NULL, NULL }, { "<start_of_turn>user\n", "<end_of_turn>\n" },
		{ "<start_of_turn>model\n", "<end_of_turn>\n" } }, .ask = "<start_of_turn>model\n", .end = "<end_of_turn>",
		.lead = "", .trims = ALL_ROLES },
};

const struct chat *chat_named(struct span name)
{
	for (size_t i = 0; i < COUNT(chats); i++)
		if (span_eq(name, span_of(chats[i].name)))
			return &chats[i];
	return NULL;
}

const char *chat_name(const struct chat *c)
{
	return c->name;
}

const char *chat_names(void)
{
	static char all[200];

	if (!*all)
		for (size_t i = 0; i < COUNT(chats); i++)
			snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? ", " : "", chats[i].name);
	return all;
}

/* ---- recognising ---- */

/* One spelling of what Jinja lets one write in several: no blanks between words, '...' for "...", a line break for \n in it. */
static void normalise(struct span jinja, struct buf *to)
{
	char quote = 0;

	for (size_t i = 0; i < jinja.n; i++) {
		const char c = jinja.p[i];

		if (quote && c == '\\' && i + 1 < jinja.n) {
			i++;
			if (jinja.p[i] != 'n')
				buf_addc(to, '\\');
			buf_addc(to, jinja.p[i] == 'n' ? '\n' : jinja.p[i]);
		} else if (c == quote || (!quote && (c == '\'' || c == '"'))) {
			quote = quote ? 0 : c;
			buf_addc(to, '\'');
		} else if (quote || c != ' ') {
			buf_addc(to, c);
		}
	}
}

#define CHATML_TURN "'<|im_start|>'+message['role']+'\n'+message['content']+'<|im_end|>'+'\n'}}"
#define LLAMA3_TURN "'<|start_header_id|>'+message['role']+'<|end_header_id|>\n\n'+message['content']|trim+'<|eot_id|>'"

/* By the expressions that write the turns, and without those of templates that say these too. */
static const struct sign {
	const char *name, *says[3], *but_not[4];
} signs[] = {
	{ "smollm2", { "You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n", CHATML_TURN },
		{ "bos_token" } },
	{ "qwen2.5", { "'<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n'",
		"'<|im_start|>'+message.role+'\n'+message.content+'<|im_end|>'+'\n'}}" }, { "think", "bos_token" } },
	{ "qwen2", { "'<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n'", CHATML_TURN }, { "bos_token" } },
	{ "chatml", { CHATML_TURN }, { "You are ", "bos_token", "eos_token", "think" } },
	/* (Qwen3's without thinking.) */
	{ "chatml", { "'<|im_start|>'+message.role+'\n'+content+'<|im_end|>'+'\n'}}", "'<|im_start|>'+message.role+'\n'+content}}" },
		{ "You are a", "bos_token", "think", "vision" } },
	{ "llama3.1", { "'Cutting Knowledge Date: December 2023\n'", "date_string='26 Jul 2024'", LLAMA3_TURN }, { "image" } },
	{ "llama3", { LLAMA3_TURN, "setcontent=bos_token+content" }, { "Cutting Knowledge Date", "tools" } },
	{ "llama2", { "'<<SYS>>\n'+system_message+'\n<</SYS>>\n\n'+message['content']", "bos_token+'[INST] '+content.strip()+' [/INST]'}}",
		"' '+content.strip()+' '+eos_token}}" }, { "DEFAULT", "You are " } },
	{ "zephyr", { "'<|user|>\n'+message['content']+eos_token}}\n", "'<|assistant|>\n'+message['content']+eos_token}}\n",
		"'<|system|>\n'+message['content']+eos_token}}\n" }, { "bos_token", "|trim" } },
	{ "phi3", { "'<|user|>\n'+message['content']+'<|end|>\n'}}", "'<|assistant|>\n'+message['content']+'<|end|>\n'}}",
		"'<|system|>\n'+message['content']+'<|end|>\n'}}" }, { "bos_token" } },
	{ "mistral-v0.1", { "{{bos_token}}{%for", "'[INST] '+message['content']+' [/INST]'}}", "{{message['content']+eos_token+' '}}" },
		{ "'system'" } },
	{ "mistral", { "{{bos_token}}{%for", "'[INST] '+message['content']+' [/INST]'}}", "{{message['content']+eos_token}}" },
		{ "'system'" } },
	{ "mistral-v0.3", { "loop.lastandsystem_messageisdefined%}", "'[INST] '+message['content']+'[/INST]'}}",
		"' '+message['content']|trim+eos_token}}" }, { NULL } },
	{ "mistral-nemo", { "loop.lastandsystem_messageisdefined%}", "'[INST]'+message['content']+'[/INST]'}}",
		"{{-message['content']+eos_token}}" }, { NULL } },
	{ "gemma", { "'<start_of_turn>'+role+'\n'+message['content']|trim+'<end_of_turn>\n'}}", "{{bos_token}}",
		"'System role not supported'" }, { NULL } },
};

static bool fits(const struct sign *s, struct span text)
{
	for (size_t i = 0; i < COUNT(s->says) && s->says[i]; i++)
		if (span_find(text, span_of(s->says[i])) == (size_t)-1)
			return false;
	for (size_t i = 0; i < COUNT(s->but_not) && s->but_not[i]; i++)
		if (span_find(text, span_of(s->but_not[i])) != (size_t)-1)
			return false;
	return true;
}

const struct chat *chat_recognise(struct span jinja)
{
	const struct chat *found = NULL;
	struct buf text = { 0 };

	normalise(jinja, &text);
	for (size_t i = 0; i < COUNT(signs) && !found; i++)
		if (fits(&signs[i], buf_span(&text)))
			found = chat_named(span_of(signs[i].name));
	buf_free(&text);
	return found;
}

/* ---- writing ---- */

void chat_text_free(struct chat_text *t)
{
	buf_free(&t->text);
	free(t->special);
	*t = (struct chat_text){ 0 };
}

/* What the template writes. */
static void put(struct chat_text *to, const char *s)
{
	const size_t from = to->text.n;

	if (!*s)
		return;
	buf_adds(&to->text, s);
	if (to->n && to->special[to->n - 1].to == from) {
		to->special[to->n - 1].to = to->text.n;
		return;
	}
	GROW(to->special, to->n, to->room);
	to->special[to->n++] = (struct tokenizer_range){ from, to->text.n };
}

/* What Python's str.strip() takes away: White_Space and the separators U+001C to U+001F. */
static bool is_blank(const char *p, const char *end)
{
	const uint32_t c = text_next(&p, end);

	return text_kind(c) == TEXT_WHITE || (c >= 0x1c && c <= 0x1f);
}

static const char *trim_end(const char *p, const char *end)
{
	while (end > p) {
		const char *last = end - 1;

		while (last > p && (*last & 0xc0) == 0x80)
			last--;
		if (!is_blank(last, end))
			break;
		end = last;
	}
	return end;
}

/* before: a system message stands before it in its frame, which keeps the blanks between them. */
static void put_text(const struct chat *c, enum chat_role by, bool before, struct chat_text *to, struct span text)
{
	const char *p = text.p, *end = p + text.n;

	if (c->trims >> by & 1) {
		end = trim_end(p, end);
		while (!before && p < end && is_blank(p, end))
			text_next(&p, end);
	}
	buf_add(&to->text, (struct span){ p, (size_t)(end - p) });
}

static const char *check(const struct chat *c, const struct chat_message *m, size_t n)
{
	const size_t first = n > 0 && m[0].by == CHAT_SYSTEM;

	if (chat_end(c).n == 0)
		return NULL;
	if (first && !c->frame[CHAT_SYSTEM].before)
		return "the chat template has no system message";
	if (n == first || m[n - 1].by != CHAT_USER)
		return "the last message is not the user's";
	for (size_t i = first; i < n; i++)
		if (m[i].by != ((i - first) % 2 ? CHAT_ASSISTANT : CHAT_USER))
			return "user and assistant do not take turns";
	return NULL;
}

static void put_message(const struct chat *c, const struct chat_message *m, struct chat_text *to)
{
	put(to, c->frame[m->by].before);
	put_text(c, m->by, false, to, m->text);
	put(to, c->frame[m->by].after);
}

const char *chat_ask(const struct chat *c, const struct chat_message *m, size_t n, struct chat_text *to)
{
	const char *why = check(c, m, n);
	const bool first = n > 0 && m[0].by == CHAT_SYSTEM, inside = first && c->place != OWN_TURN;
	const struct chat_message added = { CHAT_SYSTEM, c->system ? span_of(c->system) : S("") };

	if (why)
		return why;
	put(to, c->begin);
	if (c->system && !first)
		put_message(c, &added, to);
	for (size_t i = inside; i < n; i++) {
		if (!inside || i != (c->place == FIRST_USER ? 1 : n - 1)) {
			put_message(c, &m[i], to);
			continue;
		}
		put(to, c->frame[CHAT_USER].before);
		put_message(c, &m[0], to);
		put_text(c, CHAT_USER, true, to, m[i].text);
		put(to, c->frame[CHAT_USER].after);
	}
	put(to, c->ask);
	return NULL;
}

void chat_answer(const struct chat *c, struct span text, bool whole, struct chat_text *to)
{
	const char *after = c->frame[CHAT_ASSISTANT].after;

	/* Of an answer only its end is special: the blank before it is text, and so part of its first word. */
	buf_adds(&to->text, c->lead);
	put_text(c, CHAT_ASSISTANT, false, to, text);
	if (*after == ' ')
		buf_addc(&to->text, *after++);
	put(to, whole ? after : c->end);
}

struct span chat_end(const struct chat *c)
{
	return span_of(c->end);
}
