"""driver - runs in the sandbox: functions of candidates against Python tests, without letting them meet

Reads one JSON object from standard input and writes a line of JSON for each candidate to descriptor 3. Four kinds
of processes take part, and none but the last runs a candidate's code:

	server	this program: reads the tests, hands out candidates, writes what came of them
	nursery	forked before the tests are read, so that they are not in its memory: forks a worker for each candidate
	checker	forked by the server, runs the tests of one candidate after the other. The functions it calls are stubs that send
		arguments to the worker and get plain values back, so that no object of the candidate's, no frame, no
		exit status and no output is near what decides
	worker	runs the candidate's code, and calls its functions

None of them can be read by another (PR_SET_DUMPABLE). A worker that ends is replaced for the tests that follow; after
a timeout there are none. Tests whose set-up needs objects of the candidate's (it builds trees of its class Node, say)
or that pass it what is no plain value are run in the worker: the candidate could forge their results, and "inside"
says how many they are. What can be decided by the tests alone decides this, never the candidate.
"""
import builtins, ctypes, gc, json, os, resource, select, signal, socket, struct, sys, time
# What candidates import most: loaded once, here.
import bisect, collections, copy, functools, heapq, itertools, math, operator, random, re, string, typing

MODULES = set("array base64 bisect cmath collections copy datetime decimal fractions functools heapq itertools math "
	"operator random re statistics string sys typing".split())
VIEWS = type({}.keys()), type({}.values()), type({}.items())
MOST = 1 << 26			# bytes of one message
# Only in a system of our own may we kill all others. Elsewhere there is one candidate a sandbox.
CONFINED = os.uname().nodename == "sandbox" and os.getppid() == 1


class Gone(BaseException):
	"""The worker has ended."""


class Late(BaseException):
	"""The time is up."""


class Unsendable(BaseException):
	"""A test passes what is no plain value."""


class Strange:
	"""A value of the candidate's that is none of the plain types: equal to nothing, not even itself."""

	def __init__(self, kind):
		self.kind = kind

	def __eq__(self, other):
		return False

	def __ne__(self, other):
		return True

	__hash__ = None

	def __bool__(self):
		return self.kind != "NoneType"


# ---- plain values as JSON: what JSON has as it is, the rest as [tag, ...] ----

def encode(x):
	if x is None or x is True or x is False:
		return x
	if isinstance(x, int):
		return int(x)
	if isinstance(x, float):
		return float(x)
	if isinstance(x, str):
		return str(x)
	if isinstance(x, list):
		return ["l", [encode(v) for v in x]]
	if isinstance(x, tuple):
		return ["t", [encode(v) for v in x]]
	if isinstance(x, (set, frozenset)):
		return ["F" if isinstance(x, frozenset) else "s", [encode(v) for v in x]]
	if isinstance(x, dict):
		return ["d", [[encode(k), encode(v)] for k, v in x.items()]]
	if isinstance(x, (bytes, bytearray)):
		return ["b", bytes(x).hex()]
	if isinstance(x, complex):
		return ["c", x.real, x.imag]
	if isinstance(x, range):
		return ["r", x.start, x.stop, x.step]
	for tag, module, name in (("D", "decimal", "Decimal"), ("Q", "fractions", "Fraction"), ("T", "datetime", "datetime"),
			("A", "datetime", "date")):
		# A module that nobody has loaded has no objects.
		if module in sys.modules and isinstance(x, getattr(sys.modules[module], name)):
			return [tag, x.isoformat() if module == "datetime" else str(x)]
	if isinstance(x, VIEWS) or (hasattr(x, "__next__") and hasattr(x, "__iter__")):
		return ["i", [encode(v) for v in itertools.islice(x, 1000000)]]
	return ["?", type(x).__name__]


def decode(x):
	if not isinstance(x, list):
		return x
	tag, rest = x[0], x[1:]
	if tag == "l":
		return [decode(v) for v in rest[0]]
	if tag == "t":
		return tuple(decode(v) for v in rest[0])
	if tag in "sF":
		return (set if tag == "s" else frozenset)(decode(v) for v in rest[0])
	if tag == "d":
		return {decode(k): decode(v) for k, v in rest[0]}
	if tag == "b":
		return bytes.fromhex(rest[0])
	if tag == "c":
		return complex(float(rest[0]), float(rest[1]))
	if tag == "r":
		return range(*(int(v) for v in rest))
	if tag == "D":
		return __import__("decimal").Decimal(rest[0])
	if tag == "Q":
		return __import__("fractions").Fraction(rest[0])
	if tag == "T":
		return __import__("datetime").datetime.fromisoformat(rest[0])
	if tag == "A":
		return __import__("datetime").date.fromisoformat(rest[0])
	if tag == "i":
		return iter([decode(v) for v in rest[0]])
	return Strange(str(rest[0]))


