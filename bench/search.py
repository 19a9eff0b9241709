"""The search box beside SQL written by hand: the same rows, the same columns, on the same connection."""

from collections.abc import Callable, Iterator
from datetime import date
from random import Random
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import Person, Phone, User
from accounts.roles import Role
from bench.measuring import Figure, beside, sql_p95
from callcenter.search import search, suggest

QUESTIONS = 200
COMMON = ["mar", "dup", "ben", "lef", "dub", "jean", "marie", "martin", "dupont", "jean pierre"]
SPELLINGS: list[Callable[[str], str]] = [
    lambda number: "0" + number[3:],
    lambda number: " ".join(["0" + number[3], *(number[at : at + 2] for at in range(4, 12, 2))]),
    lambda number: ".".join(["0" + number[3], *(number[at : at + 2] for at in range(4, 12, 2))]),
    lambda number: "+33 (0)" + number[3:],
    lambda number: "0033" + number[3:],
    lambda number: number,
]

# The reference of the prefix search: the unaccented lower-case names in a table of their own, under text_pattern_ops.
PLAIN_NAMES = """
    CREATE TABLE bench_person AS
        SELECT id, title, family_name, given_name, merged_into_id,
               name_key COLLATE "default" AS plain_name, given_name_key COLLATE "default" AS plain_given_name
        FROM accounts_person;
    ALTER TABLE bench_person ADD PRIMARY KEY (id);
    CREATE INDEX ON bench_person (plain_name text_pattern_ops);
    CREATE INDEX ON bench_person (plain_given_name text_pattern_ops);
    ANALYZE bench_person;
"""
HOME = """
    SELECT p.id, p.title, p.family_name, p.given_name, phone.number, t.reference, l.name, r.name,
           r.street, r.postcode, r.city, d.staircase, d.floor, d.door,
           EXISTS (SELECT FROM interventions_safetyalert a
                   WHERE %(on)s BETWEEN a.starts_on AND a.expires_on
                     AND (a.person_id = p.id OR a.dwelling_id = d.id OR a.residence_id = r.id))
    FROM ({people}) AS p
    LEFT JOIN LATERAL (SELECT number FROM accounts_phone WHERE person_id = p.id ORDER BY id LIMIT 1) phone ON true
    LEFT JOIN LATERAL (
        SELECT * FROM interventions_tenancy
        WHERE person_id = p.id AND since_on <= %(on)s AND (until_on IS NULL OR until_on >= %(on)s)
        ORDER BY since_on DESC, id DESC LIMIT 1
    ) t ON true
    LEFT JOIN interventions_landlord l ON l.id = t.landlord_id
    LEFT JOIN interventions_dwelling d ON d.id = t.dwelling_id
    LEFT JOIN interventions_residence r ON r.id = d.residence_id
    ORDER BY p.sort, p.plain, p.id
"""
BY_PREFIX = HOME.format(
    people="""
    (SELECT id, title, family_name, given_name, 1 AS sort, plain_name AS plain FROM bench_person
     WHERE merged_into_id IS NULL AND plain_name LIKE %(text)s
     ORDER BY plain_name USING ~<~, id LIMIT 10)
    UNION ALL
    (SELECT id, title, family_name, given_name, 2, plain_given_name FROM bench_person
     WHERE merged_into_id IS NULL AND plain_given_name LIKE %(text)s AND plain_name NOT LIKE %(text)s
     ORDER BY plain_given_name USING ~<~, id LIMIT 10)
    ORDER BY sort, plain, id LIMIT 10
"""
)
BY_PHONE = HOME.format(
    people="""
    SELECT id, title, family_name, given_name, 1 AS sort, name_key AS plain FROM accounts_person
    WHERE merged_into_id IS NULL AND id IN (SELECT person_id FROM accounts_phone WHERE number = %(text)s)
    ORDER BY name_key, id LIMIT 10
"""
)


