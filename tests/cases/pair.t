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

The best against any that is worse, by chance (CDR), and against the next that is worse.
$ pref-pair -q --best-random in.jsonl | cut -d , -f 2,3; pref-pair -q --best-random --seed 3 in.jsonl | cut -d , -f 2,3
$ pref-pair -q --best-next in.jsonl | cut -d , -f 2,3
@ in.jsonl
| {"prompt":"p","responses":[{"text":"a","score":3},{"text":"b","score":3},{"text":"c","score":2},{"text":"d","score":1},{"text":"e","score":0}]}
> "chosen":"a","rejected":"e"
> "chosen":"a","rejected":"d"
> "chosen":"a","rejected":"c"

Gold, chosen and rejected, for pref-train --loss tpo (triple preference optimisation).
$ pref-pair -q --triples
< {"prompt":"p","responses":[{"text":"a","score":0},{"text":"b","score":3},{"text":"c","score":2},{"text":"d","score":1},{"text":"e","score":0.5}]}
> {"prompt":"p","responses":[{"text":"b","score":3},{"text":"c","score":2},{"text":"a","score":0}]}

What passed all tests against what did not, two pairs at most, none with a response that another pair could have done without.
$ pref-pair -q --by pass --max-per-prompt 2 | grep -o '"chosen":.*,"score_c'
< {"prompt":"p","responses":[{"text":"a","tests":{"pass":4,"of":4}},{"text":"b","tests":{"pass":3,"of":4}},{"text":"c","tests":{"pass":4,"of":4}},{"text":"d","tests":{"pass":0,"of":4}},{"text":"e","tests":{"pass":2,"of":4}}]}
> "chosen":"a","rejected":"e","score_c
> "chosen":"c","rejected":"d","score_c

A model's judgements of its own answers, in both orders, as pairs with strengths (OSP).
$ pref-pair -q --comparisons --all --preference
< {"prompt":"p","responses":[{"text":"a"},{"text":"b"},{"text":"c"}],"comparisons":[[0,1,"A"],[1,0,"B"],[0,2,"A"],[2,0,"A"],[1,2,"A"],[2,1,"tie"]]}
> {"prompt":"p","chosen":"a","rejected":"b","preference":1}
> {"prompt":"p","chosen":"b","rejected":"c","preference":0.75}

Levels by rules (TRPA): the format and the answer are right, the answer is wrong, the format is.
$ pref-pair -q --all --levels trpa
@ trpa
| format = /\A<think>.*<\/think><answer>.*<\/answer>\z/s
| right:  format correct
| wrong:  format !correct
| broken:
< {"prompt":"6 x 7?","responses":[{"text":"42","correct":true},{"text":"<think>6+7</think><answer>13</answer>","correct":false},{"text":"<think>6*7</think><answer>42</answer>","correct":true}]}
> {"prompt":"6 x 7?","chosen":"<think>6*7</think><answer>42</answer>","rejected":"<think>6+7</think><answer>13</answer>","chosen_level":"right","chosen_correct":true,"rejected_level":"wrong","rejected_correct":false}
> {"prompt":"6 x 7?","chosen":"<think>6*7</think><answer>42</answer>","rejected":"42","chosen_level":"right","chosen_correct":true,"rejected_level":"broken","rejected_correct":true}
> {"prompt":"6 x 7?","chosen":"<think>6+7</think><answer>13</answer>","rejected":"42","chosen_level":"wrong","chosen_correct":false,"rejected_level":"broken","rejected_correct":true}

Factors in order of importance (HERON): tests first; style where these are equal, if it differs by half a standard deviation.
$ pref-pair --all --factor pass --factor style:0.5sd | grep -o '"chosen":"."\|"rejected":"."\|"factor.*' | paste - - -
< {"prompt":"p","responses":[{"text":"A","tests":{"pass":1,"of":1},"scores":{"style":0.2}},{"text":"B","tests":{"pass":1,"of":1},"scores":{"style":0.8}},{"text":"C","tests":{"pass":0,"of":1},"scores":{"style":0.5}},{"text":"D","tests":{"pass":0,"of":1},"scores":{"style":0.9}}]}
> "chosen":"B"	"rejected":"A"	"factor":"style","difference":0.6000000000000001}
> "chosen":"B"	"rejected":"D"	"factor":"pass","difference":1}
> "chosen":"B"	"rejected":"C"	"factor":"pass","difference":1}
> "chosen":"A"	"rejected":"D"	"factor":"pass","difference":1}
> "chosen":"A"	"rejected":"C"	"factor":"pass","difference":1}
> "chosen":"D"	"rejected":"C"	"factor":"style","difference":0.4}
! pref-pair: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-pair: pairs: 6 made
! pref-pair: factors: pass decided 4, style decided 2

