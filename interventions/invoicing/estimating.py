"""An estimate (devis) from its offer to its answer: work at a tenant's expense waits for their yes."""

from datetime import date, datetime
from enum import StrEnum

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from interventions.lifecycle import note_event
from interventions.models import Estimate, Intervention
from interventions.models.billing import ATTESTED_RATES
from interventions.notices import login_of
from interventions.personal_links import addresses_of
from privacy import journal
from privacy.outbox import absolute, send
from privacy.restriction import Restricted, refuse_if_restricted
from privacy.retention.due import paris_day


class EstimateError(Exception):
    """Nothing was changed. The message says why, in the reader's language."""


class NotAttested(EstimateError):
    """A reduced rate was accepted without the certificate that it asks for."""

    def __init__(self) -> None:
        super().__init__(_("Pour ce taux de TVA, certifiez d’abord que le logement a plus de deux ans."))


class EstimateState(StrEnum):
    """As they stand for who reads them."""

    DRAFT = "draft"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    OVER = "over"  # the intervention ended before an answer


NO_ANSWER = {
    EstimateState.DRAFT: gettext_lazy("Ce devis n’est pas encore proposé."),
    EstimateState.ACCEPTED: gettext_lazy("Ce devis est déjà accepté."),
    EstimateState.REFUSED: gettext_lazy("Ce devis est déjà refusé."),
    EstimateState.EXPIRED: gettext_lazy("Ce devis n’est plus valable. Demandez-en un autre."),
    EstimateState.OVER: gettext_lazy("Votre demande est terminée : ce devis ne sert plus."),
}


def state_of(estimate: Estimate, *, today: date) -> EstimateState:
    if estimate.answered_at is not None:
        return EstimateState.ACCEPTED if estimate.accepted else EstimateState.REFUSED
    if estimate.offered_at is None:
        return EstimateState.DRAFT
    if not estimate.intervention.is_open:
        return EstimateState.OVER
    return EstimateState.EXPIRED if estimate.valid_until < today else EstimateState.WAITING


@transaction.atomic
def offer(estimate: Estimate, *, by: User | None, now: datetime) -> None:
    """
    To the tenant, who is told where it is and no more. From here on its lines stay as they are read.

    Raises EstimateError, Restricted.
    """
    current = hold(estimate)
    if current.offered_at is not None:
        raise EstimateError("Ce devis est déjà proposé.")
    if current.person is None:
        raise EstimateError("Un devis se propose à un locataire\N{NO-BREAK SPACE}: dites lequel.")
    if not current.lines.exists():
        raise EstimateError("Ce devis n’a aucune ligne.")
    if current.valid_until < paris_day(now):
        raise EstimateError("La date de validité est passée\N{NO-BREAK SPACE}: choisissez-en une autre.")
    if not current.intervention.is_open:
        raise EstimateError("Cette intervention est terminée.")
    if current.intervention.is_restricted():
        raise Restricted
    refuse_if_restricted(current.person)
    current.offered_at = now
    current.save(update_fields=["offered_at"])
    told(current, action="offer_estimate", by=by, now=now)
    login = login_of(current.person)
    to = login.email if login else next(iter(addresses_of(current.person)), None)
    if to is not None:
        link = absolute(reverse("portal:estimate", args=[current.pk]))
        send("estimate_ready", to=to, person=current.person, language=current.person.language, link=link, now=now)


@transaction.atomic
def accept(estimate: Estimate, *, attested: bool, by: User, now: datetime) -> None:
    """
    `attested`: they certify that the dwelling is lived in and more than two years old, which reduced rates ask for
    (CGI articles 279-0 bis and 278-0 bis A). Raises NotAttested, EstimateError, Restricted.
    """
    current = hold_unanswered(estimate, now=now)
    at_reduced_rate = needs_attestation(current)
    if at_reduced_rate and not attested:
        raise NotAttested
    current.accepted, current.answered_at = True, now
    current.attested_at = now if at_reduced_rate else None
    current.save(update_fields=["accepted", "answered_at", "attested_at"])
    told(current, action="accept_estimate", by=by, now=now)


@transaction.atomic
def refuse(estimate: Estimate, *, by: User, now: datetime) -> None:
    """Raises EstimateError, Restricted."""
    current = hold_unanswered(estimate, now=now)
    current.accepted, current.answered_at = False, now
    current.save(update_fields=["accepted", "answered_at"])
    told(current, action="refuse_estimate", by=by, now=now)


def needs_attestation(estimate: Estimate) -> bool:
    return estimate.lines.filter(vat__in=ATTESTED_RATES).exists()


def hold(estimate: Estimate) -> Estimate:
    """As it is now, until this transaction ends: the second of two clicks finds what the first one did."""
    return Estimate.objects.select_for_update(of=("self",)).select_related("intervention", "person").get(pk=estimate.pk)


def hold_unanswered(estimate: Estimate, *, now: datetime) -> Estimate:
    current = hold(estimate)
    state = state_of(current, today=paris_day(now))
    if state != EstimateState.WAITING:
        raise EstimateError(str(NO_ANSWER[state]))
    if current.intervention.is_restricted():
        raise Restricted
    return current


def told(estimate: Estimate, *, action: str, by: User | None, now: datetime) -> None:
    journal.record(estimate, action=action, by=by, now=now, intervention=estimate.intervention_id)
    note_event(Intervention.objects.filter(pk=estimate.intervention_id), now=now)
