"""What is printed on an invoice, a credit note and an estimate: words and figures as a French reader writes them."""

from decimal import Decimal
from typing import Any

from django.conf import settings

from interventions.invoicing import mentions
from interventions.invoicing.amounts import Totals, totals, with_tax
from interventions.models import Estimate, Invoice
from interventions.models.billing import BilledLine, MadeOut, Unit, VatRate
from interventions.models.estimates import EstimateLine
from interventions.models.interventions import intervention_reference
from interventions.models.invoices import InvoiceLine
from privacy.retention.due import paris_day

COUNTRIES = {"BE": "Belgique", "CH": "Suisse", "DE": "Allemagne", "ES": "Espagne", "GB": "Royaume-Uni"}
COUNTRIES |= {"IT": "Italie", "LU": "Luxembourg", "MC": "Monaco", "NL": "Pays-Bas", "PT": "Portugal"}
SHORT_UNITS = {
    Unit.ONE: "",
    Unit.LUMP_SUM: "forfait",
    Unit.HOUR: "h",
    Unit.DAY: "j",
    Unit.METRE: "m",
    Unit.SQUARE_METRE: "m²",
    Unit.KILOMETRE: "km",
}


def invoice_content(invoice: Invoice) -> dict[str, Any]:
    lines = list(invoice.lines.all())
    sums = with_tax(totals(lines), invoice.vat_total)
    kind = "Avoir" if invoice.is_credit_note else "Facture"
    return {
        "kind": kind,
        "number": invoice.number,
        "date": invoice.issued_on.isoformat(),
        **parties(invoice, seller=invoice.seller),
        "facts": [(name, value) for name, value in invoice_facts(invoice) if value],
        "lines": [line_content(line) for line in lines],
        **sums_content(sums),
        "due": due_content(invoice),
        "mentions": invoice_mentions(invoice, sums),
    }


def invoice_facts(invoice: Invoice) -> list[tuple[str, str]]:
    reference = intervention_reference(invoice.intervention_id) if invoice.intervention_id else ""
    return [
        ("Date", mentions.in_figures(invoice.issued_on)),
        ("Prestation du", mentions.in_figures(invoice.supplied_on)),
        ("Échéance", "" if invoice.is_credit_note else mentions.in_figures(invoice.due_on)),
        ("Facture corrigée", invoice.corrected_number),
        ("Intervention", reference),
        ("Bon de commande", invoice.purchase_order),
        ("Votre référence", invoice.buyer_reference),
        ("Votre SIREN", grouped(invoice.billed_siren, by=3)),
        ("Votre numéro de TVA", invoice.billed_vat_number),
    ]


def due_content(invoice: Invoice) -> dict[str, Any]:
    """The box that a reader looks for first."""
    if invoice.is_credit_note:
        corrected = f"Sur la facture {invoice.corrected_number}"
        if invoice.corrected_on:
            corrected += f" du {mentions.in_figures(invoice.corrected_on)}"
        notes = [f"{corrected}.", f"{invoice.get_reason_display()}.", mentions.terms(invoice)]
        return {"title": "Avoir en votre faveur", "amount": euros(invoice.total), "notes": notes, "ways": []}
    if not invoice.total:
        return {"title": "Rien à payer", "amount": euros(invoice.total), "notes": [], "ways": []}
    iban = invoice.seller["iban"]
    ways = [("Par virement", grouped(iban, by=4)), ("Référence à rappeler", invoice.number)] if iban else []
    title = f"À payer au plus tard le {mentions.in_figures(invoice.due_on)}"
    return {"title": title, "amount": euros(invoice.total), "notes": [], "ways": ways}


def invoice_mentions(invoice: Invoice, sums: Totals) -> list[str]:
    return [
        mentions.NATURE,
        *untaxed(sums, country=invoice.billed_country),
        *([mentions.attestation(invoice.attested_on)] if invoice.attested_on else []),
        *(mentions.LATE_PAYMENT.values() if invoice.is_to_a_business and not invoice.is_credit_note else ()),
    ]


def estimate_content(estimate: Estimate) -> dict[str, Any]:
    lines = list(estimate.lines.all())
    sums = totals(lines)
    made_on = paris_day(estimate.offered_at or estimate.prepared_at)
    return {
        "kind": "Devis",
        "number": estimate.reference,
        "date": made_on.isoformat(),
        **parties(estimate, seller=settings.COMPANY),
        "facts": [
            ("Date", mentions.in_figures(made_on)),
            ("Valable jusqu’au", mentions.in_figures(estimate.valid_until)),
            ("Intervention", intervention_reference(estimate.intervention_id)),
        ],
        "lines": [line_content(line) for line in lines],
        **sums_content(sums),
        "due": answer_content(estimate, sums),
        "mentions": estimate_mentions(estimate, sums),
    }


