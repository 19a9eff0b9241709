"""Estimates on the portal: offered by the desk, read, accepted with what the rate of VAT asks for, or refused."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from interventions.invoicing.estimating import EstimateError, accept, offer, refuse
from interventions.models import Estimate, EstimateLine, Intervention
from interventions.models.billing import Unit, VatRate
from privacy.models import JournalEntry, Restriction
from privacy.outbox import sms
from privacy.restriction import Restricted
from tests.factories import NOW, TODAY, InterventionFactory, PhoneFactory, TenancyFactory, UserFactory
from tests.interventions.portal.conftest import signed_in_as
from tests.outbox import deliver_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("night")]

HOME = "/portail/"
INVOICES = "/portail/factures/"


def make_estimate(person, *, vat=VatRate.NORMAL, lines=1, **fields):
    intervention = fields.pop("intervention", None) or InterventionFactory(occupant=person)
    estimate = Estimate.objects.create(
        intervention=intervention,
        person=person,
        billed_name=person.full_name,
        billed_street="12 rue Gambetta",
        billed_postcode="59400",
        billed_city="Cambrai",
        prepared_at=NOW,
        valid_until=fields.pop("valid_until", TODAY + timedelta(days=30)),
        **fields,
    )
    for position in range(1, lines + 1):
        EstimateLine.objects.create(
            estimate=estimate, position=position, designation="Serrure neuve", quantity=1, unit_price=100, vat=vat
        )
    return estimate


@pytest.fixture
def agent():
    return UserFactory(role=Role.AGENT)


@pytest.fixture
def estimate(tenant, agent):
    made = make_estimate(tenant)
    offer(made, by=agent, now=NOW)
    made.refresh_from_db()
    return made


@pytest.fixture
def reduced(tenant, agent):
    made = make_estimate(tenant, vat=VatRate.INTERMEDIATE)
    offer(made, by=agent, now=NOW)
    return made


def address(estimate, act=""):
    return f"/portail/devis/{estimate.pk}/{act}"


# Offered --------------------------------------------------------------------------------------------------------------


def test_an_offer_is_told_by_a_link_and_nothing_else(portal, tenant, agent):
    estimate = make_estimate(tenant)
    assert portal.get(address(estimate)).status_code == 404
    Intervention.objects.update(last_event_at=NOW - timedelta(days=3))

    offer(estimate, by=agent, now=NOW)

    deliver_all(NOW)
    [message] = mail.outbox
    assert message.to == [tenant.user.email]
    assert address(estimate) in message.body
    assert [word for word in ("Serrure", "120", "Delvaux") if word in message.subject + message.body] == []
    assert Intervention.objects.get().last_event_at == NOW
    assert JournalEntry.objects.get(action="offer_estimate").object_id == estimate.pk
    assert portal.get(address(estimate)).status_code == 200


def test_who_has_no_account_is_told_by_sms(tenant, agent):
    PhoneFactory(person=tenant, number="+33612345678")
    offer(make_estimate(tenant), by=agent, now=NOW)
    deliver_all(NOW)
    assert [text.to for text in sms.outbox] == ["+33612345678"]
    assert "/portail/devis/" in sms.outbox[0].text


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"lines": 0}, "aucune ligne"),
        ({"valid_until": TODAY - timedelta(days=1)}, "date de validité"),
        ({"offered_at": NOW}, "déjà proposé"),
    ],
)
def test_what_cannot_be_offered_is_not(tenant, agent, fields, why):
    with pytest.raises(EstimateError, match=why):
        offer(make_estimate(tenant, **fields), by=agent, now=NOW)
    assert not JournalEntry.objects.filter(action="offer_estimate").exists()


def test_one_for_nobody_or_for_a_request_that_is_over_is_not_offered(tenant, agent):
    for_nobody, over = make_estimate(tenant), make_estimate(tenant)
    Estimate.objects.filter(pk=for_nobody.pk).update(person=None)
    Intervention.objects.filter(pk=over.intervention_id).update(status="closed", closed_at=NOW)
    for estimate, why in ((for_nobody, "dites lequel"), (over, "terminée")):
        with pytest.raises(EstimateError, match=why):
            offer(estimate, by=agent, now=NOW)


def test_a_restriction_stops_offer_and_answer(portal, tenant, agent, estimate):
    Restriction.objects.create(person=tenant, started_at=NOW)
    with pytest.raises(Restricted):
        offer(make_estimate(tenant), by=agent, now=NOW)
    assert portal.post(address(estimate, "accepter/")).status_code == 403
    estimate.refresh_from_db()
    assert estimate.answered_at is None


# Answered -------------------------------------------------------------------------------------------------------------


def test_the_page_says_the_price_with_taxes_and_until_when(portal, estimate):
    told = portal.get(address(estimate)).content.decode()
    assert "120,00\N{NO-BREAK SPACE}€" in told
    assert "valable jusqu’au 9\N{NO-BREAK SPACE}avril\N{NO-BREAK SPACE}2026" in told
    assert "deux ans" not in told


def test_quantities_are_told_as_one_says_them(portal, estimate):
    for position, (quantity, unit) in enumerate((("1.500", Unit.HOUR), ("10.000", Unit.ONE), ("0.250", "LS")), start=2):
        EstimateLine.objects.create(
            estimate=estimate, position=position, designation="Pose", quantity=quantity, unit=unit, unit_price=10
        )
    told = portal.get(address(estimate)).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    for words in ("1 × 100,00 €", "1,5 h × 10,00 €", "10 × 10,00 €", "0,25 × 10,00 €"):
        assert words in told


def test_it_is_accepted_in_one_click(portal, tenant, estimate):
    Intervention.objects.update(last_event_at=NOW - timedelta(days=3))
    response = portal.post(address(estimate, "accepter/"), follow=True)
    assert "Vous avez accepté ce devis le 10" in response.content.decode()
    estimate.refresh_from_db()
    assert (estimate.accepted, estimate.answered_at, estimate.attested_at) == (True, NOW, None)
    entry = JournalEntry.objects.get(action="accept_estimate")
    assert (entry.object_id, entry.actor_id) == (estimate.pk, tenant.user.pk)
    assert Intervention.objects.get().last_event_at == NOW


def test_a_reduced_rate_asks_for_its_certificate_and_keeps_it(portal, reduced):
    asked = portal.post(address(reduced, "accepter/"))
    assert asked.status_code == 422
    assert "Cochez cette case" in asked.content.decode()
    reduced.refresh_from_db()
    assert reduced.answered_at is None

    portal.post(address(reduced, "accepter/"), {"attested": "on"})
    reduced.refresh_from_db()
    assert (reduced.accepted, reduced.attested_at) == (True, NOW)
    assert "Vous avez certifié" in portal.get(address(reduced)).content.decode()


def test_nobody_gets_round_the_certificate(reduced):
    with pytest.raises(EstimateError, match="certifiez"):
        accept(reduced, attested=False, by=UserFactory(), now=NOW)


def test_a_refusal_is_asked_once_more(portal, estimate):
    assert "Refuser ce devis" in portal.get(address(estimate, "refuser/")).content.decode()
    estimate.refresh_from_db()
    assert estimate.answered_at is None
    told = portal.post(address(estimate, "refuser/"), follow=True).content.decode()
    assert "Vous avez refusé ce devis" in told
    assert "J’accepte" not in told
    estimate.refresh_from_db()
    assert (estimate.accepted, estimate.answered_at) == (False, NOW)
    assert JournalEntry.objects.filter(action="refuse_estimate", object_id=estimate.pk).count() == 1


def test_the_first_answer_stays(portal, estimate):
    for _click in range(2):
        told = portal.post(address(estimate, "accepter/"), follow=True).content.decode()
    assert "Ce devis est déjà accepté." in told
    assert "Ce devis est déjà accepté." in portal.post(address(estimate, "refuser/"), follow=True).content.decode()
    assert portal.get(address(estimate, "refuser/")).url == address(estimate)
    estimate.refresh_from_db()
    assert estimate.accepted
    assert JournalEntry.objects.filter(object_id=estimate.pk, action__endswith="_estimate").count() == 2
    with pytest.raises(EstimateError):
        refuse(estimate, by=UserFactory(), now=NOW)


def test_it_can_be_accepted_on_its_last_day_and_not_on_the_next(portal, tenant, estimate):
    last = NOW + timedelta(days=30)
    with time_machine.travel(last + timedelta(days=1), tick=False):
        portal.force_login(tenant.user)
        assert "Ce prix était valable" in portal.get(address(estimate)).content.decode()
        told = portal.post(address(estimate, "accepter/"), follow=True).content.decode()
        assert "Ce devis n’est plus valable" in told
    with time_machine.travel(last, tick=False):
        portal.force_login(tenant.user)
        portal.post(address(estimate, "accepter/"))
    estimate.refresh_from_db()
    assert estimate.answered_at == last


def test_it_is_of_no_use_once_the_request_is_over(portal, estimate):
    Intervention.objects.update(status="closed", closed_at=NOW)
    assert "ce devis ne sert plus" in portal.get(address(estimate)).content.decode()
    portal.post(address(estimate, "accepter/"))
    estimate.refresh_from_db()
    assert estimate.answered_at is None
    assert "Un devis attend" not in portal.get(HOME).content.decode()


# Where it is found ----------------------------------------------------------------------------------------------------


def test_the_home_puts_it_first_until_it_is_answered(portal, estimate):
    home = portal.get(HOME).content.decode()
    assert home.index(address(estimate)) < home.index("Vos demandes en cours")
    portal.post(address(estimate, "accepter/"))
    assert address(estimate) not in portal.get(HOME).content.decode()
    assert address(estimate) in portal.get(INVOICES).content.decode()


def test_what_is_not_yours_does_not_exist(tenant, estimate, holder_of):
    assert signed_in_as(tenant).get(address(estimate)).status_code == 200
    neighbour = signed_in_as(TenancyFactory(landlord=estimate.intervention.landlord).person)
    assert [neighbour.get(address(estimate, act)).status_code for act in ("", "refuser/")] == [404, 404]
    assert [neighbour.post(address(estimate, act)).status_code for act in ("accepter/", "refuser/")] == [404, 404]
    assert address(estimate) not in neighbour.get(HOME).content.decode()
    assert address(estimate) not in neighbour.get(INVOICES).content.decode()
    by_link = holder_of(tenant, estimate.intervention)
    assert by_link.get(address(estimate)).status_code == 302  # an account is needed to sign for money
    assert by_link.post(address(estimate, "accepter/")).status_code == 302
    estimate.refresh_from_db()
    assert estimate.answered_at is None


def test_the_desk_reads_the_answer_on_its_sheet(portal, agent, estimate):
    desk = Client()
    desk.force_login(agent)
    sheet = f"/console/interventions/{estimate.intervention_id}/"
    assert "attend la réponse" in desk.get(sheet).content.decode()
    portal.post(address(estimate, "accepter/"))
    told = desk.get(sheet).content.decode()
    assert f"Devis {estimate.reference}" in told
    assert "accepté le" in told


@pytest.mark.parametrize("address_of", [address, lambda _: HOME, lambda _: INVOICES])
def test_pages_cost_the_same_however_much_there_is(portal, tenant, agent, estimate, address_of):
    counts = []
    for more in (1, 4):
        for _ in range(more):
            offer(make_estimate(tenant, lines=3, vat=VatRate.REDUCED), by=agent, now=NOW)
        EstimateLine.objects.create(
            estimate=estimate, position=9, designation="Pose", quantity=1, unit_price=10, vat=VatRate.NORMAL
        )
        with CaptureQueriesContext(connection) as queries:
            assert portal.get(address_of(estimate)).status_code == 200
        counts.append(len(queries))
    assert len(set(counts)) == 1
    assert counts[0] <= 12
