Two judges and two baselines, on pairs from two sources. The tie is counted apart; the two responses of three
words tie for the judge length:words.
$ pref-eval -J length:words
< {"prompt":"Why?","chosen":"It is so.","rejected":"Because I say.","source":"web"}
< {"prompt":"Why?","chosen":"Since water is heavy it falls.","rejected":"No.","source":"web"}
< {"prompt":"Why?","chosen":"Rain.","rejected":"I do not know that.","source":"crowd"}
< {"prompt":"Why?","chosen":"Rain.","rejected":"I do not know.","source":"crowd","verdict":"tie"}
> 3 pairs; not counted: tie 1, equal responses 0
>
> judge          pairs  accuracy  95 % interval      auc  log-loss    ece
> length             3    0.5000  0.1253-0.8747   0.5556    1.5727  0.325
> longer             3    0.3333  0.0615-0.7923   0.5556         -      -
> shorter            3    0.6667  0.2077-0.9385   0.4444         -      -
>
> accuracy by length of chosen to rejected
>               under 1/2    shorter       same     longer     over 2
> pairs                 1          1          0          0          1
> length           0.0000     0.5000          -          -     1.0000
> longer           0.0000     0.0000          -          -     1.0000
> shorter          1.0000     1.0000          -          -     0.0000
>
> accuracy by source
>                            pairs            length            longer           shorter
> web                            2            0.7500            0.5000            0.5000
> crowd                          1            0.0000            0.0000            1.0000
! pref-eval: 4 read, 4 kept, 0 dropped, 0 bad, 0.0 s

Scores that the records hold already are judged too; no -J is needed.
$ pref-eval -q | head -n 6
< {"chosen":"aa","rejected":"b","scores":{"m":[0.5,-0.5],"n":[0,0]},"score_chosen":0.25,"score_rejected":-0.25}
< {"chosen":"b","rejected":"aa","scores":{"m":[0.5,-0.5],"n":null}}
> 2 pairs; not counted: tie 0, equal responses 0
>
> judge           pairs  accuracy  95 % interval      auc  log-loss    ece
> m (in scores)       2    1.0000  0.3424-1.0000   1.0000    0.3133  0.269
> n (in scores)       1    0.5000  0.0546-0.9454   0.5000    0.6931  0.000
> (in record)         1    1.0000  0.2065-1.0000   1.0000    0.4741  0.378

For machines: --json has all of this and the bins of the calibration.
$ pref-eval -q --json -J length | python3 -c 'import json, sys; j = json.load(sys.stdin)["judges"]; print(j["length"]["accuracy"], j["shorter"]["accuracy"])'
< {"chosen":"four","rejected":"six"}
> 1 0

Whom do judges agree with? Each annotator is taken at his own word: bob's votes on the first pair differ by which
response was shown first and do not count, cy's tie does not either, and dot labelled the third pair alone.
$ pref-eval -q -J length | sed -n '/^agreement/,$p'
< {"chosen":"Rain falls.","rejected":"No.","votes":{"ann":"A","bob":["A","B"],"cy":["B","B"]}}
< {"chosen":"No.","rejected":"Snow falls.","votes":{"ann":"B","bob":["B",null],"cy":"tie"}}
< {"chosen":"Yes.","rejected":"Hail falls.","annotator":"dot"}
> agreement with each annotator, 95 % interval
>                            pairs                length                longer               shorter
> ann                            2    1.0000 0.342-1.000    1.0000 0.342-1.000    0.0000 0.000-0.658
> cy                             1    0.0000 0.000-0.793    0.0000 0.000-0.793    1.0000 0.207-1.000
> bob                            1    1.0000 0.207-1.000    1.0000 0.207-1.000    0.0000 0.000-0.793
> dot                            1    0.0000 0.000-0.793    0.0000 0.000-0.793    1.0000 0.207-1.000

