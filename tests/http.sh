#!/bin/bash
# http.sh - judges over HTTP, end to end: pref-score against tests/loopback
#
# usage: tests/http.sh BINDIR LOOPBACK [KILLS]
# KILLS: how often the run of the kill test is killed at least (default 20).
set -u
loopback=$(realpath "$2") prompts=$(realpath "${0%/*}/../judges/prompts") kills=${3:-20}
. "${0%/*}/programs.sh"
unset http_proxy
ONLY=pref-score
begin "$1"

coproc SERVER { exec "$loopback" log; }
read -r port <&"${SERVER[0]}"

# judge NAME PROMPT PLAY[/PATH] [LINE...]: the file NAME.judge
judge() {
	local name=$1 prompt=$2 play=$3
	shift 3
	[[ $play == */* ]] || play+=/v1/chat/completions
	rm -f "$name.judge.journal"
	{	[ -z "$prompt" ] || echo "include: $prompts/$prompt.prompt"
		printf '%s\n' "url: http://127.0.0.1:$port/$play" "model: m" "$@"; } >"$name.judge"
}

# same WHAT FILE: standard input is what FILE should be.
same() {
	if diff - "$2" >err 2>&1; then ok; else p= not_ok "$1"; fi
}

# want STATUS WHAT COMMAND...: out and err are left.
want() {
	local status=$1 what=$2 got
	shift 2
	timeout -k 5 100 "$@" >out 2>err
	got=$?
	if [ $got = $status ]; then ok; else not_ok "$what: exit $got, not $status"; fi
}
says() { if grep -q -- "$2" err; then ok; else not_ok "$1 says: $2"; fi; }

# Of each record: verdict, score of chosen, why.
short() {
	python3 -c '
import json, sys
for line in sys.stdin:
    r = json.loads(line)
    print(r.get("verdict"), r.get("scores", {}).get("http"), r.get("why"))' <out
}

cat >in <<'END'
{"prompt":"Name a colour.","chosen":"Blue.","rejected":"A colour is blue."}
{"prompt":[{"role":"user","content":"And one more?"}],"chosen":"Green, because it is between them.","rejected":"No."}
{"prompt":"Equal?","chosen":"aaaa","rejected":"bbbb"}
END

# ---- what each kind of judge makes of it ----
judge pair pairwise ok
want 0 "pairwise" pref-score -J http:pair.judge in
says "pairwise" "6 asked (6 answered, 0 failed, 0 retries), 0 in the journal"
short >s; same "pairwise" s <<'END'
B [0, 1] None
A [1, 0] None
tie [0.5, 0.5] None
END
cp out first
want 0 "pairwise again" pref-score -J http:pair.judge in
says "again" "0 asked (0 answered, 0 failed, 0 retries), 6 in the journal"
same "again" out <first
want 0 "an empty input" pref-score -q -J http:pair.judge /dev/null

judge x pairwise first
want 0 "a judge that loves the first place" pref-score -q -J http:x.judge in
short >s; same "the first place" s <<'END'
tie [0.5, 0.5] http: the two orders disagree
tie [0.5, 0.5] http: the two orders disagree
tie [0.5, 0.5] http: the two orders disagree
END
judge x pairwise first "orders: one"
want 0 "one order" pref-score -q -J http:x.judge in
short | cut -d ' ' -f 1 >s
python3 -c '
import json
for line in open("in"):
    r = json.loads(line)
    r["chosen"], r["rejected"] = r["rejected"], r["chosen"]
    print(json.dumps(r))' >turned
want 0 "one order, turned" pref-score -q -J http:x.judge turned
short | cut -d ' ' -f 1 | tr AB BA >t
same "one order does not see which is chosen" t <s

judge x pairwise ok "votes: 3" "set: seed 7"
want 0 "votes" pref-score -J http:x.judge in
says "votes" "18 asked (18 answered"
same "votes" out <first

judge x token ok
want 0 "log-probs" pref-score -q -J http:x.judge in
short >s; same "log-probs" s <<'END'
B [0.23147521650098235, 0.7685247834990176] None
A [0.9568927450589139, 0.04310725494108614] None
tie [0.5, 0.5] None
END
judge x "" ok/v1/completions "api: completions" "logprobs: yes" "[text]" "{prompt} {A} {B} Better:"
want 0 "log-probs of completions" pref-score -q -J http:x.judge in
short | same "log-probs of completions" s

judge x rating ok
want 0 "rating" pref-score -q -J http:x.judge in
short >s; same "rating" s <<'END'
None [1, 2] None
None [4, 1] None
None [1, 1] None
END
judge x rating ok "scale: 2 10"
want 0 "rating" pref-score -q -J http:x.judge in
short >s; same "a rating outside the scale" s <<'END'
invalid None http: a rating outside the scale
invalid None http: a rating outside the scale
invalid None http: a rating outside the scale
END
judge x aspects ok "scale: 1 10"
want 0 "aspects" pref-score -J http:x.judge in
says "aspects" "24 asked"
judge x rules ok
want 0 "rules" pref-score -q -J http:x.judge in
short >s; same "rules" s <<'END'
None [0, 0] None
None [1, 0] None
None [0, 0] None
END
judge x own ok
want 0 "an answer of its own" pref-score -J http:x.judge in
says "an answer of its own" "9 asked (9 answered"
same "an answer of its own" out <first
judge x reference ok "reference: gold"
sed 's/}$/,"gold":"red"}/' in >gold
want 0 "a reference" pref-score -q -J http:x.judge gold
sed 's/,"gold":"red"//' out | same "a reference" first
want 0 "without a reference" pref-score -q -J http:x.judge in
short | sort -u >s; same "without a reference" s <<'END'
error None http: the record has no reference
END

echo '{"prompt":"p","responses":[{"text":"one"},{"text":"because of two and more of it"}]}' >many
judge x rating ok
want 0 "candidates" pref-score -q -J http:x.judge many
same "candidates" out <<'END'
{"prompt":"p","responses":[{"text":"one","scores":{"http":1},"score":1},{"text":"because of two and more of it","scores":{"http":3},"score":3}]}
END
for api in classify pooling score openrlhf sglang; do
	path=$api text=()
	[ $api != openrlhf ] || path=get_reward text=("[text]" "{response}")
	[ $api != sglang ] || text=("[text]" "{response}")
	judge x "" ok/$path "api: $api" "${text[@]}"
	want 0 "$api" pref-score -q -J http:x.judge in
	short >s; same "raw rewards by $api" s <<-'END'
	None [-5, 7] None
	None [24, -7] None
	None [-6, -6] None
	END
done

# ---- trouble ----
# play NAME STATUS WHY: all records come out with this verdict.
play() {
	judge x pairwise "$1" "retries: 1"
	want 0 "$1" pref-score -q -J http:x.judge in
	short | sort -u >s
	echo "$2 None http: $3" | same "$1" s
}
play always-down error "status 500: played down"
play always-wrong error "status 400: played wrong"
play always-later error "status 429: played later"
play always-garbage error "the reply is not JSON: byte 23: unexpected end"
play none error "the reply does not have one choice"
play refuse refused "I can't judge that."
play length invalid "the reply was cut off before a verdict"
for p in busy busy-ms busy-date down cut hang-up garbage drip; do
	judge x pairwise $p
	want 0 $p pref-score -q -J http:x.judge in
	same $p out <first
done
judge x pairwise ok "url: http://127.0.0.1:9/v1/chat/completions" "retries: 1"
want 3 "no server" pref-score -q -J http:x.judge in
says "no server" "the server cannot be reached (Failed to connect"
judge x pairwise always-quota
want 3 "no quota" pref-score -q -J http:x.judge in
says "no quota" "the quota is used up (status 429: played quota)$"
judge x pairwise key "key-env: A_KEY"
want 2 "no key" pref-score -q -J http:x.judge in
says "no key" "A_KEY, which is not set"
A_KEY=wrong-one want 3 "a wrong key" pref-score -q -J http:x.judge in
says "a wrong key" "the key is refused"
if grep -q wrong-one err x.judge.journal; then not_ok "a key is told"; else ok; fi
A_KEY=sesame want 0 "the right key" pref-score -q -J http:x.judge in
if grep -q sesame out err x.judge.journal; then not_ok "a key is told"; else ok; fi
echo sesame >secret
judge x pairwise key "key-file: secret"
want 0 "a key in a file" pref-score -q -J http:x.judge in

# ---- on the way ----
judge x pairwise ok "url: http://judge.example/ok/v1/chat/completions"
http_proxy=http://127.0.0.1:$port want 0 "a proxy" pref-score -q -J http:x.judge in
same "a proxy" out <first
cat >tls.py <<'END'
import http.server, ssl
class Answer(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"choices":[{"message":{"content":"[[A]]"}}]}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("cert", "secret-key")
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
END
if openssl req -x509 -newkey rsa:2048 -nodes -keyout secret-key -out cert -days 2 -subj /CN=loopback \
	-addext subjectAltName=IP:127.0.0.1 >err 2>&1; then
	exec 5< <(exec python3 tls.py 2>err)
	tls=$!
	read -r -u 5 secure
	judge x pairwise ok "url: https://127.0.0.1:$secure/v1/chat/completions"
	want 3 "a certificate that nobody signed" pref-score -q -J http:x.judge in
	says "a certificate that nobody signed" "the server's certificate does not verify"
	SSL_CERT_FILE=cert want 0 "a certificate that is trusted" pref-score -q -J http:x.judge in
	SSL_CERT_FILE=cert want 3 "another name" pref-score -q -J http:<(sed s/127.0.0.1/localhost/ x.judge; echo "journal: $tmp/y") in
	kill $tls
else
	echo "skipped: TLS, openssl is not here"
fi

# ---- money ----
printf '# per million\nother 1 1\nm 1000000 2000000\n' >prices
judge x pairwise ok "in-flight: 1" "set: max_tokens 20"
want 0 "--dry-run" pref-score -J http:x.judge --dry-run --prices prices in
says "--dry-run" "to_ask: 6 requests, 0 in the journal, about [0-9]* tokens in, at most 120 out, cost up to [0-9]"
same "--dry-run passes records" out <in
want 3 "--max-cost" pref-score -J http:x.judge --prices prices --max-cost 700 in
says "--max-cost" "could exceed --max-cost; [1-5] answers are kept"
want 0 "and on" pref-score -J http:x.judge --prices prices in
says "and on" "[1-5] in the journal"
same "and on" out <first
want 2 "--max-cost alone" pref-score -J http:x.judge --max-cost 1 in
sed -i s/^m/n/ prices
want 2 "no price" pref-score -J http:x.judge --prices prices in
says "no price" "there is no price of m"

# ---- batches ----
judge x pairwise ok
want 0 "--emit-batch" pref-score -q -J http:x.judge --emit-batch batch -j 4 in
same "--emit-batch passes records" out <in
python3 - "$port" >err 2>&1 <<'END' && ok || not_ok "the batch is answered"
import json, sys, urllib.request
lines = [json.loads(line) for line in open("batch")]
assert len(lines) == 6 and all(len(l["custom_id"]) <= 64 and l["url"] == "/ok/v1/chat/completions" for l in lines)
with open("replies", "w") as out:
    for l in reversed(lines):
        q = urllib.request.Request("http://127.0.0.1:%s%s" % (sys.argv[1], l["url"]), json.dumps(l["body"]).encode())
        body = json.load(urllib.request.urlopen(q))
        print(json.dumps({"id": "b", "custom_id": l["custom_id"], "response": {"status_code": 200, "body": body}, "error": None}), file=out)
END
want 0 "--ingest-batch" pref-score -J http:x.judge --ingest-batch replies --reparse in
same "--ingest-batch" out <first
head -n 1 replies >one
judge x pairwise ok
want 0 "half a batch" pref-score -J http:x.judge --ingest-batch one in
says "half a batch" "5 asked (5 answered, 0 failed, 0 retries), 1 in the journal"
judge x pairwise ok
want 0 "--reparse without answers" pref-score -q -J http:x.judge --reparse in
short | sort -u >s; echo "error None http: it is not in the journal" | same "--reparse without answers" s
judge x own ok
want 0 "the first half of two" pref-score -q -J http:x.judge --emit-batch batch in
wc -l <batch >s; echo 3 | same "the first half of two" s

# ---- money in other programs: only pairs with a side are asked about ----
{ cat in; echo '{"prompt":"p","chosen":"a","rejected":"a"}'; echo '{"prompt":"p","chosen":"a","rejected":"b","verdict":"tie"}'; } >more
sed -i s/^n/m/ prices
for program in pref-flip pref-eval; do
	judge x pairwise ok "in-flight: 1" "set: max_tokens 20"
	want 3 "$program --max-cost" $program -J http:x.judge --prices prices --max-cost 700 more
	says "$program --max-cost" "could exceed --max-cost; [1-5] answers are kept"
	judge x pairwise ok
	want 0 "$program --emit-batch" $program -J http:x.judge --emit-batch batch -j 4 more
	says "$program --emit-batch" "to_ask: 6 requests, 0 in the journal"
	wc -l <batch >s; echo 6 | same "$program --emit-batch" s
	want 0 "$program --ingest-batch" $program -J http:x.judge --ingest-batch replies more
	says "$program --ingest-batch" "0 asked (0 answered, 0 failed, 0 retries), 6 in the journal"
	judge x pairwise ok
	want 0 "$program" $program -J http:x.judge more
	says "$program" "6 asked (6 answered, 0 failed, 0 retries), 0 in the journal"
done

# ---- rationales and masks ----
judge x "" ok "judge: rationale"
want 0 "rationales planned" pref-rationale --http x.judge --dry-run in
says "rationales planned" "3 requests, 0 in the journal"
want 0 "rationales" pref-rationale --http x.judge --need --rejects rejects in
says "rationales" "3 asked (3 answered, 0 failed, 0 retries), 0 in the journal"
says "rationales" "rationales: 1, of 1 pairs; not used: disagrees 2"
python3 -c '
import json
for line in open("out"):
    r = json.loads(line)
    print(r["rationale"], "Green" in r["rationale_prompt"])
for line in open("rejects"):
    print(json.loads(line)["dropped"]["faults"])' >s; same "rationales" s <<'END'
The better response is the longer of the two. True
{'disagrees': 1}
{'disagrees': 1}
END
want 0 "rationales again" pref-rationale --http x.judge --need -j 1 in
says "rationales again" "0 asked (0 answered, 0 failed, 0 retries), 3 in the journal"
judge x "" ok "judge: rationale" "votes: 3"
want 0 "several rationales" pref-rationale --http x.judge in
says "several rationales" "9 asked (9 answered"
says "several rationales" "rationales: 1, of 1 pairs; not used: disagrees 6, duplicate 2"
judge x "" length "judge: rationale" "kind: specific"
want 0 "rationales that are cut off" pref-rationale --http x.judge in
says "rationales that are cut off" "rationales: 0, of 0 pairs; not used: cut 3"
same "rationales that are cut off" out <in
judge x "" always-wrong "judge: rationale"
want 0 "no rationales" pref-rationale --http x.judge in
says "no rationales" "a request failed: status 400: played wrong (others are only counted)"
says "no rationales" "not used: failed 3"
judge x "" ok "judge: rationale"
want 2 "rationales are no judge" pref-score -q -J http:x.judge in
says "rationales are no judge" "judge: rationale is for pref-rationale"
judge x rules ok "rule: it gives a reason"
want 0 "masks planned" pref-mask -J http:x.judge --below 0.5 --dry-run in
want 0 "masks" pref-mask -J http:x.judge --below 0.5 in
grep -o '"mask".*' out >s; same "masks" s <<'END'
"mask":{"chosen":[],"rejected":[[0,17]]}}
"mask":{"chosen":[[0,34]],"rejected":[[0,3]]}}
"mask":{"chosen":[],"rejected":[[0,4]]}}
END

# A sentence where it stands: what comes before it counts, and sentences that are the same are told apart.
echo '{"prompt":"Why?","chosen":"So it is. It is so because it was. So it is.","rejected":"No."}' >context
judge x sentence ok
want 0 "sentences planned" pref-mask -J http:x.judge --below 0.5 --dry-run context
says "sentences planned" "4 requests, 0 in the journal"
want 0 "sentences" pref-mask -J http:x.judge --below 0.5 context
says "sentences" "4 asked (4 answered, 0 failed, 0 retries), 0 in the journal"
grep -o '"mask".*' out >s; same "sentences" s <<'END'
"mask":{"chosen":[[10,44]],"rejected":[[0,3]]}}
END
want 0 "a sentence of no response" pref-score -J http:x.judge context
grep -q 'that is for pref-mask' out; same "a sentence of no response" <(echo $?) <<<0

# ---- files of judges ----
# wrong MESSAGE LINE...
wrong() {
	local message=$1
	shift
	judge x pairwise ok "$@"
	want 2 "$message" pref-score -q -J http:x.judge in
	says "$*" "$message"
}
wrong 'x.judge:4: no setting is called "colour"' "colour: blue"
wrong 'x.judge:4: "3.5" is no whole number' "votes: 3.5"
wrong 'x.judge:4: a line is "name: value"' "votes"
wrong 'x.judge:4: "maybe": there are no, yes' "logprobs: maybe"
wrong 'x.judge:4: set: x wants a JSON value' "set: x {"
wrong 'x.judge:4: n cannot be set' "set: n 3"
wrong 'x.judge:4: no section is called \[users\]' "[users]"
wrong 'x.judge: the template lacks {A} or {B}' "[user]" "{prompt}"
wrong 'x.judge: {own} and a section \[own user\] belong together' "[user]" "{A}{B}{own}"
wrong 'x.judge: {sentence} is for judge: rating and judge: rules' "[user]" "{A}{B}{sentence}"
wrong 'a reward server scores whole responses' "api: openrlhf" "[text]" "{response}{sentence}"
wrong 'x.judge: there is no rule' "judge: rules" "[user]" "{response}"
wrong 'x.judge: this is no text' $'[user]\n\xff{A}{B}'
wrong 'a password does not belong' "url: http://me:you@localhost/"
wrong 'files include each other' "include: x.judge"
want 3 "no such file" pref-score -q -J http:none in
cp in other
judge x pairwise ok "journal: other"
want 3 "a journal that is none" pref-score -q -J http:x.judge in
says "a journal that is none" "line 1: this is no journal"

# ---- the same bytes, however it is run ----
pairs 400 >many
judge all pairwise mixed "in-flight: 32"
want 0 "many" pref-score -q -J http:all.judge -J length many
cp out expected
short | sed 's/http: .*/why/' | sort | uniq -c >err
if grep -q "A" err && ! grep -q error err; then ok; else not_ok "many"; fi
for j in 1 2 4; do
	rm all.judge.journal
	want 0 "-j $j" pref-score -q -J http:all.judge -J length -j $j many
	same "-j $j" out <expected
done
want 0 "a pipe" bash -c 'cat many | pref-score -q -J http:all.judge -J length'
same "a pipe" out <expected
want 0 "--calibrate" pref-score -q -J http:all.judge -J length --calibrate many

# ---- a run that ends early ----
# What is in flight when a bad record ends the run (its batch is the first of two) is awaited.
judge x pairwise drip "in-flight: 32"
{ pairs 10; echo nothing; pairs 2500; } >broken
: >log
want 1 "a bad record" pref-score -q -j 2 -J http:x.judge -o result broken
grep ^done log | cut -d ' ' -f 2 | sort >s
cut -d '"' -f 4 x.judge.journal | sort >t
same "all answers are kept" t <s
wc -l <t | awk '{ exit !($1 > 500) }' && ok || not_ok "a bad record: $(wc -l <t) answers"
want 0 "other judges' users" pref-flip -q -J http:all.judge -j 2 many -o /dev/null
want 0 "other judges' users" pref-eval -q -J http:all.judge many -o /dev/null

# A disk that is full: what fits is whole, and the next run goes on from there.
judge x pairwise ok
pairs 100 >hundred
want 3 "a full disk" bash -c 'trap "" XFSZ; ulimit -f 16; exec "$@"' - pref-score -q -J http:x.judge hundred
says "a full disk" "the journal cannot be written (.*); [0-9]* answers are kept"
kept=$(python3 -c 'import json; print(sum(1 for line in open("x.judge.journal") if "answer" in json.loads(line)))')
[ "$kept" -gt 10 ] && ok || not_ok "a full disk: $kept answers"
want 0 "and on" pref-score -J http:x.judge hundred
says "a full disk" "$((200 - kept)) asked ($((200 - kept)) answered, 0 failed, 0 retries), $kept in the journal"

# ---- kill -9 ----
# Whatever the journal holds when the process dies is not asked again; what it lacks was in flight.
pairs 1200 >many
judge all pairwise mixed "in-flight: 32"
want 0 "the run without kills" pref-score -q -J http:all.judge -J length many
cp out expected
judge all pairwise mixed "in-flight: 8"
: >log
killed=0 again=0 status=137
while [ $status = 137 ] && [ $killed -lt 1000 ]; do
	touch all.judge.journal
	grep -o '^{"key":"[0-9a-f]*","at":[0-9]*,"answer"' all.judge.journal | cut -d '"' -f 4 | sort >kept
	wc -l <log >asked_before
	pref-score -q -J http:all.judge -J length -o result many 2>err &
	run=$!
	[ $killed -ge $kills ] || { sleep 0.0$((RANDOM % 60 + 20)); kill -9 $run 2>/dev/null; }
	wait $run 2>/dev/null
	status=$?
	[ $status != 137 ] || killed=$((killed + 1))
	tail -n +$(($(cat asked_before) + 1)) log | grep ^ask | cut -d ' ' -f 2 | sort -u >asked
	again=$((again + $(comm -12 kept asked | wc -l)))
done
[ $status = 0 ] && ok || not_ok "the last run: exit $status"
[ $killed -ge $kills ] && ok || not_ok "killed only $killed times"
[ $again = 0 ] && ok || not_ok "$again kept answers were asked for again"
same "the output after $killed kills" result <expected
lost=$(grep ^done log | sort | uniq -d | wc -l)
[ "$lost" -le $((killed * 8)) ] && ok || not_ok "$lost answers were lost, more than were in flight"
! ls result.partial* >/dev/null 2>&1 || rm -f result.partial*
[ -z "${V-}" ] || echo "killed $killed times, $lost answers were on their way"

summary
