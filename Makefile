# One word per chore, the same on a laptop and in CI. `make help` lists them.

PYTHON ?= python3
OPEN ?= 1
SEED ?= 1
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
NOTEBOOK := notebooks/01-explore.ipynb

.DEFAULT_GOAL := help
.PHONY: help demo test torture kills check check-javascript bench clean

help:  ## List the chores
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.demo  ## Build the sample collection, show one search and one recommendation, open JupyterLab (OPEN=page: the page; OPEN=0: nothing)
	$(BIN)/ham build sample --out artifacts/sample
	$(BIN)/ham search artifacts/sample "circus cat" -k 6
	$(BIN)/ham recommend artifacts/sample --like sample:285 --like sample:556 -k 6
ifeq ($(OPEN),page)
	$(BIN)/ham serve artifacts --open
else ifneq ($(OPEN),0)
	@install -D -m 644 notebooks/jupyterlab.json $(VENV)/share/jupyter/lab/settings/overrides.json
	$(BIN)/jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) $(NOTEBOOK)
endif

test: $(VENV)/.dev check  ## Set everything up, check the code and run every test
	$(BIN)/python -m pytest -n 2

torture: $(VENV)/.dev  ## Craft every file of a collection in every way and open it, stop a build at every write, an hour (SEED=1); CI tries some of each
	HAM_TORTURE=1 $(BIN)/python -m pytest -n 2 tests/builder/test_stopped.py
	rm -rf $(VENV)/torture && mkdir -p $(VENV)/torture/scratch
	$(BIN)/ham build sample --limit 60 --store ivf --out $(VENV)/torture/out
	$(BIN)/ham build sample --limit 60 --image-encoder colour --store hnsw --out $(VENV)/torture/out
	$(BIN)/python tests/index/crafted_files.py $(VENV)/torture/out $(VENV)/torture/scratch $(SEED) 0

KILLED := tests/index/test_milvus_store.py tests/index/test_postgres_faults.py tests/encode/test_pipeline.py tests/web/test_uploads.py
kills: $(VENV)/.dev  ## Kill a Milvus and a PostgreSQL server, an encoder and the page twenty times each while they write, ten minutes; CI kills them less often
	HAM_KILLS=20 $(BIN)/python -m pytest $(KILLED) -k "killed_while_writing or killed_again or killed_at_random"

check: $(VENV)/.dev check-javascript  ## Format, lint, types and import rules, without running tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The JavaScript needs Node to be checked, not to run: a person without it goes on, CI must have it.
NPM := $(shell command -v npm)
ifneq ($(NPM),)
check-javascript: node_modules/.package-lock.json
	npm run --silent check
else ifneq ($(filter 1 true,$(CI)),)
check-javascript:
	@echo 'CI checks the JavaScript and needs Node: apt-get install nodejs npm'; exit 1
else
check-javascript:
	@echo 'The JavaScript is not checked: there is no Node here (apt-get install nodejs npm).'
endif

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --silent

bench: $(VENV)/.dev  ## Print the tables of speed, memory and quality, on the data in HAM_DATA
	@for script in benchmarks/[a-z]*.py; do echo; echo "== $$script"; $(BIN)/python $$script || exit 1; done

clean:  ## Remove the virtual environment, the caches and the built collections
	rm -rf $(VENV) node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find artifacts -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Python 3.11 or newer is needed. Point to one with: make PYTHON=/path/to/python3 …'; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[evaluate,notebook,web]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/.demo
