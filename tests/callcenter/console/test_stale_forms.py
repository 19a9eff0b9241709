"""Two people on one record: the second is told who was quicker, and nothing is overwritten or lost."""

import pytest
from django.urls import reverse

from accounts.models import Person
from callcenter import calls
from callcenter.models import Call
from interventions import incidents
from interventions.models import Provider, Status
from tests.callcenter.console.reading import told, words
from tests.factories import (
    NOW,
    AnsweredCallFactory,
    CallbackFactory,
    CallFactory,
    IncidentFactory,
    InterventionFactory,
    LogEntryFactory,
    PersonFactory,
    ProviderFactory,
    ResidenceFactory,
    TenancyFactory,
)

pytestmark = pytest.mark.django_db


def test_a_stale_step_is_refused_with_the_colleagues_name(console, colleague_console):
    intervention = InterventionFactory(status=Status.DISPATCHED)
    step = reverse("console:advance", args=[intervention.pk, "accepted"])
    said = {"version": intervention.version}
    colleague_console.post(step, said)

    response = console.post(step, said)

    assert response.url == reverse("console:intervention", args=[intervention.pk])
    assert told(response)[-1].startswith("Marc Wattelet a modifié cette intervention entre-temps (« Acceptée »).")
    assert intervention.transitions.count() == 1


def test_what_a_stale_step_said_is_still_in_its_form(console, colleague_console):
    intervention = InterventionFactory(status=Status.DISPATCHED)
    colleague_console.post(reverse("console:advance", args=[intervention.pk, "accepted"]), {"version": 1})
    cancel = reverse("console:advance", args=[intervention.pk, "cancelled"])
    said = {"version": 1, "reason": "Le locataire a réparé lui-même"}

    refused = console.post(cancel, said)
    assert refused.status_code == 422
    assert "Marc Wattelet a modifié" in words(refused)
    assert "Le locataire a réparé lui-même" in refused.content.decode()
    intervention.refresh_from_db()
    assert intervention.status == Status.ACCEPTED

    shown = refused.context["step_form"]["version"].value()
    assert console.post(cancel, said | {"version": shown}).status_code == 302
    intervention.refresh_from_db()
    assert intervention.status == Status.CANCELLED


def test_a_person_changed_meanwhile_is_not_overwritten(console, colleague_console):
    person = PersonFactory(family_name="Dupond", given_name="Jean")
    address = reverse("console:edit_person", args=[person.pk])
    seen = console.get(address).context["seen"]
    form = {"family_name": "Dupond", "given_name": "Jean", "language": "fr", "seen": seen}
    colleague_console.post(address, form | {"family_name": "Dupont"})

    refused = console.post(address, form | {"given_name": "Jean-Marie"})
    assert refused.status_code == 422
    assert "Un collègue a modifié cette fiche" in words(refused)
    assert 'value="Jean-Marie"' in refused.content.decode()
    person.refresh_from_db()
    assert (person.family_name, person.given_name) == ("Dupont", "Jean")

    again = {"family_name": "Dupont", "given_name": "Jean-Marie", "seen": refused.context["seen"]}
    assert console.post(address, form | again).status_code == 302
    person.refresh_from_db()
    assert person.given_name == "Jean-Marie"


def test_a_call_taken_by_a_colleague_is_told(console, colleague_console):
    call = CallFactory()
    address = reverse("console:answer_call", args=[call.pk])
    colleague_console.post(address)

    assert told(console.post(address)) == ["Un collègue a déjà pris cet appel, ou la personne a raccroché."]


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ("identify_caller", {"role": "caller"}),
        ("clear_caller", {}),
        ("give_notice", {}),
        ("answer_recording", {"answer": "accepted"}),
        ("finish_call", {"outcome": "information"}),
    ],
)
def test_a_colleagues_call_is_not_written_on(console, colleague, act, said):
    call = AnsweredCallFactory(agent=colleague, caller=PersonFactory())
    before = Call.objects.filter(pk=call.pk).values().get()

    response = console.post(reverse(f"console:{act}", args=[call.pk]), said | {"person": PersonFactory().pk})

    assert told(response) == ["Cet appel n’est pas, ou n’est plus, le vôtre. Rien n’a été changé."]
    assert Call.objects.filter(pk=call.pk).values().get() == before


