Scores by length, each with its margin. The closing line goes to standard error.
$ pref-score -J length
< {"prompt":"Name a colour.","chosen":"Blue.","rejected":"A colour is blue."}
< {"prompt":"And one more?","chosen":"Green, which is between them.","rejected":"No."}
> {"prompt":"Name a colour.","chosen":"Blue.","rejected":"A colour is blue.","scores":{"length":[5,17]},"score_chosen":5,"score_rejected":17,"margin":-12}
> {"prompt":"And one more?","chosen":"Green, which is between them.","rejected":"No.","scores":{"length":[29,3]},"score_chosen":29,"score_rejected":3,"margin":26}
! pref-score: 2 read, 2 kept, 0 dropped, 0 bad, 0.0 s

A file of rules is a judge; the shape of the text decides here.
$ pref-score -q -J rules:steps.rules
@ steps.rules
| # steps where steps are asked for, no refusals, no shouting
| +1    steps:    list-items max 3      if prompt /\bsteps?\b/i
| -2    refusal:  refusal
| -0.5  shouts:   /[A-Z]{5,}|!!/
< {"prompt":"Which steps?","chosen":"1. Mix.\n2. Bake.","rejected":"I'm sorry, I cannot help. SORRY!"}
> {"prompt":"Which steps?","chosen":"1. Mix.\n2. Bake.","rejected":"I'm sorry, I cannot help. SORRY!","scores":{"rules":[2,-2.5]},"score_chosen":2,"score_rejected":-2.5,"margin":4.5}

The strength of preference of four reward models whose scores are in the record already: no -J.
$ pref-score -q
< {"chosen":"a","rejected":"b","scores":{"m1":[1.25,0.75],"m2":[0.25,0.5],"m3":[2.0,0.5],"m4":[0.5,0.75]}}
> {"chosen":"a","rejected":"b","scores":{"m1":[1.25,0.75],"m2":[0.25,0.5],"m3":[2.0,0.5],"m4":[0.5,0.75]},"score_chosen":1,"score_rejected":0.625,"margin":0.375,"margin_std":0.7180703308172536}

Two judges on one scale, learnt from the data, and soft labels; only what is clear enough is kept. The unit of
length is 3 words here, that of the rules 1 point.
$ pref-score -J length:words -J rules:r --calibrate --preference --min-margin 0 -r rejects.jsonl
$ cat rejects.jsonl
@ r
| +1 reason: /because/
< {"chosen":"It is so because it is.","rejected":"So it is."}
< {"chosen":"Yes.","rejected":"One because of two."}
< {"chosen":"One because of two.","rejected":"One."}
> {"chosen":"It is so because it is.","rejected":"So it is.","scores":{"length":[6,3],"rules":[1,0]},"score_chosen":1.5,"score_rejected":0.5,"margin":1,"margin_std":0,"preference":0.6}
> {"chosen":"One because of two.","rejected":"One.","scores":{"length":[4,1],"rules":[1,0]},"score_chosen":1.1666666666666665,"score_rejected":0.16666666666666666,"margin":1,"margin_std":0,"preference":0.6}
> {"chosen":"Yes.","rejected":"One because of two.","scores":{"length":[1,4],"rules":[0,1]},"score_chosen":0.16666666666666666,"score_rejected":1.1666666666666665,"margin":-1,"margin_std":0,"preference":0.4,"dropped":{"reason":"margin"}}
! pref-score: 3 read, 2 kept, 1 dropped (margin 1), 0 bad, 0.0 s
! pref-score: calibration: units: length 3, rules 1; temperature 2.466

The difficulty of a pair for DPO: by how much the reference model, whose log-probabilities are in scores.ref, prefers
rejected. Where it has none there is no difficulty.
$ pref-score -q --over m --difficulty ref
< {"chosen":"a","rejected":"b","scores":{"m":[1,0],"ref":[-21,-20]}}
< {"chosen":"a","rejected":"b","scores":{"m":[1,0],"ref":[-21,null]},"difficulty":7}
> {"chosen":"a","rejected":"b","scores":{"m":[1,0],"ref":[-21,-20]},"score_chosen":1,"score_rejected":0,"margin":1,"difficulty":1}
> {"chosen":"a","rejected":"b","scores":{"m":[1,0],"ref":[-21,null]},"score_chosen":1,"score_rejected":0,"margin":1}

