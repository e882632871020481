# verilog.mk - from hardware problems with testbenches to pairs of designs that pass and fail, and a model trained on them
#
#	make -f verilog.mk PROBLEMS=verilog-eval/dataset_spec-to-rtl MODEL=model.gguf OUT=out [N=8] [LORA=16]
#	make -f verilog.mk PROBLEMS=FOLDER CANDIDATES=candidates.jsonl OUT=out
#
# VeriPrefer (Wang et al. 2025, "Insights from Verification: Training a Verilog Generation LLM with Reinforcement Learning
# with Testbench Feedback"): plum.mk with Icarus Verilog's verdict on a testbench. PROBLEMS is a folder laid out as that of
# VerilogEval 2: of each problem NAME_prompt.txt, which asks for a module TopModule, NAME_ref.sv, the module RefModule that
# does it, and NAME_test.sv, which compares the two. CANDIDATES are records with task_id, NAME, and responses.
#
# ASK is put after each prompt: those of VerilogEval do not say in which language, and small models then answer in Python.
# (SmolLM2-135M-Instruct knows no Verilog either way: 0 of 72 answers to 9 problems compile.)
#
# Needs iverilog and jq. The variables are those of plum.mk; ONLY=PATTERN takes the problems whose names match, as in
# ONLY='Prob00*'.

PROBLEMS   ?=
ONLY       ?= *
ASK        ?= Write it in Verilog, all of it in one block of code.
OUT        ?= out
# Compilation has its own limits; a simulation that hangs is of no use.
TEST       ?= --language verilog --cpu 8 --wall 30

DATA       := $(OUT)/0-problems.jsonl
TESTS      := $(DATA)

include $(dir $(lastword $(MAKEFILE_LIST)))plum.mk

$(DATA): $(wildcard $(PROBLEMS)/$(ONLY)_test.sv)
	@$(if $^,,$(error say PROBLEMS=FOLDER, in which there are $(ONLY)_test.sv))mkdir -p $(@D)
	@for test in $^; do \
		stem=$${test%_test.sv}; \
		jq -cn --arg ask '$(ASK)' --arg id "$${stem##*/}" --rawfile prompt "$${stem}_prompt.txt" --rawfile test "$$test" \
			--rawfile reference "$${stem}_ref.sv" \
			'{task_id: $$id, prompt: ($$prompt + if $$ask == "" then "" else "\n" + $$ask end), test: {language: "verilog", testbench: ($$test + "\n" + $$reference)}}' || exit; \
	done >$@
