# Every command of the project. `make` lists them. All work from a clean checkout with Python 3.11+, Node 20+ and make.
PYTHON ?= python3
WORKERS ?= 3
BIN := .venv/bin
READY := .venv/.ready
MOOTHALL := $(BIN)/moothall
ASSETS := $(wildcard src/moothall/web/components/styles/*.scss src/moothall/web/components/static/moothall/*.js) scripts/assets.mjs
.DEFAULT_GOAL := help
.PHONY: help setup check test run demo serve worker sandbox bench docs requirements stop clean
export PIP_DISABLE_PIP_VERSION_CHECK = 1

help:  ## List these commands
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "make %-13s %s\n", $$1, $$2 }'

setup: $(READY)  ## Install what the project needs into .venv (as root also the system libraries)

$(READY): requirements.txt requirements-dev.txt pyproject.toml package-lock.json scripts/setup.py $(ASSETS)
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Moothall needs Python 3.11 or newer. Say: make PYTHON=python3.11")'
	$(PYTHON) scripts/setup.py

check: $(READY)  ## Style, types, layers, migrations, templates, definitions, documentation
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	DATABASE_URL=postgresql:///none $(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(MOOTHALL) makemigrations --check --dry-run
	$(MOOTHALL) services check
	! find src -name '*.html' | grep -q . || $(BIN)/djlint src --lint --quiet
	$(BIN)/mkdocs build --strict --quiet

test: $(READY)  ## Run every test, on a PostgreSQL started for it or the one DATABASE_URL names
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

run: $(READY)  ## Try the product with an example council: web, worker and stand-ins for outside systems, on port 8000
	$(MOOTHALL) run

demo: $(READY)  ## Take Blue Badge applications from the national service to an ordered badge, and print the cases
	$(MOOTHALL) demo

serve: $(READY)  ## Serve the API and the health endpoints on port 8000
	$(MOOTHALL) migrate --verbosity 0
	$(MOOTHALL) serve

worker: $(READY)  ## Run queued and periodic jobs until told to stop
	$(MOOTHALL) migrate --verbosity 0
	$(MOOTHALL) worker

sandbox: $(READY)  ## Serve stand-ins for outside systems over real HTTP
	$(MOOTHALL) sandbox

bench: $(READY)  ## Measure outcomes and applications a second, and the pages of the desk
	$(MOOTHALL) bench transition
	$(MOOTHALL) bench intake
	$(MOOTHALL) bench pages

docs: $(READY)  ## Build the documentation site into site/
	$(BIN)/mkdocs build --strict

requirements:  ## Pin requirements*.in with hashes (needs the package index)
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make requirements" --quiet --output-file requirements.txt requirements.in
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make requirements" --quiet --output-file requirements-dev.txt requirements-dev.in

stop:  ## Stop the private PostgreSQL under .data
	@test ! -x $(MOOTHALL) || $(MOOTHALL) database stop

clean: stop  ## Remove everything that was made, the private database included
	rm -rf .venv .data node_modules src/moothall/web/components/static/moothall/build src/moothall/web/collected site build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
