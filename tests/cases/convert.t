pref-convert: public layouts into ours, by their members or by name.

An Anthropic HH-RLHF record is two transcripts. The prompt is what both begin with, up to the last answer that
both begin; nothing is cut inside a turn.
$ pref-convert
< {"chosen":"\n\nHuman: Name a prime.\n\nAssistant: The number 7.","rejected":"\n\nHuman: Name a prime.\n\nAssistant: The number 9."}
> {"prompt":"\n\nHuman: Name a prime.\n\nAssistant:","chosen":" The number 7.","rejected":" The number 9."}
! pref-convert: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: hh: "chosen" is better; no ties

Ranks become one pair a prompt: the best and the worst.
$ pref-convert --from nectar
< {"prompt":"\n\nHuman: Say hi.\n\nAssistant: ","answers":[{"answer":"No.","model":"m1","rank":3.0},{"answer":"Hi!","model":"m2","rank":1.0},{"answer":"Hi.","model":"m3","rank":2.0}],"turns":1}
> {"prompt":"\n\nHuman: Say hi.\n\nAssistant: ","chosen":"Hi!","rejected":"No.","chosen_rank":1.0,"chosen_model":"m2","rejected_rank":3.0,"rejected_model":"m1","turns":1}
! pref-convert: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: nectar: rank 1 is best; equal ranks make no pair

Or stay a list, for pref-pair or pref-score.
$ pref-convert -q --candidates
< {"prompt":"Say hi.","answers":[{"answer":"No.","model":"m1","rank":2.0},{"answer":"Hi!","model":"m2","rank":1.0}]}
> {"prompt":"Say hi.","responses":[{"text":"No.","rank":2.0,"model":"m1","score":-2},{"text":"Hi!","rank":1.0,"model":"m2","score":-1}]}

Where a record states two preferences, one must be chosen.
$ pref-convert -q --label safer
< {"prompt":"Q","response_0":"A","response_1":"B","is_response_0_safe":false,"is_response_1_safe":true,"better_response_id":0,"safer_response_id":1}
> {"prompt":"Q","chosen":"B","rejected":"A","chosen_safe":true,"rejected_safe":false,"chosen_position":2,"better_verdict":"B"}

For a trainer: the layout that it reads, and nothing that it would refuse.
$ pref-convert -q --to openai
< {"prompt":"Q","chosen":"A","rejected":"B","source":"mine"}
< {"prompt":"Q","chosen":"A","rejected":" A "}
> {"input":{"messages":[{"role":"user","content":"Q"}],"tools":[],"parallel_tool_calls":true},"preferred_output":[{"role":"assistant","content":"A"}],"non_preferred_output":[{"role":"assistant","content":"B"}]}

What is known, and by which members.
$ pref-convert --list | grep -A 3 '^nectar'
> nectar
>     members: prompt answers
>     better:  rank 1 is best
>     ties:    equal ranks make no pair

----

# Ours already: every byte stays.

TRL, strings.
$ pref-convert
< {"prompt": "The sky is",  "chosen": " blue.", "rejected": " gr\u0065en.", "x": 1.10}
< {"prompt":"Q","chosen":"A","rejected":"B"}
> {"prompt": "The sky is",  "chosen": " blue.", "rejected": " gr\u0065en.", "x": 1.10}
> {"prompt":"Q","chosen":"A","rejected":"B"}
! pref-convert: 2 read, 2 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: trl: "chosen" is better; no ties

TRL, messages; the whole record is left as it is.
$ pref-convert
< {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}]}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}]}
! pref-convert: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: trl-conversational: "chosen" is better; no ties

RewardBench.
$ pref-convert
< {"id":1,"prompt":"Q","chosen":"A","chosen_model":"m","rejected":"B","rejected_model":"n","subset":"alpacaeval-easy"}
> {"id":1,"prompt":"Q","chosen":"A","chosen_model":"m","rejected":"B","rejected_model":"n","subset":"alpacaeval-easy"}
! pref-convert: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: rewardbench: "chosen" is better; no ties

Candidates.
$ pref-convert
< {"prompt":"Q","responses":[{"text":"A","score":1},{"text":"B","score":2}]}
> {"prompt":"Q","responses":[{"text":"A","score":1},{"text":"B","score":2}]}
! pref-convert: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: candidates: responses are not paired; no ties

# Texts whose prompt is what both begin with.

TRL's implicit prompt: cut before a blank, not inside a word as the common characters would ("bl", B7).
$ pref-convert
< {"chosen":"The sky is blue.","rejected":"The sky is black."}
> {"prompt":"The sky is","chosen":" blue.","rejected":" black."}
! pref-convert: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: trl-implicit: "chosen" is better; no ties

The traps of extract_prompt (B7): one text begins the other; equal texts; an empty one; nothing in common; no
blank; line ends and tabs as escapes; a backslash before an n is no line end.
$ pref-convert
< {"chosen":"abc","rejected":"abcdef"}
< {"chosen":"The sky is","rejected":"The sky is blue"}
< {"chosen":"same","rejected":"same"}
< {"chosen":"","rejected":"x"}
< {"chosen":"one","rejected":"two"}
< {"chosen":"Q\n\tyes","rejected":"Q\n\tno"}
< {"chosen":"C:\\new x","rejected":"C:\\net y"}
< {"chosen":"a b ","rejected":"a b c"}
> {"prompt":"","chosen":"abc","rejected":"abcdef"}
> {"prompt":"The sky","chosen":" is","rejected":" is blue"}
> {"prompt":"","chosen":"","rejected":"x"}
> {"prompt":"","chosen":"one","rejected":"two"}
> {"prompt":"Q\n","chosen":"\tyes","rejected":"\tno"}
> {"prompt":"","chosen":"C:\\new x","rejected":"C:\\net y"}
> {"prompt":"a","chosen":" b ","rejected":" b c"}
! pref-convert: 8 read, 7 kept, 1 dropped (equal 1), 0 bad, 0.0 s
! pref-convert: layout: trl-implicit: "chosen" is better; no ties

# Transcripts.

Answers that begin alike are cut before them, not inside them; so is a blank that both begin with (B7).
$ pref-convert -q
< {"chosen":"\n\nHuman: Hi\n\nAssistant: I can help","rejected":"\n\nHuman: Hi\n\nAssistant: I can not"}
< {"chosen":"\n\nHuman: Hi\n\nAssistant: a\n\nHuman: b\n\nAssistant: c","rejected":"\n\nHuman: Hi\n\nAssistant: a\n\nHuman: b\n\nAssistant: d","id":5}
< {"chosen":"\n\nHuman: Hi\n\nAssistant: same","rejected":"\n\nHuman: Hi\n\nAssistant: same"}
< {"chosen":"\n\nHuman: Hi\n\nAssistant: x","rejected":"\n\nHuman: Hi\n\nAssistant:"}
> {"prompt":"\n\nHuman: Hi\n\nAssistant:","chosen":" I can help","rejected":" I can not"}
> {"prompt":"\n\nHuman: Hi\n\nAssistant: a\n\nHuman: b\n\nAssistant:","chosen":" c","rejected":" d","id":5}
> {"prompt":"\n\nHuman: Hi\n\nAssistant:","chosen":" same","rejected":" same"}
> {"prompt":"\n\nHuman: Hi\n\nAssistant:","chosen":" x","rejected":""}

A turn begins behind two line ends, not behind a backslash, an n and one line end.
$ pref-convert -q
< {"chosen":"\n\nHuman: Q\n\nAssistant: see C:\\n\nAssistant: x","rejected":"\n\nHuman: Q\n\nAssistant: see C:\\n\nAssistant: y"}
< {"chosen":"\n\nHuman: Q\n\nAssistant: see C:\\\n\nAssistant: x","rejected":"\n\nHuman: Q\n\nAssistant: see C:\\\n\nAssistant: y"}
> {"prompt":"\n\nHuman: Q\n\nAssistant:","chosen":" see C:\\n\nAssistant: x","rejected":" see C:\\n\nAssistant: y"}
> {"prompt":"\n\nHuman: Q\n\nAssistant: see C:\\\n\nAssistant:","chosen":" x","rejected":" y"}

