"""Who an intervention is for: told to a landlord with that person's consent, or where its follow-up needs it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import TextChoices

from accounts.models import Person, User
from interventions import extracts
from interventions.models import Intervention
from privacy import consent, disclosure, journal
from privacy.disclosure import DisclosureRefused
from privacy.policy import FIELDS

CONSENT = disclosure.extracts[extracts.LANDLORD_IDENTITY].needs_consent


class Need(TextChoices):
    """Why a manager has to know, to follow this very intervention."""

    APPOINTMENT = "appointment", "Convenir d’un rendez-vous avec la personne"
    ACCESS = "access", "Organiser l’accès au logement"
    DAMAGE = "damage", "Déclarer le sinistre à l’assurance"
    WORKS = "works", "Préparer les travaux qui suivent"
    REHOUSING = "rehousing", "Organiser un relogement"


class FollowUpOver(Exception):
    """The intervention has ended: following it needs nobody's name any more."""


@dataclass(frozen=True)
class Identity:
    person: Person
    name: str
    phones: list[str]
    by_consent: bool


@transaction.atomic
def need(intervention: Intervention, *, why: Need, by: User, now: datetime) -> None:
    """From now on, until the end, this manager is told. Raises FollowUpOver, DisclosureRefused."""
    if not intervention.is_open or intervention.correspondent is None:
        raise FollowUpOver
    disclosure.give(extracts.LANDLORD_FOLLOW_UP, intervention, to=intervention.landlord, by=by, now=now)
    journal.record(intervention, action="person_needed", by=by, now=now, why=why.value)


def identity_of(intervention: Intervention, *, by: User, now: datetime) -> Identity | None:
    """None without the person's consent, unless this manager needed it (see `need`) and it is not over."""
    person = intervention.correspondent
    if person is None:
        return None
    by_consent = consent.is_given(person, purpose=CONSENT)
    if not by_consent and not was_needed(intervention, by=by):
        return None
    extract = extracts.LANDLORD_IDENTITY if by_consent else extracts.LANDLORD_FOLLOW_UP
    try:
        given = disclosure.give(extract, intervention, to=intervention.landlord, by=by, now=now)
    except DisclosureRefused:
        return None
    return Identity(person, given["name"], given["phones"], by_consent)


def was_needed(intervention: Intervention, *, by: User) -> bool:
    purpose = disclosure.extracts[extracts.LANDLORD_FOLLOW_UP].purpose
    theirs = disclosure.of_source(intervention).filter(by=by, purpose=purpose, ended_at=None)
    return intervention.is_open and theirs.filter(fields__contains=[str(FIELDS["name"])]).exists()
