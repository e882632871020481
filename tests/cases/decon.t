pref-decon: records that overlap a benchmark

A question that leaked into a prompt, between other words, and one that a response recites.
$ pref-decon -b gsm.jsonl --rejects dropped.jsonl
$ grep -o '"dropped".*' dropped.jsonl
@ gsm.jsonl
| {"id":"q1","question":"A robe takes 2 bolts of blue fiber and half that much white fiber. How many bolts in total does it take?","answer":"3"}
| {"id":"q2","question":"Josh buys a house for $80,000 and puts in $50,000 of repairs. How much profit did he make?","answer":"70000"}
< {"prompt":"Help: a robe takes 2 bolts of blue fiber,\nand HALF that much white fiber!","chosen":"3","rejected":"4"}
< {"prompt":"Ask me something.","chosen":"Josh buys a house for $80,000 and puts in $50,000 of repairs. How much?","rejected":"No."}
< {"prompt":"What does a robe take?","chosen":"2 bolts of blue fiber and half that much white fiber.","rejected":"Josh buys a house."}
> {"prompt":"What does a robe take?","chosen":"2 bolts of blue fiber and half that much white fiber.","rejected":"Josh buys a house."}
> "dropped":{"reason":"contaminated","benchmark":"gsm","item":"q1","items":1,"coverage":0.6364,"in":["prompt"],"text":"a robe takes 2 bolts of blue fiber,\nand HALF that much white fiber"}}
> "dropped":{"reason":"contaminated","benchmark":"gsm","item":"q2","items":1,"coverage":0.8,"in":["chosen"],"text":"Josh buys a house for $80,000 and puts in $50,000 of repairs. How much"}}
! pref-decon: 3 read, 1 kept, 2 dropped (contaminated 2), 0 bad, 0.0 s
! pref-decon: leaked: gsm 2 of 2 items (100%)

Mark them, in a benchmark of plain text; look at prompts alone, as Tulu 3 does.
$ pref-decon -q --mark --in prompt -b trivia.txt
@ trivia.txt
| Which river flows through the city in which the painter of the Night Watch died?
| Who was the first person to run a mile in less than four minutes?
< {"prompt":"Who was the first person to run a mile in less than five minutes?","chosen":"a","rejected":"b"}
< {"prompt":"Name a river.","chosen":"Which river flows through the city in which the painter of the Night Watch died?","rejected":"b"}
> {"prompt":"Who was the first person to run a mile in less than five minutes?","chosen":"a","rejected":"b","contamination":{"benchmark":"trivia","item":"trivia:2","items":1,"coverage":0.8571,"in":["prompt"],"text":"Who was the first person to run a mile in less than"}}
> {"prompt":"Name a river.","chosen":"Which river flows through the city in which the painter of the Night Watch died?","rejected":"b"}

The rule of GPT-3: any 13 words in a row.
$ pref-decon --rule any-13 -b trivia.txt >kept
@ trivia.txt
| In which year did the ship that carried the first settlers of the colony leave the harbour of Plymouth for the last time?
< {"prompt":"Did the ship that carried the first settlers of the colony leave the dock?","chosen":"a","rejected":"b"}
< {"prompt":"Did the ship that carried the first settlers of the town leave the harbour?","chosen":"a","rejected":"b"}
! pref-decon: 2 read, 1 kept, 1 dropped (contaminated 1), 0 bad, 0.0 s
! pref-decon: leaked: trivia 1 of 1 items (100%)

What leaked of a folder of benchmarks.
$ mkdir suite; mv code.jsonl suite/; pref-synth -q -n 2000 --leak 0.02 --benchmark suite/shop.jsonl -o pairs.jsonl
$ pref-decon -b suite --report report.json -o kept.jsonl pairs.jsonl
$ grep -o '"leaked".*}]' report.json
@ code.jsonl
| {"task_id":"F/0","prompt":"def add(a, b):\n    \"\"\" Return the sum of the two numbers a and b. \"\"\"\n"}
> "leaked":[{"benchmark":"code","items":1,"leaked":0,"share":0},{"benchmark":"shop","items":200,"leaked":34,"share":0.17}]
! pref-decon: 2000 read, 1963 kept, 37 dropped (contaminated 37), 0 bad, 0.0 s
! pref-decon: leaked: shop 34 of 200 items (17%)