Conversations that part early: where they part, at the last turns, or not at all. Where a question differs, the
answer before it is part of both responses.
$ for rule in first last drop; do pref-convert --diverged $rule in.jsonl; done
> {"prompt":"\n\nHuman: a\n\nAssistant:","chosen":" b\n\nHuman: c\n\nAssistant: d","rejected":" B\n\nHuman: c\n\nAssistant: e","n":1}
> {"prompt":"\n\nHuman: a\n\nAssistant:","chosen":" b\n\nHuman: c\n\nAssistant: d","rejected":" b\n\nHuman: C\n\nAssistant: e","n":2}
> {"prompt":"\n\nHuman: a\n\nAssistant:","chosen":" b","rejected":" b\n\nAssistant: c","n":3}
> {"prompt":"\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant:","chosen":" d","rejected":" e","n":1}
> {"prompt":"\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant:","chosen":" d","rejected":" e","n":2}
> {"prompt":"\n\nHuman: a\n\nAssistant:","chosen":" b","rejected":" c","n":3}
> {"prompt":"\n\nHuman: a\n\nAssistant:","chosen":" b","rejected":" c","n":4}
! pref-convert: 4 read, 3 kept, 1 dropped (diverged 1), 0 bad, 0.0 s
! pref-convert: layout: hh: "chosen" is better; no ties
! pref-convert: diverged: 4 before the last turn: cut where they part
! pref-convert: 4 read, 4 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: hh: "chosen" is better; no ties
! pref-convert: diverged: 4 before the last turn: cut at the last turn of each
! pref-convert: 4 read, 0 kept, 4 dropped (diverged 4), 0 bad, 0.0 s
! pref-convert: layout: hh: "chosen" is better; no ties
! pref-convert: diverged: 4 before the last turn: dropped
@ in.jsonl
| {"chosen":"\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant: d","rejected":"\n\nHuman: a\n\nAssistant: B\n\nHuman: c\n\nAssistant: e","n":1}
| {"chosen":"\n\nHuman: a\n\nAssistant: b\n\nHuman: c\n\nAssistant: d","rejected":"\n\nHuman: a\n\nAssistant: b\n\nHuman: C\n\nAssistant: e","n":2}
| {"chosen":"\n\nHuman: a\n\nAssistant: b","rejected":"\n\nHuman: a\n\nAssistant: b\n\nAssistant: c","n":3}
| {"chosen":"\n\nHuman: a\n\nAssistant: b","rejected":"\n\nHuman: A\n\nAssistant: c","n":4}

A record that is no transcript, in a file of them.
$ pref-convert --bad skip
< {"chosen":"\n\nHuman: a\n\nAssistant: b","rejected":"\n\nHuman: a\n\nAssistant: c"}
< {"chosen":"plain","rejected":"text"}
< {"chosen":"\n\nHuman: a\n\nAssistant: b","rejected":4}
> {"prompt":"\n\nHuman: a\n\nAssistant:","chosen":" b","rejected":" c"}
! pref-convert: (stdin):2:11: hh: no turns "Human:" and "Assistant:"
! pref-convert: (stdin):3:53: hh: "rejected" is not a string
! pref-convert: 3 read, 1 kept, 0 dropped, 2 bad, 0.0 s
! pref-convert: layout: hh: "chosen" is better; no ties
? 1

# Whole dialogues.

TRL's implicit prompt with messages; blanks and the order of members do not make messages differ.
$ pref-convert
< {"chosen":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"}],"rejected":[{"content":"Q", "role":"user"} , {"role":"assistant","content":"B"}]}
< {"chosen":[{"role":"system","content":"S"},{"role":"user","content":"Q"},{"role":"assistant","content":"A"},{"role":"user","content":"R"},{"role":"assistant","content":"C"}],"rejected":[{"role":"system","content":"S"},{"role":"user","content":"Q"},{"role":"assistant","content":"A"},{"role":"user","content":"R"},{"role":"assistant","content":"D"}]}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}]}
> {"prompt":[{"role":"system","content":"S"},{"role":"user","content":"Q"},{"role":"assistant","content":"A"},{"role":"user","content":"R"}],"chosen":[{"role":"assistant","content":"C"}],"rejected":[{"role":"assistant","content":"D"}]}
! pref-convert: 2 read, 2 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: dialogues: "chosen" is better; no ties

Dialogues that part early, as with transcripts.
$ for rule in first last drop; do pref-convert --diverged $rule in.jsonl; done
> {"prompt":[{"role":"user","content":"a"}],"chosen":[{"role":"assistant","content":"b"},{"role":"user","content":"c"},{"role":"assistant","content":"d"}],"rejected":[{"role":"assistant","content":"B"},{"role":"user","content":"c"},{"role":"assistant","content":"e"}]}
> {"prompt":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}],"chosen":[{"role":"assistant","content":"d"}],"rejected":[{"role":"assistant","content":"e"}]}
! pref-convert: 2 read, 1 kept, 1 dropped (diverged 1), 0 bad, 0.0 s
! pref-convert: layout: dialogues: "chosen" is better; no ties
! pref-convert: diverged: 2 before the last turn: cut where they part
! pref-convert: 2 read, 1 kept, 1 dropped (diverged 1), 0 bad, 0.0 s
! pref-convert: layout: dialogues: "chosen" is better; no ties
! pref-convert: diverged: 2 before the last turn: cut at the last turn of each
! pref-convert: 2 read, 0 kept, 2 dropped (diverged 2), 0 bad, 0.0 s
! pref-convert: layout: dialogues: "chosen" is better; no ties
! pref-convert: diverged: 2 before the last turn: dropped
@ in.jsonl
| {"chosen":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"},{"role":"assistant","content":"d"}],"rejected":[{"role":"user","content":"a"},{"role":"assistant","content":"B"},{"role":"user","content":"c"},{"role":"assistant","content":"e"}]}
| {"chosen":[{"role":"user","content":"a"}],"rejected":[{"role":"user","content":"a"},{"role":"assistant","content":"B"}]}

UltraFeedback binarized: the prompt string is replaced by the messages before the answer, scores are renamed,
"messages" goes as it repeats "chosen"; equal scores are a tie (B4).
$ pref-convert
< {"prompt":"Q","prompt_id":"f00","chosen":[{"content":"Q","role":"user"},{"content":"A","role":"assistant"}],"rejected":[{"content":"Q","role":"user"},{"content":"B","role":"assistant"}],"messages":[{"content":"Q","role":"user"},{"content":"A","role":"assistant"}],"score_chosen":8.50,"score_rejected":7.0}
< {"prompt":"Q","prompt_id":"f01","chosen":[{"content":"Q","role":"user"},{"content":"A","role":"assistant"}],"rejected":[{"content":"Q","role":"user"},{"content":"B","role":"assistant"}],"messages":[],"score_chosen":7.0,"score_rejected":7}
> {"prompt":[{"content":"Q","role":"user"}],"chosen":[{"content":"A","role":"assistant"}],"rejected":[{"content":"B","role":"assistant"}],"score_chosen":8.50,"score_rejected":7.0,"margin":1.5,"prompt_id":"f00"}
> {"prompt":[{"content":"Q","role":"user"}],"chosen":[{"content":"A","role":"assistant"}],"rejected":[{"content":"B","role":"assistant"}],"score_chosen":7.0,"score_rejected":7,"margin":0,"verdict":"tie","preference":0.5,"prompt_id":"f01","messages":[]}
! pref-convert: 2 read, 2 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: ultrafeedback-binarized: "chosen" is better; equal scores are a tie
! pref-convert: ties: 1 with verdict "tie" and preference 0.5

The cleaned UltraFeedback of Argilla.
$ pref-convert
< {"source":"evol_instruct","prompt":"Q","chosen":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"}],"chosen-rating":5.0,"chosen-model":"gpt-4","rejected":[{"role":"user","content":"Q"},{"role":"assistant","content":"B"}],"rejected-rating":3.75,"rejected-model":"bard"}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}],"score_chosen":5.0,"score_rejected":3.75,"margin":1.25,"source":"evol_instruct","chosen-model":"gpt-4","rejected-model":"bard"}
! pref-convert: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: argilla-cleaned: "chosen" is better; equal ratings are a tie

distilabel: a missing rating is no score (B4).
$ pref-convert
< {"instruction":"Q","generations":["A","B"],"ratings":[5,3],"prompt":"Q","prompt_id":"f00","chosen":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"}],"chosen_model":"m","chosen_rating":5,"rejected":[{"role":"user","content":"Q"},{"role":"assistant","content":"B"}],"rejected_model":"n","rejected_rating":3}
< {"instruction":"Q","prompt":"Q","chosen":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"}],"chosen_rating":5,"rejected":[{"role":"user","content":"Q"},{"role":"assistant","content":"B"}],"rejected_rating":null}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}],"score_chosen":5,"score_rejected":3,"margin":2,"instruction":"Q","generations":["A","B"],"ratings":[5,3],"prompt_id":"f00","chosen_model":"m","rejected_model":"n"}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}],"score_chosen":5,"instruction":"Q"}
! pref-convert: 2 read, 2 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: distilabel: "chosen" is better; equal ratings are a tie

RLHFlow.
$ pref-convert
< {"chosen":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"}],"rejected":[{"role":"user","content":"Q"},{"role":"assistant","content":"B"}],"chosen_score":5.0,"rejected_score":4.0}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}],"score_chosen":5.0,"score_rejected":4.0,"margin":1}
! pref-convert: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: rlhflow: "chosen" is better; equal scores are a tie

LLaMA-Factory's own messages: parts with "value".
$ pref-convert
< {"chosen_messages":[{"role":"system","content":[{"type":"text","value":"S"}],"loss_weight":0.0},{"role":"user","content":[{"type":"text","value":"Q"}],"loss_weight":0.0},{"role":"assistant","content":[{"type":"text","value":"A"}],"loss_weight":1.0}],"rejected_messages":[{"role":"system","content":[{"type":"text","value":"S"}],"loss_weight":0.0},{"role":"user","content":[{"type":"text","value":"Q"}],"loss_weight":0.0},{"role":"assistant","content":[{"type":"text","value":"B"}],"loss_weight":1.0}]}
> {"prompt":[{"role":"system","content":"S"},{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}]}
! pref-convert: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: llama-factory-v1: "chosen_messages" are better; no ties

ms-swift, both forms.
$ pref-convert one.jsonl two.jsonl
> {"prompt":[{"role":"system","content":"S"},{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}],"margin":0.50}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}]}
! pref-convert: 2 read, 2 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: swift: the last of "messages" is better; no ties | swift-messages: "messages" are better; no ties
@ one.jsonl
| {"messages":[{"role":"system","content":"S"},{"role":"user","content":"Q"},{"role":"assistant","content":"A"}],"rejected_response":"B","margin":0.50}
@ two.jsonl
| {"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"}],"rejected_messages":[{"role":"user","content":"Q"},{"role":"assistant","content":"B"}]}

