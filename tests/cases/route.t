pref-route: which labels are worth asking a human about

Two labels can be paid for: the two most doubtful ones go to humans.
$ pref-route --budget 2
< {"id":1,"chosen":"x","rejected":"y","flip":0.1}
< {"id":2,"chosen":"x","rejected":"y","flip":0.6}
< {"id":3,"chosen":"x","rejected":"y","flip":0.4}
> {"id":1,"chosen":"x","rejected":"y","flip":0.1,"route":"model","route_gain":0.1}
> {"id":2,"chosen":"x","rejected":"y","flip":0.6,"route":"human","route_gain":0.6}
> {"id":3,"chosen":"x","rejected":"y","flip":0.4,"route":"human","route_gain":0.4}
! pref-route: 3 read, 3 kept, 0 dropped, 0 bad, 0.0 s
! pref-route: route: 2 of 3 pairs to humans, expected gain 1 right labels, cost 2

When a human's label is another one is learned from pairs that have both (here, where chosen is the longer one); the most
doubtful label of others goes to a human.
$ for i in $(seq 20); do
$ echo '{"prompt":"Why '$i'?","chosen":"It is so since it was.","rejected":"So it is.","votes":{"ann":"B"}}'
$ echo '{"prompt":"Why '$i'?","chosen":"So it is.","rejected":"It is so since it was.","votes":{"ann":"A"}}'
$ done >labelled.jsonl
$ pref-route --learn gain --human ann labelled.jsonl -o /dev/null
$ pref-route -q --model gain --budget 1 | sed 's/\(gain":0.[0-9]\)[0-9]*/\1/'
< {"id":1,"prompt":"How?","chosen":"It is here, as it was.","rejected":"It is here."}
< {"id":2,"prompt":"How?","chosen":"It is here.","rejected":"It is here, as it was."}
> {"id":1,"prompt":"How?","chosen":"It is here, as it was.","rejected":"It is here.","route":"human","route_gain":0.7}
> {"id":2,"prompt":"How?","chosen":"It is here.","rejected":"It is here, as it was.","route":"model","route_gain":0.2}
! pref-route: 40 read, 40 kept, 0 dropped, 0 bad, 0.0 s
! pref-route: learned: of 40 pairs, of which humans label 0.5 otherwise; on prompts not seen log-loss 0.3258 (the share alone: 0.6931), AUC 1
! pref-route: route: 40 of 40 pairs to humans, expected gain 20 right labels, cost 40

----

Streaming, by the gain alone; what is not known stays with the model, and a value out of range is not known.
$ pref-route --human-error 0.1 --min-gain 0.2
< {"id":1,"chosen":"x","rejected":"y","preference":0.4}
< {"id":2,"chosen":"x","rejected":"y","votes":{"a":"A","b":["A","tie"]}}
< {"id":3,"chosen":"x","rejected":"y","flip":7,"route_gain":1}
< {"id":4,"chosen":"x","rejected":"y","margin":0}
> {"id":1,"chosen":"x","rejected":"y","preference":0.4,"route":"human","route_gain":0.5}
> {"id":2,"chosen":"x","rejected":"y","votes":{"a":"A","b":["A","tie"]},"route":"model","route_gain":0.2}
> {"id":3,"chosen":"x","rejected":"y","flip":7,"route":"model"}
> {"id":4,"chosen":"x","rejected":"y","margin":0,"route":"human","route_gain":0.4}
! pref-route: 4 read, 4 kept, 0 dropped, 0 bad, 0.0 s
! pref-route: route: 2 of 4 pairs to humans, expected gain 0.9 right labels, cost 2; of 1 nothing is known

Of equal gains a hash of the texts draws; the money pays for one human beside three models.
$ pref-route -q --cost 13 --human-cost 10 --model-cost 1 | grep -c human
< {"chosen":"x","rejected":"y","flip":0.5}
< {"chosen":"x","rejected":"y","flip":0.5}
< {"chosen":"x","rejected":"y","flip":0.5}
< {"chosen":"x","rejected":"y","flip":0.5}
> 1

The draw does not depend on the order of the input.
$ cat >in; for order in "sort" "sort -r"; do $order in | pref-route -q --share 0.4 | grep human | sort >"$order"; done; cmp sort "sort -r"; wc -l <sort
< {"chosen":"x","rejected":"a","flip":0.5}
< {"chosen":"x","rejected":"b","flip":0.5}
< {"chosen":"x","rejected":"c","flip":0.5}
< {"chosen":"x","rejected":"d","flip":0.5}
< {"chosen":"x","rejected":"e","flip":0.5}
> 2

