"""The product's own rows: what goes with what, files after commit, receipts, and what the database itself enforces."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, storages
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.merging import merge_people
from accounts.models import Person, PersonMerge, Phone
from callcenter.models import Call, LogEntry, Recording
from interventions.models import Complaint, FinancialYear, Incident, Intervention
from interventions.models.interventions import Status
from privacy.models import FileRemoval, PurgeRun, Receipt
from privacy.registry import registry
from privacy.retention import files
from privacy.retention.purge import purge
from privacy.retention.receipts import broken_links
from tests.factories import (
    CallFactory,
    IncidentFactory,
    InterventionFactory,
    InvoiceFactory,
    LandlordFactory,
    LogEntryFactory,
    PersonFactory,
    PhoneFactory,
    ResidenceFactory,
    SafetyAlertFactory,
    ShiftFactory,
    TenancyFactory,
    TransitionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2028, 6, 15, 10, tzinfo=UTC)
LONG_AGO, LATELY = NOW - timedelta(days=500), NOW - timedelta(days=10)  # 14 months are 426 days at most


@pytest.fixture(autouse=True)
def files_of_their_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def run(now=NOW):
    return {outcome.key: outcome for outcome in purge(now=now, commit=True).outcomes}


def closed(*at, **fields):
    """An intervention that was closed at each of these moments, and reopened in between."""
    made = InterventionFactory(opened_at=at[0] - timedelta(days=1), status=Status.CLOSED, **fields)
    for moment in at:
        TransitionFactory(intervention=made, to_status=Status.CLOSED, at=moment)
    for moment in at[:-1]:
        reopen(made, at=moment)
    Intervention.objects.filter(pk=made.pk).update(closed_at=at[-1])
    return made


def reopen(intervention, *, at):
    TransitionFactory(intervention=intervention, from_status=Status.CLOSED, to_status=Status.REOPENED, at=at)


def recorded(*, ended_at=LONG_AGO, **fields):
    call = CallFactory(
        started_at=ended_at,
        ended_at=ended_at,
        outcome=Call.Outcome.INFORMATION,
        recording_answer=Call.RecordingAnswer.ACCEPTED,
        recording_answered_at=ended_at,
        **fields,
    )
    return Recording.objects.create(
        call=call,
        file=ContentFile(b"x", name=f"{call.pk}"),
        ended_at=ended_at,
        stored_at=ended_at,
        content_type=Recording.Format.WAV,
        size=1,
    )


# What goes with what --------------------------------------------------------------------------------------------------


def test_reopening_does_not_renew_what_was_already_written():
    reopened = closed(LONG_AGO, LATELY)
    before = LogEntryFactory(intervention=reopened, at=LONG_AGO)
    after = LogEntryFactory(intervention=reopened, at=LATELY)
    open_again = closed(LONG_AGO)
    reopen(open_again, at=LATELY)
    Intervention.objects.filter(pk=open_again.pk).update(closed_at=None, status=Status.REOPENED)
    LogEntryFactory(intervention=open_again, at=LONG_AGO)
    run()
    assert LogEntry.objects.get() == after
    assert before.pk != after.pk
    assert set(Intervention.objects.all()) == {reopened, open_again}
    run(LATELY + timedelta(days=430))
    assert reopened not in Intervention.objects.all()


def test_a_shorter_contract_holds_for_what_was_written_before_reopening_too():
    six_months_ago = NOW - timedelta(days=200)
    landlord = LandlordFactory(retention_months=6)
    reopened = closed(six_months_ago, LATELY, residence=ResidenceFactory(landlord=landlord))
    LogEntryFactory(intervention=reopened, at=six_months_ago)
    run()
    assert not LogEntry.objects.exists()
    assert Intervention.objects.exists()


def test_an_intervention_that_nobody_ever_closed_goes_26_months_after_it_was_opened():
    InterventionFactory(opened_at=datetime(2026, 4, 15, 12, tzinfo=UTC))
    last_moment = datetime(2028, 6, 14, 21, 59, 59, tzinfo=UTC)
    run(last_moment)
    assert Intervention.objects.exists()
    run(last_moment + timedelta(seconds=1))
    assert not Intervention.objects.exists()


@pytest.mark.parametrize("needed_by", ["nothing", "login", "tenancy", "alert", "complaint", "invoice", "call"])
def test_a_contact_goes_with_its_last_record(needed_by):
    person = PersonFactory(created_at=LONG_AGO)
    PhoneFactory(person=person)
    closed(LONG_AGO, occupant=person)
    year = FinancialYear.objects.create(starts_on=LATELY.date(), closes_on=NOW.date())
    {
        "nothing": lambda: None,
        "login": lambda: UserFactory(person=person),
        "tenancy": lambda: TenancyFactory(person=person),
        "alert": lambda: SafetyAlertFactory(person=person, residence=None, expires_on=NOW.date()),
        "complaint": lambda: Complaint.objects.create(landlord=LandlordFactory(), person=person, subject="Bruit"),
        "invoice": lambda: invoice(year, person=person),
        "call": lambda: CallFactory(caller=person, started_at=LATELY, ended_at=LATELY),
    }[needed_by]()
    Complaint.objects.update(last_exchange_at=LATELY)
    run()
    assert not Intervention.objects.exists()
    assert Person.objects.filter(pk=person.pk).exists() == (needed_by != "nothing")
    assert Phone.objects.exists() == (needed_by != "nothing")


def test_a_merge_can_still_be_undone_after_a_run():
    kept, absorbed = PersonFactory(created_at=LONG_AGO), PersonFactory(created_at=LONG_AGO)
    merge_people(kept, absorbed, by=UserFactory(), now=NOW)
    run()
    assert Person.objects.count() == 2
    PersonMerge.objects.all().delete()
    run()
    assert not Person.objects.exists()


def invoice(year, **fields):
    return InvoiceFactory(financial_year=year, issued_on=year.closes_on, **fields)


def test_an_invoice_outlives_its_intervention():
    year = FinancialYear.objects.create(starts_on=LONG_AGO.date(), closes_on=NOW.date())
    kept = invoice(year, intervention=closed(LONG_AGO), person=PersonFactory(created_at=LONG_AGO))
    run()
    assert not Intervention.objects.exists()
    kept.refresh_from_db()
    assert kept.intervention_id is None
    assert kept.person_id is not None


def test_an_incident_stays_as_long_as_an_intervention_is_under_it():
    incident = IncidentFactory(opened_at=LONG_AGO, closed_at=LONG_AGO)
    LogEntryFactory(incident=incident, at=LONG_AGO)
    under_it = closed(LATELY, residence=incident.residence, incident=incident)
    run()
    assert Incident.objects.exists()
    Intervention.objects.filter(pk=under_it.pk).update(closed_at=LONG_AGO)
    run()
    assert not Incident.objects.exists()
    assert not LogEntry.objects.exists()


def test_a_correction_goes_and_stays_with_what_it_strikes(open_hold):
    shift = ShiftFactory()
    for _ in range(2):
        struck = LogEntryFactory(shift=shift, at=LONG_AGO)
        correction = LogEntryFactory(shift=shift, at=LATELY, kind=LogEntry.Kind.CORRECTION, strikes=struck)
    open_hold(correction)
    assert run()["interventions:shift_entries"].counts == {"callcenter.LogEntry": 2}
    assert set(LogEntry.objects.all()) == {struck, correction}


# Files ----------------------------------------------------------------------------------------------------------------


def test_a_file_goes_after_its_row(tmp_path):
    path = tmp_path / recorded().file.name
    assert path.exists()
    run()
    assert not path.exists()
    assert not FileRemoval.objects.exists()


def test_a_dry_run_leaves_files_alone(tmp_path):
    path = tmp_path / recorded().file.name
    assert sum(outcome.files for outcome in purge(now=NOW, commit=False).outcomes) == 1
    assert path.exists()
    assert not FileRemoval.objects.exists()


class FullOfErrors(FileSystemStorage):
    """An object storage that does not answer: its errors are its own, not the system's."""

    def delete(self, name):
        raise RuntimeError("503 Slow Down")


