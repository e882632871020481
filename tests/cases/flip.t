pref-flip: labels that are the wrong way round

A judge that likes length contradicts one label of eight by far: it is probably wrong. Of the last one the judge
cannot tell much.
$ pref-flip -J length --rate 0.1 | sed 's/"prompt".*"flip"/"flip"/'
< {"id":1,"prompt":"1","chosen":"a long and good answer","rejected":"no"}
< {"id":2,"prompt":"2","chosen":"a long and good answer","rejected":"no"}
< {"id":3,"prompt":"3","chosen":"a long and good answer","rejected":"no"}
< {"id":4,"prompt":"4","chosen":"a long and good answer","rejected":"no"}
< {"id":5,"prompt":"5","chosen":"a long and good answer","rejected":"no"}
< {"id":6,"prompt":"6","chosen":"a long and good answer","rejected":"no"}
< {"id":7,"prompt":"7","chosen":"no","rejected":"a long and good answer"}
< {"id":8,"prompt":"8","chosen":"yes!","rejected":"no way"}
> {"id":1,"flip":0.008655153,"margin":20,"margin_std":0}
> {"id":2,"flip":0.008655153,"margin":20,"margin_std":0}
> {"id":3,"flip":0.008655153,"margin":20,"margin_std":0}
> {"id":4,"flip":0.008655153,"margin":20,"margin_std":0}
> {"id":5,"flip":0.008655153,"margin":20,"margin_std":0}
> {"id":6,"flip":0.008655153,"margin":20,"margin_std":0}
> {"id":7,"flip":0.585758488,"margin":-20,"margin_std":0}
> {"id":8,"flip":0.1253344,"margin":-2,"margin_std":0}
! pref-flip: 8 read, 8 kept, 0 dropped, 0 bad, 0.0 s
! pref-flip: flip rate: 0.1, as given
! pref-flip: flips: 1 of 8 pairs to look at

What is probably wrong is turned round, with all that is said of it.
$ pref-flip -q -J length --rate 0.1 --action swap | grep '"id":7'
< {"id":1,"prompt":"1","chosen":"a long and good answer","rejected":"no"}
< {"id":2,"prompt":"2","chosen":"a long and good answer","rejected":"no"}
< {"id":3,"prompt":"3","chosen":"a long and good answer","rejected":"no"}
< {"id":4,"prompt":"4","chosen":"a long and good answer","rejected":"no"}
< {"id":5,"prompt":"5","chosen":"a long and good answer","rejected":"no"}
< {"id":6,"prompt":"6","chosen":"a long and good answer","rejected":"no"}
< {"id":7,"prompt":"7","chosen":"no","rejected":"a long and good answer"}
< {"id":8,"prompt":"8","chosen":"yes!","rejected":"no way"}
> {"id":7,"prompt":"7","chosen":"a long and good answer","rejected":"no","flip":0.41424151200000003,"margin":20,"margin_std":0,"swapped":true}

Or it is dropped.
$ pref-flip -q -J length --rate 0.1 --action drop -r wrong.jsonl | wc -l
$ grep -o '"dropped":.*' wrong.jsonl
< {"id":1,"prompt":"1","chosen":"a long and good answer","rejected":"no"}
< {"id":2,"prompt":"2","chosen":"a long and good answer","rejected":"no"}
< {"id":3,"prompt":"3","chosen":"a long and good answer","rejected":"no"}
< {"id":4,"prompt":"4","chosen":"a long and good answer","rejected":"no"}
< {"id":5,"prompt":"5","chosen":"a long and good answer","rejected":"no"}
< {"id":6,"prompt":"6","chosen":"a long and good answer","rejected":"no"}
< {"id":7,"prompt":"7","chosen":"no","rejected":"a long and good answer"}
< {"id":8,"prompt":"8","chosen":"yes!","rejected":"no way"}
> 7
> "dropped":{"reason":"flip"}}

