Learn a reward model from 4,000 pairs and ask it about 1,000 others of the same kind. How often it is right varies
with the data; here it is enough that it knows more than length.
$ pref-synth -q -n 4000 -o train.jsonl.gz
$ pref-synth -q -n 5000 --skip 4000 -o test.jsonl.gz
$ pref-train linear -q -o rm.bin train.jsonl.gz
$ pref-eval -q --json -J linear:rm.bin test.jsonl.gz >eval.json
$ python3 -c 'import json; j = json.load(open("eval.json"))["judges"]; print(j["linear"]["accuracy"] > j["longer"]["accuracy"] + 0.1)'
> True

An estimate that needs no second file: each pair is scored by a model that has not seen its prompt.
$ pref-synth -q -n 1000 | pref-train linear -q --folds 4 | sed 's/[0-9]\.[0-9]*/#/g'
> 4 folds, seed 1: accuracy # [#, #], log-loss #, calibration error #, 1000 pairs

Score candidates or pairs with what was learnt; a fifth of the labels is known to be the wrong way round.
$ pref-synth -q -n 1000 --flip 0.2 | pref-train linear -q --loss rdpo --flip-rate 0.2 -o rm.bin
$ echo '{"prompt":"Hi!","chosen":"Hello.","rejected":"Go away."}' | pref-score -q -J linear:rm.bin | grep -c '"scores":{"linear":\['
> 1

Rock, paper, scissors: of three kinds of reply each is beaten by the next and the last by the first. No reward can say
that, and the Bradley-Terry model stays at chance; a general preference model has it.
$ awk -v what=cycle -f mixed.awk >pairs.jsonl
$ right() { sed 's/.*accuracy \([0-9.]*\).*/\1/' | awk '{ print ($1 > 0.9) ? "right" : ($1 < 0.55) ? "chance" : $1 }'; }
$ pref-train linear -q --folds 3 pairs.jsonl | right; pref-train linear -q --model gpm --folds 3 pairs.jsonl | right
@ mixed.awk
| # Replies of N kinds, each with words of its own and many that mean nothing; "cycle": kind k gives way to k + 1, the
| # last to the first; "askers": who asks decides.
| function r(n) { seed = seed * 16807 % 2147483647; return seed % n }
| function words(kind,   i, s) { for (i = 0; i < 3; i++) s = s "kind" kind r(4) " "; for (i = 0; i < 6; i++) s = s "w" r(200) " "; return s }
| function pair(who, good, bad) {
| 	printf "{\"prompt\":\"%s asks w%d w%d %d?\",\"chosen\":\"%s\",\"rejected\":\"%s\"}\n", who, r(200), r(200), n, words(good), words(bad)
| }
| BEGIN { seed = 7; for (n = 0; n < 900; n++) {
| 	if (what == "cycle") { k = r(3); pair("someone", (k + 1) % 3, k) }
| 	else { k = r(2); pair("asker" k r(3), k, 1 - k) }
| } }
> chance
> right

Two kinds of asker who want opposite things: one reward model is at chance, a mixture of two asks who asks.
$ awk -v what=askers -f mixed.awk >pairs.jsonl
$ right() { sed 's/.*accuracy \([0-9.]*\).*/\1/' | awk '{ print ($1 > 0.9) ? "right" : ($1 < 0.55) ? "chance" : $1 }'; }
$ pref-train linear -q --folds 3 pairs.jsonl | right; pref-train linear -q --mixture 2 --folds 3 pairs.jsonl | right
@ mixed.awk
| # Replies of N kinds, each with words of its own and many that mean nothing; "cycle": kind k gives way to k + 1, the
| # last to the first; "askers": who asks decides.
| function r(n) { seed = seed * 16807 % 2147483647; return seed % n }
| function words(kind,   i, s) { for (i = 0; i < 3; i++) s = s "kind" kind r(4) " "; for (i = 0; i < 6; i++) s = s "w" r(200) " "; return s }
| function pair(who, good, bad) {
| 	printf "{\"prompt\":\"%s asks w%d w%d %d?\",\"chosen\":\"%s\",\"rejected\":\"%s\"}\n", who, r(200), r(200), n, words(good), words(bad)
| }
| BEGIN { seed = 7; for (n = 0; n < 900; n++) {
| 	if (what == "cycle") { k = r(3); pair("someone", (k + 1) % 3, k) }
| 	else { k = r(2); pair("asker" k r(3), k, 1 - k) }
| } }
> chance
> right

----

The same bytes for any number of threads, and others for another seed.
$ pref-synth -q -n 600 -o p
$ pref-train linear -q -j 1 -o a p; pref-train linear -q -j 2 -o b p; cat p | pref-train linear -q -j 4 -o c; pref-train linear -q -s 2 -o d p
$ cmp a b && cmp b c; cmp -s a d || echo other
> other

