Responses against asserts, in the form of MBPP: code out of Markdown, prose or as it is. Exiting is no way to pass.
$ pref-test -q
< {"prompt":"Double x.","test_list":["assert f(2) == 4","assert f('a') == 'aa'"],"responses":[{"text":"def f(x):\n    return x * 2"},{"text":"Sure!\n```python\ndef f(x):\n    return 4\n```"},{"text":"import os\ndef f(x):\n    os._exit(0)"}]}
> {"prompt":"Double x.","test_list":["assert f(2) == 4","assert f('a') == 'aa'"],"responses":[{"text":"def f(x):\n    return x * 2","tests":{"pass":2,"of":2,"verdict":"pass","status":["pass","pass"],"sandbox":"direct"}},{"text":"Sure!\n```python\ndef f(x):\n    return 4\n```","tests":{"pass":1,"of":2,"verdict":"fail","status":["pass","fail"],"why":"AssertionError","sandbox":"direct"}},{"text":"import os\ndef f(x):\n    os._exit(0)","tests":{"pass":0,"of":2,"verdict":"fail","status":["fail","fail"],"why":"exit","sandbox":"direct"}}]}

The tests are in a file of their own, under the same task_id; responses go on with the prompt, as in HumanEval.
$ pref-test --tests bench.jsonl
@ bench.jsonl
| {"task_id":"T/1","prompt":"def half(x):\n    '''Half of x.'''\n","test":"def check(candidate):\n    assert candidate(4) == 2\n","entry_point":"half"}
< {"task_id":"T/1","responses":[{"text":"    return x / 2\n"},{"text":"    return x\n"}]}
< {"task_id":"T/2","responses":[{"text":"    return x\n"}]}
> {"task_id":"T/1","responses":[{"text":"    return x / 2\n","tests":{"pass":1,"of":1,"verdict":"pass","status":["pass"],"sandbox":"direct"}},{"text":"    return x\n","tests":{"pass":0,"of":1,"verdict":"fail","status":["fail"],"why":"AssertionError","sandbox":"direct"}}]}
> {"task_id":"T/2","responses":[{"text":"    return x\n"}]}
! pref-test: 2 read, 2 kept, 0 dropped, 0 bad, 0.1 s
! pref-test: responses: 2, pass 1, fail 1; records without tests 1
! pref-test: pass: pass@1 0.5000 of 1 prompts

Standard input and output, in C; of a pair.
$ pref-test -q
< {"prompt":"Add.","chosen":"```c\n#include <stdio.h>\nint main(void) { int a, b; scanf(\"%d %d\", &a, &b); printf(\"%d\\n\", a + b); }\n```","rejected":"```c\nint main(void) { retrun 3; }\n```","test":{"language":"c","cases":[{"in":"1 2\n","out":"3"},{"in":"-1 1","out":"0\n"}]}}
> {"prompt":"Add.","chosen":"```c\n#include <stdio.h>\nint main(void) { int a, b; scanf(\"%d %d\", &a, &b); printf(\"%d\\n\", a + b); }\n```","rejected":"```c\nint main(void) { retrun 3; }\n```","test":{"language":"c","cases":[{"in":"1 2\n","out":"3"},{"in":"-1 1","out":"0\n"}]},"tests_chosen":{"pass":2,"of":2,"verdict":"pass","status":["pass","pass"],"sandbox":"direct"},"tests_rejected":{"pass":0,"of":2,"verdict":"compile-error","status":["compile-error","compile-error"],"why":"../box/main.c:1:18: error: ‘retrun’ undeclared (first use in this function)","sandbox":"direct"}}

The final answer, as in GSM8K; nothing is run.
$ pref-test -q --answer answer
< {"question":"6 * 3?","answer":"6 * 3 = <<6*3=18>>18\n#### 18","responses":[{"text":"The answer is $18.00."},{"text":"6 + 3 = 9"},{"text":"no idea"}]}
> {"question":"6 * 3?","answer":"6 * 3 = <<6*3=18>>18\n#### 18","responses":[{"text":"The answer is $18.00.","tests":{"pass":1,"of":1,"verdict":"pass","status":["pass"]}},{"text":"6 + 3 = 9","tests":{"pass":0,"of":1,"verdict":"fail","status":["fail"]}},{"text":"no idea","tests":{"pass":0,"of":1,"verdict":"fail","status":["fail"],"why":"no answer"}}]}

