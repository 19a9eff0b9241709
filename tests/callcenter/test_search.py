from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Person, Phone, User
from accounts.roles import Role
from callcenter.search import search, suggest
from interventions.models import Dwelling, Intervention, Landlord, Residence, Tenancy
from interventions.problems import PROBLEMS

pytestmark = pytest.mark.django_db

TODAY = date(2025, 3, 10)
ROWS = (1, 3, 300)


class Estate:
    """One landlord with one residence, where each tenant has a dwelling."""

    def __init__(self, code, street, city="Cambrai"):
        self.landlord = Landlord.objects.create(name=f"Bailleur {code}", code=code, contract_from_on=date(2020, 1, 1))
        self.residence = Residence.objects.create(
            landlord=self.landlord,
            reference="R1",
            name=f"Les Tilleuls {code}",
            street=street,
            postcode="59400",
            city=city,
        )
        self.manager = User.objects.create_user(f"{code}@example.org", role=Role.LANDLORD_MANAGER)
        self.landlord.managers.add(self.manager)

    def tenant(self, family_name, given_name, number, reference, *, until_on=None):
        person = Person.objects.create(family_name=family_name, given_name=given_name)
        Phone.objects.create(person=person, number=number)
        dwelling = Dwelling.objects.create(residence=self.residence, reference=reference, staircase="B", door="12")
        self.lease(person, dwelling, reference, until_on=until_on)
        return person

    def lease(self, person, dwelling, reference, *, until_on=None):
        return Tenancy.objects.create(
            person=person,
            dwelling=dwelling,
            landlord=self.landlord,
            reference=reference,
            since_on=date(2021, 1, 1),
            until_on=until_on,
        )

    def intervention(self, person):
        target = {"priority": "urgent", "on_site_by": "2025-03-10T12:00Z"}
        return Intervention.objects.create(
            landlord=self.landlord,
            residence=self.residence,
            occupant=person,
            problem_code=PROBLEMS[0].code,
            **target,
            **{f"suggested_{name}": value for name, value in target.items()},
        )


@pytest.fixture
def agent():
    return User.objects.create_user("agent@example.org", role=Role.AGENT)


@pytest.fixture
def ours():
    return Estate("nord", "12 rue Gambetta")


@pytest.fixture
def theirs():
    return Estate("sud", "8 place Verte", "Douai")


@pytest.fixture
def marie(ours):
    return ours.tenant("Dupont", "Marie", "+33327123456", "L-000 123")


@pytest.fixture
def paul(theirs):
    return theirs.tenant("Dupont", "Paul", "+33612345678", "L-000 999")


def found(text, user, **options):
    return [person.given_name for person in search(text, user=user, on=TODAY, **options).people]


def suggested(text, user, **options):
    return [person.given_name for person in suggest(text, user=user, on=TODAY, **options)]


@pytest.mark.parametrize("look", [found, suggested])
@pytest.mark.parametrize(
    "text",
    ["dupont marie", "marie dup", "Marie DUPONT", "dupond marie", "03 27 12 34 56", "+33 (0)3 27 12 34 56", "3456"],
)
def test_a_person_is_found_by_name_sound_or_number(look, text, agent, marie, paul):
    assert look(text, agent)[:1] == ["Marie"]


@pytest.mark.parametrize("text", ["L-000 123", "l000123", "L 000.123", "l-000-12"])
def test_a_tenant_is_found_by_the_landlords_reference(text, agent, marie, paul):
    assert found(text, agent) == ["Marie"]


def test_a_reference_of_digits_is_no_less_a_reference(agent, ours):
    ours.tenant("Martin", "Zoé", "+33327000000", "0012345")
    assert found("0012345", agent) == ["Zoé"]


@pytest.mark.parametrize(
    "text",
    ["12 rue gambetta cambrai", "12, rue Gambetta 59400 CAMBRAI", "rue gambeta", "les tilleuls nord", "gambetta"],
)
def test_an_address_is_found_even_misspelled(text, agent, ours, theirs):
    assert search(text, user=agent, on=TODAY).residences[:1] == [ours.residence]


def test_an_intervention_is_found_by_what_is_told_on_the_telephone(agent, ours, marie):
    intervention = ours.intervention(marie)
    other = ours.intervention(marie)
    spellings = [intervention.reference, intervention.reference.lower(), f"I {intervention.pk}", str(intervention.pk)]
    for text in spellings:
        assert search(text, user=agent, on=TODAY).interventions == [intervention]
    assert search(other.reference, user=agent, on=TODAY).interventions == [other]
    assert search("I" + "9" * 18, user=agent, on=TODAY).interventions == []
    assert search("I" + "9" * 40, user=agent, on=TODAY).interventions == []