$ pref-route --budget 1 --share 1
! pref-route: --budget, --share and --cost are three ways to say one thing
? 2

A vote that is none is a bad record.
$ pref-route
< {"chosen":"x","rejected":"y","votes":{"a":"C"}}
! pref-route: (stdin):1:43: a vote is "A", "B", "tie" or null, or an array of two of them
? 1

What humans voted is no evidence; members and tags that were asked for are, and the file says what for.
$ for i in $(seq 30); do
$ printf '{"prompt":"%d?","chosen":"a","rejected":"b","tags":["%s","all"],"votes":{"ann":"%s","m":["A","B"]}}\n' $i $((i % 3 ? 0 : 1)) $((i % 3)) | sed 's/"ann":"0"/"ann":"B"/; s/"ann":"[12]"/"ann":"A"/; s/"0"/"easy"/; s/"1"/"hard"/'
$ done | pref-route -q --learn gain --human ann -f tags -f none --share 0.3 | grep -c '"hard".*"route":"human"'
$ grep -o '"feature":"[a-z=]*"\|"humans.*fields[^]]*.' gain | sort
> 9
> "feature":"tags=easy"
> "feature":"tags=hard"
> "humans":["ann"],"fields":["tags","none"]

Each label has its price, and the money goes where it gains most: two short ones instead of a long one.
$ pref-route -q --cost 4.6 --read-cost 500
< {"id":1,"prompt":"a","chosen":"b b b b b","rejected":"c","flip":0.5}
< {"id":2,"prompt":"a","chosen":"b","rejected":"c","flip":0.3}
< {"id":3,"prompt":"a","chosen":"b","rejected":"","flip":0.3}
> {"id":1,"prompt":"a","chosen":"b b b b b","rejected":"c","flip":0.5,"route":"model","route_gain":0.5}
> {"id":2,"prompt":"a","chosen":"b","rejected":"c","flip":0.3,"route":"human","route_gain":0.3}
> {"id":3,"prompt":"a","chosen":"b","rejected":"","flip":0.3,"route":"human","route_gain":0.3}

A human who errs is told from a label that does: he is to say otherwise in 0.8 of such pairs, and is wrong in 0.25 of all.
$ for i in $(seq 40); do echo "{\"chosen\":\"a$i\",\"rejected\":\"b\",\"votes\":{\"ann\":\"$((i % 5))\"}}"; done | sed 's/"0"/"A"/; s/"[1-4]"/"B"/' >in
$ pref-route -q --learn gain --human ann in -o /dev/null; pref-route -q --model gain --human-error 0.25 in | head -n 1 | grep -o 'gain":0.8'
> gain":0.8

$ pref-route --learn gain --human ann
< {"chosen":"x","rejected":"y","votes":{"ann":"A"}}
! pref-route: nothing can be learned: fewer than 20 pairs have a vote of a human
? 1

$ pref-route --learn gain
! pref-route: --learn from whom? --human NAME
? 2

$ pref-route --learn a --model b --human ann
! pref-route: --learn makes a model, --model uses one
? 2

$ pref-route --model gain --by flip
! pref-route: --model goes by what it has learned, not --by
? 2

$ pref-route --feature tags
! pref-route: --feature and --l2 are for --learn
? 2

$ pref-route --model gain --human-error 0.5
! pref-route: humans who get half the labels wrong teach nothing
? 2

$ pref-route --learn in --human a in
@ in
| {"chosen":"x","rejected":"y"}
! pref-route: in is an input; choose another file for what is written
? 2

$ pref-route --model gain
@ gain
| {"pref-route":1,"pairs":20,"l2":1,"humans":["a"],"fields":[],"intercept":0}
| {"feature":"words","coef":1,"mean":0,"scale":1,"pairs":20}
| {"xxh3":"0123456789abcdef"}
! pref-route: gain: the file is damaged, or was changed: its checksum is wrong
? 2

A vote that is none is a bad record, told once.
$ pref-route --learn gain --human a
< {"chosen":"x","rejected":"y","votes":{"a":"C"}}
! pref-route: (stdin):1:43: a vote is "A", "B", "tie" or null, or an array of two of them
? 1
