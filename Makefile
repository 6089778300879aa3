# Everything runs from .venv, made from the hashed lock; nothing else is needed
# but Python >= 3.11 with venv, and make. The pages are tested in a Chromium: one that is
# there, else Debian's (as root, or by sudo without a password), else playwright's.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
WORKERS ?= 2

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help venv demo test lint type fmt check-tests chromium lock soak bench clean

help:  ## show this list
	@awk -F ':.*##[ ]*' '/^[a-z-]+:.*##/ { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv: $(STAMP)  ## make .venv from the hashed lock (again only when the lock changes)

$(STAMP): requirements/dev.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=...")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP)  ## set up the sample company, answer, and serve (DEMO_SERVE=0: stop after printing)
	$(BIN)/costper demo

test: lint type check-tests  ## everything: lint, types, contracts and all tests

check-tests: $(STAMP) chromium
	$(BIN)/pytest -n $(WORKERS)

chromium: $(STAMP)  ## get a browser for the tests of the pages, where there is none
	@$(BIN)/python -m tests.web.chromium

lint: $(STAMP)  ## style, formatting and import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

type: $(STAMP)  ## mypy strict and pyright strict
	$(BIN)/mypy
	$(BIN)/basedpyright

fmt: $(STAMP)  ## format, and fix what can be fixed
	$(BIN)/ruff check --fix-only --exit-zero
	$(BIN)/ruff format

# A release must be a week old before we take it; no line names an index.
UV_COMPILE = .lock-venv/bin/uv pip compile --quiet pyproject.toml --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	--no-annotate --exclude-newer "7 days" --upgrade
lock:  ## write requirements/*.lock again from pyproject.toml
	$(PYTHON) -m venv .lock-venv
	.lock-venv/bin/python -m pip install -qq --disable-pip-version-check uv
	$(UV_COMPILE) -o requirements/run.lock
	$(UV_COMPILE) --extra spark --group dev -c requirements/run.lock -o requirements/dev.lock
	rm -rf .lock-venv

soak: $(STAMP)  ## the long tests, left out of `make test`
	$(BIN)/pytest -m soak --timeout 3600 || test $$? -eq 5  # 5: none is written yet

bench: $(STAMP)  ## every benchmark, each printing a ratio against a limit or a peer
	@set -e; for file in bench/bench_*.py; do \
	  test -e "$$file" || continue; echo "== $$file"; $(BIN)/python -m bench.$$(basename "$$file" .py); done

clean:  ## remove everything that can be made again
	rm -rf .venv .lock-venv demo .costper build dist .coverage htmlcov
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src tests bench -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
