"""What is held about a person, from the declarations alone: here, a small application’s of its own."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from privacy.declarations import Dataset
from privacy.models import Restriction
from privacy.registry import Registry
from privacy.retention.due import PARIS
from privacy.retention.purge import purge
from privacy.subjects import holdings, pieces, recipients_of, told, without_day_while
from tests.factories import NOW, PersonFactory, UserFactory
from tests.privacy.sample.models import Attachment, Bill, Contract, Folder, Note, Ticket
from tests.privacy.sample.personal_data import ATTACHMENT, BILL, FOLDER, NOTE, TICKET, sample

pytestmark = pytest.mark.django_db

LONG_AGO = NOW - timedelta(days=300)


def held(person, *, now=NOW, registry=sample):
    return {holding.dataset.model: holding for holding in holdings(person, now=now, registry=registry)}


def told_of(dataset, person, *, now=NOW, registry=sample):
    return [told(row, dataset, person, account=None) for row in pieces(dataset, person, now=now, registry=registry)]


def one_of_each(person, *, months=None, closed_at=LONG_AGO):
    ticket = Ticket.objects.create(
        owner=person,
        contract=Contract.objects.create(months=months),
        folder=Folder.objects.create(made_at=LONG_AGO),
        opened_at=closed_at - timedelta(days=3),
        closed_at=closed_at,
    )
    note = Note.objects.create(ticket=ticket, author=person, text="La porte ne ferme plus")
    attachment = Attachment.objects.create(note=note, file="sample/x", added_at=NOW - timedelta(days=3))
    bill = Bill.objects.create(ticket=ticket, payer=person, closes_on=date(2025, 12, 31))
    return ticket, note, attachment, bill


def test_each_dataset_that_knows_the_person_is_told_and_no_other():
    person, other = PersonFactory(), PersonFactory()
    one_of_each(person)
    one_of_each(person)
    one_of_each(other)
    found = held(person)
    assert {model: holding.count for model, holding in found.items()} == {Ticket: 2, Note: 2, Attachment: 2, Bill: 2}
    assert held(PersonFactory()) == {}


@pytest.mark.parametrize("months", [None, 6, 36])
@pytest.mark.parametrize("model", [Ticket, Note, Attachment, Bill])
def test_the_day_that_is_said_is_the_day_it_goes(model, months):
    """Its own period, a shorter contract, the parent's end: whichever comes first."""
    person = PersonFactory()
    one_of_each(person, months=months, closed_at=NOW - timedelta(days=100))
    day = held(person)[model].first_on
    midnight = datetime.combine(day, time(), PARIS)
    purge(now=midnight - timedelta(seconds=1), commit=True, registry=sample)
    assert model.objects.exists()
    assert held(person, now=midnight - timedelta(seconds=1))[model].count == 1
    assert model not in held(person, now=midnight)  # due: invisible, though it is still there
    purge(now=midnight, commit=True, registry=sample)
    assert not model.objects.exists()


def test_the_first_and_the_last_day_of_several():
    person = PersonFactory()
    for days in (300, 200, 100):
        one_of_each(person, closed_at=datetime(2026, 3, 10, 12, tzinfo=UTC) - timedelta(days=days))
    found = held(person)[Ticket]
    assert (found.first_on, found.last_on, found.count) == (date(2026, 7, 14), date(2027, 1, 30), 3)


def test_a_row_that_waits_for_its_fallback_has_that_day():
    person = PersonFactory()
    Ticket.objects.create(owner=person, opened_at=datetime(2026, 1, 31, 12, tzinfo=UTC))
    assert held(person)[Ticket].first_on == date(2027, 3, 31)


def test_nothing_that_is_restricted_has_a_day(restrict):
    person = PersonFactory()
    one_of_each(person)
    assert held(person)[Ticket].held == 0
    restriction = restrict(person)
    found = held(person)[Ticket]
    assert (found.held, found.first_on) == (1, None)
    late = NOW + timedelta(days=2000)
    purge(now=late, commit=True, registry=sample)
    assert held(person, now=late)[Ticket].count == 1
    Restriction.objects.filter(pk=restriction.pk).update(told_at=NOW, lifted_at=NOW)
    assert Ticket not in held(person, now=late)


