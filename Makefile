# Every target says what it does: `make help`.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo test check check-python check-console built installed collected fmt bench bench-full screens clean console env env-dev browser settings-doc

PORT ?= 8000
GUERDON_HOME ?= $(CURDIR)/.guerdon
export PORT GUERDON_HOME
# Images set it for what they build. Here every process would compile its thousand modules again,
# which takes longer than most of them live.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
# One more than a small machine has cores: a quarter of the time a test waits for a process.
WORKERS ?= 3

help: ## Show this list
	@echo "Guerdon: a multi-tenant, white-label loyalty platform"
	@echo
	@sed -n -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/p' Makefile | while IFS='|' read -r t d; do printf '%-18s %s\n' "$$t" "$$d"; done
	@echo
	@echo "  PORT=8000          where the demo listens"
	@echo "  GUERDON_HOME=DIR   where the demo keeps its data (.guerdon)"

demo: env ## Start everything with two demo brands; Ctrl-C stops it
	@exec $(BIN)/python -m guerdon.local demo

test: env-dev ## Run every check and every test, with real servers
	@$(MAKE) --no-print-directory -j 2 --output-sync=line check-python built installed collected
	@rm -f isolation-report.json isolation-report.html
	@GUERDON_BROWSER="$$(cat .cache/browser)" $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)
	@[ -n "$(ARGS)" ] || $(BIN)/python -m tests.isolation.report

check: env-dev ## Lint, format, imports, types; the console's too, and its unit tests
	@$(MAKE) --no-print-directory -j 2 --output-sync=line check-python check-console

check-python:
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/mypy

check-console:
	@scripts/console.sh packages
	@cd admin_spa && PATH="$(CURDIR)/$(BIN):$$PATH" && npm run -s lint && npm run -s types && npm run -s test

fmt: env-dev ## Format the code and mend what the linter can
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

# What one installs with the system's package manager, the other has to wait for.
installed:
	@scripts/browser.sh
	@scripts/environment.sh canaille
	@scripts/saml-peer.sh

# Once for a new environment: else every worker compiles and rewrites the same modules at once.
collected:
	@mkdir -p .cache
	@[ .cache/collected -nt .venv/.installed ] || { \
	  $(BIN)/pytest --collect-only -qq >.cache/collecting 2>&1 || { cat .cache/collecting; exit 1; }; \
	  mv .cache/collecting .cache/collected; }

built: check-console
	@scripts/console.sh

console: env ## Build the console, if anything in it changed
	@scripts/console.sh

bench: env-dev console browser ## Measure the hot paths against limits of the same run
	@GUERDON_BROWSER="$$(cat .cache/browser)" $(BIN)/python -m tests.bench $(ARGS)

bench-full: env-dev ## Measure learning and the import of members with a million; needs 8 GiB
	@$(BIN)/python -m tests.bench --only learning --full $(ARGS)
	@$(BIN)/python -m tests.bench --only import --full $(ARGS)

screens: env-dev console browser ## Take every page in each language, phone and desktop, and check it
	@GUERDON_BROWSER="$$(cat .cache/browser)" $(BIN)/python -m tests.e2e.screens $(ARGS)

settings-doc: env ## Write docs/settings.md from the settings
	@$(BIN)/guerdon settings > docs/settings.md

clean: ## Remove everything these commands made, the demo's data too
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m guerdon.local clean; fi
	@rm -rf .venv .cache dist screens admin_spa/node_modules admin_spa/dist admin_spa/src/api admin_spa/src/i18n/messages .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@rm -f bench-results.json isolation-report.json isolation-report.html
	@find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

env:
	@scripts/environment.sh run

env-dev:
	@scripts/environment.sh dev

browser: env-dev
	@scripts/browser.sh
