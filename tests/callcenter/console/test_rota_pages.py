import re
from datetime import timedelta

import pytest
from django.urls import reverse

from interventions.models import Status
from interventions.problems import Trade
from tests.callcenter.console.reading import words
from tests.factories import (
    NOW,
    DispatchRuleFactory,
    InterventionFactory,
    OnCallShiftFactory,
    ProviderFactory,
    TransitionFactory,
)

pytestmark = pytest.mark.django_db


def dispatching(console, intervention):
    return console.get(reverse("console:intervention", args=[intervention.pk]), {"etape": "dispatched"})


def dispatch(console, intervention, **said):
    said["version"] = intervention.version
    return console.post(reverse("console:advance", args=[intervention.pk, "dispatched"]), said)


def test_providers_are_listed_as_suggested_with_number_and_reason_the_first_chosen(console):
    intervention = InterventionFactory()
    able = ProviderFactory(name="Du métier", number="+33327000003")
    on_call = OnCallShiftFactory(provider__name="D’astreinte SARL", number="+33627000009").provider
    wanted = DispatchRuleFactory(landlord=intervention.landlord, provider__name="Voulu").provider
    ProviderFactory(name="Ascensoriste", trades=[Trade.LIFT])

    page = dispatching(console, intervention)

    html = page.content.decode()
    assert re.findall(r'name="provider" value="(\d+)"', html) == [str(one.pk) for one in (wanted, on_call, able)]
    assert re.findall(r'value="(\d+)"[^>]*checked', html) == [str(wanted.pk)]
    assert f'name="suggested" value="{wanted.pk}"' in html
    said = words(page)
    assert "Voulu Suggéré Règle de" in said
    assert "D’astreinte jusqu’au 11/03 à 08:00 06 27 00 00 09" in said
    assert "Du métier : rien en cours" in said
    assert "Ascensoriste" not in said


def test_the_suggested_one_is_sent_by_one_key(console):
    intervention, provider = InterventionFactory(), ProviderFactory()

    dispatch(console, intervention, provider=provider.pk, suggested=provider.pk)

    step = intervention.transitions.get()
    assert (step.provider, step.suggested_provider, step.reason) == (provider, provider, "")


def test_sending_another_asks_why_and_keeps_the_suggestion_beside(console):
    intervention = InterventionFactory()
    suggested, chosen = OnCallShiftFactory(provider__name="Dupont").provider, ProviderFactory(name="Martin")
    said = {"provider": chosen.pk, "suggested": suggested.pk}

    refused = dispatch(console, intervention, **said)
    assert refused.status_code == 422
    assert "Dites pourquoi vous n’envoyez pas Dupont." in words(refused)
    assert re.findall(r'value="(\d+)"[^>]*checked', refused.content.decode()) == [str(chosen.pk)]
    assert not intervention.transitions.exists()

    dispatch(console, intervention, **said, reason="Déjà dans l’immeuble.")

    step = intervention.transitions.get()
    assert (step.provider, step.suggested_provider, step.reason) == (chosen, suggested, "Déjà dans l’immeuble.")
    sheet = console.get(reverse("console:intervention", args=[intervention.pk]))
    assert "Transmise à Martin (suggéré : Dupont)" in words(sheet)


def test_who_was_asked_already_comes_last_and_can_still_be_chosen(console):
    silent, other = OnCallShiftFactory(provider__name="Silencieux").provider, ProviderFactory(name="Autre")
    intervention = InterventionFactory(status=Status.DISPATCHED, provider=silent)
    TransitionFactory(
        intervention=intervention, to_status=Status.DISPATCHED, provider=silent, at=NOW - timedelta(hours=1)
    )

    page = dispatching(console, intervention)

    html = page.content.decode()
    assert re.findall(r'name="provider" value="(\d+)"', html) == [str(other.pk), str(silent.pk)]
    assert "Déjà sollicité pour cette intervention, le 10/03 à 21:30." in words(page)
    dispatch(console, intervention, provider=silent.pk, suggested=other.pk, reason="Il vient de rappeler.")
    intervention.refresh_from_db()
    assert intervention.transitions.last().suggested_provider == other


def test_where_nobody_can_be_sent_the_page_says_so(console):
    intervention = InterventionFactory()
    ProviderFactory(is_active=False)

    page = dispatching(console, intervention)

    assert "Aucun prestataire de ce métier ne peut être envoyé ici" in words(page)
    assert dispatch(console, intervention).status_code == 422


def test_who_may_not_be_sent_cannot_be_chosen(console):
    intervention, provider = InterventionFactory(), ProviderFactory()
    assert str(provider.pk) in re.findall(
        r'name="provider" value="(\d+)"', dispatching(console, intervention).content.decode()
    )
    provider.is_active = False
    provider.save()

    assert dispatch(console, intervention, provider=provider.pk).status_code == 422
    assert not intervention.transitions.exists()