def test_a_callback_made_by_a_colleague_is_told(console, colleague):
    callback = CallbackFactory()
    calls.give_up_callback(callback, by=colleague, now=NOW)

    for address, said in (
        (reverse("console:callback", args=[callback.pk]), {"promised_at": "2026-03-11T09:00"}),
        (reverse("console:ring_back", args=[callback.pk]), {}),
    ):
        assert told(console.post(address, said))[-1] == "Un collègue a déjà rappelé."


def test_an_incident_closed_by_a_colleague_is_told(console, colleague):
    incident = IncidentFactory()
    incidents.close_incident(incident, reason="Réparé", by=colleague, now=NOW)

    response = console.post(reverse("console:close_incident", args=[incident.pk]), {"reason": "Réparé"})

    assert told(response) == ["Cet incident est déjà clos."]


def test_a_line_struck_by_a_colleague_is_told_and_keeps_the_text(console, colleague_console):
    entry = LogEntryFactory(call=CallFactory())
    address = reverse("console:strike", args=[entry.pk])
    colleague_console.post(address, {"text": "Non, demain."})

    refused = console.post(address, {"text": "Non, après-demain."})

    assert refused.status_code == 422
    assert "a déjà été rectifiée" in words(refused)
    assert "Non, après-demain." in words(refused)


def test_a_provider_gone_between_page_and_step_is_told_and_keeps_the_reason(console):
    intervention, provider = InterventionFactory(), ProviderFactory()
    Provider.objects.all().delete()

    response = console.post(
        reverse("console:advance", args=[intervention.pk, "dispatched"]),
        {"version": 1, "provider": provider.pk, "reason": "Le plus proche"},
    )

    assert response.status_code == 422
    assert "Sélectionnez un choix valide" in words(response)
    assert "Le plus proche" in response.content.decode()


def test_a_person_gone_between_page_and_click_is_told(console, agent):
    call, person = AnsweredCallFactory(agent=agent), PersonFactory()
    Person.objects.all().delete()

    response = console.post(reverse("console:identify_caller", args=[call.pk]), {"person": person.pk, "role": "caller"})

    assert told(response) == ["Cette fiche n’existe plus. Cherchez de nouveau la personne."]


def test_an_incident_closed_between_page_and_opening_is_told_and_loses_nothing(console):
    tenancy = TenancyFactory()
    incident = IncidentFactory(residence=tenancy.dwelling.residence, problem_code="leak_pipe")
    form = {
        "logement": tenancy.dwelling_id,
        "problem": "leak_pipe",
        "priority": "normal",
        "on_site_by": "2026-03-11T09:00",
        "description": "Sous l’évier",
        "override_reason": "Convenu",
        "incident": incident.pk,
        "open": "1",
    }
    assert console.get(reverse("console:new_intervention"), form).context["form"].incidents
    incident.closed_at = NOW
    incident.save()

    response = console.post(reverse("console:new_intervention"), form)

    assert response.status_code == 422
    assert "Sous l’évier" in words(response)


def test_what_is_gone_is_said_in_french(console):
    gone = ResidenceFactory()
    gone.delete()

    response = console.post(reverse("console:new_incident", args=[404]), {"problem": "lift_down"})

    assert response.status_code == 404
    assert "Cette page n’existe pas" in words(response)


def test_a_session_that_ended_leads_to_the_form_and_not_to_an_empty_page(client, console):
    address = reverse("console:finish_call", args=[AnsweredCallFactory().pk])
    assert client.post(address, {"outcome": "information"}).url.startswith(reverse("login"))

    after_signing_in = console.get(address)

    assert after_signing_in.status_code == 405
    assert after_signing_in["Allow"] == "POST"
    assert "Cette adresse n’est pas une page" in words(after_signing_in)