A tree of steps: siblings after what came before them (Tree-PLV), with how sure each pair is by its visits (MCTS-DPO).
$ pref-pair -q --all --min-gap 0.25 --visits | cut -d , -f 1-3,11-
< {"prompt":"6 x 7?\n","nodes":[{"id":1,"text":"6 x 7 = 42","value":0.75,"visits":6},{"id":2,"text":"7 + 7 = 14","value":0.625,"visits":5},{"id":3,"text":"Hm.","value":0.125,"visits":2},{"id":4,"parent":1,"text":"So 42.","value":1,"visits":5},{"id":5,"parent":1,"text":"So 24.","value":0,"visits":1}]}
> {"prompt":"6 x 7?\n","chosen":"6 x 7 = 42","rejected":"Hm.","rejected_visits":2,"margin":0.625,"preference":0.75,"depth":0}
> {"prompt":"6 x 7?\n","chosen":"7 + 7 = 14","rejected":"Hm.","rejected_visits":2,"margin":0.5,"preference":0.714286,"depth":0}
> {"prompt":"6 x 7?\n6 x 7 = 42\n","chosen":"So 42.","rejected":"So 24.","rejected_visits":1,"margin":1,"preference":0.833333,"parent":1,"depth":1}

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
! pref-pair: equal: 1 left out, the same as another response to the prompt
! pref-pair: valueless: 2 left out, nothing to rank them by

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
! pref-pair: equal: 1 left out, the same as another response to the prompt

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
! pref-pair: equal: 1 left out, the same as another response to the prompt
! pref-pair: valueless: 1 left out, nothing to rank them by

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

Many responses, of which pairs are made one record at a time: all of n distinct ones are n (n - 1) / 2.
$ awk 'BEGIN { for (r = 1; r <= 30; r++) { printf "{\"id\":%d,\"prompt\":\"p\",\"responses\":[", r; for (i = 1; i <= r; i++) printf "%s{\"text\":\"%d\",\"score\":%d}", (i > 1 ? "," : ""), i, i * 7 % 31; print "]}" } }' >in.jsonl
$ pref-pair --all in.jsonl | sort -u | wc -l; pref-pair -q --all --balance-length --max-per-prompt 20 in.jsonl | sort -u | wc -l
$ cat in.jsonl | pref-pair -q --all --factor score:0.5sd | grep -c '"difference"'
> 4495
> 515
> 3380
! pref-pair: 30 read, 29 kept, 1 dropped (single 1), 0 bad, 0.0 s
! pref-pair: pairs: 4495 made

What is neither candidates nor a pair.
$ pref-pair --bad skip
< {"prompt":"p","responses":[{"text":"a","score":1},{"model":"m"}]}
< {"prompt":"p","responses":{"text":"a"}}
< {"prompt":"p","responses":[{"text":5},{"text":"b"}]}
< {"prompt":"p","responses":[["text"],"text"]}
! pref-pair: (stdin):1:51: a response has neither "text" nor "messages"
! pref-pair: (stdin):2: no member "chosen"
! pref-pair: (stdin):3:28: a response has neither "text" nor "messages"
! pref-pair: (stdin):4:28: a response has neither "text" nor "messages"
! pref-pair: 4 read, 0 kept, 0 dropped, 4 bad, 0.0 s
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
! pref-pair: --best-worst, --best-next, --best-random, --all and --adjacent exclude each other
? 2

$ pref-pair --all --balance-length
! pref-pair: --balance-length chooses of the pairs: say how many with --max-per-prompt
? 2

