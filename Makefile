# Two commands: make demo (try the bot on a simulated tenant) and make test (the gate and the tests).
PYTHON ?= python3
SCENARIO ?= rollout
PAGE_PORT ?= 3979
WORKERS ?= $(if $(findstring .py,$(ARGS)),0,auto)
VENV := .venv
RUN := $(VENV)/bin/python
STAMP := $(VENV)/.installed
PAGE := bot/simulation/page
LIBRARIES := $(PAGE)/node_modules/.package-lock.json
VALIDATOR := tests/operator/node_modules/.package-lock.json

# The environment has a LANGUAGE of its own, which is not meant.
SPOKEN := $(if $(filter command,$(origin LANGUAGE)),--language $(LANGUAGE))

.PHONY: demo test test-long mutants gate lock bench screenshot screenshots model
.SILENT:

demo: $(STAMP) $(LIBRARIES)
	echo "Starting the bot and a simulated company on this machine…"
	$(RUN) -m bot simulate --scenario $(SCENARIO) --port $(PAGE_PORT) --data .data --terminal $(SPOKEN)

# One process a core, a file of tests at a time, by name: the longest, tests/approvals/crashes, is among the first so.
# A run of single files starts no second process, which would only load everything once more.
test: gate $(LIBRARIES) $(VALIDATOR)
	$(RUN) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

test-long: gate
	$(RUN) -m pytest -m long $(ARGS)

# Each guard of tests/mutants/guards.toml is removed once; ARGS: words of its name, or --jobs N.
mutants: $(STAMP)
	$(RUN) -m tests.mutants.harness $(ARGS)

gate: $(STAMP)
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/ruff check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --cache-dir .cache/import_linter

# Figures beside goals; the SDKs that ours is measured against get an environment in .cache. ARGS: words of its parts.
bench: $(STAMP)
	$(RUN) -m tests.bench $(ARGS)

screenshot: $(STAMP) $(LIBRARIES)
	$(RUN) -m tests.browser.picture

# Every card there is, light and dark, as narrow as a phone and wider, into .screenshots/; LANGUAGE=de: in German.
screenshots: $(STAMP) $(LIBRARIES)
	$(RUN) -m tests.browser.pictures $(lastword $(SPOKEN))

# What the chat page draws cards with. Without npm the page says what to install; the chat in the terminal works anyway.
# The tests hold the Teams app package against Microsoft's validator too.
$(LIBRARIES) $(VALIDATOR): %/node_modules/.package-lock.json: %/package-lock.json
	if command -v npm >/dev/null; then echo "Fetching what draws cards (npm, some seconds)…"; npm ci --ignore-scripts --loglevel=error --prefix $* >/dev/null; fi

# uv installs the whole lock in seconds where pip needs over a minute; uv itself comes from the lock, by its hash.
$(STAMP): requirements.lock
	echo "Installing the packages of the lock file into $(VENV)/: once, one to two minutes…"
	$(PYTHON) -m venv $(VENV)
	sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.lock
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(VENV)/uv.lock
	$(VENV)/bin/uv pip sync --quiet --python $(RUN) --require-hashes --compile-bytecode requirements.lock
	touch $(STAMP)

# The model of dialogs/understanding, from its utterances; scikit-learn has an environment of its own.
model: $(STAMP)
	$(PYTHON) -m venv .cache/model
	$(VENV)/bin/uv pip sync --quiet --python .cache/model/bin/python --require-hashes requirements-model.lock
	.cache/model/bin/python -m dialogs.understanding.ranking.build

# Three locks: all that the tests need, what serves alone (with the versions of the first), what builds the model.
lock: $(STAMP)
	$(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --extra dev --extra demo \
		--extra otel --python-version 3.11 --upgrade -o requirements.lock pyproject.toml
	$(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
		--python-version 3.11 -c requirements.lock -o requirements.runtime.lock pyproject.toml
	$(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --extra model \
		--python-version 3.11 --upgrade -o requirements-model.lock pyproject.toml