----

More than half means more: 8 of 16 words are not.
$ pref-decon -q -b b.txt && echo
$ pref-decon -q -b b.txt --coverage 0.49
@ b.txt
| a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11 a12 a13 a14 a15 a16
< {"prompt":"a1 a2 a3 a4 a5 a6 a7 a8 b","chosen":"x","rejected":"y"}
> {"prompt":"a1 a2 a3 a4 a5 a6 a7 a8 b","chosen":"x","rejected":"y"}
> 

What members cover adds up, but no run goes from one into another, nor from one record into the next.
$ pref-decon -q --mark -b b.txt
@ b.txt
| a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11 a12 a13 a14 a15 a16
< {"prompt":"a1 a2 a3 a4 a5 a6 a7 a8","chosen":"a8 a9 a10 a11 a12 a13 a14 a15","rejected":""}
< {"prompt":"a1 a2 a3 a4 a5 a6 a7","chosen":"a8 a9 a10 a11 a12 a13 a14","rejected":"a15 a16"}
< {"prompt":"a1 a2 a3 a4 a5 a6 a7 a8","chosen":"","rejected":""}
> {"prompt":"a1 a2 a3 a4 a5 a6 a7 a8","chosen":"a8 a9 a10 a11 a12 a13 a14 a15","rejected":"","contamination":{"benchmark":"b","item":"b:1","items":1,"coverage":0.9375,"in":["prompt","chosen"],"text":"a1 a2 a3 a4 a5 a6 a7 a8"}}
> {"prompt":"a1 a2 a3 a4 a5 a6 a7","chosen":"a8 a9 a10 a11 a12 a13 a14","rejected":"a15 a16"}
> {"prompt":"a1 a2 a3 a4 a5 a6 a7 a8","chosen":"","rejected":""}

Short items: the whole of them, sign for sign; shorter ones must be all of a text.
$ pref-decon -q --mark -b b.txt | sed -n 's/{"prompt":"\(.*\)","chosen.*"item":"\([^"]*\)".*/\2 \1/p'
@ b.txt
| What is 13 + 29?
| What is 13 - 29?
| Thank you
| Who wrote Hamlet?
< {"prompt":"Tell me: what  is 13 + 29 ?","chosen":"a","rejected":"b"}
< {"prompt":"Tell me: what is 13\n- 29?","chosen":"a","rejected":"b"}
< {"prompt":"What is 13 * 29?","chosen":"a","rejected":"b"}
< {"prompt":"What is 13?","chosen":"29","rejected":"b"}
< {"prompt":"Thank you, that was good.","chosen":"a","rejected":"b"}
< {"prompt":"a","chosen":"Thank you!","rejected":"b"}
< {"prompt":"And who wrote Hamlet?","chosen":"a","rejected":"b"}
< {"prompt":"who wrote hamlet","chosen":"a","rejected":"b"}
> b:1 Tell me: what  is 13 + 29 ?
> b:2 Tell me: what is 13\n- 29?
> b:3 a
> b:4 who wrote hamlet

Stop n-grams: a template that three items share is no evidence with --stop 2, and is with --stop 3.
$ for n in 2 3; do pref-decon --stop $n -b b.txt data 2>&1 >/dev/null; done
@ b.txt
| Which of the following words is the right answer to it: apple
| Which of the following words is the right answer to it: pear
| Which of the following words is the right answer to it: plum
| Which of the following words is the right answer to it: plum
@ data
| {"prompt":"Which of the following words is the right answer to it?","chosen":"a","rejected":"b"}
> pref-decon: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
> pref-decon: leaked: nothing
> pref-decon: 1 read, 0 kept, 1 dropped (contaminated 1), 0 bad, 0.0 s
> pref-decon: leaked: b 4 of 4 items (100%)

Without them, what is left of the item is all of it.
$ pref-decon -q --stop 2 --mark -b b.txt | grep -o '"contamination.*'
@ b.txt
| Which of the following words is the right answer to it: apple
| Which of the following words is the right answer to it: pear
| Which of the following words is the right answer to it: plum
< {"prompt":"the following words is the right answer to it: plum","chosen":"words is the right answer to it: pear","rejected":"b"}
> "contamination":{"benchmark":"b","item":"b:2","items":2,"coverage":1,"in":["chosen"],"text":"words is the right answer to it: pear"}}

