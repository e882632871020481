pref-vote: many annotators, one label

Three people, one of them new to the job. Both records become labels with a probability.
$ pref-vote --method majority
< {"id":1,"prompt":"Two plus two?","chosen":"Four.","rejected":"Five.","votes":{"ann":"A","bob":"A","eve":"B"}}
< {"id":2,"prompt":"A fruit?","chosen":"Carrot.","rejected":"Apple.","votes":{"ann":"B","bob":"tie","eve":"B"}}
> {"id":1,"prompt":"Two plus two?","chosen":"Four.","rejected":"Five.","votes":{"ann":"A","bob":"A","eve":"B"},"preference":0.666666667,"verdict":"A"}
> {"id":2,"prompt":"A fruit?","chosen":"Carrot.","rejected":"Apple.","votes":{"ann":"B","bob":"tie","eve":"B"},"preference":0.166666667,"verdict":"B"}
! pref-vote: 2 read, 2 kept, 0 dropped, 0 bad, 0.0 s
! pref-vote: votes: 6 on 2 pairs by 3 annotators, alpha 0.0222, mean kappa 0.0000
! pref-vote: labels: majority; ties 0

The same, with the responses exchanged where the label says so.
$ pref-vote --method majority --relabel -q
< {"id":2,"prompt":"A fruit?","chosen":"Carrot.","rejected":"Apple.","votes":{"ann":"B","bob":"tie","eve":"B"}}
> {"id":2,"prompt":"A fruit?","chosen":"Apple.","rejected":"Carrot.","votes":{"ann":"A","bob":"tie","eve":"A"},"swapped":true,"preference":0.833333333,"verdict":"A"}

One vote a line, the responses in any order: the first line of a pair stays, with all votes.
$ pref-vote -m majority --join --rejects joined.jsonl
$ grep -o '"dropped":.*' joined.jsonl
< {"prompt":"Q","chosen":"x","rejected":"y","annotator":"ann"}
< {"prompt":"Q","chosen":"y","rejected":"x","annotator":"bob"}
< {"prompt":"Q","chosen":"x","rejected":"y","annotator":"eve","verdict":"tie"}
< {"prompt":"Q","chosen":"x","rejected":"y","annotator":"dan"}
> {"prompt":"Q","chosen":"x","rejected":"y","votes":{"ann":"A","bob":"B","eve":"tie","dan":"A"},"preference":0.625,"verdict":"A"}
> "dropped":{"reason":"joined"}}
> "dropped":{"reason":"joined"}}
> "dropped":{"reason":"joined"}}
! pref-vote: 4 read, 1 kept, 3 dropped (joined 3), 0 bad, 0.0 s
! pref-vote: votes: 4 on 1 pairs by 4 annotators, alpha -0.1111, mean kappa -0.1667
! pref-vote: labels: majority; ties 0

A judge who saw both orders and always takes the first place says nothing; one who is mostly wrong says much.
$ pref-vote -q --annotators who.jsonl pairs.jsonl | sed 's/.*"n"/"n"/; s/"preference":[^,]*,//'
$ cut -d, -f 1,7,8,11 who.jsonl
@ pairs.jsonl
| {"prompt":"1","chosen":"x","rejected":"y","votes":{"good":["A","A"],"fair":["A","A"],"first":["A","B"],"contrary":["B","B"]},"n":1}
| {"prompt":"2","chosen":"x","rejected":"y","votes":{"good":["B","B"],"fair":["B","A"],"first":["A","B"],"contrary":["A","A"]},"n":2}
| {"prompt":"3","chosen":"x","rejected":"y","votes":{"good":["A","A"],"fair":["A","A"],"first":["A","B"],"contrary":["B","B"]},"n":3}
| {"prompt":"4","chosen":"x","rejected":"y","votes":{"good":["B","B"],"fair":["B","B"],"first":["A","B"],"contrary":["A","A"]},"n":4}
| {"prompt":"5","chosen":"x","rejected":"y","votes":{"good":["A","A"],"fair":["A","B"],"first":["A","B"],"contrary":["B","B"]},"n":5}
> "n":1,"verdict":"A"}
> "n":2,"verdict":"B"}
> "n":3,"verdict":"A"}
> "n":4,"verdict":"B"}
> "n":5,"verdict":"A"}
> {"by":"good","bias":0,"consistent":1,"contrary":false}
> {"by":"fair","bias":0,"consistent":0.6,"contrary":false}
> {"by":"first","bias":0.5,"consistent":0,"contrary":false}
> {"by":"contrary","bias":0,"consistent":1,"contrary":true}

----

# What a vote is.

