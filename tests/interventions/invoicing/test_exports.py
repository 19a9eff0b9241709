"""A year's books as files: built by a task, sealed, told how far they are, taken up again, and gone after a day."""

import csv
import errno
import io
import os
import resource
import signal
import subprocess
import sys
import time
import zipfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from interventions.invoicing import accounting_exports, payments
from interventions.invoicing.archive import ArchiveClosed
from interventions.invoicing.invoice_documents import clear_bytes, document_of
from interventions.models import AccountingExport
from interventions.tasks import make_accounting_export, make_accounting_exports
from privacy import long_files
from privacy.models import JournalEntry
from privacy.registry import registry
from privacy.retention.files import sweep
from privacy.retention.purge import purge
from sofratel.embedded import sockets
from sofratel.embedded.services import VAR_DIR
from tests.factories import NOW, TODAY, FinancialYearFactory, InvoiceFactory, UserFactory

pytestmark = pytest.mark.django_db

Kind, Failure = AccountingExport.Kind, AccountingExport.Failure
CANARY = "Canari-Zygomatique"
ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60  # seconds


@pytest.fixture
def accountant():
    return UserFactory(role="accounting")


@pytest.fixture
def year():
    """Of today, whatever today is: pages look at the clock."""
    return FinancialYearFactory(starts_on=timezone.localdate().replace(month=1, day=1))


@pytest.fixture
def browser(client, accountant):
    client.force_login(accountant)
    return client


def ask(year, kind=Kind.FEC, *, by, now=None):
    return accounting_exports.ask(year, kind=kind, by=by, now=now or timezone.now())


def built(export):
    make_accounting_export(export.pk)
    export.refresh_from_db()
    return export


def clear(export):
    return b"".join(accounting_exports.clear_export(export).pieces)


def zipped(export):
    return zipfile.ZipFile(io.BytesIO(clear(export)))


def page(browser, year):
    return browser.get(reverse("admin:books", args=[year.pk])).content.decode()


# What is in them ------------------------------------------------------------------------------------------------------


def test_it_is_sealed_and_opens_with_its_key_alone(year, accountant):
    InvoiceFactory(financial_year=year, billed_name=CANARY)
    export = built(ask(year, by=accountant))
    with export.file.open("rb") as stored:
        sealed = stored.read()
    assert CANARY.encode() in clear(export)
    assert CANARY.encode() not in sealed
    assert (export.done, export.total, export.percent, export.size) == (1, 1, 100, len(clear(export)))