$ pref-pair --lists --all
! pref-pair: --lists writes no pairs to choose from
? 2

# Comparisons.

Best and worst by win rate; a circle is no ranking, yet every two are a pair; who was in none takes no part.
$ pref-pair --comparisons in.jsonl; pref-pair -q --comparisons --all in.jsonl | grep -o '"chosen":".","rejected":"."'
@ in.jsonl
| {"prompt":"p","responses":[{"text":"a"},{"text":"b"},{"text":"c"},{"text":"d"},{"text":"e"}],"comparisons":[[0,1,"A"],[1,2,"A"],[2,0,"A"],[0,3,"A"],[1,3,"A"],[3,2,"B"]]}
| {"prompt":"q","responses":[{"text":"a"},{"text":"b"},{"text":"c"}],"comparisons":[[0,1,"A"],[1,2,"A"],[2,0,"A"]]}
> {"prompt":"p","chosen":"a","rejected":"d"}
> "chosen":"a","rejected":"b"
> "chosen":"c","rejected":"a"
> "chosen":"a","rejected":"d"
> "chosen":"b","rejected":"c"
> "chosen":"b","rejected":"d"
> "chosen":"c","rejected":"d"
> "chosen":"a","rejected":"b"
> "chosen":"c","rejected":"a"
> "chosen":"b","rejected":"c"
! pref-pair: 2 read, 1 kept, 1 dropped (tie 1), 0 bad, 0.0 s
! pref-pair: pairs: 1 made
! pref-pair: valueless: 1 left out, nothing to rank them by

Judgements on equal responses count for the first of them, and those between them for none; a judge that did not answer.
$ pref-pair --comparisons --all --preference
< {"prompt":"p","responses":[{"text":"a"},{"text":"b"},{"text":"a"}],"comparisons":[[0,1,"A"],[2,1,"A"],[1,2,"A"],[0,2,"B"],[1,0,"tie"],[0,1,"invalid"],[0,1,null]]}
> {"prompt":"p","chosen":"a","rejected":"b","preference":0.625}
! pref-pair: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-pair: pairs: 1 made
! pref-pair: equal: 1 left out, the same as another response to the prompt

$ pref-pair -q --comparisons --bad skip
< {"prompt":"p","responses":[{"text":"a"},{"text":"b"}],"comparisons":[[0,2,"A"]]}
< {"prompt":"p","responses":[{"text":"a"},{"text":"b"}],"comparisons":[[0,0.5,"A"]]}
< {"prompt":"p","responses":[{"text":"a"},{"text":"b"}],"comparisons":[[0,1]]}
< {"prompt":"p","responses":[{"text":"a"},{"text":"b"}],"comparisons":[[0,1,2]]}
< {"prompt":"p","responses":[{"text":"a"},{"text":"b"}],"comparisons":{}}
< {"prompt":"p","responses":[{"text":"a"},{"text":"b"}]}
! pref-pair: (stdin):1:70: a comparison is not [response, response, "A", "B" or "tie"]
! pref-pair: (stdin):2:70: a comparison is not [response, response, "A", "B" or "tie"]
! pref-pair: (stdin):3:70: a comparison is not [response, response, "A", "B" or "tie"]
! pref-pair: (stdin):4:70: a comparison is not [response, response, "A", "B" or "tie"]
! pref-pair: (stdin):5:69: "comparisons" is not an array
? 1

Strength of scores.
$ pref-pair -q --preference --temperature 2 | grep -o '"margin.*'
< {"prompt":"p","responses":[{"text":"a","score":1},{"text":"b","score":5}]}
> "margin":4,"preference":0.880797}

# Levels.

