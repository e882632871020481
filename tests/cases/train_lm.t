A language model learns to prefer one half of its vocabulary to the other. (tests/tiny_pairs.py writes a random
model, and pairs of token ids.)
$ $PREF_ROOT/tests/tiny_pairs.py 160 >train.jsonl; $PREF_ROOT/tests/tiny_pairs.py 40 2 >valid.jsonl
$ pref-train dpo -q -m model.bin -o tuned --rate 1e-2 --epochs 3 --valid valid.jsonl train.jsonl
$ ls tuned
$ python3 -c 'import json; m = [json.loads(x) for x in open("tuned/metrics.jsonl")]; print("%.6f" % m[0]["eval_loss"], m[-1]["eval_rewards/accuracies"] > 0.75)'
> checkpoint
> config.json
> metrics.jsonl
> model.safetensors
> reference.bin
> tokenizer.json
> tokenizer_config.json
> 0.693147 True

Low-rank adapters for PEFT, with a term that keeps the chosen responses likely.
$ $PREF_ROOT/tests/tiny_pairs.py 80 >train.jsonl
$ pref-train dpo -q -m model.bin -o adapter --lora 4 --targets o,down --loss dpo,sft:0.1 --rate 3e-2 --epochs 4 train.jsonl
$ cat adapter/adapter_config.json
$ python3 -c 'import json; m = [json.loads(x) for x in open("adapter/metrics.jsonl")]; print(m[-1]["rewards/margins"] > 0.5)'
> {"peft_type":"LORA","task_type":"CAUSAL_LM","base_model_name_or_path":"model.bin","r":4,"lora_alpha":8,"lora_dropout":0.0,"bias":"none","fan_in_fan_out":false,"inference_mode":true,"target_modules":["self_attn.o_proj","mlp.down_proj"]}
> True

Supervised fine-tuning on the chosen responses.
$ $PREF_ROOT/tests/tiny_pairs.py 160 >train.jsonl
$ pref-train sft -q -m model.bin -o tuned --rate 3e-2 --epochs 2 train.jsonl
$ python3 -c 'import json; m = [json.loads(x) for x in open("tuned/metrics.jsonl")]; print(m[-1]["loss"] < m[0]["loss"] - 0.3)'
> True

A reward model on the transformer, and the judge that asks it.
$ $PREF_ROOT/tests/tiny_pairs.py 1 >/dev/null
$ for i in 1 2 3 4 5 6 7 8 9; do echo "{\"prompt\":\"the $i and\",\"chosen\":\" in the air\",\"rejected\":\" erand $i\"}"; done >t
$ pref-train reward -q -m model.bin -o rm --rate 1e-2 --epochs 5 --center 0.01 --valid t t
$ pref-score -q -J lm:rm t | python3 -c 'import json, sys; print(sum(x["margin"] > 0.5 for x in map(json.loads, sys.stdin)))'
$ pref-eval -q -J lm:rm t | grep -o 'lm .* 1.000'
$ grep -o '"architectures.*"label2id":{.*' rm/config.json; tail -n 1 rm/metrics.jsonl | sed 's/:[^,}]*/:/g'
> 9
> lm                 9    1.0000  0.7009-1.0000   1.000
> lm                    -          -          -     1.000
> "architectures":["LlamaForSequenceClassification"],"num_labels":1,"problem_type":"regression","id2label":{"0":"LABEL_0"},"label2id":{"LABEL_0":0},"pad_token_id":2,"model_type":"llama","hidden_size":16,"intermediate_size":24,"num_hidden_layers":2,"num_attention_heads":4,"num_key_value_heads":2,"head_dim":4,"vocab_size":297,"max_position_embeddings":256,"hidden_act":"silu","rms_norm_eps":0.00001,"rope_theta":10000,"tie_word_embeddings":true,"torch_dtype":"float32"}
> {"step":,"epoch":,"eval_loss":,"eval_min_reward":,"eval_mean_reward":,"eval_max_reward":,"eval_accuracy":,"eval_margin":}

----

