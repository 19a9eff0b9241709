"""
The one way out: what somebody outside is given of a person's data.

An app declares an `Extract`: for which kind of recipient of the policy, for which purpose, which fields, and how each
is read. `give` builds it from those fields and nothing else, refuses it when a restriction, an objection, a missing
consent or the recipient's country forbids it, and writes the register: who got which fields, by name and never by
value, what for, when. "Who got it" reads that register, and so do those who have to tell the recipients of a
rectification, an erasure or a restriction (GDPR article 19).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Model, QuerySet

from privacy import consent, objections
from privacy.models import Addressee, Disclosure
from privacy.models.disclosures import RECIPIENT_KINDS
from privacy.policy import FIELDS, PURPOSES
from privacy.restriction import is_restricted, restricted_among
from privacy.retention.due import paris_day

HERE = "FR"
VITAL = "emergency"  # a life is at stake: nothing may stand in its way (GDPR articles 6(1)(d) and 18(2))


class UnknownRecipient(Exception):
    """The policy names no such recipient, or not for this purpose, or not with this field: nothing may be given."""


class DisclosureRefused(Exception):
    """Nothing was given. The message says why, in French."""


Read = Callable[[Any], Any]


@dataclass(frozen=True)
class Extract:
    """
    What recipients of a `kind` (of `policy.RECIPIENTS`) are given of one piece, for a `purpose`: each field's key (of
    `policy.FIELDS`) and how it is read. `people(piece)` are those whose data these are. `despite_restriction(piece)`
    says when a restriction gives way, to protect somebody's life; `needs_consent` names the purpose consented to.
    `ended_at(piece)` is when what it is given for was over, where that is past.
    """

    key: str
    kind: str
    purpose: str
    fields: Mapping[str, Read]
    people: Callable[[Any], Iterable[Model | None]]
    despite_restriction: Callable[[Any], bool] = lambda piece: False
    needs_consent: str = ""
    ended_at: Callable[[Any], datetime | None] = lambda piece: None


extracts: dict[str, Extract] = {}


def declare(*declared: Extract) -> None:
    """Raises UnknownRecipient for what the policy does not provide for."""
    for extract in declared:
        check_known(extract.kind, extract.purpose)
        surplus = set(extract.fields) - set(RECIPIENT_KINDS[extract.kind].fields)
        if surplus:
            raise UnknownRecipient(f"{extract.kind}: {', '.join(sorted(surplus))}")
        extracts[extract.key] = extract


def check_known(kind: str, purpose: str) -> None:
    if kind not in RECIPIENT_KINDS or purpose not in PURPOSES or purpose not in RECIPIENT_KINDS[kind].purposes:
        raise UnknownRecipient(f"{kind}, {purpose}")


@transaction.atomic
def give(
    key: str,
    piece: Model,
    *,
    to: Model | str,
    by: AbstractBaseUser | None,
    now: datetime,
    kind: str = "",
    only: Collection[str] | None = None,
) -> dict[str, Any]:
    """
    The values of an extract's fields, `only` some of them where the rest is not needed yet. `to` is the recipient's
    row, or its name; `kind` another kind than the extract's where the recipient's own is (a company of the group).

    Raises DisclosureRefused.
    """
    extract = extracts[key]
    refuse_unless_allowed(extract, piece, to=to, now=now)
    fields = [name for name in extract.fields if only is None or name in only]
    for person in people_in(extract, piece):
        record(
            person,
            kind=kind or extract.kind,
            name=str(to),
            recipient=to if isinstance(to, Model) else None,
            country=to.country if isinstance(to, Addressee) else HERE,
            fields=[str(FIELDS[name]) for name in fields],
            purpose=extract.purpose,
            source=piece,
            by=by,
            now=now,
            ended_at=extract.ended_at(piece),
        )
    return {name: extract.fields[name](piece) for name in fields}


def give_many(
    key: str, pieces: Sequence[Model], *, to: Model, by: AbstractBaseUser | None, now: datetime
) -> list[tuple[Any, dict[str, Any]]]:
    """`give` for many pieces, in a few queries: each with its values. What may not be given is left out."""
    extract = extracts[key]
    assert not extract.needs_consent, "a consent is read one by one"
    people_of = {piece.pk: people_in(extract, piece) for piece in pieces}
    everybody = [person.pk for people in people_of.values() for person in people]
    restricted = restricted_among(everybody)
    stopped = objections.stopped_among(everybody, purposes=[extract.purpose])
    allowed = [
        piece
        for piece in pieces
        if not any(
            person.pk in stopped or (person.pk in restricted and not extract.despite_restriction(piece))
            for person in people_of[piece.pk]
        )
    ]
    given = {
        "recipient_kind": extract.kind,
        "recipient_name": str(to),
        "recipient_model": to._meta.label,
        "recipient_id": to.pk,
        "country": to.country if isinstance(to, Addressee) else HERE,
        "fields": sorted(str(FIELDS[name]) for name in extract.fields),
        "purpose": extract.purpose,
    }
    known = Disclosure.objects.filter(**given, source_id__in=[piece.pk for piece in allowed])
    told = set(known.values_list("person", "source_model", "source_id", "ended_at"))
    lines = (
        (person.pk, piece._meta.label, piece.pk, extract.ended_at(piece))
        for piece in allowed
        for person in people_of[piece.pk]
    )
    Disclosure.objects.bulk_create(
        Disclosure(
            **given,
            person_id=person,
            source_model=source_model,
            source_id=source_id,
            at=now,
            by_id=by.pk if by else None,
            ended_at=ended_at,
        )
        for person, source_model, source_id, ended_at in lines
        if (person, source_model, source_id, ended_at) not in told
    )
    return [(piece, {name: read(piece) for name, read in extract.fields.items()}) for piece in allowed]


def people_in(extract: Extract, piece: Model) -> list[Model]:
    return list({person.pk: person for person in extract.people(piece) if person is not None}.values())


def refuse_unless_allowed(extract: Extract, piece: Model, *, to: Model | str, now: datetime) -> None:
    """Raises DisclosureRefused. A transfer to save a life needs no guarantee either (GDPR article 49(1)(f))."""
    if extract.purpose == VITAL:
        return
    people = people_in(extract, piece)
    if is_restricted(*people) and not extract.despite_restriction(piece):
        raise DisclosureRefused(
            "Les données de cette personne sont sous limitation\N{NO-BREAK SPACE}: rien n’est transmis."
        )
    if objections.is_stopped(*people, purposes=[extract.purpose]):
        raise DisclosureRefused("La personne s’est opposée à cet usage de ses données\N{NO-BREAK SPACE}: rien ne part.")
    if extract.needs_consent and not all(consent.is_given(person, purpose=extract.needs_consent) for person in people):
        raise DisclosureRefused(
            "La personne n’a pas donné son accord à cette transmission\N{NO-BREAK SPACE}: rien ne part."
        )
    obstacle = to.transfer_obstacle(on=paris_day(now)) if isinstance(to, Addressee) else ""
    if obstacle:
        raise DisclosureRefused(obstacle)


# The register ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def record(
    person: Model,
    *,
    kind: str,
    name: str,
    fields: Iterable[str],
    purpose: str,
    source: Model,
    by: AbstractBaseUser | None,
    now: datetime,
    recipient: Model | None = None,
    country: str = HERE,
    ended_at: datetime | None = None,
) -> Disclosure:
    """
    `kind` is a key of `policy.RECIPIENTS`, `name` the recipient's, `recipient` its row where it has one. `fields` are
    names, never values. Given the same once more while the first still serves, it is one line. Raises UnknownRecipient.
    """
    check_known(kind, purpose)
    given = {
        "person_id": person.pk,
        "recipient_kind": kind,
        "recipient_name": name,
        "recipient_model": recipient._meta.label if recipient else "",
        "recipient_id": recipient.pk if recipient else None,
        "country": country,
        "fields": sorted(fields),
        "purpose": purpose,
        "source_model": source._meta.label,
        "source_id": source.pk,
    }
    known = Disclosure.objects.filter(**given, ended_at=ended_at).first()
    return known or Disclosure.objects.create(**given, at=now, by_id=by.pk if by else None, ended_at=ended_at)


def end(source: Model, *, now: datetime) -> None:
    """What they were given for is over: from here on their time counts."""
    of_source(source).filter(ended_at=None).update(ended_at=now)


def resume(source: Model) -> None:
    """It is not over after all."""
    of_source(source).update(ended_at=None)


def note_deletion(source: Model, *, recipient: Model, now: datetime) -> None:
    """The recipient attests that it has deleted what it was given for it."""
    theirs = of_source(source).filter(recipient_model=recipient._meta.label, recipient_id=recipient.pk)
    theirs.filter(deletion_attested_at=None).update(deletion_attested_at=now)


def of_source(source: Model) -> QuerySet[Disclosure]:
    return Disclosure.objects.filter(source_model=source._meta.label, source_id=source.pk)


def recipients_of(person: Model, *, also: Collection[int] = ()) -> QuerySet[Disclosure]:
    """Who really got data of this person, the latest first. `also`: numbers of other records of theirs."""
    return Disclosure.objects.filter(person__in=[person.pk, *also]).order_by("-at", "-pk")