Tests of which one is wrong: drop what the reference fails, and see how far responses agree.
$ pref-test -q --reference solution --consensus
< {"prompt":"p","solution":"def f(x): return x","responses":[{"text":"def f(x): return x","scores":{"length":1}},{"text":"def f(x): return abs(x)"}],"test":{"asserts":["assert f(1) == 1","assert f(1) == 2","assert f(-1) == -1"]}}
> {"prompt":"p","solution":"def f(x): return x","responses":[{"text":"def f(x): return x","scores":{"length":1,"consensus":2},"tests":{"pass":2,"of":2,"verdict":"pass","status":["pass","pass"],"sandbox":"direct"}},{"text":"def f(x): return abs(x)","tests":{"pass":1,"of":2,"verdict":"fail","status":["pass","fail"],"why":"AssertionError","sandbox":"direct"},"scores":{"consensus":1}}],"test":{"asserts":["assert f(1) == 1","assert f(1) == 2","assert f(-1) == -1"]}}

----

Limits have verdicts of their own; a killer of its judge is told from those beside it.
$ pref-test -q --cpu 1 --memory 128 | grep -o '"verdict":"[^"]*"\|"why":"[^"]*"'
< {"responses":[{"text":"def f():\n while True: pass"},{"text":"def f(): return [0] * 10 ** 9"},{"text":"import os\ndef f(): os.kill(-1, 9)"},{"text":"def f(): return 1"},{"text":"def f("}],"test":{"asserts":["assert f() == 1"]}}
> "verdict":"timeout"
> "why":"cpu"
> "verdict":"memory"
> "why":"MemoryError"
> "verdict":"sandbox-violation"
> "why":"driver"
> "verdict":"pass"
> "verdict":"compile-error"
> "why":"SyntaxError"

Programs with their tests behind them, of the languages of MultiPL-E; exit status 0 is no pass.
$ pref-test -q | grep -o '"verdict":"[^"]*"\|"why":"[^"]*"'
< {"prompt":"f() {\n","language":"sh","tests":"}\nset -e\n[ $(f 2) = 4 ]","responses":[{"text":"    echo $(($1 * 2))\n"},{"text":"    exit 0\n"},{"text":"    echo 3\n"}]}
< {"prompt":"#include <cassert>\nlong f(long x) {\n","language":"cpp","tests":"}\nint main() {\n    auto candidate = f;\n    assert(candidate(2) == 4);\n}\n","responses":[{"text":"    return 2 * x;\n}\n// done"},{"text":"    __builtin_exit(0);\n}"}]}
> "verdict":"pass"
> "verdict":"fail"
> "why":"../box/main.sh: line 7: [: =: unary operator expected"
> "verdict":"fail"
> "verdict":"pass"
> "verdict":"fail"
> "why":"exit"

Function calls with JSON values.
$ pref-test -q | grep -o '"status":\[[^]]*\]'
< {"responses":[{"text":"def f(a, b): return a + b"},{"text":"def f(a, b): return a * b"}],"test":{"entry_point":"f","calls":[{"args":[2,2],"result":4},{"args":[0.1,0.2],"result":0.3},{"args":[[1],[2]],"result":[1,2]}]}}
> "status":["pass","pass","pass"]
> "status":["pass","fail","fail"]

Patterns.
$ pref-test -q | grep -o '"verdict":"[^"]*"'
< {"responses":[{"text":"<think>a</think>"},{"text":"a"}],"test":{"match":"^<think>"}}
> "verdict":"pass"
> "verdict":"fail"

A language of the user's, whose programs find their file in ../box.
$ pref-test -q --languages rows.jsonl | grep -o '"verdict":"[^"]*"'
$ pref-test --languages rows.jsonl --list | tail -n 1
@ rows.jsonl
| {"name":"awk","file":"main.awk","run":"awk -f ../box/main.awk"}
< {"responses":[{"text":"```awk\n{ print $1 + $2 }\n```"},{"text":"BEGIN { exit 1 }"}],"test":{"language":"awk","cases":[{"in":"1 2\n","out":"3"}]}}
> "verdict":"pass"
> "verdict":"fail"
> awk          awk -f ../box/main.awk

