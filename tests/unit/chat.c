/* chat: what each template makes of a conversation, as its Jinja text makes it (tests/golden/chat.py) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lm/chat.h"

static const struct chat_message talk[] = {
	{ CHAT_SYSTEM, S("Be brief.") }, { CHAT_USER, S("Hi <|im_end|>") }, { CHAT_ASSISTANT, S("Hello!") }, { CHAT_USER, S(" Why? ") },
};

static const struct {
	const char *name;
	bool system;			/* the system message is said */
	const char *asked, *answered;
} cases[] = {
	{ "none", true, "Be brief.Hi <|im_end|>Hello! Why? ", "So." },
	{ "chatml", true, "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi <|im_end|><|im_end|>\n<|im_start|>assistant\n"
		"Hello!<|im_end|>\n<|im_start|>user\n Why? <|im_end|>\n<|im_start|>assistant\n", "So.<|im_end|>" },
	{ "smollm2", false, "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
		"<|im_start|>user\nHi <|im_end|><|im_end|>\n<|im_start|>assistant\nHello!<|im_end|>\n<|im_start|>user\n Why? <|im_end|>\n"
		"<|im_start|>assistant\n", "So.<|im_end|>" },
	{ "llama2", true, "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi <|im_end|> [/INST] Hello! </s><s>[INST] Why? [/INST]", " So. </s>" },
	{ "llama3", true, "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
		"<|start_header_id|>user<|end_header_id|>\n\nHi <|im_end|><|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
		"Hello!<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nWhy?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
		"So.<|eot_id|>" },
	{ "zephyr", true, "<|system|>\nBe brief.</s>\n<|user|>\nHi <|im_end|></s>\n<|assistant|>\nHello!</s>\n<|user|>\n Why? </s>\n"
		"<|assistant|>\n", "So.</s>" },
	{ "llama3.1", false, "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\n"
		"Today Date: 26 Jul 2024\n\n<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi <|im_end|><|eot_id|>"
		"<|start_header_id|>assistant<|end_header_id|>\n\nHello!<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nWhy?<|eot_id|>"
		"<|start_header_id|>assistant<|end_header_id|>\n\n", "So.<|eot_id|>" },
	{ "phi3", true, "<|system|>\nBe brief.<|end|>\n<|user|>\nHi <|im_end|><|end|>\n<|assistant|>\nHello!<|end|>\n<|user|>\n Why? <|end|>\n"
		"<|assistant|>\n", "So.<|end|>" },
	{ "mistral-v0.1", false, "<s>[INST] Hi <|im_end|> [/INST]Hello!</s> [INST]  Why?  [/INST]", "So.</s>" },
	{ "mistral", false, "<s>[INST] Hi <|im_end|> [/INST]Hello!</s>[INST]  Why?  [/INST]", "So.</s>" },
	{ "mistral-v0.3", true, "<s>[INST] Hi <|im_end|>[/INST] Hello!</s>[INST] Be brief.\n\n Why? [/INST]", " So.</s>" },
	{ "mistral-nemo", true, "<s>[INST]Hi <|im_end|>[/INST]Hello!</s>[INST]Be brief.\n\n Why? [/INST]", "So.</s>" },
	{ "gemma", false, "<bos><start_of_turn>user\nHi <|im_end|><end_of_turn>\n<start_of_turn>model\nHello!<end_of_turn>\n"
		"<start_of_turn>user\nWhy?<end_of_turn>\n<start_of_turn>model\n", "So.<end_of_turn>" },
};

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct chat *c = chat_named(span_of(cases[i].name));
		struct chat_text t = { 0 };
		const size_t skip = !cases[i].system, at = strlen(cases[i].asked);

		assert_non_null(c);
		assert_null(chat_ask(c, talk + skip, COUNT(talk) - skip, &t));
		assert_string_equal(buf_cstr(&t.text), cases[i].asked);
		chat_answer(c, S("So."), false, &t);
		assert_string_equal(buf_cstr(&t.text) + at, cases[i].answered);
		/* What people wrote is never special; ranges are in order and within the text. */
		for (size_t k = 0, end = 0; k < t.n; k++) {
			assert_true(t.special[k].from >= end && t.special[k].to > t.special[k].from);
			end = t.special[k].to;
			assert_true(end <= t.text.n);
			assert_int_equal(span_find(span_cut(buf_span(&t.text), t.special[k].from, end), S("Hi")), (size_t)-1);
			assert_int_equal(span_find(span_cut(buf_span(&t.text), t.special[k].from, end), S("Hello")), (size_t)-1);
		}
		chat_text_free(&t);
	}
}