A program of yours as a judge: it gets a line for each pair, and answers each with a line before it gets the next.
$ pref-score -q -J "command:python3 ./mine.py"
@ mine.py
| import json, sys
| for line in sys.stdin:
|     pair = json.loads(line)
|     why = {side: pair[side].count("because") for side in ("chosen", "rejected")}
|     print(json.dumps({"id": pair["id"], "scores": [why["chosen"], why["rejected"]]}), flush=True)
< {"prompt":"p","chosen":"So it is.","rejected":"It is so because it is."}
> {"prompt":"p","chosen":"So it is.","rejected":"It is so because it is.","scores":{"command":[0,1]},"score_chosen":0,"score_rejected":1,"margin":-1}

What a language model says, over HTTP: the file says which, where and how it is asked. Here nothing is asked yet.
$ pref-score -J http:mine.judge --dry-run --prices prices
@ mine.judge
| url: http://localhost:8000/v1/chat/completions
| model: small-7b
| set: max_tokens 10
| [user]
| Which answer to {prompt} is better?
| {A}
| {B}
| [[A]], [[B]], or [[C]] if neither is.
@ prices
| # of a million tokens: in, out
| small-7b 0.15 0.60
< {"prompt":"Name a colour.","chosen":"Blue.","rejected":"Seven."}
> {"prompt":"Name a colour.","chosen":"Blue.","rejected":"Seven."}
! pref-score: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-score: to_ask: 2 requests, 0 in the journal, about 168 tokens in, at most 20 out, cost up to 3.72e-05

----

# ---- what is written, and where ----

Members the judge does not know stay byte for byte; its own are put in place of older ones.
$ pref-score -q -J length
< {"margin": 99, "x" : 1.10, "chosen":"\u00e9\n","rejected":"", "scores": {"z": [ 1.0, 2 ], "length":[0,0]},"y":"\/"}
> {"margin": 0.5, "x" : 1.10, "chosen":"\u00e9\n","rejected":"", "scores": {"z": [ 1.0, 2 ],"length":[2,0]},"y":"\/","score_chosen":1.5,"score_rejected":1,"margin_std":1.5}

Two judges one after the other come to the same as both at once.
$ pref-score -q -J length in | pref-score -q -J rules:r >two; pref-score -q -J length -J rules:r in >one; cmp one two && cat one
@ r
| 0.1 q: questions
@ in
| {"chosen":"What? Why?","rejected":"How?","scores":{"other":[1,2]}}
> {"chosen":"What? Why?","rejected":"How?","scores":{"other":[1,2],"length":[10,4],"rules":[0.2,0.1]},"score_chosen":3.733333333333333,"score_rejected":2.033333333333333,"margin":1.7,"margin_std":3.073543015262137}

Turned round, the margin is negated and the deviation stays.
$ pref-score -q -J length -J length:words --preference
< {"chosen":"one two","rejected":"three"}
< {"chosen":"three","rejected":"one two"}
> {"chosen":"one two","rejected":"three","scores":{"length":[7,5],"length:words":[2,1]},"score_chosen":4.5,"score_rejected":3,"margin":1.5,"margin_std":0.5,"preference":0.817574}
> {"chosen":"three","rejected":"one two","scores":{"length":[5,7],"length:words":[1,2]},"score_chosen":3,"score_rejected":4.5,"margin":-1.5,"margin_std":0.5,"preference":0.182426}

Messages are judged by their contents.
$ pref-score -q -J length
< {"prompt":[{"role":"user","content":"p"}],"chosen":[{"role":"assistant","content":"ab"}],"rejected":[{"role":"assistant","content":"a"}]}
> {"prompt":[{"role":"user","content":"p"}],"chosen":[{"role":"assistant","content":"ab"}],"rejected":[{"role":"assistant","content":"a"}],"scores":{"length":[2,1]},"score_chosen":2,"score_rejected":1,"margin":1}

