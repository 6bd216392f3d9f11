# DX Spiral: everything a person or CI runs. Needs only Python ≥ 3.11 with venv, and make.
# `make help` lists the targets; ARGS="..." is handed on to the program behind a target.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# Three at once: most tests wait for a browser, an engine or a process. On two processors four took a little longer.
PYTEST  = $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --durations=25 --durations-min=5
RUNTIME := $(VENV)/.runtime
STAMP  := $(VENV)/.installed
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCKS  := requirements.lock requirements-dev.lock
ARGS   ?=

# The hashes must be those of the public index, whatever extra places this machine's pip is told to look in.
PIP_COMPILE := env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null CUSTOM_COMPILE_COMMAND="make lock" \
	$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# What is made from data stands in the repository too, so that it can be read there; a test holds it to the data.
.PHONY: help env up test test-all check quick bench faults fuzz cluster lock clean pages audit style test-whole test-cluster temporal

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(STAMP) ## build the environment in .venv (only when the lock changed)

# What runs the product is less than half of what tests it, so `make up` does not wait for the rest.
$(RUNTIME): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 以上が必要です / Python 3.11 or newer is needed: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
	  { echo "Python の venv が必要です / Python's venv is needed (Debian: apt-get install python3-venv)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(STAMP): $(RUNTIME) requirements-dev.lock
	$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

up: $(RUNTIME) ## start everything on the embedded default, until Ctrl-C (ARGS="--port 9000")
	@exec $(BIN)/python scripts/foreground.py $(BIN)/spiral up --sample $(ARGS)

# Types are looked at beside the tests: one of two processors would have nothing else to do meanwhile.
test: style ## the checks and tests of every change
	@mkdir -p build; $(BIN)/mypy > build/types.txt & types=$$!; \
	  $(PYTEST) -m "not slow and not long and not cluster" $(ARGS); tests=$$?; \
	  wait $$types; types=$$?; cat build/types.txt; exit $$((tests ? tests : types))

test-whole: env ## whole cities, every guide typed, every page, every column, the second database; CI runs a quarter of it (ARGS="--part 1/4")
	$(PYTEST) -m "slow and not long and not cluster" $(ARGS)

check: style ## the checks that start nothing: style, types, directions, words, lock
	$(BIN)/mypy

style: env ## those of them that take a moment
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/codespell --skip "*.svg,*.csv,*.json" --ignore-words-list "dependant,ot,onl" README.md CONTRIBUTING.md CHANGELOG.md docs engine workflows activities api tests
	$(BIN)/python scripts/check_lock.py

quick: env ## the fast tests only
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow and not postgres and not long and not cluster" $(ARGS)

bench: env ## side by side with bare Temporal (minutes)
	$(BIN)/python -m bench $(ARGS)

faults: env ## a city under load, hurt a hundred times on each database; goes on where it was (ARGS="--seed 2")
	$(BIN)/python -m tests.faults $(ARGS)

test-all: test test-whole ## what is long as well: every moment of a stop, every made-up request, every fault (an hour and more)
	$(BIN)/python -m pytest -n 0 -m "long or cluster"
	SPIRAL_EXAMPLES=100 $(BIN)/python -m pytest -n 2 -m "not cluster" tests/store/test_readable.py tests/store/test_inbox.py
	SPIRAL_EXAMPLES=200 $(BIN)/python -m pytest -n 2 -m "not cluster" tests/domain
	$(BIN)/python -m tests.faults

fuzz: env ## many made-up requests against every call of the API; SPIRAL_FUZZ_EXAMPLES says how many of each
	$(BIN)/python -m pytest -n 0 -m long tests/api/test_schemathesis.py $(ARGS)

temporal: ## build Temporal's server and schema tool, at the pinned version, where Go is (minutes, once)
	@nice -n 19 python3 -m tests.cluster.shape.programs

test-cluster: env ## what the cluster promises, in its short form; skipped in words where Go or HAProxy is not there
	$(BIN)/python -m pytest -n 0 -m "cluster and not long" $(ARGS)

cluster: env ## production's shape on this machine: Temporal's services with TLS, PostgreSQL, two workers, two APIs, a proxy (ARGS="--rounds 5")
	$(BIN)/python -m tests.cluster $(ARGS)

pages: env ## write the pages and drawings anew that are made from data
	$(BIN)/python -m scripts.states_and_moves $(ARGS)

audit: env ## the bill of materials in build/, then the known weaknesses of every pin (needs the package index; ARGS=--offline: the bill alone)
	$(BIN)/python -m scripts.audit $(ARGS)

lock: env ## resolve the dependencies again and write the locks, with hashes (needs the package index)
	$(PIP_COMPILE) --build-deps-for editable --output-file requirements.lock $(ARGS) pyproject.toml
	$(PIP_COMPILE) --build-deps-for editable --output-file requirements-dev.lock --extra dev --constraint requirements.lock $(ARGS) pyproject.toml
	$(PIP_COMPILE) --output-file scripts/audit-tools.lock $(ARGS) scripts/audit-tools.in
	$(BIN)/python scripts/check_lock.py

clean: ## remove what the tools cached (never .venv, never data)
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