What can a model learn from pairs whose summed log-probabilities are known, before (ref) and after training (dpo)?
Two raters in three are too few to ask for the first one at beta 5. The last has no scores.
$ pref-eval -q --reference ref --policy dpo --beta 5 | sed -n '/^ranking/,$p'
< {"chosen":"a","rejected":"bb","scores":{"ref":[-21,-20],"dpo":[-22,-21.5]},"preference":0.67}
< {"chosen":"c","rejected":"d","scores":{"ref":[-11.1,-11],"dpo":[-10,-12]}}
< {"chosen":"e","rejected":"ff","scores":{"ref":[-4,-8],"dpo":[-3.5,-9]},"chosen_tokens":2,"rejected_tokens":8}
< {"chosen":"g","rejected":"h"}
> ranking by log-probability: reference ref, policy dpo, beta 5; "preference" of 1 pairs, else 0.75
>                            pairs  accuracy  95 % interval     ties
> reference                      3    0.3333  0.0615-0.7923        0  1 not measured
> policy                         3    0.6667  0.2077-0.9385        0  1 not measured
> idealised                      3    0.6667  0.2077-0.9385        -  1 not measured
> reference, by token            1    0.0000  0.0000-0.7935        0  3 not measured
> policy, by token               1    0.0000  0.0000-0.7935        0  3 not measured
>
> difficulty                    5 %       25 %       50 %       75 %       95 %   loss needed (mean)
>                              -4.000     -4.000      0.100      1.000      1.000               6.8269
>
>                          right after wrong after   changed
> right before                       1           0    0.0000
> wrong before                       1           1    0.5000
>
> implicit reward            pairs  accuracy  95 % interval      auc  margin (mean)
>                                3    1.0000  0.4385-1.0000   0.8889         6.8333

----

All of it.
$ pref-eval -q --json -J length --by annotator
< {"chosen":"four","rejected":"six","annotator":7}
> {"pairs":1,"ties":0,"equal":0,"judges":{"length":{"pairs":1,"ties":0,"failed":0,"accuracy":1,"low":0.20654931437723742,"high":1,"auc":1,"log_loss":0.31326168751822286,"ece":0.2689414213699951,"bins":[{"pairs":0,"confidence":null,"accuracy":null},{"pairs":0,"confidence":null,"accuracy":null},{"pairs":0,"confidence":null,"accuracy":null},{"pairs":0,"confidence":null,"accuracy":null},{"pairs":1,"confidence":0.7310585786300049,"accuracy":1},{"pairs":0,"confidence":null,"accuracy":null},{"pairs":0,"confidence":null,"accuracy":null},{"pairs":0,"confidence":null,"accuracy":null},{"pairs":0,"confidence":null,"accuracy":null},{"pairs":0,"confidence":null,"accuracy":null}],"by_length":{"under 1/2":{"pairs":0,"ties":0,"accuracy":null,"low":0,"high":1},"shorter":{"pairs":0,"ties":0,"accuracy":null,"low":0,"high":1},"same":{"pairs":0,"ties":0,"accuracy":null,"low":0,"high":1},"longer":{"pairs":1,"ties":0,"accuracy":1,"low":0.20654931437723742,"high":1},"over 2":{"pairs":0,"ties":0,"accuracy":null,"low":0,"high":1}},"by":{"7":{"pairs":1,"ties":0,"accuracy":1,"low":0.20654931437723742,"high":1}},"by_annotator":{"7":{"pairs":1,"ties":0,"accuracy":1,"low":0.20654931437723742,"high":1}}},"longer":{"pairs":1,"ties":0,"failed":0,"accuracy":1,"low":0.20654931437723742,"high":1,"auc":1,"by_length":{"under 1/2":{"pairs":0,"ties":0,"accuracy":null,"low":0,"high":1},"shorter":{"pairs":0,"ties":0,"accuracy":null,"low":0,"high":1},"same":{"pairs":0,"ties":0,"accuracy":null,"low":0,"high":1},"longer":{"pairs":1,"ties":0,"accuracy":1,"low":0.20654931437723742,"high":1},"over 2":{"pairs":0,"ties":0,"accuracy":null,"low":0,"high":1}},"by":{"7":{"pairs":1,"ties":0,"accuracy":1,"low":0.20654931437723742,"high":1}},"by_annotator":{"7":{"pairs":1,"ties":0,"accuracy":1,"low":0.20654931437723742,"high":1}}},"shorter":{"pairs":1,"ties":0,"failed":0,"accuracy":0,"low":0,"high":0.7934506856227626,"auc":0,"by_length":{"under 1/2":{"pairs":0,"ties":0,"accuracy":null,"low":0,"high":1},"shorter":{"pairs":0,"ties":0,"accuracy":null,"low":0,"high":1},"same":{"pairs":0,"ties":0,"accuracy":null,"low":0,"high":1},"longer":{"pairs":1,"ties":0,"accuracy":0,"low":0,"high":0.7934506856227626},"over 2":{"pairs":0,"ties":0,"accuracy":null,"low":0,"high":1}},"by":{"7":{"pairs":1,"ties":0,"accuracy":0,"low":0,"high":0.7934506856227626}},"by_annotator":{"7":{"pairs":1,"ties":0,"accuracy":0,"low":0,"high":0.7934506856227626}}}}}