Candidates, messages, transcripts; text that is escaped; the first of equally covered items.
$ pref-decon -q --mark -b b.txt | grep -o '"contamination.*'
@ b.txt
| one two three four five six seven eight nine "ten"
| One, two, three, four, five, six, seven, eight, nine: ten
< {"prompt":"p","responses":[{"text":"a"},{"messages":[{"role":"assistant","content":"one two three four"},{"role":"assistant","content":"five six seven\u0007eight nine \"ten\""}]}]}
< {"prompt":[{"role":"user","content":"one two three four five six seven eight"}],"chosen":[{"role":"assistant","content":"x"}],"rejected":[{"role":"assistant","content":"y"}]}
< {"chosen":"\n\nHuman: one two three four five six seven eight\n\nAssistant: x","rejected":"\n\nHuman: one two three four five six seven eight\n\nAssistant: y"}
> "contamination":{"benchmark":"b","item":"b:1","items":2,"coverage":1,"in":["responses[1]"],"text":"one two three four\n\nfive six seven\u0007eight nine \"ten"}}
> "contamination":{"benchmark":"b","item":"b:1","items":2,"coverage":0.8,"in":["prompt"],"text":"one two three four five six seven eight"}}
> "contamination":{"benchmark":"b","item":"b:1","items":2,"coverage":0.8,"in":["chosen","rejected"],"text":"one two three four five six seven eight"}}

A conversation is the same as a transcript and as messages, on either side.
$ for b in hh.jsonl chat.jsonl; do pref-decon -q --mark -b $b data | grep -o '"coverage.*'; done
@ hh.jsonl
| {"chosen":"\n\nHuman: Who wrote it?\n\nAssistant: Who wrote what?\n\nHuman: Hamlet!\n\nAssistant: x","rejected":"\n\nHuman: Who wrote it?\n\nAssistant: Who wrote what?\n\nHuman: Hamlet!\n\nAssistant: y"}
@ chat.jsonl
| {"prompt":[{"role":"user","content":"Who wrote it?"},{"role":"assistant","content":"Who wrote what?"},{"role":"user","content":"Hamlet!"}]}
@ data
| {"prompt":"\n\nHuman: Who wrote it?\n\nAssistant: Who wrote what?\n\nHuman: Hamlet!\n\nAssistant:","chosen":"x","rejected":"y"}
| {"prompt":[{"role":"user","content":"Who wrote it?"},{"role":"assistant","content":"Who wrote what?"},{"role":"user","content":"Hamlet!"}],"chosen":"x","rejected":"y"}
| {"prompt":"\n\nHuman:\n\nAssistant:","chosen":"","rejected":"y"}
> "coverage":1,"in":["prompt"],"text":"Who wrote it?\n\nWho wrote what?\n\nHamlet"}}
> "coverage":1,"in":["prompt"],"text":"Who wrote it?\n\nWho wrote what?\n\nHamlet"}}
> "coverage":1,"in":["prompt"],"text":"Who wrote it?\n\nWho wrote what?\n\nHamlet"}}
> "coverage":1,"in":["prompt"],"text":"Who wrote it?\n\nWho wrote what?\n\nHamlet"}}

Where to look.
$ for m in prompt chosen,rejected responses prompt,chosen; do pref-decon --in $m -b b.txt data 2>&1 >/dev/null | head -n 1; done
@ b.txt
| one two three four
@ data
| {"prompt":"one two three four","chosen":"a","rejected":"b"}
| {"prompt":"p","chosen":"one two three four","rejected":"b"}
| {"prompt":"p","chosen":"a","rejected":"one two three four"}
| {"prompt":"p","responses":[{"text":"one two three four"},{"text":"b"}]}
> pref-decon: 4 read, 3 kept, 1 dropped (contaminated 1), 0 bad, 0.0 s
> pref-decon: 4 read, 2 kept, 2 dropped (contaminated 2), 0 bad, 0.0 s
> pref-decon: 4 read, 3 kept, 1 dropped (contaminated 1), 0 bad, 0.0 s
> pref-decon: 4 read, 2 kept, 2 dropped (contaminated 2), 0 bad, 0.0 s

