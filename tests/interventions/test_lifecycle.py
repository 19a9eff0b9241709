from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from interventions import lifecycle
from interventions.lifecycle import (
    TRANSITIONS,
    AlreadyFollowed,
    ForbiddenTransition,
    MissingDetail,
    Slot,
    StaleIntervention,
    advance,
    attach_to_incident,
    note_event,
    open_intervention,
    take_over,
)
from interventions.models import Incident, Instruction, Intervention, Status
from interventions.models.interventions import ENDED
from interventions.problems import PROBLEMS_BY_CODE, Priority
from interventions.triage import Suggestion
from tests.concurrency import meanwhile
from tests.factories import (
    NOW,
    DwellingFactory,
    IncidentFactory,
    InterventionFactory,
    PersonFactory,
    ProviderFactory,
    ResidenceFactory,
    TransitionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=20)
SLOT = Slot(starts_at=NOW + timedelta(hours=10), ends_at=NOW + timedelta(hours=12))
PAIRS = [(before, after) for before in Status for after in Status]
ALLOWED = [(before, after) for before, after in PAIRS if after in TRANSITIONS[before]]
FORBIDDEN = [pair for pair in PAIRS if pair not in ALLOWED]


def step(intervention, to, **changes):
    details = {"reason": "Demandé par le gardien.", "slot": SLOT, "now": LATER, "version": intervention.version}
    if "by" not in changes:
        details["by"] = UserFactory()
    if "provider" not in changes:
        details["provider"] = ProviderFactory()
    return advance(intervention, to=to, **details | changes)


@pytest.mark.parametrize(("before", "after"), ALLOWED)
def test_a_step_of_the_table_is_taken_and_told(before, after):
    intervention, agent = InterventionFactory(status=before), UserFactory()
    step(intervention, after, by=agent, reason="Vu avec le bailleur.")

    intervention.refresh_from_db()
    assert intervention.status == after
    assert intervention.version == 2
    assert intervention.last_event_at == LATER
    assert intervention.closed_at == (LATER if after in ENDED else None)
    told = intervention.transitions.get()
    assert (told.from_status, told.to_status, told.at, told.by) == (before, after, LATER, agent)
    assert told.reason == "Vu avec le bailleur."


@pytest.mark.parametrize(("before", "after"), FORBIDDEN)
def test_any_other_step_is_refused_by_name(before, after):
    intervention = InterventionFactory(status=before)
    with pytest.raises(ForbiddenTransition) as refusal:
        step(intervention, after)
    assert str(refusal.value) == (f"Une intervention « {before.label} » ne peut pas passer à « {after.label} ».")
    intervention.refresh_from_db()
    assert (intervention.status, intervention.version) == (before, 1)
    assert not intervention.transitions.exists()


def test_every_open_state_can_be_closed_so_that_none_stays_for_ever():
    assert [status for status in Status if status not in ENDED and Status.CLOSED not in TRANSITIONS[status]] == []


def test_what_has_ended_can_only_be_reopened():
    assert {TRANSITIONS[status] for status in ENDED} == {(Status.REOPENED,)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Status.QUALIFIED, Status.REFUSED),
        (Status.QUALIFIED, Status.CANCELLED),
        (Status.QUALIFIED, Status.CLOSED),
        (Status.APPOINTMENT, Status.NO_ACCESS),
        (Status.ON_SITE, Status.FOLLOW_ON),
        (Status.CLOSED, Status.REOPENED),
        (Status.DONE, Status.FOLLOW_ON),
        (Status.DONE, Status.REOPENED),
    ],
)
def test_these_need_a_reason(before, after):
    intervention = InterventionFactory(status=before)
    with pytest.raises(MissingDetail, match=f"« {after.label} » demande une raison"):
        step(intervention, after, reason="")
    step(intervention, after, reason="Le locataire l’a demandé.")


def test_closing_after_the_work_was_done_needs_no_word():
    assert step(InterventionFactory(status=Status.DONE), Status.CLOSED, reason="").status == Status.CLOSED


