# make is the only thing to know: `make demo` to see it run, `make test` to prove it. Everything lands in .venv.
#
# ULTRA_FUZZ_SECONDS=600   for `make deep`: how long each fuzz target runs (120), ULTRA_SOAK_SECONDS the soak (3600)
# PYTHON=/path/to/python3   another interpreter than the one found (3.11 or newer)
# ARGS="-k framing -x"      more arguments for pytest (test, deep), the demo or the benchmark

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench deep clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 8

setup: $(READY) ## make .venv with every command: ultra, ultralnk, ultracdr
	@echo "ready: $(BIN)/ultra, $(BIN)/ultralnk, $(BIN)/ultracdr"

demo: $(READY) ## simulated PBX, gateway, traffic and a live view (Ctrl-C ends it)
	$(BIN)/ultra demo $(ARGS)

test: $(READY) ## prepare what the tests need, then run them
	tests/prepare tests
	tests/run $(ARGS)

check: $(READY) ## lint, format, types, house rules; seconds, needs no other program
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/rules

bench: $(READY) ## measure against nats-server, redis, mosquitto, lxml, panoramisk, bare inserts
	tests/prepare bench
	$(BIN)/python -m bench all $(ARGS)

deep: $(READY) $(VENV)/fuzz-ready ## the tests that take long: fuzzing, soak, whole-scale runs
	tests/prepare tests
	$(BIN)/python -m pytest -m deep $(ARGS)

clean: ## remove the virtual environment and every cache in the checkout
	rm -rf $(VENV) *.egg-info build .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment is made anew only when what goes into it has changed; sources are used where they lie (pip install -e).
$(READY): setup.cfg pyproject.toml constraints.txt
	@python=$${PYTHON:-}; \
	for candidate in $$python python3 python3.14 python3.13 python3.12 python3.11; do \
	    if $$candidate -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	    then found=$$candidate; break; fi; \
	    if [ -n "$$python" ]; then echo "$$python is not Python 3.11 or newer with venv" >&2; exit 1; fi; \
	done; \
	if [ -z "$${found:-}" ]; then echo "Python 3.11 or newer with venv is needed (Debian: python3 python3-venv)" >&2; exit 1; fi; \
	echo "making $(VENV) with $$($$found --version)"; \
	$(BIN)/python -c 'import pip' 2>/dev/null || $$found -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]' --constraint constraints.txt
	@touch $(READY)

# What only `make deep` needs: a fuzzer of 35 MB, for Linux on x86_64. Without it the guided runs skip, with the reason.
$(VENV)/fuzz-ready: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]' --constraint constraints.txt \
	    && touch $@ || echo "no fuzzer: the guided runs will say so" >&2
