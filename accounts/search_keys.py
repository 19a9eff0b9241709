"""
What a search compares: lower-case, accent-free, letters and digits only, single spaces. Apostrophes join: D’Hondt,
Dhondt.

One PostgreSQL function makes the key of a stored row (a generated column) and of a question, so that they cannot
differ. Key columns use the "C" collation: a plain b-tree then serves both ``LIKE 'dup%'`` and the order.
"""

from django.db.migrations import RunSQL
from django.db.models import CharField, Func, GeneratedField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import NullIf, Replace

from accounts.names import clean_text

LONGEST_QUESTION = 80  # characters; nobody types more, and trigrams cost by the letter

CREATE_SEARCH_KEY = RunSQL(
    """
    CREATE FUNCTION search_key(VARIADIC parts text[]) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT trim(regexp_replace(
            replace(lower(public.unaccent('public.unaccent', array_to_string(parts, ' '))), '''', ''),
            '[^[:alnum:]]+', ' ', 'g'))
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


def spaceless(key: Combinable) -> Replace:
    """For references, which are spelled with and without separators."""
    return Replace(key, Value(" "), Value(""))


def question(text: str) -> str:
    """What was typed or pasted, without what cannot be seen, and no longer than a person would type."""
    return clean_text(text[:LONGEST_QUESTION])


def asked(text: str) -> NullIf:
    """The key of a question; NULL, which matches nothing, where the question has no letter or digit."""
    return NullIf(SearchKey(Value(question(text))), Value(""))


def key_field(expression: Func) -> GeneratedField:
    return GeneratedField(
        expression=expression,
        output_field=CharField(max_length=400, db_collation="C"),
        db_persist=True,
        editable=False,
    )