What a response does not have leaves it without a level, unless something else decides; a level of its own is replaced.
$ pref-pair --all --levels rules | grep -o '"chosen":.*'
@ rules
| # best first
| ok = /yes/i   # said
| good: ok pass
| fair: ok !pass
| bad: !ok
< {"prompt":"p","responses":[{"text":"yes 1","tests":{"pass":1,"of":1}},{"text":"yes 2"},{"text":"no","level":9},{"text":"YES 3","tests":{"pass":0,"of":1}}]}
> "chosen":"yes 1","rejected":"YES 3","chosen_level":"good","chosen_tests":{"pass":1,"of":1},"rejected_level":"fair","rejected_tests":{"pass":0,"of":1}}
> "chosen":"yes 1","rejected":"no","chosen_level":"good","chosen_tests":{"pass":1,"of":1},"rejected_level":"bad"}
> "chosen":"YES 3","rejected":"no","chosen_level":"fair","chosen_tests":{"pass":0,"of":1},"rejected_level":"bad"}
! pref-pair: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-pair: pairs: 3 made
! pref-pair: valueless: 1 left out, nothing to rank them by

As a list.
$ pref-pair -q --lists --levels rules
@ rules
| good: /yes/
| bad:
< {"prompt":"p","responses":[{"text":"no","score":7},{"messages":[{"role":"assistant","content":"yes"}]}]}
> {"prompt":"p","responses":[{"messages":[{"role":"assistant","content":"yes"}],"score":0,"level":"good"},{"text":"no","score":-1,"level":"bad"}]}

What is wrong in a file of levels is placed.
$ for f in a b c d e f g h; do pref-pair --levels $f; done
@ a
| good: /x
@ b
| good: /x/
|   worse !
@ c
| good:
@ d
| = /x/
| bad:
@ e
| good: /(/
| bad:
@ f
| good: x
| good:
@ g
| pass: /x/
@ h
| x =   # nothing
! pref-pair: a:1:7: no / ends this pattern
! pref-pair: b:2:3: expected "NAME: ...", a level, or "NAME = ..."
! pref-pair: c: fewer than two levels in it
! pref-pair: d:1:1: expected "NAME: ...", a level, or "NAME = ..."
! pref-pair: e:1:9: missing closing parenthesis (at offset 1 of the pattern)
! pref-pair: f:2:1: a second line named good
! pref-pair: g:1:1: this cannot be a name
! pref-pair: h:1:7: a name for nothing
? 2

$ pref-pair --levels none
!*
? 3

# Factors.

Lower is better; what one of them does not have decides nothing; with margins a circle.
$ pref-pair -q --all --factor -length:1 --factor x a.jsonl | grep -o '"chosen":".","rejected":"."'; pref-pair -q --all --factor x:0.15 --factor y b.jsonl | grep -o '"chosen":".","rejected":".".*'
@ a.jsonl
| {"prompt":"p","responses":[{"text":"a","scores":{"length":9,"x":1}},{"text":"b","scores":{"length":8,"x":2}},{"text":"c","scores":{"x":0}},{"text":"d","scores":{"length":5}}]}
@ b.jsonl
| {"prompt":"p","responses":[{"text":"X","scores":{"x":0.5,"y":3}},{"text":"Y","scores":{"x":0.6,"y":2}},{"text":"Z","scores":{"x":0.7,"y":1}}]}
> "chosen":"d","rejected":"b"
> "chosen":"d","rejected":"a"
> "chosen":"b","rejected":"a"
> "chosen":"b","rejected":"c"
> "chosen":"a","rejected":"c"
> "chosen":"X","rejected":"Y","scores":{"x":[0.5,0.6],"y":[3,2]},"factor":"y","difference":1}
> "chosen":"Z","rejected":"X","scores":{"x":[0.7,0.5],"y":[1,3]},"factor":"x","difference":0.19999999999999996}
> "chosen":"Y","rejected":"Z","scores":{"x":[0.6,0.7],"y":[2,1]},"factor":"y","difference":1}

Each has its own margin, in its own standard deviations, over all of the data: also from a pipe.
$ cat in.jsonl | pref-pair --factor x:1sd --factor y:1sd | grep -o '"factor.*'
@ in.jsonl
| {"prompt":"p","responses":[{"text":"a","scores":{"x":0,"y":0}},{"text":"b","scores":{"x":1,"y":20}}]}
| {"prompt":"q","responses":[{"text":"a","scores":{"x":2,"y":10}},{"text":"b","scores":{"x":9,"y":10}}]}
| {"prompt":"q","responses":[{"text":"a","scores":{"x":2,"y":10}},{"text":"b","scores":{"x":3,"y":11}}]}
> "factor":"y","difference":20}
> "factor":"x","difference":7}
! pref-pair: 3 read, 2 kept, 1 dropped (tie 1), 0 bad, 0.0 s
! pref-pair: pairs: 2 made
! pref-pair: factors: x decided 1, y decided 1

