# dpo.mk - from a file of preference pairs to a language model that was trained on them, and a table of what it learned
#
#	make -f dpo.mk DATA=pairs.jsonl.gz MODEL=model.gguf OUT=out [LORA=16] [FLIP=0.1] [SAMPLES=2 [JUDGE=linear:rm.bin]]
#
# Pairs are converted, checked, deduplicated and split by prompt; with FLIP=SHARE as many labels as look wrong most, but no
# more than that share, are dropped (pref-flip). The model learns from the train split by DPO; of the evaluations on the valid
# split that with the least loss is kept. The table (OUT/table.txt) tells of these (at the start, the best, at the end),
# then of the test split: how often the implicit reward is greater for chosen, and how the likelihoods rank the pairs before
# and after. OUT/model is a model as transformers loads it; with LORA=RANK adapters were trained and merged into it
# (MERGE= leaves them apart, for PEFT, and for all programs here). With SAMPLES=N both models answer PROMPTS prompts of the
# test split N times, and the table tells how far the trained one is from the other (KL divergence), and with a JUDGE of
# pref-score, how often that prefers its answers (win rate).
#
# What users change: the variables here, in a copy or on the command line. make looks at the times of files, not at
# variables: after another TRAIN=..., remove OUT/model and what follows runs anew.

DATA    ?=
MODEL   ?=
OUT     ?= out
LORA    ?=
MERGE   ?= --merge
FLIP    ?=
# For models without a tokenizer (llama2.c) or template of their own.
TOKENS  ?=

here    := $(dir $(lastword $(MAKEFILE_LIST)))
# Where the programs are: next to this folder if that is a built tree, else on the PATH.
PREF    ?= $(if $(wildcard $(here)../bin/pref-check),$(here)../bin/)

CONVERT ?=
CHECK   ?= --fix
DEDUP   ?= --near --threshold 0.8
SPLIT   ?= --ratio train=0.8,valid=0.1,test=0.1
TRAIN   ?= --loss dpo
SAMPLES ?=
PROMPTS ?= 100
ANSWER  ?= --max-tokens 256
JUDGE   ?=

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all clean
all: $(OUT)/table.txt
	@cat $<

# What every stage is given.
keep = $(QUIET) --report $(@D)/$(STAGE).json
drop = $(keep) --rejects $(@D)/$(STAGE)-dropped.jsonl.zst

$(OUT)/1-convert.jsonl.zst: STAGE = 1-convert
$(OUT)/1-convert.jsonl.zst: $(DATA)
	@$(if $(DATA),mkdir -p $(@D),$(error say DATA=FILE: any layout that pref-convert --list shows))
	@$(if $(MODEL),,$(error say MODEL=FILE: a language model, see pref-density --help))
	$(PREF)pref-convert $(CONVERT) $(drop) -o $@ $(DATA)

$(OUT)/2-check.jsonl.zst: STAGE = 2-check
$(OUT)/2-check.jsonl.zst: $(OUT)/1-convert.jsonl.zst
	$(PREF)pref-check $(CHECK) $(drop) -o $@ $<

$(OUT)/3-dedup.jsonl.zst: STAGE = 3-dedup
$(OUT)/3-dedup.jsonl.zst: $(OUT)/2-check.jsonl.zst
	$(PREF)pref-dedup $(DEDUP) $(drop) -o $@ $<

# Several files in one go; the report, written last, stands for them.
$(OUT)/4-split.json: STAGE = 4-split
$(OUT)/4-split.json: $(OUT)/3-dedup.jsonl.zst
	$(PREF)pref-split $(SPLIT) $(keep) -o $(@D)/ $<

# Labels are dropped where they are learned from, never where they are tested.
$(OUT)/5-flip.jsonl.zst: STAGE = 5-flip
$(OUT)/5-flip.jsonl.zst: $(OUT)/4-split.json
	$(PREF)$(if $(FLIP),pref-flip --action drop --threshold 0 --max-share $(FLIP),pref-check) $(drop) -o $@ $(@D)/train.jsonl.gz

$(OUT)/6-train.json: STAGE = 6-train
$(OUT)/6-train.json: $(OUT)/5-flip.jsonl.zst
	$(PREF)pref-train dpo -m $(MODEL) $(TOKENS) $(TRAIN) $(if $(LORA),--lora $(LORA) $(MERGE)) --valid $(@D)/valid.jsonl.gz --resume --report $@ \
		-o $(@D)/model $< 2>$(@D)/6-train.txt || { cat $(@D)/6-train.txt >&2; exit 1; }

# Log-probs of both models on the test split, under the names ref and policy, and how they rank its pairs.
$(OUT)/7-density.jsonl: STAGE = 7-density
$(OUT)/7-density.jsonl: $(OUT)/6-train.json
	$(PREF)pref-density -q -m $(MODEL) $(TOKENS) --as ref $(@D)/test.jsonl.gz | \
		$(PREF)pref-density -q -m $(@D)/model --as policy $(keep) -o $@

$(OUT)/8-reward.txt: $(OUT)/7-density.jsonl
	$(PREF)pref-density -m field:policy --reference field:ref -o $(@D)/8-reward.jsonl $< 2>$@
	$(PREF)pref-eval -q --reference ref --policy policy $< | sed -n '/^ranking/,$$p' >>$@

# What both answer to the same prompts.
$(OUT)/9-answers.jsonl: STAGE = 9-answers
$(OUT)/9-answers.jsonl: $(OUT)/6-train.json
	$(PREF)pref-check -q $(@D)/test.jsonl.gz | awk 'NR <= $(PROMPTS)' | \
		$(PREF)pref-sample --fresh -q -m $(@D)/model $(TOKENS) -n $(SAMPLES) $(ANSWER) --as policy | \
		$(if $(JUDGE),$(PREF)pref-sample -q -m $(MODEL) $(TOKENS) -n $(SAMPLES) $(ANSWER) --as ref |) \
		$(PREF)pref-density -q -m $(@D)/model $(TOKENS) --as policy | $(PREF)pref-density -q -m $(MODEL) $(TOKENS) --as ref $(keep) -o $@

$(OUT)/10-kl.txt: $(OUT)/9-answers.jsonl
	{ echo; $(PREF)pref-eval -q --policy policy --reference ref $<; } >$@

$(OUT)/11-wins.txt: $(OUT)/9-answers.jsonl
	{ printf '\nwin rate of the trained model: accuracy\n'; \
		$(PREF)pref-pair -q --versus policy,ref $< | $(PREF)pref-eval -q -J $(JUDGE) | sed -n '3,/^$$/{/in scores/d;/in record/d;/^$$/d;p}'; } >$@

$(OUT)/table.txt: $(OUT)/6-train.json $(OUT)/8-reward.txt $(if $(SAMPLES),$(OUT)/10-kl.txt $(if $(JUDGE),$(OUT)/11-wins.txt))
	sed 's/^pref-[a-z]*: //' $(@D)/6-train.txt $(filter %.txt,$^) >$@.part
	mv $@.part $@

clean:
	rm -rf $(OUT)/[1-9]-*.json $(OUT)/[1-9]-*.jsonl $(OUT)/[1-8]-*.jsonl.zst $(OUT)/[68]-*.txt $(OUT)/1[01]-*.txt $(OUT)/table.txt $(OUT)/model \
		$(OUT)/train.jsonl.gz $(OUT)/valid.jsonl.gz $(OUT)/test.jsonl.gz
