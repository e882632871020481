# plum.mk - from problems with test cases to pairs of passing and failing programs, and a model trained on them
#
#	make -f plum.mk DATA=problems.jsonl MODEL=model.gguf OUT=out [N=8] [LORA=16]
#	make -f plum.mk CANDIDATES=candidates.jsonl OUT=out
#
# PLUM (Zhang et al. 2024, "Preference Learning Plus Test Cases Yields Better Code Language Models"): the model answers each
# problem N times, the answers are run against the problem's tests in a sandbox, those that pass are chosen over those that
# fail, and the model learns from these pairs. DATA are records with `prompt` and `test` (pref-test --help), HumanEval's file
# as it is, or TESTS is the file of tests. MBPP's prompts do not say what the function is called:
#
#	jq -c '.prompt = .text + "\nIt must pass: " + .test_list[0]' mbpp.jsonl >problems.jsonl
#
# With CANDIDATES the answers are there already (pref-convert --candidates reads lists of strings, as CodeT's samples), and
# without MODEL it ends at OUT/3-pairs.jsonl.zst.
#
# How much a model learns depends on how often it is right: SmolLM2-135M-Instruct is in 2 of 160 answers to 20 problems of
# HumanEval, which makes 8 pairs of 2 problems. Of CodeGen-16B's answers to 32 problems that CodeT published 84 pairs of 21
# problems were made; with LORA=16 TRAIN='--loss dpo --chat none --batch 4 --rate 2e-4' the loss on 28 pairs of 7 other
# problems fell to 0.61.
#
# What users change: the variables here, in a copy or on the command line. make looks at the times of files, not at
# variables: after another SAMPLE=..., remove OUT/1-* and what follows runs anew.

DATA       ?=
CANDIDATES ?=
MODEL      ?=
TESTS      ?=
OUT        ?= out
N          ?= 8
LORA       ?=

here       := $(dir $(lastword $(MAKEFILE_LIST)))
# Where the programs are: next to this folder if that is a built tree, else on the PATH.
PREF       ?= $(if $(wildcard $(here)../bin/pref-check),$(here)../bin/)

SAMPLE     ?= --temperature 0.8 --top-p 0.95 --max-tokens 512
TEST       ?=
# Each that passes against each that fails, four pairs of a problem at most, no side longer than it must be.
PAIR       ?= --by pass --all --max-per-prompt 4 --balance-length
TRAIN      ?= --loss dpo

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all clean
all: $(if $(MODEL),$(OUT)/4-train.json,$(OUT)/3-pairs.jsonl.zst)

# What every stage is given.
keep = $(QUIET) --report $(@D)/$(STAGE).json
drop = $(keep) --rejects $(@D)/$(STAGE)-dropped.jsonl.zst

$(OUT)/1-sample.jsonl.zst: STAGE = 1-sample
$(OUT)/1-sample.jsonl.zst: $(DATA)
	@mkdir -p $(@D)
	@$(if $(DATA),$(if $(MODEL),,$(error say MODEL=FILE, or CANDIDATES=FILE)),$(error say DATA=FILE, or CANDIDATES=FILE))
	$(PREF)pref-sample -m $(MODEL) -n $(N) $(SAMPLE) $(keep) -o $@ $(DATA)

# Verdicts of earlier runs are kept in the cache, also when the build is killed.
$(OUT)/2-test.jsonl.zst: STAGE = 2-test
$(OUT)/2-test.jsonl.zst: $(or $(CANDIDATES),$(OUT)/1-sample.jsonl.zst) $(TESTS)
	@mkdir -p $(@D)
	$(PREF)pref-test $(TEST) $(if $(TESTS),--tests $(TESTS)) --cache $(@D)/2-test.cache $(keep) -o $@ $<

$(OUT)/3-pairs.jsonl.zst: STAGE = 3-pairs
$(OUT)/3-pairs.jsonl.zst: $(OUT)/2-test.jsonl.zst
	$(PREF)pref-pair $(PAIR) $(drop) -o $@ $<

$(OUT)/4-train.json: $(OUT)/3-pairs.jsonl.zst
	$(PREF)pref-train dpo -m $(MODEL) $(TRAIN) $(if $(LORA),--lora $(LORA)) --resume --report $@ -o $(@D)/model $<

clean:
	rm -rf $(OUT)/[0-4]-*.json*  $(OUT)/2-test.cache $(OUT)/model