$ pref-test --languages rows.jsonl
@ rows.jsonl
| {"name":"awk","file":"main.awk","run":"awk -f ../box/main.awk","done":"END { print 1 }"}
! pref-test: rows.jsonl:1: done does not print @NONCE@
? 1

Without protection only for those who trust the code. (From a file: what the test driver mutates must not run like this.)
$ pref-test --sandbox none
$ pref-test --i-trust-this-code
$ pref-test -q --sandbox none --i-trust-this-code in.jsonl | grep -o '"verdict":"[^"]*"\|"sandbox":"[^"]*"'
@ in.jsonl
| {"responses":[{"text":"def f(): return 1"}],"test":{"asserts":["assert f() == 1"]}}
> "verdict":"pass"
> "sandbox":"none"
! pref-test: --sandbox none and --i-trust-this-code go together: programs may then do all that you may do
! pref-test: --sandbox none and --i-trust-this-code go together: programs may then do all that you may do

What was tested before is not run again; a line that was cut off is.
$ pref-test --cache c in.jsonl >one
$ head -c 20 c >>c
$ pref-test --cache c in.jsonl >two
$ cmp one two && wc -l <c
@ in.jsonl
| {"responses":[{"text":"def f(): return 1"},{"text":"def f(): return 2"},{"text":"def f(): return 1 "}],"test":{"asserts":["assert f() == 1"]}}
> 4
! pref-test: 1 read, 1 kept, 0 dropped, 0 bad, 0.1 s
! pref-test: responses: 3, pass 2, fail 1; from the cache 0
! pref-test: pass: pass@1 0.6667 of 1 prompts
! pref-test: 1 read, 1 kept, 0 dropped, 0 bad, 0.1 s
! pref-test: responses: 3, pass 2, fail 1; from the cache 3
! pref-test: pass: pass@1 0.6667 of 1 prompts

Where the sandbox that is asked for does not work nothing is run.
$ unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec pref-test --sandbox direct' 2>&1 | sed 's/(.*)/(...)/'
< {"responses":[{"text":"def f(): return 1"}],"test":{"asserts":["assert f() == 1"]}}
> pref-test: no sandbox works here (...); --sandbox none --i-trust-this-code does without

Tests that are wrong make bad records.
$ pref-test --bad skip
< {"responses":[{"text":"x"}],"test":{"asserts":[]}}
< {"responses":[{"text":"x"}],"test":{"check":"x"}}
< {"responses":[{"text":"x"}],"test":{"cases":[{"in":""}]}}
< {"responses":[{"text":"x"}],"test":{"cases":[{"out":""}],"language":"cobol"}}
< {"responses":[{"text":"x"}],"test":{"asserts":["x"],"language":"c"}}
< {"responses":[{"text":"x"}],"test":{}}
< {"responses":[{"text":"x"}],"test_list":"assert x"}
! pref-test: (stdin):1: an empty list of tests
! pref-test: (stdin):2: tests of a function without entry_point
! pref-test: (stdin):3: a case without out
! pref-test: (stdin):4: language "cobol": not known; --list lists them
! pref-test: (stdin):5: tests that call functions are for Python
! pref-test: (stdin):6: a test in none of the forms
! pref-test: (stdin):7: tests that are no list
! pref-test: 7 read, 0 kept, 0 dropped, 7 bad, 0.0 s
! pref-test: responses: 0
? 1

A program that is not there is no fault of the response.
$ pref-test --languages rows.jsonl
@ rows.jsonl
| {"name":"none","file":"a","run":"no-such-interpreter ../box/a"}
< {"responses":[{"text":"x"}],"test":{"language":"none","cases":[{"out":"x"}]}}
! pref-test: no-such-interpreter: No such file or directory
? 3

$ pref-test --language cobol
! pref-test: --language cobol: not known; --list lists them
? 2

$ pref-test --show /tmp/x
! pref-test: --show /tmp/x: programs have a /tmp/ of their own
? 2

Scores of another form are no place for the consensus.
$ pref-test -q --consensus
< {"prompt":"p","responses":[{"text":"def f(): return 1","scores":[1]},{"text":"def f(): return 2"}],"test":{"asserts":["assert f() == 1"]}}
! pref-test: (stdin):1:65: "scores" is not an object
? 1

