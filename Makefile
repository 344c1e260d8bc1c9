# One environment for tests and demo, installed from requirements/locked.txt. PYTHON chooses the interpreter (3.11 or
# newer). Without make, `python scripts/set_up.py` does the same on any system.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
DEMO   := build/demo

.PHONY: setup test test-latest test-lowest lint demo lock dist docs bench bench-llm bench-quick test-kill test-browser mutation fuzz clean \
	bench-coding test-peers

setup: $(READY)

$(READY): requirements/locked.txt pyproject.toml scripts/set_up.py
	$(PYTHON) scripts/set_up.py --venv $(VENV)
	touch $(READY)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: setup lint
	$(BIN)/python -m pytest -n auto

# The same tests with the newest releases that pyproject.toml allows, and with the lowest that it declares.
test-latest:
	$(PYTHON) scripts/set_up.py --venv .venv-latest --resolution latest
	.venv-latest/bin/python -m pytest -n auto

test-lowest:
	$(PYTHON) scripts/set_up.py --venv .venv-lowest --resolution lowest
	.venv-lowest/bin/python -m pytest -n auto

# Resolve requirements/locked.txt anew, after pyproject.toml has changed or to take newer releases.
lock: setup
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/python scripts/lock.py

# The documentation site, into build/site; a warning ends it.
docs: setup
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --requirement requirements/docs.txt
	$(BIN)/python -m mkdocs build --strict --quiet

# Wheel and sdist, checked, and tried in an environment of their own.
dist: setup
	$(BIN)/python scripts/dist.py

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
	LBC_KILLS=100 $(BIN)/python -m pytest tests/study/test_safety.py

test-browser: setup
	$(BIN)/python -m pip install --quiet playwright axe-playwright-python
	$(BIN)/python -m pytest tests/browser

# Which changes of the source no test notices: PACKAGE="agreement study", by default a sample of six packages (docs/mutation.md).
mutation: setup
	$(BIN)/python -m pip install --quiet mutmut==3.8.1
	$(BIN)/python scripts/mutation.py $(PACKAGE)

# Ten minutes of bytes for the readers, guided by the code that they reach (Linux; atheris has no other wheels).
fuzz: setup
	$(BIN)/python -m pip install --quiet atheris
	$(BIN)/python -m fuzz build/fuzz -max_total_time=600

clean:
	rm -rf $(VENV) build

# The whole way to Taguette, Label Studio, dkpro-cassis and spaCy and back, each in an environment of its own; to QualCoder
# too where QUALCODER is a checkout of its source and QUALCODER_PYTHON a Python that has what it needs.
test-peers: setup
	$(BIN)/python scripts/peers.py $(if $(QUALCODER),--qualcoder $(QUALCODER) --qualcoder-python $(QUALCODER_PYTHON))