def test_tables_of_invoices_and_payments(year, accountant):
    invoice = InvoiceFactory(financial_year=year, billed_name="=1+1", issued_on=year.starts_on)
    today = timezone.now()
    first = payments.note(
        invoice,
        method="cheque",
        amount=Decimal("100.50"),
        received_on=today.date(),
        reference="771",
        by=None,
        now=today,
    )
    payments.reverse(first, by=None, now=today)
    archive = zipped(built(ask(year, Kind.CSV, by=accountant)))

    def table(name):
        return list(csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig")), delimiter=";"))

    heading, row = table("factures.csv")
    told = dict(zip(heading, row, strict=True))
    assert (told["Numéro"], told["Client"]) == (invoice.number, "'=1+1")
    assert (told["Date"], told["Total TTC"], told["Reste dû"]) == (f"{year.starts_on:%d/%m/%Y}", "90,00", "90,00")
    _, received, mistaken = table("paiements.csv")
    assert received[2:7] == [invoice.number, "Chèque", "100,50", "771", ""]
    assert mistaken[2:7] == [invoice.number, "Chèque", "-100,50", "771", f"P{first.pk}"]


def test_every_document_under_its_number(year, accountant):
    invoices = [InvoiceFactory(financial_year=year) for _ in range(2)]
    export = built(ask(year, Kind.ZIP, by=accountant))
    archive = zipped(export)
    assert archive.namelist() == [f"{invoice.number}.pdf" for invoice in invoices]
    for invoice in invoices:
        assert archive.read(f"{invoice.number}.pdf") == clear_bytes(document_of(invoice, now=NOW))
    assert (export.done, export.total) == (2, 2)


def test_a_document_that_does_not_open_is_named_and_hides_no_other(year, accountant, media):
    first, second = (InvoiceFactory(financial_year=year) for _ in range(2))
    (media / document_of(first, now=NOW).file.name).write_bytes(b"not what was stored")
    archive = zipped(built(ask(year, Kind.ZIP, by=accountant)))
    assert archive.namelist() == [f"{second.number}.pdf", "factures-manquantes.txt"]
    assert archive.read("factures-manquantes.txt").decode() == first.number


@pytest.mark.parametrize("kind", Kind)
def test_an_empty_year_has_its_files_too(year, accountant, kind):
    assert built(ask(year, kind, by=accountant)).built_at is not None


# The task -------------------------------------------------------------------------------------------------------------


def test_asked_twice_it_is_made_once(year, accountant):
    first = ask(year, by=accountant)
    assert ask(year, by=accountant) == first
    built_at = built(first).built_at
    assert built(first).built_at == built_at
    assert AccountingExport.objects.count() == 1


def test_a_new_one_takes_the_place_of_the_last(year, accountant, media, django_capture_on_commit_callbacks):
    first = built(ask(year, by=accountant))
    assert (media / first.file.name).exists()
    with django_capture_on_commit_callbacks() as callbacks:
        second = ask(year, by=accountant)
    for callback in callbacks:
        callback()
    assert second != first
    assert not (media / first.file.name).exists()
    assert AccountingExport.objects.count() == 1


def test_what_a_lost_task_left_is_found_by_the_clock(year, accountant, monkeypatch):
    export = ask(year, by=accountant)
    found = []
    monkeypatch.setattr("interventions.tasks.make_accounting_export.delay", found.append)
    make_accounting_exports()
    assert found == [export.pk]
    built(export)
    make_accounting_exports()
    assert found == [export.pk]


def test_cancelled_while_it_is_built_nothing_of_it_stays(year, accountant, media, monkeypatch):
    for _ in range(3):
        InvoiceFactory(financial_year=year)
    export = ask(year, Kind.ZIP, by=accountant)
    read, seen = accounting_exports.pdf_of, []

    def cancelled_meanwhile(invoice, *, now):
        content = read(invoice, now=now)
        seen.append(invoice)
        accounting_exports.cancel(export, by=accountant, now=now)
        return content

    monkeypatch.setattr(accounting_exports, "pdf_of", cancelled_meanwhile)
    make_accounting_export(export.pk)
    assert len(seen) == 1, "and it stopped at once"
    assert not AccountingExport.objects.exists()
    assert list((media / "accounting").iterdir()) == []


def test_a_full_disk_says_so_leaves_nothing_and_goes_on_later(year, accountant, browser, media, monkeypatch):
    """The limit on a file’s size stands in for the disk."""
    monkeypatch.setattr(long_files, "FULL", (errno.EFBIG,))
    document_of(InvoiceFactory(financial_year=year), now=NOW)
    export = ask(year, Kind.ZIP, by=accountant)
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        built(export)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert export.failure == Failure.DISK_FULL
    assert list((media / "accounting").iterdir()) == []
    assert "Le disque est plein. Elle reprend dès qu’il y a de la place." in page(browser, year)
    assert built(export).built_at is not None
    assert "Le disque est plein" not in page(browser, year)


def test_an_error_says_so_and_is_tried_again(year, accountant, browser, media, monkeypatch):
    InvoiceFactory(financial_year=year)
    export = ask(year, Kind.ZIP, by=accountant)
    with monkeypatch.context() as patched:
        patched.setattr(accounting_exports, "pdf_of", lambda invoice, *, now: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            make_accounting_export(export.pk)
    assert list((media / "accounting").iterdir()) == []
    assert "Une erreur l’a interrompue. Un autre essai suit." in page(browser, year)
    assert built(export).failure == ""


def build_elsewhere(export, *, media, ledger):
    """As a worker does: in a process of its own, with the database of the tests."""
    url = sockets.database_url(VAR_DIR).removesuffix(sockets.DATABASE) + connection.settings_dict["NAME"]
    of_the_tests = {"DATABASE_URL": url, "SOFRATEL_MODE": "test", "DJANGO_SETTINGS_MODULE": "tests.settings"}
    code = f"from interventions.tasks import make_accounting_export; make_accounting_export({export.pk})"
    return subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=ROOT,
        env=os.environ | of_the_tests | {"MEDIA_ROOT": str(media), "LEDGER_ROOT": str(ledger)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def until(happened, process=None):
    give_up_at = time.monotonic() + PATIENCE
    while not happened():
        assert process is None or process.poll() is None, process.stderr.read().decode()
        assert time.monotonic() < give_up_at
        time.sleep(0.02)


@pytest.mark.django_db(transaction=True)
def test_one_that_was_killed_is_taken_up_again(media, ledger):
    """A pipe that nobody writes to stands in for a file that takes long to read."""
    year, accountant = FinancialYearFactory(), UserFactory(role="accounting")
    first, second = (InvoiceFactory(financial_year=year) for _ in range(2))
    document_of(first, now=NOW)
    slow = media / document_of(second, now=NOW).file.name
    kept = slow.read_bytes()
    slow.unlink()
    os.mkfifo(slow)
    export = ask(year, Kind.ZIP, by=accountant, now=NOW)

    process = build_elsewhere(export, media=media, ledger=ledger)
    until(lambda: AccountingExport.objects.get(pk=export.pk).done == 1, process)
    make_accounting_export(export.pk)  # leaves it alone
    process.kill()
    process.communicate()
    assert AccountingExport.objects.get(pk=export.pk).built_at is None

    slow.unlink()
    slow.write_bytes(kept)
    until(lambda: built(export).built_at is not None)
    assert zipped(export).namelist() == [f"{first.number}.pdf", f"{second.number}.pdf"]
    after_a_day = timezone.now() + timedelta(days=2)
    left = sweep(registry=registry, now=after_a_day, commit=True).orphans
    assert all(path.startswith("accounting/") for path in left)
    assert [path.name for path in (media / "accounting").iterdir()] == [Path(export.file.name).name]


def test_it_is_gone_after_a_day(year, accountant, media):
    export = built(ask(year, by=accountant, now=timezone.now()))
    purge(now=timezone.now(), commit=True)
    assert (media / export.file.name).exists()
    purge(now=timezone.now() + timedelta(days=2), commit=True)
    assert not AccountingExport.objects.exists()
    assert list((media / "accounting").iterdir()) == []


# The page -------------------------------------------------------------------------------------------------------------


def test_accounting_goes_from_the_page_to_the_file(browser, year):
    InvoiceFactory(financial_year=year, billed_name=CANARY)
    assert "Pas demandé" in page(browser, year)
    back = browser.post(reverse("admin:books_export", args=[year.pk, "fec"]))
    assert back.url == reverse("admin:books", args=[year.pk])
    export = AccountingExport.objects.get()
    assert "<progress" in page(browser, year)
    assert 'http-equiv="refresh"' in page(browser, year)

    built(export)
    shown = page(browser, year)
    assert 'http-equiv="refresh"' not in shown
    address = reverse("admin:books_download", args=[year.pk, export.pk])
    assert address in shown
    response = browser.get(address)
    assert CANARY in b"".join(response.streaming_content).decode("iso-8859-15")
    assert response["Content-Disposition"] == f'attachment; filename="450607429FEC{year.closes_on:%Y%m%d}.txt"'
    assert "no-store" in response["Cache-Control"]
    actions = JournalEntry.objects.filter(model="interventions.AccountingExport").values_list("action", flat=True)
    assert list(actions.order_by("pk")) == ["ask_accounting_export", "download_accounting_export"]

    browser.post(reverse("admin:books_cancel", args=[year.pk, export.pk]))
    again = browser.post(reverse("admin:books_cancel", args=[year.pk, export.pk]), follow=True)
    assert "n’existait déjà plus" in again.content.decode()
    assert not AccountingExport.objects.exists()


def test_a_file_that_does_not_open_says_so(browser, year, accountant, media):
    export = built(ask(year, by=accountant))
    (media / export.file.name).unlink()
    response = browser.get(reverse("admin:books_download", args=[year.pk, export.pk]), follow=True)
    assert "Ce fichier ne se lit plus. Refaites l’export." in response.content.decode()


def test_one_that_is_not_built_is_not_there(browser, year, accountant):
    export = ask(year, by=accountant)
    assert browser.get(reverse("admin:books_download", args=[year.pk, export.pk])).status_code == 404
    other = FinancialYearFactory(starts_on=year.starts_on.replace(year=year.starts_on.year - 1))
    assert browser.get(reverse("admin:books_download", args=[other.pk, built(export).pk])).status_code == 404
    assert browser.get(reverse("admin:books_download", args=[year.pk, export.pk])).status_code == 200


def test_no_other_kind_is_made(browser, year):
    assert browser.post(reverse("admin:books_export", args=[year.pk, "xml"])).status_code == 404


@pytest.mark.parametrize("role", ["administrator", "dpo", "supervisor", "tenant", "landlord_manager"])
def test_nobody_else_exports(client, year, accountant, role):
    """Neither through the pages nor past them."""
    export = built(ask(year, by=accountant))
    other = UserFactory(role=role)
    client.force_login(other)
    for method, name, where in (
        ("post", "books_export", [year.pk, "fec"]),
        ("post", "books_cancel", [year.pk, export.pk]),
        ("get", "books_download", [year.pk, export.pk]),
    ):
        assert getattr(client, method)(reverse(f"admin:{name}", args=where)).status_code in (302, 403)
    with pytest.raises(ArchiveClosed):
        ask(year, Kind.CSV, by=other)
    with pytest.raises(ArchiveClosed):
        accounting_exports.fetch(export, by=other, now=timezone.now())
    assert AccountingExport.objects.get() == export


def test_a_page_costs_the_same_with_more_in_it(browser, year, accountant, django_assert_max_num_queries):
    for kind in Kind:
        ask(year, kind, by=accountant)
    for _ in range(3):
        InvoiceFactory(financial_year=year, issued_on=TODAY)
    with django_assert_max_num_queries(12):
        assert browser.get(reverse("admin:books", args=[year.pk])).status_code == 200
