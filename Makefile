# make demo    set up, tell an invented year of the scheme, serve it (SERVE=0 ends after the summary)
# make run     set up and serve without demo data (PORT=8000)
# make test    set up and run all tests (ARGS="-k some_name")
# make lint    types, style, import contracts, templates
# make fmt     put code and templates in order
# make sweep   every case of what make test tries some of: hostile input, every role, every page
# make bench   times of pages, imports, solves and rounds
# make chaos   the promises about money, rounds and bad inputs at their full count

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed

# So that uv trusts the certificate authorities the machine trusts.
export UV_SYSTEM_CERTS := 1
export PYTHON

.PHONY: help setup demo run test sweep lint fmt bench chaos

help:
	@sed -n 's/^# make/make/p' Makefile

setup: packages $(STAMP)

.PHONY: packages
packages:
	@setup/debian

$(STAMP): requirements.txt requirements-uv.txt | packages
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: set PYTHON=/path." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements-uv.txt requirements.txt
	@touch $@

demo: setup
	@$(BIN)/python -m mobility demo

run: setup
	@$(BIN)/python -m mobility serve

test: setup
	@$(BIN)/pytest -n 4 --no-loadscope-reorder $(ARGS)

sweep: setup
	@SWEEP=1 $(BIN)/pytest -n 4 --no-loadscope-reorder -m sweep $(ARGS)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --check --lint templates

fmt: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djlint --quiet --reformat templates

bench: setup
	@$(BIN)/python -m tests.bench

chaos: setup
	@REPETITIONS=100 BATCHES=10000 HISTORIES=1000 $(BIN)/pytest -s \
		tests/payments/test_totals.py tests/payments/test_ledger_histories.py tests/payments/test_batch_race.py
	@STRIDE=1 $(BIN)/pytest -s -p no:xdist tests/rounds/test_killed.py
	@BAD_INPUTS=10000 $(BIN)/pytest -s -p no:xdist tests/hostile/test_junk.py -k chance
