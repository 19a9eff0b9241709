"""Following a request on a phone, from the SMS to the opinion, with an agent at the desk on the other side."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.roles import Role
from interventions.complaints import give_final_answer
from interventions.lifecycle import Slot, advance
from interventions.models import Appointment, Complaint, Intervention, Status, TenantMessage
from interventions.surveys import PURPOSE
from privacy import consent
from privacy.outbox import sms
from tests.factories import (
    InterventionFactory,
    PersonFactory,
    PhoneFactory,
    ProviderFactory,
    TenancyFactory,
    TransitionFactory,
    UserFactory,
)
from tests.journeys.desk import Desk, make_agent
from tests.journeys.test_every_page import AXE, SERIOUS, TOO_WIDE, heard
from tests.journeys.test_report import SIZES, VISITS, sees
from tests.journeys.test_sign_in import enter
from tests.outbox import deliver_all
from tests.signing_in import user_with_password

pytestmark = pytest.mark.django_db(transaction=True)

S = Status


def step(intervention, to, **details):
    agent, now = UserFactory(), timezone.now()
    intervention.refresh_from_db()
    return advance(intervention, to=to, by=agent, now=now, version=intervention.version, **details)


def in_hours(hours: int) -> Slot:
    start = timezone.now() + timedelta(hours=hours)
    return Slot(start, start + timedelta(hours=2))


@pytest.fixture
def accepted():
    """A request that a provider has accepted, of somebody with a mobile and no account."""
    tenant = TenancyFactory(person=PersonFactory(family_name="Delvaux")).person
    PhoneFactory(person=tenant, number="+33612345678")
    now = timezone.now()
    intervention = InterventionFactory(
        occupant=tenant, reported_by=tenant, status=S.ACCEPTED, opened_at=now, provider=ProviderFactory()
    )
    TransitionFactory(intervention=intervention, at=now)
    return intervention


def open_last_text(page: Page, site: str) -> None:
    deliver_all(timezone.now())
    page.goto(site + "/portail" + sms.outbox[-1].text.partition("/portail")[2].split()[0])
    page.get_by_role("button", name="Continuer").click()


def is_told(page: Page, words: str) -> None:
    expect(page.locator("#messages")).to_contain_text(words)


@pytest.mark.parametrize(("size", "scripts"), VISITS, ids=["390", "1440-no script"])
def test_by_a_link_from_the_appointment_to_the_opinion(visitor, site, accepted, scripts, size):
    phone = visitor(viewport=size, java_script_enabled=scripts)
    complaints = heard(phone)
    consent.give(accepted.occupant, purpose=PURPOSE, channel="phone", by=None, now=timezone.now())
    step(accepted, S.APPOINTMENT, slot=in_hours(24))

    open_last_text(phone, site)
    sees(phone, accepted.problem.label)
    phone.get_by_role("button", name="Je serai là").click()
    is_told(phone, "vous serez là")
    expect(phone.locator(".appointment")).to_contain_text("Vous serez là")

    phone.get_by_role("link", name="Messages").click()
    phone.get_by_label("Votre message").fill("Sonnez au 3, s’il vous plaît.")
    phone.get_by_role("button", name="Envoyer").click()
    is_told(phone, "Votre message est arrivé")
    expect(phone.locator(".thread")).to_contain_text("Sonnez au 3")

    desk = Desk(visitor(viewport={"width": 1440, "height": 900}), site)
    desk.sign_in(make_agent("Nadia Benali"))
    desk.page.locator("[aria-labelledby=board-messages] a").click()
    expect(desk.page.locator("#live .facts")).to_contain_text("confirmé par le locataire")
    expect(desk.page.locator("#exchange")).to_contain_text("Sonnez au 3")
    desk.page.get_by_label("Message au locataire").fill("C’est noté.")
    desk.page.locator("#exchange").get_by_role("button", name="Envoyer").click()
    desk.is_told("Message envoyé")
    expect(desk.page.locator("[aria-labelledby=board-messages]")).to_have_count(0)

    open_last_text(phone, site)
    phone.get_by_role("link", name="1 nouveau message").click()
    expect(phone.locator(".thread")).to_contain_text("C’est noté.")
    phone.get_by_role("link", name=accepted.problem.label).click()

    phone.get_by_role("link", name="Changer de rendez-vous").click()
    sees(phone, "Changer de rendez-vous")
    phone.get_by_label("Le samedi").check()
    phone.get_by_role("button", name="Demander un autre rendez-vous").click()
    is_told(phone, "Nous vous proposerons un autre rendez-vous")
    expect(phone.locator(".timeline")).to_contain_text("Vous avez demandé un autre moment.")

    for to in (S.ON_SITE, S.DONE, S.CLOSED):
        step(accepted, to)
    open_last_text(phone, site)
    phone.get_by_role("link", name="Donner votre avis").click()
    phone.get_by_label("Mécontent", exact=True).check()
    phone.get_by_label("Non", exact=True).check()
    phone.get_by_role("button", name="Envoyer mon avis").click()
    sees(phone, "Toujours en panne")
    phone.get_by_label("Qu’est-ce qui ne va toujours pas").fill("Elle goutte encore.")
    phone.get_by_role("button", name="Reprendre ma demande").click()
    is_told(phone, "Nous reprenons votre demande")

    accepted.refresh_from_db()
    assert (accepted.status, accepted.survey_answer.score) == (S.REOPENED, 2)
    assert accepted.appointments.get().answer == Appointment.Answer.MOVED
    assert TenantMessage.objects.for_desk().last().text == "Elle goutte encore."
    assert complaints == []


@pytest.mark.parametrize(("size", "scripts"), VISITS, ids=["390", "1440-no script"])
def test_signed_in_a_complaint_from_its_first_word_to_its_answer(visitor, site, accepted, scripts, size):
    phone = visitor(viewport=size, java_script_enabled=scripts)
    tenant = user_with_password(role=Role.TENANT, email="ines@exemple.example", person=accepted.occupant)
    enter(phone, site, tenant.email)
    phone.get_by_role("link", name=accepted.problem.label).click()
    phone.get_by_role("link", name="Faire une réclamation").click()
    phone.get_by_label("En quelques mots").fill("Retard")
    phone.get_by_label("Que s’est-il passé").fill("Quatre heures de retard.")
    phone.get_by_role("button", name="Envoyer la réclamation").click()
    is_told(phone, "Votre réclamation est enregistrée")
    expect(phone.locator("main")).to_contain_text("Réponse avant le")

    complaint = Complaint.objects.get(intervention=accepted)
    give_final_answer(complaint, text="Le retard est reconnu.", by=UserFactory(), now=timezone.now())
    phone.get_by_role("link", name="Réclamations").click()
    phone.get_by_role("link", name="Retard").click()
    expect(phone.locator(".thread")).to_contain_text("Le retard est reconnu.")
    expect(phone.locator("main")).to_contain_text("Ouvrez une nouvelle réclamation")


@pytest.mark.parametrize(
    ("size", "theme"), [*zip(SIZES, ["dark", "light"], strict=True)], ids=["390-dark", "1440-light"]
)
def test_every_page_fits_and_can_be_read_by_all(visitor, site, accepted, size, theme):
    page = visitor(viewport=size, color_scheme=theme, reduced_motion="reduce")
    complaints = heard(page)
    long = "Anticonstitutionnellement-" * 7
    tenant = accepted.occupant
    consent.give(tenant, purpose=PURPOSE, channel="phone", by=None, now=timezone.now())
    TenantMessage.objects.create(intervention=accepted, person=tenant, at=timezone.now(), text=long * 8)
    closed = InterventionFactory(occupant=tenant, status=S.CLOSED, opened_at=timezone.now())
    complaint = Complaint.objects.create(person=tenant, landlord=closed.landlord, subject=long)
    step(accepted, S.APPOINTMENT, slot=in_hours(24))
    Intervention.objects.filter(pk=accepted.pk).update(description=long * 10)
    enter(page, site, user_with_password(role=Role.TENANT, email="ines@exemple.example", person=tenant).email)
    follow, ended = f"/portail/demandes/{accepted.pk}/", f"/portail/demandes/{closed.pk}/"
    wrong = {}
    for address in (
        "/portail/",
        "/portail/demandes/",
        follow,
        *(follow + act for act in ("messages/", "rendez-vous/changer/", "rendez-vous/annuler/", "annuler/")),
        *(ended + act for act in ("", "toujours-en-panne/", "avis/")),
        "/portail/reclamations/",
        "/portail/reclamations/nouvelle/",
        f"/portail/reclamations/{complaint.pk}/",
    ):
        assert page.goto(site + address, wait_until="load").status == 200
        page.evaluate(AXE)
        if found := [*page.evaluate(TOO_WIDE), *page.evaluate(SERIOUS), *complaints]:
            wrong[address] = found
        complaints.clear()
    assert wrong == {}