Layouts that pref-convert reads, and members that benchmarks have; one array; compressed.
$ gzip alpaca.jsonl; for f in hh.jsonl arena.json alpaca.jsonl.gz chat.jsonl oasst.jsonl; do pref-decon -b $f data -q --mark | grep -o '"benchmark.*items'; done
@ hh.jsonl
| {"chosen":"\n\nHuman: one two three four\n\nAssistant: x","rejected":"\n\nHuman: one two three four\n\nAssistant: y"}
@ arena.json
| [{"question_id":"k","winner":"model_a","conversation_a":[{"role":"user","content":"five six seven eight"},{"role":"assistant","content":"x"}],"conversation_b":[{"role":"user","content":"five six seven eight"},{"role":"assistant","content":"y"}]},
| {"id":7,"winner":"tie","conversation_a":[{"role":"user","content":"one two three four"},{"role":"assistant","content":"x"}],"conversation_b":[{"role":"user","content":"one two three four"},{"role":"assistant","content":"y"}]}]
@ alpaca.jsonl
| {"instruction":"one two","input":"three four","output":"five"}
@ chat.jsonl
| {"messages":[{"role":"user","content":"one two three four"}]}
@ oasst.jsonl
| {"message_tree_id":"t","prompt":{"text":"one two three four","role":"prompter","replies":[]}}
@ data
| {"prompt":"one two three four","chosen":"one two\n\nthree four","rejected":"Human: one two three four Assistant:"}
> "benchmark":"hh","item":"hh:1","items
> "benchmark":"arena","item":"7","items
> "benchmark":"alpaca","item":"alpaca:1","items
> "benchmark":"chat","item":"chat:1","items
> "benchmark":"oasst","item":"oasst:1","items

Members by name; a record without any of them is bad.
$ pref-decon -q --mark -b b.jsonl --field question,extra.answer | grep -o '"item.*'
$ pref-decon -q -b b.jsonl --field extra.hint data
@ b.jsonl
| {"id":"q","question":"one two three","extra":{"answer":"four five"}}
@ data
| {"prompt":"p","chosen":"a","rejected":"b"}
< {"prompt":"One two three  four five six","chosen":"a","rejected":"b"}
> "item":"q","items":1,"coverage":1,"in":["prompt"],"text":"One two three  four five"}}
! pref-decon: b.jsonl:1: no member extra.hint that is text
? 1

Equal names of files, files with a dot, folders in folders, the order of names.
$ mkdir -p d/e; cp b.txt d/z.txt; cp b.txt d/b.jsonl; cp b.txt d/.hidden; cp b.txt d/e/deep
$ pref-decon -b b.txt -b d -o kept data
@ b.txt
| one two three four
@ data
| {"prompt":"one two three four","chosen":"a","rejected":"b"}
! pref-decon: 1 read, 0 kept, 1 dropped (contaminated 1), 0 bad, 0.0 s
! pref-decon: leaked: b 1 of 1 items (100%), d/b.jsonl 1 of 1 items (100%), z 1 of 1 items (100%)

A mark of an earlier run goes.
$ pref-decon -q --mark -b b.txt
@ b.txt
| one two three four
< {"prompt":"p","chosen":"a","rejected":"b","contamination":{"item":"x"}}
> {"prompt":"p","chosen":"a","rejected":"b"}

A text that repeats itself, as its item does.
$ awk 'BEGIN { for (i = 0; i < 3000; i++) printf "la "; print "" }' >song.txt
$ awk 'BEGIN { printf "{\"prompt\":\""; for (i = 0; i < 200000; i++) printf "la "; print "\",\"chosen\":\"a\",\"rejected\":\"b\"}" }' | pref-decon -b song.txt
! pref-decon: 1 read, 0 kept, 1 dropped (contaminated 1), 0 bad, 0.0 s
! pref-decon: leaked: song 1 of 1 items (100%)

At most 240 bytes of text, whole characters.
$ awk 'BEGIN { printf "x"; for (i = 0; i < 200; i++) printf " éé"; print "" }' >b.txt
$ awk '{ print "{\"prompt\":\"" $0 "\",\"chosen\":\"a\",\"rejected\":\"b\"}" }' b.txt | pref-decon -q --mark -b b.txt | sed 's/.*"text":"//; s/"}}$//' | tee text | wc -c
$ grep -o 'éé é$' text
> 240
> éé é

