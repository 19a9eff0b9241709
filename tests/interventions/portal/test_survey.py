"""One opinion for each intervention, asked of those who agreed, gone when they take it back."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from interventions.lifecycle import REOPEN_WITHIN
from interventions.models import Intervention, Status, SurveyAnswer
from interventions.surveys import NotAsked, give_opinion
from privacy import consent
from tests.factories import NOW, InterventionFactory, PersonFactory
from tests.interventions.portal.conftest import signed_in_as

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("night")]

GOOD = {"score": "5", "solved": "yes", "comment": "Rapide."}
OFFER = "Donner votre avis"


def agree(person, answer=consent.give):
    answer(person, purpose="surveys", channel="portal", by=None, now=NOW)


@pytest.fixture
def closed(tenant):
    return InterventionFactory(occupant=tenant, status=Status.CLOSED, opened_at=NOW - timedelta(days=3))


def page(intervention, rest=""):
    return f"/portail/demandes/{intervention.pk}/{rest}"


def test_it_is_offered_and_taken_once(portal, tenant, closed):
    agree(tenant)
    assert OFFER in portal.get(page(closed)).content.decode()
    for sent in (GOOD, {**GOOD, "score": "1"}):
        assert portal.post(page(closed, "avis/"), sent).url == page(closed)
    answer = SurveyAnswer.objects.get()
    assert (answer.intervention, answer.person, answer.score, answer.solved) == (closed, tenant, 5, True)
    assert (answer.comment, answer.answered_at) == ("Rapide.", NOW)
    assert OFFER not in portal.get(page(closed)).content.decode()


@pytest.mark.parametrize("answer", [None, consent.refuse, consent.withdraw])
def test_without_consent_nothing_is_asked_and_nothing_is_taken(portal, tenant, closed, answer):
    if answer:
        agree(tenant, answer)
    assert OFFER not in portal.get(page(closed)).content.decode()
    assert portal.get(page(closed, "avis/")).url == page(closed)
    assert portal.post(page(closed, "avis/"), GOOD).url == page(closed)
    assert not SurveyAnswer.objects.exists()


def test_taking_the_consent_back_deletes_what_was_answered(tenant, closed):
    neighbour = PersonFactory()
    for person, about in ((tenant, closed), (neighbour, InterventionFactory(occupant=neighbour, status=Status.CLOSED))):
        agree(person)
        give_opinion(about, person=person, score=5, solved=True, comment="Rapide.", now=NOW)
    agree(tenant, consent.withdraw)
    assert [answer.person for answer in SurveyAnswer.objects.all()] == [neighbour]


@pytest.mark.parametrize("status", [Status.DONE, Status.CANCELLED, Status.REFUSED])
def test_only_what_was_closed_is_asked_about(portal, tenant, status):
    agree(tenant)
    intervention = InterventionFactory(occupant=tenant, status=status)
    with pytest.raises(NotAsked):
        give_opinion(intervention, person=tenant, score=5, solved=True, comment="", now=NOW)


def test_it_is_asked_for_thirty_days(tenant, closed):
    agree(tenant)
    late = closed.closed_at + REOPEN_WITHIN + timedelta(seconds=1)
    with pytest.raises(NotAsked):
        give_opinion(closed, person=tenant, score=5, solved=True, comment="", now=late)
    assert give_opinion(closed, person=tenant, score=5, solved=True, comment="", now=closed.closed_at + REOPEN_WITHIN)


def test_who_says_that_it_is_not_solved_is_led_to_reopen_it(portal, tenant, closed):
    agree(tenant)
    assert portal.post(page(closed, "avis/"), {**GOOD, "solved": "no"}).url == page(closed, "toujours-en-panne/")
    assert SurveyAnswer.objects.get().solved is False


@pytest.mark.parametrize("sent", [{**GOOD, "score": "6"}, {**GOOD, "score": ""}, {**GOOD, "solved": "maybe"}])
def test_an_answer_that_is_none_is_refused(portal, tenant, closed, sent):
    agree(tenant)
    assert portal.post(page(closed, "avis/"), sent).status_code == 422
    assert not SurveyAnswer.objects.exists()


def test_the_database_holds_scores_from_one_to_five(tenant, closed):
    for score in (0, 6):
        with pytest.raises(IntegrityError), transaction.atomic():
            SurveyAnswer.objects.create(intervention=closed, person=tenant, answered_at=NOW, score=score, solved=True)


def test_nobody_answers_for_another(tenant, closed):
    daughter = PersonFactory()
    agree(daughter)
    agree(tenant)
    Intervention.objects.filter(pk=closed.pk).update(reported_by=daughter)
    for person in (daughter, PersonFactory()):
        assert signed_in_as(person).post(page(closed, "avis/"), GOOD).status_code == 404
    assert signed_in_as(tenant).post(page(closed, "avis/"), GOOD).status_code == 302


def test_an_opinion_goes_with_its_intervention(tenant, closed):
    agree(tenant)
    give_opinion(closed, person=tenant, score=5, solved=True, comment="", now=NOW)
    Intervention.objects.filter(pk=closed.pk)._raw_delete("default")
    assert not SurveyAnswer.objects.exists()
