#!/usr/bin/env python3
"""chat - lib/lm's chat templates beside Jinja, which runs the models' own as transformers does

usage: tests/golden/chat.py LM_PROBE [FILE.jinja | MODEL.gguf ...]

FILE.jinja is a model's chat_template as published (chat_template.jinja, or that member of tokenizer_config.json); those that the
packages trl and llama-cpp-python bring are read too. Each writes 60 dialogues: a system message or none, one to four turns,
blanks at the ends (U+00A0, U+3000, U+001C, U+0085 too), line breaks, other scripts, special tokens' names. A template that we
recognise must write the same bytes, asked for an answer and with an answer up to the token that ends it, or raise an exception
where we refuse; one that we do not recognise is named. strftime_now is not given: dates are those of the template.
Mistral's of 2024 lose the system message once an answer follows: with an answer they are compared without one.

With jinja2 3.1.6, trl 1.16.0, llama-cpp-python 0.3.36, SmolLM2's GGUF, the templates that huggingface.js tests its Jinja with
(packages/jinja/test/e2e.test.js), Zephyr's, Llama 2's, Qwen2's, and Mistral 7B v0.3's without its tools: 23 templates of 14 kinds
are recognised, 53 are not, 0 of 1,380 dialogues differ.
"""
import glob
import json
import os
import random
import subprocess
import sys

try:
    import jinja2
    import jinja2.ext
    from jinja2.sandbox import ImmutableSandboxedEnvironment
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(0)

ENDS = {"llama2": ("<s>", "</s>"), "llama3": ("<|begin_of_text|>", "<|eot_id|>"), "llama3.1": ("<|begin_of_text|>", "<|eot_id|>"),
        "gemma": ("<bos>", "<eos>"), "phi3": ("<s>", "<|endoftext|>")}
WORDS = ["Hello", "What is 2+2?", "caf\u00e9", "\u65e5\u672c\u8a9e", "\U0001f600", "a\n\nb", "don't", "\"quoted\"", "<b>&amp;</b>",
         "<|im_end|>", "</s>", "[INST] no [/INST]", "{{ 1 }}", "\\n", "tab\there", "'", "x" * 50, "\u0939\u093f\u0928\u094d\u0926\u0940"]
BLANKS = ["", "", "", " ", "\n", "  \n", "\t", "\r\n", "\u00a0", "\u3000", "\x1c", "\x85", "\u2028", "\u200b"]


class Refused(Exception):
    pass


def refuse(why):
    raise Refused(why)


def templates(paths):
    found = {}
    for path in paths:
        if path.endswith(".gguf"):
            import gguf
            field = gguf.GGUFReader(path).fields.get("tokenizer.chat_template")
            if field:
                found[os.path.basename(path)] = field.contents()
        else:
            with open(path, newline="") as f:
                found[os.path.basename(path)] = f.read()
    try:
        import trl
        for path in sorted(glob.glob(os.path.join(os.path.dirname(trl.__file__), "chat_templates", "*.jinja"))):
            if not path.endswith("_training.jinja"):
                found["trl " + os.path.basename(path)] = open(path).read()
        from llama_cpp import llama_chat_format
        for name, text in vars(llama_chat_format).items():
            if name.endswith("_CHAT_TEMPLATE"):
                found["llama_cpp " + name] = text
    except ImportError as missing:
        print("without", missing)
    return found


def dialogues():
    r = random.Random(1)

    def text():
        return r.choice(BLANKS) + " ".join(r.choice(WORDS) for _ in range(r.choice([1, 1, 2, 4]))) + r.choice(BLANKS)

    for i in range(60):
        said = [("system", text())] if i % 2 else []
        for _ in range(r.choice([0, 0, 1, 2, 3])):
            said += [("user", text()), ("assistant", text())]
        yield said + [("user", text())], text()


def by_jinja(environment, jinja, name, said, asks):
    bos, eos = ENDS.get(name, ("<s>", "</s>"))
    try:
        messages = [{"role": r, "content": t} for r, t in said]
        return environment.from_string(jinja).render(messages=messages, bos_token=bos, eos_token=eos, add_generation_prompt=asks)
    except Refused:
        return None


def main():
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[jinja2.ext.loopcontrols])
    environment.globals["raise_exception"] = refuse
    cases = list(dialogues())
    differ, recognised, unknown, kinds = 0, 0, [], set()
    for source, jinja in templates(sys.argv[2:]).items():
        lines = "".join(json.dumps([jinja, answer] + [x for m in said for x in m]) + "\n" for said, answer in cases)
        out = subprocess.run([sys.argv[1], "chat"], input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout
        ours = [json.loads(line) for line in out.decode().split("\n")[:-1]]
        assert len(ours) == len(cases)
        if not ours[0]:
            unknown.append(source)
            continue
        recognised += 1
        kinds.add(ours[0][0])
        bad = 0
        for (said, answer), (name, *got) in zip(cases, ours):
            asked = by_jinja(environment, jinja, name, said, True)
            plain = said[said[0][0] == "system":] if "loop.last and system_message" in jinja else said
            whole = by_jinja(environment, jinja, name, plain + [("assistant", answer)], False)
            before = by_jinja(environment, jinja, name, plain, True)
            if len(got) < 2:
                same = asked is None
            else:
                same = asked == got[0] and whole.startswith(before + got[1]) and whole[len(before + got[1]):].strip() in (
                    "", "<|endoftext|>")
            if not same and bad == 0:
                print(source, name, repr(asked), repr(whole), got, sep="\n  ")
            bad += not same
        differ += bad
        print(f"{source}: {ours[0][0]}, {bad} of {len(cases)} differ")
    print("not recognised:", ", ".join(unknown))
    print(f"{recognised} templates of {len(kinds)} kinds, {len(unknown)} not recognised, {differ} differ")
    sys.exit(differ != 0)


main()