def test_dispatching_needs_a_provider_and_keeps_it():
    intervention, provider = InterventionFactory(status=Status.QUALIFIED), ProviderFactory()
    with pytest.raises(MissingDetail, match="prestataire"):
        step(intervention, Status.DISPATCHED, provider=None)
    step(intervention, Status.DISPATCHED, provider=provider)
    intervention.refresh_from_db()
    assert intervention.provider == provider
    assert intervention.transitions.get().provider == provider


def test_dispatching_again_keeps_the_former_provider_as_history():
    first, second = ProviderFactory(), ProviderFactory()
    intervention = step(InterventionFactory(), Status.DISPATCHED, provider=first)
    step(intervention, Status.DISPATCHED, provider=second)
    intervention.refresh_from_db()
    assert intervention.provider == second
    assert [told.provider for told in intervention.transitions.all()] == [first, second]


def test_a_provider_given_to_another_step_changes_nothing():
    first = ProviderFactory()
    intervention = InterventionFactory(status=Status.DISPATCHED, provider=first)
    step(intervention, Status.ACCEPTED, provider=ProviderFactory())
    intervention.refresh_from_db()
    assert intervention.provider == first
    assert intervention.transitions.get().provider is None


@pytest.mark.parametrize("slot", [None, Slot(NOW, NOW), Slot(SLOT.ends_at, SLOT.starts_at)])
def test_an_appointment_needs_a_beginning_and_an_end_in_order(slot):
    intervention = InterventionFactory(status=Status.ACCEPTED)
    with pytest.raises(MissingDetail, match="début et la fin"):
        step(intervention, Status.APPOINTMENT, slot=slot)
    assert not intervention.appointments.exists()


def test_a_later_appointment_replaces_the_first_which_stays_as_history():
    agent = UserFactory()
    intervention = step(InterventionFactory(status=Status.ACCEPTED), Status.APPOINTMENT, by=agent)
    other = Slot(SLOT.starts_at + timedelta(days=1), SLOT.ends_at + timedelta(days=1))
    step(intervention, Status.APPOINTMENT, slot=other, by=agent, now=LATER + timedelta(hours=1))
    assert [(made.starts_at, made.made_by) for made in intervention.appointments.all()] == [
        (SLOT.starts_at, agent),
        (other.starts_at, agent),
    ]


def test_reopening_takes_the_end_away():
    intervention = InterventionFactory(status=Status.CLOSED)
    assert intervention.closed_at is not None
    step(intervention, Status.REOPENED)
    intervention.refresh_from_db()
    assert intervention.is_open


def test_the_second_agent_is_told_by_whom_and_nothing_is_overwritten():
    intervention = InterventionFactory(status=Status.QUALIFIED)
    first = UserFactory(full_name="Nadia Wattel")
    step(intervention, Status.DISPATCHED, by=first)

    with pytest.raises(StaleIntervention, match=r"Nadia Wattel a modifié cette intervention.*« Transmise »"):
        step(intervention, Status.CANCELLED)  # with the version that was read before
    intervention.refresh_from_db()
    assert intervention.status == Status.DISPATCHED
    assert intervention.transitions.count() == 1


def test_after_the_system_the_agent_is_told_so():
    intervention = InterventionFactory()
    step(intervention, Status.CLOSED, by=None)
    with pytest.raises(StaleIntervention, match="Le système a modifié cette intervention"):
        step(intervention, Status.DISPATCHED)


@pytest.mark.django_db(transaction=True)
def test_of_two_agents_at_the_same_instant_one_wins():
    intervention = InterventionFactory(status=Status.QUALIFIED)
    first, second, provider = UserFactory(full_name="Nadia Wattel"), UserFactory(), ProviderFactory()
    told = meanwhile(
        lambda: step(intervention, Status.DISPATCHED, by=first, provider=provider),
        lambda: step(intervention, Status.CANCELLED, by=second, provider=provider),
    )
    assert isinstance(told, StaleIntervention)
    assert "Nadia Wattel" in str(told)
    intervention.refresh_from_db()
    assert (intervention.status, intervention.version) == (Status.DISPATCHED, 2)
    assert intervention.transitions.get().by == first


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"status": Status.CLOSED, "closed_at": None}, "intervention_ended_has_its_date"),
        ({"status": Status.QUALIFIED, "closed_at": NOW}, "intervention_ended_has_its_date"),
        ({"priority": Priority.EMERGENCY}, "intervention_override_has_its_reason"),
        ({"on_site_by": NOW}, "intervention_override_has_its_reason"),
    ],
)
def test_the_database_refuses_what_the_door_would(changes, constraint):
    intervention = InterventionFactory()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Intervention.objects.filter(pk=intervention.pk).update(**changes)


