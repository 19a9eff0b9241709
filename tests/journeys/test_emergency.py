"""A flat on fire, and the family's night at a hotel: agent, supervisor and hotel, each on their own page."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from accounts.roles import Role
from interventions.models import EmergencyAlert, Relocation
from privacy.models import Disclosure
from tests.factories import (
    AccessCodeFactory,
    DwellingFactory,
    HotelFactory,
    InterventionFactory,
    PersonFactory,
)
from tests.journeys.desk import Desk, make_agent
from tests.outbox import deliver_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def burning():
    dwelling = DwellingFactory(floor="3", door="12")
    AccessCodeFactory(residence=dwelling.residence, code="7391C")
    return InterventionFactory(
        residence=dwelling.residence,
        dwelling=dwelling,
        occupant=PersonFactory(family_name="DELATTRE"),
        contact_number="+33655511111",
        opened_at=timezone.now(),
    )


def test_flat_fire_and_hotel_night(visitor, site, burning):
    hotel = HotelFactory(name="Hôtel du Beffroi", email="nuit@hotel.example")
    agent, supervisor = make_agent("Nadia Benali"), make_agent("Luc Morel", role=Role.SUPERVISOR)
    desk = Desk(visitor(), site)
    desk.sign_in(agent)

    # The fire: two keys and a click, then what to read out.
    desk.page.goto(f"{site}/console/interventions/{burning.pk}/")
    desk.act("u")
    desk.sees("Prévenir les secours")
    desk.page.get_by_label("Feu ou fumée").check()
    desk.page.get_by_role("button", name="Pompiers").click()
    desk.sees("Pompiers 18")
    told = desk.page.locator(".read-out")
    for each in ("12 rue Gambetta", "porte 12", "7391C", "Feu ou fumée"):
        expect(told).to_contain_text(each)
    expect(told).not_to_contain_text("DELATTRE")
    assert Disclosure.objects.get().recipient_name == "Pompiers (18)"

    # The night: asked by the agent, approved by the supervisor.
    desk.page.get_by_role("link", name="Retour à l’intervention").click()
    desk.act("g")
    desk.sees("Reloger à l’hôtel")
    desk.page.get_by_label("Hôtel").select_option(label=hotel.name)
    desk.page.get_by_label("Personnes").fill("4")
    desk.page.get_by_label("Lit bébé").check()
    desk.page.get_by_role("button", name="Demander l’accord").click()
    desk.is_told("attend l’accord d’un superviseur")
    chief = Desk(visitor(), site)
    chief.sign_in(supervisor)
    chief.page.goto(f"{site}/console/interventions/{burning.pk}/")
    chief.page.locator("#stay").get_by_label("Pourquoi").fill("Logement brûlé")
    chief.page.get_by_role("button", name="Accorder et prévenir l’hôtel").click()
    chief.is_told("Le lien est parti")

    # The hotel answers from its mail, on a telephone.
    deliver_all(timezone.now())
    body = next(str(message.body) for message in mail.outbox if message.to == [hotel.email])
    address = next(word[word.index("/hotel/") :] for word in body.split() if "/hotel/" in word)
    assert "DELATTRE" not in body
    reception = visitor(viewport={"width": 390, "height": 844})
    reception.goto(f"{site}{address}")
    expect(reception.locator("main")).not_to_contain_text("DELATTRE")
    reception.get_by_role("button", name="Oui, nous les recevons").click()
    expect(reception.locator("main")).to_contain_text("DELATTRE")
    expect(desk.page.locator("#timeline, #live").first).to_be_visible()
    assert Relocation.objects.get().confirmed

    # After check-out the link is dead; the supervisor has reviewed the fire.
    today = timezone.localdate()
    Relocation.objects.update(from_on=today - timedelta(days=3), until_on=today - timedelta(days=1))
    assert reception.goto(f"{site}{address}").status == 404
    chief.page.goto(f"{site}/console/secours/")
    chief.page.get_by_label("Conclusion").select_option(label="Appel justifié")
    chief.page.get_by_role("button", name="Relu").click()
    expect(chief.page.locator("main")).to_contain_text("Tout est relu")
    assert EmergencyAlert.objects.get().outcome == "justified"