def test_a_file_that_will_not_go_stays_queued_and_is_tried_again(settings, tmp_path):
    path = tmp_path / recorded().file.name
    default = settings.STORAGES
    settings.STORAGES = {**default, "default": {"BACKEND": f"{__name__}.FullOfErrors"}}
    storages["default"]
    run()
    assert not Recording.objects.exists()
    assert FileRemoval.objects.get().attempts == 1
    assert path.exists()
    settings.STORAGES = default
    run()
    assert not FileRemoval.objects.exists()
    assert not path.exists()


def test_the_sweep_finds_files_without_a_row_and_rows_without_a_file(tmp_path):
    whole, broken = recorded(ended_at=LATELY), recorded(ended_at=LATELY)
    (tmp_path / broken.file.name).unlink()
    orphan = (tmp_path / whole.file.name).with_name("orphan")
    orphan.write_bytes(b"x")
    written_at = datetime.fromtimestamp(orphan.stat().st_mtime, tz=UTC)

    young = files.sweep(registry=registry, now=written_at + timedelta(hours=23), commit=True)
    assert (young.orphans, young.missing) == ([], [f"callcenter.Recording {broken.pk}"])
    later = written_at + timedelta(hours=25)
    dry = files.sweep(registry=registry, now=later, commit=False)
    assert dry.orphans == [f"{whole.file.name.rsplit('/', 1)[0]}/orphan"]
    assert orphan.exists()
    assert files.sweep(registry=registry, now=later, commit=True).orphans == dry.orphans
    assert not orphan.exists()
    assert (tmp_path / whole.file.name).exists()


