"""What holds a due row back, through all that hangs together, and what stops holding it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction

from privacy.models import RightsRequest
from privacy.retention.purge import Blocked, purge
from tests.concurrency import tried
from tests.factories import PersonFactory
from tests.privacy.sample.models import Attachment, Bill, Contract, Folder, Note, Ticket
from tests.privacy.sample.personal_data import sample

pytestmark = pytest.mark.django_db

NOW = datetime(2028, 6, 15, 10, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=1000)
LATELY = NOW - timedelta(days=10)


@pytest.fixture(autouse=True)
def files_of_their_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def ticket(*, closed_at=LONG_AGO, **fields):
    return Ticket.objects.create(opened_at=closed_at - timedelta(days=1), closed_at=closed_at, **fields)


def note(of, **fields):
    return Note.objects.create(ticket=of, text="seen", **fields)


def attachment(of, *, added_at=LATELY):
    return Attachment.objects.create(note=of, file=ContentFile(b"x", name="photo.jpg"), added_at=added_at)


def run():
    """By rule: how many rows it deleted, and what held others back."""
    result = purge(now=NOW, commit=True, registry=sample)
    return {outcome.key: outcome for outcome in result.outcomes}


TICKETS, ATTACHMENTS = "interventions:sample.ticket", "recordings:sample.attachment"


def test_without_any_of_them_the_whole_tree_goes():
    attachment(note(ticket(owner=PersonFactory())))
    outcome = run()[TICKETS]
    assert outcome.counts == {"sample.Ticket": 1, "sample.Note": 1, "sample.Attachment": 1}
    assert (outcome.deleted, outcome.files, outcome.blocked) == (1, 1, [])
    assert not Ticket.objects.exists()
    assert not Note.objects.exists()
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("named", ["ticket", "note", "attachment"])
def test_a_hold_keeps_what_it_names_what_that_hangs_from_and_what_hangs_from_it(open_hold, named):
    tree = {"ticket": ticket()}
    tree["note"] = note(tree["ticket"])
    tree["attachment"] = attachment(tree["note"], added_at=LONG_AGO)
    other = ticket()
    open_hold(tree[named])
    outcomes = run()
    assert outcomes[TICKETS].blocked == [Blocked("hold", 1)]
    assert outcomes[ATTACHMENTS].blocked == [Blocked("hold", 1)]
    assert set(Ticket.objects.all()) == {tree["ticket"]}
    assert other.pk != tree["ticket"].pk
    assert Note.objects.get() == tree["note"]
    assert Attachment.objects.get() == tree["attachment"]


def test_a_hold_names_exact_items_and_frees_the_others_of_the_tree(open_hold):
    kept = ticket()
    named, beside = (attachment(note(kept), added_at=LONG_AGO) for _ in range(2))
    open_hold(named)
    assert run()[ATTACHMENTS].deleted == 1
    assert Attachment.objects.get() == named
    assert beside.pk != named.pk


def test_a_released_hold_lets_go_at_the_next_run(open_hold):
    held = ticket()
    hold = open_hold(held)
    assert run()[TICKETS].deleted == 0
    hold.released_at = NOW
    hold.save()
    assert run()[TICKETS].deleted == 1


def test_a_hold_that_nobody_approved_holds_nothing(open_hold):
    open_hold(ticket(), approved=False)
    outcome = run()[TICKETS]
    assert (outcome.deleted, outcome.blocked) == (1, [])


def test_a_hold_on_another_model_with_the_same_number_holds_nothing(open_hold):
    due = ticket()
    open_hold(Bill(pk=due.pk))
    assert run()[TICKETS].deleted == 1


@pytest.mark.parametrize("role", ["owner", "author"])
@pytest.mark.parametrize("block", ["restrict", "ask"])
def test_one_person_of_a_tree_freezes_all_of_it(request, role, block):
    """The author of a note is not the owner of the ticket; nothing of either goes, nor of the notes beside."""
    people = {"owner": PersonFactory(), "author": PersonFactory()}
    frozen = ticket(owner=people["owner"])
    note(frozen, author=people["author"])
    note(frozen)
    ticket(owner=PersonFactory())
    ticket()
    request.getfixturevalue(block)(people[role])
    outcome = run()[TICKETS]
    assert outcome.deleted == 2
    assert outcome.blocked == [Blocked({"restrict": "restriction", "ask": "open_request"}[block], 1)]
    assert Ticket.objects.get() == frozen
    assert Note.objects.count() == 2


def test_a_restriction_keeps_a_row_with_its_own_clock_beside_the_restricted_one(restrict):
    author = PersonFactory()
    frozen = ticket()
    note(frozen, author=author)
    beside = attachment(note(frozen), added_at=LONG_AGO)
    restrict(author)
    assert run()[ATTACHMENTS].blocked == [Blocked("restriction", 1)]
    assert Attachment.objects.get() == beside


def test_an_open_request_does_not_prolong_what_lives_at_most_so_long(ask):
    author = PersonFactory()
    attachment(note(ticket(), author=author), added_at=LONG_AGO)
    ask(author)
    outcomes = run()
    assert outcomes[ATTACHMENTS].deleted == 1
    assert outcomes[TICKETS].blocked == [Blocked("open_request", 1)]


def test_lifted_and_answered_they_let_go(restrict, ask):
    owner, other = PersonFactory(), PersonFactory()
    ticket(owner=owner)
    ticket(owner=other)
    restriction, asked = restrict(owner), ask(other)
    assert run()[TICKETS].deleted == 0
    restriction.told_at = restriction.lifted_at = NOW
    restriction.save()
    asked.outcome, asked.decided_at, asked.answered_at = RightsRequest.Outcome.GRANTED, NOW, NOW
    asked.save()
    assert RightsRequest.objects.open().count() == 0
    assert run()[TICKETS].deleted == 2


def test_each_row_counts_once_under_the_first_reason(open_hold, restrict, ask):
    everything, restricted, asked = PersonFactory(), PersonFactory(), PersonFactory()
    first = ticket(owner=everything)
    ticket(owner=restricted)
    ticket(owner=asked)
    open_hold(first)
    for person in (everything, restricted):
        restrict(person)
    for person in (everything, restricted, asked):
        ask(person)
    assert run()[TICKETS].blocked == [Blocked("hold", 1), Blocked("restriction", 1), Blocked("open_request", 1)]


def test_what_is_not_due_is_not_counted_as_held_back(open_hold):
    open_hold(ticket(closed_at=LATELY))
    assert run()[TICKETS].blocked == []


def test_a_contract_only_shortens():
    lately = NOW - timedelta(days=250)
    shorter = ticket(contract=Contract.objects.create(months=6), closed_at=lately)
    longer = ticket(contract=Contract.objects.create(months=60))
    open_under_it = Ticket.objects.create(contract=shorter.contract, opened_at=lately)
    stays = [
        ticket(contract=Contract.objects.create(months=12), closed_at=lately),
        ticket(contract=Contract.objects.create(months=None), closed_at=lately),
        ticket(closed_at=lately),
    ]
    assert run()[TICKETS].deleted == 3
    left = set(Ticket.objects.all())
    assert not left & {shorter, longer, open_under_it}
    assert left == set(stays)


def test_a_row_that_others_need_goes_with_the_last_of_them():
    folder = Folder.objects.create(made_at=LONG_AGO)
    Ticket.objects.create(folder=folder, opened_at=LATELY)
    run()
    assert Folder.objects.exists()
    Ticket.objects.update(opened_at=LONG_AGO)
    run()
    assert not Ticket.objects.exists()
    run()
    assert not Folder.objects.exists()


def test_a_row_that_is_detached_outlives_its_ticket():
    gone = ticket()
    bill = Bill.objects.create(ticket=gone, closes_on=NOW.date())
    run()
    bill.refresh_from_db()
    assert bill.ticket_id is None


@pytest.mark.parametrize("moment", ["FOR UPDATE", "DELETE FROM"], ids=["rows are locked", "a batch is deleted"])
def test_a_hold_that_comes_during_a_run_is_heeded(open_hold, moment):
    tickets = [ticket() for _ in range(4)]
    held = []

    def opens_a_hold(execute, sql, *arguments):
        found = execute(sql, *arguments)
        if moment in sql and "sample_ticket" in sql and not held:
            held.append(Ticket.objects.order_by("pk").first())
            open_hold(held[0])
        return found

    with connection.execute_wrapper(opens_a_hold):
        purge(now=NOW, commit=True, registry=sample, only=TICKETS, batch=2)
    assert list(Ticket.objects.all()) == held
    assert len(tickets) == 4


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_works_on_is_left_to_the_next_run():
    busy, free = ticket(), ticket()
    with ThreadPoolExecutor(max_workers=1) as elsewhere, transaction.atomic():
        Ticket.objects.select_for_update().get(pk=busy.pk)
        outcome = elsewhere.submit(tried, run).result(20)[TICKETS]
        assert outcome.deleted == 1
    assert Ticket.objects.get() == busy
    assert run()[TICKETS].deleted == 1
    assert not Ticket.objects.filter(pk=free.pk).exists()
