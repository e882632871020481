pref-report: what the stages did, and how much of the planted truth they found

What two stages did.
$ pref-report 1-check.json 2-dedup.json
@ 1-check.json
| {"program":"pref-check","version":"0.1.0","status":1,"read":1004,"kept":1001,"dropped":2,"reasons":{"equal":1,"empty":1},"bad":1,"seconds":0.25}
@ 2-dedup.json
| {"program":"pref-dedup","version":"0.1.0","status":0,"read":1001,"kept":900,"dropped":101,"reasons":{"near":100,"swapped":1},"bad":0,"seconds":1}
> stage           read      kept   dropped     bad  seconds
> check           1004      1001         2       1     0.25  equal 1, empty 1
> dedup           1001       900       101       0     1.00  near 100, swapped 1

How many of the planted repeats were found.
$ pref-synth -q -n 2000 --exact 0.05 --near 0.1 --swapped 0.02 --truth truth.jsonl -o pairs.jsonl
$ pref-dedup -q --near -t 0.7 --rejects dropped.jsonl --report dedup.json -o kept.jsonl pairs.jsonl
$ pref-report --truth truth.jsonl --rejects dropped.jsonl --threshold 0.7
> planted                            there   found  missed
> the same line                        101     101       0
> near, J >= 0.7                        99      99       0
> swapped                               39      39       0
> recall        1.0000   239 of 239 planted were dropped
> precision     1.0000   239 of 239 dropped were planted
> partner       1.0000   138 of 138 repeats gave way to the right one
> labels        0.8266   1378 of 1667 chosen are the better ones: the most a judge can agree with

How many of the leaks from a benchmark.
$ pref-synth -q -n 2000 --leak 0.05 --benchmark bench.jsonl --truth truth.jsonl -o pairs.jsonl
$ pref-decon -q -b bench.jsonl --rejects dropped.jsonl -o kept.jsonl pairs.jsonl
$ pref-report --truth truth.jsonl --rejects dropped.jsonl
> planted                            there   found  missed
> benchmark items                       95      95       0
> recall        1.0000   95 of 95 planted were dropped
> precision     1.0000   95 of 95 dropped were planted
> items         1.0000   95 of 95 records were dropped for the right benchmark item
> labels        0.8290   1658 of 2000 chosen are the better ones: the most a judge can agree with

----

Leaks in repeats are right to be dropped, but not asked for; an item of another name is wrong.
$ pref-report --truth t --rejects r
@ t
| {"line":1,"id":"s0","kind":"new","quality":[1,2],"flipped":false,"item":"item1","in":"prompt"}
| {"line":2,"id":"s1","kind":"new","quality":[2,1],"flipped":false,"item":"item2","in":"prompt"}
| {"line":3,"id":"s2","kind":"near","of":1,"jaccard":0.500000,"quality":[1,2],"flipped":false,"item":"item1","in":"prompt"}
| {"line":4,"id":"s3","kind":"new","quality":[2,1],"flipped":false}
| {"line":5,"id":"s4","kind":"new","quality":[2,1],"flipped":false,"item":"item3","in":"prompt"}
@ r
| {"id":"s0","dropped":{"reason":"contaminated","item":"item1"}}
| {"id":"s1","dropped":{"reason":"contaminated","item":"item9"}}
| {"id":"s2","dropped":{"reason":"contaminated","item":"item1"}}
| {"id":"s3","dropped":{"reason":"contaminated","item":"item1"}}
> planted                            there   found  missed
> benchmark items                        3       2       1
> recall        0.6667   2 of 3 planted were dropped
> precision     0.6667   2 of 3 dropped were planted
> items         0.5000   2 of 4 records were dropped for the right benchmark item
> labels        0.7500   3 of 4 chosen are the better ones: the most a judge can agree with

Exact dedup finds no near repeats: they are missed, and what it drops is right.
$ pref-synth -q -n 2000 --exact 0.05 --near 0.1 --truth t -o x
$ pref-dedup -q --rejects dropped x >kept
$ pref-report --truth t --rejects dropped --threshold 0.7
> planted                            there   found  missed
> the same line                        101     101       0
> near, J >= 0.7                        99       0      99
> recall        0.5050   101 of 200 planted were dropped
> precision     1.0000   101 of 101 dropped were planted
> labels        0.8277   1412 of 1706 chosen are the better ones: the most a judge can agree with

What was dropped for no planted reason lowers precision; a line that is no JSON is known by its number.
$ pref-report --truth t --rejects r
@ t
| {"line":1,"id":"s0","kind":"new","quality":[1,2],"flipped":false}
| {"line":2,"kind":"broken","how":"cut"}
| {"line":3,"id":"s0","kind":"exact","of":1,"jaccard":1.000000,"quality":[1,2],"flipped":false}
| {"line":4,"id":"s3","kind":"near","of":1,"jaccard":0.700000,"quality":[1,2],"flipped":false}
| {"line":5,"id":"s4","kind":"new","quality":[1,2],"flipped":false}
@ r
| {"dropped":{"reason":"bad","file":"x","line":2,"column":3,"why":"?"},"line":"{\"id\":"}
| {"id":"s4","dropped":{"reason":"empty"}}
| {"id":"s0","dropped":{"reason":"repeat","partner":"s0","similarity":1}}
> planted                            there   found  missed
> broken lines                           1       1       0
> the same line                          1       1       0
> recall        1.0000   2 of 2 planted were dropped
> precision     0.6667   2 of 3 dropped were planted
> labels        0.0000   0 of 2 chosen are the better ones: the most a judge can agree with

A broken line that could be read far enough to know its id.
$ pref-report --truth t --rejects r
@ t
| {"line":1,"id":"s0","kind":"new","quality":[1,2],"flipped":false}
| {"line":2,"id":"s1","kind":"unfit","how":"type"}
@ r
| {"dropped":{"reason":"bad","file":"other","line":1,"why":"?"},"line":"{\"id\":\"s1\"}"}
> planted                            there   found  missed
> unfit pairs                            1       1       0
> recall        1.0000   1 of 1 planted were dropped
> precision     1.0000   1 of 1 dropped were planted
> labels        0.0000   0 of 1 chosen are the better ones: the most a judge can agree with

$ pref-report --rejects r x.json
! pref-report: --rejects needs --truth
? 2

$ pref-report
! pref-report: say which reports
? 2

Not a report.
$ pref-report x
! pref-report: x: this is no report
? 1
@ x
| {"read":1}

$ pref-report x
! pref-report: x:1:10: unexpected end
? 1
@ x
| {"read":

Not a truth file.
$ pref-report --truth x
! pref-report: x:1: this is no truth file of pref-synth
? 1
@ x
| {"line":1,"kind":"odd"}
