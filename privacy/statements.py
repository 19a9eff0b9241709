"""SQL that Django writes once and PostgreSQL runs many times: writing a long statement takes longer than running it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable


class Written:
    """
    A query set and its SQL. `stand_in` is the parameter in it that each run replaces. For one thread: the compiler, as
    Django leaves it once it has written, is kept with the connection.
    """

    def __init__(self, rows: QuerySet[Any], *, stand_in: str) -> None:
        self.rows, self.stand_in = rows, stand_in
        compiler = rows.query.get_compiler(rows.db)
        self.sql, self.params = compiler.as_sql()
        compiler.as_sql = self.as_sql
        rows.query.get_compiler = lambda *args, **kwargs: compiler  # type: ignore[method-assign]

    def as_sql(self, *args: Any, **kwargs: Any) -> tuple[str, tuple[Any, ...]]:
        return self.sql, tuple(self.value if param == self.stand_in else param for param in self.params)

    def fetch(self, value: str) -> list[Model]:
        self.value = value
        return list(ModelIterable(self.rows))


@contextmanager
def plans_kept() -> Iterator[None]:
    """
    PostgreSQL plans a statement that it has prepared once, and not anew for each person, as it otherwise would where
    it thinks that a few rows less might come of it: here planning takes three times as long as running.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_generic_plan")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET plan_cache_mode")
