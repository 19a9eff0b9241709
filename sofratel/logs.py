"""The log's lines: one JSON object each, and nobody's data in them."""

import json
import logging
from collections.abc import Iterator

import psycopg
from pythonjsonlogger.json import JsonFormatter


class Line(JsonFormatter):
    """
    PostgreSQL quotes the row or the value that it refused, and errors carry that along into every traceback. Of such an
    error its type, its place, its number and its constraint are told.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for error in database_errors(record.exc_info[1] if record.exc_info else None):
            for quoted in (str(error), repr(str(error))[1:-1]):  # as tracebacks have it, and as Celery does
                line = line.replace(json.dumps(quoted)[1:-1], f"{error.sqlstate} {error.diag.constraint_name or ''}")
        return line


def database_errors(error: BaseException | None) -> Iterator[psycopg.Error]:
    """The error and what it came from, as far as PostgreSQL said it."""
    while error is not None:
        if isinstance(error, psycopg.Error) and error.sqlstate:
            yield error
        error = error.__cause__ or error.__context__
