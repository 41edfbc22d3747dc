# Needs Python 3.10 or newer and make; everything else is installed into $(VENV), once, and again when setup.cfg changes.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL = help
.PHONY: help scan test test-slow check lint clean

help:
	@echo "make scan       read the sample pictures and compare them with the example hot list"
	@echo "make test       run the fast tests"
	@echo "make test-slow  run the tests that take minutes"
	@echo "make check      ruff, mypy, documents, fast tests"
	@echo "make clean      remove what the above made, environments too"

# The record goes under out/, not into your data folder; a second run shows what the first one read.
scan: $(VENV)/.installed
	@mkdir -p out
	$(BIN)/lpr scan samples/ --hotlist hotlists/example.csv --db out/samples.db --annotate out/annotated

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest

test-slow: $(VENV)/.installed-test
	$(BIN)/python -m pytest -m slow

check: lint test

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python docs/make_cli_reference.py --check

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("lpr needs Python 3.10 or newer; name one: make PYTHON=python3.12 …" if sys.version_info < (3, 10) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: setup.cfg pyproject.toml | $(BIN)/python
	@echo "Installing into $(VENV); the first time this fetches PyTorch, which takes a few minutes."
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed-test
	$(BIN)/python -m pip install --quiet --editable ".[test,dev]"
	@touch $@

clean:
	rm -rf .venv .ci-venv build dist out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
