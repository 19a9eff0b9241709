"""
The restore drill, with PostgreSQL's own tools: a backup is made, people are erased, consents withdrawn, data
restricted; the backup is restored, and nothing is served until the journal was replayed. Then nobody is back.
"""

import subprocess
from io import StringIO

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client

from accounts.models import Person, Phone
from callcenter.models import Call, LogEntry
from privacy import consent, objections, outbox
from privacy import ledger as journal
from privacy.ledger import stores
from privacy.models import ConsentEvent, Objection, Restriction, RightsRequest
from privacy.outbox import sms
from privacy.rights import erasure, restriction, workflow
from privacy.rights.erasure import Chosen
from privacy.tasks import deliver_waiting
from sofratel.embedded import postgres
from tests.factories import (
    NOW,
    TODAY,
    CallFactory,
    InterventionFactory,
    LogEntryFactory,
    PersonFactory,
    PhoneFactory,
    TenancyFactory,
    UserFactory,
)
from tests.traces import all_rows, rows_with

CANARY = "Xylandrine"
# What a replay writes of its own; the rest must be as it was before the restore.
BOOKS = (
    "privacy_consentevent",
    "privacy_erasure",
    "privacy_fileremoval",
    "privacy_journalentry",
    "privacy_ledgermark",
    "privacy_letter",  # one written since is lost with the rest of that day
    "privacy_objection",
    "privacy_outgoingmessage",
    "privacy_requeststep",
    "privacy_restriction",
    "privacy_rightsrequest",
)


def server(*command, database):
    """Run one of PostgreSQL's programs on the server of the tests."""
    its = connection.settings_dict
    address = ["--host", str(its["HOST"]), "--port", str(its["PORT"]), "--username", its["USER"], "--dbname", database]
    subprocess.run([postgres.program(command[0]), *address, *command[1:]], check=True, capture_output=True)


def dump(path):
    server("pg_dump", "--format=custom", f"--file={path}", database=connection.settings_dict["NAME"])


def restore(path):
    """Into a new database of the same name, as after the loss of the old one."""
    its = connection.settings_dict
    connection.close()
    connection.close_pool()
    with psycopg.connect(
        host=its["HOST"], port=its["PORT"], user=its["USER"], dbname="postgres", autocommit=True
    ) as maintenance:
        maintenance.execute(f'DROP DATABASE "{its["NAME"]}" WITH (FORCE)')
        maintenance.execute(f'CREATE DATABASE "{its["NAME"]}"')
    server("pg_restore", "--exit-on-error", str(path), database=its["NAME"])


def somebody(name):
    person = PersonFactory(family_name=name)
    PhoneFactory(person=person)
    neighbour = PersonFactory()
    call = CallFactory(caller=neighbour, on_behalf_of=person, ended_at=NOW, outcome="information")
    LogEntryFactory(call=CallFactory(caller=person, ended_at=NOW, outcome="missed"), text=f"Mme {name} rappelle")
    InterventionFactory(occupant=person, reported_by=neighbour, description=f"Chez {name}")
    TenancyFactory(person=person, reference=f"BAIL-{person.pk}")
    consent.give(person, purpose="surveys", channel="portal", by=None, now=NOW)
    return person, call


def consents():
    """But for their numbers, which a sequence gives."""
    return sorted(ConsentEvent.objects.values_list("person", "purpose", "answer", "channel", "actor", "at"))


def said(*arguments):
    output = StringIO()
    call_command("replay_ledger", *arguments, stdout=output)
    return output.getvalue()


