"""One night's leak, act by act, through the console's own addresses."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.roles import Role
from callcenter.models import Call, Callback, LogEntry, Shift
from callcenter.notices import CURRENT_NOTICE
from interventions.models import Incident, Intervention, SafetyAlert, Status
from interventions.problems import Priority
from interventions.watch import escalate
from privacy.models import JournalEntry
from tests.callcenter.console.conftest import signed_in
from tests.callcenter.console.reading import told, words
from tests.factories import (
    NOW,
    AnsweredCallFactory,
    CallbackFactory,
    CallFactory,
    IncidentFactory,
    InstructionFactory,
    InterventionFactory,
    LandlordFactory,
    LogEntryFactory,
    PersonFactory,
    PhoneFactory,
    ProviderFactory,
    SafetyAlertFactory,
    ShiftFactory,
    TenancyFactory,
    UserFactory,
)

LATER = "2026-03-11T09:00"

pytestmark = pytest.mark.django_db


def typed(moment):
    """As a date field's picker gives it."""
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"


def test_a_call_is_answered_identified_and_becomes_an_intervention(console, agent):
    tenancy = TenancyFactory(person__family_name="Delattre")
    daughter = PersonFactory(family_name="Delattre", given_name="Lucie")
    call = CallFactory()
    sheet = reverse("console:call", args=[call.pk])

    assert console.post(reverse("console:answer_call", args=[call.pk])).url == sheet
    assert "Je note votre nom" in words(console.get(sheet))
    console.post(reverse("console:give_notice", args=[call.pk]))
    console.post(reverse("console:answer_recording", args=[call.pk]), {"answer": "refused"})
    who = reverse("console:identify_caller", args=[call.pk])
    console.post(who, {"person": daughter.pk, "role": "caller"})
    console.post(who, {"person": tenancy.person_id, "role": "behalf", "relation": "relative"})
    opening = console.post(
        reverse("console:new_intervention"),
        {
            "appel": call.pk,
            "problem": "leak_ceiling",
            "answer_flowing": "yes",
            "priority": "urgent",
            "on_site_by": "2026-03-11T00:30",
            "override_reason": "L’eau est coupée",
            "open": "1",
        },
    )

    opened = Intervention.objects.get()
    assert opening.url == reverse("console:intervention", args=[opened.pk])
    assert (opened.suggested_priority, opened.priority) == (Priority.EMERGENCY, Priority.URGENT)
    assert (opened.override_reason, opened.answers) == ("L’eau est coupée", {"flowing": True})
    assert (opened.occupant, opened.reported_by, opened.owner) == (tenancy.person, daughter, agent)
    assert opened.dwelling == tenancy.dwelling

    done = console.post(reverse("console:finish_call", args=[call.pk]), {"outcome": "intervention"})
    assert done.url == reverse("console:board")
    call.refresh_from_db()
    assert (call.agent, call.caller, call.on_behalf_of) == (agent, daughter, tenancy.person)
    assert (call.relation, call.notice_version, call.recording_answer) == ("relative", CURRENT_NOTICE, "refused")
    assert (call.intervention, call.outcome) == (opened, Call.Outcome.INTERVENTION)


def test_an_intervention_is_sent_followed_and_closed(console):
    intervention = InterventionFactory()
    plumber = ProviderFactory(name="Plomberie du Cambrésis")
    sheet = reverse("console:intervention", args=[intervention.pk])

    def step(to, **said):
        intervention.refresh_from_db()
        said["version"] = intervention.version
        return console.post(reverse("console:advance", args=[intervention.pk, to]), said)

    assert "Plomberie du Cambrésis" in words(console.get(sheet, {"etape": "dispatched"}))
    assert step("dispatched", provider=plumber.pk).url == sheet
    step("accepted")
    step("appointment", starts_at=LATER, ends_at="2026-03-11T10:00")
    assert "jusqu’à 10:00" in words(console.get(sheet))
    step("on_site")
    step("done")
    step("closed")

    intervention.refresh_from_db()
    assert (intervention.status, intervention.provider) == (Status.CLOSED, plumber)
    assert [transition.to_status for transition in intervention.transitions.all()] == [
        "dispatched",
        "accepted",
        "appointment",
        "on_site",
        "done",
        "closed",
    ]


