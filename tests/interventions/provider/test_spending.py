"""Above the limit the landlord decides, by a link that shows the least."""

from decimal import Decimal

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from interventions import spending
from interventions.lifecycle import advance
from interventions.models import LandlordContact, SpendingApproval, Status
from privacy.models import Disclosure
from privacy.outbox import sms
from tests.callcenter.console.reading import words
from tests.factories import UserFactory
from tests.interventions.provider.jobs import links_sent
from tests.outbox import deliver_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(job, provider, now):
    """Accepted, by a provider with a limit, for a landlord who can be asked. Its own link has been read."""
    provider.spending_limit = Decimal(300)
    provider.save()
    LandlordContact.objects.create(landlord=job.landlord, name="Accueil", email="accueil@bailleur.example")
    LandlordContact.objects.create(
        landlord=job.landlord, name="C. Vasseur", email="cadre@bailleur.example", approves_spending=True
    )
    return advance(job, to=Status.ACCEPTED, by=UserFactory(), now=now, version=job.version)


@pytest.fixture
def decision(job, address, say):
    """The landlord's page."""
    assert say("spend", amount="450,50", text="Remplacement du ballon.").status_code == 302
    [link] = links_sent(timezone.now())
    return link


@pytest.mark.parametrize(
    ("providers", "landlords", "limit"),
    [(300, None, 300), (None, 200, 200), (300, 200, 200), (200, 300, 200), (None, None, None)],
)
def test_the_lower_limit_holds(job, provider, providers, landlords, limit):
    provider.spending_limit, job.landlord.spending_limit = providers, landlords
    assert spending.limit_for(job, provider=provider) == limit


@pytest.mark.parametrize("amount", ["300", "0,01"])
def test_below_the_limit_nobody_is_asked(say, amount, now):
    page = say("spend", amount=amount, text="Joint.")
    assert page.status_code == 422
    assert "aucun accord n’est nécessaire" in words(page)
    assert not SpendingApproval.objects.exists()


@pytest.mark.parametrize("amount", ["", "beaucoup", "-5", "NaN", "1e9", "99999999999"])
def test_what_is_no_amount_is_refused(say, amount):
    assert say("spend", amount=amount, text="Ballon.").status_code == 422
    assert not SpendingApproval.objects.exists()


def test_whoever_approves_gets_a_link_and_nothing_else(job, address, say):
    say("spend", amount="450,50", text="Remplacement du ballon.")
    deliver_all(timezone.now())
    assert [message.to for message in mail.outbox] == [["cadre@bailleur.example"]]
    assert not sms.outbox
    said = f"{mail.outbox[0].subject} {mail.outbox[0].body}"
    for hidden in ("450", "ballon", "Gambetta", job.reference, "Wallez", "Delattre"):
        assert hidden not in said


def test_its_page_shows_what_the_decision_needs_and_no_more(client, decision, job):
    text = words(client.get(decision))
    for shown in ("450,50 € HT", "Remplacement du ballon.", "Plomberie Wallez", "12 rue Gambetta", job.reference):
        assert shown in text
    for hidden in ("Delattre", "12A34", "06 12 34 56 78", "Porte 12", "sieste"):
        assert hidden not in text
    [given] = Disclosure.objects.filter(person=job.occupant, recipient_kind="landlords")
    assert given.fields == ["adresse", "problème", "référence"]


@pytest.mark.parametrize(("said", "approved", "told"), [("yes", True, "accepte"), ("no", False, "refuse")])
def test_the_decision_is_kept_and_seen_by_all(client, address, decision, job, said, approved, told):
    assert "Accord demandé" in words(client.get(address))
    assert client.post(decision, {"decision": said}).status_code == 200
    approval = SpendingApproval.objects.get()
    assert (approval.approved, approval.noted_by, approval.asked_by) == (approved, None, None)
    assert f"Le bailleur {told} la dépense de 450,50 € HT" in words(client.get(address))
    client.force_login(UserFactory(role=Role.AGENT))
    timeline = words(client.get(reverse("console:intervention", args=[job.pk])))
    label = "Dépense acceptée" if approved else "Dépense refusée"
    assert f"Le bailleur {label} : 450,50 € HT, Remplacement du ballon." in timeline
    assert "Le prestataire Accord de dépense demandé" in timeline


def test_it_is_decided_once(client, decision):
    assert client.post(decision, {"decision": "peut-être"}).status_code == 200
    assert SpendingApproval.objects.get().approved is None
    client.post(decision, {"decision": "no"})
    assert client.post(decision, {"decision": "yes"}).status_code == client.get(decision).status_code == 404
    assert SpendingApproval.objects.get().approved is False


def test_it_is_dead_with_the_job(client, decision, job, now):
    assert client.get(decision).status_code == 200
    advance(job, to=Status.CANCELLED, by=UserFactory(), now=now, version=job.version, reason="Erreur.")
    assert client.get(decision).status_code == 404


def test_it_is_asked_once_at_a_time(decision, say):
    page = say("spend", amount="900", text="Chaudière.")
    assert "Un accord est déjà demandé" in words(page)
    assert SpendingApproval.objects.count() == 1


def test_the_desk_asks_and_notes_what_it_is_told(client, job, now):
    LandlordContact.objects.all().delete()
    agent = UserFactory(role=Role.AGENT)
    client.force_login(agent)
    client.post(reverse("console:ask_to_spend", args=[job.pk]), {"amount": "450", "what": "Ballon"})
    approval = SpendingApproval.objects.get()
    assert (approval.asked_by, approval.contact) == (agent, None)
    assert "Appelez le bailleur" in words(client.get(reverse("console:intervention", args=[job.pk])))
    client.post(reverse("console:note_decision", args=[approval.pk]), {"decision": "yes"})
    approval.refresh_from_db()
    assert (approval.approved, approval.noted_by) == (True, agent)


def test_an_amount_that_cannot_be_is_shown_again_with_what_was_typed(client, job):
    client.force_login(UserFactory(role=Role.AGENT))
    sheet = client.post(reverse("console:ask_to_spend", args=[job.pk]), {"amount": "beaucoup", "what": "Ballon"})
    assert sheet.status_code == 422
    assert "Donnez un montant" in words(sheet)
    assert 'value="Ballon"' in sheet.content.decode()
    assert not SpendingApproval.objects.exists()
