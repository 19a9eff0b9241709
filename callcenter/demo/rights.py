"""What waits for the data protection officer: requests at each stage of their clock, and a breach just reported."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import Person, User
from privacy import breaches
from privacy.models import Restriction, RightsRequest
from privacy.rights import workflow

Right, Channel, Identity = RightsRequest.Right, RightsRequest.Channel, RightsRequest.Identity
DAY = timedelta(days=1)

# Which right, by which channel, how many days ago, whether it is known who asks, in which words.
ASKED = (
    (Right.ACCESS, Channel.LETTER, 33, Identity.KNOWN, "Tout ce que vous avez sur moi, appels compris."),
    (Right.ERASURE, Channel.PORTAL, 27, Identity.SIGNED_IN, "J’ai déménagé, je ne veux plus apparaître chez vous."),
    (Right.RECTIFICATION, Channel.PHONE, 12, Identity.KNOWN, "Mon nom s’écrit avec deux t."),
    (Right.PORTABILITY, Channel.PORTAL, 6, Identity.SIGNED_IN, ""),
    (Right.RESTRICTION, Channel.EMAIL, 4, Identity.UNPROVED, "L’adresse que vous avez n’est pas la mienne."),
    (Right.AUTOMATED_DECISION, Channel.FORM, 1, Identity.CODE, "Ma fuite n’a pas été jugée urgente. Pourquoi ?"),
)


def ask_for_rights(*, but: Person, by: User, now: datetime) -> None:
    """Of tenants in place, whose evidence is kept meanwhile; the demonstration's own tenant has asked nothing yet."""
    tenants = Person.objects.filter(tenancies__until_on=None, tenancies__isnull=False).exclude(pk=but.pk).order_by("pk")
    for person, (right, channel, days, identity, wish) in zip(tenants[: len(ASKED)], ASKED, strict=False):
        arrived_at = now - days * DAY
        request = workflow.receive(
            person,
            right=right,
            channel=channel,
            received_on=timezone.localdate(arrived_at),
            wish=wish,
            restriction_reason=Restriction.Reason.ACCURACY if right == Right.RESTRICTION else "",
            identity=identity,
            by=None if channel in (Channel.PORTAL, Channel.FORM) else by,
            now=arrived_at,
        )
        if days > 1:
            workflow.acknowledge(request, by=by, now=arrived_at + DAY)
        if not identity:
            reason = "L’adresse de l’e-mail n’est pas celle que nous connaissons."
            workflow.ask_identity(request, reason=reason, by=by, now=arrived_at + 2 * DAY)
    workflow.receive(
        None,
        right=Right.ACCESS,
        channel=Channel.LETTER,
        received_on=timezone.localdate(now - 2 * DAY),
        requester_name="Mme Solange Carlier",
        reply_to="3 rue des Liniers, 59400 Cambrai",
        wish="Je veux savoir ce que vous gardez de moi.",
        by=by,
        now=now - 2 * DAY,
    )


def suspect_a_breach(*, by: User, now: datetime) -> None:
    breaches.report(
        what="Un planning avec des adresses de locataires est resté à l’imprimante de l’accueil.",
        aware_at=now - 20 * timedelta(hours=1),
        by=by,
        now=now - 19 * timedelta(hours=1),
    )
