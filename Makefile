# Everything a newcomer needs: `make demo`, `make test`. Python 3.11 or newer, make and a package index suffice.
# Works with GNU make 3.81, which macOS ships.

VENV := .venv
BIN := $(VENV)/bin

# The first of these that runs is taken: a version manager's shim may exist and fail. `make PYTHON=/path/to/python` decides.
CANDIDATES := $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3 python)
IS_USABLE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))

# pip reads both: newer versions take the first for what is installed only, and the second for the build backend.
PIP_INSTALL = PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 \
	$(BIN)/python -m pip install

# Where `make demo` writes, and where `make serve` listens.
DEMO := demo
PORT := 8000

# Public instances, which are no part of the repository: `make bench SHARED=/path/to/their/folder`.
SHARED := ../shared
INSTANCES := $(wildcard $(SHARED)/benchmarks/toptw/instances)
DEPARTURES := $(wildcard $(SHARED)/benchmarks/tdoptw/instances)

# Two test processes halve the wait on two cores; `make test PROCESSES=0` runs in one. Each begins with a stretch of its own,
# so that tests of one file mostly share what is set up for them; who is done first takes over from the other.
PROCESSES := 2

# CI runs everything; `make test SLOW=1` does so elsewhere.
SLOW := $(CI)

.DEFAULT_GOAL := help
.PHONY: help demo test serve lint bench clean

help: ## show this list
	@echo 'make demo    plan a two-day trip in the bundled region, and prices of simulated workshops; both are written to $(DEMO)/'
	@echo 'make serve   serve the HTTP API with the bundled region on http://127.0.0.1:$(PORT) (PORT=… for another port)'
	@echo 'make test    run the tests (SLOW=1: those of failing servers and of journeys in a browser, too)'
	@echo 'make lint    check style, types and the directions of imports'
	@echo 'make bench   measure, and print tables'
	@echo 'make clean   remove the environment and everything that was built'

demo: $(VENV)/.installed
	$(BIN)/meguri demo

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n $(PROCESSES) --dist worksteal $(if $(SLOW),,-m 'not slow')

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The loopback only, without keys, unless MEGURI_HOST and other settings of the environment say otherwise.
serve: $(VENV)/.installed-serve
	$(BIN)/meguri serve --port $(PORT)

# Five minutes at most; the whole tables take hours. Solvers of others are skipped where they are not installed:
# `.venv/bin/pip install -c constraints.txt -e '.[bench]'` adds them.
bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks.travel_times
	$(BIN)/python -m benchmarks.scale --candidates 50 300 1000 --days 1 3 --seconds 0.5
	$(BIN)/python -m benchmarks.pricing --quick
	$(BIN)/python -m benchmarks.qubo --quick
	$(BIN)/python -m benchmarks.service --quick
	$(BIN)/python -m benchmarks.desk --only opening weight
	$(BIN)/python -m benchmarks.latency --requests 3 --limits 0.045 0.28 --reference-seconds 2
	@[ -n "$(INSTANCES)" ] || echo 'No public instances at $(SHARED): make bench SHARED=… for the TOPTW table'
	@[ -z "$(INSTANCES)" ] || $(BIN)/python -m benchmarks.toptw --instances $(INSTANCES) --seconds 1 \
		--only c102 r105 r205 rc204 pr05 pr15 --against pyvrp vroom or-tools-routing
	@[ -z "$(DEPARTURES)" ] || $(BIN)/python -m benchmarks.tdoptw --instances $(DEPARTURES) --only '20.1.*' --bound-seconds 2

clean:
	rm -rf $(VENV) $(DEMO) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps are renewed when what they were made from changes; the one for developers covers both.
$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP_INSTALL) --editable .
	@touch $@

# With the extra for booklets: what the service offers should be there.
$(VENV)/.installed-serve: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP_INSTALL) --editable '.[pdf]'
	@touch $(VENV)/.installed $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP_INSTALL) --editable '.[dev]'
	@touch $(VENV)/.installed $(VENV)/.installed-serve $@

$(BIN)/python:
	@for candidate in $(CANDIDATES); do \
		if "$$candidate" -c '$(IS_USABLE)' >/dev/null 2>&1; then \
			echo "Making $(VENV) with $$("$$candidate" -V)"; \
			exec "$$candidate" -m venv --clear $(VENV); \
		fi; \
	done; \
	echo 'Python 3.11 or newer is needed, with venv and ensurepip (Debian, Ubuntu: apt install python3-venv).' >&2; \
	echo 'Tried: $(CANDIDATES). Name another one: make PYTHON=/path/to/python3' >&2; \
	exit 1