What is counted, what is dropped and what is too little to hold anything out.
$ pref-train linear -o rm
< {"prompt":"a","chosen":"b c d","rejected":"c"}
< {"prompt":"a","chosen":"b","rejected":"c","verdict":"tie"}
< {"prompt":"a","chosen":"b","rejected":"b"}
< {"prompt":"a","chosen":"b","rejected":"c","verdict":"B"}
! pref-train: 4 read, 2 kept, 2 dropped (equal 1, tie 1), 0 bad, 0.0 s
! pref-train: model: 2 pairs, 5 grams, 30 epochs; too few held out to stop early or to calibrate

Without pairs there is nothing to know, and it is said.
$ pref-train linear -o rm && echo '{"chosen":"a","rejected":"b b b"}' | pref-score -q -J linear:rm
> {"chosen":"a","rejected":"b b b","scores":{"linear":[0,0]},"score_chosen":0,"score_rejected":0,"margin":0}
! pref-train: no pairs to learn from: the model scores every response 0
! pref-train: 0 read, 0 kept, 0 dropped, 0 bad, 0.0 s
! pref-train: model: 0 pairs, 0 grams, 0 epochs; too few held out to stop early or to calibrate

A soft label of 0 is the pair turned round; one of 1/2 says nothing; a tie with a preference is kept.
$ pref-synth -q -n 300 --noise 0 --bare -o p
$ sed 's/}$/,"preference":0}/' p >soft; sed 's/"chosen"/"x"/; s/"rejected"/"chosen"/; s/"x"/"rejected"/' p >turned
$ pref-train linear -q --soft -o a soft; pref-train linear -q -o b turned
$ for m in a b; do pref-eval -q --json -J linear:$m p | python3 -c 'import json, sys; print(json.load(sys.stdin)["judges"]["linear"]["accuracy"] < 0.2)'; done
$ sed 's/}$/,"preference":0.5,"verdict":"tie"}/' p | pref-train linear --soft -o c 2>&1 | sed 's/grams.*//; s/[0-9]* grams//' | head -n 1
> True
> True
> pref-train: 300 read, 300 kept, 0 dropped, 0 bad, 0.0 s

A margin to be reached makes the two responses further apart.
$ pref-synth -q -n 300 --noise 0 --bare -o p; sed 's/}$/,"margin":5}/' p >far
$ pref-train linear -q --hold 0 -o a p; pref-train linear -q --hold 0 --margin -o b far; pref-train linear -q --hold 0 -o c far
$ cmp a c; for m in a b; do pref-score -q -J linear:$m p | sed 's/.*"margin"://; s/}//' | awk '{ s += $1 } END { print s / NR }'; done | awk 'NR == 1 { a = $1 } END { print ($1 > a + 1) }'
> 1

Held-out pairs from another file, which may be compressed or an array; what is bad in it is placed.
$ pref-synth -q -n 300 -o p; pref-synth -q -n 400 --skip 300 -o v; gzip -k v; { echo '['; sed '$!s/$/,/' v; echo ']'; } >v.json
$ for v in v v.gz v.json; do pref-train linear -q --valid $v -o $v.m p; done; cmp v.m v.gz.m && cmp v.m v.json.m
$ echo '{"prompt":1}' >>v; pref-train linear --valid v -o m p
! pref-train: v:101: no member "chosen"
? 1

A damaged file of held-out pairs, and an element of an array that is no pair.
$ pref-synth -q -n 300 -o v.gz; head -c 9000 v.gz >cut.gz; printf '[{"chosen":"a","rejected":"b"},\n  {"chosen":1,"rejected":"b"}]' >a.json
$ for v in cut.gz a.json none; do pref-train linear --valid $v -o m v.gz; echo $?; done
> 3
> 1
> 3
! pref-train: cut.gz: truncated gzip data
! pref-train: a.json:2:13: "chosen" is neither a string nor messages
! pref-train: none: No such file or directory

Pairs of one group are never on both sides: with one group alone there is no other part to learn from or to test on.
$ pref-synth -q -n 200 --bare | sed 's/"prompt":"[^"]*"/"prompt":"one","g":1/' >p
$ for by in "" "--by g"; do pref-train linear --folds 2 $by p 2>/dev/null | sed 's/\[.*//'; done
> 2 folds, seed 1: accuracy 0.5000 
> 2 folds, seed 1: accuracy 0.5000 

The report has the loss of every epoch and the seal of the model.
$ pref-synth -q -n 600 | pref-train linear -q --report r -o m
$ python3 -c 'import json; r = json.load(open("r")); c = r["curve"]; n = r["model"]["epochs"]; f = [e for e in c if e["final"]]; print(r["kind"], len(f) == n, len(c) >= 2 * n, all(("held_loss" in e) != e["final"] for e in c), r["outputs"][0]["path"])'
> linear True True True m

