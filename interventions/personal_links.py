"""Links for people without an account. Each is for one purpose, and opens nothing else."""

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.models import Person, User
from accounts.phones import can_receive_texts
from interventions.models import Intervention, PersonalLink, Tenancy
from privacy.outbox import absolute, send
from privacy.tokens import hash_of, new_token

Purpose = PersonalLink.Purpose

REPORT_WITHIN = timedelta(days=2)
FOLLOW_WITHIN = timedelta(days=90)
KINDS = {Purpose.REPORT: "report_link", Purpose.FOLLOW: "follow_link"}  # of message


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


@transaction.atomic
def send_link(
    person: Person,
    *,
    purpose: Purpose,
    to: str,
    intervention: Intervention | None = None,
    by: User | None,
    now: datetime,
) -> None:
    """Issue one and send it `to` an e-mail address or an E.164 number of the person's."""
    token = issue_link(person, purpose=purpose, intervention=intervention, by=by, now=now)
    link = absolute(reverse("portal:open_link", args=[token]))
    send(KINDS[purpose], to=to, person=person, language=person.language, link=link, now=now)


def send_report_link(to: str, *, now: datetime) -> None:
    """
    To who asks for it without an account: if this number or address is that of one tenant, and one alone.
    """
    current = Tenancy.objects.current(on=localdate(now)).values("person")
    tenants = Person.objects.current().filter(pk__in=current)
    known = tenants.filter(email__iexact=to) if "@" in to else tenants.filter(phones__number=to)
    match list(known[:2]):
        case [person]:
            send_link(person, purpose=Purpose.REPORT, to=to, by=None, now=now)


def addresses_of(person: Person) -> list[str]:
    """Where a link can reach the person: their mobiles, then their e-mail address."""
    numbers = person.phones.order_by("pk").values_list("number", flat=True)
    return [*filter(can_receive_texts, numbers), *filter(None, [person.email])]


def keep_following(intervention: Intervention, *, until: datetime, now: datetime) -> None:
    """Links that still let somebody follow it do so `until` then at least."""
    alive = PersonalLink.objects.alive(now=now).filter(intervention=intervention, expires_at__lt=until)
    alive.update(expires_at=until)


def revoke_links(person: Person, *, now: datetime) -> int:
    """All of them, at once. Returns how many were alive."""
    return PersonalLink.objects.alive(now=now).filter(person=person).update(revoked_at=now)


def find_link(token: str, *, now: datetime) -> PersonalLink | None:
    """The living link of this token."""
    return PersonalLink.objects.alive(now=now).filter(token_hash=hash_of(token)).first()