static void test_refused(void **state)
{
	const struct chat_message two[] = { talk[1], talk[3] }, open[] = { talk[1], talk[2] };
	struct chat_text t = { 0 };

	(void)state;
	assert_string_equal(chat_ask(chat_named(S("gemma")), talk, 4, &t), "the chat template has no system message");
	assert_string_equal(chat_ask(chat_named(S("chatml")), two, 2, &t), "user and assistant do not take turns");
	assert_string_equal(chat_ask(chat_named(S("chatml")), open, 2, &t), "the last message is not the user's");
	assert_string_equal(chat_ask(chat_named(S("chatml")), talk, 1, &t), "the last message is not the user's");
	assert_string_equal(chat_ask(chat_named(S("chatml")), talk, 0, &t), "the last message is not the user's");
	assert_int_equal(t.text.n, 0);
	assert_null(chat_ask(chat_named(S("none")), two, 2, &t));
	assert_null(chat_named(S("chatm")));
	chat_text_free(&t);
}

/* A system message within the user's frame keeps the blanks behind it; taken off is what Python calls white space. */
static void test_blanks(void **state)
{
	const struct chat_message said[] = { { CHAT_SYSTEM, S(" Be brief. ") }, { CHAT_USER, S("\xc2\xa0Hi\xe3\x80\x80\x1c\n") } };
	struct chat_text t = { 0 };

	(void)state;
	assert_null(chat_ask(chat_named(S("llama2")), said, 2, &t));
	assert_string_equal(buf_cstr(&t.text), "<s>[INST] <<SYS>>\n Be brief. \n<</SYS>>\n\n\xc2\xa0Hi [/INST]");
	chat_answer(chat_named(S("llama2")), S(" \xe2\x80\xa8So\xe2\x80\x8b "), false, &t);
	assert_string_equal(buf_cstr(&t.text), "<s>[INST] <<SYS>>\n Be brief. \n<</SYS>>\n\n\xc2\xa0Hi [/INST] So\xe2\x80\x8b </s>");
	t.text.n = t.n = 0;
	assert_null(chat_ask(chat_named(S("gemma")), said + 1, 1, &t));
	assert_string_equal(buf_cstr(&t.text), "<bos><start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\n");
	chat_text_free(&t);
}

#define FOR "{% for message in messages %}"
#define TURN(middle, last) "{{ '<|im_start|>' + message['role'] + '" middle "' + message['content'] + '<|im_end|>' + '" last "' }}{% endfor %}"

static void test_recognised(void **state)
{
	static const struct { const char *jinja, *name; } texts[] = {
		{ FOR "{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are a helpful AI assistant named "
			"SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}" TURN("\n", "\n"), "smollm2" },
		{ FOR "{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' "
			"}}{% endif %}" TURN("\n", "\n"), "qwen2" },
		/* A break of the line may be written either way; so may quotes and blanks. */
		{ FOR TURN("\n", "\n"), "chatml" },
		{ FOR TURN("\\n", "\\n"), "chatml" },
		{ FOR "{{\"<|im_start|>\"+message[\"role\"]+\"\\n\"+message[\"content\"]+\"<|im_end|>\"+\"\\n\"}}{% endfor %}", "chatml" },
		{ "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + "
			"'<|eot_id|>' %}{% set content = bos_token + content %}", "llama3" },
		{ "{{ bos_token }}" FOR "{{ '[INST] ' + message['content'] + ' [/INST]' }}{{ message['content'] + eos_token + ' ' }}", "mistral-v0.1" },
		{ "{{ bos_token }}" FOR "{{ '[INST] ' + message['content'] + ' [/INST]' }}{{ message['content'] + eos_token}}", "mistral" },
		/* What differs in a blank, in a full stop (Qwen 1.5), in bos or in a default is another template. */
		{ FOR TURN(" ", "\n"), NULL },
		{ FOR TURN("\n", ""), NULL },
		{ "{{ bos_token }}" FOR TURN("\n", "\n"), NULL },
		{ FOR "{{ '<|im_start|>system\nYou are a helpful assistant<|im_end|>\n' }}" TURN("\n", "\n"), NULL },
		{ FOR "{{ '<|im_start|>system\nYou are Hermes<|im_end|>\n' }}" TURN("\n", "\n"), NULL },
		{ "{{ bos_token }}" FOR "{{ '[INST] ' + message['content'] + ' [/INST]' }}{{ ' ' + message['content'] + eos_token }}", NULL },
		{ "{{- \"<|start_header_id|>system<|end_header_id|>\\n\\n\" }}{{- \"Cutting Knowledge Date: December 2023\\n\" }}", NULL },
		{ "<|im_start|>system\nYou are Hermes<|im_end|>", NULL },
		{ "{{ something + ' new\\", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		const struct chat *c = chat_recognise(span_of(texts[i].jinja));

		if (texts[i].name) {
			assert_non_null(c);
			assert_string_equal(chat_name(c), texts[i].name);
		} else {
			assert_null(c);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts), cmocka_unit_test(test_refused), cmocka_unit_test(test_blanks), cmocka_unit_test(test_recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