def figures() -> Iterator[Figure]:
    rng = Random(59)
    on = timezone.localdate()
    agent = User.objects.filter(role=Role.AGENT)[0]
    _make_plain_names()
    names = list(Person.objects.current().filter(pk__in=_some_ids(rng)).values_list("name_key", flat=True))
    numbers = list(
        Phone.objects.filter(pk__in=_some_ids(rng), number__startswith="+33").values_list("number", flat=True)
    )

    def typed(text: str) -> list[Any]:
        return suggest(text, user=agent, on=on)

    def entered(text: str) -> list[Any]:
        return search(text, user=agent, on=on, limit=10).people

    def phone_by_hand(number: str) -> list[Any]:
        return by_hand(BY_PHONE, number, on)

    def prefix_by_hand(text: str) -> list[Any]:
        return by_hand(BY_PREFIX, f"{text}%", on)

    spelled = {rng.choice(SPELLINGS)(number): number for number in numbers}
    _check_same_rows(list(spelled), typed, lambda text: phone_by_hand(spelled[text]))
    yield _ratio("téléphone", list(spelled), typed, lambda text: phone_by_hand(spelled[text]), at_most=1.5)
    yield _ratio("téléphone, recherche entière", list(spelled), entered, lambda text: phone_by_hand(spelled[text]))
    yield Figure("fin de numéro, SQL p95", sql_p95([number[-6:] for number in numbers], typed))

    beginnings = (name[: rng.randint(3, 6)].rstrip() for name in names)
    prefixes = [*COMMON, *(text for text in beginnings if len(text.replace(" ", "")) >= 3)]
    _check_same_rows(prefixes, typed, prefix_by_hand)
    yield _ratio("au fil de la frappe", prefixes, typed, prefix_by_hand, at_most=2)
    yield Figure("au fil de la frappe, SQL p95", sql_p95(prefixes, typed), at_most=20)
    yield Figure("nom entré, recherche entière, SQL p95", sql_p95(names, entered))

    misspelled = {misspell(name, rng): name for name in (name.split()[0] for name in names) if len(name) > 4}
    misspelled = {text: name for text, name in misspelled.items() if not Person.objects.named(text).exists()}
    yield Figure("nom mal écrit, SQL p95", sql_p95(list(misspelled), typed))
    found = sum(
        Person.objects.filter(pk__in=[person.pk for person in typed(text)], name_key__startswith=name).exists()
        for text, name in misspelled.items()
    )
    yield Figure("nom mal écrit, retrouvé", 100 * found / len(misspelled), unit="%")


def by_hand(sql: str, text: str, on: date) -> list[Any]:
    with connection.connection.cursor() as cursor:
        return cursor.execute(sql, {"text": text, "on": on}).fetchall()


def misspell(name: str, rng: Random) -> str:
    """One letter forgotten, doubled or taken for another, never the first."""
    at = rng.randrange(1, len(name))
    return name[:at] + rng.choice(["", name[at] * 2, rng.choice("aeioubdfklmnprstvyz")]) + name[at + 1 :]


def _ratio(
    what: str,
    questions: list[str],
    ours: Callable[[str], Any],
    reference: Callable[[str], Any],
    at_most: float | None = None,
) -> Figure:
    return Figure(what, *beside(questions, ours, reference), at_most=at_most)


def _check_same_rows(
    questions: list[str], ours: Callable[[str], list[Any]], reference: Callable[[str], list[Any]]
) -> None:
    """The comparison is worth nothing otherwise. It also warms both caches."""
    for question in questions:
        if [tuple(row) for row in ours(question)] != reference(question):
            raise AssertionError(f"other rows for {question!r}")


def _make_plain_names() -> None:
    with connection.cursor() as cursor:
        if "bench_person" not in connection.introspection.table_names(cursor):
            cursor.execute(PLAIN_NAMES)


def _some_ids(rng: Random) -> list[int]:
    return rng.sample(range(1, Person.objects.count()), QUESTIONS)
