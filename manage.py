#!/usr/bin/env python
"""Runs a command. Outside production it starts the embedded servers if need be, and stops them again."""

import contextlib
import os
import signal
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

from sofratel.embedded.errors import EmbeddedError
from sofratel.embedded.services import running

SAYS_PRODUCTION = ("SOFRATEL_MODE", "SECRET_KEY", "MASTER_KEYS", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL")
NEEDS_NO_SERVER = {"check", "collectstatic", "help", "version", "--help", "--version", "-h"}


def main() -> None:
    # A production server where one variable was forgotten must not wake up as a demonstration.
    if not any(os.environ.get(name) for name in SAYS_PRODUCTION):
        os.environ["SOFRATEL_MODE"] = "demo"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sofratel.settings")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    try:
        with contextlib.nullcontext() if command in NEEDS_NO_SERVER else running():
            execute_from_command_line(sys.argv)
    except (EmbeddedError, ImproperlyConfigured) as error:
        sys.exit(f"manage.py : {error}")
    except OperationalError as error:  # no server, no space left
        sys.exit(f"manage.py : la base de données ne répond pas comme il faut : {str(error).splitlines()[0]}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()
