"""
What a search compares: lower-case, accent-free, letters and digits only, single spaces.

One PostgreSQL function makes the key of a stored row (a generated column) and of a question, so that they cannot
differ. Key columns use the "C" collation: a plain b-tree then serves both ``LIKE 'dup%'`` and the order.
"""

from django.db.models import CharField, Func, GeneratedField
from django.db.migrations import RunSQL

CREATE_SEARCH_KEY = RunSQL(
    """
    CREATE FUNCTION search_key(VARIADIC parts text[]) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT trim(regexp_replace(
            lower(public.unaccent('public.unaccent', array_to_string(parts, ' '))), '[^[:alnum:]]+', ' ', 'g'))
    $$
    """,
    "DROP FUNCTION search_key(text[])",
)


class SearchKey(Func):
    function = "search_key"
    output_field = CharField()


class Reversed(Func):
    """Makes a search by the end of a number a search by its beginning."""

    function = "reverse"
    output_field = CharField()


def key_field(expression: Func) -> GeneratedField:
    return GeneratedField(
        expression=expression,
        output_field=CharField(max_length=400, db_collation="C"),
        db_persist=True,
        editable=False,
    )