# Opening --------------------------------------------------------------------------------------------------------------


SUGGESTION = Suggestion(
    priority=Priority.URGENT,
    on_site_by=NOW + timedelta(hours=4),
    action=Instruction.Action.SEND_NOW,
    refer_to="",
    reasons=(),
    advice=(),
)


def open_leak(**changes):
    details = {
        "suggestion": SUGGESTION,
        "residence": changes.pop("residence", None) or ResidenceFactory(),
        "dwelling": None,
        "occupant": None,
        "reported_by": None,
        "contact_number": "",
        "answers": {},
        "description": "",
        "priority": Priority.URGENT,
        "on_site_by": SUGGESTION.on_site_by,
        "override_reason": "",
        "incident": None,
        "by": changes.pop("by", None) or UserFactory(),
        "now": NOW,
    }
    return open_intervention(PROBLEMS_BY_CODE["leak_ceiling"], **details | changes)


def test_it_is_opened_qualified_with_the_suggestion_and_its_first_two_steps():
    dwelling, agent, occupant, daughter = DwellingFactory(), UserFactory(), PersonFactory(), PersonFactory()
    found = open_leak(
        residence=dwelling.residence, dwelling=dwelling, by=agent, occupant=occupant, reported_by=daughter
    )
    found.refresh_from_db()
    assert (found.status, found.owner, found.opened_at) == (Status.QUALIFIED, agent, NOW)
    assert found.landlord == dwelling.residence.landlord
    assert (found.occupant, found.reported_by) == (occupant, daughter)
    assert (found.priority, found.suggested_priority) == (Priority.URGENT, Priority.URGENT)
    assert found.on_site_by == found.suggested_on_site_by == NOW + timedelta(hours=4)
    assert found.override_reason == ""
    assert [(told.from_status, told.to_status, told.by) for told in found.transitions.all()] == [
        ("", Status.RECEIVED, agent),
        (Status.RECEIVED, Status.QUALIFIED, agent),
    ]


def test_the_answers_are_kept():
    assert open_leak(answers={"flowing": True}).answers == {"flowing": True}


@pytest.mark.parametrize("change", [{"priority": Priority.NORMAL}, {"on_site_by": NOW + timedelta(hours=1)}])
def test_departing_from_the_suggestion_takes_a_reason_and_both_are_kept(change):
    with pytest.raises(MissingDetail, match="pourquoi vous vous écartez"):
        open_leak(**change)
    assert not Intervention.objects.exists()

    found = open_leak(**change, override_reason="La voisine a coupé l’eau.")
    assert found.override_reason == "La voisine a coupé l’eau."
    assert found.suggested_priority == Priority.URGENT
    assert found.suggested_on_site_by == NOW + timedelta(hours=4)


def test_a_reason_for_nothing_is_not_kept():
    assert open_leak(override_reason="Au cas où.").override_reason == ""


def test_a_dwelling_of_elsewhere_is_refused():
    with pytest.raises(MissingDetail, match="pas dans cette résidence"):
        open_leak(dwelling=DwellingFactory())


@pytest.mark.parametrize("closed_at", [None, NOW])
def test_an_incident_that_is_closed_or_of_elsewhere_is_refused(closed_at):
    residence = ResidenceFactory()
    elsewhere = {} if closed_at is None else {"residence": residence}
    with pytest.raises(MissingDetail, match="Cet incident est clos"):
        open_leak(residence=residence, incident=IncidentFactory(closed_at=closed_at, **elsewhere))


def test_it_joins_an_open_incident():
    incident = IncidentFactory()
    assert open_leak(residence=incident.residence, incident=incident).incident == incident


# What does not change the state -------------------------------------------------------------------------------------


def test_a_word_about_it_makes_no_form_stale_and_never_turns_the_clock_back():
    intervention = InterventionFactory()
    found = Intervention.objects.filter(pk=intervention.pk)
    note_event(found, now=LATER)
    note_event(found, now=NOW)
    intervention.refresh_from_db()
    assert (intervention.last_event_at, intervention.version) == (LATER, 1)


