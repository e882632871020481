pref-density: score responses by the log-probs of language models

The log-density ratio of two models, from log-probs that are there already.
$ pref-density --strong field:big --weak field:small
< {"prompt":"Is it safe?","chosen":"Yes.","rejected":"No!","scores":{"big":[-20,-30],"small":[-24,-29]}}
> {"prompt":"Is it safe?","chosen":"Yes.","rejected":"No!","scores":{"big":[-20,-30],"small":[-24,-29],"density":[4,-1]},"score_chosen":4,"score_rejected":-1,"margin":5}
! pref-density: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-density: density: 1 of 1 pairs as labelled (1.0000), 0 ties

Labels by the ratio: where it contradicts a label, the label is turned round, and the record says so.
$ pref-density -q --strong field:big --weak field:small --relabel
< {"prompt":"Is it safe?","chosen":"No!","rejected":"Yes.","scores":{"big":[-30,-20],"small":[-29,-24]}}
> {"prompt":"Is it safe?","chosen":"Yes.","rejected":"No!","scores":{"big":[-20,-30],"small":[-24,-29],"density":[4,-1]},"score_chosen":4,"score_rejected":-1,"margin":5,"swapped":true}

Candidates, for pref-pair; with --per token the third is best, not the first.
$ pref-density -q --strong field:big --weak field:small in; pref-density -q --strong field:big --weak field:small --per token in
@ in
| {"prompt":"p","responses":[{"text":"x","tokens":40,"logp":{"big":-20,"small":-24}},{"text":"y","tokens":10,"logp":{"big":-30,"small":-29}},{"text":"z","tokens":5,"logp":{"big":-15,"small":-16}}]}
> {"prompt":"p","responses":[{"text":"x","tokens":40,"logp":{"big":-20,"small":-24},"scores":{"density":4},"score":4},{"text":"y","tokens":10,"logp":{"big":-30,"small":-29},"scores":{"density":-1},"score":-1},{"text":"z","tokens":5,"logp":{"big":-15,"small":-16},"scores":{"density":1},"score":1}]}
> {"prompt":"p","responses":[{"text":"x","tokens":40,"logp":{"big":-20,"small":-24},"scores":{"density":0.1},"score":0.1},{"text":"y","tokens":10,"logp":{"big":-30,"small":-29},"scores":{"density":-0.1},"score":-0.1},{"text":"z","tokens":5,"logp":{"big":-15,"small":-16},"scores":{"density":0.2},"score":0.2}]}
----

DPO's implicit reward, and one model alone, from replies of servers.
$ pref-density -q -m field:pi --reference field:ref --beta 0.5 --as reward_half; pref-density -q -m field:pi --perplexity in
@ in
| {"prompt":"p","chosen":"a","rejected":"b","chosen_pi":{"content":[{"token":"a","logprob":-1},{"token":"","logprob":-0.5}]},"rejected_pi":{"tokens":["b"],"token_logprobs":[-2]}}
< {"prompt":"p","chosen":"a","rejected":"b","scores":{"pi":[-10,-20]},"ref":[-11,[-10,-9]]}
> {"prompt":"p","chosen":"a","rejected":"b","scores":{"pi":[-10,-20],"reward_half":[0.5,-0.5]},"ref":[-11,[-10,-9]],"score_chosen":0.5,"score_rejected":-0.5,"margin":1}
> {"prompt":"p","chosen":"a","rejected":"b","chosen_pi":{"content":[{"token":"a","logprob":-1},{"token":"","logprob":-0.5}]},"rejected_pi":{"tokens":["b"],"token_logprobs":[-2]},"scores":{"logp":[-1.5,-2]},"score_chosen":-1.5,"score_rejected":-2,"margin":0.5,"chosen_tokens":2,"rejected_tokens":1,"chosen_perplexity":2.117000016612675,"rejected_perplexity":7.38905609893065}