@pytest.mark.parametrize("look", [search, suggest])
def test_a_line_says_who_where_and_under_which_reference(look, agent, ours, marie):
    Phone.objects.create(person=marie, number="+33611111111")
    results = look("dupont", user=agent, on=TODAY)
    (line,) = results if look is suggest else results.people
    assert line.pk == marie.pk
    assert line.full_name == "DUPONT Marie"
    assert line.number == "+33327123456"
    assert (line.landlord, line.tenant_reference) == ("Bailleur nord", "L-000 123")
    assert (line.residence, line.address) == ("Les Tilleuls nord", "12 rue Gambetta, 59400 Cambrai")
    assert line.place == "esc. B, porte 12"


@pytest.mark.parametrize("look", [search, suggest])
def test_a_line_tells_the_current_tenancy_only(look, agent, ours, theirs, marie):
    marie.tenancies.update(until_on=TODAY)
    dwelling = Dwelling.objects.create(residence=theirs.residence, reference="N1")
    theirs.lease(marie, dwelling, "N-1")
    marie.tenancies.filter(landlord=theirs.landlord).update(since_on=TODAY + timedelta(days=1))

    def line(on):
        results = look("dupont", user=agent, on=on)
        (only,) = results if look is suggest else results.people
        return only.tenant_reference, only.address

    assert line(TODAY) == ("L-000 123", "12 rue Gambetta, 59400 Cambrai")
    assert line(TODAY + timedelta(days=1)) == ("N-1", "8 place Verte, 59400 Douai")
    assert line(date(2020, 1, 1)) == (None, "")


@pytest.mark.parametrize("look", [found, suggested])
@pytest.mark.parametrize("text", ["dupont", "dupond mar", "3456", "0327123456"])
def test_a_merged_record_is_not_found(look, text, agent, marie, paul):
    assert "Marie" in look(text, agent)
    marie.merged_into = paul
    marie.save()
    assert "Marie" not in look(text, agent)


def test_nothing_is_suggested_before_the_third_letter_or_the_fourth_digit(agent, marie):
    assert [suggested(text, agent) for text in ("d", "du", "d u", "345")] == [[], [], [], []]
    assert [suggested(text, agent) for text in ("dup", "3456")] == [["Marie"], ["Marie"]]


def test_names_that_begin_so_hide_names_that_sound_so(agent, ours):
    ours.tenant("Dupont", "Marie", "+33327123456", "1")
    assert suggested("dupond", agent) == ["Marie"]
    ours.tenant("Dupond", "Luc", "+33327123457", "2")
    assert suggested("dupond", agent) == ["Luc"]


def test_a_landlords_manager_finds_their_own_estate_only(agent, ours, theirs, marie, paul):
    intervention = theirs.intervention(paul)
    leaks = ["dupont paul", "dupond paul", "0612345678", "5678", "L-000 999"]
    assert all("Paul" in found(text, agent) for text in leaks)
    assert search("8 place verte", user=agent, on=TODAY).residences == [theirs.residence]
    assert search(intervention.reference, user=agent, on=TODAY).interventions == [intervention]

    for text in [*leaks, "8 place verte", intervention.reference]:
        results = search(text, user=ours.manager, on=TODAY)
        assert [person.given_name for person in results.people if person.pk == paul.pk] == []
        assert (theirs.residence in results.residences, results.interventions) == (False, [])
    assert found("dupont", ours.manager) == ["Marie"]
    assert found("dupont", theirs.manager) == ["Paul"]
    assert search("12 rue gambetta", user=ours.manager, on=TODAY).residences == [ours.residence]


def test_a_landlords_manager_is_not_told_where_a_former_tenant_lives(agent, ours, theirs, marie):
    dwelling = Dwelling.objects.create(residence=theirs.residence, reference="N1")
    theirs.lease(marie, dwelling, "N-1")
    assert found("dupont", ours.manager) == ["Marie"]
    (line,) = search("dupont", user=ours.manager, on=TODAY).people
    assert line.landlord == "Bailleur nord"
    marie.tenancies.filter(landlord=ours.landlord).update(until_on=TODAY - timedelta(days=1))
    assert found("dupont", ours.manager) == []
    assert found("dupont", theirs.manager) == ["Marie"]


def test_a_tenant_finds_themselves_only(agent, ours, marie):
    neighbour = ours.tenant("Dupont", "Luc", "+33327123457", "2")
    tenant = User.objects.create_user("marie@example.org", role=Role.TENANT, person=marie)
    assert found("dupont", agent) == ["Luc", "Marie"]
    assert found("dupont", tenant) == ["Marie"]
    assert found("0327123457", tenant) == []
    assert search(ours.intervention(neighbour).reference, user=tenant, on=TODAY).interventions == []
    assert search("12 rue gambetta", user=tenant, on=TODAY).residences == []


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.AGENT, Role.SUPERVISOR}))
def test_only_the_desk_is_given_suggestions(role, agent, ours, marie):
    user = User.objects.create_user("someone@example.org", role=role, person=marie)
    ours.landlord.managers.add(user)
    assert suggested("dupont", agent) == suggested("0327123456", agent) == ["Marie"]
    assert suggested("dupont", user) == suggested("0327123456", user) == suggested("dupond", user) == []