A trained model is a judge: turned round, a pair's scores are turned round, and candidates get the same.
$ pref-synth -q -n 400 >data </dev/null && pref-train linear -q -o m data </dev/null && pref-score -q -J linear:m >scored
$ grep -o '"linear":[^]}]*' scored | tr -d '[' | tr ':' ',' | cut -d, -f2- | tee numbers | wc -l
$ tr '\n' ',' <numbers | awk -F, '{ print $1 == $4 && $2 == $3, $5 == $1 && $6 == $2, $1 != $2 }'
< {"prompt":"How do I bake?","chosen":"Knead the dough, then let it rest.","rejected":"Not my problem."}
< {"prompt":"How do I bake?","chosen":"Not my problem.","rejected":"Knead the dough, then let it rest."}
< {"prompt":"How do I bake?","responses":[{"text":"Knead the dough, then let it rest."},{"text":"Not my problem."}]}
> 4
> 1 1 1

--over names the judges that count; a deviation of an earlier run over more judges goes.
$ pref-score -q -J length --over length
< {"chosen":"ab","rejected":"a","scores":{"z":[9,1]},"margin_std":7}
> {"chosen":"ab","rejected":"a","scores":{"z":[9,1],"length":[2,1]},"score_chosen":2,"score_rejected":1,"margin":1}

A temperature for the soft label.
$ pref-score -q -J length --preference --temperature 2
< {"chosen":"abc","rejected":"a"}
> {"chosen":"abc","rejected":"a","scores":{"length":[3,1]},"score_chosen":3,"score_rejected":1,"margin":2,"preference":0.731059}

Margins outside the bounds are dropped, those on them kept.
$ pref-score -J length --min-margin -1 --max-margin 1 | tr , '\n' | grep margin
< {"chosen":"aa","rejected":"aaaa"}
< {"chosen":"aa","rejected":"aaa"}
< {"chosen":"aaa","rejected":"aa"}
< {"chosen":"aaaa","rejected":"aa"}
> "margin":-1}
> "margin":1}
! pref-score: 4 read, 2 kept, 2 dropped (margin 2), 0 bad, 0.0 s

# ---- candidates ----

Candidates: every response gets its score; there is no margin.
$ pref-score -q -J length -J length:words
< {"prompt":"p","responses":[{"text":"one two","model":"a","scores":{"rm":1.5}},{"messages":[{"role":"assistant","content":"three"}]}]}
> {"prompt":"p","responses":[{"text":"one two","model":"a","scores":{"rm":1.5,"length":7,"length:words":2},"score":3.5},{"messages":[{"role":"assistant","content":"three"}],"scores":{"length":5,"length:words":1},"score":3}]}

Candidates on one scale.
$ pref-score -q -J length --calibrate --calibration c; cat c
< {"prompt":"p","responses":[{"text":"a"},{"text":"abc"}]}
< {"prompt":"p","responses":[]}
> {"prompt":"p","responses":[{"text":"a","scores":{"length":1},"score":0.5},{"text":"abc","scores":{"length":3},"score":1.5}]}
> {"prompt":"p","responses":[]}
> {"judges":{"length":{"judge":"length","unit":2,"pairs":1}}}

A response without text is a bad record.
$ pref-score -q -J length
< {"prompt":"p","responses":[{"text":"a"},{"model":"b"}]}
! pref-score: (stdin):1:41: response 1 has no text
? 1

# ---- what could not be had ----

