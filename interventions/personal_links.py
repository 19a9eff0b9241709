"""Links for people without an account. Each is for one purpose, and opens nothing else."""

from datetime import datetime, timedelta

from accounts.models import Person, User
from interventions.models import Intervention, PersonalLink
from privacy.tokens import hash_of, new_token

Purpose = PersonalLink.Purpose

REPORT_WITHIN = timedelta(days=2)
FOLLOW_WITHIN = timedelta(days=90)


def issue_link(
    person: Person, *, purpose: Purpose, intervention: Intervention | None = None, by: User | None, now: datetime
) -> str:
    """Returns the token, which is kept nowhere. Former links of the same kind stay alive until their own end."""
    token = new_token()
    PersonalLink.objects.create(
        person=person,
        purpose=purpose,
        intervention=intervention,
        token_hash=hash_of(token),
        created_at=now,
        created_by=by,
        expires_at=now + (REPORT_WITHIN if purpose == Purpose.REPORT else FOLLOW_WITHIN),
    )
    return token


def revoke_links(person: Person, *, now: datetime) -> int:
    """All of them, at once. Returns how many were alive."""
    return PersonalLink.objects.alive(now=now).filter(person=person).update(revoked_at=now)


def find_link(token: str, *, now: datetime) -> PersonalLink | None:
    """The living link of this token."""
    return PersonalLink.objects.alive(now=now).filter(token_hash=hash_of(token)).first()
