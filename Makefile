.DEFAULT_GOAL := help
PYTHON ?= python
# Two processes of one thread each: faster than one whose threads wait for each other.
PYTEST = OMP_NUM_THREADS=1 $(PYTHON) -m pytest -q -n 2

help: ## Show this help
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "%-10s %s\n", $$1, $$2}'

install: ## Install everything, with the versions that are tested together
	$(PYTHON) -m pip install -e ".[dev]" -c constraints.txt

test: ## Run the quick tests (about 7 minutes on two cores)
	$(PYTEST) -m "not slow"

test-all: ## Run all tests (30 minutes and more on two cores)
	$(PYTEST)

test-gpu: ## Run what needs a GPU: its tests, then the benchmark (under 8 minutes)
	$(PYTHON) -m pytest -q tests/gpu; tests=$$?; $(PYTHON) -m benchmarks gpu && exit $$tests

chaos: ## Kill runs in every phase, 50 times, and compare what is left (about 30 minutes)
	$(PYTHON) -m benchmarks chaos

lint: ## Check style, what may import what, the layout, and types
	$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check .
	lint-imports --no-logo
	$(PYTHON) .ci/structure.py
	$(PYTHON) -m mypy

format: ## Put the style right
	$(PYTHON) -m ruff check --fix . && $(PYTHON) -m ruff format .