The judge: the share of tests passed, of pairs and of candidates, from the record or from a file; none without tests.
$ pref-score -q -J tests
< {"prompt":"Double x.","chosen":"def f(x):\n    return x * 2","rejected":"def f(x):\n    return 4","test_list":["assert f(2) == 4","assert f('a') == 'aa'"]}
< {"prompt":"Nothing.","chosen":"a","rejected":"b"}
< {"prompt":"p","responses":[{"text":"The answer is 3."},{"text":"4"}],"test":{"answer":"3"}}
< {"prompt":"p","responses":[{"text":"The answer is 3."},{"text":"4"}]}
> {"prompt":"Double x.","chosen":"def f(x):\n    return x * 2","rejected":"def f(x):\n    return 4","test_list":["assert f(2) == 4","assert f('a') == 'aa'"],"scores":{"tests":[1,0.5]},"score_chosen":1,"score_rejected":0.5,"margin":0.5}
> {"prompt":"Nothing.","chosen":"a","rejected":"b","verdict":"error","why":"tests: no tests"}
> {"prompt":"p","responses":[{"text":"The answer is 3.","scores":{"tests":1},"score":1},{"text":"4","scores":{"tests":0},"score":0}],"test":{"answer":"3"}}
> {"prompt":"p","responses":[{"text":"The answer is 3."},{"text":"4"}],"verdict":"error","why":"tests: no tests"}

$ pref-score -q -J tests:tests.jsonl | pref-pair -q --by score
@ tests.jsonl
| {"id":7,"test":{"cases":[{"in":"1","out":"1"},{"in":"2","out":"2"}],"language":"sh"}}
< {"id":7,"prompt":"Print what you read.","responses":[{"text":"echo 1"},{"text":"cat"},{"text":"exit 1"}]}
> {"prompt":"Print what you read.","chosen":"cat","rejected":"exit 1","scores":{"tests":[1,0]},"score_chosen":1,"score_rejected":0,"margin":1,"id":7}

$ pref-eval -q -J tests | head -n 4
< {"prompt":"Double x.","chosen":"def f(x):\n    return x * 2","rejected":"def f(x):\n    return 4","test_list":["assert f(2) == 4","assert f('a') == 'aa'"]}
< {"prompt":"Halve x.","chosen":"def f(x):\n    return 1","rejected":"def f(x):\n    return x / 2","test_list":["assert f(2) == 1","assert f(4) == 2"]}
> 2 pairs; not counted: tie 0, equal responses 0
>
> judge          pairs  accuracy  95 % interval      auc  log-loss    ece
> tests              2    0.5000  0.0945-0.9055   0.5000    0.7241  0.122

$ pref-flip -q -J tests -a swap
< {"prompt":"Halve x.","chosen":"def f(x):\n    return 1","rejected":"def f(x):\n    return x / 2","test_list":["assert f(2) == 1","assert f(4) == 2"]}
> {"prompt":"Halve x.","chosen":"def f(x):\n    return 1","rejected":"def f(x):\n    return x / 2","test_list":["assert f(2) == 1","assert f(4) == 2"],"flip":0.250232456,"margin":-0.5,"margin_std":0}

Answers that take their prompt for the beginning of a block, or leave out what it imports.
$ pref-test -q | grep -o '"verdict":"[^"]*"\|"why":"[^"]*"'
< {"prompt":"from math import tau as t\n\ndef f(x):\n","test":"def check(c):\n    assert c(1) == 7\n","entry_point":"f","responses":[{"text":"def f(x):\n    return int(x * t) + 1\n```\n\nThis is f.\n"},{"text":"    return int(x * t) + 1\n```\n\nIt is 7.\n"},{"text":"```python\n    return int(x * t) + 1\n```"},{"text":"```\n\nBetter:\n\n```python\ndef f(x): return int(x * t) + 1\n```\n"},{"text":"def f(x):\n    return int(x * u) + 1\n```\n"}]}
> "verdict":"pass"
> "verdict":"pass"
> "verdict":"pass"
> "verdict":"pass"
> "verdict":"fail"
> "why":"NameError"

Problems without answers are passed on, and counted.
$ pref-test
< {"task_id":1,"prompt":"Double x.","test_list":["assert f(2) == 4"]}
> {"task_id":1,"prompt":"Double x.","test_list":["assert f(2) == 4"]}
! pref-test: 1 read, 1 kept, 0 dropped, 0 bad, 0.1 s
! pref-test: responses: 0; records without responses 1
