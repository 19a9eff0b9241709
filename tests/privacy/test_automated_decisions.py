"""No decision without a person: what is suggested, how often people depart from it, and one more look on request."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from callcenter import calls
from interventions import reviews
from interventions.lifecycle import MissingDetail, StaleIntervention, open_intervention
from interventions.models import Instruction, Intervention, Status, Transition
from interventions.problems import PROBLEMS_BY_CODE, Priority
from interventions.triage import Suggestion, suggest
from privacy.models import Letter, RightsRequest, SuggestionReview
from privacy.retention.due import paris_day
from privacy.rights import automated_decisions, automated_decisions_desk, workflow
from privacy.rights.automated_decisions import SUGGESTIONS, Tally
from privacy.rights.workflow import RequestError
from tests.factories import (
    NOW,
    TODAY,
    AnsweredCallFactory,
    InterventionFactory,
    PersonFactory,
    PhoneFactory,
    ResidenceFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

Outcome, Identity = RightsRequest.Outcome, RightsRequest.Identity


@pytest.fixture
def supervisor():
    return UserFactory(role=Role.SUPERVISOR)


def figures_of(key, *, now=NOW):
    return next(each for each in automated_decisions.figures(now=now) if each.suggestion.key == key)


def opened(*, priority=None, reason="", action=None, duplicates=0, residence=None, by=None):
    """As an agent opens one: what the script suggests, confirmed or not."""
    residence, problem = residence or ResidenceFactory(), PROBLEMS_BY_CODE["lift_down"]
    suggestion = suggest(problem, answers={}, landlord=residence.landlord, now=NOW)
    if action:
        suggestion = Suggestion(**{**suggestion.__dict__, "action": action})
    return open_intervention(
        problem,
        suggestion=suggestion,
        residence=residence,
        dwelling=None,
        occupant=None,
        reported_by=None,
        contact_number="",
        answers={},
        description="",
        priority=priority or suggestion.priority,
        on_site_by=suggestion.on_site_by,
        override_reason=reason,
        incident=None,
        duplicates=duplicates,
        by=by or UserFactory(role=Role.AGENT),
        now=NOW,
    )


# What is suggested, and how often it is overruled ---------------------------------------------------------------------


def test_each_suggestion_says_what_it_looks_at_and_who_decides():
    assert set(SUGGESTIONS) == {"priority", "referral", "duplicates", "person_match"}
    for suggestion in SUGGESTIONS.values():
        assert all([suggestion.name, suggestion.looks_at, suggestion.suggests, suggestion.confirmed_by])


def test_a_priority_is_overruled_by_who_says_why():
    opened()
    assert figures_of("priority").total == Tally(confirmed=1, overruled=0)
    opened(priority=Priority.EMERGENCY, reason="Une personne âgée est seule")
    assert figures_of("priority").total == Tally(confirmed=1, overruled=1)
    assert figures_of("priority").total.percent == 50
    assert [month.tally.total for month in figures_of("priority").months] == [0] * 11 + [2]


def test_a_later_appointment_overrules_nothing():
    InterventionFactory(
        status=Status.APPOINTMENT,
        opened_at=NOW,
        on_site_by=NOW + timedelta(days=3),
        override_reason="Rendez-vous pris",
    )
    assert figures_of("priority").total == Tally(confirmed=1, overruled=0)


def test_a_report_that_nobody_has_read_is_not_decided_yet():
    InterventionFactory(status=Status.RECEIVED, opened_at=NOW)
    assert figures_of("priority").total.total == 0


def test_what_was_not_ours_is_overruled_by_opening_it_all_the_same():
    opened(action=Instruction.Action.NOT_OURS)
    refused = opened(action=Instruction.Action.NOT_OURS)
    Transition.objects.create(intervention=refused, to_status=Status.REFUSED, at=NOW)
    opened()
    assert figures_of("referral").total == Tally(confirmed=1, overruled=1)


def test_a_duplicate_is_confirmed_by_the_call_that_joins_it_and_overruled_by_another_opened():
    agent, first = UserFactory(role=Role.AGENT), opened()
    call = AnsweredCallFactory(agent=agent, started_at=NOW, answered_at=NOW)
    calls.link_intervention(call, intervention=first, by=agent)  # to ask where it stands
    assert figures_of("duplicates").total.total == 0
    calls.link_intervention(call, intervention=first, suggested=True, by=agent)
    opened(duplicates=1)
    assert figures_of("duplicates").total == Tally(confirmed=1, overruled=1)


def test_who_the_number_suggested_is_confirmed_or_another():
    known, other = PhoneFactory(number="+33612345678").person, PersonFactory()
    for number, caller, followed in (
        ("+33612345678", known, True),
        ("+33612345678", other, False),
        ("+33698765432", other, None),
    ):
        agent = UserFactory(role=Role.AGENT)
        call = AnsweredCallFactory(agent=agent, from_number=number, started_at=NOW, answered_at=NOW)
        calls.identify(call, caller=caller, on_behalf_of=None, relation="", by=agent)
        assert call.number_matched is followed
    assert figures_of("person_match").total == Tally(confirmed=1, overruled=1)


def test_the_dpo_and_everybody_read_the_list(client):
    opened(priority=Priority.EMERGENCY, reason="…")
    public = client.get("/confidentialite/").content.decode()
    for suggestion in SUGGESTIONS.values():
        assert suggestion.name in public
    assert "une personne confirme" in public
    client.force_login(UserFactory(role=Role.DPO))
    Intervention.objects.update(opened_at=timezone.now())
    page = client.get(reverse("admin:rights_suggestions")).content.decode()
    assert "1 sur 1" in page
    assert page.count("<rect") == automated_decisions.CHARTED


# One more look --------------------------------------------------------------------------------------------------------


def asked(person, *, identity=Identity.SIGNED_IN):
    return workflow.receive(
        person,
        right="automated_decision",
        channel="portal",
        received_on=TODAY,
        wish="Cela ne peut pas attendre.",
        identity=identity,
        by=None,
        now=NOW,
    )


def put_before_the_desk(request, intervention):
    return automated_decisions.ask(request, suggestion="priority", pk=intervention.pk, by=None, now=NOW)


def looked_at(review, intervention, by, **said):
    intervention.refresh_from_db()
    kept = {"priority": intervention.priority, "on_site_by": intervention.on_site_by, "reason": "Rien ne presse."}
    return reviews.review_priority(
        review, intervention, version=intervention.version, by=by, now=NOW, **{**kept, **said}
    )


def test_only_ones_own_open_interventions_are_looked_at_again():
    person, neighbour = PersonFactory(), PersonFactory()
    mine = InterventionFactory(occupant=person)
    request = asked(person)
    for wrong in (
        InterventionFactory(occupant=neighbour),
        InterventionFactory(occupant=neighbour, reported_by=person),
        InterventionFactory(occupant=person, status=Status.CLOSED),
    ):
        with pytest.raises(RequestError):
            put_before_the_desk(request, wrong)
    assert put_before_the_desk(request, mine) == put_before_the_desk(request, mine)
    assert SuggestionReview.objects.count() == 1


def test_a_person_confirms_it_and_the_request_is_answered(supervisor):
    person = PersonFactory()
    intervention = InterventionFactory(occupant=person)
    request = asked(person)
    review = put_before_the_desk(request, intervention)
    assert [(each.pk, about.pk) for each, about in reviews.waiting_reviews()] == [(review.pk, intervention.pk)]
    looked_at(review, intervention, supervisor)
    request.refresh_from_db()
    assert (request.outcome, request.executed_at, request.answered_at) == (Outcome.GRANTED, NOW, NOW)
    letter = Letter.objects.get(request=request)
    assert letter.sent_at == NOW
    assert "confirmée" in letter.text
    assert "Rien ne presse." in letter.text
    assert reviews.waiting_reviews() == []


def test_or_changes_it(supervisor):
    person = PersonFactory()
    intervention = InterventionFactory(occupant=person, priority=Priority.NORMAL, suggested_priority=Priority.NORMAL)
    request = asked(person)
    review = put_before_the_desk(request, intervention)
    sooner = NOW + timedelta(hours=1)
    looked_at(
        review,
        intervention,
        supervisor,
        priority=Priority.EMERGENCY,
        on_site_by=sooner,
        reason="L’eau coule chez vous.",
    )
    intervention.refresh_from_db()
    review.refresh_from_db()
    assert (intervention.priority, intervention.on_site_by) == (Priority.EMERGENCY, sooner)
    assert intervention.suggested_priority == Priority.NORMAL
    assert (review.changed, review.done_by) == (True, supervisor)
    assert "changée" in request.letters.get().text


def test_all_of_a_request_is_looked_at_before_its_answer(supervisor):
    person = PersonFactory()
    first, second = InterventionFactory(occupant=person), InterventionFactory(occupant=person)
    request = asked(person)
    one, other = put_before_the_desk(request, first), put_before_the_desk(request, second)
    looked_at(one, first, supervisor)
    request.refresh_from_db()
    assert request.answered_at is None
    workflow_says = pytest.raises(RequestError, match="pas encore tout revu")
    workflow.decide(request, outcome=Outcome.GRANTED, by=supervisor, now=NOW)
    with workflow_says:
        automated_decisions.execute(request, by=supervisor, now=NOW)
    looked_at(other, second, supervisor)
    assert automated_decisions.execute(request, by=supervisor, now=NOW) == {"reviews": 2, "changed": 0}


def test_of_nobody_known_it_is_looked_at_and_the_dpo_answers(supervisor):
    person = PersonFactory()
    intervention = InterventionFactory(occupant=person)
    request = asked(person, identity=Identity.UNPROVED)
    looked_at(put_before_the_desk(request, intervention), intervention, supervisor)
    request.refresh_from_db()
    assert (request.decided_at, request.answered_at) == (None, None)


def test_another_eye_than_the_one_that_confirmed_it():
    agent, colleague = UserFactory(role=Role.AGENT), UserFactory(role=Role.AGENT)
    person = PersonFactory()
    intervention = opened(by=agent)
    Intervention.objects.filter(pk=intervention.pk).update(occupant=person)
    review = put_before_the_desk(asked(person), intervention)
    with pytest.raises(reviews.OwnDecision):
        looked_at(review, intervention, agent)
    looked_at(review, intervention, colleague)
    review.refresh_from_db()
    assert review.done_by == colleague


def test_without_a_reason_on_stale_words_or_twice_nothing_is_changed(supervisor):
    person = PersonFactory()
    intervention = InterventionFactory(occupant=person)
    review = put_before_the_desk(asked(person), intervention)
    with pytest.raises(MissingDetail):
        looked_at(review, intervention, supervisor, reason=" ")
    with pytest.raises(StaleIntervention):
        reviews.review_priority(
            review,
            intervention,
            priority=Priority.EMERGENCY,
            on_site_by=NOW,
            reason="…",
            by=supervisor,
            now=NOW,
            version=intervention.version + 1,
        )
    looked_at(review, intervention, supervisor)
    with pytest.raises(RequestError):
        looked_at(review, intervention, supervisor)
    assert Letter.objects.count() == 1


# The pages ------------------------------------------------------------------------------------------------------------


def told_to(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def test_a_tenant_asks_in_one_click_and_reads_the_answer(client, supervisor):
    person = PersonFactory()
    intervention = InterventionFactory(occupant=person, opened_at=timezone.now())
    client.force_login(UserFactory(role=Role.TENANT, person=person))
    page = f"/portail/demandes/{intervention.pk}/"
    assert f'action="{page}revoir/"' in client.get(page).content.decode()
    for _ in range(2):
        client.post(f"{page}revoir/")
    request = RightsRequest.objects.get()
    assert (request.person, request.right, request.identity) == (person, "automated_decision", "signed_in")
    assert f'action="{page}revoir/"' not in client.get(page).content.decode()

    client.force_login(supervisor)
    assert intervention.reference in client.get("/console/").content.decode()
    sheet = f"/console/interventions/{intervention.pk}/"
    assert "Priorité à revoir" in client.get(sheet).content.decode()
    said = {
        "version": intervention.version,
        "priority": Priority.EMERGENCY,
        "on_site_by": f"{timezone.localtime() + timedelta(hours=1):%Y-%m-%dT%H:%M}",
    }
    assert client.post(f"{sheet}revoir/", said).status_code == 422
    assert client.post(f"{sheet}revoir/", {**said, "reason": "L’eau coule."}).status_code == 302
    assert "rien à revoir" in told_to(client.get(f"{sheet}revoir/")) or client.get(f"{sheet}revoir/").status_code == 302
    request.refresh_from_db()
    assert request.answered_at
    client.force_login(person.user)
    assert "L’eau coule." in client.get(f"/portail/droits/demandes/{request.pk}/").content.decode()


def test_nobody_asks_for_somebody_elses(client):
    intervention = InterventionFactory(occupant=PersonFactory())
    client.force_login(UserFactory(role=Role.TENANT, person=PersonFactory()))
    assert client.post(f"/portail/demandes/{intervention.pk}/revoir/").status_code == 404
    assert not RightsRequest.objects.exists()


def test_the_dpo_puts_it_before_the_desk_from_the_request(client):
    dpo, person = UserFactory(role=Role.DPO), PersonFactory()
    intervention = InterventionFactory(occupant=person)
    request = RightsRequest.objects.create(
        person=person, right="automated_decision", received_on=paris_day(timezone.now())
    )
    client.force_login(dpo)

    def part():
        context = automated_decisions_desk.part(request, by=dpo, now=timezone.now())
        return render_to_string("admin/requests/automated_decision.html", context)

    address = reverse("admin:rights_review", args=[request.pk, "priority", intervention.pk])
    assert f'action="{address}"' in part()
    client.post(address)
    assert SuggestionReview.objects.get().object_id == intervention.pk
    assert "attend le centre d’appels" in part()
    assert f'action="{address}"' not in part()
    assert "rien à revoir" in told_to(client.post(reverse("admin:rights_review", args=[request.pk, "priority", 0])))