Or every label becomes as soft as it is doubtful.
$ pref-flip -q -J length --rate 0.1 --action soften | grep -o '"preference".*'
< {"id":1,"prompt":"1","chosen":"a long and good answer","rejected":"no"}
< {"id":2,"prompt":"2","chosen":"a long and good answer","rejected":"no"}
< {"id":3,"prompt":"3","chosen":"a long and good answer","rejected":"no"}
< {"id":4,"prompt":"4","chosen":"a long and good answer","rejected":"no"}
< {"id":5,"prompt":"5","chosen":"a long and good answer","rejected":"no"}
< {"id":6,"prompt":"6","chosen":"a long and good answer","rejected":"no"}
< {"id":7,"prompt":"7","chosen":"no","rejected":"a long and good answer"}
< {"id":8,"prompt":"8","chosen":"yes!","rejected":"no way"}
> "preference":0.991344847}
> "preference":0.991344847}
> "preference":0.991344847}
> "preference":0.991344847}
> "preference":0.991344847}
> "preference":0.991344847}
> "preference":0.414241512}
> "preference":0.8746656}

Without a judge, models are trained from the other pairs. A tenth of these labels is turned round: the interval
holds that rate, and half of the twenty-five most suspicious pairs are among them.
$ pref-synth -q -n 500 --flip 0.1 --noise 0.2 --truth truth.jsonl -o pairs.jsonl
$ pref-flip -q --seeds 1 --folds 5 --action drop --threshold 0 --max-share 0.05 -r wrong.jsonl --report report.json pairs.jsonl >/dev/null
$ sed 's/.*"low":\([0-9.]*\),"high":\([0-9.]*\)}.*/\1 \2/' report.json | awk '{ print ($1 <= 0.1 && 0.1 <= $2) }'
$ grep '"flipped":true' truth.jsonl | sed 's/.*"id":\("[^"]*"\).*/"id":\1,/' >ids; grep -c -F -f ids wrong.jsonl | awk '{ print ($1 >= 13) }'
> 1
> 1

----

A flip is undone: the values are those of the first record.
$ pref-flip -q -J length --rate 0.1 --action swap --threshold 0 | pref-flip -q -J length --rate 0.1 --action swap --threshold 0 | cut -c 1-64
< {"id":1,"prompt":"p","chosen":"aaaaaaaaaaaaa","rejected":"b"}
< {"id":2,"prompt":"p","chosen":"b","rejected":"aaaaaaaaaaaaa"}
> {"id":1,"prompt":"p","chosen":"aaaaaaaaaaaaa","rejected":"b","fl
> {"id":2,"prompt":"p","chosen":"b","rejected":"aaaaaaaaaaaaa","fl

Ties, equal responses and what no judge scores are kept as they are.
$ pref-flip -J length --rate 0.1
< {"prompt":"p","chosen":"a","rejected":"a"}
< {"prompt":"p","chosen":"a","rejected":"bbb","verdict":"tie"}
> {"prompt":"p","chosen":"a","rejected":"a"}
> {"prompt":"p","chosen":"a","rejected":"bbb","verdict":"tie"}
! pref-flip: 2 read, 2 kept, 0 dropped, 0 bad, 0.0 s
! pref-flip: flips: 0 of 0 pairs to look at; 2 could not be judged

A preference that is there is mixed with the doubt.
$ pref-flip -q -J length --rate 0.2 --action soften | grep -o '"preference".*'
< {"prompt":"p","chosen":"ab","rejected":"cd","preference":0.5}
< {"prompt":"p","chosen":"ab","rejected":"cd","preference":0.9}
< {"prompt":"p","chosen":"ab","rejected":"cd"}
> "preference":0.5,"flip":0.2,"margin":0,"margin_std":0}
> "preference":0.74,"flip":0.2,"margin":0,"margin_std":0}
> "preference":0.8}

Nothing in, nothing out.
$ pref-flip
! pref-flip: 0 read, 0 kept, 0 dropped, 0 bad, 0.0 s
! pref-flip: flips: 0 of 0 pairs to look at

