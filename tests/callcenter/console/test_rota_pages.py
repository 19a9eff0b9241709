import re
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse

from accounts.roles import Role
from callcenter.on_call_warning import warn_of_gaps
from interventions.models import OnCallFeed, OnCallShift, Status
from interventions.problems import Trade
from privacy.models import OutgoingMessage
from privacy.outbox.texts import text_of
from tests.callcenter.console.conftest import signed_in
from tests.callcenter.console.reading import words
from tests.factories import (
    NOW,
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


# The calendar ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def supervisor(db):
    return UserFactory(role=Role.SUPERVISOR, full_name="Sylvie Roussel")


@pytest.fixture
def supervisors_console(supervisor):
    return signed_in(supervisor)


@pytest.fixture
def contract(db):
    """A landlord whose contract wants a plumber on call in the Cambrésis."""
    landlord = LandlordFactory(name="Foyer de la Sensée", on_call_trades=[Trade.PLUMBING])
    ResidenceFactory(landlord=landlord, sector="Cambrésis", reference="R1")
    return landlord


def test_the_week_shows_who_is_on_call_and_the_hours_without_anybody(console, contract):
    shift = OnCallShiftFactory(provider__name="Plomberie Scarpe")

    page = console.get(reverse("console:on_call"), {"le": "2026-03-10"})

    said = words(page)
    assert "Du 9 mars 2026 au 15 mars 2026" in said
    assert "Plomberie Cambrésis" in said
    assert "1. Plomberie Scarpe" in said
    assert "▲ Personne" in said
    assert reverse("console:on_call_shift", args=[shift.pk]) in page.content.decode()
    assert "Plomberie Cambrésis, du 11 mars 2026 à 8 h au 9 mai 2026 à 23 h 30 pour Foyer de la Sensée" in said


def test_gaps_of_the_same_hours_are_told_together(console):
    for sector in ("Cambrésis", "Douaisis"):
        ResidenceFactory(sector=sector, landlord__on_call_trades=[Trade.PLUMBING, Trade.LIFT])
    OnCallShiftFactory(ends_at=NOW + timedelta(days=90), trades=[Trade.LIFT], sectors=["Douaisis"])

    said = words(console.get(reverse("console:on_call")))

    assert "Plomberie Cambrésis, Douaisis, du 10 mars 2026 à 22 h 30" in said
    assert "Ascenseur Cambrésis, du 10 mars 2026 à 22 h 30" in said


def test_the_month_shows_its_public_holidays(console, contract):
    page = console.get(reverse("console:on_call"), {"le": "2026-05-20", "vue": "mois"})

    assert "* férié : 1er mai 2026, 8 mai 2026, 14 mai 2026, 25 mai 2026" in words(page)


def test_rows_can_be_narrowed_to_a_trade_and_a_sector(console, contract):
    OnCallShiftFactory(provider__name="Plomberie Scarpe", sectors=["Cambrésis"])
    OnCallShiftFactory(provider__name="Ascenseurs du Beffroi", trades=[Trade.LIFT], sectors=["Douaisis"])
    seen = {}
    for asked in ({}, {"metier": "lift"}, {"secteur": "Cambrésis"}, {"metier": "nonsense"}):
        said = words(console.get(reverse("console:on_call"), {"le": "2026-03-10", **asked}))
        seen[str(asked)] = ("1. Plomberie Scarpe" in said, "1. Ascenseurs du Beffroi" in said)

    assert list(seen.values()) == [(True, True), (False, True), (True, False), (True, True)]


@pytest.mark.parametrize("day", ["", "hier", "2026-02-30", "9999-12-31", "0001-01-01"])
def test_a_day_that_is_none_shows_this_week(console, day):
    assert "Du 9 mars 2026 au 15 mars 2026" in words(console.get(reverse("console:on_call"), {"le": day}))


def test_the_calendar_takes_as_many_queries_for_one_shift_as_for_ten(console, contract, django_assert_max_num_queries):
    for number in range(10):
        OnCallShiftFactory(rank=number + 1)

    with django_assert_max_num_queries(14):
        console.get(reverse("console:on_call"), {"le": "2026-03-10"})


# Shifts ---------------------------------------------------------------------------------------------------------------


def typed(provider, **changes):
    return {
        "provider": provider.pk,
        "rank": 1,
        "starts_at": "2026-03-11T18:00",
        "ends_at": "2026-03-12T08:00",
        "trades": [Trade.PLUMBING],
        **changes,
    }


def test_a_gap_is_filled_with_the_form_its_link_opens(supervisors_console, contract):
    provider = ProviderFactory(name="Plomberie Scarpe")
    page = supervisors_console.get(reverse("console:on_call")).content.decode()
    (link,) = re.findall(r'href="([^"]*nouvelle/\?metier[^"]*)"', page)

    form = supervisors_console.get(unescape(link)).content.decode()
    assert 'value="2026-03-10T22:30"' in form
    assert re.findall(r'value="(\w+)"[^>]*checked', form) == ["plumbing", "Cambrésis"]
    supervisors_console.post(
        reverse("console:new_on_call_shift"), typed(provider, sectors=["Cambrésis"], number="06 27 00 00 09")
    )

    shift = OnCallShift.objects.get()
    assert (shift.provider, shift.sectors, shift.number) == (provider, ["Cambrésis"], "+33627000009")
    assert shift.starts_at == datetime(2026, 3, 11, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"ends_at": "2026-03-11T08:00"}, "La fin vient avant le début. Une nuit finit le lendemain."),
        ({"ends_at": "2026-03-11T18:00"}, "La fin vient avant le début."),
        ({"trades": [Trade.LIFT]}, "Dupont ne fait pas ce métier : ascenseur."),
        ({"ends_at": "2026-04-02T08:00"}, "Le contrat de Dupont se termine le 31/03/2026."),
        ({"starts_at": "2026-03-29T02:30", "ends_at": "2026-03-29T08:00"}, "Cette heure n’existe pas"),
        ({"trades": []}, "Ce champ est obligatoire."),
        ({"rank": "9"}, "Sélectionnez un choix valide."),
        ({"number": "12"}, "Ce numéro n’existe pas"),
        ({"sectors": ["Lune"]}, "Sélectionnez un choix valide."),
    ],
)
def test_a_shift_that_cannot_be_is_refused_with_the_reason(supervisors_console, contract, changes, why):
    provider = ProviderFactory(name="Dupont", contract_until_on=date(2026, 3, 31))

    refused = supervisors_console.post(reverse("console:new_on_call_shift"), typed(provider, **changes))

    assert refused.status_code == 422
    assert why in words(refused)
    assert not OnCallShift.objects.exists()