Reward models: killed and resumed the same bits, for any number of threads, with a head beside adapters, which PEFT
calls saved.
$ $PREF_ROOT/tests/tiny_pairs.py 60 >t; $PREF_ROOT/tests/tiny_pairs.py 10 2 >v
$ for o in "" "--lora 3"; do
$ run() { pref-train reward -q -m model.bin $o --rate 3e-3 --epochs 2 --valid v --eval-every 4 --save-every 1 "$@" t; }
$ run -o straight -j 1
$ for s in 0.08 0.15 0.3; do timeout -s KILL $s pref-train reward -q -m model.bin $o --rate 3e-3 --epochs 2 --valid v --eval-every 4 --save-every 1 --resume -o killed -j 3 t; done
$ run -o killed --resume -j 2
$ for f in straight/*; do case $f in */checkpoint) ;; */metrics.jsonl) for d in straight killed; do sed 's/,"tokens_per_second.*//' $d/metrics.jsonl >$d.m; done; cmp straight.m killed.m ;; *) cmp $f killed/${f#*/} ;; esac; done
$ cat straight/adapter_config.json 2>/dev/null; rm -r straight killed; done
> {"peft_type":"LORA","task_type":"SEQ_CLS","modules_to_save":["score"],"base_model_name_or_path":"model.bin","r":3,"lora_alpha":6,"lora_dropout":0.0,"bias":"none","fan_in_fan_out":false,"inference_mode":true,"target_modules":["self_attn.q_proj","self_attn.k_proj","self_attn.v_proj","self_attn.o_proj","mlp.gate_proj","mlp.up_proj","mlp.down_proj"]}
!*

Of reward models: what is longer than --max-length is dropped, not cut, as are responses of nothing but the token that fills up;
--margin makes the loss greater; an empty response has a score; candidates have those of pairs; a reward model is no language
model, nor part of a ratio.
$ $PREF_ROOT/tests/tiny_pairs.py 1 >/dev/null
$ cat >t <<'END'
$ {"prompt_ids":[1,9,3],"chosen_ids":[5],"rejected_ids":[6],"margin":3}
$ {"prompt_ids":[1,2,3],"chosen_ids":[5,6,7,8,9],"rejected_ids":[6]}
$ {"prompt_ids":[1,2,3],"chosen_ids":[2,2],"rejected_ids":[6]}
$ END
$ for o in "" --margin; do pref-train reward -m model.bin -o a$o --max-length 6 $o t 2>&1 | sed 's/run: .*/run/'; done
$ python3 -c 'import json; a, b = (json.loads(open(f + "/metrics.jsonl").readline())["loss"] for f in ("a", "a--margin")); print(b > a + 1)'
$ echo '{"prompt":"the","chosen":"","rejected":" a"}' | pref-score -q -J lm:a | grep -c '"lm":\[[-0-9.]*,[-0-9.]*\]'
$ echo '{"prompt":"the","responses":[{"text":" in"},{"text":" a"}]}' | pref-score -q -J lm:a | grep -o '"lm":[-0-9.]*' >c
$ echo '{"prompt":"the","chosen":" in","rejected":" a"}' | pref-score -q -J lm:a | grep -o '"lm":\[[-0-9.]*,[-0-9.]*\]' | tr -d '[]' | sed 's/,/\n"lm":/' | cmp - c
$ try() { "$@"; echo $?; }
$ try pref-density -q -m a t; try pref-sample -q -m a t
$ try pref-train dpo -q -m a -o b t; try pref-score -q -J lm:a,per=token t; try pref-score -q -J lm:model.bin,weak=a t
> pref-train: 3 read, 1 kept, 2 dropped (empty 1, too-long 1), 0 bad, 0.0 s
> pref-train: run
> pref-train: 3 read, 1 kept, 2 dropped (empty 1, too-long 1), 0 bad, 0.0 s
> pref-train: run
> True
> 1
> 3
> 3
> 3
> 2
> 3
! pref-density: a: is a reward model, which gives no probabilities
! pref-sample: a: is a reward model, which gives no probabilities
! pref-train: a: is a reward model, which gives no probabilities
! pref-score: a: a reward is of a whole response, not per token or byte
! pref-score: a: is a reward model, which gives no probabilities

Tastes that go round in a circle: a general preference model tells all three pairs, rewards cannot. It compares pairs alone.
$ $PREF_ROOT/tests/tiny_pairs.py 1 >/dev/null
$ for p in in,er er,an an,in; do echo "{\"prompt\":\"the\",\"chosen\":\" ${p%,*}\",\"rejected\":\" ${p#*,}\"}"; done >t
$ for l in "gpm --dims 2" "gpm --lora 4 --merge" bt; do pref-train reward -q -m model.bin -o g --loss $l --rate 1e-2 --epochs 40 t
$ pref-score -q -J lm:g t | python3 -c 'import json, sys; print(sum(x["margin"] > 0.1 for x in map(json.loads, sys.stdin)))'; mv g g.$(echo $l | tr -d ' -'); done
$ grep -o '"num_labels.*true,' g.gpmdims2/config.json
$ echo '{"prompt":"the","responses":[{"text":" in"},{"text":" er"}]}' | pref-score -q -J lm:g.gpmdims2
$ try() { pref-train reward -m model.bin -o h "$@" t; echo $?; }
$ try --loss gpm --dims 3; try --loss gpm --lora 2; try --dims 4; try --loss gpm,bt
> 3
> 3
> 0
> "num_labels":2,"problem_type":"regression","id2label":{"0":"LABEL_0","1":"LABEL_1"},"label2id":{"LABEL_0":0,"LABEL_1":1},"general_preference":true,"pad_token_id":2,"model_type":"llama","hidden_size":16,"intermediate_size":24,"num_hidden_layers":2,"num_attention_heads":4,"num_key_value_heads":2,"head_dim":4,"vocab_size":297,"max_position_embeddings":256,"hidden_act":"silu","rms_norm_eps":0.00001,"rope_theta":10000,"tie_word_embeddings":true,
> {"prompt":"the","responses":[{"text":" in"},{"text":" er"}],"verdict":"error","why":"lm: it only compares pairs"}
> 2
> 2
> 2
> 2
! pref-train: --loss gpm wants an even number of --dims, no --center or --margin, and with --lora --merge
! pref-train: --loss gpm wants an even number of --dims, no --center or --margin, and with --lora --merge
! pref-train: --dims is for --loss gpm
! pref-train: --loss: bt does not go with the others

A run that is killed, and goes on three times, ends with the bits of one that was not: numbers, and metrics but for those
of time.
$ $PREF_ROOT/tests/tiny_pairs.py 60 >t; $PREF_ROOT/tests/tiny_pairs.py 10 2 >v
$ for o in "" "--lora 3"; do
$ run() { pref-train dpo -q -m model.bin $o --rate 3e-3 --epochs 2 --valid v --eval-every 4 --save-every 1 "$@" t; }
$ run -o straight
$ for s in 0.08 0.15 0.3; do timeout -s KILL $s pref-train dpo -q -m model.bin $o --rate 3e-3 --epochs 2 --valid v --eval-every 4 --save-every 1 --resume -o killed t; done
$ run -o killed --resume
$ for f in straight/*; do case $f in */checkpoint) ;; */metrics.jsonl) for d in straight killed; do sed 's/,"tokens_per_second.*//' $d/metrics.jsonl >$d.m; done; cmp straight.m killed.m ;; *) cmp $f killed/${f#*/} ;; esac; done
$ rm -r straight killed; done
!*

The same bytes for any number of threads, and reading the data from a pipe.
$ $PREF_ROOT/tests/tiny_pairs.py 40 >t
$ pref-train dpo -q -m model.bin -o a -j 1 t; cat t | pref-train dpo -q -m model.bin -o b -j 3
$ cmp a/model.safetensors b/model.safetensors

Nothing is asked twice of the reference: a second run on the same data takes what the first one kept.
$ $PREF_ROOT/tests/tiny_pairs.py 16 >t
$ pref-train dpo -q -m model.bin -o a t; rm a/checkpoint; pref-train dpo -q -m model.bin -o b t; touch -d 2001-01-01 a/reference.bin
$ pref-train dpo -q -m model.bin -o a --loss ipo t; find a -name reference.bin -newermt 2002-01-01; cmp a/reference.bin b/reference.bin

With a loss that wants none there is no reference. A reference that was damaged is computed again.
$ $PREF_ROOT/tests/tiny_pairs.py 16 >t
$ pref-train dpo -q -m model.bin -o a --loss simpo t; ls a
$ pref-train dpo -q -m model.bin -o b t; cp b/reference.bin r; printf x | dd of=b/reference.bin bs=1 seek=40 conv=notrunc 2>/dev/null
$ rm b/checkpoint; pref-train dpo -q -m model.bin -o b t; cmp b/reference.bin r
> checkpoint
> config.json
> metrics.jsonl
> model.safetensors
> tokenizer.json
> tokenizer_config.json

Texts, by the tokenizer beside the model, which has no chat template: prompt and response one after the other, and the token
that ends a text. As messages they are the same. What is not one text is dropped.
$ $PREF_ROOT/tests/tiny_pairs.py 1 >/dev/null
$ for i in 1 2 3 4 5 6 7 8 9; do echo "{\"prompt\":\"the $i and\",\"chosen\":\" in the air\",\"rejected\":\" erand $i\"}"; done >t
$ sed -E 's/"prompt":("[^"]*")/"prompt":[{"role":"user","content":\1}]/; s/"(chosen|rejected)":("[^"]*")/"\1":[{"role":"assistant","content":\2}]/g' t >m
$ pref-train dpo -q -m model.bin -o a --rate 1e-2 t; pref-train dpo -q -m model.bin -o b --rate 1e-2 m; cmp a/model.safetensors b/model.safetensors
$ pref-train dpo -q -m model.bin -o c --rate 1e-2 --chat none --tokenizer tokenizer.bin --valid t t; cmp a/model.safetensors c/model.safetensors
$ grep -o '"eval_rewards/accuracies":[0-9]*' c/metrics.jsonl | tail -n 1
$ { head -n 1 m | sed 's/\("chosen":\[.*\)\],"rej/\1,{"role":"user","content":"so?"}],"rej/'; cat t; } | pref-train dpo -q -m model.bin -o d --rejects r 2>&1; grep -o '"dropped".*' r
$ sed 's/chosen/completion/' t | pref-train sft -q -m model.bin -o e; tail -n 1 e/metrics.jsonl | grep -c '"loss"'
$ pref-train dpo -m model.bin --chat chatml -o f t
> "eval_rewards/accuracies":1
> "dropped":{"reason":"form","why":"a response is not one message of the assistant"}}
> 1
! pref-train: model.bin: the chat template chatml needs the token <|im_end|>, which its tokenizer does not have
? 3

