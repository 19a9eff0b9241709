"""A person is erased: they are nowhere any more, and everybody else is as they were."""

import io
import logging
from datetime import timedelta
from io import StringIO

import pytest
from allauth.usersessions.models import UserSession
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from accounts.merging import merge_people
from accounts.models import Person, User
from accounts.roles import Role
from callcenter.models import Call, LogEntry, Recording
from callcenter.recordings import store
from interventions.complaints import open_complaint
from interventions.models import Intervention, Invoice, TenantMessage
from privacy import consent, outbox
from privacy.ledger import stores
from privacy.models import (
    ConsentEvent,
    Erasure,
    ExportPackage,
    JournalEntry,
    LedgerMark,
    Letter,
    OutgoingMessage,
    Restriction,
    RightsRequest,
)
from privacy.outbox import sms
from privacy.rights import erasure, workflow
from privacy.rights.erasure import Chosen, StillAsked, StillRestricted
from privacy.rights.workflow import RequestError
from privacy.tasks import deliver_message
from tests.concurrency import meanwhile
from tests.factories import (
    NOW,
    TODAY,
    AnsweredCallFactory,
    InterventionFactory,
    InvoiceFactory,
    LandlordFactory,
    LogEntryFactory,
    PersonFactory,
    PhoneFactory,
    TenancyFactory,
    TenantMessageFactory,
    UserFactory,
)
from tests.sounds import WAV
from tests.traces import all_rows, cached_with, files_with, queued_with, rows_with

pytestmark = pytest.mark.django_db

Right, Identity, Outcome = RightsRequest.Right, RightsRequest.Identity, RightsRequest.Outcome
CANARY = "Xylandrine"
NUMBER = "+33698765432"
# What any erasure adds to, or changes of its own.
BOOKS = (
    "privacy_erasure",
    "privacy_fileremoval",
    "privacy_journalentry",
    "privacy_ledgermark",
    "privacy_outgoingmessage",
    "privacy_requeststep",
    "privacy_rightsrequest",
)


@pytest.fixture
def dpo():
    return UserFactory(role=Role.DPO)


def asked(person, *, by, granted=True, right=Right.ERASURE, wish=""):
    request = workflow.receive(
        person,
        right=right,
        channel="letter",
        received_on=TODAY,
        wish=wish,
        identity=Identity.KNOWN,
        by=by,
        now=NOW,
    )
    if granted:
        workflow.decide(request, outcome=Outcome.GRANTED, by=by, now=NOW)
    return request


def recorded_call(**fields):
    began = NOW - timedelta(minutes=5)
    call = AnsweredCallFactory(
        **{
            "started_at": began,
            "answered_at": began,
            "ended_at": NOW,
            "outcome": "information",
            "recording_answer": "accepted",
            "recording_answered_at": began,
        }
        | fields
    )
    store(call, stream=io.BytesIO(WAV), now=NOW)
    return call


def invoice_of(person):
    return InvoiceFactory(person=person, billed_name=person.family_name)


def somebody_with_everything(dpo):
    person = PersonFactory(family_name=CANARY, email=f"{CANARY}@exemple.example".lower().capitalize())
    PhoneFactory(person=person, number=NUMBER)
    user = UserFactory(role=Role.TENANT, person=person, email=f"compte-{CANARY}@exemple.example")
    tenancy = TenancyFactory(person=person, reference=f"BAIL-{CANARY}")
    about = InterventionFactory(
        occupant=person, dwelling=tenancy.dwelling, residence=tenancy.dwelling.residence, description=f"{CANARY} attend"
    )
    call = recorded_call(caller=person, intervention=about, from_number=NUMBER)
    LogEntryFactory(call=call, author=dpo, text=f"Mme {CANARY} rappelle")
    TenantMessageFactory(intervention=about, text=f"Signé {CANARY}")
    open_complaint(person, landlord=LandlordFactory(), subject=CANARY, text=CANARY, intervention=None, now=NOW)
    consent.give(person, purpose="surveys", channel="portal", by=None, now=NOW)
    invoice_of(person)
    outbox.send("sign_up_code", to=NUMBER, person=person, code="123456", now=NOW)
    Restriction.objects.create(
        person=person, reason="accuracy", started_at=NOW, started_by=dpo, told_at=NOW, lifted_at=NOW
    )
    request = asked(person, by=dpo, wish=f"Effacez {CANARY}")
    Letter.objects.create(request=request, kind="acknowledgement", text=f"Madame {CANARY}", written_at=NOW)
    return request, user


