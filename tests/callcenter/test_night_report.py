"""What a landlord's day team takes over in the morning, and the proof that it has."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core import mail

from accounts.roles import Role
from callcenter import night_reports
from callcenter.landlord.paper import content_of
from callcenter.models import Call, NightReport, NightReportLine
from interventions.lifecycle import advance
from interventions.models import Instruction, Status, Transition
from privacy.models import Disclosure
from privacy.objections import begin
from tests.callcenter.console.reading import words
from tests.factories import (
    CallFactory,
    DwellingFactory,
    InstructionFactory,
    InterventionFactory,
    LandlordFactory,
    PersonFactory,
    ProviderFactory,
    ResidenceFactory,
    TransitionFactory,
    UserFactory,
)
from tests.outbox import deliver_all

pytestmark = pytest.mark.django_db

EVENING = datetime(2026, 3, 10, 21, 30, tzinfo=UTC)  # a Tuesday, 22:30 in Paris
MORNING = datetime(2026, 3, 11, 6, 0, tzinfo=UTC)  # 07:00 in Paris
EIGHT = MORNING + timedelta(hours=1)
Kind = NightReportLine.Kind


@pytest.fixture
def landlord():
    return LandlordFactory(name="Foyer de la Sensée")


@pytest.fixture
def manager(landlord):
    user = UserFactory(role=Role.LANDLORD_MANAGER, full_name="Claire Delattre")
    landlord.managers.add(user)
    return user


def opened(landlord, *, at=EVENING, **fields):
    """An intervention of one of its dwellings, with its first step."""
    dwelling = DwellingFactory(residence=ResidenceFactory(landlord=landlord))
    fields = {"occupant": PersonFactory(), "last_event_at": at, **fields}
    made = InterventionFactory(residence=dwelling.residence, dwelling=dwelling, opened_at=at, **fields)
    TransitionFactory(intervention=made, to_status=made.status, at=at)
    return made


def this_morning(landlord, *, now=MORNING):
    night_reports.make_due(now=now)
    return NightReport.objects.filter(landlord=landlord).latest("until_at")


def page_of(client, report, *, at=EIGHT):
    with time_machine.travel(at, tick=False):
        return client.get(night_reports.address_of(report))


@pytest.fixture
def reader(client, manager):
    client.force_login(manager)
    return client


# When -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "made"),
    [
        (datetime(2026, 3, 11, 5, 59, tzinfo=UTC), 0),  # 06:59
        (datetime(2026, 3, 11, 6, 0, tzinfo=UTC), 1),  # 07:00
        (datetime(2026, 3, 14, 6, 0, tzinfo=UTC), 0),  # a Saturday
        (datetime(2026, 4, 6, 5, 0, tzinfo=UTC), 0),  # Easter Monday
        (datetime(2026, 3, 30, 4, 59, tzinfo=UTC), 0),  # 06:59 in summer
        (datetime(2026, 3, 30, 5, 0, tzinfo=UTC), 1),  # 07:00 in summer
    ],
)
def test_every_working_morning_at_seven_in_paris(landlord, now, made):
    assert night_reports.make_due(now=now) == made


@pytest.mark.parametrize(
    ("morning", "since"),
    [
        (datetime(2026, 3, 11, 6, 0, tzinfo=UTC), datetime(2026, 3, 10, 6, 0, tzinfo=UTC)),
        (datetime(2026, 3, 16, 6, 0, tzinfo=UTC), datetime(2026, 3, 13, 6, 0, tzinfo=UTC)),  # Monday: since Friday
        (datetime(2026, 3, 30, 5, 0, tzinfo=UTC), datetime(2026, 3, 27, 6, 0, tzinfo=UTC)),  # the clocks went forward
        (datetime(2026, 10, 26, 6, 0, tzinfo=UTC), datetime(2026, 10, 23, 5, 0, tzinfo=UTC)),  # and back
        (datetime(2026, 4, 7, 5, 0, tzinfo=UTC), datetime(2026, 4, 3, 5, 0, tzinfo=UTC)),  # after Easter
    ],
)
def test_it_tells_what_happened_since_the_working_morning_before(landlord, morning, since):
    report = this_morning(landlord, now=morning)
    assert (report.from_at, report.until_at) == (since, morning)


def test_it_is_made_once_and_a_missed_morning_is_not_lost(landlord):
    this_morning(landlord)
    assert night_reports.make_due(now=MORNING + timedelta(minutes=5)) == 0
    later = this_morning(landlord, now=MORNING + timedelta(days=2, minutes=40))
    assert later.from_at == MORNING
    assert later.until_at == MORNING + timedelta(days=2)


def test_a_landlord_without_a_contract_gets_none():
    LandlordFactory(contract_until_on=EVENING.date())
    assert night_reports.make_due(now=MORNING) == 0


# What -----------------------------------------------------------------------------------------------------------------


def test_each_intervention_is_where_it_belongs(landlord):
    InstructionFactory(landlord=landlord, problem="", trade="", action=Instruction.Action.NEXT_WORKING_DAY)
    put_off = opened(landlord, status=Status.QUALIFIED, priority="normal", suggested_priority="normal")
    urgent = opened(landlord, status=Status.QUALIFIED, priority="emergency", suggested_priority="emergency")
    sent = opened(landlord, status=Status.DISPATCHED, provider=ProviderFactory())
    ended = opened(landlord, status=Status.CLOSED, closed_at=EVENING + timedelta(hours=2))
    opened(landlord, at=EVENING - timedelta(days=9), status=Status.ACCEPTED)  # nothing new of it
    opened(landlord, at=MORNING + timedelta(minutes=1))  # tomorrow's
    opened(LandlordFactory())
    report = this_morning(landlord)
    lines = {line.intervention: line.kind for line in report.lines.all()}
    assert lines == {put_off: Kind.TAKE_OVER, urgent: Kind.OPEN, sent: Kind.OPEN, ended: Kind.ENDED}
    assert report.open_in_all == 4


def test_what_nobody_took_over_comes_back_until_somebody_does(landlord, manager):
    InstructionFactory(landlord=landlord, problem="", trade="", action=Instruction.Action.NEXT_WORKING_DAY)
    opened(landlord, status=Status.QUALIFIED, priority="normal", suggested_priority="normal")
    this_morning(landlord)
    again = this_morning(landlord, now=MORNING + timedelta(days=1))
    assert again.lines.get().kind == Kind.TAKE_OVER
    night_reports.acknowledge(NightReportLine.objects.all(), by=manager, now=EIGHT)
    assert not this_morning(landlord, now=MORNING + timedelta(days=2)).lines.exists()


def test_calls_are_numbers_by_outcome_without_whoever_objected(landlord):
    opposed = PersonFactory()
    said = {"landlord": landlord, "started_at": EVENING, "answered_at": EVENING, "ended_at": EVENING}
    for outcome in (Call.Outcome.INTERVENTION, Call.Outcome.INTERVENTION, Call.Outcome.WRONG_NUMBER):
        CallFactory(**said, outcome=outcome)
    CallFactory(**said, outcome=Call.Outcome.INFORMATION, caller=opposed)
    CallFactory(**{**said, "started_at": MORNING, "answered_at": None, "ended_at": MORNING}, outcome="missed")
    CallFactory(landlord=None, started_at=EVENING, outcome=Call.Outcome.INFORMATION, ended_at=EVENING)
    before = night_reports.count_calls(landlord, from_at=MORNING - timedelta(days=1), until_at=MORNING)
    assert before["total"] == 4
    begin(opposed, purpose="client_figures", request=None, now=EVENING)
    report = this_morning(landlord)
    assert report.calls == {"total": 3, "by_outcome": {"intervention": 2, "wrong_number": 1}}
    assert night_reports.calls_of(report)[0] == ("Intervention ouverte", 2)


def test_it_says_what_was_so_at_seven_whoever_reads_it_later(landlord, manager):
    job = opened(landlord, status=Status.ACCEPTED, provider=ProviderFactory())
    report = this_morning(landlord)
    advance(job, to=Status.ON_SITE, by=UserFactory(), now=EIGHT, version=job.version)
    assert Transition.objects.filter(intervention=job).count() == 2
    [told] = night_reports.read(report, by=manager, now=EIGHT)
    assert (told.status, told.came_at) == ("Acceptée", None)


# For whom, and no more than needed ------------------------------------------------------------------------------------


def test_the_page_the_pdf_and_the_csv_say_the_same_least(reader, landlord, manager):
    person = PersonFactory(family_name="Zygomatique", given_name="Aure")
    job = opened(landlord, occupant=person, description="Chez ma voisine Odile", contact_number="+33612345678")
    report = this_morning(landlord)
    text = words(page_of(reader, report))
    given = content_of(report, night_reports.read(report, by=manager, now=EIGHT))
    with time_machine.travel(EIGHT, tick=False):
        paper = reader.get(f"/bailleur/rapports/2026-03-11/pdf/?bailleur={landlord.pk}")
        again = reader.get(f"/bailleur/rapports/2026-03-11/pdf/?bailleur={landlord.pk}")
        sheet = reader.get(f"/bailleur/rapports/2026-03-11/csv/?bailleur={landlord.pk}").content.decode()
    assert paper.content.startswith(b"%PDF")
    assert paper.content == again.content
    rows = list(csv.reader(StringIO(sheet.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")), delimiter=";"))
    [line] = [one for section in given["sections"] for one in section["lines"]]
    for said in (job.reference, job.residence.name, job.problem.label):
        assert said in text
        assert said in rows[1]
        assert said in line.values()
    for told in (text, sheet, str(given)):
        assert "ygomatique" not in told.lower()
        assert "Odile" not in told
        assert "12345678" not in told
    fields = {"référence", "adresse", "logement", "problème", "heure promise", "avancement", "heures des étapes"}
    assert set(Disclosure.objects.get(person=person).fields) == fields


def test_a_cell_is_no_formula(reader, landlord):
    opened(landlord)
    residence = landlord.residences.get()
    residence.name = "=HYPERLINK(1)"
    residence.save()
    this_morning(landlord)
    with time_machine.travel(EIGHT, tick=False):
        sheet = reader.get("/bailleur/rapports/2026-03-11/csv/").content.decode()
    assert "'=HYPERLINK(1)" in sheet


def test_managers_get_a_link_and_nothing_else(landlord, manager):
    opened(landlord)
    report = this_morning(landlord)
    deliver_all(MORNING)
    [message] = mail.outbox
    assert message.to == [manager.email]
    assert night_reports.address_of(report) in message.body
    assert landlord.name not in message.body
    assert "I000" not in message.body


def test_a_manager_reads_its_own_landlords_only(client, landlord, manager):
    stranger = UserFactory(role=Role.LANDLORD_MANAGER)
    LandlordFactory().managers.add(stranger)
    opened(landlord)
    report = this_morning(landlord)
    line = report.lines.get()
    client.force_login(manager)
    assert page_of(client, report).status_code == 200
    client.force_login(stranger)
    assert page_of(client, report).status_code == 404
    with time_machine.travel(EIGHT, tick=False):
        own = client.get("/bailleur/rapports/2026-03-11/")
        assert own.status_code == 200
        assert "I000" not in words(own)
        assert client.post(f"/bailleur/rapports/2026-03-11/lignes/{line.pk}/").status_code == 404
    line.refresh_from_db()
    assert line.acknowledged_at is None


@pytest.mark.parametrize("day", ["2026-13-45", "2026-03-15", "2026-02-29"])
def test_no_such_morning_is_not_there(reader, landlord, day):
    this_morning(landlord)
    assert reader.get(f"/bailleur/rapports/{day}/").status_code == 404


# The proof ------------------------------------------------------------------------------------------------------------


def test_each_line_is_acknowledged_once_by_somebody(reader, landlord, manager):
    opened(landlord)
    opened(landlord)
    report = this_morning(landlord)
    line = report.lines.first()
    url = f"/bailleur/rapports/2026-03-11/lignes/{line.pk}/"
    with time_machine.travel(EIGHT, tick=False):
        reader.post(url)
    with time_machine.travel(EIGHT + timedelta(hours=1), tick=False):
        reader.post(url)
    line.refresh_from_db()
    assert (line.acknowledged_at, line.acknowledged_by) == (EIGHT, manager)
    assert report.lines.filter(acknowledged_at=None).count() == 1
    assert "Claire Delattre" in words(page_of(reader, report))


def test_all_lines_at_once(reader, landlord, manager):
    opened(landlord)
    opened(landlord)
    report = this_morning(landlord)
    with time_machine.travel(EIGHT, tick=False):
        reader.post("/bailleur/rapports/2026-03-11/tout/")
    assert set(report.lines.values_list("acknowledged_by", flat=True)) == {manager.pk}
    assert "Tout prendre en compte" not in words(page_of(reader, report))


def test_at_eleven_supervisors_are_told_once_of_what_nobody_confirmed(landlord, manager):
    supervisor = UserFactory(role=Role.SUPERVISOR)
    opened(landlord)
    this_morning(landlord)
    assert night_reports.chase_due(now=MORNING + timedelta(hours=3, minutes=59)) == 0
    assert night_reports.chase_due(now=MORNING + timedelta(hours=4)) == 1
    assert night_reports.chase_due(now=MORNING + timedelta(hours=5)) == 0
    deliver_all(MORNING + timedelta(hours=4))
    assert [message.to for message in mail.outbox if "console/rapports" in message.body] == [[supervisor.email]]


def test_nobody_is_chased_for_what_was_confirmed_or_for_nothing(landlord, manager):
    LandlordFactory()
    UserFactory(role=Role.SUPERVISOR)
    opened(landlord)
    this_morning(landlord)
    night_reports.acknowledge(NightReportLine.objects.all(), by=manager, now=EIGHT)
    assert night_reports.chase_due(now=MORNING + timedelta(hours=4)) == 0
