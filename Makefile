# The recipes are relative and quoted nowhere: they work in a path with spaces.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test

run: .venv/.ready
	@$(BIN)/coldframe up

test: .venv/.ready
	@$(BIN)/pytest

.venv/.ready: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