What is not there is no score. An older complaint goes when there is one.
$ pref-density -q -m field:pi
< {"prompt":"p","chosen":"a","rejected":"b","scores":{"pi":[-10,null]}}
< {"prompt":"p","chosen":"a","rejected":"b","scores":{"pi":[-10,1]}}
< {"prompt":"p","chosen":"a","rejected":"b"}
< {"prompt":"p","chosen":"a","rejected":"b","scores":{"pi":[-1,-2]},"verdict":"error","why":"logp: pi: is not there"}
< {"prompt":"p","responses":[{"text":"a","logp":{"pi":-3}},{"text":"b"}]}
> {"prompt":"p","chosen":"a","rejected":"b","scores":{"pi":[-10,null]},"verdict":"error","why":"logp: pi: is no log-prob, no array of them and no reply that holds them"}
> {"prompt":"p","chosen":"a","rejected":"b","scores":{"pi":[-10,1]},"verdict":"error","why":"logp: pi: a log-prob is above 0"}
> {"prompt":"p","chosen":"a","rejected":"b","verdict":"error","why":"logp: pi: is not there"}
> {"prompt":"p","chosen":"a","rejected":"b","scores":{"pi":[-1,-2],"logp":[-1,-2]},"score_chosen":-1,"score_rejected":-2,"margin":1}
> {"prompt":"p","responses":[{"text":"a","logp":{"pi":-3},"scores":{"logp":-3},"score":-3},{"text":"b"}],"verdict":"error","why":"logp: pi: is not there"}

# A model.

A model has no opinion of itself: the ratio is 0, and so is that of a cached run. The log-prob of a pair is that of candidates.
$ python3 $PREF_ROOT/tests/tiny_model.py t; pref-density -q --strong t/model.bin --weak t/model.bin --cache c in | grep -o '"density":[^]]*]'
$ pref-density -q -m t/model.bin --cache c in | sed -E 's/.*"logp":\[([^.]*\.[0-9]{2})[^,]*,([^.]*\.[0-9]{2}).*/\1 \2/'
$ pref-density -q -m t/model.bin candidates | grep -oE '"score":[^.]*\.[0-9]{2}'
$ pref-density -q -m t/model.bin --cache c --report r in >/dev/null; grep -o '"computed":[0-9]*,"cached":[0-9]*' r
@ in
| {"prompt":"the cat","chosen":" and the hat","rejected":" sat in"}
@ candidates
| {"prompt":"the cat","responses":[{"text":" and the hat"},{"text":" sat in"}]}
> "density":[0,0]
> -75.78 -41.52
> "score":-75.78
> "score":-41.52
> "computed":0,"cached":2

The same as a judge of pref-score and pref-eval.
$ python3 $PREF_ROOT/tests/tiny_model.py t; pref-score -q -J lm:t/model.bin,per=byte in | grep -oE '"lm":\[[^.]*\.[0-9]{2}'; pref-eval -q -J lm:t/model.bin in | grep -o '^lm.*' | sed 's/  */ /g' | cut -d ' ' -f 1-3 | head -n 1
$ pref-score -q -J lm:t/model.bin,weak=t/model.bin,beta=2 candidates | grep -o '"score":[^,}]*'
@ in
| {"prompt":"the cat","chosen":" and the hat","rejected":" sat in"}
@ candidates
| {"prompt":"the cat","responses":[{"text":" and the hat"},{"text":" sat in"}]}
> "lm":[-6.31
> lm 1 0.0000
> "score":0
> "score":0

Criteria change what the model is told; a file's {prompt} is the prompt.
$ python3 $PREF_ROOT/tests/tiny_model.py t; printf 'the cat' >same; printf '{prompt}' >identity
$ for c in "" "--criteria identity" "--criteria same" "--criteria general"; do pref-density -q -m t/model.bin $c in | grep -oE '"chosen_tokens":[0-9]*|"logp":\[[^.]*\.[0-9]'; done | sort | uniq -c | sed 's/^ *//'
@ in
| {"prompt":"the cat","chosen":" and","rejected":" in"}
> 3 "chosen_tokens":3
> 1 "logp":[-20.7
> 2 "logp":[-25.2

Prompts that are too long, and what is no text.
$ python3 $PREF_ROOT/tests/tiny_model.py t; { printf '{"prompt":"%0300d","chosen":"a","rejected":"b"}\n' 0; cat; } | pref-density -q -m t/model.bin | grep -o '"why".*'
< {"prompt":[{"role":"tool","content":"x"}],"chosen":"a","rejected":"b"}
< {"prompt":"p","chosen":[{"role":"assistant","content":"x"},{"role":"assistant","content":"y"}],"rejected":"b"}
< {"chosen":"a","rejected":"b"}
> "why":"logp: longer than the model's context"}
> "why":"logp: the prompt is no text"}
> "why":"logp: a response is not one message of the assistant"}
> "why":"logp: there is no prompt"}