@pytest.mark.parametrize(
    "text",
    [
        "%",
        "_",
        "du%t",
        "d_pont",
        "\\",
        "'; --",
        "",
        "   ",
        "\x00",
        "\u202e\u200f",
        "🙂",
        "²³¹",
        "\ud800",
        "+",
        "()",
        "-",
        "00",
    ],
)
def test_signs_find_nothing_and_break_nothing(text, agent, marie):
    assert found("dup", agent) == suggested("dup", agent) == ["Marie"]
    assert not search(text, user=agent, on=TODAY)
    assert suggest(text, user=agent, on=TODAY) == []


@pytest.mark.parametrize(
    "text", ["dupont\x00 marie", "\u202edupont\u200f marie", "dupont\u00a0marie", "dupont" + " " * 1_000_000]
)
def test_what_cannot_be_seen_does_not_count(text, agent, marie):
    assert found(text, agent) == suggested(text, agent) == ["Marie"]


@pytest.mark.parametrize(
    "text", ["z" * 1_000_000, "1" * 1_000_000, "I" + "1" * 1_000_000, "dupont " * 150_000, "% " * 500_000]
)
def test_a_million_characters_are_cut(text, agent, ours):
    with CaptureQueriesContext(connection) as queries:
        search(text, user=agent, on=TODAY)
        suggest(text, user=agent, on=TODAY)
    assert max((len(query["sql"]) for query in queries), default=0) < 10_000


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize(
    ("look", "text", "queries"),
    [
        (search, "dupont", 4),
        (search, "dupond", 5),
        (search, "3271234", 4),
        (search, "12 rue gambetta", 4),
        (suggest, "dupont", 1),
        (suggest, "3271234", 1),
        (suggest, "dupond", 3),
    ],
)
def test_the_number_of_queries_does_not_grow(look, text, queries, rows, agent, ours, django_assert_num_queries):
    for row in range(rows):
        ours.tenant("Dupont", f"Marie {row}", "+33123271234", f"L{row}")
    with django_assert_num_queries(queries):
        look(text, user=agent, on=TODAY)


def used_indexes(plan):
    """The indexes that a plan enters by a condition, not from end to end."""
    if "Index Cond" in plan:
        yield plan["Index Name"]
    for part in plan.get("Plans", []):
        yield from used_indexes(part)


@pytest.fixture
def crowd(ours):
    people = Person.objects.bulk_create(
        Person(family_name=f"Nom{row * 7919:x}", given_name=f"Prénom{row:x}") for row in range(3000)
    )
    Phone.objects.bulk_create(Phone(person=person, number=f"+336{person.pk * 7919 % 10**8:08}") for person in people)
    homes = Dwelling.objects.bulk_create(
        Dwelling(residence=ours.residence, reference=f"C{row}") for row in range(len(people))
    )
    Tenancy.objects.bulk_create(
        Tenancy(person=person, dwelling=home, landlord=ours.landlord, reference=home.reference, since_on=TODAY)
        for person, home in zip(people, homes, strict=True)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_person, accounts_phone, interventions_tenancy")


@pytest.mark.parametrize(
    ("look", "text", "indexes"),
    [
        (search, "dupont", {"person_name_key", "person_given_name_key", "tenancy_reference_key"}),
        (search, "0327123456", {"phone_reversed_number", "tenancy_reference_key"}),
        (suggest, "dupont", {"person_name_key", "person_given_name_key"}),
        (suggest, "0327123456", {"phone_reversed_number"}),
        (suggest, "123456", {"phone_reversed_number"}),
    ],
)
def test_what_is_typed_is_found_through_an_index(look, text, indexes, agent, marie, crowd):
    with CaptureQueriesContext(connection) as queries:
        look(text, user=agent, on=TODAY)
    entered = set()
    with connection.cursor() as cursor:
        for query in queries:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {query['sql']}")
            entered |= set(used_indexes(cursor.fetchone()[0][0]["Plan"]))
    assert indexes <= entered


def test_no_more_than_the_limit(agent, ours):
    for row in range(4):
        ours.tenant("Dupont", f"Marie {row}", "+33327123456", f"L{row}")
    assert found("dupont", agent, limit=3) == suggested("dupont", agent, limit=3) == ["Marie 0", "Marie 1", "Marie 2"]
    assert len(found("3456", agent, limit=3)) == len(suggested("3456", agent, limit=3)) == 3