def test_a_step_that_lacks_its_reason_says_so_and_keeps_the_form(console):
    intervention = InterventionFactory()

    response = console.post(reverse("console:advance", args=[intervention.pk, "cancelled"]), {"version": 1})

    assert response.status_code == 422
    assert "demande une raison" in words(response)
    assert 'name="reason"' in response.content.decode()
    intervention.refresh_from_db()
    assert intervention.status == Status.QUALIFIED


def test_a_step_the_table_does_not_have_is_refused_by_name(console):
    intervention = InterventionFactory()

    response = console.post(reverse("console:advance", args=[intervention.pk, "done"]), {"version": 1})

    assert response.status_code == 422
    assert "« Qualifiée » ne peut pas passer à « Faite »" in words(response)


def test_a_departure_from_the_suggestion_needs_a_reason_and_loses_nothing(console):
    tenancy = TenancyFactory()

    response = console.post(
        reverse("console:new_intervention"),
        {
            "logement": tenancy.dwelling_id,
            "problem": "leak_pipe",
            "priority": "emergency",
            "on_site_by": LATER,
            "description": "Sous l’évier",
            "open": "1",
        },
    )

    assert response.status_code == 422
    assert "Dites pourquoi vous vous écartez" in words(response)
    assert "Sous l’évier" in words(response)
    assert f'value="{LATER}"' in response.content.decode()
    assert not Intervention.objects.exists()


def test_what_is_not_ours_is_opened_and_closed_as_such(console):
    tenancy = TenancyFactory()
    InstructionFactory(
        landlord=tenancy.landlord, action="not_ours", on_site_minutes=None, refer_to="la mairie", problem="leak_pipe"
    )
    page = {"logement": tenancy.dwelling_id, "problem": "leak_pipe"}
    script = console.get(reverse("console:new_intervention"), page)
    assert "Orientez vers la mairie" in words(script)
    suggestion = script.context["suggestion"]

    console.post(
        reverse("console:new_intervention"),
        page
        | {
            "began_at": script.context["began_at"].isoformat(),
            "priority": suggestion.priority,
            "on_site_by": typed(suggestion.on_site_by),
            "refuse": "1",
        },
    )

    opened = Intervention.objects.get()
    assert (opened.status, opened.transitions.last().reason) == (Status.REFUSED, "Orienté vers la mairie")


def test_a_call_that_nobody_announced_is_typed_in(console, agent):
    landlord = LandlordFactory()

    response = console.post(
        reverse("console:new_call"), {"direction": "inbound", "number": "06 12 34 56 78", "landlord": landlord.pk}
    )

    call = Call.objects.get()
    assert response.url == reverse("console:call", args=[call.pk])
    assert (call.from_number, call.landlord, call.agent) == ("+33612345678", landlord, agent)


def test_no_call_begins_before_the_last_has_its_outcome(console, agent):
    unfinished, ringing = AnsweredCallFactory(agent=agent), CallFactory()

    for address, said in (
        (reverse("console:new_call"), {"direction": "outbound", "number": "0612345678"}),
        (reverse("console:answer_call", args=[ringing.pk]), {}),
        (reverse("console:ring_back", args=[CallbackFactory().pk]), {}),
    ):
        response = console.post(address, said)
        assert response.url == reverse("console:call", args=[unfinished.pk])
        assert told(response)[-1] == "Donnez d’abord une issue à votre appel précédent."
    assert Call.objects.filter(agent=agent).get() == unfinished


