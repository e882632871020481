/* chat.h - chat templates: how a model was taught to see who says what
 *
 * A template is known by name; a model's own template text (Jinja) is recognised, not run: what is not recognised is
 * refused, and the user may name one. What the template writes is told from what people wrote, so that "<|im_end|>" in
 * a message is text (lm/tokenizer.h).
 *
 *	none		nothing is added: messages one after the other; for models that only continue texts
 *	chatml		<|im_start|>user\nHELLO<|im_end|>\n		OpenAI's ChatML
 *	smollm2, qwen2, qwen2.5		the same; each begins with a system message of its own if there is none
 *	llama2		<s>[INST] <<SYS>>\nSYSTEM\n<</SYS>>\n\nHELLO [/INST] ANSWER </s>
 *	llama3		<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHELLO<|eot_id|>
 *	llama3.1	the same, always with a system message that begins with two dates; also 3.2's and 3.3's. "Today" is
 *			26 Jul 2024, as in the templates themselves where they are given no clock: the same text gets the same
 *			log-prob on every day
 *	zephyr		<|user|>\nHELLO</s>\n				also TinyLlama's
 *	phi3		<|user|>\nHELLO<|end|>\n			Phi-3 and 3.5 mini
 *	mistral		<s>[INST] HELLO [/INST]ANSWER</s>		Mistral 7B Instruct 0.2, Mixtral; mistral-v0.1: a blank
 *			after </s>
 *	mistral-v0.3	<s>[INST] SYSTEM\n\nHELLO[/INST] ANSWER</s>	the system message in the last turn
 *	mistral-nemo	<s>[INST]SYSTEM\n\nHELLO[/INST]ANSWER</s>	the same
 *	gemma		<bos><start_of_turn>user\nHELLO<end_of_turn>\n	Gemma and Gemma 2
 *
 * Each writes what its Jinja text writes as transformers runs it (tests/golden/chat.py), blanks taken off as Python does.
 * A template of tools' calls or pictures is recognised where it writes plain turns in the same way.
 */
#ifndef PREF_LM_CHAT_H
#define PREF_LM_CHAT_H

#include "lm/tokenizer.h"

enum chat_role { CHAT_SYSTEM, CHAT_USER, CHAT_ASSISTANT };

struct chat_message {
	enum chat_role by;
	struct span text;
};

struct chat;				/* a template */

const struct chat *chat_named(struct span name);		/* NULL: not known */
/* By a template's text; NULL: not recognised. */
const struct chat *chat_recognise(struct span jinja);
const char *chat_name(const struct chat *c);
const char *chat_names(void);		/* all, with ", " between them: for messages */

/* A text, and where in it special tokens are tokens. {0} is empty. */
struct chat_text {
	struct buf text;
	struct tokenizer_range *special;
	size_t n, room;
};
void chat_text_free(struct chat_text *t);

/* Append the messages, then what asks the assistant to speak. Roles: a system message only first, then user and
 * assistant by turns, the last the user (none: any). NULL, or why the template cannot (static text). */
const char *chat_ask(const struct chat *c, const struct chat_message *m, size_t n, struct chat_text *to);
/* Append the assistant's answer to that, with the token that ends it (none: without), or with the whole of what the template
 * writes behind an answer. */
void chat_answer(const struct chat *c, struct span text, bool whole, struct chat_text *to);
/* The token that ends an answer; n 0: none. */
struct span chat_end(const struct chat *c);
#endif
