# Everything that is done with this project. `make` alone explains itself.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/installed-run
DEV := $(VENV)/installed-dev
FONTS := $(VENV)/installed-fonts
FLASK := FLASK_SKIP_DOTENV=1 $(BIN)/flask --app wsgi
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# How the tests are spread, and what else pytest is to be told: make test ARGS="-k payout -x"
WORKERS ?= logical
ARGS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
.PHONY: help run migrate demo test lint format bench screenshots replay audit lock clean

help: ## Say what can be done
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# --- the shop -----------------------------------------------------------------------------------

run: $(RUN) $(FONTS) ## Serve the shop with a demo chain on http://127.0.0.1:8000 (PORT=…, DATABASE_URL=…)
	@$(FLASK) db upgrade
	@$(FLASK) demo --seed 7 --if-empty
	@$(FLASK) welcome
	@exec $(BIN)/gunicorn --config config/gunicorn.conf.py

migrate: $(RUN) ## Bring the database's tables up to date (DATABASE_URL=…)
	@$(FLASK) db upgrade

demo: $(RUN) ## Fill an empty database with a demo chain (SEED=7)
	@$(FLASK) db upgrade
	@$(FLASK) demo --seed $(or $(SEED),7)

audit: $(RUN) ## Ask the database every question whose answer must be "none"
	@$(FLASK) audit

replay: $(RUN) ## Push real trade through the shop: DATA=invoices.csv.gz [INVOICES=n] [DATABASE_URL=…] [KEEP=1]
	@test -n "$(DATA)" || { echo 'Say which file: make replay DATA=invoices.csv.gz'; exit 2; }
	@$(FLASK) replay "$(DATA)" $(if $(INVOICES),--invoices "$(INVOICES)") \
		$(if $(DATABASE_URL),--database-url "$(DATABASE_URL)") $(if $(KEEP),--keep)

# --- the code -----------------------------------------------------------------------------------

test: $(DEV) $(FONTS) ## Run the tests on SQLite and on a PostgreSQL of their own (ARGS="-k words")
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal $(ARGS)

lint: $(DEV) ## Check style, types and who imports whom
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/pyright --warnings
	@$(BIN)/lint-imports --no-cache

format: $(DEV) ## Put the code into its usual form
	@$(BIN)/ruff check --fix --exit-zero
	@$(BIN)/ruff format

bench: $(DEV) ## Measure requests against a bare Flask view, and weigh pages; writes bench-report.json
	@$(BIN)/python -m tests.bench

screenshots: $(DEV) ## Take a picture of every page, in three sizes, both languages (SCREENSHOTS=folder)
	@EVERY_SCREENSHOT=1 BROWSER_REQUIRED=1 SCREENSHOTS="$(SCREENSHOTS)" \
		$(BIN)/python -m pytest tests/browser/test_pages.py --numprocesses $(WORKERS) --quiet
	@echo 'They are in $(or $(SCREENSHOTS),screenshots/).'

lock: $(DEV) ## Choose package versions anew and write them down with their hashes
	@$(BIN)/uv pip compile $(LOCK) requirements.in --output-file requirements.txt
	@$(BIN)/uv pip compile $(LOCK) requirements-dev.in --output-file requirements-dev.txt \
		--constraints requirements.txt

# Only what PyPI itself offers, and no trace of this machine's own sources in the files.
LOCK := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links

clean: ## Remove what was made here, the demo's database included
	rm -rf $(VENV) instance screenshots .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the virtual environment ----------------------------------------------------------------------

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer is needed.'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'Python 3.11 or newer is needed; PYTHON=… names another one.'; exit 1; }
	@echo "Making the virtual environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV) \
		|| { rm -rf $(VENV); echo 'On Debian: apt-get install python3-venv'; exit 1; }

$(RUN): requirements.txt | $(BIN)/python
	@echo 'Installing what the shop runs on …'
	@$(PIP) install --require-hashes --requirement $<
	@touch $@

$(DEV): requirements-dev.txt | $(BIN)/python
	@echo 'Installing what the shop is tested with …'
	@$(PIP) install --require-hashes --requirement $<
	@touch $@ $(RUN)

# Without it everything works but the PDF of a statement, so a shop starts all the same.
$(FONTS): requirements-fonts.txt | $(BIN)/python
	@echo 'Installing the font that statements are printed in …'
	@if $(PIP) install --require-hashes --no-deps --requirement $<; then touch $@; \
		else echo 'Without it no PDF can be made of a statement; the next make tries again.'; fi
