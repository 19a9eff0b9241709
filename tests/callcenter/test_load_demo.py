import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import phonenumbers
import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F, Max
from django.utils import timezone

from accounts.models import Person, Phone, User
from accounts.roles import Role
from callcenter.demo import texts
from callcenter.demo.loading import load
from callcenter.demo.logins import DOMAIN, LOGINS, PASSWORD
from callcenter.demo.numbers import PEOPLE as PEOPLE_NUMBERS
from callcenter.demo.numbers import e164, people_numbers
from callcenter.models import Call, Callback, LogEntry, Shift
from interventions.invoicing.payments import ageing
from interventions.lifecycle import REASON_NEEDED, TRANSITIONS
from interventions.models import (
    AccessCode,
    Complaint,
    ComplaintMessage,
    DialledNumber,
    DispatchRule,
    DutyDecision,
    Escalation,
    Estimate,
    FinancialYear,
    Incident,
    Intervention,
    Invoice,
    InvoiceDraft,
    InvoiceReminder,
    Landlord,
    LandlordContact,
    MonthlyFigure,
    OnCallShift,
    Payment,
    Provider,
    ProviderLink,
    Relocation,
    ReminderRule,
    Residence,
    Status,
    Tenancy,
    TenantMessage,
    Transition,
)
from interventions.models.interventions import AWAITED, WITHOUT_PROVIDER
from interventions.models.invoices import Series
from interventions.on_call import LOOK_AHEAD, gaps
from interventions.problems import Trade
from interventions.rota import candidates
from interventions.sensitive_words import sensitive_words
from interventions.statistics import Figure, recount
from interventions.surveys import is_asked
from interventions.watch import CLOSED_AFTER, WARNED_AFTER
from privacy.models import OutgoingMessage
from privacy.registry import registry
from privacy.retention.due import due_rows
from tests.factories import reminder_rules

NOW = datetime(2026, 3, 4, 20, 0, tzinfo=UTC)
PEOPLE, MONTHS = 1200, 12


@pytest.fixture(scope="module")
def _demo(django_db_setup, django_db_blocker):
    """Loaded once for all the tests below, and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        reminder_rules()
        load(people=PEOPLE, months=MONTHS, seed=1, now=NOW)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(_demo, db):
    return None


def contents():
    """Each table's rows, but for what is encrypted or hashed with a fresh salt; the codes in clear."""
    salted = {
        User: ["password"],
        AccessCode: ["code"],
        Relocation: ["token_hash"],
        OutgoingMessage: ["content", "reference"],
    }
    found = {"codes": list(AccessCode.objects.order_by("pk").values_list("code", flat=True))}
    for app in ("privacy", "accounts", "interventions", "callcenter"):
        for model in apps.get_app_config(app).get_models(include_auto_created=True):
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT md5(string_agg(line, '' ORDER BY line)) "
                    f"FROM (SELECT (to_jsonb(held) - %s::text[])::text AS line FROM {model._meta.db_table} held) lines",
                    [salted.get(model, [])],
                )
                found[model._meta.label] = cursor.fetchone()[0]
    return found


def contents_of_a_load(*, seed):
    with transaction.atomic():
        load(people=500, months=2, seed=seed, now=NOW)
        found = contents()
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
def test_the_same_seed_gives_the_same_data_and_another_seed_other_data():
    once = contents_of_a_load(seed=5)

    assert once["accounts.Person"] is not None
    assert contents_of_a_load(seed=5) == once
    assert contents_of_a_load(seed=6)["accounts.Person"] != once["accounts.Person"]


def test_it_has_the_people_asked_for_and_the_estate_around_them(demo):
    assert Person.objects.count() == PEOPLE
    assert Landlord.objects.count() == 4
    assert Residence.objects.count() == 60
    assert not Tenancy.objects.exclude(landlord=F("dwelling__residence__landlord")).exists()
    assert Tenancy.objects.filter(until_on=None).exists()
    assert Tenancy.objects.filter(until_on__lt=NOW.date()).exists()
    assert 0.6 < Call.objects.count() / PEOPLE < 0.95