The kind of model comes first.
$ pref-train forest -o x
! pref-train: forest: the kind of training comes first: linear, dpo, sft or reward
? 2

$ pref-train -o x linear
! pref-train: -o: the kind of training comes first: linear, dpo, sft or reward
? 2

$ pref-train linear
! pref-train: where to? give -o MODEL, or --folds to cross-validate
? 2

Half of the labels wrong, or more, is no noise to be undone.
$ pref-train linear -o x --loss rdpo -e 0.5
! pref-train: --flip-rate 0.5: labels that are wrong half of the time say nothing
? 2

$ pref-train linear -o x --loss cdpo
! pref-train: --loss cdpo wants --flip-rate
? 2

$ pref-train linear -o x -e 0.1
! pref-train: --flip-rate is for --loss cdpo, rdpo and forward
? 2

$ pref-train linear -o x --valid v --folds 2
! pref-train: --valid goes with neither --folds nor --hold
? 2

$ pref-train linear -o x --repeats 2
! pref-train: --repeats is for --folds
? 2

A preference is a probability.
$ pref-train linear -q --soft -o x
< {"prompt":"a","chosen":"b","rejected":"c","preference":1.5}
! pref-train: (stdin):1:56: a preference of 1.5 is no probability
? 1

A model that is damaged, cut short or something else is refused.
$ pref-synth -q -n 50 | pref-train linear -q -o m
$ { head -c 500 m; printf x; tail -c +502 m; } >m1; head -c 700 m >m2; head -c 20 m >m3; echo hello >m4; : >m5
$ for m in m1 m2 m3 m4 m5; do echo '{"chosen":"a","rejected":"b"}' | pref-score -q -J linear:$m; echo $?; done
> 3
> 3
> 3
> 3
> 3
! pref-score: m1: the model is damaged: its checksum is wrong
! pref-score: m2: the model is damaged: its checksum is wrong
! pref-score: m3: the model is cut short
! pref-score: m4: not a model of pref-train linear
! pref-score: m5: not a model of pref-train linear

A pair without the member to split by could be on any side.
$ pref-train linear -q -o rm.bin --by topic
< {"prompt":"a","chosen":"b","rejected":"c"}
! pref-train: (stdin):1: no member "topic" to split by
? 1

Models of other kinds are judges, too; a general one cannot score candidates, and says so.
$ pref-synth -q -n 200 -o p; pref-train linear -q --model gpm --dims 2 --bits 10 -o g p; pref-train linear -q --mixture 2 --bits 10 -o m p
$ head -n 3 p | pref-score -q -J linear:g | grep -c margin; head -n 3 p | pref-score -q -J linear:m | grep -c margin
$ echo '{"prompt":"p","responses":[{"text":"a"},{"text":"b c"}]}' >c; pref-score -q -J linear:m c | grep -c '"score":'; pref-score -q -J linear:g c
> 3
> 3
> 1
> {"prompt":"p","responses":[{"text":"a"},{"text":"b c"}],"verdict":"error","why":"linear: it only compares pairs"}

The same bytes for any number of threads.
$ pref-synth -q -n 300 -o p; for o in "--model gpm" "--mixture 3"; do pref-train linear -q $o -j 1 -o a p; pref-train linear -q $o -j 4 -o b p; cmp a b; done

With the sides exchanged the margin changes sign, to the bit.
$ pref-synth -q -n 200 -o p; pref-train linear -q --model gpm -o g p; head -n 5 p >a; pref-plant -q --flip 1 a >b
$ for f in a b; do pref-score -q -J linear:g $f | grep -o '"margin":[-0-9.e]*'; done | sed 's/-//' | sort | uniq -c | awk '{ print $1 }' | sort | uniq
> 2

What does not go together.
$ pref-train linear -o x --model gpm --mixture 2
! pref-train: --mixture is of reward models: not with --model gpm
? 2

$ pref-train linear -o x --model gpm --dims 3
! pref-train: --dims 3 is odd: dimensions are paired
? 2

$ pref-train linear -o x --dims 4
! pref-train: --dims is for --model gpm
? 2

$ pref-train linear -o x --mixture 2 --margin
! pref-train: --margin and --valid are for one reward model
? 2

$ pref-train linear -o x --mixture 2 --loss forward --flip-rate 0.1
! pref-train: --loss forward is not for a mixture
? 2

Nothing to learn from.
$ pref-train linear -q -o x --model gpm; pref-train linear -q -o x --mixture 2
!*

Labels of one half say nothing about accuracy, to any kind of model.
$ pref-synth -q -n 400 | sed 's/}$/,"preference":0.5}/' >p
$ for o in "--model bt" "--model gpm" "--mixture 2"; do pref-train linear -q --soft $o -o m --report r p; grep -o '"held_accuracy":null' r | sort -u; done
> "held_accuracy":null
> "held_accuracy":null
> "held_accuracy":null
