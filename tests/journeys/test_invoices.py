"""Work at a tenant's expense: an estimate accepted, the work done, billed, kept, paid. And each page, seen by all."""

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.roles import Role
from interventions.invoicing.estimating import offer
from interventions.invoicing.issuing import issue
from interventions.invoicing.payments import note
from interventions.invoicing.preparing import for_tenant, prepare_credit, prepare_from_estimate
from interventions.lifecycle import advance
from interventions.models import Estimate, EstimateLine, Intervention, Invoice, Status
from interventions.models.billing import VatRate
from interventions.models.invoices import CreditReason
from tests.factories import (
    DwellingFactory,
    FinancialYearFactory,
    InterventionFactory,
    InvoiceFactory,
    PersonFactory,
    ProviderFactory,
    TenancyFactory,
    TransitionFactory,
    UserFactory,
)
from tests.journeys.test_every_page import AXE, LONG, SERIOUS, TOO_WIDE, heard
from tests.journeys.test_follow import is_told
from tests.journeys.test_landlord_year import sign_in
from tests.journeys.test_report import SIZES, VISITS, sees
from tests.journeys.test_sign_in import enter
from tests.outbox import deliver_all
from tests.signing_in import user_with_password

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def job():
    """Somebody is there, and a lock has to be replaced at the tenant's expense."""
    FinancialYearFactory(starts_on=date(timezone.localdate().year, 1, 1))
    dwelling = DwellingFactory()
    tenant = TenancyFactory(dwelling=dwelling, person=PersonFactory(family_name="Delvaux", given_name="Inès")).person
    made = InterventionFactory(
        residence=dwelling.residence,
        dwelling=dwelling,
        occupant=tenant,
        status=Status.ON_SITE,
        opened_at=timezone.now(),
        provider=ProviderFactory(),
    )
    TransitionFactory(intervention=made, at=timezone.now())
    return made


def estimate_of(job: Intervention, *, what: str = "Serrure trois points, posée", price: str = "120") -> Estimate:
    now = timezone.now()
    assert job.occupant is not None
    made = Estimate.objects.create(
        **for_tenant(job.occupant, of=job),
        intervention=job,
        prepared_at=now,
        valid_until=timezone.localdate() + timedelta(days=30),
    )
    EstimateLine.objects.create(
        estimate=made, position=1, designation=what, quantity=1, unit_price=price, vat=VatRate.INTERMEDIATE
    )
    return made


def follow_last_mail(page: Page, site: str) -> None:
    deliver_all(timezone.now())
    path = re.search(r"https?://[^/\s]+(/\S+)", str(mail.outbox[-1].body))
    assert path is not None
    page.goto(site + path[1])


@pytest.mark.parametrize(("size", "scripts"), VISITS, ids=["390", "1440-no script"])
def test_from_the_estimate_to_the_last_euro(visitor, site, job, scripts, size):
    accountant, agent, now = UserFactory(role=Role.ACCOUNTING), UserFactory(), timezone.now()
    tenant = user_with_password(role=Role.TENANT, email="ines@exemple.example", person=job.occupant)
    phone = visitor(viewport=size, java_script_enabled=scripts)
    complaints = heard(phone)
    enter(phone, site, tenant.email)
    sees(phone, "Bonjour")

    estimate = estimate_of(job)
    offer(estimate, by=accountant, now=now)
    follow_last_mail(phone, site)
    expect(phone.locator("main")).to_contain_text("132,00")
    phone.get_by_label("Je certifie que le logement a plus de deux ans").check()
    phone.get_by_role("button", name="J’accepte").click()
    is_told(phone, "vous acceptez ce devis")
    expect(phone.locator("main")).to_contain_text("Vous avez certifié")

    for to in (Status.DONE, Status.CLOSED):
        job.refresh_from_db()
        advance(job, to=to, by=agent, now=timezone.now(), version=job.version)
    estimate.refresh_from_db()
    invoice = issue(prepare_from_estimate(estimate, by=accountant, now=now), by=accountant, now=timezone.now())

    phone.get_by_role("link", name="Accueil").click()
    phone.get_by_role("link", name="Mes factures").click()
    phone.get_by_role("link", name="Serrure trois points").click()
    expect(phone.locator("main")).to_contain_text("132,00\N{NO-BREAK SPACE}€ à payer")
    expect(phone.locator("main")).to_contain_text("IBAN")
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Télécharger la facture").click()
    assert download.value.suggested_filename == f"{invoice.number}.pdf"
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")

    note(invoice, method="cash", amount=Decimal(132), received_on=timezone.localdate(), by=accountant, now=now)
    phone.reload()
    expect(phone.locator(".sheet-ref")).to_contain_text("Payée")
    expect(phone.locator("main")).to_contain_text("En espèces")
    assert complaints == []