One pair: nothing is known.
$ pref-flip -q --seeds 1
< {"prompt":"p","chosen":"ab","rejected":"cd"}
> {"prompt":"p","chosen":"ab","rejected":"cd","flip":0.25,"margin":0,"margin_std":0}

No more than the share asked for, the most probable first.
$ pref-flip -q -J length --rate 0.3 --action drop --threshold 0 --max-share 0.5
< {"id":1,"prompt":"p","chosen":"aaaaaaaaaaaa","rejected":"b"}
< {"id":2,"prompt":"p","chosen":"b","rejected":"aaaaaaaaaaaa"}
< {"id":3,"prompt":"p","chosen":"b","rejected":"aaa"}
< {"id":4,"prompt":"p","chosen":"aaa","rejected":"b"}
> {"id":1,"prompt":"p","chosen":"aaaaaaaaaaaa","rejected":"b","flip":0.299637985,"margin":11,"margin_std":0}
> {"id":4,"prompt":"p","chosen":"aaa","rejected":"b","flip":0.29993416,"margin":2,"margin_std":0}

Confident learning names two of eight.
$ pref-flip -J length --method confident --action drop | wc -l
< {"id":1,"prompt":"p","chosen":"aaaaaaaaaaaa","rejected":"b"}
< {"id":2,"prompt":"p","chosen":"aaaaaaaaaaaa","rejected":"b"}
< {"id":3,"prompt":"p","chosen":"aaaaaaaaaaa","rejected":"b"}
< {"id":4,"prompt":"p","chosen":"aaaaaaaaaaaa","rejected":"b"}
< {"id":5,"prompt":"p","chosen":"aaaaaaaaaaaa","rejected":"b"}
< {"id":6,"prompt":"p","chosen":"aaaaaaaaaaaa","rejected":"b"}
< {"id":7,"prompt":"p","chosen":"b","rejected":"aaaaaaaaaaaa"}
< {"id":8,"prompt":"p","chosen":"b","rejected":"aaaaaaaaaaaa"}
> 6
! pref-flip: 8 read, 6 kept, 2 dropped (flip 2), 0 bad, 0.0 s
! pref-flip: flip rate: 0.250 by confident learning; threshold 0.622
! pref-flip: flips: 2 of 8 pairs dropped

A mixture parts two humps,
$ pref-flip -q -J length --method mixture --action drop
< {"id":1,"prompt":"p","chosen":"aaaaaaaaaaaa","rejected":"b"}
< {"id":2,"prompt":"p","chosen":"aaaaaaaaaaaa","rejected":"b"}
< {"id":3,"prompt":"p","chosen":"aaaaaaaaaaa","rejected":"b"}
< {"id":4,"prompt":"p","chosen":"b","rejected":"aaaaaaaaaaaa"}
> {"id":1,"prompt":"p","chosen":"aaaaaaaaaaaa","rejected":"b","flip":0,"margin":11,"margin_std":0}
> {"id":2,"prompt":"p","chosen":"aaaaaaaaaaaa","rejected":"b","flip":0,"margin":11,"margin_std":0}
> {"id":3,"prompt":"p","chosen":"aaaaaaaaaaa","rejected":"b","flip":0,"margin":10,"margin_std":0}

and refuses one.
$ pref-flip -q -J length --method mixture
< {"id":1,"prompt":"p","chosen":"aaaaaaaaaaaa","rejected":"b"}
< {"id":2,"prompt":"p","chosen":"ab","rejected":"c"}
< {"id":3,"prompt":"p","chosen":"a","rejected":"bc"}
!*
? 1

Two models that choose for each other.
$ pref-synth -q -n 300 --bare -o - | pref-flip -q --voters peer --seeds 1 --rate 0.1 --folds 2 --action drop --threshold 0 --max-share 0.1 | wc -l
> 270

What does not go together.
$ pref-flip -J length --seeds 3
! pref-flip: with -J nothing is trained: no --voters, --folds, --seeds, --l2, --by, --seed
? 2

$ pref-flip --method confident --rate 0.1
! pref-flip: --rate is for --method likelihood, which would estimate it, and --voters peer
? 2