A judge that fails on a pair is counted as failed there, and the pair counts for the others.
$ pref-eval -q -J rules:r | head -n 6
@ r
| 1 slow: /^(a+)+$/
< {"chosen":"x","rejected":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"}
< {"chosen":"a","rejected":"bb"}
> 2 pairs; not counted: tie 0, equal responses 0
>
> judge          pairs  accuracy  95 % interval      auc  log-loss    ece
> rules              1    1.0000  0.2065-1.0000   1.0000    0.3133  0.269  1 failed
> longer             2    0.0000  0.0000-0.6576   0.0000         -      -
> shorter            2    1.0000  0.3424-1.0000   1.0000         -      -

Nothing to judge.
$ pref-eval -q -J length
> 0 pairs; not counted: tie 0, equal responses 0
>
> judge          pairs  accuracy  95 % interval      auc  log-loss    ece
> length             0         -  0.0000-1.0000        -         -      -
> longer             0         -  0.0000-1.0000        -         -      -
> shorter            0         -  0.0000-1.0000        -         -      -
>
> accuracy by length of chosen to rejected
>               under 1/2    shorter       same     longer     over 2
> pairs                 0          0          0          0          0
> length                -          -          -          -          -
> longer                -          -          -          -          -
> shorter               -          -          -          -          -

Equal responses are no question; -o takes the table.
$ pref-eval -q -o t; head -n 1 t
< {"chosen":"a","rejected":"a"}
> 0 pairs; not counted: tie 0, equal responses 1

Names that would act on a terminal are shown, not obeyed; more than 20 sources are cut short.
$ { printf '{"chosen":"a","rejected":"bb","source":"\\u001b[31mred"}\n'; for i in $(seq 30); do echo "{\"chosen\":\"a\",\"rejected\":\"bb\",\"source\":\"s$i\"}"; done; } | pref-eval -q | grep -e red -e more
> \x1B[31mred                    1            0.0000            1.0000
> ... and 11 more

$ pref-eval -J nobody 2>&1 | sed 's/;.*//'
> pref-eval: no judge named nobody

The worked example: c = 1, three raters in four. Ideally right with beta 1, not with 5; loss needed -log sigmoid(beta).
$ for beta in 1 5 0.1; do pref-eval -q --json --reference r --beta $beta in | python3 -c 'import json, sys; j = json.load(sys.stdin)["ranking"]; print(j["beta"], j["idealised"]["right"], round(j["loss_needed"], 6), j["difficulty"]["0.5"], j["reference"]["right"], "policy" in j)'; done
@ in
| {"chosen":"a","rejected":"b","scores":{"r":[-2,-1]},"preference":0.75}
> 1 1 0.313262 1 0 False
> 5 0 0.006715 1 0 False
> 0.1 1 0.644397 1 0 False

All of the ranking, for machines. What was not measured is null or absent, not 0.
$ pref-eval -q --json --reference r --policy p | python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)["ranking"]))'
< {"chosen":"a","rejected":"b","scores":{"r":[-2,-1],"p":[-1,-2]},"preference":1}
< {"chosen":"a","rejected":"b","scores":{"r":[-2,-2.001],"p":null},"preference":null}
< {"chosen":"a","rejected":"a","scores":{"r":[-2,-1]}}
< {"chosen":"a","rejected":"b","scores":{"r":[-2,-1]},"verdict":"tie"}
> {"beta": 0.1, "shares_known": 1, "reference": {"pairs": 2, "not_measured": 0, "right": 1, "ties": 1, "accuracy": 0.5, "low": 0.09453120573423071, "high": 0.9054687942657693}, "policy": {"pairs": 1, "not_measured": 1, "right": 1, "ties": 0, "accuracy": 1, "low": 0.20654931437723742, "high": 1}, "idealised": {"pairs": 2, "not_measured": 0, "right": 2, "accuracy": 1, "low": 0.3423802275066531, "high": 1}, "difficulty": {"0.05": -0.0009999999999998899, "0.25": -0.0009999999999998899, "0.5": -0.0009999999999998899, "0.75": 1, "0.95": 1}, "loss_needed": 0.6687969209417581, "right_right": 0, "right_wrong": 0, "wrong_right": 1, "wrong_wrong": 0, "flipped_right": 1, "flipped_wrong": null, "implicit_reward": {"pairs": 1, "ties": 0, "accuracy": 1, "low": 0.20654931437723742, "high": 1, "auc": 1, "margin": 0.2}}

