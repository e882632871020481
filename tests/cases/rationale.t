pref-rationale: attach to each pair why its chosen response is better

From the critique of a data set, here with the places of the responses in it.
$ pref-rationale --field critique pairs.jsonl
@ pairs.jsonl
| {"prompt":"Name a colour.","chosen":"Blue.","rejected":"A car.","chosen_position":2,"critique":"Response 2 names a colour, but Response 1 does not."}
> {"prompt":"Name a colour.","chosen":"Blue.","rejected":"A car.","chosen_position":2,"critique":"Response 2 names a colour, but Response 1 does not.","rationale":"The better response names a colour, but the other response does not.","rationale_prompt":"This was asked:\nName a colour.\n\nThe better response:\nBlue.\n\nThe other response:\nA car.\n\nWhy is the better response better?"}
! pref-rationale: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-rationale: rationales: 1, of 1 pairs

From the rules that decide, without a model.
$ printf '%s\n' '+2 reason: /because/' '-1 sorry: /sorry/i' '+1 words: words 1..' >a.rules
$ pref-rationale -q --rules a.rules pairs.jsonl | grep -o '"rationale":"[^:]*: [^,]*, [^,]*'
@ pairs.jsonl
| {"prompt":"Why?","chosen":"Yes, because it is so.","rejected":"Sorry, I do not know."}
> "rationale":"By the rules the better response has 3 points and the other response 0: \"reason\" 2 to 0, \"sorry\" 0 to -1."
----
Critiques of real data sets: places in all their names, verdicts that are left out or are not the label, and what is said of many pairs.
$ pref-rationale --field c --need --rejects rejects in | grep -o '"rationale":"[^"]*"'; grep -o '"faults":{[^}]*}\|"said.*' rejects
@ in
| {"chosen":"x","rejected":"y","chosen_position":1,"c":"Output (a) is better.\n\nOutput (a) is exact where Output (b) rambles. Therefore, Output (a) is better."}
| {"chosen":"x","rejected":"z","chosen_position":2,"c":"The first answer is exact. Therefore, Output (a) is better."}
| {"chosen":"x","rejected":"u","c":"Output (a) is exact where (b) rambles."}
| {"chosen":"x","rejected":"v","c":["It is more to the point.","It gives its reasons.","It gives its reasons."]}
| {"chosen":"x","rejected":"w","c":"it is  more to the point."}
| {"chosen":"x","rejected":"v","c":"It is more to the point."}
> "rationale":"The better response is exact where the other response rambles."
> "rationale":"It is more to the point."
> "faults":{"disagrees":1}
> "said":"The first answer is exact. Therefore, Output (a) is better."}}
> "faults":{"order":1}
> "said":"Output (a) is exact where (b) rambles."}}
> "faults":{"duplicate":1}
> "said":"it is  more to the point."}}
! pref-rationale: 6 read, 3 kept, 3 dropped (no-rationale 3), 0 bad, 0.0 s
! pref-rationale: rationales: 4, of 3 pairs; not used: order 1, disagrees 1, duplicate 2


From the tests that decided; what does not decide gives no rationale.
$ pref-rationale --tests --need --rejects rejects in | grep -o '"rationale":"[^"]*"'; grep -o '"dropped.*' rejects
@ in
| {"prompt":"p","chosen":"a","rejected":"b","tests_chosen":{"pass":2,"of":2},"tests_rejected":{"pass":1,"of":2,"why":"SystemExit\nline 2"}}
| {"prompt":"p","chosen":"a","rejected":"b","tests_chosen":{"pass":1,"of":2},"tests_rejected":{"pass":1,"of":2}}
| {"prompt":"p","chosen":"a","rejected":"b"}
> "rationale":"The better response passes 2 of 2 tests, the other response 1 of 2: SystemExit."
> "dropped":{"reason":"no-rationale","faults":{"undecided":1}}}
> "dropped":{"reason":"no-rationale","faults":{"undecided":1}}}
! pref-rationale: 3 read, 1 kept, 2 dropped (no-rationale 2), 0 bad, 0.0 s
! pref-rationale: rationales: 1, of 1 pairs; not used: undecided 2