@pytest.mark.django_db(transaction=True)
def test_the_restore_drill(tmp_path, ledger):
    dpo = UserFactory(role="dpo")
    leaving = [somebody(f"{CANARY}{number}") for number in range(50)]
    withdrawing = [somebody(f"Reste{number}")[0] for number in range(50)]
    restricted = [PersonFactory() for _ in range(5)]
    lifted = PersonFactory()
    objecting = PersonFactory()
    about_another = LogEntryFactory(call=CallFactory(), text=f"{CANARY}0 passe prendre la clé")
    workflow_request = workflow.receive(
        leaving[0][0], right="erasure", channel="letter", received_on=TODAY, identity="known", by=dpo, now=NOW
    )
    workflow.decide(workflow_request, outcome="granted", by=dpo, now=NOW)
    erasure.erase(somebody(f"{CANARY} d’avant")[0], by=None, now=NOW)  # the backup knows this one
    with transaction.atomic():
        outbox.send("sign_up_code", to="+33611223344", person=leaving[1][0], code="123456", now=NOW)
    backup = tmp_path / "backup"
    dump(backup)

    chosen = [Chosen("callcenter.LogEntry", about_another.pk)]
    erasure.execute(RightsRequest.objects.get(pk=workflow_request.pk), texts=chosen, by=dpo, now=NOW)
    for person, _ in leaving[1:]:
        erasure.erase(person, by=None, now=NOW)
    for person in withdrawing:
        consent.withdraw(person, purpose="surveys", channel="portal", by=None, now=NOW)
    begun = [
        restriction.begin(person, reason=Restriction.Reason.ACCURACY, by=dpo, now=NOW)
        for person in [*restricted, lifted]
    ]
    Restriction.objects.filter(pk=begun[-1].pk).update(lifted_at=NOW, told_at=NOW)
    journal.note(journal.LIFTING, lifted, how="accuracy", now=NOW)
    objections.begin(objecting, purpose="polls", request=None, now=NOW)
    later = PersonFactory(family_name="Après la sauvegarde")
    erasure.erase(later, by=None, now=NOW)  # the backup never knew this one
    assert rows_with(CANARY) == {}
    assert Client().get("/").status_code == 200
    before, answers = all_rows(but=BOOKS), consents()
    lines = list(stores.store().lines())
    assert CANARY not in "".join(lines)

    restore(backup)
    assert rows_with(CANARY)["accounts_person"] == 50
    assert {consent.state(person)["surveys"] for person in withdrawing} == {True}
    assert not Restriction.objects.active().exists()
    assert_nothing_is_served()
    deliver_waiting()
    assert sms.outbox == []
    with pytest.raises(journal.LedgerAhead):
        consent.withdraw(restricted[0], purpose="surveys", channel="portal", by=None, now=NOW)

    told = said(ledger / "ledger.jsonl", "--commit")
    assert "Effacements : 50 refaits, 1 sans objet" in told
    assert "Accords retirés : 50 refaits" in told
    assert "Limitations : 6 refaits" in told
    assert "Limitations levées : 1 refaits" in told
    assert "Oppositions : 1 refaits" in told
    assert "Textes effacés : 1 refaits" in told
    assert rows_with(CANARY) == {}
    assert all_rows(but=BOOKS) == before, "nobody else has changed"
    assert consents() == answers
    assert {consent.state(person)["surveys"] for person in withdrawing} == {False}
    assert set(Restriction.objects.active().values_list("person", flat=True)) == {person.pk for person in restricted}
    assert Objection.objects.standing().get().person == objecting
    assert Client().get("/").status_code == 200
    assert Client().get("/sante/").json()["replayed"] is True
    assert list(stores.store().lines()) == lines
    assert "La base sait déjà tout" in said("--commit")
    assert RightsRequest.objects.get(pk=workflow_request.pk).person is None
    assert Call.objects.filter(pk__in=[call.pk for _, call in leaving], on_behalf_of=None).count() == 50
    call_command("verify_ledger", stdout=StringIO())
    consent.withdraw(restricted[0], purpose="surveys", channel="portal", by=None, now=NOW)
    assert len(list(stores.store().lines())) == len(lines) + 1, "and the journal goes on"
    assert Person.objects.exists()
    assert Phone.objects.count() == 50
    assert LogEntry.objects.count() == 50
    assert ConsentEvent.objects.count() == 101


def assert_nothing_is_served():
    for path in ("/", "/portail/", "/admin/", "/console/", "/confidentialite/"):
        response = Client().get(path)
        assert response.status_code == 503, path
        assert response["Retry-After"] == "60"
    health = Client().get("/sante/")
    assert (health.status_code, health.json()["replayed"]) == (503, False)
    assert journal.is_behind()
