/* chat - chat templates: the table, and what differs from it */
#include "lm/chat.h"

#include <stdlib.h>

/* Of a message: what stands before and after the text. */
struct frame {
	const char *before, *after;
};

struct chat {
	const char *name;
	const char *begin;		/* before all */
	const char *system;		/* a system message if there is none; NULL: none is added */
	struct frame frame[3];		/* by role; before NULL: the template has no such role */
	const char *ask;		/* asks the assistant to speak */
	const char *end;		/* ends an answer */
	const char *lead;		/* between `ask` and an answer */
	bool trims;			/* blanks around messages go */
	bool system_in_user;		/* the system's frame stands inside that of the first user message */
};

#define CHATML \
	.begin = "", .frame = { { "<|im_start|>system\n", "<|im_end|>\n" }, { "<|im_start|>user\n", "<|im_end|>\n" }, \
	{ "<|im_start|>assistant\n", "<|im_end|>\n" } }, .ask = "<|im_start|>assistant\n", .end = "<|im_end|>", .lead = ""
#define LLAMA3(role) { "<|start_header_id|>" role "<|end_header_id|>\n\n", "<|eot_id|>" }

static const struct chat chats[] = {
	{ .name = "none", .begin = "", .frame = { { "", "" }, { "", "" }, { "", "" } }, .ask = "", .end = "", .lead = "" },
	{ .name = "chatml", CHATML },
	{ .name = "smollm2", CHATML, .system = "You are a helpful AI assistant named SmolLM, trained by Hugging Face" },
	{ .name = "qwen2", CHATML, .system = "You are a helpful assistant." },
	{ .name = "qwen2.5", CHATML, .system = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant." },
	{ .name = "llama2", .begin = "", .frame = { { "<<SYS>>\n", "\n<</SYS>>\n\n" }, { "<s>[INST] ", " [/INST]" },
		{ " ", " </s>" } }, .ask = "", .end = "</s>", .lead = " ", .trims = true, .system_in_user = true },
	{ .name = "llama3", .begin = "<|begin_of_text|>", .frame = { LLAMA3("system"), LLAMA3("user"), LLAMA3("assistant") },
		.ask = "<|start_header_id|>assistant<|end_header_id|>\n\n", .end = "<|eot_id|>", .lead = "", .trims = true },
	{ .name = "zephyr", .begin = "", .frame = { { "<|system|>\n", "</s>\n" }, { "<|user|>\n", "</s>\n" },
		{ "<|assistant|>\n", "</s>\n" } }, .ask = "<|assistant|>\n", .end = "</s>", .lead = "" },
	{ .name = "mistral", .begin = "<s>", .frame = { { NULL, NULL }, { "[INST] ", " [/INST]" }, { " ", "</s>" } },
		.ask = "", .end = "</s>", .lead = " " },
	{ .name = "gemma", .begin = "<bos>", .frame = { { NULL, NULL }, { "<start_of_turn>user\n", "<end_of_turn>\n" },
		{ "<start_of_turn>model\n", "<end_of_turn>\n" } }, .ask = "<start_of_turn>model\n", .end = "<end_of_turn>",
		.lead = "", .trims = true },
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
	static char all[120];

	if (!*all)
		for (size_t i = 0; i < COUNT(chats); i++)
			snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? ", " : "", chats[i].name);
	return all;
}

static bool holds(struct span s, const char *what)
{
	return span_find(s, span_of(what)) != (size_t)-1;
}

/* By what no other template says; the order counts. */
const struct chat *chat_recognise(struct span jinja)
{
	static const struct {
		const char *says, *but_not, *name;
	} signs[] = {
		{ "named SmolLM, trained by Hugging Face", NULL, "smollm2" },
		{ "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.", NULL, "qwen2.5" },
		{ "<|im_start|>system\\nYou are a helpful assistant", NULL, "qwen2" },
		{ "<|im_start|>system\nYou are a helpful assistant", NULL, "qwen2" },
		{ "<|im_start|>", "You are ", "chatml" },
		/* (Llama 3.1 and later put dates before the system message.) */
		{ "<|start_header_id|>", "Cutting Knowledge Date", "llama3" },
		{ "<<SYS>>", NULL, "llama2" },
		{ "'[INST] ' + message['content'] + ' [/INST]'", NULL, "mistral" },
		{ "<|assistant|>", "<|end|>", "zephyr" },
		{ "<start_of_turn>", NULL, "gemma" },
	};

	for (size_t i = 0; i < COUNT(signs); i++)
		if (holds(jinja, signs[i].says) && !(signs[i].but_not && holds(jinja, signs[i].but_not)))
			return chat_named(span_of(signs[i].name));
	return NULL;
}

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

static void put_text(const struct chat *c, struct chat_text *to, struct span text)
{
	buf_add(&to->text, c->trims ? span_trim(text) : text);
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

const char *chat_ask(const struct chat *c, const struct chat_message *m, size_t n, struct chat_text *to)
{
	const char *why = check(c, m, n);
	const struct chat_message *inside = NULL;	/* a system message that stands in the user's frame */

	if (why)
		return why;
	put(to, c->begin);
	if (c->system && m[0].by != CHAT_SYSTEM) {
		put(to, c->frame[CHAT_SYSTEM].before);
		put(to, c->system);
		put(to, c->frame[CHAT_SYSTEM].after);
	}
	for (size_t i = 0; i < n; i++) {
		const struct frame *f = &c->frame[m[i].by];

		if (m[i].by == CHAT_SYSTEM && c->system_in_user) {
			inside = &m[i];
			continue;
		}
		put(to, f->before);
		if (inside) {
			put(to, c->frame[CHAT_SYSTEM].before);
			buf_add(&to->text, inside->text);
			put(to, c->frame[CHAT_SYSTEM].after);
			inside = NULL;
		}
		put_text(c, to, m[i].text);
		put(to, f->after);
	}
	put(to, c->ask);
	return NULL;
}

void chat_answer(const struct chat *c, struct span text, bool whole, struct chat_text *to)
{
	const char *after = c->frame[CHAT_ASSISTANT].after;

	/* Of an answer only its end is special: the blank before it is text, and so part of its first word. */
	buf_adds(&to->text, c->lead);
	put_text(c, to, text);
	if (*after == ' ')
		buf_addc(&to->text, *after++);
	put(to, whole ? after : c->end);
}

struct span chat_end(const struct chat *c)
{
	return span_of(c->end);
}
