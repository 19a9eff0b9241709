from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from interventions.models import Provider
from interventions.models.providers import Article28
from interventions.problems import Trade
from tests.callcenter.console.reading import words
from tests.factories import NOW, TODAY, ProviderFactory, ResidenceFactory, UserFactory

pytestmark = pytest.mark.django_db

LIST = reverse("admin:interventions_provider_changelist")


@pytest.fixture(autouse=True)
def night():
    with time_machine.travel(NOW):
        yield


def signed_in(role):
    user, client = UserFactory(role=role), Client()
    client.force_login(user)
    return user, client


def change_of(provider):
    return reverse("admin:interventions_provider_change", args=[provider.pk])


def typed(provider, **changes):
    return {
        "name": provider.name,
        "kind": provider.kind,
        "number": provider.number,
        "country": "FR",
        "trades": provider.trades,
        "is_active": "on",
        **changes,
    }


def test_the_administrator_keeps_trades_and_sectors_by_ticking_them():
    _, client = signed_in(Role.ADMINISTRATOR)
    ResidenceFactory(sector="Cambrésis")
    provider = ProviderFactory()

    client.post(change_of(provider), typed(provider, trades=[Trade.GAS, Trade.HEATING], sectors=["Cambrésis"]))

    provider.refresh_from_db()
    assert (provider.trades, provider.sectors) == (["gas", "heating"], ["Cambrésis"])
    assert (provider.checked_on, provider.checked_by) == (None, None)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.DPO])
def test_ticking_what_the_contract_says_keeps_who_read_it_and_when(role):
    user, client = signed_in(role)
    provider = ProviderFactory()
    assert Article28.AUDITS.label in words(client.get(change_of(provider)))

    client.post(change_of(provider), typed(provider, article_28=["security", "audits"]))
    provider.refresh_from_db()
    assert (provider.article_28, provider.checked_on, provider.checked_by) == (["security", "audits"], TODAY, user)

    page = words(client.get(change_of(provider)))
    missing = page.partition("Ce que dit le contrat")[0]
    assert Article28.DELETION.label in missing
    assert Article28.AUDITS.label not in missing


def test_reading_it_again_without_a_change_is_kept_too():
    user, client = signed_in(Role.DPO)
    provider = ProviderFactory(article_28=["security"], checked_on=date(2025, 1, 1), checked_by=UserFactory())

    client.post(change_of(provider), {"article_28": ["security"]})
    provider.refresh_from_db()
    assert provider.checked_on == date(2025, 1, 1)

    client.post(change_of(provider), {"article_28": ["security"], "reviewed": "on"})
    provider.refresh_from_db()
    assert (provider.checked_on, provider.checked_by) == (TODAY, user)


def test_the_dpo_changes_nothing_else():
    _, client = signed_in(Role.DPO)
    provider = ProviderFactory(name="Dupont", trades=[Trade.PLUMBING])
    assert "Plomberie" in words(client.get(change_of(provider)))

    client.post(change_of(provider), typed(provider, name="Autre", trades=[Trade.GAS], article_28=["security"]))

    provider.refresh_from_db()
    assert (provider.name, provider.trades, provider.article_28) == ("Dupont", ["plumbing"], ["security"])


def test_the_list_tells_country_contract_and_clauses():
    _, client = signed_in(Role.DPO)
    ProviderFactory(name="Bientôt fini", contract_until_on=TODAY + timedelta(days=12))
    ProviderFactory(name="Fini", contract_until_on=TODAY - timedelta(days=1))
    ProviderFactory(name="Au loin", country="US", article_28=Article28.values)

    page = words(client.get(LIST))

    assert "22/03/2026, dans 12 jours 8 sur 8 à obtenir" in page
    assert "09/03/2026, terminé" in page
    assert "US, bloqué Sans fin Complet" in page


def test_the_list_can_be_narrowed_to_what_has_to_be_looked_at():
    _, client = signed_in(Role.DPO)
    ProviderFactory(name="Bientôt fini", contract_until_on=TODAY + timedelta(days=60), article_28=Article28.values)
    ProviderFactory(name="Incomplet", contract_until_on=TODAY + timedelta(days=61), article_28=["audits"])

    found = {asked: set(client.get(LIST, {"a_revoir": asked}).context["cl"].queryset) for asked in ("fin", "clauses")}

    assert {asked: {provider.name for provider in rows} for asked, rows in found.items()} == {
        "fin": {"Bientôt fini"},
        "clauses": {"Incomplet"},
    }


def test_outside_the_european_economic_area_a_guarantee_is_asked_for():
    _, client = signed_in(Role.ADMINISTRATOR)
    provider = ProviderFactory()

    refused = client.post(change_of(provider), typed(provider, country="US"))
    assert "donnez la garantie" in words(refused)
    assert Provider.objects.get().country == "FR"