A label that no pair has: a warning, and nothing that looks like a figure.
$ pref-eval -q --reference rf | sed -n '/^ranking/,$p'
< {"chosen":"a","rejected":"b","scores":{"r":[-2,-1]}}
> ranking by log-probability: reference rf, beta 0.1; "preference" of 0 pairs, else 0.75
>                            pairs  accuracy  95 % interval     ties
> reference                      0         -  0.0000-1.0000        0  1 not measured
> idealised                      0         -  0.0000-1.0000        -  1 not measured
>
> difficulty                    5 %       25 %       50 %       75 %       95 %   loss needed (mean)
>                                   -          -          -          -          -                    -
! pref-eval: no pair has two numbers in "scores" under rf

By annotator, for machines: what a judge could not score does not count for the annotator either.
$ pref-eval -q --json -J rules:r | python3 -c 'import json, sys; j = json.load(sys.stdin)["judges"]; print(j["rules"]["by_annotator"], {k: v["accuracy"] for k, v in j["longer"]["by_annotator"].items()}, sep="\n")'
@ r
| 1 slow: /^(a+)+$/
< {"chosen":"x","rejected":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab","annotator":"n"}
< {"chosen":"aaa","rejected":"bb","votes":{"n":"B","m":"A"}}
> {'n': {'pairs': 1, 'ties': 0, 'accuracy': 0, 'low': 0, 'high': 0.7934506856227626}, 'm': {'pairs': 1, 'ties': 0, 'accuracy': 1, 'low': 0.20654931437723742, 'high': 1}}
> {'n': 0, 'm': 1}

--annotator names another member; then it is not the votes that are asked, whatever they are.
$ pref-eval -q --annotator meta.who | sed -n '/^agreement/,$p'
< {"chosen":"a","rejected":"bb","meta":{"who":"ann"},"votes":[1],"annotator":"bob"}
< {"chosen":"a","rejected":"bb","meta":{"who":7}}
< {"chosen":"a","rejected":"bb","meta":{"who":null}}
> agreement with each annotator, 95 % interval
>                            pairs                longer               shorter
> ann                            1    0.0000 0.000-0.793    1.0000 0.207-1.000
> 7                              1    0.0000 0.000-0.793    1.0000 0.207-1.000

Twenty annotators are shown, those with most pairs; all are in --json. Names are shown, not obeyed.
$ echo '{"chosen":"a","rejected":"bb","votes":{"\u001b[1m":"A","s30":"A"}}' >in; for i in $(seq 30); do echo "{\"chosen\":\"a\",\"rejected\":\"bb\",\"annotator\":\"s$i\"}"; done >>in; pref-eval -q in | sed -n '/^agreement/,$p' | sed -n '3,5p;$p'; pref-eval -q --json in | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["judges"]["longer"]["by_annotator"]))'
> s30                            2    0.0000 0.000-0.658    1.0000 0.342-1.000
> \x1B[1m                        1    0.0000 0.000-0.793    1.0000 0.207-1.000
> s1                             1    0.0000 0.000-0.793    1.0000 0.207-1.000
> ... and 11 more
> 31

Do they prefer a place, the longer response, their own? x says "first" twice on the first pair; its vote counts for the
second only. gpt-4 wrote the longer response of both, the label is once for it. Not told: the tie, an order unknown.
$ pref-eval -q --bias -J length | sed -n '/^bias/,$p'
< {"chosen":"Rain falls.","rejected":"No.","chosen_model":"gpt-4","rejected_model":"other","votes":{"x":["A","B"],"GPT-4/CoT":["A","A"],"gpt-4o":"B"}}
< {"chosen":"No.","rejected":"Snow falls.","chosen_model":"other","rejected_model":"gpt-4","votes":{"x":["A","A"],"GPT-4/CoT":["B","B"],"gpt-4o":["tie","A"]}}
< {"chosen":"No.","rejected":"Snow falls.","verdict":"tie","votes":{"x":["A","A"]}}
> bias of judges and annotators: in both orders, for the longer response, for their own
>                 both    first     same   pairs   longer    label   pairs      own    label
> x                  2   0.7500   0.5000       1   0.0000   0.0000       0        -        -
> GPT-4/CoT          2   0.5000   1.0000       2   1.0000   0.5000       2   1.0000   0.5000
> gpt-4o             1   0.2500   0.0000       1   0.0000   1.0000       0        -        -
> length             0        -        -       2   1.0000   0.5000       0        -        -

Whoever is told only by a name has no orders; equal lengths are none; a judge of the record is one, too.
$ pref-eval -q --json --bias | python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)["bias"]))'
< {"chosen":"aa","rejected":"bb","annotator":"n","scores":{"m":[1,2]},"chosen_model":"k","rejected_model":"M"}
> {"n": {"both_orders": 0, "first": null, "same": null, "kappa_orders": null, "longer": {"pairs": 0, "share": null, "low": 0, "high": 1, "label": null}, "own": {"pairs": 0, "share": null, "low": 0, "high": 1, "label": null}}, "m (in scores)": {"both_orders": 0, "first": null, "same": null, "kappa_orders": null, "longer": {"pairs": 0, "share": null, "low": 0, "high": 1, "label": null}, "own": {"pairs": 1, "share": 1, "low": 0.20654931437723742, "high": 1, "label": 0}}}

