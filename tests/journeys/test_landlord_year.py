"""A landlord's year: a leak without a name, one name that is needed, a year frozen, and the purge that passes."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.roles import Role
from interventions.annual_reports import freeze_due
from interventions.lifecycle import advance
from interventions.models import Intervention, Status
from interventions.statistics import top_up
from privacy.retention.due import PARIS
from privacy.retention.purge import purge
from tests.factories import (
    DwellingFactory,
    InterventionFactory,
    LandlordFactory,
    PersonFactory,
    PhoneFactory,
    ResidenceFactory,
    TransitionFactory,
    UserFactory,
)
from tests.journeys.desk import PASSWORD, make_agent
from tests.journeys.test_every_page import AXE, SERIOUS, TOO_WIDE, heard
from tests.signing_in import code_now

pytestmark = pytest.mark.django_db(transaction=True)

LAST_YEAR = timezone.localdate().year - 1


@pytest.fixture
def landlord():
    return LandlordFactory(name="Habitat du Cambrésis")


@pytest.fixture
def leak(landlord):
    """Open now, at somebody's."""
    now = timezone.now()
    residence = ResidenceFactory(landlord=landlord, name="Les Tilleuls", sector="Cambrai")
    tenant = PersonFactory(family_name="Delmotte", given_name="Éléonore")
    PhoneFactory(person=tenant, number="+33612345678")
    intervention = InterventionFactory(
        residence=residence,
        dwelling=DwellingFactory(residence=residence, floor="3", door="12"),
        occupant=tenant,
        description="Ne pas réveiller le bébé.",
        opened_at=now - timedelta(hours=1),
        suggested_on_site_by=now + timedelta(hours=3),
        status=Status.ACCEPTED,
    )
    TransitionFactory(intervention=intervention, to_status="accepted", at=now - timedelta(minutes=30))
    return intervention


@pytest.fixture
def last_year(landlord):
    """Sixty that ended, most of them within their time."""
    residences = [ResidenceFactory(landlord=landlord, sector=sector) for sector in ("Cambrai", "Caudry")]
    for rank in range(60):
        opened_at = datetime(LAST_YEAR, 1 + rank % 12, 1 + rank % 20, rank % 24, tzinfo=PARIS)
        ended = InterventionFactory(
            residence=residences[rank % 2],
            problem_code=("leak_pipe", "leak_pipe", "no_heating")[rank % 3],
            opened_at=opened_at,
            suggested_on_site_by=opened_at + timedelta(hours=4),
            status=Status.CLOSED,
            closed_at=opened_at + timedelta(days=1),
        )
        TransitionFactory(intervention=ended, to_status="on_site", at=opened_at + timedelta(hours=1 + rank % 5))
    top_up()


def sign_in(page: Page, site: str, landlord) -> None:
    user = make_agent("Marc Vasselin", role=Role.LANDLORD_MANAGER)
    landlord.managers.add(user)
    page.goto(f"{site}/")
    page.goto(f"{site}/bailleur/")
    page.get_by_label("Adresse e-mail").fill(user.email)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_label("Code à six chiffres").fill(code_now())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(landlord.name)


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_a_landlords_year(visitor, site, landlord, leak, last_year, width, theme):
    page = visitor(viewport={"width": width, "height": 900}, color_scheme=theme)
    complaints = heard(page)
    sign_in(page, site, landlord)

    # Where the leak is, what is done about it, and nobody's name.
    page.get_by_role("link", name="Interventions", exact=True).click()
    page.get_by_role("link", name=leak.reference).click()
    body = page.locator("body")
    expect(body).to_contain_text("Les Tilleuls")
    expect(body).to_contain_text("Acceptée")
    for hidden in ("DELMOTTE", "06 12 34 56 78", "bébé"):
        expect(body).not_to_contain_text(hidden)

    # The follow-up needs it, and says why.
    page.get_by_text("J’en ai besoin pour suivre cette intervention").click()
    page.get_by_label("Organiser l’accès au logement").check()
    page.get_by_role("button", name="Voir le nom et le téléphone").click()
    expect(body).to_contain_text("DELMOTTE Éléonore")
    advance(leak, to=Status.CLOSED, by=UserFactory(), now=timezone.now(), version=leak.version, reason="Réparé.")
    page.reload()
    expect(body).to_contain_text("Close")
    expect(body).not_to_contain_text("DELMOTTE")

    # The year that is over is frozen in February, and read on paper.
    freeze_due(now=datetime(LAST_YEAR + 1, 2, 1, 3, 15, tzinfo=PARIS))
    page.get_by_role("link", name="Rapports annuels").click()
    page.get_by_role("link", name=f"{LAST_YEAR}, {landlord.name}").click()
    expect(body).to_contain_text("60 interventions terminées")
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    assert download.value.suggested_filename.endswith(f"-{LAST_YEAR}.pdf")
    assert download.value.path().read_bytes().startswith(b"%PDF")
    before = page.locator("main").inner_text()

    # The purge takes the rows, and nothing from the report.
    purge(now=timezone.now() + timedelta(days=800), commit=True)
    assert not Intervention.objects.exists()
    page.reload()
    assert page.locator("main").inner_text() == before
    page.get_by_role("link", name="Chiffres").click()
    page.get_by_label("Année").select_option(str(LAST_YEAR))
    page.get_by_role("button", name="Afficher").click()
    expect(body).to_contain_text("60 interventions terminées")
    page.get_by_text("Mois par mois").first.click()
    page.evaluate(AXE)
    assert [*page.evaluate(TOO_WIDE), *page.evaluate(SERIOUS), *complaints] == []
