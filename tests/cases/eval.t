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

----

All of it.
$ pref-eval -q --json -J length --by annotator
< {"chosen":"four","rejected":"six","annotator":7}
> {"pairs":1,"ties":0,"equal":0,"judges":{"length":{"pairs":1,"ties":0,"failed":0,"accuracy":1,"low":0.20654931437723742,"high":1,"auc":1,"log_loss":0.31326168751822286,"ece":0.2689414213699951,"bins":[{"pairs":0,"confidence":null,"accuracy":null},{"pairs":0,"confidence":null,"accuracy":null},{"pairs":0,"confidence":null,"accuracy":null},{"pairs":0,"confidence":null,"accuracy":null},{"pairs":1,"confidence":0.7310585786300049,"accuracy":1},{"pairs":0,"confidence":null,"accuracy":null},{"pairs":0,"confidence":null,"accuracy":null},{"pairs":0,"confidence":null,"accuracy":null},{"pairs":0,"confidence":null,"accuracy":null},{"pairs":0,"confidence":null,"accuracy":null}],"by_length":{"under 1/2":{"pairs":0,"ties":0,"accuracy":null},"shorter":{"pairs":0,"ties":0,"accuracy":null},"same":{"pairs":0,"ties":0,"accuracy":null},"longer":{"pairs":1,"ties":0,"accuracy":1},"over 2":{"pairs":0,"ties":0,"accuracy":null}},"by":{"7":{"pairs":1,"ties":0,"accuracy":1}}},"longer":{"pairs":1,"ties":0,"failed":0,"accuracy":1,"low":0.20654931437723742,"high":1,"auc":1,"by_length":{"under 1/2":{"pairs":0,"ties":0,"accuracy":null},"shorter":{"pairs":0,"ties":0,"accuracy":null},"same":{"pairs":0,"ties":0,"accuracy":null},"longer":{"pairs":1,"ties":0,"accuracy":1},"over 2":{"pairs":0,"ties":0,"accuracy":null}},"by":{"7":{"pairs":1,"ties":0,"accuracy":1}}},"shorter":{"pairs":1,"ties":0,"failed":0,"accuracy":0,"low":0,"high":0.7934506856227626,"auc":0,"by_length":{"under 1/2":{"pairs":0,"ties":0,"accuracy":null},"shorter":{"pairs":0,"ties":0,"accuracy":null},"same":{"pairs":0,"ties":0,"accuracy":null},"longer":{"pairs":1,"ties":0,"accuracy":0},"over 2":{"pairs":0,"ties":0,"accuracy":null}},"by":{"7":{"pairs":1,"ties":0,"accuracy":0}}}}}

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

Who labelled the pairs: accuracy for each.
$ pref-eval -J length | sed -n '/by annotator/,$p'
< {"prompt":"p","chosen":"aaa","rejected":"b","annotator":"ann"}
< {"prompt":"p","chosen":"a","rejected":"bbb","annotator":"bob"}
< {"prompt":"p","chosen":"aaaa","rejected":"b","annotator":"ann"}
< {"prompt":"p","chosen":"aa","rejected":"b"}
> accuracy by annotator
>                            pairs            length            longer           shorter
> ann                            2            1.0000            1.0000            0.0000
> bob                            1            0.0000            0.0000            1.0000
!*

The same in JSON; with --by annotator it is there once.
$ pref-eval -q -J length --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["judges"]["length"]["by_annotator"])'
$ echo '{"prompt":"p","chosen":"aaa","rejected":"b","annotator":7}' | pref-eval -q --by annotator --json | grep -c by_annotator || true
< {"prompt":"p","chosen":"aaa","rejected":"b","annotator":"ann"}
< {"prompt":"p","chosen":"a","rejected":"bbb","annotator":"bob"}
> {'ann': {'pairs': 1, 'ties': 0, 'accuracy': 1}, 'bob': {'pairs': 1, 'ties': 0, 'accuracy': 0}}
> 0

Rankings by likelihood: the reference is wrong about two pairs, of which the policy turns one.
$ pref-eval -q --reference ref --policy pi --beta 1 | sed -n '/^ranking/,$p'
< {"prompt":"p","chosen":"aa","rejected":"b","scores":{"ref":[-21,-20],"pi":[-19,-20]},"preference":0.75}
< {"prompt":"p","chosen":"aa","rejected":"b","scores":{"ref":[-25,-20],"pi":[-24,-20]}}
< {"prompt":"p","chosen":"aa","rejected":"b","scores":{"ref":[-25,-20]}}
< {"prompt":"p","chosen":"aa","rejected":"b"}
> ranking by likelihood: 2 pairs, 2 without log-probs
>   reference              0.0000  0.0000-0.6576
>   idealised policy       0.5000  at beta 1
>   policy                 0.5000  0.0945-0.9055
>   reference to policy    right stays right 0, goes wrong 0; wrong stays wrong 1, goes right 1 (50.0 %)
>   difficulty in nats     5, 25, 50, 75, 95 %: 1.00 1.00 5.00 5.00 5.00
>   DPO loss needed        0.1600  mean over pairs

$ pref-eval -q --reference ref --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["ranking"])'
< {"prompt":"p","chosen":"aa","rejected":"b","scores":{"ref":[-20,-21]}}
> {'pairs': 1, 'missing': 0, 'beta': 0.1, 'reference': 1, 'idealised': 1, 'loss_needed': 0.7443966600735709, 'difficulty': {'0.05': -1, '0.25': -1, '0.5': -1, '0.75': -1, '0.95': -1}}

No pair has them.
$ pref-eval -q --reference ref | tail -n 1
< {"prompt":"p","chosen":"aa","rejected":"b"}
> ranking by likelihood: 0 pairs, 1 without log-probs

$ pref-eval --policy pi
! pref-eval: --policy and --beta are for --reference
? 2

A share of raters that is none is an error, not the default.
$ pref-eval -q --reference ref
< {"prompt":"p","chosen":"aa","rejected":"b","scores":{"ref":[-21,-20]},"preference":7}
! pref-eval: (stdin):1:84: a preference of 7 is no probability
? 1
