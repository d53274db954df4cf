# `make help` lists what there is. Everything happens in .venv; nothing is installed elsewhere,
# but for Chromium and Node, which `make test` fetches where it may.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run test fuzz faults check audit fix messages statuses frozen pictures gallery bench bulk soak build sbom clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.11 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV) || \
		{ rm -f $@; echo "python3-venv is missing; on Debian: apt-get install -y python3-venv"; exit 1; }

$(VENV)/.run: $(VENV)/pyvenv.cfg setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

# What the tests need holds what running needs: it is not installed twice.
$(VENV)/.test: $(VENV)/pyvenv.cfg setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	@touch $(VENV)/.run $@

$(VENV)/.audit: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --editable '.[audit]'
	@touch $@

run: $(VENV)/.run ## Make a demo clinic and serve it on http://127.0.0.1:8000
	$(BIN)/intake demo

# What is compiled is kept, whatever the surroundings say: each worker reads 800 files, and each
# program that a test starts the half of them. One worker more than there are cores, since some of
# them wait; with two more, everything that each prepares for itself took longer than that gains.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(VENV)/.test ## Install what tests need (Chromium too, where it can) and run them all
	@tests/chromium.sh
	@tests/postgres.sh
	@tests/judges/fetch.sh
	$(BIN)/python -m pytest --numprocesses $$(( $$(nproc 2>/dev/null || echo 2) + 1 )) --dist loadfile --no-loadscope-reorder

ROUNDS ?= 1000
FUZZ_SECONDS ?= 600
fuzz: $(VENV)/.test ## Bad input: ROUNDS=1000 values in every field (hours), the fuzzers for FUZZ_SECONDS=600 each
	$(BIN)/python -m pip install --quiet --editable '.[fuzz]'
	INTAKE_FUZZ_ROUNDS=$(ROUNDS) $(BIN)/python -m pytest --numprocesses auto tests/fuzz tests/web/test_at_once.py tests/web/test_every_form.py
	mkdir -p build/fuzz/packs build/fuzz/answers
	$(BIN)/python -m tests.fuzz packs -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=build/ build/fuzz/packs tests/fuzz/corpus/packs
	$(BIN)/python -m tests.fuzz answers -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=build/ build/fuzz/answers tests/fuzz/corpus/answers

FAULT_ROUNDS ?= 100
faults: $(VENV)/.test ## Kill the server, cut the power, fill the disk: FAULT_ROUNDS=100 as a release is tried
	INTAKE_FAULT_ROUNDS=$(FAULT_ROUNDS) $(BIN)/python -m pytest -q --capture=no tests/faults

check: $(VENV)/.test ## Read only: style, types, floors, templates, rules
	$(BIN)/ruff format --check intake tests
	$(BIN)/ruff check intake tests
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/intake rules check

audit: $(VENV)/.audit ## Read only: do the packages fit, their licences, faults that others know of
	$(BIN)/python -m pip check
	$(BIN)/python -m tests.audit

fix: $(VENV)/.test ## Write: mend what can be mended by itself
	$(BIN)/ruff format intake tests
	$(BIN)/ruff check --fix intake tests

messages: $(VENV)/.test ## Bring the catalogs of the tablet's languages in step with the program
	$(BIN)/python -m tests.messages

statuses: $(VENV)/.test ## Write docs/statuses.md from the table of statuses
	$(BIN)/python -m tests.statuses

frozen: $(VENV)/.test ## Freeze what a new version of the engine finds, which the tests hold it to
	$(BIN)/python -m tests.frozen

pictures: $(VENV)/.test ## Take the pictures of README anew
	@tests/chromium.sh
	INTAKE_PICTURES=docs/pictures $(BIN)/python -m pytest -q tests/browser/test_visits.py tests/browser/test_desk.py tests/browser/test_desk_pages.py

gallery: $(VENV)/.test ## Take a picture of every page of the tablet, in each language and size
	@tests/chromium.sh
	$(BIN)/python -m tests.gallery

HISTORY ?= 10000
bench: $(VENV)/.test ## Measure rules beside other engines, serving, and a clinic of HISTORY=10000 cases
	@tests/chromium.sh
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	$(BIN)/python -m tests.bench --history $(HISTORY)

CASES ?= 1 1000 100000
bulk: $(VENV)/.test ## Measure the FHIR export of CASES="1 1000 100000" cases: seconds, memory, bytes
	$(BIN)/python -m tests.bulk $(CASES)

soak: $(VENV)/.test ## Load a real server: TABLETS=40 with FLOWS=10 patients each, RECORDS=50000, then HOURS=8
	$(BIN)/python -m tests.load

build: $(VENV)/.audit ## Build the wheel, the source archive and the list of components into dist/
	rm -rf build dist
	$(BIN)/python -m build
	$(BIN)/python -m tests.sbom

sbom: $(VENV)/.audit ## Write the list of components (CycloneDX) of what the wheel installs
	rm -rf build dist/*.whl
	$(BIN)/python -m build --wheel
	$(BIN)/python -m tests.sbom

clean: ## Remove what was made, but no clinic's data
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