def strange(x):
	"""Is there something in an encoded value that was not plain?"""
	if not isinstance(x, list):
		return False
	if x[0] == "d":
		return any(strange(k) or strange(v) for k, v in x[1])
	return x[0] == "?" or (x[0] in "ltsFi" and any(map(strange, x[1])))


def same(got, want):
	"""Is a value the one that JSON has? Tuples are lists there; floats may differ in the last digits."""
	if isinstance(want, list):
		return isinstance(got, (list, tuple)) and len(got) == len(want) and all(map(same, got, want))
	if isinstance(want, dict):
		return isinstance(got, dict) and len(got) == len(want) and \
			all(str(k) in want and same(v, want[str(k)]) for k, v in got.items())
	if isinstance(want, float) and isinstance(got, (int, float)) and not isinstance(got, bool):
		return got == want or abs(got - want) <= 1e-6 * max(1, abs(want)) or (got != got and want != want)
	return type(got) == type(want) and got == want or isinstance(got, float) and type(want) == int and got == want


# ---- messages: a length, and JSON ----

class Channel:
	def __init__(self, s):
		self.s, self.data = s, b""

	def send(self, message):
		data = json.dumps(message).encode()
		try:
			self.s.sendall(struct.pack("<I", len(data)) + data)
		except OSError:
			raise Gone from None

	def bytes(self, n):
		while len(self.data) < n:
			try:
				more = self.s.recv(1 << 16)
			except OSError:
				more = b""
			if not more:
				raise Gone
			self.data += more
		data, self.data = self.data[:n], self.data[n:]
		return data

	def receive(self):
		n, = struct.unpack("<I", self.bytes(4))
		if n > MOST:
			raise Gone
		try:
			return json.loads(self.bytes(n))
		except (ValueError, RecursionError):
			raise Gone from None


# ---- the worker ----

def silence():
	"""Our input and outputs lead nowhere; their numbers are not used again."""
	null = os.open("/dev/null", os.O_RDWR)
	for fd in range(4):
		os.dup2(null, fd)
	os.close(null)


def work(channel, program, error, cpu, memory):
	resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
	resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
	gc.enable()
	space = {"__name__": "candidate"}
	if not program:
		channel.send(["syntax", error])
		return
	try:
		exec(program, space)
	except BaseException as e:
		channel.send(["load", type(e).__name__])
		return
	channel.send(["ready", [k for k, v in space.items() if callable(v) and k != "__builtins__"],
		[k for k, v in space.items() if isinstance(v, type(sys)) and v.__name__ == k]])
	while True:
		what, name, args, named = channel.receive()
		try:
			if what == "exec":
				exec(name, space)
				answer = ["value", None]
			else:
				named = {k: decode(v) for k, v in named}
				answer = ["value", encode(space[name](*(decode(a) for a in args), **named))]
		except BaseException as e:
			answer = ["raise", type(e).__name__, ""]
		channel.send(answer)


# ---- the nursery ----

def nurse(channel):
	"""Each message is a candidate's code, and comes with the socket to its checker. It is answered with the number of the
	worker, and when that has ended with its status."""
	while True:
		head, fds, _, _ = socket.recv_fds(channel.s, 4, 1)
		if not head:
			os._exit(0)
		channel.data = head
		code, cpu, memory = channel.receive()
		program = error = None
		try:
			program = compile(code, "candidate", "exec")	# here, where no page need be copied for it
		except BaseException as e:
			error = type(e).__name__
		pid = os.fork()
		if pid == 0:
			channel.s.close()
			try:
				work(Channel(socket.socket(fileno=fds[0])), program, error, cpu, memory)
			finally:
				os._exit(0)
		os.close(fds[0])
		channel.send(pid)
		channel.send(os.waitpid(pid, 0)[1])


# ---- the checker ----

