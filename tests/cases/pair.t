pref-pair: pairs out of several responses

The best against the worst; what is known of a response goes with it.
$ pref-pair -q
< {"id":7,"prompt":"A fruit?","responses":[{"text":"Kale.","score":1,"model":"m1"},{"text":"Apple.","score":3.10,"model":"m2"},{"text":"Tomato.","score":2}]}
> {"prompt":"A fruit?","chosen":"Apple.","rejected":"Kale.","score_chosen":3.10,"chosen_model":"m2","score_rejected":1,"rejected_model":"m1","margin":2.1,"id":7}

Every two whose scores by one judge differ by 1 or more.
$ pref-pair -q --all --by rm --min-gap 1
< {"id":7,"prompt":"A fruit?","responses":[{"text":"Kale.","scores":{"rm":0.5,"length":5}},{"text":"Apple.","scores":{"length":6,"rm":2.5}},{"text":"Tomato.","scores":{"rm":1}}]}
> {"prompt":"A fruit?","chosen":"Apple.","rejected":"Tomato.","scores":{"rm":[2.5,1]},"score_chosen":2.5,"score_rejected":1,"margin":1.5,"source_id":7}
> {"prompt":"A fruit?","chosen":"Apple.","rejected":"Kale.","scores":{"length":[6,5],"rm":[2.5,0.5]},"score_chosen":2.5,"score_rejected":0.5,"margin":2,"source_id":7}

What passed all tests against what did not, two pairs at most, none with a response that another pair could have done without.
$ pref-pair -q --by pass --max-per-prompt 2 | grep -o '"chosen":.*,"score_c'
< {"prompt":"p","responses":[{"text":"a","tests":{"pass":4,"of":4}},{"text":"b","tests":{"pass":3,"of":4}},{"text":"c","tests":{"pass":4,"of":4}},{"text":"d","tests":{"pass":0,"of":4}},{"text":"e","tests":{"pass":2,"of":4}}]}
> "chosen":"a","rejected":"e","score_c
> "chosen":"c","rejected":"d","score_c

Open-Assistant trees, every two answers to one message; the first of these is one that pref-convert would have made itself.
$ pref-convert -q --candidates | pref-pair --all
< {"message_tree_id":"t1","prompt":{"message_id":"m1","text":"Q","role":"prompter","replies":[{"message_id":"m2","text":"A","role":"assistant","rank":1,"replies":[]},{"message_id":"m3","text":"B","role":"assistant","rank":0,"replies":[]},{"message_id":"m4","text":"C","role":"assistant","rank":2,"replies":[]}]}}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"B"}],"rejected":[{"role":"assistant","content":"A"}],"score_chosen":0,"chosen_message_id":"m3","chosen_rank":0,"score_rejected":-1,"rejected_message_id":"m2","rejected_rank":1,"margin":1,"parent_id":"m1","message_tree_id":"t1"}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"B"}],"rejected":[{"role":"assistant","content":"C"}],"score_chosen":0,"chosen_message_id":"m3","chosen_rank":0,"score_rejected":-2,"rejected_message_id":"m4","rejected_rank":2,"margin":2,"parent_id":"m1","message_tree_id":"t1"}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"A"}],"rejected":[{"role":"assistant","content":"C"}],"score_chosen":-1,"chosen_message_id":"m2","chosen_rank":1,"score_rejected":-2,"rejected_message_id":"m4","rejected_rank":2,"margin":1,"parent_id":"m1","message_tree_id":"t1"}
! pref-pair: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-pair: pairs: 3 made

----