# A prompt and two named responses.

A string beside messages; a system text in a member of its own; axolotl's single messages.
$ pref-convert -q a.jsonl b.jsonl c.jsonl
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}]}
> {"prompt":[{"role":"system","content":"S"},{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}]}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}]}
@ a.jsonl
| {"prompt":"Q","chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}]}
@ b.jsonl
| {"system":"S","prompt":"Q","chosen":"A","rejected":"B"}
@ c.jsonl
| {"messages":[{"role":"user","content":"Q"}],"chosen":{"role":"assistant","content":"A"},"rejected":{"role":"assistant","content":"B"}}

LLaMA-Factory: conversations; an instruction with and without input, a system text, a history.
$ pref-convert -q a.jsonl b.jsonl
> {"prompt":[{"role":"user","content":"Q"},{"role":"assistant","content":"R"},{"role":"user","content":"S"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}]}
> {"prompt":[{"role":"system","content":"Sys"},{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}]}
> {"prompt":"Q","chosen":"A","rejected":"B"}
> {"prompt":"Sort.\n3 1 2","chosen":"A","rejected":"B"}
> {"prompt":[{"role":"system","content":"S"},{"role":"user","content":"q"},{"role":"assistant","content":"a"},{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}]}
@ a.jsonl
| {"conversations":[{"from":"human","value":"Q"},{"from":"gpt","value":"R"},{"from":"human","value":"S"}],"chosen":{"from":"gpt","value":"A"},"rejected":{"from":"gpt","value":"B"}}
| {"system":"Sys","conversations":[{"from":"human","value":"Q"}],"chosen":{"from":"gpt","value":"A"},"rejected":{"from":"gpt","value":"B"}}
@ b.jsonl
| {"instruction":"Q","input":"","chosen":"A","rejected":"B"}
| {"instruction":"Sort.","input":"3 1 2","chosen":"A","rejected":"B"}
| {"instruction":"Q","input":"","system":"S","history":[["q","a"]],"chosen":"A","rejected":"B"}

Intel's orca_dpo_pairs, axolotl's input, Argilla's responses.
$ pref-convert -q a.jsonl b.jsonl c.jsonl
> {"prompt":[{"role":"system","content":"S"},{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}]}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}]}
> {"prompt":"Q","chosen":"A","rejected":"B"}
> {"prompt":"Q","chosen":"A","rejected":"B"}
@ a.jsonl
| {"system":"S","question":"Q","chosen":"A","rejected":"B"}
| {"system":"","question":"Q","chosen":"A","rejected":"B"}
@ b.jsonl
| {"input":"Q","chosen":"A","rejected":"B"}
@ c.jsonl
| {"instruction":"Q","chosen_response":"A","rejected_response":"B"}

OpenAI, Fireworks, Together.
$ pref-convert
< {"input":{"messages":[{"role":"user","content":"Q"}],"tools":[],"parallel_tool_calls":true},"preferred_output":[{"role":"assistant","content":"A"}],"non_preferred_output":[{"role":"assistant","content":"B"}]}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}],"tools":[],"parallel_tool_calls":true}
! pref-convert: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: openai: "preferred_output" is better; no ties

# Two responses, and a member that decides.

SHP: 1 is A, 0 is B; the margin is the logarithm of the ratio of the scores.
$ pref-convert
< {"history":"Q","human_ref_A":"A","human_ref_B":"B","labels":1,"score_A":20,"score_B":5,"domain":"askculinary_train"}
< {"history":"Q","human_ref_A":"A","human_ref_B":"B","labels":0,"score_A":2,"score_B":4,"c_root_id_A":"x","c_root_id_B":"y"}
> {"prompt":"Q","chosen":"A","rejected":"B","score_chosen":20,"score_rejected":5,"margin":1.3862943611198906,"chosen_position":1,"domain":"askculinary_train"}
> {"prompt":"Q","chosen":"B","rejected":"A","score_chosen":4,"chosen_c_root_id":"y","score_rejected":2,"rejected_c_root_id":"x","margin":0.6931471805599453,"chosen_position":2}
! pref-convert: 2 read, 2 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: shp: "labels" 1: A is better, 0: B; no ties

A label that is neither.
$ pref-convert
< {"history":"Q","human_ref_A":"A","human_ref_B":"B","labels":1,"score_A":2,"score_B":1}
< {"history":"Q","human_ref_A":"A","human_ref_B":"B","labels":2,"score_A":2,"score_B":1}
> {"prompt":"Q","chosen":"A","rejected":"B","score_chosen":2,"score_rejected":1,"margin":0.6931471805599453,"chosen_position":1}
! pref-convert: (stdin):2:61: shp: "labels" is neither 1 nor 0
? 1

HelpSteer2-Preference: below zero the first is better, 0 is a tie; votes and reasons are kept.
$ pref-convert
< {"split":"train","prompt":"Q","response_1":"A","response_2":"B","preference_strength":-2,"preference_statement":"A is right.","all_preferences_unprocessed":[{"strength":-3,"statement":"s1"},{"strength":1,"statement":"s2"},{"strength":0,"statement":""}]}
< {"prompt":"Q","response_1":"A","response_2":"B","preference_strength":3,"preference_statement":""}
< {"prompt":"Q","response_1":"A","response_2":"B","preference_strength":0}
> {"prompt":"Q","chosen":"A","rejected":"B","margin":2,"chosen_position":1,"rationale":"A is right.","votes":{"1":"A","2":"B","3":"tie"},"split":"train"}
> {"prompt":"Q","chosen":"B","rejected":"A","margin":3,"chosen_position":2}
> {"prompt":"Q","chosen":"A","rejected":"B","verdict":"tie","preference":0.5,"chosen_position":1}
! pref-convert: 3 read, 3 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: helpsteer2-preference: "preference_strength" below 0: the first is better; 0 is a tie
! pref-convert: ties: 1 with verdict "tie" and preference 0.5

HelpSteer3.
$ pref-convert
< {"domain":"general","language":"english","context":[{"role":"user","content":"Q"}],"response1":"A","response2":"B","overall_preference":2,"individual_preference":[{"score":2,"reasoning":"B is short."},{"score":-1,"reasoning":"A is kind."}]}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"B"}],"rejected":[{"role":"assistant","content":"A"}],"margin":2,"chosen_position":2,"votes":{"1":"A","2":"B"},"rationale":["B is short.","A is kind."],"domain":"general","language":"english"}
! pref-convert: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: helpsteer3: "overall_preference" below 0: the first is better; 0 is a tie