def test_it_is_taken_over():
    intervention, agent = InterventionFactory(owner=UserFactory()), UserFactory()
    take_over(intervention, seen_owner=intervention.owner_id, by=agent, now=LATER)
    intervention.refresh_from_db()
    assert (intervention.owner, intervention.last_event_at, intervention.version) == (agent, LATER, 1)


@pytest.mark.parametrize("owned", [False, True])
def test_the_second_to_take_it_over_is_told_who_was_quicker(owned):
    intervention = InterventionFactory(owner=UserFactory() if owned else None)
    seen, first = intervention.owner_id, UserFactory(full_name="Nadia Wattel")
    take_over(intervention, seen_owner=seen, by=first, now=LATER)
    with pytest.raises(AlreadyFollowed, match="Nadia Wattel suit désormais cette intervention"):
        take_over(intervention, seen_owner=seen, by=UserFactory(), now=LATER)
    intervention.refresh_from_db()
    assert intervention.owner == first

    take_over(intervention, seen_owner=seen, by=first, now=LATER)  # a second click of the same agent


# The next promise ---------------------------------------------------------------------------------------------------


def test_an_appointment_is_the_new_promise_and_the_suggestion_stays_beside_it():
    intervention = InterventionFactory(status=Status.ACCEPTED)
    suggested = intervention.on_site_by
    step(intervention, Status.APPOINTMENT)
    intervention.refresh_from_db()
    assert intervention.on_site_by == SLOT.ends_at != suggested == intervention.suggested_on_site_by
    assert intervention.override_reason == "Rendez-vous pris"


def test_a_reason_that_was_given_before_stays():
    intervention = InterventionFactory(
        status=Status.ACCEPTED, suggested_on_site_by=NOW, on_site_by=LATER, override_reason="La voisine attend."
    )
    step(intervention, Status.APPOINTMENT)
    intervention.refresh_from_db()
    assert (intervention.on_site_by, intervention.override_reason) == (SLOT.ends_at, "La voisine attend.")


def test_a_second_visit_may_be_promised_without_an_appointment():
    intervention = InterventionFactory(status=Status.FOLLOW_ON, suggested_on_site_by=NOW)
    again = NOW + timedelta(days=2)
    step(intervention, Status.DISPATCHED, slot=None, promise=again)
    intervention.refresh_from_db()
    assert (intervention.on_site_by, intervention.override_reason) == (again, "Nouveau passage promis")
    assert intervention.suggested_on_site_by == NOW


def test_other_steps_leave_the_promise_alone():
    intervention = InterventionFactory(status=Status.QUALIFIED)
    step(intervention, Status.DISPATCHED)
    intervention.refresh_from_db()
    assert (intervention.on_site_by, intervention.override_reason) == (intervention.suggested_on_site_by, "")


def test_it_is_attached_to_an_open_incident_of_its_residence():
    incident = IncidentFactory()
    intervention = InterventionFactory(residence=incident.residence)
    attach_to_incident(intervention, incident=incident)
    intervention.refresh_from_db()
    assert intervention.incident == incident


def test_it_is_not_attached_to_one_that_was_closed_since_it_was_read():
    incident = IncidentFactory()
    intervention = InterventionFactory(residence=incident.residence)
    Incident.objects.filter(pk=incident.pk).update(closed_at=NOW)
    with pytest.raises(MissingDetail, match="Cet incident est clos"):
        attach_to_incident(intervention, incident=incident)
    with pytest.raises(MissingDetail, match="une autre résidence"):
        attach_to_incident(intervention, incident=IncidentFactory())


def test_every_refusal_is_one_error_of_the_lifecycle():
    for error in (ForbiddenTransition, MissingDetail, StaleIntervention):
        assert issubclass(error, lifecycle.LifecycleError)


def test_the_steps_are_told_in_order():
    intervention = InterventionFactory()
    second = TransitionFactory(intervention=intervention, at=LATER, to_status=Status.QUALIFIED)
    first = TransitionFactory(intervention=intervention, at=NOW)
    assert list(intervention.transitions.all()) == [first, second]
    assert str(first) == " → Reçue"