Why there is no pair: one response; equal ones; without values; of one value; too near to each other. A pair stays as it is.
$ pref-pair --min-gap 2 -r no.jsonl; grep -o '"id.*"prompt\|"reason".*"' no.jsonl
< {"id":1,"prompt":"p","responses":[{"text":"a","score":1}]}
< {"id":2,"prompt":"p","responses":[{"text":"a","score":1},{"text":"\u0061","score":5}]}
< {"id":3,"prompt":"p","responses":[{"text":"a","score":1},{"text":"b"},{"text":"c","score":null}]}
< {"id":4,"prompt":"p","responses":[{"text":"a","score":1},{"text":"b","score":1.0}]}
< {"id":5,"prompt":"p","responses":[{"text":"a","score":1},{"text":"b","score":2.5}]}
< {"id":6,"prompt":"p",  "chosen":"x","rejected":"y"}
< {"id":7,"prompt":"p","responses":[]}
> {"id":6,"prompt":"p",  "chosen":"x","rejected":"y"}
> "id":1,"prompt
> "reason":"single"
> "id":2,"prompt
> "reason":"same"
> "id":3,"prompt
> "reason":"unscored"
> "id":4,"prompt
> "reason":"tie"
> "id":5,"prompt
> "reason":"gap"
> "id":7,"prompt
> "reason":"single"
! pref-pair: 7 read, 1 kept, 6 dropped (single 2, gap 1, same 1, tie 1, unscored 1), 0 bad, 0.0 s
! pref-pair: equal: 1 responses left out: equal to another of their prompt
! pref-pair: valueless: 2 responses left out: nothing to rank them by

An equal response without a value gives way to one that has it; messages that carry different images are different.
$ pref-pair -q --all | grep -o '"chosen".*'
< {"prompt":"p","responses":[{"text":"a"},{"text":"b","score":1},{"text":"a","score":2},{"text":"a","score":0}]}
< {"prompt":[{"role":"user","content":"q"}],"responses":[{"messages":[{"role":"assistant","content":"x","image":"i1"}],"score":1},{"messages":[{"role":"assistant","content":"x","image":"i2"}],"score":2}]}
> "chosen":"a","rejected":"b","score_chosen":2,"score_rejected":1,"margin":1}
> "chosen":[{"role":"assistant","content":"x","image":"i2"}],"rejected":[{"role":"assistant","content":"x","image":"i1"}],"score_chosen":2,"score_rejected":1,"margin":1}

Equal when normalised.
$ pref-pair -q in.jsonl; pref-pair -n in.jsonl
@ in.jsonl
| {"prompt":"p","responses":[{"text":"Yes.","score":1},{"text":" yes.\n","score":2}]}
> {"prompt":"p","chosen":" yes.\n","rejected":"Yes.","score_chosen":2,"score_rejected":1,"margin":1}
! pref-pair: 1 read, 0 kept, 1 dropped (same 1), 0 bad, 0.0 s
! pref-pair: equal: 1 responses left out: equal to another of their prompt

By rank, where lower is better, there is no margin. Score comes before it, and it is said which decides.
$ pref-pair -q --by rank in.jsonl; pref-pair -q in.jsonl
@ in.jsonl
| {"prompt":"p","responses":[{"text":"a","rank":1,"score":1},{"text":"b","rank":2,"score":2}]}
> {"prompt":"p","chosen":"a","rejected":"b","chosen_rank":1,"score_chosen":1,"rejected_rank":2,"score_rejected":2}
> {"prompt":"p","chosen":"b","rejected":"a","score_chosen":2,"chosen_rank":2,"score_rejected":1,"rejected_rank":1,"margin":1}

Ties in the middle, at the ends; neighbours.
$ pref-pair -q --adjacent in.jsonl | grep -o '"chosen".*rejected":"."'; pref-pair -q in.jsonl | grep -o '"chosen".*rejected":"."'
@ in.jsonl
| {"prompt":"p","responses":[{"text":"a","score":1},{"text":"b","score":2},{"text":"c","score":2},{"text":"d","score":3},{"text":"e","score":3},{"text":"f","score":1}]}
> "chosen":"e","rejected":"b"
> "chosen":"c","rejected":"a"
> "chosen":"d","rejected":"f"