A pattern that needs more steps than the limit is an error: no score, no margin, and it says so.
$ pref-score -J rules:r --min-margin 1
@ r
| 1 fuse: /(a+)+$/
< {"chosen":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!","rejected":"b","margin":3}
< {"chosen":"a","rejected":"b"}
> {"chosen":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!","rejected":"b","verdict":"error","why":"rules: rule fuse: pattern needs more steps than the limit"}
> {"chosen":"a","rejected":"b","scores":{"rules":[1,0]},"score_chosen":1,"score_rejected":0,"margin":1}
! pref-score: 2 read, 2 kept, 0 dropped, 0 bad, 0.0 s
! pref-score: failed: 1 (see verdict and why)
! pref-score: no_margin: 1

Another judge's score still counts; a later run that succeeds takes the complaint back.
$ pref-score -q -J length -J rules:bad in >once; cat once; pref-score -q -J rules:good once
@ bad
| 1 fuse: /(a+)+$/
@ good
| 1 fuse: /a+$/
@ in
| {"chosen":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!","rejected":"b"}
> {"chosen":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!","rejected":"b","scores":{"length":[37,1]},"score_chosen":37,"score_rejected":1,"margin":36,"verdict":"error","why":"rules: rule fuse: pattern needs more steps than the limit"}
> {"chosen":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!","rejected":"b","scores":{"length":[37,1],"rules":[0,0]},"score_chosen":18.5,"score_rejected":0.5,"margin":18,"margin_std":18}

Failures and scores both survive the second pass of --calibrate.
$ pref-score -q -J length -J rules:r --calibrate | cut -d, -f3-
@ r
| 1 fuse: /(a+)+$/
< {"chosen":"b","rejected":"bbb"}
< {"chosen":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!","rejected":"b"}
< {"chosen":"bbba","rejected":"b"}
> "scores":{"length":[1,3],"rules":[0,0]},"score_chosen":0.02393650883711734,"score_rejected":0.07180952651135201,"margin":-0.04787301767423468,"margin_std":0.04787301767423468}
> "scores":{"length":[37,1]},"score_chosen":1.7713016539466833,"score_rejected":0.04787301767423468,"margin":1.7234286362724485,"verdict":"error","why":"rules: rule fuse: pattern needs more steps than the limit"}
> "scores":{"length":[4,1],"rules":[1,0]},"score_chosen":0.8028528165350168,"score_rejected":0.02393650883711734,"margin":0.7789163076978994,"margin_std":0.6352972546751955}

A margin too large for a double is absent, and is no reason to drop; so is a mean over candidates.
$ pref-score --min-margin 0 --max-margin 1e300 --preference in
$ pref-score -q in | sed 's/-1e308/1/' | pref-score -q
$ pref-score -q <lists
@ in
| {"chosen":"aa","rejected":"b","scores":{"x":[1e308,-1e308]},"margin":3}
@ lists
| {"prompt":"p","responses":[{"text":"a","scores":{"x":1e308,"y":1e308}},{"text":"b","scores":{"x":1}}]}
> {"chosen":"aa","rejected":"b","scores":{"x":[1e308,-1e308]},"verdict":"error","why":"scores: a mean or margin is too large"}
> {"chosen":"aa","rejected":"b","scores":{"x":[1e308,1]},"score_chosen":1e+308,"score_rejected":1,"margin":1e+308}
> {"prompt":"p","responses":[{"text":"a","scores":{"x":1e308,"y":1e308}},{"text":"b","scores":{"x":1},"score":1}],"verdict":"error","why":"scores: a mean or margin is too large"}
! pref-score: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-score: failed: 1 (see verdict and why)
! pref-score: no_margin: 1

Such a margin teaches no unit, and leaves that of the others finite.
$ pref-score -q --calibrate --calibration c >/dev/null; cat c
< {"chosen":"a","rejected":"b","scores":{"x":[1e308,-1e308]}}
< {"chosen":"a","rejected":"b","scores":{"x":[3,1]}}
< {"chosen":"a","rejected":"b","scores":{"x":[1e200,1]}}
> {"judges":{"x":{"unit":2,"pairs":1}},"temperature":1.4427}

Someone else's verdict is not touched.
$ pref-score -q -J length
< {"chosen":"a","rejected":"b","verdict":"B","why":"http: said so"}
> {"chosen":"a","rejected":"b","verdict":"B","why":"http: said so","scores":{"length":[1,1]},"score_chosen":1,"score_rejected":1,"margin":0}

No pair and no candidates: a bad record.
$ pref-score -q -J length --bad skip
< {"chosen":"a"}
< {"chosen":"a","rejected":7}
< {"chosen":"a","rejected":"b","scores":[1,2]}
< {"chosen":"a","rejected":"b","scores":null}
> {"chosen":"a","rejected":"b","scores":{"length":[1,1]},"score_chosen":1,"score_rejected":1,"margin":0}
! pref-score: (stdin):1: no member "rejected"
! pref-score: (stdin):2:26: "rejected" is neither a string nor messages
! pref-score: (stdin):3:39: "scores" is not an object
? 1

# ---- calibration files ----

A scale that is kept is applied in one pass; what it does not know is left out of the mean.
$ pref-score -q -J length --calibrate --calibration c first >/dev/null; cat c; pref-score -q -J length --preference --calibration c
@ first
| {"chosen":"aaaa","rejected":"aa"}
< {"chosen":"aaa","rejected":"a","scores":{"new":[100,0]}}
> {"judges":{"length":{"judge":"length","unit":2,"pairs":1}},"temperature":1.4427}
> {"chosen":"aaa","rejected":"a","scores":{"new":[100,0],"length":[3,1]},"score_chosen":1.5,"score_rejected":0.5,"margin":1,"preference":0.666666}

A scale of another measure is warned of, one that lacks the judge refused, and so is what is none.
$ pref-score -q -J length:words --calibration c </dev/null; pref-score -J rules:r --calibration c </dev/null; echo $?; pref-score -J length --calibration r </dev/null
@ c
| {"judges":{"length":{"judge":"length","unit":2,"pairs":1}}}
@ r
| 1 a: words
> 2
! pref-score: c was made for -J length, not -J length:words
! pref-score: c knows no judge rules
! pref-score: r: text after the value
? 2

Units that make every score infinite, or 0, are refused.
$ for c in small large cold; do pref-score -J length --calibration $c </dev/null; echo $?; done
@ small
| {"judges":{"length":{"unit":1e-320,"pairs":1}}}
@ large
| {"judges":{"length":{"unit":1e300,"pairs":1}}}
@ cold
| {"judges":{"length":{"unit":1,"pairs":1}},"temperature":1e-320}
> 2
> 2
> 2
! pref-score: small: a unit is not in 1e-200..1e200
! pref-score: large: a unit is not in 1e-200..1e200
! pref-score: cold: the temperature is not in 1e-200..1e200

The scale is not written over the input, nor over the output.
$ pref-score -J length --calibrate --calibration in -o out in; echo $?; cat in
$ pref-score -J length --calibrate --calibration out -o out in; echo $?; ls
@ in
| {"chosen":"aa","rejected":"a"}
> 2
> {"chosen":"aa","rejected":"a"}
> 2
> in
! pref-score: in is an input; choose another file for what is written
! pref-score: two outputs would share out

Nothing to learn from, and margins that teach no temperature.
$ : | pref-score -J length --calibrate
$ pref-score -J length --calibrate equal >/dev/null
$ pref-score -J length --calibrate balanced >/dev/null
$ pref-score -q -J length:words --over length --calibrate balanced >/dev/null
@ equal
| {"chosen":"a","rejected":"b"}
@ balanced
| {"chosen":"aa","rejected":"b"}
| {"chosen":"b","rejected":"aa"}
! pref-score: 0 read, 0 kept, 0 dropped, 0 bad, 0.0 s
! pref-score: calibration: no units, as there are no margins
! pref-score: all margins are 0: no temperature
! pref-score: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-score: calibration: units: length 1
! pref-score: the judges contradict the labels as much as they agree: no temperature
! pref-score: 2 read, 2 kept, 0 dropped, 0 bad, 0.0 s
! pref-score: calibration: units: length 1
! pref-score: all margins are 0: no temperature

Margins that contradict the labels have no temperature.
$ pref-score -J length --calibrate
< {"chosen":"a","rejected":"aa"}
> {"chosen":"a","rejected":"aa","scores":{"length":[1,2]},"score_chosen":1,"score_rejected":2,"margin":-1}
! pref-score: the judges contradict the labels more than they agree: no temperature
! pref-score: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-score: calibration: units: length 1

# ---- the command line ----

An unknown judge.
$ pref-score -J wisdom
!*
? 2

A wrong rule is found before any record is read.
$ pref-score -J rules:r
@ r
| 1 a: /x/
| 1 b: /y(/
< {"chosen":"a","rejected":"b"}
! pref-score: r:2:9: missing closing parenthesis (at offset 2 of the pattern)
? 2

$ pref-score -J length --min-margin 2 --max-margin 1
! pref-score: --min-margin is above --max-margin: nothing would be kept
? 2

$ pref-score -J length --temperature 2
! pref-score: --temperature is for --preference
? 2

$ pref-score -J rules:missing
! pref-score: missing: No such file or directory
? 3

$ pref-score -J help | cut -d: -f1
>   length
>   rules
>   linear
>   lm
>   http
>   command
>   tests

$ pref-score -q -J length

Difficulty with calibration, without a margin, and of candidates, which have none.
$ pref-score -q --over m --difficulty ref --calibrate
< {"chosen":"a","rejected":"b","scores":{"m":[2,0],"ref":[-21,-20]}}
< {"chosen":"a","rejected":"b","scores":{"ref":[-20.5,-21]}}
< {"chosen":"a","rejected":"b","scores":{"m":[2,0],"ref":[-1e308,1e308]}}
< {"prompt":"p","responses":[{"text":"a","scores":{"ref":-2}},{"text":"b","scores":{"ref":-1}}]}
> {"chosen":"a","rejected":"b","scores":{"m":[2,0],"ref":[-21,-20]},"score_chosen":1,"score_rejected":0,"margin":1,"difficulty":1}
> {"chosen":"a","rejected":"b","scores":{"ref":[-20.5,-21]},"difficulty":-0.5}
> {"chosen":"a","rejected":"b","scores":{"m":[2,0],"ref":[-1e308,1e308]},"score_chosen":1,"score_rejected":0,"margin":1}
> {"prompt":"p","responses":[{"text":"a","scores":{"ref":-2}},{"text":"b","scores":{"ref":-1}}]}

# ---- programs as judges ----

A verdict stands for scores; there is one process, that is asked again and again.
$ pref-score -q -j 1 -J "command:echo started >>starts; sed -u 's/.*\"id\":\([0-9]*\).*/{\"id\":\1,\"verdict\":\"B\"}/'" && cat starts
< {"chosen":"a","rejected":"b"}
< {"chosen":"b","rejected":"a"}
> {"chosen":"a","rejected":"b","scores":{"command":[0,1]},"score_chosen":0,"score_rejected":1,"margin":-1,"verdict":"B"}
> {"chosen":"b","rejected":"a","scores":{"command":[0,1]},"score_chosen":0,"score_rejected":1,"margin":-1,"verdict":"B"}
> started

One that dies is started again and asked once more.
$ pref-score -q -j 1 -J "command:sh judge"; cat starts
@ judge
| echo started >>starts
| read -r line
| [ "$(wc -l <starts)" -gt 1 ] && echo "$line" | sed 's/"prompt".*/"scores":[3,2]}/'
< {"prompt":"p","chosen":"a","rejected":"b"}
> {"prompt":"p","chosen":"a","rejected":"b","scores":{"command":[3,2]},"score_chosen":3,"score_rejected":2,"margin":1}
> started
> started

Verdicts that are none, with a reason.
$ pref-score -q -J "command:sed -u 's/.*\"id\":\([0-9]*\).*/{\"id\":\1,\"verdict\":\"refused\",\"why\":\"too hard\"}/'"
< {"chosen":"a","rejected":"b"}
> {"chosen":"a","rejected":"b","verdict":"refused","why":"command: too hard"}

What breaks the rules: another id, no JSON, no scores, a score that is no number, silence, a line without end.
$ for reply in '{"id":0,"scores":[1,2]}' '[1,2]' '{"id"' ; do pref-score -q -J "command:while read -r l; do echo '$reply'; done" in; done | grep -o '"why.*'
$ pref-score -q -J "command:sed -u 's/,.*/}/'" in | grep -o '"why.*'
$ pref-score -q -J "command:sed -u 's/,.*/,\"scores\":[1,\"2\"]}/'" in | grep -o '"why.*'
$ pref-score -q --command-timeout 0.1 -J "command:sleep 3" in | grep -o '"why.*'
$ pref-score -q -J "command:tr a b </dev/zero" in | grep -o '"why.*'
@ in
| {"chosen":"a","rejected":"b"}
> "why":"command: its line has another id"}
> "why":"command: its line is no JSON object"}
> "why":"command: its line is no JSON object"}
> "why":"command: its line has neither scores nor a verdict"}
> "why":"command: its line has neither scores nor a verdict"}
> "why":"command: it did not answer in time"}
> "why":"command: its line is too long"}

