# `make help` lists what there is. Everything happens in .venv; nothing is installed elsewhere,
# but for Chromium, which `make test` fetches where it may.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run test check fix messages statuses pictures gallery bench build clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(VENV)/.run: setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.11 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV) || \
		{ echo "python3-venv is missing; on Debian: apt-get install -y python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	@touch $@

run: $(VENV)/.run ## Make a demo clinic and serve it on http://127.0.0.1:8000
	$(BIN)/intake demo

test: $(VENV)/.test ## Install what tests need (Chromium too, where it can) and run them all
	@tests/chromium.sh
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

check: $(VENV)/.test ## Read only: style, types, floors, templates, rules
	$(BIN)/ruff format --check intake tests
	$(BIN)/ruff check intake tests
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/intake rules check

fix: $(VENV)/.test ## Write: mend what can be mended by itself
	$(BIN)/ruff format intake tests
	$(BIN)/ruff check --fix intake tests

messages: $(VENV)/.test ## Bring the catalogs of the tablet's languages in step with the program
	$(BIN)/python -m tests.messages

statuses: $(VENV)/.test ## Write docs/statuses.md from the table of statuses
	$(BIN)/python -m tests.statuses

pictures: $(VENV)/.test ## Take the pictures of README anew
	@tests/chromium.sh
	INTAKE_PICTURES=docs/pictures $(BIN)/python -m pytest -q tests/browser/test_visits.py tests/browser/test_desk.py tests/browser/test_desk_pages.py

gallery: $(VENV)/.test ## Take a picture of every page of the tablet, in each language and size
	@tests/chromium.sh
	$(BIN)/python -m tests.gallery

bench: $(VENV)/.test ## Measure screening, serving, and what a slow tablet waits for
	@tests/chromium.sh
	$(BIN)/python -m tests.bench

build: $(VENV)/.test ## Build the wheel and the source archive into dist/
	rm -rf build dist
	$(BIN)/python -m build

clean: ## Remove what was made, but no clinic's data
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
