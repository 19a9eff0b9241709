"""Firefighters, police, SAMU: told at once what they need, by an agent on the telephone, and reviewed afterwards."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Person, User
from interventions import extracts
from interventions.models import Dwelling, EmergencyAlert, Intervention
from privacy import disclosure


class AlreadyReviewed(Exception):
    """Somebody else has. The message says so in French."""


@transaction.atomic
def tell(
    *,
    service: EmergencyAlert.Service,
    danger: EmergencyAlert.Danger,
    by: User,
    now: datetime,
    intervention: Intervention | None = None,
    dwelling: Dwelling | None = None,
    person: Person | None = None,
    number: str = "",
) -> EmergencyAlert:
    """
    `by` tells a service, of an intervention or of what is known of a call. It is on the register of disclosures before
    anything is read out. Neither restriction nor objection nor a missing consent stops it (GDPR articles 6(1)(d),
    18(2) and 49(1)(f)).
    """
    alert = EmergencyAlert.objects.create(
        intervention=intervention,
        dwelling=dwelling,
        person=person,
        number=number,
        service=service,
        danger=danger,
        at=now,
        by=by,
    )
    give(alert, now=now)
    return alert


def give(alert: EmergencyAlert, *, now: datetime) -> dict[str, Any]:
    """What is read out, by keys of `policy.FIELDS`."""
    return disclosure.give(extracts.EMERGENCY, alert, to=alert.recipient, by=alert.by, now=now)


@transaction.atomic
def review(
    alert: EmergencyAlert, *, outcome: EmergencyAlert.Outcome, note: str, by: User, now: datetime
) -> EmergencyAlert:
    """Where nothing was said after all, the register says so no more. Raises AlreadyReviewed."""
    current = EmergencyAlert.objects.select_for_update(of=("self",)).get(pk=alert.pk)
    if current.reviewed_at is not None:
        raise AlreadyReviewed("Cet appel aux secours a déjà été relu. Rien n’a été changé.")
    current.outcome, current.note, current.reviewed_by, current.reviewed_at = outcome, note, by, now
    current.save(update_fields=["outcome", "note", "reviewed_by", "reviewed_at"])
    if outcome == EmergencyAlert.Outcome.NOTHING_SAID:
        disclosure.of_source(current).delete()
    return current


def late_reviews(*, now: datetime) -> list[EmergencyAlert]:
    """Those that nobody has reviewed on the next working day."""
    today = timezone.localdate(now)
    return [alert for alert in EmergencyAlert.objects.unreviewed() if alert.review_due_on < today]
