"""The DPO's page of who waits to be told, and what is done from it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from privacy.models import RecipientNotice, Restriction, RightsRequest, ThirdPartyNotice
from privacy.outbox.sending import deliver
from privacy.rights import information, restriction
from tests.factories import TODAY, CallFactory, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db

PAGE = "admin:rights_duties"


@pytest.fixture
def dpo(client):
    user = UserFactory(role=Role.DPO)
    client.force_login(user)
    return user


def act(client, word, row, **said):
    return client.post(reverse("admin:rights_duty", args=[word, row.pk]), said, follow=True).content.decode()


def notice(name="Plombier Martin"):
    now = timezone.now()
    request = RightsRequest.objects.create(
        person=PersonFactory(),
        right="erasure",
        received_on=TODAY,
        outcome="granted",
        decided_at=now,
        executed_at=now,
    )
    return RecipientNotice.objects.create(
        request=request, recipient_kind="trades", recipient_name=name, made_at=now, pieces=[]
    )


def test_recipients_wait_there_until_they_are_told_or_given_up(client, dpo):
    told, gone = notice(), notice("Chauffage Dubois")
    page = client.get(reverse(PAGE)).content.decode()
    assert "Plombier Martin" in page
    assert "Chauffage Dubois" in page
    assert "Plombier Martin" not in act(client, "confirme", told)
    assert "Dites pourquoi" in act(client, "impossible", gone, reason="")
    assert "Chauffage Dubois" not in act(client, "impossible", gone, reason="La société n’existe plus.")


def test_third_parties_wait_there_by_number(client, dpo):
    told, exempt = (
        information.owe(PersonFactory(family_name="Wzykowska"), source=CallFactory(), now=timezone.now())
        for _ in range(2)
    )
    page = client.get(reverse(PAGE)).content.decode()
    assert f'<th scope="row">{told.person_id}</th>' in page
    assert "Wzykowska" not in page
    act(client, "informee", told)
    assert "article 14" in act(client, "dispense", exempt, exemption="impossible", reason="")
    act(client, "dispense", exempt, exemption="impossible", reason="Aucune adresse.")
    assert not ThirdPartyNotice.objects.waiting().exists()


def test_a_restriction_is_announced_then_lifted(client, dpo):
    person = PersonFactory(email="lefebvre@exemple.example")
    locked = restriction.begin(person, reason=Restriction.Reason.CLAIMS, by=dpo, now=timezone.now())
    assert "doit d’abord être prévenue" in act(client, "lever", locked)
    act(client, "annoncer", locked)
    locked.refresh_from_db()
    deliver(locked.notice_id, now=timezone.now())
    assert "est levée" in act(client, "lever", locked)
    assert not Restriction.objects.active().exists()


@pytest.mark.parametrize("role", [Role.AGENT, Role.ADMINISTRATOR, Role.ACCOUNTING, Role.TENANT])
def test_it_is_nobody_else_s(client, role):
    client.force_login(UserFactory(role=role))
    waiting = notice()
    assert client.get(reverse(PAGE)).status_code in (302, 403)
    assert client.post(reverse("admin:rights_duty", args=["confirme", waiting.pk])).status_code in (302, 403)
    waiting.refresh_from_db()
    assert waiting.acknowledged_at is None


def test_an_act_that_does_not_exist_is_not_found(client, dpo):
    assert client.post(reverse("admin:rights_duty", args=["effacer", 1])).status_code == 404