Two bad records: votes that are none.
$ pref-eval -q -o t --bad skip
< {"chosen":"a","rejected":"b","votes":{"ann":"A","bob":"C"}}
< {"chosen":"a","rejected":"b","votes":"A"}
! pref-eval: (stdin):1:55: a vote is "A", "B", "tie" or null, or an array of two of them
! pref-eval: (stdin):2:38: "votes" is not an object
? 1

Rewards are no log-probabilities, and a share is from 0 to 1. Without --reference nobody asks.
$ pref-eval -q -o t --bad skip --reference r --policy p
< {"chosen":"a","rejected":"b","scores":{"r":[1,-1]}}
< {"chosen":"a","rejected":"b","scores":{"r":[-1,-1],"p":[-1,3]}}
< {"chosen":"a","rejected":"b","scores":{"r":[-1,-2]},"preference":75}
! pref-eval: (stdin):1:44: a log-probability in "scores" is above 0
! pref-eval: (stdin):2:56: a log-probability in "scores" is above 0
! pref-eval: (stdin):3:66: "preference" is not a number from 0 to 1
? 1

$ pref-eval -q -o t
< {"chosen":"a","rejected":"b","scores":{"r":[1,-1]},"preference":75}

$ pref-eval --policy p
! pref-eval: --policy and --beta are for --reference
? 2