def test_nothing_of_a_person_is_left_but_their_invoice(
    dpo, client, media, ledger, caplog, django_capture_on_commit_callbacks
):
    request, user = somebody_with_everything(dpo)
    client.force_login(user)
    assert client.get("/portail/").status_code == 200
    assert UserSession.objects.filter(user=user).exists() or client.session.session_key
    there = rows_with(CANARY)
    assert there.keys() >= {
        "accounts_person",
        "accounts_user",
        "account_emailaddress",
        "callcenter_logentry",
        "interventions_complaint",
        "interventions_complaintmessage",
        "interventions_intervention",
        "interventions_invoice",
        "interventions_tenancy",
        "interventions_tenantmessage",
        "privacy_letter",
        "privacy_rightsrequest",
    }
    assert rows_with(NUMBER).keys() == {"accounts_phone", "callcenter_call"}
    (sound,) = [path for path in media.rglob("*") if path.is_file()]
    number = request.person_id
    with caplog.at_level(logging.DEBUG), django_capture_on_commit_callbacks(execute=True):
        counts = erasure.execute(request, by=dpo, now=NOW)
    assert rows_with(CANARY) == {"interventions_invoice": 1}
    assert rows_with(NUMBER) == {}
    assert not sound.exists()
    assert not ConsentEvent.objects.exists()
    assert not Restriction.objects.exists()
    assert files_with(CANARY, media, ledger) == queued_with(CANARY) == cached_with(CANARY) == []
    assert CANARY not in caplog.text
    assert client.get("/portail/").status_code == 302, "the session is over"
    assert (counts["kept_legal_obligation"], counts["files"]) == (2, 1), "an invoice and its line"
    request.refresh_from_db()
    assert (request.person, request.wish, request.executed_at) == (None, "", NOW)
    assert [step.kind for step in request.steps.all()][-2:] == ["executed", "answered"]
    assert not Person.objects.filter(pk=number).exists()
    assert str(number) not in "".join(stores.store().lines()).split('"')
    assert Invoice.objects.get().person is None


def test_they_are_told_where_they_were_reached_and_that_address_is_then_gone(dpo, django_capture_on_commit_callbacks):
    person = PersonFactory()
    PhoneFactory(person=person, number=NUMBER)
    erasure.execute(asked(person, by=dpo), by=dpo, now=NOW)
    (message,) = OutgoingMessage.objects.all()
    assert (message.kind, message.person, message.said()["to"]) == ("erasure_done", None, NUMBER)
    from privacy.outbox.sending import deliver

    deliver(message.pk, now=NOW)
    assert [text.to for text in sms.outbox] == [NUMBER]
    assert rows_with(NUMBER) == {}
    assert OutgoingMessage.objects.get().content is None


def test_a_message_that_waits_to_be_sent_to_them_is_not_sent(dpo):
    person, other = PersonFactory(email="adieu@exemple.example"), PersonFactory()
    mine = outbox.send("account_closed", to="adieu@exemple.example", now=NOW)
    another = outbox.send("account_closed", to="autre@exemple.example", person=other, now=NOW)
    erasure.execute(asked(person, by=dpo), by=dpo, now=NOW)
    left = OutgoingMessage.objects.exclude(kind="erasure_done")
    assert list(left) == [another]
    deliver_message(mine.pk)  # the task that was queued finds nothing


# Two people -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def two(dpo):
    """A neighbour calls for an occupant."""
    occupant = PersonFactory(family_name="Occupante")
    neighbour = PersonFactory(family_name="Voisine", given_name="Zoé")
    PhoneFactory(person=occupant, number="+33611111111")
    PhoneFactory(person=neighbour, number="+33622222222")
    about = InterventionFactory(
        occupant=occupant,
        reported_by=neighbour,
        contact_number="+33611111111",
        description="Chez Occupante, au fond du couloir",
    )
    call = recorded_call(
        caller=neighbour, on_behalf_of=occupant, relation="neighbour", from_number="+33622222222", intervention=about
    )
    LogEntryFactory(call=call, author=dpo, text="Voisine dit qu’Occupante est absente")
    TenantMessageFactory(intervention=about, person=occupant, text="Merci à Voisine")
    return occupant, neighbour, about, call


