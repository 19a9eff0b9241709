"""Who signed in, who tried to, and what changed about a login."""

import pytest

from accounts.roles import Role
from privacy.models import JournalEntry
from tests.factories import PersonFactory, UserFactory
from tests.signing_in import PASSWORD, give_password, sign_in, user_with_password

pytestmark = pytest.mark.django_db

NEW = "quatre lampes au plafond"


def told(account):
    entries = JournalEntry.objects.filter(model="accounts.User", object_id=account.pk).order_by("pk")
    return [entry.action for entry in entries]


@pytest.mark.parametrize("role", [Role.AGENT, Role.LANDLORD_MANAGER, Role.TENANT])
def test_a_sign_in_and_its_end_from_a_truncated_network(client, role):
    client.defaults["REMOTE_ADDR"] = "203.0.113.77"
    account = user_with_password(role=role, person=PersonFactory() if role == Role.TENANT else None)
    give_password(client, account, "ce n’est pas le bon")
    sign_in(client, account)
    client.post("/deconnexion/")

    assert told(account) == ["sign_in_failed", "sign_in", "sign_out"]
    networks = JournalEntry.objects.filter(object_id=account.pk, model="accounts.User").values_list(
        "network", flat=True
    )
    assert set(networks) == {"203.0.113.0"}


def test_a_try_at_no_account_says_nothing_of_what_was_typed(client):
    give_password(client, UserFactory.build(email="personne@exemple.example"), "secret tapé")
    entry = JournalEntry.objects.get(action="sign_in_failed")
    assert (entry.object_id, entry.actor_id, entry.details) == (None, None, {})


def test_changes_of_password_and_factors(client, django_capture_on_commit_callbacks):
    account = user_with_password(role=Role.TENANT, person=PersonFactory(), second_factor=True)
    sign_in(client, account)
    with django_capture_on_commit_callbacks(execute=False):
        client.post("/compte/mot-de-passe/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
        client.post("/compte/second-facteur/secours/")
        client.post("/compte/second-facteur/application/retirer/")

    assert told(account) == ["sign_in", "password_changed", "recovery_codes_issued", "factor_removed"]


def test_a_wrong_code_is_told_too(client):
    agent = user_with_password()
    give_password(client, agent)
    client.post("/connexion/code/", {"code": "abcdef"})
    entry = JournalEntry.objects.get(action="factor_failed")
    assert (entry.object_id, entry.actor_id) == (agent.pk, None)  # whoever it was
