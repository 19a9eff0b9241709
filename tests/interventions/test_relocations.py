"""A night at a hotel: a supervisor approves, a link tells the hotel, and it is dead at check-out."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from accounts.roles import Role
from interventions import relocations
from interventions.lifecycle import advance
from interventions.models import DeletionAttestation, Relocation, Status
from interventions.relocations import RelocationError, approve, ask, cancel, end_stays
from privacy.disclosure import DisclosureRefused
from privacy.models import Disclosure, Restriction
from privacy.restriction import Restricted
from tests.callcenter.console.conftest import signed_in
from tests.callcenter.console.reading import words
from tests.factories import (
    NOW,
    TODAY,
    HotelFactory,
    InterventionFactory,
    PersonFactory,
    RelocationFactory,
    UserFactory,
)
from tests.outbox import deliver_all

pytestmark = pytest.mark.django_db

NOON = NOW.replace(hour=11, minute=0) + timedelta(days=1)  # in Paris, after the night


@pytest.fixture(autouse=True)
def night():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def supervisor():
    return UserFactory(role=Role.SUPERVISOR)


@pytest.fixture
def stay():
    intervention = InterventionFactory(occupant=PersonFactory(family_name="DELATTRE"), contact_number="+33655511111")
    return RelocationFactory(intervention=intervention, hotel=HotelFactory(email="nuit@hotel.example"))


@pytest.fixture
def link(stay, supervisor):
    approve(stay, reason="Incendie", by=supervisor, now=NOW)
    return link_sent("/hotel/")


def link_sent(part):
    deliver_all(NOW)
    return next(word[word.index(part) :] for word in mail.outbox[-1].body.split() if part in word)


def test_nothing_leaves_before_a_supervisor_approves(stay, supervisor):
    with pytest.raises(RelocationError, match="superviseur"):
        approve(stay, reason="Incendie", by=UserFactory(), now=NOW)
    deliver_all(NOW)
    assert (mail.outbox, Disclosure.objects.count()) == ([], 0)
    approve(stay, reason="Incendie", by=supervisor, now=NOW)
    with pytest.raises(RelocationError, match="déjà"):
        approve(stay, reason="Incendie", by=supervisor, now=NOW)


def test_the_hotel_learns_for_whom_once_it_has_a_room(client, link, stay):
    before = words(client.get(link))
    assert "Personnes 3" in before
    assert "Lit bébé" in before
    assert "DELATTRE" not in before
    assert Disclosure.objects.get().recipient_kind == "hotels"
    client.post(link, {"answer": "yes"})
    after = words(client.get(link))
    assert "DELATTRE" in after
    stay.refresh_from_db()
    assert (stay.confirmed, stay.opened) == (True, 2)
    client.post(link, {"answer": "no"})  # too late to change one's mind by the page
    stay.refresh_from_db()
    assert stay.confirmed is True


def test_a_refusal_ends_it(client, link, stay):
    assert client.get(link).status_code == 200
    assert "C’est noté" in words(client.post(link, {"answer": "no"}))
    assert client.get(link).status_code == 404
    stay.refresh_from_db()
    assert (stay.confirmed, stay.ended_at) == (False, NOW)


def test_it_is_dead_at_noon_after_the_last_night(client, link):
    with time_machine.travel(NOON - timedelta(seconds=1), tick=False):
        assert client.get(link).status_code == 200
    with time_machine.travel(NOON, tick=False):
        assert client.get(link).status_code == 404


def test_it_is_dead_when_cancelled(client, link, stay):
    assert client.get(link).status_code == 200
    cancel(stay, by=UserFactory(), now=NOW)
    assert client.get(link).status_code == 404
    with pytest.raises(RelocationError):
        cancel(stay, by=UserFactory(), now=NOW)


@pytest.mark.parametrize("end", [Status.CANCELLED, Status.REFUSED, Status.CLOSED])
def test_it_is_dead_when_its_intervention_ends(client, link, stay, end):
    other = RelocationFactory()
    assert client.get(link).status_code == 200
    agent, current = UserFactory(), stay.intervention
    advance(current, to=end, by=agent, now=NOW, version=current.version, reason="Plus besoin.")
    assert client.get(link).status_code == 404
    stay.refresh_from_db()
    assert (stay.ended_at, stay.cancelled_by) == (NOW, agent)
    assert Disclosure.objects.get(source_model=Relocation._meta.label).ended_at == NOW
    assert DeletionAttestation.objects.get().hotel == stay.hotel
    assert list(Relocation.objects.going_on()) == [other]


def test_after_check_out_the_hotel_deletes_and_attests(client, link, stay):
    client.get(link)
    assert end_stays(now=NOON - timedelta(seconds=1)) == 0
    assert end_stays(now=NOON) == 1
    assert DeletionAttestation.objects.get().hotel == stay.hotel
    assert Disclosure.objects.get().ended_at == NOON
    deliver_all(NOON)
    body = mail.outbox[-1].body
    assert "/p/effacement/" in body
    address = next(word[word.index("/p/") :] for word in body.split() if "/p/" in word)
    client.post(address)
    assert Disclosure.objects.get().deletion_attested_at == NOW
    assert "Attesté" in words(client.get(address))


def test_a_hotel_that_never_looked_has_nothing_to_delete(link, stay):
    end_stays(now=NOON)
    assert not DeletionAttestation.objects.exists()


def test_a_restriction_and_a_border_stop_it(client, link, stay, supervisor):
    assert client.get(link).status_code == 200
    restriction = Restriction.objects.create(
        person=stay.intervention.occupant, reason="accuracy", started_at=NOW, started_by=UserFactory(), told_at=NOW
    )
    assert client.get(link).status_code == 404
    with pytest.raises(Restricted):
        ask(
            stay.intervention,
            hotel=stay.hotel,
            guests=1,
            from_on=TODAY,
            until_on=TODAY + timedelta(days=1),
            needs=[],
            by=supervisor,
            now=NOW,
        )
    restriction.lifted_at = NOW
    restriction.save()
    abroad = RelocationFactory(hotel=HotelFactory(country="US"))
    abroad.intervention.occupant = PersonFactory()
    abroad.intervention.save()
    with pytest.raises(DisclosureRefused, match="hors de l’Espace économique européen"):
        approve(abroad, reason="Incendie", by=supervisor, now=NOW)


def test_from_the_sheet(client, supervisor):
    intervention, hotel = InterventionFactory(occupant=PersonFactory()), HotelFactory(number="+33611000003")
    agent = signed_in(UserFactory())
    form = reverse("console:new_relocation", args=[intervention.pk])
    nights = {"hotel": hotel.pk, "guests": 2, "from_on": "2026-03-10", "until_on": "2026-03-12", "needs": ["animal"]}
    assert agent.post(form, nights | {"until_on": "2026-03-10"}).status_code == 422
    assert agent.post(form, nights).status_code == 302
    sheet = reverse("console:intervention", args=[intervention.pk])
    assert "Attend l’accord d’un superviseur" in words(agent.get(sheet))
    stay = intervention.relocations.get()
    assert (stay.guests, stay.nights, stay.until_on) == (2, 2, date(2026, 3, 12))
    approving = reverse("console:approve_relocation", args=[stay.pk])
    assert agent.post(approving, {"reason": "Incendie"}).status_code == 403
    signed_in(supervisor).post(approving, {"reason": "Incendie"})
    agent.post(reverse("console:note_hotel_answer", args=[stay.pk]), {"answer": "yes"})
    page = words(agent.get(sheet))
    for said in ("Confirmé par l’hôtel", "Relogement demandé", "Relogement accordé", "Relogement confirmé"):
        assert said in page
    agent.post(reverse("console:cancel_relocation", args=[stay.pk]))
    assert "Annulé" in words(agent.get(sheet))
    assert relocations.find("x", now=NOW) is None