$ pref-pair --factor x:1s
! pref-pair: --factor x:1s: a margin is a number, 0 or more, or one and "sd"
? 2

$ pref-pair --factor -:1
! pref-pair: --factor -:1: a factor wants a name
? 2

$ pref-pair --factor x --by y
! pref-pair: --by, --comparisons, --levels and --factor exclude each other
? 2

$ pref-pair --factor x --min-gap 1
! pref-pair: --min-gap: each --factor has a margin of its own
? 2

$ pref-pair --preference --by rank
! pref-pair: --preference is for scores and comparisons
? 2

$ pref-pair --temperature 2
! pref-pair: --temperature is for --preference from scores
? 2

# Trees.

Ranked lists of whole branches (TPO), with where each step is, in characters; pairs of them.
$ pref-pair -q --lists --branches --by value in.jsonl; pref-pair -q --branches --by value --separator '' in.jsonl
@ in.jsonl
| {"id":1,"prompt":"Q","nodes":[{"id":"c","parent":"a","text":"z","value":0.5},{"id":"a","text":"\u00e9\ud83d\ude00"},{"id":"b","text":"y","value":0.7},{"id":"d","parent":"a","text":"w","value":0.9,"score":3}]}
> {"prompt":"Q","responses":[{"text":"é😀\nw","score":0.9,"steps":[[0,2],[3,4]],"id":"d","value":0.9},{"text":"y","score":0.7,"steps":[[0,1]],"id":"b","value":0.7},{"text":"é😀\nz","score":0.5,"steps":[[0,2],[3,4]],"id":"c","value":0.5}],"id":1}
> {"prompt":"Q","chosen":"é😀w","rejected":"é😀z","score_chosen":0.9,"chosen_steps":[[0,2],[2,3]],"chosen_id":"d","chosen_value":0.9,"score_rejected":0.5,"rejected_steps":[[0,2],[2,3]],"rejected_id":"c","rejected_value":0.5,"margin":0.4,"id":1}

With messages as prompt and what the world answered (UltraInteract); a node whose text is messages; what is no tree's is kept.
$ pref-pair -q
< {"x":1,"prompt":[{"role":"user","content":"Q"}],"nodes":[{"id":1,"text":"act","correct":false,"observation":"oops"},{"id":2,"text":"good","correct":true},{"id":3,"parent":1,"text":"fix","correct":true},{"id":4,"parent":1,"text":"bad","correct":false},{"id":5,"parent":3,"messages":[{"role":"assistant","content":"m"},{"role":"tool","content":"t"}],"correct":true},{"id":6,"parent":5,"text":"p","correct":true},{"id":7,"parent":5,"text":"q","correct":false}]}
> {"prompt":[{"role":"user","content":"Q"}],"chosen":[{"role":"assistant","content":"good"}],"rejected":[{"role":"assistant","content":"act"}],"score_chosen":1,"chosen_id":2,"chosen_correct":true,"score_rejected":0,"rejected_id":1,"rejected_correct":false,"rejected_observation":"oops","margin":1,"depth":0,"x":1}
> {"prompt":[{"role":"user","content":"Q"},{"role":"assistant","content":"act"},{"role":"user","content":"oops"}],"chosen":[{"role":"assistant","content":"fix"}],"rejected":[{"role":"assistant","content":"bad"}],"score_chosen":1,"chosen_id":3,"chosen_correct":true,"score_rejected":0,"rejected_id":4,"rejected_correct":false,"margin":1,"parent":1,"depth":1,"x":1}
> {"prompt":[{"role":"user","content":"Q"},{"role":"assistant","content":"act"},{"role":"user","content":"oops"},{"role":"assistant","content":"fix"},{"role":"assistant","content":"m"},{"role":"tool","content":"t"}],"chosen":[{"role":"assistant","content":"p"}],"rejected":[{"role":"assistant","content":"q"}],"score_chosen":1,"chosen_id":6,"chosen_correct":true,"score_rejected":0,"rejected_id":7,"rejected_correct":false,"margin":1,"parent":5,"depth":3,"x":1}

