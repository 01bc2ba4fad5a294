# What a developer does daily. Every target does its own set-up on a fresh clone: make, Python 3.11 or newer and a
# package index are all that they expect. Java 17 and Maven, where they are, give the tests Apache Kafka itself.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed
# Hashes instead of addresses: where packages come from is the business of each machine.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header
.DEFAULT_GOAL := help
.PHONY: help install demo up test acceptance faults rebuilding audit mutations bench pictures lint format lock

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## make .venv with everything that requirements.lock names (again only when it changed)

$(STAMP): requirements.lock pyproject.toml hatch_build.py $(wildcard native/Cargo.* native/src/*.rs)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: $(STAMP) ## everything on this machine, with two simulated years in it (ONCE=1: stop after the report)
	$(BIN)/tokens demo $(if $(ONCE),--once)

up: $(STAMP) ## everything on this machine: Kafka, Postgres, worker and API, until Ctrl-C
	$(BIN)/tokens up

# In one process, for a debugger: make test ARGS="--numprocesses 0"
test: $(STAMP) ## all tests, a process a core (4 at most), each on a real Kafka and Postgres of its own (ARGS=... goes to pytest)
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile $(ARGS)

acceptance: $(STAMP) ## 200,000 events in random order, two workers, one of them killed: some minutes
	$(BIN)/python -m pytest -s tests/faults/acceptance.py $(ARGS)

faults: $(STAMP) ## a worker killed at each statement of its transactions and its announcements: some minutes
	$(BIN)/python -m pytest -s tests/faults/every_statement.py $(ARGS)

rebuilding: $(STAMP) ## 1,000,000 tokens rebuilt beside 1,000 events/s and queries: most of an hour, 8 GB of disk
	$(BIN)/python -m pytest -s tests/faults/rebuilding.py $(ARGS)

audit: $(STAMP) ## 20,000 random histories against the reference of the rules: some minutes (ARGS=--help lists options)
	$(BIN)/python -m tests.audit $(ARGS)

mutations: $(STAMP) ## break one rule after the other in a copy of the tree, and see the audit notice
	$(BIN)/python -m tests.audit.mutating $(ARGS)

bench: $(STAMP) ## the drain of a backlog, beside the loop that one writes in a day (ARGS=--help lists options)
	$(BIN)/python -m bench $(ARGS)

pictures: $(STAMP) ## take the pictures in docs/ anew, of a running demo (ADDRESS=http://HOST:PORT)
	$(BIN)/python -m tests.pictures $(or $(ADDRESS),http://127.0.0.1:8080)

lint: $(STAMP) ## format, lint, strict types, import rules and dead links in the docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.dead_links

format: $(STAMP) ## put the code into its format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## choose the newest versions and write both locks anew (needs uv)
	$(COMPILE) --upgrade --extra embedded --group dev pyproject.toml --output-file requirements.lock
	$(COMPILE) --constraint requirements.lock pyproject.toml --output-file requirements-service.lock
