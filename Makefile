# Two commands: make demo (try the bot on a simulated tenant) and make test (the gate and the tests).
PYTHON ?= python3
SCENARIO ?= rollout
VENV := .venv
RUN := $(VENV)/bin/python
STAMP := $(VENV)/.installed

.PHONY: demo test test-long gate lock bench
.SILENT:

demo: $(STAMP)
	$(RUN) -m bot simulate --scenario $(SCENARIO) --terminal

test: gate
	$(RUN) -m pytest $(ARGS)

test-long: gate
	$(RUN) -m pytest -m long $(ARGS)

gate: $(STAMP)
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/ruff check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --cache-dir .cache/import_linter

bench: $(STAMP)
	$(RUN) -m tests.bench

# uv installs the whole lock in seconds where pip needs over a minute; uv itself comes from the lock, by its hash.
$(STAMP): requirements.lock
	$(PYTHON) -m venv $(VENV)
	sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.lock
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(VENV)/uv.lock
	$(VENV)/bin/uv pip sync --quiet --python $(RUN) --require-hashes --compile-bytecode requirements.lock
	touch $(STAMP)

lock: $(STAMP)
	$(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --extra dev \
		--python-version 3.11 --upgrade -o requirements.lock pyproject.toml