def test_who_called_for_another_is_cut_from_it_and_the_other_keeps_all(dpo, two, media):
    occupant, neighbour, about, call = two
    about.contact_number = "+33622222222"  # it was the neighbour who wanted to be called back
    about.save()
    erasure.execute(asked(neighbour, by=dpo), by=dpo, now=NOW)
    call.refresh_from_db()
    about.refresh_from_db()
    assert (call.caller, call.from_number, call.relation, call.recording_answer) == (None, "", "", "")
    assert (call.on_behalf_of, call.intervention) == (occupant, about)
    assert (about.occupant, about.reported_by, about.contact_number) == (occupant, None, "")
    assert about.description == "Chez Occupante, au fond du couloir"
    assert not Recording.objects.exists(), "it is the voice of who called"
    assert TenantMessage.objects.get().text == "Merci à Voisine"
    assert occupant.phones.count() == 1


def test_who_lives_there_is_cut_from_it_and_who_called_keeps_all(dpo, two):
    occupant, neighbour, about, call = two
    erasure.execute(asked(occupant, by=dpo), by=dpo, now=NOW)
    call.refresh_from_db()
    about.refresh_from_db()
    assert (call.caller, call.from_number, call.on_behalf_of) == (neighbour, "+33622222222", None)
    assert (about.occupant, about.reported_by) == (None, neighbour)
    assert (about.contact_number, about.description, about.dwelling) == ("", "", None)
    assert Recording.objects.count() == 1
    assert not TenantMessage.objects.exists()


def test_with_the_last_of_them_the_case_goes(dpo, two):
    occupant, neighbour, _, _ = two
    for person in (occupant, neighbour):
        erasure.execute(asked(person, by=dpo), by=dpo, now=NOW)
    assert not Intervention.objects.exists()
    assert not Call.objects.exists()
    assert not LogEntry.objects.exists()


def test_nobody_else_changes(dpo):
    request, _ = somebody_with_everything(dpo)
    before = all_rows(but=BOOKS)
    other = PersonFactory(family_name="Tranquille")
    PhoneFactory(person=other)
    LogEntryFactory(call=recorded_call(caller=other), author=dpo, text="Tranquille")
    after_making = all_rows(but=BOOKS)
    theirs = {table: rows - before[table] for table, rows in after_making.items()}
    assert theirs["callcenter_logentry"].total() == 1
    erasure.execute(request, by=dpo, now=NOW)
    left = all_rows(but=BOOKS)
    assert {table: rows - left[table] for table, rows in theirs.items()} == {table: {} for table in theirs}


def test_texts_that_stay_are_told_and_go_when_the_dpo_says_so(dpo, two):
    _, neighbour, _, _ = two
    stranger = LogEntryFactory(
        author=dpo, text="Zoé Voisine est passée au bureau, 06 22 22 22 22", call=recorded_call()
    )
    LogEntryFactory(author=dpo, text="Une voisine est passée", call=recorded_call())
    request = asked(neighbour, by=dpo)
    texts = {(text.dataset.name, text.pk): text for text in erasure.plan(request, now=NOW).texts}
    (entry,) = LogEntry.objects.filter(call__caller=neighbour)
    message = TenantMessage.objects.get()
    assert texts.keys() >= {("callcenter.LogEntry", entry.pk), ("callcenter.LogEntry", stranger.pk)}
    assert texts["callcenter.LogEntry", entry.pk].shared
    assert not texts["callcenter.LogEntry", stranger.pk].shared
    assert len([key for key in texts if key[0] == "callcenter.LogEntry"]) == 2
    chosen = [Chosen("callcenter.LogEntry", stranger.pk), Chosen("interventions.TenantMessage", message.pk)]
    erasure.execute(request, texts=chosen, by=dpo, now=NOW)
    message.refresh_from_db()
    assert message.text == ""
    assert list(LogEntry.objects.filter(pk__in=[entry.pk, stranger.pk])) == [entry]
    assert [line.count('"text"') for line in stores.store().lines()] == [1, 1, 0]