Ties dropped on demand.
$ pref-convert --ties drop
< {"context":[{"role":"user","content":"Q"}],"response1":"A","response2":"B","overall_preference":0}
< {"context":[{"role":"user","content":"Q"}],"response1":"A","response2":"B","overall_preference":-1}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}],"margin":1,"chosen_position":1}
! pref-convert: 2 read, 1 kept, 1 dropped (tie 1), 0 bad, 0.0 s
! pref-convert: layout: helpsteer3: "overall_preference" below 0: the first is better; ties are dropped

WebGPT: scores decide, equal ones are a tie.
$ pref-convert
< {"question":{"dataset":"eli5","full_text":"Q"},"quotes_0":{"title":[],"extract":[]},"answer_0":"A","score_0":-0.67,"quotes_1":{"title":["t"],"extract":["e"]},"answer_1":"B","score_1":0.67}
< {"question":{"full_text":"Q"},"quotes_0":{},"answer_0":"A","score_0":0,"quotes_1":{},"answer_1":"B","score_1":0.0}
> {"prompt":"Q","chosen":"B","rejected":"A","score_chosen":0.67,"chosen_quotes":{"title":["t"],"extract":["e"]},"score_rejected":-0.67,"rejected_quotes":{"title":[],"extract":[]},"margin":1.34,"chosen_position":2}
> {"prompt":"Q","chosen":"A","rejected":"B","score_chosen":0,"chosen_quotes":{},"score_rejected":0.0,"rejected_quotes":{},"margin":0,"verdict":"tie","preference":0.5,"chosen_position":1}
! pref-convert: 2 read, 2 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: webgpt: the higher score; the prompt is the question without the quotes, which differ; equal scores are a tie
! pref-convert: ties: 1 with verdict "tie" and preference 0.5

Summaries of TL;DR posts and of articles.
$ pref-convert
< {"info":{"id":"t3_1","post":"Long.","title":"T","subreddit":"tifu"},"summaries":[{"text":" A","policy":"sup2"},{"text":" B","policy":"ref"}],"choice":1,"worker":"w1","batch":"batch3"}
< {"info":{"id":"c1","article":"News."},"summaries":[{"text":"A"},{"text":"B"}],"choice":0}
> {"prompt":"SUBREDDIT: r/tifu\n\nTITLE: T\n\nPOST: Long.\n\nTL;DR:","chosen":" B","rejected":" A","chosen_policy":"ref","rejected_policy":"sup2","chosen_position":2,"id":"t3_1","annotator":"w1","batch":"batch3"}
> {"prompt":"News.\n\nTL;DR:","chosen":"A","rejected":"B","chosen_position":1,"id":"c1"}
! pref-convert: 2 read, 2 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: tldr: summary number "choice" (from 0) is better; no ties

PKU-SafeRLHF states two preferences: without --label there is no direction.
$ pref-convert
< {"prompt":"Q","response_0":"A","response_1":"B","is_response_0_safe":true,"is_response_1_safe":false,"better_response_id":1,"safer_response_id":0}
! pref-convert: (stdin):1: pku-saferlhf states several preferences: choose with --label better safer
? 2

$ pref-convert --label better
< {"prompt":"Q","response_0":"A","response_1":"B","is_response_0_safe":true,"is_response_1_safe":false,"better_response_id":1,"safer_response_id":0}
> {"prompt":"Q","chosen":"B","rejected":"A","chosen_safe":false,"rejected_safe":true,"chosen_position":2,"safer_verdict":"B"}
! pref-convert: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: pku-saferlhf: --label better: response number "better_response_id" or "safer_response_id" (from 0) is better; no ties

AlpacaEval: 1 .. 2; failures are dropped, 1.5 is a tie.
$ pref-convert
< {"instruction":"Q","output_1":"A","output_2":"B","generator_1":"g1","generator_2":"g2","annotator":"gpt4","preference":1.02}
< {"instruction":"Q","output_1":"A","output_2":"B","generator_1":"g1","generator_2":"g2","annotator":"gpt4","preference":2.0}
< {"instruction":"Q","output_1":"A","output_2":"B","annotator":"gpt4","preference":1.5}
< {"instruction":"Q","output_1":"A","output_2":"B","annotator":"gpt4","preference":-1}
< {"instruction":"Q","output_1":"A","output_2":"B","annotator":"gpt4","preference":null}
> {"prompt":"Q","chosen":"A","rejected":"B","chosen_model":"g1","rejected_model":"g2","preference":0.98,"chosen_position":1,"annotator":"gpt4"}
> {"prompt":"Q","chosen":"B","rejected":"A","chosen_model":"g2","rejected_model":"g1","preference":1,"chosen_position":2,"annotator":"gpt4"}
> {"prompt":"Q","chosen":"A","rejected":"B","verdict":"tie","preference":0.5,"chosen_position":1,"annotator":"gpt4"}
! pref-convert: 5 read, 3 kept, 2 dropped (failed 2), 0 bad, 0.0 s
! pref-convert: layout: alpaca-eval: "preference" below 1.5: the first is better; -1 and null are failures; 1.5 is a tie
! pref-convert: ties: 1 with verdict "tie" and preference 0.5

LLMBar.
$ pref-convert
< {"input":"Q","output_1":"A","output_2":"B","label":2}
> {"prompt":"Q","chosen":"B","rejected":"A","chosen_position":2}
! pref-convert: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: llmbar: "label" 1: the first is better, 2: the second; no ties

# People and judges who voted.

Judges of LLMBar: what each said as given and with the responses exchanged; as chosen is the second, these change places.
$ pref-convert -q --bad skip
< {"id":1,"prompt":"Q","output_1":"A","output_2":"B","gold":2,"votes":{"x":[2,1],"y":[2,2],"z":[0,1]}}
< {"id":2,"prompt":"Q","output_1":"A","output_2":"B","gold":1,"votes":{"x":[1,2],"y":[0,1]}}
< {"id":3,"prompt":"Q","output_1":"A","output_2":"B","gold":1,"votes":{"x":[1,2]},"scores":{"x":[4,5]}}
< {"id":4,"prompt":"Q","output_1":"A","output_2":"B","gold":1,"votes":{"x":[1,3]}}
< {"id":5,"prompt":"Q","output_1":"A","output_2":"B","gold":1,"votes":{"x":[1,2,1]}}
> {"prompt":"Q","chosen":"B","rejected":"A","chosen_position":2,"votes":{"x":["B","A"],"y":["A","A"],"z":["B",null]},"id":1,"gold":2}
> {"prompt":"Q","chosen":"A","rejected":"B","chosen_position":1,"votes":{"x":["A","B"],"y":[null,"A"]},"id":2,"gold":1}
> {"prompt":"Q","chosen":"A","rejected":"B","verdict":"tie","preference":0.5,"chosen_position":1,"votes":{"x":["A","B"]},"id":3,"gold":1,"source_scores":{"x":[4,5]}}
! pref-convert: (stdin):4:74: llmbar-votes: a vote is not two of 0, 1 and 2
! pref-convert: (stdin):5:74: llmbar-votes: a vote is not two of 0, 1 and 2
? 1

PandaLM: the majority; no majority is a tie.
$ pref-convert
< {"idx":0,"instruction":"Q","input":"in","response1":"A","response2":"B","annotator1":2,"annotator2":2,"annotator3":0}
< {"idx":1,"instruction":"Q","input":"","response1":"A","response2":"B","annotator1":0,"annotator2":1,"annotator3":2}
> {"prompt":"Q\nin","chosen":"B","rejected":"A","chosen_position":2,"votes":{"annotator1":"A","annotator2":"A","annotator3":"tie"},"idx":0}
> {"prompt":"Q","chosen":"A","rejected":"B","verdict":"tie","preference":0.5,"chosen_position":1,"votes":{"annotator1":"tie","annotator2":"A","annotator3":"B"},"idx":1}
! pref-convert: 2 read, 2 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: pandalm: the most annotators: 1 the first, 2 the second, 0 neither; no majority is a tie
! pref-convert: ties: 1 with verdict "tie" and preference 0.5

Grades of the Tulu study.
$ pref-convert
< {"id":"1","prompt":"Q","model_a":"x","model_b":"y","completion_a":"A","completion_b":"B","a_acceptable":"yes","b_acceptable":"no","preference":"b-is-slightly-better","annotator":"ann1"}
< {"id":"2","prompt":"Q","completion_a":"A","completion_b":"B","preference":"tie","annotator":"ann1"}
> {"prompt":"Q","chosen":"B","rejected":"A","chosen_model":"y","chosen_acceptable":"no","rejected_model":"x","rejected_acceptable":"yes","margin":1,"chosen_position":2,"id":"1","annotator":"ann1"}
> {"prompt":"Q","chosen":"A","rejected":"B","verdict":"tie","preference":0.5,"chosen_position":1,"id":"2","annotator":"ann1"}
! pref-convert: 2 read, 2 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: tulu: the grade: a- or b-is-better (margin 2), slightly (1); tie is a tie
! pref-convert: ties: 1 with verdict "tie" and preference 0.5

