# preftools - every check is a target; `make help` lists them
#
# make B=/somewhere builds out of the tree; SAN=address,undefined builds with sanitizers; NODEPS=1 looks for no
# packages; V=1 shows every command and every test.

B      ?= build
BIN    ?= $(if $(filter build,$(B)),bin,$(B)/bin)
PREFIX ?= /usr/local
CC     ?= cc
SAN    ?=

PKGS   := libarchive libxxhash libpcre2-8 jansson libutf8proc zlib
CFLAGS ?= -O2 -g
WARN   := -Wall -Wextra -Wshadow -Wvla -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes
HARDEN := $(if $(SAN),,-fstack-protector-strong -D_FORTIFY_SOURCE=2)
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE $(WARN) $(HARDEN) -pthread -fno-math-errno -ffp-contract=off \
	-Ilib -Ijudges $(SANFLAGS) $(CFLAGS)
LIBS   = $(shell pkg-config --libs $(PKGS)) -lm -pthread
ALL_LDFLAGS = $(SANFLAGS) -Wl,-z,relro,-z,now -Wl,--as-needed $(LDFLAGS)

# What is built is found by wildcard: filters/dedup.c and tools/train.c make bin/pref-dedup and bin/pref-train.
LIB_SRC  := $(wildcard lib/*.c) $(wildcard judges/*.c)
LIB_SRC += $(wildcard lib/lm/*.c)
# (A program of tools/ may have a second file: tools/train_lm.c is part of pref-train.)
PROG_SRC := $(wildcard filters/*.c) $(filter-out tools/train_%.c,$(wildcard tools/*.c))
PROGS    := $(patsubst %.c,$(BIN)/pref-%,$(notdir $(PROG_SRC)))
LIB_OBJ  := $(LIB_SRC:%.c=$(B)/%.o)
DEPS     = $(B)/.deps-
Q       := $(if $(V),,@)
SAY      = @$(if $(V),:,echo "  $(1) $@")

.PHONY: all
all: $(PROGS) ## build everything (the default)

$(B)/%.o: %.c | $(DEPS)build
	@mkdir -p $(@D)
	$(call SAY,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/lib/driver.o: lib/driver.py	# included as bytes

$(B)/libpref.a: $(LIB_OBJ)
	$(call SAY,AR)
	$(Q)rm -f $@
	$(Q)ar rcs $@ $^

$(BIN)/pref-%: $(B)/filters/%.o $(B)/libpref.a
	@mkdir -p $(@D)
	$(call SAY,LD)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BIN)/pref-train: $(B)/tools/train.o $(B)/tools/train_lm.o $(B)/libpref.a
	@mkdir -p $(@D)
	$(call SAY,LD)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BIN)/pref-%: $(B)/tools/%.o $(B)/libpref.a
	@mkdir -p $(@D)
	$(call SAY,LD)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# A stamp says that the packages of a group are there: build, check, fuzz, bench.
$(DEPS)%: tools/deps.sh
	@mkdir -p $(@D)
	@$(if $(NODEPS),:,tools/deps.sh $*)
	@touch $@

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

# ---- tests: each of these ends with "N passed, N failed" ----

export PREF_SHARED ?= $(abspath ../shared)
# A sanitizer's finding must not look like one of our own exit statuses.
export ASAN_OPTIONS ?= exitcode=99
export LSAN_OPTIONS ?= exitcode=99
export UBSAN_OPTIONS ?= exitcode=99:print_stacktrace=1
# (A program that stops at a bad record leaves its threads to the system.)
export TSAN_OPTIONS ?= exitcode=99:report_thread_leaks=0

UNIT    ?= $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c))
UNITS   := $(UNIT:%=$(B)/tests/unit/%)
TARGETS := $(patsubst tests/fuzz/%.c,%,$(filter-out tests/fuzz/replay.c,$(wildcard tests/fuzz/*.c)))
CASES   ?= $(wildcard tests/cases/*.t)
SECONDS ?= 60

.PHONY: check
check: ## all tests, also under sanitizers (about ten minutes)
	@tests/check.sh make layers unit cases every prop http gold pairs dpo plum readme fault:MAX=60 \
		replay install-test asan tsan

.PHONY: check-all
check-all: ## the same with every fault and a minute of fuzzing for each parser
	@tests/check.sh make check fault fuzz

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(B)/libpref.a
	$(call SAY,LD)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(LIBS)
$(UNITS:=.o): | $(DEPS)check

# The passes of lib/lm once more, with every float a double: for finite differences.
DOUBLE := $(patsubst lib/lm/%.c,$(B)/double/%.o,$(wildcard lib/lm/forward*.c lib/lm/backward*.c) lib/lm/lora.c)
$(B)/double/%.o: lib/lm/%.c tests/double.h
	@mkdir -p $(@D)
	$(call SAY,CC)
	$(Q)$(CC) $(ALL_CFLAGS) -include tests/double.h -MMD -MP -c -o $@ $<
$(B)/tests/unit/lm_backward: $(B)/tests/unit/lm_backward.o $(DOUBLE) $(B)/libpref.a
	$(call SAY,LD)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ -lcmocka $(LIBS)

$(B)/tests/%: $(B)/tests/%.o $(B)/libpref.a
	$(call SAY,LD)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

.PHONY: unit
unit: $(UNITS) $(B)/tests/loopback ## unit tests of the library (cmocka); UNIT=NAME for one
	@tests/unit.sh $(UNITS)

.PHONY: cases
cases: all $(B)/tests/cases $(B)/tests/mutate | $(DEPS)check ## examples and expected outputs; CASES=FILE... for some, UPDATE=1 rewrites
	@cases='$(CASES)'; $(if $(filter %/test.t,$(CASES)),tests/sandboxed.sh $(BIN) tests/cases/test.t direct || cases='$(filter-out %/test.t,$(CASES))';) \
	$(B)/tests/cases $(if $(UPDATE),--update) $(if $(V),-v) $(MODES:%=-m %) $(BIN) $$cases

.PHONY: every
every: all | $(DEPS)check ## what every program must do: options, bad files, full disks, readers that quit
	@tests/every.sh $(BIN)

.PHONY: prop
prop: all $(patsubst %,$(B)/tests/%,gen untouched verdict) | $(DEPS)check ## laws, on random records and on real data
	@tests/prop.sh $(BIN) $(B)/tests

.PHONY: http
http: all $(B)/tests/loopback | $(DEPS)check ## judges over HTTP against a server that plays every kind of trouble; KILLS=20
	@tests/http.sh $(BIN) $(B)/tests/loopback $(KILLS)

.PHONY: gold
gold: all | $(DEPS)check ## labels that pref-vote makes, against the gold labels of LLMBar
	@tests/golden/vote.py $(BIN) gold

.PHONY: pairs
pairs: all | $(DEPS)check ## pairs that pref-pair makes, beside the same rules written anew in Python
	@tests/golden/pair.py $(BIN) 5

.PHONY: plum
plum: all | $(DEPS)check ## pipelines/plum.mk and verilog.mk: from problems with tests to a trained model, in small
	@tests/plum.sh $(BIN)

.PHONY: dpo
dpo: all | $(DEPS)check ## pipelines/dpo.mk: from a file of pairs to a trained model, in small
	@tests/dpo.sh $(BIN)

.PHONY: readme
readme: all | $(DEPS)check ## the pipelines of the README, as they are written there
	@tests/readme.sh $(BIN) README.md

$(B)/tests/fault.so: tests/fault.c | $(DEPS)build
	@mkdir -p $(@D)
	$(call SAY,CC)
	$(Q)$(CC) -std=c11 -D_GNU_SOURCE $(WARN) $(CFLAGS) -fPIC -shared -o $@ $< -ldl

.PHONY: fault
fault: all $(B)/tests/fault.so | $(DEPS)check ## memory, files and disks that fail at each call; MAX=N for at most N of each
	@tests/fault.sh $(BIN) $(B)/tests/fault.so $(MAX)

# The same targets with a main() that replays files, and (make fuzz) with clang's fuzzer. Judges may end the
# process over a bad file: there exit() comes back to the target (judge_file.h).
$(foreach t,rules linear http_form,$(B)/tests/fuzz/$t $(B)/fuzzers/$t): \
	FUZZ_LDFLAGS = -Wl,--wrap=exit,--wrap=_Exit,--wrap=file_read
$(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(B)/tests/fuzz/replay.o $(B)/libpref.a
	$(call SAY,LD)
	$(Q)$(CC) $(ALL_LDFLAGS) $(FUZZ_LDFLAGS) -o $@ $^ $(LIBS)

$(B)/fuzzers/%: $(B)/tests/fuzz/%.o $(B)/libpref.a
	@mkdir -p $(@D)
	$(call SAY,LD)
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer $(FUZZ_LDFLAGS) -o $@ $^ $(LIBS)

.PHONY: replay
replay: $(TARGETS:%=$(B)/tests/fuzz/%) | $(DEPS)check ## the committed inputs of the fuzz targets
	@tests/fuzz/replay.sh $^

.PHONY: fuzz
fuzz: | $(DEPS)fuzz ## fuzz every parser for SECONDS=60 (clang); TARGETS=NAME for one
	@$(MAKE) --no-print-directory B=$(B)/fuzz CC=clang SAN=fuzzer-no-link,address,undefined CFLAGS="-O1 -g" \
		$(TARGETS:%=$(B)/fuzz/fuzzers/%) >$(B)/fuzz.log 2>&1 || { tail -n 20 $(B)/fuzz.log; exit 1; }
	@tests/fuzz/run.sh $(SECONDS) $(B)/findings $(TARGETS:%=$(B)/fuzz/fuzzers/%)

# (What a program holds while it gives up is no leak: every, which is about giving up, does not look for them.)
.PHONY: asan
asan: ## unit, cases, every, http, replay under AddressSanitizer and UBSan
	@tests/check.sh "$(MAKE) B=$(B)/asan SAN=address,undefined CFLAGS='-O1 -g' NODEPS=1" unit cases:MODES=p4zmm \
		every:ASAN_OPTIONS=exitcode=99,detect_leaks=0 http:KILLS=3 replay

.PHONY: tsan
tsan: ## what has threads, under ThreadSanitizer: the runner, patterns, the HTTP client, and cases with four threads
	@tests/check.sh "$(MAKE) B=$(B)/tsan SAN=thread CFLAGS='-O1 -g' NODEPS=1" unit:UNIT=run unit:UNIT=match unit:UNIT=tree \
		unit:UNIT=http cases:MODES=4

# ---- code ----

.PHONY: layers
layers: ## who includes whom, against the table in tools/layers.sh
	@tools/layers.sh

.PHONY: sizes
sizes: ## files longer than they should be; the reason is to stand on their first line
	@wc -l lib/*.[ch] judges/*.[ch] filters/*.c tools/*.c | sort -rn | while read -r n f; do case $$f in \
		*.h) max=100 ;; filters/*) max=150 ;; *) max=400 ;; esac; \
		[ $$n -le $$max ] || [ $$f = total ] || echo "$$n $$f: $$(head -n 1 $$f)"; done

.PHONY: lint
lint: ## warnings of gcc's analyzer, and of clang's and cppcheck where they are
	@tools/lint.sh "$(ALL_CFLAGS)" $(LIB_SRC) $(PROG_SRC)

.PHONY: format
format: ## where clang-format would write otherwise
	@if command -v clang-format >/dev/null; then clang-format -n $(LIB_SRC) $(PROG_SRC) 2>&1 | awk '/warning:/ { n++ } END { print n + 0, "places" }'; \
		else echo "clang-format is not here"; fi

# ---- what users get ----

.PHONY: demo
demo: all ## the whole pipeline on a made sample, or on DATA=FILE, with a table at the end
	@PATH="$(abspath $(BIN)):$$PATH" pipelines/demo.sh $(DATA)

.PHONY: bench
bench: all $(B)/tests/lm_probe $(B)/tests/loopback | $(DEPS)bench ## speed and memory beside sort, awk, jq and Python on the same file
	@PATH="$(abspath $(BIN)):$$PATH" LOOPBACK="$(abspath $(B))/tests/loopback" tests/perf/bench.sh

.PHONY: man
man: all ## man pages in build/man
	@tools/man.sh $(BIN) $(B)/man

VERSION = $(shell sed -n 's/^\#define PREF_VERSION "\(.*\)"/\1/p' lib/base.h)
ROOT    = $(DESTDIR)$(PREFIX)

.PHONY: install
install: man ## programs, pages, completions, library and headers to PREFIX=/usr/local (under DESTDIR)
	install -d $(ROOT)/bin $(ROOT)/lib/pkgconfig $(ROOT)/include/preftools $(ROOT)/share/man/man1 \
		$(ROOT)/share/man/man7 $(ROOT)/share/bash-completion/completions $(ROOT)/share/preftools/prompts
	install -m 755 $(PROGS) $(ROOT)/bin
	install -m 644 $(B)/libpref.a $(ROOT)/lib
	install -m 644 $(wildcard lib/*.h judges/*.h) $(ROOT)/include/preftools
	install -m 644 $(PROGS:$(BIN)/%=$(B)/man/%.1) $(ROOT)/share/man/man1
	install -m 644 $(B)/man/preftools.7 $(B)/man/preftools-http.7 $(ROOT)/share/man/man7
	install -m 644 $(wildcard judges/prompts/*.prompt) $(ROOT)/share/preftools/prompts
	for p in $(notdir $(PROGS)); do \
		$(BIN)/$$p --completion >$(ROOT)/share/bash-completion/completions/$$p || exit 1; done
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|; s|@REQUIRES@|$(PKGS)|' tools/preftools.pc.in \
		>$(ROOT)/lib/pkgconfig/preftools.pc

.PHONY: uninstall
uninstall: ## take away what install put there
	rm -f $(PROGS:$(BIN)/%=$(ROOT)/bin/%) $(PROGS:$(BIN)/%=$(ROOT)/share/man/man1/%.1) \
		$(PROGS:$(BIN)/%=$(ROOT)/share/bash-completion/completions/%) $(ROOT)/share/man/man7/preftools.7 \
		$(ROOT)/share/man/man7/preftools-http.7 \
		$(ROOT)/lib/libpref.a $(ROOT)/lib/pkgconfig/preftools.pc
	rm -rf $(ROOT)/include/preftools $(ROOT)/share/preftools

.PHONY: install-test
install-test: all | $(DEPS)check ## install into a scratch folder, use it from there, uninstall
	@tests/install.sh "$(MAKE)"

.PHONY: clean
clean: ## remove what was built
	rm -rf build bin

.SECONDARY:
-include $(foreach d,lib lib/lm judges filters tools tests tests/unit tests/fuzz double,$(wildcard $(B)/$d/*.d))
