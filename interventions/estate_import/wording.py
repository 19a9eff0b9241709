"""What the operator reads: line numbers and the landlord's own references, never a name, a number or an address."""

from collections import Counter

from django.db.models import Model

from accounts.models import Person
from interventions.estate_import.importing import Summary
from interventions.estate_import.planning import Outcome
from interventions.models import Dwelling, Residence, Tenancy

MODELS: tuple[type[Model], ...] = (Residence, Dwelling, Person, Tenancy)


def sentence(outcome: Outcome) -> str:
    """Empty when the line changes nothing."""
    if outcome.refusal:
        return f"ligne {outcome.number}\u00a0: refusée, {outcome.refusal}"
    parts = []
    if outcome.created:
        parts.append(f"crée {_listed(list(outcome.created.values()))}")
    if outcome.changed:
        changes = [f"{label} ({', '.join(fields)})" for label, fields in outcome.changed.values()]
        parts.append(f"modifie {_listed(changes)}")
    if outcome.left:
        parts.append(f"laisse {_listed(outcome.left)}")
    return f"ligne {outcome.number}\u00a0: " + "\u00a0; ".join(parts) if parts else ""


def summary_sentences(summary: Summary, *, commit: bool) -> list[str]:
    return [
        f"{_number(summary.lines)} lignes lues, {_number(summary.unchanged)} sans changement, "
        f"{_number(summary.refused)} refusées.",
        f"Créés\u00a0: {_counted(summary.created)}.",
        f"Modifiés\u00a0: {_counted(summary.changed)}.",
        "Enregistré." if commit else "Essai\u00a0: rien n’a été enregistré. Ajoutez --commit pour enregistrer.",
    ]


def _counted(counts: Counter[type[Model]]) -> str:
    return ", ".join(f"{_number(counts[model])} {model._meta.verbose_name_plural}" for model in MODELS)


def _number(value: int) -> str:
    return f"{value:,}".replace(",", "\u202f")


def _listed(items: list[str]) -> str:
    return " et ".join(filter(None, [", ".join(items[:-1]), items[-1]]))
