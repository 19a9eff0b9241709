"""What the law has an invoice say in words, beside its figures."""

from datetime import date

from interventions.models import Invoice
from interventions.models.billing import VatRate

NATURE = "Nature de l’opération\N{NO-BREAK SPACE}: prestation de services."

# UNTDID 4451 names the subject of each; the French reform wants these three on what one business sends another.
LATE_PAYMENT = {
    "PMD": "En cas de retard de paiement, pénalités au taux de refinancement de la Banque centrale européenne majoré "
    "de dix points, exigibles sans rappel (code de commerce, article L441-10).",
    "PMT": "En cas de retard de paiement, indemnité forfaitaire de 40\N{NO-BREAK SPACE}€ pour frais de recouvrement "
    "(code de commerce, article D441-5).",
    "AAB": "Pas d’escompte pour paiement anticipé.",
}


def why_untaxed(vat: str, *, country: str) -> str:
    """CGI annexe II, article 242 nonies A, I, 12° and 13°. Empty for what is taxed."""
    if vat == VatRate.EXEMPT:
        return "Exonération de TVA (code général des impôts, article 261)"
    if vat == VatRate.REVERSE_CHARGE and country == "FR":
        return "Autoliquidation (code général des impôts, article 283, 2 nonies)"
    if vat == VatRate.REVERSE_CHARGE:
        return "Autoliquidation (directive 2006/112/CE, article 196)"
    return ""


def attestation(attested_on: date) -> str:
    """CGI articles 279-0 bis and 278-0 bis A."""
    return (
        f"Taux réduit de TVA\N{NO-BREAK SPACE}: le client a certifié le {in_figures(attested_on)} que les locaux "
        "servent à l’habitation et sont achevés depuis plus de deux ans."
    )


def terms(invoice: Invoice) -> str:
    if invoice.is_credit_note:
        return "Montant déduit de ce qui reste à payer, ou remboursé."
    return f"À payer au plus tard le {in_figures(invoice.due_on)}."


def legal_form(seller: dict[str, str]) -> str:
    """Code de commerce, article R123-238."""
    return f"{seller['legal_form']} au capital de {seller['capital']}, {seller['registry']}"


def in_figures(day: date) -> str:
    return f"{day:%d/%m/%Y}"
