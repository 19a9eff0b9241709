"""What is done and not billed yet: from a closed intervention to one draft for each who pays."""

from datetime import datetime, timedelta

from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, QuerySet, TextChoices

from accounts.models import Person, User
from interventions.invoicing.preparing import prepare, prepare_from_estimate
from interventions.models import Estimate, Intervention, Invoice, InvoiceDraft, Landlord, Residence, Status

BILLED_WITHIN = timedelta(days=365)
# What a tenant mends at their own expense (décret 87-712, annexe): keys and panes.
AT_THE_TENANTS_EXPENSE = ("locked_out", "broken_window")
A_PAGE = 50


class AlreadyBilled(Exception):
    """No draft was made. The message says why, in French."""


class Payer(TextChoices):
    OCCUPANT = "occupant", "le locataire"
    LANDLORD = "landlord", "le bailleur"


def billable(*, now: datetime) -> QuerySet[Intervention]:
    return Intervention.objects.unexpired(now=now).filter(status=Status.CLOSED)


def unbilled(*, now: datetime) -> QuerySet[Intervention]:
    return billable(now=now).filter(closed_at__gt=now - BILLED_WITHIN, invoices=None, drafts=None)


def charged(rows: QuerySet[Intervention]) -> QuerySet[Intervention]:
    """At the tenant's expense, by what is the matter or because they accepted an estimate."""
    return rows.filter(problem_code__in=AT_THE_TENANTS_EXPENSE) | with_accepted_estimate(rows)


def with_accepted_estimate(rows: QuerySet[Intervention]) -> QuerySet[Intervention]:
    return rows.filter(Exists(Estimate.objects.filter(intervention=OuterRef("pk"), accepted=True)))


def sections(*, now: datetime) -> list[tuple[str, str, int]]:
    rows = unbilled(now=now)
    return [
        ("", "à la charge du locataire", charged(rows).count()),
        ("devis", "devis acceptés", with_accepted_estimate(rows).count()),
        ("toutes", "closes, sans facture", rows.count()),
    ]


def found(text: str, *, view: str, now: datetime) -> QuerySet[Intervention]:
    """By number, billed or not; by residence; else what the view holds. The last closed first."""
    rows = unbilled(now=now)
    if text:
        numbered = billable(now=now).filter(pk__in=Intervention.objects.with_reference(text))
        rows = (
            numbered if numbered.exists() else rows.filter(residence__in=Residence.objects.at_address(text).order_by())
        )
    elif view == "devis":
        rows = with_accepted_estimate(rows)
    elif view != "toutes":
        rows = charged(rows)
    accepted = Prefetch("estimates", Estimate.objects.filter(accepted=True), to_attr="accepted_estimates")
    return (
        rows.select_related("residence", "landlord")
        .prefetch_related(accepted, "invoices", "drafts")
        .only("problem_code", "closed_at", "occupant_id", "residence__name", "residence__city", "landlord__name")
        .order_by("-closed_at", "-pk")
    )


def paged(rows: QuerySet[Intervention], page: str | None) -> Page:
    return Paginator(rows, A_PAGE).get_page(page)


@transaction.atomic
def prepare_once(intervention: Intervention, *, payer: str, by: User, now: datetime) -> InvoiceDraft:
    """
    The draft for that payer, or the one that is there already. Raises AlreadyBilled.

    Several may pay for one intervention, each once: more is asked by a credit note and another invoice.
    """
    current = Intervention.objects.select_for_update(of=("self",)).get(pk=intervention.pk)
    to: Person | Landlord | None = current.landlord if payer == Payer.LANDLORD else current.occupant
    if payer not in Payer.values or to is None:
        raise AlreadyBilled("Choisissez qui paie\N{NO-BREAK SPACE}: le locataire, s’il est connu, ou le bailleur.")
    theirs: dict[str, object] = {"landlord": to} if isinstance(to, Landlord) else {"person": to}
    refuse_twice(current, theirs)
    draft = InvoiceDraft.objects.filter(intervention=current, corrects=None, **theirs).first()
    return draft or prepare(current, to=to, by=by, now=now)


@transaction.atomic
def prepare_once_from(estimate: Estimate, *, by: User, now: datetime) -> InvoiceDraft:
    """The draft of what was accepted, or the one that is there already. Raises AlreadyBilled, CannotIssue."""
    current = Intervention.objects.select_for_update(of=("self",)).get(pk=estimate.intervention_id)
    theirs: dict[str, object] = {"person": estimate.person, "landlord": estimate.landlord}
    refuse_twice(current, theirs)
    draft = InvoiceDraft.objects.filter(intervention=current, corrects=None, **theirs).first()
    return draft or prepare_from_estimate(estimate, by=by, now=now)


def refuse_twice(intervention: Intervention, theirs: dict[str, object]) -> None:
    """But for an invoice that was credited in whole: then it may be made again."""
    for invoice in Invoice.objects.invoices().with_balance().filter(intervention=intervention, **theirs):
        if invoice.credited < invoice.total:  # type: ignore[attr-defined]
            raise AlreadyBilled(
                f"L’intervention {intervention.reference} est déjà facturée à ce client\N{NO-BREAK SPACE}: "
                f"{invoice.number}."
            )
