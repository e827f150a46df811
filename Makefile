# Every target prepares .venv by itself (tools/setup.py), so that each works in a fresh folder.
# Programs are called as `.venv/bin/python -m …`, because a console script's first line breaks on a space in the path.

SHELL := /bin/sh
.DEFAULT_GOAL := help
PY := .venv/bin/python
RESULTS_HOME := $(or $(PERFSTUDY_HOME),.perfstudy)
LEFTOVERS := .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist

# A service that is started afresh for each cell must not compile its own modules each time.
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME
export PYTHON ARGS

# Jupyter and matplotlib keep files in the home folder, which may be missing or read-only.
ifneq ($(shell test -w "$$HOME" && echo writable),writable)
export HOME := $(CURDIR)/.perfstudy/home
endif

.PHONY: help setup study lab frontend frontend-peers browser test lint docs lock clean

help: ## say what there is to make
	@echo "make TARGET; each sets up what it needs. PYTHON=/path/to/python3 chooses the interpreter."
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' Makefile

setup: ## prepare .venv from requirements.lock
	@if command -v python3 >/dev/null; then python3 -IS tools/setup.py; \
	elif test -n "$$PYTHON"; then "$$PYTHON" -IS tools/setup.py; \
	else echo "setup: there is no python3 here; install Python 3.11 or later" >&2; exit 1; fi

study: setup ## run a short study and write its report; a longer one: ARGS="--scale medium --blocks 10"
	@$(PY) -m perfstudy run $(or $(ARGS),--until decided --within 3m --requests 3)

lab: setup ## open the notebooks in JupyterLab
	@$(PY) -m jupyterlab $(if $(filter 0,$(shell id -u)),--allow-root) notebooks $(ARGS)

frontend: setup ## build the listing's page from frontend/ into perfstudy/listing/page
	@$(PY) -m perfstudy.listing.pages

frontend-peers: setup ## build the pages of frontend/peers, which benchmarks/pages.py compares, below the home folder
	@$(PY) -m perfstudy.listing.pages peers

browser: setup ## fetch the pinned browser that pages are measured and tested in, 70 MB
	@$(PY) -m perfstudy.drivers.browser

test: lint ## lint, then run every test and notebook
	$(PY) -m pytest -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: setup ## check style, format and types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

docs: setup ## build the site of README.md, docs/ and the notebooks, as stored, in build/docs
	@$(PY) -m tools.docs.build

lock: setup ## resolve pyproject.toml anew into requirements.lock; ARGS=--upgrade takes newer versions
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --extra dev --generate-hashes \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements.lock $(ARGS) pyproject.toml
	$(PY) -m benchmarks.peers --requirements | $(PY) -m uv pip compile --quiet --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" \
		--constraints requirements.lock -o benchmarks/peers.lock $(ARGS) -

clean: ## stop the lab and remove all that can be made again; measured results stay
	@if $(PY) -c "import perfstudy" 2>/dev/null; then $(PY) -m perfstudy lab down; $(PY) -m perfstudy lab clean; fi
	rm -rf .venv .venv-cache $(LEFTOVERS) "$(RESULTS_HOME)/lab" .perfstudy/home
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