def answer_content(estimate: Estimate, sums: Totals) -> dict[str, Any]:
    if estimate.answered_at is None:
        title = f"Valable jusqu’au {mentions.in_figures(estimate.valid_until)}"
        notes = ["Les travaux commencent une fois que vous avez accepté ce devis, dans votre espace locataire."]
    else:
        said, agreed = ("Accepté", "Bon pour accord, donné") if estimate.accepted else ("Refusé", "Refus donné")
        title = f"{said} le {mentions.in_figures(paris_day(estimate.answered_at))}"
        notes = [f"{agreed} par le client dans son espace locataire."]
    return {"title": title, "amount": euros(sums.total), "notes": notes, "ways": []}


def estimate_mentions(estimate: Estimate, sums: Totals) -> list[str]:
    attested_on = paris_day(estimate.attested_at) if estimate.attested_at else None
    return [
        "Devis gratuit.",
        mentions.NATURE,
        *untaxed(sums, country=estimate.billed_country),
        *([mentions.attestation(attested_on)] if attested_on else []),
    ]


# What they share ------------------------------------------------------------------------------------------------------


def parties(piece: MadeOut, *, seller: dict[str, str]) -> dict[str, Any]:
    place = f"{piece.billed_postcode} {piece.billed_city}"
    abroad = [COUNTRIES.get(piece.billed_country, piece.billed_country)] if piece.billed_country != "FR" else []
    return {
        "seller": {
            "name": seller["name"],
            "address": [seller["street"], f"{seller['postcode']} {seller['city']}"],
            "numbers": [("SIREN", grouped(seller["siren"], by=3)), ("TVA", seller["vat_number"])],
            "foot": f"{seller['name']}, {mentions.legal_form(seller)}, TVA {seller['vat_number']}",
        },
        "buyer": {
            "name": piece.billed_name,
            "address": [piece.billed_street, place, *abroad],
        },
    }


def line_content(line: InvoiceLine | EstimateLine) -> dict[str, str]:
    return {
        "what": line.designation,
        "quantity": quantity(line),
        "price": euros(line.unit_price),
        "vat": rate_name(line.vat, line.vat_percent),
        "net": euros(line.amount),
    }


def sums_content(sums: Totals) -> dict[str, Any]:
    return {
        "rates": [(rate_name(rate.vat, rate.percent), euros(rate.net), euros(rate.tax)) for rate in sums.by_rate],
        "sums": [("Total HT", euros(sums.net)), ("TVA", euros(sums.tax)), ("Total TTC", euros(sums.total))],
    }


def untaxed(sums: Totals, *, country: str) -> list[str]:
    whys = (mentions.why_untaxed(rate.vat, country=country) for rate in sums.by_rate)
    return [f"{why}." for why in whys if why]


def rate_name(vat: str, percent: Decimal) -> str:
    names = {VatRate.EXEMPT: "Exonéré", VatRate.REVERSE_CHARGE: "Autoliquidé"}
    return names.get(VatRate(vat)) or f"{figure(percent)}\N{NO-BREAK SPACE}%"


def quantity(line: BilledLine) -> str:
    unit = SHORT_UNITS[Unit(line.unit)]
    return f"{figure(line.quantity)}\N{NO-BREAK SPACE}{unit}".strip()


def euros(amount: Decimal) -> str:
    """With two decimals, and the others of an exact price."""
    return f"{figure(amount, at_least=2)}\N{NO-BREAK SPACE}€"


def figure(number: Decimal, *, at_least: int = 0) -> str:
    """``1 234,5``: with the decimals that it needs, and no fewer than asked for."""
    needed = len(f"{number:f}".partition(".")[2].rstrip("0"))
    sign = "\N{MINUS SIGN}" if number < 0 else ""
    written = f"{abs(number):,.{max(needed, at_least)}f}"
    return sign + written.replace(",", "\N{NARROW NO-BREAK SPACE}").replace(".", ",")


def grouped(number: str, *, by: int) -> str:
    return "\N{NO-BREAK SPACE}".join(number[at : at + by] for at in range(0, len(number), by))