Adapters merged into the model: other programs read it.
$ $PREF_ROOT/tests/tiny_pairs.py 1 >/dev/null
$ for i in 1 2 3 4 5 6 7 8 9; do echo "{\"prompt\":\"the $i and\",\"chosen\":\" in the air\",\"rejected\":\" erand $i\"}"; done >t
$ pref-train dpo -q -m model.bin -o tuned --lora 8 --merge --rate 3e-2 --epochs 6 t; ls tuned
$ pref-density -q --strong tuned --weak model.bin --tokenizer tokenizer.bin t | grep -c '"margin":[0-9]'
> checkpoint
> config.json
> metrics.jsonl
> model.safetensors
> reference.bin
> tokenizer.json
> tokenizer_config.json
> 9

Adapters are models: alone, with the base that they name, or named behind another. What they were merged into says the same.
Others can be learned on top of them, if they are merged.
$ $PREF_ROOT/tests/tiny_pairs.py 1 >/dev/null
$ for i in 1 2 3 4 5 6 7 8 9; do echo "{\"prompt\":\"the $i and\",\"chosen\":\" in the air\",\"rejected\":\" erand $i\"}"; done >t
$ pref-train dpo -q -m model.bin -o a --lora 4 --rate 3e-2 --epochs 3 t; pref-train dpo -q -m model.bin -o b --lora 4 --rate 3e-2 --epochs 3 --merge t
$ for m in a model.bin+a b; do pref-density -q -m $m --reference model.bin --tokenizer tokenizer.bin t; done | sort | uniq -c | grep -c '^ *3 '
$ pref-score -q -J lm:a t | grep -c '"lm":'; head -n 2 t | pref-sample -q -m a -n 1 --max-tokens 2 | grep -c responses
$ pref-train dpo -q -m a -o c --lora 2 --merge --rate 1e-2 t; grep -o '"loss":0.693147' c/metrics.jsonl; ls c
$ pref-train sft -q -m a -o d --rate 0 t; cmp b/model.safetensors d/model.safetensors
$ for m in a nowhere+a; do pref-train dpo -q -m $m -o e --lora 2 t; echo $?; done; mv model.bin m; pref-density -q -m a t; pref-density -q -m m+a t | grep -c margin; pref-density --packed -q -m m+a t
> 9
> 9
> 2
> "loss":0.693147
> "loss":0.693147
> checkpoint
> config.json
> metrics.jsonl
> model.safetensors
> reference.bin
> tokenizer.json
> tokenizer_config.json
> 2
> 3
> 9
! pref-train: --lora on top of an adapter wants --merge: PEFT knows no base that is an adapter
! pref-train: nowhere+a: cannot open: No such file or directory
! pref-density: a: its base model.bin is not there: name it as BASE+ADAPTER
! pref-density: m+a: an adapter cannot be added to weights that stay as they are in the file
? 3

