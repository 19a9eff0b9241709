"""
The register of processing activities (GDPR article 30), from the declarations and the policy: what is not declared is
not in it, and nothing in it is typed by hand. One processing a purpose. The same declarations give the same bytes.
"""

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from privacy import policy
from privacy.declarations import Category, Dataset
from privacy.policy import PROPOSALS, PURPOSES, Recipient, Supplier
from privacy.registry import Registry
from privacy.registry import registry as declared

COLUMNS = {
    "processing": "Traitement",
    "basis": "Base légale",
    "people": "Personnes concernées",
    "categories": "Catégories de données",
    "datasets": "Jeux de données",
    "recipients": "Destinataires",
    "transfers": "Transferts hors de l’Espace économique européen",
    "periods": "Durées",
}
SEPARATOR = "\N{NO-BREAK SPACE}; "  # labels have commas in them
NO_TRANSFER = "aucun"
UNDECLARED = "aucune donnée propre n’est déclarée"

Register = dict[str, Any]


def processing_register(registry: Registry = declared) -> Register:
    processings = [processing(key, registry=registry) for key in PURPOSES]
    used = [each for each in processings if each["datasets"]]
    return {
        "policy": policy.VERSION,
        "controller": {
            "name": policy.CONTROLLER.name,
            "form": policy.CONTROLLER.form,
            "registry": policy.CONTROLLER.registry,
            "address": policy.CONTROLLER.address,
        },
        "dpo": {"email": policy.DPO_EMAIL},
        "numbers": {
            "processings": len(processings),
            "datasets": len({dataset["name"] for each in used for dataset in each["datasets"]}),
            "fields": sum(dataset["fields"] for each in used for dataset in each["datasets"]),
            "recipients": len({recipient["key"] for each in processings for recipient in each["recipients"]}),
            "transfers": len({transfer["key"] for each in processings for transfer in each["transfers"]}),
        },
        "processings": processings,
        "security": [{"label": measure.label, "what": measure.what} for measure in policy.SECURITY],
    }


def processing(key: str, *, registry: Registry) -> dict[str, Any]:
    purpose = PURPOSES[key]
    held = [dataset for dataset in registry.datasets.values() if any(data.purpose == key for data in dataset.data)]
    held.sort(key=lambda dataset: dataset.name)
    recipients: list[Recipient | Supplier] = [*policy.RECIPIENTS, *policy.SUPPLIERS]
    receivers = [recipient_of(each) for each in recipients if key in each.purposes]
    return {
        "key": key,
        "label": purpose.label,
        "basis": purpose.basis,
        "people": sorted({who for dataset in held for who in people_in(dataset)}),
        "categories": categories_of(held, purpose=key),
        "datasets": [
            {
                "name": dataset.name,
                "label": dataset.label,
                "fields": sum(len(data.fields) for data in dataset.data if data.purpose == key),
            }
            for dataset in held
        ],
        "recipients": receivers,
        "transfers": [each for each in receivers if each["country"] not in policy.EUROPEAN_ECONOMIC_AREA],
        "periods": periods_of(held, registry=registry),
    }


def people_in(dataset: Dataset) -> Iterable[str]:
    """In the roles that the declaration names, or as it says where none leads to a person."""
    roles = dataset.subjects or filter(None, [dataset.people])
    return [policy.PEOPLE.get(role, role) for role in roles]


def categories_of(held: list[Dataset], *, purpose: str) -> list[str]:
    found = {data.category for dataset in held for data in dataset.data if data.purpose == purpose}
    return [category.value for category in Category if category in found]


def recipient_of(each: Recipient | Supplier) -> dict[str, str]:
    return {
        "key": each.key,
        "label": each.label,
        "why": each.why,
        "country": each.country,
        "country_name": policy.EUROPEAN_ECONOMIC_AREA.get(each.country, each.country),
        "guarantee": each.guarantee,
    }


def periods_of(held: list[Dataset], *, registry: Registry) -> list[dict[str, Any]]:
    """In the policy's order. What hangs from something goes with it, so that its periods count too."""
    reached = [dataset for each in held for dataset in (each, *(up.dataset for up in registry.ancestors(each)))]
    keys = {expiry.row for dataset in reached for expiry in dataset.expires}
    return [
        {
            "key": row.key,
            "label": row.label,
            "period": f"{row.period} au plus" if row.at_most and not row.period.until else str(row.period),
            "clock": row.clock,
            "at_the_end": row.at_the_end,
            "proposed": row in PROPOSALS,
        }
        for row in (*policy.ROWS, *PROPOSALS)
        if row.key in keys
    ]


# As files -------------------------------------------------------------------------------------------------------------


def as_json(register: Register) -> str:
    return json.dumps(register, ensure_ascii=False, indent=2) + "\n"


def as_csv(register: Register) -> str:
    """A line a processing, for a spreadsheet; what has several values has them one after the other."""
    written = io.StringIO()
    lines = csv.DictWriter(written, COLUMNS, delimiter=";")
    lines.writerow(COLUMNS)
    for each in register["processings"]:
        lines.writerow(in_words(each))
    return written.getvalue()


def as_markdown(register: Register) -> str:
    context = {"register": register, "processings": [(each, in_words(each)) for each in register["processings"]]}
    return render_to_string("privacy/register.md", {**context, "company_name": settings.COMPANY_NAME})


def in_words(each: dict[str, Any]) -> dict[str, str]:
    return {
        "processing": each["label"],
        "basis": each["basis"],
        "people": SEPARATOR.join(each["people"]),
        "categories": SEPARATOR.join(each["categories"]) or UNDECLARED,
        "datasets": SEPARATOR.join(dataset["label"] for dataset in each["datasets"]),
        "recipients": SEPARATOR.join(f"{one['label']} ({one['country_name']})" for one in each["recipients"]),
        "transfers": SEPARATOR.join(f"{one['label']} ({one['country']})" for one in each["transfers"]) or NO_TRANSFER,
        "periods": SEPARATOR.join(f"{one['label']}\N{NO-BREAK SPACE}: {one['period']}" for one in each["periods"]),
    }
