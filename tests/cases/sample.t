pref-sample: let a language model answer each prompt several times

Two answers to each prompt, after those that are there. (This model was never trained.)
$ python3 $PREF_ROOT/tests/tiny_model.py tiny
$ pref-sample -m tiny/model.bin -n 2 --max-tokens 4 prompts.jsonl | sed 's/"text":"[^"]*"/"text":.../g; s/-[0-9.]*/-.../g'
@ prompts.jsonl
| {"id":1,"prompt":"the cat and","responses":[{"text":"the dog"}]}
> {"id":1,"prompt":"the cat and","responses":[{"text":...},{"text":...,"model":"model","finish":"length","tokens":4,"logp":{"model":-...}},{"text":...,"model":"model","finish":"length","tokens":4,"logp":{"model":-...}}]}
! pref-sample: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
!*
----

The same record gets the same answers wherever it stands, whoever is asked at once, by one thread or two.
$ python3 $PREF_ROOT/tests/tiny_model.py t; s="pref-sample -q -m t/model.bin -n 3 --max-tokens 12 --top-p 0.9 -t 1.5"
$ $s in >all; for o in "--together 1" "--together 5" "-j 1" "-j 3" --packed; do $s $o in | cmp - all; done; tac in | $s | tac | cmp - all; $s -s 2 in | cmp -s - all; echo $?; $s in | cut -d '"' -f 4 | sort -u | wc -l
@ in
| {"prompt":"the cat"}
| {"prompt":[{"role":"user","content":"the cat"}]}
| {"prompt":"and then","x":1}
| {"prompt":"a hat in the rain and the wind"}
| {"prompt":"the cat","id":"again"}
> 1
> 4

Stops end an answer and are not part of it; an answer may be empty.
$ python3 $PREF_ROOT/tests/tiny_model.py t; pref-sample -q -m t/model.bin -t 0 -n 1 --max-tokens 9 in >whole; stop=$(python3 -c 'import json; print(json.loads(open("whole").readline())["responses"][0]["text"][2:4])')
$ pref-sample -q -m t/model.bin -t 0 -n 1 --max-tokens 9 --stop "$stop" in | python3 -c 'import json, sys
$ whole, cut = (json.loads(f.readline())["responses"][0] for f in (open("whole"), sys.stdin))
$ print(whole["text"].startswith(cut["text"]), len(cut["text"]) <= 2, cut["finish"], whole["finish"])'
@ in
| {"prompt":"the"}
> True True stop length

Prompts that cannot be answered are kept.
$ python3 $PREF_ROOT/tests/tiny_model.py t; { printf '{"prompt":"%0300d"}\n' 0; cat; } | pref-sample -m t/model.bin -n 1 --max-tokens 2 | sed -E 's/0{300}/000/; s/"responses.*/.../'
< {"prompt":7}
< {"prompt":"a"}
> {"prompt":"000","why":"the prompt fills the model's context"}
> {"prompt":7,"why":"the prompt is no text"}
> {"prompt":"a",...
! pref-sample: 3 read, 3 kept, 0 dropped, 0 bad, 0.0 s
!*

Bad records.
$ python3 $PREF_ROOT/tests/tiny_model.py t; pref-sample -q -m t/model.bin --bad skip
< {"x":1}
< {"prompt":"a","responses":7}
! pref-sample: (stdin):1: no member "prompt"
! pref-sample: (stdin):2:27: "responses" is not an array
? 1

# The command line.

$ pref-sample 2>&1; pref-sample -m none 2>&1; pref-sample -m x --stop '' 2>&1 | head -n 1
> pref-sample: who is to answer? --model MODEL
> pref-sample: none: cannot open: No such file or directory
> pref-sample: x: cannot open: No such file or directory

Of pairs only prompt and id are left, with --fresh: their answers are candidates.
$ python3 $PREF_ROOT/tests/tiny_model.py t; pref-sample -q -m t/model.bin --fresh -n 2 --max-tokens 2 in | sed 's/"text":"[^"]*"/"text":.../g; s/-[0-9.]*/-.../g'
@ in
| {"id":7,"source":"web","prompt":"the cat","chosen":"sat","rejected":"and","responses":[{"text":"x"}]}
> {"prompt":"the cat","id":7,"responses":[{"text":...,"model":"model","finish":"length","tokens":2,"logp":{"model":-...}},{"text":...,"model":"model","finish":"length","tokens":2,"logp":{"model":-...}}]}