$ pref-eval --beta 1 2>&1
> pref-eval: --policy and --beta are for --reference
? 2

$ pref-eval --reference r --beta 0 2>&1 | head -n 1
> pref-eval: option --beta: 0 is out of range (1e-06 to 1000000) (see pref-eval --help)

What judges that cost money would be asked: nothing of ties and equal responses. There is no table.
$ pref-eval -J http:j --dry-run --prices prices
$ pref-eval -q -J http:j --emit-batch batch -o table in; grep -c custom_id batch; ls table 2>&1 | wc -l
$ pref-eval -q --emit-batch batch in; pref-eval -q -J http:j -o k in
@ j
| url: http://localhost/v1/chat/completions
| model: m
| journal: k
| set: max_tokens 10
| [user]
| {A}{B}
@ prices
| m 1 1
@ in
| {"chosen":"a","rejected":"b"}
< {"chosen":"a","rejected":"b"}
< {"chosen":"a","rejected":"a"}
< {"chosen":"a","rejected":"b","verdict":"tie"}
> 2
> 1
! pref-eval: 3 read, 3 kept, 0 dropped, 0 bad, 0.0 s
! pref-eval: to_ask: 2 requests, 0 in the journal, about 90 tokens in, at most 20 out, cost up to 0.00011
! pref-eval: --dry-run and --emit-batch are for judges over HTTP
! pref-eval: two outputs would share k
? 2

How far is a policy from its reference? Answers of another model do not count, nor log-probs of other tokens.
$ pref-eval -q --policy p --reference r in; pref-eval -q --json --policy p --reference r in | sed 's/.*"kl"/"kl"/'
@ in
| {"prompt":"p","responses":[{"text":"a","model":"p","logp":{"p":-3,"r":-4},"tokens":2},{"text":"b","model":"p","logp":{"p":-9},"scores":{"p":-3,"r":-3.5},"tokens":3},{"text":"c","model":"r","scores":{"p":-3,"r":-3.5}}]}
| {"prompt":"q","responses":[{"text":"a","scores":{"p":-3,"r":-3.25},"tokens":3}]}
| {"prompt":"r","responses":[{"text":"a","logp":{"p":-3},"scores":{"r":-3},"tokens":3}]}
> KL to the reference      prompts   answers  nats an answer  std. error   a token
>                                2         3          0.5000      0.2500   0.21875  1 not measured
> "kl":{"prompts":2,"not_measured":1,"answers":3,"per_answer":0.5,"std_error":0.25,"per_token":0.21875}}

The log-probs may be those of judges asked in this run.
$ for i in 1 2; do python3 $PREF_ROOT/tests/tiny_model.py $i $i; done
$ pref-eval -q -J lm:1/model.bin -J lm:2/model.bin --reference lm --policy lm:model --json in | sed 's/.*"implicit_reward"/"implicit_reward"/' >asked
$ pref-density -q -m 1/model.bin --as a in | pref-density -q -m 2/model.bin --as b | pref-eval -q --reference a --policy b --json | sed 's/.*"implicit_reward"/"implicit_reward"/' >held
$ cmp asked held && cut -c 1-31 held
@ in
| {"prompt":"the cat","chosen":"and the hat","rejected":"sat"}
| {"prompt":"the rain","chosen":"in the wind","rejected":"and"}
> "implicit_reward":{"pairs":2,"t