The best path only; steps without siblings are part of the step before.
$ pref-pair -q --best-path in.jsonl | cut -d , -f 1-3; pref-pair -q --merge in.jsonl | cut -d , -f 1-3
@ in.jsonl
| {"prompt":"Q ","nodes":[{"id":1,"text":"a","value":0.7},{"id":2,"text":"b","value":0.2},{"id":3,"parent":1,"text":"c","value":0.7},{"id":4,"parent":3,"text":"d","value":0.8},{"id":5,"parent":3,"text":"e","value":0.1},{"id":6,"parent":2,"text":"f","value":1},{"id":7,"parent":2,"text":"g","value":0}]}
> {"prompt":"Q ","chosen":"a","rejected":"b"
> {"prompt":"Q a\nc\n","chosen":"d","rejected":"e"
> {"prompt":"Q ","chosen":"a\nc","rejected":"b"
> {"prompt":"Q b\n","chosen":"f","rejected":"g"
> {"prompt":"Q a\nc\n","chosen":"d","rejected":"e"

Ties, equal steps and steps without a value make no pair here either; fewer visits of the better step say nothing.
$ pref-pair --all --visits -r no.jsonl | cut -d , -f 2-3,10-; grep -o '"reason":.*' no.jsonl
< {"prompt":"Q","nodes":[{"id":1,"text":"a","value":0.7},{"id":2,"text":"b","value":0.7},{"id":3,"text":"a","value":0},{"id":4,"text":"d"}]}
< {"prompt":"Q","nodes":[{"id":1,"text":"a","value":0.7}]}
< {"prompt":"Q","nodes":[]}
< {"prompt":"Q","nodes":[{"id":1,"text":"a","value":0.7,"visits":2},{"id":2,"text":"b","value":0.6,"visits":6}]}
> "chosen":"a","rejected":"b","rejected_value":0.6,"rejected_visits":6,"margin":0.09999999999999998,"preference":0.5,"depth":0}
> "reason":"tie"}}
> "reason":"single"}}
> "reason":"single"}}
! pref-pair: 4 read, 1 kept, 3 dropped (single 2, tie 1), 0 bad, 0.0 s
! pref-pair: pairs: 1 made
! pref-pair: equal: 1 left out, the same as another response to the prompt
! pref-pair: valueless: 1 left out, nothing to rank them by

What is no tree.
$ pref-pair --bad skip
< {"prompt":"Q","nodes":[{"id":1,"text":"a"},{"id":1,"text":"b"}]}
< {"prompt":"Q","nodes":[{"id":1,"text":"a"},{"id":2,"parent":3,"text":"b"}]}
< {"prompt":"Q","nodes":[{"id":1,"text":"a"},{"id":2,"parent":3,"text":"b"},{"id":3,"parent":2,"text":"b"}]}
< {"prompt":"Q","nodes":[{"id":1,"parent":1,"text":"a"}]}
< {"prompt":"Q","nodes":[{"text":"a"}]}
< {"prompt":"Q","nodes":[{"id":1,"messages":[]}]}
< {"prompt":[],"nodes":[{"id":1}]}
< {"nodes":[{"id":1,"text":"a"}]}
< {"prompt":"Q","nodes":[7]}
! pref-pair: (stdin):1:50: a second node of this id
! pref-pair: (stdin):2:61: no node has this id
! pref-pair: (stdin):3:23: nodes that are their own ancestors
! pref-pair: (stdin):4:23: nodes that are their own ancestors
! pref-pair: (stdin):5:24: a node has no "id" that is a string or a number
! pref-pair: (stdin):6:24: a node has no "text"
! pref-pair: (stdin):7:23: a node has neither "text" nor "messages"
! pref-pair: (stdin):8: no "prompt" that is a string or messages
! pref-pair: (stdin):9:24: a node has no "text"
! pref-pair: 9 read, 0 kept, 0 dropped, 9 bad, 0.0 s
? 1

