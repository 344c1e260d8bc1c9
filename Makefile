# One environment for tests and demo. PYTHON chooses the interpreter (3.11 or newer).
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
DEMO   := build/demo
# The CPU build of torch is a few hundred megabytes, the default build several thousand. Pip is asked for this release
# first, from the CPU index where it can be reached and from wherever pip is configured to look otherwise.
TORCH  ?= torch==2.13.0

.PHONY: setup test lint demo bench bench-llm bench-quick test-kill test-browser fuzz clean bench-coding

setup: $(READY)

$(READY): pyproject.toml Makefile scripts/install_torch.sh
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "lbc_themes needs Python 3.11 or newer: make PYTHON=python3.12")'
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	sh scripts/install_torch.sh $(BIN)/python $(TORCH)
	$(BIN)/python -m pip install --quiet --editable '.[all,dev]'
	touch $(READY)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: setup lint
	$(BIN)/python -m pytest

demo: setup
	$(BIN)/lbc-themes run corpora/zhuzhai-demo/interviews --codebook left-behind-children --out $(DEMO) --pictures bertopic --force

bench: setup
	$(BIN)/python -m benchmarks run all --data $(LBC_BENCH_DATA)

# How many key presses a coder saves: in a real browser.
bench-coding: setup
	$(BIN)/python -m pip install --quiet playwright
	$(BIN)/python -m benchmarks run coding --data .

# A second opinion from a small language model that runs here; downloads about 250 MB once.
bench-llm: setup
	sh scripts/bench_llm.sh $(BIN)/python $(LBC_BENCH_DATA)

# Ratios of times beside a fixed reference, compared with benchmarks/quick.json; not part of the tests.
bench-quick: setup
	$(BIN)/python -m benchmarks.quick

# What is too slow or needs more than Python for every day: a hundred kills, and a real browser.
test-kill: setup
	LBC_KILLS=100 $(BIN)/python -m pytest tests/test_study_safety.py

test-browser: setup
	$(BIN)/python -m pip install --quiet playwright axe-playwright-python
	$(BIN)/python -m pytest tests/browser

# Ten minutes of bytes for the readers, guided by the code that they reach (Linux; atheris has no other wheels).
fuzz: setup
	$(BIN)/python -m pip install --quiet atheris
	$(BIN)/python -m fuzz build/fuzz -max_total_time=600

clean:
	rm -rf $(VENV) build