# Receipts -------------------------------------------------------------------------------------------------------------


TAMPERINGS = {
    "edited": "UPDATE privacy_receipt SET content = jsonb_set(content, '{files}', '7') WHERE id = {middle}",
    "removed": "DELETE FROM privacy_receipt WHERE id = {middle}",
    "removed at the end": "DELETE FROM privacy_receipt WHERE id = {last}",
    "inserted": "INSERT INTO privacy_receipt (run_id, rule, content, sealed_at, previous_hash, hash) "
    "SELECT run_id, rule, content, sealed_at, previous_hash, hash FROM privacy_receipt WHERE id = {middle}",
    "reordered": "UPDATE privacy_receipt SET id = CASE id WHEN {middle} THEN -{middle} ELSE id END;"
    "UPDATE privacy_receipt SET id = {middle} WHERE id = {middle} + 1;"
    "UPDATE privacy_receipt SET id = {middle} + 1 WHERE id = -{middle}",
}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_a_tampered_chain_of_receipts_is_found_out(how, capsys):
    for day in range(3):
        run(NOW + timedelta(days=day))
    call_command("verify_receipts")
    assert "chaîne intacte" in capsys.readouterr().out
    ids = list(Receipt.objects.order_by("pk").values_list("pk", flat=True))
    sql = TAMPERINGS[how].replace("{middle}", str(ids[len(ids) // 2])).replace("{last}", str(ids[-1]))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = 'replica'")  # no trigger fires: a superuser may
        cursor.execute(sql)
        cursor.execute("SET LOCAL session_replication_role = 'origin'")
    assert broken_links()
    with pytest.raises(CommandError):
        call_command("verify_receipts")


def test_a_run_leaves_one_receipt_a_rule_also_where_nothing_was_due():
    rules = {rule.key for rule in registry.rules()}
    run()
    assert set(Receipt.objects.values_list("rule", flat=True)) == rules
    assert Receipt.objects.count() == len(rules)
    assert PurgeRun.objects.get().finished_at is not None


# What the database enforces -------------------------------------------------------------------------------------------


CARRIED_OUT_BY_THE_DATABASE = [
    *((dataset, name, "c") for dataset in registry.datasets.values() for name in dataset.follows),
    *((dataset, name, "n") for dataset in registry.datasets.values() for name in dataset.detaches),
]


@pytest.mark.parametrize(
    ("dataset", "name", "action"),
    CARRIED_OUT_BY_THE_DATABASE,
    ids=[f"{dataset.name}.{name}" for dataset, name, _ in CARRIED_OUT_BY_THE_DATABASE],
)
def test_the_database_does_what_follows_and_detaches_say(dataset, name, action):
    field = dataset.model._meta.get_field(name)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT confdeltype FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY(conkey) "
            "WHERE contype = 'f' AND conrelid = %s::regclass AND attname = %s",
            [dataset.model._meta.db_table, field.column],
        )
        assert cursor.fetchall() == [(action,)]
