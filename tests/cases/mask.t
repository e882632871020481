pref-mask: say which sentences of a pair's responses training should look at

By a rule: what is only guessed is wrong. Of chosen the right sentences count, of rejected the wrong ones.
$ printf '%s\n' '-1 guess: /\bprobably\b/i' >guess.rules
$ pref-mask -J rules:guess.rules --below 0 pairs.jsonl
@ pairs.jsonl
| {"prompt":"When?","chosen":"In 1903. Probably in May. It was cold.","rejected":"It was long ago. Probably in 1800."}
> {"prompt":"When?","chosen":"In 1903. Probably in May. It was cold.","rejected":"It was long ago. Probably in 1800.","mask":{"chosen":[[0,9],[26,38]],"rejected":[[17,34]]}}
! pref-mask: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-mask: masks: 1; 2 of 5 sentences wrong

By marks of errors, in characters, of one kind; a side without marks is kept whole.
$ pref-mask -q --spans feedback --type Wrong pairs.jsonl | grep -o '"mask.*'
@ pairs.jsonl
| {"chosen":"H\u00e4 ja. So. No.","rejected":"x","chosen_feedback":{"errors":[{"error type":"Wrong","start":7,"end":9},{"error type":"Dull","start":0,"end":2}]}}
> "mask":{"chosen":[[0,8],[12,15]]}}
----

Marks touch what they lie in: blanks between sentences are in none, and a mark may span several. All sides.
$ pref-mask --spans m in | grep -o '"mask.*'
@ in
| {"chosen":"One. Two. Three.","rejected":"One. Two. Three.","chosen_m":[{"start":4,"end":5}],"rejected_m":[{"start":3,"end":6}]}
| {"chosen":"","rejected":"One.\n\nTwo","chosen_m":[],"rejected_m":[]}
| {"chosen":"a","rejected":"b"}
> "mask":{"chosen":[[0,16]],"rejected":[[0,10]]}}
> "mask":{"chosen":[],"rejected":[]}}
! pref-mask: 3 read, 3 kept, 0 dropped, 0 bad, 0.0 s
! pref-mask: masks: 2; 2 of 8 sentences wrong; 2 responses with nothing kept

Marks that are none.
$ pref-mask -q --spans m --bad skip
< {"chosen":"One.","rejected":"b","chosen_m":[{"start":0,"end":5}]}
< {"chosen":"One.","rejected":"b","rejected_m":7}
! pref-mask: (stdin):1:44: a mark has no start and end within the text
! pref-mask: (stdin):2:46: the marks are no array
? 1

A judge that fails on one sentence leaves the record without a mask.
$ printf '%s\n' '-1 x: /(a+)+$/' >r; printf '{"chosen":"So. %s!","rejected":"b"}\n' $(printf 'a%.0s' $(seq 40)) | pref-mask -q -J rules:r --below 0 | grep -o '"rejected.*' | cut -c 1-40
> "rejected":"b","why":"rules: rule x: pat

What pref-train makes of it: bytes become tokens; where nothing counts nothing is learned, where all does it is as without a mask.
$ $PREF_ROOT/tests/tiny_pairs.py 1 >/dev/null
$ for l in none all half; do pref-train dpo -q -m model.bin -o $l --loss mask-dpo $l.in; done; pref-train dpo -q -m model.bin -o plain --loss dpo all.in
$ for l in none all half; do grep -o '"grad_norm":[0-9.e-]*' $l/metrics.jsonl | sort -u; done >norms; sed -n 1p norms; grep -o '"grad_norm":[0-9.e-]*' plain/metrics.jsonl | grep -c "$(sed -n 2p norms)"; sort -u norms | wc -l
@ none.in
| {"prompt":"the","chosen":" In the rain. A cat. ","rejected":"er. A hat.","mask":{"chosen":[],"rejected":[]}}
@ all.in
| {"prompt":"the","chosen":" In the rain. A cat. ","rejected":"er. A hat.","mask":{"chosen":[[0,21]],"rejected":[[0,10]]}}
@ half.in
| {"prompt":"the","chosen":" In the rain. A cat. ","rejected":"er. A hat.","mask":{"chosen":[[0,14]],"rejected":[[4,10]]}}
> "grad_norm":0
> 1
> 3

A mask is that of the text's bytes, in order.
$ $PREF_ROOT/tests/tiny_pairs.py 1 >/dev/null; for m in '[[0,3]]' '[[1,2],[0,1]]' '[[0.5,1]]' '[1]' 7; do echo '{"prompt":"the","chosen":"in","rejected":"er","mask":{"chosen":'$m'}}' | pref-train dpo -q -m model.bin -o x --loss mask-dpo /dev/stdin 2>&1; done
> pref-train: /dev/stdin:1:64: mask is no list of byte ranges of chosen
> pref-train: /dev/stdin:1:64: mask is no list of byte ranges of chosen
> pref-train: /dev/stdin:1:64: mask is no list of byte ranges of chosen
> pref-train: /dev/stdin:1:64: mask is no list of byte ranges of chosen
> pref-train: /dev/stdin:1:64: mask is no list of byte ranges of chosen
? 1

# The command line.

$ pref-mask 2>&1; pref-mask -J length 2>&1; pref-mask --spans x -J length 2>&1; pref-mask -J length --below 1 --type x 2>&1; pref-mask --spans x --dry-run 2>&1
> pref-mask: one of --spans and --judge says which sentences are wrong
> pref-mask: below which score is a sentence wrong? --below X
> pref-mask: one of --spans and --judge says which sentences are wrong
> pref-mask: --type is for --spans
> pref-mask: --dry-run and --emit-batch are for judges over HTTP
? 2
