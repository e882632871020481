pref-plant: a known share of labels is turned round

All of them, and back: turning twice gives the first values.
$ pref-plant -q --flip 1 | tee once.jsonl; pref-plant -q --flip 1 once.jsonl
< {"prompt":"A fruit?","chosen":"Apple.","rejected":"Carrot.","margin":1.5,"scores":{"rm":[2,0.5]}}
> {"prompt":"A fruit?","chosen":"Carrot.","rejected":"Apple.","margin":-1.5,"scores":{"rm":[0.5,2]},"swapped":true}
> {"prompt":"A fruit?","chosen":"Apple.","rejected":"Carrot.","margin":1.5,"scores":{"rm":[2,0.5]}}

One in five, and how many that were.
$ pref-synth -q -n 1000 --bare -o - | pref-plant --flip 0.2 | grep -c '"swapped":true'
> 183
! pref-plant: 1000 read, 1000 kept, 0 dropped, 0 bad, 0.0 s
! pref-plant: turned round: 183

----

The same pairs, wherever they stand, and more at a greater share.
$ pref-synth -q -n 300 -o pairs.jsonl
$ pref-plant -q --flip 0.1 pairs.jsonl | grep swapped | sort >few; pref-plant -q --flip 0.3 pairs.jsonl | grep swapped | sort >many
$ tail -n 100 pairs.jsonl | pref-plant -q --flip 0.1 | grep swapped | sort | comm -23 - few | wc -l; comm -23 few many | wc -l
> 0
> 0

Another seed, other pairs.
$ pref-synth -q -n 300 -o pairs.jsonl
$ pref-plant -q --flip 0.1 pairs.jsonl >a; pref-plant -q --flip 0.1 -s 2 pairs.jsonl >b; cmp -s a b || echo differ
> differ

Ties and equal responses are left alone; a record that is no pair is bad.
$ pref-plant --flip 1
< {"prompt":"p","chosen":"a","rejected":"b","verdict":"tie"}
< {"prompt":"p","chosen":"a","rejected":"a"}
< {"prompt":"p","chosen":"a"}
> {"prompt":"p","chosen":"a","rejected":"b","verdict":"tie"}
> {"prompt":"p","chosen":"a","rejected":"a"}
!*
? 1