Members of the record that would say of the pair what it does not are renamed; those that a pair writes itself are not written twice.
$ pref-pair -q
< {"verdict":"error","why":"w","margin":9,"scores":{},"chosen_model":"z","a\"b":1,"prompt":"p","responses":[{"text":"a","score":1,"model":"m"},{"text":"b","score":2,"model":"n","\u006d\"":1}],"source_why":0}
> {"prompt":"p","chosen":"b","rejected":"a","score_chosen":2,"chosen_model":"n","chosen_m\"":1,"score_rejected":1,"rejected_model":"m","margin":1,"source_verdict":"error","source_source_why":"w","source_margin":9,"source_scores":{},"a\"b":1,"source_why":0}

Lists, best first, each response as it was written.
$ pref-pair --lists
< {"id":1,"prompt":"p","responses":[{"text":"a","score":1.0},{"text":"b","score":2 },{"text":"a","score":3},{"text":"c"},{"text":"d","score":1}]}
< {"id":2,"prompt":"p","responses":[{"text":"a","score":1},{"text":"b","score":1}]}
> {"prompt":"p","responses":[{"text":"b","score":2 },{"text":"a","score":1.0},{"text":"d","score":1}],"id":1}
! pref-pair: 2 read, 1 kept, 1 dropped (tie 1), 0 bad, 0.0 s
! pref-pair: lists: 1 ranked
! pref-pair: equal: 1 responses left out: equal to another of their prompt
! pref-pair: valueless: 1 responses left out: nothing to rank them by

Without balance the long one wins every time; with it, what is chosen brings the sum back.
$ pref-pair -q --by pass in.jsonl | grep -o '"chosen".*"score_c'; pref-pair --by pass --balance-length in.jsonl | grep -o '"chosen".*"score_c'
@ in.jsonl
| {"prompt":"p","responses":[{"text":"aaaa","tests":{"pass":1,"of":1}},{"text":"b","tests":{"pass":0,"of":1}}]}
| {"prompt":"q","responses":[{"text":"aaaa","tests":{"pass":1,"of":1}},{"text":"b","tests":{"pass":0,"of":1}},{"text":"c","tests":{"pass":1,"of":1}},{"text":"dddd","tests":{"pass":0,"of":1}}]}
> "chosen":"aaaa","rejected":"b","score_c
> "chosen":"aaaa","rejected":"dddd","score_c
> "chosen":"aaaa","rejected":"b","score_c
> "chosen":"c","rejected":"dddd","score_c
! pref-pair: 2 read, 2 kept, 0 dropped, 0 bad, 0.0 s
! pref-pair: pairs: 2 made
! pref-pair: longer: 1 pairs whose chosen is the longer one

What is neither candidates nor a pair.
$ pref-pair --bad skip
< {"prompt":"p","responses":[{"text":"a","score":1},{"model":"m"}]}
< {"prompt":"p","responses":{"text":"a"}}
< {"prompt":"p","responses":[{"text":5},{"text":"b"}]}
! pref-pair: (stdin):1:51: a response has neither "text" nor "messages"
! pref-pair: (stdin):2: no member "chosen"
! pref-pair: (stdin):3:28: a response has neither "text" nor "messages"
! pref-pair: 3 read, 0 kept, 0 dropped, 3 bad, 0.0 s
? 1

Scores too far apart for a double have no margin.
$ pref-pair -q
< {"prompt":"p","responses":[{"text":"a","score":-1e308},{"text":"b","score":1e308}]}
> {"prompt":"p","chosen":"b","rejected":"a","score_chosen":1e308,"score_rejected":-1e308}

An array over several lines.
$ pref-pair -q
< [
<  {"prompt": "p", "responses": [
<    {"text": "a", "score": 1},
<    {"text": "b", "score": 2, "x": {
<       "y": 1}}
<  ]}
< ]
> {"prompt":"p","chosen":"b","rejected":"a","score_chosen":2,"chosen_x":{"y": 1},"score_rejected":1,"margin":1}

$ pref-pair --all --adjacent
! pref-pair: --best-worst, --all and --adjacent exclude each other
? 2

$ pref-pair --lists --all
! pref-pair: --lists writes no pairs to choose from
? 2
