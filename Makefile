# Accord: `make demo` shows it working, `make test` proves it. Both set up .venv themselves and may be repeated.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?=
WORKERS ?= 2
PEOPLE ?= 100000

.PHONY: help demo test test-slow pictures lint bench constraints clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: ## set up what this machine allows, and show Accord at work
	@scripts/install.sh "$(PYTHON)" "$(VENV)" demo
	@$(BIN)/python -m demo

test: ## install what tests need (as root), check the code, run all tests
	@scripts/install_test_needs.sh "$(PYTHON)"
	@scripts/install.sh "$(PYTHON)" "$(VENV)" test
	@$(MAKE) --no-print-directory lint
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile -m "not slow" $(PYTEST_ARGS)

test-slow: ## the few tests that take minutes: a whole how-to followed, every operation of the API tried at random
	@scripts/install_test_needs.sh "$(PYTHON)"
	@scripts/install.sh "$(PYTHON)" "$(VENV)" test
	$(BIN)/pytest -m slow $(PYTEST_ARGS)

pictures: ## make the pictures of the documents anew, with a real browser
	@scripts/install_test_needs.sh "$(PYTHON)"
	@scripts/install.sh "$(PYTHON)" "$(VENV)" test
	ACCORD_PICTURES=docs/images $(BIN)/pytest tests/portal/test_browser_showcase.py -k pictures -m slow $(PYTEST_ARGS)

lint: ## style, types, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: ## measure cycle, synchronisation, delta, preview and large groups; PEOPLE=1000000 for more
	@scripts/install.sh "$(PYTHON)" "$(VENV)" demo
	$(BIN)/python -m benchmarks cycle --people $(PEOPLE)
	$(BIN)/python -m benchmarks sync --people $(PEOPLE)
	$(BIN)/python -m benchmarks delta --people $(PEOPLE) --export
	$(BIN)/python -m benchmarks preview --people $(PEOPLE)
	$(BIN)/python -m benchmarks groups --groups 4000 --memberships 1000000 --largest 100000

constraints: ## write the versions installed now as the ones to install
	@scripts/write_constraints.sh "$(BIN)"

clean: ## forget everything that can be made again
	rm -rf $(VENV) .demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