class Candidate:
	"""A worker, and the stubs that call it."""

	def __init__(self, job, nursery, code):
		self.nursery = nursery
		self.message = json.dumps([code, job["cpu"], job["memory"]]).encode()
		self.until = time.monotonic() + job["wall"]
		self.pid = None
		self.prepared = False		# has it run the set-up of tests that are run inside?

	def start(self):
		mine, its = socket.socketpair()
		socket.send_fds(self.nursery.s, [struct.pack("<I", len(self.message))], [its.fileno()])
		self.nursery.s.sendall(self.message)
		its.close()
		self.channel = Channel(mine)
		self.pid = self.nursery.receive()
		self.prepared = False

	def end(self):
		"""The status of the worker, which is gone afterwards."""
		if self.pid is None:
			return 0
		self.channel.s.close()
		try:
			os.kill(self.pid, signal.SIGKILL)
		except ProcessLookupError:
			pass
		self.pid = None
		return self.nursery.receive()

	def ask(self, message):
		self.channel.send(message)
		answer = self.channel.receive()
		if isinstance(answer, list) and len(answer) == 2 and answer[0] == "value":
			try:
				return decode(answer[1])
			except Exception:
				return Strange("broken")
		kind = getattr(builtins, str(answer[1]), None) if isinstance(answer, list) and len(answer) == 3 else None
		if not (isinstance(kind, type) and issubclass(kind, Exception)) or issubclass(kind, UnicodeError):
			kind = RuntimeError
		raise kind(str(answer)[:200])

	def stub(self, name):
		def call(*args, **named):
			message = ["call", name, [encode(a) for a in args], [[k, encode(v)] for k, v in named.items()]]
			if any(strange(a) for a in message[2]) or any(strange(v) for _, v in message[3]):
				if any(isinstance(a, Strange) for a in args):
					raise TypeError("a value that is not plain")
				raise Unsendable
			return self.ask(message)
		return call


def in_time(candidate, act):
	"""Tests may hang, too."""
	def late(*_):
		raise Late

	signal.signal(signal.SIGALRM, late)
	# Again and again: tests may catch everything.
	signal.setitimer(signal.ITIMER_REAL, max(candidate.until - time.monotonic(), 0.001), 0.1)
	try:
		return act()
	finally:
		signal.setitimer(signal.ITIMER_REAL, 0)


def status_of(wait_status):
	"""Of a worker that has ended: what it is to the test, and why."""
	if not os.WIFSIGNALED(wait_status):
		return "fail", "exit"
	sig = os.WTERMSIG(wait_status)
	if sig == signal.SIGXCPU:
		return "timeout", "cpu"
	return {signal.SIGSYS: "sandbox-violation", signal.SIGXFSZ: "output-limit"}.get(sig, "crash"), signal.Signals(sig).name


def compiled(text):
	"""None: it is no Python."""
	try:
		return compile(text, "test", "exec")
	except (SyntaxError, ValueError):
		return None


class Checker:
	def __init__(self, job, programs, nursery, code, spared):
		self.job, self.programs = job, programs
		self.c = Candidate(job, nursery, code)
		self.spared = spared
		self.why = None
		self.inside = 0
		self.space = {"__name__": "tests"}
		self.forced = False

	def prepare(self):
		"""What tests need beside the candidate: its prompt's helpers, the set-up."""
		for name in ("prompt", "setup"):
			try:
				if self.programs[name]:
					in_time(self.c, lambda: exec(self.programs[name], self.space))
			except NameError:
				self.forced = self.forced or name == "setup"	# it uses what only the candidate defines
			except BaseException:
				pass
		self.own = set(self.space)

	def begin(self):
		"""A worker; None, or the status that all tests have without one."""
		self.c.start()
		said = in_time(self.c, self.c.channel.receive)
		if said[0] == "syntax":
			self.why = self.why or said[1]
			return "memory" if said[1] == "MemoryError" else "compile-error"
		if said[0] == "load":
			self.why = self.why or said[1]
			return "memory" if said[1] == "MemoryError" else "fail"
		for name in said[1]:
			if name not in self.own or name == self.job["entry"]:
				self.space[name] = self.c.stub(name)
		for name in said[2]:
			if name in MODULES and name not in self.space:
				self.space[name] = __import__(name)
		return None

	def run_inside(self, test):
		self.inside += 1
		if not self.c.prepared:
			self.c.ask(["exec", self.job["setup"], [], []])
			self.c.prepared = True
		self.c.ask(["exec", test, [], []])

	def run_case(self, case):
		name = self.job["entry"]
		got = self.space[name](*case["args"])
		if not same(got, case["result"]):
			raise AssertionError

	def run(self, test, program):
		if isinstance(test, str) and not program:
			self.why = self.why or "the test is no Python"
			return "fail"
		try:
			if not program:
				in_time(self.c, lambda: self.run_case(test))
			elif self.forced:
				in_time(self.c, lambda: self.run_inside(test))
			else:
				try:
					in_time(self.c, lambda: exec(program, self.space))
				except Unsendable:
					in_time(self.c, lambda: self.run_inside(test))
			return "pass"
		except Late:
			self.why = self.why or "wall"
			return "timeout"
		except Gone:
			status, why = status_of(self.c.end())
			self.why = self.why or why
			return status
		except MemoryError:
			self.why = self.why or "MemoryError"
			return "memory"
		except BaseException as e:
			self.why = self.why or type(e).__name__
			return "fail"

	def all(self):
		tests = self.job["tests"]
		status = []
		self.prepare()
		fate = None
		for test, program in zip(tests, self.programs["tests"]):
			if fate is None and self.c.pid is None:
				if status:
					sweep(self.spared)	# what the last worker has left
				try:
					fate = self.begin()
				except Late:
					self.c.end()
					self.why = self.why or "wall"
					fate = "timeout"
				except Gone:
					fate, why = status_of(self.c.end())
					self.why = self.why or why
			status.append(fate or self.run(test, program))
			if status[-1] == "timeout":
				fate = "timeout"
		self.c.end()
		return status