def test_a_promised_callback_is_rung_back_on_the_number_of_an_outgoing_call(console, agent):
    call = AnsweredCallFactory(agent=agent, direction="outbound", from_number="", to_number="+33327000099")

    console.post(reverse("console:finish_call", args=[call.pk]), {"outcome": "callback", "promised_at": LATER})
    callback = Callback.objects.get()
    page = words(console.get(reverse("console:callback", args=[callback.pk])))
    assert "03 27 00 00 99" in page
    assert "masqué" not in page

    response = console.post(reverse("console:ring_back", args=[callback.pk]))
    new = Call.objects.latest("pk")
    assert response.url == reverse("console:call", args=[new.pk])
    assert (new.direction, new.to_number) == ("outbound", "+33327000099")


def test_a_hidden_number_is_not_shown_as_the_number_it_dialled(console):
    shown, hidden = CallFactory(to_number="+33327000001"), CallFactory(from_number="", to_number="+33327000001")

    assert "06 12 34 56 78" in words(console.get(reverse("console:call", args=[shown.pk])))
    page = words(console.get(reverse("console:call", args=[hidden.pk])))
    assert "Numéro masqué" in page
    assert "03 27 00 00 01" not in page


def test_a_callback_is_taken_then_given_up(console, agent):
    callback = CallbackFactory()
    address = reverse("console:callback", args=[callback.pk])

    assert "Promettez une heure à venir" in words(console.post(address, {"promised_at": "2026-03-10T22:00"}))
    console.post(address, {"promised_at": LATER})
    callback.refresh_from_db()
    assert (callback.owner, typed(callback.promised_at)) == (agent, LATER)

    console.post(reverse("console:give_up_callback", args=[callback.pk]))
    callback.refresh_from_db()
    assert callback.done_by == agent


def test_an_unknown_caller_gets_a_record_and_is_put_into_the_call(console, agent):
    call = AnsweredCallFactory(agent=agent)
    form = reverse("console:new_person")
    assert 'value="+33612345678"' in console.get(form, {"appel": call.pk}).content.decode()

    created = console.post(
        form, {"appel": call.pk, "family_name": "Lesage", "language": "fr", "number": "06 12 34 56 78"}
    )
    person = Person.objects.get()
    assert created.url == reverse("console:person", args=[person.pk])
    assert "C’est la personne qui appelle" in words(console.get(created.url))
    assert JournalEntry.objects.filter(action="create").exists()

    console.post(reverse("console:identify_caller", args=[call.pk]), {"person": person.pk, "role": "caller"})
    call.refresh_from_db()
    assert call.caller == person
    console.post(reverse("console:clear_caller", args=[call.pk]))
    call.refresh_from_db()
    assert call.caller is None


def test_the_callers_known_under_a_number_are_proposed(console, agent):
    PhoneFactory(number="+33612345678", person__family_name="Carpentier")
    call = AnsweredCallFactory(agent=agent)

    assert "CARPENTIER Camille" in words(console.get(reverse("console:call", args=[call.pk])))


def test_a_call_joins_an_intervention_already_open_in_the_dwelling(console, agent):
    tenancy = TenancyFactory()
    open_here = InterventionFactory(residence=tenancy.dwelling.residence, dwelling=tenancy.dwelling)
    call = AnsweredCallFactory(agent=agent, caller=tenancy.person)
    assert "Déjà ouvertes dans ce logement" in words(console.get(reverse("console:call", args=[call.pk])))

    console.post(reverse("console:link_intervention", args=[call.pk, open_here.pk]))

    call.refresh_from_db()
    assert (call.intervention, call.landlord) == (open_here, tenancy.landlord)