A GGUF file instead of a folder for transformers: its tokenizer is in it. Adapters are merged. Rewards are none for it.
$ $PREF_ROOT/tests/tiny_pairs.py 1 >/dev/null
$ for i in 1 2 3 4 5 6 7 8 9; do echo "{\"prompt\":\"the $i and\",\"chosen\":\" in the air\",\"rejected\":\" erand $i\"}"; done >t
$ pref-train dpo -q -m model.bin -o a --lora 4 --rate 3e-2 --epochs 3 t; pref-train dpo -q -m model.bin -o b --lora 4 --rate 3e-2 --epochs 3 --format gguf t
$ pref-train dpo -q -m b/model.gguf -o c --rate 0 --format gguf-f16 t; ls b
$ for m in a b/model.gguf; do pref-density -q -m $m t; done | sort | uniq -c | grep -c '^ *2 '
$ pref-density -q --strong c/model.gguf --weak b/model.gguf t | python3 -c 'import json, sys; print(max(abs(x["margin"]) for x in map(json.loads, sys.stdin)) < 0.1)'
$ pref-train reward -m model.bin -o d --format gguf t
> checkpoint
> metrics.jsonl
> model.gguf
> reference.bin
> 9
> True
! pref-train: --format gguf is for language models
? 2

Why one is better, too.
$ $PREF_ROOT/tests/tiny_pairs.py 1 >/dev/null
$ echo '{"prompt":"the","chosen":" in","rejected":" er","rationale_prompt":"in or er?","rationale":"in is nicer"}' >t; cat t t t t >u
$ for l in dpo rationale; do pref-train dpo -q -m model.bin -o $l --loss $l u; grep -o '"loss":0.6931' $l/metrics.jsonl || echo more; done
> "loss":0.6931
> more

