# Two commands do everything from a fresh clone: `make demo` and `make test`. Both install what they need first.
PYTHON ?= python3
VENV = .venv/bin
# What samples in the suite: whole only here.
PROOFS = $(addprefix tests/,test_access.py partners/test_uniform.py test_stuffing.py test_audit.py reviews/test_outbox.py reviews/test_incremental.py \
	reviews/test_background.py conflicts/test_policy_background.py conflicts/test_policy_enumerated.py \
	conflicts/test_metamorphic.py reviews/test_replay.py \
	conflicts/test_model_pure.py reviews/test_model_worst.py conflicts/test_cusum.py \
	reviews/test_who_may.py reviews/test_redaction.py journeys/test_axe.py journeys/test_bulk_many.py)

.PHONY: install demo test prove lint states messages peers clean help

help:
	@echo "make demo     install, start the database, load the sample program, serve it"
	@echo "make test     install, check and test everything"
	@echo "make prove    the slow proofs: the whole crawl, axe on every page in every look, 500 in bulk, 1,000 tamperings, 1,000 kills, 10,000 events"
	@echo "make install  only install, into .venv"
	@echo "make lint     style, types, import directions"
	@echo "make messages the texts that partners read, into the catalogues of the other languages (docs/languages.md)"
	@echo "make peers    the environment of the peers that bench identity and bench policy measure, into var/peers"
	@echo "make clean    stop the database and forget everything under var/"

install: .venv/installed

.venv/installed: requirements.txt requirements-bulk.txt tests/requirements.txt
	$(PYTHON) -c 'import sys; sys.exit("channelconflict needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(VENV)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	touch $@

demo: install
	CHANNELCONFLICT_PLAIN_HTTP=1 $(VENV)/python manage.py demo

test: install lint
	$(VENV)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

prove: install
	PROVE=1 KILLS=1000 EVENTS=10000 $(VENV)/python -m pytest -s $(PROOFS)

lint: install
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/lint-imports
	$(VENV)/mypy .

# GNU gettext is needed here, and only here: what it makes is kept.
messages: install
	$(VENV)/python manage.py makemessages --all --no-location --no-wrap --ignore .venv --ignore var --ignore tests --ignore benchmarks --ignore "templates/admin/*" --ignore "templates/simple_history/*"
	$(VENV)/python manage.py compilemessages --ignore .venv

states: install
	$(VENV)/python manage.py states

peers: var/peers/installed

# pyicu, of nomenklatura, is built here: it needs a C++ compiler, pkg-config and the headers of ICU.
var/peers/installed: benchmarks/identity/peers/requirements.txt benchmarks/policy_peers.txt
	$(PYTHON) -m venv var/peers
	var/peers/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/identity/peers/requirements.txt -r benchmarks/policy_peers.txt
	touch $@

clean:
	-$(VENV)/python manage.py db stop
	rm -rf var