def test_a_line_is_written_struck_and_stays_readable(console, agent):
    intervention = InterventionFactory()
    sheet = reverse("console:intervention", args=[intervention.pk])

    written = console.post(
        reverse("console:write", args=["intervention", intervention.pk]), {"kind": "note", "text": "Troisième étage"}
    )
    assert written.url == sheet
    entry = LogEntry.objects.get()
    strike = reverse("console:strike", args=[entry.pk])
    assert "Troisième étage" in words(console.get(strike))
    assert console.post(strike, {"text": "Quatrième étage"}).url == sheet

    page = words(console.get(sheet))
    assert "Troisième étage" in page
    assert "Rectifiée par Nadia Benali" in page
    assert "Quatrième étage" in page


def test_a_correction_can_be_corrected_and_both_are_read(console):
    intervention = InterventionFactory()
    entry = LogEntryFactory(intervention=intervention, text="Porte 3")
    console.post(reverse("console:strike", args=[entry.pk]), {"text": "Porte 4"})
    console.post(reverse("console:strike", args=[LogEntry.objects.latest("pk").pk]), {"text": "Porte 5"})

    page = words(console.get(reverse("console:intervention", args=[intervention.pk])))

    assert [text in page for text in ("Porte 3", "Porte 4", "Porte 5")] == [True] * 3


def test_sensitive_words_ask_for_a_reason_before_they_are_kept(console):
    shift = ShiftFactory()
    address = reverse("console:write", args=["vacation", shift.pk])
    said = {"kind": "note", "text": "La locataire est diabétique."}

    warned = console.post(address, said)
    assert warned.status_code == 422
    assert "Mots sensibles : diabétique" in words(warned)
    assert "La locataire est diabétique." in words(warned)
    assert not LogEntry.objects.exists()

    kept = console.post(address, said | {"justification": "Insuline au réfrigérateur, plus de courant"})
    assert kept.url == reverse("console:board")
    assert LogEntry.objects.get().justification == "Insuline au réfrigérateur, plus de courant"


def test_an_incident_gathers_its_callers_and_closes_them_all(console, agent):
    first = InterventionFactory(problem_code="lift_down")
    second = InterventionFactory(problem_code="lift_down", residence=first.residence)
    apart = InterventionFactory(residence=first.residence)

    opened = console.post(reverse("console:new_incident", args=[first.residence_id]), {"problem": "lift_down"})
    incident = Incident.objects.get()
    assert opened.url == reverse("console:incident", args=[incident.pk])
    console.post(reverse("console:attach", args=[incident.pk, apart.pk]))
    console.post(reverse("console:write", args=["incident", incident.pk]), {"kind": "note", "text": "Pièce commandée"})
    assert "Pièce commandée" in words(console.get(reverse("console:intervention", args=[second.pk])))

    console.post(reverse("console:close_incident", args=[incident.pk]), {"reason": "Ascenseur réparé"})

    incident.refresh_from_db()
    assert incident.closed_at
    for intervention in (first, second, apart):
        intervention.refresh_from_db()
        assert intervention.status == Status.CLOSED


def test_a_second_incident_for_one_failure_is_refused_and_nothing_is_lost(console):
    incident = IncidentFactory(problem_code="lift_down")

    response = console.post(reverse("console:new_incident", args=[incident.residence_id]), {"problem": "lift_down"})

    assert response.status_code == 422
    assert "Un incident est déjà ouvert pour cette panne" in words(response)
    assert Incident.objects.get() == incident


def test_a_link_for_the_provider_is_shown_once_and_opens_its_job(console, client):
    plumber = ProviderFactory(name="Plomberie du Cambrésis")
    intervention = InterventionFactory(status=Status.ACCEPTED, provider=plumber)
    sheet = reverse("console:intervention", args=[intervention.pk])
    assert "Nouveau lien" in words(console.get(sheet))

    page = console.post(reverse("console:new_link", args=[intervention.pk]))

    assert "Lien pour Plomberie du Cambrésis" in words(page)
    assert "no-store" in page["Cache-Control"]
    job = client.get(page.context["link"])
    assert intervention.residence.street in words(job)
    token = page.context["link"].rstrip("/").rpartition("/")[2]
    assert token in page.content.decode()
    assert token not in console.get(sheet).content.decode()


