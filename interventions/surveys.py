"""What people think of an intervention: one answer for each, asked only of those who agreed to be asked."""

from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import Person, User
from interventions.lifecycle import REOPEN_WITHIN
from interventions.models import Intervention, Status, SurveyAnswer
from privacy import consent
from privacy.objections import is_stopped
from privacy.restriction import is_restricted

PURPOSE = "surveys"


class NotAsked(Exception):
    """They did not agree to be asked, have answered, or it is over."""


def is_asked(intervention: Intervention, *, person: Person, now: datetime) -> bool:
    """Whether the portal asks `person` about it: closed within thirty days, not answered yet, and they agreed."""
    if intervention.status != Status.CLOSED or not intervention.is_dealt_with(person):
        return False
    if intervention.closed_at is None or now > intervention.closed_at + REOPEN_WITHIN:
        return False
    if is_restricted(person) or is_stopped(person, purposes=[PURPOSE, "polls"]):
        return False
    answered = SurveyAnswer.objects.filter(intervention=intervention).exists()
    return not answered and consent.is_given(person, purpose=PURPOSE)


@transaction.atomic
def give_opinion(
    intervention: Intervention, *, person: Person, score: int, solved: bool, comment: str, now: datetime
) -> SurveyAnswer:
    """Raises NotAsked."""
    if not is_asked(intervention, person=person, now=now):
        raise NotAsked
    try:
        with transaction.atomic():
            return SurveyAnswer.objects.create(
                intervention=intervention,
                person=person,
                answered_at=now,
                score=score,
                solved=solved,
                comment=comment,
            )
    except IntegrityError as error:
        raise NotAsked from error


def delete_answers_of(person: Person, *, by: User | None, now: datetime) -> int:
    """They took their consent back: nothing else allows keeping them."""
    deleted, _ = SurveyAnswer.objects.filter(person=person).delete()
    return deleted
