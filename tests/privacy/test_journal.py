"""Who did what to which record: opaque ids, sealed every minute, readable by the DPO, gone after twelve months."""

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.urls import reverse

from accounts.roles import Role
from callcenter.models import Call
from privacy import journal
from privacy.models import JournalBlock, JournalEntry
from privacy.policy import ROWS_BY_KEY
from privacy.retention.purge import purge
from tests.callcenter.console.conftest import signed_in
from tests.concurrency import meanwhile, tried
from tests.factories import (
    NOW,
    AnsweredCallFactory,
    CallFactory,
    InterventionFactory,
    PersonFactory,
    PhoneFactory,
    TenancyFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

KEPT = ROWS_BY_KEY["staff_journal"].period.length
DAY = timedelta(days=1)


def seen(count=1, at=NOW):
    return [journal.record(PersonFactory(), action="seen", by=None, now=at) for _ in range(count)]


def tamper(sql):
    """As somebody would who owns the database."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no trigger fires
        cursor.execute(sql)
        cursor.execute("SET session_replication_role = origin")


def wrong(now=NOW):
    return list(journal.broken_seals(now=now))


# What it takes --------------------------------------------------------------------------------------------------------


def test_an_act_is_kept_with_its_author_moment_and_record():
    person, agent = PersonFactory(), UserFactory()
    journal.record(person, action="merge", by=agent, now=NOW, absorbed=12)
    entry = JournalEntry.objects.get()
    assert (entry.at, entry.actor, entry.action) == (NOW, agent, "merge")
    assert (entry.model, entry.object_id, entry.details) == ("accounts.Person", person.pk, {"absorbed": 12})


def test_the_system_is_nobody():
    journal.record(PersonFactory(), action="purge", by=None, now=NOW)
    assert JournalEntry.objects.get().actor is None


def test_an_entry_is_named_by_ids():
    person = PersonFactory(family_name="Canari")
    entry = journal.record(person, action="seen", by=None, now=NOW)
    assert str(entry) == f"seen accounts.Person {person.pk}"


@pytest.mark.parametrize(
    "value",
    [
        "Delattre",
        "m@exemple.example",
        "+33327123456",
        "12 rue Gambetta",
        "",
        ["Canari"],
        {"Canari": 1},
        {"a": "É"},
        1.5,
    ],
)
def test_text_that_may_name_somebody_is_refused(value):
    with pytest.raises(journal.PersonalText, match=r"^said$"):
        journal.record(PersonFactory(), action="seen", by=None, now=NOW, said=value)
    assert not JournalEntry.objects.exists()


@pytest.mark.parametrize(
    "value", [None, 3, True, "family_name", ["email", "phones"], {"accounts.Phone.person": 2}, "accounts.Person"]
)
def test_numbers_and_names_of_fields_and_models_are_taken(value):
    assert journal.record(PersonFactory(), action="seen", by=None, now=NOW, said=value).details == {"said": value}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0"),
        ("2001:db8:1:2:3::9", "2001:db8:1::"),
        ("unix:", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_keeps_its_network_only(address, network):
    assert journal.truncated(address) == network


# Sealing and verifying ------------------------------------------------------------------------------------------------


def test_what_came_since_is_sealed_once():
    seen(3)
    (block,) = journal.seal(now=NOW)
    assert (block.entries, block.previous_hash) == (3, "")
    assert journal.seal(now=NOW) == []
    seen(2)
    (following,) = journal.seal(now=NOW)
    assert (following.entries, following.previous_hash) == (2, block.hash)
    assert wrong() == []


def test_around_midnight_each_day_has_its_block():
    seen(2, at=NOW)
    seen(1, at=NOW + timedelta(hours=3))  # the next day in Paris
    seen(1, at=NOW)
    assert [(block.day.day, block.entries) for block in journal.seal(now=NOW)] == [(10, 3), (11, 1)]
    assert wrong() == []


TAMPERING = {
    "edited": "UPDATE privacy_journalentry SET object_id = object_id + 1 WHERE id = {second}",
    "its author": "UPDATE privacy_journalentry SET actor_id = NULL WHERE id = {second}",
    "its details": "UPDATE privacy_journalentry SET details = '{{}}' WHERE id = {second}",
    "removed": "DELETE FROM privacy_journalentry WHERE id = {second}",
    "the last removed": "DELETE FROM privacy_journalentry WHERE id = {last}",
    "inserted": "INSERT INTO privacy_journalentry (id, at, action, model, object_id, details) "
    "SELECT {gap}, at, action, model, object_id, details FROM privacy_journalentry WHERE id = {second}",
    "inserted on another day": "INSERT INTO privacy_journalentry (id, at, action, model, object_id, details) "
    "SELECT {gap}, at - interval '9 days', action, model, 1, details FROM privacy_journalentry WHERE id = {second}",
    "moved to another day": "UPDATE privacy_journalentry SET at = at - interval '1 day' WHERE id = {second}",
    "reordered": "UPDATE privacy_journalentry AS one SET object_id = two.object_id FROM privacy_journalentry AS two "
    "WHERE (one.id, two.id) IN (({second}, {last}), ({last}, {second}))",
    "a block edited": "UPDATE privacy_journalblock SET entries = entries + 1",
    "a block removed": "DELETE FROM privacy_journalblock WHERE id = (SELECT min(id) FROM privacy_journalblock)",
    "a block removed with its entries": "DELETE FROM privacy_journalentry WHERE id <= {last}; "
    "DELETE FROM privacy_journalblock WHERE id = (SELECT min(id) FROM privacy_journalblock)",
}


@pytest.mark.parametrize("how", sorted(TAMPERING))
def test_tampering_shows(how):
    agent = UserFactory()
    entries = [journal.record(PersonFactory(), action="seen", by=agent, now=NOW, call=each) for each in range(4)]
    gap = entries[2].pk
    tamper(f"DELETE FROM privacy_journalentry WHERE id = {gap}")  # a number that a cancelled transaction left out
    journal.seal(now=NOW)
    seen()
    journal.seal(now=NOW)
    assert wrong() == []
    call_command("verify_journal", stdout=io.StringIO())

    tamper(TAMPERING[how].format(second=entries[1].pk, last=entries[3].pk, gap=gap))

    assert wrong() != []
    with pytest.raises(CommandError, match=r"Bloc|Entrée"):
        call_command("verify_journal")


@pytest.mark.django_db(transaction=True)
def test_a_seal_waits_for_who_is_writing_and_leaves_nobody_out():
    """A number given out before the seal, and written after it, would be in no block."""
    seen()
    meanwhile(seen, lambda: journal.seal(now=NOW))
    journal.seal(now=NOW)
    assert sum(JournalBlock.objects.values_list("entries", flat=True)) == 2
    assert wrong() == []


@pytest.mark.django_db(transaction=True)
def test_who_writes_for_long_is_left_to_the_next_seal():
    with ThreadPoolExecutor(max_workers=1) as thread, transaction.atomic():
        seen()
        assert thread.submit(tried, lambda: journal.seal(now=NOW)).result() == []
    assert [block.entries for block in journal.seal(now=NOW)] == [1]


@pytest.mark.django_db(transaction=True)
def test_of_two_seals_at_once_one_seals():
    seen(2)
    told = meanwhile(lambda: journal.seal(now=NOW), lambda: journal.seal(now=NOW))
    assert told == []
    assert JournalBlock.objects.get().entries == 2


def test_after_twelve_months_whole_days_go_and_the_chain_still_holds():
    for days in (0, 1, 2):
        seen(2, at=NOW + days * DAY)
        journal.seal(now=NOW + days * DAY)
    eve, due = NOW + KEPT - DAY, NOW + KEPT
    purge(now=eve, commit=True, only="staff_journal")
    assert JournalEntry.objects.count() == 6

    purge(now=due, commit=True, only="staff_journal")
    assert set(JournalEntry.objects.values_list("at", flat=True)) == {NOW + DAY, NOW + 2 * DAY}
    assert JournalBlock.objects.count() == 3
    assert wrong(now=due) == []

    tamper("DELETE FROM privacy_journalentry WHERE id = (SELECT min(id) FROM privacy_journalentry)")
    assert len(wrong(now=due)) == 1


def test_what_goes_before_its_time_shows():
    seen(2)
    journal.seal(now=NOW)
    tamper("DELETE FROM privacy_journalentry")
    assert len(wrong(now=NOW + KEPT - DAY)) == 1
    assert wrong(now=NOW + relativedelta(years=2)) == []


# The desk -------------------------------------------------------------------------------------------------------------


def reads(actor):
    return sorted(JournalEntry.objects.filter(action="read", actor=actor).values_list("model", "object_id"))


def test_each_sheet_tells_whose_record_it_shows():
    agent = UserFactory()
    tenancy = TenancyFactory()
    person, dwelling = tenancy.person, tenancy.dwelling
    job = InterventionFactory(residence=dwelling.residence, dwelling=dwelling, occupant=person)
    call = AnsweredCallFactory(caller=person, agent=UserFactory())
    console = signed_in(agent)
    of_person = ("accounts.Person", person.pk)
    for address, told in {
        reverse("console:person", args=[person.pk]): [of_person],
        reverse("console:edit_person", args=[person.pk]): [of_person],
        reverse("console:dwelling", args=[dwelling.pk]): [of_person, ("interventions.Dwelling", dwelling.pk)],
        reverse("console:intervention", args=[job.pk]): [of_person, ("interventions.Intervention", job.pk)],
        reverse("console:call", args=[call.pk]): [of_person, ("callcenter.Call", call.pk)],
        reverse("console:board"): [],
        reverse("console:live_board"): [],
        reverse("console:live_intervention", args=[job.pk]): [],
    }.items():
        before = reads(agent)
        assert console.get(address).status_code == 200
        assert sorted([*before, *told]) == reads(agent), address


def test_a_read_says_for_which_call():
    agent = UserFactory()
    call = AnsweredCallFactory(agent=agent)
    signed_in(agent).get(reverse("console:person", args=[PersonFactory().pk]))
    assert JournalEntry.objects.get(action="read").details == {"call": call.pk}


def test_no_personal_text_is_in_it_after_a_whole_call():
    canaries = ["Canarix", "Zoéline", "canarix@exemple.example", "33698765432", "0698765432", "Serin du palier"]
    agent = UserFactory()
    person = PersonFactory(family_name="Canarix", given_name="Zoéline", email="canarix@exemple.example")
    PhoneFactory(person=person, number="+33698765432")
    TenancyFactory(person=person)
    call = CallFactory(from_number="+33698765432")
    console = signed_in(agent)

    def post(name, *args, **said):
        response = console.post(reverse(f"console:{name}", args=args), said)
        assert response.status_code in (200, 302), response.status_code
        return response

    post("search", q="Canarix")
    post("answer_call", call.pk)
    post("look_for_caller", call.pk, who="Canarix")
    post("identify_caller", call.pk, person=person.pk, role="caller")
    post("give_notice", call.pk)
    post("answer_recording", call.pk, answer="accepted")
    post("write", "appel", call.pk, kind="note", text="Serin du palier, elle rappelle.")
    page = console.get(reverse("console:person", args=[person.pk])).content.decode()
    assert "CANARIX" in page
    form = {"family_name": "Canarix", "given_name": "Zoéline", "language": "fr", "email": "canarix@exemple.example"}
    seen_form = console.get(reverse("console:edit_person", args=[person.pk])).context["seen"]
    post("edit_person", person.pk, **form, title="mrs", seen=seen_form)
    post("note_consent", person.pk, "surveys", answer="given", channel="phone")
    post("finish_call", call.pk, outcome="information")
    assert Call.objects.get().outcome == "information"
    assert call.entries.get().text.startswith("Serin du palier")

    acts = list(JournalEntry.objects.filter(actor=agent).values_list("action", "details"))
    assert {action for action, _ in acts} == {"sign_in", "search", "read", "change"}
    assert {"act": "give", "purpose": "surveys"} in [details for _, details in acts]
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(entry)::text FROM privacy_journalentry AS entry")
        said = "\n".join(row for (row,) in cursor.fetchall()).lower()
    assert f'"object_id":{person.pk}' in said
    assert [canary for canary in canaries if canary.lower() in said] == []


# The DPO's screen -----------------------------------------------------------------------------------------------------

LIST = "admin:privacy_journalentry_changelist"
EXPORT = "admin:privacy_journalentry_export"


@pytest.fixture
def dpo():
    return UserFactory(role=Role.DPO)


def rows_of(response):
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))


def test_it_is_searched_by_person_and_by_record(dpo):
    person = PersonFactory()
    other = AnsweredCallFactory(pk=person.pk)
    journal.record(person, action="seen", by=None, now=NOW)
    journal.record(other, action="heard", by=None, now=NOW)
    admin = signed_in(dpo)
    for asked, actions in {str(person.pk): ["seen"], f"callcenter.Call {other.pk}": ["heard"], "Delattre": []}.items():
        page = admin.get(reverse(LIST), {"q": asked})
        assert [entry.action for entry in page.context["cl"].queryset] == actions, asked


def test_what_is_filtered_is_exported_and_the_export_is_told(dpo):
    agent = UserFactory()
    person = PersonFactory()
    journal.record(person, action="seen", by=agent, now=NOW, call=7)
    journal.record(person, action="=cmd", by=None, now=NOW)
    admin = signed_in(dpo)

    (row,) = rows_of(admin.get(reverse(EXPORT), {"action": "seen"}))
    assert (row["actor_id"], row["object_id"], json.loads(row["details"])) == (
        str(agent.pk),
        str(person.pk),
        {"call": 7},
    )
    assert (row["model"], row["at"]) == ("accounts.Person", str(NOW))
    (formula,) = rows_of(admin.get(reverse(EXPORT), {"action": "=cmd"}))
    assert formula["action"] == "'=cmd"

    told = JournalEntry.objects.filter(action="export")
    assert [(entry.actor, entry.details) for entry in told] == [(dpo, {"rows": 1})] * 2
    assert f'href="{reverse(EXPORT)}?action=seen"' in admin.get(reverse(LIST), {"action": "seen"}).content.decode()


def test_only_the_dpo_and_the_administrator_see_it():
    addresses = [reverse(LIST), reverse(EXPORT)]
    for role in Role:
        expected = {200} if role in (Role.DPO, Role.ADMINISTRATOR) else {302, 403}
        client = signed_in(UserFactory(role=role))
        assert {client.get(address).status_code for address in addresses} <= expected, role


def test_opening_and_changing_a_person_in_the_admin_site_is_told():
    administrator = UserFactory(role=Role.ADMINISTRATOR)
    person = PersonFactory(family_name="Canari")
    client = signed_in(administrator)
    address = reverse("admin:accounts_person_change", args=[person.pk])
    client.get(address)
    none = {"phones-TOTAL_FORMS": 0, "phones-INITIAL_FORMS": 0}
    client.post(
        address,
        {"family_name": "Serin", "language": "fr", "created_at_0": "2026-03-10", "created_at_1": "22:30:00", **none},
    )
    client.post(reverse("admin:accounts_person_delete", args=[person.pk]), {"post": "yes"})
    told = JournalEntry.objects.filter(model="accounts.Person").order_by("pk")
    assert [(entry.action, entry.object_id) for entry in told] == [
        ("read", person.pk),
        ("change", person.pk),
        ("delete", person.pk),
    ]
    assert "family_name" in told[1].details["fields"]


def test_nothing_is_changed_in_one_transaction_with_a_seal():
    """The lock of a seal ends with it, also inside a longer transaction."""
    seen()
    with transaction.atomic():
        journal.seal(now=NOW)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE mode = 'ShareLock' AND relation = 'privacy_journalentry'::regclass"
            )
            assert cursor.fetchone() == (0,)