Losses that want all of the reference's distributions: it is the model as it was, also for adapters, and after a run was
interrupted.
$ $PREF_ROOT/tests/tiny_pairs.py 40 >t
$ for l in tdpo1 tdpo2; do pref-train dpo -q -m model.bin -o $l --lora 3 --rate 1e-2 --loss $l --epochs 2 --save-every 1 t; grep -c '"loss":0.693147' $l/metrics.jsonl; done
$ (timeout -s KILL 0.08 pref-train dpo -q -m model.bin -o again --lora 3 --rate 1e-2 --loss tdpo2 --epochs 2 --save-every 1 t) 2>/dev/null
$ pref-train dpo -q -m model.bin -o again --lora 3 --rate 1e-2 --loss tdpo2 --epochs 2 --save-every 1 --resume t; cmp tdpo2/adapter_model.safetensors again/adapter_model.safetensors
$ python3 -c 'import json; a, b = ([json.loads(x)["rewards/margins"] for x in open(f + "/metrics.jsonl")][-1] for f in ("tdpo1", "tdpo2")); print(a != b, a > 0.1)'
> 2
> 2
> True True
!*

Ranked lists.
$ $PREF_ROOT/tests/tiny_pairs.py 8 | sed 's/"chosen_ids": \(\[[^]]*\]\), "rejected_ids": \(\[[^]]*\]\)/"responses":[{"ids":\1,"score":2},{"ids":[7,7],"score":1.5},{"ids":\2,"score":-1}]/' >t
$ for l in pl pro lambda tpo pl:0.5,pro:0.1; do pref-train dpo -q -m model.bin -o $l --loss $l t; grep -c '"loss":[0-9]' $l/metrics.jsonl; done
> 1
> 1
> 1
> 1
> 1

