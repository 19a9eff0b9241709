"""What a manager takes along: spreadsheets without formulas, and the annual report."""

import csv
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, StringIO

import pytest
import time_machine
from django.db import IntegrityError, transaction
from openpyxl import load_workbook

from interventions.annual_reports import as_pdf, freeze, freeze_due
from interventions.models import AnnualReport, Intervention, MonthlyFigure, Status
from interventions.publication import Publication, compute
from interventions.spreadsheets import csv_of, neutral, xlsx_of
from interventions.statistics import top_up
from interventions.tasks import count_figures
from privacy.journal import FORMULA
from privacy.models import Disclosure
from privacy.retention.purge import purge
from tests.factories import DwellingFactory, InterventionFactory, ResidenceFactory
from tests.interventions.test_suppression import draw

pytestmark = pytest.mark.django_db

COLUMNS = [
    *("Référence", "Secteur", "Résidence", "Adresse", "Logement", "Problème", "État"),
    *("Ouverte le", "Sur place avant", "Sur place le", "Terminée le"),
]


def content_of(client, address):
    response = client.get(address)
    assert response.status_code == 200
    return b"".join(response)


def rows_of_csv(content):
    return list(csv.reader(StringIO(content.decode().removeprefix("\ufeff")), delimiter=";"))


def rows_of_xlsx(content):
    book = load_workbook(BytesIO(content))
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()], book


def test_exactly_these_columns_and_nobody_in_them(client, job):
    rows = rows_of_csv(content_of(client, "/bailleur/interventions/export.csv"))
    assert rows[0] == COLUMNS
    assert rows[1][0] == job.reference
    assert rows[1][4] == "étage 3, porte 12"
    assert len(rows) == 2
    written = str(rows)
    assert not [word for word in ("DELMOTTE", "Delmotte", "3361234", "peur", "voisine", "Benali") if word in written]
    assert Disclosure.objects.filter(source_id=job.pk).exists()

    in_book, _ = rows_of_xlsx(content_of(client, "/bailleur/interventions/export.xlsx"))
    assert in_book[0] == COLUMNS
    assert in_book[1][0] == job.reference
    assert isinstance(in_book[1][7], datetime)


