# noise.mk - does it help to look for wrong labels? A study: plant, detect, curate, train, compare
#
#	make -f noise.mk DATA=pairs.jsonl.gz OUT=noise -j2
#	make -f noise.mk DATA=pairs.jsonl.gz OUT=noise MODEL=model.gguf LORA=16
#
# Of the pairs a part is held out, clean. Of the others a known share of the labels is turned round (pref-plant),
# pref-flip looks for them, reward models are trained in every way there is to deal with noise, and all are asked
# about the clean part. OUT/table.txt has a column for each planted share and a row for each way:
#
#	clean		trained on the labels before they were turned: what there is to win
#	noisy		plain Bradley-Terry (DPO) on the turned labels: what there is to lose
#	cdpo rdpo forward	noise in the loss, at the rate that pref-flip estimates
#	margin		the margin of pref-flip's models must be reached (adaptive margin; DPO with an offset)
#	soft		the label is 1 - flip
#	drop swap	what is probably wrong left out, or turned back
#
# All of this SEEDS times with other parts and other turned labels; the table has the means. A model is right about
# one held-out pair in sqrt(n) by chance alone: with a few hundred of them, look at differences over many seeds.
#
# With MODEL a language model learns by DPO, and its implicit reward is asked, instead of linear reward models.
#
# What users change: the variables here. After another variable, remove OUT.

DATA    ?=
OUT     ?= noise
# In percent, two digits.
RATES   ?= 05 10 20 40
SEEDS   ?= 1 2 3 4 5
SPLIT   ?= train=0.7,test=0.3
WAYS    ?= clean noisy cdpo rdpo forward margin soft drop swap
FLIP    ?=
TRAIN   ?=
MODEL   ?=
LORA    ?=
# For models without a tokenizer (llama2.c) or template of their own.
TOKENS  ?=

here    := $(dir $(lastword $(MAKEFILE_LIST)))
# Where the programs are: next to this folder if that is a built tree, else on the PATH.
PREF    ?= $(if $(wildcard $(here)../bin/pref-flip),$(here)../bin/)

studies := $(foreach s,$(SEEDS),$(RATES:%=$(OUT)/$s/%))
# Of a study's folder OUT/SEED/RATE, or a file in it.
seed     = $(firstword $(subst /, ,$*))
percent  = $(lastword $(subst /, ,$*))
models   = $(foreach way,$(WAYS),$(OUT)/$*/$(way)$(bin))

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
# The rate that pref-flip has found.
rate     = $$(sed 's/.*"flip rate":{[^}]*"rate":\([0-9.]*\).*/\1/' $(@D)/flip.json)

# $(call right,WAY): how often the model is right about the test pairs, as a number.
ifeq ($(MODEL),)
bin     := .bin
train    = $(PREF)pref-train linear -q $(TRAIN) -o $@
noise   := --flip-rate
cdpo    := --loss cdpo
rdpo    := --loss rdpo
forward := --loss forward
margin  := --margin
soft    := --soft
test     = $(@D)/../test.jsonl
right    = $(PREF)pref-eval -q -J linear:$(@D)/$(1).bin $(test) | sed -n '/^linear /{s/^linear *[0-9]* *\([0-9.]*\).*/\1/p;q}'
else
bin     :=
train    = $(PREF)pref-train dpo -q -m $(MODEL) $(TOKENS) $(if $(LORA),--lora $(LORA) --merge) $(TRAIN) -o $@
noise   := --smooth
cdpo    := --loss cdpo
rdpo    := --loss robust
forward := --loss forward
margin  := --loss margin-dpo
soft    := --loss soft
test     = $(@D)/../reference.jsonl
right    = $(PREF)pref-density -q -m $(@D)/$(1) --as policy $(test) | \
	$(PREF)pref-density -m field:policy --reference field:ref -o /dev/null 2>&1 | sed -n 's/.*pairs as labelled (\([0-9.]*\)).*/\1/p'
endif

$(OUT)/%/reference.jsonl: $(OUT)/%/split.json
	$(PREF)pref-density -q -m $(MODEL) $(TOKENS) --as ref -o $@ $(@D)/test.jsonl

$(OUT)/%/clean$(bin): $(OUT)/%/planted.jsonl
	$(train) $(@D)/../train.jsonl
$(OUT)/%/noisy$(bin): $(OUT)/%/planted.jsonl
	$(train) $<
$(OUT)/%/cdpo$(bin): $(OUT)/%/marked.jsonl
	$(train) $(cdpo) $(noise) $(rate) $<
$(OUT)/%/rdpo$(bin): $(OUT)/%/marked.jsonl
	$(train) $(rdpo) $(noise) $(rate) $<
$(OUT)/%/forward$(bin): $(OUT)/%/marked.jsonl
	$(train) $(forward) $(noise) $(rate) $<
$(OUT)/%/margin$(bin): $(OUT)/%/marked.jsonl
	$(train) $(margin) $<
$(OUT)/%/soft$(bin): $(OUT)/%/marked.jsonl
	$(marked) soften $< | $(train) $(soft)
$(OUT)/%/drop$(bin): $(OUT)/%/marked.jsonl
	$(marked) drop $< | $(train)
$(OUT)/%/swap$(bin): $(OUT)/%/marked.jsonl
	$(marked) swap $< | $(train)

# What was found, and how right the models are: a name and a number a line.
$(OUT)/%/found.txt: $(OUT)/%/marked.jsonl $$(models) $(if $(MODEL),$(OUT)/$$(seed)/reference.jsonl)
	{ $(PREF)pref-report --flips $<; echo "estimated $(rate)"; \
		$(foreach way,$(WAYS),echo "$(way) $$($(call right,$(way)))"; )} >$@

# A row for each name, a column for each planted share: means over seeds.
$(OUT)/table.txt: $(studies:%=%/found.txt)
	awk 'BEGIN { printf "%-12s", "planted"; n = split("$(RATES)", rate); for (k = 1; k <= n; k++) printf "%9s %%", rate[k]; print "" } \
		FNR == 1 { k = split(FILENAME, part, "/"); at = part[k - 1] } \
		{ if (!($$1 in seen)) name[++rows] = $$1; seen[$$1]; sum[$$1, at] += $$2; count[$$1, at]++ } \
		END { for (i = 1; i <= rows; i++) { printf "%-12s", name[i]; \
			for (k = 1; k <= n; k++) printf "%11.4f", sum[name[i], rate[k]] / count[name[i], rate[k]]; print "" } }' $^ >$@

clean:
	rm -rf $(OUT)