def test_an_open_request_keeps_all_but_what_lives_at_most_so_long(ask):
    person = PersonFactory()
    one_of_each(person)
    day = held(person)[Attachment].first_on
    ask(person)
    found = held(person)
    assert (found[Ticket].held, found[Note].held, found[Bill].held) == (1, 1, 1)
    assert (found[Attachment].held, found[Attachment].first_on) == (0, day)


def test_a_hold_keeps_its_rows_and_what_they_cannot_do_without(open_hold):
    person = PersonFactory()
    _, note, _, _ = one_of_each(person)
    one_of_each(person)
    open_hold(note)
    found = held(person)
    assert {model: (each.count, each.held) for model, each in found.items()} == {
        Ticket: (2, 1),
        Note: (2, 1),
        Attachment: (2, 1),
        Bill: (2, 0),
    }


def test_what_nothing_ends_is_said_to_have_no_day():
    registry = Registry()
    registry.register(Dataset(Note, "Notes", data=NOTE.data, not_personal=("id",), subjects=NOTE.subjects))
    person = PersonFactory()
    one_of_each(person)
    found = held(person, registry=registry)[Note]
    assert (found.without_day, found.first_on) == (1, None)
    assert without_day_while(found.dataset, registry=registry) == ""
    assert without_day_while(FOLDER, registry=sample) == "tant qu’il reste autre chose de vous"


def test_the_summary_is_two_statements_whatever_there_is(django_assert_num_queries):
    person = PersonFactory()
    for _ in range(3):
        one_of_each(person)
        with django_assert_num_queries(5):  # and three that ask what stops the purge
            holdings(person, now=NOW, registry=sample)


def test_a_row_is_told_in_words():
    person = PersonFactory()
    one_of_each(person)
    (piece,) = told_of(NOTE, person)
    assert {fact.label: fact.value for fact in piece.facts} == {
        "Ticket": f"ticket {Ticket.objects.get().pk}",
        "Personne": "Vous",
        "Text": "La porte ne ferme plus",
    }
    assert piece.roles == ["author"]
    (piece,) = told_of(ATTACHMENT, person)
    assert piece.technical == ["File"]
    assert piece.goes_on == date(2026, 6, 7)


def test_words_in_a_row_of_two_people_are_not_shown():
    person, other = PersonFactory(), PersonFactory()
    ticket, *_ = one_of_each(other)
    registry = Registry()
    dataset = Dataset(
        Note, "Notes", data=NOTE.data, not_personal=("id",), subjects={"owner": "ticket__owner", "author": "author"}
    )
    registry.register(dataset)
    mine = Note.objects.create(ticket=ticket, author=person, text="Ma voisine est absente")
    (piece,) = told_of(dataset, person, registry=registry)
    facts = {fact.label: fact for fact in piece.facts}
    assert (piece.roles, piece.others) == (["author"], ["owner"])
    assert (facts["Text"].value, facts["Text"].masked) == (None, True)
    Ticket.objects.filter(pk=ticket.pk).update(owner=None)
    (piece,) = told_of(dataset, person, registry=registry)
    assert mine.text in [fact.value for fact in piece.facts]


def test_who_may_receive_it_follows_from_what_it_is_for():
    assert [recipient.key for recipient in recipients_of(BILL)] == ["staff"]
    assert "trades" in [recipient.key for recipient in recipients_of(TICKET)]


def test_another_person_is_never_named(restrict):
    person = PersonFactory()
    agent = UserFactory(full_name="Canari Agent")
    Restriction.objects.create(person=person, reason="Contestée", started_at=NOW, started_by=agent)
    one_of_each(person)
    assert Restriction.objects.get().started_by.full_name == "Canari Agent"
    assert "Canari" not in repr(told_of(TICKET, person))