Ten failures in a row end the run.
$ for i in 1 2 3 4 5 6; do echo '{"chosen":"a","rejected":"b"}'; done | pref-score -q -j 1 -J "command:exit 1"
! pref-score: exit 1: 10 failures in a row; the last: it ended
? 3

Candidates; an order that depends on nobody's threads.
$ pref-score -q -J "command:sed -u 's/,\"prompt.*response\":\"\([0-9]*\).*/,\"score\":\1}/'"
< {"prompt":"p","responses":[{"text":"3"},{"text":"12"}]}
> {"prompt":"p","responses":[{"text":"3","scores":{"command":3},"score":3},{"text":"12","scores":{"command":12},"score":12}]}

$ pref-score -q -J command
! pref-score: -J command wants a command: -J command:./judge.py
? 2

# ---- over HTTP: tests/http.sh has a server ----

$ pref-score -q -J http
! pref-score: -J http wants a file: -J http:FILE
? 2

$ pref-score -q -J length --dry-run
! pref-score: --dry-run and --emit-batch are for judges over HTTP
? 2

A journal is an output: it is no input and no other file that is read or written, and no other judge writes it.
$ cp in k; cp j other
$ for f in k "-o k in" "-r ./k in" "--report k in" "--emit-batch k in" "--ingest-batch k in" "--prices k in"; do pref-score -q -J http:j $f; echo $?; done
$ cmp in k; rm k; pref-score -q -J http:j -J http:other in
@ j
| url: http://localhost/v1/chat/completions
| model: m
| journal: k
| set: max_tokens 10
| [user]
| {A}{B}
@ in
| {"chosen":"a","rejected":"b"}
> 2
> 2
> 2
> 2
> 2
> 2
> 2
! pref-score: k is an input; choose another file for what is written
! pref-score: two outputs would share k
! pref-score: two outputs would share k
! pref-score: two outputs would share k
! pref-score: two outputs would share k
! pref-score: k is read; choose another file for what is written
! pref-score: k is read; choose another file for what is written
! pref-score: two outputs would share k
? 2

A batch file, in input order; its name is no name of another file.
$ pref-score -q -J http:j --emit-batch batch in >/dev/null && sed 's/"custom_id":"[0-9a-f]*"/ID/; s/-[0-9a-f]\{16\}/-X/g' batch
$ pref-score -q -J http:j --emit-batch in in >/dev/null
@ j
| url: http://localhost/v1/chat/completions
| model: m
| orders: one
| journal: k
| set: max_tokens null
| [user]
| {A}{B}
@ in
| {"chosen":"a\u0000","rejected":"a\u0000"}
> {ID,"method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[{"role":"user","content":"<A-X>\na\u0000\n</A-X><B-X>\na\u0000\n</B-X>"}],"temperature":0}}
! pref-score: in is an input; choose another file for what is written
? 2
