# dpo.mk - from a file of preference pairs to a language model trained on them, and a table of how it ranks unseen ones
#
#	make -f dpo.mk DATA=pairs.jsonl.gz MODEL=model.gguf OUT=out
#
# Curation as in curate.mk, which says what stages, reports and dropped records are; then pref-train dpo, with the best
# model on OUT/valid.jsonl.gz kept in OUT/tuned, and log-probs of OUT/test.jsonl.gz by that and by MODEL.
#
# What users change: the variables here, in a copy or on the command line. A training that was broken off goes on where
# it stopped.

DATA    ?=
MODEL   ?=
OUT     ?= out

here    := $(dir $(lastword $(MAKEFILE_LIST)))
# Where the programs are: next to this folder if that is a built tree, else on the PATH.
PREF    ?= $(if $(wildcard $(here)../bin/pref-check),$(here)../bin/)

BAD     ?= stop
CONVERT ?=
CHECK   ?= --fix
DEDUP   ?= --near --threshold 0.8
SPLIT   ?= --ratio train=0.8,valid=0.1,test=0.1
TRAIN   ?= --lora 16 --loss dpo:1,sft:0.1
# The tokenizer's file, where it is not in MODEL (GGUF) or beside it.
TOKENIZER ?= $(MODEL)
EVAL    ?=

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all clean
all: $(OUT)/7-eval.json

keep = $(QUIET) --report $(@D)/$(STAGE).json
drop = $(keep) --rejects $(@D)/$(STAGE)-dropped.jsonl.zst
skip = || { [ $$? = 1 ] && [ "$(BAD)" = skip ]; }

$(OUT)/1-convert.jsonl.zst: STAGE = 1-convert
$(OUT)/1-convert.jsonl.zst: $(DATA)
	@$(if $(DATA),mkdir -p $(@D),$(error say DATA=FILE: any layout that pref-convert --list shows))
	@$(if $(MODEL),:,$(error say MODEL=FILE: a GGUF file))
	$(PREF)pref-convert $(CONVERT) --bad $(BAD) $(drop) -o $@ $(DATA) $(skip)

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

$(OUT)/5-train.json: STAGE = 5-train
$(OUT)/5-train.json: $(OUT)/4-split.json
	$(PREF)pref-train dpo -m $(MODEL) --tokenizer $(TOKENIZER) $(TRAIN) $(if $(findstring --lora,$(TRAIN)),--merge) --resume \
		--valid $(@D)/valid.jsonl.gz $(drop) -o $(@D)/tuned $(@D)/train.jsonl.gz

$(OUT)/6-logp.jsonl.zst: STAGE = 6-logp
$(OUT)/6-logp.jsonl.zst: $(OUT)/5-train.json
	$(PREF)pref-density -q -m $(@D)/tuned --tokenizer $(TOKENIZER) --as policy $(@D)/test.jsonl.gz | \
		$(PREF)pref-density -m $(MODEL) --tokenizer $(TOKENIZER) --as reference $(keep) -o $@

# The table is 7-eval.txt.
$(OUT)/7-eval.json: STAGE = 7-eval
$(OUT)/7-eval.json: $(OUT)/6-logp.jsonl.zst
	$(PREF)pref-eval -J length --policy policy --reference reference $(EVAL) $(keep) -o $(@:.json=.txt) $<

clean:
	rm -f $(OUT)/[1-7]-*.json $(OUT)/7-eval.txt $(OUT)/[1-7]-*.jsonl.zst $(OUT)/train.jsonl.gz $(OUT)/valid.jsonl.gz \
		$(OUT)/test.jsonl.gz
	rm -rf $(OUT)/tuned