def test_the_telephone_rings_more_in_the_evening_than_at_night(demo):
    hours = Counter(
        timezone.localtime(at).hour
        for at in Call.objects.filter(direction="inbound").values_list("started_at", flat=True)
    )

    assert sum(hours[hour] for hour in (18, 19, 20)) > 3 * sum(hours[hour] for hour in (2, 3, 4)) > 0


def test_heating_fails_in_winter(demo):
    months = Counter(
        timezone.localtime(at).month
        for at in Intervention.objects.filter(problem_code="no_heating").values_list("opened_at", flat=True)
    )

    assert sum(months[month] for month in (12, 1, 2)) > 3 * sum(months[month] for month in (6, 7, 8))


def test_some_call_for_another(demo):
    calls = Call.objects.exclude(on_behalf_of=None)

    assert calls.exists()
    assert not calls.filter(relation="").exists()
    assert not calls.filter(caller=F("on_behalf_of")).exists()


def test_every_telephone_number_is_valid(demo):
    numbers = [
        number
        for model in (Phone, DialledNumber, LandlordContact, Provider)
        for number in model.objects.values_list("number", flat=True)
    ]

    assert len(numbers) > PEOPLE
    assert [number for number in numbers if not phonenumbers.is_valid_number(phonenumbers.parse(number))] == []


def test_every_step_is_one_that_the_lifecycle_allows(demo):
    chains: dict[int, list[Transition]] = {}
    for step in Transition.objects.order_by("intervention", "at", "pk"):
        chains.setdefault(step.intervention_id, []).append(step)
    found = Intervention.objects.in_bulk()
    later = dict(DutyDecision.objects.values_list("intervention", "decided_at"))
    later |= dict(Relocation.objects.values_list("intervention", "answered_at"))

    assert chains.keys() == found.keys()
    for pk, steps in chains.items():
        assert (steps[0].from_status, steps[0].to_status) == ("", Status.RECEIVED)
        for before, step in pairwise(steps):
            assert step.from_status == before.to_status
            assert step.to_status in TRANSITIONS[Status(before.to_status)]
            assert step.reason or step.to_status not in REASON_NEEDED or before.to_status == Status.DONE
            assert (step.provider_id is not None) == (step.to_status == Status.DISPATCHED)
        intervention = found[pk]
        last = steps[-1]
        assert (intervention.status, intervention.last_event_at, intervention.version) == (
            last.to_status,
            max(last.at, later.get(pk, last.at)),
            len(steps),
        )


def test_nothing_happens_after_the_present(demo):
    assert Transition.objects.latest("at").at <= NOW
    assert LogEntry.objects.latest("at").at <= NOW
    assert not Call.objects.filter(ended_at__gt=NOW).exists()
    assert not Call.objects.filter(ended_at=None).exists()
    assert not Call.objects.filter(outcome="").exists()


def test_the_present_has_work_to_do(demo):
    opened = Intervention.objects.open()

    assert 10 <= opened.count() <= 24
    assert opened.filter(status__in=AWAITED, on_site_by__lt=NOW).exists()
    assert opened.filter(status__in=AWAITED, on_site_by__range=(NOW, NOW + timedelta(minutes=15))).exists()
    assert opened.values("status").distinct().count() >= 5
    assert Escalation.objects.filter(taken_at=None).exists()
    assert 4 <= Incident.objects.open().get().interventions.filter(closed_at=None).count() <= 6
    assert Callback.objects.filter(done_at=None, call__outcome=Call.Outcome.MISSED).count() == 3
    assert Callback.objects.filter(done_at=None, promised_at__gt=NOW).exists()
    assert Shift.objects.get(ended_at=None).entries.exists()


def test_somebody_is_on_call_but_for_a_few_hours_that_show(demo):
    assert OnCallShift.objects.at(NOW).exists()
    assert OnCallShift.objects.exclude(handed_over_from=None).exists()
    assert gaps(since=NOW, until=NOW + timedelta(days=4)) == []
    coming = gaps(since=NOW, until=NOW + LOOK_AHEAD)
    assert {gap.trade for gap in coming} == {Trade.LIFT, Trade.ROOF, Trade.LOCKS, Trade.SAFETY}