# The command line.

$ pref-density 2>&1; pref-density --strong a 2>&1; pref-density -m a --weak b 2>&1; pref-density -m field:a --beta 1 2>&1; pref-density -m field:a --criteria-for weak 2>&1; echo $?
> pref-density: there must be --strong and --weak, or --model
> pref-density: there must be --strong and --weak, or --model
> pref-density: there must be --strong and --weak, or --model
> pref-density: --reference is for --model, --beta for --reference
> pref-density: --criteria-for is for --criteria with --strong and --weak
> 2

$ pref-density -m nothing 2>&1; echo $?; echo x >x; pref-density -m x 2>&1; echo $?; pref-density -m field: 2>&1; pref-density -m field:a --criteria code 2>&1
> pref-density: nothing: cannot open: No such file or directory
> 3
> pref-density: x: is no model: neither GGUF nor llama2.c
> 3
> pref-density: field: wants a name: field:NAME
> pref-density: criteria are for models, not for field:a
? 2

$ python3 $PREF_ROOT/tests/tiny_model.py t; echo '{"prompt":"a","chosen":"b","rejected":"c"}' | pref-density -m t/model.bin --precision bf16 --packed 2>&1; echo $?; pref-density -m t/model.bin --precision f16 2>&1; echo $?
> pref-density: t/model.bin: weights are either packed or bf16
> 3
> pref-density: option --precision: 'f16' is not one of f32, bf16 (see pref-density --help)
> 2

$ python3 $PREF_ROOT/tests/tiny_model.py t; pref-density -m t/model.bin --chat chatty 2>&1; pref-density -m t/model.bin --chat chatml 2>&1; mv t/tokenizer.bin tok; pref-density -m t/model.bin 2>&1; echo $?; echo {} >c; pref-density -m t/model.bin --tokenizer tok --cache c 2>&1
> pref-density: t/model.bin: no chat template chatty: there are none, chatml, smollm2, qwen2, qwen2.5, llama2, llama3, llama3.1, zephyr, phi3, mistral-v0.1, mistral, mistral-v0.3, mistral-nemo, gemma
> pref-density: t/model.bin: the chat template chatml needs the token <|im_end|>, which its tokenizer does not have
> pref-density: t/model.bin: there is no tokenizer.bin beside it: name a tokenizer
> 3
> pref-density: c: is no cache of log-probs
? 3

$ pref-score -J lm 2>&1; pref-score -J lm:x,per=word 2>&1; pref-score -J lm:x,weak 2>&1
> pref-score: -J lm wants a model: -J lm:MODEL
> pref-score: -J lm:x,per=word: what is per=word? There are weak, per (sum, token, byte), beta, criteria, chat, tokenizer, cache, precision (f32, bf16)
> pref-score: -J lm:x,weak: what is weak? There are weak, per (sum, token, byte), beta, criteria, chat, tokenizer, cache, precision (f32, bf16)
? 2
