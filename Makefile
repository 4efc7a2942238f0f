# The small daily tasks. ./run and ./test are the front door.
PY = .venv/bin/python
BIN = .venv/bin
LOCK = uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --quiet

.PHONY: help fix check unit journeys demo migrations coverage races faults lock upgrade clean

help:            ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/: *##/:/'

fix:             ## format, and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	find templates -name '*.html' -exec $(BIN)/djade --target-version 5.2 {} +

check:           ## every check that is not a test
	./test lint

unit:            ## the tests on SQLite
	./test unit

journeys:        ## the stories in a browser
	./test journeys

demo:            ## the demonstration forum in a folder that is thrown away
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT INT TERM && COPROD_DATA=$$folder ./run

migrations:      ## write the migrations that the models ask for
	$(PY) manage.py makemigrations

coverage:        ## branch coverage of all apps
	$(BIN)/pytest --ignore=tests/journeys --cov --cov-branch --cov-report=term-missing

races:           ## races, fifty rounds
	COPROD_ROUNDS=50 $(BIN)/pytest -m race

faults:          ## killed processes and stopped servers, twenty rounds, Redis away ten minutes
	COPROD_ROUNDS=20 COPROD_AWAY=600 $(BIN)/pytest -m fault
	COPROD_ROWS=5000 $(BIN)/pytest tests/projects/test_round_trip.py

lock:            ## write the lock files after a change of pyproject.toml (needs uv)
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) --group dev -c requirements.lock -o requirements-dev.lock

upgrade:         ## the same, with the newest versions that pyproject.toml allows
	$(LOCK) --upgrade pyproject.toml -o requirements.lock
	$(LOCK) --upgrade --group dev -c requirements.lock -o requirements-dev.lock

clean:           ## forget .venv; the data in var stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