# ---- the server ----

def check(job, nursery, spared, commands, to):
	"""Each line of commands is the number of a candidate; a line of JSON answers it."""
	silence()
	gc.enable()
	spared = spared | {os.getpid()}
	programs = {name: compiled(job[name]) for name in ("prompt", "setup")}
	programs["tests"] = [compiled(t) if isinstance(t, str) else None for t in job["tests"]]
	for line in os.fdopen(commands):
		c = Checker(job, programs, nursery, job["codes"][int(line)], spared)
		answer = {"status": c.all(), "why": c.why, "inside": c.inside}
		data = (json.dumps(answer) + "\n").encode()
		while data:
			data = data[os.write(to, data):]


def collect(fd, seconds):
	"""A line, or None if it takes too long or breaks off."""
	data, until = b"", time.monotonic() + seconds
	while not data.endswith(b"\n"):
		left = until - time.monotonic()
		if left <= 0 or not select.select([fd], [], [], left)[0]:
			return None
		more = os.read(fd, 1 << 16)
		if not more:
			return None
		data += more
	return data


def sweep(spared):
	"""Kill all processes but those spared. False: some do not go."""
	for _ in range(200 if CONFINED else 0):
		others = [int(p) for p in os.listdir("/proc") if p.isdigit() and int(p) not in spared]
		if not others:
			return True
		for p in others:
			try:
				os.kill(p, signal.SIGKILL)
			except OSError:
				pass
		time.sleep(0.001)
	return not CONFINED


def main():
	ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)		# PR_SET_DUMPABLE
	if hasattr(sys, "set_int_max_str_digits"):
		sys.set_int_max_str_digits(0)
	gc.disable()		# pages stay shared between us
	gc.freeze()
	ours, its = socket.socketpair()
	nursery = os.fork()
	if nursery == 0:
		silence()
		ours.close()
		try:
			nurse(Channel(its))
		finally:
			os._exit(0)
	its.close()
	job = json.loads(sys.stdin.buffer.read())
	spared = {1, os.getpid(), nursery}
	its_commands, commands = os.pipe()
	answers, its_answers = os.pipe()
	checker = os.fork()
	if checker == 0:
		os.close(commands)
		os.close(answers)
		try:
			check(job, Channel(ours), spared, its_commands, its_answers)
		finally:
			os._exit(0)
	os.close(its_answers)
	spared.add(checker)
	for i in range(len(job["codes"])):
		os.write(commands, b"%d\n" % i)
		answer = collect(answers, job["wall"] + 5)
		lost = not answer or os.waitpid(nursery, os.WNOHANG)[0]
		if lost:
			# One of us is gone, or hangs: a candidate that kills. Who comes next needs another sandbox.
			violation = ["sandbox-violation"] * len(job["tests"])
			answer = json.dumps({"status": violation, "why": "driver", "inside": 0}).encode() + b"\n"
		os.write(3, answer)
		if lost or not sweep(spared):
			os._exit(0)
	os._exit(0)


main()
