"""
Information of those whose data another person gave us (GDPR article 14): told at the first contact, within a month at
the latest, or exempt for one of the reasons of article 14(5). Who gives their own is told by the channel's notice.
"""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Model

from privacy import journal
from privacy.models import ThirdPartyNotice
from privacy.policy import THIRD_PARTY_TOLD_WITHIN
from privacy.retention.due import paris_day
from privacy.rights.workflow import RequestError

How = ThirdPartyNotice.How
Exemption = ThirdPartyNotice.Exemption


@transaction.atomic
def owe(person: Model, *, source: Model, now: datetime) -> ThirdPartyNotice:
    """
    `source` is where another person spoke of them. Who was told, or waits to be, is not told twice: then it is that
    notice which is returned.
    """
    type(person)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    known = ThirdPartyNotice.objects.filter(person=person.pk).order_by("pk").first()
    return known or ThirdPartyNotice.objects.create(
        person_id=person.pk,
        source_model=source._meta.label,
        source_id=source.pk,
        learned_at=now,
        due_on=paris_day(now) + THIRD_PARTY_TOLD_WITHIN.length,
    )


def take_back(source: Model, *, but: Model | None = None) -> None:
    """It was about somebody else: nothing is owed to whom it named by mistake."""
    mistaken = ThirdPartyNotice.objects.waiting().filter(source_model=source._meta.label, source_id=source.pk)
    if but is not None:
        mistaken = mistaken.exclude(person=but.pk)
    mistaken.delete()


@transaction.atomic
def mark_told(person: Model, *, how: str, by: AbstractBaseUser | None, now: datetime) -> bool:
    """They were told what we do with their data, and their rights. False when nothing was owed to them."""
    owed = ThirdPartyNotice.objects.waiting().select_for_update(of=("self",)).filter(person=person.pk)
    told = list(owed)
    for notice in told:
        notice.told_at, notice.told_how, notice.handled_by_id = now, How(how), by.pk if by else None
        notice.save(update_fields=["told_at", "told_how", "handled_by"])
        journal.record(notice, action="inform", by=by, now=now, person=person.pk, how=notice.told_how)
    return bool(told)


@transaction.atomic
def exempt(
    notice: ThirdPartyNotice, *, exemption: str, reason: str, by: AbstractBaseUser, now: datetime
) -> ThirdPartyNotice:
    """One of the reasons of article 14(5), and why it holds here. Raises RequestError."""
    if exemption not in Exemption.values or not reason.strip():
        raise RequestError("Choisissez l’un des cas de l’article 14, paragraphe 5, et dites pourquoi il s’applique.")
    current = ThirdPartyNotice.objects.waiting().select_for_update(of=("self",)).filter(pk=notice.pk).first()
    if current is None:
        raise RequestError("Cette personne est déjà informée, ou dispensée.")
    current.exempted_at, current.exemption = now, Exemption(exemption)
    current.exemption_reason, current.handled_by_id = reason.strip(), by.pk
    current.save(update_fields=["exempted_at", "exemption", "exemption_reason", "handled_by"])
    journal.record(current, action="exempt", by=by, now=now, person=current.person_id, exemption=current.exemption)
    return current