Items without words, and none at all.
$ pref-decon -b b.txt -b none data
@ b.txt
| !?
| 🙂
| one two three four
@ none
@ data
| {"prompt":"!?","chosen":"a","rejected":"b"}
> {"prompt":"!?","chosen":"a","rejected":"b"}
! pref-decon: b.txt: 2 items without a word are not looked for
! pref-decon: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-decon: leaked: nothing

$ pref-decon -b none data
@ none
@ data
| {"prompt":"!?","chosen":"a","rejected":"b"}
> {"prompt":"!?","chosen":"a","rejected":"b"}
! pref-decon: no item in the benchmarks: nothing can be found
! pref-decon: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-decon: leaked: nothing

Records in which nothing can be looked at are bad, whatever is to be looked at.
$ for r in '{"x":1}' '{"prompt":3}' '{"prompt":"p","chosen":null,"rejected":"b"}' '{"responses":[{"text":1}]}'; do echo "$r" | pref-decon -q -b b.txt; done
@ b.txt
| one two three four
! pref-decon: (stdin):1: no member prompt, chosen, rejected or responses
! pref-decon: (stdin):1:11: "prompt" is neither a string nor messages
! pref-decon: (stdin):1:24: "chosen" is neither a string nor messages
! pref-decon: (stdin):1:23: "responses[0]" is neither a string nor messages
? 1

$ pref-decon data
@ data
| {"prompt":"p","chosen":"a","rejected":"b"}
! pref-decon: say what must not be in the data: --benchmark FILE
? 2

$ pref-decon -b data --in prompt,answer data
@ data
| {"prompt":"p","chosen":"a","rejected":"b"}
! pref-decon: --in answer: not prompt, chosen, rejected or responses
? 2

$ pref-decon -b - data
@ data
| {"prompt":"p","chosen":"a","rejected":"b"}
! pref-decon: --benchmark -: standard input is for records
? 2

$ pref-decon -b b.txt data -o ./b.txt; echo $?; pref-decon -b b.txt -r b.txt data; echo $?; cat b.txt
@ b.txt
| one two three four
@ data
| {"prompt":"p","chosen":"a","rejected":"b"}
> 2
> 2
> one two three four
! pref-decon: b.txt is read; choose another file for what is written
! pref-decon: b.txt is read; choose another file for what is written

Records may be looked for in themselves.
$ pref-decon -b data -o data data
@ data
| {"prompt":"one two three four","chosen":"a","rejected":"b"}
? 2
! pref-decon: data is read; choose another file for what is written

$ pref-decon -q -b data --mark data | grep -o '"item".*'
@ data
| {"id":5,"prompt":"one two three four","chosen":"a","rejected":"b"}
> "item":"5","items":1,"coverage":1,"in":["prompt"],"text":"one two three four"}}

$ pref-decon -b nothing data; echo $?; mkdir d; pref-decon -b d data; echo $?
@ data
| {"prompt":"p","chosen":"a","rejected":"b"}
> 3
> 3
! pref-decon: nothing: No such file or directory
! pref-decon: d: no regular file is in this folder

A byte order mark in text, and before JSON.
$ printf '\357\273\277one two three four\n' >b.txt; printf '\357\273\277{"prompt":"x"}\n' >b.jsonl
$ pref-decon -q -b b.txt data; pref-decon -q -b b.jsonl data
@ data
| {"prompt":"one two three four","chosen":"a","rejected":"b"}
? 1
! pref-decon: b.jsonl:1:1: byte order mark

Bad benchmarks: at their place, and before anything is written.
$ pref-decon -b b.jsonl data; echo $?; printf 'one\ntw\377o\n' >b.txt; pref-decon -b b.txt data; echo $?; pref-decon -b odd data; echo $?
@ b.jsonl
| {"question":"one"}
| {"question":
@ odd
| {"answer":42}
@ data
| {"prompt":"p","chosen":"a","rejected":"b"}
> 1
> 1
> 1
! pref-decon: b.jsonl:2:13: unexpected end
! pref-decon: b.txt:2:3: invalid UTF-8
! pref-decon: odd:1: no member that asks something (prompt,question,problem,instruction,query,text,input,ctx,goal,sentence,messages); name one with --field