# What stands in its way -----------------------------------------------------------------------------------------------


def test_what_a_legal_hold_freezes_stays_with_who_it_is_about_until_it_ends(dpo, open_hold):
    person = PersonFactory(family_name=CANARY)
    PhoneFactory(person=person)
    frozen, free = recorded_call(caller=person), recorded_call(caller=person)
    hold = open_hold(frozen)
    request = asked(person, by=dpo)
    parts = {part.dataset.name: part for part in erasure.plan(request, now=NOW).parts}
    assert parts["callcenter.Call"].kept == {"legal_claims": 1}
    assert parts["callcenter.Call"].erased == 1
    assert parts["accounts.Person"].kept == {"legal_claims": 1}
    erasure.execute(request, by=dpo, now=NOW)
    assert list(Call.objects.all()) == [frozen]
    assert Recording.objects.get().call == frozen, "with what hangs from it"
    assert not person.phones.exists()
    assert rows_with(CANARY) == {"accounts_person": 1}
    assert erasure.go_on_all(now=NOW) == 0
    hold.released_at = NOW
    hold.save()
    assert erasure.go_on_all(now=NOW) == 1
    assert rows_with(CANARY) == {}
    assert not Call.objects.filter(pk__in=[frozen.pk, free.pk]).exists()
    assert Erasure.objects.get().subjects == []


def test_a_restriction_comes_first(dpo, restrict):
    person = PersonFactory()
    request = asked(person, by=dpo)
    restrict(person)
    assert erasure.plan(request, now=NOW).obstacles
    with pytest.raises(StillRestricted):
        erasure.execute(request, by=dpo, now=NOW)
    assert Person.objects.filter(pk=person.pk).exists()


def test_another_request_is_answered_first(dpo):
    person = PersonFactory()
    access = asked(person, by=dpo, right=Right.ACCESS, granted=False)
    request = asked(person, by=dpo)
    with pytest.raises(StillAsked, match=access.reference):
        erasure.execute(request, by=dpo, now=NOW)
    workflow.decide(access, outcome=Outcome.REFUSED, ground="excessive", by=dpo, now=NOW)
    erasure.execute(request, by=dpo, now=NOW)
    assert not Person.objects.filter(pk=person.pk).exists()


def test_what_was_not_granted_is_not_done(dpo):
    person = PersonFactory()
    with pytest.raises(RequestError, match="Rien n’a été accordé"):
        erasure.execute(asked(person, by=dpo, granted=False), by=dpo, now=NOW)
    assert Person.objects.filter(pk=person.pk).exists()


# The plan, and going on -----------------------------------------------------------------------------------------------


def test_the_plan_tells_what_the_execution_then_does_and_changes_nothing(dpo):
    request, _ = somebody_with_everything(dpo)
    before = all_rows()
    plan = erasure.plan(request, now=NOW)
    assert all_rows() == before
    assert not list(stores.store().lines())
    assert plan.obstacles == []
    assert plan.counts() == erasure.execute(request, by=dpo, now=NOW)
    assert plan.counts()["erased"] > 10


def test_an_interrupted_erasure_is_gone_on_with(dpo, ledger, media):
    request, _ = somebody_with_everything(dpo)
    ledger.write_text("a file where the folder should be")
    with pytest.raises(NotADirectoryError):
        erasure.execute(request, by=dpo, now=NOW)
    assert rows_with(CANARY)["accounts_person"] == 1, "nothing is erased that the journal does not know"
    assert Erasure.objects.get().subjects == [request.person_id]
    ledger.unlink()
    assert erasure.go_on_all(now=NOW) == 1
    assert rows_with(CANARY) == {"interventions_invoice": 1}
    lines = list(stores.store().lines())
    erasure.execute(RightsRequest.objects.get(pk=request.pk), by=dpo, now=NOW)
    assert erasure.go_on_all(now=NOW) == 0
    assert list(stores.store().lines()) == lines
    assert JournalEntry.objects.filter(action="rights", details__step="executed").count() == 1


