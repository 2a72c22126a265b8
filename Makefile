# The recipes are relative and quoted nowhere: they work in a path with spaces.
PYTHON ?= python3
BIN := .venv/bin
SAM := .venv-sam/bin/sam
ENV ?= dev
export SAM_CLI_TELEMETRY := 0

.PHONY: run test build deploy lint-template

run: .venv/.ready
	@$(BIN)/coldframe up

test: .venv/.ready
	@$(BIN)/pytest

lint-template: .venv-sam/.ready
	@$(SAM) validate --lint

# The hash goes into the folder that `sam build` empties, so that it is never older than the code beside it.
build: .venv/.ready .venv-sam/.ready
	$(SAM) build
	hash=$$($(BIN)/python -m infra.code_hash) && echo "CodeHash: \"$$hash\"" > .aws-sam/build/code-hash.yaml

deploy: build
	$(SAM) deploy --config-env $(ENV)

.venv/.ready: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# --no-deps: the lock is complete, and pip refuses a hashed lock in which a package is asked for with extras and without.
.venv-sam/.ready: requirements-sam.txt
	$(PYTHON) -m venv .venv-sam
	.venv-sam/bin/pip install --disable-pip-version-check --require-hashes --no-deps -r requirements-sam.txt
	@touch $@