LMSYS arena: whole conversations; the winners' words.
$ pref-convert
< {"question_id":"q1","model_a":"x","model_b":"y","winner":"model_b","judge":"arena_user_1","conversation_a":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"}],"conversation_b":[{"role":"user","content":"Q"},{"role":"assistant","content":"B"}],"turn":1,"tstamp":1.68e9}
< {"question_id":"q2","model_a":"x","model_b":"y","winner":"tie (bothbad)","judge":"arena_user_1","conversation_a":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"}],"conversation_b":[{"role":"user","content":"Q"},{"role":"assistant","content":"B"}],"turn":1}
< {"question_id":"q3","model_a":"x","model_b":"y","winner":"model_a","judge":"arena_user_2","conversation_a":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"},{"role":"user","content":"R"},{"role":"assistant","content":"C"}],"conversation_b":[{"role":"user","content":"Q"},{"role":"assistant","content":"B"},{"role":"user","content":"R"},{"role":"assistant","content":"D"}],"turn":2}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"B"}],"rejected":[{"role":"assistant","content":"A"}],"chosen_model":"y","rejected_model":"x","chosen_position":2,"annotator":"arena_user_1","question_id":"q1","turn":1,"tstamp":1.68e9}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}],"chosen_model":"x","rejected_model":"y","verdict":"tie","preference":0.5,"chosen_position":1,"annotator":"arena_user_1","both_bad":true,"question_id":"q2","turn":1}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"},{"role":"user","content":"R"},{"role":"assistant","content":"C"}],"rejected":[{"role":"assistant","content":"B"},{"role":"user","content":"R"},{"role":"assistant","content":"D"}],"chosen_model":"x","rejected_model":"y","chosen_position":1,"annotator":"arena_user_2","question_id":"q3","turn":2}
! pref-convert: 3 read, 3 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: lmsys-arena: "winner"; tie and tie (bothbad) are ties
! pref-convert: ties: 1 with verdict "tie" and preference 0.5
! pref-convert: diverged: 1 before the last turn: cut where they part

The competition's files: one of three flags, lists or strings that hold lists.
$ pref-convert -q
< {"id":1,"model_a":"x","model_b":"y","prompt":["Q"],"response_a":["A"],"response_b":["B"],"winner_model_a":0,"winner_model_b":1,"winner_tie":0}
< {"id":2,"model_a":"x","model_b":"y","prompt":"[\"Q\"]","response_a":"[\"A\"]","response_b":"[null]","winner_model_a":"1","winner_model_b":"0","winner_tie":"0"}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"B"}],"rejected":[{"role":"assistant","content":"A"}],"chosen_model":"y","rejected_model":"x","chosen_position":2,"id":1}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":""}],"chosen_model":"x","rejected_model":"y","chosen_position":1,"id":2}

$ pref-convert -q --bad skip
< {"id":1,"prompt":["Q"],"response_a":["A"],"response_b":["B","C"],"winner_model_a":0,"winner_model_b":1,"winner_tie":0}
< {"id":2,"prompt":["Q"],"response_a":["A"],"response_b":["B"],"winner_model_a":1,"winner_model_b":1,"winner_tie":0}
< {"id":3,"prompt":["Q"],"response_a":["A"],"response_b":["B"],"winner_model_a":0,"winner_model_b":0,"winner_tie":0}
! pref-convert: (stdin):1:18: lmsys-kaggle: "prompt", "response_a" and "response_b" are not lists of one length
! pref-convert: (stdin):2:98: lmsys-kaggle: two winners
! pref-convert: (stdin):3: lmsys-kaggle: no winner
? 1

FastChat: both games must agree; the texts come from the judge's prompt.
$ pref-convert
< {"question_id":1,"model_1":"x","model_2":"y","g1_winner":"model_1","g2_winner":"model_1","judge":["gpt-4","pair-v2"],"g1_user_prompt":"[User Question]\nQ?\n\n[The Start of Assistant A's Answer]\nA\\n\n[The End of Assistant A's Answer]\n\n[The Start of Assistant B's Answer]\nB\n[The End of Assistant B's Answer]","g1_judgment":"A is better: [[A]]","turn":1}
< {"question_id":2,"model_1":"x","model_2":"y","g1_winner":"model_1","g2_winner":"model_2","judge":["gpt-4","pair-v2"],"g1_user_prompt":"[User Question]\nQ?\n\n[The Start of Assistant A's Answer]\nA\n[The End of Assistant A's Answer]\n\n[The Start of Assistant B's Answer]\nB\n[The End of Assistant B's Answer]","g1_judgment":"","turn":1}
< {"question_id":3,"model_1":"x","model_2":"y","g1_winner":"error","g2_winner":"model_2","judge":["gpt-4","pair-v2"],"g1_user_prompt":"","g1_judgment":"","turn":1}
< {"question_id":4,"model_1":"x","model_2":"y","g1_winner":"tie","g2_winner":"tie","judge":["gpt-4","pair-v2"],"g1_user_prompt":"other","g1_judgment":"","turn":2}
> {"prompt":"Q?","chosen":"A\\n","rejected":"B","chosen_model":"x","rejected_model":"y","chosen_position":1,"annotator":"gpt-4","rationale":"A is better: [[A]]","question_id":1,"judge":["gpt-4","pair-v2"],"turn":1}
> {"prompt":"Q?","chosen":"A","rejected":"B","chosen_model":"x","rejected_model":"y","verdict":"tie","preference":0.5,"chosen_position":1,"annotator":"gpt-4","question_id":2,"judge":["gpt-4","pair-v2"],"turn":1}
! pref-convert: 4 read, 2 kept, 2 dropped (failed 1, unparsed 1), 0 bad, 0.0 s
! pref-convert: layout: fastchat: the winner of both games; a tie in either, or two winners, is a tie
! pref-convert: ties: 1 with verdict "tie" and preference 0.5

Label Studio.
$ pref-convert
< {"id":1,"data":{"prompt":"Q","answer1":"A","answer2":"B","lang":"en"},"annotations":[{"completed_by":7,"result":[{"type":"pairwise","value":{"selected":"right"}}]},{"completed_by":8,"result":[{"type":"pairwise","value":{"selected":"right"}}]},{"completed_by":9,"was_cancelled":true,"result":[{"type":"pairwise","value":{"selected":"left"}}]}]}
< {"id":2,"data":{"prompt":"Q","answer1":"A","answer2":"B"},"annotations":[]}
> {"prompt":"Q","chosen":"B","rejected":"A","chosen_position":2,"lang":"en","votes":{"7":"A","8":"A"},"id":1}
! pref-convert: 2 read, 1 kept, 1 dropped (unranked 1), 0 bad, 0.0 s
! pref-convert: layout: label-studio: the side that most annotators selected; no majority is a tie

# Lists.

Nectar, where rank 1 is best: the chosen answer is never the worst (B3). Every pair, and neighbours; equal ranks
make none, unless ties are kept. The id no longer names one record.
$ for pairs in all adjacent; do pref-convert --pairs $pairs in.jsonl; done
$ pref-convert -q --pairs all --ties keep in.jsonl | grep -c '"tie"'
> {"prompt":"Q","chosen":"best","rejected":"mid","chosen_rank":1.0,"chosen_model":"m2","rejected_rank":2.0,"rejected_model":"m1","source_id":"n1","source":["s"]}
> {"prompt":"Q","chosen":"best","rejected":"mid too","chosen_rank":1.0,"chosen_model":"m2","rejected_rank":2.0,"rejected_model":"m3","source_id":"n1","source":["s"]}
> {"prompt":"Q","chosen":"best","rejected":"mid","chosen_rank":1.0,"chosen_model":"m2","rejected_rank":2.0,"rejected_model":"m1","source_id":"n1","source":["s"]}
> 2
! pref-convert: 2 read, 1 kept, 1 dropped (tie 1), 0 bad, 0.0 s
! pref-convert: layout: nectar: rank 1 is best; equal ranks make no pair
! pref-convert: 2 read, 1 kept, 1 dropped (tie 1), 0 bad, 0.0 s
! pref-convert: layout: nectar: rank 1 is best; equal ranks make no pair
@ in.jsonl
| {"id":"n1","prompt":"Q","answers":[{"answer":"mid","model":"m1","rank":2.0},{"answer":"best","model":"m2","rank":1.0},{"answer":"mid too","model":"m3","rank":2.0}],"source":["s"]}
| {"id":"n2","prompt":"Q","answers":[{"answer":"a","rank":1},{"answer":"b","rank":1}]}

