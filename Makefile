.DEFAULT_GOAL := help
.PHONY: help run test test-stack lint bench demo clean
SHELL := /bin/bash
PORT ?= 8000
TICKETS ?= 100000
# Test processes at once: one per core. JOBS=0 runs them in this one.
JOBS ?= auto
python := .venv/bin/python
# Enough to ask Django for its opinion of a production; nothing is connected to.
production := DATABASE_URL=postgresql://desk:desk@127.0.0.1/desk REDIS_URL=redis://127.0.0.1:6379/0 HTTPS=true \
	SITE_URL=https://mesa.example.com SECRET_KEY=$$($(python) -c 'import secrets; print(secrets.token_urlsafe(64))')
embedded := env -u DATABASE_URL -u REDIS_URL -u SECRET_KEY

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: ## the desk in one process, with a demo company, on http://127.0.0.1:8000 (PORT=)
	@bin/prepare requirements.txt
	@DEMO_MODE=$${DEMO_MODE:-true} PORT=$(PORT) exec $(python) manage.py run --prepare

test: ## the whole suite on SQLite, with no services
	@bin/prepare requirements-dev.txt
	@$(embedded) $(python) -m pytest -p servicedesk.parallel -n $(JOBS) --dist worksteal $(ARGS)

test-stack: ## the same suite on the PostgreSQL and Redis of DATABASE_URL and REDIS_URL
	@if [ -z "$$DATABASE_URL" ] || [ -z "$$REDIS_URL" ]; then \
		echo "Set both, for example:"; \
		echo "  DATABASE_URL=postgresql://user:password@127.0.0.1:5432/name REDIS_URL=redis://127.0.0.1:6379/1 make test-stack"; \
		echo "The tests empty the Redis database they are given, and those after it, one per test process."; \
		echo "The role must be allowed to create databases: the suite makes one of its own, test_<name>."; exit 2; fi
	@bin/prepare requirements-dev.txt
	@SECRET_KEY=$${SECRET_KEY:-only-for-tests-only-for-tests-only-for-tests-only-for-tests} $(python) -m pytest -p servicedesk.parallel -n $(JOBS) --dist worksteal $(ARGS)

lint: ## style, types, templates, migrations, deployment checks
	@bin/prepare requirements-dev.txt
	@echo "[1/6] ruff check";          .venv/bin/ruff check .
	@echo "[2/6] ruff format --check"; .venv/bin/ruff format --check .
	@echo "[3/6] mypy";                $(embedded) .venv/bin/mypy
	@echo "[4/6] djlint --lint";       .venv/bin/djlint --quiet --lint templates
	@echo "[5/6] makemigrations";      $(embedded) $(python) manage.py makemigrations --check --dry-run
	@echo "[6/6] check --deploy";      $(production) $(python) manage.py check --deploy --fail-level WARNING

bench: ## how fast it is, beside its nearest relative and the bare limit
	@bin/prepare requirements-dev.txt
	@bench/run $(ARGS)

demo: ## a demo of TICKETS=100000 tickets
	@bin/prepare requirements.txt
	@DEMO_MODE=true $(python) manage.py migrate --verbosity 0
	@$(python) manage.py seed_guide
	@DEMO_MODE=true $(python) manage.py demo --tickets $(TICKETS)

clean: ## forget the environment and caches (the data in var/ stays)
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis test-results var/static var/test-*.sqlite3*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