def test_what_is_to_be_sent_has_somebody_to_send(demo):
    waiting = Intervention.objects.open().filter(status=Status.QUALIFIED)
    assert waiting
    assert all(candidates(each, now=NOW) for each in waiting)
    assert DispatchRule.objects.values("landlord").distinct().count() == 4


def test_an_appointment_is_what_was_promised_last(demo):
    with_one = Intervention.objects.alias(last=Max("appointments__ends_at")).exclude(last=None)

    assert with_one.filter(closed_at=None).exists()
    assert not with_one.exclude(on_site_by=F("last")).exists()


def test_some_complain_and_most_are_answered(demo):
    assert Complaint.objects.filter(answered_at=None, last_exchange_at__gt=NOW - timedelta(days=60)).exists()
    assert not Complaint.objects.filter(answered_at=None, last_exchange_at__lte=NOW - timedelta(days=60)).exists()
    assert Complaint.objects.filter(intervention=None, answered_at__lt=NOW - timedelta(days=440)).exists()
    assert not Complaint.objects.filter(messages=None).exists()
    assert not ComplaintMessage.objects.filter(at__gt=NOW).exists()


def test_invoices_are_numbered_without_a_gap_within_their_financial_year(demo):
    for year in FinancialYear.objects.all():
        for series in Series:
            pieces = year.invoices.filter(series=series).order_by("issued_at")
            numbers = list(pieces.values_list("number", flat=True))
            assert numbers == [f"{series}{year.starts_on.year}-{rank:06d}" for rank in range(1, len(numbers) + 1)]
        assert not year.invoices.exclude(issued_on__range=(year.starts_on, year.closes_on)).exists()
    assert Invoice.objects.exclude(intervention=None).exclude(person=None).exists()


def test_accounting_finds_bills_of_every_age_and_every_way_to_pay_them(demo):
    assert all(bucket.count for bucket in ageing(on=NOW.date()))
    assert set(Payment.objects.values_list("method", flat=True)) == set(Payment.Method)
    assert Invoice.objects.with_balance().filter(paid__gt=0, balance__gt=0).exists()
    assert Invoice.objects.with_balance().filter(balance__lt=0).exists()
    assert Payment.objects.exclude(reverses=None).exists()
    assert Invoice.objects.filter(series=Series.CREDIT_NOTE).exists()
    assert set(InvoiceReminder.objects.values_list("tone", flat=True)) == set(ReminderRule.Tone)
    assert not Payment.objects.filter(noted_at__gt=NOW).exists()
    assert InvoiceDraft.objects.exclude(lines=None).exists()


def test_the_tenant_has_something_to_pay_and_an_estimate_to_answer(demo):
    tenant = User.objects.get(email=f"locataire@{DOMAIN}").person

    assert tenant.invoices.owing().exists()
    assert tenant.invoices.with_balance().filter(balance=0).exists()
    assert tenant.estimates.waiting(on=NOW.date()).get().lines.exists()
    assert set(Estimate.objects.values_list("accepted", flat=True)) == {None, True, False}


def test_a_provider_has_a_link_as_long_as_it_has_the_job(demo):
    sent = Intervention.objects.exclude(provider=None).exclude(status__in=WITHOUT_PROVIDER)

    assert sent.exists()
    assert set(ProviderLink.objects.alive().values_list("intervention", "provider")) == set(
        sent.values_list("pk", "provider")
    )


def test_the_figures_are_those_of_the_interventions(demo):
    held = {Figure(*row[:4]): row[4] for row in MonthlyFigure.objects.values_list(*Figure._fields, "count")}

    assert held == recount(Intervention.objects.all())
    assert sum(held.values()) == Intervention.objects.exclude(closed_at=None).count() > 0


def test_a_purge_would_find_something_under_each_long_row(demo):
    due = {rule.key: due_rows(rule, registry=registry, now=NOW).exists() for rule in registry.rules()}

    assert {key for key, found in due.items() if found} >= {
        "complaints:interventions.complaint",
        "accounting:interventions.invoice",
    }


def test_one_landlord_keeps_less_by_contract(demo):
    assert list(Landlord.objects.exclude(retention_months=None).values_list("retention_months", flat=True)) == [12]


