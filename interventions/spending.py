"""Above its limit a provider spends nothing before the landlord agrees."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from accounts.phones import can_receive_texts
from interventions import extracts
from interventions.lifecycle import note_event
from interventions.models import Intervention, LandlordContact, Provider, SpendingApproval
from interventions.provider_links import NoJob
from privacy import disclosure
from privacy.outbox import absolute, send
from privacy.restriction import Restricted
from privacy.tokens import hash_of, new_token


class SpendingError(Exception):
    """Nothing was asked or decided. The message says why, in French."""


def limit_for(intervention: Intervention, *, provider: Provider) -> Decimal | None:
    """The lower of the provider's and the landlord's; None where neither has one."""
    limits = [provider.spending_limit, intervention.landlord.spending_limit]
    return min((limit for limit in limits if limit is not None), default=None)


@transaction.atomic
def ask(intervention: Intervention, *, amount: Decimal, what: str, by: User | None, now: datetime) -> SpendingApproval:
    """
    Ask the landlord to approve an amount. `by` is None for the provider.

    Raises SpendingError where no approval is needed or one is asked already, NoJob, Restricted, DisclosureRefused.
    """
    current = Intervention.objects.select_for_update(of=("self",)).get(pk=intervention.pk)
    if current.provider is None or not current.is_with_provider:
        raise NoJob("Aucun prestataire n’a cette intervention en ce moment.")
    if current.is_restricted():
        raise Restricted
    limit = limit_for(current, provider=current.provider)
    if limit is None or amount <= limit:
        raise SpendingError("Ce montant reste sous le plafond\N{NO-BREAK SPACE}: aucun accord n’est nécessaire.")
    if current.approvals.filter(decided_at=None).exists():
        raise SpendingError("Un accord est déjà demandé pour cette intervention.")
    disclosure.give(extracts.SPENDING, current, to=str(current.landlord), by=by, now=now)
    contact = approver_of(current)
    token = new_token()
    approval = SpendingApproval.objects.create(
        intervention=current,
        provider=current.provider,
        contact=contact,
        amount=amount,
        limit=limit,
        what=what,
        asked_at=now,
        asked_by=by,
        token_hash=hash_of(token),
    )
    if contact is not None:
        for to in addresses_of(contact):
            send("spending_request", to=to, link=absolute(reverse("provider:spending", args=[token])), now=now)
    note_event(Intervention.objects.filter(pk=current.pk), now=now)
    return approval


def approver_of(intervention: Intervention) -> LandlordContact | None:
    """Whom a message reaches, those who approve spending first. None: an agent has to telephone."""
    contacts = intervention.landlord.contacts.order_by("-approves_spending", "pk")
    return next(filter(addresses_of, contacts), None)


def addresses_of(contact: LandlordContact) -> list[str]:
    mobile = contact.number if can_receive_texts(contact.number) else ""
    return [*filter(None, [mobile, contact.email])]


def find(token: str) -> SpendingApproval | None:
    """What this token still lets somebody decide."""
    asked = SpendingApproval.objects.pending().select_related("provider", "intervention__landlord")
    return asked.filter(token_hash=hash_of(token)).first()


@transaction.atomic
def decide(approval: SpendingApproval, *, approved: bool, by: User | None, now: datetime) -> None:
    """The landlord's word: by the link, or told to `by`. Raises SpendingError when it was given before."""
    decided = SpendingApproval.objects.pending().filter(pk=approval.pk)
    if not decided.update(approved=approved, decided_at=now, noted_by=by):
        raise SpendingError("La décision est déjà prise, ou l’intervention est terminée.")
    note_event(Intervention.objects.filter(pk=approval.intervention_id), now=now)
