"""Subscriptions: asked by the tenant, accepted by somebody who may first ask who they are, ended by either."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from accounts.models import Person, User
from interventions import identity_documents
from interventions.account_opening import Channel, address_of
from interventions.models import Landlord, Subscription
from privacy import journal, outbox
from privacy.retention.due import paris_day

State = Subscription.State


class NotNow(Exception):
    """The subscription is not where this would make sense. The message says why, in French, for the desk."""


@transaction.atomic
def ask(person: Person, *, landlord: Landlord, now: datetime) -> Subscription:
    """Asking twice is asking once."""
    Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    living = Subscription.objects.living().filter(person=person, landlord=landlord).first()
    return living or Subscription.objects.create(person=person, landlord=landlord, asked_at=now)


@transaction.atomic
def ask_who(subscription: Subscription, *, by: User, now: datetime) -> None:
    """Ask for an identity document: on a doubt, once. Raises NotNow."""
    current = asked(subscription)
    if current.identity_asked_at is not None:
        raise NotNow("La pièce est déjà demandée.")
    current.identity_asked_at = now
    current.save(update_fields=["identity_asked_at"])
    journal.record(current, action="ask_identity", by=by, now=now)
    person = current.person
    if to := address_of(person, Channel.MAIL):
        link = outbox.absolute(reverse("portal:subscriptions"))
        outbox.send("identity_asked", to=to, person=person, language=person.language, link=link, now=now)


@transaction.atomic
def accept(subscription: Subscription, *, by: User, now: datetime) -> None:
    """Raises NotNow while a document that was asked for is not verified."""
    current = asked(subscription)
    if current.identity_asked_at and not current.identity_documents.filter(verified_at__isnull=False).exists():
        raise NotNow("La pièce d’identité demandée n’est pas encore vérifiée.")
    current.state, current.started_on = State.ACTIVE, paris_day(now)
    current.save(update_fields=["state", "started_on"])
    journal.record(current, action="accept_subscription", by=by, now=now)


@transaction.atomic
def end(subscription: Subscription, *, by: User | None, now: datetime) -> None:
    """
    By somebody of the staff (also a refusal), or by the person themselves. Ending twice is ending once.

    A document that waits has nothing to wait for any more.
    """
    current = Subscription.objects.select_for_update(of=("self",)).get(pk=subscription.pk)
    if current.state == State.ENDED:
        return
    for document in current.identity_documents.filter(verified_at=None):
        identity_documents.discard(document, by=by, now=now)
    current.state, current.ended_on = State.ENDED, paris_day(now)
    current.save(update_fields=["state", "ended_on"])
    if by is not None:
        journal.record(current, action="end_subscription", by=by, now=now)


def asked(subscription: Subscription) -> Subscription:
    current = Subscription.objects.select_for_update(of=("self",)).select_related("person").get(pk=subscription.pk)
    if current.state != State.ASKED:
        raise NotNow("Cet abonnement n’est plus une demande.")
    return current
