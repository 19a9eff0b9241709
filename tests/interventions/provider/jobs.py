"""A job on its way to a provider, and what arrives there."""

from datetime import datetime, timedelta
from typing import Any

from django.core import mail

from interventions.lifecycle import advance
from interventions.models import Intervention, Provider, Status
from privacy.outbox import sms
from tests.factories import AccessCodeFactory, DwellingFactory, InterventionFactory, PersonFactory, UserFactory
from tests.outbox import deliver_all


def sent_to(provider: Provider, *, now: datetime, **details: Any) -> Intervention:
    """Through the one door. The occupant's home, with its code and a number to call back."""
    if "dwelling" not in details:
        dwelling = DwellingFactory(door="12", residence__name="Les Hortensias")
        AccessCodeFactory(residence=dwelling.residence, code="12A34")
        occupant = PersonFactory(family_name="Delattre", given_name="Simone")
        details = {
            "residence": dwelling.residence,
            "dwelling": dwelling,
            "occupant": occupant,
            "reported_by": occupant,
            "contact_number": "+33612345678",
            "description": "Appeler après la sieste.",
            "opened_at": now,
            "on_site_by": now + timedelta(hours=2),
            "suggested_on_site_by": now + timedelta(hours=2),
        } | details
    intervention = InterventionFactory(**details)
    return advance(intervention, to=Status.DISPATCHED, by=UserFactory(), now=now, version=1, provider=provider)


def links_sent(now: datetime) -> list[str]:
    """The addresses in what has just left, by SMS then by e-mail; nothing is left to read twice."""
    deliver_all(now)
    bodies = [text.text for text in sms.outbox] + [str(message.body) for message in mail.outbox]
    sms.outbox.clear()
    mail.outbox.clear()
    return [word[word.index("/p/") :] for body in bodies for word in body.split() if "/p/" in word]
