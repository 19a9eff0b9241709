"""Drafts: what is to be billed, filled in as far as we know it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Person, User
from interventions.invoicing.issuing import CannotIssue, creditable
from interventions.models import DraftLine, Estimate, Intervention, Invoice, InvoiceDraft, Landlord
from interventions.models.billing import BilledLine
from interventions.models.invoices import CreditReason
from privacy import journal
from privacy.retention.due import paris_day

ESTIMATES_HOLD = timedelta(days=30)


def for_tenant(person: Person, *, of: Intervention) -> dict[str, object]:
    """Name and address, and nothing else of them: CGI annexe II, article 242 nonies A."""
    residence = of.residence
    place = of.dwelling.place if of.dwelling else ""
    return {
        "person": person,
        "billed_name": person.full_name,
        "billed_street": ", ".join(filter(None, [residence.street, place]))[:200],
        "billed_postcode": residence.postcode,
        "billed_city": residence.city,
    }


def for_landlord(landlord: Landlord) -> dict[str, object]:
    return {
        "landlord": landlord,
        "billed_name": landlord.billing_name or landlord.name,
        "billed_street": landlord.billing_street,
        "billed_postcode": landlord.billing_postcode,
        "billed_city": landlord.billing_city,
        "billed_country": landlord.billing_country,
        "billed_siren": landlord.siren,
        "billed_vat_number": landlord.vat_number,
    }


@transaction.atomic
def prepare(intervention: Intervention, *, to: Person | Landlord, by: User | None, now: datetime) -> InvoiceDraft:
    """A draft without lines, made out to the occupant or the landlord."""
    debtor = for_landlord(to) if isinstance(to, Landlord) else for_tenant(to, of=intervention)
    draft = InvoiceDraft.objects.create(
        **debtor,
        intervention=intervention,
        supplied_on=paris_day(intervention.closed_at or now),
        prepared_at=now,
        prepared_by=by,
    )
    journal.record(draft, action="prepare_invoice", by=by, now=now, intervention=intervention.pk)
    return draft


@transaction.atomic
def prepare_estimate(intervention: Intervention, *, by: User | None, now: datetime) -> Estimate:
    """An estimate without lines, for the occupant, who must be known."""
    assert intervention.occupant is not None
    estimate = Estimate.objects.create(
        **for_tenant(intervention.occupant, of=intervention),
        intervention=intervention,
        valid_until=paris_day(now) + ESTIMATES_HOLD,
        prepared_at=now,
        prepared_by=by,
    )
    journal.record(estimate, action="prepare_estimate", by=by, now=now, intervention=intervention.pk)
    return estimate


@transaction.atomic
def prepare_from_estimate(estimate: Estimate, *, by: User | None, now: datetime) -> InvoiceDraft:
    """What was accepted, line by line. Raises CannotIssue for what was not."""
    if not estimate.accepted:
        raise CannotIssue("Ce devis n’a pas été accepté.")
    attested_on = paris_day(estimate.attested_at) if estimate.attested_at else None
    draft = InvoiceDraft.objects.create(
        **estimate.made_out_to(),
        intervention=estimate.intervention,
        supplied_on=paris_day(estimate.intervention.closed_at or now),
        attested_on=attested_on,
        prepared_at=now,
        prepared_by=by,
    )
    copy_lines(estimate.lines.all(), to=draft)
    journal.record(draft, action="prepare_invoice", by=by, now=now, estimate=estimate.pk)
    return draft


@transaction.atomic
def prepare_credit(invoice: Invoice, *, reason: CreditReason, by: User | None, now: datetime) -> InvoiceDraft:
    """A draft that takes back the whole invoice; lines may be removed or lowered. Raises CannotIssue."""
    if invoice.is_credit_note:
        raise CannotIssue("Un avoir ne se corrige pas par un avoir.")
    if not any(left.net for left in creditable(invoice).values()):
        raise CannotIssue("Cette facture est déjà créditée en entier.")
    draft = InvoiceDraft.objects.create(
        **invoice.made_out_to(),
        intervention_id=invoice.intervention_id,
        corrects=invoice,
        reason=reason,
        supplied_on=invoice.supplied_on,
        purchase_order=invoice.purchase_order,
        buyer_reference=invoice.buyer_reference,
        attested_on=invoice.attested_on,
        prepared_at=now,
        prepared_by=by,
    )
    copy_lines(invoice.lines.all(), to=draft)
    journal.record(draft, action="prepare_credit_note", by=by, now=now, invoice=invoice.pk)
    return draft


def copy_lines(lines: Iterable[BilledLine], *, to: InvoiceDraft) -> None:
    DraftLine.objects.bulk_create(
        DraftLine(
            draft=to,
            position=line.position,
            designation=line.designation,
            quantity=line.quantity,
            unit=line.unit,
            unit_price=line.unit_price,
            vat=line.vat,
        )
        for line in lines
    )
