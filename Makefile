# The menu. `make` alone prints it.
SHELL   := /bin/bash
PYTHON  ?= python3
MINUTES ?= 5
SEED    ?= 1
VENV    := .venv
BIN     := $(VENV)/bin
READY   := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup run test test-fast slow check bench architecture posterior ensemble knockouts cohort interop networks clean

help:  ## this menu
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(READY)  ## make .venv here and install the pinned dependencies
	@command -v perl >/dev/null || echo "note: no Perl found. All works from the shipped networks, but an edited rule needs Perl (apt install perl)." >&2

$(READY): pyproject.toml constraints.txt
	@command -v "$(PYTHON)" >/dev/null || { \
	  echo "error: '$(PYTHON)' is not on the PATH. Install Python 3.11, 3.12 or 3.13 (apt install python3 python3-venv), or name one: make PYTHON=python3.12" >&2; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "error: $$("$(PYTHON)" --version 2>&1 | tail -n 1) found, 3.11, 3.12 or 3.13 needed. Name one: make PYTHON=python3.12" >&2; exit 2; }
	@"$(BIN)/python" -m pip --version >/dev/null 2>&1 || "$(PYTHON)" -m venv --clear "$(VENV)" || { \
	  echo "error: no virtual environment could be made. On Debian and Ubuntu: apt install python3-venv" >&2; exit 2; }
	"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	@touch "$(READY)"

run: setup  ## calibrate to the findings for $(MINUTES) minutes: findings table, run folder, report.html
	"$(BIN)/rewire" calibrate --minutes $(MINUTES) --seed $(SEED)

test: setup  ## the tests (without the slow ones)
	"$(BIN)/python" -m pytest

test-fast: setup  ## the tests that take under a second each
	"$(BIN)/python" -m pytest -m "not slow and not medium"

slow: setup  ## the slow tests
	"$(BIN)/python" -m pytest -m slow

check: setup  ## ruff, mypy, import layers, tests
	"$(BIN)/ruff" check .
	"$(BIN)/ruff" format --check .
	"$(BIN)/mypy"
	"$(BIN)/lint-imports"
	"$(BIN)/python" -m pytest

architecture: setup  ## the picture of the folders in docs/architecture.md, made from the code
	"$(BIN)/python" docs/structure.py

bench: setup  ## what an evaluation costs, and how that grows
	"$(BIN)/python" -m benchmarks.bench

posterior: setup  ## draw from the posterior (hours; the same command resumes)
	"$(BIN)/rewire" sample

ensemble: setup  ## rebuild the satisfying ensemble that ships
	"$(BIN)/rewire" ensemble

knockouts: setup  ## which findings need which mechanism
	"$(BIN)/rewire" knockouts --minutes 0.7 --refits 1 --keep models/ensembles/satisfying/knockouts.json

cohort: setup  ## the populations of virtual cells
	"$(BIN)/rewire" cohort

interop: setup  ## exports of all cells, compared with independent engines (an hour; REWIRE_AMICI=PYTHON for AMICI)
	"$(BIN)/python" -m rewire.export.verify.verify_all

networks: setup  ## write the shipped networks anew (needs Perl)
	"$(BIN)/python" -m models.network

clean:  ## remove what can be made again (never runs/)
	rm -rf build dist ./*.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -path "./$(VENV)" -prune -o -name __pycache__ -type d -exec rm -rf {} +
