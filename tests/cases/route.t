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