def test_all_records_of_a_person_go(dpo):
    kept, absorbed = PersonFactory(family_name=CANARY), PersonFactory(family_name=f"{CANARY}e")
    merge_people(kept, absorbed, by=dpo, now=NOW)
    erasure.execute(asked(kept, by=dpo), by=dpo, now=NOW)
    assert rows_with(CANARY) == {}


def test_only_what_was_asked_for_goes_when_that_is_not_all(dpo, ledger):
    request, _ = somebody_with_everything(dpo)
    person = request.person
    RightsRequest.objects.filter(pk=request.pk).update(scope=["interventions.Complaint", "accounts.User"])
    request.refresh_from_db()
    assert {part.dataset.name for part in erasure.plan(request, now=NOW).parts} >= {"interventions.Complaint"}
    erasure.execute(request, by=dpo, now=NOW)
    left = rows_with(CANARY)
    assert not {"interventions_complaint", "interventions_complaintmessage", "accounts_user"} & left.keys()
    assert left["accounts_person"] == left["interventions_tenancy"] == 1
    assert person.phones.exists()
    assert not OutgoingMessage.objects.filter(kind="erasure_done").exists()
    assert Erasure.objects.get().subjects == []
    LedgerMark.objects.all().delete()
    open_complaint(person, landlord=LandlordFactory(), subject="d’avant", text="d’avant", intervention=None, now=NOW)
    path = ledger / "ledger.jsonl"
    call_command("replay_ledger", path, "--commit", stdout=StringIO())
    assert not person.complaints.exists()
    assert person.phones.exists()


# The command ----------------------------------------------------------------------------------------------------------


def test_the_command_is_dry_unless_told_otherwise():
    person = PersonFactory(family_name=CANARY)
    PhoneFactory(person=person)
    said = StringIO()
    call_command("erase_person", person.pk, stdout=said)
    assert "Téléphones : 1 effacé" in said.getvalue()
    assert "À blanc" in said.getvalue()
    assert rows_with(CANARY) == {"accounts_person": 1}
    call_command("erase_person", person.pk, "--commit", stdout=said)
    assert rows_with(CANARY) == {}
    assert CANARY not in said.getvalue()


def test_the_command_tells_what_stands_in_its_way(restrict):
    person = PersonFactory()
    restrict(person)
    with pytest.raises(CommandError, match="limitation"):
        call_command("erase_person", person.pk, "--commit")
    with pytest.raises(CommandError, match="Personne"):
        call_command("erase_person", 0, "--commit")
    assert Person.objects.filter(pk=person.pk).exists()
    assert User.objects.exists()


# Exports, and two at once ---------------------------------------------------------------------------------------------


def test_copies_that_were_made_for_them_go_too(dpo, media, django_capture_on_commit_callbacks):
    person, other = PersonFactory(), PersonFactory()
    files = []
    for each in (person, other):
        access = asked(each, by=dpo, right=Right.ACCESS)
        ExportPackage.objects.create(
            request=access,
            started_at=NOW,
            listed_at=NOW,
            reviewed_at=NOW,
            built_at=NOW,
            file=ContentFile(b"sealed", name="copie"),
        )
        workflow.note_executed(access, by=dpo, now=NOW)
        files.append(media / ExportPackage.objects.get(request=access).file.name)
    assert all(file.exists() for file in files)
    with django_capture_on_commit_callbacks(execute=True):
        erasure.execute(asked(person, by=dpo), by=dpo, now=NOW)
    assert [file.exists() for file in files] == [False, True]
    assert ExportPackage.objects.get().request.person == other


@pytest.mark.django_db(transaction=True)
def test_what_comes_in_meanwhile_about_them_waits_and_is_refused():
    person = PersonFactory()
    refused = meanwhile(
        lambda: erasure.erase(person, by=None, now=NOW), lambda: AnsweredCallFactory(caller_id=person.pk)
    )
    assert isinstance(refused, IntegrityError)
    assert not Call.objects.exists()
    assert not Person.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_erase_at_once_erase_once(dpo):
    person = PersonFactory()
    request = asked(person, by=dpo)
    both = [lambda: erasure.execute(request, by=dpo, now=NOW)] * 2
    assert meanwhile(*both) == Erasure.objects.get().counts
    assert len(list(stores.store().lines())) == 1
    assert [step.kind for step in request.steps.all()].count("executed") == 1