Ranks that begin at 0 are not Nectar's, ranks that begin at 1 are not NeMo-RL's: the direction is in doubt.
$ pref-convert
< {"prompt":"Q","answers":[{"answer":"a","rank":0},{"answer":"b","rank":1}]}
! pref-convert: (stdin):1:25: nectar: ranks begin at 0, not 1: is the lowest rank the best? If so, say --from nectar
? 2

$ pref-convert
< {"context":[{"role":"user","content":"Q"}],"completions":[{"rank":1,"completion":[{"role":"assistant","content":"A"}]},{"rank":2,"completion":[{"role":"assistant","content":"B"}]}]}
! pref-convert: (stdin):1:58: nemo-rl: ranks begin at 1, not 0: is the lowest rank the best? If so, say --from nemo-rl
? 2

Later in the file it is a bad record; with the layout named, the lowest rank is the best.
$ pref-convert -q --from nectar <in.jsonl
$ pref-convert --bad skip
< {"prompt":"Q","answers":[{"answer":"a","rank":1},{"answer":"b","rank":2}]}
< {"prompt":"Q","answers":[{"answer":"a","rank":0},{"answer":"b","rank":1}]}
> {"prompt":"Q","chosen":"a","rejected":"b","chosen_rank":0,"rejected_rank":1}
> {"prompt":"Q","chosen":"a","rejected":"b","chosen_rank":1,"rejected_rank":2}
! pref-convert: (stdin):2:25: nectar: ranks begin at 0, not 1: is the lowest rank the best? If so, say --from nectar
! pref-convert: 2 read, 1 kept, 0 dropped, 1 bad, 0.0 s
! pref-convert: layout: nectar: rank 1 is best; equal ranks make no pair
? 1
@ in.jsonl
| {"prompt":"Q","answers":[{"answer":"a","rank":0},{"answer":"b","rank":1}]}

NeMo-RL: rank 0 is best.
$ pref-convert
< {"context":[{"role":"user","content":"Q"}],"completions":[{"rank":1,"completion":[{"role":"assistant","content":"B"}]},{"rank":0,"completion":[{"role":"assistant","content":"A"}]}]}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}],"chosen_rank":0,"rejected_rank":1}
! pref-convert: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: nemo-rl: rank 0 is best; equal ranks make no pair

StackExchange: HTML becomes text; equal scores make no pair.
$ pref-convert
< {"qid":1,"question":"<p>Is 1 &lt; 2?</p>","answers":[{"answer_id":5,"text":"<p>No &amp; no.</p>","pm_score":1},{"answer_id":6,"text":"<p>Yes:</p>\n<pre><code>1 &lt;  2\n  true\n</code></pre>","pm_score":4}]}
< {"qid":2,"question":"Q","answers":[{"text":"A","pm_score":4},{"text":"B","pm_score":4}]}
< {"qid":3,"question":"Q","answers":[{"text":"A","pm_score":4}]}
> {"prompt":"Is 1 < 2?","chosen":"Yes:\n\n1 <  2\n  true","rejected":"No & no.","score_chosen":4,"chosen_answer_id":6,"score_rejected":1,"rejected_answer_id":5,"margin":3,"qid":1}
! pref-convert: 3 read, 1 kept, 2 dropped (single 1, tie 1), 0 bad, 0.0 s
! pref-convert: layout: stackexchange: the higher pm_score; HTML becomes text; equal scores make no pair

UltraFeedback: means of the aspects, "N/A" left out; a 10 that may be a 1 is left out of --label overall.
$ pref-convert in.jsonl
$ pref-convert -q --label overall in.jsonl | cut -c 1-60
> {"prompt":"Q","chosen":"B","rejected":"A","score_chosen":4.5,"chosen_model":"m2","chosen_annotations":{"helpfulness":{"Rating":"4"},"honesty":{"Rating":"5"}},"chosen_overall_score":8.5,"score_rejected":1,"rejected_model":"m1","rejected_annotations":{"helpfulness":{"Rating":"1","Rationale":"r"},"honesty":{"Rating":"N/A"}},"rejected_overall_score":10,"rejected_critique":"bad","margin":3.5,"source":"evol"}
> {"prompt":"Q","chosen":"B","rejected":"C","score_chosen":8.5
! pref-convert: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: ultrafeedback: the higher mean of the aspects' ratings, N/A left out; --label overall: the overall_score, a 10 beside a mean of 2 or less left out; equal ones make no pair
! pref-convert: left_out: 1 without a usable score or rank
@ in.jsonl
| {"source":"evol","instruction":"Q","models":["m1","m2","m3"],"completions":[{"model":"m1","response":"A","annotations":{"helpfulness":{"Rating":"1","Rationale":"r"},"honesty":{"Rating":"N/A"}},"overall_score":10,"critique":"bad"},{"model":"m2","response":"B","annotations":{"helpfulness":{"Rating":"4"},"honesty":{"Rating":"5"}},"overall_score":8.5},{"model":"m3","response":"C","annotations":{"helpfulness":{"Rating":"N/A"}},"overall_score":7}]}

distilabel before it made pairs: equal ratings make no pair (B4), a missing one is left out.
$ pref-convert
< {"instruction":"Q","generations":["A","B","C"],"generation_models":["m1","m2","m3"],"ratings":[3,5,null],"rationales":["r1","r2",null]}
< {"instruction":"Q","generations":["A","B"],"ratings":[4,4]}
< {"instruction":"Q","generations":["A","B"],"ratings":[null,4]}
> {"prompt":"Q","chosen":"B","rejected":"A","score_chosen":5,"chosen_model":"m2","chosen_rationale":"r2","score_rejected":3,"rejected_model":"m1","rejected_rationale":"r1","margin":2}
! pref-convert: 3 read, 1 kept, 2 dropped (single 1, tie 1), 0 bad, 0.0 s
! pref-convert: layout: distilabel-ratings: the higher rating; equal ratings make no pair
! pref-convert: left_out: 2 without a usable score or rank

RewardBench 2: several right answers.
$ pref-convert -q --pairs all
< {"id":"1","prompt":"Q","chosen":["A","B"],"rejected":["C"],"num_correct":2,"total_completions":3,"subset":"Ties"}
> {"prompt":"Q","chosen":"A","rejected":"C","source_id":"1","num_correct":2,"total_completions":3,"subset":"Ties"}
> {"prompt":"Q","chosen":"B","rejected":"C","source_id":"1","num_correct":2,"total_completions":3,"subset":"Ties"}

Every two compared.
$ pref-convert -q --pairs all
$ pref-convert -q in.jsonl
< {"question":"Q","gold":"g","prediction 1":"A","prediction 2":"B","prediction 3":"C","prediction 4":"D","feedback":{},"preference":[1,1,0,2,0,0]}
> {"prompt":"Q","chosen":"A","rejected":"C","chosen_feedback":{},"gold":"g"}
> {"prompt":"Q","chosen":"A","rejected":"B","chosen_feedback":{},"gold":"g"}
> {"prompt":"Q","chosen":"C","rejected":"B","gold":"g"}
> {"prompt":"Q","chosen":"A","rejected":"B","chosen_feedback":{},"gold":"g"}
@ in.jsonl
| {"question":"Q","gold":"g","prediction 1":"A","prediction 2":"B","prediction 3":"C","prediction 4":"D","feedback":{},"preference":[1,1,0,2,0,0]}

Argilla: mean ranks over what was submitted.
$ pref-convert
< {"prompt":"Q","response1":"A","response2":"B","preference":[{"user_id":"u1","value":{"rank":[2,1],"value":["response1","response2"]},"status":"submitted"},{"user_id":"u2","value":{"rank":[1,1],"value":["response1","response2"]},"status":"submitted"},{"user_id":"u3","value":{"rank":[1,2],"value":["response1","response2"]},"status":"discarded"}],"external_id":null}
> {"prompt":"Q","chosen":"B","rejected":"A","chosen_name":"response2","chosen_rank":1,"rejected_name":"response1","rejected_rank":1.5,"annotations":[{"user_id":"u1","value":{"rank":[2,1],"value":["response1","response2"]},"status":"submitted"},{"user_id":"u2","value":{"rank":[1,1],"value":["response1","response2"]},"status":"submitted"},{"user_id":"u3","value":{"rank":[1,2],"value":["response1","response2"]},"status":"discarded"}],"external_id":null}
! pref-convert: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: argilla-ranking: the lower mean rank over submitted answers; equal ranks make no pair

Completions without a preference are candidates, and nothing else.
$ pref-convert
< {"id":"i1","prompt":"Q","completions":[{"model":"x","completion":"A"},{"model":"y","completion":"B"}]}
! pref-convert: (stdin):1: tulu-instances says of no response that it is better: use --candidates
? 2

$ pref-convert -q --candidates
< {"id":"i1","prompt":"Q","completions":[{"model":"x","completion":"A"},{"model":"y","completion":"B"}]}
> {"prompt":"Q","responses":[{"text":"A","model":"x"},{"text":"B","model":"y"}],"id":"i1"}

Answers as strings alone, as CodeT's.
$ pref-convert -q --candidates
< {"id":"i1","prompt":"Q","samples":["A","B"]}
> {"prompt":"Q","responses":[{"text":"A"},{"text":"B"}],"id":"i1"}

$ pref-convert -q --candidates
< {"prompt":"Q","responses":["A","B"],"test_list":["x"]}
< {"prompt":"Q","responses":["A",2],"test_list":["x"]}
> {"prompt":"Q","responses":[{"text":"A"},{"text":"B"}],"test_list":["x"]}
! pref-convert: (stdin):2:32: texts-responses: an element of "responses" is no string
? 1

$ pref-convert
< {"prompt":"Q","completions":["A","B"]}
! pref-convert: (stdin):1: texts-completions says of no response that it is better: use --candidates
? 2

Open-Assistant trees: one pair for every message with ranked answers.
$ pref-convert
< {"message_tree_id":"t1","tree_state":"ready_for_export","prompt":{"message_id":"m1","text":"Q","role":"prompter","lang":"en","replies":[{"message_id":"m2","parent_id":"m1","text":"A","role":"assistant","rank":1,"replies":[]},{"message_id":"m3","parent_id":"m1","text":"B","role":"assistant","rank":0,"replies":[{"message_id":"m4","text":"R","role":"prompter","replies":[{"message_id":"m5","text":"C","role":"assistant","rank":0},{"message_id":"m6","text":"D","role":"assistant","rank":null},{"message_id":"m7","text":"E","role":"assistant","deleted":true,"rank":1},{"message_id":"m8","text":"F","role":"assistant","rank":2}]}]}]}}
< {"message_tree_id":"t2","prompt":{"message_id":"m1","text":"Q","role":"prompter","replies":[]}}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"B"}],"rejected":[{"role":"assistant","content":"A"}],"chosen_message_id":"m3","chosen_rank":0,"rejected_message_id":"m2","rejected_rank":1,"parent_id":"m1","message_tree_id":"t1","tree_state":"ready_for_export"}
> {"prompt":[{"role":"user","content":"Q"},{"role":"assistant","content":"B"},{"role":"user","content":"R"}],"chosen":[{"role":"assistant","content":"C"}],"rejected":[{"role":"assistant","content":"F"}],"chosen_message_id":"m5","chosen_rank":0,"rejected_message_id":"m8","rejected_rank":2,"parent_id":"m4","message_tree_id":"t1","tree_state":"ready_for_export"}
! pref-convert: 2 read, 1 kept, 1 dropped (unranked 1), 0 bad, 0.0 s
! pref-convert: layout: oasst: rank 0 is best, among the answers to one message; equal ranks make no pair
! pref-convert: left_out: 1 without a usable score or rank