def test_numbers_kept_for_fiction_come_first_and_all_are_valid():
    assert [next(iter(block)) // 10_000 for block in PEOPLE_NUMBERS[:3]] == [3335301, 3326191, 3353649]
    drawn = list(islice(people_numbers(), 60_000))
    assert len(set(drawn)) == 60_000
    assert all(any(number in block for block in PEOPLE_NUMBERS[:3]) for number in drawn[:30_000])
    for number in drawn[::997]:
        assert phonenumbers.is_valid_number(phonenumbers.parse(e164(number)))


def test_no_open_intervention_is_silent_for_sixty_days(demo):
    opened = Intervention.objects.open()

    assert opened.filter(last_event_at__lt=NOW - WARNED_AFTER).exists()
    assert not opened.filter(last_event_at__lt=NOW - CLOSED_AFTER).exists()


def test_what_an_incident_gathered_ended_with_it(demo):
    closed = Incident.objects.exclude(closed_at=None)

    assert closed.exists()
    for incident in closed:
        assert incident.interventions.count() > 1
        assert not incident.interventions.exclude(closed_at=incident.closed_at).exists()


@pytest.mark.parametrize(("name", "role"), [(name, role) for name, role, _ in LOGINS])
def test_each_demo_login_signs_in_with_its_role(demo, name, role):
    user = authenticate(None, username=f"{name}@{DOMAIN}", password=PASSWORD)

    assert user is not None
    assert user.role == role
    assert user.full_name


def test_the_tenant_and_the_manager_have_something_to_look_at(demo):
    tenant = User.objects.get(role=Role.TENANT)
    manager = User.objects.get(role=Role.LANDLORD_MANAGER)

    assert Tenancy.objects.current(on=NOW.date()).filter(person=tenant.person).exists()
    theirs = Intervention.objects.visible_to(tenant)
    assert theirs.open().filter(status=Status.APPOINTMENT, messages__author__isnull=False).exists()
    ended = theirs.get(status=Status.CLOSED, closed_at__gt=NOW - timedelta(days=30), complaints__person=tenant.person)
    assert is_asked(ended, person=tenant.person, now=NOW)
    assert TenantMessage.objects.for_desk().exists()
    assert TenantMessage.objects.for_tenant().filter(person=tenant.person).exists()
    assert Landlord.objects.visible_to(manager).count() == 1
    assert Intervention.objects.visible_to(manager).exists()


def test_colleagues_cannot_sign_in(demo):
    colleagues = User.objects.exclude(email__in=[f"{name}@{DOMAIN}" for name, _, _ in LOGINS])

    assert colleagues.exists()
    assert not any(colleague.has_usable_password() for colleague in colleagues)


def test_it_refuses_a_database_with_people_and_changes_nothing(demo):
    before = contents()

    with pytest.raises(CommandError, match="contient déjà des personnes"):
        call_command("load_demo", verbosity=0)
    assert contents() == before


@pytest.mark.django_db
def test_it_refuses_production(settings):
    settings.MODE = "production"
    people = Person.objects.count()

    with pytest.raises(CommandError, match="mode démonstration"):
        call_command("load_demo", verbosity=0)
    assert Person.objects.count() == people


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"people": 0}, "--people"),
        ({"people": 10**9}, "--people"),
        ({"months": 0}, "--months"),
        ({"until": "hier"}, "--until"),
        ({"until": "2026-02-31T10:00"}, "--until"),
    ],
)
def test_it_refuses_sizes_and_moments_that_make_no_sense(option, message):
    people = Person.objects.count()

    with pytest.raises(CommandError, match=message):
        call_command("load_demo", verbosity=0, **option)
    assert Person.objects.count() == people


def sentences():
    for name, found in vars(texts).items():
        if not name.isupper():
            continue
        for lines in found.values() if isinstance(found, dict) else [found]:
            yield from lines


def test_what_agents_wrote_holds_no_sensitive_word_and_is_set_as_french_is():
    assert sensitive_words("Le voisin est alcoolique") == ["alcoolique"]
    for text in sentences():
        assert sensitive_words(text) == []
        assert not re.search(r" [:;!?»]|« |'", text), text