def test_an_estimate_is_refused_in_two_steps_and_an_invoice_asked_about(visitor, site, job):
    phone = visitor(viewport=SIZES[0])
    tenant = user_with_password(role=Role.TENANT, email="ines@exemple.example", person=job.occupant)
    estimate = estimate_of(job)
    offer(estimate, by=None, now=timezone.now())
    invoice = bill(job)
    enter(phone, site, tenant.email)
    expect(phone.get_by_role("heading", name="Un devis attend votre réponse")).to_be_visible()
    phone.locator("[aria-labelledby=estimates] a").click()
    phone.get_by_role("link", name="Je refuse").click()
    sees(phone, "Refuser ce devis")
    phone.get_by_role("button", name="Refuser ce devis").click()
    is_told(phone, "vous refusez ce devis")
    phone.goto(f"{site}/portail/factures/{invoice.pk}/")
    phone.get_by_role("link", name="Poser une question").click()
    expect(phone.get_by_label("En quelques mots")).to_have_value(f"Facture {invoice.number}")


def bill(job: Intervention, **fields: object) -> Invoice:
    today = timezone.localdate()
    year = FinancialYearFactory(starts_on=date(today.year, 1, 1))
    debtor = fields or {"person": job.occupant, "intervention": job}
    return InvoiceFactory(financial_year=year, issued_on=today, **debtor)


@pytest.mark.parametrize(
    ("size", "theme"), [*zip(SIZES, ["dark", "light"], strict=True)], ids=["390-dark", "1440-light"]
)
def test_every_page_fits_and_can_be_read_by_all(visitor, site, job, size, theme):
    now = timezone.now()
    long = estimate_of(job, what=LONG, price="123456.7891")
    waiting, refused = estimate_of(job), estimate_of(job)
    for each in (long, waiting, refused):
        offer(each, by=None, now=now)
    Estimate.objects.filter(pk=refused.pk).update(answered_at=now, accepted=False)
    Estimate.objects.filter(pk=long.pk).update(answered_at=now, accepted=True, attested_at=now)
    long.refresh_from_db()
    invoice, paid, credited = (
        issue(prepare_from_estimate(long, by=None, now=now), by=None, now=now),
        bill(job),
        bill(job),
    )
    note(paid, method="cheque", amount=Decimal("100.00"), received_on=now.date(), by=None, now=now)
    credit = issue(prepare_credit(credited, reason=CreditReason.ERROR, by=None, now=now), by=None, now=now)
    bill(job, landlord=job.landlord, billed_name=LONG)
    tenant = user_with_password(role=Role.TENANT, email="ines@exemple.example", person=job.occupant)

    wrong: dict[str, list[str]] = {}
    page = visitor(viewport=size, color_scheme=theme, reduced_motion="reduce")
    enter(page, site, tenant.email)
    sees(page, "Bonjour")
    look(
        page,
        site,
        wrong,
        "/portail/",
        "/portail/factures/",
        *(f"/portail/factures/{each.pk}/" for each in (invoice, paid, credited, credit)),
        f"/portail/factures/{invoice.pk}/paiement/",
        *(f"/portail/devis/{each.pk}/" for each in (long, waiting, refused)),
        f"/portail/devis/{waiting.pk}/refuser/",
    )
    estate = visitor(viewport=size, color_scheme=theme, reduced_motion="reduce")
    sign_in(estate, site, job.landlord)
    look(estate, site, wrong, "/bailleur/factures/")
    assert wrong == {}


def look(page: Page, site: str, wrong: dict[str, list[str]], *addresses: str) -> None:
    complaints = heard(page)
    for address in addresses:
        answer = page.goto(site + address, wait_until="load")
        assert answer is not None
        assert answer.status == 200
        page.evaluate(AXE)
        if found := [*page.evaluate(TOO_WIDE), *page.evaluate(SERIOUS), *complaints]:
            wrong[address] = found
        complaints.clear()
