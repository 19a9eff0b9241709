"""
A draft becomes an invoice or a credit note, for good.

The number is given in the transaction that issues: whoever issues next in that financial year waits for it, so that
what fails leaves no gap (CGI annexe II, article 242 nonies A). PostgreSQL checks the rest when the transaction ends.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from accounts.models import User
from interventions.invoicing.amounts import NOTHING, Totals, totals
from interventions.invoicing.papers import euros
from interventions.invoicing.reminders import tell_ready
from interventions.models import DraftLine, FinancialYear, Invoice, InvoiceDraft, InvoiceLine
from interventions.models.billing import ATTESTED_RATES, VatRate
from interventions.models.invoices import Series
from privacy import journal
from privacy.retention.due import paris_day

DUE_AFTER = timedelta(days=30)
MOST = Decimal("9999999999.99")  # euros: what the columns hold
MUST_BE_KNOWN = {
    "billed_name": "le nom",
    "billed_street": "l’adresse",
    "billed_postcode": "le code postal",
    "billed_city": "la commune",
}


class CannotIssue(Exception):
    """Nothing was issued and no number was taken. The message says why, in French."""


@transaction.atomic
def issue(draft: InvoiceDraft, *, by: User | None, now: datetime) -> Invoice:
    """
    The numbered invoice, or credit note where the draft corrects an invoice; the draft is gone. Raises CannotIssue.

    A restriction does not stop it: the law asks for it (GDPR article 6(1)(c)).
    """
    current = InvoiceDraft.objects.select_for_update(of=("self",)).filter(pk=draft.pk).first()
    if current is None:
        raise CannotIssue("Ce brouillon a déjà été émis, ou supprimé.")
    today = paris_day(now)
    original = None
    if current.corrects_id is not None:
        original = Invoice.objects.select_for_update(of=("self",), no_key=True).get(pk=current.corrects_id)
    lines, sums = to_issue(current)
    for obstacle in obstacles(current, lines, sums, original=original, today=today):
        raise CannotIssue(obstacle)
    year = FinancialYear.objects.of(today)
    assert year is not None
    series = Series.CREDIT_NOTE if original else Series.INVOICE
    last = hold_last(series, year=year, today=today)
    sequence = last.sequence + 1 if last else 1
    invoice = Invoice.objects.create(
        **current.made_out_to(),
        series=series,
        sequence=sequence,
        number=f"{series}{year.closes_on.year}-{sequence:06d}",
        financial_year=year,
        issued_on=today,
        issued_at=max(now, last.issued_at) if last else now,  # while it waited, another may have been issued
        issued_by=by,
        supplied_on=current.supplied_on,
        due_on=today if original else today + DUE_AFTER,
        intervention_id=current.intervention_id,
        corrects=original,
        corrected_number=original.number if original else "",
        corrected_on=original.issued_on if original else None,
        reason=current.reason if original else "",
        purchase_order=current.purchase_order,
        buyer_reference=current.buyer_reference,
        attested_on=current.attested_on,
        seller=settings.COMPANY,
        line_count=len(lines),
        net_total=sums.net,
        vat_total=sums.tax,
        total=sums.total,
    )
    for position, line in enumerate(lines, start=1):
        line.invoice, line.position = invoice, position
    InvoiceLine.objects.bulk_create(lines)
    current.delete()
    journal.record(invoice, action="issue_invoice", by=by, now=now)
    tell_ready(invoice, now=now)
    later(invoice)
    return invoice


def hold_last(series: Series, *, year: FinancialYear, today: date) -> Invoice | None:
    """The last of the series; nobody else issues anything of that year before this transaction ends."""
    FinancialYear.objects.select_for_update(of=("self",), no_key=True).get(pk=year.pk)
    last = Invoice.objects.filter(financial_year=year, series=series).order_by("-sequence").first()
    if last is not None and last.issued_on > today:
        raise CannotIssue(f"La dernière pièce porte la date du {last.issued_on:%d/%m/%Y}, qui n’est pas encore venue.")
    return last


def to_issue(draft: InvoiceDraft) -> tuple[list[InvoiceLine], Totals]:
    """Its lines and its totals as they would be issued now."""
    lines = [as_invoice_line(line) for line in draft.lines.order_by("position", "pk")]
    if draft.corrects is None:
        return lines, totals(lines)
    keep_its_rates(lines, of=draft.corrects)
    return lines, closing(totals(lines), creditable(draft.corrects))


def as_invoice_line(line: DraftLine) -> InvoiceLine:
    return InvoiceLine(
        designation=line.designation,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=line.unit_price,
        vat=line.vat,
        vat_percent=line.vat_percent,
        net=line.amount,
    )


def keep_its_rates(lines: list[InvoiceLine], *, of: Invoice) -> None:
    """A credit note takes back at the rate that was charged, whatever the rate is today."""
    charged = dict(of.lines.values_list("vat", "vat_percent"))
    for line in lines:
        line.vat_percent = charged.get(line.vat, line.vat_percent)


def obstacles(
    draft: InvoiceDraft, lines: list[InvoiceLine], sums: Totals, *, original: Invoice | None, today: date
) -> list[str]:
    """Why it cannot be issued as it is, in French."""
    found = []
    if FinancialYear.objects.of(today) is None:
        found.append(f"Aucun exercice ne comprend le {today:%d/%m/%Y}\N{NO-BREAK SPACE}: ouvrez-le d’abord.")
    if not lines:
        found.append("Il n’y a aucune ligne.")
    if max([sums.total, *(abs(line.net) for line in lines)]) > MOST:
        found.append("Un montant est trop grand pour une facture\N{NO-BREAK SPACE}: vérifiez prix et quantités.")
    if sums.total < 0 or any(rate.net < 0 for rate in sums.by_rate):
        found.append("Le total est négatif\N{NO-BREAK SPACE}: pour rendre de l’argent, faites un avoir.")
    if missing := [name for field, name in MUST_BE_KNOWN.items() if not getattr(draft, field)]:
        there = " (et pour les suivants, sur la fiche du bailleur)" if draft.landlord_id else ""
        found.append(
            f"Il manque au client\N{NO-BREAK SPACE}: {', '.join(missing)}. Complétez-le sur ce brouillon{there}."
        )
    if draft.supplied_on > today:
        found.append("La date de la prestation n’est pas encore venue.")
    rates = {line.vat for line in lines}
    if rates & set(ATTESTED_RATES) and original is None:
        if draft.attested_on is None:
            found.append("Un taux réduit demande l’attestation du client\N{NO-BREAK SPACE}: notez son jour.")
        elif draft.attested_on > today:
            found.append("L’attestation de TVA est datée d’un jour qui n’est pas encore venu.")
    if VatRate.REVERSE_CHARGE in rates and not draft.billed_vat_number:
        found.append("L’autoliquidation demande le numéro de TVA du client.")
    if original is not None:
        found += what_forbids_crediting(original, sums, reason=draft.reason)
    return found


def what_forbids_crediting(invoice: Invoice, sums: Totals, *, reason: str) -> list[str]:
    if invoice.is_credit_note:
        return ["Un avoir ne se corrige pas par un avoir."]
    found = [] if reason else ["Dites la raison de l’avoir."]
    left = creditable(invoice)
    for rate in sums.by_rate:
        most = left.get((rate.vat, rate.percent), NONE_LEFT)
        if rate.net > most.net:
            found.append(f"À ce taux de TVA, il reste {euros(most.net)} HT à créditer sur la facture {invoice.number}.")
        elif rate.tax > most.tax:
            found.append(
                "Les arrondis de cet avoir rendraient plus de TVA que la facture n’en a\N{NO-BREAK SPACE}: créditez "
                "tout ce qui reste, ou quelques centimes de moins."
            )
    return found


class Left(NamedTuple):
    """In euros."""

    net: Decimal
    tax: Decimal


NONE_LEFT = Left(NOTHING, NOTHING)


def creditable(invoice: Invoice) -> dict[tuple[str, Decimal], Left]:
    """What credit notes have not taken back yet, by rate."""
    left = {(rate.vat, rate.percent): Left(rate.net, rate.tax) for rate in totals(invoice.lines.all()).by_rate}
    for credit in invoice.credits.prefetch_related("lines"):
        for rate in totals(credit.lines.all()).by_rate:
            net, tax = left.get((rate.vat, rate.percent), NONE_LEFT)
            left[rate.vat, rate.percent] = Left(net - rate.net, tax - rate.tax if net > rate.net else NOTHING)
    return left


def closing(sums: Totals, left: dict[tuple[str, Decimal], Left]) -> Totals:
    """Whoever takes back the last of a rate takes back the last of its tax: the roundings before leave no cent."""
    by_rate = []
    for rate in sums.by_rate:
        most = left.get((rate.vat, rate.percent), NONE_LEFT)
        is_last = rate.net and rate.net == most.net
        by_rate.append(replace(rate, rounding=most.tax - rate.tax) if is_last else rate)
    return Totals(by_rate)


def later(invoice: Invoice) -> None:
    from interventions.tasks import make_invoice_document  # which reads what is issued here

    transaction.on_commit(partial(make_invoice_document.delay, invoice.pk), robust=True)