Words for no vote, and a record without any vote: it passes as it is.
$ pref-vote -m majority
< {"prompt":"p","chosen":"a","rejected":"b","votes":{"x":null,"y":"invalid","z":"A"}}
< {"prompt":"q","chosen":"a","rejected":"b","votes":{"x":"refused","y":"error"},"preference":0.9}
< {"prompt":"r","chosen":"a","rejected":"b", "verdict" : "A"}
> {"prompt":"p","chosen":"a","rejected":"b","votes":{"x":null,"y":"invalid","z":"A"},"preference":1,"verdict":"A"}
> {"prompt":"q","chosen":"a","rejected":"b","votes":{"x":"refused","y":"error"},"preference":0.9}
> {"prompt":"r","chosen":"a","rejected":"b", "verdict" : "A"}
! pref-vote: 3 read, 3 kept, 0 dropped, 0 bad, 0.0 s
! pref-vote: votes: 1 on 1 pairs by 1 annotators, 4 without a verdict, 2 records without votes
! pref-vote: labels: majority; ties 0

Bad votes are bad records.
$ pref-vote -q --bad skip -m majority
< {"prompt":"p","chosen":"a","rejected":"b","votes":{"x":"A"}}
< {"prompt":"p","chosen":"a","rejected":"b","votes":["A"]}
< {"prompt":"p","chosen":"a","rejected":"b","votes":{"x":1}}
< {"prompt":"p","chosen":"a","rejected":"b","votes":{"x":["A"]}}
< {"prompt":"p","chosen":"a","rejected":"b","annotator":"x","verdict":"chosen"}
< {"prompt":"p","chosen":"a","votes":{"x":"A"}}
> {"prompt":"p","chosen":"a","rejected":"b","votes":{"x":"A"},"preference":1,"verdict":"A"}
! pref-vote: (stdin):2:51: "votes" is not an object
! pref-vote: (stdin):3:56: a vote is "A", "B", "tie" or null, or an array of two of them
! pref-vote: (stdin):4:56: a vote is "A", "B", "tie" or null, or an array of two of them
! pref-vote: (stdin):5:69: the verdict of an annotator is "A", "B" or "tie"
! pref-vote: (stdin):6: no member "rejected"
? 1

One for each side: neither, whoever is named first.
$ pref-vote -q -m majority
< {"prompt":"p","chosen":"a","rejected":"b","votes":{"x":"A","y":"B"}}
< {"prompt":"q","chosen":"a","rejected":"b","votes":{"y":"B","x":"A"}}
< {"prompt":"r","chosen":"a","rejected":"b","votes":{"y":"tie","x":"A"}}
> {"prompt":"p","chosen":"a","rejected":"b","votes":{"x":"A","y":"B"},"preference":0.5,"verdict":"tie"}
> {"prompt":"q","chosen":"a","rejected":"b","votes":{"y":"B","x":"A"},"preference":0.5,"verdict":"tie"}
> {"prompt":"r","chosen":"a","rejected":"b","votes":{"y":"tie","x":"A"},"preference":0.75,"verdict":"tie"}

An earlier preference and verdict are replaced.
$ pref-vote -q -m majority
< {"verdict":"tie","prompt":"p","chosen":"a","rejected":"b","preference":0.5,"votes":{"x":"A"}}
> {"verdict":"A","prompt":"p","chosen":"a","rejected":"b","preference":1,"votes":{"x":"A"}}

# Records of one pair.

Both orders get the label in their own terms.
$ pref-vote -q -m majority
< {"prompt":"p","chosen":"a","rejected":"b","votes":{"x":"A","y":"A"}}
< {"prompt":"p","chosen":"b","rejected":"a","votes":{"z":"A"}}
< {"prompt":"p","chosen":[{"role":"assistant","content":"a"}],"rejected":"b","votes":{"z":"B"}}
> {"prompt":"p","chosen":"a","rejected":"b","votes":{"x":"A","y":"A"},"preference":0.5,"verdict":"tie"}
> {"prompt":"p","chosen":"b","rejected":"a","votes":{"z":"A"},"preference":0.5,"verdict":"tie"}
> {"prompt":"p","chosen":[{"role":"assistant","content":"a"}],"rejected":"b","votes":{"z":"B"},"preference":0.5,"verdict":"tie"}

Joined and relabelled: the votes are in terms of what is chosen then, the order of showing too.
$ pref-vote -q -m majority --join --relabel
< {"prompt":"p","chosen":"a","rejected":"b","votes":{"x":["A","B"],"y":"B"},"margin":2,"chosen_position":1}
< {"prompt":"p","chosen":"b","rejected":"a","annotator":"z","verdict":"A"}
< {"prompt":"p","chosen":"b","rejected":"a","annotator":"y"}
> {"prompt":"p","chosen":"b","rejected":"a","votes":{"x":["A","B"],"y":[null,"A"],"z":"A","y~2":"A"},"margin":-2,"chosen_position":2,"swapped":true,"preference":0.8,"verdict":"A"}