# Rows of one prompt, joined.

HelpSteer: weighted sum, or one aspect; what both rows say is said once. Rows need not be neighbours.
$ pref-convert in.jsonl
$ pref-convert -q --label verbosity in.jsonl | cut -c 1-40
$ cat in.jsonl | pref-convert -q --from helpsteer | md5sum >a; pref-convert -q in.jsonl | md5sum | cmp - a
> {"prompt":"Q","chosen":"A","rejected":"B","chosen_helpfulness":3,"chosen_correctness":4,"chosen_coherence":4,"chosen_complexity":2,"chosen_verbosity":2,"score_chosen":7.25,"chosen_n":1,"rejected_helpfulness":1,"rejected_correctness":1,"rejected_coherence":4,"rejected_complexity":2,"rejected_verbosity":3,"score_rejected":3.15,"rejected_n":2,"margin":4.1,"split":"train"}
> {"prompt":"Q","chosen":"B","rejected":"A
! pref-convert: 5 read, 1 kept, 4 dropped (joined 2, single 1, tie 1), 0 bad, 0.0 s
! pref-convert: layout: helpsteer: the higher sum .65 helpfulness + .8 correctness + .45 coherence + .55 complexity - .4 verbosity, or --label alone; rows of one prompt are joined; equal ones make no pair
@ in.jsonl
| {"prompt":"Q","response":"A","helpfulness":3,"correctness":4,"coherence":4,"complexity":2,"verbosity":2,"split":"train","n":1}
| {"prompt":"R","response":"x","helpfulness":3,"correctness":4,"coherence":4,"complexity":2,"verbosity":2,"split":"train"}
| {"prompt":"Q","response":"B","helpfulness":1,"correctness":1,"coherence":4,"complexity":2,"verbosity":3,"split":"train","n":2}
| {"prompt":"S","response":"x","helpfulness":3,"correctness":4,"coherence":4,"complexity":2,"verbosity":2}
| {"prompt":"S","response":"y","helpfulness":3,"correctness":4,"coherence":4,"complexity":2,"verbosity":2}

TRL's and LLaMA-Factory's unpaired rows.
$ pref-convert -q --from kto <a.jsonl; pref-convert -q b.jsonl; pref-convert -q c.jsonl
> {"prompt":"Q","chosen":"A","rejected":"B"}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}]}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}]}
@ a.jsonl
| {"prompt":"Q","completion":"B","label":false}
| {"prompt":[{"role":"user","content":"R"}],"completion":[{"role":"assistant","content":"A"}],"label":true}
| {"prompt":"Q","completion":"A","label":true}
@ b.jsonl
| {"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"}],"label":true}
| {"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":"B"}],"label":false}
@ c.jsonl
| {"conversations":[{"from":"human","value":"Q"},{"from":"gpt","value":"A"}],"kto_tag":true}
| {"conversations":[{"from":"human","value":"Q"},{"from":"gpt","value":"B"}],"kto_tag":false}

From a pipe they must be named.
$ cat in.jsonl | pref-convert
! pref-convert: (stdin):1: rows of kto must be joined by prompt, which takes two passes: say --from kto
? 2
@ in.jsonl
| {"prompt":"Q","completion":"B","label":false}

Elements of an array that span lines are joined on one.
$ pref-convert -q in.json
> {"prompt":"Q","chosen":"A","rejected":"B","rejected_meta":{"a":1}}
@ in.json
| [
|   {"prompt": "Q",
|    "completion": "B", "label": false,
|    "meta": {"a":
|      1}},
|   {"prompt": "Q", "completion": "A", "label": true}
| ]

# Members of the source that have names of ours.

Where the layout turns labels into sides they were not said of our chosen and rejected.
$ pref-convert -q a; pref-convert -q b; pref-convert -q c; pref-convert -q d
@ a
| {"history":"h","human_ref_A":"A","human_ref_B":"B","labels":0,"score_A":1,"score_B":4,"margin":7,"preference":0.1,"scores":{"x":[1,2]},"source_margin":3,"id":1,"split":"train"}
@ b
| {"prompt":"Q","completion_a":"A","completion_b":"B","preference":"tie","verdict":"A","why":"w","swapped":true,"flip":0.9,"votes":{"u":"A"},"chosen_position":1,"margin_std":2}
@ c
| {"prompt":"Q","completion":"B","label":false,"margin":7,"score_chosen":1}
| {"prompt":"Q","completion":"A","label":true,"margin":7,"score_chosen":2}
@ d
| {"data":{"prompt":"Q","answer1":"A","answer2":"B","margin":7},"annotations":[{"completed_by":1,"result":[{"type":"pairwise","value":{"selected":"right"}}]}],"score_rejected":5}
> {"prompt":"h","chosen":"B","rejected":"A","score_chosen":4,"score_rejected":1,"margin":1.3862943611198906,"chosen_position":2,"source_source_margin":7,"source_preference":0.1,"source_scores":{"x":[1,2]},"source_margin":3,"id":1,"split":"train"}
> {"prompt":"Q","chosen":"A","rejected":"B","verdict":"tie","preference":0.5,"chosen_position":1,"source_verdict":"A","source_why":"w","source_swapped":true,"source_flip":0.9,"source_votes":{"u":"A"},"source_chosen_position":1,"source_margin_std":2}
> {"prompt":"Q","chosen":"A","rejected":"B","chosen_score_chosen":2,"rejected_score_chosen":1,"source_margin":7}
> {"prompt":"Q","chosen":"B","rejected":"A","chosen_position":2,"source_margin":7,"votes":{"1":"A"},"source_score_rejected":5}

