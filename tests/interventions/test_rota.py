from datetime import date, time, timedelta

import pytest

from interventions.lifecycle import MissingDetail, advance
from interventions.models import Provider, Status
from interventions.problems import PROBLEMS_BY_CODE, Trade
from interventions.rota import Job, Source, candidates, weigh
from tests.factories import (
    NOW,
    TODAY,
    DispatchRuleFactory,
    InterventionFactory,
    LandlordFactory,
    OnCallShiftFactory,
    ProviderFactory,
    ResidenceFactory,
    TransitionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def names(found):
    return [candidate.provider.name for candidate in found]


@pytest.fixture
def leak():
    return InterventionFactory(residence=ResidenceFactory(sector="Cambrésis"))


def test_rules_come_first_then_who_is_on_call_then_the_others(leak):
    ProviderFactory(name="Du métier")
    OnCallShiftFactory(provider__name="Second", rank=2)
    OnCallShiftFactory(provider__name="Premier", rank=1)
    DispatchRuleFactory(landlord=leak.landlord, provider__name="Voulu", trade=Trade.PLUMBING)
    ProviderFactory(name="D’un autre métier", trades=[Trade.LIFT])

    found = candidates(leak, now=NOW)

    assert names(found) == ["Voulu", "Premier", "Second", "Du métier"]
    assert [candidate.rank for candidate in found] == [1, 2, 3, 4]
    assert [candidate.source for candidate in found] == [Source.RULE, Source.ON_CALL, Source.ON_CALL, Source.ABLE]


def test_each_says_why_and_which_number_to_call(leak):
    OnCallShiftFactory(provider__number="+33327000001", number="+33627000009")
    rule = DispatchRuleFactory(
        landlord=leak.landlord, problem="leak_pipe", sector="Cambrésis", provider__number="+33327000002"
    )
    ProviderFactory(number="+33327000003")

    wanted, on_call, able = candidates(leak, now=NOW)

    assert (wanted.number, on_call.number, able.number) == ("+33327000002", "+33627000009", "+33327000003")
    assert wanted.reason == (
        f"Règle de {rule.landlord}\N{NO-BREAK SPACE}: « Fuite sur un tuyau ou un robinet », Cambrésis, tous les jours"
    )
    assert on_call.reason == "D’astreinte jusqu’au 11/03 à 08:00"
    assert able.reason == "Du métier\N{NO-BREAK SPACE}: rien en cours, aucune en 30 jours"


def test_a_wanted_provider_who_is_on_call_is_reached_at_the_on_call_number(leak):
    shift = OnCallShiftFactory(number="+33627000009")
    DispatchRuleFactory(landlord=leak.landlord, provider=shift.provider)

    (wanted,) = candidates(leak, now=NOW)

    assert (wanted.source, wanted.number) == (Source.RULE, "+33627000009")


def test_the_most_precise_rule_comes_first_then_its_rank(leak):
    for name, details in {
        "de nuit": {"trade": Trade.PLUMBING, "from_time": time(20), "until_time": time(7), "rank": 3},
        "du problème": {"problem": "leak_pipe"},
        "du métier, second": {"trade": Trade.PLUMBING, "rank": 2},
        "du métier, premier": {"trade": Trade.PLUMBING, "rank": 1},
        "du secteur": {"trade": Trade.PLUMBING, "sector": "Cambrésis"},
        "tout": {},
    }.items():
        DispatchRuleFactory(landlord=leak.landlord, provider__name=name, provider__trades=[Trade.PESTS], **details)

    assert names(candidates(leak, now=NOW)) == [
        "du problème",
        "du secteur",
        "de nuit",
        "du métier, premier",
        "du métier, second",
        "tout",
    ]


@pytest.mark.parametrize(
    "details",
    [
        {"problem": "no_water"},
        {"trade": Trade.LIFT},
        {"sector": "Douaisis"},
        {"from_time": time(8), "until_time": time(18)},
        {"days": "off"},
    ],
)
def test_a_rule_for_something_else_is_not_followed(leak, details):
    rule = DispatchRuleFactory(landlord=leak.landlord, provider__trades=[Trade.PESTS])
    assert names(candidates(leak, now=NOW)) == [rule.provider.name]

    for name, value in details.items():
        setattr(rule, name, value)
    rule.save()

    assert candidates(leak, now=NOW) == []


def test_a_rule_of_another_landlord_is_not_followed(leak):
    DispatchRuleFactory(landlord=LandlordFactory(), provider__trades=[Trade.PESTS])
    assert candidates(leak, now=NOW) == []


@pytest.mark.parametrize(
    "details",
    [
        {"trades": [Trade.LIFT]},
        {"sectors": ["Douaisis"]},
        {"starts_at": NOW + timedelta(minutes=1), "ends_at": NOW + timedelta(hours=1)},
        {"ends_at": NOW},
    ],
)
def test_a_shift_for_something_else_is_not_followed(leak, details):
    shift = OnCallShiftFactory(provider__trades=[Trade.PESTS], sectors=["Cambrésis"])
    assert names(candidates(leak, now=NOW)) == [shift.provider.name]

    for name, value in details.items():
        setattr(shift, name, value)
    shift.save()

    assert candidates(leak, now=NOW) == []


def test_of_the_others_the_least_busy_comes_first_then_who_was_sent_the_least(leak):
    busy, often, seldom = (ProviderFactory(name=name) for name in ("occupé", "souvent", "rarement"))
    InterventionFactory(provider=busy, status=Status.ON_SITE)
    for days in (1, 2):
        TransitionFactory(to_status=Status.DISPATCHED, provider=often, at=NOW - timedelta(days=days))
    TransitionFactory(to_status=Status.DISPATCHED, provider=seldom, at=NOW - timedelta(days=3))
    InterventionFactory(provider=seldom, status=Status.CLOSED)

    found = candidates(leak, now=NOW)

    assert names(found) == ["rarement", "souvent", "occupé"]
    assert found[2].reason == "Du métier\N{NO-BREAK SPACE}: 1 en cours, aucune en 30 jours"


OBSTACLES = {
    "N’est plus en service.": {"is_active": False},
    "Son contrat s’est terminé le 09/03/2026.": {"contract_until_on": TODAY - timedelta(days=1)},
    "Son contrat ne commence que le 11/03/2026.": {"contract_from_on": TODAY + timedelta(days=1)},
    "Dupont est hors de l’Espace économique européen (US), sans garantie enregistrée.": {"country": "US"},
    "La garantie de Dupont a expiré le 01/02/2026.": {
        "country": "US",
        "guarantee": "clauses",
        "guarantee_document": "CCT 2024",
        "guarantee_until_on": date(2026, 2, 1),
    },
}


@pytest.mark.parametrize("how", [DispatchRuleFactory, OnCallShiftFactory, None])
@pytest.mark.parametrize(("why", "details"), OBSTACLES.items())
def test_who_may_not_be_sent_is_never_suggested(leak, how, why, details):
    provider = ProviderFactory(name="Dupont")
    if how is DispatchRuleFactory:
        how(provider=provider, landlord=leak.landlord)
    elif how is OnCallShiftFactory:
        how(provider=provider)
    assert names(candidates(leak, now=NOW)) == ["Dupont"]

    Provider.objects.update(**details)
    weighed = weigh(Job.of(leak), at=NOW)

    assert weighed.candidates == []
    assert [(one.provider, one.reason) for one in weighed.set_aside] == [(provider, why)]


def test_who_works_for_other_landlords_only_is_not_suggested(leak):
    shift = OnCallShiftFactory(provider__name="Dupont")
    assert names(candidates(leak, now=NOW)) == ["Dupont"]

    shift.provider.landlords.add(LandlordFactory())
    assert candidates(leak, now=NOW) == []

    shift.provider.landlords.add(leak.landlord)
    assert names(candidates(leak, now=NOW)) == ["Dupont"]


def test_the_others_are_those_the_provider_list_calls_able(leak):
    ProviderFactory(name="D’ici", sectors=["Cambrésis"])
    ProviderFactory(name="D’ailleurs", sectors=["Douaisis"])
    ProviderFactory(name="De partout")
    ProviderFactory(name="Sans contrat", contract_until_on=TODAY - timedelta(days=1))
    able = Provider.objects.able(trade=Trade.PLUMBING, sector="Cambrésis", landlord=leak.landlord, on=TODAY)

    assert names(candidates(leak, now=NOW)) == [provider.name for provider in able] == ["De partout", "D’ici"]


def test_who_did_not_take_it_is_not_suggested_again(leak):
    first, second = OnCallShiftFactory(rank=1).provider, OnCallShiftFactory(rank=2).provider
    assert names(candidates(leak, now=NOW)) == [first.name, second.name]

    advance(leak, to=Status.DISPATCHED, provider=first, by=UserFactory(), now=NOW, version=1)

    assert names(candidates(leak, now=NOW)) == [second.name]
    aside = weigh(
        Job(leak.landlord, "Cambrésis", PROBLEMS_BY_CODE["leak_pipe"]), at=NOW, asked={first.pk: NOW}
    ).set_aside
    assert [one.reason for one in aside] == ["Déjà sollicité pour cette intervention, le 10/03 à 22:30."]


def test_who_was_there_may_be_sent_again_and_who_refused_may_not(leak):
    refused, came = OnCallShiftFactory(rank=1).provider, OnCallShiftFactory(rank=2).provider
    agent = UserFactory()
    for to, provider in [
        (Status.DISPATCHED, refused),
        (Status.DISPATCHED, came),
        (Status.ACCEPTED, None),
        (Status.ON_SITE, None),
        (Status.FOLLOW_ON, None),
    ]:
        leak = advance(leak, to=to, provider=provider, reason="Pièce", by=agent, now=NOW, version=leak.version)

    assert names(candidates(leak, now=NOW)) == [came.name]


def test_once_reopened_everybody_may_be_sent_again(leak):
    provider = OnCallShiftFactory().provider
    agent = UserFactory()
    for to in (Status.DISPATCHED, Status.CANCELLED):
        leak = advance(leak, to=to, provider=provider, reason="Fait", by=agent, now=NOW, version=leak.version)
    assert candidates(leak, now=NOW) == []

    leak = advance(leak, to=Status.REOPENED, reason="À refaire", by=agent, now=NOW, version=leak.version)

    assert names(candidates(leak, now=NOW)) == [provider.name]


def test_sending_another_than_the_suggested_one_needs_a_reason_and_keeps_both(leak):
    suggested, chosen = ProviderFactory(), ProviderFactory()
    details = {"to": Status.DISPATCHED, "provider": chosen, "suggested_provider": suggested, "by": UserFactory()}

    with pytest.raises(MissingDetail, match="suggéré"):
        advance(leak, **details, now=NOW, version=leak.version)
    advance(leak, **details, now=NOW, version=leak.version, reason="Déjà sur place.")

    step = leak.transitions.get()
    assert (step.provider, step.suggested_provider, step.reason) == (chosen, suggested, "Déjà sur place.")


def test_the_suggested_one_needs_no_reason(leak):
    provider = ProviderFactory()
    advance(leak, to=Status.DISPATCHED, provider=provider, suggested_provider=provider, by=None, now=NOW, version=1)
    assert leak.transitions.get().suggested_provider == provider