Weights of tokens: with those of a response all 0, it is not learned from.
$ $PREF_ROOT/tests/tiny_pairs.py 1 >/dev/null
$ echo '{"prompt_ids":[1],"chosen_ids":[5,6],"rejected_ids":[7],"chosen_weights":[0,0],"rejected_weights":[0]}' >t
$ pref-train dpo -q -m model.bin -o a --loss mask-dpo t; grep -o '"grad_norm":0,' a/metrics.jsonl
> "grad_norm":0,

Too long, too short. A response is cut to what fits beside its prompt.
$ $PREF_ROOT/tests/tiny_pairs.py 1 >/dev/null
$ cat >t <<'END'
$ {"prompt_ids":[1,2,3,4,5,6],"chosen_ids":[5],"rejected_ids":[6]}
$ {"prompt_ids":[1,2,3],"chosen_ids":[5,6,7,8,9],"rejected_ids":[6]}
$ {"prompt_ids":[1,2,3],"chosen_ids":[],"rejected_ids":[6]}
$ {"prompt_ids":[],"chosen_ids":[5],"rejected_ids":[6]}
$ END
$ pref-train dpo -m model.bin -o a --max-length 6 t 2>&1 | sed 's/run: .*/run/'
> pref-train: 4 read, 1 kept, 3 dropped (empty 1, no-prompt 1, prompt-too-long 1), 0 bad, 0.0 s
> pref-train: run
> pref-train: cut: 1 responses at the end, to --max-length 6

Bad records.
$ $PREF_ROOT/tests/tiny_pairs.py 1 >/dev/null
$ try() { echo "$1" | pref-train dpo -q -m model.bin -o a $2; echo $?; }
$ try '{"prompt_ids":[1,999],"chosen_ids":[5],"rejected_ids":[6]}'
$ try '{"prompt_ids":[1],"chosen_ids":[5,1.5],"rejected_ids":[6]}'
$ try '{"prompt_ids":[1],"chosen_ids":"abc","rejected_ids":[6]}'
$ try '{"prompt_ids":[1],"chosen_ids":[5]}'
$ rm tokenizer.bin; try '{"prompt":"Hello","chosen":"a","rejected":"b"}'
$ try '{"prompt_ids":[1],"chosen_ids":[5],"rejected_ids":[6],"preference":2}'
$ try '{"prompt_ids":[1],"chosen_ids":[5],"rejected_ids":[6],"flip":-1}'
$ try '{"prompt_ids":[1],"chosen_ids":[5],"rejected_ids":[6],"chosen_weights":[1,2]}' "--loss mask-dpo"
$ try '{"prompt_ids":[1],"responses":[{"ids":[5]}]}' "--loss pl"
$ try '{"prompt_ids":[1],"responses":[{"ids":[5]},{"ids":[6]}]}' "--loss pro"
$ try '{"prompt_ids":[1],"responses":[{"ids":[5]},{"ids":[6]}]}' "--loss tpo"
> 1
> 1
> 1
> 1
> 1
> 1
> 1
> 1
> 1
> 1
> 1
! pref-train: (stdin):1:18: 999 is no token of the model
! pref-train: (stdin):1:35: 1.5 is no token of the model
! pref-train: (stdin):1:32: chosen is no array of token ids
! pref-train: (stdin):1: no member rejected_ids
! pref-train: (stdin):1:11: prompt is a text, and the model has no tokenizer: there is no tokenizer.bin beside it: name a tokenizer
! pref-train: (stdin):1:68: a preference of 2 is no probability
! pref-train: (stdin):1:62: a flip of -1 is no probability
! pref-train: (stdin):1:72: chosen_weights is no array of a number for each of 1 tokens
! pref-train: (stdin):1:31: responses is no array of two or more
! pref-train: (stdin):1:32: a response without a score
! pref-train: (stdin):1:31: responses is no array of three

