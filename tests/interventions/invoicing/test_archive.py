"""A year's archive: only an accountant who said why sees its invoices, for half an hour; and what the year was."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from interventions.invoicing import accounting_exports, archive
from interventions.invoicing.archive import ArchiveClosed
from interventions.invoicing.books_desk import in_words
from interventions.models import ArchiveOpening, FinancialYear, Invoice
from interventions.tasks import make_accounting_export
from privacy.models import JournalEntry
from privacy.retention.purge import purge
from tests.factories import FinancialYearFactory, InvoiceFactory, LandlordFactory, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")
MIDNIGHT = datetime(2027, 1, 1, tzinfo=PARIS)
THEN = MIDNIGHT + timedelta(days=40)


@pytest.fixture
def accountant():
    return UserFactory(role="accounting")


@pytest.fixture
def other():
    return UserFactory(role="accounting")


@pytest.fixture
def year():
    """Closed on 31 December 2025: archived from 1 January 2027 on."""
    return FinancialYearFactory(starts_on=date(2025, 1, 1))


@pytest.fixture
def old():
    """Archived already, whatever today is: pages look at the clock."""
    return FinancialYearFactory(starts_on=date(timezone.localdate().year - 3, 1, 1))


@pytest.fixture
def browser(client, accountant):
    client.force_login(accountant)
    return client


def seen_by(user, *, now):
    return list(Invoice.objects.visible_to(user, now=now))


def opened(year, by, *, now=THEN):
    return archive.open_archive(year, reason="tax_audit", by=by, now=now)


def page(browser, year):
    return browser.get(reverse("admin:books", args=[year.pk])).content.decode()


# Who sees what --------------------------------------------------------------------------------------------------------


def test_a_year_s_invoices_are_there_until_the_end_of_the_next_one_in_paris(year):
    landlord, person = LandlordFactory(), PersonFactory()
    theirs, its = (
        InvoiceFactory(financial_year=year, person=person),
        InvoiceFactory(financial_year=year, landlord=landlord),
    )
    recent = InvoiceFactory(financial_year=FinancialYearFactory())
    manager = UserFactory(role="landlord_manager")
    landlord.managers.add(manager)
    expected = {
        UserFactory(role="accounting"): {theirs, its, recent},
        UserFactory(role="administrator"): {theirs, its, recent},
        manager: {its},
        UserFactory(role="tenant", person=person): {theirs},
        UserFactory(role="dpo"): set(),
    }
    for user, shown in expected.items():
        assert set(seen_by(user, now=MIDNIGHT - timedelta(seconds=1))) == shown
        assert set(seen_by(user, now=MIDNIGHT)) == shown - {theirs, its}


def test_opened_it_shows_for_half_an_hour_to_whom_opened_it_alone(year, accountant, other):
    invoice = InvoiceFactory(financial_year=year)
    before = FinancialYearFactory(starts_on=date(2024, 1, 1))
    InvoiceFactory(financial_year=before)
    assert seen_by(accountant, now=THEN) == []
    opened(year, accountant)
    assert seen_by(accountant, now=THEN) == [invoice]
    assert seen_by(accountant, now=THEN + timedelta(minutes=29, seconds=59)) == [invoice]
    assert seen_by(accountant, now=THEN + timedelta(minutes=30)) == []
    assert seen_by(other, now=THEN) == []


@pytest.mark.parametrize("role", ["administrator", "dpo", "supervisor", "agent", "landlord_manager", "tenant"])
def test_nobody_but_accounting_opens_it(year, role):
    somebody = UserFactory(role=role)
    InvoiceFactory(financial_year=year)
    with pytest.raises(ArchiveClosed, match="Seule la comptabilité"):
        opened(year, somebody)
    ArchiveOpening.objects.create(financial_year=year, reason="client", opened_by=somebody, opened_at=THEN)
    assert seen_by(somebody, now=THEN) == [], "not even with an opening from when they were an accountant"


@pytest.mark.parametrize("reason", ["", "curiosity", "Contrôle fiscal ou social"])
def test_it_takes_a_reason_of_the_list(year, accountant, reason):
    with pytest.raises(ArchiveClosed, match="Choisissez la raison"):
        archive.open_archive(year, reason=reason, by=accountant, now=THEN)
    assert not ArchiveOpening.objects.exists()


def test_what_is_not_archived_needs_no_opening(year, accountant):
    with pytest.raises(ArchiveClosed, match="rien à ouvrir"):
        opened(year, accountant, now=MIDNIGHT - timedelta(seconds=1))
    opened(year, accountant, now=MIDNIGHT)


def test_opened_twice_it_is_one_opening_and_then_another(year, accountant):
    first = opened(year, accountant)
    assert opened(year, accountant, now=THEN + timedelta(minutes=5)) == first
    assert opened(year, accountant, now=THEN + timedelta(minutes=31)) != first
    entries = JournalEntry.objects.filter(action="open_archive").order_by("pk")
    told, _ = entries
    assert (told.actor_id, told.object_id) == (accountant.pk, first.pk)
    assert told.details == {"financial_year": year.pk, "reason": "tax_audit"}


def test_exports_of_an_archived_year_need_an_opening_too(year, accountant, other):
    InvoiceFactory(financial_year=year)
    before = accounting_exports.ask(year, kind="fec", by=accountant, now=MIDNIGHT - timedelta(hours=1))
    make_accounting_export(before.pk)
    before.refresh_from_db()
    assert b"".join(accounting_exports.fetch(before, by=other, now=MIDNIGHT - timedelta(minutes=1)))
    for attempt in (
        lambda by: accounting_exports.ask(year, kind="zip", by=by, now=MIDNIGHT),
        lambda by: accounting_exports.fetch(before, by=by, now=MIDNIGHT),
    ):
        with pytest.raises(ArchiveClosed, match="est fermée"):
            attempt(accountant)
    opened(year, accountant, now=MIDNIGHT)
    assert b"".join(accounting_exports.fetch(before, by=accountant, now=MIDNIGHT))
    with pytest.raises(ArchiveClosed):
        accounting_exports.fetch(before, by=other, now=MIDNIGHT)


# What the year was ----------------------------------------------------------------------------------------------------


def test_the_query_and_the_day_say_the_same_of_any_closing():
    for closes_on in (date(2023, 2, 28), date(2024, 2, 29), date(2025, 12, 31), date(2026, 6, 30)):
        closed = FinancialYearFactory(starts_on=closes_on - timedelta(days=90), closes_on=closes_on)
        for days in (-1, 0, 1):
            on = closed.archived_from + timedelta(days=days)
            assert FinancialYear.objects.archived(on=on).filter(pk=closed.pk).exists() is closed.is_archived(on=on)
            assert closed.is_archived(on=on) is (days >= 0)


def test_ten_years_from_the_closing_and_the_purge_agrees(year):
    assert archive.kept_until(year) == date(2035, 12, 31)
    InvoiceFactory(financial_year=year)
    gone = datetime.combine(archive.goes_on(year), datetime.min.time(), PARIS)
    purge(now=gone - timedelta(seconds=1), commit=True)
    assert Invoice.objects.exists()
    purge(now=gone, commit=True)
    assert not Invoice.objects.exists()


def test_sums_and_numbers_of_each_series(year):
    for _ in range(3):
        InvoiceFactory(financial_year=year)
    InvoiceFactory(financial_year=year, series="A", corrected_number="F2025-000001", reason="error")
    InvoiceFactory(financial_year=FinancialYearFactory())
    invoices, credits = archive.facts_of(year)
    assert (invoices.count, invoices.first, invoices.last) == (3, "F2025-000001", "F2025-000003")
    assert [f"{each:.2f}" for each in (invoices.net, invoices.vat, invoices.total)] == ["225.00", "45.00", "270.00"]
    assert (credits.count, credits.first, f"{credits.total:.2f}") == (1, "A2025-000001", "90.00")
    assert invoices.is_continuous
    assert credits.is_continuous


def test_a_gap_and_a_disorder_show(year):
    """PostgreSQL refuses both: its guards are taken away for the time of the test."""
    for day in (1, 2, 3, 4):
        InvoiceFactory(financial_year=year, issued_on=date(2025, 3, day))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM interventions_invoice WHERE number = 'F2025-000002'")
        cursor.execute("UPDATE interventions_invoice SET issued_at = '2025-01-01' WHERE number = 'F2025-000004'")
        cursor.execute(
            "DELETE FROM interventions_invoiceline WHERE invoice_id NOT IN (SELECT id FROM interventions_invoice)"
        )
        cursor.execute("SET session_replication_role = origin")
    (facts,) = archive.facts_of(year)
    assert (facts.missing, facts.disordered, facts.is_continuous) == (1, 1, False)


@pytest.mark.parametrize(
    ("until", "words"),
    [
        (date(2026, 3, 11), "1 jour"),
        (date(2026, 4, 13), "1 mois et 3 jours"),
        (date(2027, 1, 1), "9 mois et 22 jours"),
        (date(2028, 5, 12), "2 ans et 2 mois"),
    ],
)
def test_the_time_left_in_words(until, words):
    assert in_words(date(2026, 3, 10), until).replace("\N{NO-BREAK SPACE}", " ") == words


# The page -------------------------------------------------------------------------------------------------------------


def test_accounting_opens_it_from_the_page_with_a_reason(browser, old, accountant):
    invoice = InvoiceFactory(financial_year=old)
    listed = reverse("admin:interventions_invoice_changelist")
    closed = page(browser, old)
    assert "Archivé depuis" in closed
    assert "Préparer" not in closed
    assert invoice.number not in browser.get(listed).content.decode()

    refused = browser.post(reverse("admin:books_open", args=[old.pk]), follow=True).content.decode()
    assert "Choisissez la raison" in refused
    browser.post(reverse("admin:books_export", args=[old.pk, "fec"]))
    assert not old.exports.exists()

    browser.post(reverse("admin:books_open", args=[old.pk]), {"reason": "dispute"})
    shown = page(browser, old)
    assert "Ouverte pour vous, encore 30" in shown
    assert "Contestation ou recouvrement" in shown
    assert "Préparer" in shown
    assert invoice.number in browser.get(listed).content.decode()
    browser.post(reverse("admin:books_export", args=[old.pk, "fec"]))
    assert old.exports.get().asked_by == accountant


def test_the_session_of_another_accountant_stays_without_it(browser, client, old, other):
    invoice = InvoiceFactory(financial_year=old)
    browser.post(reverse("admin:books_open", args=[old.pk]), {"reason": "dispute"})
    document = reverse("admin:interventions_invoice_change", args=[invoice.pk])
    assert browser.get(document).status_code == 200
    client.force_login(other)
    assert client.get(document).status_code in (302, 404)
    assert "Archivé depuis" in page(client, old)


def test_the_administrator_sees_that_the_numbers_are_whole_and_opens_nothing(client, old):
    InvoiceFactory(financial_year=old, billed_name="Canari-Zygomatique")
    client.force_login(UserFactory(role="administrator"))
    shown = page(client, old)
    assert "Continue, sans trou" in shown
    assert "Seule la comptabilité l’ouvre" in shown
    assert "Canari" not in shown
    assert client.post(reverse("admin:books_open", args=[old.pk]), {"reason": "dispute"}).status_code == 403
    assert not ArchiveOpening.objects.exists()


def test_a_year_without_pieces_may_be_corrected_and_another_not(browser, old):
    year = FinancialYearFactory(starts_on=timezone.localdate().replace(month=1, day=1))
    change = reverse("admin:interventions_financialyear_change", args=[year.pk])
    assert change in page(browser, year)
    InvoiceFactory(financial_year=year)
    assert change not in page(browser, year)
    listed = browser.get(reverse("admin:interventions_financialyear_changelist")).content.decode()
    assert "En cours" in listed
    assert "Archivé" in listed