Where it names the sides itself they stay.
$ pref-convert -q a; pref-convert -q b; pref-convert -q c
@ a
| {"prompt":"Q","chosen":"A","rejected":"B","margin":7,"preference":0.9}
@ b
| {"chosen":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"}],"rejected":[{"role":"user","content":"Q"},{"role":"assistant","content":"B"}],"chosen_score":2,"rejected_score":1,"margin":7}
@ c
| {"system":"","question":"Q","chosen":"A","rejected":"B","margin":7,"scores":{"x":[2,1]}}
> {"prompt":"Q","chosen":"A","rejected":"B","margin":7,"preference":0.9}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}],"score_chosen":2,"score_rejected":1,"margin":7}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}],"margin":7,"scores":{"x":[2,1]}}

# Writing for a trainer.

KTO: two rows a pair; a prompt that was not written yet, or longer ago, comes first.
$ pref-convert --to kto
< {"prompt":"P","chosen":"A","rejected":"B"}
< {"prompt":"P","chosen":"C","rejected":"D"}
< {"prompt":"Q","chosen":"A","rejected":"B"}
< {"prompt":"R","chosen":"A","rejected":""}
> {"prompt":[{"role":"user","content":"P"}],"completion":[{"role":"assistant","content":"A"}],"label":true}
> {"prompt":[{"role":"user","content":"P"}],"completion":[{"role":"assistant","content":"B"}],"label":false}
> {"prompt":[{"role":"user","content":"Q"}],"completion":[{"role":"assistant","content":"A"}],"label":true}
> {"prompt":[{"role":"user","content":"P"}],"completion":[{"role":"assistant","content":"D"}],"label":false}
> {"prompt":[{"role":"user","content":"Q"}],"completion":[{"role":"assistant","content":"B"}],"label":false}
> {"prompt":[{"role":"user","content":"P"}],"completion":[{"role":"assistant","content":"C"}],"label":true}
! pref-convert: 4 read, 3 kept, 1 dropped (empty 1), 0 bad, 0.0 s
! pref-convert: layout: trl: "chosen" is better; no ties

LLaMA-Factory: the data set is entered beside it, and what else is there stays.
$ pref-convert --to llama-factory -o pairs.json pairs; pref-convert -q --to llama-factory -o pairs.json pairs
$ cat pairs.json dataset_info.json; pref-convert --to llama-factory -o pairs.gz pairs
@ pairs
| {"prompt":[{"role":"system","content":"S"},{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}],"id":1}
| {"prompt":"Q","chosen":"A","rejected":"B","verdict":"tie"}
@ dataset_info.json
| {
|   "mine": {"file_name":  "x.json"}
| }
> {"conversations":[{"from":"system","value":"S"},{"from":"human","value":"Q"}],"chosen":{"from":"gpt","value":"A"},"rejected":{"from":"gpt","value":"B"}}
> {
>   "mine": {"file_name":  "x.json"},
>   "pairs": {
>     "file_name": "pairs.json",
>     "formatting": "sharegpt",
>     "ranking": true,
>     "columns": {
>       "messages": "conversations",
>       "chosen": "chosen",
>       "rejected": "rejected"
>     }
>   }
> }
! pref-convert: 2 read, 1 kept, 1 dropped (tie 1), 0 bad, 0.0 s
! pref-convert: layout: trl-conversational: "chosen" is better; no ties
! pref-convert: dataset_info: dataset_info.json
! pref-convert: -o pairs.gz: LLaMA-Factory wants NAME.json or NAME.jsonl, and no compression
? 2

OpenAI: messages, whatever the source has; what it would refuse is dropped by name.
$ pref-convert --to openai
< {"instruction":"Q","output_1":"A","output_2":"B","preference":1.9}
< {"instruction":"Q","output_1":"A","output_2":"B","preference":1.5}
< {"instruction":"Q","output_1":" ","output_2":"B","preference":1}
< {"instruction":"Q","output_1":"A","output_2":"A\n","preference":1}
< {"instruction":"Q","output_1":"\ud800","output_2":"A","preference":1}
> {"input":{"messages":[{"role":"user","content":"Q"}],"tools":[],"parallel_tool_calls":true},"preferred_output":[{"role":"assistant","content":"B"}],"non_preferred_output":[{"role":"assistant","content":"A"}]}
! pref-convert: 5 read, 1 kept, 4 dropped (empty 1, equal 1, surrogate 1, tie 1), 0 bad, 0.0 s
! pref-convert: layout: alpaca-eval: "preference" below 1.5: the first is better; -1 and null are failures; 1.5 is a tie
! pref-convert: ties: 1 with verdict "tie" and preference 0.5

# Detection and refusal.

Members that no layout has.
$ pref-convert
< {"text":"Q","good":"A","bad":"B"}
! pref-convert: (stdin):1: no layout has the members text, good, bad; see --list, and name one with --from
? 2

A name that no layout has, a label that the layout does not know, options that do not go together.
$ pref-convert --from nektar
! pref-convert: --from nektar: no such layout; see --list
? 2

$ pref-convert --label best
< {"prompt":"Q","chosen":"A","rejected":"B"}
! pref-convert: (stdin):1: trl states one preference and takes no --label
? 2

$ pref-convert --from pku-saferlhf --label best
! pref-convert: pku-saferlhf states several preferences: choose with --label better safer
? 2

$ pref-convert --candidates --from hh
! pref-convert: hh holds pairs, not lists: --candidates does not fit
? 2

$ pref-convert --candidates --to trl
! pref-convert: --to writes pairs, --candidates lists
? 2

$ pref-convert --margin yes
! pref-convert: --margin is for --to
? 2

Members that fit two layouts alike, and members that fit one of them better.
$ pref-convert <a.jsonl
$ pref-convert -q --from stackexchange <a.jsonl
> {"prompt":"Q","chosen":"y","rejected":"x","score_chosen":4,"chosen_answer":"b","chosen_rank":2,"score_rejected":3,"rejected_answer":"a","rejected_rank":1,"margin":1}
! pref-convert: (stdin):1: nectar, stackexchange fit alike; name one with --from
@ a.jsonl
| {"prompt":"P","question":"Q","answers":[{"answer":"a","rank":1,"text":"x","pm_score":3},{"answer":"b","rank":2,"text":"y","pm_score":4}]}

A record of ours stays ours, whatever else it holds.
$ pref-convert -q
< {"instruction":"I","input":"i","prompt":"Q","chosen":"A","rejected":"B","completions":[]}
> {"instruction":"I","input":"i","prompt":"Q","chosen":"A","rejected":"B","completions":[]}

Each file is known by its own first record.
$ pref-convert a.jsonl b.jsonl
> {"prompt":"Q","chosen":"A","rejected":"B","chosen_position":1}
> {"prompt":[{"role":"system","content":"S"},{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"B"}]}
! pref-convert: 2 read, 2 kept, 0 dropped, 0 bad, 0.0 s
! pref-convert: layout: llmbar: "label" 1: the first is better, 2: the second; no ties | orca: "chosen" is better; no ties
@ a.jsonl
| {"input":"Q","output_1":"A","output_2":"B","label":1}
@ b.jsonl
| {"system":"S","question":"Q","chosen":"A","rejected":"B"}

A later record of another layout is a bad record of the first, even where it would fit another by itself.
$ pref-convert
< {"input":"Q","output_1":"A","output_2":"B","label":1}
< {"prompt":"Q","chosen":"A","rejected":"B"}
> {"prompt":"Q","chosen":"A","rejected":"B","chosen_position":1}
! pref-convert: (stdin):2: llmbar: no member "input"
? 1

Unknown members follow ours as they were written; one of a name that we write gives way.
$ pref-convert -q
< {"a": 1e2, "input":"Q","output_1":"A","output_2":"B","label":1,"b\u0022":  [ 1, 2 ],"prompt":"gone","c":"\/"}
> {"prompt":"Q","chosen":"A","rejected":"B","chosen_position":1,"a":1e2,"b\"":[ 1, 2 ],"c":"\/"}