A folder that holds a run, another run's checkpoint, one that is damaged, no records, a model that is none.
$ $PREF_ROOT/tests/tiny_pairs.py 8 >t
$ pref-train dpo -q -m model.bin -o a t
$ try() { "$@"; echo $?; }
$ try pref-train dpo -q -m model.bin -o a t
$ try pref-train dpo -q -m model.bin -o a --resume --beta 0.2 t
$ try pref-train dpo -q -m model.bin -o a --resume t
$ truncate -s -1 a/checkpoint; try pref-train dpo -q -m model.bin -o a --resume t
$ try pref-train dpo -q -m model.bin -o b </dev/null
$ try pref-train dpo -q -m t -o b t 2>&1 | sed 's/: .*//'
$ echo >c; try pref-train dpo -q -m model.bin -o c t
> 3
> 3
> 0
> 3
> 3
> pref-train
> 3
> 3
! pref-train: a holds a run that was begun: --resume goes on with it
! pref-train: a/checkpoint is of a run with another model, other data or other options
! pref-train: a/checkpoint is damaged: its checksum does not fit
! pref-train: no records to learn from
! pref-train: c is no folder

Command lines.
$ try() { pref-train "$@"; echo $?; }
$ try dpo -o a; try dpo -m model.bin; try sft -m model.bin -o a --loss dpo; try dpo -m model.bin -o a --loss dop
$ try dpo -m model.bin -o a --loss bt; try reward -m model.bin -o a --loss bt,sft
$ try reward -m model.bin -o a --loss dpo; try dpo -m model.bin -o a --margin; try sft -m model.bin -o a --center 1; try dpo -m model.bin -o a --loss robust --smooth 0.5
$ try dpo -m model.bin -o a --lora 4 --targets q,x; try dpo -m model.bin -o a --lora-alpha 3; try grpo; try
> 2
> 2
> 2
> 2
> 2
> 2
> 2
> 2
> 2
> 2
> 2
> 2
> 2
> 2
! pref-train: which model? give -m MODEL
! pref-train: where to? give -o FOLDER
! pref-train: pref-train sft has the loss sft
! pref-train: --loss: there is no loss dop
! pref-train: --loss bt is of pref-train reward
! pref-train: pref-train reward has the loss bt, or gpm
! pref-train: pref-train reward has the loss bt, or gpm
! pref-train: --center and --margin are for pref-train reward
! pref-train: --center and --margin are for pref-train reward
! pref-train: --loss: robust: labels that are wrong half of the time say nothing
! pref-train: --targets q,x: not a list of q, k, v, o, gate, up, down, or all
! pref-train: --lora-alpha, --targets and --merge are for --lora
! pref-train: grpo: the kind of training comes first: linear, dpo, sft or reward
! pref-train: the kind of training comes first: linear, dpo, sft or reward

A tokenizer that is there and cannot be read is no tokenizer that is not there: token ids are not asked for instead.
$ $PREF_ROOT/tests/tiny_pairs.py 20 >t
$ pref-train dpo -q -m model.bin -o a --rate 0 t; rm a/tokenizer.json; pref-train dpo -q -m a -o b --rate 0 t; ls b | grep -c safetensors
$ mkdir a/tokenizer.json; pref-train dpo -q -m a -o c --rate 0 t
> 1
! pref-train: a: a/tokenizer.json: is not a file
? 3

A GGUF file without a tokenizer is of no use to most: said so, when a model without one learns from ids.
$ python3 $PREF_ROOT/tests/tiny_model.py .; rm tokenizer.bin; pref-train dpo -q -m model.bin -o out --format gguf t
@ t
| {"prompt_ids":[5,6],"chosen_ids":[7,8],"rejected_ids":[9]}
! pref-train: model.gguf is without a tokenizer: there is no tokenizer.bin beside it: name a tokenizer