def test_the_same_rank_cannot_be_given_twice_at_once(supervisors_console):
    OnCallShiftFactory(provider__name="Dupont")
    other = ProviderFactory()
    overlapping = typed(other, starts_at="2026-03-11T07:59", ends_at="2026-03-11T18:00")

    refused = supervisors_console.post(reverse("console:new_on_call_shift"), overlapping)
    assert refused.status_code == 422
    assert "Dupont a déjà le rang 1 du 10/03 à 18:00 au 11/03 à 08:00, pour plomberie." in words(refused)

    supervisors_console.post(reverse("console:new_on_call_shift"), overlapping | {"rank": 2})
    assert OnCallShift.objects.count() == 2


def test_a_shift_is_changed_handed_over_and_taken_away(supervisors_console, supervisor):
    shift = OnCallShiftFactory(provider__name="Dupont")
    other = ProviderFactory(name="Martin")
    page = reverse("console:on_call_shift", args=[shift.pk])

    supervisors_console.post(page, typed(shift.provider, starts_at="2026-03-10T20:00", ends_at="2026-03-11T08:00"))
    supervisors_console.post(
        reverse("console:hand_over_on_call", args=[shift.pk]),
        {"to": other.pk, "starts_at": "2026-03-10T20:00", "ends_at": "2026-03-11T08:00", "number": ""},
    )

    taken = OnCallShift.objects.get()
    assert (taken.provider, taken.handed_over_from, taken.handed_over_by) == (other, shift.provider, supervisor)
    said = words(supervisors_console.get(reverse("console:on_call_shift", args=[taken.pk])))
    assert "À Dupont, notée par Sylvie Roussel le 10 mars 2026 à 22 h 30" in said
    supervisors_console.post(reverse("console:remove_on_call_shift", args=[taken.pk]))
    assert not OnCallShift.objects.exists()


def test_a_hand_over_outside_the_shift_is_refused(supervisors_console):
    shift = OnCallShiftFactory()
    said = {"to": ProviderFactory().pk, "starts_at": "2026-03-10T17:00", "ends_at": "2026-03-11T08:00"}

    refused = supervisors_console.post(reverse("console:hand_over_on_call", args=[shift.pk]), said)

    assert refused.status_code == 422
    assert "La reprise commence avant sa fin, et tient dans l’astreinte." in words(refused)
    assert OnCallShift.objects.get().provider == shift.provider


def test_an_agent_reads_the_rota_and_changes_nothing(console):
    shift = OnCallShiftFactory(provider__name="Dupont")
    page = reverse("console:on_call_shift", args=[shift.pk])

    said = words(console.get(page))
    assert "Dupont, rang 1" in said
    assert "Modifier" not in said
    for name in ("on_call_shift", "hand_over_on_call", "remove_on_call_shift"):
        assert console.post(reverse(f"console:{name}", args=[shift.pk]), typed(shift.provider)).status_code == 403
    assert console.get(reverse("console:new_on_call_shift")).status_code == 403
    assert OnCallShift.objects.filter(pk=shift.pk, rank=1).exists()


# Calendar addresses ---------------------------------------------------------------------------------------------------


def open_feed(console, **said):
    page = console.post(reverse("console:on_call_feeds"), said).content.decode()
    (address,) = re.findall(r'id="feed-address" value="http://testserver([^"]+)"', page)
    return address


