# Everything sets up `.venv` by itself, with uv where there is one and pip otherwise, from pinned and hashed requirements.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.installed
DEV := $(VENV)/.installed-dev

.PHONY: run test check bench install lock messages
.DEFAULT_GOAL := run

run: $(RUNTIME)
	@$(BIN)/python -m sofratel.embedded

test: $(DEV)
	@$(BIN)/python -m pytest -n auto --maxschedchunk 2

check: $(DEV)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy .
	@SOFRATEL_MODE=production SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))') \
		MASTER_KEYS=$$($(BIN)/python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())') \
		ALLOWED_HOSTS=sofratel.example DATABASE_URL=postgres://nobody@127.0.0.1/none REDIS_URL=redis://127.0.0.1 EMERGENCY_PHONE=+33353010000 \
		SITE_URL=https://sofratel.example EMAIL_URL=smtp://mail.example DEFAULT_FROM_EMAIL=nobody@sofratel.example \
		SMS_URL='https://a:b@sms.example/1.0/sms/none?consumer_key=c&sender=d' \
		$(BIN)/python manage.py check --deploy --fail-level WARNING
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python -m pytest -q tests/test_architecture.py

bench: $(DEV)
	@$(BIN)/python -m bench

install: $(RUNTIME)

lock:
	@for name in requirements requirements-dev; do \
		uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--custom-compile-command "make lock" --output-file $$name.txt $$name.in || exit 1; \
	done

# Needs gettext. What is new in locale/en/LC_MESSAGES/django.po is to be translated between the two.
messages: $(DEV)
	@SOFRATEL_MODE=test $(BIN)/python manage.py makemessages --locale=en --no-obsolete --no-location \
		--ignore=$(VENV) --ignore=var --ignore=tests --ignore=bench
	@SOFRATEL_MODE=test $(BIN)/python manage.py compilemessages --locale=en --ignore=$(VENV)

$(RUNTIME): requirements.txt
	@$(call install,requirements.txt)
	@touch $@

$(DEV): requirements-dev.txt requirements.txt
	@$(call install,requirements-dev.txt)
	@touch $@ $(RUNTIME)

define install
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	|| { echo "Erreur : il faut Python 3.11 ou plus récent (PYTHON=$(PYTHON))." >&2; exit 1; }; \
echo "Installation de $(1) dans $(VENV)…"; \
if command -v uv >/dev/null 2>&1; then \
	{ [ -x $(BIN)/python ] || uv venv --quiet --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(VENV); } \
	&& uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1); \
elif $(PYTHON) -m pip --version >/dev/null 2>&1; then \
	{ [ -x $(BIN)/python ] || $(PYTHON) -m venv --without-pip $(VENV); } \
	&& $(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check --require-hashes -r $(1); \
else \
	echo "Erreur : ni uv ni pip. Installez python3-pip, puis relancez." >&2; exit 1; \
fi
endef
