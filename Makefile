# Every target installs what it needs first, so each works on a fresh machine.
# `make setup` is idempotent and quick when nothing changed.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup build demo demo-data test check bench lint types test-python test-typescript test-browser openapi clean

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
EMULATORS := .emulators
INSTALLED := $(VENV)/share/jupyter/labextensions/@dataask/labextension
LABEXTENSION_SOURCES := $(shell find labextension/src labextension/style labextension/schema labextension/scripts -type f 2>/dev/null)
JUPYTER_CONFIG := $(shell find jupyter-config -type f)
JLPM := cd labextension && PATH="$(CURDIR)/$(BIN):$$PATH" jlpm
export HATCH_JUPYTER_BUILDER_SKIP_NPM := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: build $(STAMPS)/install $(STAMPS)/proxy ## Install everything that developing and testing needs

$(STAMPS)/system: scripts/system-packages
	@mkdir -p $(@D)
	PYTHON=$(firstword $(wildcard $(BIN)/python) python3) scripts/system-packages
	@touch $@

$(STAMPS)/venv: scripts/make-venv
	scripts/make-venv $(VENV)
	@mkdir -p $(@D) && touch $@

$(STAMPS)/python: constraints.txt pyproject.toml $(JUPYTER_CONFIG) $(STAMPS)/venv
	@mkdir -p $(@D)
	@# The build hook expects the folders that the wheel shares; the front end fills them below.
	@mkdir -p dataask_jupyter/labextension dataask_jupyter/widgets/static dataask_jupyter/static
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	@touch $@

# The tests' driver of MySQL: pip compiles it, and what that needs comes with the Debian packages.
$(STAMPS)/mysql: $(STAMPS)/python $(STAMPS)/system
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test,mysql]'
	@touch $@

$(STAMPS)/node: labextension/package.json labextension/yarn.lock $(STAMPS)/python
	$(JLPM) install --immutable
	@touch $@

# Emulators of Snowflake and BigQuery, for the tests.
$(EMULATORS)/stamp: scripts/emulators $(wildcard scripts/emulators.d/*.txt) scripts/make-venv
	scripts/emulators $(EMULATORS)
	@touch $@

# JupyterHub's proxy, for the tests.
$(STAMPS)/proxy: tests/real/proxy/package.json tests/real/proxy/yarn.lock $(STAMPS)/python
	cd tests/real/proxy && PATH="$(CURDIR)/$(BIN):$$PATH" jlpm install --immutable
	@touch $@

$(STAMPS)/build: $(STAMPS)/node $(LABEXTENSION_SOURCES) labextension/tsconfig.json
	$(JLPM) build:prod
	@touch $@

# A copy, not a link: Voilà serves no file that a link leads out of its folders to.
$(STAMPS)/install: $(STAMPS)/build labextension/install.json
	rm -rf $(INSTALLED) && mkdir -p $(dir $(INSTALLED))
	cp -R dataask_jupyter/labextension $(INSTALLED) && cp labextension/install.json $(INSTALLED)/
	@touch $@

build: $(STAMPS)/build ## Build the front end

demo-data: setup ## Make the demo data (DuckDB and SQLite files) and the demo workspace
	$(BIN)/jupyter dataask demo

demo: demo-data ## Open JupyterLab with DataAsk on the demo data; prints the URL
	$(BIN)/python scripts/open_lab.py

test: setup $(STAMPS)/mysql $(EMULATORS)/stamp lint types test-typescript test-python test-browser ## Run everything

check: setup $(STAMPS)/mysql $(EMULATORS)/stamp lint types test-typescript ## The quick subset, for every edit (under two minutes)
	$(BIN)/python -m pytest -q -m "not browser and not slow"

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(JLPM) lint

types: setup
	$(BIN)/mypy
	$(JLPM) tsc --noEmit

test-typescript: setup
	$(JLPM) test

test-python: setup $(STAMPS)/mysql $(EMULATORS)/stamp
	$(BIN)/python -m pytest -m "not browser"

test-browser: setup $(STAMPS)/mysql $(EMULATORS)/stamp
	$(BIN)/python -m pytest -m browser

bench: setup $(STAMPS)/mysql ## Measure side by side; prints one table of figures and goals
	$(BIN)/python -m benchmarks

openapi: setup ## Write docs/openapi.json and the TypeScript types from the handlers
	$(BIN)/jupyter dataask openapi > docs/openapi.json.tmp && mv docs/openapi.json.tmp docs/openapi.json
	$(JLPM) build:types

clean: ## Remove what builds and runs made (not the virtual environment's packages)
	rm -rf dist build test-results .mypy_cache .ruff_cache .pytest_cache labextension/lib \
	  dataask_jupyter/labextension dataask_jupyter/widgets/static dataask_jupyter/static \
	  $(STAMPS)/build $(STAMPS)/install
