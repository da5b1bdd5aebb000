# The targets of this project. `make` or `make help` lists them.
# Needs: Python 3.11 or newer with venv and pip, make, git. Everything else comes from the lock files in requirements/.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTEST_ARGS ?=
# Two for each core, as tests wait more than they compute: for processes, for requests, for a browser.
TEST_WORKERS ?= $(shell echo $$((2 * $$(nproc 2>/dev/null || echo 1))))
PYTEST := $(BIN)/python -m pytest -n $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder
BENCH ?= start idle activity classify what_if ingest lag dashboard request_counts scale margin undo upgrade budget damage hostile faults peers
BENCH_ARGS ?=
BENCH_FULL_classify := tests/data/labelled_sample.csv
BENCH_FULL_ingest := --full
BENCH_FULL_undo := --items 10000
BENCH_FULL_faults := --seeds 200
DEMO ?= demo
SERVE_ARGS ?=

# Tests start some hundred processes. Without byte code, each of them would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo serve test test-slow mutants check bench bench-compare bench-small docs docs-reference image-check sbom release-check release-dry-run lock format clean

help: ## list these targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

demo: $(VENV)/.runtime ## rehearse a migration of 400 generated items on this machine
	$(BIN)/migrator rehearse --preset keras --items 400 --seed 7 --react --tour --dir $(DEMO) --replace
	@echo "next: make serve opens the dashboard on a second one that waits for you; .venv/bin/migrator --help shows the path of a real migration"

serve: $(VENV)/.runtime ## open the dashboard on the second migration that `make demo` left, with a tour
	$(BIN)/migrator serve --dir $(DEMO)/tour $(SERVE_ARGS)

test: $(VENV)/.dev ## run all tests but the slow ones, after installing what they need
	@scripts/install-browser
	@scripts/install-proxy
	@scripts/install-prometheus
	$(PYTEST) -m "not slow" $(PYTEST_ARGS)

# Only the files that have such tests: collecting all others takes a quarter of a minute in each process.
test-slow: $(VENV)/.dev ## run the tests that take long: kill at every request, move databases, build and install the wheel
	$(PYTEST) -m slow $(PYTEST_ARGS) $$(grep -rl --include='test_*.py' 'mark\.slow' tests)

mutants: $(VENV)/.dev ## change the core in some 3,000 ways: tests beside it must notice (at most 15 minutes, then goes on next time)
	@timeout --signal=INT 900 $(BIN)/mutmut run --max-children $(TEST_WORKERS) > mutants.log 2>&1 || tail -n 5 mutants.log
	$(BIN)/python scripts/mutants.py

check: $(VENV)/.dev ## format, lint, types, layers, locks, links, known vulnerabilities
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@echo "$(BIN)/mypy, and beside it lint-imports, locks, links and the audit"; $(BIN)/mypy & types=$$!; \
	  $(BIN)/lint-imports && $(BIN)/python scripts/check_locks.py && $(BIN)/python scripts/check_links.py && scripts/audit; \
	  rest=$$?; wait $$types && exit $$rest

format: $(VENV)/.dev ## format the code and fix what can be fixed automatically
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev ## run every benchmark at full size (hours), or BENCH="undo budget"; results in bench/results/
	@mkdir -p bench/results; failed=; $(foreach name,$(BENCH),echo "== $(name)"; \
	  $(BIN)/python -m bench.$(name) $(BENCH_FULL_$(name)) $(BENCH_ARGS) --json > bench/results/$(name).json || failed="$$failed $(name)"; \
	  cat bench/results/$(name).json;) \
	  test -z "$$failed" || { echo "promises broken in:$$failed"; exit 1; }

bench-compare: $(VENV)/.dev ## compare two results, OLD=folder NEW=folder; fails where a count is a tenth worse
	$(BIN)/python -m bench.compare $(OLD) $(NEW)

bench-small: $(VENV)/.dev ## four migrations under faults, as CI runs them (a minute or two)
	$(BIN)/python -m bench.faults --seeds 3 --first-seed 6 --jobs 6
	$(BIN)/python -m bench.faults --acts transfer --seeds 1 --jobs 3

docs: $(VENV)/.dev ## build the documentation into site/, warnings are errors
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

docs-reference: $(VENV)/.dev ## write the pages that are made from the code
	$(BIN)/python scripts/write_configuration.py docs/configuration.md
	$(BIN)/python scripts/write_cli.py docs/cli.md
	$(BIN)/python scripts/write_exit_codes.py docs/exit-codes.md
	$(BIN)/python scripts/write_commands.py docs/commands.md
	$(BIN)/python scripts/write_unverified.py docs/unverified.md
	$(BIN)/python scripts/write_metrics.py docs/metrics.md
	$(BIN)/python scripts/write_signals.py docs/signals.md
	$(BIN)/python scripts/write_api.py docs/api.md
	$(BIN)/python scripts/write_packages.py docs/design.md

image-check: ## build the container image and start it (needs root, buildah, debootstrap and the network)
	@deploy/image-check

sbom: $(VENV)/.dev ## list everything that the package ships with, as CycloneDX, into dist/
	@scripts/sbom dist

release-check: $(VENV)/.dev ## is this commit fit to be released as TAG="v1.2.3"? Builds wheel and sdist into dist/
	@scripts/release-check $(TAG)

release-dry-run: $(VENV)/.dev ## everything that release-check does, before the changelog has its date
	@scripts/release-check --dry-run

lock: $(VENV)/.dev ## update requirements/*.lock from pyproject.toml (needs the network)
	$(BIN)/python scripts/lock.py

clean: ## remove everything that these targets made, the demo included
	rm -rf $(VENV) $(DEMO) site dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache mutants mutants.log

# A stamp file stands for an installed state: a second call has nothing to do until its lock file changes.

$(VENV)/bin/python:
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3"; exit 1; }
	@echo "creating $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv is needed (on Debian: apt-get install python3-venv)"; exit 1; }

$(VENV)/.runtime: requirements/runtime.lock requirements/build.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements/runtime.lock
	$(PIP) install --require-hashes -r requirements/build.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q migrator
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.runtime
	$(PIP) install --require-hashes -r requirements/dev.lock
	@touch $@