def test_no_cell_is_read_as_a_formula(client, job):
    for sign in FORMULA:
        ResidenceFactory(landlord=job.landlord, name=f"{sign}HYPERLINK(1)")
    for residence in job.landlord.residences.exclude(pk=job.residence_id):
        dwelling = DwellingFactory(residence=residence, door="=1+1")
        InterventionFactory(residence=residence, dwelling=dwelling)

    rows = rows_of_csv(content_of(client, "/bailleur/interventions/export.csv"))
    assert len(rows) == 2 + len(FORMULA)
    assert not [cell for row in rows for cell in row if cell.startswith(FORMULA)]
    in_book, book = rows_of_xlsx(content_of(client, "/bailleur/interventions/export.xlsx"))
    assert not [cell for row in in_book for cell in row if isinstance(cell, str) and cell.startswith(FORMULA)]
    assert not [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize("text", ["=1+1", "+33", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_each_sign_that_begins_a_formula_is_neutralised(text):
    assert neutral(text) == f"'{text}"
    assert f"'{text}" in "".join(csv_of([[text]]))
    with xlsx_of([("Essai", [["Titre"], [text]])]) as file:
        cell = load_workbook(file).worksheets[0]["A2"]
    assert cell.data_type == "s"
    assert neutral("Lift") == "Lift"
    assert neutral(-3) == -3


def test_the_filters_of_the_page_hold_for_the_file(client, job):
    ended = InterventionFactory(residence=job.residence, status=Status.CANCELLED)
    both = rows_of_csv(content_of(client, "/bailleur/interventions/export.csv"))
    assert {row[0] for row in both[1:]} == {job.reference, ended.reference}

    rows = rows_of_csv(content_of(client, "/bailleur/interventions/export.csv?etat=en-cours"))
    assert [row[0] for row in rows[1:]] == [job.reference]


# The annual report ----------------------------------------------------------------------------------------------------

FEBRUARY = datetime(2026, 2, 1, 3, 15, tzinfo=UTC)


@pytest.fixture
def year(landlord):
    """A year of figures."""
    residences = [ResidenceFactory(landlord=landlord, sector=sector) for sector in ("Cambrai", "Cambrai", "Caudry")]
    size = draw(5, landlord=landlord, residences=residences)
    assert size > 100
    return size


def test_a_year_is_frozen_in_february_and_not_before(landlord, year):
    assert freeze_due(now=FEBRUARY - timedelta(days=1)) == 0
    assert freeze_due(now=FEBRUARY) == 1

    report = AnnualReport.objects.get()
    assert (report.landlord, report.year) == (landlord, 2025)
    assert report.figures["total"] == year
    assert freeze_due(now=FEBRUARY + timedelta(days=1)) == 0


def test_a_february_that_was_missed_is_made_up_for(landlord, year):
    assert freeze_due(now=datetime(2027, 1, 5, tzinfo=UTC)) == 1


def test_what_was_frozen_never_changes(landlord, year, client):
    freeze(landlord, year=2025, now=FEBRUARY)
    report = AnnualReport.objects.get()
    MonthlyFigure.objects.filter(landlord=landlord).update(count=1000)

    assert freeze(landlord, year=2025, now=FEBRUARY).figures == report.figures
    assert str(year) in client.get("/bailleur/chiffres/?annee=2025").content.decode()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AnnualReport.objects.update(year=2024)


def test_the_night_counts_then_freezes(landlord):
    residence = ResidenceFactory(landlord=landlord)
    InterventionFactory.create_batch(
        6, residence=residence, status=Status.CLOSED, opened_at=datetime(2025, 12, 31, 12, tzinfo=UTC)
    )
    with time_machine.travel(FEBRUARY):
        count_figures()

    assert AnnualReport.objects.get().figures["total"] == 6


@pytest.mark.django_db(transaction=True)
def test_what_ended_on_the_first_of_january_is_in_the_report_that_comes_before_its_deletion(landlord):
    residence = ResidenceFactory(landlord=landlord)
    InterventionFactory.create_batch(
        7, residence=residence, status=Status.CLOSED, opened_at=datetime(2025, 1, 1, 8, tzinfo=UTC)
    )
    top_up()
    purge(now=datetime(2026, 2, 28, 12, tzinfo=UTC), commit=True)
    assert Intervention.objects.count() == 7
    freeze_due(now=datetime(2026, 2, 28, 12, tzinfo=UTC))
    live = compute(landlord, year=2025, today=date(2026, 2, 28))

    purge(now=datetime(2026, 3, 2, 12, tzinfo=UTC), commit=True)

    assert not Intervention.objects.exists()
    assert Publication.from_json(AnnualReport.objects.get().figures) == live
    assert live.total == 7


def test_the_report_is_a_document_always_the_same(client, landlord, year):
    report = freeze(landlord, year=2025, now=FEBRUARY)
    first, second = (content_of(client, f"/bailleur/rapports/{report.pk}/pdf/") for _ in range(2))
    assert first == second == as_pdf(AnnualReport.objects.get())
    assert first.startswith(b"%PDF-1.7")
    assert b"Rapport annuel 2025" in first


def test_the_report_says_the_same_on_screen_and_in_a_spreadsheet(client, landlord, year):
    report = freeze(landlord, year=2025, now=FEBRUARY)
    published = Publication.from_json(report.figures)
    rows = rows_of_csv(content_of(client, f"/bailleur/rapports/{report.pk}/csv/"))
    numbers = {tuple(row[:4]): row[4] for row in rows[1:]}

    for line in published.tables["trades"].lines:
        shown = "n. p." if line.total is None else str(line.total)
        assert numbers["Métiers", "", line.label, "Année"] == shown
    assert numbers["Interventions terminées", "", "Toutes", "Année"] == str(year)
    page = client.get(f"/bailleur/rapports/{report.pk}/").content.decode()
    assert f"{year} interventions terminées en 2025" in page
    assert "n.&nbsp;p." in page
    assert "Rapport annuel 2025" in page


def test_another_landlords_report_is_not_there(client, landlord, year, elsewhere):
    theirs = freeze(elsewhere.landlord, year=2025, now=FEBRUARY)
    own = freeze(landlord, year=2025, now=FEBRUARY)
    assert client.get(f"/bailleur/rapports/{own.pk}/").status_code == 200
    for end in ("", "pdf/", "csv/"):
        assert client.get(f"/bailleur/rapports/{theirs.pk}/{end}").status_code == 404
    assert f"/bailleur/rapports/{theirs.pk}/" not in client.get("/bailleur/rapports/").content.decode()


def test_a_year_of_four_interventions_publishes_nothing(client, landlord):
    residence = ResidenceFactory(landlord=landlord)
    InterventionFactory.create_batch(
        4, residence=residence, status=Status.CLOSED, opened_at=datetime(2025, 5, 1, tzinfo=UTC)
    )
    top_up()
    assert compute(landlord, year=2025, today=date(2026, 1, 2)) == Publication(2025, (), (), None, {})
    assert "Moins de cinq interventions" in client.get("/bailleur/chiffres/?annee=2025").content.decode()
    assert as_pdf(freeze(landlord, year=2025, now=FEBRUARY)).startswith(b"%PDF")


def test_figures_leave_as_a_sheet_for_each_table(client, landlord, year):
    _, book = rows_of_xlsx(content_of(client, "/bailleur/chiffres/export.xlsx?annee=2025"))
    assert book.sheetnames[:3] == ["Interventions terminées", "Métiers", "Issue et délai des travaux"]
    rows = rows_of_csv(content_of(client, "/bailleur/chiffres/export.csv?annee=2025"))
    assert rows[0] == ["Tableau", "Partie de", "Ligne", "Période", "Nombre"]
    assert {row[4] for row in rows[1:] if row[4].isdigit() and int(row[4]) < 5} == set()