def test_there_is_no_link_while_nobody_has_the_job(console):
    intervention = InterventionFactory()
    assert "Nouveau lien" not in words(console.get(reverse("console:intervention", args=[intervention.pk])))
    response = console.post(reverse("console:new_link", args=[intervention.pk]))
    assert told(response) == ["Aucun prestataire n’a cette intervention en ce moment."]


def test_the_second_to_follow_it_is_told_who_does(console, colleague_console, agent, colleague):
    intervention = InterventionFactory(owner=None)
    address = reverse("console:take_over", args=[intervention.pk])

    assert told(console.post(address, {"owner": ""})) == [f"Vous suivez {intervention.reference}."]
    assert told(colleague_console.post(address, {"owner": ""})) == [
        "Nadia Benali suit désormais cette intervention. Rien n’a été changé."
    ]
    intervention.refresh_from_db()
    assert intervention.owner == agent

    colleague_console.post(address, {"owner": agent.pk})
    intervention.refresh_from_db()
    assert intervention.owner == colleague


def test_a_second_visit_is_promised_as_it_is_sent_again(console):
    intervention = InterventionFactory(status=Status.FOLLOW_ON)
    plumber = ProviderFactory()
    sheet = reverse("console:intervention", args=[intervention.pk])
    assert "Une nouvelle promesse" in words(console.get(sheet, {"etape": "dispatched"}))

    console.post(
        reverse("console:advance", args=[intervention.pk, "dispatched"]),
        {"version": 1, "provider": plumber.pk, "on_site_by": LATER},
    )

    intervention.refresh_from_db()
    assert (intervention.status, typed(intervention.on_site_by)) == (Status.DISPATCHED, LATER)


def test_an_intervention_is_not_opened_from_a_colleagues_call(console, colleague):
    tenancy = TenancyFactory()
    call = AnsweredCallFactory(agent=colleague)
    opening = {"appel": call.pk, "logement": tenancy.dwelling_id, "problem": "leak_pipe"}
    suggestion = console.get(reverse("console:new_intervention"), opening).context["suggestion"]

    response = console.post(
        reverse("console:new_intervention"),
        opening | {"priority": suggestion.priority, "on_site_by": typed(suggestion.on_site_by), "open": "1"},
    )

    assert response.status_code == 422
    assert "Cet appel est celui d’un collègue" in words(response)
    assert not Intervention.objects.exists()


def test_a_record_that_was_merged_is_not_put_into_a_call(console, agent):
    merged = PersonFactory(merged_into=PersonFactory())
    call = AnsweredCallFactory(agent=agent)

    response = console.post(reverse("console:identify_caller", args=[call.pk]), {"person": merged.pk, "role": "caller"})

    assert "Cette fiche n’existe plus. Cherchez de nouveau la personne." in told(response)
    call.refresh_from_db()
    assert call.caller is None


def test_a_closed_incident_takes_nobody_in(console):
    incident = IncidentFactory(closed_at=NOW)
    intervention = InterventionFactory(residence=incident.residence)

    response = console.post(reverse("console:attach", args=[incident.pk, intervention.pk]))

    assert told(response) == ["Cet incident est clos, ou concerne une autre résidence."]


def test_an_alert_is_raised_and_lifted_and_both_are_journalled(console):
    tenancy = TenancyFactory()
    dwelling = reverse("console:dwelling", args=[tenancy.dwelling_id])

    raised = console.post(
        reverse("console:new_alert"),
        {
            "logement": tenancy.dwelling_id,
            "kind": "animal",
            "instruction": "Faire attacher le chien",
            "expires_on": "2026-05-01",
        },
    )
    assert raised.url == dwelling
    assert "Faire attacher le chien" in words(console.get(dwelling))

    assert console.post(reverse("console:end_alert", args=[SafetyAlert.objects.get().pk])).url == dwelling
    assert "Faire attacher le chien" not in words(console.get(dwelling))
    told = JournalEntry.objects.filter(model="interventions.SafetyAlert").order_by("pk")
    assert list(told.exclude(action="read").values_list("action", flat=True)) == ["create", "delete"]