def test_a_calendar_address_is_shown_once_read_by_anybody_and_dead_once_closed(supervisors_console, client):
    shift = OnCallShiftFactory(provider__name="Plomberie, Scarpe", note="Ne pas dire ceci")
    OnCallShiftFactory(provider__name="Un autre")

    address = open_feed(supervisors_console, provider=shift.provider_id)

    calendar = client.get(address)
    assert calendar["Content-Type"] == "text/calendar; charset=utf-8"
    lines = calendar.content.decode().split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert [line for line in lines if line.startswith(("DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "LOCATION"))] == [
        "DTSTART:20260310T170000Z",
        "DTEND:20260311T070000Z",
        "SUMMARY:Plomberie\\, Scarpe (rang 1)",
        "DESCRIPTION:Plomberie\\n+33327000001",
        "LOCATION:Tous les secteurs",
    ]
    assert "Ne pas dire ceci" not in calendar.content.decode()
    assert address not in supervisors_console.get(reverse("console:on_call_feeds")).content.decode()

    supervisors_console.post(reverse("console:close_on_call_feed", args=[OnCallFeed.objects.get().pk]))
    assert client.get(address).status_code == 404


def test_a_sectors_calendar_has_whoever_is_on_call_there(supervisors_console, client):
    ResidenceFactory(sector="Cambrésis")
    for name, sectors in {"Ici": ["Cambrésis"], "Ailleurs": ["Douaisis"], "Partout": []}.items():
        OnCallShiftFactory(provider__name=name, sectors=sectors, rank=2 if name == "Partout" else 1)

    calendar = client.get(open_feed(supervisors_console, sector="Cambrésis")).content.decode()

    assert re.findall(r"SUMMARY:(\w+)", calendar) == ["Ici", "Partout"]


def test_long_lines_are_folded_between_characters(supervisors_console, client):
    shift = OnCallShiftFactory(provider__name="É" * 100)

    calendar = client.get(open_feed(supervisors_console, provider=shift.provider_id)).content

    assert max(map(len, calendar.split(b"\r\n"))) <= 75
    assert f"SUMMARY:{'É' * 100} (rang 1)" in calendar.decode().replace("\r\n ", "")


def test_a_calendar_is_of_a_provider_or_of_a_sector(supervisors_console):
    refused = supervisors_console.post(reverse("console:on_call_feeds"), {})
    assert refused.status_code == 422
    assert "Choisissez un prestataire ou un secteur, l’un des deux." in words(refused)


def test_an_unknown_calendar_is_not_there(client):
    assert client.get("/console/astreintes/no-such-token.ics").status_code == 404


# The simulator --------------------------------------------------------------------------------------------------------


def test_the_simulator_says_step_by_step_who_would_be_suggested(console, contract):
    DispatchRuleFactory(landlord=contract, provider__name="Voulu", provider__is_active=False)
    OnCallShiftFactory(provider__name="Dupont")
    ProviderFactory(name="Du métier")
    asked = {"landlord": contract.pk, "sector": "Cambrésis", "problem": "leak_pipe", "at": "2026-03-10T23:00"}

    said = words(console.get(reverse("console:simulate_dispatch"), asked))

    assert "1. Règles du bailleur Voulu, écarté : N’est plus en service." in said
    assert "2. Astreinte 1. Dupont Suggéré D’astreinte jusqu’au 11/03 à 08:00" in said
    assert "3. Autres prestataires du métier 2. Du métier" in said


def test_the_simulator_finds_the_sector_of_a_residence(console, contract):
    OnCallShiftFactory(provider__name="Dupont", sectors=["Cambrésis"])
    asked = {"landlord": contract.pk, "problem": "leak_pipe", "at": "2026-03-10T23:00"}
    page = reverse("console:simulate_dispatch")

    assert "D’astreinte jusqu’au" not in words(console.get(page, asked))
    assert "D’astreinte jusqu’au" in words(console.get(page, asked | {"residence": "r1"}))
    assert "Ce bailleur n’a pas de résidence de cette référence." in words(
        console.get(page, asked | {"residence": "x"})
    )


# The warning ----------------------------------------------------------------------------------------------------------


def test_supervisors_are_told_once_a_day_of_hours_without_anybody(contract, supervisor):
    OnCallShiftFactory(ends_at=NOW + timedelta(days=8))
    assert warn_of_gaps(now=NOW) == 0

    OnCallShift.objects.update(ends_at=NOW + timedelta(days=6))
    assert warn_of_gaps(now=NOW) == 1
    assert warn_of_gaps(now=NOW + timedelta(hours=1)) == 0

    message = OutgoingMessage.objects.get(kind="on_call_gap")
    assert message.said()["to"] == supervisor.email
    assert "/console/astreintes/" in text_of(message)
    assert "Cambrésis" not in text_of(message)
    assert warn_of_gaps(now=NOW + timedelta(days=1)) == 1