$ pref-flip --voters peer --method mixture
! pref-flip: --voters peer with --method mixture wants --rate, the share that each leaves out
? 2

$ pref-flip --by nothing
< {"prompt":"p","chosen":"ab","rejected":"cd"}
! pref-flip: (stdin):1: no member "nothing" to split by
? 1

No pair.
$ pref-flip
< {"prompt":"p","chosen":"ab"}
!*
? 1

Mark once, act later.
$ pref-flip -q -J length --rate 0.1 | tee marked.jsonl | tail -n 1
$ pref-flip --voters marked --action drop marked.jsonl | wc -l
< {"prompt":"1","chosen":"a long and good answer","rejected":"no"}
< {"prompt":"2","chosen":"a long and good answer","rejected":"no"}
< {"prompt":"3","chosen":"a long and good answer","rejected":"no"}
< {"prompt":"4","chosen":"a long and good answer","rejected":"no"}
< {"prompt":"5","chosen":"a long and good answer","rejected":"no"}
< {"prompt":"6","chosen":"no","rejected":"a long and good answer"}
> {"prompt":"6","chosen":"no","rejected":"a long and good answer","flip":0.549998572,"margin":-20,"margin_std":0}
> 5
! pref-flip: 6 read, 5 kept, 1 dropped (flip 1), 0 bad, 0.0 s
! pref-flip: flips: 1 of 6 pairs dropped

$ pref-flip --voters marked --rate 0.1
! pref-flip: --voters marked estimates nothing: no --method, --rate, --folds, --seeds, --l2, --by, --seed
? 2

$ pref-flip --voters marked
< {"prompt":"p","chosen":"ab","rejected":"c","flip":2}
! pref-flip: (stdin):1:51: a flip of 2 is no probability
? 1

The study of pipelines/noise.mk, small.
$ pref-synth -q -n 200 -o pairs.jsonl
$ MAKEFLAGS= make -s -f "$PREF_ROOT/pipelines/noise.mk" PREF= DATA=pairs.jsonl OUT=noise SEEDS=1 RATES=20 FLIP="--seeds 1 --folds 2 --rate 0.2" TRAIN="--epochs 2" 2>&1 | awk '{ print $1, NF }'
> planted 3
> turned 2
> foretold 2
> precision 2
> auc 2
> estimated 2
> clean 2
> noisy 2
> cdpo 2
> rdpo 2
> forward 2
> margin 2
> soft 2
> drop 2
> swap 2

A pair with its sides exchanged: the models that have not seen it are the same, so its margin changes sign to the bit.
$ pref-synth -q -n 60 --bare -s 4 -o a.jsonl; pref-plant -q -s 2 --flip 0.02 a.jsonl >b.jsonl; line=$(grep -n swapped b.jsonl | cut -d: -f 1)
$ for f in a b; do pref-flip -q --rate 0.1 --seeds 2 --folds 3 $f.jsonl | sed -n "$line"p | grep -o '"margin".*_std":[0-9.]*'; done | sed 's/-//' | uniq | wc -l
> 1

What judges that cost money would be asked: nothing of ties and equal responses. Records pass unchanged.
$ pref-flip -J http:j --action drop --dry-run --prices prices
$ pref-flip -q -J http:j --emit-batch batch -o /dev/null in; grep -c custom_id batch
$ pref-flip -q -J length --dry-run in; pref-flip -q --dry-run in; pref-flip -q -J http:j --max-cost 1 in
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
> {"chosen":"a","rejected":"b"}
> {"chosen":"a","rejected":"a"}
> {"chosen":"a","rejected":"b","verdict":"tie"}
> 2
! pref-flip: 3 read, 3 kept, 0 dropped, 0 bad, 0.0 s
! pref-flip: to_ask: 2 requests, 0 in the journal, about 90 tokens in, at most 20 out, cost up to 0.00011
! pref-flip: --dry-run and --emit-batch are for judges over HTTP
! pref-flip: --dry-run and --emit-batch are for judges over HTTP
! pref-flip: --max-cost wants --prices
? 2