Checks, several texts, and a rationale that was there. Each fault is counted.
$ pref-rationale --field why --min-words 3 --max-words 8 --max-copied 4 in --report report | sed 's/,"rationale_prompt.*//'; grep -o '"faults":{[^}]*}' report
@ in
| {"prompt":"p","chosen":"a b c d e f","rejected":"b","why":["It says more.","","No","One two three four five six seven eight nine","Response A is so much better","It has a b c d in it","It says it well."]}
| {"prompt":"p","chosen":"a","rejected":"b","why":"The first one is good.","rationale":"old","rationale_prompt":"older"}
| {"prompt":"p","chosen":"a","rejected":"b"}
> {"prompt":"p","chosen":"a b c d e f","rejected":"b","why":["It says more.","","No","One two three four five six seven eight nine","Response A is so much better","It has a b c d in it","It says it well."],"rationale":["It says more.","It has a b c d in it","It says it well."]
> {"prompt":"p","chosen":"a","rejected":"b","why":"The first one is good.","source_rationale":"old"}
> {"prompt":"p","chosen":"a","rejected":"b"}
> "faults":{"empty":2,"short":1,"long":1,"order":2}
! pref-rationale: 3 read, 3 kept, 0 dropped, 0 bad, 0.0 s
! pref-rationale: rationales: 3, of 1 pairs; not used: empty 2, short 1, long 1, order 2

Turned round, a pair has no rationale any more.
$ pref-rationale -q --field why in | pref-plant -q --flip 1
@ in
| {"prompt":"p","chosen":"a","rejected":"b","why":"It says it well."}
> {"prompt":"p","chosen":"b","rejected":"a","why":"It says it well.","source_rationale":"It says it well.","swapped":true}

A model that was never trained says nothing that could be used; the same for any number of threads.
$ python3 $PREF_ROOT/tests/tiny_model.py tiny; printf '%s\n' 'judge: rationale' '[user]' '{A} {B}' >t.judge
$ for j in 1 2; do pref-rationale -j $j -m tiny/model.bin --template t.judge -n 3 --max-tokens 5 in; done
@ in
| {"prompt":"p","chosen":"the cat","rejected":"a hat"}
> {"prompt":"p","chosen":"the cat","rejected":"a hat"}
> {"prompt":"p","chosen":"the cat","rejected":"a hat"}
! pref-rationale: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-rationale: rationales: 0, of 0 pairs; not used: cut 3
! pref-rationale: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-rationale: rationales: 0, of 0 pairs; not used: cut 3

What pref-train learns from: the loss is that of the pair and more.
$ $PREF_ROOT/tests/tiny_pairs.py 1 >/dev/null
$ pref-rationale -q --field why in >r; for l in dpo rationale; do pref-train dpo -q -m model.bin -o $l --loss $l r; grep -o '"loss":0.6931' $l/metrics.jsonl || echo more; done
@ in
| {"prompt":"the","chosen":"in","rejected":"er","why":["it is in the house","it is not"]}
| {"prompt":"the","chosen":"in","rejected":"er","why":"it is in the house"}
> "loss":0.6931
> more

# The command line.

$ pref-rationale 2>&1; pref-rationale --tests --field x 2>&1; pref-rationale --tests --dry-run 2>&1; pref-rationale --tests --min-words 9 --max-words 8 2>&1
> pref-rationale: one of --http, --model, --field, --rules and --tests says where rationales come from
> pref-rationale: one of --http, --model, --field, --rules and --tests says where rationales come from
> pref-rationale: --dry-run and --emit-batch are for --http
> pref-rationale: --min-words is above --max-words: nothing would be good
? 2

$ echo 'judge: rating' >x; pref-rationale -m none --template x 2>&1; pref-rationale -m none 2>&1; printf '%s\n' 'judge: pairwise' '[user]' '{A}{B}{better}' >y; pref-rationale -m none --template y 2>&1
> pref-rationale: x: there is no template: a section [user]
> pref-rationale: none: cannot open: No such file or directory
> pref-rationale: y: {better} would tell the judge the label: it is for judge: rationale
? 2

$ pref-rationale -q --tests --bad skip
< {"chosen":"a"}
! pref-rationale: (stdin):1: no member "rejected"
? 1

What is dropped is not kept in memory either (a sanitizer sees it in the exit status, which no pipe hides).
$ pref-rationale -q --field f --need
< {"prompt":"p","chosen":"a","rejected":"b","f":"a"}

Of several rationales the mean is learned, texts or token ids.
$ $PREF_ROOT/tests/tiny_pairs.py 1 >/dev/null
$ for f in a b ab ids; do pref-train dpo -q -m model.bin -o $f --loss rationale --gamma 1 $f.in; grep -o '"loss":[0-9.]*' $f/metrics.jsonl | head -n 1; done | awk -F: '{ x[NR] = $2 } END { m = (x[1] + x[2]) / 2; print (x[1] != x[2]), (x[3] - m < 1e-4), (m - x[3] < 1e-4), (x[4] > 0.7) }'
@ a.in
| {"prompt":"the","chosen":"in","rejected":"er","rationale":"it is in the house","rationale_prompt":"the house"}
@ b.in
| {"prompt":"the","chosen":"in","rejected":"er","rationale":"no","rationale_prompt":"the house"}
@ ab.in
| {"prompt":"the","chosen":"in","rejected":"er","rationale":["it is in the house","no"],"rationale_prompt":"the house"}
@ ids.in
| {"prompt_ids":[5,6],"chosen_ids":[7],"rejected_ids":[8],"rationale_ids":[[9,10],[11]],"rationale_prompt_ids":[12,13]}
> 1 1 1 1