Relabelling one that was swapped before restores it.
$ pref-vote -m majority --relabel
< {"prompt":"p","chosen":"a","rejected":"b","swapped":true,"votes":{"x":"B"},"score_chosen":1,"score_rejected":2}
> {"prompt":"p","chosen":"b","rejected":"a","votes":{"x":"A"},"score_chosen":2,"score_rejected":1,"preference":1,"verdict":"A"}
! pref-vote: 1 read, 1 kept, 0 dropped, 0 bad, 0.0 s
! pref-vote: votes: 1 on 1 pairs by 1 annotators
! pref-vote: labels: majority; ties 0, relabelled 1

A vote that stands as "annotator" is kept as a vote, so that a second run hears the annotator, not the crowd.
$ pref-vote -q -m majority --relabel in >once; cat once; pref-vote -q -m majority once | cmp - once
@ in
| {"prompt":"p","chosen":"a","rejected":"b","annotator":"x"}
| {"prompt":"p","chosen":"a","rejected":"b","annotator":"y","verdict":"B","chosen_position":2}
| {"prompt":"p","chosen":"b","rejected":"a","annotator":"z"}
> {"prompt":"p","chosen":"b","rejected":"a","votes":{"x":"B"},"swapped":true,"preference":0.666666667,"verdict":"A"}
> {"prompt":"p","chosen":"b","rejected":"a","verdict":"A","chosen_position":1,"votes":{"y":["A",null]},"swapped":true,"preference":0.666666667}
> {"prompt":"p","chosen":"b","rejected":"a","votes":{"z":"A"},"preference":0.666666667,"verdict":"A"}

# Methods.

With one number for each annotator.
$ pref-vote -q -m one-coin --prior 0 --independent
< {"prompt":"1","chosen":"a","rejected":"b","votes":{"x":"A","y":"A","z":"B"}}
< {"prompt":"2","chosen":"a","rejected":"b","votes":{"x":"A","y":"A","z":"A"}}
< {"prompt":"3","chosen":"a","rejected":"b","votes":{"x":"B","y":"B","z":"B"}}
> {"prompt":"1","chosen":"a","rejected":"b","votes":{"x":"A","y":"A","z":"B"},"preference":1,"verdict":"A"}
> {"prompt":"2","chosen":"a","rejected":"b","votes":{"x":"A","y":"A","z":"A"},"preference":1,"verdict":"A"}
> {"prompt":"3","chosen":"a","rejected":"b","votes":{"x":"B","y":"B","z":"B"},"preference":0,"verdict":"B"}

Models as items: b has beaten c and c has beaten a, so b would beat a.
$ pref-vote -q -m bradley-terry --items model | sed 's/.*"votes":[^ ]*},//; s/\(\.[0-9][0-9][0-9]\)[0-9]*/\1/'
< {"prompt":"1","chosen":"1","rejected":"2","chosen_model":"b","rejected_model":"c","votes":{"x":"A","y":"A"}}
< {"prompt":"2","chosen":"1","rejected":"2","chosen_model":"c","rejected_model":"a","votes":{"x":"A","y":"A"}}
< {"prompt":"3","chosen":"1","rejected":"2","chosen_model":"a","rejected_model":"b","votes":{"x":"tie"}}
> "preference":0.766,"verdict":"A"}
> "preference":0.766,"verdict":"A"}
> "preference":0.085,"verdict":"B"}

An item that is not named.
$ pref-vote -q -m crowd-bt --items model
< {"prompt":"1","chosen":"1","rejected":"2","chosen_model":"b","votes":{"x":"A"}}
! pref-vote: (stdin):1: no member "rejected_model" that is a string
? 1

The table.
$ pref-vote -q -m majority --table >out
< {"prompt":"1","chosen":"a","rejected":"b","votes":{"x":["A","A"],"y":["A","B"]}}
< {"prompt":"2","chosen":"a","rejected":"b","votes":{"x":["B","B"],"y":["tie","B"]}}
! annotator    votes accuracy  95 % interval     ties     bias   orders    kappa
! x                4    0.750    0.301-0.954    0.000    0.000    1.000    1.000
! y                4    0.500    0.150-0.850    0.250    0.375    0.000    0.200

Nothing at all.
$ pref-vote --annotators none.jsonl; cat none.jsonl
! pref-vote: 0 read, 0 kept, 0 dropped, 0 bad, 0.0 s
! pref-vote: votes: 0 on 0 pairs by 0 annotators
! pref-vote: labels: dawid-skene; ties 0

# The command line.

$ pref-vote -m majority --prior 3; echo $?
$ pref-vote --items model; echo $?
$ pref-vote -m crowd-bt --independent; echo $?
$ pref-vote --annotators same -o same; echo $?
> 2
> 2
> 2
> 2
!*
