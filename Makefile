# What people type here. `make` alone lists it.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
# Where pip shall take torch from, where its own settings name no place: see README, "Installing elsewhere".
TORCH_INDEX ?=
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: help setup run test test-all lint check bench serve ui clean
.DEFAULT_GOAL := help

help: ## list what can be made
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name what; do printf '  make %-9s %s\n' "$$name" "$$what"; done

setup: $(STAMP) ## make .venv with everything that training, serving and testing need

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 13) else "Python 3.11 or 3.12 is needed: make setup PYTHON=...")'
	$(PYTHON) -m venv .venv
ifneq ($(TORCH_INDEX),)
	$(BIN)/python -m pip install --no-deps --index-url $(TORCH_INDEX) "$$(sed -n '/^torch==/p' constraints.txt)"
endif
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@if [ -e .git ]; then $(BIN)/pre-commit install || echo 'the commit hooks were not installed; everything else is'; fi
	@touch $(STAMP)

run: $(STAMP) ## everything, from documents and annotations to served predictions (ARGS=--quick for a small one)
	$(BIN)/standpoint run $(ARGS)

test: $(STAMP) ## the tests, all but the slow ones (ARGS=... goes to pytest)
	$(BIN)/python -m pytest -m "not slow" $(ARGS)

test-all: $(STAMP) ## the tests, the slow ones too
	$(BIN)/python -m pytest $(ARGS)

lint: $(STAMP) ## style, types, imports, dependencies
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

check: lint test ## what a change has to pass: lint, then the tests

bench: $(STAMP) ## the comparisons in benchmarks/, one script after the other: hours
	# The pip that comes with Python 3.11 gives up on what the peers ask of lxml together.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25'
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[bench,dev]'
	@test -e data/build/manifest.json || $(BIN)/standpoint dataset
	@set -e; for script in benchmarks/*.py; do echo "$$script"; $(BIN)/python "$$script"; done

serve: $(STAMP) ## the champions on http://127.0.0.1:3000
	$(BIN)/standpoint serve $(ARGS)

ui: $(STAMP) ## the runs in MLflow on http://127.0.0.1:5000
	MLFLOW_DISABLE_TELEMETRY=true MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false $(BIN)/mlflow ui --workers 1 --backend-store-uri "sqlite:///$(CURDIR)/mlruns/mlflow.db" --host 127.0.0.1 --port 5000

clean: ## remove what was made here, but for .venv, and for the runs and models in mlruns/
	rm -rf runs data/build build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
