# noise.mk - does it help to look for wrong labels? A study: plant, detect, curate, train, compare
#
#	make -f noise.mk DATA=pairs.jsonl.gz OUT=noise -j2
#
# Of the pairs a part is held out, clean. Of the others a known share of the labels is turned round (pref-plant),
# pref-flip looks for them, reward models are trained in every way there is to deal with noise, and all are asked
# about the clean part. OUT/table.txt has a column for each planted share and a row for each way:
#
#	clean		trained on the labels before they were turned: what there is to win
#	noisy		plain Bradley-Terry on the turned labels: what there is to lose
#	cdpo rdpo forward	noise in the loss, at the rate that pref-flip estimates
#	margin		the margin of pref-flip's models must be reached (adaptive margin)
#	soft		the label is 1 - flip
#	drop swap	what is probably wrong left out, or turned back
#
# All of this SEEDS times with other parts and other turned labels; the table has the means. A model is right about
# one held-out pair in sqrt(n) by chance alone: with a few hundred of them, look at differences over many seeds.
#
# What users change: the variables here. After another variable, remove OUT.

DATA    ?=
OUT     ?= noise
# In percent, two digits.
RATES   ?= 05 10 20 40
SEEDS   ?= 1 2 3 4 5
SPLIT   ?= train=0.7,test=0.3
FLIP    ?=
TRAIN   ?=

here    := $(dir $(lastword $(MAKEFILE_LIST)))
# Where the programs are: next to this folder if that is a built tree, else on the PATH.
PREF    ?= $(if $(wildcard $(here)../bin/pref-flip),$(here)../bin/)

ways    := clean noisy cdpo rdpo forward margin soft drop swap
studies := $(foreach s,$(SEEDS),$(RATES:%=$(OUT)/$s/%))
# Of a study's folder OUT/SEED/RATE, or a file in it.
seed     = $(firstword $(subst /, ,$*))
percent  = $(lastword $(subst /, ,$*))
models   = $(foreach way,$(ways),$(OUT)/$*/$(way).bin)

.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
.SECONDEXPANSION:
.PHONY: all clean
all: $(OUT)/table.txt
	@cat $<

$(OUT)/pairs.jsonl: $(DATA)
	@$(if $(DATA),mkdir -p $(@D),$(error say DATA=FILE: any layout that pref-convert --list shows))
	$(PREF)pref-convert -q --bad skip $(DATA) | $(PREF)pref-check -q --fix --bad skip | $(PREF)pref-dedup -q -o $@

# Several files in one go; the report, written last, stands for them.
$(OUT)/%/split.json: $(OUT)/pairs.jsonl
	$(PREF)pref-split -q --ratio $(SPLIT) --seed $* --suffix .jsonl -o $(@D)/ --report $@ $<

$(OUT)/%/planted.jsonl: $(OUT)/$$(seed)/split.json
	@mkdir -p $(@D)
	$(PREF)pref-plant -q --flip 0.$(percent) --seed $(seed) -o $@ $(<D)/train.jsonl

$(OUT)/%/marked.jsonl: $(OUT)/%/planted.jsonl
	$(PREF)pref-flip -q $(FLIP) --report $(@D)/flip.json -o $@ $<

# What to do about the marks.
marked   = $(PREF)pref-flip -q --voters marked --action
train    = $(PREF)pref-train linear -q $(TRAIN) -o $@
# The rate that pref-flip has found.
rate     = $$(sed 's/.*"flip rate":{[^}]*"rate":\([0-9.]*\).*/\1/' $(@D)/flip.json)

$(OUT)/%/clean.bin: $(OUT)/%/planted.jsonl
	$(train) $(@D)/../train.jsonl
$(OUT)/%/noisy.bin: $(OUT)/%/planted.jsonl
	$(train) $<
$(OUT)/%/cdpo.bin: $(OUT)/%/marked.jsonl
	$(train) --loss cdpo --flip-rate $(rate) $<
$(OUT)/%/rdpo.bin: $(OUT)/%/marked.jsonl
	$(train) --loss rdpo --flip-rate $(rate) $<
$(OUT)/%/forward.bin: $(OUT)/%/marked.jsonl
	$(train) --loss forward --flip-rate $(rate) $<
$(OUT)/%/margin.bin: $(OUT)/%/marked.jsonl
	$(train) --margin $<
$(OUT)/%/soft.bin: $(OUT)/%/marked.jsonl
	$(marked) soften $< | $(train) --soft
$(OUT)/%/drop.bin: $(OUT)/%/marked.jsonl
	$(marked) drop $< | $(train)
$(OUT)/%/swap.bin: $(OUT)/%/marked.jsonl
	$(marked) swap $< | $(train)

# What was found, and how right the models are: a name and a number a line.
$(OUT)/%/found.txt: $(OUT)/%/marked.jsonl $$(models)
	{ $(PREF)pref-report --flips $<; echo "estimated $(rate)"; for m in $(ways); do \
		$(PREF)pref-eval -q -J linear:$(@D)/$$m.bin $(@D)/../test.jsonl | sed -n "/^linear /{s/^linear *[0-9]*/$$m/p;q}"; \
	done; } >$@

# A row for each name, a column for each planted share: means over seeds.
$(OUT)/table.txt: $(studies:%=%/found.txt)
	awk 'BEGIN { printf "%-12s", "planted"; n = split("$(RATES)", rate); for (k = 1; k <= n; k++) printf "%9s %%", rate[k]; print "" } \
		FNR == 1 { k = split(FILENAME, part, "/"); at = part[k - 1] } \
		{ if (!($$1 in seen)) name[++rows] = $$1; seen[$$1]; sum[$$1, at] += $$2; count[$$1, at]++ } \
		END { for (i = 1; i <= rows; i++) { printf "%-12s", name[i]; \
			for (k = 1; k <= n; k++) printf "%11.4f", sum[name[i], rate[k]] / count[name[i], rate[k]]; print "" } }' $^ >$@

clean:
	rm -rf $(OUT)
