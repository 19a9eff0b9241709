"""
Factur-X: the invoice's facts as XML (Cross Industry Invoice, profile EN 16931) inside its PDF.

The keys are those of the standard's terms (BT) and groups (BG), by which factur-x writes the XML.
"""

import io
import re
from decimal import Decimal
from typing import Any

from interventions.invoicing import mentions
from interventions.invoicing.amounts import RateTotal, totals, with_tax
from interventions.models import Invoice, InvoiceLine
from interventions.models.billing import VatRate

INVOICE, CREDIT_NOTE = "380", "381"  # UNTDID 1001
SERVICES = "S1"  # what the French reform calls the frame of an invoice for services
TRANSFER = "30"  # UNTDID 4461
SIREN, FRENCH_ADDRESS = "0002", "0225"  # ISO 6523
STANDARD, EXEMPT, REVERSE_CHARGE = "S", "E", "AE"  # UNTDID 5305
CATEGORIES = {VatRate.EXEMPT: EXEMPT, VatRate.REVERSE_CHARGE: REVERSE_CHARGE}

NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml(invoice: Invoice) -> bytes:
    """Checked against the schema: what does not pass is not made. The business rules are checked by our tests."""
    from facturx import generate_cii_xml  # takes a second to load

    # Its own check of the business rules would send the invoice to a server.
    written = generate_cii_xml(facts(invoice), level="en16931", check_xsd=True, check_schematron=False)
    assert isinstance(written, bytes)
    return written


def facts(invoice: Invoice) -> dict[str, Any]:
    lines = list(invoice.lines.all())
    sums = with_tax(totals(lines), invoice.vat_total)
    seller = invoice.seller
    said = {
        "BT-1": invoice.number,
        "BT-2": invoice.issued_on,
        "BT-3": CREDIT_NOTE if invoice.is_credit_note else INVOICE,
        "BT-5": "EUR",
        "BT-9": invoice.due_on,
        "BT-10": clean(invoice.buyer_reference),
        "BT-13": clean(invoice.purchase_order),
        "BT-20": mentions.terms(invoice),
        "BT-23": SERVICES,
        "BT-72": invoice.supplied_on,
        "BT-83": invoice.number,
        "BT-106": euros(invoice.net_total),
        "BT-109": euros(invoice.net_total),
        "BT-110": euros(invoice.vat_total),
        "BT-112": euros(invoice.total),
        "BT-115": euros(invoice.total),
        "BG-1": [{"BT-21": subject, "BT-22": text} for subject, text in notes(invoice)],
        "BG-4": party(**seller, legal_info=mentions.legal_form(seller)),
        "BG-7": party(
            name=invoice.billed_name,
            street=invoice.billed_street,
            postcode=invoice.billed_postcode,
            city=invoice.billed_city,
            country=invoice.billed_country,
            siren=invoice.billed_siren,
            vat_number=invoice.billed_vat_number,
        ),
        "BG-23": [rate_fact(rate, country=invoice.billed_country) for rate in sums.by_rate],
        "BG-25": [line_fact(line) for line in lines],
    }
    if invoice.is_credit_note:
        said["BG-3"] = [{"BT-25": invoice.corrected_number, "BT-26": invoice.corrected_on}]
    elif seller["iban"]:
        said |= {"BT-81": TRANSFER, "BT-84": seller["iban"], "BT-85": seller["name"]}
    return said


def notes(invoice: Invoice) -> list[tuple[str, str]]:
    """Each with the code of its subject (UNTDID 4451)."""
    found = list(mentions.LATE_PAYMENT.items()) if invoice.is_to_a_business else []
    found.append(("AAI", mentions.NATURE))
    if invoice.is_credit_note:
        found.append(("ACD", invoice.get_reason_display()))
    if invoice.attested_on:
        found.append(("AAI", mentions.attestation(invoice.attested_on)))
    return found


def party(
    *, name: str, street: str, postcode: str, city: str, country: str, siren: str, vat_number: str, **more: str
) -> dict[str, str]:
    said = {
        "name": clean(name),
        "addr_l1": clean(street),
        "postcode": clean(postcode),
        "city": clean(city),
        "country_code": country,
        "vat_identifier": vat_number,
        "legal_info": more.get("legal_info", ""),
    }
    if siren:
        said |= {"legal_identifier": siren, "legal_identifier_schemeid": SIREN}
        said |= {"einvoicing_addr": siren, "einvoicing_addr_schemeid": FRENCH_ADDRESS}
    return said


def rate_fact(rate: RateTotal, *, country: str) -> dict[str, str]:
    return {
        "BT-116": euros(rate.net),
        "BT-117": euros(rate.tax),
        "BT-118": CATEGORIES.get(VatRate(rate.vat), STANDARD),
        "BT-119": euros(rate.percent),
        "BT-120": mentions.why_untaxed(rate.vat, country=country),
    }


def line_fact(line: InvoiceLine) -> dict[str, str]:
    return {
        "BT-126": str(line.position),
        "BT-129": f"{line.quantity:f}",
        "BT-130": line.unit,
        "BT-131": euros(line.net),
        "BT-146": f"{line.unit_price:f}",
        "BT-151": CATEGORIES.get(VatRate(line.vat), STANDARD),
        "BT-152": euros(line.vat_percent),
        "BT-153": clean(line.designation),
    }


def euros(amount: Decimal) -> str:
    return f"{amount:.2f}"


def clean(text: str) -> str:
    """XML has no place for the control characters that a paste may bring."""
    return NOT_IN_XML.sub(" ", text)


def declared(pdf: bytes) -> bytes:
    """The same PDF, whose metadata (XMP) say as well that it is Factur-X. The same bytes give the same bytes."""
    from facturx import generate_xmp_bytes
    from lxml import etree
    from pypdf import PdfWriter
    from pypdf.generic import StreamObject

    writer = PdfWriter(clone_from=io.BytesIO(pdf))
    writer.pdf_header = "%PDF-1.7"  # it would claim less than it uses
    stored = writer.root_object["/Metadata"].get_object()
    assert isinstance(stored, StreamObject)
    said = etree.fromstring(stored.get_data())
    wanted = etree.fromstring(generate_xmp_bytes("factur-x", "en16931", None, {}))
    schemas = "{http://www.aiim.org/pdfa/ns/extension/}schemas/*"
    description = next(
        element for element in wanted.iter("{*}Description") if element.find("{*}ConformanceLevel") is not None
    )
    description.set("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about", "")
    said.find(f".//{schemas}").extend(wanted.find(f".//{schemas}"))
    said[0].append(description)
    stored.set_data(etree.tostring(said.getroottree(), encoding="utf-8", xml_declaration=False))
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()