$ pref-pair -q --bad skip --branches in.jsonl; pref-pair -q --bad skip --comparisons in.jsonl
@ in.jsonl
| {"prompt":"Q","nodes":[{"id":1,"text":"a","observation":"o"},{"id":2,"parent":1,"text":"b"},{"id":3,"parent":1,"text":"c"}]}
! pref-pair: in.jsonl:1:24: a branch with messages or observations is not one response
! pref-pair: in.jsonl:1: the nodes of a tree are not what --comparisons compares
? 1

$ pref-pair --branches --merge
! pref-pair: --best-path and --merge are for siblings, not for --branches
? 2

$ pref-pair --best-path --factor x
! pref-pair: --best-path goes by scores
? 2

$ pref-pair --visits --preference
! pref-pair: --preference and --visits write the same member
? 2

The search trees of MCTS-DPO: at each node of the path of the best, the best against the next; how sure by visits, 6 against 2
and 2 against 6.
$ pref-pair -q --best-path --best-next --merge --visits | grep -o '"chosen":.*"rejected":"[^"]*"\|"preference":.*,"'
< {"prompt":"Q ","nodes":[{"id":1,"text":"a","value":0.7,"visits":6},{"id":2,"text":"b","value":0.2,"visits":2},{"id":9,"text":"z","value":0.1,"visits":9},{"id":3,"parent":1,"text":"c","value":0.7,"visits":2},{"id":4,"parent":1,"text":"d","value":0.6,"visits":6}]}
> "chosen":"a","rejected":"b"
> "preference":0.75,"
> "chosen":"c","rejected":"d"
> "preference":0.5,"parent":1,"

Ties are neither the next nor a triple.
$ pref-pair --best-next
< {"prompt":"p","responses":[{"text":"a","score":3},{"text":"b","score":3}]}
! pref-pair: 1 read, 0 kept, 1 dropped (tie 1), 0 bad, 0.0 s

$ pref-pair --triples
< {"prompt":"p","responses":[{"text":"a","score":3},{"text":"b","score":3},{"text":"c","score":1}]}
! pref-pair: 1 read, 0 kept, 1 dropped (tie 1), 0 bad, 0.0 s

$ pref-pair --best-next --all
$ pref-pair --best-random --max-per-prompt 2
$ pref-pair --seed 2
$ pref-pair --triples --best-next
! pref-pair: --best-worst, --best-next, --best-random, --all and --adjacent exclude each other
! pref-pair: --best-next and --best-random make one pair, and choose it themselves
! pref-pair: --seed is for --best-random
! pref-pair: --triples writes no pairs to choose from
? 2

Answers of one model against those of another, the first with the first; for pref-eval's win rates.
$ pref-pair --versus new,old
< {"prompt":"p","id":"x","responses":[{"text":"a","model":"new","score":1},{"text":"b","model":"old","score":2},{"text":"c","model":"new"},{"text":"c","model":"old"},{"text":"d","model":"new"},{"text":"e","model":"newer"},{"text":"f","model":"old"}]}
< {"prompt":"q","responses":[{"text":"a","model":"new"},{"text":"b","model":"newer"}]}
< {"prompt":"q","responses":[{"text":"a","model":"new"},{"text":"a","model":"old"}]}
> {"prompt":"p","chosen":"a","rejected":"b","chosen_model":"new","score_chosen":1,"rejected_model":"old","score_rejected":2,"source_id":"x"}
> {"prompt":"p","chosen":"d","rejected":"f","chosen_model":"new","rejected_model":"old","source_id":"x"}
! pref-pair: 3 read, 1 kept, 2 dropped (same 1, single 1), 0 bad, 0.0 s
! pref-pair: pairs: 2 made
! pref-pair: equal: 2 left out, the same as another response to the prompt

$ pref-pair --versus new
$ pref-pair --versus new,
$ pref-pair --versus a,b --all
! pref-pair: --versus wants the names of two models: --versus A,B
! pref-pair: --versus wants the names of two models: --versus A,B
! pref-pair: --versus leaves nothing to choose or to rank
? 2