def test_an_alert_is_seen_on_every_page_of_its_dwelling(console, agent):
    tenancy = TenancyFactory()
    SafetyAlertFactory(residence=None, dwelling=tenancy.dwelling, instruction="Ne pas sonner")
    intervention = InterventionFactory(residence=tenancy.dwelling.residence, dwelling=tenancy.dwelling)
    call = AnsweredCallFactory(agent=agent, caller=tenancy.person)

    for address in (
        reverse("console:dwelling", args=[tenancy.dwelling_id]),
        reverse("console:residence", args=[tenancy.dwelling.residence_id]),
        reverse("console:intervention", args=[intervention.pk]),
        reverse("console:call", args=[call.pk]),
        reverse("console:new_intervention") + f"?logement={tenancy.dwelling_id}",
    ):
        assert "Ne pas sonner" in words(console.get(address)), address


def test_two_records_of_one_person_are_merged_and_parted(console):
    kept, absorbed = PersonFactory(family_name="Dupont"), PersonFactory(family_name="Dupond")
    call = CallFactory(caller=absorbed)
    address = reverse("console:merge", args=[kept.pk])
    assert f"avec={absorbed.pk}" in console.post(address, {"who": "Dupond"}).content.decode()
    assert "DUPOND" in words(console.get(address, {"avec": absorbed.pk}))

    console.post(address, {"avec": absorbed.pk, "merge": "1"})
    call.refresh_from_db()
    assert call.caller == kept
    moved = console.get(reverse("console:person", args=[absorbed.pk]))
    assert moved.url == reverse("console:person", args=[kept.pk])

    console.post(reverse("console:undo_merge", args=[kept.merges.get().pk]))
    call.refresh_from_db()
    assert call.caller == absorbed


def test_an_escalation_reaches_the_supervisor_until_somebody_follows_it():
    late = InterventionFactory(on_site_by=NOW, suggested_on_site_by=NOW)
    supervisor = UserFactory(role=Role.SUPERVISOR)
    console, board = signed_in(supervisor), reverse("console:board")
    assert "À regarder, superviseur" not in words(console.get(board))
    escalate(now=NOW + timedelta(minutes=1))
    assert "À regarder, superviseur" in words(console.get(board))

    console.post(reverse("console:take_over", args=[late.pk]))

    assert "À regarder, superviseur" not in words(console.get(board))
    late.refresh_from_db()
    assert late.owner == supervisor


def test_the_shift_is_handed_over_once(console, colleague_console):
    shift = ShiftFactory()
    LogEntryFactory(shift=shift, text="Chaudière en panne rue Gambetta")
    address = reverse("console:handover")
    assert "Chaudière en panne rue Gambetta" in words(console.get(address))

    assert told(console.post(address, {"shift": shift.pk}))[0].startswith("Relève faite")
    assert told(colleague_console.post(address, {"shift": shift.pk})) == ["Un collègue a déjà fait la relève."]

    assert Shift.objects.count() == 2
    assert "Chaudière en panne rue Gambetta" not in words(console.get(address))


def test_the_demonstration_rings_by_itself_and_only_there(console):
    tenancy = TenancyFactory()
    PhoneFactory(person=tenancy.person, number="+33612345678")
    tenancy.landlord.dialled_numbers.create(number="+33327000001")
    address = reverse("console:demo_ring")

    with override_settings(DEMO=True):
        console.post(address)
    call = Call.objects.get()
    assert (call.from_number, call.landlord) == ("+33612345678", tenancy.landlord)

    assert not settings.DEMO
    assert console.post(address).status_code == 404
